"""An audit as SARIF 2.1.0, so that tools for code review mark the line of the rule file that is at fault."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from ...audit.promise import PROMISES, Promise
from ...audit.result import Audit, Result
from ...finding import Place, Severity
from . import words
from .words import Lang, said

__all__ = ["SCHEMA", "audit_sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
TOLD = ("conflict", "failed", "risks")


def audit_sarif(audit: Audit, *, lang: Lang = "zh", root: str = "") -> str:
    """Breaches, conflicts and risks by design; what is proved, exempt or undecided is not marked, only counted.

    Files are told relative to the checkout; of absolute ones *root* is taken off.
    """
    found = words.sections(audit)
    told = [one for name in TOLD for one in found[name] if name != "risks" or one.risk]
    rules = list(dict.fromkeys([*PROMISES, *(one.promise.code for one in told)]))
    known = {**PROMISES, **{one.promise.code: one.promise for one in told}}
    run = {
        "tool": {"driver": {"name": "minsheng audit", "rules": [_rule(known[code]) for code in rules]}},
        "automationDetails": {"id": f"minsheng-audit/{words.clean(audit.scheme)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the folder that holds the rules' checkout"}}},
        "results": [_result(audit, one, rules.index(one.promise.code), lang, root) for one in told],
        "properties": {"counts": words.counts(audit), "engines": _clean(audit.engines), "fingerprints": _clean(audit.fingerprints)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rule(promise: Promise) -> dict[str, Any]:
    chinese, english = promise.says
    return {
        "id": f"audit.{promise.code}",
        "shortDescription": {"text": f"{chinese} / {english}"},
        "defaultConfiguration": {"level": LEVELS[promise.severity]},
    }


def _result(audit: Audit, one: Result, index: int, lang: Lang, root: str) -> dict[str, Any]:
    conflict = words.section_of(one) == "conflict"
    lines = [f"{words.status(one, lang)}  {words.name_of(one, lang)}", said(one.words, lang), words.clause_words(audit, one.clause, lang)]
    if one.case:
        heads = words.case_heads(one.case, lang)
        for line in one.case.lines:
            values = (
                f"{words.clean(value)}" if len(heads) == 1 else f"{head} {words.clean(value)}"
                for head, value in zip(heads, line.values, strict=False)
            )
            lines.append(f"{words.clean(line.title)}: {', '.join(values)}" + (f" ({words.label('differs', lang)})" if line.changed else ""))
        lines += [f"{words.label('replay', lang)}: {words.clean(one.case.replay)}"] if one.case.replay else []
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": words.clean(one.key), "name": words.clean(audit.titles.get(one.rule, one.rule))}]
    }
    if one.place:
        location["physicalLocation"] = _physical(one.place, root)
    return {
        "ruleId": f"audit.{one.promise.code}",
        "ruleIndex": index,
        "level": "error" if conflict else LEVELS[one.promise.severity],
        "message": {"text": "\n".join(line for line in lines if line)},
        "locations": [location],
        "partialFingerprints": {"minshengKey/v1": sha256(one.key.encode("utf-8", "surrogatepass")).hexdigest()},
        "properties": {"key": words.clean(one.key), "verdict": one.verdict.value, "by": words.clean(one.by), "probes": one.probes, "rule": words.clean(one.rule)},
    }  # fmt: skip


def _physical(place: Place, root: str) -> dict[str, Any]:
    file, base = words.clean(place.file).replace("\\", "/"), root.replace("\\", "/").rstrip("/")
    if base and file.startswith(base + "/"):
        file = file[len(base) + 1 :]
    drive = file[1:3] == ":/"
    artifact = (
        {"uri": f"file://{'/' if drive else ''}{quote(file, safe='/:')}"}
        if drive or file.startswith("/")
        else {"uri": _relative(file), "uriBaseId": "SRCROOT"}
    )
    region = {name: number for name, number in (("startLine", place.line), ("startColumn", place.column if place.line else 0)) if number}
    return {"artifactLocation": artifact, **({"region": region} if region else {})}


def _relative(file: str) -> str:
    return quote(file.removeprefix("./"), safe="/")


def _clean(told: Mapping[str, str]) -> dict[str, str]:
    return {words.clean(name): words.clean(text) for name, text in told.items()}
