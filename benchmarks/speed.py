"""How fast: one record, a million rows in columns, Parquet to Parquet, the first score of a process, growth."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import by_hand
from .clock import children, each, interleaved, median, peak
from .data import realistic
from .rule import COLUMNS, RULE, columns_of, plan_of

Row = tuple[str, ...]


def one_record(count: int = 20_000) -> Iterator[Row]:
    """Microseconds for one body, median."""
    from minsheng_core import load_scorer

    scorer = load_scorer(RULE)
    rows = [{**row, "period": 2023 * 12} for row in columns_of(realistic(count)).iter_rows(named=True)]
    tried: dict[str, Any] = {
        "minsheng, score": scorer.score, "minsheng, score with explanation": scorer.explained, "integers by hand": by_hand.integers,
        "floats by hand": by_hand.floats, "Decimal by hand": by_hand.decimals, "Fraction by hand": by_hand.exact, **_engines(),
    }  # fmt: skip
    found: dict[str, list[float]] = {name: [] for name in tried}
    for _ in range(5):
        for name, run in tried.items():
            found[name].append(each(rows if "minsheng" in name or "hand" in name else rows[:2000], run))
    yield ("one record", "p50, µs", "times by hand")
    base = median(found["integers by hand"])
    for name, times in found.items():
        yield (name, f"{median(times):.2f}", f"{median(times) / base:.1f}")


def _engines() -> dict[str, Any]:
    """General rule engines, where they are installed: ``pip install zen-engine``."""
    try:
        import zen
    except ImportError:
        return {}
    reached = "actual >= goal ? 100 : actual / goal >= 0.95 ? 200 * actual / goal - 100 : actual / goal >= 0.8 ? 400 / 3 * actual / goal - 110 / 3 : actual / goal >= 0.6 ? 150 * actual / goal - 50 : 200 / 3 * actual / goal"
    text = f"incident > 0 ? 0 : 0.8 * max([0, ({reached}) - min([10, 2 * days])]) + 20 * (planned == 0 ? 1 : min([1, paid / planned]))"
    compiled = zen.compile_expression(text)
    return {"zen, one expression, unrounded": compiled.evaluate}


def in_columns(count: int) -> Iterator[Row]:
    """A million rows already in columns: the total alone."""
    import polars as pl

    from minsheng_core.columns.frame import program

    plan, frame = plan_of(), columns_of(realistic(count))
    ready = program(plan, [plan.output("total")], frozenset([*COLUMNS, "period", "copies"]), frozenset())
    work = frame.select(pl.all().name.prefix("v"))
    tried = {"minsheng, polars": lambda: ready.run(work, None), "polars float": lambda: frame.select(by_hand.polars_floats())}
    yield (f"{count:,} rows in columns", "M rows per CPU-second", "wall s")
    for name, (cpu, wall) in interleaved(7, tried).items():
        yield (name, f"{count / cpu / 1e6:.1f}", f"{wall:.3f}")


def parquet(count: int, rounds: int) -> Iterator[Row]:
    """Parquet to Parquet with marks, state, reason and both ranks, beside a copy and the same by floats."""
    import polars as pl

    from minsheng_core.columns.parquet import score_parquet

    plan = plan_of()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.parquet"), Path(folder, "out.parquet")
        realistic(count).write_parquet(source)

        def floats() -> None:
            marks = pl.scan_parquet(source).with_columns(total=by_hand.polars_floats())
            ranked = marks.with_columns(
                rank=pl.col("total").rank("min", descending=True).over("period"),
                group_rank=pl.col("total").rank("min", descending=True).over("period", "group"),
            )
            ranked.select("body", "period", "group", "total", "rank", "group_rank").sink_parquet(target)

        tried = {
            "copy": lambda: pl.scan_parquet(source).sink_parquet(target),
            "minsheng, polars": lambda: score_parquet(plan, source, target),
            "polars float": floats,
        }
        times = interleaved(rounds, tried)
    yield (f"Parquet to Parquet, {count:,} rows", "CPU s", "wall s", "times a copy", "peak MB so far")
    for name, (cpu, wall) in times.items():
        yield (name, f"{cpu:.2f}", f"{wall:.2f}", f"{cpu / times['copy'][0]:.2f}", str(peak()))


FIRST = """
import pathlib, sys
from minsheng_core import load_scorer
cache = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
scorer = load_scorer("2023", cache=cache)
row = dict.fromkeys(name for name, *_ in scorer.columns) | {"period": 2023 * 12 + 9, "insured": 602, "target": 768}
assert scorer.score(row) == 7839
"""


def first_score(rounds: int = 7) -> Iterator[Row]:
    """CPU milliseconds of a new process up to its first score of the 2023 scheme."""
    yield ("first score of a new process", "CPU ms, median", "over bare Python")
    with tempfile.TemporaryDirectory() as folder:
        # An installed library has its bytecode; a checkout that may not write it would compile every file anew.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        tried = {"bare Python": ["-c", "pass"], "nothing kept": ["-c", FIRST], "rules kept on disk": ["-c", FIRST, folder]}
        found: dict[str, list[float]] = {name: [] for name in tried}
        for _ in range(rounds + 1):
            for name, arguments in tried.items():
                before = children()
                subprocess.run([sys.executable, *arguments], check=True, env=environment)
                found[name].append((children() - before) * 1000)
    bare = median(found["bare Python"][1:])
    for name, times in found.items():
        yield (name, f"{median(times[1:]):.0f}", f"{median(times[1:]) - bare:.0f}")


def growth(base: int) -> Iterator[Row]:
    """CPU seconds at 1, 10 and 100 times the rows, and at tables of 10 to 10,000 bands."""
    from minsheng_core.columns.parquet import score_frame

    yield ("growth", "CPU s", "times the one before")
    before = 0.0
    for times in (1, 10, 100):
        frame, plan = realistic(base * times), plan_of()
        cpu, _ = interleaved(3, {"": lambda frame=frame, plan=plan: score_frame(plan, frame)})[""]
        yield (f"{base * times:,} rows", f"{cpu:.3f}", f"{cpu / before:.1f}" if before else "")
        before = cpu
    before = 0.0
    for bands in (10, 100, 1000, 10_000):
        cpu = _banded(bands, 200_000)
        yield (f"200,000 rows, {bands:,} bands", f"{cpu:.3f}", f"{cpu / before:.1f}" if before else "")
        before = cpu
    before = 0.0
    for rules in (1, 10, 100):
        cpu = _ruled(rules)
        yield (f"{rules} rules lowered and compiled", f"{cpu:.3f}", f"{cpu / before:.1f}" if before else "")
        before = cpu


def _banded(bands: int, rows: int) -> float:
    import polars as pl

    from minsheng_core.columns.frame import program

    plan = _lowered("band(x, table)", bands)
    ready = program(plan, plan.outputs, frozenset("x"), frozenset())
    work = pl.DataFrame({"vx": pl.int_range(rows, eager=True) * 7919 % 1_000_000})
    return interleaved(3, {"": lambda: ready.run(work, None)})[""][0]


def _ruled(rules: int) -> float:
    from minsheng_core.formula.python import compile_plan

    texts = [f"round(clip(x / {index + 3}, 0, {index + 10}) + band(x, table), 2, half_even)" for index in range(rules)]
    return interleaved(3, {"": lambda: [compile_plan(_lowered(text, 5)) for text in texts]})[""][0]


def _lowered(text: str, bands: int) -> Any:
    from fractions import Fraction

    from minsheng_core import Field, Scope, compile_formula
    from minsheng_core.formula.band import read_band
    from minsheng_core.formula.build import Builder, only
    from minsheng_core.formula.lower import Lowering, column_of
    from minsheng_core.formula.plan import Plan

    field = Field(name="x", title="x", minimum=Fraction(0), maximum=Fraction(1_000_000))
    rows = [{"at": str(index * (1_000_000 // bands)), "value": str(index % 101)} for index in range(bands)]
    scope = Scope(fields={"x": field}, bands={"table": read_band({"kind": "step", "rows": rows})})
    builder = Builder([column_of(field)])
    lowering = Lowering(builder)
    value = lowering.formula(compile_formula(text, scope), {"x": lowering.field(field)})
    return only(Plan(columns=tuple(builder.columns.values()), tables=builder.tables, ops=tuple(builder.ops), outputs=(value.output("x"),)))
