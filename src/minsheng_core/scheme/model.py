"""The scheme: a year's paper as frozen values. Every rule knows its place in a file and its source.

A *source* is a clause id, or ``"assumption"`` with a *reason*; *compare* names real rules of other places
that an assumption leans on. ``place`` never takes part in ``==``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Protocol, TypeVar

from attrs import field, frozen

from ..quantity import Quantity
from ..rounding import Rounding
from .facts import Facts, Placed

ASSUMPTION = "assumption"


@frozen(kw_only=True)
class Sourced(Placed):
    """A rule that rests on a clause, or says that it is an assumption and why."""

    source: str
    reason: str = ""
    compare: tuple[str, ...] = ()

    @property
    def is_assumption(self) -> bool:
        """Whether the paper does not say this: we chose it."""
        return self.source == ASSUMPTION


@frozen(kw_only=True)
class Document(Placed):
    """An issued paper or standard."""

    id: str
    title: str
    issuer: str
    number: str = ""
    issued: date | None = None
    note: str = ""


@frozen(kw_only=True)
class Clause(Placed):
    """A place in a document: id ``document/…``, a locator (二、（一）), a summary, and the figures as printed there."""

    id: str
    document: str
    locator: str
    summary: str
    figures: tuple[str, ...] = ()
    note: str = ""


@frozen(kw_only=True)
class Defect(Placed):
    """Something misprinted in the paper: kept as printed, with what it means."""

    clause: str
    printed: str
    means: str
    note: str = ""


@frozen(kw_only=True)
class Body(Placed):
    """A township, street or department. *id* is its code; *printed* its name in the paper where that differs."""

    id: str
    name: str
    kind: str
    parent: str = ""
    printed: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""


@frozen(kw_only=True)
class Figure(Sourced):
    """A number of the paper: its value, and the words it was printed in, which say the same."""

    value: Quantity
    printed: str = ""


@frozen(kw_only=True)
class Share(Placed):
    """One body's part of a target."""

    body: str
    value: Quantity
    printed: str = ""


@frozen(kw_only=True)
class Subject(Placed):
    """A named thing a target is about: a school, a river section, a road. *printed* is its name in the paper where that differs;
    *bodies* (kinds or ids) are those that file it, anybody where empty."""

    id: str
    name: str
    printed: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""
    bodies: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(factory=dict)  # what its plugin needs to know of it


@frozen(kw_only=True)
class Indicator(Sourced):
    """What of a project is measured, by whom, against which target.

    *kind* is the plugin's indicator kind (``insurance.stock``); *row* the row of the paper's table;
    *part_of* the indicator this is a part of; *rest* is what of the target is not allocated, with its reason.
    *lead* answers for the whole; *joint* are the other responsible bodies.
    """

    id: str
    title: str
    project: str
    kind: str
    row: int = 0
    part_of: str = ""
    lead: str
    joint: tuple[str, ...] = ()
    target: Figure | None = None  # none: the indicator is scored without one
    shares: tuple[Share, ...] = ()
    undistributed: str = ""  # why the target is not split over bodies
    subjects: tuple[Subject, ...] = ()
    options: Mapping[str, Any] = field(factory=dict)

    def subjects_of(self, body: Body) -> tuple[Subject, ...]:
        """The subjects that *body* files: those that name it, its kind or nobody; all of them where it is the lead body."""
        if body.id == self.lead:
            return self.subjects
        return tuple(one for one in self.subjects if not one.bodies or {body.id, body.kind} & set(one.bodies))


@frozen(kw_only=True)
class Project(Sourced):
    """A group of indicators: a promise of the paper."""

    id: str
    title: str
    lead: str


@frozen(kw_only=True)
class Task(Sourced):
    """A promise without a number: followed up, never scored."""

    id: str
    title: str
    project: str
    lead: str = ""
    note: str = ""


@frozen(kw_only=True)
class Process(Sourced):
    """A requirement of the paper on how work is done: reports, stages, funds, supervision, publicity, safety."""

    id: str
    title: str
    kind: Literal["report", "stage", "funds", "supervision", "follow_up", "typical_case", "safety", "ranking", "organisation"]
    text: str
    bodies: tuple[str, ...] = ()
    every: Literal["", "month", "quarter", "year"] = ""
    day: int = 0  # the day of the following month on which a report falls due; 0 where the paper names none
    order: int = 0  # of a stage
    unlike: tuple[str, ...] = ()  # stages that another person must have signed


@frozen(kw_only=True)
class Event(Sourced):
    """A kind of event that is counted for a body (a typical case, an accident, money paid), usable by its id in formulas.

    *record* says what sort of entry of the ledger counts: each of them, or with *counts* ``overdue`` one that had a deadline and
    was not closed by it, until it is. *most* is how many one body can have in a year; more is refused as a slip. *decimals* are
    those of a count in *unit*.
    """

    id: str
    title: str
    unit: str = "件"
    record: Literal["", "funds", "supervision", "follow_up", "typical_case", "safety"] = ""
    counts: Literal["each", "overdue"] = "each"
    decimals: int = 0
    most: int = 10_000


@frozen(kw_only=True)
class KindField(Placed):
    """One figure of a declared kind: what a body files, or with a *formula*, what follows from the others. See `minsheng_core.Field`."""

    name: str
    title: str
    kind: Literal["quantity", "text", "date"] = "quantity"
    unit: str = ""
    minimum: Quantity | None = None
    maximum: Quantity | None = None
    decimals: int = 0
    missing: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    formula: str = ""


