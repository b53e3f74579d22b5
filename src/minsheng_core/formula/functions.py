"""The functions of the rule language: how many arguments each takes, and how a call is typed."""

import ast
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Protocol

from .tree import DAY, EPOCH, NUMBER, TRUTH, Node, Scope, Type, number

__all__ = ["FUNCTIONS", "OVER_GROUP", "OVER_PERIODS"]

ROUNDINGS = ("half_up", "half_even", "down", "up")
# Functions that look at other rows: the bodies of the group in the same period, or the body's own periods of the year.
OVER_GROUP = frozenset({"rank", "best", "worst", "total", "size", "share_of_best"})
OVER_PERIODS = frozenset({"last", "previous", "sum", "mean", "streak", "count"})
Known = frozenset[str]


class Checker(Protocol):
    """What a function's typing asks of whoever checks the formula (`check.Checker`)."""

    scope: Scope

    def visit(self, tree: ast.expr, known: Known) -> Node: ...
    def wanted_number(self, node: Node, or_else: tuple[str, ...] = ()) -> Node: ...
    def wanted_truth(self, node: Node) -> Node: ...
    def common(self, tree: ast.expr, *types: Type, what: str) -> Type: ...
    def words(self, node: Node) -> frozenset[str]: ...
    def broken(self, tree: ast.expr, message: str) -> Node: ...
    def node(self, tree: ast.expr, op: str, type_: Type, *parts: Node, name: str = "", value: Fraction = Fraction(0)) -> Node: ...


Builder = Callable[[Checker, ast.Call, Known], Node]


def _name(tree: ast.Call) -> str:
    assert isinstance(tree.func, ast.Name)
    return tree.func.id


def _alike(checker: Checker, tree: ast.Call, known: Known) -> Node:
    parts = [checker.wanted_number(checker.visit(argument, known)) for argument in tree.args]
    type_ = checker.common(tree, *(part.type for part in parts), what="compare")
    return checker.node(tree, _name(tree), type_, *parts)


def _stepped(checker: Checker, tree: ast.Call, known: Known) -> Node:
    """floor and ceil: to whole base units, or to whole steps: ``floor(gap, 百分点)``."""
    inner = checker.wanted_number(checker.visit(tree.args[0], known))
    step = Fraction(1)
    if len(tree.args) == 2:
        wanted = checker.visit(tree.args[1], known)
        step = _constant(wanted) or Fraction(0)
        if step <= 0:
            return checker.broken(tree.args[1], "the step is a positive constant, like 百分点 or 5 * 百分点")
        checker.common(tree, inner.type, wanted.type, what="count one in steps of the other:")
    return checker.node(tree, _name(tree), inner.type.given(), inner, value=step)


def _constant(node: Node) -> Fraction | None:
    """The value of a number, a unit, or a product of them."""
    if node.op == "number":
        return node.value
    if node.op == "*":
        left, right = (_constant(part) for part in node.parts)
        return None if left is None or right is None else left * right
    return None


def _rounding(checker: Checker, tree: ast.Call, known: Known) -> Node:
    inner = checker.wanted_number(checker.visit(tree.args[0], known))
    places, mode = tree.args[1:]
    if not (isinstance(places, ast.Constant) and type(places.value) is int and 0 <= places.value <= 9):
        return checker.broken(places, "how many decimals to round to is a whole number from 0 to 9")
    if not (isinstance(mode, ast.Name) and mode.id in ROUNDINGS):
        return checker.broken(mode, f"the rounding mode is one of {', '.join(ROUNDINGS)}")
    return checker.node(tree, "round", inner.type, inner, name=mode.id, value=Fraction(places.value))


