"""A publication as JSON, version ``minsheng.publication/1``; its shape is published as a JSON Schema beside that of a result."""

import json
from importlib.resources import files
from typing import Any

from ..ledger.calendar import Due
from ..ledger.figures import row_data
from .json import assessment_json, quantity
from .publication import Publication, Reach, changed, reaches

__all__ = ["FORMAT", "due_json", "publication_json", "schema"]

FORMAT = "minsheng.publication/1"


def publication_json(publication: Publication) -> dict[str, Any]:
    """The publication as plain data: exact numbers as strings, explanations included. The same one gives the same data."""
    assessed = publication.assessed
    return {
        "format": FORMAT, "number": publication.number, "issued": publication.issued.isoformat(), "issuer": publication.issuer,
        "span": str(publication.span), "title": publication.title, "corrects": publication.corrects or None, "reason": publication.reason,
        "sample": publication.sample, "assessment": assessment_json(assessed, steps=True),
        "before": str(publication.before.period) if publication.before else None,
        "standings": [
            {
                "sheet": sheet.sheet.id, "body": one.body.id, "change": changed(publication, sheet.sheet.id, one),
                "reaches": [_reach(reach) for reach in reaches(publication, sheet, one)],
            }
            for sheet in assessed.sheets for one in sheet.bodies
        ],
        "months": [
            {
                "period": str(month.period),
                "sheets": {sheet.sheet.id: {one.body.id: {"total": quantity(one.total), "rank": one.rank} for one in sheet.bodies} for sheet in month.sheets},
            }
            for month in publication.months
        ],
        "due": [due_json(one) for one in publication.due],
        "figures": [
            {
                "indicator": unit.indicator, "body": unit.body, "period": str(unit.period),
                "stages": {stage: [{"subject": row.subject, "values": row_data(row)["values"]} for row in rows] for stage, rows in stages.items()},
            }
            for unit, stages in sorted(publication.figures.items())
        ],
    }  # fmt: skip


def _reach(one: Reach) -> dict[str, Any]:
    return {"item": one.item.id, "more": quantity(one.more), "now": quantity(one.now), "then": quantity(one.then), "full": one.full}


def due_json(one: Due) -> dict[str, Any]:
    """One report that was due."""
    return {
        "body": one.body, "indicator": one.indicator or None, "period": str(one.span), "title": one.title, "state": one.state,
        "deadline": one.deadline.isoformat() if one.deadline else None, "filed": one.filed.isoformat() if one.filed else None,
        "late_days": one.late, "waits_for": one.waits or None, "reason": one.reason,
    }  # fmt: skip


def schema(format: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``minsheng.assessment/1`` or ``minsheng.publication/1``. Raises KeyError for another."""
    known = {"minsheng.assessment/1": "assessment.json", FORMAT: "publication.json"}
    text = files("minsheng_core.publish").joinpath("schemas", known[format]).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
