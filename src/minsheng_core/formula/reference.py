"""What a formula means: exact rationals, straight from the typed tree. Slow and plain; every other reading is held against it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor

from attrs import field, frozen

from ..explanation import Step
from ..finding import Place
from ..period import Period
from ..quantity import Quantity
from ..rounding import Rounding, round_places
from .check import Formula
from .dated import Dated
from .explain import Found, explain
from .tree import EPOCH, Node

__all__ = ["Given", "Row", "evaluate", "evaluate_rows"]

Given = Quantity | str | date | None

_COMPARE: dict[str, Callable[[Fraction | str, Fraction | str], bool]] = {
    "<": lambda a, b: a < b,  # type: ignore[operator]  # both sides are of one kind: the checker saw to it
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_NUMERIC: dict[str, Callable[..., Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a ** int(b),
    "neg": lambda a: -a,
    "min": min,
    "max": max,
    "abs": abs,
    "clip": lambda x, low, high: max(low, min(x, high)),
}


@frozen(kw_only=True)
class Row:
    """What is known of one body in one period. *usable* is false where a value is outside its declared range."""

    body: str = ""
    group: str = ""
    period: Period = field(factory=lambda: Period(2023, 12))
    values: Mapping[str, Given]
    usable: bool = True


def evaluate(formula: Formula, values: Mapping[str, Given], *, place: Place | None = None, clause: str = "") -> Step:
    """The exact value of *formula* for one body and period, as the step that explains it.

    The step's value is a Quantity, a word or a truth value, or None where it is undetermined; then ``how`` says why.
    *place* and *clause* are where the formula stands and what it rests on. Raises nothing for values of the formula's
    scope: a missing value it does not provide for, and a division by zero, are undetermined. Functions over a group see
    only this body.
    """
    reckoning = _Reckoning((Row(values=values),), 1)
    return explain(formula, lambda node: reckoning.value(formula, node, 0), values, place=place, clause=clause)


def evaluate_rows(formula: Formula, rows: Sequence[Row], *, first_month: int = 1) -> tuple[Found, ...]:
    """The exact value of *formula* on each of *rows* (in base units; None is undetermined), each seen among all of them.

    Rows of one period and group are each other's group; rows of one body are its months, from *first_month* of the year.
    """
    reckoning = _Reckoning(rows, first_month)
    return tuple(reckoning.value(formula, formula.root, index) for index in range(len(rows)))


class _Reckoning:
    def __init__(self, rows: Sequence[Row], first_month: int) -> None:
        self.rows, self.first_month = rows, first_month
        self._known: dict[tuple[int, int], Found] = {}

    def value(self, formula: Formula, node: Node, row: int) -> Found:
        """The value of *node* on that row, None where it is undetermined."""
        if not self.rows[row].usable:
            return None
        key = (id(node), row)
        if key not in self._known:
            self._known[key] = self._reckon(formula, node, row)
        return self._known[key]

    def _reckon(self, formula: Formula, node: Node, row: int) -> Found:
        match node.op:
            case "number" | "day":
                return node.value
            case "text":
                return node.name
            case "name":
                return self._named(formula, node.name, row)
            case "undetermined":
                return None
            case "derived":  # one that is given counts as given
                given = node.name in self.rows[row].values
                return self._named(formula, node.name, row) if given else self.value(formula, node.parts[0], row)
            case "missing":
                return (self.value(formula, node.parts[0], row) if node.parts else self.rows[row].values.get(node.name)) is None
            case "known":
                return self.value(formula, node.parts[0], row) is not None
            case "if":
                test = self.value(formula, node.parts[0], row)
                return None if test is None else self.value(formula, node.parts[1 if test else 2], row)
            case "and" | "or":
                return self._logic(formula, node, row)
        if node.op in _WINDOWS:
            return _WINDOWS[node.op](self, formula, node.parts[0], row)
        values = [self.value(formula, part, row) for part in node.parts]
        return None if None in values else _operation(formula, node, values)

    def _named(self, formula: Formula, name: str, row: int) -> Found:
        constant = formula.scope.constants.get(name)
        given: Given = self.rows[row].values.get(name)
        if name not in formula.scope.fields and constant is not None:
            given = constant.over(self.rows[row].period) if isinstance(constant, Dated) else constant
        if isinstance(given, Quantity):
            return given.base
        return Fraction(given.toordinal() - EPOCH) if isinstance(given, date) else given

    def _logic(self, formula: Formula, node: Node, row: int) -> Found:
        for part in node.parts:
            truth = self.value(formula, part, row)
            if truth is None or truth is (node.op == "or"):
                return truth
        return node.op == "and"

    # -- other rows ----------------------------------------------------------------------------------------

    def group(self, formula: Formula, node: Node, row: int) -> list[Found]:
        """The value of *node* on every row of this row's group and period."""
        here = self.rows[row]
        return [
            self.value(formula, node, i) for i, other in enumerate(self.rows) if (other.period, other.group) == (here.period, here.group)
        ]

    def months(self, formula: Formula, node: Node, row: int) -> Iterator[Found]:
        """The value of *node* for the body in each month, from this one back to the first; None too where there is no row."""
        here = self.rows[row]
        by_month = {other.period: i for i, other in enumerate(self.rows) if other.body == here.body}
        for month in range(here.period.month, self.first_month - 1, -1):
            index = by_month.get(Period(here.period.year, month))
            yield None if index is None else self.value(formula, node, index)


