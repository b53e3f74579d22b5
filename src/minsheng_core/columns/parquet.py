"""Parquet in, Parquet out: a table scored period by period, so that memory holds one period's rows and a line for each body."""

import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ..errors import MinshengError
from ..formula.plan import Column, Output, Plan
from .cells import KEY_FAULTS, Cells, check_columns, names_read, read_cells, read_period
from .frame import Program, program

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Summary", "score_frame", "score_parquet"]

Progress = Callable[[int, int, str], None]
READS = ("column", "given", "within")


@frozen(kw_only=True)
class Summary:
    """What became of the rows: *by_reason* is how many have each state's words; *fingerprint* is the plan's, *inputs* the SHA-256
    of the file that was read; *seconds* wall time."""

    rows: int
    scored: int
    by_reason: Mapping[str, Mapping[str, int]]
    fingerprint: str
    inputs: str
    seconds: float


def score_parquet(
    plan: Plan, source: Path, target: Path, *, outputs: Iterable[str] | None = None, rows_at_once: int = 4_000_000,
    progress: Progress | None = None,
) -> Summary:  # fmt: skip
    """Score every row of *source* into *target*: ``body``, ``period``, ``group`` as they came, ``state``, ``reason``, and the *outputs*
    (those without a dot where None).

    A file of at most *rows_at_once* rows is read once; a larger one period by period, fastest where it is sorted by period.
    Rows of the first period come first, and inside a period in the order of the file. Raises MinshengError for a file that
    can't be read, lacks columns, holds floats, or would be written over itself.
    """
    pl = _polars()
    began = time.perf_counter()
    if target.resolve() == source.resolve():
        raise MinshengError(f"{target} would be written over itself; give another file for --out")
    try:
        lazy = pl.scan_parquet(source)
        schema = lazy.collect_schema()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise MinshengError(f"{source} can't be read as Parquet: {error}") from None
    scoring = _Scoring(plan, outputs, schema)
    wanted = [name for name in ("body", "period", "group", *names_read(plan)) if name in schema]
    lazy = lazy.select(wanted)
    rows = lazy.select(pl.len()).collect().item()
    frames = _periods(lazy, rows, rows_at_once)
    told = _Told(rows=rows, progress=progress)
    _write(pl, scoring, (told.seen(scoring.score(frame, period)) for frame, period in frames), target)
    return Summary(
        rows=rows, scored=told.scored, by_reason=told.by_reason(), fingerprint=plan.fingerprint, inputs=_digest(source),
        seconds=time.perf_counter() - began,
    )  # fmt: skip


def score_frame(plan: Plan, frame: "pl.DataFrame", *, outputs: Iterable[str] | None = None) -> "pl.DataFrame":
    """The same for a polars frame in memory; the rows come back in the order of their periods."""
    pl = _polars()
    scoring = _Scoring(plan, outputs, frame.schema)
    made = [scoring.score(part, period) for part, period in _periods(frame.lazy(), frame.height, frame.height)]
    return pl.concat(made) if made else scoring.empty()


def _polars() -> Any:
    try:
        import polars
    except ImportError:
        raise MinshengError("scoring tables needs polars: install minsheng-core[columns]") from None
    return polars


def _periods(lazy: "pl.LazyFrame", rows: int, rows_at_once: int) -> "Iterator[tuple[pl.DataFrame, int | None]]":
    """The rows of each period, earliest first, with the period's number; those without a readable one come first."""
    import polars as pl

    whole = lazy.collect() if rows <= rows_at_once else None
    written = (lazy if whole is None else whole.lazy()).select(pl.col("period").unique()).collect().to_series().to_list()
    periods: dict[int | None, list[Any]] = {}
    for one in written:
        periods.setdefault(read_period(one), []).append(one)
    parts = {} if whole is None or len(written) == 1 else whole.partition_by("period", as_dict=True, maintain_order=True)
    for number in sorted(periods, key=lambda number: -1 if number is None else number):
        if whole is not None:
            same = [parts.pop((one,)) for one in periods[number]] if parts else [whole]
            yield (same[0] if len(same) == 1 else pl.concat(same)), number
        else:
            yield lazy.filter(pl.col("period").is_in(periods[number], nulls_equal=True)).collect(engine="streaming"), number


