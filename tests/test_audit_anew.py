"""What spares an audit of many items the whole sheet, held against the whole sheet: changed outputs, changed cells, figures set apart."""

from pathlib import Path

import pytest

from minsheng_core import load_plugins, load_scheme
from minsheng_core.audit import joint
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.clauses import clauses
from minsheng_core.audit.pool import Pool
from minsheng_core.audit.prove import available, decide
from minsheng_core.audit.question import holds
from minsheng_core.audit.rule import rules_of
from minsheng_core.formula.build import Builder
from minsheng_core.formula.python import results_of

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def rules():
    every = [
        *rules_of(load_scheme("2023"), load_plugins())[0],
        *rules_of(load_scheme(ROOT / "examples/faulty-rules"), load_plugins())[0][::5],
    ]
    return {rule.id: (rule, Pool(rule, budget=600)) for rule in every}


def test_formulas_that_are_not_changed_come_to_the_very_same_operations(rules):
    for rule, _ in rules.values():
        for name in rule.readings:
            plan = rule.lowered.changed(Builder.extending(rule.plan), "total", {name: rule.formula(name)}, rule.sheet.adjustments)
            assert plan.outputs == (rule.plan.output("total"),), name


def test_a_clause_s_plan_goes_on_from_the_rule_s_own_and_reckons_its_results_alike(rules):
    for rule, pool in rules.values():
        for clause in clauses(rule):
            for plan in clause.plans:
                assert [one.op for one in plan.ops[: len(rule.plan.ops)]] == [one.op for one in rule.plan.ops]
                run = results_of(plan)
                for row, results in pool.some(3):
                    assert run({"copies": 1, **row})[: len(results)] == list(results), clause.key


def test_results_reckoned_anew_from_another_row_s_are_those_of_the_row(rules):
    for rule, pool in rules.values():
        for line in pool.lines[::4]:
            for value, results in line.points[::3]:
                assert list(results) == list(rule.run({**line.base, line.column: value})), (rule.id, line.column)


@pytest.mark.slow
def test_a_solver_says_the_same_with_and_without_the_figures_that_are_set_apart(rules, monkeypatch):
    if not available()[0]:
        pytest.skip("without z3")
    apart, asked = joint.apart, 0
    for rule, pool in rules.values():
        for question in questions(rule, directions(rule, pool)):
            if question.other is not None or question.promise.code == "step" or not apart(question)[0]:
                continue
            asked += 1
            told = decide(question)
            with monkeypatch.context() as patch:
                patch.setattr(joint, "apart", lambda one: ({}, (one.rule.plan.output(one.domain).number,)))
                whole = decide(question)
            assert {told.outcome, whole.outcome} in ({"none"}, {"case"}, {"unknown"}, {"unknown", "none"}, {"unknown", "case"}), (
                question.key
            )
            assert told.outcome != "case" or holds(question, told.rows)
    assert asked > 50
