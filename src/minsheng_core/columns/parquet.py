"""Parquet in, Parquet out: a table scored period by period, so that memory holds one period's rows and a line for each body."""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ..errors import MinshengError
from ..formula.plan import Plan
from .cells import names_read, read_period
from .table import Scoring

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Summary", "score_frame", "score_parquet"]

Progress = Callable[[int, int, str], None]


@frozen(kw_only=True)
class Summary:
    """What became of the rows: *by_reason* is how many have each state's words; *fingerprint* is the plan's, *inputs* the SHA-256
    of the file that was read; *seconds* wall time."""

    rows: int
    scored: int
    by_reason: Mapping[str, Mapping[str, int]]
    fingerprint: str
    inputs: str
    absent: tuple[str, ...] = ()  # columns that may be missing and that the file doesn't have
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
    scoring = Scoring(plan, outputs, schema)
    wanted = [name for name in ("body", "period", "group", *names_read(plan)) if name in schema]
    lazy = lazy.select(wanted)
    rows = lazy.select(pl.len()).collect().item()
    frames = _periods(lazy, rows, rows_at_once)
    told = _Told(rows=rows, progress=progress)
    _write(pl, scoring, (told.seen(scoring.score(frame, period)) for frame, period in frames), target)
    return Summary(
        rows=rows, scored=told.scored, by_reason=told.by_reason(), fingerprint=plan.fingerprint, inputs=_digest(source),
        absent=tuple(name for name in names_read(plan) if name not in schema),
        seconds=time.perf_counter() - began,
    )  # fmt: skip


def score_frame(plan: Plan, frame: "pl.DataFrame", *, outputs: Iterable[str] | None = None) -> "pl.DataFrame":
    """The same for a polars frame in memory; the rows come back in the order of their periods."""
    pl = _polars()
    scoring = Scoring(plan, outputs, frame.schema)
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


def _write(pl: Any, scoring: Scoring, frames: "Iterator[pl.DataFrame]", target: Path) -> None:
    """Frame by frame into a file beside *target*, which takes its place when it is whole."""
    from polars.io.plugins import register_io_source

    schema = scoring.empty().with_columns(pl.col("state").cast(pl.String), pl.col("reason").cast(pl.String)).schema

    def source(columns: Sequence[str] | None, predicate: Any, rows: int | None, batch: int | None) -> "Iterator[pl.DataFrame]":
        yield from frames

    target.parent.mkdir(parents=True, exist_ok=True)
    name = str(target.parent / f".{target.name}.{os.getpid()}.part")
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
