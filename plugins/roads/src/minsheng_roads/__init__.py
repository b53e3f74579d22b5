"""Rural roads built or upgraded: kilometres that were accepted, with evidence, on the year's list. A plugin of minsheng_core."""

from collections.abc import Sequence
from pathlib import Path

from minsheng_core import Indicator, hookimpl

from .indicator import RoadsBuilt

MINSHENG_API = (1, 0)

__all__ = ["MINSHENG_API", "RoadsBuilt"]


@hookimpl
def minsheng_indicators() -> Sequence[Indicator]:
    """The one kind, ``roads.built``."""
    return [RoadsBuilt()]


@hookimpl
def minsheng_rules() -> Sequence[Path]:
    """Definitions and scoring methods."""
    return [Path(__file__).parent / "rules.toml"]
