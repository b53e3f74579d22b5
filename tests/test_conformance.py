"""The conformance suite, tried: a small good plugin keeps every promise, and each bad one is caught by the check that is about it."""

import json
import os
import subprocess
import sys
from fractions import Fraction as F
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import evolve, frozen

from minsheng_core import (
    METHODS,
    AllocationConformance,
    AssessmentConformance,
    Below,
    Field,
    Finding,
    Form,
    IndicatorConformance,
    Measurement,
    Place,
    Quantity,
    Severity,
    Step,
    check_allocation,
    check_assessment,
    check_indicator,
    unit,
)
from minsheng_core.cli import main
from minsheng_core.conformance.indicators import INDICATORS
from minsheng_core.conformance.suite import hold
from minsheng_core.hooks import PluginInfo, Plugins

ROOT = Path(__file__).parents[1]


def count(name, title, **more):
    return Field(name=name, title=title, unit="项", minimum=F(0), maximum=F(10**6), **more)


FORM = Form(fields=(count("done", "完成数"), count("planned", "计划数", missing=True)))


@frozen
class Roads:
    """A plugin as short as can be: so many done of so many planned."""

    kind: str = "roads.built"
    title: str = "完成道路"
    primary: str = "done"
    flow: bool = False
    form: Form = FORM
    measures: tuple[Field, ...] = (
        count("done", "完成数"),
        count("planned", "计划数", missing=True),
        Field(
            name="rate", title="完成率", unit="%", missing=True,
            formula="undetermined if missing(planned) else min(done / planned, 1) if planned > 0 else undetermined",
        ),
    )  # fmt: skip

    def validate(self, case):
        for extra in case.current()[1:]:
            yield Finding(code="roads.duplicate", message="本期填了两次，只能留一行", place=extra.at("done"))

    def rate(self, done, planned):
        return min(done / planned, F(1)) * 100

    def measure(self, case):
        rows = case.current()
        if len(rows) != 1:
            return Measurement(values={}, step=Step(label=self.title, how="填了两次")) if rows else None
        done, planned = rows[0].values["done"], rows[0].values["planned"]
        values = {"done": done, "planned": planned}
        if planned is not None and planned.value:
            values["rate"] = Quantity(self.rate(done.value, planned.value), unit("%"))
        return Measurement(values=values, step=Step(label=self.title, value=done, how="期末数", place=rows[0].at("done")))


def broken(thing, **more):
    return {one.check.name for one in check_indicator(thing, examples=0, **more) if one.state == "broken"}


def changed(change):
    """Roads whose measurement is *change*d, where there is one with a value."""

    class Changed(Roads):
        def measure(self, case):
            found = Roads.measure(self, case)
            return change(case, found) if found is not None and found.values else found

    return Changed()


def valued(found, **values):
    return evolve(found, values={**found.values, **values})


class TestRoads(IndicatorConformance):
    """The good one, as its author would have it tested."""

    indicator = Roads()


@pytest.mark.usefixtures("indicator")  # so that pytest sees its params
class TestByFixture(IndicatorConformance):
    """An object that needs making comes by a fixture."""

    examples = 5

    @pytest.fixture(params=["one", "two"])
    def indicator(self, request):
        return Roads(title=request.param)


@pytest.mark.usefixtures("allocation")
class TestMethods(AllocationConformance):
    @pytest.fixture(params=METHODS[:3], ids=lambda method: method.name)
    def allocation(self, request):
        return request.param


class TestRemainderKeepsQuota(AllocationConformance):
    allocation, quota = METHODS[0], True


class TestEqual(AllocationConformance):
    allocation = next(method for method in METHODS if method.name == "equal")
    expected_failures = {
        "what_cannot_be_split_is_refused": "it ignores the weights, wrong ones too",
        "more_weight_never_gets_less": "it ignores the weights: an odd unit goes to the earlier claim",
    }


class ByShare:
    """Marks in code: the share done of the full marks, rounded to two decimals."""

    id, kind = "roads.by_share", "roads.built"

    def assess(self, facts, parameters):
        done, target, full = facts["done"], facts["target"], facts["full"]
        if done is None or target is None or not target.value:
            return Step(label="得分", how="没有完成数或目标")
        share = min(done.base / target.base, F(1))
        return Step(label="得分", value=Quantity(F(round(share * full.base * 100), 100), unit("分")))


class TestByShare(AssessmentConformance):
    assessment, indicator = ByShare(), Roads()


