"""Every edit of a rule that changes marks is told from one that doesn't, and no audit of an edited rule contradicts itself.

By default a deterministic sample is edited; ``python tests/test_audit_mutants.py [FOLDER]`` makes every edit and counts.
"""

import random
import sys
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import islice, pairwise

import pytest
from attrs import evolve

import mutants
from audits import partner, random_row
from minsheng_core import load_plugins, load_scheme
from minsheng_core.audit.ask import directions, questions
from minsheng_core.audit.compare import compare
from minsheng_core.audit.engines import Engines
from minsheng_core.audit.probe import Pool
from minsheng_core.audit.question import holds, related
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.rule import rules_of
from minsheng_core.audit.run import audit_rule
from minsheng_core.formula.python import results_of, run_rows

SAMPLE = 40  # edits that are compared by default
AUDITED = 6  # of them, how many are audited whole
ROWS = 1500  # of each of three kinds


@cache
def original(source):
    """The rules of a scheme as they are, by id, each comparable; their pools."""
    plugins = load_plugins() if source == "2023" else load_plugins(only=[])
    scheme = load_scheme(source)
    rules = {rule.id: rule for rule in rules_of(scheme, plugins)[0]}
    for rule in rules.values():
        rule.method = False
    return scheme, plugins, rules


@cache
def pool_of(source, sheet):
    return Pool(original(source)[2][sheet])


def truth(source, mutant):
    """A row of which the old rule and the new one don't say the same, of some thousands: the pools' own, and random ones."""
    old, new = original(source)[2][mutant.sheet], mutant.rule
    before, after, names = results_of(old.plan), new.run, {one.name for one in old.plan.columns}
    draw = random.Random(mutant.what)
    small = ({**row, **_small(new, row, draw)} for row in (random_row(new, draw) for _ in range(ROWS)))
    for row in (*(one for one, _ in pool_of(source, mutant.sheet).some(ROWS)), *(one for one, _ in Pool(new).some(ROWS)), *small):
        row = {column.name: row.get(column.name) for column in new.plan.columns} | {"copies": 1}
        results = after(row)
        if new.value("declared", results) and new.value("valid", results):
            one = said(old, before({"copies": 1, **{name: row.get(name) for name in names}}))
            if one != said(new, results):
                return row
    return None


def said(rule, results):
    """What a sheet says of a body."""
    return [rule.value(name, results) for name in ("total", "barred", *(one.id for one in rule.sheet.labels))]


def _small(rule, row, draw):
    """Now and then small figures, among which are many ties."""
    if draw.random() < 0.5:
        return {}
    ends = {one.name: rule.ranges[one.name] for one in rule.columns if one.kind == "number" and one.name != "period"}
    return {name: draw.randint(low, min(high, low + 1000)) for name, (low, high) in ends.items() if row[name] is not None}


def compared(source, mutant, engines):
    """What a comparison of the two versions says, held against the truth: (verdict, whether some row's total changed)."""
    (found,) = compare([original(source)[2][mutant.sheet]], [mutant.rule], engines, "x")
    row = truth(source, mutant)
    results = (found.result, *found.others)
    verdicts = [one.verdict for one in results]
    worst = (Verdict.CONFLICT, Verdict.REFUTED, Verdict.UNKNOWN, Verdict.NOT_REFUTED, Verdict.PROVED)
    verdict = next(one for one in worst if one in verdicts)
    told = (mutant.sheet, mutant.what, [one.by for one in results], row)
    assert verdict is not Verdict.CONFLICT, told
    if row is not None:
        assert verdict is Verdict.REFUTED, told
    if verdict is Verdict.REFUTED:
        for one in results:
            if one.verdict is Verdict.REFUTED:
                assert _all_said(original(source)[2][mutant.sheet], one.case.rows) != _all_said(mutant.rule, one.case.rows), told
        assert found.changes, told
        assert found.regions or found.result.verdict is not Verdict.REFUTED, told
    return verdict, row is not None


def _all_said(rule, rows):
    """What a rule says of a case's rows, which are bodies of one table where the rule looks at others."""
    rows = [{one.name: row.get(one.name) for one in rule.plan.columns} | {"at": (str(row.get("body", 0)), str(row.get("group", 0)))} for row in rows]
    results = run_rows(rule.plan, rows, [row.pop("at") for row in rows])
    return [said(rule, one) for one in results]


