"""What an assessment in code promises: each check gives in words what is wrong, or nothing. A case is the facts of one body."""

import copy
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from ..explanation import Step
from ..field import Field
from ..protocols import Assessment, Indicator
from ..quantity import Quantity, unit
from .floats import floats_in, watched
from .suite import Check, Suite

__all__ = ["ASSESSMENTS", "MarksUnderTest"]

MARKS = unit("分")
DECIMALS = 9  # that a sheet keeps of marks from code
ROUND = (0, 1, 29, 50, 58, 100, 101, 1000, 10_000, 10**8)
Facts = Mapping[str, Quantity | None]


@frozen(kw_only=True)
class MarksUnderTest:
    """An assessment with the indicator of its kind. *bounded* says that marks stay within nothing and full; *events* are counts by id."""

    assessment: Assessment
    indicator: Indicator
    parameters: Mapping[str, Quantity] = field(factory=dict)
    full: Quantity = field(factory=lambda: Quantity(Fraction(100), MARKS))
    events: Mapping[str, Quantity] = field(factory=dict)
    bounded: bool = True


def _figures(under: MarksUnderTest) -> list[Field]:
    return [one for one in under.indicator.measures if one.kind == "quantity"]


def _values(one: Field) -> list[Quantity | None]:
    """What the measure may be: nothing, round figures in its range, its ends."""
    low, high = (Fraction(0) if one.minimum is None else one.minimum), (Fraction(10**9) if one.maximum is None else one.maximum)
    numbers = dict.fromkeys([*(Fraction(number) for number in ROUND), low, high])
    return [None, *(Quantity(number, unit(one.unit)) for number in numbers if low <= number <= high)]


def _facts(under: MarksUnderTest, given: Facts) -> Facts:
    """The facts as the core would hand them over: every measure, target, full, elapsed, progress and the events."""
    primary = next((one for one in under.indicator.measures if one.name == under.indicator.primary), None)
    target = Quantity(Fraction(50), unit(primary.unit if primary else ""))
    elapsed, nothing = Quantity(Fraction(250, 3), unit("%")), dict.fromkeys(one.name for one in _figures(under))
    return {**nothing, **under.events, "target": target, "full": under.full, "elapsed": elapsed, "progress": None, **given}


def grid(under: MarksUnderTest) -> Iterator[Facts]:
    measures = _figures(under)
    middle = {one.name: [*_values(one), None][min(2, len(_values(one)))] for one in measures}
    yield _facts(under, {})
    for one in measures:
        yield from (_facts(under, {**middle, one.name: value}) for value in _values(one))
    for one in measures:
        if one.name == under.indicator.primary:
            for value in _values(one):
                yield from (_facts(under, {**middle, one.name: value, "target": target}) for target in _values(one))
                yield from (
                    _facts(under, {**middle, one.name: value, "progress": Quantity(Fraction(share), unit("%"))}) for share in (0, 83, 120)
                )


def samples(under: MarksUnderTest) -> Any:
    from hypothesis import strategies as st

    def value(one: Field) -> Any:
        scale = 10**one.decimals
        low, high = int((one.minimum or Fraction(0)) * scale), int((Fraction(10**9) if one.maximum is None else one.maximum) * scale)
        numbers = st.integers(low, max(low, high)).map(lambda number: Quantity(Fraction(number, scale), unit(one.unit)))
        return st.sampled_from(_values(one)) | numbers

    drawn = {one.name: value(one) for one in _figures(under)}
    if under.indicator.primary in drawn:
        drawn["target"] = drawn[under.indicator.primary]
    drawn["progress"] = st.none() | st.integers(-50, 200).map(lambda number: Quantity(Fraction(number), unit("%")))
    return st.fixed_dictionaries(drawn).map(lambda given: _facts(under, given))


def show(_: MarksUnderTest, facts: Facts) -> str:
    return ", ".join(f"{name} {'无' if value is None else value}" for name, value in facts.items())


def _assessed(under: MarksUnderTest, facts: Facts) -> Step | None:
    try:
        step = under.assessment.assess(dict(facts), dict(under.parameters))
    except Exception:  # noqa: BLE001 - a plugin may raise anything; one check is about it
        return None
    return step if isinstance(step, Step) else None


