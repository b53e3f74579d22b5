"""What docs/compatibility.md promises, as text that a reviewer reads: marks of a month, and the public API by its signatures."""

import inspect
import os
import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import minsheng_core
from minsheng_core.hooks import Hooks, PluginInfo
from minsheng_core.scheme import model

REGENERATE = "MINSHENG_REGENERATE"


def held(path: Path, now: str, what: str) -> None:
    """Fails where *now* isn't what the committed *path* says, with the difference and how to change it on purpose."""
    if os.environ.get(REGENERATE):
        path.write_text(now, encoding="utf-8")
        pytest.fail(f"{path.name} is written anew: read its diff, say why in CHANGELOG.md, then run the test again without {REGENERATE}")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before != now:
        old, new = before.splitlines(), now.splitlines()
        gone = [f"  - {line}" for line in old if line not in new]
        came = [f"  + {line}" for line in new if line not in old]
        lines = "\n".join([*gone, *came][:40]) or "  (the order of lines)"
        pytest.fail(
            f"{what} is no longer what tests/golden/{path.name} says:\n{lines}\n"
            f"If that is meant: {REGENERATE}=1 python -m pytest {Path('tests') / 'test_compatibility.py'}; docs/compatibility.md says when it may be.",
            pytrace=False,
        )


def marks_text(result: dict[str, Any]) -> str:
    """A result's marks, ranks and totals, a body a line; *result* as `assessment_json` gives it."""
    lines = [f"# {result['period']} {result['scheme']['title']}"]
    for one in result["indicators"]:
        actual, target = (_said(one[name]) for name in ("actual", "target"))
        lines.append(f"{one['id']}: {one['state']} {actual} of {target}, completion {one['completion']}, progress {one['progress']}")
    for sheet in result["sheets"]:
        lines.append(f"## {sheet['id']} {sheet['title']} {_said(sheet['full'])}")
        lines += [_body(one) for one in sheet["bodies"]]
    return "\n".join([*lines, ""])


def _body(one: dict[str, Any]) -> str:
    rank = one["rank"] if one["rank"] is not None else "-"
    group = one["group_rank"] if one["group_rank"] is not None else "-"
    items = ", ".join(
        f"{item['id']} {_said(item['marks'])}" + (f" ({item['marks_exact']})" if item["marks"] else "") for item in one["items"]
    )
    moved = ", ".join(
        f"{step['id']} {_said(step['value'])}"
        for step in one["adjustments"]
        if step["value"] not in (None, False, {"value": "0", "unit": "分"})
    )
    parts = [items, moved, "barred" if one["barred"] else "", " ".join(f"{k}={v}" for k, v in one["labels"].items()), one["reason"]]
    return f"{rank} {group} {one['body']['name']} {_said(one['total'])} {one['state']} | {' | '.join(filter(None, parts))}"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value['value']}{value['unit']}"
    return "-" if value is None else str(value)


def api_text() -> str:
    """Every public name with its signature; of a class its public methods, properties and attributes; then the hooks, and what is
    reached through a public value without being a name of its own."""
    lines = [f"API_VERSION = {minsheng_core.API_VERSION}"]
    for name in minsheng_core.__all__:
        lines += _lines(name, getattr(minsheng_core, name))
    lines += [f"hook {name}{_signature(one)}" for name, one in vars(Hooks).items() if not name.startswith("_")]
    for name, cls in (("indicator", model.Indicator), ("subject", model.Subject), ("body", model.Body)):
        lines += [f"case.{name}: {line}" for line in _lines(cls.__name__, cls)]
    return "\n".join([*lines, *_lines("plugins.infos: PluginInfo", PluginInfo), ""])


def _lines(name: str, thing: Any) -> list[str]:
    if inspect.isclass(thing) and issubclass(thing, Enum):
        return [f"{name}: {', '.join(f'{one.name}={one.value!r}' for one in thing)}"]
    if inspect.isclass(thing):
        made = _signature(thing)
        if issubclass(thing, Exception):
            made = f"({', '.join(base.__name__ for base in thing.__mro__[1:-1])})"
        elif getattr(thing, "_is_protocol", False):
            made = ": a protocol"
        return [f"{name}{made}", *(f"    {name}.{line}" for line in _members(thing))]
    if name == "hookimpl":
        return [f"{name}: pluggy.HookimplMarker({thing.project_name!r})"]
    if callable(thing):
        return [f"{name}{_signature(thing)}"]
    return [] if name == "API_VERSION" else [f"{name}: {', '.join(one.name for one in thing)}"]


def _members(cls: type) -> list[str]:
    """Public methods and properties of the class and of those of ours that it is made from; attributes that have a default."""
    fields = {one.name for one in getattr(cls, "__attrs_attrs__", ())}
    found = {}
    for owner in reversed(cls.__mro__):
        if not owner.__module__.startswith("minsheng_core"):
            continue
        for name, one in vars(owner).items():
            if name.startswith("_") or name in fields or name == "suite":  # its checks are the tests below
                continue
            plain = one.__func__ if isinstance(one, classmethod | staticmethod) else one
            if isinstance(one, property):
                found[name] = _plain(f"{name} -> {inspect.formatannotation(inspect.signature(one.fget).return_annotation)}")
            elif inspect.isfunction(plain):
                found[name] = f"{name}{_signature(plain)}"
            elif not inspect.ismemberdescriptor(one):
                found[name] = f"{name} = {_plain(repr(one))}"
    return [found[name] for name in sorted(found)]


def _signature(thing: Any) -> str:
    try:
        return _plain(str(inspect.signature(thing)))
    except ValueError:
        return ""


def _plain(text: str) -> str:
    """Without the modules that names live in, and without addresses: rooms may move, the API stays."""
    text = re.sub(r" at 0x[0-9a-f]+", "", text).replace("'", '"')
    text = re.sub(r'((?:: |-> ))"([^"]+)"', r"\1\2", text).replace("= NOTHING", "= …")  # a type is one, quoted or not
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])", "", text)
