"""Where a number can lie: an interval whose ends may be open to infinity, the grid it keeps to, and whether it can be zero."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import ceil, floor, gcd

from attrs import evolve, frozen

__all__ = ["ANY", "EITHER", "FALSE", "TRUE", "Span", "below", "hull", "meet", "point"]

ZERO = Fraction(0)
End = tuple[int, Fraction]  # (−1, 0) is minus infinity, (1, 0) infinity, (0, x) the number x: they compare as they should


@frozen
class Span:
    """All numbers from *low* to *high* (both included; None: no end) that are whole multiples of *grid* (0: any), without zero
    where *nonzero*. A truth value is 0 or 1."""

    low: Fraction | None = None
    high: Fraction | None = None
    grid: Fraction = ZERO
    nonzero: bool = False

    @property
    def never_zero(self) -> bool:
        """Whether zero is ruled out."""
        return self.nonzero or (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0)

    @property
    def single(self) -> Fraction | None:
        """The only number that it can be."""
        return self.low if self.low == self.high else None

    @property
    def sign(self) -> int | None:
        """0 for zero alone, 1 for zero or more, −1 for zero or less, None where it can be on both sides."""
        if self.low == self.high == 0:
            return 0
        return 1 if self.low is not None and self.low >= 0 else -1 if self.high is not None and self.high <= 0 else None

    def holds(self, value: Fraction) -> bool:
        """Whether it can be that number."""
        inside = (self.low is None or self.low <= value) and (self.high is None or value <= self.high)
        return inside and not (self.nonzero and value == 0) and not (self.grid and (value / self.grid).denominator != 1)

    def plus(self, other: "Span") -> "Span":
        """The sums."""
        return _between(*(_sum(a, b) for a, b in zip(_ends(self), _ends(other), strict=True)), grid=_common(self, other))

    def minus(self, other: "Span") -> "Span":
        """The differences."""
        return self.plus(other.negative())

    def negative(self) -> "Span":
        """The opposites."""
        return evolve(self, low=None if self.high is None else -self.high, high=None if self.low is None else -self.low)

    def times(self, other: "Span") -> "Span":
        """The products."""
        ends = [_times(a, b) for a in _ends(self) for b in _ends(other)]
        grid = _grid(self) * _grid(other)
        return _between(min(ends), max(ends), grid=grid, nonzero=self.never_zero and other.never_zero)

    def over(self, other: "Span") -> "Span | None":
        """The quotients by all that isn't zero; None where there is nothing else."""
        low, high = _ends(other)
        sides: list[Span] = []
        if high > (0, ZERO):  # from the least number above zero
            least = max(low, (0, min(other.grid, high[1]) if not high[0] else other.grid))
            sides.append(_between(_inverse(high), _inverse(least) if least != (0, ZERO) else (1, ZERO)))
        if low < (0, ZERO):
            most = min(high, (0, max(-other.grid, low[1]) if not low[0] else -other.grid))
            sides.append(_between(_inverse(most) if most != (0, ZERO) else (-1, ZERO), _inverse(low)))
        found = hull(self.times(evolve(one, nonzero=True)) for one in sides)
        grid = _grid(self) / abs(other.low) if other.low and other.low == other.high else ZERO
        return None if found is None else evolve(found, grid=grid)

    def magnitude(self) -> "Span":
        """The values without their sign."""
        if self.sign is not None:
            return self if self.sign >= 0 else self.negative()
        return evolve(self, low=ZERO, high=None if self.low is None or self.high is None else max(-self.low, self.high))

    def mapped(self, rising: Callable[[Fraction], Fraction], grid: Fraction = ZERO) -> "Span":
        """The values of a function that never falls."""
        return Span(None if self.low is None else rising(self.low), None if self.high is None else rising(self.high), grid)


ANY = Span()
TRUE, FALSE, EITHER = (Span(Fraction(low), Fraction(high), Fraction(1)) for low, high in ((1, 1), (0, 0), (0, 1)))


def point(value: Fraction) -> Span:
    """That number alone."""
    return Span(value, value)


def hull(spans: "Iterable[Span | None]") -> Span | None:
    """The least span that holds all of them; None where there is none."""
    found: Span | None = None
    for one in spans:
        if found is None or one is None:
            found = found or one
        else:
            low = None if found.low is None or one.low is None else min(found.low, one.low)
            high = None if found.high is None or one.high is None else max(found.high, one.high)
            found = Span(low, high, _common(found, one), found.never_zero and one.never_zero)
    return found


def meet(one: Span | None, other: Span | None) -> Span | None:
    """What lies in both; None where nothing does."""
    if one is None or other is None:
        return None
    low, high = (max(_ends(one)[0], _ends(other)[0]), min(_ends(one)[1], _ends(other)[1]))
    return _tight(_between(low, high, grid=max(one.grid, other.grid), nonzero=one.nonzero or other.nonzero))


def below(limit: Fraction, *, strict: bool, grid: Fraction = ZERO) -> Span:
    """All up to *limit*, or strictly under it."""
    if strict and grid:
        return Span(None, (ceil(limit / grid) - 1) * grid, grid)
    return Span(None, limit, grid, strict and limit == 0)


def _tight(span: Span) -> Span | None:
    """The span with its ends on its grid; None where it is empty."""
    low, high, grid = span.low, span.high, span.grid
    if grid:
        low = None if low is None else ceil(low / grid) * grid
        high = None if high is None else floor(high / grid) * grid
        low = grid if span.nonzero and low == 0 else low
        high = -grid if span.nonzero and high == 0 else high
    if low is not None and high is not None and (low > high or (span.nonzero and low == high == 0)):
        return None
    return Span(low, high, grid, span.nonzero)


def _ends(span: Span) -> tuple[End, End]:
    return (-1, ZERO) if span.low is None else (0, span.low), (1, ZERO) if span.high is None else (0, span.high)


def _between(low: End, high: End, *, grid: Fraction = ZERO, nonzero: bool = False) -> Span:
    return Span(None if low[0] else low[1], None if high[0] else high[1], grid, nonzero)


def _sum(one: End, other: End) -> End:
    return (one[0] or other[0], ZERO) if one[0] or other[0] else (0, one[1] + other[1])


def _times(one: End, other: End) -> End:
    signs = [end[0] or (end[1] > 0) - (end[1] < 0) for end in (one, other)]
    return (signs[0] * signs[1], ZERO) if (one[0] or other[0]) and all(signs) else (0, one[1] * other[1])


def _inverse(end: End) -> End:
    return (0, ZERO) if end[0] else (0, 1 / end[1])


def _grid(span: Span) -> Fraction:
    """The grid; of a single number, itself."""
    return abs(span.low) if span.low is not None and span.low == span.high else span.grid


def _common(one: Span, other: Span) -> Fraction:
    """The grid that both keep to."""
    if one.low == one.high == 0 or other.low == other.high == 0:
        return _grid(other) if one.low == one.high == 0 else _grid(one)
    a, b = _grid(one), _grid(other)
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator) if a and b else ZERO
