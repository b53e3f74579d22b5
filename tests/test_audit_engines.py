"""The auditor, audited: its engines on random rules against rows and against each other, what its pools reach, and rules of unusual size."""

import random
from fractions import Fraction as F
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import hostile
import rulegen
from audits import ask, partner, random_row, random_rule, tiny
from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.audit import exact, prove
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.clauses import clauses
from minsheng_core.audit.pool import BUDGET, Pool
from minsheng_core.audit.probe import probe
from minsheng_core.audit.question import holds, related
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.rule import rules_of
from minsheng_core.audit.run import audit_scheme
from minsheng_core.audit.shrink import _weight, shrink
from minsheng_core.errors import FormulaError
from minsheng_core.formula.plan import Output

FEW = settings(max_examples=25, suppress_health_check=list(HealthCheck))
WORK = 300_000  # of z3's units
SEEDS = st.integers(0, 10**6)

# Formulas of the made-up scheme's figures: done, target, exempt (may be missing), month.
RATES = ["done / target", "min(done / target, 1)", "max(done / target - 0.2, 0)", "clip(done / target, 0.1, 0.9)", "0.5", "(done / target) * 0.5"]
RATES += ["(0 if missing(exempt) else exempt / (1000 * 人))", "elapsed", "1 - done / (100000 * 人)", "floor(done / target, 0.1)", "abs(done / target - 1)"]
RATES += ["done / (target + 1 * 人)", "(1 if missing(exempt) else done / (exempt + 1 * 人))", "done / (1 * 人 + done)", "band(done / target, REACHED) / (100 * 分)"]
TESTS = ["done >= target", "done < 950 * 人", "missing(exempt)", "month == 12", "done != target", "target > 500 * 人", "done / target > 0.95"]
REACHED = """[method.bands.REACHED]
kind = "step"
input = "%"
output = "分"
below = "0分"
rows = [{ at = "60%", value = "60分" }, { above = "80%", value = "85分" }, { at = "100%", value = "100分" }]
"""


@st.composite
def formulas(draw):
    """Marks out of rates and tests."""
    text = draw(st.sampled_from(RATES))
    for _ in range(draw(st.integers(0, 3))):
        other = draw(st.sampled_from(RATES))
        shape = draw(st.sampled_from(["({} + {}) / 2", "min({}, {})", "max({}, {})", "({} if TEST else {})", "({}) * ({})", "({}) - ({})"]))
        text = shape.replace("TEST", draw(st.sampled_from(TESTS))).format(text, other)
    return f"full * ({text})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


def made(folder, formula):
    """The rule by that formula; an example is given up where it doesn't load."""
    try:
        return tiny(folder, formula, bands=REACHED, extra='floor = "0分"')
    except AssertionError:
        assume(False)


def cases(question, rule, draw, count):
    """Random rows, or pairs of them, that stand in the question's relation."""
    for _ in range(count):
        row = {"copies": 1, **random_row(rule, draw), **question.fixed}
        if question.relation in ("one", "plans"):
            yield [row]
        elif (other := partner(question, row, draw)) is not None and related(question, row, other):
            yield [row, other]


# -- random rules ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@FEW
@given(formulas(), SEEDS)
def test_an_exact_proof_is_broken_by_no_row_and_no_solver(folder, formula, seed):
    rule = made(folder, formula)
    pool, draw = Pool(rule, budget=1500), random.Random(seed)
    every = list(questions(rule, directions(rule, pool)))
    for question in every:
        if exact.decide(question) is None or question.promise.code == "step":
            continue
        for plan in (question.other, *question.further):
            one = evolve(question, other=plan, further=())
            assert probe(one, pool)[0] is None, question.key
            assert not any(holds(one, case) for case in cases(one, rule, draw, 60)), question.key
            if prove.available()[0] and draw.random() < 0.3:
                assert prove.decide(one, rlimit=WORK).outcome in ("none", "unknown"), question.key


@pytest.mark.slow
@FEW
@given(rulegen.formulas(across=False), rulegen.formulas(across=False), SEEDS)
def test_what_probing_finds_is_a_case_and_what_is_proved_it_never_finds(text, other, seed):
    pytest.importorskip("z3")
    plans = [rulegen.lowered(one) for one in (text, other)]
    assume(not any(isinstance(one, FormulaError) for one in plans))
    rule, second = random_rule(plans[0][1]), plans[1][1]
    second = evolve(second, outputs=(evolve(second.outputs[0], name="total"),))
    draw = random.Random(seed)
    low = F(draw.randint(-5, 20))
    asked = [
        ask(rule, "bounds", "one", "total", "outside", low=low, high=low + draw.randint(0, 10)),
        *(ask(rule, way, "more", "total", bad, name) for name in ("done", "goal", "share") for way, bad in (("rises", "falls"), ("falls", "rises"))),
        *(ask(rule, "silence", "silent", "total", "rises", name) for name in ("paid",)),
        ask(rule, "versions", "plans", "total", "differs", other=second),
    ]
    pool = _pool(rule)
    for question in asked:
        if any(name not in rule.ranges for name in question.columns):
            continue
        case, tried = probe(question, pool) if question.relation != "plans" else (None, 0)
        found = [case] if case is not None else []
        found += [one for one in cases(question, rule, draw, 40) if holds(question, one)][:1]
        assert case is None or (tried and holds(question, case))
        proof = prove.decide(question, rlimit=WORK)
        assert proof.outcome != "conflict", question.key
        assert not (found and proof.outcome == "none"), (question.key, found)
        for one in found:
            _shrinks(question, one, pool.usual())


