"""The columnar reading: the 2023 sheet over a made-up nation first, then the property that it gives the reference's digits, then
what a table may not hold."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import polars as pl
import pytest

from minsheng_core import load_plugins, load_scheme, prepare
from minsheng_core.cli import main
from minsheng_core.columns.parquet import score_frame, score_parquet
from minsheng_core.errors import MinshengError
from minsheng_core.formula.python import run_rows
from rulegen import RAW, STAGES, column_of


@pytest.fixture(scope="module")
def township():
    return prepare(load_scheme("2023"), load_plugins()).sheets["township"].plan


def test_a_nation_is_scored_by_the_2023_rules_and_no_row_is_lost(nation, tmp_path, capsys):
    marks = tmp_path / "marks.parquet"
    assert main(["score", "2023", "--in", str(nation), "--out", str(marks), "--reasons", "--summary", str(tmp_path / "told.json")]) == 0
    told = json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == told
    frame = pl.read_parquet(marks)
    counts = dict(frame.group_by("state").len().iter_rows())
    assert told["rows"] == frame.height == 1200
    assert told["scored"] == counts["scored"] > 1100
    assert {state: sum(words.values()) for state, words in told["not_scored"].items()} == {k: v for k, v in counts.items() if k != "scored"}
    assert frame.filter(pl.col("state") == "scored")["total"].null_count() == 0
    assert (
        frame.filter(pl.col("state") != "scored").select("total", "rank", "item.completion").null_count().row(0)
        == (1200 - told["scored"],) * 3
    )
    assert frame.schema["total"] == pl.Decimal(18, 2)


def test_the_same_digits_as_row_by_row_in_python(nation, township):
    reports = pl.read_parquet(nation)
    marks = score_frame(township, reports, outputs=["total", "rank", "group_rank", "item.completion", "adjustment.late"])
    cells = [
        {column.name: row.get(column.name) for column in township.columns} | {"period": 2023 * 12 + int(row["period"][5:]) - 1, "copies": 1}
        for row in reports.iter_rows(named=True)
    ]
    results = run_rows(township, cells, list(zip(reports["body"], reports["group"], strict=True)))
    for name in ("total", "rank", "group_rank", "item.completion", "adjustment.late"):
        expected = [township.output(name).value(row) for row in results]
        assert [None if value is None else F(value) for value in marks[name]] == expected


def small(**columns):
    rows = len(next(iter(columns.values())))
    given = {"body": [f"b{i}" for i in range(rows)], "period": ["2023-10"] * rows, "group": ["镇"] * rows, "target": [768] * rows} | columns
    return pl.DataFrame(given)


def told(township, frame, **options):
    marks = score_frame(township, frame, outputs=["total", "rank"], **options)
    return {body: (str(total) if total is not None else reason) for body, _, _, _, reason, total, _ in marks.iter_rows()}


def test_what_cannot_be_scored_says_why(township):
    frame = small(insured=[602, None, 10**15, -1, 768, 768, 768, 602], period=["2023-10"] * 6 + ["2024-01", None])
    frame = frame.with_columns(body=pl.Series(["a", "b", "c", "d", "e", "e", "f", "g"]))
    marks = score_frame(township, frame, outputs=["total"]).sort("body")
    assert marks.height == 8
    found = list(zip(marks["body"], marks["state"], marks["reason"], marks["total"], strict=True))
    beyond = "参保人数（insured）超出规定的范围或小数位"
    assert found == [
        ("a", "scored", None, Decimal("78.39")),
        ("b", "not_filed", "“城乡居民养老保险参保任务完成”未填报", None),
        ("c", "refused", beyond, None),
        ("d", "refused", beyond, None),
        ("e", "refused", "同一单位同一期间不止一行", None),
        ("e", "refused", "同一单位同一期间不止一行", None),
        ("f", "refused", "期间写法不对，或不在本方案的年度内", None),
        ("g", "refused", "没有期间", None),
    ]  # fmt: skip


def test_a_row_without_body_or_group_is_refused_and_ranks_leave_it_out(township):
    frame = small(insured=[768, 700, 600]).with_columns(body=pl.Series(["a", None, "c"]), group=pl.Series(["镇", "镇", None]))
    marks = score_frame(township, frame, outputs=["total", "rank"])
    assert marks["reason"].to_list() == [None, "没有单位代码", "没有类别"]
    assert marks["rank"].to_list() == [1, None, None]


def test_figures_may_come_as_whole_numbers_decimals_or_text_and_periods_as_text_dates_or_numbers(township):
    for insured in (
        pl.Series([602, 603], dtype=pl.UInt16), pl.Series(["602", "+603.0"]), pl.Series([Decimal("602.00"), Decimal("603.00")]),
        pl.Series(["602", "603"]).cast(pl.Decimal(30, 0)),
    ):  # fmt: skip
        assert told(township, small(insured=[1, 2]).with_columns(insured=insured)) == {"b0": "78.39", "b1": "78.52"}
    for period in (pl.Series([date(2023, 10, 31), date(2023, 10, 1)]), pl.Series([2023 * 12 + 9] * 2)):
        assert told(township, small(insured=[602, 603]).with_columns(period=period)) == {"b0": "78.39", "b1": "78.52"}


def test_a_day_of_the_same_month_written_otherwise_is_the_same_period(township):
    frame = small(insured=[602, 603]).with_columns(body=pl.Series(["a", "a"]), period=pl.Series([date(2023, 10, 31), date(2023, 10, 1)]))
    assert score_frame(township, frame, outputs=["total"])["reason"].to_list() == ["同一单位同一期间不止一行"] * 2


@pytest.mark.parametrize("insured", [["602.5"], ["6e2"], ["六百"], [Decimal("602.5")], ["1" * 30]])
def test_more_decimals_than_declared_and_what_is_no_number_is_refused_never_rounded(township, insured):
    assert told(township, small(insured=insured)) == {"b0": "参保人数（insured）超出规定的范围或小数位"}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (small(insured=[602.0]), "insured is Float64, give integers or DECIMAL: a float has lost digits already"),
        (small(insured=[True]), "insured is Boolean"),
        (small(insured=[602]).drop("target", "group"), "it lacks the columns group, target"),
        (small(insured=[602]).with_columns(body=pl.lit(7)), "body is Int32, give text"),
    ],
)
def test_a_table_that_cannot_be_exact_is_refused_with_every_fault(township, frame, message):
    with pytest.raises(MinshengError, match="the table can't be scored") as caught:
        score_frame(township, frame)
    assert message in str(caught.value)


def test_a_large_file_is_scored_period_by_period_to_the_same_rows(nation, township, tmp_path):
    steps = []
    whole = score_parquet(township, nation, tmp_path / "a.parquet")
    parts = score_parquet(township, nation, tmp_path / "b.parquet", rows_at_once=10, progress=lambda *step: steps.append(step))
    assert pl.read_parquet(tmp_path / "a.parquet").equals(pl.read_parquet(tmp_path / "b.parquet"))
    assert (whole.by_reason, whole.inputs, whole.fingerprint) == (parts.by_reason, parts.inputs, parts.fingerprint)
    assert steps == [(300, 1200, "2023-01"), (600, 1200, "2023-02"), (900, 1200, "2023-03"), (1200, 1200, "2023-04")]


def test_an_empty_table_gives_an_empty_one(nation, township, tmp_path):
    pl.read_parquet(nation).clear().write_parquet(tmp_path / "none.parquet")
    summary = score_parquet(township, tmp_path / "none.parquet", tmp_path / "out.parquet")
    assert (summary.rows, summary.scored, pl.read_parquet(tmp_path / "out.parquet").height) == (0, 0, 0)


def test_files_that_cannot_be_read_or_would_be_written_over_are_refused(nation, township, tmp_path, capsys):
    (tmp_path / "no.parquet").write_text("nothing")
    for source, words in (
        (tmp_path / "no.parquet", "can't be read as Parquet"),
        (tmp_path / "nowhere.parquet", "can't be read as Parquet"),
    ):
        with pytest.raises(MinshengError, match=words):
            score_parquet(township, source, tmp_path / "out.parquet")
    with pytest.raises(MinshengError, match="written over itself"):
        score_parquet(township, nation, nation)
    with pytest.raises(MinshengError, match=r"the plan gives no 'totl'; it gives .*total"):
        score_parquet(township, nation, tmp_path / "out.parquet", outputs=["totl"])
    assert main(["score", "2023", "--in", "x", "--out", "y", "--sheet", "nobody"]) == 2
    assert "no sheet 'nobody'" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.part"))


def frame_of(cells, keys):
    """A table as somebody would hand it in: text, decimals and whole numbers in the fields' units."""
    data = {"body": [body for body, _ in keys], "group": [group for _, group in keys]}
    data["period"] = [f"2023-{row['period'] % 12 + 1:02d}" for row in cells]
    schema = {"body": pl.String, "group": pl.String, "period": pl.String}
    for one in RAW:
        column = column_of(one)
        values = [row[one.name] for row in cells]
        if one.kind == "text":
            data[one.name] = [None if cell is None else STAGES[cell] if 0 <= cell < len(STAGES) else "不知道" for cell in values]
            schema[one.name] = pl.String
        elif column.decimals:
            data[one.name] = [None if cell is None else Decimal(cell).scaleb(-column.decimals) for cell in values]
            schema[one.name] = pl.Decimal(20, column.decimals)
        else:
            data[one.name], schema[one.name] = values, pl.Int64
    return pl.DataFrame(data, schema=schema)


def values_of(frame, output):
    """The output's exact values by (body, period)."""
    if f"{output.name}.numerator" in frame.columns:
        parts = zip(frame[f"{output.name}.numerator"], frame[f"{output.name}.denominator"], strict=True)
        found = [None if above is None else F(int(above), int(below)) for above, below in parts]
    else:
        found = [None if value is None else F(value) for value in frame[output.name]]
    return dict(zip(zip(frame["body"], frame["period"], strict=True), found, strict=True))


def test_a_column_that_is_not_there_is_named_and_the_result_may_be_read_by_others(nation, tmp_path, capsys):
    pl.read_parquet(nation).rename({"typical_county": "typical_coutny"}).write_parquet(tmp_path / "in.parquet")
    assert main(["score", "2023", "--in", str(tmp_path / "in.parquet"), "--out", str(tmp_path / "out.parquet"), "--json"]) == 0
    told = capsys.readouterr()
    assert "typical_county" in json.loads(told.out)["absent"]
    assert "not in the table, so taken as empty: " in told.err
    (tmp_path / "usual").touch()
    assert (tmp_path / "out.parquet").stat().st_mode == (tmp_path / "usual").stat().st_mode
