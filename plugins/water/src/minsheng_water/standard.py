"""GB 3838-2002 table 1: the 24 items, their limits and decimals; rounding, means and the class of one value.

Limits are in gb3838.csv (read from the scan of the standard). Decimals are those of 总站水字〔2018〕87号 as found in
third-party code, not checked against the original.
"""

import csv
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal

from attrs import frozen

from minsheng_core import Rounding, round_places

__all__ = ["CLASSES", "CORE", "ITEMS", "REFERENCE", "Item", "Water", "classify", "mean_ph", "round_item"]

Water = Literal["river", "lake"]
CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
CORE = ("PH", "DO", "CODMN", "NH3N", "TP")  # 环办监测函〔2020〕714号: 5+X are evaluated
REFERENCE = frozenset({"WT", "FC"})  # and TN in rivers: reported, never classed
WORST = len(CLASSES) - 1


@frozen(kw_only=True)
class Item:
    """One item: *limits* for classes Ⅰ to Ⅴ in *unit*, empty for water temperature; *decimals* a mean is rounded to."""

    key: str
    title: str
    unit: str
    sign: Literal["<=", ">=", "range", "rule"]
    limits: tuple[Fraction, ...]
    lake_limits: tuple[Fraction, ...]
    decimals: int
    aliases: tuple[str, ...]


@cache
def _items() -> Mapping[str, Item]:
    items = {}
    text = (Path(__file__).parent / "gb3838.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        river, lake = _limits(row["limits"]), _limits(row["lake_limits"])
        items[row["key"]] = Item(
            key=row["key"], title=row["title"], unit=row["unit"], sign=row["sign"], limits=river, lake_limits=lake or river,  # type: ignore[arg-type]
            decimals=int(row["decimals"]), aliases=tuple(filter(None, row["aliases"].split(" "))),
        )  # fmt: skip
    return items


def _limits(text: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(one) for one in text.split())


ITEMS = _items()


def round_item(key: str, value: Fraction) -> Fraction:
    """A mean rounded to the item's decimals by GB/T 8170; one that would round to 0 keeps a significant digit."""
    places = ITEMS[key].decimals
    rounded = round_places(value, places, Rounding.HALF_EVEN)
    while rounded == 0 and value > 0:
        places += 1
        rounded = round_places(value, places, Rounding.HALF_EVEN)
    return rounded


def classify(key: str, value: Fraction, water: Water = "river") -> int | None:
    """The best class (0 is Ⅰ … 4 is Ⅴ, 5 is 劣Ⅴ) that a rounded *value*, in the item's unit, satisfies; None for an item
    that is not classed (water temperature, faecal coliforms, total nitrogen in rivers)."""
    item = ITEMS[key]
    if key in REFERENCE or (key == "TN" and water == "river"):
        return None
    limits = item.lake_limits if water == "lake" else item.limits
    if item.sign == "range":  # pH: one range for all classes
        return 0 if limits[0] <= value <= limits[1] else WORST
    for index, limit in enumerate(limits):
        if (value >= limit) if item.sign == ">=" else (value <= limit):
            return index
    return WORST


_PRECISE = Context(prec=50)


def mean_ph(values: Sequence[Fraction]) -> Fraction:
    """The mean of pH values through the concentration of H⁺: −lg(mean of 10^−pH), exact for equal values.

    Reckoned in 50 decimal digits (never in binary) and kept to 30; a mean of different values is irrational, so no tie
    of a later rounding can be decided wrongly by that.
    """
    if len(set(values)) == 1:
        return values[0]
    total = Decimal(0)
    for value in values:
        exponent = _PRECISE.divide(Decimal(-value.numerator), Decimal(value.denominator))
        total = _PRECISE.add(total, _PRECISE.power(Decimal(10), exponent))
    mean = _PRECISE.minus(_PRECISE.log10(_PRECISE.divide(total, Decimal(len(values)))))
    return Fraction(mean.quantize(Decimal("1e-30"), context=_PRECISE))
