"""Clerks' files in: CSV rows become reports; whatever isn't understood becomes a finding with its place."""
