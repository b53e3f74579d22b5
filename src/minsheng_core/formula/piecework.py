"""What is done with piecewise-affine functions, cell by cell and exactly; all of them stand on one interval."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, floor

from ..rounding import Rounding, round_places
from .band import Band
from .pieces import Answer, Difference, Gap, Interval, Line, NotPiecewise, Part, Piecewise, answer, fixed

__all__ = [
    "absolute", "add", "banded", "choose", "clip", "compare", "conjunction", "constant", "differences", "disjunction", "divide", "identity",
    "known", "largest", "multiply", "negate", "negation", "power", "rounded", "smallest", "stepped", "subtract",
]  # fmt: skip

MOST = 2000  # points of a function: with the segments between them, 4,000 cells
ZERO = Fraction(0)
Cut = Callable[[Sequence[Part], Fraction, Fraction], Iterable[Fraction]]
Make = Callable[[Sequence[Part], Fraction], Part]


def constant(value: Answer | Gap, low: Fraction, high: Fraction) -> Piecewise:
    """One answer everywhere (None: no answer, by accident)."""
    part: Part = Gap() if value is None else Line(ZERO, value) if isinstance(value, Fraction) else value
    return Piecewise(points=(low,), parts=(part,)) if low == high else Piecewise(points=(low, high), parts=(part, part, part))


def identity(low: Fraction, high: Fraction, slope: Fraction = Fraction(1), shift: Fraction = ZERO) -> Piecewise:
    """slope · x + shift."""
    line = Line(slope, shift)
    ends = (fixed(line, low), line, fixed(line, high))
    return Piecewise(points=(low,), parts=ends[:1]) if low == high else Piecewise(points=(low, high), parts=ends)


def _apply(cut: Cut, make: Make, *functions: Piecewise, lazy: bool = False) -> Piecewise:
    """The function that *make* gives cell by cell, segments first split where *cut* says; a part without an answer has none,
    unless *make* itself looks (lazy)."""
    make = make if lazy else _strict(make)
    points = sorted(set().union(*(one.points for one in functions)))
    places: list[Fraction] = []
    parts: list[Part] = []

    def put(x: Fraction, here: Part, before: Part | None) -> None:
        """The segment before x, then x itself; a point that tears nothing goes."""
        if before is not None:
            if len(parts) > 2 and parts[-2] == before and fixed(before, places[-1]) == parts[-1]:
                parts.pop()
                places.pop()
            else:
                parts.append(before)
        places.append(x)
        parts.append(here)
        if len(places) > MOST:
            raise NotPiecewise

    put(points[0], make([fixed(one.part(points[0]), points[0]) for one in functions], points[0]), None)
    for p, q in pairwise(points):
        inside = [one.part((p + q) / 2) for one in functions]
        cuts = () if not lazy and any(isinstance(part, Gap) for part in inside) else cut(inside, p, q)
        for start, end in pairwise([p, *sorted(set(cuts)), q]):
            here = [fixed(one.part(end) if end == q else part, end) for one, part in zip(functions, inside, strict=True)]
            put(end, make(here, end), make(inside, (start + end) / 2))
    return Piecewise(points=tuple(places), parts=tuple(parts))


def _strict(make: Make) -> Make:
    def made(parts: Sequence[Part], x: Fraction) -> Part:
        gaps = [part for part in parts if isinstance(part, Gap)]
        return Gap(all(gap.declared for gap in gaps)) if gaps else make(parts, x)

    return made


def _never(parts: Sequence[Part], p: Fraction, q: Fraction) -> Iterable[Fraction]:
    return ()


def _crossings(parts: Sequence[Part], p: Fraction, q: Fraction) -> Iterator[Fraction]:
    """Where two of the lines meet inside the segment."""
    for one, other in combinations([part for part in parts if isinstance(part, Line)], 2):
        if one.slope != other.slope:
            x = (other.constant - one.constant) / (one.slope - other.slope)
            if p < x < q:
                yield x


def _line(part: Part) -> Line:
    if not isinstance(part, Line):
        raise NotPiecewise
    return part


def _linear(make: Callable[..., Part]) -> Make:
    return lambda parts, x: make(*map(_line, parts))


def add(one: Piecewise, other: Piecewise) -> Piecewise:
    """one + other."""
    return _apply(_never, _linear(lambda f, g: Line(f.slope + g.slope, f.constant + g.constant)), one, other)


def negate(one: Piecewise) -> Piecewise:
    """−one."""
    return _apply(_never, _linear(lambda f: Line(-f.slope, -f.constant)), one)


def subtract(one: Piecewise, other: Piecewise) -> Piecewise:
    """one − other."""
    return add(one, negate(other))


def _product(one: Line, other: Line) -> Part:
    if one.slope and other.slope:
        raise NotPiecewise
    level, line = (one.constant, other) if not one.slope else (other.constant, one)
    return Line(level * line.slope, level * line.constant)


def _quotient(one: Line, other: Line) -> Part:
    if other.slope:
        raise NotPiecewise
    return Line(one.slope / other.constant, one.constant / other.constant) if other.constant else Gap()


def multiply(one: Piecewise, other: Piecewise) -> Piecewise:
    """one · other. Raises NotPiecewise where neither is level."""
    return _apply(_never, _linear(_product), one, other)


def divide(one: Piecewise, other: Piecewise) -> Piecewise:
    """one / other, without an answer where *other* is 0. Raises NotPiecewise where *other* is not level."""
    return _apply(_never, _linear(_quotient), one, other)


def smallest(*functions: Piecewise) -> Piecewise:
    """The least of them."""
    return _apply(_crossings, lambda parts, x: min(map(_line, parts), key=lambda line: line.at(x)), *functions)


def largest(*functions: Piecewise) -> Piecewise:
    """The most of them."""
    return _apply(_crossings, lambda parts, x: max(map(_line, parts), key=lambda line: line.at(x)), *functions)


def clip(one: Piecewise, low: Piecewise, high: Piecewise) -> Piecewise:
    """one, but at most *high*, and then at least *low*."""
    return largest(low, smallest(one, high))


def absolute(one: Piecewise) -> Piecewise:
    """The magnitude."""
    return largest(one, negate(one))


def compare(op: str, one: Piecewise, other: Piecewise) -> Piecewise:
    """The truth of ``one op other``, op being one of ``< <= > >= == !=``; words are only equal or not."""

    def made(parts: Sequence[Part], x: Fraction) -> Part:
        a, b = (answer(part, x) for part in parts)
        if op in ("==", "!="):
            return (a == b) is (op == "==")
        if not isinstance(a, Fraction) or not isinstance(b, Fraction):
            raise NotPiecewise
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]

    return _apply(_crossings, made, one, other)


def _logic(functions: Sequence[Piecewise], decides: bool) -> Piecewise:
    def made(parts: Sequence[Part], x: Fraction) -> Part:
        for part in parts:
            if part is decides or isinstance(part, Gap):
                return part
            if not isinstance(part, bool):
                raise NotPiecewise
        return not decides

    return _apply(_never, made, *functions, lazy=True)


def conjunction(*functions: Piecewise) -> Piecewise:
    """All of them, from left to right up to the one that is false or has no answer."""
    return _logic(functions, False)


def disjunction(*functions: Piecewise) -> Piecewise:
    """Any of them, from left to right up to the one that is true or has no answer."""
    return _logic(functions, True)


def negation(one: Piecewise) -> Piecewise:
    """Not one."""
    return _apply(_never, lambda parts, x: not parts[0], one)


def known(one: Piecewise) -> Piecewise:
    """Whether there is an answer."""
    return _apply(_never, lambda parts, x: not isinstance(parts[0], Gap), one, lazy=True)


def choose(test: Piecewise, then: Piecewise, other: Piecewise) -> Piecewise:
    """*then* where *test* holds, else *other*."""
    return _apply(
        _never, lambda parts, x: parts[0] if isinstance(parts[0], Gap) else parts[1 if parts[0] else 2], test, then, other, lazy=True
    )


def banded(band: Band, one: Piecewise) -> Piecewise:
    """The table's value; no answer under its first row where it has no ``below``."""

    def cut(parts: Sequence[Part], p: Fraction, q: Fraction) -> Iterator[Fraction]:
        (line,) = parts
        if isinstance(line, Line) and line.slope:
            yield from (x for start in band.starts if p < (x := (start - line.constant) / line.slope) < q)

    def made(parts: Sequence[Part], x: Fraction) -> Part:
        (part,) = parts
        if isinstance(part, str):
            return Line(ZERO, band.of(part)[0])
        line = _line(part)
        value, row = band.at(line.at(x))
        if value is None:
            return Gap()
        slope = band.slopes[row] if row >= 0 else ZERO
        return Line(slope * line.slope, value + slope * (line.constant - line.at(x)))

    return _apply(cut, made, one)


