"""Wrong scores against exact fractions: ours by every engine, and the same rule by floats and decimals."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import by_hand
from .data import extreme, realistic
from .rule import columns_of, plan_of

FLOATS = {"python float": by_hand.floats, "python Decimal, 28 digits": by_hand.decimals}


def table(rows: int, hard: int, *, spark: bool) -> Iterator[tuple[str, ...]]:
    """(engine, mode, wrong of *rows* realistic ones, wrong of *hard* ones); the first row is the head."""
    yield ("engine", "rounding", f"wrong of {rows:,}", f"wrong of {hard:,} ties and extremes")
    frames = [realistic(rows), extreme(hard)]
    for mode in ("half_even", "half_up"):
        truths = [truth(frame, mode) for frame in frames]
        for name, marks in ours(mode, frames, spark=spark):
            yield (name, mode, *(wrong(found, expected) for found, expected in zip(marks, truths, strict=True)))
        if mode == "half_even":
            for name, rule in FLOATS.items():
                found = [
                    [None if want is None else rule(row) for row, want in zip(cells(frame), expected, strict=True)]
                    for frame, expected in zip(frames, truths, strict=True)
                ]
                yield (name, mode, *(wrong(one, expected) for one, expected in zip(found, truths, strict=True)))
            floats = [in_polars(frame) for frame in frames]
            yield ("polars float", mode, *(wrong(one, expected) for one, expected in zip(floats, truths, strict=True)))


def wrong(found: list[int | None], expected: list[int | None]) -> str:
    """How many differ."""
    return f"{sum(one != other for one, other in zip(found, expected, strict=True)):,}"


def cells(frame: Any) -> Iterator[dict[str, int]]:
    """The rows as whole numbers, money in fen."""
    yield from columns_of(frame).iter_rows(named=True)


def truth(frame: Any, mode: str) -> list[int | None]:
    """Hundredths by fractions; None where a figure that is needed is missing."""
    expected: list[int | None] = []
    for row in cells(frame):
        if row["actual"] is None or (row["paid"] is None and row["planned"] and not row["incident"]):
            expected.append(None)
        elif mode == "half_even":
            expected.append(by_hand.exact(row))
        else:
            expected.append(by_hand.exact(row, half_up=True))
    return expected


def ours(mode: str, frames: list[Any], *, spark: bool) -> Iterator[tuple[str, list[list[int | None]]]]:
    """The plan by each engine: the marks in hundredths, in the order of the frames."""
    from minsheng_core.columns.parquet import score_parquet
    from minsheng_core.formula.python import compile_plan

    plan = plan_of(mode)
    score = compile_plan(plan, "total").score
    yield "minsheng, Python", [[score({**row, "period": 2023 * 12}) for row in cells(frame)] for frame in frames]
    with tempfile.TemporaryDirectory() as folder:
        sources = [Path(folder, f"{index}.parquet") for index in range(len(frames))]
        for frame, source in zip(frames, sources, strict=True):
            frame.write_parquet(source)
        found = []
        for frame, source in zip(frames, sources, strict=True):
            score_parquet(plan, source, Path(folder, "marks"), outputs=["total"])
            found.append(hundredths(Path(folder, "marks"), frame))
        yield "minsheng, polars", found
        yield "minsheng, SQL on DuckDB", [in_duckdb(plan, source, frame) for frame, source in zip(frames, sources, strict=True)]
        if spark:
            from minsheng_core.columns.spark import score_spark

            found = []
            for index, (frame, source) in enumerate(zip(frames, sources, strict=True)):
                target = Path(folder, f"spark{index}")
                score_spark(plan, source, target, master="local[2]", outputs=["total"])
                found.append(hundredths(target, frame))
            yield "minsheng, Spark", found


def hundredths(path: Path, frame: Any) -> list[int | None]:
    """The totals of a result, by body and period, in the order of *frame*."""
    import polars as pl

    marks = pl.read_parquet(path if path.is_file() else path / "*.parquet").select("body", "period", "total")
    return in_order(marks, frame)


def in_order(marks: Any, frame: Any) -> list[int | None]:
    """Totals as whole hundredths, one for each row of *frame*."""
    import polars as pl

    joined = frame.select("body", "period").join(marks, on=["body", "period"], how="left", maintain_order="left")
    return joined.select((pl.col("total").cast(pl.Decimal(38, 2)) * 100).cast(pl.Int64)).to_series().to_list()


def in_duckdb(plan: Any, source: Path, frame: Any) -> list[int | None]:
    """By the SQL of the plan, on DuckDB."""
    import duckdb
    import polars as pl

    from minsheng_core.columns.sql import select

    relation = duckdb.sql(f"SELECT * FROM '{source}'")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    query = select(plan, ["total"], f"'{source}'", types, "duckdb")
    rows = duckdb.sql(f"SELECT body, period, total FROM ({query})").fetchall()
    marks = pl.DataFrame(rows, schema={"body": pl.String, "period": pl.String, "total": pl.Decimal(18, 2)}, orient="row")
    return in_order(marks, frame)


def in_polars(frame: Any) -> list[int | None]:
    """By floats in polars; None where the exact rule has no marks."""
    import polars as pl

    marks = columns_of(frame).select((by_hand.polars_floats() * 100).round(0).cast(pl.Int64))
    return [None if want is None else got for got, want in zip(marks.to_series().to_list(), truth(frame, "half_even"), strict=True)]
