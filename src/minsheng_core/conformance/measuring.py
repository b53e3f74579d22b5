"""What an indicator says of reports: each check is a function that gives in words what is wrong in a case, or nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from ..field import Field
from ..finding import Finding, Place, Severity
from ..formula import Scope, check_formula, evaluate
from ..formula.tree import number
from ..protocols import Case, Measurement
from ..quantity import Quantity, decimal_text, unit
from ..scoring.names import measure_fields
from .floats import floats_in, watched
from .samples import Draft, UnderTest, case_of, grid

# -- what a plugin gives, without stumbling over what another check is about --------------------------------------


def measured(under: UnderTest, case: Case) -> Measurement | None:
    """What the plugin measures; None also where it raises, which is the business of one check alone."""
    try:
        given = under.indicator.measure(case)
    except Exception:  # noqa: BLE001 - a plugin may raise anything
        return None
    return given if isinstance(given, Measurement) else None


def measured_once(under: UnderTest, draft: Draft) -> Measurement | None:
    """The same of a draft, measured the first time that a check asks."""
    if "measurement" not in draft.memo:
        draft.memo["measurement"] = measured(under, case_of(under, draft))
    given: Measurement | None = draft.memo["measurement"]
    return given


def found(under: UnderTest, case: Case) -> tuple[Any, ...]:
    try:
        return tuple(under.indicator.validate(case))
    except Exception:  # noqa: BLE001 - likewise
        return ()


def _quantities(under: UnderTest, draft: Draft) -> Iterator[tuple[Field, Quantity]]:
    """The quantities measured, with the measures that declare them."""
    measurement = measured_once(under, draft)
    for one in under.indicator.measures:
        value = measurement.values.get(one.name) if measurement else None
        if isinstance(value, Quantity) and isinstance(value.value, Fraction | int) and one.kind == "quantity":
            yield one, value


def primary(under: UnderTest, draft: Draft) -> Fraction | None:
    """The primary measure in base units."""
    return next((value.base for one, value in _quantities(under, draft) if one.name == under.indicator.primary), None)


def _same_unit(one: Field, value: Quantity) -> bool:
    return value.unit.dimension == unit(one.unit).dimension


# -- validation -----------------------------------------------------------------------------------------------------


def validation_never_crashes(under: UnderTest, draft: Draft) -> str:
    """`validate` raises nothing for reports that the form allows."""
    return _raised("validate", lambda: tuple(under.indicator.validate(case_of(under, draft))))


def _raised(hook: str, call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - what is raised is what is told
        return f"{hook} raised {type(error).__name__}: {error}"
    return ""


def findings_say_what_is_wrong(under: UnderTest, draft: Draft) -> str:
    """Each finding is a Finding with a stable code, a severity, and a message in Chinese."""
    for one in found(under, case_of(under, draft)):
        if not isinstance(one, Finding):
            return f"validate gave {one!r}, which is not a Finding"
        if not re.fullmatch(r"[a-z]\w*(\.\w+)+", one.code):
            return f"a code is like insurance.scale, got {one.code!r}"
        if not isinstance(one.severity, Severity) or not re.search(r"[\u4e00-\u9fff]", one.message):
            return f"{one.code}: a Severity and a message in Chinese are wanted, got {one.severity!r}, {one.message!r}"
    return ""


def findings_point_somewhere(under: UnderTest, draft: Draft) -> str:
    """Each finding stands at a row of the case or at the rule that it is about; none at all only for declared codes."""
    case = case_of(under, draft)
    allowed = _places(case) | {_line(one.place) for one in (case.indicator, *case.indicator.subjects) if one.place}
    for one in found(under, case):
        if not isinstance(one, Finding) or (one.place is None and (one.code in under.placeless or not case.current())):
            continue
        if one.place is None:
            return f"{one.code} has no place; give report.at(…), or list the code in `placeless` if it is about the whole case"
        if _line(one.place) not in allowed:
            return f"{one.code} stands at {one.place}, where no row of the case is"
    return ""


def _line(place: Place) -> tuple[str, int]:
    return place.file, place.line


def _places(case: Case) -> set[tuple[str, int]]:
    return {_line(report.place) for report in case.reports}


# -- measuring ------------------------------------------------------------------------------------------------------


def measure_never_crashes(under: UnderTest, draft: Draft) -> str:
    """`measure` raises nothing for reports that the form allows, and gives a Measurement or None."""
    given: list[object] = []
    wrong = _raised("measure", lambda: given.append(under.indicator.measure(case_of(under, draft))))
    return wrong or ("" if isinstance(given[0], Measurement | None) else f"measure gave {given[0]!r}, which is no Measurement")


def nothing_filed_measures_none(under: UnderTest, draft: Draft) -> str:
    """None exactly where the period has no row: an earlier month never stands in, and a filed row is never passed over."""
    case = case_of(under, draft)
    try:
        measurement = under.indicator.measure(case)
    except Exception:  # noqa: BLE001 - the check above is about it
        return ""
    if case.current() and measurement is None:
        return f"{case.period} was filed, and measure gave None; give values that are None, and say why in the step"
    return f"nothing was filed for {case.period}, and measure gave {measurement.values}" if measurement and not case.current() else ""


def some_case_is_measured(under: UnderTest) -> str:
    """At least one of the fixed cases gives the primary measure; else what is said of values would be said of nothing."""
    for draft in grid(under):
        value = measured_once(under, draft)
        if value is not None and value.values.get(under.indicator.primary) is not None:
            return ""
    return f"no fixed case measures {under.indicator.primary}; give `typical`, the cells of a good row, or a case with the options it needs"


def values_are_declared(under: UnderTest, draft: Draft) -> str:
    """Each value belongs to a declared measure, is of its kind, in its dimension, and None or a choice where it is a word."""
    measurement = measured_once(under, draft)
    declared = {one.name: one for one in under.indicator.measures}
    for name, value in measurement.values.items() if measurement else ():
        if name not in declared:
            return f"a value is given for {name!r}, which no measure declares"
        one = declared[name]
        wanted = {"text": str, "date": date}.get(one.kind, Quantity)
        if value is None:
            continue
        if not isinstance(value, wanted) or (one.choices and value not in one.choices):
            return f"{name} is {value!r}, wanted is a {wanted.__name__}" + (f" among {', '.join(one.choices)}" if one.choices else "")
        if isinstance(value, Quantity) and not _same_unit(one, value):
            return f"{name} is in {value.unit.symbol or 'no unit'}, declared is {one.unit or 'none'}"
    return ""


def values_are_exact(under: UnderTest, draft: Draft) -> str:
    """No float anywhere: not in values, steps or details, and not on the way to them."""
    case = case_of(under, draft)
    with watched() as seen:
        measurement = measured(under, case)
    return next(floats_in(measurement, "the measurement"), "") or (seen[0] if seen else "")


def values_keep_their_range(under: UnderTest, draft: Draft) -> str:
    """A value stays in the declared range and decimals, or is None. A figure filed so in a wider form is left to the core, which refuses it."""
    filed = {value for report in case_of(under, draft).current() for value in report.values.values() if isinstance(value, Quantity)}
    for one, value in _quantities(under, draft):
        if one.formula or not _same_unit(one, value) or value in filed:
            continue
        shown = value.to(one.unit).value
        if (one.minimum is not None and shown < one.minimum) or (one.maximum is not None and shown > one.maximum):
            return f"{one.name} is {value}, declared is {one.minimum} to {one.maximum} {one.unit}"
        if (shown * 10**one.decimals).denominator != 1:
            return f"{one.name} is {value}, declared are {one.decimals} decimals"
    return ""


def derived_values_follow(under: UnderTest, draft: Draft) -> str:
    """A measure with a formula, where the plugin gives it, is what the formula says of the others."""
    measurement = measured_once(under, draft)
    fields = measure_fields(under.indicator)
    values: dict[str, Any] = dict.fromkeys(fields) | (dict(measurement.values) if measurement else {}) | {"target": draft.target}
    for one, value in _quantities(under, draft):
        formula, _ = check_formula(one.formula, Scope(fields=fields), number(unit(one.unit))) if one.formula else (None, ())
        follows = evaluate(formula, values).value if formula else None
        if isinstance(follows, Quantity) and follows.base != value.base:
            return f"{one.name} is {value}, but {one.formula} is {follows}"
    return ""


def reference_agrees(under: UnderTest, draft: Draft) -> str:
    """The primary measure is what the author's reference says of the same case."""
    assert under.reference is not None
    wanted, got = under.reference(case_of(under, draft)), primary(under, draft)
    if (wanted and wanted.base) != got:
        return f"{under.indicator.primary} is {'None' if got is None else decimal_text(got)} (base units), the reference says {wanted}"
    return ""


