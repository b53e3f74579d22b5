"""The prover, audited: both encodings against the plan on concrete rows, its verdicts against samples and another solver, its limits."""

import random
import statistics
import time
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rulegen
from audits import ask, partner, promises, random_row, random_rule, tiny
from minsheng_core import check_rules, load_plugins, load_scheme
from minsheng_core.audit import certificate as certificates
from minsheng_core.audit import prove
from minsheng_core.audit.joint import Unfit, evaluate, join, symbol
from minsheng_core.audit.linear import Linear, shared
from minsheng_core.audit.prove import decide
from minsheng_core.audit.question import holds
from minsheng_core.audit.rule import rules_of
from minsheng_core.audit.smt import direct, script, solve
from minsheng_core.formula.build import Builder
from minsheng_core.formula.plan import Column, Output, Plan

pytest.importorskip("z3")
EXAMPLES = sorted((Path(__file__).parents[1] / "examples/rules").glob("*.toml"))
QUICK = settings(max_examples=60)


@pytest.fixture(scope="module")
def shipped():
    return rules_of(load_scheme("2023"), load_plugins())[0]


# -- the shipped rules ------------------------------------------------------------------------------------------


def test_every_promise_of_the_shipped_rules_is_decided_fast(shipped, record_property):
    times, outcomes = [], {}
    for rule in shipped:
        for question in promises(rule):
            started = time.process_time()
            outcomes[question.key] = decide(question).outcome
            times.append(time.process_time() - started)
    record_property("median", statistics.median(times))
    assert {key for key, outcome in outcomes.items() if outcome not in ("none", "case")} == set()
    assert len(outcomes) > 80
    assert statistics.median(times) < 0.1
    broken = {key for key, outcome in outcomes.items() if outcome == "case"}
    assert {key for key in broken if "::silence::" not in key} == set()
    assert "township::silence::supervision_open::total::rises" in broken  # an event that nobody records costs nothing


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_promise_of_real_papers_is_decided_where_a_row_stands_for_itself(path):
    for rule in rules_of(check_rules(path, load_plugins())[0], load_plugins())[0]:
        outcomes = {question.key: decide(question) for question in promises(rule)}
        assert {key for key, proof in outcomes.items() if proof.outcome == "conflict"} == set()
        unknown = {key: proof.reason for key, proof in outcomes.items() if proof.outcome == "unknown"}
        assert rule.windows or unknown == {}


# -- mistakes that are found ------------------------------------------------------------------------------------

DIP = """[method.bands.REACHED]
kind = "step"
input = "%"
output = "分"
below = "0分"
rows = [{ at = "60%", value = "60分" }, { at = "95%", value = "59.7分" }, { at = "100%", value = "100分" }]
"""
BONUS = """[[sheet.adjustment]]
id = "bonus"
title = "加分"
kind = "bonus"
formula = "1 * 分 if work.done > work.target else 0 * 分"
source = "paper/one"
"""
VETO = """[[sheet.adjustment]]
id = "fault"
title = "否决"
kind = "veto"
formula = "faults >= 1 * 件"
effect = "cap"
cap = "59分"
source = "paper/one"
"""


@pytest.mark.parametrize(
    ("formula", "more", "question"),
    [
        ("band(done / target, REACHED)", {"bands": DIP}, ("rises", "more", "total", "falls", "done")),
        ("full * min(done / target, 1)", {"adjustments": BONUS}, ("bounds", "one", "total", "outside")),
        ("full * done / target", {}, ("bounds", "one", "item.work", "outside")),
        ("full * min(done / max(target - exempt, 0 * 人), 1) if not missing(exempt) else full * min(done / target, 1)", {}, ("total", "one", "fault.item.work", "fault")),
        ("full * min((done + exempt) / target, 1) if not missing(exempt) else full", {}, ("silence", "silent", "total", "rises", "exempt")),
        ("full * min(done / target, 1) if target < 50000 * 人 else full * min(done / (2 * target), 1)", {}, ("neutral", "scaled", "exact.work", "differs", "done", "target")),
        ("full * min(done / target, 1) if done != 950 * 人 else 0 * 分", {}, ("rises", "more", "total", "falls", "done")),
        ("full if missing(exempt) else full * (1 - exempt / (2000 * 人)) - (3 * 分 if exempt == 950 * 人 else 0 * 分)", {}, ("falls", "moved", "exact.work", "falls", "done", "exempt")),
        ("full * min(done / target, 1)", {"adjustments": VETO}, ("veto", "one", "total", "above")),
    ],
)  # fmt: skip
def test_a_mistake_is_found_and_the_case_replays(tmp_path, formula, more, question):
    rule = tiny(tmp_path, formula, **more)
    extra = {"test": "adjustment.fault", "high": F(50)} if question[0] == "veto" else {"low": F(0), "high": F(100)}
    asked = ask(rule, *question, **extra)
    proof = decide(asked)
    assert (proof.outcome, proof.reason) == ("case", ("", ""))
    assert holds(asked, proof.rows)
    assert all(set(row) == set(rule.ranges) for row in proof.rows)


