"""The rate of good sections: bulletins and the sample months first, then properties, then doubtful and wrong reports."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import minsheng_water
from minsheng_core import (
    Case,
    Indicator,
    Period,
    Place,
    Quantity,
    Report,
    Rounding,
    Severity,
    load_plugins,
    load_scheme,
    prepare,
    read_quantity,
    read_reports,
    round_places,
    unit,
)
from minsheng_water import ITEMS, GoodRate

SCHEME = load_scheme("2023")
INDICATOR = SCHEME.indicator("water_quality")
NAMES = [subject.name for subject in INDICATOR.subjects]
KIND = GoodRate()
OCTOBER, SEPTEMBER = Period(2023, 10), Period(2023, 9)
CLEAN = {"PH": "7.5", "DO": "7.9", "CODMN": "2.4", "NH3N": "0.18", "TP": "0.021"}
EXAMPLES = Path(__file__).parents[3] / "examples"


def row(name, period=OCTOBER, line=3, day=None, **changes):
    texts = changes if changes.keys() == {"status"} else {**CLEAN, **changes}
    fields = [field for field in KIND.form.fields if field.name not in ("section", "sampled")]
    values = {field.name: field.read(texts.get(field.name, "")) for field in fields}
    values |= {"section": name, "sampled": KIND.form.field("sampled").read(f"{period}-11" if day is None else day)}
    columns = {field.name: number for number, field in enumerate(KIND.form.fields, 4)}
    place = Place("f.csv", line)
    return Report(indicator="water_quality", body="eco", period=period, subject=name, values=values, place=place, columns=columns)


def case(*rows, at=OCTOBER, **options):
    """A case of the lead body at the end of *at*; *options* are the indicator's."""
    indicator = evolve(INDICATOR, options={**INDICATOR.options, **options})
    return Case(indicator=indicator, body=SCHEME.body("eco"), period=at, reports=rows, target=read_quantity("100%"))


def with_subject(one, name, **options):
    """The case with further options for one of its sections."""
    subjects = tuple(evolve(s, options={**s.options, **options}) if s.name == name else s for s in one.indicator.subjects)
    return evolve(one, indicator=evolve(one.indicator, subjects=subjects))


def codes(one, severity=None):
    return [finding.code for finding in KIND.validate(one) if severity in (None, finding.severity)]


def rate(one):
    value = KIND.measure(one).values["good_rate"]
    return None if value is None else value.value


def ready(*methods):
    """The scheme cut down to water, with this plugin alone and one item for each of *methods*."""
    sheet, item = next((sheet, item) for sheet in SCHEME.sheets for item in sheet.items if item.indicator == INDICATOR.id)
    items = tuple(evolve(item, id=method, method=method) for method in methods)
    small = evolve(SCHEME, indicators=(INDICATOR,), sheets=(evolve(sheet, items=items),))
    return sheet.id, prepare(small, load_plugins(only=["under_test"], extra={"under_test": minsheng_water}))


def marks(method, good_rate):
    """What the method gives of 10 marks."""
    sheet, prepared = ready(method)
    assessment, parameters = prepared.items[sheet, method]
    nothing = {field.name: None for field in KIND.measures}
    known = {"target": read_quantity("100%"), "full": read_quantity("10分"), "elapsed": read_quantity("83%"), "progress": None}
    value = None if good_rate is None else Quantity(F(good_rate), unit("%"))
    step = assessment.assess({**nothing, **known, "good_rate": value}, parameters)
    return None if step.value is None else step.value.value


def test_it_is_an_indicator_of_the_core_with_all_24_items_and_no_flow():
    assert isinstance(KIND, Indicator)
    assert len(ITEMS) == 24
    assert not KIND.flow
    assert {"good_rate", "good", "attained", "evaluated", "attained_rate", "below_v", "not_monitored"} == {
        field.name for field in KIND.measures
    }


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (169, 180, "93.9"), (6, 180, "3.3"), (5, 180, "2.8"), (23, 28, "82.1"), (2, 28, "7.1"), (7, 28, "25.0"), (14, 28, "50.0"),
        (1, 28, "3.6"), (3, 28, "10.7"), (3, 32, "9.4"), (21, 32, "65.6"), (8, 32, "25.0"), (31, 32, "96.9"),
    ],
)  # fmt: skip
def test_the_shares_of_published_bulletins_come_out(part, whole, printed):
    names = [f"断面{number}" for number in range(whole)]
    subjects = tuple(evolve(INDICATOR.subjects[0], id=name, name=name, aliases=()) for name in names)
    one = case(*(row(name, TP="0.05" if number < part else "0.25") for number, name in enumerate(names)))
    exact = rate(evolve(one, indicator=evolve(one.indicator, subjects=subjects)))
    assert exact == F(part * 100, whole)
    assert round_places(exact, 1, Rounding.HALF_UP) == F(printed)


