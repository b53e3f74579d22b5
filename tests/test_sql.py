"""The plan as SQL on DuckDB: a table of a real month, then random plans against the interpreter, then what is refused."""

from decimal import Decimal
from fractions import Fraction as F

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core.columns.cells import KEY_FAULTS
from minsheng_core.columns.sql import select
from minsheng_core.errors import MinshengError
from minsheng_core.formula.build import Builder
from minsheng_core.formula.plan import LIMIT, Column, Op, Output, Plan, Reason
from plangen import CELLS, COLUMNS, JANUARY, TABLES, expected, plans, relation, typed

ROUNDED = Column(name="actual", title="完成数", unit="人", decimals=1, low=0, high=100_000)
PERIOD = COLUMNS[0]


@pytest.fixture(scope="module")
def engine():
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    yield connection
    connection.close()


def scored(engine, plan, source, outputs=None):
    types = {name: str(kind) for name, kind, *_ in engine.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    result = engine.execute(select(plan, outputs, source, types))
    return [one[0] for one in result.description], [one[1] for one in result.description], result.fetchall()


def score_plan():
    """100 · actual / goal in marks, rounded half-up to 0.01, and the rank in the month among those that filed."""
    build = Builder([PERIOD, ROUNDED, Column(name="goal", title="目标", low=1, high=50_000)])
    actual, goal = build.column("actual"), build.column("goal")
    doubled = build.plus(build.scale(actual, 2 * 1000), goal)  # actual is in tenths, marks in hundredths
    marks = build.over(doubled, build.scale(goal, 2))
    absent = build.either(*(build.negate(build.given(name)) for name in ("actual", "goal")))
    wrong = build.either(*(build.negate(build.within(name)) for name in ("actual", "goal")))
    doubt = build.either(absent, wrong)
    rank = build.window("group_rank", marks, build.negate(doubt), low=1, high=10**6, name="period")
    return Plan(
        columns=tuple(build.columns.values()), tables=build.tables, ops=tuple(build.ops),
        outputs=(Output(name="得分", number=marks, coefficient=F(1, 100), undetermined=doubt), Output(name="rank", number=rank, undetermined=doubt),
                 Output(name="完成率", number=actual, coefficient=F(1, 10), denominators=(goal,), undetermined=doubt)),
        reasons=(Reason(wrong, "refused", "超出范围"), Reason(absent, "not_filed", "未报")),
    )  # fmt: skip


def test_a_month_comes_out_with_marks_ranks_and_reasons(engine):
    rows = [
        ("沩山乡", "2023-10", "61.5", 96), ("黄材镇", "2023-10", "96", 96), ("巷子口镇", "2023-10", "96.00", 96),
        ("花明楼镇", "2023-10", None, 96), ("大屯营镇", "2023-10", "96.05", 96), ("坝塘镇", "2023-10", "-1", 96),
        ("灰汤镇", "2023-13", "1", 96), (None, "2023-10", "1", 96), ("资福镇", None, "1", 96),
        ("偕乐桥镇", "2023-10", "1", 96), ("偕乐桥镇", "2023-10", "1", 96), ("夏铎铺镇", "2022-12", "1", 96),
    ]  # fmt: skip
    values = ", ".join(f"({', '.join('NULL' if cell is None else repr(cell) for cell in row)})" for row in rows)
    names, types, found = scored(engine, score_plan(), f"(VALUES {values}) AS v(body, period, actual, goal)")
    assert names == ["body", "period", "state", "reason", "得分", "rank", "完成率.numerator", "完成率.denominator"]
    assert [str(one) for one in types[4:]] == ["DECIMAL(18,2)", "DECIMAL(18,0)", "BIGINT", "BIGINT"]
    told = {row[0]: row[2:] for row in found}
    assert told["沩山乡"] == ("scored", None, Decimal("64.06"), 3, 615, 960)
    assert told["黄材镇"][:4] == told["巷子口镇"][:4] == ("scored", None, Decimal("100.00"), 1)
    assert told["花明楼镇"] == ("not_filed", "未报", None, None, None, None)
    assert told["大屯营镇"][:3] == told["坝塘镇"][:3] == ("refused", "超出范围", None)
    assert told["灰汤镇"][:3] == told["夏铎铺镇"][:3] == ("refused", KEY_FAULTS["range"], None)
    assert told[None][:2] == ("refused", KEY_FAULTS["body"])
    assert told["资福镇"][:2] == ("refused", KEY_FAULTS["period"])
    assert [row[2:4] for row in found if row[0] == "偕乐桥镇"] == [("refused", KEY_FAULTS["copies"])] * 2
    assert len(found) == len(rows)


@pytest.mark.parametrize(
    ("period", "type_"),
    [("'2023-10'", "VARCHAR"), (JANUARY + 9, "INTEGER"), (JANUARY + 9, "UBIGINT"), ("'2023-10-31'", "DATE")],
)
@pytest.mark.parametrize(
    ("cell", "type_of_cell", "marks"),
    [
        ("96", "TINYINT", "100.00"), ("96", "HUGEINT", "100.00"), ("96.0", "DECIMAL(4,1)", "100.00"), ("9.60", "DECIMAL(38,2)", "10.00"),
        ("9.6", "DECIMAL(38,20)", "10.00"), ("9.60", "DECIMAL(5,2)", "10.00"), ("9.65", "DECIMAL(5,2)", None),
        ("9.65", "DECIMAL(38,9)", None), ("'+009.60'", "VARCHAR", "10.00"), ("'9.61'", "VARCHAR", None), ("'9,6'", "VARCHAR", None),
        ("' 9'", "VARCHAR", None), ("''", "VARCHAR", None), ("'9.'", "VARCHAR", None), ("'1e1'", "VARCHAR", None), ("'９'", "VARCHAR", None),
        ("E'9\\n'", "VARCHAR", None), (f"'{'9' * 60}'", "VARCHAR", None), ("170141183460469231731687303715884105727", "HUGEINT", None),
        ("18446744073709551615", "UBIGINT", None), ("9223372036854775807", "BIGINT", None), (str(10**38 - 1), "DECIMAL(38,0)", None),
    ],
)  # fmt: skip
def test_cells_are_read_exactly_or_not_at_all(engine, period, type_, cell, type_of_cell, marks):
    source = f"(SELECT '甲' AS body, CAST({period} AS {type_}) AS period, CAST({cell} AS {type_of_cell}) AS actual, 96 AS goal)"
    (row,) = scored(engine, score_plan(), source, ["得分"])[2]
    assert row[2] == ("scored" if marks else "refused")
    assert row[4] == (Decimal(marks) if marks else None)


def value_of(output, cells):
    """The exact value from one row's cells, by name."""
    if f"{output.name}.numerator" in cells:
        above, below = cells[f"{output.name}.numerator"], cells[f"{output.name}.denominator"]
        return None if above is None else F(int(above), int(below))
    value = cells[output.name]
    return F(value) if isinstance(value, Decimal) else value


def multiset(plan, rows):
    return sorted(repr((*keys, state, [(bool(v) if o.truth else v) if v is not None else None for o, v in zip(plan.outputs, values, strict=True)])) for *keys, state, values in rows)  # fmt: skip


@settings(max_examples=150)
@given(plans(), TABLES)
def test_any_plan_gives_what_the_interpreter_gives(engine, plan, rows):
    names, _, found = scored(engine, plan, relation(rows, "VARCHAR", '"'))
    told = [dict(zip(names, row, strict=True)) for row in found]
    read = [(one["body"], one["period"], one["group"], one["state"], [value_of(o, one) for o in plan.outputs]) for one in told]
    assert multiset(plan, read) == multiset(plan, expected(plan, rows))
    assert all((one["reason"] is None) == (one["state"] == "scored") for one in told)


@pytest.mark.parametrize("top", [LIMIT, LIMIT - 1, 10**31 + 7])
def test_nothing_overflows_at_the_limit(engine, top):
    assert at_the_limit(top, lambda plan, source: scored(engine, plan, source)[2], "VARCHAR", '"') == ENDS


ENDS = [True] * 4


def at_the_limit(top, run, words, quote):
    """Sums, products and quotients of numbers at ±top come out whole. (Spark's test runs it as well.)"""
    wide = Column(name="wide", low=-top, high=top)
    build = Builder([PERIOD, wide, Column(name="one", low=1, high=9)])
    x, one = build.column("wide"), build.column("one")
    whole = build.over(build.magnitude(x), one)
    back = build.add(Op("*", tuple(sorted((whole, one))), low=0, high=top))
    rest = build.add(Op("-", (build.magnitude(x), back), low=0, high=8))
    never = build.truth(False)
    outputs = [Output(name=name, number=n, undetermined=never) for name, n in (("x", x), ("whole", whole), ("back", back), ("rest", rest))]
    plan = Plan(columns=tuple(build.columns.values()), ops=tuple(build.ops), outputs=tuple(outputs))
    cells = [(value, divisor) for value in (top, -top, top - 1, 0) for divisor in (1, 2, 7, 9)]
    lines = ", ".join(f"('{i}', {JANUARY}, CAST({v} AS DECIMAL(38,0)), {d})" for i, (v, d) in enumerate(cells))
    found = {
        int(row[0]): [int(v) for v in row[4:]] for row in run(plan, f"(SELECT * FROM (VALUES {lines}) AS v(body, period, wide, one)) AS r")
    }
    right = [[v, abs(v) // d, abs(v) // d * d, abs(v) % d] for v, d in cells]
    return [[found[i][k] for i in range(len(cells))] == [row[k] for row in right] for k in range(4)]


def table_plan(numbers):
    build = Builder([PERIOD, Column(name="x", low=0, high=10**9)])
    position = build.search(build.column("x"), numbers)
    worth = build.lookup(position, [k * k for k in range(len(numbers) + 1)])
    never = build.truth(False)
    outputs = (Output(name="position", number=position, undetermined=never), Output(name="worth", number=worth, undetermined=never))
    return Plan(columns=tuple(build.columns.values()), tables=build.tables, ops=tuple(build.ops), outputs=outputs)


def test_a_table_of_ten_thousand_rows_is_searched_in_few_steps(engine):
    numbers = [k * 90_001 for k in range(10_000)]
    source = f"(SELECT CAST(i AS VARCHAR) AS body, {JANUARY} AS period, i * 9973 AS x FROM range(100000) AS r(i)) AS r"
    found = scored(engine, table_plan(numbers), source)[2]
    for body, _, _, _, position, worth in found[::997]:
        assert position == int(body) * 9973 // 90_001 + 1 or position == 10_000
        assert worth == position * position


def crowded_plan():
    """The sum over a period, proven for two rows of at most 5."""
    build = Builder([PERIOD, Column(name="x", low=0, high=5)])
    total = build.window("group_sum", build.column("x"), low=0, high=10, name="period")
    output = Output(name="total", number=total, undetermined=build.truth(False))
    return Plan(columns=tuple(build.columns.values()), ops=tuple(build.ops), outputs=(output,))


def test_a_group_larger_than_the_plan_was_proven_for_is_an_error(engine):
    source = f"(SELECT CAST(i AS VARCHAR) AS body, {JANUARY} AS period, 5 AS x FROM range(3) AS r(i)) AS r"
    with pytest.raises(duckdb.Error, match="more rows than the plan was built for"):
        scored(engine, crowded_plan(), source)


def test_what_lacks_columns_or_holds_floats_is_refused_with_all_of_it_named():
    with pytest.raises(MinshengError, match="body is missing; period is missing"):
        select(score_plan(), None, "t", {})
    keys = {"body": "VARCHAR", "period": "VARCHAR"}
    with pytest.raises(
        MinshengError, match=r"actual is DOUBLE, which holds no exact decimals: .*DECIMAL\(38,1\).*goal is missing \(目标\)"
    ):
        select(score_plan(), None, "t", {**keys, "actual": "DOUBLE"})
    with pytest.raises(MinshengError, match="body is INTEGER, and should be text; period is DOUBLE"):
        select(score_plan(), None, "t", {"body": "INTEGER", "period": "DOUBLE"})
    with pytest.raises(MinshengError, match="'oracle'"):
        select(score_plan(), None, "t", keys, "oracle")


@settings(max_examples=10)
@given(plans(), st.sampled_from([one for one in CELLS if one.missing]))
def test_an_optional_column_that_is_missing_is_one_that_nobody_filled_in(engine, plan, column):
    rows = [{"body": "甲", "period": JANUARY, "group": "东"} | {one.name: one.high for one in CELLS} | {column.name: None}]
    full = scored(engine, plan, relation(rows, "VARCHAR", '"'))
    lean = scored(engine, plan, relation(rows, "VARCHAR", '"', [one for one in CELLS if one != column]))
    assert full == lean
    assert column.name in typed()
