"""The audit, whole: the shipped rules first, then exemptions and facts."""

from collections import Counter

import pytest
from attrs import evolve

from audits import tiny
from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.audit.promise import PROMISES
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.run import audit_scheme
from minsheng_core.cli import main
from minsheng_core.finding import Severity
from minsheng_core.scheme.facts import Exemption, Facts

COMPLETE = "full * min(done / target, 1)"


def by_key(audit):
    return {one.key: one for one in audit.results}


def plain(audit):
    """An audit without what is about the machine."""
    return evolve(audit, engines={})


@pytest.fixture(scope="module")
def shipped():
    audit, findings = audit_scheme(load_scheme("2023"), load_plugins(), source="2023")
    assert findings == []
    return audit


@pytest.fixture(scope="module")
def unsolved():
    """The same without a solver."""
    return audit_scheme(load_scheme("2023"), load_plugins(), source="2023", solver=False)[0]


@pytest.fixture
def made(tmp_path):
    """Audit a made-up scheme of one item: (audit, results by key). *facts* go into the sheet, *method* into the method."""

    def audited(formula=COMPLETE, *, facts="", method="", **more):
        tiny(tmp_path, formula, bands=method + more.pop("bands", ""), **more)
        file = tmp_path / "tiny.toml"
        head, item, rest = file.read_text(encoding="utf-8").partition("[[sheet.item]]")
        file.write_text(head + facts + "\n" + item + rest, encoding="utf-8")
        scheme, findings = check_rules(file, load_plugins(only=[]))
        assert [one for one in findings if one.severity is Severity.ERROR] == []
        audit = audit_scheme(scheme, load_plugins(only=[]), source=str(file), only=["towns"], solver=False)[0]
        return audit, by_key(audit)

    return audited


# -- the shipped rules -----------------------------------------------------------------------------------------------


def test_nothing_fails_in_the_shipped_rules(shipped):
    assert shipped.exit_code() == 0
    verdicts = Counter(one.verdict for one in shipped.results)
    assert not verdicts[Verdict.CONFLICT]
    assert not verdicts[Verdict.UNKNOWN]
    assert (shipped.due, shipped.ran) == (len(shipped.results), len(shipped.results))


def test_every_promise_of_the_shipped_rules_is_decided(shipped):
    serious = [one for one in shipped.results if one.promise.severity is not Severity.NOTE]
    open_ = [one.key for one in serious if one.verdict is Verdict.NOT_REFUTED and not one.promise.sampled]
    assert open_ == []
    assert {one.key for one in serious if one.verdict is Verdict.REFUTED} == {
        one.key for one in serious if one.exemption is not None
    }, "what is refuted is exempt, and what is exempt is refuted"


def test_every_sheet_is_asked_every_promise_that_is_due(shipped):
    scheme = load_scheme("2023")
    always = {"bounds", "attainable", "total", "weights", "rounding", "replay", "rises", "falls", "split", "unit", "step", "delay", "group"}
    for sheet in scheme.sheets:
        asked = {one.promise.code for one in shipped.results if one.rule == sheet.id}
        assert always <= asked, sheet.id
        if sheet.ranking is not None:
            assert {"order", "own", "others"} <= asked
        if any(one.effect in ("zero", "cap") for one in sheet.adjustments):
            assert "veto" in asked
    asked = {one.promise.code for one in shipped.results}
    never = {"relabel", "shave", "versions"}  # no two events alike, no denominator that is filed, no older version
    assert set(PROMISES) - never <= asked | {"relabel"}


def test_a_key_names_one_result(shipped, unsolved):
    for audit in (shipped, unsolved):
        assert [key for key, many in Counter(one.key for one in audit.results).items() if many > 1] == []
        assert all(one.key.split("::")[:2] == [one.rule, one.promise.code] for one in audit.results)


def test_the_results_of_a_rule_are_in_the_order_of_the_promises(shipped):
    order = list(PROMISES)
    for rule in dict.fromkeys(one.rule for one in shipped.results if one.rule in shipped.titles):
        places = [order.index(one.promise.code) for one in shipped.results if one.rule == rule and one.promise.code != "exemption"]
        assert places == sorted(places)


def test_every_case_of_the_shipped_rules_replays(shipped, capsys):
    cases = [one.case for one in shipped.results if one.case is not None and one.case.replay]
    assert len(cases) > 40
    text = cases[0].replay.partition("'")[2].rpartition("'")[0]
    assert main(["audit", "2023", "--replay", text]) == 0
    assert "分" in capsys.readouterr().out


def test_without_a_solver_nothing_fails_and_most_is_proved(unsolved):
    assert unsolved.exit_code() == 0
    universal = [one for one in unsolved.results if not _exists(one) and one.promise.code not in ("exemption", "plateau") and not one.promise.sampled]
    proved = [one for one in universal if one.verdict is Verdict.PROVED]
    assert {one.by for one in proved} <= {"exact", "construction"}
    due = [one for one in universal if one.verdict is not Verdict.REFUTED]
    assert len(proved) * 3 >= len(due) * 2, f"{len(proved)} of {len(due)}"


def _exists(one):
    return one.promise.code in ("attainable", "dead")


def test_the_solver_changes_no_verdict_that_was_already_there(shipped, unsolved):
    one, other = by_key(shipped), by_key(unsolved)
    assert one.keys() == other.keys()
    final = (Verdict.PROVED, Verdict.REFUTED)
    assert [key for key in one if other[key].verdict in final and one[key].verdict is not other[key].verdict] == []


