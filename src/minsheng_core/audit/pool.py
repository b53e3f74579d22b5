"""The rows that a rule is probed with: on its own breakpoints, ties, range ends and missing values, found by bisecting the plan itself.

A line is a row in which one column runs through its range. Where a comparison or a table of the plan turns between two
values, the place is narrowed down to two neighbours, so that every threshold of the rule is met from both sides.
"""

import random
from bisect import insort
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from attrs import define, field

from ..formula.plan import Column, Plan
from ..formula.python import results_of
from ..formula.tree import Node
from ..quantity import unit
from ..rounding import Rounding, round_places
from .rule import Rule

__all__ = ["Line", "Pool", "Results", "Row"]

Row = dict[str, int | None]
Results = Sequence[int]
BUDGET, LEAST = 12_000, 3_000  # runs of a plan for one rule; for one of many items, each of whose rows is as many times larger
EACH = 60  # runs for each column, at the least: a line of it from a usual row and from a very small one
FLIPS = 12  # turns looked for between two values
SIZES = (1000, 768, 400, 997)  # of the other figures, in steps of their columns, where one is tried value after value
SCAN = 1200  # so many of them
BASES = 40  # rows from which lines are drawn, at the most
ROUND = (0, 1, 2, 3, 5, 10, 20, 50, 100, 500, 1000, 10_000)


@define
class Line:
    """One column of *base* run through: (value, results) in rising order."""

    base: Row
    column: str
    points: list[tuple[int, Results]]


