"""One sheet for its bodies: measurements into the columns of its plan, the plan's results back as marks with their reasons."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from attrs import evolve, frozen

from ..explanation import Step
from ..finding import Finding
from ..formula.plan import RUNNING, Column
from ..formula.python import run_rows
from ..formula.tree import EPOCH
from ..period import Period
from ..protocols import Report
from ..quantity import Quantity, decimal_text, unit
from ..rounding import round_places
from ..scheme import model
from ..scheme.deadlines import deadline
from .measure import Filed, Measured, State, measure_body, measure_whole
from .prepare import FormulaAssessment, Prepared
from .result import BodyResult, ItemResult
from .sheet import SheetPlan

__all__ = ["assess_sheet", "cell"]

MARK = unit("分")


@frozen(kw_only=True)
class _Line:
    """One body in one period: the *cells* of its row, what they were made from, and what was wrong with them."""

    body: model.Body
    period: Period
    cells: dict[str, int | None]
    measured: Mapping[str, Measured]
    given: Mapping[str, Quantity | None]  # events and late days
    marked: Mapping[str, Step]  # what a plugin's own code gave, by item


def assess_sheet(
    prepared: Prepared, filed: Filed, sheet: model.Sheet, period: Period, whole: Mapping[str, Measured]
) -> list[BodyResult]:  # fmt: skip
    """Each body of the sheet at the end of *period*, in the scheme's order. *whole* are the indicators for all, by id."""
    lowered = prepared.sheets[sheet.id]
    bodies = [body for body in prepared.scheme.bodies if body.id in sheet.bodies or body.kind in sheet.bodies]
    lines = [_line(prepared, filed, sheet, lowered, body, period, whole) for body in bodies]
    if any(op.op in RUNNING for op in lowered.plan.ops):
        for month in range(sheet.first_month, period.month):
            earlier = Period(period.year, month)
            sums = {
                item.indicator: measure_whole(prepared, filed, prepared.scheme.indicator(item.indicator), earlier) for item in sheet.items
            }
            lines += [_line(prepared, filed, sheet, lowered, body, earlier, sums) for body in bodies]
    results = run_rows(lowered.plan, [line.cells for line in lines], [(line.body.id, line.body.kind) for line in lines])
    return [_result(prepared, sheet, lowered, line, row) for line, row in zip(lines[: len(bodies)], results, strict=False)]


# -- in: a body's row -------------------------------------------------------------------------------------------


def _line(
    prepared: Prepared, filed: Filed, sheet: model.Sheet, lowered: SheetPlan, body: model.Body, period: Period, whole: Mapping[str, Measured]
) -> _Line:  # fmt: skip
    scheme = prepared.scheme
    given = {**_events(scheme, filed, body, period), "late_days": _late_days(scheme, filed, sheet, body, period)}
    measured: dict[str, Measured] = {}
    values: dict[str, object] = {**given, "copies": 1, "period": period.year * 12 + period.month - 1, "order": _order(scheme, body)}
    marked: dict[str, Step] = {}
    for item in sheet.items:
        applies = not item.bodies or body.id in item.bodies or body.kind in item.bodies
        values[f"{item.id}.applies"] = int(applies)
        found = _measured(prepared, filed, item, body, period, whole)
        held = found.measurement.values if found.measurement and found.state == "scored" else {}
        for (id, measure), column in lowered.columns.items():
            if id == item.id:
                values[column] = found.target if measure == "target" else held.get(measure)
        if applies and item.id not in lowered.items:
            marked[item.id] = _coded(prepared, sheet, item, found, given, period)
            values[f"{item.id}.marks"] = marked[item.id].value
        measured[item.id] = _checked(found, item, lowered, values, body)
    cells = {column.name: cell(column, values.get(column.name)) for column in lowered.plan.columns}
    return _Line(body=body, period=period, cells=cells, measured=measured, given=given, marked=marked)


def cell(column: Column, value: object) -> int | None:
    """A figure as the whole number its column holds. One with more decimals, of another kind or unknown to the column stands
    outside its range, so that the row is refused and not rounded."""
    outside = column.high + 1
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Quantity) and column.kind == "number":
        if value.unit.dimension != unit(column.unit).dimension:
            return outside
        exact = value.to(column.unit).value * 10**column.decimals
        return exact.numerator if exact.denominator == 1 else outside
    if isinstance(value, date) and column.kind == "date":
        return value.toordinal() - EPOCH
    return column.choices.index(value) if isinstance(value, str) and value in column.choices else outside


