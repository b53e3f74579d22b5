"""What is said of a formula without scoring anybody: on the shipped methods first, then on random rules, where no row may refute it."""

import os
from fractions import Fraction as F
from functools import cache
from pathlib import Path

from attrs import evolve
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core import check_rules, load_plugins, load_scheme, prepare
from minsheng_core.errors import FormulaError
from minsheng_core.field import Field
from minsheng_core.formula import Row, Scope, compile_formula, evaluate_rows
from minsheng_core.formula.analyse import bounds, direction, drivers, faults, homogeneous, idle, pieces, written
from minsheng_core.formula.band import read_band
from minsheng_core.formula.bounds import Bounds, walk
from minsheng_core.formula.reference import _Reckoning
from minsheng_core.period import Period
from minsheng_core.quantity import Quantity, unit
from minsheng_core.scoring.prepare import _Maker
from rulegen import FIELDS, SCOPE, STAGES, formulas

RULES = Path(__file__).parents[1] / "examples/rules"
FULL = {"full": (F(10), F(10))}
SINCE_ONE = FULL | {"target": (F(1), F(5000))}


@cache
def methods(name):
    """The formulas of all methods that a scheme can use, by their id: of 2023, or of a paper in examples/rules."""
    scheme = load_scheme(name) if name == "2023" else check_rules(RULES / f"{name}.toml", load_plugins())[0]
    ready = prepare(scheme, load_plugins())
    maker = _Maker(ready.scheme, ready.plugins, False)
    return {one.id: maker.method(one).formula for one in ready.scheme.methods if one.kind in ready.plugins.indicators}


def shipped(id):
    return methods("2023")[id]


def rule(text, *, bands=None, **fields):
    """A formula over fields given as unit, lowest and highest: ``good=("个", 0, 100)``."""
    made = {}
    for name, (symbol, low, high, *more) in fields.items():
        made[name] = Field(name=name, title=name, unit=symbol, minimum=F(low), maximum=F(high), **(more[0] if more else {}))
    return compile_formula(text, Scope(fields=made, bands={name: read_band(table) for name, table in (bands or {}).items()}))


# -- the shipped methods -------------------------------------------------------------------------------------


def test_completion_hangs_on_the_rate_alone_and_rises_to_full_marks():
    assert [direction(shipped("vocational.completion"), name, FULL) for name in ("counted", "target")] == [1, -1]
    formula = shipped("insurance.completion")
    driver, function = pieces(formula, SINCE_ONE)
    assert written(driver) == "insured / target"
    assert function.rising()
    assert function.maximum().value == 10
    assert [str(one) for one in function.plateaus()] == [f"[1, {function.high}]"]
    assert (function.at(F(602, 768)), function.jumps()) == (F(6020, 768), [])
    assert {name: direction(formula, name, SINCE_ONE) for name in ("insured", "target", "full")} == {"insured": 1, "target": -1, "full": 0}
    assert homogeneous(formula, frozenset({"insured", "target"})) == 0
    assert (faults(formula, SINCE_ONE), idle(formula, SINCE_ONE)) == ([], [])
    assert (bounds(formula, SINCE_ONE).low, bounds(formula, SINCE_ONE).high) == (0, 10)


def test_a_target_that_may_be_zero_is_shown_with_the_figures():
    (fault,) = faults(shipped("insurance.completion"), FULL)
    assert (fault.kind, fault.text, fault.reached, fault.witness["target"]) == (
        "division",
        "insured / target",
        True,
        Quantity(0, unit("人")),
    )


def test_a_mark_for_each_point_is_a_staircase_of_ten_steps():
    _, function = pieces(shipped("insurance.per_point"), SINCE_ONE)
    assert function.rising()
    assert len(function.jumps()) == 10
    at = function.jumps()[-1]
    assert (at.at, at.before, at.value, at.after) == (F(99, 100), 9, 9, 10)


