"""From measurements to marks: items, adjustments, vetoes, rounding as declared; then the ranking."""

from collections.abc import Mapping
from fractions import Fraction

from attrs import evolve, frozen

from ..explanation import Step
from ..finding import Finding
from ..formula import evaluate
from ..period import Period
from ..protocols import Report
from ..quantity import Quantity, decimal_text, unit
from ..rounding import round_places
from ..scheme import model
from .measure import Filed, Measured, State, measure_body, measure_whole
from .prepare import Prepared
from .ranking import rank

__all__ = ["Assessed", "BodyResult", "ItemResult", "ProjectResult", "SheetResult", "assess"]

MARK = unit("分")


@frozen(kw_only=True)
class ItemResult:
    """One item of a body's sheet. *marks* are exact, *rounded* as the sheet says (equal to *marks* where the total is rounded)."""

    item: model.Item
    state: State
    marks: Quantity | None
    rounded: Quantity | None
    measured: Measured
    step: Step


@frozen(kw_only=True)
class BodyResult:
    """One body on one sheet. *total* is None, and *rank* too, where an item was not filed or is undetermined."""

    body: model.Body
    state: State
    reason: str
    items: tuple[ItemResult, ...]
    adjustments: tuple[tuple[model.Adjustment, Step], ...]
    total: Quantity | None
    step: Step
    barred: bool = False
    rank: int | None = None
    group_rank: int | None = None


@frozen(kw_only=True)
class SheetResult:
    """All bodies of one sheet: those ranked first, in order; then those that can't be, in the paper's order."""

    sheet: model.Sheet
    bodies: tuple[BodyResult, ...]


@frozen(kw_only=True)
class ProjectResult:
    """A project of the paper: which of its indicators have *reached* their target, fall *short*, or are *open* (no figure yet)."""

    project: model.Project
    reached: tuple[str, ...]
    short: tuple[str, ...]
    open: tuple[str, ...]


@frozen(kw_only=True)
class Assessed:
    """The whole result for a period. *indicators* holds each indicator for the whole city, by id."""

    scheme: model.Scheme
    period: Period
    sheets: tuple[SheetResult, ...]
    indicators: Mapping[str, Measured]
    projects: tuple[ProjectResult, ...]
    findings: tuple[Finding, ...]

    def body(self, id: str) -> tuple[tuple[model.Sheet, BodyResult], ...]:
        """That body's results, one for each sheet it is on."""
        return tuple((one.sheet, result) for one in self.sheets for result in one.bodies if result.body.id == id)


def assess(prepared: Prepared, filed: Filed, period: Period) -> Assessed:
    """Every sheet of the scheme at the end of *period*. Pure: the same input gives the same result, in any order of reports."""
    scheme = prepared.scheme
    whole = {indicator.id: measure_whole(prepared, filed, indicator, period) for indicator in scheme.indicators}
    sheets = []
    findings = list(filed.findings)
    for sheet in scheme.sheets:
        bodies = [body for body in scheme.bodies if body.id in sheet.bodies or body.kind in sheet.bodies]
        results = [_body(prepared, filed, sheet, body, period, whole) for body in bodies]
        sheets.append(SheetResult(sheet=sheet, bodies=_ranked(sheet, results)))
        findings += [finding for result in results for item in result.items for finding in item.measured.findings]
    findings += [finding for measured in whole.values() for finding in measured.findings]
    unique = dict.fromkeys(findings)  # an indicator may stand on two sheets
    severities = ["error", "warning", "note"]
    ordered = sorted(unique, key=lambda one: (severities.index(one.severity.value), str(one.place or ""), one.code, one.message))
    projects = tuple(_project(scheme, project, whole) for project in scheme.projects)
    return Assessed(scheme=scheme, period=period, sheets=tuple(sheets), indicators=whole, projects=projects, findings=tuple(ordered))


def _project(scheme: model.Scheme, project: model.Project, whole: Mapping[str, Measured]) -> ProjectResult:
    """Parts of an indicator are not counted beside it."""
    gaps = {one.id: whole[one.id].gap for one in scheme.indicators if one.project == project.id and not one.part_of}
    reached = tuple(id for id, gap in gaps.items() if gap is not None and gap.value >= 0)
    short = tuple(id for id, gap in gaps.items() if gap is not None and gap.value < 0)
    return ProjectResult(project=project, reached=reached, short=short, open=tuple(id for id, gap in gaps.items() if gap is None))