# -- each bad one is caught by the check that is about it ------------------------------------------------------------


class FloatRate(Roads):
    """29 of 50 is 57 here."""

    def rate(self, done, planned):
        return F(int(min(int(done) / int(planned), 1) * 100))


def test_29_of_50_is_58_and_the_grid_of_round_numbers_finds_it_before_anything_is_drawn():
    assert FloatRate().rate(F(29), F(50)) == 57
    (outcome,) = [one for one in check_indicator(FloatRate(), examples=0) if one.state == "broken"]
    assert outcome.check.name == "derived_values_follow"
    assert not outcome.sampled
    assert "完成数=" in outcome.example


def test_an_authors_reference_finds_what_no_formula_declares():
    def reference(case):
        return case.current()[0].values["done"] if len(case.current()) == 1 else None

    halved = changed(lambda case, found: valued(found, done=Quantity(F(int(found.values["done"].value) // 2 * 2), unit("项")), rate=None))
    assert broken(halved, reference=reference) == {"reference_agrees"}
    assert broken(Roads(), reference=reference) == set()


def through_float(case, found):
    assert found.values["done"].value >= -0.5
    return found


class Raising(Roads):
    def measure(self, case):
        return Roads.measure(self, case) if case.current()[0].values else None


class Mutating(Roads):
    def validate(self, case):
        for report in case.reports:
            report.values["note"] = "seen"
        return ()


class Placeless(Roads):
    def validate(self, case):
        for _ in case.current()[1:]:
            yield Finding(code="roads.duplicate", message="本期填了两次", severity=Severity.ERROR)


class English(Roads):
    def validate(self, case):
        for extra in case.current()[1:]:
            yield Finding(code="Duplicate!", message="filed twice", place=extra.place)


class Elsewhere(Roads):
    def validate(self, case):
        for extra in case.current()[1:]:
            yield Finding(code="roads.duplicate", message="本期填了两次", place=Place("other.csv", extra.place.line))


class Summing(Roads):
    """Adds up all rows that it sees."""

    def measure(self, case):
        rows = case.current()
        total = Quantity(min(sum((row.values["done"].value for row in rows), F(0)), F(10**6)), unit("项"))
        return Measurement(values={"done": total}, step=Step(label=self.title, value=total, place=rows[0].place)) if rows else None


class FirstRow(Roads):
    """Takes the first row of several, of whatever order."""

    def measure(self, case):
        return Roads.measure(self, evolve(case, reports=(*case.earlier(), *case.current()[:1])))


class Earlier(Roads):
    """An earlier month stands in where the period was not filed."""

    def measure(self, case):
        found = Roads.measure(self, case)
        return found or (Roads.measure(self, evolve(case, period=case.reports[-1].period)) if case.reports else None)


class Adding(Roads):
    """A stock whose months are added."""

    def measure(self, case):
        found = Roads.measure(self, case)
        if found is None or not found.values:
            return found
        total = sum((row.values["done"].value for row in case.reports), F(0))
        return valued(found, done=Quantity(min(total, F(10**6)), unit("项")), rate=None)


class Remembering(Roads):
    """Counts how often it was asked."""

    seen = []

    def validate(self, case):
        self.seen.append(case)
        for extra in case.current()[1:]:
            yield Finding(code="roads.duplicate", message=f"第{len(self.seen)}次：本期填了两次", place=extra.place)


class Printed(Roads):
    """Reads the words of the figure and not the figure."""

    def measure(self, case):
        found = Roads.measure(self, case)
        digits = [len(row.values["done"].printed) for row in case.current()]
        return valued(found, planned=Quantity(F(digits[0]), unit("项")), rate=None) if found is not None and found.values else found


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (Raising(), "measure_never_crashes"),
        (changed(lambda case, found: valued(found, done=Quantity(float(found.values["done"].value), unit("项")))), "values_are_exact"),
        (changed(through_float), "values_are_exact"),
        (changed(lambda case, found: evolve(found, details={"share": 0.5})), "values_are_exact"),
        (changed(lambda case, found: valued(found, planned=Quantity(F(-1), unit("项")), rate=None)), "values_keep_their_range"),
        (changed(lambda case, found: valued(found, planned=Quantity(F(1, 3), unit("项")), rate=None)), "values_keep_their_range"),
        (changed(lambda case, found: valued(found, planned=Quantity(F(1), unit("人")), rate=None)), "values_are_declared"),
        (changed(lambda case, found: valued(found, built=found.values["done"])), "values_are_declared"),
        (changed(lambda case, found: evolve(found, step=evolve(found.step, place=None))), "steps_lead_to_a_row"),
        (
            changed(lambda case, found: valued(found, planned=found.values["planned"] or Quantity(F(0), unit("项")))),
            "blank_is_not_zero",
        ),
        (Mutating(), "case_is_left_alone"),
        (Placeless(), "findings_point_somewhere"),
        (Elsewhere(), "findings_point_somewhere"),
        (English(), "findings_say_what_is_wrong"),
        (Summing(), "filing_twice_never_pays"),
        (FirstRow(), "order_of_rows_does_not_matter"),
        (Earlier(), "nothing_filed_measures_none"),
        (Adding(), "months_of_a_stock_are_not_added"),
        (Remembering(), "same_case_same_result other_process_same_result"),
        (Printed(), "unit_does_not_matter"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)
def test_a_bad_plugin_is_caught_by_the_check_that_is_about_it_and_by_no_other(bad, check):
    assert broken(bad) == set(check.split())


def test_a_split_count_that_measures_more_is_caught():
    class PerRow(Summing):
        def measure(self, case):
            found = Summing.measure(self, case)
            more = len(case.current()) - 1
            return found and valued(found, done=Quantity(min(found.values["done"].value + more, F(10**6)), unit("项")))

    assert broken(PerRow()) == {"filing_twice_never_pays", "splitting_never_pays"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ((count("done", "完成数"), count("more", "完成数")), "'完成数' names two columns"),
        ((count("done", "完成数"), count("more", "增加", aliases=("完成数",))), "'完成数' names two columns"),
        ((count("done", "期间"),), "the core reads itself"),
        ((evolve(count("done", "完成数"), unit="里"),), "unknown unit"),
        ((evolve(count("done", "完成数"), minimum=F(2), maximum=F(1)),), "above the maximum"),
        ((evolve(count("done", "完成数"), maximum=F(3, 2)),), "more than 0 decimals"),
        ((evolve(count("done", "完成数"), maximum=1.5),), "a Fraction, got 1.5"),
        ((Field(name="stage", title="阶段", kind="text", choices=("在建（一）", "在建(一)")),), "two choices mean the same"),
    ],
)
def test_a_form_that_no_clerk_could_fill_is_told_in_words(fields, words):
    check = next(one for one in INDICATORS.checks if one.name == "form_is_sound")
    assert words in hold(INDICATORS, check, under(Roads(form=Form(fields=fields)))).why


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"primary": "built"}, "'built' is not among done"),
        ({"measures": (*Roads().measures, count("done", "又一个"))}, "two measures are called 'done'"),
        ({"measures": (evolve(Roads().measures[0], maximum=None), *Roads().measures[1:])}, "declares minimum and maximum"),
        ({"measures": (*Roads().measures[:2], evolve(Roads().measures[2], formula="done / plan"))}, "rate = done / plan"),
        ({"measures": (*Roads().measures[:2], evolve(Roads().measures[2], formula="done"))}, "is wanted"),
    ],
)
def test_measures_that_no_formula_could_use_are_told_in_words(changes, words):
    check = next(one for one in INDICATORS.checks if one.name == "measures_are_sound")
    assert words in hold(INDICATORS, check, under(Roads(**changes))).why


