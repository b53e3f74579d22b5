"""From a ledger to a publication: the result at a stage, the span before, the months, who is late; the same entries give the same."""

from collections.abc import Sequence
from datetime import date

from ..ledger.book import Book, fold
from ..ledger.calendar import due
from ..ledger.entry import Entry
from ..ledger.standing import figures, filed_at
from ..period import Period, Span
from ..protocols import Stage
from ..scoring.assess import Assessed, assess
from ..scoring.prepare import Prepared
from .publication import Publication

__all__ = ["publication_of", "published_before"]


def publication_of(
    prepared: Prepared, entries: Sequence[Entry], span: Span, issued: date, *, stage: Stage = "verified", number: int = 0, corrects: int = 0,
    reason: str = "", sample: bool = False,
) -> Publication:  # fmt: skip
    """What the entries amount to for *span*, as it would be published on the day *issued*.

    *stage* ``verified`` rests on verified figures and confirmed records only; ``filed`` on the furthest ones there are, and says that
    it is provisional. *number* is the next one of the year where none is given.
    """
    book, scheme = fold(entries), prepared.scheme
    reported = [unit.period for unit in book.histories]
    months = tuple(_assessed(prepared, book, stage, month) for month in _months(span, reported))
    before = span.before.end
    held = _assessed(prepared, book, stage, before) if before.year == scheme.year and before in reported else None
    stands = {unit: figures(history) for unit, history in book.histories.items() if unit.period == span.end}
    return Publication(
        prepared=prepared, assessed=months[-1], span=span, number=number or len(book.published) + 1, issued=issued,
        corrects=corrects, reason=reason, before=held, months=months, due=due(scheme, book, span, issued), figures=stands,
        sample=sample or _invented(entries),
    )  # fmt: skip


def _assessed(prepared: Prepared, book: Book, stage: Stage, period: Period) -> Assessed:
    return assess(prepared, filed_at(book, prepared.scheme, stage, period), period)


def _months(span: Span, reported: Sequence[Period]) -> tuple[Period, ...]:
    """The months that anybody reported for up to the end of the span, and that end itself."""
    return tuple(sorted({one for one in reported if one.year == span.end.year and one <= span.end} | {span.end}))


def _invented(entries: Sequence[Entry]) -> bool:
    """Whether any file that was taken in says in its name that it is made up, or something was published as made up before."""
    names = [str(one.draft.data["name"]) for one in entries if one.draft.kind == "intake"]
    marked = any(one.draft.data.get("sample") for one in entries if one.draft.kind == "published")
    return marked or any("invented" in name or "虚构" in name for name in names)


def published_before(entries: Sequence[Entry], publication: Publication) -> Entry | None:
    """The last publication of the same span, if it was of the same result at the same stage: then there is nothing new."""
    same = [one for one in entries if one.draft.kind == "published" and one.draft.data["span"] == str(publication.span)]
    if not same:
        return None
    data = same[-1].draft.data
    held = (data["fingerprints"]["result"], data["stage"]) == (publication.assessed.fingerprints["result"], publication.assessed.stage)
    return same[-1] if held else None
