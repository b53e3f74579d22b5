"""What the entries of a ledger amount to: the history of each filing, records with their closing, summaries, publications. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from attrs import evolve, field, frozen

from ..protocols import STAGES, Stage
from .entry import Entry, Unit
from .figures import Row

__all__ = ["Book", "History", "Recorded", "Version", "fold"]

State = Literal["filed", "reviewed", "verified", "returned"]


@frozen(kw_only=True)
class Version:
    """One filing of a unit. *rows* holds its figures as they stood at each stage it has reached (填报数、审核数、核验数)."""

    seq: int
    state: State
    rows: Mapping[Stage, tuple[Row, ...]]
    signed: tuple[tuple[Stage, Entry], ...]
    returned: Entry | None = None

    @property
    def stage(self) -> Stage:
        """The furthest stage it has reached, returned or not."""
        return max(self.rows, key=STAGES.index)

    @property
    def last(self) -> Entry:
        """What was done with it last."""
        return self.returned or self.signed[-1][1]


@frozen(kw_only=True)
class History:
    """All filings of one unit, the oldest first."""

    unit: Unit
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        """The newest one."""
        return self.versions[-1]

    def standing(self, stage: Stage) -> Version | None:
        """The newest version that has reached *stage* and was not returned: a correction only counts once it has come as far."""
        return next((one for one in reversed(self.versions) if stage in one.rows and one.state != "returned"), None)

    def began(self, version: Version) -> date:
        """The day on which *version* was filed, for who is late. A correction counts from what it corrects; after a return only from
        a verified version before it, and otherwise anew, for what was returned has to come again."""
        first, before = version, [one for one in self.versions if one.seq < version.seq]
        while before:
            if before[-1].state == "returned":
                before = [one for one in before if one.state == "verified"]
            first, before = (before[-1], before[:-1]) if before else (first, [])
        days = [date.fromisoformat(row["filed"]) for row in first.rows["filed"] if row["filed"]]
        return max(days, default=first.signed[0][1].draft.day)

    @property
    def came(self) -> date | None:
        """The day on which what was due came in; None while it was returned and nothing verified stands."""
        verified = self.standing("verified")
        stands = self.current if self.current.state != "returned" else verified
        return None if stands is None else self.began(stands)

    def signers(self) -> Mapping[str, Stage]:
        """Who has signed anything of this unit, by person, and at which stage first."""
        return {entry.draft.by.person: stage for one in reversed(self.versions) for stage, entry in reversed(one.signed)}


@frozen(kw_only=True)
class Recorded:
    """A record (funds, a supervision finding, a visit, a case, an incident) with what became of it."""

    entry: Entry
    closed: Entry | None = None
    confirmed: Entry | None = None
    rejected: Entry | None = None


@frozen(kw_only=True)
class Book:
    """Everything that has been said, in order. *hashes* are of the files taken in."""

    histories: Mapping[Unit, History] = field(factory=dict)
    records: Mapping[int, Recorded] = field(factory=dict)
    summaries: tuple[Entry, ...] = ()
    published: tuple[Entry, ...] = ()
    hashes: frozenset[str] = frozenset()


def _versions(versions: tuple[Version, ...], entry: Entry) -> tuple[Version, ...]:
    kind, data = entry.draft.kind, entry.draft.data
    if kind == "filed":
        return (*versions, Version(seq=entry.seq, state="filed", rows={"filed": tuple(data["rows"])}, signed=(("filed", entry),)))
    *earlier, last = versions
    if kind == "returned":
        return (*earlier, evolve(last, state="returned", returned=entry))
    stage: Stage = "reviewed" if kind == "reviewed" else "verified"
    rows = {**last.rows, stage: tuple(data["rows"])}
    return (*earlier, evolve(last, state=stage, rows=rows, signed=(*last.signed, (stage, entry))))


MARKS = {"closed": "closed", "verified": "confirmed", "returned": "rejected"}  # what an entry without a unit does to a record


def fold(entries: Iterable[Entry], onto: Book | None = None) -> Book:
    """The book with those entries added, which the rules of stages have allowed. The entries of some units alone give the part of
    the book that is about them."""
    book = onto or Book()
    histories, records, hashes = dict(book.histories), dict(book.records), set(book.hashes)
    summaries, published = list(book.summaries), list(book.published)
    for entry in entries:
        kind, unit, data = entry.draft.kind, entry.draft.unit, entry.draft.data
        if unit is not None:
            versions = histories[unit].versions if unit in histories else ()
            histories[unit] = History(unit=unit, versions=_versions(versions, entry))
        elif kind in MARKS:
            records[data["of"]] = evolve(records[data["of"]], **{MARKS[kind]: entry})
        elif kind == "record":
            records[entry.seq] = Recorded(entry=entry)
        elif kind == "intake":
            hashes.add(data["sha256"])
        else:
            (summaries if kind == "summary" else published).append(entry)
    return Book(
        histories=histories, records=records, summaries=tuple(summaries), published=tuple(published), hashes=frozenset(hashes)
    )  # fmt: skip
