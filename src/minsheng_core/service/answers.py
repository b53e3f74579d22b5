"""What the service does for a request: it calls the library, and turns what that says into JSON. Runs in a process of its own."""

import hashlib
import json
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from fractions import Fraction
from importlib.metadata import version
from typing import Any

from attrs import frozen

from ..errors import MinshengError, QuantityError
from ..field import Field
from ..filing.labels import BODY, EVENT_FIELDS, FILED, PERIOD
from ..filing.reports import latest_period, together
from ..finding import Finding, Severity
from ..formula.plan import Column
from ..formula.tree import EPOCH
from ..ledger.book import fold
from ..ledger.intake import examine
from ..period import Period
from ..publish.json import assessment_json, explanation_json, finding_json, fraction, quantity, step_json
from ..quantity import Quantity, read_quantity, unit
from ..scheme.names import Names
from ..scorer import Scorer
from ..scoring.assess import assess
from ..scoring.marks import cell
from ..scoring.prepare import Prepared
from ..scoring.result import Assessed
from .json_in import path_of, read_json
from .problem import MEDIA, Refused, problem_json
from .reports_in import Sent, read_sent
from .served import Ready, Served, ready
from .shapes import JSON, check_shape

__all__ = ["API", "Answer", "Call", "answer"]

API = "1.0.0"  # of the paths and shapes; within 1 they only grow


@frozen(kw_only=True)
class Call:
    """A request, read but not understood. It travels to the process that answers it."""

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    media: str = ""
    parameters: Mapping[str, str]
    body: bytes = b""


@frozen(kw_only=True)
class Answer:
    """What goes back. *trouble* is a traceback for the log, where it is our fault."""

    status: int = 200
    media: str = JSON
    headers: Mapping[str, str]
    body: bytes
    trouble: str = ""


def answer(served: Served, call: Call) -> Answer:
    """The answer to that call; it raises nothing."""
    try:
        data = ANSWERS[call.operation](ready(served), call)
        return Answer(headers={}, body=_bytes(data))
    except Refused as refused:
        return refusal(refused)
    except MinshengError as error:
        return refusal(Refused(422, "refused", str(error)))
    except MemoryError:
        return refusal(Refused(413, "too_large", "there is too much in this request"))
    except Exception:  # noqa: BLE001 - whatever it is, the client gets a problem and the log the place
        return refusal(Refused(500, "failed", "the service failed on this request; its log says where"), traceback.format_exc())


def refusal(refused: Refused, trouble: str = "") -> Answer:
    """A problem as an answer."""
    problem = refused.problem
    return Answer(status=problem.status, media=MEDIA, headers=problem.headers, body=_bytes(problem_json(problem)), trouble=trouble)