@pytest.mark.parametrize(
    ("formula", "more", "question"),
    [
        ("band(done / target, REACHED)", {"bands": DIP.replace("59.7", "60.3")}, ("rises", "more", "total", "falls", "done")),
        ("full * min(done / target, 1)", {}, ("neutral", "scaled", "total", "differs", "done", "target")),
        ("full * min(done / target, 1)", {}, ("falls", "more", "total", "rises", "target")),
        ("full * min(floor(done / target, 0.05), 1)", {"places": 0}, ("falls", "more", "total", "rises", "target")),
        ("full - min(ceil(100 * max(1 - done / target, 0)) * 分, full)", {}, ("rises", "more", "total", "falls", "done")),
        ("full * min(done / target, 1)", {"mode": "half_even"}, ("rises", "more", "total", "falls", "done")),
        ("full * min(done / max(target - exempt, 1 * 人), 1) if not missing(exempt) else full * min(done / target, 1)", {}, ("rises", "more", "exact.work", "falls", "exempt")),
        ("full * min(done / target, 1)", {"adjustments": VETO}, ("veto", "one", "total", "above")),
    ],
)  # fmt: skip
def test_what_holds_is_proved(tmp_path, formula, more, question):
    rule = tiny(tmp_path, formula, **more)
    extra = {"test": "adjustment.fault", "high": F(59)} if question[0] == "veto" else {}
    proof = decide(ask(rule, *question, **extra))
    assert (proof.outcome, proof.reason) == ("none", ("", ""))
    assert proof.certificate.fingerprint == rule.plan.fingerprint


# -- two versions -----------------------------------------------------------------------------------------------

SAME = [
    ("full * min(done / target, 1)", "min(full, full * done / target)"),
    ("full * min(done / target, 1)", "full if done >= target else done * full / target"),
    ("full if done > 30 * 人 else 0 * 分", "full if done >= 31 * 人 else 0 * 分"),
    ("2 * full * min(done / (2 * target), 0.5)", "full * min(done, target) / target"),
]
OTHER = [
    ("full * min(done / target, 1)", "full * min(done / target, 0.99)", {}),
    ("full if done > 60 * 人 else 0 * 分", "full if done >= 60 * 人 else 0 * 分", {}),
    ("full * min(done / target, 1)", "full * min(done / (target + 1 * 人), 1)", {}),
    ("full * min(done / target, 1)", "undetermined if done == 777 * 人 else full * min(done / target, 1)", {}),
    ("full * min(done / (2 * target), 1)", "full * min(done / (2 * target), 1)", {"mode": "half_even", "places": 0}),
]


def versions(tmp_path, old, new, **more):
    other = tiny(tmp_path, new, **more)
    rule = tiny(tmp_path, old, **{key: value for key, value in more.items() if key == "places"})
    return ask(rule, "versions", "plans", "total", "differs", other=other.plan)


@pytest.mark.parametrize(("old", "new"), SAME)
def test_versions_that_say_the_same_are_proved_to(tmp_path, old, new):
    assert decide(versions(tmp_path, old, new)).outcome == "none"


@pytest.mark.parametrize(("old", "new", "more"), OTHER)
def test_versions_that_differ_are_told_apart_by_a_row(tmp_path, old, new, more):
    question = versions(tmp_path, old, new, **more)
    proof = decide(question)
    assert proof.outcome == "case"
    assert holds(question, proof.rows)


# -- both encodings against the plan ------------------------------------------------------------------------------

RELATIONS = st.sampled_from(
    [("one", ()), ("more", ("done",)), ("more", ("goal",)), ("more", ("share",)), ("silent", ("paid",)), ("scaled", ("done", "goal")), ("moved", ("done", "goal"))]
)  # fmt: skip
BADS = st.sampled_from(["outside", "reaches", "falls", "rises", "differs"])


