"""Exact piecewise functions of one number: the tables of real papers first, then any function that the operations make, point by point."""

from fractions import Fraction as F
from itertools import pairwise

import pytest
from hypothesis import assume as suppose
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core.formula import piecework as work
from minsheng_core.formula.band import read_band
from minsheng_core.formula.pieces import Gap, Line, NotPiecewise
from minsheng_core.rounding import Rounding, round_places
from rulegen import BANDS

STEPS = read_band({"kind": "step", "input": "%", "output": "分", "rows": [
    {"at": "60%", "value": "6分"}, {"above": "80%", "value": "8.5分"}, {"at": "100%", "value": "10分"}]})  # fmt: skip
DIP = read_band({"kind": "step", "input": "%", "output": "分", "below": "0分", "rows": [
    {"at": "80%", "value": "85.3分"}, {"at": "95%", "value": "85分"}, {"at": "100%", "value": "100分"}]})  # fmt: skip
RATE = work.identity(F(0), F(2))


def level(value):
    return work.constant(F(value), F(0), F(2))


def test_a_table_of_steps_keeps_each_start_where_the_paper_puts_it():
    marks = work.banded(STEPS, RATE)
    assert [marks.at(F(x, 100)) for x in (59, 60, 80, 81, 99, 100, 200)] == [None, 6, 6, F(17, 2), F(17, 2), 10, 10]
    assert [str(one) for one in marks.gaps()] == ["[0, 3/5)"]
    assert [str(one) for one in marks.plateaus()] == ["[3/5, 4/5]", "(4/5, 1)", "[1, 2]"]
    assert [(one.at, one.before, one.value, one.after) for one in marks.jumps()] == [(F(4, 5), 6, 6, F(17, 2)), (F(1), F(17, 2), 10, 10)]
    assert marks.rising()


def test_the_worst_drop_is_named_with_its_place_and_both_values():
    marks = work.banded(DIP, RATE)
    drop = marks.worst_drop()
    assert (drop.start, drop.end, drop.before, drop.after) == (F(95, 100), F(95, 100), F(853, 10), 85)
    assert not marks.rising()
    assert work.negate(marks).worst_rise() is not None


def test_full_marks_are_only_near_where_the_end_of_a_row_does_not_belong_to_it():
    rate = work.identity(F(0), F(1))
    open_end = work.choose(work.compare("<", rate, work.constant(F(1), F(0), F(1))), rate, work.constant(F(0), F(0), F(1)))
    most = open_end.maximum()
    assert (most.value, most.at, most.attained) == (1, 1, False)
    assert (open_end.minimum().value, open_end.minimum().attained) == (0, True)


def test_what_the_rule_leaves_undetermined_is_no_accident():
    guarded = work.choose(work.compare(">", RATE, level(0)), RATE, work.constant(Gap(declared=True), F(0), F(2)))
    assert guarded.gaps() == []
    assert [str(one) for one in guarded.gaps(declared=True)] == ["[0, 0]"]
    assert guarded.at(F(0)) is None


def test_a_division_by_zero_is_a_gap_at_that_point():
    below = work.stepped("floor", RATE, F(1))
    assert [str(one) for one in work.divide(RATE, below).gaps()] == ["[0, 1)"]


def test_two_years_differ_exactly_where_the_table_was_changed():
    new = read_band({"kind": "step", "input": "%", "output": "分", "rows": [
        {"at": "60%", "value": "6分"}, {"at": "80%", "value": "8.5分"}, {"at": "100%", "value": "9分"}]})  # fmt: skip
    found = work.differences(work.banded(STEPS, RATE), work.banded(new, RATE))
    assert [(str(one.where), one.at_start, one.at_end) for one in found] == [("[4/5, 4/5]", F(5, 2), F(5, 2)), ("[1, 2]", -1, -1)]
    assert work.differences(RATE, RATE) == []


def test_a_slope_that_was_changed_differs_by_more_and_more():
    cap, steeper = work.smallest(RATE, level(1)), work.smallest(work.multiply(level(2), RATE), level(1))
    found = work.differences(cap, steeper)
    assert [(str(one.where), one.at_start, one.at_end) for one in found] == [("(0, 1/2]", 0, F(1, 2)), ("(1/2, 1)", F(1, 2), 0)]


def test_a_difference_against_no_answer_can_not_be_measured():
    (found,) = work.differences(work.banded(STEPS, RATE), work.banded(read_band(
        {"kind": "step", "input": "%", "output": "分", "below": "0分", "rows": [
            {"at": "60%", "value": "6分"}, {"above": "80%", "value": "8.5分"}, {"at": "100%", "value": "10分"}]}), RATE))  # fmt: skip
    assert (str(found.where), found.at_start, found.at_end) == ("[0, 3/5)", None, None)


def test_what_is_no_piecewise_function_or_too_fine_is_not_guessed():
    with pytest.raises(NotPiecewise):
        work.multiply(RATE, RATE)
    with pytest.raises(NotPiecewise):
        work.divide(level(1), RATE)
    with pytest.raises(NotPiecewise):
        work.rounded(RATE, 4, Rounding.HALF_UP)


def test_one_point_is_a_function_too():
    here = work.identity(F(3), F(3))
    assert (here.at(F(3)), here.jumps(), here.plateaus(), here.rising(), here.falling()) == (3, [], [], True, True)
    with pytest.raises(ValueError, match="outside"):
        here.at(F(4))


# -- any function, point by point ----------------------------------------------------------------------------

LOW, HIGH = F(-2), F(3)
NUMBERS = st.fractions(-3, 3, max_denominator=6)


