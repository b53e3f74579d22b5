"""What several commands share: their common arguments, and the way from those to a result."""

import argparse
import os
from pathlib import Path

from ..errors import MinshengError
from ..filing.reports import latest_period, read_reports
from ..hooks import Plugins, load_plugins
from ..period import Period
from ..scheme.load import load_scheme
from ..scoring.assess import Assessed, assess
from ..scoring.prepare import prepare


def add_work_arguments(parser: argparse.ArgumentParser, *, reports: bool = True) -> None:
    """``--reports``, ``--period`` and ``--json``."""
    if reports:
        parser.add_argument(
            "--reports",
            type=Path,
            action="append",
            required=True,
            metavar="FOLDER",
            help="a folder (or file) of report CSVs; may be given several times",
        )
        parser.add_argument(
            "--period", type=period_argument, metavar="YYYY-MM", help="the month to assess (default: the last one reported)"
        )
    parser.add_argument("--json", action="store_true", help="print JSON for programs")


def period_argument(text: str) -> Period:
    """A month, as an argument."""
    try:
        return Period.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def installed_plugins() -> Plugins:
    """The installed plugins; MINSHENG_PLUGINS=name,name allows only those."""
    only = os.environ.get("MINSHENG_PLUGINS")
    return load_plugins(only=None if only is None else [name.strip() for name in only.split(",") if name.strip()])


def assessed(args: argparse.Namespace) -> Assessed:
    """The result that the arguments ask for."""
    prepared = prepare(load_scheme(args.scheme), installed_plugins())
    filed = read_reports(args.reports, prepared)
    period = args.period or latest_period(filed)
    if period.year != prepared.scheme.year:
        raise MinshengError(f"the scheme is for {prepared.scheme.year}, the period is {period}")
    return assess(prepared, filed, period)