def _checked(found: Measured, item: model.Item, lowered: SheetPlan, values: Mapping[str, object], body: model.Body) -> Measured:
    """With a finding for each figure outside what its measure declares: a plugin's slip, or a form wider than the measure."""
    findings = []
    for (id, _), name in lowered.columns.items():
        column = next(one for one in lowered.plan.columns if one.name == name)
        number = cell(column, values.get(name))
        if id == item.id and number is not None and not column.low <= number <= column.high:
            words = f"{body.name}的“{column.title}”为{values[name]}，超出规则声明的范围或小数位，不作评定"
            findings.append(Finding(code="measure.range", message=words, place=found.step.place, body=body.id, indicator=item.indicator))
    return evolve(found, findings=(*found.findings, *findings)) if findings else found


def _measured(
    prepared: Prepared, filed: Filed, item: model.Item, body: model.Body, period: Period, whole: Mapping[str, Measured]
) -> Measured:  # fmt: skip
    indicator = prepared.scheme.indicator(item.indicator)
    own = any(share.body == body.id for share in indicator.shares)
    return whole[indicator.id] if body.id == indicator.lead and not own else measure_body(prepared, filed, indicator, body, period)


def _coded(
    prepared: Prepared, sheet: model.Sheet, item: model.Item, found: Measured, given: Mapping[str, Quantity | None], period: Period
) -> Step:  # fmt: skip
    """What a plugin's own code gives for an item: a step with marks, or without and why."""
    assessment, parameters = prepared.items[sheet.id, item.id]
    if found.state != "scored" or found.measurement is None:
        return Step(label=item.title, how=found.step.how)
    progress = None if found.progress is None else Quantity(found.progress * 100, unit("%"))
    facts: dict[str, Quantity | None] = {
        **given, **{name: value for name, value in found.measurement.values.items() if not isinstance(value, str | date)},
        "target": found.target, "full": item.full, "elapsed": Quantity(period.elapsed * 100, unit("%")), "progress": progress,
    }  # fmt: skip
    step = assessment.assess(facts, {name: value for name, value in parameters.items() if isinstance(value, Quantity)})
    if isinstance(step.value, Quantity) and sheet.rounding.when == "item":
        rule = sheet.rounding
        return evolve(step, value=Quantity(round_places(step.value.base, rule.places, rule.mode), MARK))
    return step


def _order(scheme: model.Scheme, body: model.Body) -> int:
    return 1 + next(index for index, one in enumerate(scheme.bodies) if one.id == body.id)


def _events(scheme: model.Scheme, filed: Filed, body: model.Body, period: Period) -> dict[str, Quantity]:
    """How often each kind of event was recorded for the body this year up to *period*; none recorded is none."""
    counts = {event.id: Fraction(0) for event in scheme.events}
    for event in filed.events:
        if event.body == body.id and event.period.year == period.year and event.period <= period and event.kind in counts:
            counts[event.kind] += event.count.value
    return {event.id: Quantity(counts[event.id], unit(event.unit)) for event in scheme.events}


def _late_days(scheme: model.Scheme, filed: Filed, sheet: model.Sheet, body: model.Body, period: Period) -> Quantity | None:
    """By how many days the body's latest row of the period missed the monthly deadline; None where no filing day is given
    or none is due."""
    due = deadline(scheme, "month", period)
    wanted = {item.indicator for item in sheet.items}
    rows: list[Report] = [r for r in filed.reports if r.body == body.id and r.period == period and r.indicator in wanted]
    days = [row.filed for row in rows if row.filed]
    if due is None or not days or len(days) < len(rows):
        return None
    late = max(0, (max(days) - due).days)
    return Quantity(Fraction(late), unit("天"))


# -- out: marks and their reasons -------------------------------------------------------------------------------


def _result(prepared: Prepared, sheet: model.Sheet, lowered: SheetPlan, line: _Line, row: list[int]) -> BodyResult:
    items = tuple(_item(prepared, sheet, item, lowered, line, row) for item in sheet.items if line.cells.get(f"{item.id}.applies", 1))
    adjustments = tuple((one, _adjusted(lowered, sheet, one, line, row)) for one in sheet.adjustments)
    total = lowered.plan.output("total").value(row)
    labels = {one.id: str(lowered.plan.output(one.id).value(row) or "未定") for one in sheet.labels}
    lacking = [item for item in items if item.rounded is None]
    steps = (*(item.step for item in items), *(step for _, step in adjustments if not lacking))
    if not isinstance(total, Fraction):
        reason = "；".join(f"{item.item.title}：{_why(item)}" for item in lacking)
        reason = reason or "；".join(f"{one.title}：{step.how}" for one, step in adjustments if step.value is None)
        reason = reason or lowered.plan.reason(row)
        state: State = "not_filed" if any(item.state == "not_filed" for item in lacking) else "undetermined"
        step = Step(label=sheet.title, how=reason, parts=steps)
        return BodyResult(
            body=line.body, state=state, reason=reason, items=items, adjustments=() if lacking else adjustments, total=None, step=step,
            labels=labels, row=line.cells,
        )  # fmt: skip
    limit = min(
        (one.cap.base if one.cap else Fraction(0) for one, step in adjustments if step.value is True and one.effect != "bar"), default=None
    )
    marks = Quantity(total, MARK)
    step = Step(label=sheet.title, value=marks, how=_how(sheet, limit), place=sheet.place, clause=sheet.source, parts=steps)
    places = {name: lowered.plan.output(name).value(row) for name in _places(sheet)}
    return BodyResult(
        body=line.body, state="scored", reason="", items=items, adjustments=adjustments, total=marks, step=step, labels=labels,
        row=line.cells, barred=bool(lowered.plan.output("barred").value(row)), **{name: int(place) for name, place in places.items() if place is not None},
    )  # fmt: skip