def _body(
    prepared: Prepared, filed: Filed, sheet: model.Sheet, body: model.Body, period: Period, whole: Mapping[str, Measured]
) -> BodyResult:
    events = _events(prepared.scheme, filed, body, period)
    items = tuple(_item(prepared, filed, sheet, item, body, period, whole, events) for item in sheet.items)
    lacking = [item for item in items if item.rounded is None]
    if lacking:
        state: State = "not_filed" if any(item.state == "not_filed" for item in lacking) else "undetermined"
        reason = "；".join(f"{item.item.title}：{_reason(item)}" for item in lacking)
        step = Step(label=sheet.title, how=reason, parts=tuple(item.step for item in items))
        return BodyResult(body=body, state=state, reason=reason, items=items, adjustments=(), total=None, step=step)
    return _total(prepared, filed, sheet, body, period, items, events)


def _reason(item: ItemResult) -> str:
    return "未填报" if item.state == "not_filed" else item.step.how or item.measured.step.how or "未定"


def _item(
    prepared: Prepared, filed: Filed, sheet: model.Sheet, item: model.Item, body: model.Body, period: Period,
    whole: Mapping[str, Measured], events: Mapping[str, Quantity],
) -> ItemResult:  # fmt: skip
    indicator = prepared.scheme.indicator(item.indicator)
    own = any(share.body == body.id for share in indicator.shares)
    measured = whole[indicator.id] if body.id == indicator.lead and not own else measure_body(prepared, filed, indicator, body, period)
    if measured.state != "scored" or measured.measurement is None or measured.target is None:
        state: State = measured.state if measured.state != "scored" else "undetermined"
        how = measured.step.how or ("没有分解给该单位的目标" if measured.target is None else "")
        step = Step(label=item.title, how=how, place=item.place, clause=item.source, parts=(measured.step,))
        return ItemResult(item=item, state=state, marks=None, rounded=None, measured=measured, step=step)
    assessment, parameters = prepared.items[sheet.id, item.id]
    progress = None if measured.progress is None else Quantity(measured.progress * 100, unit("%"))
    facts: dict[str, Quantity | None] = {
        **events, **measured.measurement.values, "target": measured.target, "full": item.full,
        "elapsed": Quantity(period.elapsed * 100, unit("%")), "progress": progress,
    }  # fmt: skip
    method = assessment.assess(facts, parameters)
    marks = method.value if isinstance(method.value, Quantity) else None
    rounded = None if marks is None else _rounded(sheet, marks) if sheet.rounding.when == "item" else marks
    parts = (method, measured.step, _target_step(indicator, body, measured.target))
    step = Step(label=item.title, value=rounded, how=method.how, place=item.place, clause=item.source, parts=parts)
    return ItemResult(
        item=item, state="undetermined" if marks is None else "scored", marks=marks, rounded=rounded, measured=measured, step=step
    )


def _target_step(indicator: model.Indicator, body: model.Body, target: Quantity) -> Step:
    """Where the target stands in the rules, the words it was printed in, and its clause."""
    share = next((one for one in indicator.shares if one.body == body.id), None)
    printed, place = (share.printed, share.place) if share else (indicator.target.printed, indicator.target.place)
    return Step(label="目标", value=target, how=f"原文“{printed}”" if printed else "", place=place, clause=indicator.target.source)


def _rounded(sheet: model.Sheet, marks: Quantity) -> Quantity:
    return Quantity(round_places(marks.base, sheet.rounding.places, sheet.rounding.mode), MARK)


