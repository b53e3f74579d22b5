"""`minsheng review`: the lead body looks at what was filed, and signs it or sends it back."""

import argparse

from .signing import add_signing_arguments, run_signing

HELP = "what was filed: list it, sign it as reviewed by the lead body, or send it back with a reason"
EXAMPLE = "minsheng review --by 李四@市人社局 --period 2023-10 --all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_signing_arguments(parser)


def run(args: argparse.Namespace) -> int:
    return run_signing(args, "reviewed")
