"""What must hold of the files and of every reading of them: rules survive being written and read, and three readings give the same marks."""

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from attrs import evolve, fields

from ..errors import MinshengError
from ..formula.plan import Column
from ..formula.reference import Given, Row, evaluate_rows
from ..hooks import Plugins
from ..period import Period
from ..quantity import Quantity, unit
from ..rounding import round_places
from ..scheme import model
from ..scheme.load import load_scheme
from ..scheme.write import scheme_data, write_toml
from ..scoring.names import ADJUSTMENT_FIELDS
from ..scoring.prepare import FormulaAssessment, prepare_all, with_declared
from ..scoring.sheet import Reading
from .bodies import Pair, Played, ground_of
from .promise import PROMISES, Said
from .result import Case, Result, Verdict
from .rule import Cells, Rule
from .table_case import table_case

__all__ = ["replays", "round_trip"]

WHOLE: Said = ("整份规则", "the rules as a whole")


def round_trip(scheme: model.Scheme, plugins: Plugins) -> Result:
    """The scheme written as TOML, read again and lowered: the same scheme, the same plans."""

    def result(verdict: Verdict, words: Said) -> Result:
        return Result(
            key="files::files::", promise=PROMISES["files"], rule="files", about=WHOLE, verdict=verdict, by="exact", words=words, probes=1
        )

    try:
        text = write_toml(scheme_data(scheme))
    except MinshengError as error:
        return result(Verdict.UNKNOWN, (f"写不出来：{error}", f"can't be written: {error}"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "scheme.toml"
            file.write_text(text, encoding="utf-8")
            again = load_scheme(str(file))
    except MinshengError as error:
        return result(Verdict.REFUTED, (f"写出后读不回来：{error}", f"what was written can't be read: {error}"))
    if differing := _differing(scheme, again):
        names = ", ".join(differing)
        return result(Verdict.REFUTED, (f"写出再读入，{names}不同", f"written and read again, {names} differ"))
    before, after = _plans(scheme, plugins), _plans(again, plugins)
    moved = [name for name in before if before[name] != after.get(name)]
    if moved:
        return result(
            Verdict.REFUTED,
            (f"写出再读入，{'、'.join(moved)}的运算不同", f"written and read again, the plans of {', '.join(moved)} differ"),
        )
    count = len(before)
    return result(
        Verdict.PROVED,
        (f"写出再读入，规则相同，{count}张表的运算逐位相同", f"the same rules, and the plans of {count} sheets the same to the bit"),
    )


def _differing(one: model.Scheme, other: model.Scheme) -> list[str]:
    names = [field.name for field in fields(model.Scheme) if field.eq]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _plans(scheme: model.Scheme, plugins: Plugins) -> dict[str, str]:
    known, _ = with_declared(scheme, plugins)
    prepared, _ = prepare_all(scheme, known)
    return {name: sheet.plan.fingerprint for name, sheet in prepared.sheets.items()}


# -- three readings ----------------------------------------------------------------------------------------------


def replays(rule: Rule, rows: Sequence[Cells], keys: Sequence[tuple[str, str]] | None = None) -> Result:
    """The explanation's own marks, the plan's outputs and the exact reference on fractions, held together on *rows*.

    *keys* are (body, group) by row where the rows are one table; without them each row stands by itself. Items, adjustments
    without names of other results, and the rounding of items are reckoned again. A difference is a CONFLICT: two of our own readings.
    """
    ground = ground_of(rule)
    tables = [Pair(tuple(keys), tuple(rows), tuple(rows))] if keys is not None else [Pair((("", ""),), (row,), (row,)) for row in rows]
    for pair in tables:
        whole = [{**{column.name: None for column in rule.plan.columns}, "copies": 1, **row} for row in pair.a]
        played, usable = ground.played(whole, pair.keys), [_usable(rule, row) for row in whole]
        for id, reading in {**rule.lowered.items, **rule.lowered.adjustments}.items():
            wrong = _wrong(rule, id, reading, Pair(pair.keys, tuple(whole), tuple(whole)), played, usable)
            if wrong:
                case: Case = table_case(
                    ground, Pair(pair.keys, tuple(whole), tuple(whole)), [f"exact.{id}", f"item.{id}", f"adjustment.{id}", "total"]
                )
                return _replayed(rule, Verdict.CONFLICT, wrong, len(rows), case)
    words = (f"{len(rows)}行：说明、运算与精确参照三者一致", f"{len(rows)} rows: explanation, plan and exact reference agree")
    return _replayed(rule, Verdict.NOT_REFUTED, words, len(rows)) if rows else _replayed(rule, Verdict.UNKNOWN, ("没有行", "no rows"), 0)


def _replayed(rule: Rule, verdict: Verdict, words: Said, count: int, case: Case | None = None) -> Result:
    return Result(
        key=f"{rule.id}::replay::", promise=PROMISES["replay"], rule=rule.id, about=("每项得分与调整", "items and adjustments"), verdict=verdict,
        by="exact", words=words, probes=count, case=case, place=rule.sheet.place, clause=rule.sheet.source,
    )  # fmt: skip


def _wrong(rule: Rule, id: str, reading: Reading, pair: Pair, played: Played, usable: Sequence[bool]) -> Said | None:
    """Where a reading differs from another, in words."""
    item = id in rule.lowered.items
    name = f"exact.{id}" if item else f"adjustment.{id}"
    facts = [_facts(rule, id, reading, row, played, index) for index, row in enumerate(pair.a)]
    formula = reading.formula
    if item:
        assessment, parameters = rule.prepared.items[rule.sheet.id, id]
        assert isinstance(assessment, FormulaAssessment)
        formula = evolve(formula, scope=evolve(formula.scope, constants={**formula.scope.constants, **parameters}))
    given = [
        Row(body=key[0], group=_group(rule, key), period=_period(row), values=values, usable=good)
        for key, row, values, good in zip(pair.keys, pair.a, facts, usable, strict=True)
    ]
    exact = evaluate_rows(formula, given, first_month=rule.sheet.first_month)
    for index, found in enumerate(exact):
        if not given[index].usable:
            continue
        results = played.rows[index]
        told = reading.values[_id(formula.root)].output("").value(results)
        step = reading.step(results, {}).value
        shown = step.base if isinstance(step, Quantity) else step
        planned = played.value(name, index)
        who = f"{pair.keys[index][0]} {_period(pair.a[index])}".strip()
        if told != found or (shown is not None and shown != found):
            return (
                f"{who}：{id}按精确参照为{found}，按说明为{shown}",
                f"{who}: {id} is {found} by the reference, {shown} by the explanation",
            )
        if item and pair.a[index].get(f"{id}.applies", 1) != 1:
            continue  # the item isn't this body's: the plan gives it no marks, whatever the formula says
        if item and planned is not None and planned != found:
            return (f"{who}：{id}按精确参照为{found}，按运算为{planned}", f"{who}: {id} is {found} by the reference, {planned} by the plan")
        rounded = played.value(f"item.{id}" if item else name, index)
        if isinstance(found, Fraction) and isinstance(rounded, Fraction):
            rule_of = rule.sheet.rounding
            wanted = round_places(found, rule_of.places, rule_of.mode) if rule_of.when == "item" else found
            if rounded != wanted:
                return (f"{who}：{id}应修约为{wanted}，得{rounded}", f"{who}: {id} rounds to {wanted}, the plan gives {rounded}")
    return None


def _id(node: object) -> int:
    return id(node)


def _group(rule: Rule, key: tuple[str, str]) -> str:
    return key[1] if rule.sheet.ranking is not None and rule.sheet.ranking.groups else ""


def _usable(rule: Rule, row: Cells) -> bool:
    return all((cell := row.get(one.name)) is None or one.low <= cell <= one.high for one in rule.plan.columns)


def _period(row: Cells) -> Period:
    number = row["period"] or 0
    return Period(number // 12, number % 12 + 1)


def _facts(rule: Rule, id: str, reading: Reading, row: Cells, played: Played, index: int) -> dict[str, Given]:
    """What a formula may name, from a row's cells; sums and labels from the plan's results, which were held before."""
    columns = {one.name: one for one in rule.plan.columns}
    facts: dict[str, Given] = {"month": Quantity(Fraction(_period(row).month))}
    for event in rule.prepared.scheme.events:
        if event.id in columns:
            facts[event.id] = given_of(columns[event.id], row.get(event.id) or 0)
    for one in ADJUSTMENT_FIELDS:
        if one.name == "late_days" and one.name in columns:
            facts[one.name] = given_of(columns[one.name], row.get(one.name))
    item = id in rule.lowered.items  # which names nothing of the others
    for (owner, measure), column in rule.lowered.columns.items():
        if owner == id or not item:
            facts[measure if item else f"{owner}.{measure}"] = given_of(columns[column], row.get(column))
    if item:
        return facts | {"full": rule.item(id).full}
    for other in rule.sheet.items:
        facts[f"{other.id}.marks"] = _marks(played.value(f"item.{other.id}", index))
    outputs = {one.name for one in played.plan.outputs}
    subtotal = "subtotal" if "subtotal" in outputs else "exact.subtotal"
    facts["subtotal"] = _marks(played.value(subtotal, index))
    applying = sum(row.get(f"{one.id}.applies", 1) == 1 for one in rule.sheet.items)
    facts["items"] = Quantity(Fraction(applying), unit("项"))
    for label in rule.sheet.labels:
        word = played.value(label.id, index)
        facts[label.id] = word if isinstance(word, str) else None
    return facts


def _marks(value: object) -> Quantity | None:
    return Quantity(value, unit("分")) if isinstance(value, Fraction) else None


def given_of(column: Column, cell: int | None) -> Given:
    """A cell as the figure it stands for."""
    if cell is None:
        return None
    if column.kind == "date":
        return date(1970, 1, 1) + timedelta(days=cell)
    if column.choices:
        return column.choices[cell] if 0 <= cell < len(column.choices) else None
    return Quantity(Fraction(cell, 10**column.decimals), unit(column.unit))
