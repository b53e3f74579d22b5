"""A draft as rule files: TOML in the layout of a scheme, with a comment beside whatever a person must look at."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..filing.whole_file import write_whole
from .paper import where
from .scheme import Draft
from .target import Doubt

__all__ = ["doubt_text", "files_of", "write_draft"]

# file → its tables, and what its first lines say
FILES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "scheme.toml": (("scheme",), "由 minsheng draft 从 {paper} 起草，不是定稿。每处“待核”看过、改好后，把那一行注释删去。\n没有评分标准：原文没有读出，这里也没有编。怎样写见 docs/rules.md。"),
    "documents.toml": (("document", "clause", "defect"), "原文，以及其中各条的位置。摘要是各条开头的原文。"),
    "bodies.toml": (("body",), "单位：按名单或照原文所印。"),
    "targets.toml": (("kind", "project", "indicator", "task"), "项目、目标、分解；没有数字的任务在最后。kind 是填报的表式，原文没有，是假定。"),
    "process.toml": (("process",), "原文关于怎样报送的要求。"),
}  # fmt: skip


def doubt_text(doubt: Doubt) -> str:
    """What to look at, with its place and the words there, on one line."""
    quote = " ".join(doubt.quote.split())[:80]
    place = "：".join(filter(None, [where(doubt.place), f"“{quote}”" if quote else ""]))
    return f"{' '.join(doubt.words.split())}（{place}）" if place else " ".join(doubt.words.split())


def files_of(draft: Draft, paper: str) -> dict[str, str]:
    """The text of each file by name; a file without entries is left out."""
    files = {}
    for name, (tables, head) in FILES.items():
        blocks = [block for table in tables for block in _blocks(draft, table)]
        if blocks:
            files[name] = "\n".join(_comment(head.format(paper=paper))) + "\n\n" + "\n".join(blocks)
    return files


def write_draft(draft: Draft, paper: str, out: Path) -> tuple[Path, ...]:
    """Write the files into the folder *out*, which is made. Raises OSError."""
    out.mkdir(parents=True)
    paths = []
    for name, text in files_of(draft, paper).items():
        write_whole(out / name, text.encode())
        paths.append(out / name)
    return tuple(paths)


def _blocks(draft: Draft, table: str) -> Iterator[str]:
    entries = draft.data.get(table, [])
    for number, entry in enumerate([entries] if isinstance(entries, Mapping) else entries):
        lines = [line for doubt in draft.doubts.get((table, number), ()) for line in _comment(f"待核: {doubt_text(doubt)}")]
        if table == "clause":
            lines += [line for doubt in draft.unused.get(number, ()) for line in _comment(f"待核: 没有采用的数：{doubt_text(doubt)}")]
        lines.append(f"[{table}]" if isinstance(entries, Mapping) else f"[[{table}]]")
        lines += [f"{key} = {_value(entry[key])}" for key in sorted(entry, key=_rank)]
        yield "\n".join(lines) + "\n"


def _rank(key: str) -> int:
    """Names first, where it is said last; else as the model has it."""
    return -1 if key in ("id", "title", "name") else 1 if key in ("source", "reason", "note") else 0


def _comment(text: str) -> list[str]:
    return [f"# {_clean(line)}" for line in text.split("\n")]


def _value(value: Any, depth: int = 0) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(value[key], depth + 1)}" for key in sorted(value, key=_rank)) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not depth and value and isinstance(value[0], Mapping):
            return "[\n" + "".join(f"    {_value(one, 1)},\n" for one in value) + "]"
        return "[" + ", ".join(_value(one, depth + 1) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(_clean(value), ensure_ascii=False)
    return str(value)  # a whole number or a date


def _clean(text: str) -> str:
    """Without characters that TOML doesn't hold and nobody sees."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]", " ", text)
