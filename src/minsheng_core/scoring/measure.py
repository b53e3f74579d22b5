"""From reports to measurements: each indicator for each body, and for the whole; then completion and progress."""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from attrs import evolve, field, frozen

from ..explanation import Step
from ..finding import Finding, Place
from ..period import Period
from ..protocols import Case, Indicator, Measurement, Report, Stage
from ..quantity import Quantity, unit
from ..scheme import model
from .prepare import Prepared

__all__ = ["Filed", "Measured", "State", "measure_body", "measure_whole"]

State = Literal["scored", "not_filed", "undetermined"]


@frozen(kw_only=True)
class Refused:
    """A row that was filed but could not be read whole: the body is not silent, yet nothing of it may be scored."""

    indicator: str
    body: str
    period: Period
    place: Place


@frozen(kw_only=True)
class Event:
    """Something that is counted for a body: a typical case, an accident, a supervision finding. *deadline* is the day by which a
    finding was to be put right."""

    kind: str
    body: str
    period: Period
    count: Quantity
    place: Place
    document: str = ""
    day: date | None = None
    deadline: date | None = None
    note: str = ""


@frozen(kw_only=True)
class Filed:
    """All that was filed: rows, rows that could not be read, events, and what was found while reading. *stage* is the one that
    every row has reached at least: only ``verified`` figures give final marks."""

    reports: tuple[Report, ...] = ()
    refused: tuple[Refused, ...] = ()
    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()
    stage: Stage = "filed"

    def later(self, years: int) -> "Filed":
        """The same as if of so many years later: months, days and figures that are days."""

        def period(one: Period) -> Period:
            return one.following(12 * years)

        def day(one: date) -> date:
            return one.replace(year=one.year + years, day=min(one.day, 28) if one.month == 2 else one.day)  # no year lacks the 28th

        def report(one: Report) -> Report:
            values = {name: day(value) if isinstance(value, date) else value for name, value in one.values.items()}
            return evolve(one, period=period(one.period), filed=one.filed and day(one.filed), values=values)

        return evolve(
            self, reports=tuple(map(report, self.reports)), refused=tuple(evolve(one, period=period(one.period)) for one in self.refused),
            events=tuple(evolve(one, period=period(one.period)) for one in self.events),
        )  # fmt: skip


@frozen(kw_only=True)
class Measured:
    """What a body (or the whole city) has reached in one indicator.

    *actual* is the indicator's primary measure; *completion* actual / target for a count (None for a rate), *gap*
    actual − target (百分点 for a rate); *progress* the share of the way: of the target for a flow, from the year-start
    base to the target for a stock, None where there is no base.
    """

    indicator: str
    body: str
    state: State
    target: Quantity | None = None
    actual: Quantity | None = None
    completion: Fraction | None = None
    gap: Quantity | None = None
    progress: Fraction | None = None
    measurement: Measurement | None = None
    step: Step
    findings: tuple[Finding, ...] = field(default=(), repr=False)


def measure_body(prepared: Prepared, filed: Filed, indicator: model.Indicator, body: model.Body, period: Period) -> Measured:
    """One indicator for one body at the end of *period*: validated, measured, held against the body's target."""
    plugin = prepared.plugins.indicator(indicator.kind)
    reports = tuple(
        sorted(
            (r for r in filed.reports if r.indicator == indicator.id and r.body == body.id and r.period <= period),
            key=lambda report: (report.period, report.place),
        )
    )
    target = _target(indicator, body)
    refused = tuple(one.place for one in filed.refused if (one.indicator, one.body, one.period) == (indicator.id, body.id, period))
    case = Case(indicator=indicator, body=body, period=period, reports=reports, target=target, refused=refused)
    findings, broken = _guarded(plugin, "validate", lambda: tuple(plugin.validate(case)), case)
    if refused:
        why = "填报的行有错误，改正前不作评定"
        step = Step(label=indicator.title, how=why, place=refused[0])
        return Measured(indicator=indicator.id, body=body.id, state="undetermined", target=target, step=step, findings=findings or ())
    measurement, fault = _guarded(plugin, "measure", lambda: plugin.measure(case), case)
    found = tuple(findings or ()) + broken + fault
    if broken or fault:
        step = Step(label=indicator.title, how=(broken + fault)[0].message)
        return Measured(indicator=indicator.id, body=body.id, state="undetermined", target=target, step=step, findings=found)
    if measurement is None:
        step = Step(label=indicator.title, how=f"{period}未填报")
        return Measured(indicator=indicator.id, body=body.id, state="not_filed", target=target, step=step, findings=found)
    return _held(plugin, indicator, body.id, target, measurement, found)