class _Plain(Pool):
    """A pool of a rule that is no sheet."""

    def usual(self):
        row = {column.name: min(max(1, column.low), column.high) for column in self.rule.columns}
        return {"copies": 1, **row}


def _pool(rule):
    rule.lowered = type("Nothing", (), {"columns": {}, "plan": rule.plan})()
    rule.__dict__["readings"] = {}
    return _Plain(rule, budget=800)


def _shrinks(question, case, usual):
    small = shrink(question, case, usual)
    assert holds(question, small)
    assert _weight(question, small, usual) <= _weight(question, case, usual)
    again = shrink(question, small, usual)
    assert _weight(question, again, usual) <= _weight(question, small, usual)


# -- what a pool reaches -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return rules_of(load_scheme("2023"), load_plugins())[0]


def test_every_start_of_a_table_is_met_from_both_sides(tmp_path):
    rule = tiny(tmp_path, "band(done / target, REACHED)", bands=REACHED)
    met = set()
    for line in Pool(rule).lines:
        for (left, before), (right, after) in pairwise(line.points):
            if right - left == 1 and line.column == "done" and line.base["target"]:
                ends = [rule.value("total", one) for one in (before, after)]
                rates = [F(value, line.base["target"]) for value in (left, right)]
                met |= {start for start in (F(60, 100), F(1)) if rates[0] < start == rates[1] and ends[0] != ends[1]}
                met |= {start for start in (F(80, 100),) if rates[0] == start < rates[1] and ends[0] != ends[1]}
    assert met == {F(60, 100), F(80, 100), F(1)}


def test_a_rounding_s_ties_are_met(tmp_path):
    rule = tiny(tmp_path, "full * min(done / target, 1)")
    exacts = [rule.value("exact.work", results) for _, results in Pool(rule).closely()]
    assert sum((value * 100) % 1 == F(1, 2) for value in exacts if value is not None) > 10


def test_a_figure_that_may_be_missing_is_left_out_and_given(shipped):
    for rule in shipped:
        rows = [row for row, _ in Pool(rule).rows()]
        for column in rule.columns:
            values = {row[column.name] is None for row in rows}
            assert values == ({True, False} if column.missing else {False}), (rule.id, column.name)
            if column.name != "period":
                assert {rule.ranges[column.name][0], rule.ranges[column.name][1]} <= {row[column.name] for row in rows}, column.name


def test_every_comparison_of_the_shipped_rules_comes_out_both_ways_or_never_can(shipped):
    pytest.importorskip("z3")
    for rule in shipped:
        seen = {}
        for _, results in Pool(rule).rows():
            if rule.value("declared", results):
                for at, op in enumerate(rule.plan.ops):
                    if op.op in ("<", "<=", "=="):
                        seen.setdefault(at, set()).add(results[at])
        needed = set(rule.plan.needed(position for one in rule.readings for position in rule.plan.output(one).positions))
        for at in sorted(needed & {at for at, values in seen.items() if len(values) < 2}):
            (value,) = seen[at]
            assert _never(rule, at, 1 - value), (rule.id, at, rule.plan.ops[at])


def _never(rule, at, value):
    """Whether the solver proves that the comparison never comes out so on a row in the declared ranges."""
    from minsheng_core.formula.build import Builder

    build = Builder.extending(rule.plan)
    number = at if value else build.negate(at)
    outputs = (*rule.plan.outputs, Output(name="fault.test", number=number, undetermined=build.truth(False), truth=True))
    plan = evolve(rule.plan, ops=tuple(build.ops), tables=build.tables, outputs=outputs)
    other = evolve(rule, plan=plan)
    return prove.decide(ask(other, "total", "one", "fault.test", "fault", domain="declared")).outcome == "none"


# -- rules of unusual size ---------------------------------------------------------------------------------------------

SIZES = {"deep": 25, "wide": 60, "long": 2500, "many": 40, "chain": 20}  # by hand also 58, 100, 5000, 40, 30: a minute or two


def audited(tmp_path, text, **how):
    file = tmp_path / "hostile.toml"
    file.write_text(text, encoding="utf-8")
    scheme, findings = check_rules(file, load_plugins(only=[]))
    audit, _ = audit_scheme(scheme, load_plugins(only=[]), only=["towns"], **how)
    return audit, rules_of(scheme, load_plugins(only=[]))[0], findings


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_a_rule_of_unusual_size_is_audited_in_bounded_work(tmp_path, name):
    audit, (rule,), _ = audited(tmp_path, getattr(hostile, name)(SIZES[name]), solver=False)
    assert not [one.key for one in audit.results if one.verdict is Verdict.CONFLICT]
    assert audit.ran > 5
    pool = Pool(rule)
    assert pool.runs <= BUDGET * 1.5
    assert len(list(clauses(rule))) <= 400
