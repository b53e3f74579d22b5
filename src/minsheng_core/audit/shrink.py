"""Making a case small and round: fewer figures out of the ordinary, fewer digits, neighbours side by side."""

from collections.abc import Iterator, Sequence
from math import ceil

from .question import Question, holds

__all__ = ["shrink"]

Row = dict[str, int | None]
TRIES = 1500  # replays of one case, at the most


def shrink(question: Question, rows: Sequence[Row], usual: Row) -> list[Row]:
    """The same kind of case in simpler figures; *usual* is what nobody needs to look at."""
    held = [dict(row) for row in rows]
    tries = 0
    moved = True
    while moved and tries < TRIES:
        moved = False
        for candidate in _simpler(question, held, usual):
            tries += 1
            if tries > TRIES:
                break
            if _weight(question, candidate, usual) < _weight(question, held, usual) and holds(question, candidate):
                held, moved = candidate, True
                break
    return held


def _simpler(question: Question, rows: list[Row], usual: Row) -> Iterator[list[Row]]:
    rule = question.rule
    alike: dict[str, list[str]] = {}
    for column in rule.columns:
        if column.kind == "number" and column.name not in ("period", "order"):
            alike.setdefault(column.unit, []).append(column.name)
    for names in alike.values():  # all figures of one unit together: a body of another size
        largest = max((abs(rows[0][name] or 0) for name in names), default=0)
        for size in (100, 1000, 10_000, 20, 10):
            if largest > size:
                yield from _resized(question, rows, names, size, largest)
    for column in rule.columns:
        low, high = rule.ranges[column.name]
        name = column.name
        if name in question.columns or name in question.fixed:
            continue
        for value in _values(rows[0][name], usual.get(name), low, high, column.missing):
            yield [{**row, name: value} for row in rows]
    yield from _nearer(question, rows)


def _resized(question: Question, rows: list[Row], names: list[str], size: int, largest: int) -> Iterator[list[Row]]:
    """Every figure of *names* in proportion, the largest at *size*; what differs a little up or down."""
    ranges = question.rule.ranges
    made = []
    for row in rows:
        one = dict(row)
        for name in names:
            value = row[name]
            if value is not None:
                one[name] = min(max(round(value * size / largest), ranges[name][0]), ranges[name][1])
        made.append(one)
    yield made
    moving = [name for name in names if name in question.columns] or names
    for name in moving:
        if name in question.fixed or rows[0][name] is None:
            continue
        for by in (-2, -1, 1, 2):
            yield [{**row, name: row[name] + by if row[name] is not None else None} for row in made]  # type: ignore[operator] # just asked
        if len(made) == 2 and name in question.columns and question.relation == "more" and made[0][name] is not None:
            for by in (-1, 0, 1):
                first = made[0][name] + by  # type: ignore[operator] # just asked
                yield [{**made[0], name: first}, {**made[1], name: first + 1}]


def _nearer(question: Question, rows: list[Row]) -> Iterator[list[Row]]:
    """What differs between the rows, closer together and rounder."""
    if question.relation in ("one", "plans"):
        return
    name, ranges = question.columns[0], question.rule.ranges
    low, high = ranges[name]
    first, last = rows[0][name], rows[-1][name]
    if question.relation == "more" and first is not None and last is not None:
        for left, right in ((first, first + 1), (last - 1, last), (first, (first + last) // 2), ((first + last) // 2, last)):
            if left < right:
                yield [{**rows[0], name: left}, {**rows[1], name: right}]
        for value in _round(first, low, high):
            yield [{**rows[0], name: value}, {**rows[1], name: last}]
        for value in _round(last, low, high):
            yield [{**rows[0], name: first}, {**rows[1], name: value}]
    elif question.relation == "silent" and first is not None:
        for one in _values(first, None, low, high, False):
            yield [{**rows[0], name: one}, rows[1]]
    elif question.relation == "moved":
        other = question.columns[1]
        for a, b in ((1, 0), (2, 0), (1, 1)):
            yield [{**rows[0], name: a, other: b}, {**rows[1], name: a - 1, other: b + 1}]
    elif question.relation == "scaled":
        for column in question.columns:
            for one in _values(rows[0][column], None, *ranges[column], False):
                if one is not None:
                    yield [{**rows[0], column: one}, {**rows[1], column: one * question.factor}]


def _values(value: int | None, usual: int | None, low: int, high: int, missing: bool) -> Iterator[int | None]:
    if missing:
        yield None
    if value is None:
        return
    for one in (usual, 0, 1, low, 100, 1000, *_round(value, low, high), value // 2):
        if one is not None and low <= one <= high and one != value:
            yield one


def _round(value: int, low: int, high: int) -> Iterator[int]:
    """Numbers near *value* with fewer digits."""
    for digits in (1, 2, 3):
        power = 10 ** max(len(str(abs(value))) - digits, 0)
        for one in (value // power * power, ceil(value / power) * power if power < 10**15 else value):
            if low <= one <= high and one != value:
                yield one


def _weight(question: Question, rows: Sequence[Row], usual: Row) -> int:
    """How much there is to read: digits that are no zeros most, then length; what is as usual counts little."""
    total = 0
    for name in question.rule.ranges:
        value = rows[0][name]
        if value is None:
            continue
        text = str(abs(value))
        cost = 10 * len(text.rstrip("0")) + len(text) + (value < 0)
        total += cost // 4 if value == usual.get(name) else cost
        total += 3 if value != usual.get(name) else 0
    if question.relation == "more":
        name = question.columns[0]
        gap = (rows[1][name] or 0) - (rows[0][name] or 0)
        total += 10 * len(str(gap).rstrip("0")) + len(str(gap)) + 8 * len(str(rows[1][name]).rstrip("0"))
    return total
