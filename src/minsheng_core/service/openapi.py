"""The OpenAPI 3.1 document, made of the list of operations and the shapes."""

import json
import re
from typing import Any

from .answers import API
from .operations import OPERATIONS, Operation
from .problem import MEDIA
from .shapes import JSON, MULTIPART, TEXT, ref, shapes

__all__ = ["document", "document_text"]

TEXT_OF = {
    400: "malformed: no JSON, wrong encoding, a binary fraction, a key twice", 401: "no token, or a wrong one", 404: "no such scheme or sheet",
    408: "the body came too slowly", 409: "can't be scored row by row", 411: "a length that is none", 413: "too large", 415: "a content type or encoding that isn't read here",
    422: "not shaped as it should be, or can't be assessed", 500: "our fault", 503: "busy, or over the time limit; try again after Retry-After seconds",
}  # fmt: skip
ABOUT = (
    'Allocated targets, scored exactly and explained. Exact numbers are texts (`"0.95"`, `"2/3"`); binary fractions are refused. '
    "Errors are problem details (RFC 9457) with the place of every mistake."
)


def document() -> dict[str, Any]:
    """The document. It is the same wherever it is made."""
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "minsheng_core", "version": API, "description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "asked for where the service listens beyond the loopback"}
            },
            "schemas": shapes(),
        },
    }


def document_text() -> str:
    """The document as the file that is published."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _operation(one: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", one.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT | {"maxLength": 200}} for name in names]
    parameters += [
        {"name": name, "in": "query", "required": name in one.required, "description": says, "schema": schema}
        for name, (schema, says) in one.query.items()
    ]
    always = () if one.open else (401, 503, 500, 400)
    wrong = sorted({*always, *one.wrong, *((408, 411, 413, 415, 422) if one.method == "post" else (422,) if one.query else ())})
    told: dict[str, Any] = {
        "operationId": one.id, "summary": one.summary, "description": one.text, "parameters": parameters,
        "responses": {"200": {"description": "the answer", "content": {JSON: {"schema": ref(one.gives)}}}}
        | {str(status): _problem(status) for status in wrong},
    }  # fmt: skip
    told |= {"security": []} if one.open else {}
    if one.media:
        told["requestBody"] = {"required": True, "content": {media: {"schema": _body(one, media)} for media in one.media}}
    return {key: value for key, value in told.items() if value not in ("", [])} | ({"security": []} if one.open else {})


def _body(one: Operation, media: str) -> dict[str, Any]:
    if media == JSON:
        return ref(one.takes)
    return ref("Upload") if media == MULTIPART else {"description": "the file as it is"}


def _problem(status: int) -> dict[str, Any]:
    headers = {401: ("WWW-Authenticate", TEXT), 503: ("Retry-After", {"type": "integer"})}
    told: dict[str, Any] = {"description": TEXT_OF[status], "content": {MEDIA: {"schema": ref("Problem")}}}
    if status in headers:
        name, schema = headers[status]
        told["headers"] = {name: {"schema": schema}}
    return told
