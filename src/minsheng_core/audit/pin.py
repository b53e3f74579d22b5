"""Pinning: a counterexample as a worked example in the rule file, which `minsheng check` reckons again for good."""

from collections.abc import Iterator

from ..quantity import decimal_text
from .result import Result, Verdict
from .rule import Rule
from .tell import figure

__all__ = ["pinned"]

# What a pinned example asks, by promise: of the output from the first case to the last.
HOLDS = {
    "rises": "not_less",
    "falls": "not_more",
    "silence": "not_more",
    "neutral": "same",
    "bounds": "within",
    "veto": "within",
    "total": "answered",
}


def pinned(rule: Rule, result: Result) -> str:
    """The TOML of the example that fails for as long as the promise is broken on the result's case; empty where a promise, a
    method without a sheet, or a table of several rows can't be pinned."""
    holds = HOLDS.get(result.promise.code)
    if holds is None or rule.method or result.verdict is not Verdict.REFUTED or result.case is None or result.output is None:
        return ""
    tables = [row["table"] for row in result.case.rows if "table" in row]
    if len(tables) != len(set(tables)):
        return ""  # an example is one table, and compares its first case with its last
    title = f"审计：{result.promise.says[0]}（{result.key}）"
    output = result.output.replace("fault.item.", "exact.").replace("fault.label.", "").removeprefix("fault.")
    lines = [
        "",
        "[[example]]",
        f"title = {_text(title)}",
        f"sheet = {_text(rule.id)}",
        f"output = {_text(output)}",
        f"holds = {_text(holds)}",
    ]
    for name, limit in (("low", result.low), ("high", result.high)):
        if limit is not None and holds == "within":
            lines.append(f"{name} = {_text(f'{decimal_text(limit)}分')}")
    lines.append("case = [")
    for number, row in enumerate(result.case.rows):
        cells = ", ".join(f"{_key(name)} = {_text(shown)}" for name, shown in _cells(rule, dict(row)))
        lines.append(f'    {{ body = "{"ab"[number]}", {cells} }},')
    return "\n".join([*lines, "]", ""])


def _cells(rule: Rule, row: dict[str, int | None]) -> Iterator[tuple[str, str]]:
    for column in rule.columns:
        if row[column.name] is not None or column.name == "period":
            yield column.name, figure(column, row[column.name])


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else _text(name)


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