def under(indicator):
    from minsheng_core.conformance.samples import UnderTest, minimal_case

    return UnderTest(indicator=indicator, template=minimal_case(indicator))


def test_values_below_detection_are_among_the_reports():
    seen = set()

    class Lab(Roads):
        def validate(self, case):
            seen.update(type(row.values["done"]) for row in case.current())
            return ()

    check = next(one for one in INDICATORS.checks if one.name == "validation_never_crashes")
    lab = Lab(form=Form(fields=(evolve(count("done", "浓度"), kind="detected", missing=True),)))
    assert hold(INDICATORS, check, under(lab), 0).state == "held"
    assert seen == {Quantity, Below, type(None)}


def test_the_smallest_example_that_was_found_is_shown_in_words():
    class Above(Roads):
        def validate(self, case):
            assert not any(1000 < row.values["done"].value < 900_000 and row.values["done"].value % 2 for row in case.reports)
            return ()

    check = next(one for one in INDICATORS.checks if one.name == "validation_never_crashes")
    outcome = hold(INDICATORS, check, under(Above()), 300)
    assert outcome.sampled
    assert "AssertionError" in outcome.why
    assert outcome.example.startswith("2023-10, 目标50项: [2023-10 完成数=1001")


def test_words_that_depend_on_the_hash_seed_are_found_by_another_process(tmp_path, monkeypatch):
    code = """
from minsheng_core import Field, Form, Measurement, Step
class Hashing:
    kind, title, primary, flow = "a.b", "甲", "done", False
    form = Form(fields=(Field(name="done", title="数"),))
    measures = (Field(name="done", title="数", minimum=0, maximum=9),)
    def validate(self, case):
        return ()
    def measure(self, case):
        how = "、".join({"甲", "乙", "丙", "丁", "戊"})
        rows = case.current()
        return Measurement(values={}, step=Step(label="甲", how=how, place=rows[0].place)) if rows else None
"""
    (tmp_path / "hashing_plugin.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import hashing_plugin

    check = next(one for one in INDICATORS.checks if one.name == "other_process_same_result")
    assert "says something else" in hold(INDICATORS, check, under(hashing_plugin.Hashing())).why


def naive(total, claims):
    whole = sum(claim.weight for claim in claims)
    return {claim.body: round(total * claim.weight / whole) for claim in claims}


def test_rounding_each_share_gives_1_over_three_equals_to_nobody_and_is_caught():
    allocation = SimpleNamespace(name="naive", title="各自四舍五入", allocate=naive)
    found = {one.check.name: one for one in check_allocation(allocation, examples=0) if one.state == "broken"}
    assert "total_is_conserved" in found
    assert "only_proportions_count" in found or "bounds_are_kept" in found
    assert "what_cannot_be_split_is_refused" in found


@pytest.mark.parametrize(
    ("assess", "check"),
    [
        (lambda facts: Step(label="得分", value=Quantity(facts["done"].base, unit("分"))), {"never_crashes", "marks_keep_to_full"}),
        (lambda facts: Step(label="得分", value=Quantity(F(1, 3), unit("分"))), {"marks_are_exact"}),
        (lambda facts: Step(label="得分", value=Quantity(F(1), unit("人"))), {"marks_or_a_reason"}),
        (lambda facts: Step(label="得分"), {"some_facts_give_marks", "marks_or_a_reason"}),
        (lambda facts: Step(label="得分", value=Quantity(F(1), unit("分")), how=facts.pop("full").printed), {"facts_are_left_alone"}),
    ],
)
def test_a_bad_assessment_is_caught(assess, check):
    bad = SimpleNamespace(id="x", kind="roads.built", assess=lambda facts, parameters: assess(facts))
    assert {one.check.name for one in check_assessment(bad, Roads(), examples=10) if one.state == "broken"} == check


# -- how many ran --------------------------------------------------------------------------------------------------

AUTHOR = """
import sys
sys.path.insert(0, {tests!r})
from minsheng_core import AllocationConformance, METHODS
class TestOne(AllocationConformance):
    allocation, examples = METHODS[0], 0
{more}
"""


def pytest_run(tmp_path, *args, more="", conftest=""):
    (tmp_path / "test_author.py").write_text(AUTHOR.format(tests=str(ROOT / "tests"), more=more), encoding="utf-8")
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), *args]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", env=environment)
    return done.returncode, done.stdout + done.stderr