def test_of_418_sections_one_without_monitoring_leaves_the_denominator_and_is_named():
    """Hunan 2017-11: 418 provincial sections were monitored, one lake was being dredged and was not."""
    names = [f"断面{number}" for number in range(418)] + ["郴州北湖公园"]
    subjects = tuple(evolve(INDICATOR.subjects[0], id=name, name=name, aliases=()) for name in names)
    one = case(*(row(name) for name in names[:-1]), row(names[-1], status="清淤未监测"))
    measurement = KIND.measure(evolve(one, indicator=evolve(one.indicator, subjects=subjects)))
    assert (measurement.values["evaluated"].value, measurement.values["not_monitored"].value) == (418, 1)
    assert "郴州北湖公园" in measurement.step.how
    assert measurement.details["sections"][-1] == {"section": "郴州北湖公园", "state": "not_monitored"}
    (lake,) = [step for step in measurement.step.parts if step.label == "郴州北湖公园"]
    assert (lake.value, lake.how) == (None, "未监测（清淤未监测），不计入分母")


def test_a_section_may_be_good_and_miss_its_target_as_in_changsha_in_october_2025():
    one = with_subject(case(*(row(name, TP="0.15") for name in NAMES[:5])), NAMES[0], target_class="II")
    values = KIND.measure(one).values
    assert (values["good_rate"].value, values["attained_rate"].value) == (100, 80)


def test_the_sample_months_hold_the_rounding_case_in_their_mean_and_a_class_four_in_october():
    filed = read_reports([EXAMPLES / f"{month}/water_quality.invented.csv" for month in (SEPTEMBER, OCTOBER)], ready()[1])
    assert not filed.findings
    both = KIND.measure(case(*filed.reports))
    shengli = next(one for one in both.details["sections"] if one["section"] == "胜利")
    assert (shengli["means"]["TP"], shengli["class"]) == ("0.2", "Ⅲ")  # (0.1812 + 0.2198) / 2 = 0.2005
    assert (both.values["good_rate"], both.values["not_monitored"].value) == (Quantity(F(100), unit("%")), 0)
    october = KIND.measure(case(*filed.reports, period="month"))
    assert (october.values["good_rate"].value, october.values["not_monitored"].value) == (80, 1)
    assert {finding.code for finding in KIND.validate(case(*filed.reports))} == {"water.not_monitored"}


def test_a_lake_is_graded_apart_from_the_river_it_feeds():
    measurement = KIND.measure(case(*(row(name) for name in NAMES[:5]), row("黄材水库", TP="0.06")))
    assert measurement.details["rivers"] == {"沩水": "优", "靳江河": "优", "沩水（湖库）": "轻度污染"}
    assert ("沩水（湖库）水质", "轻度污染") in [(step.label, step.value) for step in measurement.step.parts]


def test_a_cumulative_class_is_that_of_the_mean_and_not_the_share_of_good_months():
    months = [row("胜利", SEPTEMBER, NH3N="1.4"), row("胜利", NH3N="0.4")]
    assert rate(case(*months)) == 100
    assert rate(case(months[0], at=SEPTEMBER, period="month")) == 0
    assert rate(case(*months, period="month")) == 100


def test_a_month_of_another_year_is_not_in_the_mean():
    assert rate(case(row("胜利", Period(2022, 12), NH3N="9"), row("胜利"))) == 100


def test_a_section_known_from_earlier_months_still_counts_and_its_gap_is_named():
    one = case(row("胜利", SEPTEMBER), row("双江口"), row("胜利", status="断流", line=4))
    values = KIND.measure(one).values
    assert (values["evaluated"].value, values["not_monitored"].value) == (2, 4)
    assert "胜利2023-10未监测（断流），本月没有数据" in [finding.message for finding in KIND.validate(one)]


def test_the_explanation_goes_from_the_rate_to_every_cell():
    one = case(
        row("胜利", SEPTEMBER, line=7, NH3N="1.6"), row("胜利", line=8, NH3N="1.2"), row("胜利", line=9, day="2023-10-20", NH3N="1.4")
    )
    section = KIND.measure(one).step.parts[0]
    item = section.parts[0]
    assert (section.label, section.value, item.label, item.value.value) == ("胜利", "Ⅳ类（轻度污染）", "氨氮", F("1.45"))
    (rounding,) = item.parts
    assert (rounding.value.value, rounding.clause) == (F("1.45"), "cnemc2018-87/decimals")
    months = rounding.parts[0].parts
    assert [month.value.value for month in months] == [F("1.6"), F("1.3")]
    column = next(number for number, field in enumerate(KIND.form.fields, 4) if field.name == "NH3N")
    assert [sample.place for month in months for sample in month.parts] == [Place("f.csv", line, column) for line in (7, 8, 9)]


