"""`minsheng verify`: the verifying body signs what was reviewed, and confirms or rejects records."""

import argparse

from ..errors import LedgerError
from .office import now, opened, prepared_of, signer
from .signing import add_signing_arguments, run_signing

HELP = "what was reviewed: list it, sign it as verified, or send it back; confirm or reject a record"
EXAMPLE = "minsheng verify --by 王五@市人社局 --period 2023-10 --all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_signing_arguments(parser)
    parser.add_argument(
        "--record", type=int, action="append", metavar="N", help="confirm the record of that number, so that it counts for final marks"
    )
    parser.add_argument("--reject", type=int, metavar="N", help="the record of that number no longer counts; needs --because")


def run(args: argparse.Namespace) -> int:
    if not args.record and args.reject is None:
        return run_signing(args, "verified")
    if args.all or args.set or args.give_back is not None:
        raise LedgerError("--record、--reject 认定的是记事，不能与 --all、--set、--return 同用；请分两次办")
    from ..ledger.round import confirm, reject

    prepared = prepared_of(args)
    by = signer(args, prepared.scheme)
    with opened(args, prepared) as ledger:
        for number in args.record or ():
            print(f"已认定  第{number}条记事（台账第{confirm(ledger, prepared, number, by, now(args)).seq}条）")
        if args.reject is not None:
            entry = reject(ledger, prepared, args.reject, by, now(args), args.because)
            print(f"不予采信  第{args.reject}条记事：{args.because}（台账第{entry.seq}条）")
    return 0