def _staircase(one: Piecewise, step: Fraction, shift: Fraction, value: Callable[[Fraction], Fraction]) -> Piecewise:
    """A function that is level but for jumps at whole multiples of *step*, *shift* beside them."""

    def cut(parts: Sequence[Part], p: Fraction, q: Fraction) -> Iterator[Fraction]:
        (line,) = parts
        if isinstance(line, Line) and line.slope:
            low, high = sorted((line.at(p) - shift, line.at(q) - shift))
            if high - low > MOST * step:
                raise NotPiecewise
            for number in range(ceil(low / step), floor(high / step) + 1):
                if p < (x := (number * step + shift - line.constant) / line.slope) < q:
                    yield x

    return _apply(cut, lambda parts, x: Line(ZERO, value(_line(parts[0]).at(x))), one)


def stepped(op: str, one: Piecewise, step: Fraction) -> Piecewise:
    """``floor`` or ``ceil`` in whole steps. Raises NotPiecewise for too many of them."""
    whole = {"floor": floor, "ceil": ceil}[op]
    return _staircase(one, step, ZERO, lambda value: whole(value / step) * step)


def rounded(one: Piecewise, places: int, mode: Rounding) -> Piecewise:
    """Rounded to so many decimals. Raises NotPiecewise for too many steps."""
    step = Fraction(1, 10**places)
    shift = step / 2 if mode in (Rounding.HALF_UP, Rounding.HALF_EVEN) else ZERO
    return _staircase(one, step, shift, lambda value: round_places(value, places, mode))


