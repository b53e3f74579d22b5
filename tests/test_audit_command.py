"""The command `minsheng audit`: what it writes and with which exit code, pinned cases, older versions, and what it must refuse."""

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from attrs import evolve

from audits import tiny
from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.run import audit_scheme
from minsheng_core.cli import main
from minsheng_core.finding import Severity

ROOT = Path(__file__).parents[1]
OCTOBER = str(ROOT / "examples/2023-10")
COMPLETE = "full * min(done / target, 1)"
OVER = "full * done / target"  # more than full marks above the target


@pytest.fixture
def file(tmp_path):
    """A rule file with a fault: nothing caps the marks."""
    tiny(tmp_path, OVER)
    return tmp_path / "tiny.toml"


@pytest.fixture
def run(capsys):
    def call(*words):
        code = main(["audit", *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_exit_codes(run, file, tmp_path, monkeypatch):
    assert run(file, "--no-proof", "--sheet", "towns")[0] == 1
    tiny(tmp_path, "full * min(done / target, 1)")
    assert run(file, "--no-proof", "--sheet", "towns")[0] == 0
    assert run(file, "--no-proof", "--sheet", "towns", "--strict")[0] == 2, "the largest steps are not proved"
    monkeypatch.setattr("minsheng_core.audit.engines.decide_exactly", lambda question: None if question.exists else _never())
    tiny(tmp_path, OVER)
    assert run(file, "--no-proof", "--sheet", "towns")[0] == 3, "a proof of what is refuted is a conflict"


def _never():
    from minsheng_core.audit.answer import Answer

    return Answer(outcome="none", by="exact", words=("", ""))


READ = {
    "json": lambda text: json.loads(text)["results"],
    "junit": Xml.fromstring,
    "sarif": lambda text: json.loads(text)["runs"],
    "html": lambda text: text.index("</html>"),
    "markdown": lambda text: text.index("#"),
    "text": lambda text: text.index("得分不低于零分"),
}


@pytest.mark.parametrize("format", READ)
def test_every_format_is_written_and_read(run, file, format, tmp_path):
    code, out, _ = run(file, "--no-proof", "--sheet", "towns", "--format", format)
    assert code == 1
    READ[format](out)
    code, nothing, told = run(file, "--no-proof", "--sheet", "towns", "--format", format, "--out", tmp_path / "report")
    assert (code, nothing, told) == (1, "", f"{tmp_path / 'report'}\n")
    assert (tmp_path / "report").read_text(encoding="utf-8") == out.removesuffix("\n")


def test_a_sheet_that_is_not_there_is_refused(run):
    code, out, err = run("2023", "--sheet", "towns")
    assert (code, out) == (2, "")
    assert "no sheet or method 'towns' to audit; there are township, hrss, edu, eco" in err


def test_one_sheet_alone(run):
    code, out, _ = run("2023", "--sheet", "eco", "--no-proof", "--json")
    data = json.loads(out)
    assert code == 0
    assert {one["rule"] for one in data["results"]} == {"eco"}


def test_replay_prints_marks(run):
    case = "eco: period=2023-10 good=7 evaluated=8 target=100% | period=2023-10 good=8 evaluated=8 target=100%"
    code, out, err = run("2023", "--replay", case)
    assert (code, err) == (0, "")
    assert "87.5分" in out
    assert "100分" in out
    assert "优良断面（good）超出规定的范围或小数位" in run("2023", "--replay", "eco: period=2023-10 good=2.5 evaluated=8 target=100%")[1]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("eco period=2023-10", "'SHEET: figure=value …', and SHEET is one of township, hrss, edu, eco"),
        ("nobody: period=2023-10", "SHEET is one of township, hrss"),
        ("eco: water.good=1", "'water.good=1' is no figure of 'eco'; it has period, evaluated, good, target"),
        ("eco: good", "'good' is no figure of 'eco'"),
        ("eco: good=much", "good: "),
        ("eco: good=3人", "good: "),
        ("eco: period=2023-13", "period: "),
    ],
)
def test_a_case_that_cannot_be_read_is_refused(run, case, words):
    code, out, err = run("2023", "--replay", case)
    assert (code, out) == (2, "")
    assert words in err