def _bytes(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode("utf-8", "backslashreplace")


# -- what is served ------------------------------------------------------------------------------------------------


def _warm(found: Ready, call: Call) -> Any:
    """Nothing; but what a first request would wait for has been made."""
    check_shape("One", {"figures": {"period": "2000-01"}})
    for prepared in found.schemes.values():
        for sheet in prepared.scheme.sheets:
            with suppress(Refused):
                _mark(scorer := found.scorer(prepared, sheet.id), dict.fromkeys(name for name, *_ in scorer.columns), True)
    return {}


def _version(found: Ready, call: Call) -> Any:
    plugins = [
        {"name": one.name, "distribution": one.distribution, "version": one.version, "state": one.state} for one in found.plugins.infos
    ]
    schemes = [{"id": id, "fingerprints": dict(prints)} for id, prints in found.fingerprints.items()]
    return {"library": version("minsheng-core"), "api": API, "plugins": plugins, "schemes": schemes}


def _schemes(found: Ready, call: Call) -> Any:
    return {"schemes": [_head(found, prepared) for prepared in found.schemes.values()]}


def _head(found: Ready, prepared: Prepared) -> dict[str, Any]:
    scheme = prepared.scheme
    return {"id": scheme.id, "title": scheme.title, "year": scheme.year, "fingerprints": dict(found.fingerprints[scheme.id])}


def _scheme(found: Ready, call: Call) -> Any:
    prepared = found.scheme(call.path["scheme"])
    scheme = prepared.scheme
    return {
        **_head(found, prepared),
        "bodies": [{"id": one.id, "name": one.name, "kind": one.kind, "aliases": list(one.aliases)} for one in scheme.bodies],
        "indicators": [
            {
                "id": one.id, "title": one.title, "kind": one.kind, "lead": one.lead,
                "target": quantity(one.target.value) if one.target else None,
            }
            for one in scheme.indicators
        ],
        "sheets": [
            {
                "id": one.id, "title": one.title, "full": quantity(one.full), "bodies": list(one.bodies),
                "items": [{"id": item.id, "title": item.title} for item in one.items],
                "columns": [_column(column) for column in prepared.sheets[one.id].plan.columns if column.name not in ("copies", "order")],
            }
            for one in scheme.sheets
        ],
    }  # fmt: skip


def _column(one: Column) -> dict[str, Any]:
    kind = "period" if one.name == "period" else one.kind
    low, high = _bounds(one) if kind != "text" else (None, None)
    return {
        "name": one.name, "title": one.title, "kind": kind, "unit": one.unit, "decimals": one.decimals,
        "minimum": low, "maximum": high, "missing": one.missing, "choices": list(one.choices),
    }  # fmt: skip


def _bounds(one: Column) -> tuple[str, str]:
    """The least and the most of a column, as a request writes them."""
    if one.name == "period":
        low, high = (str(Period(number // 12, number % 12 + 1)) for number in (one.low, one.high))
    elif one.kind == "date":
        low, high = (date.fromordinal(number + EPOCH).isoformat() for number in (one.low, one.high))
    else:
        low, high = (fraction(Fraction(number, 10**one.decimals)) for number in (one.low, one.high))
    return low, high


def _forms(found: Ready, call: Call) -> Any:
    prepared = found.scheme(call.path["scheme"])
    scheme, fixed = prepared.scheme, (BODY, PERIOD, FILED)
    kinds = {one.id: prepared.plugins.indicator(one.kind).form for one in scheme.indicators if not scheme.parts(one.id)}
    return {
        "scheme": scheme.id,
        "forms": [
            {
                "indicator": id, "title": scheme.indicator(id).title, "subject": form.subject,
                "fields": [_field(one) for one in (*fixed, *form.fields)],
            }
            for id, form in kinds.items()
        ],
        "events": {
            "fields": [_field(one) for one in (*fixed, *EVENT_FIELDS.fields)],
            "kinds": [{"id": one.id, "title": one.title, "unit": one.unit} for one in scheme.events],
        },
    }  # fmt: skip


def _field(one: Field) -> dict[str, Any]:
    low, high = (None if bound is None else fraction(bound) for bound in (one.minimum, one.maximum))
    return {
        "name": one.name, "title": one.title, "kind": one.kind, "unit": one.unit, "decimals": one.decimals, "minimum": low, "maximum": high,
        "missing": one.missing, "choices": list(one.choices), "aliases": list(one.aliases),
    }  # fmt: skip


# -- reports -------------------------------------------------------------------------------------------------------


def _sent(found: Ready, call: Call) -> tuple[Prepared, Sent]:
    prepared = found.scheme(call.path["scheme"])
    return prepared, read_sent(prepared, call.media, call.parameters, call.query.get("file", ""), call.body)


def _assessed(found: Ready, call: Call) -> tuple[Assessed, Sent]:
    prepared, sent = _sent(found, call)
    filed = together(sent.filed)
    if "period" not in call.query and not (filed.reports or filed.refused):
        told = [(sent.path(one.place) or str(one.place or "body"), one.message) for one in filed.findings]
        raise Refused(422, "no_reports", "no report could be read, so there is no period to assess", told[:50])
    period = _period(call.query["period"]) if "period" in call.query else latest_period(filed)
    year = prepared.scheme.year
    if period.year != year:
        raise Refused(422, "wrong", f"the scheme is for {year}, the period is {period}", [("query.period", f"a month of {year}")])
    return assess(prepared, filed, period), sent


def _period(text: str) -> Period:
    try:
        return Period.read(text)
    except ValueError as error:
        raise Refused(422, "wrong", "the period is no month", [("query.period", str(error))]) from None


def _assess(found: Ready, call: Call) -> Any:
    assessed, sent = _assessed(found, call)
    data = assessment_json(assessed, steps=call.query.get("explain") == "true")
    return sent.located(data) | {"findings": _findings(assessed.findings, sent)}


def _explain(found: Ready, call: Call) -> Any:
    assessed, sent = _assessed(found, call)
    try:
        body = Names(assessed.scheme.bodies).find(call.query["body"])
    except MinshengError as error:
        raise Refused(422, "wrong", "the body isn't known", [("query.body", str(error))]) from None
    if not assessed.body(body.id):
        raise Refused(422, "wrong", f"{body.name} is on no sheet", [("query.body", "a body that stands on a sheet")])
    found_in = [one for one in assessed.findings if one.body == body.id]
    return sent.located(explanation_json(assessed, body)) | {"findings": _findings(found_in, sent)}


def _validate(found: Ready, call: Call) -> Any:
    prepared, sent = _sent(found, call)
    filed = together(sent.filed)
    findings = tuple(dict.fromkeys((*filed.findings, *examine(prepared, fold(()), filed))))
    return {
        "format": "minsheng.validation/1",
        "scheme": prepared.scheme.id,
        "sound": not any(one.severity is Severity.ERROR for one in findings),
        "files": [
            {
                "name": str(one.path), "sha256": hashlib.sha256(one.content or call.body).hexdigest(),
                "reports": len(one.filed.reports), "refused": len(one.filed.refused), "events": len(one.filed.events),
            }
            for one in sent.files
        ],
        "findings": _findings(findings, sent),
    }  # fmt: skip


def _findings(findings: "tuple[Finding, ...] | list[Finding]", sent: Sent) -> list[dict[str, Any]]:
    """As JSON; a place in JSON rows has its path."""
    told = []
    for one in findings:
        data = finding_json(one)
        if path := sent.path(one.place):
            data["place"]["path"] = path
        told.append(sent.located(data))
    return told


# -- figures as measured -------------------------------------------------------------------------------------------


def _score(found: Ready, call: Call) -> Any:
    prepared, scorer, data = _figures(found, call, "One")
    (row,) = _rows(prepared, scorer, [(("figures",), data["figures"])])
    return {**_about(prepared, scorer, "minsheng.mark/1"), **_mark(scorer, row, call.query.get("explain") != "false")}


def _score_many(found: Ready, call: Call) -> Any:
    prepared, scorer, data = _figures(found, call, "Many")
    rows = _rows(prepared, scorer, [(("rows", number), row) for number, row in enumerate(data["rows"])])
    told = call.query.get("explain") == "true"
    return {**_about(prepared, scorer, "minsheng.marks/1"), "results": [_mark(scorer, row, told) for row in rows]}


def _figures(found: Ready, call: Call, shape: str) -> tuple[Prepared, Scorer, Any]:
    prepared = found.scheme(call.path["scheme"])
    scorer = found.scorer(prepared, call.path["sheet"])
    data = read_json(call.body)
    check_shape(shape, data)
    return prepared, scorer, data


def _about(prepared: Prepared, scorer: Scorer, format: str) -> dict[str, str]:
    return {"format": format, "scheme": prepared.scheme.id, "sheet": scorer.sheet, "fingerprint": scorer.fingerprint}


def _mark(scorer: Scorer, row: Mapping[str, int | None], explained: bool) -> dict[str, Any]:
    run = scorer.explained(row)
    total, step = scorer.rendered(run.results)
    shown = None if total is None else quantity(Quantity(total, unit("分")))
    return {"total": shown, "reason": "" if shown else step.how, **({"explanation": step_json(step)} if explained else {})}


Given = tuple[tuple[str | int, ...], Mapping[str, Any]]


def _rows(prepared: Prepared, scorer: Scorer, given: list[Given]) -> list[dict[str, int | None]]:
    """The rows as the plan's whole numbers. Raises Refused with every figure that isn't one, at its path."""
    names = {name for name, *_ in scorer.columns}
    columns = {one.name: one for one in prepared.sheets[scorer.sheet].plan.columns if one.name in names}
    empty: dict[str, int | None] = {name: 1 if name.endswith(".applies") else None for name in columns}
    wrong: list[tuple[str, str]] = []
    rows = []
    for path, figures in given:
        row = dict(empty)
        for name, value in figures.items():
            try:
                row[name] = _cell(columns, name, value)
            except (QuantityError, ValueError) as error:
                wrong.append((path_of([*path, name]), str(error)))
        rows.append(row)
    if wrong:
        raise Refused(422, "wrong", "not every figure can be read", wrong[:50])
    return rows


def _cell(columns: Mapping[str, Column], name: str, value: str | int | None) -> int | None:
    column = columns.get(name)
    if column is None:
        raise QuantityError(f"no such column; the sheet has {', '.join(columns)}")
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if name == "period":
        period = Period.read(text)
        month = period.year * 12 + period.month - 1
        if not column.low <= month <= column.high:
            raise QuantityError(f"from {' to '.join(_bounds(column))}, not {text!r}")
        return month
    if column.kind == "date":
        day = cell(column, date.fromisoformat(text))
        if day is None or not column.low <= day <= column.high:
            raise QuantityError(f"from {' to '.join(_bounds(column))}, not {text!r}")
        return day
    if column.kind == "text":
        if text not in column.choices:
            raise QuantityError(f"one of {'、'.join(column.choices)}, not {text!r}")
        return cell(column, text)
    exact = read_quantity(text, column.unit).to(column.unit)
    number = cell(column, exact)
    scaled = exact.value * 10**column.decimals
    if number is None or scaled != number or not column.low <= number <= column.high:
        low, high = _bounds(column)
        raise QuantityError(f"from {low} to {high} {column.unit} with at most {column.decimals} decimals, not {text!r}")
    return number


ANSWERS: Mapping[str, Callable[[Ready, Call], Any]] = {
    "warm": _warm,
    "version": _version, "schemes": _schemes, "scheme": _scheme, "forms": _forms, "assess": _assess, "explain": _explain,
    "validate": _validate, "score": _score, "scoreMany": _score_many,
}  # fmt: skip