@define(eq=False, slots=False)
class Pool:
    """The rows that a rule is probed with. *also* is a second plan (another version of the rule) whose turns are met as well."""

    rule: Rule
    also: Plan | None = None
    budget: int = 0
    lines: list[Line] = field(factory=list)
    bases: list[tuple[Row, Results]] = field(factory=list)
    runs: int = 0

    def __attrs_post_init__(self) -> None:
        self._other = results_of(self.also) if self.also is not None else None
        self._turns = [at for at, op in enumerate(self.rule.plan.ops) if op.op in ("<", "<=", "==", "search")]
        self._turns_also = (
            [at for at, op in enumerate(self.also.ops) if op.op in ("<", "<=", "==", "search")] if self._other and self.also else []
        )
        self._some: dict[int, list[tuple[Row, Results]]] = {}
        self._seen: set[tuple[int, ...]] = set()
        self._waiting: list[Row] = []
        self._random = random.Random(self.rule.id)
        self._numbers = _constants(self.rule)
        self.budget = self.budget or max(LEAST, EACH * len(self.rule.columns), BUDGET // max(len(self.rule.sheet.items), 1))
        self._explore()

    # -- rows ----------------------------------------------------------------------------------------------

    def rows(self, output: str = "total", first: Collection[str] = ()) -> Iterator[tuple[Row, Results]]:
        """Every row with its results, but for those that differ in nothing that the *output* reads; the lines of columns *first* come first."""
        plan = self.rule.plan
        read = {plan.ops[position].name for position in plan.needed(plan.output(output).positions)}
        yield from self.bases
        for line in sorted(self.lines, key=lambda line: line.column not in first):
            if output != "total" and line.column not in read:
                continue
            for value, results in line.points:
                yield {**line.base, line.column: value}, results

    def turns(self) -> dict[str, list[int]]:
        """By column, the values next to which the plan turns."""
        found: dict[str, dict[int, None]] = {}
        for line in self.lines:
            values = [value for value, _ in line.points]
            near = [one for pair in pairwise(values) if pair[1] - pair[0] == 1 for one in pair]
            found.setdefault(line.column, {}).update(dict.fromkeys(near))
        return {column: sorted(values)[:60] for column, values in found.items()}

    def some(self, most: int) -> list[tuple[Row, Results]]:
        """At most so many rows, spread over all."""
        if most not in self._some:
            every = list(self.rows())
            self._some[most] = every[:: max(1, -(-len(every) // most))]
        return self._some[most]

    def closely(self) -> Iterator[tuple[Row, Results]]:
        """Figures one after the other, for what only ties of a rounding show."""
        usual = self.usual()
        numbers = [one.name for one in self.rule.columns if one.kind == "number" and one.name in self.rule.lowered.columns.values()]
        for size in SIZES:
            base = {**usual, **{name: self._clip(name, size) for name in numbers}}
            for name in numbers:
                low, high = self.rule.ranges[name]
                for value in range(low, min(high, low + SCAN) + 1):
                    row = {**base, name: value}
                    yield row, self.run(row)

    def run(self, row: Row) -> Results:
        """The row's results."""
        self.runs += 1
        return self.rule.run(row)

    def anew(self, columns: Sequence[str], row: Row, results: Results) -> Results:
        """The row's results, from those of a row that differs from it in those columns alone."""
        self.runs += 1
        return self.rule.anew(columns)(row, results)

    # -- exploring -----------------------------------------------------------------------------------------

    def _explore(self) -> None:
        """Lines from a usual row, then from rows that a line showed to be new to the plan, then from varied ones, as long as they
        show something new or the budget lasts."""
        usual = self.usual()
        numbers = [one.name for one in self.rule.columns if usual[one.name] is not None and one.kind == "number"]
        one = {name: self._clip(name, 1) for name in numbers}
        self._waiting += [usual, {**usual, **one, "period": usual["period"]}]  # a body of one person can move most by one
        stale = 0
        for number in range(BASES):
            guided = bool(self._waiting) and number % 3 != 2
            base = self._waiting.pop(0) if guided else self._varied(usual, number)
            before, results = len(self._seen), self.run(base)
            self.bases.append((base, results))
            self._see(base, results)
            for column in self.rule.columns:
                if base[column.name] is not None or column.missing:
                    self._line(base, results, column)
            stale = stale + 1 if len(self._seen) == before else 0
            if self.runs > self.budget or (stale >= 4 and number >= 12 and not self._waiting):
                return

    def _see(self, row: Row, results: Results) -> tuple[int, ...]:
        """The row's signature; a row with a new one is looked at more closely later."""
        signature = self._signature(row, results)
        if signature not in self._seen:
            self._seen.add(signature)
            if len(self._waiting) < 2 * BASES:
                self._waiting.append(dict(row))
        return signature

    def usual(self) -> Row:
        """A row such as a body files: its target, a little less done, nothing out of the ordinary."""
        row: Row = {column.name: None for column in self.rule.plan.columns}
        row["copies"] = 1
        targets = {}
        for (item, measure), name in self.rule.lowered.columns.items():
            if measure == "target":
                targets[item] = row[name] = self._clip(name, self._target(item, name))
        for column in self.rule.columns:
            low, _high = self.rule.ranges[column.name]
            if column.name == "period":
                row[column.name] = low + 9
            elif column.name.endswith(".applies"):
                row[column.name] = 1
            elif row[column.name] is None and not column.missing:
                held = next((targets.get(item) for (item, _), name in self.rule.lowered.columns.items() if name == column.name), None)
                row[column.name] = self._clip(column.name, 1000 * 10**column.decimals if held is None else held * 19 // 20)
            elif row[column.name] is None and any(name == column.name for name in self.rule.lowered.columns.values()):
                row[column.name] = self._clip(column.name, 1000 * 10**column.decimals)
        return row

    def _clip(self, name: str, value: int) -> int:
        low, high = self.rule.ranges[name]
        return min(max(value, low), high)

    def _target(self, item: str, name: str) -> int:
        indicator = self.rule.prepared.scheme.indicator(self.rule.item(item).indicator)
        column = next(one for one in self.rule.columns if one.name == name)
        shares = sorted(one.value.base for one in indicator.shares)
        whole = indicator.target.value.base if indicator.target else Fraction(1000)
        figure: Fraction = shares[len(shares) // 2] if shares else whole
        return int(round_places(figure / unit(column.unit).scale * 10**column.decimals, 0, Rounding.HALF_UP))

    def _varied(self, usual: Row, number: int) -> Row:
        """Another row: each column as usual, or at a value that stands out."""
        row, draw = dict(usual), self._random
        changing = 25 * (1 + number % 3)  # per cent
        for column in self.rule.columns:
            if draw.randrange(100) < changing:
                row[column.name] = draw.choice(self._candidates(row, column))
                if column.missing and draw.randrange(10) < 3:
                    row[column.name] = None
        return row

    def _candidates(self, row: Row, column: Column) -> list[int]:
        """Values of the column that stand out: ends, round numbers, the rule's own numbers, and shares of the other figures."""
        low, high = column.low, column.high
        if column.kind == "text" or high - low <= 24:
            return list(range(low, high + 1))
        scale = 10**column.decimals
        found = {low, low + 1, high - 1, high, (low + high) // 2, *(one * scale for one in ROUND), *(-one * scale for one in ROUND)}
        if column.kind == "date":
            found |= {int(one) + by for one in self._numbers for by in (-1, 0, 1)}
        for name, other in row.items():
            like = next((one for one in self.rule.columns if one.name == name), None)
            if other and like is not None and like.unit == column.unit and like.kind == "number":
                found |= {other * scale // 10**like.decimals}
                for one in self._numbers:
                    share = one * other * scale / 10**like.decimals
                    found |= {floor(share), ceil(share)}
        size = unit(column.unit).scale if column.kind == "number" else Fraction(1)
        for one in self._numbers:
            found |= {floor(one / size * scale), ceil(one / size * scale)}
        return sorted(one for one in found if low <= one <= high)

    def _line(self, base: Row, known: Results, column: Column) -> None:
        """Run one column through its values that stand out, and narrow down where the plan turns."""
        if self.runs > self.budget:
            return
        if column.missing and base[column.name] is not None:
            silent = {**base, column.name: None}
            self.bases.append((silent, self.anew([column.name], silent, known)))
            self._see(*self.bases[-1])
        points: list[tuple[int, Results]] = []
        for value in self._candidates(base, column):
            results = self.anew([column.name], {**base, column.name: value}, known)
            points.append((value, results))
            self._see({**base, column.name: value}, results)
        for (left, before), (right, after) in pairwise(points):
            for _ in range(FLIPS if self.runs <= self.budget else 0):
                found = self._turn(base, column.name, left, before, right, after)
                if not found:
                    break
                for one in found:
                    if one[0] not in (left, right):
                        insort(points, one, key=lambda point: point[0])
                left, before = found[1]
        self.lines.append(Line(base, column.name, _distinct(points)))

    def _turn(self, base: Row, name: str, left: int, before: Results, right: int, after: Results) -> list[tuple[int, Results]]:
        """The first two neighbours between *left* and *right* with different signatures."""
        start = self._signature({**base, name: left}, before)
        if right - left <= 1 or start == self._signature({**base, name: right}, after):
            return []
        while right - left > 1:
            middle = (left + right) // 2
            results = self.anew([name], {**base, name: middle}, before)
            if self._signature({**base, name: middle}, results) == start:
                left, before = middle, results
            else:
                right, after = middle, results
        self._see({**base, name: right}, after)
        return [(left, before), (right, after)]

    def _signature(self, row: Row, results: Results) -> tuple[int, ...]:
        turns = tuple(results[at] for at in self._turns)
        if self._other is None:
            return turns
        other = self._other(row)
        return (*turns, *(other[at] for at in self._turns_also))


def _distinct(points: list[tuple[int, Results]]) -> list[tuple[int, Results]]:
    return [point for index, point in enumerate(points) if index == 0 or point[0] != points[index - 1][0]]


def _constants(rule: Rule) -> list[Fraction]:
    """The numbers of a rule, in base units: literals, parameters, starts of tables."""
    found: dict[Fraction, None] = {}

    def walk(node: Node) -> None:
        if node.op in ("number", "day") and node.value not in (0, 1):
            found[node.value] = None
        for part in node.parts:
            walk(part)

    for reading in rule.readings.values():
        walk(reading.formula.root)
        scope = reading.formula.scope
        for constant in scope.constants.values():
            for quantity in [one for _, one in constant.values] if hasattr(constant, "values") else [constant]:
                found[quantity.base] = None
        for band in scope.bands.values():
            found |= dict.fromkeys(band.starts)
    return list(found)[:60]
