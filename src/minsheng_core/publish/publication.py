"""A publication: a result with all that page, bulletin, tables and JSON say of it, reckoned once for all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ..explanation import Step
from ..field import Cell
from ..formula.plan import WINDOWS
from ..formula.python import results_of
from ..ledger.calendar import Due
from ..ledger.entry import Unit
from ..period import Span
from ..protocols import Report, Stage
from ..quantity import Quantity, unit
from ..rounding import Rounding, round_places
from ..scheme import model
from ..scoring.measure import Measured
from ..scoring.prepare import Prepared
from ..scoring.result import Assessed, BodyResult, ItemResult, SheetResult
from .address import issuer, place, topic

__all__ = [
    "Publication", "Reach", "adjusted", "average", "changed", "ends", "ranked", "reached", "reaches", "stage_rows", "standing", "trend", "unranked",
]  # fmt: skip


@frozen(kw_only=True)
class Publication:
    """What is published for a *span*: its result at the end, and what is said beside it.

    *number* counts the bulletins of the year; *corrects* is the number of the one that this puts right (0: none), *reason* why.
    *before* is the result of the span before, *months* those of the year so far, this one last. *due* tells who is missing or late,
    *figures* the rows of each unit at every stage. *sample* says that the data is invented.
    """

    prepared: Prepared
    assessed: Assessed
    span: Span
    number: int
    issued: date
    corrects: int = 0
    reason: str = ""
    before: Assessed | None = None
    months: tuple[Assessed, ...] = ()
    due: tuple[Due, ...] = ()
    figures: Mapping[Unit, Mapping[Stage, tuple[Report, ...]]] = field(factory=dict)
    sample: bool = False

    @property
    def scheme(self) -> model.Scheme:
        """The scheme that was scored."""
        return self.assessed.scheme

    @property
    def title(self) -> str:
        """``2023年10月…排名``, as a heading."""
        return f"{place(self.scheme)}{topic(self.scheme)}{self.span.title}评估排名"

    @property
    def issuer(self) -> str:
        """The office that publishes."""
        return issuer(self.scheme)

    @property
    def stage_words(self) -> str:
        """Whether it is final, and on which figures it rests."""
        return {
            "filed": "暂列：按目前填报、审核、核验的最新数，尚未全部核验",
            "reviewed": "暂列：按审核数，尚未核验",
            "verified": "核验：按核验数",
        }[self.assessed.stage]


def ranked(sheet: SheetResult) -> tuple[BodyResult, ...]:
    """The bodies with a total, in order."""
    return tuple(one for one in sheet.bodies if one.total is not None)


def unranked(sheet: SheetResult) -> tuple[BodyResult, ...]:
    """The bodies without one, each with its reason."""
    return tuple(one for one in sheet.bodies if one.total is None)


def average(sheet: SheetResult) -> Quantity | None:
    """The mean of the totals, exact; None where there are none."""
    totals = [one.total.value for one in ranked(sheet) if one.total is not None]
    return Quantity(sum(totals, Fraction(0)) / len(totals), unit("分")) if totals else None


def standing(assessed: Assessed | None, sheet: str, body: str) -> BodyResult | None:
    """That body on that sheet of another result."""
    found = (one for result in assessed.sheets if result.sheet.id == sheet for one in result.bodies) if assessed else ()
    return next((one for one in found if one.body.id == body), None)


def changed(publication: Publication, sheet: str, result: BodyResult) -> int | None:
    """By how many places the body has risen since the span before (negative: fallen); None where it had or has no rank."""
    old = standing(publication.before, sheet, result.body.id)
    return None if old is None or old.rank is None or result.rank is None else old.rank - result.rank


def trend(publication: Publication, sheet: str, body: str) -> tuple[tuple[Assessed, BodyResult], ...]:
    """The body in each month that was reckoned."""
    found = ((month, standing(month, sheet, body)) for month in publication.months)
    return tuple((month, one) for month, one in found if one is not None)


def amount(step: Step) -> Fraction:
    """What an adjustment came to in 分; nothing where it is no number."""
    return step.value.base if isinstance(step.value, Quantity) else Fraction(0)


def share(item: ItemResult) -> Fraction:
    """The marks of an item as a share of its full marks, from 0 to 1 for drawing."""
    if item.rounded is None or not item.item.full.base:
        return Fraction(0)
    return min(max(item.rounded.base / item.item.full.base, Fraction(0)), Fraction(1))


@frozen(kw_only=True)
class Reach:
    """How much more of an item's figure brings a body further: *more* of it takes the total from *now* to *then*; *full* says that
    this is where the item has its full marks."""

    item: model.Item
    more: Quantity
    now: Quantity
    then: Quantity
    full: bool


def reaches(publication: Publication, sheet: SheetResult, result: BodyResult) -> tuple[Reach, ...]:
    """For each item short of its full marks: the least increase of its figure that raises the total, and the one to full marks.

    Reckoned with the sheet's own plan, figure by figure around the place where it turns; empty for sheets that look at other bodies
    or months, where one body's figure doesn't tell.
    """
    lowered = publication.prepared.sheets[sheet.sheet.id]
    plan, run = lowered.plan, results_of(lowered.plan)
    if result.total is None or any(plan.ops[at].op in WINDOWS for at in plan.needed(plan.output("total").positions)):
        return ()
    found: list[Reach] = []
    for item in result.items:
        indicator = publication.scheme.indicator(item.item.indicator)
        primary = publication.prepared.plugins.indicator(indicator.kind).primary
        name = lowered.columns.get((item.item.id, primary), "")
        column = next((one for one in plan.columns if one.name == name), None)
        held = result.row.get(name)
        if item.rounded is None or column is None or held is None or item.rounded.base >= item.item.full.base:
            continue

        def marks(more: int, output: str, name: str = name, held: int = held) -> Fraction:
            value = plan.output(output).value(run({**result.row, name: held + more}))
            return value if isinstance(value, Fraction) else Fraction(-1)

        def more_of(steps: int, decimals: int = column.decimals, symbol: str = column.unit) -> Quantity:
            return Quantity(Fraction(steps, 10**decimals), unit(symbol))

        room, now = column.high - held, marks(0, "total")
        found += _next(item, marks, more_of, room, now)
    return tuple(found)


def _next(
    item: ItemResult, marks: Callable[[int, str], Fraction], more_of: Callable[[int], Quantity], room: int, now: Fraction
) -> Iterator[Reach]:
    full = item.item.full.base
    steps = _least(lambda more: marks(more, "total") > now, room)
    whole = _least(lambda more: marks(more, f"item.{item.item.id}") >= full, room)
    for one, is_full in ((steps, False), (whole, True)):
        if one is not None and (is_full or one != whole):
            then = marks(one, "total")
            yield Reach(item=item.item, more=more_of(one), now=Quantity(now, unit("分")), then=Quantity(then, unit("分")), full=is_full)


def _least(holds: Callable[[int], bool], room: int) -> int | None:
    """A step count at which it holds though not at the one before: the least one where more never loses again."""
    high = 1
    while not holds(high):
        if high >= room:
            return None
        high = min(high * 2, room)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def strengths(sheet: SheetResult, result: BodyResult) -> tuple[tuple[ItemResult, Fraction], ...]:
    """Each item with how far its marks lie above the sheet's average of that item, in 分: the strongest first."""
    told = []
    for item in result.items:
        others = [
            one.rounded.base for body in sheet.bodies for one in body.items if one.item.id == item.item.id and one.rounded is not None
        ]
        if item.rounded is not None and others:
            told.append((item, item.rounded.base - sum(others, Fraction(0)) / len(others)))
    return tuple(sorted(told, key=lambda pair: -pair[1]))


