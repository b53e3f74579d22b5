"""An audit as JSON, version ``minsheng.audit/1``: exact numbers are strings, shapes are in docs/json.md."""

import json
from hashlib import sha256
from typing import Any

from ...audit.promise import Said
from ...audit.result import Audit, Case, Certificate, Difference, Result
from ...finding import Place
from ...scheme.facts import Exemption
from ..json import fraction
from .words import counts, part, section_of

__all__ = ["FORMAT", "audit_data", "audit_json"]

FORMAT = "minsheng.audit/1"


def audit_json(audit: Audit) -> str:
    """The audit as JSON text: the same audit, the same bytes."""
    return json.dumps(audit_data(audit), ensure_ascii=False, indent=2).encode("utf-8", "replace").decode() + "\n"


def audit_data(audit: Audit) -> dict[str, Any]:
    """The audit as plain data, both languages in it."""
    return {
        "format": FORMAT,
        "scheme": {"id": audit.scheme, "title": audit.title, "year": audit.year},
        "against": audit.against or None,
        "exit": {"code": audit.exit_code(), "strict": audit.exit_code(strict=True)},
        "counts": counts(audit),
        "engines": dict(sorted(audit.engines.items())),
        "rules": [
            {"id": id, "title": audit.titles.get(id, ""), "fingerprint": audit.fingerprints.get(id)}
            for id in dict.fromkeys((*audit.titles, *(one.rule for one in audit.results)))
        ],
        "clauses": [_clause(audit, id) for id in sorted(audit.clauses)],
        "results": [result_json(one) for one in audit.results],
        "differences": [_difference(one) for one in audit.differences],
    }


def result_json(one: Result) -> dict[str, Any]:
    """The verdict on one question."""
    return {
        "key": one.key,
        "promise": {"code": one.promise.code, "severity": one.promise.severity.value, "says": _said(one.promise.says)},
        "rule": one.rule,
        "about": _said(one.about),
        "verdict": one.verdict.value,
        "section": section_of(one),
        "fails": one.fails,
        "by": one.by,
        "words": _said(one.words),
        "probes": one.probes,
        "case": None if one.case is None else _case(one.case),
        "place": _place(one.place),
        "clause": one.clause or None,
        "rests": [_said(words) for words in one.rests],
        "exemption": None if one.exemption is None else _exemption(one.exemption),
        "certificate": None if one.certificate is None else _certificate(one.certificate),
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "rows": [{name: None if value is None else str(value) for name, value in row.items()} for row in case.rows],
        "lines": [
            {"name": line.name, "title": line.title, "values": list(line.values), "changed": line.changed, "result": line.result}
            for line in case.lines
        ],
        "replay": case.replay or None,
    }


def _exemption(one: Exemption) -> dict[str, Any]:
    return {"promise": one.promise, "of": one.of or None, "reason": one.reason, "clause": one.clause, "place": _place(one.place)}


def _certificate(one: Certificate) -> dict[str, Any]:
    digest = sha256(one.text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"kind": one.kind, "fingerprint": one.fingerprint, "sha256": digest}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "result": result_json(one.result),
        "changes": [
            {"what": what, "old": old, "new": new, "old_place": _place(before), "new_place": _place(after)}
            for what, old, new, before, after in one.changes
        ],
        "regions": [_said(words) for words in one.regions],
        "affected": [
            {"body": body, "before": None if before is None else fraction(before), "after": None if after is None else fraction(after)}
            for body, before, after in one.affected
        ],
    }


def _clause(audit: Audit, id: str) -> dict[str, Any]:
    clause = audit.clauses[id]
    document = part(clause, "document")
    return {
        "id": id, "document": document, "title": audit.documents.get(document), "locator": part(clause, "locator"),
        "summary": part(clause, "summary"),
    }  # fmt: skip


def _said(words: Said) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line, "column": place.column}