def test_an_audit_is_the_same_every_time_and_in_any_company(shipped, unsolved):
    again = audit_scheme(load_scheme("2023"), load_plugins(), source="2023", solver=False)[0]
    assert plain(again) == plain(unsolved)
    alone = audit_scheme(load_scheme("2023"), load_plugins(), source="2023", only=["eco"])[0]
    assert list(alone.results) == [one for one in shipped.results if one.rule == "eco"]


# -- exemptions ------------------------------------------------------------------------------------------------------


def exempt(promise, of=""):
    return f'[[sheet.audit.exempt]]\npromise = "{promise}"\nof = "{of}"\nreason = "举例"\nclause = "paper/one"\n'


OVER = "full * done / target"  # more than full marks above the target


def test_an_exemption_that_is_needed_switches_the_promise_off(made):
    audit, found = made(OVER, facts=exempt("bounds", "work") + exempt("bounds", "total"))
    assert found["towns::bounds::work"].verdict is Verdict.REFUTED
    assert found["towns::bounds::work"].exemption.reason == "举例"
    assert found["towns::exemption::bounds.work"].verdict is Verdict.PROVED
    assert audit.exit_code() == 0
    assert made(OVER)[0].exit_code() == 1


def test_an_exemption_without_need_fails(made):
    audit, found = made(facts=exempt("bounds", "work"))
    one = found["towns::exemption::bounds.work"]
    assert (one.verdict, one.promise.code, one.fails) == (Verdict.REFUTED, "exemption", True)
    assert "no longer needed" in one.words[1]
    assert one.place is not None
    assert audit.exit_code() == 1


@pytest.mark.parametrize(("promise", "of"), [("bonds", ""), ("bounds", "nobody"), ("own", "")])
def test_an_exemption_from_what_is_not_asked_fails(made, promise, of):
    _, found = made(facts=exempt(promise, of))
    one = found[f"towns::exemption::{promise}.{of}"]
    assert one.fails
    assert "no such question" in one.words[1]


def test_an_exemption_of_a_method_is_its_item_s(made):
    text = exempt("bounds").replace("sheet.audit", "method.audit")
    audit, found = made(OVER, method=text)
    assert found["towns::exemption::marks.bounds."].verdict is Verdict.PROVED
    assert found["towns::bounds::work"].exemption is not None
    assert {one.key for one in audit.results if one.fails} == {"towns::bounds::total"}, "what a method may, a sheet must answer for"


def test_an_exemption_of_a_method_is_told_once_for_all_its_items():
    scheme, plugins = load_scheme("2023"), load_plugins()
    needless = Exemption(promise="rises", of="insured", reason="举例", clause="scheme/3.2")
    methods = tuple(evolve(one, audit=Facts(exempt=(needless,))) if one.id == "insurance.completion" else one for one in plugins.rules.methods)
    audit = audit_scheme(scheme, evolve(plugins, rules=evolve(plugins.rules, methods=methods)), only=["hrss"], solver=False)[0]
    assert [one.key for one in audit.results if one.promise.code == "exemption"] == ["hrss::exemption::insurance.completion.rises.insured"]
    assert [one.words[1].partition(":")[0] for one in audit.results if one.fails] == ["no longer needed"]


def test_an_exemption_taken_out_of_the_shipped_rules_is_missed():
    scheme = load_scheme("2023")
    bare = evolve(scheme, sheets=tuple(evolve(one, audit=Facts()) for one in scheme.sheets))
    audit = audit_scheme(bare, load_plugins(), only=["township"], solver=False)[0]
    assert {one.key for one in audit.results if one.fails} == {"township::silence::late_days"}


# -- facts -------------------------------------------------------------------------------------------------------------


def test_a_declared_limit_refutes_or_holds(made):
    step = "towns::step::done"
    assert made("full if done >= target else 0 * 分", facts='[sheet.audit]\nlargest = "100分"\n')[1][step].verdict is not Verdict.REFUTED
    refuted = made("full if done >= target else 0 * 分", facts='[sheet.audit]\nlargest = "99分"\n')[1][step]
    assert refuted.verdict is Verdict.REFUTED
    before, after = (row["done"] for row in refuted.case.rows)
    assert after == before + 1 == refuted.case.rows[0]["target"]


def test_without_a_limit_the_largest_effect_is_told(made):
    one = made("full if done >= target else 0 * 分")[1]["towns::step::done"]
    assert one.words[1].endswith("100分")
    assert one.verdict is not Verdict.REFUTED


def test_declared_directions_are_asked(made):
    assert "towns::rises::exempt.work" not in made("full - full * (0 if missing(exempt) else exempt) / (1000 * 人)")[1]
    formula = "full - full * (0 if missing(exempt) else exempt) / (1000 * 人)"
    rises = made(formula, facts='[sheet.audit]\nrises = ["work.exempt"]\n')[1]["towns::rises::exempt.work"]
    falls = made(formula, facts='[sheet.audit]\nfalls = ["exempt"]\n')[1]["towns::falls::exempt.work"]
    assert (rises.verdict, falls.verdict) == (Verdict.REFUTED, Verdict.PROVED)


def test_what_is_declared_of_every_report_is_not_asked_again(made):
    formula = "full * min(done / (target - exempt), 1) if not missing(exempt) else full * min(done / target, 1)"
    fault = "towns::total::item.work"
    assert made(formula)[1][fault].verdict is Verdict.REFUTED
    told = made(formula, method='[method.audit]\nwhere = "missing(exempt) or exempt < target"\n')[1][fault]
    assert told.verdict is not Verdict.REFUTED