def test_pinned_cases_fail_until_the_rule_is_mended(run, file):
    before = file.read_text(encoding="utf-8")
    code, _, err = run(file, "--no-proof", "--sheet", "towns", "--pin")
    assert code == 1
    assert err.count("pinned towns::bounds::") == 2
    pinned = file.read_text(encoding="utf-8")
    assert pinned.startswith(before.rstrip("\n"))
    scheme, findings = check_rules(file, load_plugins())
    assert len(scheme.examples) == 2
    assert [one.code for one in findings if one.severity is Severity.ERROR] == ["rule.example", "rule.example"]
    assert run(file, "--no-proof", "--sheet", "towns", "--pin")[2] == ""
    assert file.read_text(encoding="utf-8") == pinned, "pinning twice adds nothing"
    file.write_text(pinned.replace(OVER, COMPLETE), encoding="utf-8")
    assert [one for one in check_rules(file, load_plugins())[1] if one.severity is Severity.ERROR] == []
    assert run(file, "--no-proof", "--sheet", "towns", "--pin")[::2] == (0, "")


@pytest.mark.parametrize(
    ("formula", "keys"),
    [
        ("full * min(done / target, 1) if done != 950 * 人 else 0 * 分", {"rises"}),
        ("full * min(done / target, 1) if missing(exempt) else 0 * 分", {"silence"}),
        ("full * min(done / (target - exempt), 1) if not missing(exempt) else 0 * 分", {"total"}),
        ("full * min(done / target, 1) if target >= 500 * 人 else full", {"neutral"}),
    ],
)
def test_each_kind_of_case_can_be_pinned(run, file, tmp_path, formula, keys):
    tiny(tmp_path, formula)
    run(file, "--no-proof", "--sheet", "towns", "--pin")
    scheme, findings = check_rules(file, load_plugins())
    titles = [one.title for one in scheme.examples]
    assert keys <= {re.search(r"::(\w+)::", title)[1] for title in titles}
    failed = [one for one in findings if one.severity is Severity.ERROR]
    assert [one.code for one in failed] == ["rule.example"] * len(titles), titles


def test_what_an_example_cannot_hold_is_named_and_not_pinned(run, file, tmp_path):
    tiny(
        tmp_path, COMPLETE,
        adjustments='[[sheet.adjustment]]\nid = "s"\ntitle = "s"\nkind = "deduction"\nsource = "paper/one"\n'
        "formula = '5 * 分 if streak(work.done >= 100 * 人) >= 2 else 0 * 分'\n",
    )  # fmt: skip
    before = file.read_text(encoding="utf-8")
    code, _, err = run(file, "--no-proof", "--sheet", "towns", "--pin")
    assert code == 1
    assert re.search(r"not pinned: towns::rises::done\S* is not a case that an example could hold", err)
    assert "::rises::" not in file.read_text(encoding="utf-8").removeprefix(before.rstrip("\n"))


@pytest.mark.parametrize("first", ["2024-01-31", "2024-03-01"])
def test_a_month_before_a_parameters_first_day_has_no_answer(run, file, tmp_path, first):
    bands = f'parameters = {{ part = [{{ from = {first}, value = "50%" }}] }}'
    tiny(tmp_path, f"{COMPLETE} * part", bands=bands)
    _, out, _ = run(file, "--no-proof", "--json", "--sheet", "towns")
    (total,) = [one for one in json.loads(out)["results"] if one["key"].startswith("towns::total::item.")]
    assert total["verdict"] == ("proved" if first == "2024-01-31" else "refuted")


def test_certificates_are_counted_without_their_index(run, file, tmp_path):
    _, _, err = run(file, "--no-proof", "--sheet", "towns", "--certificates", tmp_path / "proofs")
    assert err.startswith(f"{len(list((tmp_path / 'proofs').glob('*.txt')))} certificates in ")