@frozen(kw_only=True)
class Kind(Sourced):
    """A kind of indicator that needs no plugin: one row a body and period, with these fields.

    *primary* is the field held against the target (the first where empty); *flow* says that clerks file the year so far, from nothing.
    """

    id: str
    title: str
    fields: tuple[KindField, ...]
    primary: str = ""
    flow: bool = False


@frozen(kw_only=True)
class Method(Sourced):
    """A named way to turn a measurement into marks: a formula with parameters. Ships with a plugin or a scheme."""

    id: str
    title: str
    kind: str  # of the indicator whose measures the formula names
    formula: str
    parameters: Mapping[str, Any] = field(factory=dict)  # "1分", or [{ from = 2023-01-01, value = "1分" }, …]
    bands: Mapping[str, Any] = field(factory=dict)
    audit: Facts = field(factory=Facts)


@frozen(kw_only=True)
class Item(Sourced):
    """One line of an assessment sheet: an indicator, a method, and the full marks.

    *bodies* (kinds or ids) are those that the item applies to, all of the sheet's where empty.
    """

    id: str
    title: str
    indicator: str
    method: str
    full: Quantity
    bodies: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Adjustment(Sourced):
    """What is added to or taken from a body's sum, or vetoes it.

    A deduction or bonus has a formula in 分 (≥ 0); a veto a condition, and an *effect*: ``zero`` the total,
    ``cap`` it at *cap*, or ``bar`` the body from awards.
    """

    id: str
    title: str
    kind: Literal["deduction", "bonus", "veto"]
    formula: str
    effect: Literal["", "zero", "cap", "bar"] = ""
    cap: Quantity | None = None
    parameters: Mapping[str, Any] = field(factory=dict)
    bands: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Label(Sourced):
    """A word that a sheet gives each body, like a traffic light: a formula over its items. Adjustments may name it."""

    id: str
    title: str
    formula: str
    parameters: Mapping[str, Any] = field(factory=dict)
    bands: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class RoundingRule(Sourced):
    """To how many decimals marks are rounded, how, and whether each item is rounded before they are added."""

    places: int
    mode: Rounding
    when: Literal["item", "total"]


@frozen(kw_only=True)
class RankingRule(Sourced):
    """How bodies are ordered: *method* competition 1-2-2-4, dense 1-2-2-3, ordinal 1-2-3-4; in a tie, the paper's *order*."""

    method: Literal["competition", "dense", "ordinal"]
    groups: bool = False  # also rank inside each kind of body


@frozen(kw_only=True)
class Sheet(Sourced):
    """An assessment sheet: who is assessed (kinds or ids of bodies), on which items, how it is rounded and ranked.

    Everybody starts from *base*. With *rescale* the items that apply to a body are brought to the full marks of all.
    Functions over a body's months start at *first_month*.
    """

    id: str
    title: str
    bodies: tuple[str, ...]
    full: Quantity
    floor: Quantity | None = None
    ceiling: Quantity | None = None
    base: Quantity | None = None
    items: tuple[Item, ...] = ()
    rescale: bool = False
    first_month: int = 1
    labels: tuple[Label, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    rounding: RoundingRule
    ranking: RankingRule | None = None
    audit: Facts = field(factory=Facts)


@frozen(kw_only=True)
class Example(Placed):
    """A worked example that `minsheng check` reckons again: *cases* are rows of a sheet's columns, and what each comes to.

    A case has ``body``, ``period``, maybe ``group``, figures as a clerk writes them, and ``expect``, by output of the sheet:
    ``{ total = "64.12分", rank = "1" }``; ``"未定"`` where there are no marks. Where the example says ``holds``, it is what a
    promise asks of its *output* from the first case to the last: ``not_less``, ``not_more``, ``same``, ``answered``, or from *low* to
    *high* ``within``.
    """

    title: str
    sheet: str
    cases: tuple[Any, ...]  # tables; `check` says where one isn't
    source: str = ""
    output: str = "total"
    holds: Literal["", "not_less", "not_more", "same", "answered", "within"] = ""
    low: Quantity | None = None
    high: Quantity | None = None


@frozen(kw_only=True)
class Scheme(Placed):
    """A year's scheme, whole. Get one with `load_scheme`."""

    id: str
    title: str
    year: int
    document: str
    note: str = ""
    documents: tuple[Document, ...] = ()
    clauses: tuple[Clause, ...] = ()
    defects: tuple[Defect, ...] = ()
    bodies: tuple[Body, ...] = ()
    projects: tuple[Project, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    tasks: tuple[Task, ...] = ()
    processes: tuple[Process, ...] = ()
    events: tuple[Event, ...] = ()
    kinds: tuple[Kind, ...] = ()
    methods: tuple[Method, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    examples: tuple[Example, ...] = ()

    def body(self, id: str) -> Body:
        """The body with that id. Raises KeyError."""
        return _find(self.bodies, id)

    def indicator(self, id: str) -> Indicator:
        """The indicator with that id. Raises KeyError."""
        return _find(self.indicators, id)

    def clause(self, id: str) -> Clause:
        """The clause with that id. Raises KeyError."""
        return _find(self.clauses, id)

    def parts(self, id: str) -> tuple[Indicator, ...]:
        """The indicators that are parts of that one."""
        return tuple(indicator for indicator in self.indicators if indicator.part_of == id)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


def _find(values: tuple[T, ...], id: str) -> T:
    for value in values:
        if value.id == id:
            return value
    raise KeyError(id)
