"""Standard vocational schools: a school of the paper first, then properties, then what does not count."""

from fractions import Fraction as F

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import Case, Indicator, Period, Place, QuantityError, Report, load_plugins, load_scheme, prepare, read_quantity
from minsheng_vocational import StandardSchools, read_standards

SCHEME = load_scheme("2023")
PLUGINS = load_plugins(only=["vocational"])
KIND = StandardSchools()
OCTOBER = Period(2023, 10)
GOOD = {
    "campus_area": "143333", "campus_area_per_student": "33.80", "building_area": "84820", "building_area_per_student": "20", "teachers": "231",
    "student_teacher_ratio": "18.36", "equipment": "2652", "equipment_per_student": "6253.24", "books_per_student": "31.2", "students": "4241",
    "acceptance_number": "验〔2023〕1号", "acceptance_date": "2023-09-20", "counted_before": "否", "class": "",
}  # fmt: skip
NINE = KIND.standards["一般"].thresholds
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


def test_the_four_schools_of_the_paper_give_full_marks_and_three_of_them_three_quarters():
    sheets = tuple(sheet for sheet in SCHEME.sheets if sheet.id == "edu")
    scheme = evolve(SCHEME, indicators=(SCHEME.indicator("vocational_schools"),), sheets=sheets)
    assessment, parameters = prepare(scheme, PLUGINS).items["edu", "schools"]
    target, full = read_quantity("4所"), read_quantity("100分")
    for schools, marks in ((4, 100), (3, 75)):
        values = KIND.measure(case(*(row(name) for name in NAMES[:schools]))).values
        facts = {**values, "target": target, "full": full, "elapsed": read_quantity("75%"), "progress": None}
        assert assessment.assess(facts, parameters).value == read_quantity(f"{marks}分")


def test_the_nine_limits_are_those_of_the_standard_as_its_clause_prints_them():
    shown = [str(one.limit) for one in NINE]
    assert shown == ["40000m²", "33m²/人", "24000m²", "20m²/人", "60人", "20", "300万元", "2500元/人", "30册/人"]
    (clause,) = [one for one in PLUGINS.rules.clauses if one.id == "vocational/nine"]
    assert [read_quantity(one).base for one in clause.figures] == [one.limit.base for one in NINE]


def test_a_blank_class_is_the_ordinary_one():
    assert counted(row()) == counted(row(**{"class": "一般"})) == 1


def test_a_technical_school_falls_short_by_its_own_limits_and_is_never_passed_on_those_of_others():
    smaller = row(**{"class": "技工"}, campus_area="30000", campus_area_per_student="30", building_area="18000", students="")
    assert counted(smaller) == 0
    assert list(found(smaller)) == ["vocational.no_standard"]
    assert "专任教师数" in found(smaller)["vocational.no_standard"]
    short = row(**{"class": "技工"}, campus_area="29999", campus_area_per_student="", students="")
    assert "低于标准30000m²，差1m²" in found(short)["vocational.short"]


def test_an_arts_school_is_left_open_because_its_limits_were_not_found():
    arts = row(**{"class": "艺术"})
    measurement = KIND.measure(case(arts, row(NAMES[1], line=4)))
    assert [school["counts"] for school in measurement.details["schools"]] == [None, True]
    assert {name: value.value for name, value in measurement.values.items()} == {"counted": 1, "passing": 1}
    assert list(found(arts)) == ["vocational.no_standard"]
    assert {part.how for part in measurement.step.parts[0].parts} == {"不能判定（没有找到标准）"}


def test_the_printed_name_is_the_same_school():
    assert counted(row("宁乡市瀟湘职业中专学校")) == 1


@pytest.mark.parametrize("threshold", NINE, ids=lambda threshold: threshold.name)
def test_the_limit_itself_passes_and_the_least_beyond_fails(threshold):
    """全数值比较法: 19.999 is not 20."""
    least = F(1, 10**threshold.decimals)
    limit = threshold.limit.value
    beyond = limit - least if threshold.sign == ">=" else limit + least
    for value, passes in ((limit, 1), (beyond, 0)):
        assert counted(_with(threshold.name, value)) == passes


def _with(name, value):
    report = row()
    quantity = report.values[name]
    return evolve(report, values={**report.values, name: evolve(quantity, value=value)})


@given(st.sampled_from([one for one in NINE if one.sign == ">="]), st.integers(0, 10**5), st.integers(0, 10**5))
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


@pytest.mark.parametrize(("each", "fits"), [("6252.07", True), ("6254.42", True), ("6252.05", False), ("6254.43", False)])
def test_a_total_printed_in_万元_is_only_known_to_half_of_one(each, fits):
    """2652 万元 of 4241 students is 6253.24 ± 1.18 元, and the figure itself is printed to ± 0.005."""
    assert ("vocational.per_student" not in found(row(equipment_per_student=each))) == fits


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"campus_area": "215亩"}, "校园占地面积.*最多2位小数（单位m²）.*215亩"), ({"teachers": "60.5"}, "专任教师数.*0位小数"),
        ({"equipment": "-1"}, "仪器设备总值.*不小于0"), ({"acceptance_date": "2023-02-30"}, "验收日期.*存在的日期"),
        ({"class": "民办"}, "办学类别.*一般、艺术、技工之一"), ({"counted_before": "不详"}, "以前年度已计入.*是、否之一"),
    ],
)  # fmt: skip
def test_a_cell_that_the_form_does_not_allow_is_refused_by_its_title(changes, message):
    with pytest.raises(QuantityError, match=message):
        row(**changes)


def test_a_limit_in_another_unit_or_of_no_indicator_does_not_load(tmp_path):
    text = '[[indicator]]\nname = "teachers"\ntitle = "专任教师数"\nunit = "人"\nsign = ">="\n[[standard]]\nclass = "一般"\nclause = "c"\n'
    path = tmp_path / "thresholds.toml"
    for limit, error in (('teachers = "60m²"', QuantityError), ('tutors = "60人"', KeyError)):
        path.write_text(f"{text}[standard.limits]\n{limit}\n", encoding="utf-8")
        with pytest.raises(error):
            read_standards(path)


def test_a_school_twice_is_left_open():
    assert counted(row(), row(line=4)) is None
    assert "vocational.duplicate" in found(row(), row(line=4))


def test_nothing_filed_is_not_zero_schools():
    assert KIND.measure(case()) is None
