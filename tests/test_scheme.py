"""The 2023 paper as data; then what a loader must refuse, all at once, each at its place."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core import RuleError, check_rules, decimal_text, load_plugins, load_scheme, read_quantity
from minsheng_core.scheme.load import read_scheme
from minsheng_core.scheme.write import scheme_data, write_toml


@pytest.fixture(scope="module")
def scheme():
    return load_scheme("2023")


def test_the_paper_splits_75_743万_over_29_townships(scheme):
    residents = scheme.indicator("resident_pension")
    assert len(residents.shares) == 29
    assert sum(share.value.base for share in residents.shares) == 757431
    assert residents.target.value.says(757431 / residents.target.value.unit.scale)


def test_the_parts_of_the_pension_target_sum_to_the_printed_total(scheme):
    parts = scheme.parts("pension")
    assert sum(part.target.value.base for part in parts) == scheme.indicator("pension").target.value.base == 1066430


def test_four_streets_twenty_one_towns_four_townships(scheme):
    kinds = [body.kind for body in scheme.bodies]
    assert [kinds.count(kind) for kind in ("街道", "镇", "乡")] == [4, 21, 4]


def test_the_printed_defects_stay_visible(scheme):
    assert scheme.body("430182218").printed == "浏山乡"
    assert {"浏山乡", "瀟湘", "温暖行动", "75.743万人"} <= {defect.printed for defect in scheme.defects}


def test_five_rows_and_tasks_without_a_number_that_no_sheet_scores(scheme):
    assert {indicator.row for indicator in scheme.indicators} == {1, 2, 3, 4, 5}
    assert {"two_rates", "warm_social_security"} <= {task.id for task in scheme.tasks}
    assert not {task.id for task in scheme.tasks} & {item.indicator for sheet in scheme.sheets for item in sheet.items}


def test_part_three_is_there_as_processes(scheme):
    kinds = {process.kind for process in scheme.processes}
    assert kinds == {"report", "stage", "funds", "supervision", "follow_up", "typical_case", "safety", "ranking", "organisation"}
    stages = sorted((one.order, one.id) for one in scheme.processes if one.kind == "stage")
    assert stages == [(1, "filed"), (2, "reviewed"), (3, "verified")]


def test_every_number_that_the_paper_does_not_print_is_marked_as_an_assumption(scheme):
    for sheet in scheme.sheets:
        for rule in (sheet, sheet.rounding, *sheet.items, *sheet.adjustments):
            assert rule.is_assumption
            assert rule.reason


def test_toml_to_model_to_toml_is_the_identity(scheme, tmp_path):
    text = write_toml(scheme_data(scheme))
    (tmp_path / "all.toml").write_text(text, encoding="utf-8")
    again = load_scheme(tmp_path)
    assert again == scheme
    assert write_toml(scheme_data(again)) == text


@settings(max_examples=25)
@given(
    st.integers(0, 10**9),
    st.integers(0, 4),
    st.sampled_from(["人", "万人", "所", "%", "元/人"]),
    st.text(max_size=20).filter(lambda text: "\r" not in text),
)
def test_any_figure_and_any_words_survive_the_round_trip(scheme, tmp_path, digits, places, symbol, words):
    value = read_quantity(decimal_text(F(digits, 10**places), places) + symbol)
    first = scheme.indicators[0]
    changed = evolve(first, title=words, target=evolve(first.target, value=value, printed=value.printed))
    changed_scheme = evolve(scheme, indicators=(changed, *scheme.indicators[1:]))
    (tmp_path / "all.toml").write_text(write_toml(scheme_data(changed_scheme)), encoding="utf-8", newline="")
    again, _ = read_scheme(tmp_path)
    assert again == changed_scheme
    assert again.indicators[0].target.value.tolerance == value.tolerance


FIVE = """\
[scheme]
id = "faulty"
title = "五处错误"
year = 2023
document = "d"
colour = "red"

[[document]]
id = "d"
title = "文件"
issuer = "某办"

[[clause]]
id = "d/1"
document = "d"
locator = "一"
summary = "目标"
figures = ["14.2万人"]

[[body]]
id = "a"
name = "甲镇"
kind = "镇"

[[project]]
id = "p"
title = "项目"
lead = "a"
source = "d/1"

[[indicator]]
id = "i"
title = "参保"
project = "p"
kind = "insurance.stock"
lead = "a"
target = { value = "14.3万人", printed = "14.2万人", source = "d/1" }
source = "d/1"

[[method]]
id = "m"
title = "计分"
kind = "insurance.stock"
formula = "full * min(insurd / target, 1) + target"
source = "assumption"
reason = "试"

