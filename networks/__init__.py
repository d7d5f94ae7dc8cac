"""The catalogue's models as BioNetGen expanded them; `make networks` writes them."""
