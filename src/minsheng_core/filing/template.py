"""Templates out: the workbook that a body fills in for a month, made from the forms of the indicators that it is asked for."""

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from ..errors import ReportError
from ..field import Field, Form
from ..period import Period
from ..scheme import model
from ..scheme.deadlines import deadline
from ..scoring.measure import Filed
from ..scoring.prepare import Prepared
from .entry_cells import expected
from .events import count_field
from .extra import excel_package
from .labels import EVENT_FIELDS
from .stamp import EVENTS, HIDDEN, NAME, stamp_rows
from .template_sheet import Drawn, Sheets
from .whole_file import write_whole

__all__ = ["asked_of", "filing_bodies", "template_name", "template_workbook", "write_templates"]

EVENT_ROWS = 20
SPARE_ROWS = 10  # for a second sample, or a subject that the scheme doesn't list
WORK = frozenset({"report", "funds", "typical_case"})  # processes by which a body may have events to tell


def asked_of(prepared: Prepared, body: model.Body) -> tuple[model.Indicator, ...]:
    """The indicators that a body files: those it has a share in, and as their lead those that nobody has a share in."""
    scheme = prepared.scheme
    return tuple(
        one for one in scheme.indicators
        if not scheme.parts(one.id) and body.id in ({share.body for share in one.shares} or {one.lead})
    )  # fmt: skip


def filing_bodies(prepared: Prepared) -> tuple[model.Body, ...]:
    """The bodies that file an indicator, in the scheme's order."""
    return tuple(body for body in prepared.scheme.bodies if asked_of(prepared, body))


def template_name(body: model.Body, period: Period) -> str:
    """The file's name: ``沩山乡-2023-10.xlsx``."""
    safe = re.sub(r"[^\w（）()·-]+", "_", body.name)
    return f"{safe}-{period}.xlsx"


def template_workbook(prepared: Prepared, body: model.Body, period: Period, before: Filed | None = None) -> bytes:
    """The workbook, always the same bytes for the same arguments. *before* holds the reports of the month before; those that are
    verified are shown beside the new figures.

    Raises ReportError where the period isn't of the scheme's year, the body has nothing to file, or xlsxwriter is absent.
    """
    scheme = prepared.scheme
    if period.year != scheme.year:
        raise ReportError(f"方案是{scheme.year}年的，不能做{period}的模板")
    indicators = asked_of(prepared, body)
    works = any(one.kind in WORK and {body.id, body.kind} & set(one.bodies) for one in scheme.processes)
    if not indicators and not works:
        raise ReportError(f"方案没有要求{body.name}填报任何内容")
    out = io.BytesIO()
    workbook = excel_package("xlsxwriter").Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    first = period.following().day(1)
    workbook.set_properties(
        {"title": f"{body.name}{period}填报表", "author": scheme.title, "created": datetime(first.year, first.month, 1)}
    )
    sheets = Sheets(workbook, body.name, period, deadline(scheme, "month", period))
    drawn: list[Drawn] = [sheets.help()]
    for indicator in indicators:
        form = prepared.plugins.indicator(indicator.kind).form
        drawn.append(
            sheets.table(indicator.id, indicator.title, form, _subjects(indicator, form, body), _verified(before, indicator, body, period))
        )
    if scheme.events and works:
        drawn.append(sheets.table(EVENTS, "事项", _event_form(scheme), ("",) * EVENT_ROWS, None))
    sheets.explain(drawn[0], [(one.title, one.form.fields) for one in drawn[1:]], _said(scheme))
    hidden = workbook.add_worksheet(HIDDEN)
    said = {"scheme": scheme.id, "body": body.name, "period": str(period)}
    for row, pair in enumerate(stamp_rows(said, [one.holds for one in drawn])):
        for column, text in enumerate(pair):
            hidden.write_string(row, column, text)
    sheets.write_options(hidden)
    hidden.very_hidden()
    hidden.protect()
    for number, one in enumerate(drawn, 1):
        quoted = one.sheet.get_name().replace("'", "''")
        workbook.define_name(f"{NAME}{number}", f"='{quoted}'!$A$1")
    drawn[min(1, len(drawn) - 1)].sheet.activate()
    workbook.close()
    return out.getvalue()


def write_templates(prepared: Prepared, period: Period, folder: Path, before: Filed | None = None) -> tuple[Path, ...]:
    """A template for every body that files an indicator, in *folder*, which is made where it isn't there. Gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for body in filing_bodies(prepared):
        path = folder / template_name(body, period)
        write_whole(path, template_workbook(prepared, body, period, before))
        made.append(path)
    return tuple(made)


def _subjects(indicator: model.Indicator, form: Form, body: model.Body) -> tuple[str, ...]:
    """What each row is about: named by the scheme, or empty for a row to spare."""
    if not form.subject:
        return ("",)
    return (*(one.name for one in indicator.subjects_of(body)), *("",) * SPARE_ROWS)


def _verified(before: Filed | None, indicator: model.Indicator, body: model.Body, period: Period) -> dict[str, Any]:
    """Last month's verified values by subject; the row that came last holds."""
    if before is None:
        return {}
    rows = [one for one in before.reports if (one.indicator, one.body, one.period) == (indicator.id, body.id, period.following(-1))]
    return {row.subject: row.values for row in rows if "verified" in (row.stage, before.stage)}


def _event_form(scheme: model.Scheme) -> Form:
    """The columns of events, the kinds of the scheme to choose from, each with its unit."""
    most = max(scheme.events, key=lambda one: one.most)
    places = max(one.decimals for one in scheme.events)
    named = tuple(f"{one.title}（{one.unit}）" for one in scheme.events)
    count = evolve(count_field(most), unit="", decimals=places, title="数量")
    fields = {"event": evolve(EVENT_FIELDS.field("event"), choices=named), "count": count}
    return Form(fields=tuple(fields.get(one.name, one) for one in _evidenced(EVENT_FIELDS.fields)))


def _evidenced(fields: Any) -> list[Field]:
    """An event without document and day doesn't count, so the template asks for them."""
    return [evolve(one, missing=one.missing and one.name not in ("document", "date")) for one in fields]


def _said(scheme: model.Scheme) -> list[str]:
    """What the sheet 填报说明 says of events."""
    return [f"事项“{one.title}”的数量：{expected(count_field(one))}" for one in scheme.events]