def _operation(formula: Formula, node: Node, values: list[Found]) -> Found:
    if node.op == "not":
        return not values[0]
    if node.op in _COMPARE:
        return _COMPARE[node.op](values[0], values[1])  # type: ignore[arg-type]  # None was ruled out
    if node.op == "/" and values[1] == 0:
        return None
    first = values[0]
    if node.op == "band":
        band = formula.scope.bands[node.name]
        return band.of(first)[0] if isinstance(first, str) else band.at(Fraction(first or 0))[0]
    numbers = [Fraction(value) for value in values if not isinstance(value, str) and value is not None]
    if node.op == "round":
        return round_places(numbers[0], int(node.value), Rounding(node.name))
    if node.op in ("floor", "ceil"):
        return {"floor": floor, "ceil": ceil}[node.op](numbers[0] / node.value) * node.value
    return _NUMERIC[node.op](*numbers)


def _numbers(values: list[Found]) -> list[Fraction]:
    return [Fraction(value) for value in values if value is not None and not isinstance(value, str)]


def _rank(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
    """1 + how many of the group have more; who is undetermined doesn't take part."""
    own = at.value(formula, node, row)
    return None if own is None else Fraction(1 + sum(other > own for other in _numbers(at.group(formula, node, row))))  # type: ignore[operator]


def _of_group(pick: Callable[[list[Fraction]], Fraction], *, all_known: bool = False) -> "Window":
    def reckon(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
        values = at.group(formula, node, row)
        numbers = _numbers(values)
        return None if not numbers or (all_known and len(numbers) < len(values)) else pick(numbers)

    return reckon


def _share_of_best(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
    own, best = at.value(formula, node, row), _of_group(max)(at, formula, node, row)
    return None if own is None or not best else Fraction(own) / Fraction(best)


def _of_months(pick: Callable[[list[Fraction]], Fraction]) -> "Window":
    """Over every month so far; undetermined where one of them is."""

    def reckon(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
        values = list(at.months(formula, node, row))
        return None if None in values or not values else pick(_numbers(values))

    return reckon


def _streak(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
    """How many months in a row, up to this one; undetermined where it runs into a month of which nothing is known."""
    length = 0
    for truth in at.months(formula, node, row):
        if truth is None:
            return None
        if not truth:
            break
        length += 1
    return Fraction(length)


def _last(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
    return next((value for value in at.months(formula, node, row) if value is not None), None)


def _previous(at: _Reckoning, formula: Formula, node: Node, row: int) -> Found:
    return next(iter(list(at.months(formula, node, row))[1:2]), None)


Window = Callable[[_Reckoning, Formula, Node, int], Found]
_WINDOWS: dict[str, Window] = {
    "rank": _rank,
    "best": _of_group(max),
    "worst": _of_group(min),
    "total": _of_group(lambda numbers: sum(numbers, Fraction(0)), all_known=True),
    "size": _of_group(lambda numbers: Fraction(len(numbers))),
    "share_of_best": _share_of_best,
    "sum": _of_months(lambda numbers: sum(numbers, Fraction(0))),
    "mean": _of_months(lambda numbers: sum(numbers, Fraction(0)) / len(numbers)),
    "count": _of_months(lambda numbers: Fraction(sum(number == 1 for number in numbers))),
    "streak": _streak,
    "last": _last,
    "previous": _previous,
}
