"""Exact numbers with units and the precision they were printed in: ``75.743万人`` is 757430 ± 5 人."""

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from attrs import field, frozen

from .errors import QuantityError
from .rounding import Rounding, round_places

__all__ = ["Dimension", "PLAIN", "Quantity", "Unit", "decimal_text", "known_units", "read_number", "read_quantity", "unit"]

Dimension = tuple[tuple[str, int], ...]  # base symbols with their exponents, sorted: 元/人 is (("人", -1), ("元", 1))

MAX_DIGITS = 30  # longer "numbers" are card numbers or garbage, never a figure of a report


@frozen
class Unit:
    """A unit: *scale* base units of *dimension* make one. ``%`` and ``百分点`` differ in dimension."""

    symbol: str
    dimension: Dimension = ()
    scale: Fraction = Fraction(1)

    @property
    def is_rate(self) -> bool:
        """Whether this is a share printed in % or ‰ (a level, not a difference)."""
        return self.symbol in ("%", "‰")

    def __str__(self) -> str:
        return self.symbol


PLAIN = Unit("")

_MU = Fraction(2000, 3)  # 1 亩 = 2000/3 m²
# base symbol → {symbol: how many base units}
_TABLE: Mapping[str, Mapping[str, Fraction | int]] = {
    "": {"": 1, "倍": 1, "%": Fraction(1, 100), "‰": Fraction(1, 1000)},
    "百分点": {"百分点": Fraction(1, 100), "个百分点": Fraction(1, 100)},
    "人": {"人": 1, "名": 1},
    "人次": {"人次": 1},
    "户": {"户": 1},
    "所": {"所": 1},
    "个": {"个": 1},
    "家": {"家": 1},
    "项": {"项": 1},
    "件": {"件": 1},
    "次": {"次": 1},
    "起": {"起": 1},
    "篇": {"篇": 1},
    "座": {"座": 1},
    "处": {"处": 1},
    "条": {"条": 1},
    "套": {"套": 1},
    "台": {"台": 1},
    "册": {"册": 1},
    **{word: {word: 1} for word in "张条辆盏眼口间场株例栋"},  # beds, roads, buses, lamps, wells, rooms, shows, trees, cases, houses
    "分": {"分": 1},
    "天": {"天": 1, "日": 1},
    "月": {"月": 1, "个月": 1},
    "元": {"元": 1, "分钱": Fraction(1, 100)},
    "m²": {"m²": 1, "平方米": 1, "亩": _MU, "公顷": 10_000, "平方公里": 1_000_000},
    "m": {"m": 1, "米": 1, "公里": 1000, "千米": 1000, "km": 1000},
    "g": {"g": 1, "mg": Fraction(1, 1000), "μg": Fraction(1, 10**6), "kg": 1000, "吨": 10**6},
    "L": {"L": 1, "升": 1},
    "℃": {"℃": 1},
}
_MULTIPLES = {"亿": 10**8, "万": 10**4, "千": 10**3, "百": 100}


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip()


_SYMBOLS = {
    _normal(symbol): Unit(symbol, ((base, 1),) if base else (), Fraction(scale))
    for base, symbols in _TABLE.items()
    for symbol, scale in symbols.items()
}


def known_units() -> frozenset[str]:
    """The symbols of all units that stand by themselves."""
    return frozenset(one.symbol for one in _SYMBOLS.values()) - {""}


@lru_cache(maxsize=1024)
def unit(symbol: str) -> Unit:
    """The unit of that symbol: ``人``, ``万人``, ``元/人``, ``mg/L``, ``%``, ``百分点``.

    Raises QuantityError where the symbol is not known.
    """
    symbol = _normal(symbol)
    if symbol in _SYMBOLS:
        return _SYMBOLS[symbol]
    if "/" in symbol:
        above, _, below = symbol.partition("/")
        top, bottom = unit(above), unit(below)
        return Unit(f"{top.symbol}/{bottom.symbol}", multiply(top.dimension, bottom.dimension, -1), top.scale / bottom.scale)
    if symbol[:1] in _MULTIPLES and symbol[1:] in _SYMBOLS and not _SYMBOLS[symbol[1:]].is_rate:
        one = _SYMBOLS[symbol[1:]]
        return Unit(symbol[0] + one.symbol, one.dimension, one.scale * _MULTIPLES[symbol[0]])
    known = " ".join(sorted({one.symbol for one in _SYMBOLS.values()} - {""}))
    raise QuantityError(f"unknown unit {symbol!r}; known are {known}, each also per another (元/人) and in 千 万 亿")


