"""The calendar: who owes which report by which day, who is late and by how many days, and what waits for whom."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from attrs import frozen

from ..period import Period, Span
from ..scheme import model
from ..scheme.deadlines import deadline, owed
from .book import Book, History
from .entry import Entry, Unit

__all__ = ["Due", "due", "taken_in_late"]

State = Literal["missing", "returned", "filed", "reviewed", "verified"]


@frozen(kw_only=True)
class Due:
    """One report that was due. *filed* is the day it came in, None while it is missing; *late* how many days after *deadline*, or up
    to today while it is missing or returned. *waits* is the body that has to act next, empty where nobody has."""

    body: str
    indicator: str  # empty for a summary
    span: Span
    title: str
    deadline: date | None
    state: State
    filed: date | None
    late: int
    waits: str
    reason: str = ""


def due(scheme: model.Scheme, book: Book, span: Span, today: date) -> tuple[Due, ...]:
    """Everything that was due for *span* as it stands *today*, in the scheme's order: for a month its reports, for a quarter or year
    also the reports of its months and the quarterly summaries; of the time before the paper was issued only what came all the same."""
    return (*_monthly(scheme, book, span, today), *_summaries(scheme, book, span, today))


def taken_in_late(scheme: model.Scheme, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The filings among *entries* that say a day within the deadline of their month, yet were taken in after it: the day counts that
    they say, and whoever signs should know."""
    return tuple(one for one in entries if one.draft.kind == "filed" and one.draft.unit and _backdated(scheme, one, one.draft.unit.period))


def _backdated(scheme: model.Scheme, entry: Entry, month: Period) -> bool:
    by = deadline(scheme, "month", month)
    said = max((row["filed"] for row in entry.draft.data["rows"]), default="")
    return by is not None and said != "" and date.fromisoformat(said) <= by < entry.draft.day


def _monthly(scheme: model.Scheme, book: Book, span: Span, today: date) -> Iterator[Due]:
    for month in span.months:
        by = deadline(scheme, "month", month)
        for indicator in scheme.indicators:
            if scheme.parts(indicator.id):
                continue  # the sum of its parts: nobody files it
            for body in [share.body for share in indicator.shares] or [indicator.lead]:
                history = book.histories.get(Unit(indicator.id, body, month))
                if history is None and not owed(scheme, month):
                    continue
                yield _report(scheme, indicator, body, month, by, history, today)


def _report(
    scheme: model.Scheme, indicator: model.Indicator, body: str, month: Period, by: date | None, history: History | None, today: date
) -> Due:
    """A unit as it stands: its state, and whom it waits for."""
    filed, state, waits, reason = None, "missing", body, ""
    if history is not None:
        state, filed = history.current.state, history.came
        verifier = next((one.bodies[0] for one in scheme.processes if one.kind == "stage" and one.id == "verified" and one.bodies), "")
        waits = {"filed": indicator.lead, "reviewed": verifier, "verified": "", "returned": body}[state]
        reason = str(history.current.returned.draft.data["reason"]) if history.current.returned else ""
    end = today if filed is None else filed
    late = max(0, (end - by).days) if by else 0
    return Due(
        body=body, indicator=indicator.id, span=Span(kind="month", end=month), title=indicator.title, deadline=by, filed=filed, late=late,
        state=state, waits=waits, reason=reason,  # type: ignore[arg-type] # the states of a version, or missing
    )  # fmt: skip


def _summaries(scheme: model.Scheme, book: Book, span: Span, today: date) -> Iterator[Due]:
    """The quarterly summaries of the quarters that end in *span*: of every body that has one to make."""
    process = next((one for one in scheme.processes if one.kind == "report" and one.every == "quarter"), None)
    if process is None or span.kind == "month":
        return
    for month in span.months:
        if month.month % 3 or not owed(scheme, month):
            continue
        quarter = Span(kind="quarter", end=month)
        by = deadline(scheme, "quarter", month)
        for body in scheme.bodies:
            if body.id in process.bodies or body.kind in process.bodies:
                entry = _summary(book, body.id, quarter)
                filed = entry.draft.day if entry else None
                late = max(0, ((filed or today) - by).days) if by else 0
                yield Due(
                    body=body.id, indicator="", span=quarter, title=process.title, deadline=by, filed=filed, late=late,
                    state="filed" if entry else "missing", waits="" if entry else body.id,
                )  # fmt: skip


def _summary(book: Book, body: str, quarter: Span) -> Entry | None:
    return next((one for one in book.summaries if (one.draft.data["body"], one.draft.data["span"]) == (body, str(quarter))), None)
