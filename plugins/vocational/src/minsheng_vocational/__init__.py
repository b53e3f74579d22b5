"""Standard vocational schools: nine key indicators, evidence of acceptance, counted once. A plugin of minsheng_core."""

from collections.abc import Sequence
from pathlib import Path

from minsheng_core import Indicator, hookimpl

from .school import StandardSchools
from .standard import Standard, Threshold, read_standards

MINSHENG_API = (1, 0)

__all__ = ["MINSHENG_API", "Standard", "StandardSchools", "Threshold", "read_standards"]


@hookimpl
def minsheng_indicators() -> Sequence[Indicator]:
    """The one kind, ``vocational.standard_school``."""
    return [StandardSchools()]


@hookimpl
def minsheng_rules() -> Sequence[Path]:
    """The standard's clauses and the scoring method."""
    return [Path(__file__).parent / "rules.toml"]
