"""Standard vocational schools: a school of the paper first, then properties, then what does not count."""

from fractions import Fraction as F

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from minsheng_vocational import StandardSchools

from minsheng_core import Case, Indicator, Period, Place, Report, load_scheme, read_quantity

SCHEME = load_scheme("2023")
KIND = StandardSchools()
OCTOBER = Period(2023, 10)
GOOD = {
    "campus_area": "143333", "campus_area_per_student": "33.80", "building_area": "84820", "building_area_per_student": "20", "teachers": "231",
    "student_teacher_ratio": "18.36", "equipment": "2652", "equipment_per_student": "6253.24", "books_per_student": "31.2", "students": "4241",
    "acceptance_number": "验〔2023〕1号", "acceptance_date": "2023-09-20", "counted_before": "否",
}  # fmt: skip
NAMES = [subject.name for subject in SCHEME.indicator("vocational_schools").subjects]


def row(school=NAMES[0], line=3, **changes):
    values = {field.name: field.read({**GOOD, "school": school, **changes}[field.name]) for field in KIND.form.fields}
    return Report(indicator="vocational_schools", body="edu", period=OCTOBER, subject=school, values=values, place=Place("f.csv", line))


def case(*rows):
    return Case(
        indicator=SCHEME.indicator("vocational_schools"), body=SCHEME.body("edu"), period=OCTOBER, reports=rows, target=read_quantity("4所")
    )


def counted(*rows):
    value = KIND.measure(case(*rows)).values["counted"]
    return value and value.value


def found(*rows):
    return {finding.code: finding.message for finding in KIND.validate(case(*rows))}


def test_it_is_an_indicator_of_the_core():
    assert isinstance(KIND, Indicator)


def test_a_school_that_meets_all_nine_with_evidence_counts():
    assert counted(row()) == 1
    assert counted(*(row(name) for name in NAMES)) == 4
    assert found(row()) == {}


def test_18_9_square_metres_a_student_fall_short_of_20_by_1_1():
    short = row(building_area_per_student="18.9", building_area="80155")
    assert counted(short) == 0
    assert "生均校舍建筑面积18.9m²/人，低于标准20m²/人，差1.1m²/人" in found(short)["vocational.short"]


def test_the_printed_name_is_the_same_school():
    assert counted(row("宁乡市瀟湘职业中专学校")) == 1


@pytest.mark.parametrize("threshold", KIND.thresholds, ids=lambda threshold: threshold.name)
def test_the_limit_itself_passes_and_the_least_beyond_fails(threshold):
    """全数值比较法: 19.999 is not 20."""
    least = F(1, 10**threshold.decimals)
    beyond = threshold.limit - least if threshold.sign == ">=" else threshold.limit + least
    for value, passes in ((threshold.limit, 1), (beyond, 0)):
        assert counted(_with(threshold.name, value)) == passes


def _with(name, value):
    report = row()
    quantity = report.values[name]
    return evolve(report, values={**report.values, name: evolve(quantity, value=value)})


@given(st.sampled_from([one for one in KIND.thresholds if one.sign == ">="]), st.integers(0, 10**5), st.integers(0, 10**5))
def test_raising_a_figure_never_lowers_the_count(threshold, value, more):
    assert counted(_with(threshold.name, F(value))) <= counted(_with(threshold.name, F(value + more)))


@given(st.permutations(NAMES))
def test_the_order_of_rows_changes_nothing(names):
    rows = [row(name, building_area_per_student="18" if name == NAMES[1] else "20") for name in names]
    assert counted(*rows) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acceptance_number": ""}, "vocational.not_counted"), ({"acceptance_date": ""}, "vocational.not_counted"),
        ({"acceptance_date": "2023-11-01"}, "vocational.not_counted"), ({"counted_before": "是"}, "vocational.not_counted"),
        ({"teachers": ""}, "vocational.absent"), ({"school": "某某中学"}, "vocational.unknown_school"),
    ],
)  # fmt: skip
def test_what_does_not_count_says_why(changes, code):
    report = row(**changes)
    assert code in found(report)
    assert counted(report) == 0


def test_a_figure_a_student_that_is_not_total_by_students_is_doubtful():
    assert "vocational.per_student" in found(row(building_area_per_student="25"))


def test_a_school_twice_is_left_open():
    assert counted(row(), row(line=4)) is None
    assert "vocational.duplicate" in found(row(), row(line=4))


def test_nothing_filed_is_not_zero_schools():
    assert KIND.measure(case()) is None
