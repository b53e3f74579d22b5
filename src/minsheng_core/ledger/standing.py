"""What a ledger says now, as reports that can be scored: the figures at a stage, and the records that count."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from attrs import evolve

from ..finding import Place
from ..period import Period
from ..protocols import STAGES, Report, Stage
from ..scheme import model
from ..scoring.measure import Event, Filed
from .book import Book, History, Recorded
from .entry import Unit
from .figures import quantity_of, report_of

__all__ = ["figures", "filed_at"]


def filed_at(book: Book, scheme: model.Scheme, stage: Stage, period: Period) -> Filed:
    """Everything up to *period* that may be scored at *stage*.

    ``verified``: verified figures and confirmed records only; these give final marks. ``filed``: of each unit the figures that have
    come furthest, whatever their stage, and every record that was not rejected; the marks are provisional.
    """
    reports = tuple(
        report
        for unit, history in sorted(book.histories.items(), key=lambda pair: str(pair[0]))
        if unit.period <= period
        for report in _reports(unit, history, stage)
    )
    events = tuple(event for one in book.records.values() if _counts(one, stage) for event in _events(one, scheme, period))
    return Filed(reports=reports, events=events, stage=stage)


def _reports(unit: Unit, history: History, stage: Stage) -> Iterator[Report]:
    version = history.standing(stage)
    if version is None:
        return
    shown: Stage = stage if stage == "verified" else version.stage
    for row in version.rows[shown]:
        yield evolve(report_of(unit, row, shown), filed=history.began(version))


def figures(history: History) -> Mapping[Stage, tuple[Report, ...]]:
    """The figures of the version that stands, at each stage that it has reached (填报数、审核数、核验数)."""
    version = history.standing("filed") or history.current
    return {stage: tuple(report_of(history.unit, row, stage) for row in version.rows[stage]) for stage in STAGES if stage in version.rows}


def _counts(one: Recorded, stage: Stage) -> bool:
    return one.rejected is None and (stage != "verified" or one.confirmed is not None)


def _events(one: Recorded, scheme: model.Scheme, period: Period) -> Iterator[Event]:
    """The record as it counts at the end of *period*: once, in its own month; or as long as it is overdue."""
    data = one.entry.draft.data
    kind = next((event for event in scheme.events if event.id == data["event"]), None)
    month = Period.read(data["period"])
    if kind is None or month > period:
        return
    if kind.counts == "overdue":
        last = period.following().day(1) - timedelta(days=1)
        closed = one.closed is not None and date.fromisoformat(one.closed.draft.data["date"]) <= last
        if closed or date.fromisoformat(data["deadline"]) > last:
            return
    place = Place(f"台账第{one.entry.seq}条")
    yield Event(kind=kind.id, body=data["body"], period=month, count=quantity_of(data["count"]), place=place, document=data["document"])
