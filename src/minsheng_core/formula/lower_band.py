"""Lowering a band: a small table is compared row by row, a large one searched once; its lines share one denominator."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from ..errors import FormulaError
from .arithmetic import Arithmetic, Value
from .band import Band
from .build import common_measure

__all__ = ["banded"]


def banded(lowering: Arithmetic, band: Band, x: Value) -> Value:
    """The band's value at *x*: (slope · x + constant) of its row, over x's denominator; undetermined below the first row
    where the band says nothing of it."""
    build = lowering.build
    if band.kind == "choice":
        amounts = [band.of(label)[0] for label in x.labels]
        scale = common_measure(amounts)
        number = lowering.pick(x.number, [int(amount / scale) for amount in amounts])
        return lowering.value(number, scale, undetermined=x.undetermined, low=min(amounts), high=max(amounts))
    constants = [value - slope * start for value, slope, start in zip(band.values, band.slopes, band.starts, strict=True)]
    slopes = [slope * x.coefficient for slope in band.slopes]
    constants, slopes = [band.below or Fraction(0), *constants], [Fraction(0), *slopes]
    scale = common_measure([*constants, *slopes])
    chosen = _small if len(band.starts) <= lowering.SMALL else _large
    under, (slope, constant) = chosen(lowering, band, x, [[int(one / scale) for one in row] for row in (slopes, constants)])
    doubt = x.undetermined if band.below is not None else build.either(x.undetermined, under)
    low, high = _bounds(band, x)
    if not any(slopes):
        return lowering.value(constant, scale, undetermined=doubt, low=low, high=high)
    number = build.plus(build.times(slope, x.number), build.times(constant, build.product(x.below)))
    return lowering.value(number, scale, x.below, undetermined=doubt, low=low, high=high)


def _small(lowering: Arithmetic, band: Band, x: Value, tables: Sequence[Sequence[int]]) -> tuple[int, list[int]]:
    """Whether x is below the first row, and for each table the number of x's row (number 0 is for below)."""
    build, row = lowering.build, lowering.build.literal(0)
    for index, (start, above) in enumerate(zip(band.starts, band.above, strict=True)):
        reached = lowering.compare(">" if above else ">=", x, lowering.constant(start)).number
        row = build.case(reached, build.literal(index + 1), row)
    return build.equal(row, build.literal(0)), [build.lookup(row, numbers) for numbers in tables]


def _large(lowering: Arithmetic, band: Band, x: Value, tables: Sequence[Sequence[int]]) -> tuple[int, list[int]]:
    """The same by one division and one search. With S whole: x·L ≥ S if its floor t is; x·L > S if 2t, or 2t + 1 with a
    rest, is at least 2S + 1."""
    build = lowering.build
    whole = lcm(*(start.denominator for start in band.starts))
    number, below = lowering.in_steps(x, Fraction(1, whole))
    place = build.floor(number, below)
    keys = [int(start * whole) for start in band.starts]
    if any(band.above):
        rest = build.negate(build.equal(build.times(place, below), number))
        place = build.plus(build.scale(place, 2), build.case(rest, build.literal(1), build.literal(0)))
        keys = [2 * key + above for key, above in zip(keys, band.above, strict=True)]
    row = build.search(place, keys)
    return build.equal(row, build.literal(0)), [build.lookup(row, numbers) for numbers in tables]


def _bounds(band: Band, x: Value) -> tuple[Fraction, Fraction]:
    """The least and the most that the band gives for an x within its bounds: at the ends of its pieces."""
    reached = x.low > band.starts[0] or (x.low == band.starts[0] and not band.above[0])  # the first row, by every x
    ends = [] if reached else [band.below or Fraction(0)]
    for row, (start, value, slope) in enumerate(zip(band.starts, band.values, band.slopes, strict=True)):
        end = band.starts[row + 1] if row + 1 < len(band.starts) else max(x.high, start)
        if start > x.high or end < x.low:
            continue
        left, right = max(start, x.low), min(end, x.high)
        ends += [value + slope * (left - start), value + slope * (right - start)]
    if not ends:
        raise FormulaError("this table has no row for any value that can come")
    return min(ends), max(ends)