def _total(
    prepared: Prepared, filed: Filed, sheet: model.Sheet, body: model.Body, period: Period, items: tuple[ItemResult, ...], events: Mapping[str, Quantity]
) -> BodyResult:  # fmt: skip
    subtotal = sum((item.rounded.base for item in items if item.rounded), Fraction(0))
    facts: dict[str, Quantity | None] = {
        **events, "subtotal": Quantity(subtotal, MARK), "elapsed": Quantity(period.elapsed * 100, unit("%")),
        "late_days": _late_days(prepared.scheme, filed, sheet, body, period),
    }  # fmt: skip
    total, barred, limit = subtotal, False, None
    adjustments: list[tuple[model.Adjustment, Step]] = []
    for one in sheet.adjustments:
        formula = prepared.adjustments[sheet.id, one.id]
        step = evolve(evaluate(formula, facts, place=one.place, clause=one.source), label=one.title)
        if step.value is None:
            reason = f"{one.title}：{step.how}"
            whole = Step(label=sheet.title, how=reason, parts=(*(item.step for item in items), step))
            return BodyResult(
                body=body, state="undetermined", reason=reason, items=items, adjustments=(*adjustments, (one, step)), total=None, step=whole
            )
        if isinstance(step.value, Quantity):
            value = _rounded(sheet, step.value) if sheet.rounding.when == "item" else step.value
            step = evolve(step, value=value)
            total += value.base if one.kind == "bonus" else -value.base
        elif step.value:
            barred |= one.effect == "bar"
            ceiling = Fraction(0) if one.effect == "zero" else one.cap.base if one.cap else None
            limit = ceiling if limit is None else limit if ceiling is None else min(limit, ceiling)
        adjustments.append((one, step))
    if sheet.floor is not None:
        total = max(total, sheet.floor.base)
    if sheet.ceiling is not None:
        total = min(total, sheet.ceiling.base)
    if limit is not None:
        total = min(total, limit)
    rounded = _rounded(sheet, Quantity(total, MARK))
    how = _how(sheet, limit)
    step = Step(
        label=sheet.title, value=rounded, how=how, place=sheet.place, clause=sheet.source,
        parts=(*(item.step for item in items), *(step for _, step in adjustments)),
    )  # fmt: skip
    return BodyResult(
        body=body, state="scored", reason="", items=items, adjustments=tuple(adjustments), total=rounded, step=step, barred=barred
    )


def _how(sheet: model.Sheet, limit: Fraction | None) -> str:
    mode = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "去尾", "up": "进一"}[sheet.rounding.mode.value]
    when = "每项" if sheet.rounding.when == "item" else "总分"
    words = f"各项得分之和加减调整；{when}按{mode}保留{sheet.rounding.places}位小数"
    return words + (f"；一票否决，总分不高于{decimal_text(limit)}分" if limit is not None else "")


def _events(scheme: model.Scheme, filed: Filed, body: model.Body, period: Period) -> dict[str, Quantity]:
    """How often each kind of event was recorded for the body this year up to *period*; none recorded is none."""
    counts = {event.id: Fraction(0) for event in scheme.events}
    for event in filed.events:
        if event.body == body.id and event.period.year == period.year and event.period <= period and event.kind in counts:
            counts[event.kind] += event.count.value
    return {event.id: Quantity(counts[event.id], unit(event.unit)) for event in scheme.events}


def _late_days(scheme: model.Scheme, filed: Filed, sheet: model.Sheet, body: model.Body, period: Period) -> Quantity | None:
    """By how many days the body's latest row of the period missed the monthly deadline; None where no filing day is given."""
    due = next((one.day for one in scheme.processes if one.kind == "report" and one.every == "month" and one.day), 0)
    wanted = {item.indicator for item in sheet.items}
    rows: list[Report] = [r for r in filed.reports if r.body == body.id and r.period == period and r.indicator in wanted]
    days = [row.filed for row in rows if row.filed]
    if not due or not days or len(days) < len(rows):
        return None
    late = max(0, (max(days) - period.following().day(due)).days)
    return Quantity(Fraction(late), unit("天"))


def _ranked(sheet: model.Sheet, results: list[BodyResult]) -> tuple[BodyResult, ...]:
    """The bodies with a total in order of rank; then the rest, unranked, in the paper's order."""
    if sheet.ranking is None:
        return tuple(results)
    scored = {result.body.id: result for result in results if result.total is not None}
    method = sheet.ranking.method
    order = rank([(id, result.total.base) for id, result in scored.items() if result.total], method)
    groups: dict[str, int] = {}
    if sheet.ranking.groups:
        for kind in {result.body.kind for result in scored.values()}:
            inside = [(id, result.total.base) for id, result in scored.items() if result.body.kind == kind and result.total]
            groups |= {id: place for place, id in rank(inside, method)}
    ranked = [evolve(scored[id], rank=place, group_rank=groups.get(id)) for place, id in order]
    return tuple(ranked) + tuple(result for result in results if result.total is None)
