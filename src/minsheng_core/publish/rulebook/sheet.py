"""The section of one assessment sheet: its items, labels and adjustments in words, how they are added, rounded and ranked, and an example."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from ...audit.rule import Rule
from ...formula import Formula
from ...formula.analyse import pieces
from ...formula.tree import Node
from ...formula.words import ROUNDINGS, notation
from ...quantity import Unit, unit
from ...scheme import model
from ..markup import Markup, tag
from ..page_why import tree
from .chart import Axis, marks_chart, turning_points
from .example import Worked, worked
from .told import anchor, formula_told, names, pairs, place, source, table

__all__ = ["formula_chart", "sheet_section"]

EFFECTS = {"zero": "总分不高于0分", "cap": "总分封顶", "bar": "取消评优资格，总分不变"}
RANKS = {
    "competition": "总分相同的名次相同，其后名次跳过（1、2、2、4）", "dense": "总分相同的名次相同，其后名次不跳过（1、2、2、3）",
    "ordinal": "总分相同的，按规则文件中单位的先后分出名次（1、2、3、4）",
}  # fmt: skip
MOST_POINTS = 40


def sheet_section(rule: Rule, examples: Sequence[model.Example]) -> Markup:
    """The section."""
    scheme, sheet = rule.prepared.scheme, rule.sheet
    parts = [tag("h3", sheet.title, " ", place(sheet)), pairs(_facts(scheme, sheet))]
    parts += [part for item in sheet.items for part in _item(rule, item)]
    if sheet.labels:
        parts.append(tag("h4", "评定等次"))
        parts += [part for one in sheet.labels for part in _extra(rule, one, f"label.{one.id}", f"“{one.title}”")]
    if sheet.adjustments:
        parts.append(tag("h4", "扣分、加分和否决"))
        parts += [part for one in sheet.adjustments for part in _adjustment(rule, one)]
    parts += [tag("h4", "怎样合成总分"), tag("ol", [tag("li", line) for line in _total(sheet)], class_="steps")]
    parts.append(tag("p", "取整规则的依据：", source(scheme, sheet.rounding), place(sheet.rounding)))
    parts += [tag("h4", "排名"), *_ranking(scheme, sheet), tag("h4", "算例"), *_examples(rule, examples)]
    return tag("section", *parts, id=anchor("sheet", sheet.id), class_="rule")


def _facts(scheme: model.Scheme, sheet: model.Sheet) -> Iterator[tuple[str, str]]:
    yield "代号", sheet.id
    yield "评估谁", names(scheme, sheet.bodies)
    yield "满分", str(sheet.full)
    yield (
        "项目",
        "；".join(f"{item.title} {item.full}" + (f"（只用于{names(scheme, item.bodies)}）" if item.bodies else "") for item in sheet.items)
        or "没有项目",
    )
    yield "依据", source(scheme, sheet)


def _group(sheet: model.Sheet) -> str:
    return "同类" if sheet.ranking and sheet.ranking.groups else "本表"


def _item(rule: Rule, item: model.Item) -> list[Markup]:
    scheme = rule.prepared.scheme
    indicator = scheme.indicator(item.indicator)
    method = next((one for one in scheme.methods if one.id == item.method), None)
    parts = [
        tag("h4", f"项目：{item.title}（满分{item.full}）", " ", place(item), id=anchor("item", f"{rule.sheet.id}-{item.id}")),
        tag("p", "指标：", tag("a", indicator.title, href=f"#{anchor('indicator', indicator.id)}"), f"；方法：{method.title if method else ''}（{item.method}）", *([" ", place(method)] if method else [])),
        tag("p", "这一项的依据：", source(scheme, item)),
    ]  # fmt: skip
    parts += [tag("p", "方法的依据：", source(scheme, method))] if method else []
    reading = rule.readings.get(f"item.{item.id}")
    if reading is None:
        return [*parts, tag("p", "这一项由插件的代码给分，没有公式：方法的文字和图不能从规则中生成，请看插件的说明。", class_="note")]
    parts += formula_told(reading.formula, "得分", group=_group(rule.sheet), first_month=rule.sheet.first_month)
    if changed := _changed(item, method):
        parts.append(tag("p", f"其中由本项改定的参数：{changed}。"))
    return parts + formula_chart(reading.formula, rule.spans(f"item.{item.id}"), "得分")


def _changed(item: model.Item, method: model.Method | None) -> str:
    own: Mapping[str, object] = method.parameters if method else {}
    return "、".join(f"{name}（方法原定{own[name]}）" for name in item.parameters if name in own)


def formula_chart(formula: Formula, spans: Mapping[str, tuple[Fraction, Fraction]], result: str) -> list[Markup]:
    """The exact graph of a formula of one figure, and the points where it turns; nothing where it is not such a formula."""
    found = pieces(formula, spans)
    if found is None or formula.root.type.kind != "number":
        return (
            [tag("p", "得分随哪一个数变化，没有单一的图可画（取决于不止一个数，或者要看其他单位、其他月份）。", class_="soft")]
            if result == "得分"
            else []
        )
    driver, function = found
    if driver is formula.root:
        return []  # the whole as a function of itself
    across = Axis(title=notation(formula.scope, driver), unit=_axis(driver, formula))
    up = Axis(title=result, unit=formula.root.type.unit)
    drawn = marks_chart(function, across, up)
    if drawn is None:
        return []
    if len(function.points) > MOST_POINTS:
        return [tag("p", f"{result}随“{across.title}”变化，转折有{len(function.points) - 2}处，不画图列表。", class_="soft")]
    rows = turning_points(function, across, up)
    told = [tag("h5", f"{result}随“{across.title}”的变化"), drawn]
    words = "实心点是该处的值，空心点是不到该处的值。" if function.jumps() else ""
    words += (
        "图和下表都是精确值，只画到转折处附近"
        + ("；都按该填的数已经填报" if _may_miss(formula.root) else "")
        + ("；标≈的已舍入" if any("≈" in word for row in rows for word in row) else "")
        + "。"
    )
    told.append(tag("p", words, class_="soft"))
    return [*told, table([across.title, result], rows)]


def _may_miss(node: Node) -> bool:
    """Whether the formula asks after something that may be missing."""
    return node.op == "missing" or any(map(_may_miss, node.parts))


def _axis(driver: Node, formula: Formula) -> Unit:
    declared = formula.scope.fields.get(driver.name) if driver.op in ("name", "derived") else None
    if declared is not None:
        return unit(declared.unit)
    if driver.op == "-" and all(part.type.rate for part in driver.parts):
        return unit("百分点")
    return unit("%") if driver.op == "/" and not driver.type.dimension else driver.type.unit


def _extra(rule: Rule, one: model.Label, name: str, result: str) -> list[Markup]:
    parts = [tag("h5", one.title, " ", place(one)), tag("p", "依据：", source(rule.prepared.scheme, one))]
    return parts + formula_told(rule.formula(name), result, group=_group(rule.sheet), first_month=rule.sheet.first_month)


def _adjustment(rule: Rule, one: model.Adjustment) -> list[Markup]:
    word = {"deduction": "扣分：从合计中减去", "bonus": "加分：加到合计上", "veto": "否决：条件成立的，" + _effect(one)}[one.kind]
    parts = [tag("h5", f"{one.title}（{word}）", " ", place(one)), tag("p", "依据：", source(rule.prepared.scheme, one))]
    name = f"adjustment.{one.id}"
    result = {"deduction": "扣分", "bonus": "加分", "veto": "是否否决"}[one.kind]
    parts += formula_told(rule.formula(name), result, group=_group(rule.sheet), first_month=rule.sheet.first_month)
    return parts + (formula_chart(rule.formula(name), rule.spans(name), result) if one.kind != "veto" else [])


def _effect(one: model.Adjustment) -> str:
    return f"总分不高于{one.cap}" if one.effect == "cap" else EFFECTS.get(one.effect, "")


def _total(sheet: model.Sheet) -> Iterator[str]:
    """The way from items to total, in the order in which it is gone."""
    mode, places = ROUNDINGS[sheet.rounding.mode.value], sheet.rounding.places
    rounded = f"按{mode}保留{places}位小数"
    if sheet.rounding.when == "item":
        yield f"每一项的得分先{rounded}。"
    base = f"每个单位先有{sheet.base}，再" if sheet.base else ""
    yield f"{base}把适用于该单位的各项得分相加。"
    if sheet.rescale:
        yield (
            f"有不适用的项目的，合计除以适用各项的满分之和，再乘以{sheet.full}"
            + (f"，{rounded}" if sheet.rounding.when == "item" else "")
            + "。"
        )
    moved = [one for one in sheet.adjustments if one.kind != "veto"]
    if moved:
        told = "、".join(f"{'减' if one.kind == 'deduction' else '加'}“{one.title}”" for one in moved)
        yield f"然后{told}" + (f"；每一笔先{rounded}" if sheet.rounding.when == "item" else "") + "。"
    if sheet.floor:
        yield f"低于{sheet.floor}的，按{sheet.floor}。"
    if sheet.ceiling:
        yield f"高于{sheet.ceiling}的，按{sheet.ceiling}。"
    for one in sheet.adjustments:
        if one.kind == "veto":
            yield f"“{one.title}”成立的，{_effect(one)}。"
    yield f"总分{rounded}。"
    yield "适用的任何一项没有填报或者未定，或者任何一条扣分、加分、否决未定的，总分未定，不参加排名，并点名说明。"


def _ranking(scheme: model.Scheme, sheet: model.Sheet) -> list[Markup]:
    if sheet.ranking is None:
        return [tag("p", "这张表只评分，不排名。")]
    told = f"按总分由高到低排名；{RANKS[sheet.ranking.method]}。" + (
        "另在同类单位（按单位类别）中分别排名。" if sheet.ranking.groups else ""
    )
    return [tag("p", told, place(sheet.ranking)), tag("p", "依据：", source(scheme, sheet.ranking))]


def _examples(rule: Rule, examples: Sequence[model.Example]) -> list[Markup]:
    parts: list[Markup] = []
    for one in worked(rule, examples):
        parts += _example(rule.prepared.scheme, one)
    return parts or [tag("p", "规则文件没有算例，也没有找到一组能够得分的假设数：这里没有例子。", class_="soft")]


def _example(scheme: model.Scheme, one: Worked) -> Iterator[Markup]:
    label = tag("span", "规则文件自带的算例", class_="mark verified") if one.own else tag("span", "假设的完成数", class_="mark sample")
    yield tag("p", label, one.title, *([tag("span", f" ← {one.place}", class_="at")] if one.place else []))
    yield table(["单位和月份", "数据", "结果"], one.cases)
    if one.step is not None:
        yield tag("p", f"“{one.cases[0][0]}”的得分是这样算出来的（同一次计算的记录）：")
        yield tag("ul", [tree(scheme, one.step)], class_="tree")
