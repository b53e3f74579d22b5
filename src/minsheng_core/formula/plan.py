"""The plan: rules as integer operations with proven ranges. Every reading runs this one thing: Python, columns, SQL, audit.

A plan holds no fraction and no unit: a figure with two decimals comes in as hundredths, a ratio is a numerator and
its denominators until the rule rounds it. Each operation has an interval that its value never leaves, on any row.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from attrs import field, frozen

__all__ = ["LIMIT", "READS", "RUNNING", "WINDOWS", "Column", "Op", "Output", "Plan", "Reason"]

VERSION = 1
# An exact quotient of numbers up to here still fits DECIMAL(38,0) on Spark, whose division keeps six decimals.
LIMIT = 10**32
INT64 = 2**63 - 1
# Operations that look at other rows. Over a body's rows of the year, in order of period: running_sum(x), running_max(x),
# lag(x) (the row before; the op's `value` where there is none). Over the rows of one period (name "period"), or of one
# group in it (name "group"): group_sum(x), group_max(x), and, with 1 where `valid` is false, group_rank(x, valid):
# 1 + how many valid rows have more; group_dense(x, valid): 1 + how many different values of valid rows are more.
READS = frozenset({"column", "given", "within"})  # operations on a column of the row itself
RUNNING = frozenset({"running_sum", "running_max", "lag"})
WINDOWS = RUNNING | frozenset({"group_sum", "group_max", "group_rank", "group_dense"})
# … and those that don't: column given within literal + - * // < <= == and or not case search lookup


@frozen(kw_only=True)
class Column:
    """An input: a whole number of 10^-*decimals* *unit*, from *low* to *high*, both included.

    A text column holds the index of its word in *choices*, a date column days since 1970-01-01. *missing* says whether
    null is an answer; where it is not, null means that nothing was filed. Two columns every table has or gets:
    ``period`` (year · 12 + month − 1) and ``copies`` (how many rows have this body and period: 1).
    """

    name: str
    kind: Literal["number", "text", "date"] = "number"
    title: str = ""
    unit: str = ""
    decimals: int = 0
    low: int = 0
    high: int
    missing: bool = False
    choices: tuple[str, ...] = ()


@frozen
class Op:
    """One operation on the results of earlier ones (*args*: their positions), with the interval [*low*, *high*] of its value.

    ``column``: the column *name*, or its low end where the row has none or one outside its range, so that every
    operation has a value on every row; ``given`` and ``within`` say which. ``//`` divides a ≥ 0 by b > 0 and drops the
    rest. ``case`` is (test, then, else). ``search`` gives how many numbers of the table *name* are ≤ x, ``lookup`` the
    number at that position. A *truth* is an operation of [0, 1].
    """

    op: str
    args: tuple[int, ...] = ()
    name: str = ""
    value: int = 0
    low: int = 0
    high: int = 1
    truth: bool = False

    @property
    def width(self) -> Literal[1, 64, 128]:
        """How many bits its value needs."""
        if self.truth:
            return 1
        return 64 if self.low >= -INT64 and self.high <= INT64 else 128


@frozen(kw_only=True)
class Output:
    """A result: *coefficient* · *number* / product of *denominators*, or a truth value, or a word of *labels* by its number.

    *undetermined* is the operation that is true where there is no result. *number* and the others are positions in the
    plan's operations.
    """

    name: str
    title: str = ""
    unit: str = ""
    number: int
    coefficient: Fraction = Fraction(1)
    denominators: tuple[int, ...] = ()
    undetermined: int
    labels: tuple[str, ...] = ()
    truth: bool = False

    @property
    def positions(self) -> tuple[int, ...]:
        """The operations it is read from."""
        return (self.number, self.undetermined, *self.denominators)

    def value(self, results: Sequence[int]) -> Fraction | bool | str | None:
        """The exact value for one row's *results*, in base units."""
        if results[self.undetermined]:
            return None
        number = results[self.number]
        if self.labels:
            return self.labels[number]
        if self.truth:
            return bool(number)
        below = 1
        for position in self.denominators:
            below *= results[position]
        return self.coefficient * Fraction(number, below)


State = Literal["refused", "not_filed", "undetermined"]


@frozen
class Reason:
    """Why a row has no marks, where the truth operation at *test* holds: its *state* and the *words* for it.

    ``refused``: a value outside its declared range; ``not_filed``: a required value is null; ``undetermined``: the rule
    gives no answer.
    """

    test: int
    state: State
    words: str


@frozen(kw_only=True)
class Plan:
    """Inputs, operations in order, results.

    *reasons* are why a row has no marks, in the order in which it is to be told: the first that is true counts.
    """

    title: str = ""
    columns: tuple[Column, ...] = ()
    tables: Mapping[str, tuple[int, ...]] = field(factory=dict)
    ops: tuple[Op, ...] = ()
    outputs: tuple[Output, ...] = ()
    reasons: tuple[Reason, ...] = ()

    def output(self, name: str) -> Output:
        """The output of that name. Raises KeyError."""
        for one in self.outputs:
            if one.name == name:
                return one
        raise KeyError(name)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything that decides a result, as 64 hexadecimal digits."""
        parts = (VERSION, self.columns, sorted(self.tables.items()), self.ops, self.outputs, self.reasons)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def reason(self, results: Sequence[int]) -> str:
        """Why the row with those *results* has no marks: the first reason that holds; empty where none does."""
        return next((reason.words for reason in self.reasons if results[reason.test]), "")

    def needed(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Those operations and all that they rest on, in order."""
        wanted: set[int] = set()
        waiting = list(positions)
        while waiting:
            position = waiting.pop()
            if position not in wanted:
                wanted.add(position)
                waiting += self.ops[position].args
        return tuple(sorted(wanted))

    def resting(self, columns: Iterable[str]) -> tuple[int, ...]:
        """The operations that read those columns and all that rest on them, in order."""
        names = frozenset(columns)
        found: set[int] = set()
        for position, op in enumerate(self.ops):
            if (op.op in READS and op.name in names) or not found.isdisjoint(op.args):
                found.add(position)
        return tuple(sorted(found))

    def stages(self) -> tuple[int, ...]:
        """For each operation, how many windows must have been reckoned before it can be."""
        stages: list[int] = []
        for op in self.ops:
            before = max((stages[arg] + (self.ops[arg].op in WINDOWS) for arg in op.args), default=0)
            stages.append(before)
        return tuple(stages)

    @property
    def windows(self) -> tuple[Op, ...]:
        """The operations that look at other rows."""
        return tuple(op for op in self.ops if op.op in WINDOWS)