def _places(sheet: model.Sheet) -> Iterator[str]:
    if sheet.ranking is not None:
        yield from ("rank", "group_rank") if sheet.ranking.groups else ("rank",)


def _item(prepared: Prepared, sheet: model.Sheet, item: model.Item, lowered: SheetPlan, line: _Line, row: list[int]) -> ItemResult:
    measured = line.measured[item.id]
    indicator = prepared.scheme.indicator(item.indicator)
    if measured.state != "scored" or measured.measurement is None or (measured.target is None and indicator.target is not None):
        state: State = measured.state if measured.state != "scored" else "undetermined"
        how = "没有分解给该单位的目标" if measured.state == "scored" else measured.step.how
        step = Step(label=item.title, how=how, place=item.place, clause=item.source, parts=(measured.step,))
        return ItemResult(item=item, state=state, marks=None, rounded=None, measured=measured, step=step)
    exact, rounded = (_marks(lowered, f"{name}.{item.id}", row) for name in ("exact", "item"))
    assessment, _ = prepared.items[sheet.id, item.id]
    if isinstance(assessment, FormulaAssessment):
        given = {**line.given, **measured.measurement.values, "target": measured.target, "full": item.full}
        method = evolve(lowered.items[item.id].step(row, _shown(given)), label=assessment.title)
    else:
        method = line.marked[item.id]
    parts = (method, measured.step, *_target_step(indicator, line.body, measured.target))
    step = Step(label=item.title, value=rounded, how=method.how, place=item.place, clause=item.source, parts=parts)
    state = "undetermined" if exact is None else "scored"
    return ItemResult(item=item, state=state, marks=exact, rounded=rounded, measured=measured, step=step)


def _marks(lowered: SheetPlan, output: str, row: list[int]) -> Quantity | None:
    value = lowered.plan.output(output).value(row)
    return Quantity(value, MARK) if isinstance(value, Fraction) else None


def _adjusted(lowered: SheetPlan, sheet: model.Sheet, one: model.Adjustment, line: _Line, row: list[int]) -> Step:
    given: dict[str, object] = dict(line.given)
    for (item, measure), _ in lowered.columns.items():
        found = line.measured[item]
        given[f"{item}.{measure}"] = (
            found.target if measure == "target" else found.measurement.values.get(measure) if found.measurement else None
        )
    step = evolve(lowered.adjustments[one.id].step(row, _shown(given)), label=one.title)
    value = lowered.plan.output(f"adjustment.{one.id}").value(row)
    return evolve(step, value=Quantity(value, MARK) if isinstance(value, Fraction) else step.value)


def _shown(given: Mapping[str, object]) -> dict[str, Quantity | str | None]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
        if isinstance(value, Quantity | str | date)
    }


def _why(item: ItemResult) -> str:
    return "未填报" if item.state == "not_filed" else item.step.how or item.measured.step.how or "未定"


def _target_step(indicator: model.Indicator, body: model.Body, target: Quantity | None) -> Iterator[Step]:
    """Where the target stands in the rules, the words it was printed in, and its clause."""
    if indicator.target is None or target is None:
        return
    share = next((one for one in indicator.shares if one.body == body.id), None)
    printed, place = (share.printed, share.place) if share else (indicator.target.printed, indicator.target.place)
    yield Step(label="目标", value=target, how=f"原文“{printed}”" if printed else "", place=place, clause=indicator.target.source)


def _how(sheet: model.Sheet, limit: Fraction | None) -> str:
    mode = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "去尾", "up": "进一"}[sheet.rounding.mode.value]
    when = "每项" if sheet.rounding.when == "item" else "总分"
    words = f"各项得分之和加减调整；{when}按{mode}保留{sheet.rounding.places}位小数"
    return words + (f"；一票否决，总分不高于{decimal_text(limit)}分" if limit is not None else "")
