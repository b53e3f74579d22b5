"""Tables of bodies: made from a rule's own columns, run through its plan with ranks, held against each other, and made small."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Protocol, TypeVar

from attrs import define, evolve, frozen

from ..errors import FormulaError
from ..formula.plan import RUNNING, WINDOWS, Column, Plan
from ..formula.python import compile_plan, compile_rows
from ..formula.tree import EPOCH
from .rule import Cells, Rule

__all__ = ["Choice", "Dice", "Ground", "Pair", "Played", "Value", "changes", "ground_of", "ranked_plan", "small"]

T = TypeVar("T")
Value = Fraction | bool | str | None
NAMES = ("甲", "乙", "丙", "丁", "戊", "己")
FIXED = frozenset({"period", "copies", "order"})  # columns that are no figures
SHARES = tuple((n, 100) for n in (0, 30, 50, 60, 70, 80, 85, 90, 95, 99, 100, 101, 110, 120))
STEPS = tuple(sign * step for step in (1, 2, 5, 10, 20, 50, 100, 1000) for sign in (1, -1))
TRIES = 24


class Choice(Protocol):
    """Whence a table's figures come: a seeded generator, or hypothesis."""

    def one(self, of: Sequence[T]) -> T:
        """One of them."""
        ...

    def between(self, low: int, high: int) -> int:
        """A number of that range, both ends included."""
        ...


class Dice:
    """A `Choice` that is the same in every run: seeded by words."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    def one(self, of: Sequence[T]) -> T:
        """One of them."""
        return of[int(self.random.random() * len(of))]

    def between(self, low: int, high: int) -> int:
        """A number of that range."""
        return self.random.randint(low, high)


@frozen
class Pair:
    """Two tables of the same bodies and months, *a* and *b*; *keys* are (body, group) by row. One table is a pair of itself."""

    keys: tuple[tuple[str, str], ...]
    a: tuple[Cells, ...]
    b: tuple[Cells, ...]

    def edited(self, row: int, cells: Cells) -> "Pair":
        """With further *cells* in one row of b."""
        return evolve(self, b=(*self.b[:row], {**self.b[row], **cells}, *self.b[row + 1 :]))

    def kept(self, rows: Iterable[int]) -> "Pair":
        """Those rows alone."""
        rows = tuple(rows)
        return Pair(tuple(self.keys[row] for row in rows), tuple(self.a[row] for row in rows), tuple(self.b[row] for row in rows))

    def months(self, row: int) -> list[int]:
        """The rows of the same body, that one included."""
        return [i for i, key in enumerate(self.keys) if key[0] == self.keys[row][0]]

    def later(self, row: int) -> list[int]:
        """That row and those of the same body in later months."""
        at = self.a[row]["period"] or 0
        return [i for i, key in enumerate(self.keys) if key[0] == self.keys[row][0] and (self.a[i]["period"] or 0) >= at]


def changes(pair: Pair) -> list[tuple[int, str]]:
    """The cells in which the tables differ: (row, column)."""
    return [(row, name) for row, cells in enumerate(pair.a) for name in cells if cells[name] != pair.b[row][name]]


@frozen
class Played:
    """A table's results, by row."""

    plan: Plan
    rows: Sequence[Sequence[int]]

    def value(self, name: str, row: int) -> Value:
        """That output on that row."""
        return self.plan.output(name).value(self.rows[row])


Watch = Callable[[Pair, Played, Played], bool]


def ranked_plan(rule: Rule) -> Plan:
    """The rule's plan with its ranks back."""
    ranks = [one for one in rule.lowered.plan.outputs if one.name in ("rank", "group_rank")]
    ops = list(rule.plan.ops)
    outputs = list(rule.plan.outputs)
    for one in ranks:
        window = rule.lowered.plan.ops[one.number]
        if window.op not in WINDOWS:  # one row at most: the rank was folded
            outputs.append(one)
            continue
        ops.append(window)
        outputs.append(evolve(one, number=len(ops) - 1))
    return evolve(rule.plan, ops=tuple(ops), outputs=tuple(outputs), reasons=())