def constant_of(value):
    return work.constant(value, LOW, HIGH), lambda x: value


LEAVES = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda line: (work.identity(LOW, HIGH, *line), lambda x: line[0] * x + line[1])),
    NUMBERS.map(constant_of),
    st.sampled_from([constant_of(F(0)), (work.constant(Gap(declared=True), LOW, HIGH), lambda x: None)]),
)  # fmt: skip


def strictly(make):
    return lambda *values: None if None in values else make(*values)


def pair(build, reckon):
    """A function made of others, and the same reckoned at one point."""

    def made(*functions):
        try:
            return build(*(one for one, _ in functions)), lambda x: reckon(*(other(x) for _, other in functions))
        except NotPiecewise:
            return functions[0]

    return made


COMPARE = {"<": F.__lt__, "<=": F.__le__, ">": F.__gt__, ">=": F.__ge__, "==": F.__eq__, "!=": F.__ne__}


def larger(inner):
    two = [(work.add, F.__add__), (work.subtract, F.__sub__), (work.multiply, F.__mul__), (work.smallest, min), (work.largest, max)]
    one = [(work.negate, F.__neg__), (work.absolute, abs)]
    bands = [(lambda f, b=band: work.banded(b, f), lambda v, b=band: b.at(v)[0]) for band in BANDS.values() if band.kind != "choice"]
    steps = [(lambda f, s=step: work.stepped("floor", f, s), lambda v, s=step: (v / s).__floor__() * s) for step in (F(1), F(3, 4))]
    rounds = [(lambda f, m=mode: work.rounded(f, 0, m), lambda v, m=mode: round_places(v, 0, m)) for mode in Rounding]
    ones = [pair(build, strictly(reckon)) for build, reckon in [*one, *bands, *steps, *rounds]]
    twos = [pair(build, strictly(reckon)) for build, reckon in two]
    twos.append(pair(work.divide, lambda a, b: None if None in (a, b) or b == 0 else a / b))

    def choice(op, a, b, then, other):
        truth, holds = pair(lambda f, g: work.compare(op, f, g), strictly(COMPARE[op]))(a, b)
        chosen = work.choose(truth, then[0], other[0])

        def reckon(x):
            told = holds(x)
            return None if told is None else (then if told else other)[1](x)

        return chosen, reckon

    return st.one_of(
        st.builds(lambda make, a: make(a), st.sampled_from(ones), inner),
        st.builds(lambda make, a, b: make(a, b), st.sampled_from(twos), inner, inner),
        st.builds(choice, st.sampled_from(sorted(COMPARE)), inner, inner, inner, inner),
    )


FUNCTIONS = st.recursive(LEAVES, larger, max_leaves=6)


def places(*functions):
    """Every point of the functions, the middle of every segment, and places close to the points."""
    points = sorted({x for one in functions for x in one.points})
    close = {x + by for x in points for by in (F(-1, 10**9), F(1, 10**9))}
    return sorted(x for x in {*points, *((a + b) / 2 for a, b in pairwise(points)), *close} if LOW <= x <= HIGH)


@settings(max_examples=50)
@given(FUNCTIONS)
def test_the_function_has_the_value_that_the_operations_give_at_each_point(made):
    function, reckon = made
    for x in places(function):
        assert function.at(x) == reckon(x)


@settings(max_examples=50)
@given(FUNCTIONS)
def test_no_value_is_beyond_the_extremes_and_an_attained_one_is_there(made):
    function, _ = made
    values = [value for x in places(function) if (value := function.at(x)) is not None]
    if not values:
        assert function.minimum() is None or not function.minimum().attained
        return
    least, most = function.minimum(), function.maximum()
    assert least.value <= min(values) <= max(values) <= most.value
    for end in (least, most):
        assert not end.attained or function.at(end.at) == end.value


@settings(max_examples=50)
@given(FUNCTIONS)
def test_rising_means_that_no_later_value_is_less_and_a_drop_is_between_two_of_them(made):
    function, _ = made
    values = [value for x in places(function) if (value := function.at(x)) is not None]
    assert not function.rising() or values == sorted(values)
    assert not function.falling() or values == sorted(values, reverse=True)
    drop = function.worst_drop()
    assert drop is None or (drop.start <= drop.end and drop.before > drop.after)
    most = max([a - b for i, a in enumerate(values[:40]) for b in values[i:40]], default=0)
    assert most <= (drop.before - drop.after if drop else 0)


@settings(max_examples=50)
@given(FUNCTIONS, FUNCTIONS)
def test_two_functions_differ_in_the_intervals_told_and_nowhere_else(one, other):
    found = work.differences(one[0], other[0])
    for x in places(one[0], other[0]):
        inside = [
            d
            for d in found
            if (d.where.start < x < d.where.end) or (x == d.where.start and d.where.start_in) or (x == d.where.end and d.where.end_in)
        ]
        assert len(inside) == (one[0].at(x) != other[0].at(x))
        if inside and None not in (inside[0].at_start, one[0].at(x)) and inside[0].where.start == x and inside[0].where.start_in:
            assert other[0].at(x) - one[0].at(x) == inside[0].at_start


@settings(max_examples=50)
@given(FUNCTIONS)
def test_no_point_stands_where_nothing_changes(made):
    function, _ = made
    suppose(len(function.points) > 2)
    for index in range(1, len(function.points) - 1):
        before, here, after = function.parts[2 * index - 1 : 2 * index + 2]
        level = Line(F(0), before.at(function.points[index])) if isinstance(before, Line) else before
        assert not (before == after and level == here)
