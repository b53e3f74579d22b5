"""Exact piecewise-affine functions of one number, made of points and the open segments between them, and what they tell."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from fractions import Fraction

from attrs import frozen

__all__ = [
    "Answer",
    "Change",
    "Difference",
    "Extreme",
    "Gap",
    "Interval",
    "Jump",
    "Line",
    "NotPiecewise",
    "Part",
    "Piecewise",
    "answer",
    "fixed",
]

Answer = Fraction | bool | str | None


class NotPiecewise(Exception):
    """The function is not piecewise affine, or of too many pieces: nothing is said of it."""


@frozen
class Line:
    """slope · x + constant."""

    slope: Fraction
    constant: Fraction

    def at(self, x: Fraction) -> Fraction:
        """The value at *x*."""
        return self.slope * x + self.constant


@frozen
class Gap:
    """No answer: *declared* by the word ``undetermined``, or by accident (a division by zero, a table without ``below``)."""

    declared: bool = False


Part = Line | bool | str | Gap
ZERO = Fraction(0)


@frozen(kw_only=True)
class Interval:
    """From *start* to *end*; ``start_in`` and ``end_in`` say whether the ends belong to it."""

    start: Fraction
    end: Fraction
    start_in: bool
    end_in: bool

    def __str__(self) -> str:
        return f"{'[' if self.start_in else '('}{self.start}, {self.end}{']' if self.end_in else ')'}"


@frozen(kw_only=True)
class Extreme:
    """The least or the most: where, and whether the function has it there or only comes near."""

    value: Fraction
    at: Fraction
    attained: bool


@frozen(kw_only=True)
class Change:
    """From *before*, at or next to *start*, to *after*, at or next to *end*; a jump where they are one place."""

    start: Fraction
    end: Fraction
    before: Fraction
    after: Fraction


@frozen(kw_only=True)
class Jump:
    """A place where the function is torn: the values it comes from, has and goes on from (None: no answer, or outside)."""

    at: Fraction
    before: Answer
    value: Answer
    after: Answer


@frozen(kw_only=True)
class Difference:
    """Where two functions differ, and by how much (other − own) at, or next to, both ends; None where they can't be subtracted."""

    where: Interval
    at_start: Fraction | None
    at_end: Fraction | None


