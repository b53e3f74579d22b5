"""Charts of bands and of marks against a figure, as inline SVG: drawn from exact points, and a table of the same points beside them."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from ...formula.band import Band
from ...formula.pieces import Gap, Line, Piecewise
from ...quantity import Quantity, Unit
from ...rounding import Rounding, round_places
from ..markup import Markup, tag
from ..text import shown

__all__ = ["Axis", "band_chart", "marks_chart", "turning_points"]

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 260, 64, 20, 16, 46
Stroke = tuple[Fraction, Fraction, Fraction, Fraction]  # from (x, y) to (x, y)
Dot = tuple[Fraction, Fraction, bool]  # (x, y, whether the value is had there)


@frozen(kw_only=True)
class Axis:
    """What an axis shows, and the unit in which its values, which are in base units, are written."""

    title: str
    unit: Unit

    def text(self, value: Fraction) -> str:
        """A value on it."""
        return shown(Quantity(value / self.unit.scale, self.unit))


def band_chart(band: Band, across: Axis, up: Axis) -> Markup:
    """A table of numbers as its graph, a little beyond its first and last rows. A table of words has none."""
    low, high = band.starts[0], band.starts[-1]
    room = (high - low) / 5 or abs(high) / 5 or across.unit.scale
    ends = [*band.starts, high + room]
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    if band.below is not None:
        strokes.append((low - room, band.below, low, band.below))
        dots.append((low, band.below, band.above[0]))
    for row, start in enumerate(band.starts):
        end = ends[row + 1]
        last = band.values[row] + band.slopes[row] * (end - start)
        strokes.append((start, band.values[row], end, last))
        dots.append((start, band.values[row], not band.above[row]))
        if row + 1 < len(band.starts) and last != band.values[row + 1]:
            dots.append((end, last, band.above[row + 1]))
    return _drawn(strokes, dots, band.starts, across, up)


def marks_chart(function: Piecewise, across: Axis, up: Axis) -> Markup | None:
    """The function's graph around its turning points; None where it gives no number."""
    low, high = _window(function)
    strokes: list[Stroke] = []
    dots: list[Dot] = []
    for start, end, part in function.cells():
        if isinstance(part, bool | str):
            return None
        if isinstance(part, Gap) or end < low or start > high:
            continue
        a, b = max(start, low), min(end, high)
        if start == end:
            if _torn(function, start):
                dots.append((start, part.at(start), True))
            continue
        if a < b:
            strokes.append((a, part.at(a), b, part.at(b)))
        for x in (start, end):
            if low <= x <= high and function.at(x) != part.at(x):
                dots.append((x, part.at(x), False))
    turns = [x for x in function.points if low <= x <= high]
    return _drawn(strokes, dots, turns, across, up) if strokes else None


def _torn(function: Piecewise, x: Fraction) -> bool:
    return any(jump.at == x for jump in function.jumps())


def _window(function: Piecewise) -> tuple[Fraction, Fraction]:
    """What is drawn: all, or where that is far wider than the part in which the function turns, that part with some room."""
    inner = [x for x in function.points if function.low < x < function.high]
    if not inner:
        return function.low, function.high
    first, last = inner[0], inner[-1]
    room = max(last - first, abs(last)) / 3 or (function.high - function.low) / 4
    return max(function.low, first - 3 * room), min(function.high, last + room)


def turning_points(function: Piecewise, across: Axis, up: Axis) -> list[tuple[str, str]]:
    """(figure, what it gives there and next to it), exactly, for each place where the function bends, jumps, begins or ends."""
    rows = []
    for index, x in enumerate(function.points):
        here = _said(function.at(x), up)
        sides = []
        for part, word in (
            (function.parts[2 * index - 1] if index else None, "之前趋于"),
            (function.parts[2 * index + 1] if x != function.high else None, "之后由"),
        ):
            beside = part.at(x) if isinstance(part, Line) else None
            if part is not None and beside != function.at(x):
                sides.append(f"{word}{_said(beside, up)}" + ("起" if word == "之后由" else ""))
        end = "（可能的最小值）" if index == 0 else "（可能的最大值）" if x == function.high else ""
        rows.append((across.text(x) + end, here + (f"（{'，'.join(sides)}）" if sides else "")))
    return rows


def _said(value: Fraction | bool | str | None, up: Axis) -> str:
    return up.text(value) if isinstance(value, Fraction) else "未定" if value is None else str(value)


# -- drawing ---------------------------------------------------------------------------------------------------------------------------


@frozen
class _Scale:
    """From values to pixels."""

    low: Fraction
    high: Fraction
    start: int
    end: int

    def at(self, value: Fraction) -> str:
        share = (value - self.low) / (self.high - self.low) if self.high != self.low else Fraction(1, 2)
        tenths = int(round_places((self.start + share * (self.end - self.start)) * 10, 0, Rounding.HALF_UP))
        return f"{tenths // 10}.{tenths % 10}"


def _drawn(strokes: Sequence[Stroke], dots: Sequence[Dot], turns: Sequence[Fraction], across: Axis, up: Axis) -> Markup:
    xs = [x for one in strokes for x in (one[0], one[2])]
    ys = [y for one in strokes for y in (one[1], one[3])] + [y for _, y, _ in dots] + [Fraction(0)]
    top = max(ys) if max(ys) != min(ys) else max(ys) + 1
    x = _Scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    y = _Scale(min(ys), top, HEIGHT - BOTTOM, TOP)
    told = f"{up.title}随{across.title}的变化"
    return tag(
        "svg", tag("title", told), list(_ticks(x, y, across, up, strokes, dots, turns)),
        [tag("line", x1=x.at(a), y1=y.at(b), x2=x.at(c), y2=y.at(d), class_="graph") for a, b, c, d in strokes],
        [tag("circle", cx=x.at(a), cy=y.at(b), r=4, class_="had" if had else "open") for a, b, had in dots],
        tag("text", across.title if len(across.title) <= 40 else "", x=WIDTH - RIGHT, y=HEIGHT - 6, class_="axis", text_anchor="end"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="chart", role="img", aria_label=told,
    )  # fmt: skip


def _ticks(
    x: _Scale, y: _Scale, across: Axis, up: Axis, strokes: Sequence[Stroke], dots: Sequence[Dot], turns: Sequence[Fraction]
) -> Iterator[Markup]:  # fmt: skip
    """Lines and labels at the values where the graph turns, as far as there is room."""
    levels = sorted({one[1] for one in strokes} | {one[3] for one in strokes} | {one[1] for one in dots} | {y.low})
    for value in _apart(levels, (y.high - y.low) / 11):
        yield tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y.at(value), y2=y.at(value), class_="grid")
        yield tag("text", up.text(value), x=LEFT - 8, y=y.at(value), dy="4", class_="tick", text_anchor="end")
    for value in _apart(turns, (x.high - x.low) / 9):
        yield tag("line", x1=x.at(value), x2=x.at(value), y1=HEIGHT - BOTTOM, y2=HEIGHT - BOTTOM + 5, class_="grid")
        yield tag("text", across.text(value), x=x.at(value), y=HEIGHT - BOTTOM + 18, class_="tick", text_anchor="middle")


def _apart(values: Sequence[Fraction], least: Fraction) -> Iterator[Fraction]:
    before: Fraction | None = None
    for value in values:
        if before is None or value - before >= least:
            yield value
            before = value
