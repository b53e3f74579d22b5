"""Fingerprints: SHA-256 over the rules, the plans and the inputs of a result, so that it can be reproduced and held to."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from ..field import Below
from ..protocols import Report
from ..quantity import Quantity, decimal_text
from ..scheme.write import scheme_data
from .measure import Filed
from .prepare import Prepared

__all__ = ["fingerprints"]


def fingerprints(prepared: Prepared, filed: Filed) -> dict[str, str]:
    """``rules`` (the scheme with its plugins' rules, wherever its files stand), ``plan`` (what is reckoned), ``inputs`` (what was
    filed, in any order and from any file), and ``result``, over the three. 64 hexadecimal digits each."""
    whole = scheme_data(prepared.scheme)
    plugins = [(info.name, info.version) for info in prepared.plugins.infos if info.state == "active"]
    parts = {
        "rules": _digest([whole, plugins]),
        "plan": _digest(sorted((name, sheet.plan.fingerprint) for name, sheet in prepared.sheets.items())),
        "inputs": _digest(sorted(_inputs(filed))),
    }
    return parts | {"result": _digest(list(parts.values()))}


def _digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _inputs(filed: Filed) -> Iterator[str]:
    if filed.stage != "filed":
        yield json.dumps(["stage", filed.stage])
    for report in filed.reports:
        yield json.dumps(["report", *_report(report)], ensure_ascii=False, sort_keys=True, default=_plain)
    for refused in filed.refused:
        yield json.dumps(["refused", refused.indicator, refused.body, str(refused.period)], ensure_ascii=False)
    for event in filed.events:
        yield json.dumps(["event", event.kind, event.body, str(event.period), event.count], ensure_ascii=False, default=_plain)


def _report(report: Report) -> list[Any]:
    values = {name: value for name, value in report.values.items() if value is not None}
    return [report.indicator, report.body, str(report.period), report.subject, report.filed, values]


def _plain(value: Any) -> Any:
    if isinstance(value, Quantity):
        return [decimal_text(value.base), [list(pair) for pair in value.unit.dimension]]
    if isinstance(value, Below):
        return ["below", value.limit]
    if isinstance(value, Fraction):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)
