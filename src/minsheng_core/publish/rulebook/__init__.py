"""Rules to read: a year's rules as one page for auditors and leaders, made from the rules alone."""
