"""Scoring the 2023 scheme: the sample month first, then what holds for any figures, then bad reports."""

import json
import shutil
from datetime import date
from fractions import Fraction as F
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core import (
    Filed,
    Period,
    Quantity,
    Report,
    ReportError,
    Severity,
    Step,
    assess,
    assessment_json,
    check_rules,
    hookimpl,
    load_plugins,
    load_scheme,
    prepare,
    rank,
    read_quantity,
    read_reports,
)
from minsheng_core.finding import Place
from minsheng_core.scoring.fingerprint import fingerprints
from minsheng_core.scoring.measure import Event

EXAMPLES = Path(__file__).parents[1] / "examples"
GOLDEN = Path(__file__).parent / "golden"
OCTOBER = Period(2023, 10)
HEAD = "单位,期间,填报日期,参保人数\n"


def township(result, name):
    (found,) = [one for sheet in result.sheets if sheet.sheet.id == "township" for one in sheet.bodies if one.body.name == name]
    return found


def codes(result):
    return {finding.code for finding in result.findings}


def test_the_sample_month_gives_the_published_result(sample):
    """A golden result changes only together with a line in the CHANGELOG that says why."""
    expected = json.loads((GOLDEN / "2023-10.json").read_text(encoding="utf-8"))
    assert published(json.loads(json.dumps(assessment_json(sample)))) == published(expected)


def published(result):
    """The result with files named without their folder, which is the reader's own."""
    result.pop("fingerprints", None)  # tested below: they change with every version of the rules and of the lowering
    for finding in result["findings"]:
        if finding["place"]:
            finding["place"]["file"] = Path(finding["place"]["file"]).name
    return result


def test_a_fingerprint_holds_rules_plan_and_inputs_and_not_their_order_or_place(prepared, sample):
    filed = read_reports([EXAMPLES / "2023-10"], prepared)
    turned = evolve(filed, reports=tuple(evolve(one, place=Place("elsewhere.csv", 1)) for one in reversed(filed.reports)))
    again = fingerprints(prepared, turned)
    assert again == sample.fingerprints
    assert all(len(digits) == 64 for digits in again.values())
    fewer = fingerprints(prepared, evolve(filed, reports=filed.reports[1:]))
    assert {name for name in again if fewer[name] != again[name]} == {"inputs", "result"}
    sheets = tuple(evolve(sheet, rounding=evolve(sheet.rounding, places=1)) for sheet in load_scheme("2023").sheets)
    coarser = fingerprints(prepare(evolve(load_scheme("2023"), sheets=sheets), load_plugins()), filed)
    assert {name for name in again if coarser[name] != again[name]} == {"rules", "plan", "result"}


def test_nothing_filed_is_not_zero_and_is_named(sample):
    silent = township(sample, "龙田镇")
    assert (silent.state, silent.total, silent.rank) == ("not_filed", None, None)


def test_a_slip_of_ten_thousand_is_refused_with_its_place_and_never_scored(sample):
    slipped = township(sample, "黄材镇")
    assert (slipped.state, slipped.total) == ("undetermined", None)
    (finding,) = [one for one in sample.findings if one.code == "insurance.scale"]
    assert (finding.place.line, finding.place.column) == (23, 4)


def test_a_total_over_an_open_part_is_open_and_names_it(sample):
    pension = sample.indicators["resident_pension"]
    assert pension.state == "undetermined"
    assert "龙田镇" in pension.step.how
    assert sample.indicators["pension"].actual is None


def test_every_marked_body_is_explained_down_to_a_line_of_its_file(sample):
    for result in sample.sheets[0].bodies:
        if result.total is not None:
            places = {str(step.place) for _, step in result.step.walk() if step.place and step.label == "参保人数"}
            assert len(places) == 1
            assert "resident_pension.invented.csv" in places.pop()


def test_late_days_cost_marks_and_a_veto_bars_from_awards(sample):
    late = township(sample, "青山桥镇")
    assert [step.value.value for one, step in late.adjustments if one.id == "late"] == [4]
    assert township(sample, "喻家坳乡").barred