def test_every_clause_that_is_named_is_in_the_rules():
    rules = load_plugins(only=["under_test"], extra={"under_test": minsheng_water}).rules
    known = {clause.id for clause in rules.clauses}
    one = case(
        row("胜利", VP="0.5L", TP="170"), row("双江口", TP="", line=4), row("石灵桥", status="断流", line=5), missing_policy="exclude"
    )
    named = {step.clause for _, step in KIND.measure(one).step.walk()} | {finding.clause for finding in KIND.validate(one)}
    assert {"gb3838/table1", "mee2020-714/items", "mee2020-82/below", "cnemc2018-87/decimals", "mee2011-22/basin", "water/rate"} <= named
    assert named - {""} <= known
    assert all(document.note for document in rules.documents)
    assert all(method.is_assumption and method.reason for method in rules.methods)


@pytest.mark.parametrize(
    ("policy", "good_rate", "evaluated"), [("undetermined", None, None), ("exclude", 100, 1), ("fail", 50, 2)]
)  # fmt: skip
def test_what_a_section_without_a_required_item_does_is_the_policys_to_say(policy, good_rate, evaluated):
    measurement = KIND.measure(case(row("胜利"), row("双江口", TP=""), missing_policy=policy))
    count = measurement.values["evaluated"]
    assert (measurement.values["good_rate"] and measurement.values["good_rate"].value, count and count.value) == (good_rate, evaluated)
    assert "双江口" in measurement.step.how


def test_an_x_item_is_required_of_its_own_section_only():
    one = with_subject(case(row("胜利"), row("双江口")), "胜利", x_items=["COD"])
    assert rate(one) is None
    assert "胜利缺少必评项目：化学需氧量" in "".join(finding.message for finding in KIND.validate(one))
    assert rate(with_subject(case(row("胜利", COD="12"), row("双江口")), "胜利", x_items=["COD"])) == 100


def test_a_section_that_is_not_evaluated_stays_out_of_the_rate_and_of_the_names():
    one = with_subject(case(row("胜利"), row("双江口", NH3N="9")), "宁乡双江口", evaluated=False)
    values = KIND.measure(one).values
    assert (values["good_rate"].value, values["evaluated"].value, values["not_monitored"].value) == (100, 1, 4)


def test_nothing_filed_is_none_and_nothing_evaluated_leaves_every_measure_missing():
    assert KIND.measure(case(row("胜利", SEPTEMBER))) is None
    nothing = KIND.measure(case(*(row(name, status="断流") for name in NAMES)))
    assert set(nothing.values.values()) == {None}
    assert nothing.step.how == "没有可以参评的断面"


@pytest.mark.parametrize(
    ("method", "good_rate", "expected"),
    [
        ("water.share", 80, 8), ("water.share", 100, 10), ("water.share", None, None),
        ("water.all_or_nothing", 100, 10), ("water.all_or_nothing", F(9999, 100), 0), ("water.all_or_nothing", None, None),
        ("water.banded", 74, 0), ("water.banded", 75, 6), ("water.banded", 90, 8), ("water.banded", 100, 10), ("water.banded", None, None),
    ],
)  # fmt: skip
def test_the_methods_give_these_of_ten_marks(method, good_rate, expected):
    assert marks(method, good_rate) == expected


@given(st.lists(st.sampled_from(["0.02", "0.15", "0.25", "0.45"]), min_size=1, max_size=5))
def test_a_section_that_is_not_monitored_never_changes_the_rate(phosphorus):
    rows = [row(name, TP=text) for name, text in zip(NAMES, phosphorus, strict=False)]
    known = tuple(subject for subject in INDICATOR.subjects if subject.name in NAMES[: len(rows)])
    without = case(*rows)
    without = evolve(without, indicator=evolve(without.indicator, subjects=known))
    with_one_more = evolve(case(*rows, row(NAMES[-1], status="断流")))
    assert rate(without) == rate(case(*rows)) == rate(with_one_more)


