"""What the library claims, one TOML file a mechanism: the rules that carry it and the experiments that test it."""
