"""An entry of the ledger: who did what, when, about which figures; chained by hash to the one before it."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

from attrs import frozen

from ..period import Period

__all__ = ["BEIJING", "KINDS", "START", "Draft", "Entry", "Kind", "Signer", "Unit", "digest"]

Kind = Literal["intake", "filed", "returned", "reviewed", "verified", "record", "closed", "summary", "published"]
KINDS: Mapping[Kind, str] = {
    "intake": "收文", "filed": "填报", "returned": "退回", "reviewed": "审核", "verified": "核验", "record": "记事", "closed": "销号",
    "summary": "季总结", "published": "发布",
}  # fmt: skip
START = "0" * 64  # what the first entry is chained to
BEIJING = timezone(timedelta(hours=8))  # the one time of the country: a deadline's day is a day there


@frozen(order=True)
class Signer:
    """A person, and the id of the body they sign for."""

    name: str
    body: str

    @property
    def person(self) -> str:
        """Who that is, however it was written: 张 三, 张　三 and 张三 are one person, 张三(02) and 张三02 another."""
        return "".join(sign for sign in unicodedata.normalize("NFKC", self.name).casefold() if sign.isalnum())


@frozen(order=True)
class Unit:
    """What is signed at once: all rows of one body for an indicator and a period."""

    indicator: str
    body: str
    period: Period

    def __str__(self) -> str:
        return f"{self.indicator}/{self.body}/{self.period}"


@frozen(kw_only=True)
class Draft:
    """An entry before it has its place in the chain. *data* is plain JSON: texts, whole numbers, lists and tables, no float."""

    kind: Kind
    by: Signer
    at: datetime  # aware; kept in UTC to the second
    unit: Unit | None = None
    data: Mapping[str, Any]

    @property
    def day(self) -> date:
        """The day of the act, in Beijing: 07:00 on the 6th there is still the 5th in UTC."""
        return self.at.astimezone(BEIJING).date()

    @property
    def when(self) -> str:
        """The time of the act, in Beijing, for people."""
        return f"{self.at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


@frozen(kw_only=True)
class Entry:
    """An entry: its number from 1, what it says, the hash of the one before it, and its own over both."""

    seq: int
    draft: Draft
    previous: str
    hash: str


def digest(seq: int, draft: Draft, previous: str) -> str:
    """SHA-256, in 64 hexadecimal digits, over the entry's canonical JSON and the hash of the one before it."""
    said = {
        "seq": seq, "previous": previous, "kind": draft.kind, "by": [draft.by.name, draft.by.body], "at": draft.at.isoformat(),
        "unit": str(draft.unit) if draft.unit else "", "data": draft.data,
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