def reached(indicator: model.Indicator, measured: Measured) -> Quantity | None:
    """What was reached, in the unit of the target beside it: 106.04万人 of 106.643万人."""
    actual, target = measured.actual, indicator.target
    same = actual is not None and target is not None and target.value.unit.dimension == actual.unit.dimension
    return actual.to(target.value.unit) if same and actual is not None and target is not None else actual


def adjusted(sheet: SheetResult, kind: str) -> Iterator[tuple[model.Adjustment, list[tuple[BodyResult, Step]]]]:
    """Each adjustment of that kind that touched anybody, with whom, and the step that gave it."""
    for rule in sheet.sheet.adjustments:
        touched = [
            (one, step) for one in sheet.bodies for known, step in one.adjustments if known.id == rule.id and (step.value is True or amount(step))
        ]  # fmt: skip
        if rule.kind == kind and touched:
            yield rule, touched


def ends(sheet: SheetResult, few: int) -> tuple[tuple[BodyResult, ...], tuple[BodyResult, ...]]:
    """The first and the last *few* of a ranking, whoever shares a place with one of them included; nobody is at both ends."""
    found = [one for one in ranked(sheet) if one.rank is not None]
    ahead = tuple(one for one in found if one.rank is not None and one.rank <= few)
    last = found[-few:][0].rank if found else None
    return ahead, tuple(one for one in found if one not in ahead and one.rank is not None and last is not None and one.rank >= last)


def stage_rows(publication: Publication, unit: Unit) -> Iterator[tuple[str, dict[Stage, Cell]]]:
    """Each figure that was filed for a unit: its title, and how it stands at each stage that it has reached."""
    stages = publication.figures.get(unit, {})
    form = publication.prepared.plugins.indicator(publication.scheme.indicator(unit.indicator).kind).form
    for index, first in enumerate(stages.get("filed", ())):
        for one in form.fields:
            if one.name != form.subject and first.values.get(one.name) is not None:
                title = f"{first.subject}：{one.title}" if first.subject else one.title
                yield title, {stage: rows[index].values.get(one.name) for stage, rows in stages.items()}


def pixels(value: Fraction, scale: int) -> int:
    """A share of 1 as so many units of a drawing."""
    return int(round_places(value * scale, 0, Rounding.HALF_UP))


def missing(publication: Publication) -> Sequence[Due]:
    """What was due and isn't there."""
    return [one for one in publication.due if one.state in ("missing", "returned")]


def late(publication: Publication) -> Sequence[Due]:
    """What came, but late."""
    return [one for one in publication.due if one.late and one.state not in ("missing", "returned")]
