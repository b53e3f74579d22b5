"""What the commands around the ledger share: which ledger, who signs, at what time, and which filings are meant."""

import argparse
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LedgerError
from ..filing.file_name import named
from ..ledger.book import Book, fold
from ..ledger.entry import Signer, Unit
from ..period import Span
from ..scheme import model
from ..scheme.load import load_scheme
from ..scheme.names import Names
from ..scoring.prepare import Prepared, prepare
from .work import installed_plugins

if TYPE_CHECKING:
    from ..ledger.store import Ledger

LEDGER = "ledger.db"


def add_office_arguments(parser: argparse.ArgumentParser, *, signed: bool = True) -> None:
    """``--scheme``, ``--ledger``, and where somebody acts, ``--by`` and ``--at``."""
    parser.add_argument("--scheme", default="2023", help="an installed scheme, or a folder of rules (default: 2023)")
    parser.add_argument(
        "--ledger", default=os.environ.get("MINSHENG_LEDGER", LEDGER), metavar="FILE",
        help="the ledger: a file, or postgresql://… (default: $MINSHENG_LEDGER, or ledger.db in this folder)",
    )  # fmt: skip
    if signed:
        parser.add_argument("--by", required=True, metavar="NAME@BODY", help="who does it, for which body: 张三@市人社局")
        parser.add_argument(
            "--at", type=_moment, metavar="TIME", help="when, in ISO 8601 with zone, for what is entered later (default: now)"
        )


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time in ISO 8601: {text!r}") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"a time needs its zone, as in 2023-11-06T09:00+08:00, got {text!r}")
    return found


def span(text: str) -> Span:
    """A month, quarter or year, for argparse."""
    try:
        return Span.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def words(text: str) -> str:
    """Words that will be printed, for argparse."""
    if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
        raise argparse.ArgumentTypeError(f"not text in this terminal's encoding: {text!a}")
    return text


def day(text: str) -> date:
    """A day, for argparse."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day like 2023-11-06, got {text!r}") from None


def prepared_of(args: argparse.Namespace) -> Prepared:
    """The scheme that is meant, ready to score."""
    return prepare(load_scheme(args.scheme), installed_plugins())


def opened(args: argparse.Namespace, prepared: Prepared, *, create: bool = False) -> "Ledger":
    """The ledger that is meant."""
    from ..ledger.store import open_ledger

    return open_ledger(args.ledger, prepared.scheme.id, create=create)


def now(args: argparse.Namespace) -> datetime:
    """When: as the arguments say, or now. Raises LedgerError for a time that hasn't come."""
    real = datetime.now(UTC)
    if args.at and args.at > real:
        raise LedgerError(f"--at 写的时间{args.at.isoformat()}还没有到；不能预先办理")
    return args.at or real


def signer(args: argparse.Namespace, scheme: model.Scheme) -> Signer:
    """Who signs. Raises LedgerError for a text that is no name and body."""
    name, at, office = args.by.partition("@")
    if not at or not name.strip():
        raise LedgerError(f"--by 应写作 姓名@单位，如 张三@市人社局；写的是“{args.by}”")
    return Signer(name.strip(), body_of(scheme, office).id)


def body_of(scheme: model.Scheme, text: str) -> model.Body:
    """The body of that name, alias or code. Raises LedgerError."""
    names = Names(scheme.bodies)
    found = next((one for one in scheme.bodies if one.id == text), None) or names.resolve(text)
    if found is None:
        close = "、".join(names.suggest(text))
        raise LedgerError(f"方案中没有单位“{text}”" + (f"；是不是{close}？" if close else ""))
    return found


def indicator_of(scheme: model.Scheme, text: str) -> model.Indicator:
    """The indicator of that id or title. Raises LedgerError."""
    found = next((one for one in scheme.indicators if text in (one.id, one.title)), None)
    if found is None:
        known = "、".join(f"{one.title}（{one.id}）" for one in scheme.indicators if not scheme.parts(one.id))
        raise LedgerError(f"方案中没有指标“{text}”；有：{known}")
    return found


def book_of(ledger: "Ledger") -> Book:
    """The whole ledger, as it stands."""
    return fold(ledger.entries())


def unit_words(scheme: model.Scheme, unit: Unit) -> str:
    """``沩山乡 2023-10 城乡居民基本养老保险参保人数``."""
    return f"{scheme.body(unit.body).name} {unit.period} {scheme.indicator(unit.indicator).title}"


def in_order(scheme: model.Scheme, units: Iterator[Unit]) -> list[Unit]:
    """Units by month, indicator and body, in the scheme's order."""
    bodies = {one.id: number for number, one in enumerate(scheme.bodies)}
    kinds = {one.id: number for number, one in enumerate(scheme.indicators)}
    return sorted(units, key=lambda unit: (unit.period, kinds[unit.indicator], bodies[unit.body]))


def read_files(paths: list[Path]) -> dict[str, bytes]:
    """Attachments, by name."""
    files: dict[str, bytes] = {}
    for path in paths:
        name = named(path).name
        if name in files:
            raise LedgerError(f"两个附件同名：{name}")
        files[name] = path.read_bytes()
    return files
