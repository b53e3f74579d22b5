"""What a formula may name, and its typed tree: what each part is, where it stands in the text, and what unit it has."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from attrs import evolve, field, frozen

from ..field import Field
from ..quantity import Dimension, Quantity, Unit, unit
from .band import Band
from .dated import Dated

__all__ = ["BROKEN", "DAY", "DAYS", "EPOCH", "NUMBER", "TEXT", "TRUTH", "UNDETERMINED", "Node", "Scope", "Type", "number"]

EPOCH = date(1970, 1, 1).toordinal()  # a day is reckoned by its number from here
Kind = Literal["number", "truth", "text", "date", "undetermined", "broken"]


@frozen(kw_only=True)
class Type:
    """The type of a part: a number with a dimension, a truth value, a word, a day, or ``undetermined``, which fits everywhere.

    *rate* marks a share (%), as against 百分点 which is a dimension of its own; *zero* a literal 0, which fits
    any unit; *missing* a value that may not have been given.
    """

    kind: Kind = "number"
    dimension: Dimension = ()
    rate: bool = False
    zero: bool = False
    missing: bool = False

    def __str__(self) -> str:
        if self.kind != "number":
            return {"truth": "a truth value", "text": "a word", "date": "a day", "undetermined": "undetermined", "broken": "?"}[self.kind]
        return self.unit.symbol or "a plain number"

    @property
    def unit(self) -> Unit:
        """The unit in which a value of this type is shown (always one base unit, or %)."""
        if self.rate:
            return unit("%")
        above = "·".join(f"{base}{_power(power)}" for base, power in self.dimension if power > 0)
        below = "·".join(f"{base}{_power(-power)}" for base, power in self.dimension if power < 0)
        symbol = f"{above or '1'}/{below}" if below else above
        scale = unit("百分点").scale if self.dimension == (("百分点", 1),) else Fraction(1)
        return Unit(symbol, self.dimension, scale)

    def given(self) -> "Type":
        """This type where the value is known to be there."""
        return evolve(self, missing=False)


def _power(power: int) -> str:
    return "" if power == 1 else f"^{power}"


def number(of: Unit, *, missing: bool = False) -> Type:
    """The type of a number in that unit."""
    return Type(dimension=of.dimension, rate=of.is_rate, missing=missing)


NUMBER = Type()
TRUTH = Type(kind="truth")
TEXT = Type(kind="text")
DAY = Type(kind="date")
DAYS = Type(dimension=unit("天").dimension)
UNDETERMINED = Type(kind="undetermined")
BROKEN = Type(kind="broken")  # already reported: says nothing more


@frozen(kw_only=True)
class Node:
    """One part of a formula.

    *op* is ``number text day name + - * / ** neg < <= > >= == != and or not if missing known undetermined`` or a function's
    name; *name* the name, word or band it stands for; *value* a literal's value (a day's number from 1970-01-01), the step
    that floor and ceil keep to, or the decimals of a rounding. ``derived`` is a field with a formula of its own: *text* is
    that formula, *parts* its tree.
    """

    op: str
    type: Type
    start: int
    end: int
    parts: tuple["Node", ...] = ()
    name: str = ""
    value: Fraction = Fraction(0)
    text: str = ""


@frozen(kw_only=True)
class Scope:
    """What a formula may name: *fields* with their units, *constants* (parameters, maybe dated), and *bands*."""

    fields: Mapping[str, Field] = field(factory=dict)
    constants: Mapping[str, Quantity | Dated] = field(factory=dict)
    bands: Mapping[str, Band] = field(factory=dict)
