"""What was found in a paper as a scheme: the entries of its tables, and what a person must look at beside each. No marks are made up."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from attrs import field, frozen

from ..errors import QuantityError
from ..quantity import Quantity, unit
from ..scheme import model
from ..scheme.write import scheme_data
from .find import Found, Task
from .target import Doubt, Target

__all__ = ["PENDING", "Draft", "draft_of"]

PENDING = "待核"  # stands where a name is missing that a rule can't do without; no body is called so, and `minsheng check` says that
DOCUMENT = "paper"


@frozen(kw_only=True)
class Draft:
    """The *data* of the rule files by table (``scheme`` is one entry), and the doubts of each entry by table and number."""

    data: dict[str, Any]
    doubts: dict[tuple[str, int], tuple[Doubt, ...]] = field(factory=dict)
    unused: dict[int, tuple[Doubt, ...]] = field(factory=dict)  # by the clause's number

    @property
    def pending(self) -> tuple[Doubt, ...]:
        """Everything that is left for a person, in the files' order, once each."""
        return tuple(dict.fromkeys(doubt for doubts in (*self.doubts.values(), *self.unused.values()) for doubt in doubts))


def draft_of(found: Found) -> Draft:
    """The scheme that was found, as far as it was found."""
    doubts: dict[tuple[str, int], list[Doubt]] = {("scheme", 0): list(found.doubts)}
    targets = found.targets
    ids = {id(target): f"target_{number}" for number, target in enumerate(targets, 1)}
    projects = _projects(found)
    bodies = found.roll.bodies()
    known = {body.id for body in bodies} | {body.kind for body in bodies}
    indicators = []
    for number, target in enumerate(targets):
        mine = list(target.doubts)
        joint, missing = [one for one in target.joint if one in known], [one for one in target.joint if one not in known]
        if missing:
            mine.append(Doubt(f"原文还有“各{'、'.join(missing)}”，名单里没有这样的单位", target.place))
        if not target.lead:
            mine.append(Doubt("没有读出牵头单位", target.place, target.title))
        above = target.above if target.above is not None and id(target.above) in ids else None
        indicators.append(
            model.Indicator(
                id=ids[id(target)], title=target.title, project=projects[target.project][0], kind=_kind(target)[0], row=target.row, part_of=ids[id(above)] if above else "",
                lead=target.lead or PENDING, joint=tuple(joint), target=_figure(target),
                shares=tuple(model.Share(body=found.roll.meet(piece.name, piece.place), value=piece.quantity, printed=piece.printed) for piece in target.pieces),
                undistributed=target.undistributed, subjects=tuple(model.Subject(id=f"s{n}", name=name) for n, name in enumerate(target.subjects, 1)),
                options={"deadline": target.deadline} if target.deadline else {}, source=f"{DOCUMENT}/{target.said or target.spot}",
            )
        )  # fmt: skip
        doubts["indicator", number] = mine
    for number, (title, (_, lead)) in enumerate(projects.items()):
        first = next((one for one in targets if one.project == title), None)
        doubts["project", number] = (
            [] if lead else [Doubt("没有读出牵头单位", first.place if first else None, first.title if first else title)]
        )
    for number, task in enumerate(found.tasks):
        doubts["task", number] = list(task.doubts)
    for number, report in enumerate(found.reports):
        doubts["process", number] = list(report.doubts)
    for number, body in enumerate(bodies):
        doubts["body", number] = (
            [Doubt(found.roll.unsure[body.id], found.roll.places.get(body.id), body.name)] if body.id in found.roll.unsure else []
        )
    figures = _figures(targets)
    scheme = model.Scheme(
        id=f"draft-{found.head.year}" if found.head.year else "draft", title=found.head.title, year=found.head.year, document=DOCUMENT,
        note="由 minsheng draft 从原文起草，须由人核对；原文没有读出评分标准，这里没有任何分值",
        documents=(model.Document(id=DOCUMENT, title=found.head.title, issuer=found.head.issuer, number=found.head.number, issued=found.head.issued),),
        clauses=tuple(model.Clause(id=f"{DOCUMENT}/{spot.id}", document=DOCUMENT, locator=spot.locator, summary=spot.summary, figures=tuple(dict.fromkeys(figures.get(spot.id, ())))) for spot in found.spots),
        defects=_defects(found), bodies=bodies,
        projects=tuple(model.Project(id=id, title=title, lead=lead or PENDING, source=f"{DOCUMENT}/{_source(found, title)}") for title, (id, lead) in projects.items()),
        indicators=tuple(indicators), kinds=_kinds(targets),
        tasks=tuple(model.Task(id=f"task_{n}", title=task.title, project=projects[task.project][0], lead=task.lead, note="原文没有数字", source=f"{DOCUMENT}/{task.spot}") for n, task in enumerate(found.tasks, 1)),
        processes=tuple(
            model.Process(id=f"report_{n}", title=report.text[:20], kind="report", text=report.text, every=report.every, day=report.day, source=f"{DOCUMENT}/{report.spot}")  # type: ignore[arg-type] # month or quarter
            for n, report in enumerate(found.reports, 1)
        ),
    )  # fmt: skip
    data = scheme_data(scheme)
    _left_out(data, doubts, found)
    unused = {number: tuple(doubt for spot, doubt in found.unused if spot == one.id) for number, one in enumerate(found.spots)}
    return Draft(
        data=data,
        doubts={key: tuple(value) for key, value in doubts.items() if value},
        unused={key: value for key, value in unused.items() if value},
    )


