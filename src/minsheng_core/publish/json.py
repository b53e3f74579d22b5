"""A result as JSON, version ``minsheng.assessment/1``: exact numbers are strings, shapes are in docs/json.md."""

from datetime import date
from fractions import Fraction
from typing import Any

from ..explanation import Step
from ..finding import Finding
from ..quantity import Quantity, decimal_text
from ..scheme import model
from ..scoring.measure import Measured
from ..scoring.result import Assessed, BodyResult, ItemResult
from .text import assumptions

__all__ = ["FORMAT", "assessment_json", "explanation_json", "finding_json", "step_json"]

FORMAT = "minsheng.assessment/1"


def assessment_json(assessed: Assessed, *, steps: bool = False) -> dict[str, Any]:
    """The result as plain data; with *steps* each body carries its explanation tree."""
    scheme = assessed.scheme
    return {
        "format": FORMAT,
        "scheme": {"id": scheme.id, "title": scheme.title, "year": scheme.year},
        "period": str(assessed.period),
        "stage": assessed.stage,
        "provisional": assessed.provisional,
        "fingerprints": dict(assessed.fingerprints),
        "assumptions": [
            {"sheet": sheet.id, "rule": getattr(rule, "id", type(rule).__name__), "reason": rule.reason, "compare": list(rule.compare)}
            for sheet, _, rule in assumptions(scheme)
        ],
        "indicators": [{"id": id, **_measured(scheme, measured)} for id, measured in assessed.indicators.items()],
        "projects": [
            {
                "id": one.project.id,
                "title": one.project.title,
                "reached": list(one.reached),
                "short": list(one.short),
                "open": list(one.open),
            }
            for one in assessed.projects
        ],
        "sheets": [
            {
                "id": one.sheet.id,
                "title": one.sheet.title,
                "full": quantity(one.sheet.full),
                "bodies": [_body(scheme, body, steps) for body in one.bodies],
            }
            for one in assessed.sheets
        ],
        "findings": [finding_json(one) for one in assessed.findings],
    }


def explanation_json(assessed: Assessed, body: model.Body) -> dict[str, Any]:
    """Why a body has its marks: on each sheet it stands on, with what was found in its reports."""
    return {
        "format": "minsheng.explanation/1",
        "body": body.id,
        "name": body.name,
        "period": str(assessed.period),
        "sheets": [
            {"sheet": sheet.id, "rank": one.rank, "state": one.state, "explanation": step_json(one.step)}
            for sheet, one in assessed.body(body.id)
        ],
        "findings": [finding_json(one) for one in assessed.findings if one.body == body.id],
    }


def _body(scheme: model.Scheme, result: BodyResult, steps: bool) -> dict[str, Any]:
    data = {
        "body": {"id": result.body.id, "name": result.body.name, "kind": result.body.kind},
        "state": result.state,
        "reason": result.reason,
        "rank": result.rank,
        "group_rank": result.group_rank,
        "barred": result.barred,
        "total": quantity(result.total),
        "labels": dict(result.labels),
        "items": [_item(scheme, item) for item in result.items],
        "adjustments": [{"id": one.id, "kind": one.kind, "value": value(step.value)} for one, step in result.adjustments],
    }
    return data | ({"explanation": step_json(result.step)} if steps else {})


def _item(scheme: model.Scheme, item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.item.id,
        "state": item.state,
        "marks": quantity(item.rounded),
        "marks_exact": None if item.marks is None else fraction(item.marks.value),
        "full": quantity(item.item.full),
        "source": item.item.source,
        "measured": _measured(scheme, item.measured),
    }


def _measured(scheme: model.Scheme, one: Measured) -> dict[str, Any]:
    return {
        "indicator": one.indicator,
        "title": scheme.indicator(one.indicator).title,
        "state": one.state,
        "target": quantity(one.target),
        "actual": quantity(one.actual),
        "completion": None if one.completion is None else fraction(one.completion),
        "gap": quantity(one.gap),
        "progress": None if one.progress is None else fraction(one.progress),
        "reason": "" if one.state == "scored" else one.step.how,
        "details": plain(dict(one.measurement.details)) if one.measurement else {},
    }


def step_json(step: Step) -> dict[str, Any]:
    """One step of an explanation, and those below it."""
    return {
        "label": step.label,
        "value": value(step.value),
        "how": step.how,
        "place": str(step.place) if step.place else None,
        "clause": step.clause or None,
        "parts": [step_json(part) for part in step.parts],
    }


def finding_json(one: Finding) -> dict[str, Any]:
    """One finding."""
    place: dict[str, Any] | None = None
    if one.place:
        place = {"file": one.place.file, "line": one.place.line, "column": one.place.column}
        place |= {"sheet": one.place.sheet} if one.place.sheet else {}
    return {
        "code": one.code, "severity": one.severity.value, "message": one.message, "place": place,
        "body": one.body or None, "indicator": one.indicator or None, "clause": one.clause or None,
    }  # fmt: skip


def value(one: Quantity | bool | str | None) -> Any:
    """A step's value."""
    return quantity(one) if isinstance(one, Quantity) else one


def quantity(one: Quantity | None) -> dict[str, str] | None:
    """``{"value": "32929", "unit": "人"}``, the value exact."""
    return None if one is None else {"value": fraction(one.value), "unit": one.unit.symbol}


def fraction(one: Fraction) -> str:
    """An exact number: ``0.95``, or ``2/3`` where no decimal is exact."""
    return decimal_text(one)


def plain(data: Any) -> Any:
    """A plugin's details as JSON knows it."""
    if isinstance(data, dict):
        return {str(key): plain(one) for key, one in data.items()}
    if isinstance(data, list | tuple):
        return [plain(one) for one in data]
    if isinstance(data, Quantity):
        return quantity(data)
    if isinstance(data, Fraction):
        return fraction(data)
    return str(data) if isinstance(data, date) else data
