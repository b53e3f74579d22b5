"""`minsheng check`: every mistake of a rule file or folder, each at file:line:col."""

import argparse

from ..finding import Severity, worst
from ..publish.json import finding_json
from ..scoring.check import check_rules
from . import print_json
from .work import add_work_arguments, installed_plugins

HELP = "check rule files: every mistake at once, each at file:line:col"
EXAMPLE = "minsheng check rules/2023"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", help="an installed scheme (2023), a folder of rules, or a single rule file")
    add_work_arguments(parser, reports=False)


def run(args: argparse.Namespace) -> int:
    scheme, findings = check_rules(args.rules, installed_plugins())
    errors = sum(one.severity is Severity.ERROR for one in findings)
    if args.json:
        print_json({"format": "minsheng.check/1", "findings": [finding_json(one) for one in findings]})
    else:
        for one in findings:
            print(one)
        if not scheme.id and not errors:
            print(
                f"rules without a scheme: {len(scheme.documents)} documents, {len(scheme.clauses)} clauses, {len(scheme.methods)} methods: fine"
            )
        elif not errors:
            print(
                f"{scheme.id}: {len(scheme.indicators)} indicators, {len(scheme.bodies)} bodies, {len(scheme.clauses)} clauses, {len(scheme.sheets)} sheets, {len(scheme.examples)} worked examples: fine"
            )
        else:
            print(f"{errors} error{'s' if errors != 1 else ''}")
    return 1 if worst(findings) is Severity.ERROR else 0