@define
class _Told:
    """Counts the rows as they go by, and tells how far it is."""

    rows: int
    progress: Progress | None
    done: int = 0
    scored: int = 0
    reasons: Counter[tuple[str, str]] = field(factory=Counter)

    def seen(self, frame: "pl.DataFrame") -> "pl.DataFrame":
        import polars as pl

        counts = frame.group_by("state", "reason").len()
        for state, reason, many in counts.iter_rows():
            if state == "scored":
                self.scored += many
            else:
                self.reasons[state, reason] += many
        self.done += frame.height
        if self.progress is not None:
            self.progress(self.done, self.rows, str(frame.get_column("period")[0]) if frame.height else "")
        return frame.with_columns(pl.col("state").cast(pl.String), pl.col("reason").cast(pl.String))

    def by_reason(self) -> dict[str, dict[str, int]]:
        told: dict[str, dict[str, int]] = {}
        for (state, reason), many in sorted(self.reasons.items()):
            told.setdefault(state, {})[reason] = many
        return told


class _Scoring:
    """A plan ready for one table: its programs by which columns are clean, and the state of the running windows."""

    def __init__(self, plan: Plan, outputs: Iterable[str] | None, schema: Mapping[str, Any]) -> None:
        names = [one.name for one in plan.outputs if "." not in one.name] if outputs is None else list(outputs)
        unknown = [name for name in names if name not in {one.name for one in plan.outputs}]
        if unknown:
            raise MinshengError(f"the plan gives no {unknown[0]!r}; it gives {', '.join(one.name for one in plan.outputs)}")
        self.plan, self.outputs = plan, [plan.output(name) for name in names]
        self.grouped = any(op.name == "group" for op in plan.ops)
        check_columns(plan, schema, grouped=self.grouped)
        self.schema = schema
        self.state: Any = None
        self.codes: dict[str, int] = {}
        self.program: Callable[..., Program] = lru_cache(maxsize=None)(lambda clean, absent: program(plan, self.outputs, clean, absent))

    def empty(self) -> "pl.DataFrame":
        """No rows, in the shape of the result."""
        import polars as pl

        return self.score(pl.DataFrame(schema={name: self.schema[name] for name in self.schema}), None)

    def score(self, frame: "pl.DataFrame", period: int | None) -> "pl.DataFrame":
        """The result for the rows of one period."""
        import polars as pl

        lost = self._lost(frame)
        cells = {column.name: self._cells(frame, column, period, lost) for column in self.plan.columns}
        faults = self._faults(frame, cells)
        made = self.program(
            frozenset(name for name, one in cells.items() if one.clean), frozenset(name for name, one in cells.items() if one.absent)
        )
        work = {"#row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True), **{f"?{name}": where for name, where in faults.items()}}
        for column in self.plan.columns:
            if any(op.name == column.name and op.op in READS for op in made.plan.ops):
                work |= _guarded(column, cells[column.name], frame.height)
        if self.grouped:
            work["#group"] = self._group(frame)
        if made.running:
            work["#body"] = frame.get_column("body").cast(pl.String)
        done, self.state = made.run(pl.DataFrame(work), self.state)
        keys = [frame.get_column(name) for name in ("body", "period", "group") if name in frame.columns]
        shown = [*_state(made.plan, list(faults)), *(column for one in made.plan.outputs for column in _shown(one, made.plan))]
        names = [one.meta.output_name() for one in shown]
        return pl.DataFrame(keys).hstack(done.with_columns(shown).select(names))

    def _cells(self, frame: "pl.DataFrame", column: Column, period: int | None, lost: "pl.Series") -> Cells:
        import polars as pl

        if column.name == "period":
            value = column.low - 1 if period is None else period
            inside = column.low <= value <= column.high
            return Cells(numbers=_constant(value if inside else None, frame.height), given=_constant(True, frame.height), clean=inside)
        if column.name == "copies":
            clean = not lost.any() and _distinct(frame.get_column("body"))
            alone = (pl.len().over("body") == 1) & ~pl.lit(lost)
            numbers = None if clean else frame.select(pl.when(alone).then(pl.lit(1, dtype=pl.Int64))).to_series()
            return Cells(numbers=numbers, given=_constant(True, frame.height), clean=clean)
        if column.name not in frame.columns:
            return Cells(absent=True)
        return read_cells(column, frame.get_column(column.name))

    def _lost(self, frame: "pl.DataFrame") -> "pl.Series":
        """Whether a row doesn't say whose it is."""
        lost = frame.get_column("body").is_null()
        return lost | frame.get_column("group").is_null() if self.grouped else lost

    def _group(self, frame: "pl.DataFrame") -> "pl.Series":
        """Each group's number, the same in every period."""
        import polars as pl

        group = frame.get_column("group").cast(pl.String)
        for word in group.unique().drop_nulls().sort().to_list():
            self.codes.setdefault(word, len(self.codes))
        return group.cast(pl.Enum(list(self.codes))).to_physical().cast(pl.UInt32).fill_null(len(self.codes))

    def _faults(self, frame: "pl.DataFrame", cells: Mapping[str, Cells]) -> "dict[str, pl.Series]":
        """Which rows can't be scored whatever their figures, by the key of `cells.KEY_FAULTS`; only what is there at all."""
        found = {name: frame.get_column(name).is_null() for name in ("body", "period", *(["group"] if self.grouped else []))}
        if "period" in cells and not cells["period"].clean:
            found["range"] = _constant(True, frame.height)
        alone = cells["copies"].numbers if "copies" in cells else None
        if alone is not None:
            found["copies"] = alone.is_null()
        return {name: where for name, where in found.items() if where.any()}


def _state(plan: Plan, faults: Sequence[str]) -> "list[pl.Expr]":
    """``state`` and ``reason``: of the first fault of the row's keys, else the plan's first reason, that holds."""
    import polars as pl

    tests = [(pl.col(f"?{name}"), "refused", words) for name, words in KEY_FAULTS.items() if name in faults]
    tests += [(pl.col(f"#{reason.test}"), reason.state, reason.words) for reason in plan.reasons if not _never(plan, reason.test)]
    state, words = pl.lit("scored"), pl.lit(None, dtype=pl.String)
    for test, of, say in reversed(tests):
        state, words = pl.when(test).then(pl.lit(of)).otherwise(state), pl.when(test).then(pl.lit(say)).otherwise(words)
    return [state.alias("state"), words.alias("reason")]


def _distinct(bodies: "pl.Series") -> bool:
    """Whether no body is there twice; quick where they are in order."""
    if bodies.is_sorted():
        return not (bodies == bodies.shift()).any()
    return bool(bodies.n_unique() == len(bodies))


def _never(plan: Plan, position: int) -> bool:
    op = plan.ops[position]
    return op.op == "literal" and not op.value


def _constant(value: object, height: int) -> "pl.Series":
    import polars as pl

    return pl.Series([value] * height, dtype=pl.Boolean if isinstance(value, bool) else pl.Int64)


def _guarded(column: Column, cells: Cells, height: int) -> "dict[str, pl.Series]":
    """The column for a program: ``v`` the number, its low end where there is none; ``g`` given and ``w`` within unless clean."""
    name = column.name
    if cells.clean:
        return {f"v{name}": _constant(1, height) if cells.numbers is None else cells.numbers}
    assert cells.numbers is not None  # absent columns are folded away
    known = cells.numbers.is_not_null()
    given = known if cells.given is None else cells.given
    return {f"v{name}": cells.numbers.fill_null(column.low), f"g{name}": given, f"w{name}": known | ~given}


def _shown(one: Output, plan: Plan) -> "list[pl.Expr]":
    """An output's columns: decimals, whole numbers, a truth, a word; a ratio as ``.numerator`` and ``.denominator``."""
    import polars as pl

    number, doubt = _result(plan, one.number), plan.ops[one.undetermined]
    known = None if doubt.op == "literal" and not doubt.value else ~_result(plan, one.undetermined)

    def where(column: "pl.Expr") -> "pl.Expr":
        return column if known is None else pl.when(known).then(column)

    if one.truth:
        return [where(number).alias(one.name)]
    if one.labels:
        return [where(number.replace_strict(list(range(len(one.labels))), list(one.labels), return_dtype=pl.String)).alias(one.name)]
    op = plan.ops[one.number]
    wide = max(-op.low, op.high)
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
        return [(whole if op.width == 64 else whole.cast(pl.Decimal(38, 0))).alias(one.name)]
    kind = pl.Decimal(18 if wide < 10**18 else 38, places)
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


def _write(pl: Any, scoring: _Scoring, frames: "Iterator[pl.DataFrame]", target: Path) -> None:
    """Frame by frame into a file beside *target*, which takes its place when it is whole."""
    from polars.io.plugins import register_io_source

    schema = scoring.empty().with_columns(pl.col("state").cast(pl.String), pl.col("reason").cast(pl.String)).schema

    def source(columns: Sequence[str] | None, predicate: Any, rows: int | None, batch: int | None) -> "Iterator[pl.DataFrame]":
        yield from frames

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".parquet.part")
    os.close(handle)
    try:
        register_io_source(source, schema=schema).sink_parquet(name, compression="zstd", engine="streaming")
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    for one in files:
        with one.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
