"""Auditing rules: every promise that a rule set must keep, probed, and where possible proved."""