def steps_lead_to_a_row(under: UnderTest, draft: Draft) -> str:
    """A value comes with a step that stands, itself or in a part, at a row of the case; where it can't be said, the step says why."""
    case = case_of(under, draft)
    measurement = measured_once(under, draft)
    if measurement is None:
        return ""
    steps = [step for _, step in measurement.step.walk()]
    if measurement.values.get(under.indicator.primary) is None:
        return "" if any(step.how for step in steps) else "the figure can't be said, and no step says why"
    if not any(step.place is not None and _line(step.place) in _places(case) for step in steps):
        return "a value is given, and no step has the place of a row; give place=report.at(…)"
    return ""


def blank_is_not_zero(under: UnderTest, draft: Draft) -> str:
    """A measure that is filed as it stands is not 0 where every row leaves its cell blank."""
    case = case_of(under, draft)
    measurement = measured_once(under, draft)
    for one in under.form.fields:
        value = measurement.values.get(one.name) if measurement else None
        if isinstance(value, Quantity) and value.value == 0 and all(report.values[one.name] is None for report in case.current()):
            return f"{one.title} was left blank, and {one.name} is 0; missing is not zero"
    return ""


def is_blankable(under: UnderTest) -> str:
    measures = {one.name for one in under.indicator.measures}
    some = any(one.missing and one.name in measures for one in under.form.fields)
    return "" if some else "no measure is filed in a cell that may be blank"


def is_derived(under: UnderTest) -> str:
    return "" if any(one.formula for one in under.indicator.measures) else "no measure has a formula"


def is_referenced(under: UnderTest) -> str:
    return "" if under.reference else "no reference is given"
