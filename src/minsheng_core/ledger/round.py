"""The round that a figure makes once it is taken in: returned or reviewed, verified, published; and what is recorded beside it.

Each function drafts entries inside the ledger's own transaction, where the rules of stages are asked, and gives back what was
entered. All raise LedgerError, in words for clerks. *at* is the time of the act, aware.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ..errors import LedgerError, QuantityError
from ..finding import Severity
from ..period import Period, Span
from ..protocols import STAGES, Report, Stage
from ..quantity import Quantity
from ..scoring.measure import Filed
from ..scoring.prepare import Prepared
from .book import Book, Version, fold
from .entry import KINDS, Draft, Entry, Kind, Signer, Unit
from .figures import Row, quantity_data, report_of, row_data
from .intake import examine
from .stages import draft_of

if TYPE_CHECKING:
    from .store import Ledger

__all__ = ["close", "confirm", "give_back", "publish", "record", "reject", "sign", "summarise"]


def sign(
    ledger: "Ledger", prepared: Prepared, stage: Stage, unit: Unit, by: Signer, at: datetime, *, set: Mapping[str, str] | None = None,
    reason: str = "", of: int | None = None,
) -> Entry:  # fmt: skip
    """The newest filing of a unit reviewed or verified. *set* gives figures that the signer puts right (field → text, with
    ``subject:field`` where there are several rows), which needs a *reason*; *of* is the entry meant, if another would be wrong."""
    kind: Kind = "reviewed" if stage == "reviewed" else "verified"
    before = STAGES[STAGES.index(stage) - 1]

    def make(entries: Sequence[Entry]) -> list[Draft]:
        book = fold(entries)
        version = _newest(book, unit)
        rows = version.rows.get(before, version.rows["filed"])
        made = _put(prepared, unit, rows, set or {})
        if set:
            _sound(prepared, unit, made)
        data = {"of": version.seq if of is None else of, "rows": made, "reason": reason}
        return [draft_of(prepared.scheme, book, kind, by, at, unit, data)]

    (entry,) = ledger.append(make, [unit])
    return entry


def _newest(book: Book, unit: Unit) -> Version:
    if unit not in book.histories:
        raise LedgerError(f"{unit}还没有填报")
    return book.histories[unit].current


def _put(prepared: Prepared, unit: Unit, rows: Sequence[Row], given: Mapping[str, str]) -> list[Row]:
    """The rows with those figures instead, read as a clerk's cell is."""
    form = prepared.plugins.indicator(prepared.scheme.indicator(unit.indicator).kind).form
    made = [dict(row) for row in rows]
    for key, text in given.items():
        subject, _, name = key.rpartition(":")
        field = next((one for one in form.fields if name in (one.name, one.title)), None)
        chosen = [row for row in made if row["subject"] == subject or (not subject and len(made) == 1)]
        if field is None or len(chosen) != 1:
            known = "、".join(one.title for one in form.fields)
            raise LedgerError(f"不知道“{key}”指哪一格；可填：{known}" + ("，前面加“对象:”" if len(made) > 1 else ""))
        (row,) = chosen
        try:
            values = {**report_of(unit, row).values, field.name: field.read(text)}
        except QuantityError as error:
            raise LedgerError(str(error)) from None
        changed = row_data(
            Report(indicator=unit.indicator, body=unit.body, period=unit.period, values=values, place=report_of(unit, row).place)
        )
        row["values"] = {**row["values"], field.name: changed["values"][field.name]}
    return list(made)


def _sound(prepared: Prepared, unit: Unit, rows: Sequence[Row]) -> None:
    """A figure that was put right has to fit the others of its row."""
    found = examine(prepared, Book(), Filed(reports=tuple(report_of(unit, row) for row in rows)))
    wrong = "；".join(one.message for one in found if one.severity is Severity.ERROR)
    if wrong:
        raise LedgerError(f"改动后仍有错误：{wrong}")


def give_back(
    ledger: "Ledger", prepared: Prepared, unit: Unit, by: Signer, at: datetime, reason: str, *, of: int | None = None
) -> Entry:  # fmt: skip
    """The newest filing of a unit returned to its body, with the reason; *of* is the entry meant, if another would be wrong."""

    def make(entries: Sequence[Entry]) -> list[Draft]:
        book = fold(entries)
        meant = _newest(book, unit).seq if of is None else of
        return [draft_of(prepared.scheme, book, "returned", by, at, unit, {"of": meant, "reason": reason})]

    (entry,) = ledger.append(make, [unit])
    return entry