def test_a_municipal_figure_in_two_months_is_not_added(prepared):
    both = read_reports([Path(__file__).parents[1] / "examples"], prepared)
    result = assess(prepared, both, OCTOBER)
    assert result.indicators["unemployment"].actual.value == 98300


def test_ties_rank_1_2_2_4():
    marks = [("a", F(90)), ("b", F(95)), ("c", F(95)), ("d", F(99))]
    assert rank(marks) == ((1, "d"), (2, "b"), (2, "c"), (4, "a"))
    assert [place for place, _ in rank(marks, "dense")] == [1, 2, 2, 3]
    assert [place for place, _ in rank(marks, "ordinal")] == [1, 2, 3, 4]


marks_ = st.lists(st.integers(0, 20).map(F), min_size=1, max_size=15).map(lambda many: [(f"b{i}", mark) for i, mark in enumerate(many)])


@given(marks_, st.randoms())
def test_a_rank_is_one_more_than_the_bodies_above_in_any_order(marks, random):
    ranks = {body: place for place, body in rank(marks)}
    assert ranks == {body: 1 + sum(other > mark for _, other in marks) for body, mark in marks}
    random.shuffle(marks)
    assert {body: place for place, body in rank(marks)} == ranks


@given(marks_, st.integers(0, 14), st.integers(1, 5))
def test_improving_never_lowers_the_own_rank(marks, index, more):
    body, _ = marks[index % len(marks)]
    better = [(one, value + more if one == body else value) for one, value in marks]
    assert {one: place for place, one in rank(better)}[body] <= {one: place for place, one in rank(marks)}[body]


def report(prepared, body, insured, day, text="{}人"):
    values = dict.fromkeys(["insured", "paying", "drawing", "base", "document"])
    values["insured"] = prepared.plugins.indicator("insurance.stock").form.field("insured").read(text.format(insured))
    return Report(indicator="resident_pension", body=body, period=OCTOBER, values=values, place=Place("f.csv", 3), filed=day)


def total(prepared, body, insured, late=0, events=(), text="{}人"):
    day = OCTOBER.following().day(5 + late)
    happened = tuple(
        Event(kind=kind, body=body, period=OCTOBER, count=read_quantity(f"{n}件"), place=Place("e.csv", 1)) for kind, n in events
    )
    filed = Filed(reports=(report(prepared, body, insured, day, text),), events=happened)
    (_, result), *_ = assess(prepared, filed, OCTOBER).body(body)
    return result.total.value


