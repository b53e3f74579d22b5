"""History of an indicator: its target and rules in other years' schemes, as far as they were given; what is not known is said to be."""

import itertools
from collections.abc import Sequence

from attrs import frozen

from ...scheme import model
from ..changes import changes, said
from ..markup import Markup, tag
from .told import place, table

__all__ = ["history_of", "whole_history"]

NOTHING = "没有给出其他年份的规则文件，也没有安装其他年份的方案：以往各年的目标和规则，本页不知道。"


@frozen
class _Year:
    scheme: model.Scheme
    indicator: model.Indicator | None


def history_of(indicator: model.Indicator, scheme: model.Scheme, others: Sequence[model.Scheme]) -> list[Markup]:
    """The indicator's target, lead body and marks in each year, and what changed from one to the next."""
    if not others:
        return [tag("p", NOTHING, class_="soft")]
    years = [_Year(one, _same(one, indicator)) for one in sorted([*others, scheme], key=lambda one: one.year)]
    told = table(["年份", "目标", "牵头单位", "分解", "在评分表上", "出处"], [_row(one) for one in years])
    moved = []
    for old, new in itertools.pairwise(years):
        if old.indicator and new.indicator:
            at = f"indicators[{new.indicator.id}]"
            found = [one for one in changes(old.scheme, new.scheme, "indicators") if one[0].startswith(at)]
            lines = [tag("li", f"{said((old.scheme, new.scheme), path)}：{before} → {after}") for path, before, after, *_ in found]
            moved.append(tag("p", f"{old.scheme.year}年到{new.scheme.year}年：" + ("" if lines else "没有改动。")))
            moved += [tag("ul", lines)] if lines else []
    return [told, *moved]


def _same(scheme: model.Scheme, indicator: model.Indicator) -> model.Indicator | None:
    """The indicator of the same id, else the only one of the same title."""
    by_id = next((one for one in scheme.indicators if one.id == indicator.id), None)
    titled = [one for one in scheme.indicators if one.title == indicator.title]
    return by_id or (titled[0] if len(titled) == 1 else None)


def _row(year: _Year) -> list[str | Markup]:
    one = year.indicator
    if one is None:
        return [f"{year.scheme.year}年", "没有这项指标", "—", "—", "—", "—"]
    lead = next((body.name for body in year.scheme.bodies if body.id == one.lead), one.lead)
    scored = [
        f"{sheet.title}：{item.full}，{item.method}" for sheet in year.scheme.sheets for item in sheet.items if item.indicator == one.id
    ]
    split = (
        f"{len(one.shares)}个单位" if one.shares else f"由{len(year.scheme.parts(one.id))}项组成" if year.scheme.parts(one.id) else "不分解"
    )
    target = "没有目标" if one.target is None else f"{one.target.value}" + (f"（原文“{one.target.printed}”）" if one.target.printed else "")
    return [
        f"{year.scheme.year}年", target, lead, split, "；".join(scored) or "不评分", place(one.target or one),
    ]  # fmt: skip


def whole_history(scheme: model.Scheme, others: Sequence[model.Scheme]) -> list[Markup]:
    """What changed on the sheets, in the methods and in how work is done, from each year to the next."""
    if not others:
        return [tag("p", NOTHING, class_="soft")]
    years = sorted([*others, scheme], key=lambda one: one.year)
    parts: list[Markup] = []
    for old, new in itertools.pairwise(years):
        rows = [
            [said((old, new), path), before, after, f"{was or '—'} → {now or '—'}"]
            for part in ("sheets", "methods", "processes", "events", "kinds")
            for path, before, after, was, now in changes(old, new, part)
        ]
        parts.append(tag("h3", f"{old.title}（{old.year}年）→ {new.title}（{new.year}年）"))
        parts.append(
            table(["什么", "原来", "现在", "位置"], rows) if rows else tag("p", "评分表、评分方法、工作要求、事项和指标类型没有改动。")
        )
    return parts
