"""Two versions of a rule set: what was changed in words, whether the marks agree, where not, by how much, and for whom."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import attrs

from ..finding import Place
from ..formula.build import Builder
from ..formula.plan import Plan
from ..quantity import Quantity, decimal_text
from ..scheme import model
from ..scheme.facts import Placed
from ..scheme.load import Text
from .engines import Engines
from .pool import Pool
from .promise import PROMISES, Said
from .question import Question
from .regions import regions
from .result import Difference, Result, Verdict
from .rule import Rule
from .verdict import answer

__all__ = ["Change", "Marks", "between", "changes", "compare", "version_questions"]

Change = tuple[str, str, str, Place | None, Place | None]
Marks = Mapping[tuple[str, str], Fraction | None]  # (sheet, body's name) → total


def compare(
    old: Sequence[Rule], new: Sequence[Rule], engines: Engines, source: str, marks: tuple[Marks, Marks] | None = None
) -> list[Difference]:
    """One difference for each sheet of either version, those of equal marks included. *marks* are totals of given reports under
    the old and under the new rules."""
    before, after = {one.id: one for one in old if not one.method}, {one.id: one for one in new if not one.method}
    found = [_compared(before[id], rule, engines, source, marks) if id in before else _alone(rule, "new") for id, rule in after.items()]
    return [*found, *(_alone(rule, "gone") for id, rule in before.items() if id not in after)]


def _alone(rule: Rule, which: Literal["new", "gone"]) -> Difference:
    """A sheet that only one version has."""
    words = (
        ("旧版没有这张表", "the old version has no such sheet")
        if which == "new"
        else ("新版没有这张表", "the new version has no such sheet")
    )
    question, *_ = _questions(rule, rule)
    result = Result(
        key=question.key, promise=question.promise, rule=rule.id, about=question.about, verdict=Verdict.REFUTED, by="construction", words=words,
        place=rule.sheet.place, clause=rule.sheet.source,
    )  # fmt: skip
    return Difference(rule=rule.id, result=result)


def _compared(old: Rule, new: Rule, engines: Engines, source: str, marks: tuple[Marks, Marks] | None) -> Difference:
    both = _widened(new, old.plan)
    question, *further = _questions(both, old)
    others: tuple[Result, ...] = ()
    if unlike := list(_unlike(old, new)):
        words = (
            f"填报的格子不同，没有比较得分：{'、'.join(unlike)}",
            f"filled in another way, so marks can't be held together: {', '.join(unlike)}",
        )
        result = Result(
            key=question.key,
            promise=question.promise,
            rule=new.id,
            about=question.about,
            verdict=Verdict.UNKNOWN,
            by="construction",
            words=words,
        )
    else:
        pool = Pool(both, also=old.plan)
        result = answer(question, pool, engines, source)
        others = tuple(answer(one, pool, engines, source) for one in further)
    told = list(changes(old, new))
    others += tuple(_beside(new, told, marks, result))
    place = next((one[4] for one in told if one[4] is not None), new.sheet.place)
    where = regions(old, new) if result.verdict is Verdict.REFUTED else ()
    return Difference(
        rule=new.id, result=attrs.evolve(result, place=place), others=others, changes=tuple(told), regions=tuple(where),
        affected=_affected(new.id, marks),
    )  # fmt: skip


def _beside(new: Rule, told: Sequence[Change], marks: tuple[Marks, Marks] | None, result: Result) -> Iterator[Result]:
    """What the plans don't hold: other targets, other shares, other bodies; and marks of given reports that differ for such a reason."""
    moved = [one for one in told if any(part in one[0] for part in (".bodies", ".target", ".shares")) and not one[0].endswith(".printed")]
    key, promise = f"{new.id}::versions", PROMISES["versions"]
    if moved:
        names = "；".join(f"{what}：{before}→{after}" for what, before, after, *_ in moved[:5])
        words = (
            f"目标、分解或评估对象不同，同样的实绩得分可能不同：{names}",
            f"targets, shares or bodies differ, so the same figures may score otherwise: {names}",
        )
        about: Said = (f"“{new.title}”的目标和对象", f"targets and bodies of {new.id!r}")
        yield Result(
            key=f"{key}::targets", promise=promise, rule=new.id, about=about, verdict=Verdict.REFUTED, by="construction", words=words,
            place=moved[0][4] or new.sheet.place, clause=new.sheet.source,
        )  # fmt: skip
    affected = _affected(new.id, marks)
    if affected and not moved and result.verdict is not Verdict.REFUTED:
        body, *both = affected[0]
        before, after = ("—" if one is None else f"{decimal_text(one)}分" for one in both)
        words = (
            f"所给填报中{len(affected)}个单位得分不同，如{body}由{before}到{after}",
            f"{len(affected)} bodies of the given reports score otherwise, as {body}: {before} to {after}",
        )
        yield Result(
            key=f"{key}::data", promise=promise, rule=new.id, about=(f"“{new.title}”在所给填报上", f"{new.id!r} on the given reports"),
            verdict=Verdict.REFUTED, by="replay", words=words, place=new.sheet.place, clause=new.sheet.source,
        )  # fmt: skip


def _unlike(old: Rule, new: Rule) -> Iterator[str]:
    """Figures whose cells don't mean the same in both versions: of another unit, with other decimals, or other words."""
    known = {one.name: one for one in old.plan.columns}
    for one in new.plan.columns:
        other = known.get(one.name, one)
        words = any(mine != theirs for mine, theirs in zip(one.choices, other.choices, strict=False))
        if words or (one.kind, one.unit, one.decimals) != (other.kind, other.unit, other.decimals):
            yield f"{one.title or one.name}（{one.name}）"


