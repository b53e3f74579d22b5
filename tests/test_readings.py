"""One rule, four readings: the exact reference, Python, polars and SQL give the same digits on any rule and any rows."""

import random
from decimal import Decimal
from fractions import Fraction as F

import duckdb
import polars as pl
import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings

from minsheng_core.cli import main
from minsheng_core.columns.parquet import score_frame
from minsheng_core.columns.spark import score_spark
from minsheng_core.columns.sql import select
from minsheng_core.errors import FormulaError
from minsheng_core.formula import evaluate_rows
from minsheng_core.formula.python import run_rows
from plangen import CELLS, TABLES, expected, plans
from rulegen import RAW, column_of, formulas, lowered, reference_rows, tables
from test_columns import frame_of, values_of
from test_sql import multiset


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection


def table_of(engine, frame):
    """The frame as a DuckDB table, by way of its rows."""
    kinds = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Int32: "INT", pl.Date: "DATE"}
    types = [f"DECIMAL(38,{kind.scale})" if kind.is_decimal() else kinds[kind] for kind in frame.dtypes]
    columns = ", ".join(f'"{name}" {type_}' for name, type_ in zip(frame.columns, types, strict=True))
    engine.execute(f"CREATE OR REPLACE TEMP TABLE reports ({columns})")
    engine.executemany(f"INSERT INTO reports VALUES ({', '.join('?' * frame.width)})", frame.rows())
    return dict(zip(frame.columns, types, strict=True))


def duckdb_marks(engine, plan, frame):
    query = select(plan, None, "reports", table_of(engine, frame))
    result = engine.execute(query)
    names = [one[0] for one in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {(row["body"], row["period"]): value_in(row, plan.outputs[0].name) for row in rows}


def value_in(row, name):
    """A row's exact value of that output."""
    if f"{name}.numerator" in row:
        above, below = row[f"{name}.numerator"], row[f"{name}.denominator"]
        return None if above is None else F(int(above), int(below))
    value = row[name]
    return value if value is None or isinstance(value, bool | str) else F(value)


@settings(max_examples=100)
@given(formulas(), tables())
def test_reference_python_polars_and_duckdb_agree(engine, text, table):
    made = lowered(text)
    suppose(not isinstance(made, FormulaError))
    formula, plan = made
    cells, keys = table
    suppose(cells)
    frame = frame_of(cells, keys)
    places = list(zip(frame["body"], frame["period"], strict=True))
    truth = dict(zip(places, evaluate_rows(formula, reference_rows(cells, keys)), strict=True))
    assert dict(zip(places, (plan.outputs[0].value(row) for row in run_rows(plan, cells, keys)), strict=True)) == truth
    assert values_of(score_frame(plan, frame), plan.outputs[0]) == truth
    assert duckdb_marks(engine, plan, frame) == truth


def as_frame(rows):
    """Rows of `plangen` as a table."""
    columns = {one.name: one for one in CELLS}
    data, schema = {}, {"body": pl.String, "period": pl.Int32, "group": pl.String}
    for name in schema:
        data[name] = [row[name] for row in rows]
    for name, column in columns.items():
        cells = [row[name] for row in rows]
        if column.kind == "text":
            data[name], schema[name] = [None if cell is None else column.choices[cell] for cell in cells], pl.String
        elif column.kind == "date":
            data[name], schema[name] = cells, pl.Int32
        elif column.decimals:
            data[name] = [None if cell is None else Decimal(cell).scaleb(-column.decimals) for cell in cells]
            schema[name] = pl.Decimal(38, column.decimals)
        else:
            data[name], schema[name] = cells, pl.Int64
    frame = pl.DataFrame(data, schema=schema)
    return frame.with_columns(pl.col(name).cast(pl.Date) for name, column in columns.items() if column.kind == "date")


@settings(max_examples=100)
@given(plans(), TABLES)
def test_polars_gives_what_the_interpreter_of_plans_gives(plan, rows):
    marks = score_frame(plan, as_frame(rows), outputs=[one.name for one in plan.outputs])
    read = []
    for row in marks.iter_rows(named=True):
        values = [value_in(row, one.name) for one in plan.outputs]
        read.append((row["body"], row["period"], row["group"], row["state"], values))
    assert multiset(plan, read) == multiset(plan, expected(plan, rows))


ON_SPARK = [
    "round(done / goal * 10, 2, half_even)",
    "round(clip(done / goal, 0, 1.2) * 100, 2, half_up) - 2 ** clip(streak(done < goal), 0, 6)",
    "band(0 if missing(reach) else reach, wide) / 分 + rank(round(done / 人, 0, down))",
    "share_of_best(round(done / 人, 0, up)) + size(round(share, 2, half_up))",
    "(sum(round(share, 1, half_even)) if known(sum(share)) else last(share)) + price_of / 分",
    "total(round((paid / 万元 if not missing(paid) else 0) / 1000, 0, half_up)) + mean(share)",
    "(previous(done / 人) if known(previous(done / 人)) else worst(share)) * band(stage, works)",
    "count(stage == '已完成') + best(round(done / 人, 0, half_up))",
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_spark_gives_the_same_digits(spark, tmp_path):
    draw = random.Random(7)
    cells, keys = [], []
    for body in range(40):
        for month in range(5):
            if draw.random() < 0.93:
                row = {
                    one.name: draw.choice([column_of(one).low, column_of(one).high, draw.randint(column_of(one).low, column_of(one).high)])
                    for one in RAW
                }
                row["goal"] = draw.choice([0, 1, 3, 8, 500, 768, 1000])
                row["done"] = draw.choice([row["goal"], row["goal"] * 3 // 5, 602, -50, None])
                row["paid"] = draw.choice([None, row["paid"]])
                cells.append(row | {"period": 2023 * 12 + month, "copies": 1})
                keys.append((f"b{body}", "甲" if body % 3 else "乙"))
    frame = frame_of(cells, keys)
    frame.write_parquet(tmp_path / "in.parquet")
    places = list(zip(frame["body"], frame["period"], strict=True))
    for number, text in enumerate(ON_SPARK):
        formula, plan = lowered(text)
        truth = dict(zip(places, evaluate_rows(formula, reference_rows(cells, keys)), strict=True))
        score_spark(plan, tmp_path / "in.parquet", tmp_path / f"out{number}", session=spark)
        assert values_of(pl.read_parquet(tmp_path / f"out{number}" / "*.parquet"), plan.outputs[0]) == truth, text


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_nation_comes_out_the_same_from_polars_and_from_spark(spark, tmp_path, nation, capsys):
    """The README's way: the two files, sorted, are identical."""
    for engine, target in (("polars", tmp_path / "polars.parquet"), ("spark", tmp_path / "spark")):
        assert main(["score", "2023", "--in", str(nation), "--out", str(target), "--engine", engine, "--reasons"]) == 0
    capsys.readouterr()
    ours = pl.read_parquet(tmp_path / "polars.parquet").sort("body", "period")
    theirs = pl.read_parquet(tmp_path / "spark" / "*.parquet").sort("body", "period")
    assert ours.columns == theirs.columns
    assert ours.equals(theirs)
