"""The page that shows the API to people: made of the OpenAPI document, without script, and without anything from the network."""

import base64
import hashlib
import json
import re
from typing import Any

from ..publish.markup import Markup, tag
from .openapi import document

__all__ = ["page", "policy"]

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2rem 0 .3rem}code,pre{font:14px/1.45 ui-monospace,monospace}code{overflow-wrap:anywhere}
pre{background:#f4f4f1;padding:.6rem;overflow:auto;max-height:24rem}table{border-collapse:collapse;width:100%;margin:.4rem 0}
th,td{text-align:left;vertical-align:top;border-top:1px solid #ddd;padding:.25rem .6rem .25rem 0}th{font-weight:600;color:#555}
.method{display:inline-block;min-width:3.2rem;font-weight:700}nav li{margin:.1rem 0}summary{cursor:pointer}"""


def page() -> str:
    """The page, whole."""
    told = document()
    operations = [(path, method, one) for path, methods in told["paths"].items() for method, one in methods.items()]
    body = tag(
        "body",
        tag("h1", f"{told['info']['title']} {told['info']['version']}"),
        tag("p", _words(told["info"]["description"]), " ", tag("a", "openapi.json", href="openapi.json")),
        tag("nav", tag("ul", [_entry(*one) for one in operations])),
        tag("main", [_operation(*one) for one in operations]),
        tag("h2", "Shapes"),
        [_shape(name, schema) for name, schema in told["components"]["schemas"].items()],
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", "minsheng_core API"),
        tag("style", Markup(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def policy(text: str) -> str:
    """The content security policy: that page's own style, and nothing else from anywhere."""
    found = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256((found[1] if found else "").encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def _entry(path: str, method: str, one: dict[str, Any]) -> Markup:
    return tag("li", tag("a", tag("code", f"{method.upper()} {path}"), href=f"#{one['operationId']}"), f" {one['summary']}")


def _operation(path: str, method: str, one: dict[str, Any]) -> Markup:
    parameters = [
        tag("tr", tag("td", tag("code", each["name"])), tag("td", each["in"]), tag("td", _words(each.get("description", ""))))
        for each in one.get("parameters", ())
    ]
    taken = [
        tag("tr", tag("td", tag("code", media)), tag("td", "body"), tag("td", _link(told["schema"])))
        for media, told in one.get("requestBody", {}).get("content", {}).items()
    ]
    given = [
        tag(
            "tr",
            tag("td", tag("code", status)),
            tag("td", _words(told["description"])),
            tag("td", [_link(each["schema"]) for each in told.get("content", {}).values()]),
        )
        for status, told in one["responses"].items()
    ]
    return tag(
        "section",
        tag("h2", tag("span", method.upper(), class_="method"), " ", tag("code", path), id=one["operationId"]),
        tag("p", one["summary"], ". ", _words(one.get("description", ""))),
        tag("table", [*parameters, *taken]) if parameters or taken else "",
        tag("details", tag("summary", "answers"), tag("table", given)),
    )


def _shape(name: str, schema: dict[str, Any]) -> Markup:
    text = json.dumps(schema, ensure_ascii=False, indent=1)
    return tag(
        "details",
        tag("summary", tag("code", name), " ", _words(schema.get("description", ""))),
        tag("pre", _lines(text)),
        id=f"shape-{name}",
    )


def _link(schema: dict[str, Any]) -> Markup:
    name = schema.get("$ref", "").rpartition("/")[2]
    return tag("a", tag("code", name), href=f"#shape-{name}") if name else tag("span", schema.get("description", ""))


def _words(text: str) -> list[Markup]:
    """Text in which `…` is code."""
    return [tag("code" if at % 2 else "span", part) for at, part in enumerate(text.split("`")) if part]


def _lines(text: str) -> list[Markup]:
    return [Markup(f"{tag('span', line)}\n") for line in text.splitlines()]
