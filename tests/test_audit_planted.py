"""Mistakes that were planted are found, each in its sheet and nowhere else; of the same rules without them nothing fails."""

import tomllib
from pathlib import Path

import pytest

from minsheng_core import load_plugins, load_scheme
from minsheng_core.audit.compare import compare
from minsheng_core.audit.engines import Engines
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.rule import rules_of
from minsheng_core.audit.run import audit_scheme
from minsheng_core.finding import Severity
from minsheng_core.formula.python import run_rows

ROOT = Path(__file__).parents[1]
PLANTED = Path(__file__).parent / "planted"
EXPECTED = tomllib.loads((PLANTED / "expected.toml").read_text(encoding="utf-8"))
FAULTY = str(ROOT / "examples/faulty-rules")
WHOLE_TABLES = {"monthly_cap", "growth_bonus", "last_place_bonus"}  # whose case is a table of months or bodies
ONE_PLAN = ("bounds", "total", "rises", "falls", "silence", "veto", "neutral", "step")  # whose case is of rows under the rule itself


def audited(folder, **how):
    audit, findings = audit_scheme(load_scheme(folder), load_plugins(only=[]), source=folder, **how)
    assert [one for one in findings if one.severity is Severity.ERROR] == []
    return audit


def refuted(audit):
    """By sheet, the promises that are refuted: those that fail, and where only a risk was planted, that."""
    found = {}
    for one in audit.results:
        if one.rule in EXPECTED and (one.fails or (one.risk and one.promise.code == EXPECTED[one.rule]["promise"])):
            found.setdefault(one.rule, {}).setdefault(one.promise.code, []).append(one)
    return found


@pytest.fixture(scope="module")
def faulty():
    return audited(FAULTY)


@pytest.fixture(scope="module")
def sheets():
    return {rule.id: rule for rule in rules_of(load_scheme(FAULTY), load_plugins(only=[]))[0]}


# -- what was planted --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("sheet", EXPECTED)
def test_a_planted_mistake_is_found_and_nothing_else(faulty, sheet):
    found = refuted(faulty).get(sheet, {})
    planted = EXPECTED[sheet]
    assert planted["promise"] in found
    assert set(found) <= {planted["promise"], *planted.get("also", ())}


@pytest.mark.slow
@pytest.mark.parametrize("sheet", EXPECTED)
def test_the_case_of_a_planted_mistake_is_scored_wrong_by_the_rule_itself(faulty, sheets, sheet):
    promise = EXPECTED[sheet]["promise"]
    for one in refuted(faulty)[sheet][promise]:
        if promise in ("attainable", "dead"):
            assert one.case is None, "that nothing is there is a proof, not a case"
            assert one.by in ("exact", "z3")
        elif sheet in WHOLE_TABLES:
            assert len(one.case.rows) > 1
        elif promise in ONE_PLAN:
            assert wrong(sheets[sheet], one)
        else:
            assert (promise, one.case is not None) == ("rounding", True)


def wrong(rule, one):
    """Whether the sheet's own plan, which scores reports, breaks the promise on the case."""
    plan = rule.prepared.sheets[rule.id].plan
    runs = [run_rows(plan, [{"copies": 1, **row}], [("a", "")])[0] for row in one.case.rows]
    assert not any(plan.output("total").value(results) is None for results in runs) or one.promise.code in ("total", "silence")
    if one.promise.code == "total":
        kind, _, id = one.output.removeprefix("fault.").partition(".")
        return plan.output(id if kind == "label" else f"{kind}.{id}").value(runs[0]) is None
    first, last = (plan.output(one.output).value(results) for results in (runs[0], runs[-1]))
    match one.promise.code:
        case "rises":
            return last < first
        case "falls" | "silence":
            return last > first
        case "neutral":
            return last != first
        case "step":
            return abs(last - first) > one.high
        case _:
            return (one.low is not None and first < one.low) or (one.high is not None and first > one.high)


