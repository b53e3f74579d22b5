"""The windows of a plan over rows in memory: what a row's group has in its period, and what its body had in the months before."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from .plan import RUNNING, Op, Plan

__all__ = ["reckon"]

Cells = Mapping[str, int | None]


def reckon(plan: Plan, position: int, rows: Sequence[Cells], keys: Sequence[tuple[str, str]], results: list[list[int]]) -> None:
    """Fill in the window at *position* on every row."""
    op = plan.ops[position]
    reckoned = _over_months(op, rows, keys, results) if op.op in RUNNING else _over_group(op, rows, keys, results)
    for row, value in reckoned:
        results[row][position] = value


def _over_months(op: Op, rows: Sequence[Cells], keys: Sequence[tuple[str, str]], results: list[list[int]]) -> Iterator[tuple[int, int]]:
    months: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, (body, _) in enumerate(keys):
        months[body].append((rows[row].get("period") or 0, row))
    for mine in months.values():
        held, before = None, op.value
        for _, row in sorted(mine):
            value = results[row][op.args[0]]
            if op.op == "lag":
                yield row, before
                before = value
                continue
            held = value if held is None else held + value if op.op == "running_sum" else max(held, value)
            yield row, held


def _over_group(op: Op, rows: Sequence[Cells], keys: Sequence[tuple[str, str]], results: list[list[int]]) -> Iterator[tuple[int, int]]:
    groups: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for row, (_, group) in enumerate(keys):
        groups[rows[row].get("period") or 0, group if op.name == "group" else ""].append(row)
    for members in groups.values():
        values = [results[row][op.args[0]] for row in members]
        if op.op in ("group_sum", "group_max"):
            whole = sum(values) if op.op == "group_sum" else max(values)
            yield from ((row, whole) for row in members)
            continue
        valid = [bool(results[row][op.args[1]]) for row in members]
        places = _places([value for value, one in zip(values, valid, strict=True) if one], dense=op.op == "group_dense")
        yield from ((row, places[value] if one else 1) for row, value, one in zip(members, values, valid, strict=True))


def _places(values: Sequence[int], *, dense: bool) -> dict[int, int]:
    """The rank of each value, from the highest down."""
    places: dict[int, int] = {}
    for index, value in enumerate(sorted(values, reverse=True)):
        places.setdefault(value, len(places) + 1 if dense else index + 1)
    return places