SILENT = "def pytest_collection_modifyitems(items): items[:] = [i for i in items if i.name != 'test_never_crashes']"
UNCOUNTED = (
    "def pytest_collection_modifyitems(items): items[:] = [i for i in items if i.name not in ('test_never_crashes', 'test_all_checks_ran')]"
)


@pytest.mark.parametrize(
    ("args", "more", "conftest", "code", "words"),
    [
        ([], "", "", 0, "minsheng conformance: TestOne: 10 of 10 checks ran, 1 not asked"),
        (["-k", "crashes"], "", "", 0, "the command line asked for these only"),
        (["--deselect", "test_author.py::TestOne::test_never_crashes"], "", "", 1, "missing: never_crashes"),
        ([], "    def test_never_crashes(self): pass", "", 1, "9 of 10 checks ran, 1 not asked; missing: never_crashes"),
        ([], "    test_never_crashes = None", "", 1, "missing: never_crashes"),
        ([], "", SILENT, 1, "missing: never_crashes"),
        ([], "", UNCOUNTED, 1, "missing: never_crashes"),
        (["-p", "no:minsheng"], "", SILENT, 1, "missing: never_crashes"),
        (["-p", "no:minsheng"], "", "", 0, "11 passed"),
        ([], "    expected_failures = {'never_crashes': 'no longer'}", "", 1, "take it out of expected_failures"),
        ([], "    expected_failures = {'crashes': 'a slip'}", "", 1, "which is no check of the allocation"),
    ],
    ids=[
        "all",
        "-k",
        "deselected",
        "overridden",
        "taken out",
        "hidden",
        "hidden with its count",
        "no plugin, hidden",
        "no plugin",
        "held",
        "slip",
    ],
)
def test_a_check_that_did_not_run_turns_the_run_red(tmp_path, args, more, conftest, code, words):
    found, output = pytest_run(tmp_path, *args, more=more, conftest=conftest)
    assert words in output
    assert found == code


