"""Ways to run a reaction network: one file an engine."""
