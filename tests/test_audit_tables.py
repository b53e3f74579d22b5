"""The audit of tables: the shipped rules first, then small rules with planted defects beside their healthy twins, then the engines."""

from fractions import Fraction as F
from pathlib import Path
from textwrap import dedent

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import load_plugins, load_scheme
from minsheng_core.audit.bodies import Dice, changes, ground_of
from minsheng_core.audit.files import replays, round_trip
from minsheng_core.audit.promise import PROMISES
from minsheng_core.audit.question import Question
from minsheng_core.audit.result import Verdict
from minsheng_core.audit.rule import rules_of
from minsheng_core.audit.table_questions import table_questions
from minsheng_core.audit.tables import improving, order, places, table_promises
from minsheng_core.scoring.ranking import rank

ROOT = Path(__file__).parents[1]
PAPERS = sorted((ROOT / "examples/rules").glob("*.toml"))
PLUGINS = load_plugins()
SMALL = """
[scheme]
id = "small"
title = "小表"
year = 2023
document = "paper"
[[document]]
id = "paper"
title = "文件"
issuer = "某县"
[[body]]
id = "office"
name = "县办"
kind = "县直"
[[body]]
id = "t1"
name = "甲镇"
kind = "镇"
[[body]]
id = "s1"
name = "乙街道"
kind = "街道"
[[project]]
id = "p"
title = "项目"
lead = "office"
source = "assumption"
reason = "试"
[[kind]]
id = "k"
title = "数"
flow = true
source = "assumption"
reason = "试"
[[kind.field]]
name = "done"
title = "完成"
unit = "件"
minimum = "0件"
maximum = "100件"
[[kind.field]]
name = "second"
title = "另项完成"
unit = "件"
minimum = "0件"
maximum = "100件"
[[kind.field]]
name = "other"
title = "另报"
unit = "件"
minimum = "0件"
maximum = "100件"
missing = true
[[indicator]]
id = "i"
title = "指标"
project = "p"
kind = "k"
lead = "office"
target = {{ value = "50件", source = "assumption", reason = "试" }}
source = "assumption"
reason = "试"
[[method]]
id = "m"
title = "办法"
kind = "k"
formula = '''{formula}'''
parameters = {{ each = "1分/件" }}
source = "assumption"
reason = "试"
[[sheet]]
id = "s"
title = "评估表"
bodies = ["镇", "街道"]
full = "100分"
source = "assumption"
reason = "试"
rounding = {{ places = 2, mode = "half_up", when = "item", source = "assumption", reason = "试" }}
ranking = {{ method = "{method}", groups = {groups}, source = "assumption", reason = "试" }}
[[sheet.item]]
id = "x"
title = "项"
indicator = "i"
method = "m"
full = "100分"
source = "assumption"
reason = "试"
"""


@pytest.fixture
def rule(tmp_path):
    def make(formula, *, method="competition", groups=False):
        file = tmp_path / "small.toml"
        file.write_text(dedent(SMALL.format(formula=formula, method=method, groups=str(groups).lower())), encoding="utf-8")
        rules, findings = rules_of(load_scheme(str(file)), PLUGINS)
        assert not findings, findings
        return rules[0]

    return make


def verdicts(rule, **more):
    return {one.key.partition("::")[2]: one for one in table_promises(rule, **more)}


def shipped(name):
    return {one.id: one for one in rules_of(load_scheme(name), PLUGINS)[0]}


# -- shipped rules -----------------------------------------------------------------------------------------------


def test_the_townships_of_2023_keep_every_promise_of_a_table_where_the_total_is_monotone():
    found = table_promises(shipped("2023")["township"], monotone=True)
    assert {one.verdict for one in found} == {Verdict.PROVED}
    assert {one.key.split("::")[1] for one in found} == {"order", "group", "own", "others", "delay"}


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_no_paper_ranks_by_the_order_of_rows_or_lets_outsiders_in(path):
    for rule in shipped(str(path)).values():
        found = verdicts(rule, budget=40)
        assert found["group::"].verdict is Verdict.PROVED
        assert "order::" not in found or found["order::"].verdict is Verdict.PROVED