def _left_out(data: dict[str, Any], doubts: dict[tuple[str, int], list[Doubt]], found: Found) -> None:
    """What a scheme must say and the paper didn't is left out, so that `minsheng check` asks for it at its place."""
    for table, entry, wanted in (
        ("scheme", data["scheme"], {"title": "标题", "year": "年份"}),
        ("document", data["document"][0], {"title": "标题", "issuer": "印发单位"}),
    ):
        for key, words in wanted.items():
            if not entry.get(key):
                entry.pop(key, None)
                doubts.setdefault((table, 0), []).append(Doubt(f"没有读出{words}：请补上 {key}"))
    if not found.head.issued:
        doubts.setdefault(("document", 0), []).append(Doubt("没有读出印发日期：请补上 issued"))


def _projects(found: Found) -> dict[str, tuple[str, str]]:
    """Each project's title → its id and the lead body of most of its targets."""
    leads: dict[str, Counter[str]] = {}
    every: list[Target | Task] = [*found.targets, *found.tasks]
    for one in every:
        leads.setdefault(one.project, Counter())
        if one.lead:
            leads[one.project][one.lead] += 1
    return {title: (f"project_{n}", counts.most_common(1)[0][0] if counts else "") for n, (title, counts) in enumerate(leads.items(), 1)}


def _source(found: Found, title: str) -> str:
    return next((one.said or one.spot for one in found.targets if one.project == title), None) or next(
        one.spot for one in found.tasks if one.project == title
    )


def _figure(target: Target) -> model.Figure | None:
    if target.quantity is None:
        return None
    return model.Figure(value=target.quantity, printed=target.printed, source=f"{DOCUMENT}/{target.spot}")


def _figures(targets: Sequence[Target]) -> dict[str, list[str]]:
    """The figures of each clause as printed, also that of a table's row where the text says the same."""
    figures: dict[str, list[str]] = {}
    for target in targets:
        if target.quantity is not None:
            for spot in dict.fromkeys((target.spot, target.said or target.spot)):
                figures.setdefault(spot, []).append(target.printed)
    return figures


def _defects(found: Found) -> tuple[model.Defect, ...]:
    """Names that the list of bodies says are misprinted in the paper."""
    defects = []
    for target in found.targets:
        for printed, name in target.checked.renamed if target.checked else ():
            if any(body.name == name and body.printed == printed for body in found.roll.given):
                defects.append(model.Defect(clause=f"{DOCUMENT}/{target.spot}", printed=printed, means=name, note="按名单所记的印法对应"))
    return tuple(dict.fromkeys(defects))


# -- what bodies file: one figure a month, in the target's unit -----------------------------------------------------------


def _kind(target: Target) -> tuple[str, str]:
    """The id of a target's kind, and the unit of what is filed."""
    quantity = target.quantity or (target.pieces[0].quantity if target.pieces else None)
    symbol = quantity.unit.symbol if quantity is not None else ""
    bare = symbol.lstrip("万亿千百")
    with suppress(QuantityError):
        symbol = "万元" if bare == "元" and symbol != "元" else unit(bare).symbol if bare and symbol[:1] in "万亿千百" else symbol
    return f"filed_{symbol or '数'}", symbol


def _kinds(targets: Sequence[Target]) -> tuple[model.Kind, ...]:
    units: dict[str, tuple[str, int]] = {}
    for target in targets:
        id, symbol = _kind(target)
        decimals = max(
            [
                _decimals(one)
                for one in (target.quantity, *(piece.quantity for piece in target.pieces))
                if one is not None and one.unit.symbol == symbol
            ],
            default=0,
        )
        if symbol.startswith("万") or (symbol and unit(symbol).is_rate):
            decimals = max(decimals, 2)
        units[id] = (symbol, max(decimals, units.get(id, ("", 0))[1]))
    return tuple(
        model.Kind(
            id=id, title=f"填报数（{symbol or '没有单位'}）", source=model.ASSUMPTION,
            reason="原文没有规定填报的表式：先按每单位每月填一个截至月底的累计数；如各月的数要相加，写 flow = true；有合用的插件时改用插件的 kind",
            fields=(model.KindField(name="done", title="累计完成数", unit=symbol, decimals=decimals),),
        )
        for id, (symbol, decimals) in units.items()
    )  # fmt: skip


def _decimals(quantity: Quantity) -> int:
    _, _, part = re.sub(r"[^\d.]", "", quantity.printed.replace("．", ".")).partition(".")
    return len(part)
