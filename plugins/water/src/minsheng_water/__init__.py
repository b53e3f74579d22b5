"""Water quality of national sections by GB 3838-2002. A plugin of minsheng_core."""

from collections.abc import Sequence
from pathlib import Path

from minsheng_core import Indicator, hookimpl

from .basin import basin_grade
from .indicator import GoodRate
from .section import Sample, SectionResult, evaluate_section
from .standard import ITEMS, Item, classify, mean_ph, round_item

MINSHENG_API = (1, 0)

__all__ = [
    "ITEMS",
    "MINSHENG_API",
    "GoodRate",
    "Item",
    "Sample",
    "SectionResult",
    "basin_grade",
    "classify",
    "evaluate_section",
    "mean_ph",
    "round_item",
]


@hookimpl
def minsheng_indicators() -> Sequence[Indicator]:
    """The one kind, ``water.good_rate``."""
    return [GoodRate()]


@hookimpl
def minsheng_rules() -> Sequence[Path]:
    """The standards' clauses and the scoring methods."""
    return [Path(__file__).parent / "rules.toml"]