def test_marks_of_the_best_swap_two_others_and_that_is_a_risk_not_a_failure():
    found = verdicts(shipped(str(ROOT / "examples/rules/invented-groups.toml"))["bodies"], budget=600)["others::"]
    assert (found.verdict, found.risk, found.fails) == (Verdict.REFUTED, True, False)
    assert any(line.name == "total" and line.result and line.changed for line in found.case.lines)


def test_a_month_better_than_the_one_before_punishes_an_early_good_month():
    rule = shipped(str(ROOT / "examples/rules/invented-streaks.toml"))["towns"]
    (found,) = table_questions(rule, [asked(rule, "rises", "solved")], 400)
    assert found.verdict is Verdict.REFUTED
    assert found.case.lines[0].values.count("A") == found.case.lines[0].values.count("B") <= 4


@pytest.mark.parametrize("path", ["2023", *PAPERS], ids=lambda path: getattr(path, "stem", path))
def test_every_paper_survives_writing_and_its_explanations_replay(path):
    scheme = load_scheme(str(path))
    assert round_trip(scheme, PLUGINS).verdict is Verdict.PROVED
    for rule in rules_of(scheme, PLUGINS)[0]:
        ground, dice = ground_of(rule), Dice(rule.id)
        for pair in filter(None, (ground.table(dice) for _ in range(6))):
            assert replays(rule, pair.a, pair.keys).verdict is Verdict.NOT_REFUTED


# -- planted defects beside their healthy twins ------------------------------------------------------------------


def asked(rule, promise, column="done", output="total", relation="more", bad="falls", **more):
    return Question(
        key=f"s::{promise}::{column}", promise=PROMISES[promise], rule=rule, relation=relation, columns=(column,), output=output, bad=bad,
        about=("", column), **more,
    )  # fmt: skip


def test_a_share_of_the_best_turned_round_lowers_the_rank_of_who_does_better(rule):
    bad = verdicts(rule("full * (1 - round(share_of_best(done), 4, half_up) / 2) if done > 80 * 件 else full / 2"))["own::done"]
    assert bad.verdict is Verdict.REFUTED
    assert len(set(bad.case.lines[1].values)) == 2  # two bodies are enough
    assert verdicts(rule("full * round(share_of_best(done), 4, half_up) if best(done) > 0 * 件 else full"))["own::done"].verdict is Verdict.NOT_REFUTED


def test_min_max_marks_swap_two_others_and_marks_of_one_body_alone_do_not(rule):
    parts = (f"full / 2 * ({one} - worst({one})) / max(best({one}) - worst({one}), 1 * 件)" for one in ("done", "second"))
    bad = verdicts(rule(" + ".join(parts)), budget=600)["others::"]
    assert bad.verdict is Verdict.REFUTED
    assert verdicts(rule("done * each"))["others::"].verdict is Verdict.PROVED


def test_a_sum_of_capped_months_pays_for_delay_and_a_plain_sum_does_not(rule):
    bad = verdicts(rule("min(sum(min(done, 10 * 件)) * each, full)"))["delay::done"]
    assert bad.verdict is Verdict.REFUTED
    months = next(line.values for line in bad.case.lines if line.name == "period")
    assert len(months) == 4  # two months of one body, twice
    assert verdicts(rule("min(sum(done) * each, full)"))["delay::done"].verdict is Verdict.NOT_REFUTED


def test_a_proof_for_one_month_is_none_where_marks_look_back(rule):
    found = verdicts(rule("max(min(sum(done) * each, full) - previous(done) * each, 0 * full) if known(previous(done)) else full / 2"), monotone=True)
    assert found["own::done"].verdict is not Verdict.PROVED
    assert verdicts(rule("done * each"), monotone=True)["own::done"].verdict is Verdict.PROVED
    assert verdicts(rule("done * each"))["own::done"].verdict is Verdict.NOT_REFUTED


