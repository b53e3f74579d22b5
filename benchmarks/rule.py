"""The benchmark's rule (rule.toml) as a plan, and its rows as whole numbers."""

from functools import cache
from pathlib import Path
from typing import Any

RULE = Path(__file__).parent / "rule.toml"
COLUMNS = ("actual", "goal", "planned", "paid", "days", "incident")


@cache
def plan_of(mode: str = "half_even") -> Any:
    """The plan of the rule with that rounding."""
    from attrs import evolve

    from minsheng_core import Rounding, load_plugins, load_scheme, prepare

    scheme = load_scheme(RULE)
    sheets = tuple(evolve(sheet, rounding=evolve(sheet.rounding, mode=Rounding(mode))) for sheet in scheme.sheets)
    return prepare(evolve(scheme, sheets=sheets), load_plugins()).sheets["works"].plan


def columns_of(frame: Any) -> Any:
    """The figures of a frame as the plan reads them: money in fen."""
    import polars as pl

    money = [(pl.col(name) * 100).cast(pl.Int64) for name in ("planned", "paid")]
    return frame.with_columns(money).select(pl.col(COLUMNS).cast(pl.Int64))
