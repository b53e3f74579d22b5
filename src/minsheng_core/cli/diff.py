"""`minsheng diff`: two years' rules in words: what was changed, whose marks change on the same reports and why, what provably doesn't."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve

from ..audit.compare import Change, compare
from ..audit.engines import Engines
from ..audit.result import Difference, Verdict
from ..audit.rule import rules_of
from ..errors import MinshengError
from ..filing.reports import latest_period, read_reports
from ..finding import Severity
from ..publish.changes import PARTS, changes, said
from ..publish.text import STATES, marks, shown
from ..scheme import model
from ..scheme.load import load_scheme
from ..scoring.assess import assess
from ..scoring.prepare import Prepared, prepare
from ..scoring.result import Assessed, BodyResult, SheetResult
from . import print_json
from .work import installed_plugins

HELP = "what changed between two years' rules, in words; whose marks change on the same reports, by how much and why"
EXAMPLE = "minsheng diff rules/2023 rules/2024 --reports examples/2023-10"
Moved = list[tuple[str, ...]] | None  # sheet, body, before, after, why


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", help="an installed scheme (2023), a folder of rules, or a rule file")
    parser.add_argument("new", help="the same, later")
    parser.add_argument(
        "--reports", type=Path, action="append", metavar="FOLDER", help="the same reports under both: whose marks change, and why"
    )
    parser.add_argument("--no-proof", action="store_true", help="do without the solver, even where it is installed")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    plugins = installed_plugins()
    schemes = load_scheme(args.old), load_scheme(args.new)
    both = []
    for scheme in (evolve(schemes[0], year=schemes[1].year), schemes[1]):  # the same months, whatever the year
        rules, findings = rules_of(scheme, plugins)
        errors = [one for one in findings if one.severity is Severity.ERROR]
        if errors:
            raise MinshengError(f"{scheme.id} can't be compared before it is right; see `minsheng check`: {errors[0]}")
        both.append(rules)
    changed = {part: list(changes(*schemes, part)) for part in PARTS}
    sheets = compare(both[0], both[1], Engines(solver=not args.no_proof), args.new)
    moved = list(_moved(args.reports, *(prepare(scheme, plugins) for scheme in schemes))) if args.reports else None
    if args.json:
        print_json(_data(schemes, changed, sheets, moved))
    else:
        print("\n".join(_text(schemes, changed, sheets, moved)))
    return 0


# -- whose marks change on the same reports --------------------------------------------------------------------------


def _moved(reports: list[Path], old: Prepared, new: Prepared) -> Iterator[tuple[str, ...]]:
    """(sheet, body, before, after, why) of each body whose total isn't the same."""
    filed = read_reports(reports, old)
    before = assess(old, filed, latest_period(filed))
    shift = new.scheme.year - old.scheme.year
    after = assess(new, read_reports(reports, new).later(shift), before.period.following(12 * shift))
    for sheet, body in ((one, body) for one in before.sheets for body in one.bodies):
        other = _found(after, sheet, body)
        if other is None:
            yield sheet.sheet.title, body.body.name, _marks(sheet, body), "—", "新规则中不在这张表上"
        elif other.total != body.total:
            yield sheet.sheet.title, body.body.name, _marks(sheet, body), _marks(sheet, other), "；".join(_why(body, other))


def _found(assessed: Assessed, sheet: SheetResult, body: BodyResult) -> BodyResult | None:
    return next(
        (one for other in assessed.sheets if other.sheet.id == sheet.sheet.id for one in other.bodies if one.body.id == body.body.id), None
    )


def _marks(sheet: SheetResult, body: BodyResult) -> str:
    return marks(body.total, sheet.sheet.rounding.places) if body.total else STATES[body.state]


def _why(old: BodyResult, new: BodyResult) -> Iterator[str]:
    """Each item and adjustment that comes to something else."""
    before: dict[str, tuple[str, object]] = {one.item.id: (one.item.title, one.rounded) for one in old.items}
    before |= {one.id: (one.title, step.value) for one, step in old.adjustments}
    after: dict[str, tuple[str, object]] = {one.item.id: (one.item.title, one.rounded) for one in new.items}
    after |= {one.id: (one.title, step.value) for one, step in new.adjustments}
    for id in dict.fromkeys([*before, *after]):
        (title, one), (_, other) = before.get(id, after.get(id, ("", None))), after.get(id, ("", None))
        if id not in after:
            yield f"没有“{title}”了"
        elif id not in before:
            yield f"新有“{title}”{shown(other)}"  # type: ignore[arg-type] # the value of a step, or marks
        elif one != other:
            yield f"{title}{shown(one)}→{shown(other)}"  # type: ignore[arg-type]
    if new.reason and new.reason != old.reason:
        yield new.reason


# -- told ------------------------------------------------------------------------------------------------------------


def _text(
    schemes: tuple[model.Scheme, model.Scheme], changed: Mapping[str, list[Change]], sheets: list[Difference], moved: Moved
) -> Iterator[str]:  # fmt: skip
    old, new = schemes
    yield f"{old.title}（{old.year}）→ {new.title}（{new.year}）"
    if not any(changed.values()):
        yield "\n规则没有改动。"
    for part, found in changed.items():
        if found:
            yield f"\n{PARTS[part]}（{len(found)}处）"
        for path, before, after, was, now in found:
            where = "  ← " + " → ".join(str(one) for one in (was, now) if one) if was or now else ""
            yield f"  {said(schemes, path)}：{before} → {after}{where}"
    yield "\n得分"
    for one in sheets:
        for result in (one.result, *one.others):
            word = {Verdict.PROVED: "已证明", Verdict.REFUTED: "不同", Verdict.NOT_REFUTED: "试探未见不同（不是证明）"}.get(
                result.verdict, "未定"
            )
            yield f"  {result.about[0]}：{word}；{result.words[0]}"
        for region in one.regions if one.result.verdict is Verdict.REFUTED else ():
            yield f"    {region[0]}"
    if moved is not None:
        yield f"\n同样的填报，得分有变的{len(moved)}个"
        yield from (f"  {sheet} {body}：{before} → {after}  〈{why}〉" for sheet, body, before, after, why in moved)


def _data(
    schemes: tuple[model.Scheme, model.Scheme], changed: Mapping[str, list[Change]], sheets: list[Difference], moved: Moved
) -> dict[str, object]:  # fmt: skip
    return {
        "format": "minsheng.diff/1", "old": schemes[0].id, "new": schemes[1].id,
        "changes": [
            {"part": part, "what": path, "words": said(schemes, path), "old": before, "new": after, "old_place": str(was) if was else None, "new_place": str(now) if now else None}
            for part, found in changed.items() for path, before, after, was, now in found
        ],
        "sheets": [
            {"sheet": one.rule, "about": result.about[1], "verdict": result.verdict.value, "words": result.words[1], "regions": [region[1] for region in one.regions]}
            for one in sheets for result in (one.result, *one.others)
        ],
        "moved": None if moved is None else [dict(zip(("sheet", "body", "before", "after", "why"), one, strict=True)) for one in moved],
    }  # fmt: skip