people = st.integers(11037 // 5 + 1, 11037 * 5)


@settings(max_examples=40)
@given(people, people, st.integers(0, 20), st.integers(0, 20))
def test_more_achieved_never_scores_less_and_later_never_scores_more(prepared, one, other, early, late):
    less, more = sorted([one, other])
    early, late = sorted([early, late])
    weimountain = "430182218"
    assert 0 <= total(prepared, weimountain, less, early) <= total(prepared, weimountain, more, early) <= 110
    assert total(prepared, weimountain, more, late) <= total(prepared, weimountain, more, early)


@settings(max_examples=20)
@given(people)
def test_writing_万人_for_人_changes_nothing(prepared, insured):
    text = f"{insured // 10000}.{insured % 10000:04d}万人".replace("{", "")
    assert total(prepared, "430182218", insured) == total(prepared, "430182218", insured, text=text)


@settings(max_examples=20)
@given(people, st.sampled_from(["falsified", "safety_major"]))
def test_a_veto_dominates_whatever_was_achieved(prepared, insured, veto):
    vetoed = total(prepared, "430182218", insured, events=[(veto, 1), ("typical_province", 9)])
    assert vetoed <= (0 if veto == "falsified" else 59)


def test_a_missing_report_is_never_better_than_the_worst_one_filed(sample):
    ranks = [body.rank for body in sample.sheets[0].bodies]
    filed = [rank for rank in ranks if rank is not None]
    assert ranks == filed + [None] * (len(ranks) - len(filed))
    assert len(filed) == 26


@settings(max_examples=10)
@given(st.randoms())
def test_the_order_of_reports_changes_nothing(prepared, random):
    filed = read_reports([Path(__file__).parents[1] / "examples/2023-10"], prepared)
    mixed = list(filed.reports)
    random.shuffle(mixed)
    again = Filed(reports=tuple(mixed), refused=filed.refused, events=filed.events[::-1], findings=filed.findings)
    assert assessment_json(assess(prepared, again, OCTOBER), steps=True) == assessment_json(assess(prepared, filed, OCTOBER), steps=True)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("沩山乡,2023-10,2023-11-03,-5", "report.cell"), ("沩山乡,2023-10,2023-11-03,NaN", "report.cell"), ("沩山乡,2023-10,2023-11-03,Infinity", "report.cell"),
        ("沩山乡,2023-10,2023-11-31,10000", "report.cell"), ("沩山乡,2023-10,2023-11-03,1.5", "report.cell"), ("沩山乡,2023-10,2023-11-03,4所", "report.cell"),
        ("沩山乡,2023-13,2023-11-03,10000", "report.period"), ("浏阳市,2023-10,2023-11-03,10000", "report.unknown_body"),
        ("市教育局,2023-10,2023-11-03,10000", "report.not_asked"), ("沩山乡,2023-10,2023-11-03,", "report.cell"),
        ("沩山乡,2023-10,2023-11-03,10000\n沩山,2023-10,2023-11-03,10000", "insurance.duplicate"),
    ],
)  # fmt: skip
def test_a_bad_row_is_a_finding_with_its_place_and_gives_no_marks(assessed, row, code):
    result = assessed({"resident_pension": HEAD + row})
    (finding,) = [one for one in result.findings if one.code == code]
    assert finding.severity is Severity.ERROR
    assert finding.place.line >= 2
    assert finding.place.column > 0
    assert township(result, "沩山乡").total is None


def test_a_body_whose_row_can_not_be_read_is_not_called_silent(assessed):
    assert township(assessed({"resident_pension": HEAD + "沩山乡,2023-10,2023-11-03,很多"}), "沩山乡").state == "undetermined"


def test_a_file_in_gbk_is_read(assessed):
    result = assessed({"resident_pension": (HEAD + "沩山乡,2023-10,2023-11-03,11037").encode("gbk")})
    assert township(result, "沩山乡").total.value == 100


def test_a_total_row_is_a_checksum_and_no_body(assessed):
    result = assessed({"resident_pension": HEAD + "沩山乡,2023-10,2023-11-03,11037\n合计,2023-10,,11038"})
    assert "report.checksum" in codes(result)


def test_a_file_that_is_no_indicator_is_said_not_dropped(assessed):
    assert "report.unknown_file" in codes(assessed({"roads": HEAD, "resident_pension": HEAD + "沩山乡,2023-10,2023-11-03,11037"}))


def test_an_event_without_evidence_does_not_count(assessed):
    events = "单位,期间,事件,数量,文号,日期\n沩山乡,2023-10,市级典型案例,1,,\n"
    result = assessed({"resident_pension": HEAD + "沩山乡,2023-10,2023-11-03,11037", "events": events})
    assert "report.no_evidence" in codes(result)
    assert township(result, "沩山乡").total.value == 100


def test_a_folder_that_is_not_there_is_refused(prepared, tmp_path):
    with pytest.raises(ReportError, match="no such file or folder"):
        read_reports([tmp_path / "nowhere"], prepared)
    with pytest.raises(ReportError, match=r"no \.csv file"):
        read_reports([tmp_path], prepared)


