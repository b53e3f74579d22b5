"""`minsheng explain`: why a body has its marks, from the clause down to the line of a clerk's file."""

import argparse

from ..errors import MinshengError
from ..finding import Severity, worst
from ..publish.json import explanation_json
from ..publish.text import explanation_text, findings_text
from ..scheme.names import Names
from . import print_json
from .work import add_work_arguments, assessed

HELP = "why a body has its marks: the tree from the line of a file to the clause of the paper"
EXAMPLE = "minsheng explain 沩山乡 --reports examples/2023-10"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("body", help="a body's name, alias or code")
    parser.add_argument("--scheme", default="2023", help="an installed scheme, or a folder of rules (default: 2023)")
    add_work_arguments(parser)


def run(args: argparse.Namespace) -> int:
    result = assessed(args)
    body = Names(result.scheme.bodies).find(args.body)
    found = [one for one in result.findings if one.body == body.id]
    sheets = result.body(body.id)
    if not sheets:
        raise MinshengError(f"{body.name} is on no assessment sheet of {result.scheme.id}")
    if args.json:
        print_json(explanation_json(result, body))
    else:
        print("\n\n".join(explanation_text(result, sheet, one) for sheet, one in sheets))
        if found:
            print(f"\n该单位的问题：\n{findings_text(found)}")
    return 1 if worst(found) is Severity.ERROR else 0
