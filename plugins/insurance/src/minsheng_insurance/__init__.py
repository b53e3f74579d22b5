"""Insured persons: residents' and employees' pension, work injury, unemployment. A plugin of minsheng_core."""

from collections.abc import Sequence
from pathlib import Path

from minsheng_core import Indicator, hookimpl

from .stock import InsuredStock

MINSHENG_API = (1, 0)

__all__ = ["MINSHENG_API", "InsuredStock"]


@hookimpl
def minsheng_indicators() -> Sequence[Indicator]:
    """The one kind, ``insurance.stock``."""
    return [InsuredStock()]


@hookimpl
def minsheng_rules() -> Sequence[Path]:
    """Definitions and scoring methods."""
    return [Path(__file__).parent / "rules.toml"]