@frozen(kw_only=True)
class Piecewise:
    """A function on the closed interval from the first of *points* to the last. ``parts[2 i]`` is what holds at ``points[i]``
    (a level Line for a number), ``parts[2 i + 1]`` what holds strictly between it and the next one."""

    points: tuple[Fraction, ...]
    parts: tuple[Part, ...]

    @property
    def low(self) -> Fraction:
        """Where it begins."""
        return self.points[0]

    @property
    def high(self) -> Fraction:
        """Where it ends."""
        return self.points[-1]

    def part(self, x: Fraction) -> Part:
        """What holds at *x*. Raises ValueError outside the interval."""
        if not self.low <= x <= self.high:
            raise ValueError(f"{x} is outside [{self.low}, {self.high}]")
        index = bisect_left(self.points, x)
        return self.parts[2 * index if self.points[index] == x else 2 * index - 1]

    def at(self, x: Fraction) -> Answer:
        """The value at *x*, None where there is no answer."""
        return answer(self.part(x), x)

    def cells(self) -> Iterator[tuple[Fraction, Fraction, Part]]:
        """(start, end, part) from left to right: a point where start is end, else the open segment."""
        for index, part in enumerate(self.parts):
            yield self.points[index // 2], self.points[(index + 1) // 2], part

    # -- what it tells -------------------------------------------------------------------------------------

    def minimum(self) -> Extreme | None:
        """The least value (truth values are 0 and 1); None where there is no answer at all. Raises ValueError for words."""
        return min((Extreme(value=v, at=x, attained=a) for x, v, a in self._ends()), key=lambda e: (e.value, not e.attained), default=None)

    def maximum(self) -> Extreme | None:
        """The most; see `minimum`."""
        return min((Extreme(value=v, at=x, attained=a) for x, v, a in self._ends()), key=lambda e: (-e.value, not e.attained), default=None)

    def rising(self) -> bool:
        """Whether it never falls, jumps included; places without an answer are passed over."""
        return self.worst_drop() is None

    def falling(self) -> bool:
        """Whether it never rises; see `rising`."""
        return self.worst_rise() is None

    def worst_drop(self) -> Change | None:
        """The largest fall from any place to a later one; None where it never falls."""
        return self._worst(1)

    def worst_rise(self) -> Change | None:
        """The largest rise from any place to a later one; None where it never rises."""
        return self._worst(-1)

    def jumps(self) -> list[Jump]:
        """The places where the answers next to it and at it differ."""
        found = []
        for index, x in enumerate(self.points):
            before = answer(self.parts[2 * index - 1], x) if index else None
            after = answer(self.parts[2 * index + 1], x) if x != self.high else None
            jump = Jump(at=x, before=before, value=answer(self.parts[2 * index], x), after=after)
            if len({one for one in (jump.before, jump.value, jump.after) if one is not None}) > 1:
                found.append(jump)
        return found

    def plateaus(self) -> list[Interval]:
        """The longest intervals, more than a point, on which it keeps one answer."""
        runs = self._runs(lambda part: None if isinstance(part, Gap) or (isinstance(part, Line) and part.slope) else (type(part), part))
        return [one for one in runs if one.start < one.end]

    def gaps(self, *, declared: bool = False) -> list[Interval]:
        """Where there is no answer by accident, or, if asked, by the rule's own word."""
        return self._runs(lambda part: True if part == Gap(declared) else None)

    def holds(self) -> list[Interval]:
        """Where a truth value is true."""
        return self._runs(lambda part: True if part is True else None)

    def _ends(self) -> Iterator[tuple[Fraction, Fraction, bool]]:
        """(place, value, whether it is had there) at every point and both ends of every segment, from left to right."""
        for start, end, part in self.cells():
            if isinstance(part, str):
                raise ValueError("words have no order")
            if isinstance(part, Gap):
                continue
            line = Line(ZERO, Fraction(part)) if isinstance(part, bool) else part
            if start == end or not line.slope:
                yield (start + end) / 2, line.constant, True
            else:
                yield start, line.at(start), False
                yield end, line.at(end), False

    def _worst(self, sign: int) -> Change | None:
        best: tuple[Fraction, Fraction] | None = None
        worst: Change | None = None
        for start, end, part in self.cells():
            if isinstance(part, str):
                raise ValueError("words have no order")
            if isinstance(part, Gap):
                continue
            for x in (start, end):
                value = part.at(x) if isinstance(part, Line) else Fraction(part)
                if best is None or sign * value > sign * best[1]:
                    best = (x, value)
                elif sign * (best[1] - value) > (sign * (worst.before - worst.after) if worst else 0):
                    worst = Change(start=best[0], end=x, before=best[1], after=value)
                elif sign * value == sign * best[1]:
                    best = (x, value)
        return worst

    def _runs(self, key: Callable[[Part], object]) -> list[Interval]:
        """The longest intervals whose cells have one key, those of key None left out."""
        found: list[tuple[object, Interval]] = []
        fresh = True
        for start, end, part in self.cells():
            mine = key(part)
            if mine is not None and not fresh and found[-1][0] == mine:
                before = found[-1][1]
                found[-1] = (mine, Interval(start=before.start, end=end, start_in=before.start_in, end_in=start == end))
            elif mine is not None:
                found.append((mine, Interval(start=start, end=end, start_in=start == end, end_in=start == end)))
            fresh = mine is None
        return [one for _, one in found]


def answer(part: Part, x: Fraction) -> Answer:
    """The value of a part at *x*."""
    return part.at(x) if isinstance(part, Line) else None if isinstance(part, Gap) else part


def fixed(part: Part, x: Fraction) -> Part:
    """A part at that point alone, where a line is level."""
    return Line(ZERO, part.at(x)) if isinstance(part, Line) else part
