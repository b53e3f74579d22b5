"""The shapes of what goes in and comes out, as JSON Schemas (2020-12): those of a result are the published ones, the rest stand here.

A request is held to the very schema that the OpenAPI file shows.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..publish.publication_json import schema as published
from .json_in import MOST_TOLD, path_of
from .problem import Refused

__all__ = ["FILE_MEDIA", "JSON", "MOST_ROWS", "MULTIPART", "check_shape", "shapes"]

JSON, MULTIPART = "application/json", "multipart/form-data"
FILE_MEDIA = (
    "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel", "application/octet-stream",
)  # fmt: skip
MOST_ROWS = 10_000  # of one table, or scored at once
LONGEST = 2_000  # characters of a cell
TEXT: dict[str, Any] = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}


def ref(name: str) -> dict[str, str]:
    """A reference to the shape of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def table(description: str, required: Mapping[str, Any], more: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """An object that has *required* and may have *more*."""
    return {"type": "object", "description": description, "required": list(required), "properties": {**required, **(more or {})}, **rest}


def several(one: Any, **rest: Any) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": one, **rest}


def constant(text: str) -> dict[str, Any]:
    return {"type": "string", "const": text}


def nullable(name: str) -> dict[str, Any]:
    return {"oneOf": [ref(name), {"type": "null"}]}


CELL = {
    "description": "what a clerk writes in a cell: text (`32929`, `14.09万`, `98.5%`, `2023-11-03`), or a whole number; never a binary fraction",
    "type": ["string", "integer", "null"],
    "maxLength": LONGEST,
}
FIGURE = {
    "description": "an exact number in the column's unit, or with its own (`14.09万人`), as text or a whole number; null: not filed",
    "type": ["string", "integer", "null"],
    "maxLength": 200,
}
ROW = {"type": "object", "additionalProperties": ref("Cell"), "minProperties": 1, "maxProperties": 200}
ROWS = several(ref("Row"), maxItems=MOST_ROWS)
PERIOD = {"type": "string", "pattern": "^[12]\\d{3}-(0[1-9]|1[0-2])$", "description": "a month", "examples": ["2023-10"]}

IN: dict[str, Any] = {
    "Cell": CELL,
    "Figure": FIGURE,
    "Row": {**ROW, "description": "a row of a report: `body`, `period`, `filed` (the day), and the fields of the indicator's form"},
    "Reports": table(
        "Reports as rows, by indicator; and events (typical cases, funds, findings). The forms say which fields there are.",
        {},
        {"reports": {"type": "object", "additionalProperties": ROWS, "maxProperties": 200}, "events": ROWS},
        minProperties=1,
        additionalProperties=False,
        examples=[{"reports": {"resident_pension": [{"body": "沩山乡", "period": "2023-10", "filed": "2023-11-03", "insured": 11120}]}}],
    ),
    "Figures": {
        "type": "object",
        "description": "the columns of a sheet, as `GET /v1/schemes/{scheme}` lists them; one that isn't there counts as not filed",
        "properties": {"period": PERIOD},
        "required": ["period"],
        "additionalProperties": ref("Figure"),
        "maxProperties": 500,
    },
    "One": table("One body's figures, as measured.", {"figures": ref("Figures")}, additionalProperties=False,
                 examples=[{"figures": {"period": "2023-10", "insured": 602, "target": "768"}}]),
    "Many": table("Many bodies' figures, as measured.", {"rows": several(ref("Figures"), maxItems=MOST_ROWS)}, additionalProperties=False),
    "Upload": table(
        "Clerks' files (.csv, .xlsx, .xlsm, .xls), each under its own name: the name, the sheet or our template in it says what it holds.",
        {"file": several({"type": "string", "contentMediaType": "application/octet-stream"}, minItems=1, maxItems=128)},
    ),
}  # fmt: skip

COLUMN = table(
    "a figure that a sheet is reckoned from",
    {"name": TEXT, "title": TEXT, "kind": {"enum": ["number", "text", "date", "period"]}, "unit": TEXT,
     "decimals": {"type": "integer", "minimum": 0}, "minimum": {"type": ["string", "null"]}, "maximum": {"type": ["string", "null"]}, "missing": {"type": "boolean"}, "choices": TEXTS},
)  # fmt: skip
FIELD = table(
    "a column of a form",
    {"name": TEXT, "title": TEXT, "kind": {"enum": ["quantity", "text", "date", "detected"]}, "unit": TEXT, "decimals": {"type": "integer", "minimum": 0},
     "minimum": ref("share"), "maximum": ref("share"), "missing": {"type": "boolean"}, "choices": TEXTS, "aliases": TEXTS},
)  # fmt: skip
NAMED = table("", {"id": TEXT, "title": TEXT})
MARK = table(
    "the exact total of one body, or why there is none",
    {"total": ref("quantity"), "reason": TEXT}, {"explanation": ref("step")},
)  # fmt: skip

OUT: dict[str, Any] = {
    "Problem": table(
        "problem details (RFC 9457)",
        {"title": TEXT, "status": {"type": "integer"}, "code": {**TEXT, "description": "stable, for programs"}, "detail": TEXT,
         "errors": several(table("one mistake", {"place": {**TEXT, "description": "a JSON path, a parameter, a header or a file"}, "message": TEXT}))},
    ),
    "Health": table("", {"status": constant("ok")}),
    "Version": table(
        "what runs here",
        {"library": TEXT, "api": TEXT,
         "plugins": several(table("", {"name": TEXT, "distribution": TEXT, "version": TEXT, "state": TEXT})),
         "schemes": several(table("", {"id": TEXT, "fingerprints": ref("Fingerprints")}))},
    ),
    "Fingerprints": {"type": "object", "description": "SHA-256 of `rules` and `plan`; the same ones give the same marks", "additionalProperties": TEXT},
    "Schemes": table("", {"schemes": several(table("", {"id": TEXT, "title": TEXT, "year": {"type": "integer"}, "fingerprints": ref("Fingerprints")}))}),
    "Scheme": table(
        "a year's scheme",
        {"id": TEXT, "title": TEXT, "year": {"type": "integer"}, "fingerprints": ref("Fingerprints"),
         "bodies": several(table("", {"id": TEXT, "name": TEXT, "kind": TEXT, "aliases": TEXTS})),
         "indicators": several(table("", {"id": TEXT, "title": TEXT, "kind": TEXT, "lead": TEXT, "target": ref("quantity")})),
         "sheets": several(table("", {"id": TEXT, "title": TEXT, "full": ref("quantity"), "bodies": TEXTS, "items": several(NAMED), "columns": several(COLUMN)}))},
    ),
    "Forms": table(
        "what is filed",
        {"scheme": TEXT,
         "forms": several(table("`subject`: the field that a row is about, or empty", {"indicator": TEXT, "title": TEXT, "subject": TEXT, "fields": several(FIELD)})),
         "events": table("", {"fields": several(FIELD), "kinds": several(table("", {"id": TEXT, "title": TEXT, "unit": TEXT}))})},
    ),
    "Explanation": table(
        "why a body has its marks",
        {"format": constant("minsheng.explanation/1"), "body": TEXT, "name": TEXT, "period": PERIOD,
         "sheets": several(table("", {"sheet": TEXT, "rank": {"type": ["integer", "null"]}, "state": ref("state"), "explanation": ref("step")})),
         "findings": several(ref("finding"))},
    ),
    "Validation": table(
        "what was found; `sound` where nothing is an error",
        {"format": constant("minsheng.validation/1"), "scheme": TEXT, "sound": {"type": "boolean"},
         "files": several(table("", {"name": TEXT, "sha256": TEXT, "reports": {"type": "integer"}, "refused": {"type": "integer"}, "events": {"type": "integer"}})),
         "findings": several(ref("finding"))},
    ),
    "Mark": table("", {"format": constant("minsheng.mark/1"), "scheme": TEXT, "sheet": TEXT, "fingerprint": TEXT, **MARK["properties"]})
    | {"required": ["format", "scheme", "sheet", "fingerprint", "total", "reason"]},
    "Marks": table("in the order of the rows", {"format": constant("minsheng.marks/1"), "scheme": TEXT, "sheet": TEXT, "fingerprint": TEXT, "results": several(MARK)}),
}  # fmt: skip


@cache
def shapes() -> dict[str, Any]:
    """Every shape by its name."""
    result = published("minsheng.assessment/1")
    parts = result.pop("$defs")
    for key in ("$schema", "$id"):
        result.pop(key)
    taken: dict[str, Any] = json.loads(json.dumps({"Assessment": result, **parts}).replace('"#/$defs/', '"#/components/schemas/'))
    place = taken["place"]["properties"]
    place["path"] = {"type": "string", "description": "where in the request's JSON, if rows were sent"}
    return {**IN, **OUT, **taken}


def check_shape(name: str, data: Any) -> None:
    """Hold *data* to the shape of that name. Raises Refused (422) with every mistake at its path."""
    found = sorted(_validator(name).iter_errors(data), key=lambda one: [str(part) for part in one.absolute_path])
    if found:
        told = [(path_of(list(one.absolute_path)), _words(one)) for one in found[:MOST_TOLD]]
        raise Refused(422, "wrong", "the request isn't shaped as it should be", told)


def _words(error: Any) -> str:
    if error.validator == "maxItems":
        return f"at most {error.validator_value} items, here are {len(error.instance)}"
    return str(error.message) if len(error.message) <= 200 else f"{error.message[:200]}…"


@cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator({**ref(name), "components": {"schemas": shapes()}})