def _marks(under: MarksUnderTest, facts: Facts) -> Quantity | None:
    step = _assessed(under, facts)
    value = step.value if step else None
    return value if isinstance(value, Quantity) and isinstance(value.value, Fraction | int) else None


def fits_its_kind(under: MarksUnderTest) -> str:
    if not under.assessment.id:
        return "an id is not empty"
    one, other = under.assessment.kind, under.indicator.kind
    return "" if one == other else f"it is for {one!r}, the indicator is {other!r}"


def never_crashes(under: MarksUnderTest, facts: Facts) -> str:
    try:
        step = under.assessment.assess(dict(facts), dict(under.parameters))
    except Exception as error:  # noqa: BLE001 - what is raised is what is told
        return f"assess raised {type(error).__name__}: {error}"
    return "" if isinstance(step, Step) else f"assess gave {step!r}, which is no Step"


def marks_or_a_reason(under: MarksUnderTest, facts: Facts) -> str:
    step = _assessed(under, facts)
    if step is None:
        return ""
    if step.value is None:
        return "" if step.how else "there are no marks, and `how` does not say why"
    if not isinstance(step.value, Quantity) or step.value.unit.dimension != MARKS.dimension:
        return f"marks are a Quantity in 分 or None, got {step.value!r}"
    return ""


def marks_are_exact(under: MarksUnderTest, facts: Facts) -> str:
    with watched() as seen:
        step = _assessed(under, facts)
    marks = _marks(under, facts)
    wrong = next(floats_in(step, "the step"), "") or (seen[0] if seen else "")
    if not wrong and marks is not None and (marks.base * 10**DECIMALS).denominator != 1:
        wrong = f"marks have at most {DECIMALS} decimals, got {marks}; round them by a named mode"
    return wrong


def marks_keep_to_full(under: MarksUnderTest, facts: Facts) -> str:
    marks = _marks(under, facts)
    return f"marks are {marks}, full are {under.full}" if marks is not None and not 0 <= marks.base <= under.full.base else ""


def same_facts_same_marks(under: MarksUnderTest, facts: Facts) -> str:
    first = _assessed(under, facts)
    return "" if _assessed(under, facts) == first else "the same facts, assessed again, give something else"


def facts_are_left_alone(under: MarksUnderTest, facts: Facts) -> str:
    given, parameters = dict(facts), dict(under.parameters)
    before = copy.copy(given)
    try:
        under.assessment.assess(given, parameters)
    except Exception:  # noqa: BLE001 - another check is about it
        return ""
    return "" if (given, parameters) == (before, dict(under.parameters)) else "the facts or parameters were changed"


def some_facts_give_marks(under: MarksUnderTest) -> str:
    return (
        ""
        if any(_marks(under, facts) is not None for facts in grid(under))
        else "no fixed facts give marks; give the `parameters` it needs"
    )


def _bounded(under: MarksUnderTest) -> str:
    return "" if under.bounded else "it says that marks may leave nothing to full"


_CHECKS = (
    Check(name="fits_its_kind", of_thing=fits_its_kind, chinese="代号、种类与指标相符", english="it has an id, and is for the indicator's kind"),
    Check(name="never_crashes", of_case=never_crashes, chinese="任何数都不出错中断", english="assess raises nothing for any facts of its measures"),
    Check(
        name="some_facts_give_marks", of_thing=some_facts_give_marks,
        chinese="至少有一种情形有得分", english="some facts give marks, so that what is said of marks is not about nothing",
    ),
    Check(name="marks_or_a_reason", of_case=marks_or_a_reason, chinese="得分以分计；没有得分就说明原因", english="marks are in 分, or None with the reason"),
    Check(name="marks_are_exact", of_case=marks_are_exact, chinese="得分准确，没有浮点数，至多九位小数", english="marks are exact: no float, at most nine decimals"),
    Check(name="marks_keep_to_full", of_case=marks_keep_to_full, unasked=_bounded, chinese="得分在零分与满分之间", english="marks stay between nothing and full"),
    Check(name="same_facts_same_marks", of_case=same_facts_same_marks, chinese="同样的数，得分一样", english="the same facts give the same marks"),
    Check(name="facts_are_left_alone", of_case=facts_are_left_alone, chinese="不改动交给它的数", english="the facts that were handed over are not changed"),
)  # fmt: skip
ASSESSMENTS = Suite(title="assessment", checks=_CHECKS, grid=grid, samples=samples, show=show)
