"""Reports → measurement → marks → ranking, each with its explanation."""
