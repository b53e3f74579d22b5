"""What a plugin author gets for free: checks of indicators, allocations and assessments in code."""