@pytest.mark.slow
def test_the_fault_is_where_the_audit_points(faulty):
    pointed = {sheet: {one.place.file for many in found.values() for one in many} for sheet, found in refuted(faulty).items()}
    assert {file for files in pointed.values() for file in files} <= {str(path) for path in Path(FAULTY).glob("*.toml")}
    assert faulty.exit_code() == 1
    assert not [one.key for one in faulty.results if one.verdict is Verdict.CONFLICT]


@pytest.mark.slow
def test_without_a_solver_most_mistakes_are_found():
    found = refuted(audited(FAULTY, solver=False))
    missed = [sheet for sheet, planted in EXPECTED.items() if planted["promise"] not in found.get(sheet, {})]
    assert len(EXPECTED) - len(missed) >= 45, missed
    assert {EXPECTED[sheet]["promise"] for sheet in missed} <= {"attainable", "dead"}, "a proof is missing, no case"


# -- the same rules without mistakes -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_of_healthy_rules_nothing_fails():
    audit = audited(str(PLANTED / "healthy"))
    assert {one.rule for one in audit.results} >= set(EXPECTED)
    assert [one.key for one in audit.results if one.fails] == []
    assert [one.key for one in audit.results if one.verdict in (Verdict.CONFLICT, Verdict.UNKNOWN)] == []
    assert audit.exit_code() == 0
    risks = {one.promise.code for one in audit.results if one.risk}
    assert "step" not in risks, "declared limits hold"


# -- two versions ------------------------------------------------------------------------------------------------------

REGIONS = {
    "bound": [("item.rate", "rate in [95%, 96%)", "100分 → 85.5分 at 95%")],
    "weight": [("item.rate", "rate in (0%, 100%]", "30分 → 25分 at 50%"), ("item.done", "done / due in (0%, 1000000%]", "40分 → 50分 at 100%")],
    "mode": [("the sheet's rounding differs",)],
    "strict": [("adjustment.late", "late_days in {60天}", "0分 → 10分 at 60天")],
    "unit": [("adjustment.size", "rate.enrolled in (0人, 200000人]", "0.5分 → 5分 at 100000人")],
    "dated": [("adjustment.complaint", "no exact region")],
    "same-clip": [],
    "same-unit": [],
}


def difference(name, **how):
    old, new = (rules_of(load_scheme(str(PLANTED / f"versions/{name}-{side}.toml")), load_plugins(only=[]))[0] for side in "ab")
    (found,) = compare(old, new, Engines(**how), "x")
    return old[0], new[0], found


@pytest.mark.parametrize("name", REGIONS)
def test_versions_that_differ_are_told_apart_with_the_region(name):
    old, new, found = difference(name)
    assert found.changes
    if name.startswith("same"):
        assert (found.result.verdict, found.regions) == (Verdict.PROVED, ())
        assert found.result.by in ("exact", "z3")
        return
    assert found.result.verdict is Verdict.REFUTED
    assert len(found.regions) == len(REGIONS[name])
    for (_, said), words in zip(found.regions, REGIONS[name], strict=True):
        assert [one for one in words if one not in said] == []
    (row,) = found.result.case.rows
    before, after = (rule.value("total", rule.run(row)) for rule in (old, new))
    assert before != after


@pytest.mark.parametrize("name", REGIONS)
def test_versions_are_told_apart_without_a_solver(name):
    _, _, found = difference(name, solver=False)
    same = {"same-clip": Verdict.PROVED, "same-unit": Verdict.NOT_REFUTED}
    assert found.result.verdict is same.get(name, Verdict.REFUTED)


@pytest.mark.parametrize("name", [name for name in REGIONS if name.startswith("same")])
def test_a_version_is_the_same_either_way_round(name):
    old, new, _ = difference(name)
    (back,) = compare([new], [old], Engines(), "x")
    assert back.result.verdict is Verdict.PROVED