def record(
    ledger: "Ledger", prepared: Prepared, event: str, body: str, count: Quantity, by: Signer, at: datetime, *, document: str, day: date,
    period: Period | None = None, deadline: date | None = None, note: str = "", files: Mapping[str, bytes] | None = None,
) -> Entry:  # fmt: skip
    """Something beside the figures that marks may rest on: an event of the scheme, with document and day; *files* are its evidence.

    It counts provisionally at once, and for final marks when somebody else has confirmed it.
    """
    data = {
        "event": event, "body": body, "count": quantity_data(count), "document": document, "date": day.isoformat(), "note": note,
        "period": str(period or Period(day.year, day.month)), "deadline": deadline.isoformat() if deadline else "",
        "attachments": _hashes(files),
    }  # fmt: skip
    return _single(ledger, prepared, "record", by, at, data, files)


def close(
    ledger: "Ledger", prepared: Prepared, of: int, by: Signer, at: datetime, *, document: str, day: date, note: str = "",
    files: Mapping[str, bytes] | None = None,
) -> Entry:  # fmt: skip
    """A supervision finding put right, with evidence."""
    data = {"of": of, "document": document, "date": day.isoformat(), "note": note, "attachments": _hashes(files)}
    return _single(ledger, prepared, "closed", by, at, data, files)


def confirm(ledger: "Ledger", prepared: Prepared, of: int, by: Signer, at: datetime) -> Entry:
    """A record confirmed by whoever verifies: it counts for final marks."""
    return _single(ledger, prepared, "verified", by, at, {"of": of, "reason": ""})


def reject(ledger: "Ledger", prepared: Prepared, of: int, by: Signer, at: datetime, reason: str) -> Entry:
    """A record that no longer counts, with the reason."""
    return _single(ledger, prepared, "returned", by, at, {"of": of, "reason": reason})


def summarise(
    ledger: "Ledger", prepared: Prepared, body: str, span: Span, text: str, by: Signer, at: datetime, files: Mapping[str, bytes] | None = None
) -> Entry:  # fmt: skip
    """A body's quarterly summary (季总结)."""
    return _single(
        ledger, prepared, "summary", by, at, {"body": body, "span": str(span), "text": text, "attachments": _hashes(files)}, files
    )


def publish(
    ledger: "Ledger", prepared: Prepared, span: Span, stage: Stage, fingerprints: Mapping[str, str], outputs: Mapping[str, bytes],
    by: Signer, at: datetime, *, number: int, corrects: int = 0, reason: str = "", rests_on: int = 0, sample: bool = False,
) -> Entry:  # fmt: skip
    """A publication entered: its number in the year, the fingerprints of the result, the hash of each file, and the last entry that
    it rests on (others may have written since it was read). It isn't made before any of those."""
    data = {
        "span": str(span), "stage": stage, "number": number, "rests_on": rests_on, "fingerprints": dict(fingerprints), "corrects": corrects, "reason": reason,
        "sample": sample, "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(outputs.items())},
    }  # fmt: skip

    def make(entries: Sequence[Entry]) -> list[Draft]:
        draft = draft_of(prepared.scheme, fold(entries), "published", by, at, None, data)
        later = next((one for one in entries[:rests_on] if one.draft.at > draft.at), None)
        if later is not None:
            raise LedgerError(f"发布的时间{draft.when}早于它所依据的第{later.seq}条{KINDS[later.draft.kind]}的时间{later.draft.when}")
        return [draft]

    (entry,) = ledger.append(make, None)
    return entry


def _single(
    ledger: "Ledger", prepared: Prepared, kind: Kind, by: Signer, at: datetime, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None
) -> Entry:  # fmt: skip
    (entry,) = ledger.append(lambda entries: [draft_of(prepared.scheme, fold(entries), kind, by, at, None, data)], (), files)
    return entry


def _hashes(files: Mapping[str, bytes] | None) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in (files or {}).values()]
