"""GB 3838-2002 table 1: the 24 items, their limits and decimals; rounding, means and the class of one value.

Limits are in gb3838.csv (read from the scan of the standard). Decimals are those of 总站水字〔2018〕87号 as found in
third-party code, not checked against the original.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal

from attrs import frozen

from minsheng_core import Rounding, round_places

__all__ = ["CLASSES", "CORE", "ITEMS", "Item", "Sign", "Water", "classify", "mean", "mean_ph", "read_class", "round_item"]

Water = Literal["river", "lake"]
Sign = Literal["<=", ">=", "range", "rule"]
CLASSES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
CORE = ("PH", "DO", "CODMN", "NH3N", "TP")  # 环办监测函〔2020〕714号: 5+X are evaluated
REFERENCE = frozenset({"WT", "FC"})  # and TN in rivers: reported, never classed
WORST = len(CLASSES) - 1
SIGNS: Mapping[str, Sign] = {"<=": "<=", ">=": ">=", "range": "range", "rule": "rule"}


@frozen(kw_only=True)
class Item:
    """One item: *limits* for classes Ⅰ to Ⅴ in *unit* (lowest and highest for pH, none for water temperature).

    *decimals* are those a mean is rounded to; *lake_limits* differ for total phosphorus only.
    """

    key: str
    title: str
    unit: str
    sign: Sign
    limits: tuple[Fraction, ...]
    lake_limits: tuple[Fraction, ...]
    decimals: int
    aliases: tuple[str, ...]

    def limits_in(self, water: Water) -> tuple[Fraction, ...]:
        """The limits that hold for a river or a lake."""
        return self.lake_limits if water == "lake" else self.limits

    def classed_in(self, water: Water) -> bool:
        """Whether the item takes part in the class: not 水温, 粪大肠菌群, nor 总氮 in rivers."""
        return self.key not in REFERENCE and not (self.key == "TN" and water == "river")


@cache
def _items() -> Mapping[str, Item]:
    text = (Path(__file__).parent / "gb3838.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["key"]: _item(row) for row in rows}


def _item(row: Mapping[str, str]) -> Item:
    river = _limits(row["limits"])
    return Item(
        key=row["key"],
        title=row["title"],
        unit=row["unit"],
        sign=SIGNS[row["sign"]],
        limits=river,
        lake_limits=_limits(row["lake_limits"]) or river,
        decimals=int(row["decimals"]),
        aliases=tuple(row["aliases"].split()),
    )


def _limits(text: str) -> tuple[Fraction, ...]:
    return tuple(Fraction(one) for one in text.split())


ITEMS = _items()


def round_item(key: str, value: Fraction) -> Fraction:
    """A mean rounded to the item's decimals by GB/T 8170; one that would round to 0 keeps a significant digit.

    Raises KeyError for an item that isn't in the table.
    """
    places = ITEMS[key].decimals
    rounded = round_places(value, places, Rounding.HALF_EVEN)
    while rounded == 0 and value != 0:
        places += 1
        rounded = round_places(value, places, Rounding.HALF_EVEN)
    return rounded


def classify(key: str, value: Fraction, water: Water = "river") -> int | None:
    """The best class (0 is Ⅰ … 4 is Ⅴ, 5 is 劣Ⅴ) that a rounded *value*, in the item's unit, satisfies.

    None for an item that is not classed (water temperature, faecal coliforms, total nitrogen in rivers). Where
    neighbouring classes share a limit the better one is given. Raises KeyError for an item that isn't in the table.
    """
    item = ITEMS[key]
    if not item.classed_in(water):
        return None
    limits = item.limits_in(water)
    if item.sign == "range":  # the standard prints one pH range for all classes
        return 0 if limits[0] <= value <= limits[1] else WORST
    for index, limit in enumerate(limits):
        if (value >= limit) if item.sign == ">=" else (value <= limit):
            return index
    return WORST


def mean(key: str, values: Sequence[Fraction]) -> Fraction:
    """The mean of an item's values, unrounded: arithmetic, for pH through H⁺. Raises ValueError where there is none."""
    if not values:
        raise ValueError("a mean needs at least one value")
    return mean_ph(values) if key == "PH" else sum(values, Fraction(0)) / len(values)


_PRECISE = Context(prec=50)
_KEPT = Decimal("1e-30")


def mean_ph(values: Sequence[Fraction]) -> Fraction:
    """The mean of pH values through the concentration of H⁺: −lg(mean of 10^−pH). Raises ValueError where there is none.

    Equal values give themselves, exactly. Otherwise it is reckoned in 50 decimal digits (never in binary) and kept
    to 30. A mean of different values is irrational, and then never a tie of the rounding that follows; or, rarely, a
    short decimal (pH 5.5 once with 7.5 ten times is 6.5), which the last 20 digits dropped restore exactly.
    """
    if not values:
        raise ValueError("a mean needs at least one value")
    if len(set(values)) == 1:
        return values[0]
    total = Decimal(0)
    for value in values:
        exponent = _PRECISE.divide(Decimal(-value.numerator), Decimal(value.denominator))
        total = _PRECISE.add(total, _PRECISE.power(Decimal(10), exponent))
    average = _PRECISE.minus(_PRECISE.log10(_PRECISE.divide(total, Decimal(len(values)))))
    return Fraction(average.quantize(_KEPT, context=_PRECISE))


_NUMERALS = {name: number for number, names in enumerate(["I 1 一", "II 2 二", "III 3 三", "IV 4 四", "V 5 五"]) for name in names.split()}


def read_class(text: str) -> int:
    """The class that people write as Ⅲ, III, Ⅲ类, 3类 or 三类: 0 for Ⅰ … 4 for Ⅴ. Raises ValueError for anything else."""
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split()).removesuffix("类")
    if plain not in _NUMERALS:
        raise ValueError(f"a class is one of Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ, got {text!r}")
    return _NUMERALS[plain]
