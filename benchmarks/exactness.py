"""Wrong scores against exact fractions: ours by every engine, and the same rule by floats and decimals."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import by_hand
from .data import extreme, realistic
from .rule import columns_of, plan_of

WANTED = ("total", "rank", "group_rank")
FLOATS = {"python float": by_hand.floats, "python Decimal, 28 digits": by_hand.decimals}


def table(rows: int, hard: int, *, spark: bool) -> Iterator[tuple[str, ...]]:
    """(engine, mode, wrong of *rows* realistic ones, wrong of *hard* ones); the first row is the head. A row is wrong where its
    marks, its rank in the month or its rank in the group is; Python ranks nothing a row at a time, nor do those by hand."""
    yield ("engine", "rounding", f"wrong of {rows:,}", f"wrong of {hard:,} ties and extremes")
    frames = [realistic(rows), extreme(hard)]
    for mode in ("half_even", "half_up"):
        marks = [truth(frame, mode) for frame in frames]
        truths = [ranked(frame, one) for frame, one in zip(frames, marks, strict=True)]
        for name, results in ours(mode, frames, spark=spark):
            yield (name, mode, *(wrong(found, expected) for found, expected in zip(results, truths, strict=True)))
        if mode == "half_even":
            for name, rule in FLOATS.items():
                found = [
                    [None if want is None else rule(row) for row, (want, *_) in zip(cells(frame), expected, strict=True)]
                    for frame, expected in zip(frames, truths, strict=True)
                ]
                yield (name, mode, *(wrong(one, expected) for one, expected in zip(found, truths, strict=True)))
            floats = [in_polars(frame) for frame in frames]
            yield ("polars float", mode, *(wrong(one, expected) for one, expected in zip(floats, truths, strict=True)))


def wrong(found: list[Any], expected: list[Any]) -> str:
    """How many differ: in the marks, and where *found* has them, in the ranks."""
    return f"{sum(one != (other if isinstance(one, tuple) else other[0]) for one, other in zip(found, expected, strict=True)):,}"


def ranked(frame: Any, marks: list[int | None]) -> list[tuple[int | None, int | None, int | None]]:
    """Each row's marks with its rank in the month and in its group there, reckoned plainly."""
    places: list[dict[int, tuple[Any, int]]] = []
    periods, groups = frame["period"].to_list(), frame["group"].to_list()
    for keys in (periods, list(zip(periods, groups, strict=True))):
        best: dict[Any, list[int]] = {}
        for key, mark in zip(keys, marks, strict=True):
            if mark is not None:
                best.setdefault(key, []).append(mark)
        first: dict[Any, dict[int, int]] = {}
        for key, found in best.items():
            for place, mark in enumerate(sorted(found, reverse=True), 1):
                first.setdefault(key, {}).setdefault(mark, place)
        places.append({row: (key, first[key][mark]) for row, (key, mark) in enumerate(zip(keys, marks, strict=True)) if mark is not None})
    return [(mark, places[0][row][1], places[1][row][1]) if mark is not None else (None, None, None) for row, mark in enumerate(marks)]


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


def ours(mode: str, frames: list[Any], *, spark: bool) -> Iterator[tuple[str, list[list[Any]]]]:
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
            score_parquet(plan, source, Path(folder, "marks"), outputs=list(WANTED))
            found.append(results_of(Path(folder, "marks"), frame))
        yield "minsheng, polars", found
        yield "minsheng, SQL on DuckDB", [in_duckdb(plan, source, frame) for frame, source in zip(frames, sources, strict=True)]
        if spark:
            from minsheng_core.columns.spark import score_spark

            found = []
            for index, (frame, source) in enumerate(zip(frames, sources, strict=True)):
                target = Path(folder, f"spark{index}")
                score_spark(plan, source, target, master="local[2]", outputs=list(WANTED))
                found.append(results_of(target, frame))
            yield "minsheng, Spark", found


def results_of(path: Path, frame: Any) -> list[Any]:
    """The marks and ranks of a result, by body and period, in the order of *frame*."""
    import polars as pl

    marks = pl.read_parquet(path if path.is_file() else path / "*.parquet").select("body", "period", *WANTED)
    return in_order(marks, frame)


def in_order(marks: Any, frame: Any) -> list[Any]:
    """(total in hundredths, rank, rank in the group), one for each row of *frame*."""
    import polars as pl

    joined = frame.select("body", "period").join(marks, on=["body", "period"], how="left", maintain_order="left")
    hundredths = (pl.col("total").cast(pl.Decimal(38, 2)) * 100).cast(pl.Int64)
    return joined.select(hundredths, pl.col("rank").cast(pl.Int64), pl.col("group_rank").cast(pl.Int64)).rows()


def in_duckdb(plan: Any, source: Path, frame: Any) -> list[Any]:
    """By the SQL of the plan, on DuckDB."""
    import duckdb
    import polars as pl

    from minsheng_core.columns.sql import select

    relation = duckdb.sql(f"SELECT * FROM '{source}'")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    query = select(plan, WANTED, f"'{source}'", types, "duckdb")
    rows = duckdb.sql(f"SELECT body, period, {', '.join(WANTED)} FROM ({query})").fetchall()
    schema = {"body": pl.String, "period": pl.String, "total": pl.Decimal(18, 2), "rank": pl.Int64, "group_rank": pl.Int64}
    marks = pl.DataFrame(rows, schema=schema, orient="row")
    return in_order(marks, frame)


def in_polars(frame: Any) -> list[int | None]:
    """By floats in polars; None where the exact rule has no marks."""
    import polars as pl

    marks = columns_of(frame).select((by_hand.polars_floats() * 100).round(0).cast(pl.Int64))
    return [None if want is None else got for got, want in zip(marks.to_series().to_list(), truth(frame, "half_even"), strict=True)]