def multiply(left: Dimension, right: Dimension, power: int = 1) -> Dimension:
    """The dimension of a product, or of a quotient with ``power=-1``."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + power * exponent
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))


@frozen
class Quantity:
    """An exact number in a unit.

    *tolerance* is half a unit of the last printed digit, in *unit*, or None for a computed value;
    *printed* keeps the words of the paper. Neither takes part in ``==``; the unit does.
    """

    value: Fraction
    unit: Unit = PLAIN
    tolerance: Fraction | None = field(default=None, eq=False)
    printed: str = field(default="", eq=False)

    @property
    def base(self) -> Fraction:
        """The value in base units (人, 元, m²; a share as a plain ratio)."""
        return self.value * self.unit.scale

    def to(self, target: Unit | str) -> "Quantity":
        """The same quantity in another unit. Raises QuantityError where the dimensions differ."""
        goal = unit(target) if isinstance(target, str) else target
        if goal.dimension != self.unit.dimension:
            raise QuantityError(f"{self.unit.symbol or 'a plain number'} can't be turned into {goal.symbol or 'a plain number'}")
        factor = self.unit.scale / goal.scale
        tolerance = None if self.tolerance is None else self.tolerance * factor
        return Quantity(self.value * factor, goal, tolerance, self.printed)

    def says(self, exact: Fraction) -> bool:
        """Whether *exact* (in this unit) is what was printed: rounding it to the printed digits, by
        四舍五入 or by GB/T 8170, gives the printed figure."""
        if self.tolerance is None:
            return exact == self.value
        places = _places(self.tolerance)
        return self.value in {round_places(exact, places, mode) for mode in (Rounding.HALF_UP, Rounding.HALF_EVEN)}

    def __str__(self) -> str:
        return f"{decimal_text(self.value)}{self.unit.symbol}"


def _places(tolerance: Fraction) -> int:
    """How many decimals a figure of that tolerance (half a unit of its last digit) shows."""
    step, places = tolerance * 2, 0
    while step < 1:
        step, places = step * 10, places + 1
    while step >= 10:
        step, places = step / 10, places - 1
    return places


def decimal_text(value: Fraction, places: int | None = None) -> str:
    """*value* in decimal digits: exactly where that is possible, else as ``a/b``.

    With *places* the value must already be rounded to so many decimals; they are all shown.
    """
    if places is None:
        rest, twos, fives = value.denominator, 0, 0
        while rest % 2 == 0:
            rest, twos = rest // 2, twos + 1
        while rest % 5 == 0:
            rest, fives = rest // 5, fives + 1
        if rest != 1:
            return f"{value.numerator}/{value.denominator}"
        places = max(twos, fives)
    scaled = value * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {places} decimals; round it first, by a named mode")
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else f"{sign}{digits}"


_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?")


def read_number(text: str) -> Fraction:
    """An exact plain number: ``１２，３４５．６`` is 12345.6. Raises QuantityError for anything else."""
    quantity = read_quantity(text)
    if quantity.unit is not PLAIN and quantity.unit.dimension:
        raise QuantityError(f"expected a plain number, got {text!r}")
    return quantity.base


def read_quantity(text: str, default: Unit | str = PLAIN) -> Quantity:
    """The quantity that *text* prints, with its tolerance; *default* is the unit where none is written.

    Reads full-width digits, thousands separators, 万/亿 before a unit, and ``3.2929万`` for a default of 人.
    Raises QuantityError, which shows the text, for anything else: NaN, Infinity, 1e5, an unknown unit.
    """
    plain = _normal(text).replace(" ", "").replace("\u00a0", "")
    match = _NUMBER.match(plain)
    if not match:
        raise QuantityError(f"not a number: {text!r}")
    part = match["part"] or ""
    digits = match["whole"].replace(",", "") + part
    if len(digits) > MAX_DIGITS:
        raise QuantityError(f"a number of {len(digits)} digits is no figure of a report: {text[:40]!r}…")
    step = Fraction(1, 10 ** len(part))
    value = int(digits) * step * (-1 if match["sign"] == "-" else 1)
    rest = plain[match.end() :]
    fallback = unit(default) if isinstance(default, str) else default
    try:
        if not rest:
            return Quantity(value, fallback, step / 2, text)
        if rest in _MULTIPLES:  # 3.2929万, the unit left out
            factor = _MULTIPLES[rest]
            base = Unit(fallback.symbol.lstrip("万亿千百") or fallback.symbol, fallback.dimension, _one(fallback))
            return Quantity(value * factor, base, step * factor / 2, text)
        return Quantity(value, unit(rest), step / 2, text)
    except QuantityError as error:
        raise QuantityError(f"{error}, in {text!r}") from None


def _one(of: Unit) -> Fraction:
    """The scale of a unit without its 万 or 亿."""
    return of.scale / _MULTIPLES[of.symbol[0]] if of.symbol[:1] in _MULTIPLES and of.symbol not in _SYMBOLS else of.scale