# -- against an older version ------------------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path):
    """The shipped rules with one parameter doubled: a day late costs 2 marks."""
    folder = tmp_path / "2024"
    shutil.copytree(ROOT / "rules/2023", folder)
    file = folder / "assessment.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count('per_day = "1分/天"') == 1
    file.write_text(text.replace('per_day = "1分/天"', 'per_day = "2分/天"'), encoding="utf-8")
    return folder


def test_against_an_older_version_the_region_and_who_is_affected_are_told(run, changed, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(OCTOBER, data)
    code, out, _ = run(changed, "--against", "2023", "--data", data, "--json", "--sheet", "township", "--no-proof")
    assert code == 1
    found = {one["rule"]: one for one in json.loads(out)["differences"]}
    assert set(found) == {"township"}
    township = found["township"]
    (change,) = township["changes"]
    assert "per_day" in str(change)
    assert "1分/天" in str(change)
    assert "2分/天" in str(change)
    assert len(township["regions"]) == 1
    late = load_late()
    assert {one["body"] for one in township["affected"]} == late
    assert late


def test_reports_of_last_year_are_held_against_next_years_rules_month_by_month(run, tmp_path, capsys):
    assert main(["new-year", "2024", "--from", str(ROOT / "rules/2023"), "--out", str(tmp_path / "2024")]) == 0
    capsys.readouterr()
    code, out, _ = run(tmp_path / "2024", "--against", "2023", "--data", OCTOBER, "--json", "--sheet", "township", "--no-proof")
    assert not [one for one in json.loads(out)["results"] if one["key"].endswith("::data")]  # the rules are the same, so are the marks
    assert code == 0


def test_versions_of_equal_marks_may_still_bar_others_from_awards(run, tmp_path):
    text = (ROOT / "examples/rules/huainan-2016.toml").read_text(encoding="utf-8")
    for name, months in (("old", 3), ("new", 4)):
        (tmp_path / f"{name}.toml").write_text(text.replace("<= 2) >= 3", f"<= 2) >= {months}"), encoding="utf-8")
    code, out, _ = run(tmp_path / "new.toml", "--against", tmp_path / "old.toml", "--json", "--sheet", "counties", "--no-proof")
    assert code == 1
    found = {one["key"]: one for one in json.loads(out)["results"] if "::versions::" in one["key"]}
    assert found["counties::versions::total"]["verdict"] == "proved"
    barred = found["counties::versions::barred"]
    assert barred["verdict"] == "refuted"
    lines = {line["name"]: line["values"] for line in barred["case"]["lines"]}
    assert lines["barred"] != lines["other.barred"]  # what each version makes of the same table


@pytest.mark.parametrize(
    ("formula", "size"),
    [("full * min(sum(done) / (12 * target), 1)", False), ("full * min((sum(done) - 500 * 人) / (12 * target), 1)", True)],
)
def test_a_body_of_twice_the_size_is_so_in_every_month(run, file, tmp_path, formula, size):
    tiny(tmp_path, formula)
    _, out, _ = run(file, "--no-proof", "--sheet", "towns", "--json")
    (found,) = [one for one in json.loads(out)["results"] if "::neutral::" in one["key"] and "exact" not in one["key"]]
    assert (found["verdict"] == "refuted") == size


def test_arguments_that_say_nothing_are_refused(run):
    code, _, err = run("2023", "--data", OCTOBER)
    assert code == 2
    assert "give the older version, too" in err
    assert run("2023", "--replay", "")[0] == 2
    with pytest.raises(SystemExit):
        run("2023", "--budget", "-5")


def test_versions_for_other_bodies_or_targets_do_not_agree(run, tmp_path):
    shutil.copytree(ROOT / "rules/2023", tmp_path / "rules")
    file = tmp_path / "rules/assessment.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('bodies = ["镇", "乡", "街道"]', 'bodies = ["镇", "街道"]'), encoding="utf-8")
    code, out, _ = run(tmp_path / "rules", "--against", "2023", "--json", "--sheet", "township", "--no-proof")
    assert code == 1
    found = {one["key"]: one for one in json.loads(out)["results"]}
    assert found["township::versions::total"]["verdict"] == "proved"  # of a body on both, the same figures score the same
    assert found["township::versions::targets"]["verdict"] == "refuted"
    assert "bodies" in found["township::versions::targets"]["words"]["en"]


def load_late():
    """Who filed late in the sample month, by the totals of the two versions."""
    from minsheng_core import assess, latest_period, prepare, read_reports

    prepared = prepare(load_scheme("2023"), load_plugins())
    filed = read_reports([Path(OCTOBER)], prepared)
    result = assess(prepared, filed, latest_period(filed))
    sheet = next(one for one in result.sheets if one.sheet.id == "township")
    steps = ((body.body.name, adjustment.id, step) for body in sheet.bodies for adjustment, step in body.adjustments)
    return {name for name, id, step in steps if id == "late" and step.value is not None and step.value.base}


def test_a_version_of_the_same_words_is_the_same(run):
    _, out, _ = run("2023", "--against", "2023", "--json", "--sheet", "eco", "--no-proof")
    (one,) = json.loads(out)["differences"]
    assert (one["regions"], one["changes"], one["affected"]) == ([], [], [])


def against(old, new, **how):
    """The difference of the sheet `towns` of two rule files."""
    audit, findings = audit_scheme(new, load_plugins(only=[]), old=old, only=["towns"], **{"solver": False} | how)
    assert findings == []
    return audit.differences[0]


def test_next_year_s_rules_are_held_against_this_year_s(tmp_path):
    tiny(tmp_path, COMPLETE)
    scheme = load_scheme(str(tmp_path / "tiny.toml"))
    assert against(scheme, evolve(scheme, year=2025)).result.verdict is Verdict.PROVED


DEDUCTION = """[[sheet.adjustment]]
id = "exempted"
title = "免除扣分"
kind = "deduction"
formula = "0 if missing(work.exempt) or work.exempt < 990 * 人 else 5 * 分"
source = "paper/one"
"""


def test_a_figure_that_only_the_older_version_reads_is_varied_too(tmp_path):
    schemes = []
    for text in (DEDUCTION, ""):
        tiny(tmp_path, COMPLETE, adjustments=text)
        schemes.append(load_scheme(str(tmp_path / "tiny.toml")))
    found = against(*schemes)
    assert found.result.verdict is Verdict.REFUTED
    assert found.result.case.rows[0]["exempt"] >= 990
    assert "exempt" in {line.name for line in found.result.case.lines}
    assert "exempt" not in found.result.case.replay, "the newer rules don't know it"
    assert found.regions == (("“免除扣分”已删去", "adjustment.exempted is gone"),)


def test_a_figure_that_is_filed_in_another_unit_is_not_compared(tmp_path):
    tiny(tmp_path, COMPLETE)
    old = load_scheme(str(tmp_path / "tiny.toml"))
    done, exempt = old.kinds[0].fields
    kind = evolve(old.kinds[0], fields=(evolve(done, decimals=1), exempt))
    found = against(old, evolve(old, kinds=(kind,)))
    assert found.result.verdict is Verdict.UNKNOWN
    assert "完成（done）" in found.result.words[0]
    assert [one[0] for one in found.changes] == ["work.fields[0].decimals"]


def test_a_certificate_fails_where_a_rule_was_changed(run, file, tmp_path):
    pytest.importorskip("z3")
    pytest.importorskip("cvc5")
    tiny(tmp_path, COMPLETE)
    assert run(file, "--sheet", "towns", "--certificates", tmp_path / "certs")[0] == 0
    assert run(file, "--recheck", tmp_path / "certs")[0] == 0
    tiny(tmp_path, "full * min(done / target, 0.99)")
    code, out, _ = run(file, "--recheck", tmp_path / "certs")
    assert code == 1
    assert "failed" in out
