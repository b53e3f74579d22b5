"""`minsheng assess`: score a scheme on reports, rank the bodies, list the findings, explain the first."""

import argparse

from ..finding import Severity, worst
from ..publish.json import assessment_json
from ..publish.text import assessment_text, explanation_text
from . import print_json
from .work import add_work_arguments, assessed

HELP = "score a scheme on reports: the ranking, the findings, and why the first is first"
EXAMPLE = "minsheng assess 2023 --reports examples/2023-10"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scheme", help="an installed scheme (2023), or a folder of rules")
    add_work_arguments(parser)


def run(args: argparse.Namespace) -> int:
    result = assessed(args)
    if args.json:
        print_json(assessment_json(result))
    else:
        print(assessment_text(result))
        first = next((body for body in result.sheets[0].bodies if body.rank == 1), None) if result.sheets else None
        if first:
            print(
                f"\n为什么是这个分（其他单位用 minsheng explain 单位 --reports …）：\n{explanation_text(result, result.sheets[0].sheet, first)}"
            )
    return 1 if worst(result.findings) is Severity.ERROR else 0
