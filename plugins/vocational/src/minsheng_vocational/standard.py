"""The standard a school is held against: nine indicators, and the limits of each class, read from thresholds.toml."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from attrs import frozen

from minsheng_core import Field, Quantity, meets, read_quantity

__all__ = ["Standard", "Threshold", "read_standards"]

SHIPPED = Path(__file__).parent / "thresholds.toml"


@frozen(kw_only=True)
class Threshold:
    """One key indicator: its field and the limit it must keep, in *unit*; None where no limit was found."""

    name: str
    title: str
    unit: str
    sign: Literal[">=", "<="]
    limit: Quantity | None = None
    decimals: int = 2

    @property
    def field(self) -> Field:
        """The form's column."""
        return Field(name=self.name, title=self.title, unit=self.unit, minimum=Fraction(0), decimals=self.decimals, missing=True)

    def passes(self, value: Quantity) -> bool | None:
        """Whether *value* keeps the limit as filed (全数值比较法, GB/T 8170 §4); None where no limit was found."""
        return None if self.limit is None else meets(value.base, self.sign, self.limit.base)

    @property
    def words(self) -> str:
        """How the limit binds: 不低于 or 不高于."""
        return "不低于" if self.sign == ">=" else "不高于"


@frozen(kw_only=True)
class Standard:
    """The nine thresholds of one class of school (办学类别), and the clause they stand in."""

    school_class: str
    clause: str
    thresholds: tuple[Threshold, ...]


def read_standards(path: Path = SHIPPED) -> Mapping[str, Standard]:
    """The standards by class, the default class first. Raises QuantityError for a limit that isn't in its indicator's
    unit, KeyError for a limit of an indicator that isn't there."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {table["class"]: _standard(data["indicator"], table) for table in data["standard"]}


def _standard(indicators: list[dict[str, Any]], table: Mapping[str, Any]) -> Standard:
    stray = set(table["limits"]) - {one["name"] for one in indicators}
    if stray:
        raise KeyError(f"no indicator {sorted(stray)[0]!r} for a limit of class {table['class']}")
    limits = {one["name"]: table["limits"].get(one["name"]) for one in indicators}
    return Standard(
        school_class=table["class"],
        clause=table["clause"],
        thresholds=tuple(Threshold(**one, limit=_limit(limits[one["name"]], one["unit"])) for one in indicators),
    )


def _limit(text: str | None, shown: str) -> Quantity | None:
    return None if text is None else read_quantity(text, shown).to(shown)
