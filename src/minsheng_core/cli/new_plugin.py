"""`minsheng new-plugin`: a distribution with a form, a rule, a check and tests, that passes at once and scores something."""

import argparse
import keyword
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from ..errors import MinshengError
from ..hooks import NAMESPACE
from ..quantity import unit

HELP = "make a new plugin: form, check, measure, rule, tests and an invented example that scores"
EXAMPLE = "minsheng new-plugin housing --title 保障性租赁住房 --unit 套"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="a short English name in small letters, like housing: minsheng-housing, the kind housing.done")
    parser.add_argument("--title", required=True, metavar="TITLE", help="what is promised, in the words of the paper")
    parser.add_argument("--unit", default="个", metavar="UNIT", help="what is counted (default: 个)")
    parser.add_argument("--decimals", type=int, choices=range(5), default=0, help="how many decimals a figure may have (default: 0)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to (default: minsheng-NAME, which must not be there yet)")


def run(args: argparse.Namespace) -> int:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", args.name) or keyword.iskeyword(args.name):
        raise MinshengError(f"a plugin's name is 2 to 31 small letters, digits and _, beginning with a letter: {args.name!r} is not")
    if not args.title.strip() or re.search(r'["\\\x00-\x1f]', args.title):
        raise MinshengError(f"a title is a line of words without quotes or backslashes, got {args.title!r}")
    unit(args.unit)  # raises where there is none of that name
    if any(point.name == args.name for point in entry_points(group=NAMESPACE)):
        raise MinshengError(f"a plugin {args.name!r} is installed already, and two of one name fail: choose another, or uninstall it")
    out: Path = args.out or Path(f"minsheng-{args.name}")
    if out.exists():
        raise MinshengError(f"{out} is there already: choose another --out")
    said = {
        "name": args.name, "title": args.title.strip(), "unit": args.unit, "decimals": str(args.decimals),
        "class_name": "".join(part.capitalize() for part in args.name.split("_")),
    }  # fmt: skip
    for path, text in _templates(files("minsheng_core.cli").joinpath("plugin_template"), Path()):
        target = out / str(path).replace("NAME", args.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(said), encoding="utf-8")
    print(f"made {out}; now:\n  cd {out}\n  pip install -e '.[test]'\n  pytest\n  minsheng assess example/scheme --reports example/reports")
    if args.decimals == 0:
        print(f"A figure is a whole number of {args.unit}; where parts are counted, make it anew with --decimals.")
    print("README.md there lists what is yours to fill in; every 待补 wants a source.")
    return 0


def _templates(folder: Traversable, at: Path) -> Iterator[tuple[Path, str]]:
    """(path below the plugin, text) of each file; they end in .txt here, so that no tool takes them for code."""
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            yield from _templates(one, at / one.name)
        elif one.name.endswith(".txt"):
            yield at / one.name.removesuffix(".txt"), one.read_text(encoding="utf-8")