def test_who_filed_without_having_a_target_is_told_that_and_not_that_they_filed(prepared, tmp_path):
    scheme = load_scheme("2023")
    pension = scheme.indicator("resident_pension")
    without = evolve(pension, shares=tuple(one for one in pension.shares if one.body != "430182218"))
    changed = evolve(scheme, indicators=tuple(without if one.id == pension.id else one for one in scheme.indicators))
    (tmp_path / "resident_pension.csv").write_text(HEAD + "沩山乡,2023-10,2023-11-03,11037", encoding="utf-8")
    result = assess(prepare(changed, prepared.plugins), read_reports([tmp_path], prepared), Period(2023, 10))
    weishan = township(result, "沩山乡")
    assert (weishan.state, weishan.total) == ("undetermined", None)
    assert weishan.reason == "城乡居民养老保险参保任务完成：没有分解给该单位的目标"


@given(st.dates(date(1999, 1, 1), date(2099, 12, 31)), st.integers(-40, 40))
def test_reports_of_another_year_keep_their_months_and_days_but_a_leap_day(day, years):
    report = Report(indicator="x", body="y", period=Period(day.year, day.month), values={"on": day}, place=Place("f"), filed=day)
    (moved,) = Filed(reports=(report,)).later(years).reports
    assert (moved.period.month, moved.period.year) == (day.month, day.year + years)
    assert moved.filed == moved.values["on"]
    assert (moved.filed.month, moved.filed.day) == (day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def test_a_project_counts_what_has_reached_its_target(sample):
    insurance, vocational, water = sample.projects
    assert (insurance.reached, insurance.short, insurance.open) == (("unemployment",), ("work_injury",), ("pension",))
    assert (vocational.short, water.short) == (("vocational_schools",), ("water_quality",))


@pytest.mark.parametrize(("when", "marks"), [("item", "95.10"), ("total", "95.10")])
def test_rounding_happens_once_where_the_sheet_says(prepared, when, marks):
    """10496 of 11037 is 95.0983…: exact in the item where the total is rounded, never rounded twice."""
    sheets = tuple(evolve(sheet, rounding=evolve(sheet.rounding, when=when)) for sheet in prepared.scheme.sheets)
    changed = prepare(evolve(load_scheme("2023"), sheets=sheets), load_plugins())
    filed = Filed(reports=(report(prepared, "430182218", 10496, OCTOBER.day(5)),))
    ((_, result),) = assess(changed, filed, OCTOBER).body("430182218")
    exact = F(10496 * 100, 11037)
    assert result.items[0].marks.value == exact
    assert result.items[0].rounded.value == (F(marks) if when == "item" else exact)
    assert result.total.value == F(marks)


class HalfMarks:
    """An Assessment in Python, as a plugin may give it."""

    id, kind = "test.half", "insurance.stock"

    def assess(self, facts, parameters):
        return Step(label="一半", value=Quantity(facts["full"].value * parameters["share"].base, facts["full"].unit))


def test_a_plugin_may_give_marks_in_python():
    plugin = SimpleNamespace(MINSHENG_API=(1, 0), minsheng_assessments=hookimpl(lambda: [HalfMarks()], specname="minsheng_assessments"))
    scheme = load_scheme("2023")
    first = scheme.sheets[0]
    item = evolve(first.items[0], method="test.half", parameters={"share": "50%"})
    prepared = prepare(evolve(scheme, sheets=(evolve(first, items=(item,)),)), load_plugins(extra={"half": plugin}))
    filed = Filed(reports=(report(prepared, "430182218", 11037, OCTOBER.day(5)),))
    ((_, result),) = assess(prepared, filed, OCTOBER).body("430182218")
    assert result.total.value == 50


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('[[kind]]\nid = "pension"', '[[kind]]\nid = "insurance.stock"', "a plugin already measures the kind 'insurance.stock'"),
        ('unit = "人"', 'unit = "头"', "unknown unit '头'"),
        ('maximum = "100万人"', 'maximum = "100万元"', "万元 can't be turned into 人"),
        ('title = "参保缴费"', 'title = "参保缴费"\nprimary = "insurd"', "no field 'insurd', its primary one"),
        ('maximum = "100万人"', "", "insured declares no minimum and maximum"),
    ],
)  # fmt: skip
def test_a_declared_kind_that_cannot_be_is_a_mistake_with_its_place(tmp_path, old, new, message):
    text = (EXAMPLES / "rules/liyang-2018.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "x.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    _, findings = check_rules(path, load_plugins())
    found = [one for one in findings if message in one.message]
    assert found, [str(one) for one in findings]
    assert all(one.place.line > 1 for one in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "insured"', 'name = "copies"', "a field can't be called 'copies'"),
        ('name = "insured"', 'name = "人"', "a field can't be called '人'"),
        ('minimum = "0人"\nmaximum = "100万人"', 'minimum = "0.5人"\nmaximum = "0.6人"', "no number of 0 decimals lies between"),
        ('unit = "人"\nminimum = "0人"\nmaximum = "100万人"', 'kind = "text"', "free text"),
        ('unit = "人"\nminimum = "0人"\nmaximum = "100万人"', 'kind = "text"\nchoices = ["是", "否"]', "a number is wanted here, this is a word"),
        ("[[example]]", '[[sheet.label]]\nid = "total"\ntitle = "x"\nformula = "\'a\' if subtotal > 0 else \'b\'"\nsource = "liyang/base"\n[[example]]', "a label can't be called 'total'"),
        ("[[example]]", '[[event]]\nid = "insured"\ntitle = "x"\nunit = "人"\nsource = "liyang/base"\n[[sheet.adjustment]]\nid = "d"\ntitle = "x"\nkind = "deduction"\nformula = "insured / 人 * 分"\nsource = "liyang/base"\n[[example]]', "two figures of the sheet would stand in the column 'insured'"),
        ('value = "1000人"', 'value = "1000所"', "is not in the unit of insured"),
        ("places = 2", "places = -1", "rounded to 0 to 9 decimals"),
        ('minimum = "0人"', 'minimum = "200万人"', "no number of 0 decimals lies between"),
        ('case = [\n', 'case = [\n    3,\n', "a case is a table"),
        ('{ body = "v1", period = "2018-12", ', '{ body = "v1", ', "a case says its period"),
    ],
)  # fmt: skip
def test_names_and_ranges_that_would_give_a_wrong_number_are_mistakes(tmp_path, old, new, message):
    text = (EXAMPLES / "rules/liyang-2018.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "x.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    _, findings = check_rules(path, load_plugins())
    assert any(message in one.message for one in findings), [str(one) for one in findings]


def test_money_recorded_for_a_body_counts_with_its_decimals(tmp_path):
    """Funds are events in 万元 with two decimals: 31.20 at 0.1 marks each is 3.12, in the marks and in their explanation."""
    shutil.copytree(Path(__file__).parents[1] / "rules/2023", tmp_path / "rules")
    file = tmp_path / "rules/assessment.toml"
    more = (
        '[[sheet.adjustment]]\nid = "paid"\ntitle = "支付加分"\nkind = "bonus"\nformula = "min(rate * funds_paid, most)"\n'
        'parameters = { rate = "0.1分/万元", most = "5分" }\nsource = "assumption"\nreason = "只为本测试"\n\n[[sheet.adjustment]]\nid = "supervision"\n'
    )
    file.write_text(file.read_text(encoding="utf-8").replace('[[sheet.adjustment]]\nid = "supervision"\n', more, 1), encoding="utf-8")
    funded = prepare(load_scheme(tmp_path / "rules"), load_plugins())
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "resident_pension.csv").write_text(HEAD + "沩山乡,2023-10,2023-11-03,11037\n", encoding="utf-8")
    events = "单位,期间,事件,数量,文号,日期\n沩山乡,2023-09,已支付资金,11.20,文1,2023-09-08\n沩山乡,2023-10,已支付资金,20万元,文2,2023-10-08\n"
    (reports / "events.csv").write_text(events, encoding="utf-8")
    result = assess(funded, read_reports([reports], funded), OCTOBER)
    (body,) = (one for one in result.sheets[0].bodies if one.body.name == "沩山乡")
    assert str(body.total) == "103.12分"
    assert "31.2万元" in {str(step.value) for _, step in body.step.walk()}