def _guarded(plugin: Indicator, hook: str, call: Callable[[], Any], case: Case) -> tuple[Any, tuple[Finding, ...]]:
    """What the plugin's hook gives, or the finding that it raised: it must not take the others down, nor pass unseen."""
    try:
        return call(), ()
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it becomes a finding
        message = (
            f"插件 {plugin.kind} 在 {hook} 中出错：{type(error).__name__}: {error}；{case.body.name}的“{case.indicator.title}”不作评定"
        )
        place = case.reports[-1].place if case.reports else None
        return None, (Finding(code="plugin.raised", message=message, place=place, body=case.body.id, indicator=case.indicator.id),)


def _target(indicator: model.Indicator, body: model.Body) -> Quantity | None:
    """The body's own share; the whole target for the lead body; None for anybody else."""
    for share in indicator.shares:
        if share.body == body.id:
            return share.value
    return indicator.target.value if indicator.target and body.id == indicator.lead else None


def _held(
    plugin: Indicator, indicator: model.Indicator, body: str, target: Quantity | None, measurement: Measurement, findings: tuple[Finding, ...]
) -> Measured:  # fmt: skip
    """A measurement held against its target; a primary measure that is a word or a day has no completion."""
    primary = measurement.values.get(plugin.primary)
    actual = primary if isinstance(primary, Quantity) else None
    completion = gap = progress = None
    if target is not None and actual is not None:
        rate = actual.unit.is_rate
        completion = None if rate or target.base == 0 else actual.base / target.base
        shown = unit("百分点") if rate else actual.unit
        gap = Quantity((actual.base - target.base) / shown.scale, shown)
        progress = _progress(plugin, actual, target, measurement.values.get("base"))
    return Measured(
        indicator=indicator.id, body=body, state="undetermined" if primary is None else "scored", target=target, actual=actual,
        completion=completion, gap=gap, progress=progress, measurement=measurement, step=measurement.step, findings=findings,
    )  # fmt: skip


def _progress(plugin: Indicator, actual: Quantity, target: Quantity, base: object) -> Fraction | None:
    """The share of the way gone: a flow against its target, a stock from its year-start base; else None."""
    if target.base == 0:
        return None
    if plugin.flow:
        return actual.base / target.base
    if not isinstance(base, Quantity) or target.base <= base.base:
        return None
    return (actual.base - base.base) / (target.base - base.base)


def measure_whole(prepared: Prepared, filed: Filed, indicator: model.Indicator, period: Period) -> Measured:
    """One indicator for the whole: the sum of its parts, or of its bodies' shares, or what its lead body filed.

    A sum with a part that isn't there is undetermined, and its step names who is missing.
    """
    scheme = prepared.scheme
    parts = scheme.parts(indicator.id)
    if parts:
        return _summed(prepared, indicator, [(part.title, measure_whole(prepared, filed, part, period)) for part in parts])
    if indicator.shares:
        bodies = [scheme.body(share.body) for share in indicator.shares]
        return _summed(prepared, indicator, [(body.name, measure_body(prepared, filed, indicator, body, period)) for body in bodies])
    return measure_body(prepared, filed, indicator, scheme.body(indicator.lead), period)


def _summed(prepared: Prepared, indicator: model.Indicator, parts: Sequence[tuple[str, Measured]]) -> Measured:
    plugin = prepared.plugins.indicator(indicator.kind)
    target = indicator.target.value if indicator.target else None
    steps = tuple(Step(label=name, value=part.actual, how="" if part.actual else _why(part)) for name, part in parts)
    absent = [name for name, part in parts if part.actual is None]
    shown = unit(next(one for one in plugin.measures if one.name == plugin.primary).unit)
    known = Quantity(sum((part.actual.base for _, part in parts if part.actual), Fraction(0)) / shown.scale, shown)
    if absent:
        names = "、".join(absent[:5]) + (f"等{len(absent)}个" if len(absent) > 5 else "")
        how = f"{names}尚无可用数据，其余合计{known}；合计未定"
        step = Step(label=indicator.title, how=how, parts=steps)
        state: State = "not_filed" if all(part.state == "not_filed" for _, part in parts) else "undetermined"
        return Measured(indicator=indicator.id, body=indicator.lead, state=state, target=target, step=step)
    step = Step(label=indicator.title, value=known, how=f"{len(parts)}项之和", clause=indicator.source, place=indicator.place, parts=steps)
    values: dict[str, Quantity | str | date | None] = {**dict.fromkeys(one.name for one in plugin.measures), plugin.primary: known}
    bases = [part.measurement.values.get("base") if part.measurement else None for _, part in parts]
    if "base" in values and all(isinstance(base, Quantity) for base in bases):
        values["base"] = Quantity(sum((base.base for base in bases if isinstance(base, Quantity)), Fraction(0)), shown)
    return _held(plugin, indicator, indicator.lead, target, Measurement(values=values, step=step), ())


def _why(part: Measured) -> str:
    return part.step.how or {"not_filed": "未填报", "undetermined": "未定"}.get(part.state, "")
