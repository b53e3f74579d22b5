"""Rows of events (事项): typical cases, funds, findings of supervision; each with its own unit, and with document and day."""

from datetime import date
from fractions import Fraction

from ..errors import QuantityError
from ..field import Cell, Field
from ..quantity import Quantity
from ..scheme import model
from ..scoring.measure import Event
from .labels import plain
from .owner import Owner
from .rows import SheetRows

__all__ = ["count_field", "read_events"]


def count_field(kind: model.Event) -> Field:
    """What a count of that kind of event may be."""
    most = Fraction(kind.most)
    return Field(name="count", title="数量", unit=kind.unit, minimum=Fraction(0), maximum=most, decimals=kind.decimals)


def read_events(sheet: SheetRows, events: tuple[model.Event, ...], owner: Owner) -> tuple[Event, ...]:
    """The events of a sheet; a row that can't be counted is a finding."""
    kinds = {plain(name): event for event in events for name in (event.id, event.title, f"{event.title}（{event.unit}）")}
    read = []
    for row in sheet.rows():
        body, period = sheet.body(row), sheet.period(row)
        values = sheet.values(row, body.id if body else "", "")
        if body is None or period is None or values is None or not owner.agrees(sheet, row, body, period):
            continue
        kind = kinds.get(plain(str(values["event"])))
        if kind is None:
            known = "、".join(event.title for event in events)
            sheet.find("report.unknown_event", f"不认识的事件“{values['event']}”；方案中有：{known}", sheet.at(row, "event"))
            continue
        if not values["document"] or not values["date"]:
            words = f"{body.name}的“{kind.title}”没有文号或日期，未计入"
            sheet.find("report.no_evidence", words, sheet.at(row, "document" if not values["document"] else "date"), body=body.id)
            continue
        try:
            count, _ = sheet.read(count_field(kind), sheet.cell(row, "count"))
        except QuantityError as error:
            sheet.find("report.cell", f"“{kind.title}”的{error}", sheet.at(row, "count"), body=body.id)
            continue
        assert isinstance(count, Quantity)
        read.append(
            Event(
                kind=kind.id, body=body.id, period=period, count=count, place=row.place, document=str(values["document"]),
                day=_day(values["date"]), deadline=_day(values["deadline"]), note=str(values["note"] or ""),
            )
        )  # fmt: skip
    return tuple(read)


def _day(value: Cell) -> date | None:
    return value if isinstance(value, date) else None
