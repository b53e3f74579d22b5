"""A finding on tables of bodies as a case for people: each row with its body, group and month, what differs, and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction

from attrs import evolve

from ..formula.plan import Column, Output, Plan
from ..formula.python import compile_rows
from ..quantity import Quantity, decimal_text, unit
from .bodies import FIXED, Ground, Pair, Played, changes
from .result import Case, Line

__all__ = ["cell_text", "table_case", "value_text"]


def table_case(ground: Ground, pair: Pair, outputs: Iterable[str], replay: str = "", other: Plan | None = None) -> Case:
    """The tables as a case: the rows of A, and those of B after them where the two differ; what the *other* plan makes of A below
    what the rule does.

    Each of *rows* also says its ``table`` (0 A, 1 B), ``body`` and ``group`` as running numbers; plans don't read them.
    """
    two = bool(changes(pair))
    tables = (pair.a, pair.b) if two else (pair.a,)
    played = [ground.played(rows, pair.keys) for rows in tables]
    bodies, groups = (list(dict.fromkeys(key[part] for key in pair.keys)) for part in (0, 1))
    rows = tuple(
        {**cells, "table": index, "body": bodies.index(key[0]), "group": groups.index(key[1])}
        for index, table in enumerate(tables)
        for cells, key in zip(table, pair.keys, strict=True)
    )
    lines = [Line(name="table", title="表", values=tuple("AB"[row["table"] or 0] for row in rows))] if two else []
    lines.append(Line(name="body", title="单位", values=tuple(key[0] for key in pair.keys) * len(tables)))
    if len(groups) > 1 or groups != [""]:
        lines.append(Line(name="group", title="组", values=tuple(key[1] for key in pair.keys) * len(tables)))
    changed = {name for _, name in changes(pair)}
    for column in ground.plan.columns:
        if column.name not in ("copies",) and (column.name not in FIXED or column.name in ("period", "order")):
            values = tuple(cell_text(column, row[column.name]) for row in rows)
            lines.append(Line(name=column.name, title=column.title or column.name, values=values, changed=column.name in changed))
    known = {one.name: one for one in ground.plan.outputs}
    for name in outputs:
        if name in known:
            lines.append(_result(known[name], played))
        if other is not None and name in known and name in {one.name for one in other.outputs}:
            before = _result(other.output(name), [Played(other, compile_rows(other)(pair.a, pair.keys))])
            differs = before.values != lines[-1].values
            lines[-1] = evolve(lines[-1], changed=differs)
            lines.append(evolve(before, name=f"other.{name}", title=f"{before.title}（对照）", changed=differs))
    return Case(rows=rows, lines=tuple(lines), replay=replay)


def _result(output: Output, played: Sequence[Played]) -> Line:
    by_table = [[value_text(output, one.value(output.name, row)) for row in range(len(one.rows))] for one in played]
    values = tuple(value for table in by_table for value in table)
    return Line(name=output.name, title=output.title or output.name, values=values, changed=by_table[0] != by_table[-1], result=True)


def cell_text(column: Column, cell: int | None) -> str:
    """A figure as a clerk writes it."""
    if cell is None:
        return "未填"
    if column.name == "period":
        return f"{cell // 12}-{cell % 12 + 1:02}"
    if column.kind == "date":
        return (date(1970, 1, 1) + timedelta(days=cell)).isoformat()
    if column.choices:
        return column.choices[cell] if 0 <= cell < len(column.choices) else str(cell)
    return f"{decimal_text(Fraction(cell, 10**column.decimals))}{column.unit}"


def value_text(output: Output, value: object) -> str:
    """A result as people read it."""
    if value is None:
        return "未定"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Fraction):
        return str(Quantity(value / unit(output.unit).scale, unit(output.unit)))
    return str(value)
