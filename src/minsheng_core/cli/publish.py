"""`minsheng publish`: the ranking page, a page for each body, the bulletin, tables and JSON, from what the ledger says."""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve

from ..errors import LedgerError, MinshengError
from ..filing.whole_file import write_whole
from ..ledger.entry import BEIJING, Entry
from ..ledger.stages import WORDS
from ..protocols import Stage
from ..publish.bulletin import bulletin, bulletin_pdf
from ..publish.from_ledger import publication_of, published_before
from ..publish.page import ranking_page
from ..publish.page_body import body_page
from ..publish.publication import Publication
from ..publish.publication_json import publication_json
from ..publish.tables import tables
from ..scoring.prepare import Prepared
from .office import add_office_arguments, now, opened, prepared_of, signer, span, words

HELP = "publish a month, quarter or year: ranking page, a page for each body, bulletin, tables, JSON"
EXAMPLE = "minsheng publish --period 2023-10 --by 王五@市人社局"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--period", type=span, required=True, metavar="PERIOD", help="a month (2023-10), a quarter (2023-Q4) or the year (2023)"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to (default: 发布/PERIOD)")
    parser.add_argument(
        "--provisional", action="store_true", help="rest on the furthest figures there are, verified or not; every page says so"
    )
    parser.add_argument(
        "--correct", type=words, default="", metavar="REASON", help="this corrects what was published for the period, and why"
    )
    parser.add_argument("--template", type=Path, metavar="FILE", help="the office's own Word template of the bulletin")
    parser.add_argument("--sample", action="store_true", help="the data is invented: every page says so")
    add_office_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from ..ledger.round import publish

    prepared = prepared_of(args)
    by, at = signer(args, prepared.scheme), now(args)
    out: Path = args.out or Path("发布") / str(args.period)
    with opened(args, prepared) as ledger:
        entries = ledger.entries()
        stage: Stage = "filed" if args.provisional else "verified"
        made = publication_of(prepared, entries, args.period, at.astimezone(BEIJING).date(), stage=stage, sample=args.sample)
        if all(one.total is None for sheet in made.assessed.sheets for one in sheet.bodies):
            raise LedgerError(_nothing(made))
        known = published_before(entries, made)
        if known is not None:
            return _again(args, prepared, entries[: known.draft.data["rests_on"]], known, out)
        last = next(
            (one.draft.data for one in reversed(entries) if one.draft.kind == "published" and one.draft.data["span"] == str(args.period)),
            None,
        )
        made = evolve(made, corrects=last["number"] if last and args.correct else 0, reason=args.correct)
        outputs = _outputs(made, args.template)
        out.mkdir(parents=True, exist_ok=True)  # before anything is entered
        entry = publish(
            ledger, prepared, args.period, made.assessed.stage, made.assessed.fingerprints, outputs, by, at, number=made.number, corrects=made.corrects,
            reason=args.correct, rests_on=len(entries), sample=made.sample,
        )  # fmt: skip
    _write(out, outputs)
    _pdf(out, outputs)
    print(f"已发布  第{made.number}号通报：{made.title}（{made.stage_words}；台账第{entry.seq}条）")
    _told(out, outputs)
    return 0


def _nothing(made: Publication) -> str:
    """Why there is nothing to publish: no figure has come so far, or what has doesn't give anybody a total."""
    stood = sum(made.assessed.stage in stages for stages in made.figures.values())
    end = "" if made.assessed.stage == "filed" else "；要先发暂列的，加 --provisional"
    if not stood:
        return f"{made.span.title}还没有可以发布的结果：没有一个单位的数据已{WORDS[made.assessed.stage]}{end}"
    reasons = list(dict.fromkeys(one.reason for sheet in made.assessed.sheets for one in sheet.bodies if one.reason))
    return f"{made.span.title}还没有可以发布的结果：已{WORDS[made.assessed.stage]}{stood}项，但没有一个单位能评出总分（{'；'.join(reasons[:3])}）{end}"


def _again(args: argparse.Namespace, prepared: Prepared, entries: Sequence[Entry], known: Entry, out: Path) -> int:
    """The same result made again from the entries that it rested on, and held against the hashes in the ledger. What comes out
    otherwise (another program, another template) is not what was published: it is put beside, and never over it."""
    data = known.draft.data
    made = publication_of(
        prepared, entries, args.period, known.draft.day, stage=data["stage"], number=data["number"], corrects=data["corrects"],
        reason=data["reason"], sample=data.get("sample", args.sample),
    )  # fmt: skip
    outputs = _outputs(made, args.template)
    same = {name: content for name, content in outputs.items() if data["files"].get(name) == hashlib.sha256(content).hexdigest()}
    other = {name: content for name, content in outputs.items() if name not in same}
    _write(out, same)
    if "通报.docx" in same:
        _pdf(out, same)
    told = f"结果与第{data['number']}号通报相同，没有新内容；文件已照台账重新生成"
    print(told + ("，与当时逐字节一致" if not other else f"，其中{len(same)}个与当时逐字节一致"))
    _told(out, same)
    if other:
        beside = out / "与发布时不同"
        _write(beside, other)
        few = "、".join([*other][:4]) + (f"等{len(other)}个文件" if len(other) > 4 else "")
        print(f"注意  {few} 与当时发布的不同（模板或程序版本不同），没有覆盖，另放在 {beside}")
    return 1 if other else 0


def _outputs(made: Publication, template: Path | None) -> dict[str, bytes]:
    """Every file by its name, the same bytes for the same publication."""
    outputs = {
        "排名.html": ranking_page(made).encode(),
        "通报.docx": bulletin(made, template.read_bytes() if template else None),
        "附表.xlsx": tables(made),
        "publication.json": (json.dumps(publication_json(made), ensure_ascii=False, indent=1) + "\n").encode(),
    }
    bodies = dict.fromkeys(one.body for sheet in made.assessed.sheets for one in sheet.bodies)
    return outputs | {f"单位/{body.name}.html": body_page(made, body.id).encode() for body in bodies}


def _write(out: Path, outputs: Mapping[str, bytes]) -> None:
    for name, content in outputs.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def _pdf(out: Path, outputs: Mapping[str, bytes]) -> None:
    """The bulletin as PDF where there is something to make one with; it carries its own date, and so no hash."""
    try:
        write_whole(out / "通报.pdf", bulletin_pdf(outputs["通报.docx"]))
    except MinshengError as error:
        print(f"没有生成 PDF：{error}")


def _told(out: Path, outputs: Mapping[str, bytes]) -> None:
    pages = sum(name.startswith("单位/") for name in outputs)
    for name in ("排名.html", "通报.docx", "通报.pdf", "附表.xlsx", "publication.json"):
        if name in outputs or (name == "通报.pdf" and "通报.docx" in outputs and (out / name).exists()):
            print(f"  {out / name}")
    if pages:
        print(f"  {out / '单位'}（{pages}个单位各一页）")