def test_marks_that_look_beyond_the_group_are_moved_by_an_outsider(rule):
    healthy = rule("full * done / best(done + 1 * 件)", groups=True)
    assert verdicts(healthy)["group::"].verdict is Verdict.PROVED
    ops = tuple(evolve(op, name="period") if op.op == "group_max" else op for op in healthy.plan.ops)
    bad = evolve(healthy, plan=evolve(healthy.plan, ops=ops))
    found = verdicts(bad)["group::"]
    assert found.verdict is Verdict.REFUTED
    assert len(set(next(line.values for line in found.case.lines if line.name == "group"))) == 2


def test_ties_of_another_method_than_declared_are_seen(rule):
    healthy = rule("done * each", method="dense")
    assert order(healthy, ground_of(healthy)).verdict is Verdict.PROVED
    wrong = evolve(healthy, sheet=evolve(healthy.sheet, ranking=evolve(healthy.sheet.ranking, method="competition")))
    found = order(wrong, ground_of(wrong))
    assert found.verdict is Verdict.REFUTED
    assert found.case is not None


def test_leaving_a_figure_out_of_a_table_can_pay(rule):
    bad = rule("full / 2 if missing(other) else min(other * each, full) * done / best(done + 1 * 件)")
    (found,) = table_questions(bad, [asked(bad, "silence", "other", relation="silent", bad="rises")])
    assert found.verdict is Verdict.REFUTED
    healthy = rule("0 * full if missing(other) else min(other * each, full) * done / best(done + 1 * 件)")
    (found,) = table_questions(healthy, [asked(healthy, "silence", "other", relation="silent", bad="rises")])
    assert found.verdict is Verdict.NOT_REFUTED


def test_bounds_are_asked_of_every_row_of_a_table(rule):
    bad = rule("rank(done) * 1 * each * 件 + full")
    (found,) = table_questions(bad, [asked(bad, "bounds", relation="one", bad="outside", low=F(0), high=F(100))])
    assert found.verdict is Verdict.REFUTED
    assert len(found.case.rows) == 1


def test_a_witness_of_what_must_exist_is_a_proof(rule):
    one = rule("full * done / best(done + 1 * 件) if done < 100 * 件 else full")
    (found,) = table_questions(one, [asked(one, "attainable", relation="one", bad="reaches", low=F(100), exists=True)])
    assert (found.verdict, bool(found.case)) == (Verdict.PROVED, True)


def test_hypothesis_finds_what_it_is_asked_for_and_shrinks_it(rule):
    found = verdicts(rule("min(sum(min(done, 10 * 件)) * each, full)"), budget=0, sampling=150)["delay::done"]
    assert (found.verdict, found.by) == (Verdict.REFUTED, "sampling")
    assert len(found.case.rows) == 4


# -- the engines -------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.sampled_from(["competition", "dense", "ordinal"]))
def test_ranks_by_counting_are_those_of_the_core(marks, method):
    expected = {body: place for place, body in rank([(str(i), F(mark)) for i, mark in enumerate(marks)], method)}
    assert places(method, [(F(mark), i) for i, mark in enumerate(marks)]) == [expected[str(i)] for i in range(len(marks))]


@given(st.integers(0, 10**6))
def test_a_made_table_holds_valid_rows_and_an_edit_changes_one_cell(seed):
    ground = ground_of(SURVEY)
    pair = ground.table(Dice(str(seed)))
    if pair is None:
        return
    assert ground.sound(pair.a)
    assert len({(key[0], row["period"]) for key, row in zip(pair.keys, pair.a, strict=True)}) == len(pair.keys)
    assert changes(pair.edited(0, {"forged": -1})) == [(0, "forged")]


SURVEY = shipped(str(ROOT / "examples/rules/invented-survey.toml"))["towns"]


def test_a_base_is_not_taken_for_an_achievement():
    assert improving(SURVEY) == {"done.done": 1}
