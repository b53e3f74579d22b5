"""`minsheng explain`: why a body has its marks, from the clause down to the line of a clerk's file."""

import argparse

from ..errors import MinshengError
from ..finding import Severity, worst
from ..publish.json import finding_json, step_json
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
    names = Names(result.scheme.bodies)
    body = next((one for one in result.scheme.bodies if one.id == args.body), None) or names.resolve(args.body)
    if body is None:
        close = ", ".join(names.suggest(args.body))
        raise MinshengError(f"no body {args.body!r} in {result.scheme.id}" + (f"; did you mean {close}?" if close else ""))
    found = [one for one in result.findings if one.body == body.id]
    sheets = result.body(body.id)
    if not sheets:
        raise MinshengError(f"{body.name} is on no assessment sheet of {result.scheme.id}")
    if args.json:
        explained = [{"sheet": sheet.id, "rank": one.rank, "state": one.state, "explanation": step_json(one.step)} for sheet, one in sheets]
        print_json(
            {
                "format": "minsheng.explanation/1",
                "body": body.id,
                "name": body.name,
                "period": str(result.period),
                "sheets": explained,
                "findings": [finding_json(one) for one in found],
            }
        )
    else:
        print("\n\n".join(explanation_text(result, sheet, one) for sheet, one in sheets))
        if found:
            print(f"\n该单位的问题：\n{findings_text(found)}")
    return 1 if worst(found) is Severity.ERROR else 0