[[task]]
id = "t"
title = 5
project = "p"
source = "d/1"
"""


def at(text, words, part=""):
    """Line and column of *part* in the line that holds *words*."""
    line = next(number for number, one in enumerate(text.split("\n"), 1) if words in one)
    return line, text.split("\n")[line - 1].index(part or words) + 1


def test_five_planted_mistakes_are_all_found_with_line_and_column(tmp_path):
    text = FIVE.replace('lead = "a"\nsource', 'lead = "nobody"\nsource')
    path = tmp_path / "faulty.toml"
    path.write_text(text, encoding="utf-8")
    _, findings = check_rules(path, load_plugins())
    found = {(one.place.line, one.place.column): one.message for one in findings}
    assert found[at(text, 'colour = "red"')].startswith("unknown key 'colour'")
    assert found[at(text, "14.3万人", "14.2万人")] == "the value 14.3万人 is not what was printed: '14.2万人' says 14.2万人"
    assert found[at(text, "insurd", "insurd")].startswith("unknown name 'insurd'; did you mean 'insured'?")
    assert found[at(text, "title = 5", "5")] == "expected a text in quotes, got 5"
    assert found[at(text, 'lead = "nobody"', '"nobody"')[0], at(text, 'lead = "nobody"', "nobody")[1]] == "no body 'nobody'"
    assert len(findings) == 5


def test_units_in_a_formula_are_checked_at_its_character(tmp_path):
    text = FIVE.replace("insurd", "insured")
    path = tmp_path / "faulty.toml"
    path.write_text(text, encoding="utf-8")
    _, findings = check_rules(path, load_plugins())
    assert ("can't add 分 and 人", *at(text, "insured / target", "full")) in {
        (one.message, one.place.line, one.place.column) for one in findings
    }


@pytest.mark.parametrize(
    ("change", "message", "words"),
    [
        (('source = "assumption"\nreason = "试"', 'source = "assumption"'), "gives its reason", "[[method]]"),
        (('source = "assumption"', 'source = "d/9"'), "no clause 'd/9'", 'source = "d/9"'),
        (('printed = "14.2万人"', 'printed = "14.25万人"'), "not among the figures", "14.25万人"),
        (('lead = "a"\nsource', 'lead = "b"\nsource'), "no body 'b'", 'lead = "b"'),
        (('id = "t"', 'id = "t"\nid = "t"'), "Cannot overwrite a value", 'id = "t"'),
        (("year = 2023", "year = 2023.5"), "expected a whole number", "2023.5"),
        (('kind = "insurance.stock"\nlead', 'kind = "roads.km"\nlead'), "no active plugin measures 'roads.km'", "[[indicator]]"),
        (('project = "p"\nkind', 'project = "p"\npart_of = "i"\nkind'), "a part of itself", "part_of"),
        (("[[task]]", "[[tusk]]"), "no table 'tusk'", "[[tusk]]"),
    ],
)
def test_each_mistake_has_its_line(tmp_path, change, message, words):
    path = tmp_path / "faulty.toml"
    healthy = FIVE.replace('colour = "red"\n', "\n").replace("14.3万人", "14.2万人").replace("title = 5", 'title = "五"')
    healthy = healthy.replace("insurd / target, 1) + target", "insured / target, 1)")
    path.write_text(healthy, encoding="utf-8")
    assert not check_rules(path, load_plugins())[1]
    faulty = healthy.replace(*change, 1)
    path.write_text(faulty, encoding="utf-8")
    _, findings = check_rules(path, load_plugins())
    assert message in findings[0].message
    assert abs(findings[0].place.line - at(faulty, words)[0]) <= ("overwrite" in message)  # a key twice: the second one's line


def test_a_folder_without_rules_is_refused(tmp_path):
    with pytest.raises(RuleError, match=r"no \.toml file"):
        load_scheme(tmp_path)
    with pytest.raises(RuleError, match="installed schemes are 2023"):
        load_scheme("1999")
    assert read_scheme("2023")[0].id == "ningxiang-2023"


@pytest.mark.parametrize("name", ["insurance", "roads", "vocational", "water"])
def test_a_plugins_rules_are_checked_without_a_scheme_but_are_none(name):
    (path,) = next(info.rules for info in load_plugins().infos if info.name == name)
    scheme, findings = check_rules(path, load_plugins())
    assert (scheme.id, findings) == ("", ())
    assert scheme.methods
    with pytest.raises(RuleError, match=r"rules without a \[scheme\]"):
        load_scheme(path)


def test_a_method_alone_shows_its_mistakes_too(tmp_path):
    path = tmp_path / "method.toml"
    path.write_text(FIVE[FIVE.index("[[method]]") : FIVE.index("[[task]]")], encoding="utf-8")
    (finding,) = check_rules(path, load_plugins())[1]
    assert (finding.place.line, finding.message.startswith("unknown name 'insurd'")) == (5, True)


def test_a_method_may_not_have_the_id_of_a_plugins(tmp_path):
    path = tmp_path / "five.toml"
    text = FIVE.replace('colour = "red"\n', "").replace('id = "m"', 'id = "insurance.completion"')
    path.write_text(text, encoding="utf-8")
    (finding,) = (one for one in check_rules(path, load_plugins())[1] if one.code == "rule.duplicate")
    assert "a plugin has a method 'insurance.completion', too" in finding.message
    assert finding.place.line == at(text, "insurance.completion")[0]


ROADS = (Path(__file__).parents[1] / "examples/invented-roads/scheme.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('bodies = ["430182118"]', 'bodies = ["430182999"]', "430182999"),
        ('name = "C902"', 'name = "ｙ 901"', "'ｙ 901' also names 'y901'"),
        ('bodies = ["430182218"]', 'bodies = ["乡", "430182109"]', "'X901' also names 'x901_huitang'"),
    ],
    ids=["no such body", "one name, one body", "one name, and a body in both"],
)
def test_a_subject_is_somebodys_and_its_name_is_its_own_there(tmp_path, old, new, words):
    """X901 is two subjects, one in each of two towns, and that is right: no row can mean both."""
    path = tmp_path / "roads.toml"
    path.write_text(ROADS, encoding="utf-8")
    assert check_rules(path, load_plugins())[1] == ()
    path.write_text(ROADS.replace(old, new), encoding="utf-8")
    (finding,) = check_rules(path, load_plugins())[1]
    assert words in finding.message
    assert finding.place.line > 1


def test_whose_a_subject_is_decides_who_files_it_and_the_lead_body_has_all():
    scheme = load_scheme(Path(__file__).parents[1] / "examples/invented-roads")
    roads = scheme.indicator("roads")
    assert [one.id for one in roads.subjects_of(scheme.body("430182109"))] == ["x901_huitang", "c905"]
    assert roads.subjects_of(scheme.body("transport")) == roads.subjects
