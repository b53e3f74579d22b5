"""The rule language: a formula is parsed, typed and unit-checked, lowered to a plan of integers, and read from that."""

from .band import Band
from .check import Formula, Scope, check_formula, compile_formula
from .reference import Row, evaluate, evaluate_rows

__all__ = ["Band", "Formula", "Row", "Scope", "check_formula", "compile_formula", "evaluate", "evaluate_rows"]
