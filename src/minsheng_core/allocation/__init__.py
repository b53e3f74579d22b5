"""Splitting a target exactly over bodies, and reconciling a printed split with its printed total."""

from .methods import METHODS, Split, allocate
from .reconcile import Reconciliation, reconcile
from .text import PrintedSplit, read_splits

__all__ = ["METHODS", "PrintedSplit", "Reconciliation", "Split", "allocate", "read_splits", "reconcile"]