def test_banded_is_level_below_90_and_straight_to_full():
    _, function = pieces(shipped("insurance.banded"), SINCE_ONE)
    assert str(function.plateaus()[0]) == "[0, 9/10]"
    assert (function.at(F(95, 100)), function.at(F(1)), function.rising(), function.jumps()) == (5, 10, True, [])


def test_progress_has_no_single_driver_but_lies_between_nothing_and_full():
    formula = shipped("insurance.progress")
    assert pieces(formula, SINCE_ONE) is None
    assert len(drivers(formula, SINCE_ONE)) > 1
    assert (bounds(formula, SINCE_ONE).low, bounds(formula, SINCE_ONE).high) == (0, 10)
    assert homogeneous(formula, frozenset({"insured", "target", "base"})) == 0
    assert faults(formula, SINCE_ONE) == []


def test_water_bands_jump_and_their_guard_makes_the_division_by_no_sections_no_accident():
    formula = shipped("water.banded")
    driver, function = pieces(formula, FULL)
    assert written(driver) == "good / evaluated"
    assert [(one.at, one.before, one.value) for one in function.jumps()] == [(F(3, 4), 0, 6), (F(9, 10), 6, 8), (F(1), 8, 10)]
    assert (direction(formula, "good", FULL), direction(formula, "evaluated", FULL), faults(formula, FULL)) == (1, -1, [])


# -- real papers ---------------------------------------------------------------------------------------------


def test_liyang_is_one_function_of_the_rate_and_has_no_dip_where_its_branches_meet():
    formula = next(one for one in methods("liyang-2018").values() if one.text.startswith("clip("))
    driver, function = pieces(formula, FULL | {"insured": (F(0), F(5000)), "target": (F(1000), F(5000))})
    assert written(driver) == "insured / target"
    assert function.rising()
    assert direction(formula, "insured", SINCE_ONE) == 1
    assert direction(formula, "target", SINCE_ONE) == -1


def test_a_rule_with_a_dip_is_told_where_and_how_much():
    dip = {"kind": "linear", "input": "%", "output": "分", "below": "0分", "rows": [
        {"at": "80%", "value": "80分"}, {"at": "95%", "value": "85分"}, {"at": "96%", "value": "84.7分"}, {"at": "100%", "value": "100分"}]}  # fmt: skip
    formula = rule("band(done / goal, dip)", bands={"dip": dip}, done=("人", 0, 100), goal=("人", 1, 100))
    _, function = pieces(formula)
    drop = function.worst_drop()
    assert (drop.start, drop.end, drop.before - drop.after) == (F(95, 100), F(96, 100), F(3, 10))
    assert direction(formula, "done") is None


def test_one_point_more_or_less_than_the_target_is_one_driver():
    formula = methods("invented-bands")["rate.whole_points"]
    driver, function = pieces(formula, FULL)
    assert written(driver) == "rate - target"
    assert function.rising()
    assert (direction(formula, "rate", FULL), direction(formula, "target", FULL)) == (1, -1)


def test_a_branch_that_a_parameter_rules_out_is_idle():
    formula = next(one for one in methods("proposal-2023").values() if "whole" in one.text)
    (found,) = idle(formula, FULL)
    assert (found.kind, found.text, found.reason) == ("branch", "full if good == tested else 0", "'whole == 0' is never false")
    assert bounds(formula, FULL).high == 10  # good > tested gives no answer


def test_the_first_of_shares_pulls_up_and_the_rest_is_not_said():
    formula = rule("(a + b / 2) / (a + b + c)", a=("个", 0, 9), b=("个", 0, 9), c=("个", 0, 9))
    assert [direction(formula, name) for name in "abc"] == [1, None, -1]


def test_every_shipped_formula_is_analysed_and_none_breaks():
    for name in ("2023", "huaihe-water", "invented-survey", "water-points"):
        for formula in methods(name).values():
            names = {part.name for part in walk(formula.root) if part.op == "name" and part.name in formula.scope.fields}
            assert bounds(formula, FULL) is not None
            assert all(direction(formula, name, FULL) in (-1, 0, 1, None) for name in names)
            assert isinstance(faults(formula, FULL) + idle(formula, FULL), list)


