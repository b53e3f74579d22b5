"""Values that hold from a day until the next one starts; ends are not written, so there is no gap and no overlap."""

import itertools
from collections.abc import Sequence
from datetime import date

from attrs import frozen

from ..errors import FormulaError
from ..period import Period
from ..quantity import Quantity, Unit

__all__ = ["Dated", "dated"]


@frozen
class Dated:
    """A parameter over time: (first day, value) in rising order, all of one dimension."""

    values: tuple[tuple[date, Quantity], ...]

    @property
    def unit(self) -> Unit:
        """The unit of the first value."""
        return self.values[0][1].unit

    def at(self, day: date) -> Quantity | None:
        """The value that holds on *day*; None before the first starts."""
        held = None
        for start, value in self.values:
            if start <= day:
                held = value
        return held

    def over(self, period: Period) -> Quantity | None:
        """The value that holds on the last day of *period*: what a month's reports are scored by."""
        return self.at(date.fromordinal(period.following().day(1).toordinal() - 1))


def dated(values: Sequence[tuple[date, Quantity]]) -> Dated:
    """The dated value of those rows. Raises FormulaError where two start on one day or differ in dimension."""
    ordered = sorted(values, key=lambda row: row[0])
    if not ordered:
        raise FormulaError("a dated value has at least one row { from, value }")
    for (start, one), (following, other) in itertools.pairwise(ordered):
        if start == following:
            raise FormulaError(f"two values start on {start}")
        if one.unit.dimension != other.unit.dimension:
            raise FormulaError(f"{one} from {start} and {other} from {following} are not of one dimension")
    return Dated(tuple(ordered))
