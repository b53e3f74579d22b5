"""Splitting a target exactly, reading printed splits, and holding a printed split against its printed total."""