# -- traps ---------------------------------------------------------------------------------------------------


def test_a_guard_is_respected_and_what_it_guards_is_no_fault():
    for text in (
        "good / all if all > 0 else 0",
        "0 if all == 0 else good / all",
        "0 if not all >= 1 * 个 else good / all",
        "good / all if known(good / all) else 0",
    ):
        assert faults(rule(text, good=("个", 0, 100), all=("个", 0, 100))) == []
    (fault,) = faults(rule("good / all if all >= 0 * 个 else 0", good=("个", 0, 100), all=("个", 0, 100)))
    assert fault.reached


def test_a_difference_is_guarded_by_the_comparison_of_its_sides():
    fields = {"now": ("人", 0, 100), "base": ("人", 0, 100), "goal": ("人", 0, 100)}
    assert faults(rule("(now - base) / (goal - base) if goal > base else 0", **fields)) == []
    assert len(faults(rule("(now - base) / (goal - base) if goal >= base else 0", **fields))) == 1


def test_a_table_is_only_reached_from_below_where_the_input_can_go_there():
    steps = {
        "kind": "step",
        "input": "%",
        "output": "分",
        "rows": [{"above": "0%", "value": "7分"}, {"at": "50%", "value": "9分"}, {"at": "120%", "value": "10分"}],
    }
    (fault,) = faults(rule("band(share, steps)", bands={"steps": steps}, share=("%", 0, 100)))
    assert (fault.kind, fault.reached, fault.witness["share"].value) == ("below", True, 0)
    assert faults(rule("band(share, steps)", bands={"steps": steps}, share=("%", 1, 100))) == []
    assert faults(rule("band(max(share, 0.01), steps)", bands={"steps": steps}, share=("%", 0, 100))) == []
    (row,) = idle(rule("band(share, steps)", bands={"steps": steps}, share=("%", 1, 100)))
    assert (row.kind, row.row) == ("row", 2)


def test_zero_times_what_has_no_answer_has_none():
    formula = rule("0 * (good / all) + 1", good=("个", 0, 100), all=("个", 0, 100))
    assert bounds(rule("good / all", good=("个", 0, 100), all=("个", 0, 100))).high == 100  # of whole numbers, the least is 1
    assert [fault.reached for fault in faults(formula)] == [True]
    assert [written(one) for one in drivers(formula)] == ["good / all"]


def test_a_driver_without_a_value_does_not_hide_another_branch():
    """At goal = 0 the rule gives 10, at goal = 1 less: the function of done / goal alone says nothing of it."""
    formula = rule("min(done / goal, 1) if goal > 0 else 1", done=("人", 0, 100), goal=("人", 0, 100))
    assert direction(formula, "goal") == -1
    formula = rule("min(done / goal, 1) if goal > 0 else 0", done=("人", 0, 100), goal=("人", 0, 100))
    assert direction(formula, "goal") is None


def test_a_reward_for_silence_is_not_taken_for_the_function_of_what_was_said():
    formula = rule("1 if missing(paid) else paid / 元 / 100", paid=("元", 0, 100, {"missing": True}))
    assert direction(formula, "paid") == 1  # of rows where it is given
    assert bounds(formula).high == 1
    assert idle(formula) == []


def test_a_month_changes_a_dated_parameter_too():
    formula = compile_formula(
        "price_of / 分 * month", Scope(fields={**FIELDS, "month": Field(name="month", title="月份")}, constants=SCOPE.constants)
    )
    assert direction(formula, "month") is None
    assert (bounds(formula).low, bounds(formula).high) == (1, 30)


def test_a_cap_that_never_binds_is_idle():
    (found,) = idle(rule("min(good / all, 200)", good=("个", 0, 100), all=("个", 1, 100)))
    assert (found.kind, found.text) == ("limit", "200")