def consistent(rule, engines):
    """An audit of the rule contradicts neither itself nor some hundred random rows."""
    results = audit_rule(rule, engines, "x")
    found = {one.key.partition("::")[2]: one for one in results}
    verdict = {key: one.verdict for key, one in found.items()}
    assert Verdict.CONFLICT not in verdict.values(), [one.words for one in results if one.verdict is Verdict.CONFLICT]
    pool = Pool(rule)
    _no_random_row_breaks_a_proof(rule, pool, verdict)
    _steps(rule, pool, found)
    items = {item.id for item in rule.sheet.items}
    if rule.sheet.adjustments or rule.sheet.base or any(item.bodies for item in rule.sheet.items) or rule.sheet.rescale:
        return verdict
    for column in rule.ranges:  # the total is the sum of the items, so what holds of each holds of it
        for way in ("rises", "falls"):
            mine = [verdict[f"{way}::{column}.{id}"] for id in items if f"{way}::{column}.{id}" in verdict]
            if mine and set(mine) == {Verdict.PROVED} and len(mine) == _reading(rule, column):
                assert verdict.get(f"{way}::{column}.total") is not Verdict.REFUTED, column
    if all(verdict.get(f"bounds::{id}") is Verdict.PROVED for id in items) and verdict["weights::items"] is Verdict.PROVED:
        assert verdict["bounds::total"] is not Verdict.REFUTED
        if rule.sheet.ceiling is None and rule.sheet.floor is None and verdict.get("attainable::total.full") is Verdict.PROVED:
            assert {verdict[f"attainable::{id}.full"] for id in items} == {Verdict.PROVED}, "the sum is full only where each is"
    return verdict


def _reading(rule, column):
    """How many items read a column."""
    ids = {id for (id, _), name in rule.lowered.columns.items() if name == column}
    return len(ids)


def _no_random_row_breaks_a_proof(rule, pool, verdict):
    draw = random.Random(rule.id)
    rows = [{"copies": 1, **random_row(rule, draw)} for _ in range(120)]
    for question in questions(rule, directions(rule, pool)):
        if verdict[question.key.partition("::")[2]] is not (Verdict.REFUTED if question.exists else Verdict.PROVED) or question.promise.code == "step":
            continue
        for row in rows:
            row = {**row, **question.fixed}
            case = [row]
            if question.relation not in ("one", "plans"):
                other = partner(question, row, draw)
                if other is None or not related(question, row, other):
                    continue
                case.append(other)
            for plan in (question.other, *question.further):
                assert not holds(evolve(question, other=plan), case), (question.key, case)


def _steps(rule, pool, found):
    """No neighbours of the pool move the total by more than the proved most."""
    for key, one in found.items():
        if not key.startswith("step::") or one.verdict is not Verdict.PROVED or one.high is not None:
            continue
        rows = one.case.rows if one.case else ()
        ends = [rule.value("total", rule.run(row)) for row in rows]
        most = abs(ends[1] - ends[0]) if ends else Fraction(0)
        for line in pool.lines:
            if line.column == key.partition("::")[2]:
                points = [(value, rule.value("total", results)) for value, results in line.points if rule.value("valid", results)]
                for (left, before), (right, after) in pairwise(points):
                    if right - left == 1 and None not in (before, after):
                        assert abs(after - before) <= most, (key, line.base, left)


# -- the shipped rules ---------------------------------------------------------------------------------------------------


def sample(source, count):
    """Mutants spread over all edits, sheets taking turns."""
    scheme, plugins, _ = original(source)
    edits = list(mutants.edits(scheme, plugins))
    random.Random(0).shuffle(edits)
    return list(islice((made for edit in edits if (made := mutants.loaded(edit)) is not None), count))


@pytest.fixture(scope="module")
def engines():
    pytest.importorskip("z3")
    return Engines()


@pytest.mark.slow
def test_an_edit_that_changes_marks_is_told_from_one_that_does_not(engines):
    verdicts = Counter(compared("2023", one, engines) for one in sample("2023", SAMPLE))
    assert verdicts[Verdict.REFUTED, True] > SAMPLE // 2
    undecided = sum(count for (verdict, _), count in verdicts.items() if verdict not in (Verdict.PROVED, Verdict.REFUTED))
    assert undecided <= 2, verdicts


@pytest.mark.slow
def test_the_audit_of_an_edited_rule_does_not_contradict_itself(engines):
    for one in sample("2023", AUDITED):
        consistent(one.rule, engines)


def main(source="2023", *words):
    """Make every edit, and count."""
    import time

    whole, engines, counts = "audit" in words, Engines(), Counter()
    scheme, plugins, _ = original(source)
    part, of = (int(one) for one in next((one for one in words if "/" in one), "0/1").split("/"))
    for edit in list(mutants.edits(scheme, plugins))[part::of]:
        counts["edits"] += 1
        mutant = mutants.loaded(edit)
        if mutant is None:
            continue
        counts["load"] += 1
        started = time.process_time()
        try:
            if whole:
                consistent(mutant.rule, engines)
            else:
                verdict, changed = compared(source, mutant, engines)
                counts[verdict.value, "marks change" if changed else "no row differs"] += 1
                if verdict is not Verdict.REFUTED:
                    print(verdict.value, mutant.sheet, mutant.what, flush=True)
        except Exception as error:  # noqa: BLE001 # whatever goes wrong is counted
            counts["WRONG"] += 1
            print("WRONG", mutant.sheet, mutant.what, type(error).__name__, str(error)[:600], flush=True)
        if (spent := time.process_time() - started) > 10:
            print(f"{spent:.0f} s", mutant.sheet, mutant.what, flush=True)
    print(counts, f"{time.process_time():.0f} s CPU", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
