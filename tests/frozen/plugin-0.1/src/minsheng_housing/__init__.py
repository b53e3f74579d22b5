# FROZEN: as `minsheng new-plugin` of 0.1 made it. Never edit: it stands for the plugins that others built against 0.1.
"""保障性租赁住房. A plugin of minsheng_core."""

from collections.abc import Sequence
from pathlib import Path

from minsheng_core import Indicator, hookimpl

from .indicator import Housing

MINSHENG_API = (1, 0)

__all__ = ["MINSHENG_API", "Housing"]


@hookimpl
def minsheng_indicators() -> Sequence[Indicator]:
    """The one kind, ``housing.done``."""
    return [Housing()]


@hookimpl
def minsheng_rules() -> Sequence[Path]:
    """Definitions and scoring methods."""
    return [Path(__file__).parent / "rules.toml"]
