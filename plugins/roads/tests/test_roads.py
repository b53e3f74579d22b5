"""Rural roads: the invented example, scored; then what counts and what doesn't, as properties; then what must be refused."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import (
    Case,
    Indicator,
    Period,
    Place,
    QuantityError,
    Report,
    Severity,
    assess,
    load_plugins,
    load_scheme,
    prepare,
    read_reports,
)  # fmt: skip
from minsheng_roads import RoadsBuilt

EXAMPLE = Path(__file__).parents[3] / "examples/invented-roads"
SCHEME = load_scheme(EXAMPLE)
YEAR_2023 = load_scheme("2023")
PREPARED = prepare(SCHEME, load_plugins(only=["roads"]))
KIND = RoadsBuilt()
OCTOBER = Period(2023, 10)
DAOLIN, HUITANG = SCHEME.body("430182101"), SCHEME.body("430182109")
FORM = KIND.form
GOOD = {
    "grade": "四级", "planned": "3.2", "started": "3.2", "finished": "3.2", "accepted": "3.2", "finished_on": "2023-08-31",
    "accepted_on": "2023-09-20", "certificate": "验〔2023〕1号", "funds": "256", "paid": "180.5",
}  # fmt: skip


def row(road="Y901", line=3, period=OCTOBER, **changes):
    cells = {**dict.fromkeys((one.name for one in FORM.fields), ""), **GOOD, "road": road, **changes}
    values = {one.name: one.read(cells[one.name]) for one in FORM.fields}
    return Report(indicator="roads", body=DAOLIN.id, period=period, subject=values["road"], values=values, place=Place("f.csv", line))


ROADS = SCHEME.indicator("roads")


def case(*rows, body=DAOLIN, roads=ROADS, **more):
    target = next(one.value for one in roads.shares if one.body == body.id)
    return Case(indicator=roads, body=body, period=OCTOBER, reports=rows, target=target, **more)


def accepted(*rows, **more):
    value = KIND.measure(case(*rows, **more)).values["accepted"]
    return value and value.value


def found(*rows, **more):
    return {finding.code: finding.message for finding in KIND.validate(case(*rows, **more))}


# ---- the invented example ---------------------------------------------------------------------------------------------


def test_the_invented_example_ranks_five_towns_and_leaves_one_open():
    result = assess(PREPARED, read_reports([EXAMPLE / "reports"], PREPARED), OCTOBER)
    (sheet,) = result.sheets
    assert [(one.rank, one.body.name, str(one.total)) for one in sheet.bodies if one.rank] == [
        (1, "灰汤镇", "100分"), (2, "道林镇", "60.5分"), (3, "花明楼镇", "30分"), (3, "坝塘镇", "30分"), (5, "沩山乡", "21.64分"),
    ]  # fmt: skip
    assert [one.body.name for one in sheet.bodies if one.rank is None] == ["黄材镇"]
    assert sorted({one.code for one in result.findings}) == [
        "roads.falls", "roads.funds", "roads.longer", "roads.not_counted", "roads.order",
    ]  # fmt: skip


def test_its_towns_are_those_of_2023_and_it_says_that_the_rest_is_made_up():
    for body in SCHEME.bodies:
        if body.kind in ("镇", "乡"):
            assert (body.id, body.name, body.kind) in {(one.id, one.name, one.kind) for one in YEAR_2023.bodies}
    assert SCHEME.title.startswith("虚构方案")
    assert {one.issuer for one in SCHEME.documents} == {"虚构"}
    assert (EXAMPLE / "scheme.toml").read_text(encoding="utf-8").startswith("# 虚构方案")


def test_the_shares_are_the_lengths_of_the_list():
    roads = SCHEME.indicator("roads")
    lengths = [(one.bodies[0], F(one.options["length"].removesuffix("公里"))) for one in roads.subjects]
    assert {share.body: share.value.value for share in roads.shares} == {
        body: sum(length for other, length in lengths if other == body) for body, _ in lengths
    }
    assert sum(length for _, length in lengths) == roads.target.value.value == F("26.5")


def test_no_rule_of_the_plugin_claims_a_paper():
    rules = load_plugins(only=["roads"]).rules
    assert {one.id: one.is_assumption for one in rules.methods} == {"roads.completion": True, "roads.staged": True}
    for document in rules.documents:
        assert "MEMORY" in document.note


# ---- what counts ------------------------------------------------------------------------------------------------------


def test_it_is_an_indicator_of_the_core():
    assert isinstance(KIND, Indicator)


def test_a_road_accepted_with_evidence_counts_and_nothing_is_found():
    assert accepted(row()) == F("3.2")
    assert found(row()) == {}


def test_the_latest_month_replaces_and_months_are_never_added():
    before = row(period=Period(2023, 9), accepted="1.2")
    assert accepted(before, row()) == F("3.2")
    assert KIND.measure(case(before)) is None


def test_metres_are_kilometres_and_a_clerks_spelling_of_a_code_is_the_road():
    assert accepted(row("　y９０１ ", accepted="3200米")) == accepted(row("虚构道林环线")) == F("3.2")


def test_a_road_that_crosses_a_border_counts_in_each_town_as_long_as_it_is_there():
    crossing = row("X901", planned="", started="4.85", finished="4.85", accepted="4.85")
    assert accepted(crossing, body=HUITANG) == F("2.05")
    assert accepted(crossing, body=SCHEME.body("430182218")) == F("2.8")
    assert "名单只有2.05公里" in found(crossing, body=HUITANG)["roads.not_counted"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"certificate": ""}, "没有验收文号"), ({"accepted_on": ""}, "没有验收文号或验收日期"),
        ({"accepted_on": "2023-11-01"}, "验收日期2023-11-01在2023-10之后"), ({"counted_before": "是"}, "以前年度已计入"),
        ({"grade": "等外"}, "等外公路"),
    ],
)  # fmt: skip
def test_what_does_not_count_says_why_and_still_counts_as_finished(changes, why):
    report = row(**changes)
    assert why in found(report)["roads.not_counted"]
    values = KIND.measure(case(report)).values
    assert (values["accepted"].value, values["finished"].value) == (0, F("3.2"))


def test_the_last_day_of_the_month_counts_and_the_next_does_not():
    assert accepted(row(accepted_on="2023-10-31")) == F("3.2")
    assert accepted(row(accepted_on="2023-11-01")) == 0


metres = st.integers(0, 5000)


@given(st.lists(metres, min_size=3, max_size=3).map(lambda three: sorted(three, reverse=True)), metres)
def test_more_accepted_never_counts_less_and_never_more_than_the_list_says(three, more):
    started, finished, done = (f"{one}米" for one in three)
    once = accepted(row(started=started, finished=finished, accepted=done))
    again = accepted(row(started=started, finished=finished, accepted=f"{min(three[2] + more, three[1])}米"))
    assert once == min(F(three[2], 1000), F("3.2"))
    assert once <= again <= F("3.2")


@given(st.permutations(["Y901", "C902"]), st.integers(0, 3200))
def test_the_order_of_rows_changes_nothing(roads, done):
    rows = [row(one, line, accepted="3.2" if one == "Y901" else f"{done}米") for line, one in enumerate(roads, 3)]
    assert accepted(*rows) == F("3.2") + F(done, 1000)


# ---- what is doubtful or wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"accepted": "3.3"}, "roads.order", "验收里程3.3公里多于完工里程3.2公里"),
        ({"started": "3"}, "roads.order", "完工里程3.2公里多于开工里程3公里"),
        ({"accepted_on": "2023-08-30"}, "roads.dates", "验收日期2023-08-30早于完工日期2023-08-31"),
        ({"finished_on": "2023-11-02", "accepted_on": ""}, "roads.future", "完工日期2023-11-02在2023-10之后"),
        ({"road": "Y999"}, "roads.unknown_road", "“Y999”不在方案的建设名单中"),
        ({"road": "Y903"}, "roads.elsewhere", "名单把Y903分给其他单位"),
    ],
)  # fmt: skip
def test_an_error_leaves_the_whole_open(changes, code, words):
    report = row(**changes)
    assert words in found(report)[code]
    assert accepted(report) is None
    assert accepted(row("C902", line=4), report) is None


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"planned": "3.5"}, "roads.planned", "计划里程填3.5公里，名单为3.2公里"),
        ({"started": "3.5"}, "roads.longer", "开工里程3.5公里多于计划里程3.2公里"),
        ({"paid": "300"}, "roads.funds", "已支付300万元，多于到位资金256万元"),
    ],
)  # fmt: skip
def test_what_is_only_doubtful_counts_and_is_told(changes, code, words):
    report = row(**changes)
    assert words in found(report)[code]
    assert accepted(report) == F("3.2")


def test_a_road_twice_is_left_open_however_it_is_written():
    twice = (row(), row("虚构道林环线", line=4))
    assert "Y901填了两次（另一行在f.csv:3" in found(*twice)["roads.duplicate"]
    assert accepted(*twice) is None


def test_figures_that_fall_and_roads_that_go_away_are_told():
    before = (row(period=Period(2023, 9)), row("C902", line=4, period=Period(2023, 9)))
    told = found(*before, row(accepted="3.1"))
    assert "Y901验收里程由2023-09的3.2公里减到3.1公里" in told["roads.falls"]
    assert "C902在2023-09填过，本期没有填" in told["roads.gone"]
    assert "roads.gone" not in found(*before, row(), refused=(Place("f.csv", 5),))  # it may be the row that could not be read


def test_without_a_list_any_road_counts_and_it_says_what_could_not_be_checked():
    free = evolve(SCHEME.indicator("roads"), subjects=())
    assert accepted(row("村里的路"), roads=free) == F("3.2")
    assert "核对不了" in found(row("村里的路"), roads=free)["roads.no_length"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"lengths": "3.2公里"}, "没有选项 'lengths'"), ({"length": "3.2亩"}, "有误"), ({"length": "0公里"}, "应大于0")],
)
def test_a_list_that_is_wrong_says_so_at_its_place_and_nothing_is_measured(options, words):
    first = evolve(SCHEME.indicator("roads").subjects[0], options=options)
    wrong = evolve(SCHEME.indicator("roads"), subjects=(first,))
    (finding,) = KIND.validate(case(row(), roads=wrong))
    assert (finding.code, finding.severity, finding.place) == ("roads.options", Severity.ERROR, first.place)
    assert words in finding.message
    assert accepted(row(), roads=wrong) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accepted": "3.2005"}, "验收里程.*最多3位小数"), ({"accepted": ""}, "验收里程.*没有发生请填 0"), ({"started": "-1"}, "不小于0"),
        ({"started": "3.2亩"}, "开工里程.*公里"), ({"grade": "五级"}, "技术等级.*之一"), ({"accepted_on": "2023-02-30"}, "存在的日期"),
        ({"road": ""}, "路线编号.*未填"),
    ],
)  # fmt: skip
def test_a_cell_that_the_form_does_not_allow_is_refused_by_its_title(changes, message):
    with pytest.raises(QuantityError, match=message):
        row(**changes)


def test_the_two_classes_of_the_fourth_grade_can_be_filed_as_they_are_printed():
    assert row(grade="四级（Ⅰ类）").values["grade"] == row(grade="四级(I类)").values["grade"] == "四级（Ⅰ类）"


def test_nothing_filed_is_not_zero_kilometres():
    assert KIND.measure(case()) is None
