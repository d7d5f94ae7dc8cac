"""The literature as data: one TOML file a published experiment."""
