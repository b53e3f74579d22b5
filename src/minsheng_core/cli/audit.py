"""`minsheng audit`: every promise of a rule set probed, and where possible proved."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from attrs import evolve

from ..audit.certificate import recheck, write_certificates
from ..audit.compare import Marks
from ..audit.pin import pinned
from ..audit.replay import replayed
from ..audit.result import Audit
from ..audit.rule import Rule, rules_of
from ..audit.run import Progress, audit_scheme
from ..errors import MinshengError
from ..filing.reports import latest_period, read_reports
from ..finding import Severity
from ..hooks import Plugins
from ..publish.audit.html import audit_html
from ..publish.audit.json import audit_json
from ..publish.audit.junit import audit_junit
from ..publish.audit.markdown import audit_markdown
from ..publish.audit.sarif import audit_sarif
from ..publish.audit.text import audit_text
from ..publish.audit.words import Lang
from ..publish.text import tree
from ..scheme import model
from ..scheme.load import load_scheme, scheme_folder
from ..scoring.assess import assess
from ..scoring.prepare import prepare
from .work import installed_plugins

HELP = "audit rules: every promise probed, and where possible proved; a smallest counterexample where one is broken"
EXAMPLE = "minsheng audit rules/2023\n  minsheng audit rules/2024 --against rules/2023 --data reports --format html --out audit.html"
EPILOG = "exit codes: 0 nothing refuted, 1 refuted, 2 undecided (with --strict) or can't run, 3 two engines disagree"
FORMATS: dict[str, Callable[[Audit, Lang], str]] = {
    "text": lambda audit, lang: audit_text(audit, lang=lang), "html": lambda audit, lang: audit_html(audit, lang=lang),
    "json": lambda audit, lang: audit_json(audit), "junit": lambda audit, lang: audit_junit(audit, lang=lang),
    "sarif": lambda audit, lang: audit_sarif(audit, lang=lang, root=f"{Path.cwd()}/"), "markdown": lambda audit, lang: audit_markdown(audit, lang=lang),
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", help="an installed scheme (2023), a folder of rules, or a single rule file")
    parser.add_argument("--against", metavar="OLD", help="an older version of the rules: where the marks differ, and by how much")
    parser.add_argument(
        "--data", type=Path, action="append", metavar="REPORTS", help="reports, to tell who is affected by what --against finds"
    )
    parser.add_argument("--sheet", action="append", metavar="ID", help="only this sheet, or method (may be given several times)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how the report is written (default: text)")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="the language of the report (default: zh)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the report to this file")
    parser.add_argument("--budget", type=_seconds, metavar="S", help="stop proving after so many seconds; what is left is only probed")
    parser.add_argument("--no-proof", action="store_true", help="do without the solver, even where it is installed")
    parser.add_argument("--certificates", type=Path, metavar="DIR", help="write the proofs there, to be decided again by others")
    parser.add_argument("--recheck", type=Path, metavar="DIR", help="decide the proofs of that folder again, by another solver")
    parser.add_argument("--pin", action="store_true", help="write each counterexample into the rule file as a worked example")
    parser.add_argument("--replay", metavar="CASE", help="show how a case is scored: 'SHEET: figure=value … | figure=value …'")
    parser.add_argument("--strict", action="store_true", help="exit with 2 where something was neither proved nor refuted")


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"a whole number of seconds, from 0, got {text!r}")
    return int(text)


def run(args: argparse.Namespace) -> int:
    if args.data and not args.against:
        raise MinshengError("--data tells who is affected by what --against finds: give the older version, too")
    plugins = installed_plugins()
    scheme = load_scheme(args.rules)
    if args.replay is not None:
        print("\n\n".join("\n".join(tree(step)) for step in replayed(_rules(scheme, plugins), args.replay)))
        return 0
    if args.recheck:
        return _recheck(args, scheme, plugins)
    old = load_scheme(args.against) if args.against else None
    audit, findings = audit_scheme(
        scheme, plugins, source=args.rules, old=old, only=args.sheet, budget=args.budget, solver=not args.no_proof, certify=args.certificates is not None,
        marks=_marks(args.data, old, scheme, plugins) if args.data and old else None, progress=_progress(),
    )  # fmt: skip
    errors = [one for one in findings if one.severity is Severity.ERROR]
    for one in errors:
        print(one, file=sys.stderr)
    audit = evolve(audit, against=args.against or "")
    if args.certificates:
        written = write_certificates(audit, args.certificates)
        print(f"{len(written) - 1} certificates in {args.certificates}", file=sys.stderr)
    if args.pin:
        _pin(args.rules, scheme, plugins, audit)
    text = FORMATS[args.format](audit, args.lang)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
        print(f"{args.out}", file=sys.stderr)
    else:
        print(text)
    return 2 if errors else audit.exit_code(strict=args.strict)


def _rules(scheme: model.Scheme, plugins: Plugins) -> list[Rule]:
    rules, findings = rules_of(scheme, plugins)
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        raise MinshengError(f"the rules can't be audited before they are right; see `minsheng check`: {errors[0]}")
    return rules


def _progress() -> Progress | None:
    """Tells how far the audit is, where somebody is watching."""
    if not sys.stderr.isatty():
        return None

    def told(done: int, due: int, title: str) -> None:
        print("\r\x1b[K" if done == due else f"\r\x1b[K{done}/{due} {title}", end="", file=sys.stderr, flush=True)

    return told


def _marks(data: list[Path], old: model.Scheme, new: model.Scheme, plugins: Plugins) -> tuple[Marks, Marks]:
    """Each body's total on the given reports, under the old and under the new rules."""

    def totals(scheme: model.Scheme) -> Marks:
        prepared = prepare(scheme, plugins)
        filed = read_reports(data, prepared)
        end = latest_period(filed)
        shift = scheme.year - end.year  # the same months, whatever the year
        result = assess(prepared, filed.later(shift), end.following(12 * shift))
        rows = ((sheet.sheet.id, body) for sheet in result.sheets for body in sheet.bodies)
        return {(sheet, body.body.name): None if body.total is None else body.total.base for sheet, body in rows}

    return totals(old), totals(new)


def _recheck(args: argparse.Namespace, scheme: model.Scheme, plugins: Plugins) -> int:
    old = _rules(load_scheme(args.against), plugins) if args.against else []
    outcomes = recheck(args.recheck, _rules(scheme, plugins), old)
    for key, verdict, words in outcomes:
        print(f"{verdict}  {key}  {words[0 if args.lang == 'zh' else 1]}")
    return 1 if any(verdict == "failed" for _, verdict, _ in outcomes) else 0


def _pin(source: str, scheme: model.Scheme, plugins: Plugins, audit: Audit) -> None:
    """Write the counterexamples into the files in which their sheets stand."""
    rules = {one.id: one for one in rules_of(scheme, plugins)[0]}
    known = {example.title for example in scheme.examples}
    for result in audit.results:
        text = pinned(rules[result.rule], result) if result.fails and result.rule in rules else ""
        place = rules[result.rule].sheet.place if result.rule in rules else None
        if any(f"（{result.key}）" in title for title in known):
            continue
        if not text or place is None:
            if result.fails:
                print(f"not pinned: {result.key} is not a case that an example could hold", file=sys.stderr)
            continue
        root = scheme_folder(source) or Path(source)
        file = root if root.is_file() else root / Path(place.file).name
        file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + "\n" + text, encoding="utf-8")
        print(f"pinned {result.key} in {file}", file=sys.stderr)
