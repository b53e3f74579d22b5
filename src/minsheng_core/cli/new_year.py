"""`minsheng new-year`: a year's rules copied for the next one, comments kept, dates moved, every number marked that needs a new source."""

import argparse
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import MinshengError
from ..filing.whole_file import write_whole
from ..finding import Severity
from ..scheme.load import load_scheme, scheme_folder
from ..scheme.toml import Located, read_toml
from ..scoring.check import check_rules
from .work import installed_plugins

HELP = "copy a year's rules for another year: comments kept, dates moved, every number marked that needs a new source"
EXAMPLE = "minsheng new-year 2024 --from 2023"
# What these keys say is names and words: a digit in them is no figure that next year's paper would print anew.
WORDS = frozenset({
    "id", "title", "name", "source", "reason", "note", "compare", "summary", "locator", "document", "body", "bodies", "kind", "formula", "issuer",
    "number", "aliases", "indicator", "method", "project", "lead", "joint", "parent", "clause", "means", "text", "unlike", "holds", "output", "sheet", "row",
    "unit", "input", "of", "promise", "event", "part_of", "order", "places", "decimals", "options",
})  # fmt: skip
MARK = "待核：沿用{year}年"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("year", type=int, help="the new year")
    parser.add_argument("--from", dest="source", required=True, metavar="SCHEME", help="an installed scheme (2023), or a folder of rules")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to (default: rules/YEAR, which must not be there yet)")


def run(args: argparse.Namespace) -> int:
    old = load_scheme(args.source)
    folder = scheme_folder(args.source) or Path(args.source)
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.toml"))
    out: Path = args.out or Path("rules") / str(args.year)
    if not 1900 <= args.year <= 2999 or args.year == old.year:
        raise MinshengError(f"{args.year} is no other year than that of {args.source}")
    if out.exists():
        raise MinshengError(f"{out} is there already: choose another --out")
    out.mkdir(parents=True)
    marked = 0
    for path in paths:
        located = read_toml(path)
        text, count = _moved(located, old.year, args.year)
        write_whole(out / path.name, text.encode())
        marked += count
    _, findings = check_rules(out, installed_plugins())
    errors = [one for one in findings if one.severity is Severity.ERROR]
    print(
        f"made {out}: {len(paths)} files, {marked} lines whose figures are those of {old.year} and are marked “{MARK.format(year=old.year)}”"
    )
    print(
        "replace each by the figure of the new paper, with its clause, and take the mark away; documents and clauses are still the old paper's"
    )
    for one in errors:
        print(f"  {one}")
    return 1 if errors else 0


def _moved(located: Located, old: int, new: int) -> tuple[str, int]:
    """The file's text for the new year, and how many lines were marked."""
    lines = located.text.split("\n")
    marked, moving = set[int](), set[int]()
    for path, value in _scalars(located.data, ()):
        place = located.place(path)
        key = next((part for part in reversed(path) if isinstance(part, str)), "")
        line = lines[place.line - 1]
        if path[:1] == ("scheme",) and key in ("year", "id", "title"):
            lines[place.line - 1] = line.replace(str(old), str(new))
        elif path[:1] == ("example",) or key in ("from", "formula") or (isinstance(value, date) and key != "issued"):
            moving.add(place.line - 1)
        elif (_is_figure(value) and key not in WORDS) or (isinstance(value, date) and key == "issued"):
            marked.add(place.line - 1)
    for number in moving:  # months and days, also those of the year before and after that a rule may name
        lines[number] = re.sub(r"\b\d{4}(?=-\d{2})", lambda found: str(int(found[0]) + new - old), lines[number])
    for number in marked:
        mark = MARK.format(year=old)
        lines[number] = f"{lines[number]}；{mark}" if _has_comment(lines[number]) else f"{lines[number]}  # {mark}"
    return "\n".join(lines), len(marked)


def _scalars(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _scalars(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _scalars(value, (*path, index))
    else:
        yield path, data


def _is_figure(value: Any) -> bool:
    """A number, or words that are one with its unit."""
    if isinstance(value, bool):
        return False
    return (not isinstance(value, str) and not isinstance(value, date)) or (isinstance(value, str) and bool(re.search(r"\d", value)))


def _has_comment(line: str) -> bool:
    """Whether a # stands outside the line's strings."""
    return "#" in re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", line)