def power(base: Fraction, exponent: Piecewise) -> Piecewise:
    """base ** exponent, the exponent being whole and from 0 to 64 wherever it is said; else raises NotPiecewise."""

    def made(parts: Sequence[Part], x: Fraction) -> Part:
        line = _line(parts[0])
        if line.slope or line.constant.denominator != 1 or not 0 <= line.constant <= 64:
            raise NotPiecewise
        return Line(ZERO, base ** int(line.constant))

    return _apply(_never, made, exponent)


# -- holding two together ------------------------------------------------------------------------------------


def differences(one: Piecewise, other: Piecewise) -> list[Difference]:
    """Exactly where the two give different answers (none against none is no difference), and by how much: other − one."""
    if (one.low, one.high) != (other.low, other.high):
        raise ValueError("the two functions are not on one interval")
    apart = _apply(_never, _apart, one, other, lazy=True)
    found: list[Difference] = []
    taken: Fraction | None = None  # the point that the segment before has as its end
    for index, (start, end, part) in enumerate(apart.cells()):
        if start == end:
            if part == Line(ZERO, ZERO) or any(_joins(apart, index, side) for side in (-1, 1)):
                continue
            ends = (True, True)
        else:
            ends = (start != taken and _joins(apart, index - 1, 1), _joins(apart, index + 1, -1))
            taken = end if ends[1] else None
            if part == Line(ZERO, ZERO):
                continue
        edges = [start, *_zeros(part, start, end), end]  # where the two meet inside a segment they don't differ
        for first, last in pairwise(edges):
            where = Interval(start=first, end=last, start_in=first == start and ends[0], end_in=last == end and ends[1])
            found.append(Difference(where=where, at_start=_number(part, first), at_end=_number(part, last)))
    return found


def _zeros(part: Part, start: Fraction, end: Fraction) -> list[Fraction]:
    zero = -part.constant / part.slope if isinstance(part, Line) and part.slope else start
    return [zero] if start < zero < end else []


def _joins(apart: Piecewise, point: int, side: int) -> bool:
    """Whether the segment at that side of a point goes on to it and differs there."""
    here = apart.parts[point]
    if here == Line(ZERO, ZERO) or not 0 <= point + side < len(apart.parts):
        return False
    return fixed(apart.parts[point + side], apart.points[point // 2]) == here


def _number(part: Part, x: Fraction) -> Fraction | None:
    return part.at(x) if isinstance(part, Line) else None


def _apart(parts: Sequence[Part], x: Fraction) -> Part:
    """How far the second is from the first; a Gap where that is no number."""
    one, other = (Line(ZERO, Fraction(part)) if isinstance(part, bool) else part for part in parts)
    if isinstance(one, Line) and isinstance(other, Line):
        return Line(other.slope - one.slope, other.constant - one.constant)
    same = (isinstance(one, Gap) and isinstance(other, Gap)) or one == other
    return Line(ZERO, ZERO) if same else Gap()
