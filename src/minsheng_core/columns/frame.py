"""The columnar reading: a plan's operations as polars expressions over the rows of one period."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..formula.build import assume, only
from ..formula.plan import RUNNING, WINDOWS, Op, Output, Plan
from .windows import carried, dtype_of, over_group

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Program", "program"]

DEEPEST = 60  # an expression nested deeper becomes a column
BLOCK = 131_072  # rows: the temporaries of a block stay in the processor's cache


@frozen(kw_only=True)
class Program:
    """A plan made ready for frames in which the columns *clean* are given and in range on every row."""

    plan: Plan
    layers: "Sequence[Sequence[tuple[int, pl.Expr]]]"  # expressions by position, each layer resting on those before
    windows: Sequence[Sequence[int]]  # the windows to be reckoned after each layer

    def run(self, frame: "pl.DataFrame", state: "pl.DataFrame | None") -> "tuple[pl.DataFrame, pl.DataFrame | None]":
        """*frame* with a column ``#n`` for each operation that was kept, and the state for the next period.

        *frame* has the columns that the program reads (``v`` the number, ``g`` given and ``w`` within before the name where they
        are not clean), ``#body`` and ``#group``. *state* has a row for each body seen before.
        """
        import polars as pl

        states = None if not self.running else carried(self.plan, self.running, frame, state)
        if states is not None:
            frame = states.before
        for layer, windows in zip(self.layers, self.windows, strict=True):
            if layer:
                expressions = [expression.alias(f"#{position}") for position, expression in layer]
                blocks = [block.hstack(_whole(block.select(expressions), block.height)) for block in frame.iter_slices(BLOCK)]
                frame = pl.concat(blocks) if len(blocks) > 1 else blocks[0] if blocks else frame.with_columns(expressions)
            for position in windows:
                op = self.plan.ops[position]
                found = states.window(op, frame) if states is not None and op.op in RUNNING else over_group(op, frame)
                frame = frame.with_columns(found.alias(f"#{position}"))
        return frame, None if states is None else states.after(frame)

    @property
    def running(self) -> list[int]:
        """The windows over a body's months."""
        return [position for position, op in enumerate(self.plan.ops) if op.op in RUNNING]


def _whole(made: "pl.DataFrame", height: int) -> "list[pl.Series]":
    """The columns written out: polars keeps one of equal values as that value, and some of its operations then see one row."""
    return [one if len(one) == height else one.new_from_index(0, height) for one in made.get_columns()]


def program(plan: Plan, outputs: Sequence[Output], clean: frozenset[str], absent: frozenset[str]) -> Program:
    """The program for those outputs and the plan's reasons, for frames where *clean* columns need no guard and *absent* ones
    hold nothing."""
    lean = only(assume(plan, clean, absent), [one.name for one in outputs], carrying=True)
    kept = {position for one in lean.outputs for position in one.positions} | {reason.test for reason in lean.reasons}
    uses = Counter(arg for op in lean.ops for arg in op.args)
    depths: list[int] = []
    for op in lean.ops:
        depth = 1 + max((depths[arg] for arg in op.args), default=0)
        depths.append(0 if depth > DEEPEST else depth)
    windowed = {arg for op in lean.ops if op.op in WINDOWS for arg in op.args}
    named = {
        position
        for position, op in enumerate(lean.ops)
        if op.op in WINDOWS or position in kept or position in windowed or (op.args and (uses[position] > 1 or not depths[position]))
    }
    layer_of: list[int] = []
    for op in lean.ops:
        below = [layer_of[arg] + (arg in named and bool(lean.ops[arg].args)) for arg in op.args]
        layer_of.append(max(below, default=0))
    expressions: list[Any] = []
    for op in lean.ops:
        args = [_column(arg) if arg in named and lean.ops[arg].args else expressions[arg] for arg in op.args]
        expressions.append(None if op.op in WINDOWS else _expression(lean, op, args))
    depth = max(layer_of, default=0) + 1
    layers = [[(p, expressions[p]) for p in sorted(named) if layer_of[p] == k and lean.ops[p].op not in WINDOWS] for k in range(depth)]
    windows = [[p for p in sorted(named) if layer_of[p] == k and lean.ops[p].op in WINDOWS] for k in range(depth)]
    return Program(plan=lean, layers=layers, windows=windows)


def _column(position: int) -> "pl.Expr":
    import polars as pl

    return pl.col(f"#{position}")


def _expression(plan: Plan, op: Op, args: "Sequence[pl.Expr]") -> "pl.Expr":
    """One operation over the expressions of its arguments."""
    import polars as pl

    match op.op:
        case "literal":
            return pl.lit(bool(op.value)) if op.truth else pl.lit(op.value, dtype=dtype_of(op))
        case "column":
            return pl.col(f"v{op.name}")
        case "given":
            return pl.col(f"g{op.name}")
        case "within":
            return pl.col(f"w{op.name}")
        case "not":
            return ~args[0]
        case "case":
            then, other = (args[1], args[2]) if op.truth else (_as(plan, op, op.args[1], args[1]), _as(plan, op, op.args[2], args[2]))
            return pl.when(args[0]).then(then).otherwise(other)
        case "search":
            x = plan.ops[op.args[0]]
            reached = [max(one, x.low) for one in plan.tables[op.name] if one <= x.high]  # others may be too long for its type
            table = pl.Series(reached, dtype=dtype_of(x))
            return pl.lit(table).search_sorted(args[0], side="right").cast(pl.Int64)
        case "lookup":
            reached = [one if op.low <= one <= op.high else op.low for one in plan.tables[op.name]]
            return pl.lit(pl.Series(reached, dtype=dtype_of(op))).gather(args[0].cast(pl.UInt32))
    wide = any(plan.ops[arg].width == 128 for arg in op.args) or op.width == 128
    if wide:
        args = [arg if plan.ops[position].width == 128 else arg.cast(pl.Int128) for position, arg in zip(op.args, args, strict=True)]
    if op.op in _TURNED and plan.ops[op.args[0]].op == "literal":
        # with the constant first, polars compares one row where the other side came out the same on all of them
        turned: pl.Expr = _TURNED[op.op](args[1], args[0])
        return turned
    made = reduce(_OPERATIONS[op.op], args)
    return made.cast(pl.Int64) if wide and op.width == 64 else made


def _as(plan: Plan, op: Op, position: int, expression: "pl.Expr") -> "pl.Expr":
    same = plan.ops[position].width == op.width
    return expression if same else expression.cast(dtype_of(op))


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "//": lambda a, b: a // b,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b, "and": lambda a, b: a & b, "or": lambda a, b: a | b,
}  # fmt: skip
_TURNED: Mapping[str, Callable[[Any, Any], Any]] = {"<": lambda a, b: a > b, "<=": lambda a, b: a >= b, "==": lambda a, b: a == b}
