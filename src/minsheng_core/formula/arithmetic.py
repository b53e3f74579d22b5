"""Exact values in a plan: a coefficient, a whole number and the factors below it, and the arithmetic that keeps them so until they
are rounded."""

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, floor, prod

from attrs import evolve, frozen

from ..errors import FormulaError
from ..field import Field
from ..quantity import Quantity, unit
from ..rounding import Rounding, round_places
from .build import Builder, common_measure
from .dated import Dated
from .plan import Column, Output

__all__ = ["Arithmetic", "Value", "column_of"]


@frozen(kw_only=True)
class Value:
    """A part of a formula in a plan: *coefficient* · *number* / product of *below*, in base units.

    *number*, *below*, *undetermined* and *missing* are operations; those of *below* are proven positive. A truth value is
    *number* alone, a word the position of it in *labels*. *low* and *high* bound the value on every row.
    """

    number: int
    coefficient: Fraction = Fraction(1)
    below: tuple[int, ...] = ()
    undetermined: int
    missing: int | None = None
    labels: tuple[str, ...] = ()
    truth: bool = False
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    def output(self, name: str, title: str = "", unit: str = "") -> Output:
        """This value as a result of the plan."""
        return Output(
            name=name, title=title, unit=unit, number=self.number, coefficient=self.coefficient, denominators=self.below,
            undetermined=self.undetermined, labels=self.labels, truth=self.truth,
        )  # fmt: skip


def column_of(declared: Field, name: str = "") -> Column:
    """The plan's column for a field (called *name* there). Raises FormulaError where the field declares no range."""
    called = name or declared.name
    if declared.kind == "text" and not declared.choices:
        raise FormulaError(f"{called} is free text; only a text field with choices can be scored")
    if declared.kind == "text":
        return Column(name=called, kind="text", title=declared.title, low=0, high=len(declared.choices) - 1, missing=declared.missing, choices=tuple(declared.choices))  # fmt: skip
    if declared.kind == "date":  # 1900-01-01 to 2999-12-31
        return Column(name=called, kind="date", title=declared.title, low=-25567, high=376199, missing=declared.missing)
    if declared.minimum is None or declared.maximum is None:
        raise FormulaError(f"{called} declares no minimum and maximum; without a range no step that uses it can be proved exact")
    scale = 10**declared.decimals
    if ceil(declared.minimum * scale) > floor(declared.maximum * scale):
        raise FormulaError(f"no number of {declared.decimals} decimals lies between the minimum and the maximum of {called}")
    return Column(
        name=called, title=declared.title, unit=declared.unit, decimals=declared.decimals, missing=declared.missing,
        low=ceil(declared.minimum * scale), high=floor(declared.maximum * scale),
    )  # fmt: skip


