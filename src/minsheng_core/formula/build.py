"""Building a plan: each operation once (hash-consed), folded where its value is known, with its proven interval."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import gcd, lcm

from attrs import evolve

from ..errors import FormulaError
from .plan import LIMIT, RUNNING, Column, Op, Output, Plan

__all__ = ["Builder", "assume", "common_measure", "only", "renew"]


class Builder:
    """Adds operations to a plan; every method gives the position of the operation that holds the result.

    *step* and *offset* say what is being built and where it stands, for the FormulaError where a value could leave the
    range that every engine holds exactly.
    """

    def __init__(self, columns: Iterable[Column] = (), tables: Mapping[str, tuple[int, ...]] | None = None) -> None:
        self.ops: list[Op] = []
        self.tables = dict(tables or {})
        self.columns = {column.name: column for column in columns}
        self.step, self.offset = "", 0
        self._known: dict[tuple[object, ...], int] = {}

    @classmethod
    def extending(cls, plan: Plan) -> "Builder":
        """A builder that adds to the operations of *plan*, whose positions stay."""
        builder = cls(plan.columns, plan.tables)
        builder.ops = list(plan.ops)
        for position, op in enumerate(plan.ops):
            builder._known.setdefault((op.op, op.args, op.name, op.value, op.truth), position)
        return builder

    def copy(self) -> "Builder":
        """Another that goes on from what there is."""
        builder = Builder(self.columns.values(), self.tables)
        builder.ops, builder._known = list(self.ops), dict(self._known)
        return builder

    def add(self, op: Op) -> int:
        """That operation; one that is there already is used again, with what is known of its interval from both."""
        if op.low > op.high:
            raise AssertionError(f"an empty interval in {self.step}: {op}")
        if not -LIMIT <= op.low <= op.high <= LIMIT:
            most = max(abs(op.low), abs(op.high))
            raise FormulaError(
                f"{self.step or 'a step'} could reach about 10^{len(str(most)) - 1}, and every engine is exact only up to 10^32: "
                "declare narrower ranges or fewer decimals of its fields, round(…) a ratio before it is used further, or round each item of a sheet before they are added",
                self.offset,
            )
        key = (op.op, op.args, op.name, op.value, op.truth)
        position = self._known.setdefault(key, len(self.ops))
        if position == len(self.ops):
            self.ops.append(op)
        return self.narrow(position, op.low, op.high)

    # -- leaves --------------------------------------------------------------------------------------------

    def literal(self, value: int) -> int:
        """A whole number."""
        return self.add(Op("literal", value=value, low=value, high=value))

    def truth(self, value: bool) -> int:
        """True or false."""
        return self.add(Op("literal", value=int(value), low=int(value), high=int(value), truth=True))

    def column(self, name: str) -> int:
        """The column, which stands at its low end where there is no usable value."""
        column = self.columns[name]
        if column.low == column.high and not column.missing:
            return self.literal(column.low)
        return self.add(Op("column", name=name, low=column.low, high=column.high))

    def given(self, name: str) -> int:
        """Whether the row has a value for that column."""
        return self.add(Op("given", name=name, truth=True))

    def within(self, name: str) -> int:
        """Whether the column's value, where given, is in its declared range."""
        return self.add(Op("within", name=name, truth=True))

    # -- arithmetic ----------------------------------------------------------------------------------------

    def plus(self, a: int, b: int) -> int:
        """a + b."""
        x, y = self.ops[a], self.ops[b]
        if (value := self._constant("+", a, b)) is not None:
            return value
        if x.low == x.high == 0:
            return b
        if y.low == y.high == 0:
            return a
        return self.add(Op("+", (a, b) if a <= b else (b, a), low=x.low + y.low, high=x.high + y.high))

    def minus(self, a: int, b: int) -> int:
        """a − b."""
        x, y = self.ops[a], self.ops[b]
        if a == b:
            return self.literal(0)
        if y.low == y.high == 0:
            return a
        if (value := self._constant("-", a, b)) is not None:
            return value
        return self.add(Op("-", (a, b), low=x.low - y.high, high=x.high - y.low))

    def times(self, a: int, b: int) -> int:
        """a · b."""
        if (value := self._constant("*", a, b)) is not None:
            return value
        for one, other in ((a, b), (b, a)):
            if self.ops[one].op == "literal":
                if self.ops[one].value in (0, 1):
                    return self.literal(0) if self.ops[one].value == 0 else other
                inner = self.ops[other]
                for constant, rest in (inner.args, inner.args[::-1]) if inner.op == "*" else ():
                    if self.ops[constant].op == "literal":  # one factor instead of two
                        return self.times(rest, self.literal(self.ops[one].value * self.ops[constant].value))
        x, y = self.ops[a], self.ops[b]
        ends = [i * j for i, j in product((x.low, x.high), (y.low, y.high))]
        low = max(0, min(ends)) if a == b else min(ends)
        return self.add(Op("*", (a, b) if a <= b else (b, a), low=low, high=max(ends)))

    def scale(self, a: int, factor: int) -> int:
        """a · factor."""
        return self.times(a, self.literal(factor))

    def over(self, a: int, b: int) -> int:
        """a ÷ b with the rest dropped; a ≥ 0 and b > 0 are proven by their intervals."""
        x, y = self.ops[a], self.ops[b]
        assert x.low >= 0 and y.low > 0, f"{x} over {y}"  # noqa: PT018
        if y.low == y.high == 1:
            return a
        if (value := self._constant("//", a, b)) is not None:
            return value
        return self.add(Op("//", (a, b), low=x.low // y.high, high=x.high // y.low))

    def floor(self, a: int, b: int) -> int:
        """a ÷ b rounded down, for any a and b > 0."""
        x = self.ops[a]
        if x.low >= 0:
            return self.over(a, b)
        # −⌈−a / b⌉ for negative a; either branch has a usable operand on every row.
        negative = self.minus(self.literal(0), self.ceiling_of_positive(self._clamp(self.minus(self.literal(0), a)), b))
        if x.high <= 0:
            return negative
        return self.case(self.less(a, self.literal(0)), negative, self.over(self._clamp(a), b))

    def ceiling_of_positive(self, a: int, b: int) -> int:
        """a ÷ b rounded up, for a ≥ 0 and b > 0."""
        return self.over(self.plus(a, self.minus(b, self.literal(1))), b)

    def _clamp(self, a: int) -> int:
        """max(a, 0)."""
        if self.ops[a].low >= 0:
            return a
        return self.largest(a, self.literal(0))

    def largest(self, a: int, b: int) -> int:
        """max(a, b)."""
        x, y = self.ops[a], self.ops[b]
        return self.case(self.less(a, b), b, a, low=max(x.low, y.low), high=max(x.high, y.high))

    def smallest(self, a: int, b: int) -> int:
        """min(a, b)."""
        x, y = self.ops[a], self.ops[b]
        return self.case(self.less(b, a), b, a, low=min(x.low, y.low), high=min(x.high, y.high))

    def magnitude(self, a: int) -> int:
        """abs(a)."""
        x = self.ops[a]
        if x.low >= 0:
            return a
        negative = self.minus(self.literal(0), a)
        if x.high <= 0:
            return negative
        return self.case(self.less(a, self.literal(0)), negative, a, low=0, high=max(-x.low, x.high))

    def product(self, factors: Iterable[int]) -> int:
        """All of them multiplied; 1 where there are none."""
        total = self.literal(1)
        for factor in factors:
            total = self.times(total, factor)
        return total

    def _constant(self, op: str, a: int, b: int) -> int | None:
        x, y = self.ops[a], self.ops[b]
        if x.op != "literal" or y.op != "literal":
            return None
        reckon = {"+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv}
        return self.literal(reckon[op](x.value, y.value))

    # -- truth ---------------------------------------------------------------------------------------------

    def less(self, a: int, b: int) -> int:
        """a < b."""
        x, y = self.ops[a], self.ops[b]
        if x.high < y.low or x.low >= y.high or a == b:
            return self.truth(x.high < y.low)
        return self.add(Op("<", (a, b), truth=True))

    def at_most(self, a: int, b: int) -> int:
        """a ≤ b."""
        x, y = self.ops[a], self.ops[b]
        if x.high <= y.low or x.low > y.high or a == b:
            return self.truth(x.high <= y.low or a == b)
        return self.add(Op("<=", (a, b), truth=True))

    def equal(self, a: int, b: int) -> int:
        """a = b."""
        x, y = self.ops[a], self.ops[b]
        if a == b or x.low == x.high == y.low == y.high:
            return self.truth(True)
        if x.high < y.low or y.high < x.low:
            return self.truth(False)
        return self.add(Op("==", (a, b) if a <= b else (b, a), truth=True))

    def negate(self, a: int) -> int:
        """not a."""
        op = self.ops[a]
        if op.op == "literal":
            return self.truth(not op.value)
        return op.args[0] if op.op == "not" else self.add(Op("not", (a,), truth=True))

    def both(self, *truths: int) -> int:
        """Whether all of them hold."""
        return self._logic("and", truths, 0)

    def either(self, *truths: int) -> int:
        """Whether one of them holds."""
        return self._logic("or", truths, 1)

    def _logic(self, op: str, truths: Sequence[int], decisive: int) -> int:
        rest: list[int] = []
        for one in truths:
            if self.ops[one].op == "literal":
                if self.ops[one].value == decisive:
                    return self.truth(bool(decisive))
            elif self._opposite(one) in rest:
                return self.truth(bool(decisive))
            elif one not in rest:
                rest.append(one)
        if not rest:
            return self.truth(not decisive)
        held = rest[0]
        for one in rest[1:]:
            held = self.add(Op(op, (held, one), truth=True))
        return held

    def _opposite(self, a: int) -> int | None:
        """The negation of *a*, where the plan has it."""
        op = self.ops[a]
        return op.args[0] if op.op == "not" else self._known.get(("not", (a,), "", 0, True))

    def under(self, a: int, test: int, holds: bool) -> int:
        """The truth value *a* where it is known whether *test* holds."""
        op = self.ops[a]
        if a == test:
            return self.truth(holds)
        if op.op == "not":
            return self.negate(self.under(op.args[0], test, holds))
        if op.op in ("and", "or"):
            return (self.both if op.op == "and" else self.either)(*(self.under(arg, test, holds) for arg in op.args))
        return a

    def case(self, test: int, then: int, other: int, *, low: int | None = None, high: int | None = None) -> int:
        """*then* where *test* holds, else *other*. [*low*, *high*] is a narrower interval that the caller has proved."""
        if self.ops[test].op == "literal":
            return then if self.ops[test].value else other
        if then == other:
            return then
        if self.ops[then].truth:
            then, other = self.under(then, test, True), self.under(other, test, False)
            if then == other:
                return then
        x, y = self.ops[then], self.ops[other]
        if x.truth:
            if x.op == y.op == "literal":
                return test if x.value else self.negate(test)
            if x.op == "literal":
                return self.either(test, other) if x.value else self.both(self.negate(test), other)
            if y.op == "literal":
                return self.either(self.negate(test), then) if y.value else self.both(test, then)
            return self.add(Op("case", (test, then, other), truth=True))
        least, most = min(x.low, y.low), max(x.high, y.high)
        least, most = max(least, least if low is None else low), min(most, most if high is None else high)
        return self.add(Op("case", (test, then, other), low=least, high=most))

    # -- tables and windows --------------------------------------------------------------------------------

    def search(self, x: int, numbers: Sequence[int]) -> int:
        """How many of the rising *numbers* are ≤ x."""
        op = self.ops[x]
        low, high = sum(one <= op.low for one in numbers), sum(one <= op.high for one in numbers)
        if low == high:
            return self.literal(low)
        return self.add(Op("search", (x,), name=self._table(numbers), low=low, high=high))

    def lookup(self, position: int, numbers: Sequence[int]) -> int:
        """The number at that position of the table."""
        op = self.ops[position]
        reached = numbers[op.low : op.high + 1]
        if min(reached) == max(reached):
            return self.literal(reached[0])
        return self.add(Op("lookup", (position,), name=self._table(numbers), low=min(reached), high=max(reached)))

    def _table(self, numbers: Sequence[int]) -> str:
        for name, known in self.tables.items():
            if known == tuple(numbers):
                return name
        name = f"b{len(self.tables)}"
        self.tables[name] = tuple(numbers)
        return name

    def window(self, op: str, *args: int, low: int, high: int, name: str = "", value: int = 0) -> int:
        """One of `plan.WINDOWS`, with the interval of its result. One over a body's months is named for what is carried along."""
        name = name or f"{op}.{args[0]}.{value}"
        return self.add(Op(op, args, name=name, value=value, low=low, high=high))

    # -- narrowing -----------------------------------------------------------------------------------------

    def narrow(self, a: int, low: int, high: int) -> int:
        """The same operation, with what the caller has proved of its value as well."""
        op = self.ops[a]
        if low > op.low or high < op.high:
            self.ops[a] = evolve(op, low=max(op.low, low), high=min(op.high, high))
        return a


def common_measure(values: Sequence[Fraction]) -> Fraction:
    """The largest positive number that all of *values* are whole multiples of; 1 where all are 0."""
    return Fraction(gcd(*(value.numerator for value in values)), lcm(*(value.denominator for value in values))) or Fraction(1)


def renew(builder: Builder, op: Op, args: tuple[int, ...], plan: Plan) -> int:
    """*op* once more on other arguments, folded where that has become possible; its proven interval stays."""
    make: dict[str, Callable[..., int]] = {
        "+": builder.plus, "-": builder.minus, "*": builder.times, "//": builder.over, "<": builder.less, "<=": builder.at_most,
        "==": builder.equal, "and": builder.both, "or": builder.either, "not": builder.negate, "case": builder.case,
    }  # fmt: skip
    if op.op in make:
        made = make[op.op](*args)
    elif op.op in ("search", "lookup"):
        made = getattr(builder, op.op)(*args, plan.tables[op.name])
    else:
        made = builder.add(Op(op.op, args, name=op.name, value=op.value, low=op.low, high=op.high, truth=op.truth))
    return made if op.truth else builder.narrow(made, op.low, op.high)


def assume(plan: Plan, clean: Iterable[str] = (), absent: Iterable[str] = (), known: Mapping[int, tuple[int, int]] | None = None) -> Plan:
    """The same plan for rows on which the columns *clean* are known to be given and in their range, those *absent* are known not
    to be given, and the operations *known* (by position) lie in that interval."""
    given, nothing, spans = frozenset(clean), frozenset(absent), known or {}
    builder = Builder(plan.columns, plan.tables)
    moved: list[int] = []
    for position, op in enumerate(plan.ops):
        low, high = spans.get(position, (op.low, op.high))
        if low == high:
            moved.append(builder.truth(bool(low)) if op.truth else builder.literal(low))
        elif op.op in ("given", "within") and op.name in given:
            moved.append(builder.truth(True))
        elif op.name in nothing and op.op in ("given", "within", "column"):
            moved.append(builder.literal(op.low) if op.op == "column" else builder.truth(op.op == "within"))
        else:
            moved.append(renew(builder, op, tuple(moved[arg] for arg in op.args), plan))
        if position in spans and not op.truth:
            builder.narrow(moved[-1], low, high)
    return _moved(plan, builder, moved)


def only(plan: Plan, names: Iterable[str] | None = None, *, carrying: bool = False) -> Plan:
    """The plan with the outputs *names* alone (all where None), and nothing that they don't rest on; but where it is *carrying*
    a body's months along, with every window over them, so that what is carried is the same in each month."""
    outputs = plan.outputs if names is None else tuple(plan.output(name) for name in names)
    wanted = [*(position for one in outputs for position in one.positions), *(reason.test for reason in plan.reasons)]
    keep = plan.needed([*wanted, *(position for position, op in enumerate(plan.ops) if carrying and op.op in RUNNING)])
    builder = Builder(plan.columns, plan.tables)
    moved = dict.fromkeys(range(len(plan.ops)), 0)
    for position in keep:
        op = plan.ops[position]
        moved[position] = builder.add(evolve(op, args=tuple(moved[arg] for arg in op.args)))
    return _moved(plan, builder, moved, outputs)


def _moved(plan: Plan, builder: Builder, moved: Sequence[int] | dict[int, int], outputs: tuple[Output, ...] | None = None) -> Plan:
    return evolve(
        plan,
        ops=tuple(builder.ops),
        tables={name: numbers for name, numbers in builder.tables.items() if any(op.name == name for op in builder.ops)},
        outputs=tuple(
            evolve(one, number=moved[one.number], undetermined=moved[one.undetermined], denominators=tuple(moved[d] for d in one.denominators))
            for one in (plan.outputs if outputs is None else outputs)
        ),
        reasons=tuple(evolve(reason, test=moved[reason.test]) for reason in plan.reasons),
    )  # fmt: skip
