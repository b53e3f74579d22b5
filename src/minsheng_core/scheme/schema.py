"""The JSON Schema of rule files, made from the loader's own model: for editors, which complete and check by it as one types.

It is never stricter than the loader: what it refuses, `minsheng check` refuses as well. What needs more than one table (ids, sums,
formulas) is for `minsheng check`.
"""

import json
import re
import types
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from inspect import getdoc
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from ..quantity import Quantity
from ..rounding import Rounding
from . import model
from .facts import Placed
from .load import PLURAL, SINGULAR, TABLES, known_keys

__all__ = ["rule_schema", "shipped_schema"]

Schema = dict[str, Any]
QUANTITY: Schema = {"type": "string", "minLength": 1, "description": "a number with its unit: 80分, 75.743万人, 100%, 1分/天"}
OPEN: Schema = {"type": "object", "additionalProperties": True}  # said, as some editors take silence for a no
SIMPLE: Mapping[Any, Schema] = {
    str: {"type": "string"}, int: {"type": "integer"}, bool: {"type": "boolean"}, date: {"type": "string", "format": "date"}, Quantity: QUANTITY,
    Rounding: {"enum": [mode.value for mode in Rounding]}, Any: {},
}  # fmt: skip
# What a key means, where its name and its table don't say it. Keys that are in no table fail a test.
MEANINGS: Mapping[str, str] = {
    "id": "its name in other tables and formulas", "source": 'a clause id, or "assumption" with a reason', "reason": "of an assumption: why this, and what would replace it",
    "compare": "real rules of other places that an assumption leans on", "printed": "the words as printed in the paper, which say the same number",
    "figures": "the figures of the clause as printed", "locator": "where in the document: 二、（一）", "summary": "what the clause says, in our words",
    "kind": "what sort it is; of an indicator or method, the kind of indicator that a plugin or [[kind]] gives", "lead": "the body that answers for it",
    "joint": "the other responsible bodies, or kinds of bodies", "undistributed": "why the target is not split over bodies", "formula": "see docs/rules.md, Formulas",
    "parameters": 'by name: "1分", or dated [{ from = 2023-01-01, value = "1分" }]', "bands": "tables that the formula looks up with band(x, NAME)",
    "full": "full marks, in 分", "floor": "the least total", "ceiling": "the most total", "base": "what everybody starts from", "cap": "of a veto with effect cap: the most total",
    "rescale": "whether items that don't apply are made up for", "first_month": "where functions over a body's months begin", "places": "decimals that are kept, 0 to 9",
    "when": "whether each item is rounded, or the total alone", "groups": "whether bodies are also ranked inside each kind", "method": "how marks are given, or ties ranked",
    "bodies": "ids or kinds of bodies", "row": "the row of the paper's table", "part_of": "the indicator that this is a part of", "options": "what its plugin needs to know",
    "case": "rows of the sheet's columns, each with expect", "day": "the day of the following month on which a report falls due, 1 to 28", "unlike": "stages that another person must have signed",
    "most": "the most of it in a year; more is refused", "decimals": "the most decimals that may be written", "flow": "whether the figures are those of the year so far",
    "primary": "the field held against the target", "missing": "whether it may be left out", "effect": "of a veto: zero, cap or bar", "aliases": "other names that are understood",
}  # fmt: skip


def rule_schema() -> Schema:
    """The schema (draft 2020-12) as data."""
    made: dict[str, Schema] = {}
    properties = {"scheme": _reference(model.Scheme, made)}
    properties |= {table: {"type": "array", "items": _reference(cls, made)} for table, (_, cls) in TABLES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:minsheng:rules:1", "title": "minsheng rule file",
        "description": "A folder of these is a year's scheme; see docs/rules.md.", "type": "object", "properties": properties,
        "additionalProperties": False, "$defs": dict(sorted((made | {"Band": _band(), "Parameter": _parameter(), "Case": _case()}).items())),
    }  # fmt: skip


def shipped_schema() -> str:
    """The schema as it ships: the file ``schemas/rules.json`` of this package."""
    return files("minsheng_core.scheme").joinpath("schemas", "rules.json").read_text(encoding="utf-8")


def schema_text() -> str:
    """The schema as the text of that file."""
    return json.dumps(rule_schema(), ensure_ascii=False, indent=1) + "\n"


