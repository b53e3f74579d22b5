"""`minsheng rulebook`: the rules as one page to read."""

import argparse
from pathlib import Path

from ..errors import RuleError
from ..finding import Finding, Severity
from ..publish.rulebook.page import rule_pages
from ..scheme import model
from ..scheme.load import installed_schemes, load_scheme, read_scheme
from .work import installed_plugins

HELP = "the rules as one page to read: each indicator and sheet in words, formula, table and chart, with clause, worked example and history"
EXAMPLE = "minsheng rulebook 2023 --out rules.html\n  minsheng rulebook rules/2024 --before rules/2023 --out rules.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", help="an installed scheme (2023), a folder of rules, or a single rule file")
    parser.add_argument(
        "--before", action="append", metavar="RULES", help="another year's rules, for the history (default: the other installed schemes)"
    )
    parser.add_argument("--out", type=Path, default=Path("rules.html"), metavar="FILE", help="the page (default: rules.html)")


def run(args: argparse.Namespace) -> int:
    scheme = _read(args.rules)
    others = [load_scheme(one) for one in (args.before if args.before is not None else _installed(scheme))]
    page = rule_pages(scheme, installed_plugins(), others)
    args.out.write_text(page, encoding="utf-8", newline="\n")
    print(f"规则说明已写入 {args.out}：指标{len(scheme.indicators)}项，评分表{len(scheme.sheets)}张，条款{len(scheme.clauses)}条")
    return 0


def _read(rules: str) -> model.Scheme:
    """A scheme, or a plugin's rules."""
    scheme, findings = read_scheme(rules)
    errors: list[Finding] = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        raise RuleError(errors)
    return scheme


def _installed(scheme: model.Scheme) -> list[str]:
    """The other installed years of the same rules: those whose name is a year, or that say so by their id."""
    stem = scheme.id.removesuffix(str(scheme.year))
    found = [(name, load_scheme(name)) for name in installed_schemes()] if scheme.id else []
    return [name for name, one in found if one.year != scheme.year and one.id.removesuffix(str(one.year)) == stem]
