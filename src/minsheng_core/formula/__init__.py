"""The rule language: a formula is parsed, typed and unit-checked when it is loaded, then reckoned exactly."""

from .band import Band
from .check import Formula, Scope, check_formula, compile_formula
from .evaluate import evaluate

__all__ = ["Band", "Formula", "Scope", "check_formula", "compile_formula", "evaluate"]
