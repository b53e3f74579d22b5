"""Taking a clerk's file in: what is sound is entered, what has errors goes back, what is known already changes nothing."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ..errors import LedgerError
from ..finding import Finding, Severity
from ..protocols import Report
from ..scoring.measure import Event, Filed, measure_body
from ..scoring.prepare import Prepared
from .book import Book, fold
from .entry import Draft, Entry, Signer, Unit
from .figures import Row, differences, quantity_data, quantity_of, row_data, same_figures, same_thing
from .stages import draft_of
from .standing import filed_at

if TYPE_CHECKING:
    from .store import Ledger

__all__ = ["Taken", "examine", "take_in"]


@frozen(kw_only=True)
class Taken:
    """What came of taking a file in: *entries* made, units *unchanged* since they were filed, units *refused* and events
    *not_recorded*, each with why."""

    entries: tuple[Entry, ...]
    unchanged: tuple[Unit, ...] = ()
    refused: Mapping[Unit, str]
    not_recorded: Mapping[Event, str]


def take_in(
    ledger: "Ledger", prepared: Prepared, filed: Filed, name: str, content: bytes, by: Signer, at: datetime, *, correct: str = ""
) -> Taken:  # fmt: skip
    """A clerk's file, as read into *filed*, entered: the file itself by its hash, and each unit it reports.

    *filed* carries everything that was found in it (see `examine`). A unit with an error is not entered: the clerk gets it back. Taken in again, the same figures change nothing. Other figures for a
    unit that stands are refused, unless *correct* says why they are right.
    """
    units = _units(filed.reports, name)
    broken = _broken(filed)
    refused: dict[Unit, str] = {}
    unchanged: list[Unit] = []
    not_recorded: dict[Event, str] = {}

    def make(entries: Sequence[Entry]) -> list[Draft]:
        refused.clear()
        not_recorded.clear()
        unchanged.clear()
        refused.update(broken)
        book = fold(entries)
        drafts = [draft for unit, rows in units.items() if unit not in broken and (draft := one(book, unit, rows))]
        told: list[Mapping[str, object]] = []
        drafts += [draft for event in filed.events if (draft := happened(book, event, told))]
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in book.hashes:
            return drafts
        counts = {word: sum(one.severity.value == word for one in filed.findings) for word in ("error", "warning", "note")}
        said = {"name": name, "sha256": sha256, "size": len(content), "findings": counts, "units": [str(unit) for unit in units]}
        return [draft_of(prepared.scheme, book, "intake", by, at, None, said), *drafts]

    def one(book: Book, unit: Unit, rows: list[Row]) -> Draft | None:
        history = book.histories.get(unit)
        last = history.current if history else None
        if last and not last.returned and same_figures(last.rows["filed"], rows):
            unchanged.append(unit)
            return None
        reason = correct if last else ""
        data = {"rows": rows, "file": name, "corrects": last.seq if last else 0, "reason": reason}
        try:
            return draft_of(prepared.scheme, book, "filed", by, at, unit, data)
        except LedgerError as error:
            form = prepared.plugins.indicator(prepared.scheme.indicator(unit.indicator).kind).form
            titles = {field.name: field.title for field in form.fields}
            told = "；".join(differences(last.rows["filed"], rows, titles)) if last and not correct else ""
            refused[unit] = f"{error}（{told}）" if told else str(error)
            return None

    def happened(book: Book, event: Event, told: list[Mapping[str, object]]) -> Draft | None:
        said = {
            "event": event.kind, "body": event.body, "count": quantity_data(event.count), "document": event.document, "note": event.note,
            "date": event.day.isoformat() if event.day else "", "period": str(event.period),
            "deadline": event.deadline.isoformat() if event.deadline else "", "attachments": [],
        }  # fmt: skip
        if any(_same_record(one.entry.draft.data, said) for one in book.records.values()):
            return None
        if any(same_thing(one, said) for one in told):
            not_recorded[event] = f"本文件中已有一行同单位、同事项、同文号（{event.document}）、同日期，请合并为一行"
            return None
        try:
            draft = draft_of(prepared.scheme, book, "record", by, at, None, said)
        except LedgerError as error:
            not_recorded[event] = str(error)
            return None
        told.append(said)
        return draft

    made = ledger.append(make, units, {name: content})
    return Taken(entries=made, unchanged=tuple(unchanged), refused=dict(refused), not_recorded=dict(not_recorded))


def _units(reports: Iterable[Report], name: str = "") -> dict[Unit, list[Row]]:
    """The rows by unit, each in the file of that *name*, wherever it lay."""
    units: dict[Unit, list[Row]] = {}
    for report in reports:
        units.setdefault(Unit(report.indicator, report.body, report.period), []).append(
            row_data(evolve(report, place=evolve(report.place, file=name)))
        )
    return units


def examine(prepared: Prepared, book: Book, filed: Filed) -> tuple[Finding, ...]:
    """What the plugins find in each unit of *filed*, held against what stands in the book for the months before."""
    found: dict[Finding, None] = {}
    for unit in _units(filed.reports):
        scheme = prepared.scheme
        indicator, body = scheme.indicator(unit.indicator), scheme.body(unit.body)
        mine = {one: held for one, held in book.histories.items() if (one.indicator, one.body) == (unit.indicator, unit.body)}
        before = filed_at(Book(histories=mine), scheme, "filed", unit.period.following(-1))
        reports = (*before.reports, *filed.reports)
        measured = measure_body(prepared, Filed(reports=reports, refused=filed.refused), indicator, body, unit.period)
        found |= dict.fromkeys(measured.findings)
    return tuple(found)


def _broken(filed: Filed) -> dict[Unit, str]:
    """Units with an error in them, and what it is."""
    found = {Unit(one.indicator, one.body, one.period): "有读不出的格子" for one in filed.refused}
    errors = [one for one in filed.findings if one.severity is Severity.ERROR]
    for unit in _units(filed.reports):
        mine = [one.message for one in errors if (one.indicator, one.body) == (unit.indicator, unit.body)]
        if mine:
            found[unit] = "；".join(mine)
    return found


def _same_record(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records say the same: a file taken in twice tells it twice."""
    counts = [(quantity_of(data["count"]), data["deadline"]) for data in (one, other)]
    return same_thing(one, other) and counts[0] == counts[1]