class Arithmetic:
    """Exact arithmetic on parts of a plan: every method takes values and gives one, adding operations to *build*.

    *group* is what functions over the group look at (``period`` or ``group``), *first_month* where a body's months begin.
    """

    GROUP = 10**8  # more rows than any one period has
    SMALL = 16  # a table of so many rows is compared row by row, a larger one searched

    def __init__(self, builder: Builder, *, group: str = "period", first_month: int = 1) -> None:
        self.build, self.group, self.first_month = builder, group, first_month
        self.never = builder.truth(False)
        self.usable = builder.both(*(builder.within(name) for name in builder.columns))

    # -- what comes in -------------------------------------------------------------------------------------

    def field(self, declared: Field, name: str = "") -> Value:
        """A field's column as a value."""
        column = self.build.columns[name or declared.name]
        absent = self.build.negate(self.build.given(column.name))
        scale = Fraction(1, 10**column.decimals) * (unit(declared.unit).scale if column.kind == "number" else 1)
        made = self.value(self.build.column(column.name), scale, undetermined=absent)
        return evolve(made, missing=absent, labels=column.choices)

    def constant(self, value: Fraction) -> Value:
        """A number that is known."""
        number = self.build.literal(1 if value else 0)
        return Value(number=number, coefficient=value or Fraction(1), undetermined=self.never, low=value, high=value)

    def parameter(self, value: Quantity | Dated) -> Value:
        """A parameter of a rule."""
        return self.dated(value) if isinstance(value, Dated) else self.constant(value.base)

    def dated(self, value: Dated) -> Value:
        """A parameter over time, by the plan's ``period`` column."""
        starts = [day.year * 12 + day.month - 1 for day, _ in value.values]  # the first period whose last day is not before it
        amounts = [quantity.base for _, quantity in value.values]
        scale = common_measure(amounts)
        position = self.build.search(self.build.column("period"), starts)
        number = self.build.lookup(position, [int(amounts[0] / scale), *(int(amount / scale) for amount in amounts)])
        return self.value(number, scale, undetermined=self.build.equal(position, self.build.literal(0)))

    def value(
        self, number: int, coefficient: Fraction = Fraction(1), below: Sequence[int] = (), *, undetermined: int,
        low: Fraction | None = None, high: Fraction | None = None,
    ) -> Value:  # fmt: skip
        """A number with the tightest bounds that its operations and the caller's proof give."""
        op, most, least = self.build.ops[number], self._high(below), self._low(below)
        ends = [coefficient * end / edge for end in (op.low, op.high) for edge in (least, most)]
        low = min(ends) if low is None else max(min(ends), low)
        high = max(ends) if high is None else min(max(ends), high)
        edges = sorted((low / coefficient, high / coefficient))
        self.build.narrow(number, floor(min(edges[0] * least, edges[0] * most)), ceil(max(edges[1] * least, edges[1] * most)))
        return Value(number=number, coefficient=coefficient, below=tuple(sorted(below)), undetermined=undetermined, low=low, high=high)

    def _low(self, below: Sequence[int]) -> int:
        return prod(self.build.ops[one].low for one in below)

    def _high(self, below: Sequence[int]) -> int:
        return prod(self.build.ops[one].high for one in below)

    def truth(self, number: int, undetermined: int) -> Value:
        """A truth value."""
        return Value(number=number, undetermined=undetermined, truth=True)

    def doubt(self, *values: Value) -> int:
        """Whether one of them is undetermined."""
        return self.build.either(*(value.undetermined for value in values))

    # -- arithmetic ----------------------------------------------------------------------------------------

    def together(self, x: Value, y: Value) -> tuple[Fraction, int, int, tuple[int, ...]]:
        """Both over one denominator and one positive coefficient: (coefficient, number of x, number of y, below)."""
        zero_x, zero_y = self._zero(x), self._zero(y)
        measure = common_measure([one.coefficient for one, zero in ((x, zero_x), (y, zero_y)) if not zero] or [Fraction(1)])
        below = Counter(() if zero_x else x.below) | Counter(() if zero_y else y.below)
        numbers = []
        for one, zero in ((x, zero_x), (y, zero_y)):
            number = self.build.scale(one.number, 0 if zero else int(one.coefficient / measure))
            numbers.append(number if zero else self.build.times(number, self.build.product((below - Counter(one.below)).elements())))
        return measure, numbers[0], numbers[1], tuple(below.elements())

    def _zero(self, value: Value) -> bool:
        op = self.build.ops[value.number]
        return op.op == "literal" and op.value == 0

    def plus(self, x: Value, y: Value) -> Value:
        """x + y."""
        measure, a, b, below = self.together(x, y)
        return self.value(self.build.plus(a, b), measure, below, undetermined=self.doubt(x, y), low=x.low + y.low, high=x.high + y.high)

    def minus(self, x: Value, y: Value) -> Value:
        """x − y."""
        measure, a, b, below = self.together(x, y)
        return self.value(self.build.minus(a, b), measure, below, undetermined=self.doubt(x, y), low=x.low - y.high, high=x.high - y.low)

    def negative(self, x: Value) -> Value:
        """−x."""
        return evolve(x, coefficient=-x.coefficient, low=-x.high, high=-x.low)

    def times(self, x: Value, y: Value) -> Value:
        """x · y; a number that is also a denominator of the other cancels."""
        below = Counter(x.below) + Counter(y.below)
        factors = []
        for one in (x, y):
            if below[one.number]:
                below[one.number] -= 1
            else:
                factors.append(one.number)
        ends = [i * j for i in (x.low, x.high) for j in (y.low, y.high)]
        number, left = self.build.product(factors), tuple((+below).elements())
        if self._zero(x) or self._zero(y):
            return evolve(self.constant(Fraction(0)), undetermined=self.doubt(x, y))
        return self.value(number, x.coefficient * y.coefficient, left, undetermined=self.doubt(x, y), low=min(ends), high=max(ends))

    def over(self, x: Value, y: Value) -> Value:
        """x / y; undetermined where y is 0."""
        build, op = self.build, self.build.ops[y.number]
        zero = build.equal(y.number, build.literal(0))
        sign, size = y.number, y.number
        if op.low < 0:  # the denominator is made positive, its sign goes to the numerator
            size = build.magnitude(y.number)
            sign = build.case(build.less(y.number, build.literal(0)), build.literal(-1), build.literal(1))
        if op.low <= 0:
            size = build.case(zero, build.literal(1), size, low=1, high=max(1, build.ops[size].high))
        flipped = self.value(
            build.times(build.product(y.below), sign if op.low < 0 else build.literal(1)), 1 / y.coefficient, (size,), undetermined=zero
        )
        doubt = build.either(x.undetermined, y.undetermined, zero)
        return evolve(self.times(x, flipped), undetermined=doubt)

    def power(self, x: Value, y: Value) -> Value:
        """A whole number to a whole power from 0 to 64, looked up."""
        base, whole = x.low, y.coefficient.denominator == 1 and not y.below
        if not whole or y.low < 0 or y.high > 64:
            raise FormulaError(
                "a power's exponent is a whole number proven to be from 0 to 64, like max(streak(…) - 1, 0)", self.build.offset
            )
        exponent = self.build.scale(y.number, int(y.coefficient))
        number = self.build.lookup(exponent, [int(base**n) for n in range(int(y.high) + 1)])
        return self.value(number, undetermined=self.doubt(x, y))

    def compare(self, op: str, x: Value, y: Value) -> Value:
        """A comparison of two numbers, or of two words."""
        build, doubt = self.build, self.doubt(x, y)
        if x.labels:
            same = [(i, j) for i, one in enumerate(x.labels) for j, other in enumerate(y.labels) if one == other]
            pairs = (build.both(build.equal(x.number, build.literal(i)), build.equal(y.number, build.literal(j))) for i, j in same)
            equal = build.either(*pairs)
            return self.truth(equal if op == "==" else build.negate(equal), doubt)
        _, a, b, _ = self.together(x, y)
        make: dict[str, Callable[[], int]] = {
            "<": lambda: build.less(a, b), "<=": lambda: build.at_most(a, b), ">": lambda: build.less(b, a), ">=": lambda: build.at_most(b, a),
            "==": lambda: build.equal(a, b), "!=": lambda: build.negate(build.equal(a, b)),
        }  # fmt: skip
        return self.truth(make[op](), doubt)

    def logic(self, op: str, parts: tuple[Value, ...]) -> Value:
        """From left to right up to the part that decides; what stands behind it may be undetermined."""
        build, doubt = self.build, self.never
        for part in reversed(parts):
            goes_on = part.number if op == "and" else build.negate(part.number)
            doubt = build.either(part.undetermined, build.both(goes_on, doubt))
        numbers = [part.number for part in parts]
        return self.truth(build.both(*numbers) if op == "and" else build.either(*numbers), doubt)

    def choose(self, test: Value, then: Value, other: Value) -> Value:
        """*then* where *test* holds, else *other*."""
        build = self.build
        doubt = build.either(test.undetermined, build.case(test.number, then.undetermined, other.undetermined))
        if then.truth or other.truth:
            numbers = [one.number if one.truth else build.truth(False) for one in (then, other)]
            return self.truth(build.case(test.number, *numbers), doubt)
        if then.labels or other.labels:
            labels = tuple(dict.fromkeys([*then.labels, *other.labels]))
            numbers = [
                self.pick(one.number, [labels.index(label) for label in one.labels]) if one.labels else build.literal(0)
                for one in (then, other)
            ]
            return Value(number=build.case(test.number, *numbers), undetermined=doubt, labels=labels)
        if (
            self._zero(then)
            or self._zero(other)
            or Counter(then.below) <= Counter(other.below)
            or Counter(other.below) <= Counter(then.below)
        ):
            measure, a, b, below = self.together(then, other)
        else:  # each keeps its own denominator: their product would only widen every step after this one
            measure = common_measure([then.coefficient, other.coefficient])
            a, b = (build.scale(one.number, int(one.coefficient / measure)) for one in (then, other))
            below = (build.case(test.number, build.product(then.below), build.product(other.below)),)
        low, high = min(then.low, other.low), max(then.high, other.high)
        return self.value(build.case(test.number, a, b), measure, below, undetermined=doubt, low=low, high=high)

    def largest(self, *parts: Value) -> Value:
        """The largest of them."""
        return self._extreme(parts, lambda a, b: self.compare("<", a, b), max)

    def smallest(self, *parts: Value) -> Value:
        """The smallest of them."""
        return self._extreme(parts, lambda a, b: self.compare(">", a, b), min)

    def _extreme(self, parts: Sequence[Value], yields: Callable[[Value, Value], Value], pick: Callable[..., Fraction]) -> Value:
        held, doubt = parts[0], self.doubt(*parts)
        for other in parts[1:]:
            low, high = pick(held.low, other.low), pick(held.high, other.high)
            held = self.choose(yields(held, other), other, held)
            held = self.value(held.number, held.coefficient, held.below, undetermined=doubt, low=low, high=high)
        return evolve(held, undetermined=doubt)

    def clip(self, x: Value, low: Value, high: Value) -> Value:
        """x, but at least *low* and at most *high*."""
        return self.largest(low, self.smallest(x, high))

    def magnitude(self, x: Value) -> Value:
        """abs(x)."""
        most, least = max(abs(x.low), abs(x.high)), Fraction(0) if x.low <= 0 <= x.high else min(abs(x.low), abs(x.high))
        number = self.build.magnitude(x.number)
        return self.value(number, abs(x.coefficient), x.below, undetermined=x.undetermined, low=least, high=most)

    def pick(self, position: int, numbers: Sequence[int]) -> int:
        """The number at that position: compared one by one where they are few, else looked up."""
        if tuple(numbers) == tuple(range(len(numbers))):
            return position
        if len(numbers) > self.SMALL:
            return self.build.lookup(position, numbers)
        held = self.build.literal(numbers[-1])
        for index in range(len(numbers) - 2, -1, -1):
            held = self.build.case(self.build.equal(position, self.build.literal(index)), self.build.literal(numbers[index]), held)
        return held

    # -- rounding ------------------------------------------------------------------------------------------

    def in_steps(self, x: Value, step: Fraction) -> tuple[int, int]:
        """x in units of *step* as (numerator, denominator > 0)."""
        factor = x.coefficient / step
        number = self.build.scale(x.number, factor.numerator)
        return number, self.build.scale(self.build.product(x.below), factor.denominator)

    def stepped(self, op: str, x: Value, step: Fraction) -> Value:
        number, below = self.in_steps(x if op == "floor" else self.negative(x), step)
        steps = self.build.floor(number, below)
        low, high = (step * {"floor": floor, "ceil": ceil}[op](end / step) for end in (x.low, x.high))
        return self.value(steps, step if op == "floor" else -step, undetermined=x.undetermined, low=low, high=high)

    def rounded(self, x: Value, places: int, mode: Rounding) -> Value:
        """x rounded to so many decimals, by integer division of magnitudes, the sign put back."""
        build, step = self.build, Fraction(1, 10**places)
        number, below = self.in_steps(x, step)
        low, high = (round_places(end, places, mode) for end in (x.low, x.high))
        most = int(round_places(max(abs(x.low), abs(x.high)), places, Rounding.UP) / step)
        steps = _divided(build, build.magnitude(number), below, mode, most)
        if build.ops[number].low < 0:
            steps = build.case(build.less(number, build.literal(0)), build.minus(build.literal(0), steps), steps)
        return self.value(steps, step, undetermined=x.undetermined, low=low, high=high)


def _divided(build: Builder, a: int, b: int, mode: Rounding, most: int) -> int:
    """a ÷ b for a ≥ 0, b > 0, rounded; *most* is proved to be no less than the quotient rounded up."""
    if build.ops[b].low == build.ops[b].high == 1 or mode is Rounding.DOWN:
        return build.narrow(build.over(a, b), 0, most)
    if mode is Rounding.UP:
        return build.narrow(build.ceiling_of_positive(a, b), 0, most)
    doubled, twice = build.plus(build.scale(a, 2), b), build.scale(b, 2)
    nearest = build.narrow(build.over(doubled, twice), 0, most)
    if mode is Rounding.HALF_UP:
        return nearest
    back = build.narrow(build.times(nearest, twice), 0, build.ops[doubled].high)
    half = build.scale(build.over(nearest, build.literal(2)), 2)
    tie_to_odd = build.both(build.equal(back, doubled), build.less(half, nearest))
    return build.case(tie_to_odd, half, nearest)
