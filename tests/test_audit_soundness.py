"""What is proved of a sheet is so: random whole sheets, small enough for brute force, against every proof that an audit could give of them.

Sheets have up to three items (some for some bodies only), events, late days, labels, adjustments, vetoes, limits, rescaling and every
rounding; their figures have a handful of values. Rows come along lines: one figure after the other through all its values, so
that all pairs that differ in one figure are there. Nothing of the auditor decides here whether a promise is broken.
"""

import random
from fractions import Fraction as F

import pytest
from attrs import evolve

from audits import ask
from bruteforce import Brute, load, values
from minsheng_core import check_rules, load_plugins
from minsheng_core.audit import exact, prove
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.bodies import Played
from minsheng_core.audit.pool import Pool
from minsheng_core.audit.question import holds
from minsheng_core.formula.python import compile_rows
from sheetgen import OWN, TOWNS, by_hand, rule_file

LITTLE = F(1, 10**6)
SHEETS, SOLVED, ACROSS = 24, 6, 8  # by hand also 1000, 250 and 170 of them


def outputs_of(rule):
    names = [one.name for one in rule.plan.outputs]
    return [one for one in names if one == "total" or (one.startswith(("item.", "exact.")) and one != "exact.subtotal")]


def sharp(rule, brute):
    """Questions that an audit doesn't ask, at the very edge of what was seen: each bound just inside it, each figure both ways."""
    rows = [(row, results) for row, results in brute.rows if rule.value("valid", results)]
    vetoes = [f"adjustment.{one.id}" for one in rule.sheet.adjustments if one.kind == "veto"]
    events = [one for one in ("faults", "cases") if one in rule.ranges]
    for name in outputs_of(rule):
        seen = [(row, results, value) for row, results in rows if (value := rule.value(name, results)) is not None]
        if seen:
            low, high = min(value for *_, value in seen), max(value for *_, value in seen)
            yield ask(rule, "bounds", "one", name, "outside", low=low + LITTLE)
            yield ask(rule, "bounds", "one", name, "outside", high=high - LITTLE)
            yield ask(rule, "attainable", "one", name, "reaches", low=high, exists=True)
        for veto in vetoes:
            if held := [value for _, results, value in seen if rule.value(veto, results)]:
                yield ask(rule, "veto", "one", name, "above", test=veto, high=max(held) - LITTLE)
        for column in rule.columns:
            most = rule.ranges[column.name][1]
            if held := [value for row, _, value in seen if row[column.name] == most]:
                yield ask(rule, "veto", "one", name, "outside", high=max(held) - LITTLE, fixed={column.name: most})
            yield from (ask(rule, "rises", "more", name, bad, column.name) for bad in ("falls", "rises"))
            if column.missing:
                yield ask(rule, "silence", "silent", name, "rises", column.name)
        if len(events) == 2:
            yield from (ask(rule, "relabel", "moved", name, bad, *events) for bad in ("falls", "rises"))


def steps(rule, brute):
    """How far one unit moves the marks, just inside what was seen and at it, from a row in its declared range or the audited one."""
    for name in outputs_of(rule):
        for column in (one.name for one in rule.columns if one.kind == "number"):
            question = ask(rule, "step", "step", name, "jumps", column)
            pairs = [[rule.value(name, one) for one in results] for _, results in brute.cases(question)
                     if all(rule.value("valid", one) for one in results)]  # fmt: skip
            if most := max((abs(b - a) for a, b in pairs if None not in (a, b)), default=None):
                yield from (evolve(question, high=most - less) for less in (0, LITTLE))
            yield ask(rule, "bounds", "one", name, "outside", high=F(5), domain="declared", fixed={column: rule.ranges[column][0]})


def plans(question):
    """The question with each plan that serves as its other one."""
    return [evolve(question, other=plan, further=()) for plan in (question.other, *question.further)]


def due(rule):
    return [one for one in questions(rule, directions(rule, Pool(rule, budget=300))) if one.bad != "jumps" or one.high is not None]


@pytest.mark.slow
def test_no_row_and_no_pair_breaks_what_is_proved_without_a_solver(tmp_path):
    proved = 0
    for seed in range(SHEETS):
        rule = load(tmp_path, rule_file(random.Random(seed), depth=1 + seed % 3))
        brute = Brute(rule, seed) if rule else None
        for question in [*due(rule), *sharp(rule, brute)] if rule else ():
            if exact.decide(question) is not None:
                proved += 1
                assert not any(map(brute.broken, plans(question))), (seed, question.key)
    assert proved > 20 * SHEETS


@pytest.mark.slow
def test_nor_what_the_solver_proves_and_its_cases_are_cases(tmp_path):
    pytest.importorskip("z3")
    for seed in range(1000, 1000 + SOLVED):
        rule, draw = load(tmp_path, rule_file(random.Random(seed), depth=1)), random.Random(seed)
        brute = Brute(rule, seed, 25) if rule else None
        every = [*due(rule), *sharp(rule, brute), *steps(rule, brute)] if rule else []
        for question in draw.sample(every, min(len(every), 50)):
            one = draw.choice(plans(question))
            told = prove.decide(one, rlimit=300_000)
            assert told.outcome != "conflict", (seed, one.key)
            assert told.outcome != "none" or brute.broken(one) is None, (seed, one.key)
            assert told.outcome != "case" or (holds(one, told.rows) and exact.decide(one) is None), (seed, one.key)


