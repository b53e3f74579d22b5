"""A question as SMT-LIB, exactly as the plan reckons it, and z3's answer to such a text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Literal

from ..formula.build import Builder
from ..formula.plan import Op
from .joint import Joint, needed, symbol

__all__ = ["direct", "expression", "integer", "script", "solve", "tree", "variable"]


def integer(value: int) -> str:
    """A whole number in SMT-LIB."""
    return str(value) if value >= 0 else f"(- {-value})"


def tree(low: int, high: int, test: Callable[[int], str], leaf: Callable[[int], str]) -> str:
    """Nested choices over *low* … *high*: *test(n)* says whether the number is at least n."""
    if low == high:
        return leaf(low)
    middle = (low + high + 1) // 2
    above, under = tree(middle, high, test, leaf), tree(low, middle - 1, test, leaf)
    return above if above == under else f"(ite {test(middle)} {above} {under})"


def direct(joint: Joint, fixed: Mapping[str, int] | None = None) -> list[str]:
    """Declarations and assertions: every operation that *held* rests on, exactly, and the proven ranges of products and quotients, which
    follow from the plan. Variables may be *fixed*."""
    build, lines = joint.build, []
    names: dict[int, str] = {}
    for position in needed(build.ops, joint.held):
        op = build.ops[position]
        args = [names[arg] for arg in op.args]
        names[position] = f"v{position}"
        if op.op == "literal":
            names[position] = ("true" if op.value else "false") if op.truth else integer(op.value)
        elif op.op == "given":
            names[position] = symbol("given " + op.name)
            lines.append(f"(declare-const {names[position]} Bool)")
        elif not op.args:
            names[position] = symbol("in " + op.name)
            if op.name in (fixed or {}):
                lines.append(f"(define-fun {names[position]} () Int {integer((fixed or {})[op.name])})")
                continue
            lines += variable(names[position], "Int", op.low, op.high)
        else:
            lines.append(f"(define-fun v{position} () {'Bool' if op.truth else 'Int'} {expression(op, args, build)})")
            if op.op in ("*", "//") and not any(build.ops[arg].op == "literal" for arg in op.args):
                lines.append(f"(assert (<= {integer(op.low)} v{position} {integer(op.high)}))")
    return [*lines, *(f"(assert {names[position]})" for position in joint.held)]


def variable(name: str, sort: Literal["Int", "Real"], low: int, high: int) -> list[str]:
    """A variable and its range."""
    return [f"(declare-const {name} {sort})", f"(assert (<= {integer(low)} {name} {integer(high)}))"]


_SIGNS = {"+": "+", "-": "-", "*": "*", "//": "div", "<": "<", "<=": "<=", "==": "=", "and": "and", "or": "or", "not": "not", "case": "ite"}


def expression(op: Op, args: Sequence[str], build: Builder) -> str:
    """One operation over its arguments' texts."""
    if op.op in _SIGNS:
        return f"({_SIGNS[op.op]} {' '.join(args)})"
    table = build.tables[op.name]
    if op.op == "search":
        return tree(op.low, op.high, lambda n: f"(>= {args[0]} {integer(table[n - 1])})", integer)
    position = build.ops[op.args[0]]
    return tree(position.low, position.high, lambda n: f"(>= {args[0]} {n})", lambda n: integer(table[n]))


def script(lines: Iterable[str], comments: Iterable[str] = ()) -> str:
    """A whole SMT-LIB file."""
    return "\n".join([*(f"; {one}" for one in comments), "(set-logic ALL)", *lines, "(check-sat)", ""])


# -- the solver --------------------------------------------------------------------------------------------------


@cache
def _roomy() -> None:
    """Let glibc keep what is freed, which it does up to twice the largest piece that was freed before: each of z3's contexts takes eight
    megabytes, and most of its cost is to get them from the system once more."""
    bytes(2**24)


def solve(text: str, rlimit: int) -> tuple[Literal["sat", "unsat", "unknown"], dict[str, int], list[Fraction]]:
    """z3's answer within so much work, the values of whole and truth variables, and those of the ratios. The same text gives the same answer."""
    import z3  # type: ignore[import-untyped] # it has no stubs

    _roomy()
    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("rlimit", rlimit)
    solver.set("random_seed", 0)
    solver.from_string(text)
    answer = solver.check()
    if answer != z3.sat:
        return ("unsat" if answer == z3.unsat else "unknown"), {}, []
    model, values, ratios = solver.model(), {}, []
    for one in model.decls():
        value = model[one]
        if one.arity() or value is None:
            continue
        name = one.name()
        if z3.is_int_value(value):
            values[name] = value.as_long()
        elif z3.is_rational_value(value):
            ratios.append(Fraction(value.numerator_as_long(), value.denominator_as_long()))
        elif z3.is_true(value) or z3.is_false(value):
            values[name] = int(z3.is_true(value))
    return "sat", values, ratios