def question_of(made, relation, bad, draw):
    rule = random_rule(made[1])
    if relation[0] == "one" and bad not in ("outside", "reaches"):
        bad = "outside"
    seen = [rule.value("total", rule.run(random_row(rule, draw))) for _ in range(20)]
    known = sorted(one for one in seen if one is not None) or [F(0)]
    low = known[len(known) // 2] if bad == "reaches" else known[0]
    return ask(rule, "rises", relation[0], "total", bad, *relation[1], low=low, high=known[-1])


def variables(joint, rows):
    """The values of a joint's variables for those rows."""
    values = {}
    for row, suffix in zip(rows, ("", "'"), strict=False):
        for name, cell in row.items():
            values[symbol(f"in {name}{suffix}")[1:-1]] = joint.question.rule.ranges[name][0] if cell is None else cell
            values[symbol(f"given {name}{suffix}")[1:-1]] = int(cell is not None)
    return values


def pinned(joint, values):
    """Assertions that the variables have those values."""
    lines = []
    for op in joint.build.ops:
        if op.op in ("column", "given"):
            name = symbol(("in " if op.op == "column" else "given ") + op.name)
            value = values[name[1:-1]]
            lines.append(
                f"(assert (= {name} {('true' if value else 'false') if op.op == 'given' else value if value >= 0 else f'(- {-value})'}))"
            )
    return lines


def cases(made, relation, bad, seed):
    """(question, joint, its variables' values, its results) of a random pair of rows."""
    draw = random.Random(seed)
    question = question_of(made, relation, bad, draw)
    joint = join(question)
    for _ in range(8):
        row = random_row(question.rule, draw)
        rows = [row] if relation[0] == "one" else [row, partner(question, row, draw)]
        inside = all(one is not None and question.rule.value("valid", question.rule.run(one)) for one in rows)
        if inside:
            values = variables(joint, rows)
            return question, joint, rows, values, evaluate(joint.build.ops, joint.build.tables, values)
    return None


@QUICK
@given(rulegen.formulas(across=False), RELATIONS, BADS, st.integers(0, 10**6))
def test_merged_rows_come_to_what_the_plan_does_and_the_exact_encoding_to_the_same(text, relation, bad, seed):
    made = rulegen.lowered(text)
    found = cases(made, relation, bad, seed) if isinstance(made, tuple) else None
    if found is None:
        return
    question, joint, rows, values, results = found
    for row, moved in zip(rows, joint.moved, strict=True):
        ran = question.rule.run(row)
        assert all(results[position] == int(ran[before]) for before, position in moved.items())
    assert all(op.low <= results[position] <= op.high for position, op in enumerate(joint.build.ops))
    assert all(results[position] for position in joint.held) == holds(question, rows)
    said, numbers, build = [], [], joint.build
    for position, (op, result) in enumerate(zip(tuple(build.ops), results, strict=True)):
        if op.truth:
            said.append(position if result else build.negate(position))
        else:
            numbers.append(build.put("==", position, build.literal(result)))
    joint.held = [build.both(*said, *numbers)]
    lines = direct(joint)
    assert solve(script([*lines, *declared(lines, pinned(joint, values))]), 10**7)[0] == "sat"
    joint.held = [joint.build.negate(joint.held[0])]
    lines = direct(joint)
    assert solve(script([*lines, *declared(lines, pinned(joint, values))]), 10**7)[0] == "unsat"


def declared(lines, pins):
    """Those pins whose variable is declared."""
    text = "\n".join(lines)
    return [pin for pin in pins if f"(declare-const |{pin.split('|')[1]}|" in text]


@QUICK
@given(rulegen.formulas(across=False), RELATIONS, BADS, st.integers(0, 10**6))
def test_every_pair_of_rows_is_a_solution_of_the_abstraction(text, relation, bad, seed):
    made = rulegen.lowered(text)
    found = cases(made, relation, bad, seed) if isinstance(made, tuple) else None
    if found is None:
        return
    _, joint, _, values, results = found
    claims = joint.held
    for cut in (shared(joint), set()):
        joint.held = [position if results[position] else joint.build.negate(position) for position in claims]
        joint.held += [
            joint.build.put("==", position, joint.build.literal(results[position]))
            for moved in joint.moved
            for position in sorted(set(moved.values()))
            if not joint.build.ops[position].truth and joint.build.ops[position].op != "literal"
        ]
        try:
            lines = Linear(joint, cut).script()
        except Unfit:
            continue
        assert solve(script([*lines, *declared(lines, pinned(joint, values))]), 2 * 10**6)[0] != "unsat"


@QUICK
@given(rulegen.formulas(across=False), RELATIONS, BADS, st.integers(0, 10**6))
def test_samples_find_no_case_where_there_is_none_and_no_case_fails_to_replay(text, relation, bad, seed):
    made, draw = rulegen.lowered(text), random.Random(seed)
    if not isinstance(made, tuple):
        return
    question = question_of(made, relation, bad, draw)
    proof = decide(question, rlimit=500_000)
    assert proof.outcome != "conflict"
    if proof.outcome == "case":
        assert holds(question, proof.rows)
    for _ in range(100 if proof.outcome == "none" else 0):
        row = random_row(question.rule, draw)
        other = partner(question, row, draw)
        assert relation[0] != "one" or not holds(question, [row])
        assert other is None or not holds(question, [row, other])


@settings(max_examples=25)
@given(rulegen.formulas(across=False, depth=2), RELATIONS, BADS, st.integers(0, 10**6))
def test_another_solver_never_refutes_a_proof(text, relation, bad, seed):
    pytest.importorskip("cvc5")
    made = rulegen.lowered(text)
    if isinstance(made, tuple):
        proof = decide(question_of(made, relation, bad, random.Random(seed)), rlimit=500_000)
        if proof.outcome == "none":
            assert certificates._answered(proof.certificate.text, 3)[0] != "sat"


def test_the_same_question_gets_the_same_answer(shipped):
    for question in [*promises(shipped[0])][:8]:
        assert decide(question) == decide(question)


# -- limits -----------------------------------------------------------------------------------------------------


def hostile(columns, build):
    """A rule of bare operations: its total is what *build* returns."""
    builder = Builder(columns)
    number = build(builder)
    never = builder.truth(False)
    plan = Plan(
        columns=tuple(columns),
        tables=builder.tables,
        ops=tuple(builder.ops),
        outputs=(Output(name="marks", number=number, undetermined=never),),
    )
    return random_rule(plan)


def nested(builder):
    at = builder.column("x0")
    for level in range(3000):
        at = builder.smallest(builder.plus(at, builder.literal(level % 7)), builder.literal(10**6))
    return at


def wide(builder):
    columns = [builder.column(f"x{index}") for index in range(100)]
    total = builder.literal(0)
    for one, other in pairwise(columns):
        total = builder.plus(total, builder.over(builder.times(one, other), builder.plus(other, builder.literal(1))))
    return total


def tall(builder):
    place = builder.search(builder.column("x0"), [3 * index for index in range(1, 5001)])
    return builder.lookup(place, [index * index for index in range(5001)])


def knotted(builder):
    at = builder.literal(1)
    for index in range(7):
        x = builder.column(f"x{index % 4}")
        at = builder.plus(builder.over(builder.times(at, x), builder.plus(x, builder.literal(1))), builder.literal(1))
    return at


@pytest.mark.parametrize(("build", "expected"), [(nested, None), (wide, None), (tall, "none"), (knotted, None)])
def test_a_hostile_rule_ends_in_bounded_time(build, expected):
    rule = hostile([Column(name=f"x{index}", low=0, high=20_000) for index in range(100)], build)
    started = time.process_time()
    for question in (
        ask(rule, "rises", "more", "total", "falls", "x0"), ask(rule, "bounds", "one", "total", "outside", low=F(0), high=F(10**9)),
    ):  # fmt: skip
        proof = decide(question)
        assert proof.outcome != "conflict"
        assert expected in (None, proof.outcome)
    assert time.process_time() - started < 60


def test_two_rows_of_a_rule_that_looks_at_others_are_unknown_with_the_reason():
    path = next(one for one in EXAMPLES if one.stem == "invented-streaks")
    (rule,) = rules_of(check_rules(path, load_plugins())[0], load_plugins())[0]
    proofs = [decide(question) for question in promises(rule) if question.relation != "one"]
    unknown = [proof.reason[1] for proof in proofs if proof.outcome == "unknown"]
    assert unknown
    assert all("other bodies or months" in reason for reason in unknown)


def test_without_z3_everything_is_unknown(shipped, monkeypatch):
    monkeypatch.setattr(prove, "available", lambda: (False, "not here"))
    assert decide(next(promises(shipped[0]))).outcome == "unknown"


def test_an_exact_case_that_does_not_replay_is_a_conflict(tmp_path, monkeypatch):
    rule = tiny(tmp_path, "full * done / target")
    monkeypatch.setattr(prove, "holds", lambda question, rows: False)
    assert decide(ask(rule, "bounds", "one", "item.work", "outside", low=F(0), high=F(100))).outcome == "conflict"
