"""`minsheng ledger`: read the record, check that nothing in it was changed, take it out of the house."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LedgerError
from ..filing.whole_file import write_whole
from ..ledger.entry import KINDS, Entry
from ..ledger.figures import shown
from ..publish.text import findings_text, table
from ..scheme import model
from .office import add_office_arguments, body_of, indicator_of, opened, prepared_of
from .work import period_argument

if TYPE_CHECKING:
    from ..ledger.store import Found, Ledger

HELP = "the record: log it, verify that nothing was changed, export it with a signed head"
EXAMPLE = "minsheng ledger log --body 沩山乡"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="log|verify|export|key")
    log = acts.add_parser("log", help="the entries, for people")
    add_office_arguments(log, signed=False)
    log.add_argument("--body", help="about that body only")
    log.add_argument("--indicator", help="about that indicator only")
    log.add_argument("--period", type=period_argument, metavar="YYYY-MM", help="about that month only")
    log.add_argument("--last", type=_count, default=0, metavar="N", help="the last N only")
    verify = acts.add_parser("verify", help="whether every entry is as it was made")
    add_office_arguments(verify, signed=False)
    verify.add_argument("--head", type=Path, metavar="FILE", help="also hold it against a head signed earlier")
    verify.add_argument("--public-key", type=Path, metavar="FILE", help="the key that the head must be signed with")
    export = acts.add_parser("export", help="every entry as a line of JSON")
    add_office_arguments(export, signed=False)
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--key", type=Path, metavar="FILE", help="sign the head with this private key, into FILE.head.json")
    key = acts.add_parser("key", help="make a key for signing heads")
    key.add_argument("--out", type=Path, required=True, metavar="FILE", help="the private key; the public one goes to FILE.pub")


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"how many, from 1, got {text!r}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    from ..ledger import chain

    if args.act == "key":
        return _key(args.out)
    prepared = prepared_of(args)
    scheme = prepared.scheme
    with opened(args, prepared) as ledger:
        if args.act == "log":
            print(_log(args, scheme, ledger.found()))
            return 0
        if args.act == "verify":
            return _verify(args, ledger, scheme)
        entries = ledger.entries()
        head = chain.signed_head(entries, scheme.id, args.key.read_bytes()) if args.key else None  # before anything is written
        write_whole(args.out, chain.export(entries).encode())
        print(f"已写出 {args.out}（{len(entries)}条）")
        if head:
            path = Path(f"{args.out}.head.json")
            write_whole(path, (json.dumps(head, ensure_ascii=False, indent=2) + "\n").encode())
            print(f"已签名 {path}")
    return 0


def _verify(args: argparse.Namespace, ledger: "Ledger", scheme: model.Scheme) -> int:
    from ..ledger import chain

    if args.public_key and not args.head:
        raise LedgerError("--public-key 要与 --head 同用：公钥是用来核对签名文件的")
    head = _head(args.head) if args.head else None
    public = args.public_key.read_bytes() if args.public_key else None
    found = chain.verify(ledger, scheme)
    if found:
        print(findings_text(found))
    if head is not None:
        try:
            chain.check_head(ledger, head, public)
        except LedgerError as error:
            print(f"与签名文件不符：{error}")
            return 1
    signed = "" if head is None else f"，并与签名的末条（第{head['seq']}条）一致"
    if not found:
        print(f"台账完好：{len(ledger.found())}条逐条相接，内容、规则和附件都与记入时一致{signed}")
    if head is not None and public is None:
        print("没有给 --public-key：只核对了签名文件自带的公钥，换了钥匙重签的看不出来")
    return 1 if found else 0


def _key(path: Path) -> int:
    from ..ledger.chain import new_key

    private, public = new_key()
    with path.open("xb") as file:  # never over an older key
        path.chmod(0o600)
        file.write(private)
    Path(f"{path}.pub").write_bytes(public)
    print(f"私钥 {path}（妥善保管），公钥 {path}.pub（公开）")
    return 0


def _head(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise LedgerError(f"{path} 不是台账的签名文件")
    return data


def _log(args: argparse.Namespace, scheme: model.Scheme, found: tuple["Found", ...]) -> str:
    body = body_of(scheme, args.body).id if args.body else ""
    indicator = indicator_of(scheme, args.indicator).id if args.indicator else ""
    rows = []
    for one in found:
        entry = one.entry
        if entry is None or not one.whole:
            rows.append([str(one.seq), "", "", "", "记入之后被改过；用 minsheng ledger verify 查明", ""])
            continue
        unit, data = entry.draft.unit, entry.draft.data
        about = unit.body if unit else str(data.get("body", ""))
        if (body and about != body) or (indicator and (unit is None or unit.indicator != indicator)):
            continue
        if args.period and (str(unit.period) if unit else data.get("period")) != str(args.period):
            continue
        who = f"{entry.draft.by.name}@{scheme.body(entry.draft.by.body).name}"
        rows.append(
            [
                str(entry.seq),
                entry.draft.when,
                KINDS[entry.draft.kind],
                who,
                _said(scheme, entry),
                entry.hash[:8],
            ]
        )
    return (
        table(["序号", "时间", "事项", "经手", "内容", "哈希"], rows[-args.last :] if args.last else rows, right=(0,))
        if rows
        else "没有这样的记录"
    )


def _said(scheme: model.Scheme, entry: Entry) -> str:
    unit, data, kind = entry.draft.unit, entry.draft.data, entry.draft.kind
    reason = f"：{data['reason']}" if data.get("reason") else ""
    if unit is not None:
        rows = data.get("rows", ())
        figures = (
            "，".join(shown(value) for value in rows[0]["values"].values() if value is not None)
            if len(rows) == 1
            else f"{len(rows)}行"
            if rows
            else ""
        )
        return f"{scheme.body(unit.body).name} {unit.period} {scheme.indicator(unit.indicator).title} {figures}{reason}"
    if kind == "intake":
        return f"{data['name']}（{len(data['units'])}项）"
    if kind == "record":
        title = next((one.title for one in scheme.events if one.id == data["event"]), data["event"])
        return f"{scheme.body(data['body']).name} {title} {shown(data['count'])} {data['document']}"
    if kind == "summary":
        return f"{scheme.body(data['body']).name} {data['span']}"
    if kind == "published":
        return f"第{data['number']}号 {data['span']}" + (f"，更正第{data['corrects']}号" if data["corrects"] else "") + reason
    return f"第{data['of']}条{reason}"
