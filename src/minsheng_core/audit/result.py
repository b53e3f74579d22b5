"""What an audit says: a verdict on each promise of each rule, with the case or the proof that it rests on."""

from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from ..finding import Place, Severity
from ..scheme.facts import Exemption
from .promise import Promise, Said

__all__ = ["Audit", "Case", "Certificate", "Difference", "Line", "Result", "Verdict"]


class Verdict(Enum):
    """Never merged: what is proved, what is refuted, what merely wasn't refuted, what can't be said, and where two engines disagree."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_REFUTED = "not_refuted"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"

    @property
    def words(self) -> Said:
        """The word for people."""
        return {
            "proved": ("已证明", "proved"), "refuted": ("已推翻", "refuted"), "not_refuted": ("未推翻（不是证明）", "not refuted (no proof)"),
            "unknown": ("未定", "unknown"), "conflict": ("引擎结论矛盾", "conflict"),
        }[self.value]  # fmt: skip


@frozen(kw_only=True)
class Line:
    """One line of a case: a figure that came in, or a *result*, by row of the case; *changed* where the rows differ in it."""

    name: str
    title: str
    values: tuple[str, ...]
    changed: bool = False
    result: bool = False


@frozen(kw_only=True)
class Case:
    """One row, or several that are held against each other: *rows* as a plan reads them, *lines* for people.

    *heads* are what the rows are called, where they are several; *replay* is a command that shows the case again.
    """

    rows: tuple[Mapping[str, int | None], ...]
    lines: tuple[Line, ...]
    heads: tuple[Said, ...] = ()
    replay: str = ""


def _made(case: Case | Callable[[], Case] | None) -> Case | None:
    return case() if callable(case) else case


@frozen(kw_only=True)
class Certificate:
    """What a proof can be decided again by: *kind* ``pieces`` (a table for a calculator) or ``smt2`` (for another solver),
    its *text*, and the fingerprint of the plan it speaks of."""

    kind: str
    text: str
    fingerprint: str


@frozen(kw_only=True)
class Result:
    """The verdict on one question.

    *key* names it for good (``township::rises::insured``); *about* what of the rule it asks about; *words* what was found;
    *by* the engine (``construction exact probe z3 sampling``); *probes* how many cases were tried; *rests* the ranges it rests on.
    With an *exemption* the promise is switched off here, by a reason that the report shows. A *case* may be given as a function
    that makes it: it is put in words when somebody reads it.
    """

    key: str
    promise: Promise
    rule: str
    about: Said
    verdict: Verdict
    by: str
    words: Said
    _case: Case | Callable[[], Case] | None = field(default=None, alias="case", eq=_made)
    probes: int = 0
    place: Place | None = None
    clause: str = ""
    rests: tuple[Said, ...] = ()
    output: str | None = None  # of the plan, and the limits that it was held to
    low: Fraction | None = None
    high: Fraction | None = None
    exemption: Exemption | None = None
    certificate: Certificate | None = None

    @property
    def case(self) -> Case | None:
        """The case that it rests on."""
        return _made(self._case)

    @property
    def fails(self) -> bool:
        """Whether it is a breach that fails the audit: refuted, not exempt, and more than a risk by design."""
        return self.verdict is Verdict.REFUTED and self.exemption is None and self.promise.severity is not Severity.NOTE

    @property
    def risk(self) -> bool:
        """Whether it tells of a risk by design."""
        return self.verdict is Verdict.REFUTED and self.promise.severity is Severity.NOTE


@frozen(kw_only=True)
class Difference:
    """Where two versions of a sheet give other marks: the *regions* in words, a case, and who of the given reports is affected.

    *others* are what else differs or not: who is barred, labels. *affected* are (body, marks before, marks after), None where there are none.
    """

    rule: str
    result: Result
    others: tuple[Result, ...] = ()
    changes: tuple[tuple[str, str, str, Place | None, Place | None], ...] = ()  # (what, old words, new words, old place, new place)
    regions: tuple[Said, ...] = ()
    affected: tuple[tuple[str, Fraction | None, Fraction | None], ...] = ()


@frozen(kw_only=True)
class Audit:
    """An audit, whole. *due* is how many questions there were; *engines* what was there to decide them (name → version, or why not);
    *fingerprints* the plan of each rule."""

    scheme: str
    title: str
    year: int
    results: tuple[Result, ...]
    due: int
    engines: Mapping[str, str]
    titles: Mapping[str, str] = field(factory=dict)  # of the rules
    fingerprints: Mapping[str, str] = field(factory=dict)
    clauses: Mapping[str, Any] = field(factory=dict)  # the clauses that results name, by id
    documents: Mapping[str, str] = field(factory=dict)  # the titles of the papers that those stand in, by id
    differences: tuple[Difference, ...] = ()
    against: str = ""

    @property
    def ran(self) -> int:
        """How many questions got a verdict other than unknown."""
        return sum(one.verdict is not Verdict.UNKNOWN for one in self.results)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 nothing refuted, 1 refuted, 2 undecided where *strict* (but for what can only be sampled), 3 a conflict of engines."""
        verdicts = {one.verdict for one in self.results}
        if Verdict.CONFLICT in verdicts:
            return 3
        if any(one.fails for one in self.results):
            return 1
        open_ = (Verdict.UNKNOWN, Verdict.NOT_REFUTED)
        return 2 if strict and any(one.verdict in open_ and not one.promise.sampled for one in self.results) else 0