@pytest.mark.slow
def test_nor_does_any_table_where_formulas_look_at_other_rows(tmp_path):
    for seed in range(2000, 2000 + ACROSS):
        draw = random.Random(seed)
        rule = load(tmp_path, rule_file(draw, depth=1, across=True))
        played = [table(rule, draw) for _ in range(30)] if rule else []
        rows = [(one, at) for one in played for at in range(one[1]) if one[0].value("valid", at)]
        for name in outputs_of(rule) if rule else ():
            seen = [value for one, at in rows if (value := one[0].value(name, at)) is not None]
            for bound in ({"high": max(seen) - LITTLE}, {"low": min(seen) + LITTLE}) if seen else ():
                assert exact.decide(ask(rule, "bounds", "one", name, "outside", **bound)) is None, (seed, name, bound)
        for name in [one.name for one in rule.plan.outputs if one.name.startswith("fault.")] if rule else ():
            if exact.decide(ask(rule, "total", "one", name, "fault")) is not None:
                assert not any(one[0].value(name, at) for one, at in rows), (seed, name)


def table(rule, draw):
    """A few bodies in two groups over up to three months, played: (results, how many rows)."""
    rows, keys = [], []
    for body in range(draw.randint(1, 4)):
        for month in range(draw.randint(1, 3)):
            row = {one.name: draw.choice(values(rule, one, draw)) for one in rule.columns}
            rows.append({**row, "period": rule.ranges["period"][0] + month, "copies": 1})
            keys.append((f"b{body}", "甲" if body % 2 else "乙"))
    return Played(rule.plan, compile_rows(rule.plan)(rows, keys)), len(rows)


# -- what was found by it, each once ------------------------------------------------------------------------------

BY_TOTAL = 'rounding = { places = 0, mode = "half_even", when = "total", source = "assumption", reason = "举例" }\n'
DONE = "full * done / (6 * 人)"
PRICE = """[[sheet.adjustment]]
id = "a"
title = "a"
kind = "bonus"
source = "paper/one"
formula = '''band(0.1 if x.done < 3 * 人 else 0.9, PRICE)'''
[sheet.adjustment.bands.PRICE]
kind = "marginal"
input = "%"
output = "分"
rows = [{ at = "0%", rate = "0.05分/%" }, { at = "30%", rate = "0.1分/%" }, { at = "50%", rate = "0.2分/%" }]
"""
LIGHT = "[[sheet.label]]\nid = \"light\"\ntitle = \"灯\"\nsource = \"paper/one\"\nformula = '''{}'''\n"
FALLEN = {
    "items are not rounded where the total is": by_hand(
        [("x", "work", DONE, "0.45", ""), ("y", "work", DONE, "0.45", "")], "0.9", BY_TOTAL
    ),
    "an item that comes to apply moves the total": by_hand([("x", "work", DONE, "5", TOWNS), ("y", "work", DONE, "5", "")], "10"),
    "marks below zero turn what is rescaled": by_hand(
        [("x", "work", DONE, "3", ""), ("y", "work", DONE, "10", TOWNS)], "9", 'base = "-4分"\nrescale = true\n'
    ),
    "the rate of a row that is passed over counts": by_hand([("x", "work", DONE, "10", "")], "10", rest=PRICE),
    "marks may be undetermined": by_hand(
        [("x", "work", "undetermined if done == 3 * 人 else full", "10", "")], "10", rest=LIGHT.format("'绿' if known(x.marks) else '红'")
    ),
    "a test without an answer hides a branch": by_hand(
        [("x", "share", "full / (good / (1 * 人))", "10", "")], "10", rest=LIGHT.format("'绿' if abs(x.marks) >= 0 * 分 else '红'")
    ),
    "a derived figure's formula has places of its own": by_hand(
        [("x", "work", "0.7 * full if done == 0 * 人 else full * pace", "10", "")], "10", pace="0.5 * 0.25 if done < -5 * 人 else 0.5"
    ),
}


@pytest.mark.parametrize("name", FALLEN)
def test_a_proof_that_was_false(tmp_path, name):
    rule = load(tmp_path, FALLEN[name])
    brute = Brute(rule, 0)
    asked = [one for question in [*due(rule), *sharp(rule, brute)] for one in plans(question)]
    broken = [one for one in asked if brute.broken(one)]
    assert broken
    assert not [one.key for one in broken if exact.decide(one) is not None]


def test_check_reads_a_formula_with_the_item_s_own_parameters(tmp_path):
    formula = "full if pace >= p else 0.5 * full if pace >= 0.4 else 0"  # by the method p is 60 %, on this sheet 30 %
    text = by_hand([("x", "work", formula, "10", OWN)], "10", pace="0 if done < 3 * 人 else 0.5")
    path = tmp_path / "tiny.toml"
    for file, told in ((text, 1), (text.replace(OWN, ""), 0)):
        path.write_text(file, encoding="utf-8")
        _, findings = check_rules(path, load_plugins(only=[]))
        assert sum("'0.5 * full' never comes to bear" in one.message for one in findings) == told


def test_the_solver_s_abstraction_may_cut_off_a_divisor(tmp_path):
    pytest.importorskip("z3")
    rest = PRICE.replace("band(0.1 if x.done < 3 * 人 else 0.9, PRICE)", "1 * 分 / (cases / (3 * 件)) / (faults / (2 * 件)) + x.marks")
    rule = load(tmp_path, by_hand([("x", "work", DONE, "10", "")], "10", rest=rest))
    assert prove.decide(ask(rule, "rises", "more", "total", "falls", "done"), rlimit=100_000).outcome == "none"