def _banded(checker: Checker, tree: ast.Call, known: Known) -> Node:
    inner = checker.wanted_number(checker.visit(tree.args[0], known), or_else=("text",))
    table = tree.args[1]
    if not (isinstance(table, ast.Name) and table.id in checker.scope.bands):
        names = ", ".join(sorted(checker.scope.bands)) or "none"
        return checker.broken(table, f"the second argument of band() is a table of this rule; there are: {names}")
    band = checker.scope.bands[table.id]
    if (inner.type.kind == "text") != (band.kind == "choice"):
        return checker.broken(
            tree.args[0], f"{table.id} is a table of {'words' if band.kind == 'choice' else 'numbers'}, this is {inner.type}"
        )
    if band.kind == "choice":
        without = checker.words(inner) - set(band.words)
        if without:
            return checker.broken(tree.args[0], f"{table.id} has no row for {'、'.join(sorted(without))}")
    else:
        checker.common(tree.args[0], inner.type, number(band.input), what="look up in one table")
    return checker.node(tree, "band", number(band.output), inner, name=table.id)


def _missing(checker: Checker, tree: ast.Call, known: Known) -> Node:
    name = ast.unparse(tree.args[0])
    if name not in checker.scope.fields:
        return checker.broken(tree.args[0], "missing() asks about a field by its name")
    if not checker.scope.fields[name].missing:
        return checker.broken(tree.args[0], f"{name} is never missing: this test can't come true")
    if checker.scope.fields[name].formula:
        return checker.node(tree, "missing", TRUTH, checker.visit(tree.args[0], known | {name}), name=name)
    return checker.node(tree, "missing", TRUTH, name=name)


def _known(checker: Checker, tree: ast.Call, known: Known) -> Node:
    """Whether a value can be said: it is neither missing nor undetermined."""
    inner = checker.visit(tree.args[0], frozenset(checker.scope.fields))
    return checker.node(tree, "known", TRUTH, inner)


def _day(checker: Checker, tree: ast.Call, known: Known) -> Node:
    """``day("2023-12-20")``."""
    wanted = tree.args[0]
    try:
        day = date.fromisoformat(wanted.value) if isinstance(wanted, ast.Constant) and isinstance(wanted.value, str) else None
    except ValueError:
        day = None
    if day is None:
        return checker.broken(wanted, 'a day is written day("2023-12-20")')
    return checker.node(tree, "day", DAY, value=Fraction(day.toordinal() - EPOCH))


def _other_rows(result: Callable[[Type], Type]) -> Builder:
    def build(checker: Checker, tree: ast.Call, known: Known) -> Node:
        # What is known of this row's values says nothing of other rows'.
        inner = checker.wanted_number(checker.visit(tree.args[0], frozenset()))
        return checker.node(tree, _name(tree), result(inner.type), inner)

    return build


def _condition(checker: Checker, tree: ast.Call, known: Known) -> Node:
    inner = checker.wanted_truth(checker.visit(tree.args[0], frozenset()))
    return checker.node(tree, _name(tree), NUMBER, inner)


_same = _other_rows(lambda type_: type_.given())
_plain = _other_rows(lambda type_: NUMBER)
FUNCTIONS: dict[str, tuple[int, int, Builder]] = {
    "min": (2, 99, _alike),
    "max": (2, 99, _alike),
    "clip": (3, 3, _alike),
    "abs": (1, 1, _alike),
    "floor": (1, 2, _stepped),
    "ceil": (1, 2, _stepped),
    "round": (3, 3, _rounding),
    "band": (2, 2, _banded),
    "missing": (1, 1, _missing),
    "known": (1, 1, _known),
    "day": (1, 1, _day),
    "rank": (1, 1, _plain),
    "size": (1, 1, _plain),
    "share_of_best": (1, 1, _plain),
    "best": (1, 1, _same),
    "worst": (1, 1, _same),
    "total": (1, 1, _same),
    "last": (1, 1, _same),
    "previous": (1, 1, _same),
    "sum": (1, 1, _same),
    "mean": (1, 1, _same),
    "streak": (1, 1, _condition),
    "count": (1, 1, _condition),
}
