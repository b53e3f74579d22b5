"""The scheme as data: its model, and its loading from TOML."""