def test_size_doesn_t_matter_to_a_rate_but_to_a_threshold_in_heads():
    fields = {"good": ("个", 0, 100), "all": ("个", 1, 100)}
    assert homogeneous(rule("min(good / all, 1)", **fields), frozenset(fields)) == 0
    assert homogeneous(rule("good - all if good > all else 0", **fields), frozenset(fields)) == 1
    assert homogeneous(rule("good / all if all > 30 * 个 else 1", **fields), frozenset(fields)) is None
    assert homogeneous(rule("floor(good)", **fields), frozenset(fields)) is None


# -- no row may refute it ------------------------------------------------------------------------------------

MANY = int(os.environ.get("ANALYSED", "40"))  # rules for each test; a thorough run takes 3000
PARTS = [F(0), F(3, 10), F(1, 2), F(3, 5), F(4, 5), F(1), F(6, 5), F(2)]


@st.composite
def rows(draw):
    """Figures in range, crowded at the ends, at round shares of one another and beside them."""
    goal = draw(st.sampled_from([0, 1, 2, 3, 5, 10, 20, 500, 999, 1000]) | st.integers(0, 1000))
    near = draw(st.sampled_from(PARTS)) * goal
    done = draw(st.sampled_from([-50, -1, 0, 1, 2, 1999, 2000, int(near), int(near) + 1, int(near) - 1]) | st.integers(-50, 2000))
    share = draw(
        st.sampled_from([F(0), F(1, 10), F(5), F(30), F(50), F(60), F(80), F(999, 10), F(100)])
        | st.integers(0, 1000).map(lambda n: F(n, 10))
    )
    paid = draw(st.sampled_from([None, F(0), F(1, 100), F(1), F(5_000_000_000)]) | st.integers(0, 10**6).map(lambda n: F(n, 100)))
    values = {"done": max(-50, min(done, 2000)), "goal": goal, "share": share, "paid": paid}
    made = {name: None if value is None else Quantity(F(value), unit(FIELDS[name].unit)) for name, value in values.items()}
    return made | {"stage": draw(st.sampled_from(STAGES))}, draw(st.integers(1, 12))


class Trace(_Reckoning):
    """The exact reference, keeping what each part that was asked for came to."""

    def __init__(self, values, month):
        super().__init__((Row(values=values, period=Period(2023, month)),), 1)
        self.found = {}

    def value(self, formula, node, row):
        found = super().value(formula, node, row)
        self.found[id(node)] = (node, found)
        return found


def traced(formula, row):
    trace = Trace(*row)
    return trace.value(formula, formula.root, 0), trace.found


def compiled(text):
    try:
        return compile_formula(text, SCOPE)
    except FormulaError:
        suppose(False)


def within(span, value):
    return span is not None and span.holds(F(value))


RULE = formulas(across=False).map(str)
ROWS = st.lists(rows(), min_size=4, max_size=10)


@settings(max_examples=MANY)
@given(RULE, ROWS)
def test_no_part_leaves_its_bounds_and_none_without_faults_lacks_an_answer(text, rows):
    formula = compiled(text)
    held, found = Bounds(formula), faults(formula)
    whole = bounds(formula)
    for row in rows:
        value, parts = traced(formula, row)
        for node, one in parts.values():
            assert one is None or isinstance(one, str) or within(held.span(node), one), written(node)
            assert one is not None or not held.total(node), written(node)
        assert value is None or within(whole, value)
        lost = {held.key(node) for node, one in parts.values() if one is None}
        assert value is not None or lost & {held.key(fault.node) for fault in found}


@settings(max_examples=MANY)
@given(RULE)
def test_a_fault_that_is_said_to_be_reached_is(text):
    formula = compiled(text)
    for fault in faults(formula):
        if fault.reached:
            values = {"goal": Quantity(1, unit("人")), "done": Quantity(1, unit("人")), "share": Quantity(1, unit("%")), "stage": "在建"}
            assert evaluate_rows(evolve(formula, root=fault.node), [Row(values=values | dict(fault.witness))]) == (None,)