def _widened(rule: Rule, other: Plan) -> Rule:
    """The rule with the columns that only *other* reads: reports that it doesn't read may fill them all the same."""
    more = [one for one in other.columns if one.name not in {mine.name for mine in rule.plan.columns}]
    if not more:
        return rule
    build = Builder.extending(attrs.evolve(rule.plan, columns=(*rule.plan.columns, *more)))
    held = [build.within(one.name) for one in more] + [build.given(one.name) for one in more if not one.missing]
    outputs = tuple(
        attrs.evolve(one, number=build.both(one.number, *held)) if one.name in ("valid", "declared") else one for one in rule.plan.outputs
    )
    plan = attrs.evolve(rule.plan, columns=(*rule.plan.columns, *more), ops=tuple(build.ops), tables=build.tables, outputs=outputs)
    return attrs.evolve(rule, plan=plan, ranges={**rule.ranges, **{one.name: (one.low, one.high) for one in more}})


def version_questions(new: Rule, old: Rule) -> list[Question]:
    """Whether two versions of a sheet say the same of every body."""
    return _questions(_widened(new, old.plan), old)


def _questions(rule: Rule, old: Rule) -> list[Question]:
    """Whether the total is the same; and what else a sheet says of a body: who is barred, each label that both versions give."""
    known = {one.name for one in old.plan.outputs}
    about: dict[str, Said] = {"total": (f"“{rule.title}”的总分", f"the total of {rule.id!r}")}
    if any(one.effect == "bar" for one in (*rule.sheet.adjustments, *old.sheet.adjustments)):
        about["barred"] = (f"“{rule.title}”中谁不评先进", f"who is barred in {rule.id!r}")
    about |= {one.id: (f"“{rule.title}”的“{one.title}”", f"{one.id!r} of {rule.id!r}") for one in rule.sheet.labels if one.id in known}
    return [
        Question(
            key=f"{rule.id}::versions::{output}", promise=PROMISES["versions"], rule=rule, relation="plans", output=output, bad="differs",
            other=old.plan, about=said, place=rule.sheet.place, clause=rule.sheet.source,
        )
        for output, said in about.items()
    ]  # fmt: skip


def _affected(sheet: str, marks: tuple[Marks, Marks] | None) -> tuple[tuple[str, Fraction | None, Fraction | None], ...]:
    if marks is None:
        return ()
    before, after = marks
    bodies = dict.fromkeys(body for one, body in (*before, *after) if one == sheet)
    pairs = ((body, before.get((sheet, body)), after.get((sheet, body))) for body in bodies)
    return tuple(one for one in pairs if one[1] != one[2])


# -- what was changed ------------------------------------------------------------------------------------------------


def changes(old: Rule, new: Rule) -> Iterator[Change]:
    """(what, old words, new words, old place, new place) for every figure, formula or word of the sheet and its methods that isn't the same."""
    yield from between(old.sheet, new.sheet, new.id, old.sheet.place, new.sheet.place)
    before, after = _methods(old), _methods(new)
    for id in dict.fromkeys([*before, *after]):
        one, other = before.get(id), after.get(id)
        yield from between(one, other, id, one.place if one else None, other.place if other else None)
    for indicator in dict.fromkeys(item.indicator for item in old.sheet.items):
        mine = old.prepared.scheme.indicator(indicator)
        theirs = next((one for one in new.prepared.scheme.indicators if one.id == indicator), None)
        if theirs is not None:
            yield from between(mine.target, theirs.target, f"{indicator}.target", mine.place, theirs.place)
            yield from between(mine.shares, theirs.shares, f"{indicator}.shares", mine.place, theirs.place)
    kinds = {old.prepared.scheme.indicator(item.indicator).kind for item in old.sheet.items}
    declared = {one.id: one for one in new.prepared.scheme.kinds}
    for kind in old.prepared.scheme.kinds:
        if kind.id in kinds and kind.id in declared:
            yield from between(kind, declared[kind.id], kind.id, kind.place, declared[kind.id].place)


def _methods(rule: Rule) -> dict[str, model.Method]:
    used = {item.method for item in rule.sheet.items}
    return {one.id: one for one in rule.prepared.scheme.methods if one.id in used}


def between(old: object, new: object, path: str, before: Place | None, after: Place | None) -> Iterator[Change]:
    """Every figure, formula or word in which two tables of rules differ, with its place in either; what only says why is passed over."""
    if old == new or path.endswith((".reason", ".note", ".source", ".audit", ".compare")):
        return
    if isinstance(old, Placed) and isinstance(new, Placed):
        for one in attrs.fields(type(old)):
            if one.name not in ("place", "id"):
                yield from between(getattr(old, one.name), getattr(new, one.name, None), f"{path}.{one.name}", old.place, new.place)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from between(old.get(key), new.get(key), f"{path}.{key}", before, after)
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        left, right = _keyed(old), _keyed(new)
        for key in dict.fromkeys([*left, *right]):
            yield from between(left.get(key), right.get(key), f"{path}[{key}]", before, after)
    else:
        yield path, _words(old), _words(new), _place(old, before), _place(new, after)


def _keyed(many: Sequence[object]) -> dict[str, object]:
    return {str(getattr(one, "id", None) or getattr(one, "body", None) or index): one for index, one in enumerate(many)}


def _words(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, Quantity):
        return value.printed or str(value)
    if isinstance(value, Placed):
        return str(getattr(value, "title", "") or getattr(value, "id", "") or value.__class__.__name__)
    return str(getattr(value, "value", value))


def _place(value: object, default: Place | None) -> Place | None:
    if isinstance(value, Text):
        return value.at()
    return getattr(value, "place", None) or default
