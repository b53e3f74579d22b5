"""What a plugin implements: `Indicator`, `Allocation` and `Assessment`, and the values that pass through them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final, Literal, Protocol, runtime_checkable

from attrs import field, frozen

from .explanation import Step
from .field import Cell, Field, Form
from .finding import Finding, Place
from .period import Period
from .quantity import Quantity
from .scheme import model
from .scheme.names import plain_name

__all__ = ["STAGES", "Allocation", "Assessment", "Case", "Claim", "Indicator", "Measurement", "Report", "Stage"]

Stage = Literal["filed", "reviewed", "verified"]
STAGES: Final[tuple[Stage, ...]] = ("filed", "reviewed", "verified")  # 填报、审核、核验, in this order


@frozen(kw_only=True)
class Report:
    """One row that a body filed for an indicator and a period.

    *values* are by field name, None where a field that may be missing is blank. *subject* is what the row is
    about where a form has one row a subject. *stage* is how far the figures have come: as filed, as the lead body reviewed
    them, or as verified. *columns* gives the 1-based column each field stood in.
    """

    indicator: str
    body: str
    period: Period
    values: Mapping[str, Cell]
    place: Place
    subject: str = ""
    filed: date | None = None
    stage: Stage = "filed"
    columns: Mapping[str, int] = field(factory=dict, eq=False, repr=False)

    def at(self, name: str) -> Place:
        """Where the value of that field stands: file, line, column, sheet."""
        return Place(self.place.file, self.place.line, self.columns.get(name, 0), self.place.sheet)


@frozen(kw_only=True)
class Case:
    """One indicator to be validated and measured for one body at the end of one period.

    *reports* are all rows that the body filed for it, of every period up to *period*, in order of period and
    line; a plugin picks the months it needs. *target* is the body's own share, or the whole target for the lead body.
    *refused* are the places of rows of *period* that could not be read: where there are any, what isn't in *reports* may yet
    have been filed, and the core gives no marks whatever the plugin measures.
    """

    indicator: model.Indicator
    body: model.Body
    period: Period
    reports: Sequence[Report]
    target: Quantity | None
    refused: Sequence[Place] = ()

    def current(self) -> tuple[Report, ...]:
        """The rows of *period* itself."""
        return tuple(report for report in self.reports if report.period == self.period)

    def earlier(self) -> tuple[Report, ...]:
        """The rows of the periods before, oldest first."""
        return tuple(report for report in self.reports if report.period < self.period)

    def subject(self, text: str) -> model.Subject | None:
        """The scheme's subject that a clerk wrote: by name, printed name or declared alias, whatever the blanks, the width and the
        case of its letters; the body's own before another's; None where the scheme has none of that name. Never the nearest."""
        wanted = plain_name(text).casefold()
        for one in (*self.indicator.subjects_of(self.body), *self.indicator.subjects):
            if wanted in {plain_name(name).casefold() for name in (one.name, one.printed, *one.aliases) if name}:
                return one
        return None


@frozen(kw_only=True)
class Measurement:
    """The exact values that reports amount to, by the indicator's measures: quantities, or for a text or date measure words
    and days; None where one can't be said.

    *step* explains how they came about; *details* is further data for machines (numbers as strings).
    """

    values: Mapping[str, Quantity | str | date | None]
    step: Step
    details: Mapping[str, Any] = field(factory=dict)


@runtime_checkable
class Indicator(Protocol):
    """One kind of indicator: its report form, its checks, its measure.

    *kind* is unique (``insurance.stock``); *measures* declares the figures that `measure` gives and formulas may
    name; *primary* is the one held against the target. *flow* says that it starts at nothing each year, so that its
    progress is its share of the target (and is held against the calendar); else it is a stock, whose progress goes from the measure
    ``base`` at the year's start, where there is one, to the target. Either way the core never adds months: `measure` says what
    the rows amount to, whether the latest month replaces (clerks file the year so far) or months add up.
    """

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def form(self) -> Form: ...
    @property
    def measures(self) -> Sequence[Field]: ...
    @property
    def primary(self) -> str: ...
    @property
    def flow(self) -> bool: ...

    def validate(self, case: Case) -> Iterable[Finding]:
        """What is wrong or doubtful in the case's reports. Never raises for anything the form allows.

        An error keeps a file out of the ledger; that nothing is scored on it is for `measure` to say, with None values."""
        ...

    def measure(self, case: Case) -> Measurement | None:
        """What the reports amount to; None where nothing was filed for the period."""
        ...


@frozen(kw_only=True)
class Claim:
    """One body's claim on a target: a weight ≥ 0, and the least and most it may get, in units of the target."""

    body: str
    weight: int | Fraction  # exact; a float is refused
    floor: int = 0
    cap: int | None = None


@runtime_checkable
class Allocation(Protocol):
    """A way to split a whole number of units over bodies exactly."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...

    def allocate(self, total: int, claims: Sequence[Claim]) -> Mapping[str, int]:
        """Units by body, in the order of *claims*; a tie goes to the earlier claim. Gives out as much of *total* as the
        caps allow. Raises AllocationError where the floors exceed the total or no weight is positive."""
        ...


@runtime_checkable
class Assessment(Protocol):
    """A way to turn a measurement into marks."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...

    def assess(self, facts: Mapping[str, Quantity | None], parameters: Mapping[str, Quantity]) -> Step:
        """The marks (a Quantity in 分, or None with the reason in *how*) with their reckoning.

        *facts* are the indicator's measures, ``target``, ``full``, ``elapsed``, ``progress`` and the events' counts.
        """
        ...