@settings(max_examples=MANY)
@given(RULE, ROWS)
def test_what_is_said_to_be_idle_never_fires(text, rows):
    formula = compiled(text)
    found = idle(formula)
    for row in rows if found else ():
        _, parts = traced(formula, row)
        for one in found:
            node, value = parts.get(id(one.node), (one.node, None))
            if one.kind == "branch":
                assert id(node) not in parts, one
            elif one.kind == "comparison" and value is not None:
                assert value is one.reason.endswith("true"), one
            elif one.kind == "row" and id(node) in parts and parts[id(node.parts[0])][1] is not None:
                x, band = parts[id(node.parts[0])][1], SCOPE.bands[node.name]
                assert (band.of(x) if isinstance(x, str) else band.at(F(x)))[1] != one.row, one
        for node, value in parts.values():
            limits = {id(one.node): one for one in found if one.kind == "limit"}
            for part in node.parts if node.op in ("min", "max", "clip") and value is not None else ():
                others = [parts[id(other)][1] for other in node.parts if other is not part]
                mine = parts[id(part)][1]
                if id(part) in limits and node.op != "clip":
                    assert not all((mine < other) if node.op == "min" else (mine > other) for other in others)
                elif id(part) in limits:
                    x = parts[id(node.parts[0])][1]
                    assert not (x < mine if part is node.parts[1] else x > mine)


@settings(max_examples=MANY)
@given(RULE, ROWS, st.data())
def test_the_exact_function_gives_what_the_reference_gives(text, rows, data):
    formula = compiled(text)
    part = data.draw(st.sampled_from([one for one in walk(formula.root) if one.op != "number"] or [formula.root]))
    found = pieces(formula, node=part)
    for row in rows if found else ():
        if row[0]["paid"] is not None:
            driver, function = found
            given_row = [Row(values=row[0], period=Period(2023, row[1]))]
            (x,), (value,) = (evaluate_rows(evolve(formula, root=node), given_row) for node in (driver, part))
            assert x is None or function.at(F(x)) == value, written(driver)


@settings(max_examples=MANY)
@given(RULE, ROWS, st.sampled_from(["done", "goal", "share", "paid"]), st.data())
def test_no_two_rows_go_against_the_direction(text, rows, field, data):
    formula = compiled(text)
    part = data.draw(st.sampled_from(list(walk(formula.root))))
    sign = direction(formula, field, node=part)
    if sign is None or part.type.kind == "text":
        return
    base, month = rows[0]
    steps = sorted({row[field].value for row, _ in rows if row[field] is not None})
    given_rows = [Row(values=base | {field: Quantity(step, unit(FIELDS[field].unit))}, period=Period(2023, month)) for step in steps]
    values = [evaluate_rows(evolve(formula, root=part), [one])[0] for one in given_rows]
    known = [F(value) for value in values if value is not None]
    assert known == sorted(known, reverse=sign < 0)
    assert sign or len(set(known)) < 2


@settings(max_examples=MANY)
@given(
    RULE,
    ROWS,
    st.sampled_from([("done", "goal"), ("done",), ("paid", "goal", "done"), ("share",)]),
    st.sampled_from([F(2), F(3), F(1, 2), F(7, 5)]),
    st.data(),
)
def test_what_scales_scales(text, rows, fields, by, data):
    formula = compiled(text)
    part = data.draw(st.sampled_from(list(walk(formula.root))))
    power = homogeneous(formula, frozenset(fields), node=part)
    for row, month in rows if power is not None else ():
        larger = {
            name: Quantity(value.value * by, value.unit) if name in fields and value is not None else value for name, value in row.items()
        }
        one, other = (
            evaluate_rows(evolve(formula, root=part), [Row(values=values, period=Period(2023, month))])[0] for values in (row, larger)
        )
        assert other == (one if power == 0 or one is None else one * by**power)