@define(eq=False, slots=False)
class Ground:
    """Where a rule's tables are made and run. *marks* are by column the values around which its marks bend."""

    rule: Rule
    plan: Plan
    marks: Mapping[str, Sequence[int]]
    tables: int = 0  # how many were run

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that can vary."""
        return tuple(one for one in self.rule.columns if one.name not in FIXED)

    @cached_property
    def run(self) -> Callable[[Sequence[Cells], Sequence[tuple[str, str]]], list[list[int]]]:
        """All operations of a table."""
        return compile_rows(self.plan)

    @cached_property
    def months(self) -> bool:
        """Whether a table has several months: some mark looks back."""
        ranked = self.rule.plan.needed(position for one in self.rule.plan.outputs for position in one.positions)
        return any(self.plan.ops[position].op in RUNNING for position in ranked)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The groups that bodies of the sheet are in."""
        ranking = self.rule.sheet.ranking
        if ranking is None or not ranking.groups:
            return ("",)
        kinds = dict.fromkeys(
            one.kind for one in self.rule.prepared.scheme.bodies if one.kind in self.rule.sheet.bodies or one.id in self.rule.sheet.bodies
        )
        return tuple(kinds)[:2] if len(kinds) > 1 else ("一类", "二类")

    @cached_property
    def pools(self) -> Mapping[str, tuple[int, ...]]:
        """By column the values that are worth trying: its ends, its breakpoints and their neighbours, round numbers."""
        return {one.name: tuple(self._pool(one)) for one in self.columns}

    def _pool(self, column: Column) -> Iterator[int]:
        low, high = self.rule.ranges[column.name]
        unit = 10**column.decimals
        found = [low, low + 1, high, high - 1]
        found += [mark + step for mark in self.marks.get(column.name, ()) for step in (-1, 0, 1)]
        found += [unit * step for step in (0, 1, 2, 5, 10, 50, 80, 100, 500, 1000)]
        if column.kind == "number" and high - low <= 10**6:
            found += [low + (high - low) * n // d for n, d in SHARES]
        if column.kind == "date":
            found += [_new_year(self.rule) + step for step in (0, 100, 180, 200, 300)]
        return iter(dict.fromkeys(one for one in found if low <= one <= high))

    @cached_property
    def valid(self) -> Callable[[Cells], bool]:
        """Whether a row by itself is one that a report can amount to."""
        try:
            score = compile_plan(evolve(self.rule.plan, reasons=()), "valid").score
            return lambda row: bool(score(row))
        except FormulaError:  # what is valid looks at other rows
            place = self.plan.output("valid")
            return lambda row: bool(place.value(self.run([row], [("", "")])[0]))

    def played(self, rows: Sequence[Cells], keys: Sequence[tuple[str, str]]) -> Played:
        """The table's results."""
        self.tables += 1
        return Played(self.plan, self.run(rows, keys))

    def sound(self, rows: Sequence[Cells]) -> bool:
        """Whether each row is valid, or a body that filed nothing."""
        return all(self.valid(row) or self._silent(row) for row in rows)

    def _silent(self, row: Cells) -> bool:
        return all(row[one.name] is None for one in self.columns if not one.name.endswith(".applies"))

    # -- making ----------------------------------------------------------------------------------------------

    def table(self, choice: Choice, *, bodies: tuple[int, int] = (2, 4), whole: bool = False) -> Pair | None:
        """A table of valid rows, now and then a body's month absent or not filed (never where *whole*); None where no row came out valid."""
        first, count = self.rule.sheet.first_month, min(choice.between(*bodies), choice.between(*bodies))
        start = first - 1 + (choice.between(0, 5) == 5) if self.months else choice.one((5, 11))
        groups = tuple(choice.one(self.groups) for _ in range(count))
        keys: list[tuple[str, str]] = []
        rows: list[dict[str, int | None]] = []
        months = choice.one((1, 2, 2, 3, 3, 4, 5)) if self.months else 1
        for body in range(count):
            fixed: dict[str, int | None] = {}
            for month in range(months):
                if not whole and months > 1 and choice.between(0, 11) == 0:
                    continue
                period = self.rule.prepared.scheme.year * 12 + min(start + month, 11)
                row = self._row(choice, {"period": period, "copies": 1, "order": body + 1} | fixed, rows)
                if row is None:
                    return None
                if not fixed:
                    fixed = {name: cell for name, cell in row.items() if name.endswith((".applies", "target"))}
                if not whole and choice.between(0, 15) == 0:
                    row = {name: cell if name in FIXED or name.endswith(".applies") else None for name, cell in row.items()}
                keys.append((NAMES[body], groups[body]))
                rows.append(row)
        return Pair(tuple(keys), tuple(rows), tuple(rows)) if rows else None

    def _row(self, choice: Choice, known: Mapping[str, int | None], rows: Sequence[Cells]) -> dict[str, int | None] | None:
        names = {one.name for one in self.plan.columns}
        fixed = {name: cell for name, cell in known.items() if name in names}
        if rows and choice.between(0, 1):  # like another, in all or all but one figure
            row = dict(choice.one(rows)) | fixed
            if self.columns and choice.between(0, 1):
                column = choice.one(self.columns)
                row[column.name] = fixed.get(column.name, self.near(choice, column, row))
            if self.valid(row):
                return row
        for _ in range(TRIES):
            made = dict(fixed)
            for column in self.columns:
                if column.name not in made:
                    made[column.name] = self.cell(choice, column, made)
            if self.valid(made):
                return made
        return None

    def cell(self, choice: Choice, column: Column, beside: Cells) -> int | None:
        """A figure: of the column's pool, a round share of a figure beside it, any number of its range, or none."""
        low, high = self.rule.ranges[column.name]
        way = choice.between(0, 9)
        if way == 0 and column.missing:
            return None
        if way <= 3 and column.kind == "number":
            peers = [one for one in self.columns if one.unit == column.unit and one.name in beside and one.name != column.name]
            if peers:
                peer = choice.one(peers)
                share, whole = choice.one(SHARES)
                value: int = (beside[peer.name] or 0) * share * 10**column.decimals // (whole * 10**peer.decimals)
                return min(max(value, low), high)
        return choice.between(low, high) if way == 4 else choice.one(self.pools[column.name])

    def near(self, choice: Choice, column: Column, beside: Cells) -> int | None:
        """A figure a little off the one that stands there, or any other."""
        low, high = self.rule.ranges[column.name]
        value = beside[column.name]
        if value is None or column.kind == "text" or choice.between(0, 2) == 0:
            return self.cell(choice, column, beside)
        return min(max(value + choice.one(STEPS), low), high)

    def more(self, choice: Choice, column: Column, than: int) -> int | None:
        """A larger figure of the column; None where there is none."""
        _, high = self.rule.ranges[column.name]
        above = [one for one in self.pools[column.name] if one > than]
        if than >= high:
            return None
        return than + 1 if not above or choice.between(0, 3) == 0 else choice.one(above)

    def less(self, choice: Choice, column: Column, than: int) -> int | None:
        """A smaller figure of the column; None where there is none."""
        low, _ = self.rule.ranges[column.name]
        below = [one for one in self.pools[column.name] if one < than]
        if than <= low:
            return None
        return than - 1 if not below or choice.between(0, 3) == 0 else choice.one(below)


def _new_year(rule: Rule) -> int:
    return date(rule.prepared.scheme.year, 1, 1).toordinal() - EPOCH


def ground_of(rule: Rule, marks_of: Mapping[str, Sequence[int]] | None = None) -> Ground:
    """The ground of a rule."""
    return Ground(rule=rule, plan=ranked_plan(rule), marks=marks_of or {})


# -- making small ----------------------------------------------------------------------------------------------


def small(ground: Ground, pair: Pair, watch: Callable[[Pair], bool], limit: int = 1200) -> Pair:
    """The same finding on fewer bodies, fewer months and rounder figures; *watch* says whether it still is one."""
    left = [limit]

    def holds(one: Pair) -> bool:
        left[0] -= 1
        return left[0] >= 0 and bool(one.keys) and watch(one)

    changed = True
    while changed and left[0] > 0:
        changed = False
        for tried in _smaller(ground, pair):
            if holds(tried):
                pair, changed = tried, True
                break
    return pair


def _smaller(ground: Ground, pair: Pair) -> Iterator[Pair]:
    rows = range(len(pair.keys))
    for body in dict.fromkeys(key[0] for key in pair.keys):
        yield pair.kept(row for row in rows if pair.keys[row][0] != body)
    for period in sorted({cells["period"] or 0 for cells in pair.a}):
        yield pair.kept(row for row in rows if pair.a[row]["period"] != period)
        yield _closed(pair, period)
    for row in rows:
        yield pair.kept(one for one in rows if one != row)
    for column in ground.columns:
        yield from _rounder(ground, pair, column)


def _closed(pair: Pair, period: int) -> Pair:
    """Without that month, the later ones a month earlier."""
    left = pair.kept(row for row, cells in enumerate(pair.a) if cells["period"] != period)
    moved = [
        tuple({**one, "period": (one["period"] or 0) - ((one["period"] or 0) > period)} for one in table) for table in (left.a, left.b)
    ]
    return Pair(left.keys, moved[0], moved[1])


def _rounder(ground: Ground, pair: Pair, column: Column) -> Iterator[Pair]:
    """With one figure rounder: everywhere at once, on one row of both tables, or on one row of one of them."""
    name = column.name
    if column.missing and (filled := [row for row, one in enumerate(pair.a) if one[name] is not None and one[name] == pair.b[row][name]]):
        for some in (filled, *([row] for row in filled)):
            yield _filled(pair, name, None, some)
    held = sorted({one for cells in (*pair.a, *pair.b) if (one := cells[name]) is not None}, key=roundness)
    if len(held) > 1:
        for value in held[:2]:
            yield _filled(pair, name, value, range(len(pair.keys)))
    for row, (a, b) in enumerate(zip(pair.a, pair.b, strict=True)):
        sides: list[tuple[str, int | None]] = [("ab", a[name])] if a[name] == b[name] else [("a", a[name]), ("b", b[name])]
        for side, cell in sides:
            for rounder in _round(ground, column, cell) if cell is not None else ():
                yield _filled(pair, name, rounder, [row], side)


def _filled(pair: Pair, name: str, value: int | None, rows: Sequence[int], side: str = "ab") -> Pair:
    """With that figure in those rows of one table or both."""
    tables = []
    for which, table in (("a", pair.a), ("b", pair.b)):
        tables.append(tuple({**one, name: value} if row in rows and which in side else one for row, one in enumerate(table)))
    return Pair(pair.keys, tables[0], tables[1])


def roundness(value: int) -> tuple[int, int]:
    """Less for what is easier to read: few significant digits, then a small number."""
    return (len(str(abs(value)).rstrip("0")), abs(value))


def _round(ground: Ground, column: Column, value: int) -> Iterator[int]:
    low, high = ground.rule.ranges[column.name]
    unit = 10**column.decimals
    if column.kind == "date":
        yield from [day for day in (_new_year(ground.rule),) if day != value]
        return
    found = {low, *(unit * one for one in (0, 1, 2, 5, 10, 50, 100, 1000))}
    for digits in range(1, len(str(abs(value)))):
        step = 10**digits
        found |= {value // step * step, -(-value // step) * step}
    yield from sorted((one for one in found if low <= one <= high and roundness(one) < roundness(value)), key=roundness)