@given(st.permutations(range(6)), st.lists(st.sampled_from(["0.02", "0.15", "0.25"]), min_size=6, max_size=6))
def test_the_order_of_rows_changes_no_measure(order, phosphorus):
    rows = [row(name, line=number, TP=text) for number, (name, text) in enumerate(zip(NAMES, phosphorus, strict=True))]
    assert KIND.measure(case(*rows)).values == KIND.measure(case(*(rows[index] for index in order))).values


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["0.01", "0.04", "0.09", "0.25", "0.9"]),
    st.sampled_from(["0.01", "0.04", "0.09", "0.25", "0.9"]),
)
def test_a_worse_value_never_raises_the_rate(name, one, other):
    better, worse = sorted([one, other], key=F)
    assert rate(case(*(row(each, TP=better if each == name else "0.02") for each in NAMES))) >= rate(
        case(*(row(each, TP=worse if each == name else "0.02") for each in NAMES))
    )


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([row("胜利"), row("胜利", line=4)], "water.duplicate", "f.csv:3"),
        ([row("胜利", SEPTEMBER), row("胜利", SEPTEMBER, line=4), row("胜利", line=5)], "water.duplicate", "2023-09-11"),
        ([row("胜利", SEPTEMBER), row("胜利", day="2023-09-11", line=4)], "water.duplicate", "2023-09-11"),
        ([row("宁乡双江囗")], "water.unknown_section", "是不是“宁乡双江口”？"),
        ([row("胜利", PH="6.0L")], "water.detection", "没有检出限"),
    ],
)
def test_an_error_leaves_the_rate_open_and_says_where(rows, code, words):
    one = case(*rows)
    found = [finding for finding in KIND.validate(one) if finding.severity is Severity.ERROR]
    assert [finding.code for finding in found] == [code]
    assert words in found[0].message
    assert found[0].place.file == "f.csv"
    assert found[0].place.column
    measurement = KIND.measure(one)
    assert set(measurement.values.values()) == {None}
    assert found[0].message in measurement.step.how


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([row("胜利", day="2023-09-30")], "water.date", "2023-09-30不在2023-10内"),
        ([row("胜利", day="")], "water.no_date", "采样日期"),
        ([row("胜利", TP="")], "water.item_missing", "缺少必评项目：总磷，不能定类"),
        ([row("胜利", SEPTEMBER), row("胜利", TP="")], "water.item_missing", "只由其他月份得出"),
        ([row("胜利", TP="170")], "water.unit", "μg/L"),
        ([row("胜利", TP="0.5L")], "water.detection", "一半已超过Ⅲ类限值"),
        ([row("胜利", TP="0")], "water.zero", "不要填 0"),
        ([row("双江口"), row("胜利", status="断流")], "water.not_monitored", "未监测（断流）"),
        ([row("双江口")], "water.not_monitored", "未监测（没有填报）"),
        ([row("胜利", status="断流", TP="0.1", PH="7")], "water.status", "断流"),
    ],
)
def test_a_doubtful_report_is_a_warning_at_its_place(rows, code, words):
    found = [finding for finding in KIND.validate(case(*rows)) if finding.code == code and words in finding.message]
    assert found
    assert found[0].severity is Severity.WARNING
    assert found[0].place.line in (3, 4)


def test_the_limit_that_is_doubted_is_the_sections_own():
    """Half of 0.12L is above what a lake may have in class Ⅲ, and far below what a river may."""
    assert "water.detection" in codes(case(row("黄材水库", TP="0.12L")))
    assert "water.detection" not in codes(case(row("胜利", TP="0.12L")))


def test_a_value_at_the_edge_of_doubt_is_not_doubted():
    assert "water.unit" not in codes(case(row("胜利", TP="8")))
    assert "water.unit" in codes(case(row("胜利", TP="8.001")))


def test_clean_sections_give_no_finding_and_a_year_of_few_months_does():
    assert codes(case(*(row(name) for name in NAMES))) == []
    december = Period(2023, 12)
    few = [row(name, Period(2023, month)) for month in range(6, 13) for name in NAMES]
    assert set(codes(case(*few, at=december))) == {"water.few_months"}
    enough = [row(name, Period(2023, month)) for month in range(5, 13) for name in NAMES]
    assert codes(case(*enough, at=december)) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"period": "year"}, "cumulative、month"), ({"missing_policy": "guess"}, "undetermined、exclude、fail"),
        ({"heavy_threshold": "50%"}, "75% 或 60%"), ({"period": ["month"]}, "cumulative、month"),
    ],
)  # fmt: skip
def test_an_option_that_can_not_be_read_is_an_error_and_never_a_default(options, words):
    one = case(row("胜利"), **options)
    (found,) = [finding for finding in KIND.validate(one) if finding.code == "water.options"]
    assert words in found.message
    assert found.severity is Severity.ERROR
    assert rate(one) is None


@pytest.mark.parametrize(
    "options", [{"water": "sea"}, {"target_class": "劣Ⅴ"}, {"x_items": ["XYZ"]}, {"x_items": [["COD"]]}, {"evaluated": "yes"}]
)
def test_so_is_an_option_of_a_section(options):
    one = with_subject(case(row("胜利")), "胜利", **options)
    assert "water.options" in codes(one, Severity.ERROR)
    assert rate(one) is None
