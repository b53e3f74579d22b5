"""A table scored period by period: sound rows through the plan's program, the others refused; results as typed columns."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..errors import MinshengError
from ..formula.plan import INT64, READS, Column, Output, Plan
from .cells import KEY_FAULTS, Cells, check_columns, read_cells
from .frame import Program, program

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Scoring"]


class Scoring:
    """A plan ready for one table: its programs by which columns are clean, and the state of the running windows."""

    def __init__(self, plan: Plan, outputs: Iterable[str] | None, schema: Mapping[str, Any]) -> None:
        names = [one.name for one in plan.outputs if "." not in one.name] if outputs is None else list(outputs)
        unknown = [name for name in names if name not in {one.name for one in plan.outputs}]
        if unknown:
            raise MinshengError(f"the plan gives no {unknown[0]!r}; it gives {', '.join(one.name for one in plan.outputs)}")
        self.plan, self.outputs = plan, [plan.output(name) for name in names]
        # the same types in every period, whatever its cells let us prove
        self.wide = {one.name: max(-plan.ops[one.number].low, plan.ops[one.number].high) for one in self.outputs}
        self.grouped = any(op.name == "group" for op in plan.ops)
        check_columns(plan, schema, grouped=self.grouped)
        self.schema = schema
        self.state: Any = None
        self.codes: dict[str, int] = {}
        self.program: Callable[..., Program] = lru_cache(maxsize=None)(lambda clean, absent: program(plan, self.outputs, clean, absent))

    def empty(self) -> "pl.DataFrame":
        """No rows, in the shape of the result."""
        import polars as pl

        return self.score(pl.DataFrame(schema=dict(self.schema)), None)

    def score(self, frame: "pl.DataFrame", period: int | None) -> "pl.DataFrame":
        """The result for the rows of one period, in their order. Rows that don't say whose they are, or are there twice, are
        refused before anything is reckoned: no rank and no sum sees them."""
        import polars as pl

        faults = self._faults(frame, period)
        keys = pl.DataFrame([frame.get_column(name) for name in ("body", "period", "group") if name in frame.columns])
        if not faults:
            return keys.hstack(self._results(frame, period))
        reason = pl.coalesce(pl.when(pl.lit(where)).then(pl.lit(KEY_FAULTS[name])) for name, where in faults.items())
        told = frame.select(reason.alias("reason"), pl.int_range(pl.len()).alias("#row"))
        sound = told.get_column("reason").is_null()
        made = self._results(frame.filter(sound), period).hstack(told.filter(sound).select("#row"))
        refused = told.filter(~sound).with_columns(pl.lit("refused").alias("state"))
        return keys.hstack(pl.concat([made, refused], how="diagonal_relaxed").sort("#row").drop("#row"))

    def _faults(self, frame: "pl.DataFrame", period: int | None) -> "dict[str, pl.Series]":
        """Which rows can't be scored whatever their figures, by the key of `cells.KEY_FAULTS`; only what is there at all."""
        import polars as pl

        found: dict[str, pl.Series] = {
            name: frame.get_column(name).is_null() for name in ("body", "period", "group") if name in frame.columns
        }
        year = next((column for column in self.plan.columns if column.name == "period"), None)
        if period is None or (year is not None and not year.low <= period <= year.high):
            found["range"] = pl.Series([True] * frame.height, dtype=pl.Boolean)
        elif not _distinct(frame.get_column("body")):
            found["copies"] = frame.select(pl.len().over("body") > 1).to_series()
        return {name: where for name, where in found.items() if where.any()}

    def _results(self, frame: "pl.DataFrame", period: int | None) -> "pl.DataFrame":
        """``state``, ``reason`` and the outputs of sound rows."""
        import polars as pl

        cells = {column.name: self._cells(frame, column, period) for column in self.plan.columns}
        made = self.program(
            frozenset(name for name, one in cells.items() if one.clean), frozenset(name for name, one in cells.items() if one.absent)
        )
        work = {"#row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True)}
        for column in self.plan.columns:
            if any(op.name == column.name and op.op in READS for op in made.plan.ops):
                work |= _guarded(column, cells[column.name])
        if self.grouped:
            work["#group"] = self._group(frame)
        if made.running:
            work["#body"] = frame.get_column("body").cast(pl.String)
        done, self.state = made.run(pl.DataFrame(work), self.state)
        shown = [*_state(made.plan), *(column for one in made.plan.outputs for column in _shown(one, made.plan, self.wide[one.name]))]
        return done.with_columns(shown).select(one.meta.output_name() for one in shown)

    def _cells(self, frame: "pl.DataFrame", column: Column, period: int | None) -> Cells:
        """A column's numbers; the period is the same on every row, and each row is its body's only one."""
        import polars as pl

        if column.name in ("period", "copies"):
            value = (period or column.low) if column.name == "period" else 1
            return Cells(numbers=pl.Series([value] * frame.height, dtype=pl.Int64), clean=True)
        return read_cells(column, frame.get_column(column.name)) if column.name in frame.columns else Cells(absent=True)

    def _group(self, frame: "pl.DataFrame") -> "pl.Series":
        """Each group's number, the same in every period."""
        import polars as pl

        group = frame.get_column("group").cast(pl.String)
        for word in group.unique().drop_nulls().sort().to_list():
            self.codes.setdefault(word, len(self.codes))
        return group.cast(pl.Enum(list(self.codes))).to_physical().cast(pl.UInt32).fill_null(len(self.codes))


def _state(plan: Plan) -> "list[pl.Expr]":
    """``state`` and ``reason``: of the plan's first reason that holds."""
    import polars as pl

    state, words = pl.lit("scored"), pl.lit(None, dtype=pl.String)
    for reason in reversed(plan.reasons):
        if not _never(plan, reason.test):
            test = _result(plan, reason.test)
            state = pl.when(test).then(pl.lit(reason.state)).otherwise(state)
            words = pl.when(test).then(pl.lit(reason.words)).otherwise(words)
    return [state.alias("state"), words.alias("reason")]


def _distinct(bodies: "pl.Series") -> bool:
    """Whether no body is there twice; quick where they are in order."""
    if bodies.is_sorted():
        return not (bodies == bodies.shift()).any()
    return bool(bodies.n_unique() == len(bodies))


def _never(plan: Plan, position: int) -> bool:
    op = plan.ops[position]
    return op.op == "literal" and not op.value


def _guarded(column: Column, cells: Cells) -> "dict[str, pl.Series]":
    """The column for a program: ``v`` the number, its low end where there is none; ``g`` given and ``w`` within unless clean."""
    name = column.name
    assert cells.numbers is not None  # absent columns are folded away
    if cells.clean:
        return {f"v{name}": cells.numbers}
    known = cells.numbers.is_not_null()
    given = known if cells.given is None else cells.given
    return {f"v{name}": cells.numbers.fill_null(column.low), f"g{name}": given, f"w{name}": known | ~given}


def _shown(one: Output, plan: Plan, most: int) -> "list[pl.Expr]":
    """An output's columns: decimals, whole numbers (*most* is the largest it can be), a truth, a word; a ratio as
    ``.numerator`` and ``.denominator``."""
    import polars as pl

    number, doubt = _result(plan, one.number), plan.ops[one.undetermined]
    known = None if doubt.op == "literal" and not doubt.value else ~_result(plan, one.undetermined)

    def where(column: "pl.Expr") -> "pl.Expr":
        return column if known is None else pl.when(known).then(column)

    if one.truth:
        return [where(number).alias(one.name)]
    if one.labels:
        return [where(number.replace_strict(list(range(len(one.labels))), list(one.labels), return_dtype=pl.String)).alias(one.name)]
    places = _places(one)
    if places is None:
        denominator = pl.lit(one.coefficient.denominator, dtype=pl.Int128)
        for position in one.denominators:
            denominator = denominator * _result(plan, position).cast(pl.Int128)
        numerator = number.cast(pl.Int128) * one.coefficient.numerator
        return [
            where(numerator).cast(pl.Decimal(38, 0)).alias(f"{one.name}.numerator"),
            where(denominator).cast(pl.Decimal(38, 0)).alias(f"{one.name}.denominator"),
        ]
    if places == 0:
        whole = where(number)
        return [(whole.cast(pl.Int64) if most <= INT64 else whole.cast(pl.Decimal(38, 0))).alias(one.name)]
    kind = pl.Decimal(18 if most < 10**18 else 38, places)
    return [where(number).cast(pl.Int128).reinterpret(dtype=kind).alias(one.name)]


def _result(plan: Plan, position: int) -> "pl.Expr":
    import polars as pl

    op = plan.ops[position]
    if op.op == "literal":
        return pl.lit(bool(op.value)) if op.truth else pl.lit(op.value, dtype=pl.Int64 if op.width == 64 else pl.Int128)
    return pl.col(f"#{position}") if op.args else pl.col(f"v{op.name}" if op.op == "column" else f"{op.op[0]}{op.name}")


def _places(one: Output) -> int | None:
    """With how many decimals it is exact: 0 for whole numbers; None for a ratio."""
    if one.denominators or one.coefficient.numerator != 1:
        return None
    below, places = one.coefficient.denominator, 0
    while below % 10 == 0:
        below, places = below // 10, places + 1
    return places if below == 1 else None
