"""`minsheng draft`: a paper in, a draft of its scheme out; what isn't sure is marked for a person, with its place."""

import argparse
from pathlib import Path
from typing import Any

from ..draft.bodies import AREAS, Roll, read_list
from ..draft.find import Found, read_paper
from ..draft.open import open_paper
from ..draft.paper import where
from ..draft.scheme import Draft, draft_of
from ..draft.target import Doubt, Target
from ..draft.write import doubt_text, write_draft
from ..errors import MinshengError
from ..finding import Finding, Severity
from ..hooks import Plugins
from ..publish.json import finding_json, quantity
from ..scheme.load import installed_schemes, load_scheme
from ..scheme.names import Names
from ..scoring.check import check_rules
from . import print_json
from .reconcile import reconciliation_json, reconciliation_text
from .work import installed_plugins

HELP = (
    "draft a scheme from a paper's text (plain text, .docx, PDF): bodies, targets, splits, each with its place; what isn't sure is marked"
)
EXAMPLE = "minsheng draft 方案.docx --bodies 名单.csv --out rules/2024"
EPILOG = "exit codes: 0 everything is sure, 1 something is left for a person, 2 the paper can't be read"
SHOWN = 40  # of the doubts; all are in the files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paper", type=Path, help="the paper: plain text (UTF-8 or GB18030), .docx, or a PDF that has text")
    parser.add_argument(
        "--bodies",
        metavar="LIST",
        help="the list of bodies: a CSV with a column 名称 (maybe 类型 代码 印作 别名), or a scheme (2023, a folder); without it, names are taken as printed",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to (default: rules/YEAR, which must not be there yet)")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def run(args: argparse.Namespace) -> int:
    roll = Roll(given=read_list(args.bodies) if args.bodies else ())
    found = read_paper(open_paper(args.paper), roll)
    if not found.targets:
        words = "没有找到指标任务：没有“名称＋数＋单位”的目标，也没有任务分解；没有写任何文件"
        if args.json:
            print_json(
                {"format": "minsheng.draft/1", "files": [], "targets": [], "pending": [{"message": words, "where": "", "quote": ""}]}
            )
        else:
            print(f"{args.paper}：{words}")
            for doubt in found.doubts:
                print(f"  {doubt_text(doubt)}")
            for _, doubt in found.unused[:SHOWN]:
                print(f"  没有采用的数：{doubt_text(doubt)}")
        return 1
    known = _compared(found) if not args.bodies else ""
    draft = draft_of(found)
    out: Path = args.out or Path("rules") / (str(found.head.year) if found.head.year else "draft")
    if out.exists():
        raise MinshengError(f"{out}：已经有了，请用 --out 另写一个文件夹")
    paths = write_draft(draft, args.paper.name, out)
    errors = _checked(out, installed_plugins())
    if args.json:
        print_json(_json(found, draft, paths, errors))
    else:
        print(_text(found, draft, out, errors, known, f"“{args.bodies}”" if args.bodies else ""))
    return 1 if draft.pending or errors else 0


def _checked(out: Path, plugins: Plugins) -> list[Finding]:
    return [one for one in check_rules(out, plugins)[1] if one.severity is Severity.ERROR]


def _compared(found: Found) -> str:
    """An installed list that knows at least half of the bodies, and which names it has otherwise. They stay as printed; a person is told."""
    areas = [body for body in found.roll.met.values() if body.kind in AREAS.values()]
    for id in installed_schemes() if areas else ():
        names = Names(load_scheme(id).bodies)
        resolved = {body.id: names.resolve(body.name) for body in areas}
        hits = [one for one in resolved.values() if one is not None]
        if 2 * len(hits) < len(areas):
            continue
        for body in areas:
            other = resolved[body.id]
            if other is None:
                close = names.suggest(body.name)
                found.roll.unsure[body.id] = (
                    f"方案 {id} 的名单没有“{body.name}”{'，是不是' + '、'.join(close) + '？' if close else ''}，照印写入"
                )
            elif other.name != body.name:
                found.roll.unsure[body.id] = f"“{body.name}”在方案 {id} 的名单里是“{other.name}”，照印写入"
        return f"已装的方案 {id} 的名单认得其中{len(hits)}个单位：加 --bodies {id} 可按名单写代码和名称"
    return ""


def _text(found: Found, draft: Draft, out: Path, errors: list[Finding], known: str, listed: str) -> str:
    head, targets = found.head, found.targets
    said = [head.title or "（没有读出标题）", *filter(None, [head.number, head.issuer, head.issued.isoformat() if head.issued else ""])]
    bodies = draft.data.get("body", [])
    split = sum(bool(one.pieces) for one in targets)
    lines = ["  ".join(said)]
    lines.append(
        f"读出：目标{len(targets)}个，其中分解到单位的{split}个；没有数字的任务{len(found.tasks)}项；单位{len(bodies)}个"
        f"（{'按名单' if found.roll.given else '照原文所印'}）；条款{len(found.spots)}处"
    )
    lines += [known] if known else []
    lines.append("\n一、目标")
    lines += [_target(found, one) for one in targets]
    checked = [one.checked for one in targets if one.checked is not None]
    if checked:
        lines.append("\n二、分解核对")
        lines += [reconciliation_text(listed, one) for one in checked]
    pending = draft.pending
    lines.append(f"\n三、待人核对：{len(pending)}处" + ("" if pending else "，没有"))
    lines += [f"  {doubt_text(one)}" for one in pending[:SHOWN]]
    lines += [f"  ……另有{len(pending) - SHOWN}处，都写在文件的注释里，可查“待核”"] if len(pending) > SHOWN else []
    if errors:
        lines.append(f"\n四、minsheng check {out} 现在会说的{len(errors)}处")
        lines += [f"  {one}" for one in errors[:SHOWN]]
    lines.append(f"\n已写入 {out}。没有评分标准：原文没有读出，也没有编；写法见 docs/rules.md。")
    lines.append(f"下一步：逐处改好“待核” → minsheng check {out} → 写 assessment.toml → minsheng audit {out}")
    return "\n".join(lines)


def _target(found: Found, one: Target) -> str:
    lead = f"牵头 {_name(found, one.lead)}" if one.lead else "牵头单位待核"
    figure = one.printed or "（没有印总数）"
    if one.quantity is not None and one.quantity.unit.symbol and not figure.endswith(one.quantity.unit.symbol[-1]):
        figure += one.quantity.unit.symbol  # the unit stands in the table's header
    parts = [f"  {figure}  {one.title}", where(one.place), lead]
    parts += [f"分解到{len(one.pieces)}个单位"] if one.pieces else []
    parts += [f"时限 {one.deadline}"] if one.deadline else []
    parts += [f"待核{len(one.doubts)}处"] if one.doubts else []
    return "，".join(parts)


def _name(found: Found, id: str) -> str:
    return found.roll.met[id].name if id in found.roll.met else id


def _json(found: Found, draft: Draft, paths: tuple[Path, ...], errors: list[Finding]) -> dict[str, Any]:
    head = found.head
    return {
        "format": "minsheng.draft/1",
        "paper": found.paper.name,
        "title": head.title or None,
        "number": head.number or None,
        "issuer": head.issuer or None,
        "issued": head.issued.isoformat() if head.issued else None,
        "year": head.year or None,
        "files": [str(path) for path in paths],
        "bodies": [{"id": one["id"], "name": one["name"], "kind": one["kind"]} for one in draft.data.get("body", [])],
        "targets": [
            {
                "id": entry["id"], "title": one.title, "target": quantity(one.quantity), "printed": one.printed, "where": where(one.place),
                "lead": one.lead or None, "joint": list(one.joint), "deadline": one.deadline or None, "part_of": entry.get("part_of"),
                "split": None if one.checked is None else reconciliation_json("", one.checked), "pending": [_doubt(doubt) for doubt in one.doubts],
            }
            for one, entry in zip(found.targets, draft.data["indicator"], strict=True)
        ],
        "tasks": [one.title for one in found.tasks],
        "pending": [_doubt(doubt) for doubt in draft.pending],
        "check": [finding_json(one) for one in errors],
    }  # fmt: skip


def _doubt(doubt: Doubt) -> dict[str, str]:
    return {"message": doubt.words, "where": where(doubt.place), "quote": doubt.quote}
