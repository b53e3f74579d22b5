"""A plan to read: its columns, and each operation as an equation with the interval that it never leaves."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..quantity import decimal_text
from .plan import RUNNING, Op, Output, Plan

__all__ = ["plan_json", "plan_text"]

_SIGNS = {"<=": "≤", "==": "=", "*": "·", "//": "÷"}


def plan_text(plan: Plan) -> str:
    """The plan as text. ``÷`` drops the rest; ``#n`` is the result of line n; ``64`` and ``128`` are bits."""
    return "\n".join([*_columns(plan), "", *_operations(plan), "", *_tables(plan), *_outputs(plan), "", f"fingerprint {plan.fingerprint}"])


def _columns(plan: Plan) -> Iterator[str]:
    yield f"{plan.title}: {len(plan.columns)} columns, {len(plan.ops)} operations, {_widths(plan.ops)}"
    for one in plan.columns:
        what = f"in 10^-{one.decimals} {one.unit}" if one.decimals else f"in {one.unit}" if one.unit else one.kind
        if one.choices:
            what = " ".join(f"{index}={word}" for index, word in enumerate(one.choices))
        yield f"  {one.name}  {one.title}, {what}, [{one.low}, {one.high}]{', may be missing' if one.missing else ''}"


def _widths(ops: Iterable[Op]) -> str:
    return "128 bits needed" if any(op.width == 128 for op in ops) else "64 bits are enough"


def _operations(plan: Plan) -> Iterator[str]:
    for position, op in enumerate(plan.ops):
        interval = "" if op.truth or op.op == "literal" else f"  [{op.low}, {op.high}]{' 128' if op.width == 128 else ''}"
        yield f"#{position} = {_equation(op, plan)}{interval}"


def _equation(op: Op, plan: Plan) -> str:
    args = [_operand(arg, plan) for arg in op.args]
    match op.op:
        case "literal":
            return str(bool(op.value)).lower() if op.truth else str(op.value)
        case "column":
            return op.name
        case "given" | "within":
            return f"{op.name} is {'given' if op.op == 'given' else 'within its range'}"
        case "case":
            return f"{args[1]} if {args[0]} else {args[2]}"
        case "not":
            return f"not {args[0]}"
        case "search" | "lookup":
            return f"{op.op} {args[0]} in {op.name}"
    if len(args) == 2 and not op.op[0].isalpha():
        return f"{args[0]} {_SIGNS.get(op.op, op.op)} {args[1]}"
    if op.op in ("and", "or"):
        return f"{args[0]} {op.op} {args[1]}"
    over = " over the body's months" if op.op in RUNNING else f" over the {op.name}"
    return f"{op.op}({', '.join(args)}){over}"


def _operand(position: int, plan: Plan) -> str:
    op = plan.ops[position]
    if op.op == "literal":
        return str(bool(op.value)).lower() if op.truth else str(op.value)
    return op.name if op.op == "column" else f"#{position}"


def _tables(plan: Plan) -> Iterator[str]:
    for name, numbers in plan.tables.items():
        shown = ", ".join(map(str, numbers[:12])) + (f", … ({len(numbers)} numbers)" if len(numbers) > 12 else "")
        yield f"{name}: {shown}"


def _outputs(plan: Plan) -> Iterator[str]:
    for one in plan.outputs:
        yield f"{one.name} = {_result(one)}{f' {one.unit}' if one.unit else ''}, undetermined where #{one.undetermined}  ({one.title})"


def _result(one: Output) -> str:
    if one.labels:
        return f"#{one.number} of {'、'.join(one.labels)}"
    factor = "" if one.coefficient == 1 else f"{decimal_text(one.coefficient)} · "
    below = "".join(f" / #{position}" for position in one.denominators)
    return f"{factor}#{one.number}{below}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data: integers as strings where they may pass 2^53."""
    return {
        "title": plan.title,
        "fingerprint": plan.fingerprint,
        "columns": [
            {"name": one.name, "title": one.title, "kind": one.kind, "unit": one.unit, "decimals": one.decimals, "low": str(one.low),
             "high": str(one.high), "missing": one.missing, "choices": list(one.choices)}
            for one in plan.columns
        ],
        "operations": [
            {"op": op.op, "args": list(op.args), "name": op.name, "value": str(op.value), "low": str(op.low), "high": str(op.high), "bits": op.width}
            for op in plan.ops
        ],
        "tables": {name: [str(number) for number in numbers] for name, numbers in plan.tables.items()},
        "outputs": [
            {"name": one.name, "title": one.title, "unit": one.unit, "number": one.number, "coefficient": str(one.coefficient),
             "denominators": list(one.denominators), "undetermined": one.undetermined, "labels": list(one.labels)}
            for one in plan.outputs
        ],
    }  # fmt: skip
