"""Shipped protocols, one TOML file each."""
