"""What scoring gives: items, bodies, sheets, projects, and all of them for a period."""

from collections.abc import Mapping

from attrs import field, frozen

from ..explanation import Step
from ..finding import Finding
from ..period import Period
from ..protocols import Stage
from ..quantity import Quantity
from ..scheme import model
from .measure import Measured, State

__all__ = ["Assessed", "BodyResult", "ItemResult", "ProjectResult", "SheetResult"]


@frozen(kw_only=True)
class ItemResult:
    """One item of a body's sheet. *marks* are exact, *rounded* as the sheet says (equal to *marks* where the total is rounded)."""

    item: model.Item
    state: State
    marks: Quantity | None
    rounded: Quantity | None
    measured: Measured
    step: Step


@frozen(kw_only=True)
class BodyResult:
    """One body on one sheet. *total* is None, and *rank* too, where an item was not filed or is undetermined. *row* holds the
    cells of the sheet's plan that it was reckoned from."""

    body: model.Body
    state: State
    reason: str
    items: tuple[ItemResult, ...]
    adjustments: tuple[tuple[model.Adjustment, Step], ...]
    total: Quantity | None
    step: Step
    barred: bool = False
    labels: Mapping[str, str] = field(factory=dict)
    rank: int | None = None
    group_rank: int | None = None
    row: Mapping[str, int | None] = field(factory=dict, repr=False, eq=False)


@frozen(kw_only=True)
class SheetResult:
    """All bodies of one sheet: those ranked first, in order; then those that can't be, in the paper's order."""

    sheet: model.Sheet
    bodies: tuple[BodyResult, ...]


@frozen(kw_only=True)
class ProjectResult:
    """A project of the paper: which of its indicators have *reached* their target, fall *short*, or are *open* (no figure yet)."""

    project: model.Project
    reached: tuple[str, ...]
    short: tuple[str, ...]
    open: tuple[str, ...]


@frozen(kw_only=True)
class Assessed:
    """The whole result for a period. *indicators* holds each indicator for the whole city, by id; *fingerprints* are of the
    rules, plan and inputs that it rests on, and of the three (``result``). *stage* is how far its figures have come."""

    scheme: model.Scheme
    period: Period
    sheets: tuple[SheetResult, ...]
    indicators: Mapping[str, Measured]
    projects: tuple[ProjectResult, ...]
    findings: tuple[Finding, ...]
    fingerprints: Mapping[str, str]
    stage: Stage = "filed"

    @property
    def provisional(self) -> bool:
        """Whether it rests on figures that are not all verified."""
        return self.stage != "verified"

    def body(self, id: str) -> tuple[tuple[model.Sheet, BodyResult], ...]:
        """That body's results, one for each sheet it is on."""
        return tuple((one.sheet, result) for one in self.sheets for result in one.bodies if result.body.id == id)