def _reference(cls: type[Any], made: dict[str, Schema]) -> Schema:
    name = cls.__name__
    if name not in made:
        made[name] = {}  # so that a class inside itself ends
        made[name] = _table(cls, made)
    return {"$ref": f"#/$defs/{name}"}


def _table(cls: type[Any], made: dict[str, Schema]) -> Schema:
    attributes = {one.name: one for one in attrs.fields(attrs.resolve_types(cls))}
    properties: Schema = {}
    for key, name in known_keys(cls).items():
        said: Schema = _type(attributes[name].type, key, made)
        if key in PLURAL.values():
            said = said | {"deprecated": True, "description": f"write {SINGULAR[key]}"}
        elif key in MEANINGS and "description" not in said:
            said = said | {"description": MEANINGS[key]}
        properties[key] = said
    needed = [name for name, one in attributes.items() if one.default is attrs.NOTHING]
    table: Schema = {
        "type": "object",
        "description": " ".join(re.split(r"\n\s*\n", getdoc(cls) or "")[0].split()).replace("`", ""),
        "properties": properties,
        "required": [name for name in needed if name not in SINGULAR],
        "additionalProperties": False,
    }
    if spelt := [name for name in needed if name in SINGULAR]:
        table["allOf"] = [{"anyOf": [{"required": [SINGULAR[name]]}, {"required": [name]}]} for name in spelt]
    if issubclass(cls, model.Sourced):
        table["if"] = {"properties": {"source": {"const": model.ASSUMPTION}}, "required": ["source"]}
        table["then"] = {"properties": {"reason": {"minLength": 1}}, "required": ["reason"]}
    return table


def _type(hint: Any, key: str, made: dict[str, Schema]) -> Schema:
    """The schema of a field's type."""
    if key == "bands":
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/Band"}}
    if key == "parameters":
        return {"type": "object", "additionalProperties": {"$ref": "#/$defs/Parameter"}}
    if key in ("case", "cases"):
        return {"type": "array", "items": {"$ref": "#/$defs/Case"}}
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):  # TOML has no null: None is a key that isn't there
        return _type(next(one for one in inside if one is not type(None)), key, made)
    if origin is tuple:
        return {"type": "array", "items": _type(inside[0], key, made)}
    if origin is Literal:
        return {"enum": list(inside)}
    if origin is not None:  # Mapping[str, Any]
        return dict(OPEN)
    if isinstance(hint, type) and issubclass(hint, Placed):
        return _reference(hint, made)
    return dict(SIMPLE[hint])


# -- what the loader reads by hand -----------------------------------------------------------------------------------------------------


def _band() -> Schema:
    figure = {"type": ["string", "number"]}
    row = {"at": figure, "above": figure, "value": figure, "rate": figure, "is": {"type": "string"}}
    return {
        "type": "object", "description": "A table: step, linear or marginal from a figure, choice from a word.", "required": ["kind", "rows"],
        "properties": {
            "kind": {"enum": ["step", "linear", "marginal", "choice"]}, "input": {"type": "string", "description": "the unit of what is looked up"},
            "output": {"type": "string", "description": "the unit of what it gives"}, "below": figure | {"description": "what is under the first row; without it, undetermined"},
            "rows": {"type": "array", "minItems": 1, "items": {
                "type": "object", "properties": row, "additionalProperties": False, "minProperties": 2, "maxProperties": 2,
                "oneOf": [{"required": ["at"]}, {"required": ["above"]}, {"required": ["is"]}]}},
        },
        "additionalProperties": False,
    }  # fmt: skip


def _parameter() -> Schema:
    row = {
        "type": "object",
        "properties": {"from": SIMPLE[date], "value": {}},
        "required": ["from", "value"],
        "additionalProperties": False,
    }
    return {
        "oneOf": [
            QUANTITY,
            {"type": "array", "minItems": 1, "items": row, "description": "each value holds from its day until the next one starts"},
        ]
    }


def _case() -> Schema:
    return {
        "type": "object", "description": "Figures as a clerk writes them, by column of the sheet, and what they come to.", "required": ["period"],
        "properties": {"body": {}, "period": {"description": "2023-10"}, "group": {}, "expect": OPEN}, "additionalProperties": True,
    }  # fmt: skip