def test_an_ordinary_run_of_pytest_imports_nothing_heavy(tmp_path):
    (tmp_path / "conftest.py").write_text("", encoding="utf-8")
    code = "import sys, pytest; pytest.main(['-q', '--co', '-p', 'no:cacheprovider', '-p', 'no:hypothesispytest']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    ours = {name for name in done.stdout.split() if name.startswith(("minsheng", "cattrs", "tomli"))}
    assert ours == {"minsheng_core", "minsheng_core.conformance", "minsheng_core.conformance.pytest_plugin"}


# -- rules as tests ------------------------------------------------------------------------------------------------


def test_rule_files_and_folders_are_tests_by_name_and_a_wrong_worked_example_fails(tmp_path):
    text = (ROOT / "examples/rules/yanan-2017.toml").read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/scheme.toml").write_text(text, encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(text.replace('total = "', 'total = "1'), encoding="utf-8")
    code, output = pytest_run(tmp_path, "--minsheng-rules", "rules", "-vv")
    assert code == 0
    assert "rules::rules::load PASSED" in output
    assert "rules::example::" in output
    assert "TestOne" not in output
    code, output = pytest_run(tmp_path, "--minsheng-rules", "wrong.toml", "test_author.py", "-vv")
    assert code == 1
    assert "wrong.toml::example::" in output
    assert "the example says 1" in output
    assert "TestOne" in output
    code, output = pytest_run(tmp_path, "-o", "minsheng_rules=rules", "-vv")
    assert code == 0
    assert "rules::example::" in output
    assert "TestOne" in output


def test_rules_that_do_not_load_fail_with_every_mistake(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/scheme.toml").write_text("[scheme]\n", encoding="utf-8")
    code, output = pytest_run(tmp_path, "--minsheng-rules", "rules")
    assert code == 1
    assert "scheme.toml" in output


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.fixture
def installed(monkeypatch):
    def give(indicator):
        info = PluginInfo(name="roads", state="active")
        plugins = Plugins(infos=(info,), indicators={indicator.kind: indicator})
        monkeypatch.setattr("minsheng_core.cli.conformance.load_plugins", lambda **_: plugins)

    return give


def test_the_command_tells_every_check_and_ends_with_1_where_one_is_broken(installed, capsys):
    installed(Roads())
    assert main(["conformance", "roads", "--examples", "0"]) == 0
    assert "ok  measure_never_crashes: held" in (told := capsys.readouterr().out)
    assert "of 22 checks ran, 1 not asked" in told
    installed(Placeless())
    assert main(["conformance", "roads", "--examples", "0"]) == 1
    told = capsys.readouterr().out
    assert "failed  findings_point_somewhere: broken" in told
    assert "每条问题指到填报的某一行" in told
    assert "例: 2023-10" in told
    assert main(["conformance", "roads", "--examples", "0", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["format"] == "minsheng.conformance/1"
    assert [one["check"] for one in data["tried"][0]["checks"] if one["state"] == "broken"] == ["findings_point_somewhere"]


def test_the_command_can_not_try_what_is_not_installed(capsys):
    assert main(["conformance", "nothing_like_it"]) == 2
    assert "failed: not installed" in capsys.readouterr().err


def test_without_hypothesis_the_grid_still_runs_and_the_command_says_how_to_have_the_rest(installed, capsys, monkeypatch):
    monkeypatch.setattr("minsheng_core.conformance.suite.can_sample", lambda: False)
    installed(FloatRate())
    assert main(["conformance", "roads"]) == 1
    told = capsys.readouterr().out
    assert "failed  derived_values_follow" in told
    assert 'pip install "minsheng-core[test]"' in told
