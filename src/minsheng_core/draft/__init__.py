"""From a paper's text to a draft of its scheme: what it prints, with its places; what isn't sure is left for a person, marked."""
