"""The section of one indicator: what is measured, against which target, who files what by when, and where it is scored."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...errors import FormulaError
from ...field import Field
from ...formula import Formula, Scope, compile_formula
from ...formula.tree import Type
from ...formula.words import notation, sentences
from ...protocols import Indicator
from ...quantity import Quantity, decimal_text
from ...scheme import model
from ...scoring.names import measure_fields
from ...scoring.prepare import Prepared
from ..markup import Markup, tag
from .history import history_of
from .told import anchor, names, pairs, place, source, table

__all__ = ["field_table", "indicator_section"]

KINDS = {"quantity": "数", "text": "文字", "date": "日期", "detected": "检测值（低于检出限的填检出限加 L）"}
EVERY = {"month": "每月", "quarter": "每季度", "year": "每年", "": ""}


def indicator_section(prepared: Prepared, one: model.Indicator, others: Sequence[model.Scheme]) -> Markup:
    """The section."""
    scheme, kind = prepared.scheme, prepared.plugins.indicators.get(one.kind)
    parts = [tag("h3", one.title, " ", place(one)), pairs(_facts(scheme, one, kind))]
    parts += [tag("h4", "目标和分解"), *_target(scheme, one)]
    parts += [tag("h4", "对象"), _subjects(one)] if one.subjects else []
    parts += [tag("h4", "填报什么")]
    if scheme.parts(one.id):
        parts.append(tag("p", "不另填报：实绩是各组成部分之和，有一部分没有数的，未定。"))
    else:
        parts += _form(kind) if kind else [tag("p", f"没有安装提供指标类型“{one.kind}”的插件：表式和口径不明。", class_="note")]
    parts += [tag("h4", "谁在何时填报"), *_who(scheme, one)]
    parts += [tag("h4", "在哪里评分"), _scored(scheme, one)]
    parts += [tag("h4", "历年情况"), *history_of(one, scheme, others)]
    return tag("section", *parts, id=anchor("indicator", one.id), class_="rule")


def _facts(scheme: model.Scheme, one: model.Indicator, kind: Indicator | None) -> Iterator[tuple[str, str]]:
    project = next((project for project in scheme.projects if project.id == one.project), None)
    yield "代号", one.id
    yield "所属项目", project.title if project else one.project
    if one.row:
        yield "原文表中", f"第{one.row}行"
    if kind:
        primary = next(field for field in kind.measures if field.name == kind.primary)
        yield "衡量什么", f"{kind.title}（{one.kind}）：与目标相比的是“{primary.title}”（{primary.name}），{_unit(primary)}"
        yield "月份之间", "流量：年内进度等于实绩除以目标" if kind.flow else "不是流量：各月的实绩不相加"
    parts = scheme.parts(one.id)
    if one.part_of:
        whole = next((other.title for other in scheme.indicators if other.id == one.part_of), one.part_of)
        yield "属于", f"“{whole}”的一部分"
    if parts:
        yield "由其组成", "、".join(part.title for part in parts)
    yield "牵头单位", names(scheme, [one.lead])
    if one.joint:
        yield "责任单位", names(scheme, one.joint)
    if one.options:
        yield "口径选项", "；".join(f"{name} = {value}" for name, value in one.options.items())
    yield "依据", source(scheme, one)


def _unit(field: Field) -> str:
    return f"单位：{field.unit}" if field.unit else {"text": "为文字", "date": "为日期"}.get(field.kind, "没有单位的数")


def _target(scheme: model.Scheme, one: model.Indicator) -> list[Markup]:
    target = one.target
    if target is None:
        return [tag("p", "规则没有给这项指标定目标。")]
    printed = f"，原文印作“{target.printed}”" if target.printed else ""
    within = ""
    if target.value.tolerance and not target.value.unit.is_rate:
        within = f"；印出的数精确到±{_base(target.value.tolerance * target.value.unit.scale, target.value)}"
    parts = [tag("p", f"目标：{target.value}{printed}{within}。", place(target)), tag("p", "依据：", source(scheme, target))]
    if one.shares:
        total = sum((share.value.base for share in one.shares), Fraction(0))
        gap = total - target.value.base
        told = "与目标相同" if not gap else f"比目标{'多' if gap > 0 else '少'}{_base(abs(gap), target.value)}"
        told += "，在印出的数的精度之内" if gap and target.value.says(total / target.value.unit.scale) else ""
        parts.append(tag("p", f"分解到{len(one.shares)}个单位，合计{_base(total, target.value)}，{told}。"))
        rows = [[names(scheme, [share.body]), str(share.value), share.printed or "—", place(share)] for share in one.shares]
        parts.append(table(["单位", "任务数", "原文", "位置"], rows, frozenset({1})))
    elif not scheme.parts(one.id):
        parts.append(tag("p", f"没有分解到单位：{one.undistributed}。" if one.undistributed else "没有分解到单位，规则没有写明原因。"))
    return parts


def _base(value: Fraction, of: Quantity) -> str:
    """A value in base units: 人 for a target in 万人."""
    return (
        str(Quantity(value / of.unit.scale, of.unit))
        if of.unit.is_rate
        else f"{decimal_text(value)}{Type(dimension=of.unit.dimension).unit.symbol}"
    )


def _subjects(one: model.Indicator) -> Markup:
    rows = [
        [
            f"{subject.name}（{subject.id}）",
            subject.printed or "—",
            "、".join(subject.aliases) or "—",
            "；".join(f"{k} = {v}" for k, v in subject.options.items()) or "—",
            subject.note or "—",
        ]
        for subject in one.subjects
    ]
    return table(["名称", "原文", "又称", "选项", "说明"], rows)


def _form(kind: Indicator) -> list[Markup]:
    form = kind.form
    what = f"每期每个“{form.field(form.subject).title}”一行。" if form.subject else "每期每个单位一行。"
    parts = [tag("p", what), field_table(form.fields)]
    filed = {field.name for field in form.fields}
    measured = [field for field in kind.measures if field.name not in filed and not field.formula]
    if measured:
        parts.append(tag("p", "以下各数由插件的代码从填报得出，算法见插件的说明，本页的文字不能从规则中生成："))
        parts.append(field_table(measured, computed=True))
    if derived := [field for field in kind.measures if field.formula]:
        parts.append(tag("p", "以下各数不填报，由其他数算出："))
        parts += [markup for field in derived for markup in _derived(kind, field)]
    return parts


def _derived(kind: Indicator, field: Field) -> list[Markup]:
    scope = Scope(fields={name: one for name, one in measure_fields(kind).items() if name != field.name})
    try:
        formula: Formula = compile_formula(field.formula, scope)
    except FormulaError:
        return [tag("p", f"“{field.title}”（{field.name}）＝ ", tag("code", field.formula))]
    whole = sentences(formula)[0]
    return [
        tag("p", f"“{field.title}”（{field.name}）＝ {notation(scope, formula.root)}；规则中写作 ", tag("code", field.formula)),
        tag("ol", [tag("li", line) for line in whole.sentences], class_="steps"),
    ]


def field_table(fields: Sequence[Field], *, computed: bool = False) -> Markup:
    """Columns of a form: what may be written in each; or of what a plugin's code gives."""
    words = ("可能没有", "总有") if computed else ("可以不填", "必填")
    rows = [
        [f"{one.title}（{one.name}）", KINDS[one.kind], one.unit or "—", _range(one), words[0] if one.missing else words[1]]
        for one in fields
    ]
    return table(["栏目", "是什么", "单位", "允许的值", "能否没有" if computed else "能否不填"], rows)


def _range(one: Field) -> str:
    if one.choices:
        return "、".join(one.choices)
    if one.kind in ("text", "date"):
        return "—"
    low = "" if one.minimum is None else f"不小于{decimal_text(one.minimum)}"
    high = "" if one.maximum is None else f"不大于{decimal_text(one.maximum)}"
    return "，".join(filter(None, [low, high, f"最多{one.decimals}位小数" if one.decimals else "整数"]))


def _who(scheme: model.Scheme, one: model.Indicator) -> list[Markup]:
    parts: list[Markup] = []
    if scheme.parts(one.id):
        parts.append(tag("p", "不另填报，见各组成部分。"))
    elif one.shares:
        parts.append(tag("p", f"由分到任务的{len(one.shares)}个单位各自填报。"))
    else:
        lead, scored = names(scheme, [one.lead]), _scored_bodies(scheme, one)
        told = f"由牵头单位{lead}填报。"
        if scored and scored != [one.lead]:
            told = f"评分取评分表上各单位（{names(scheme, scored)}）自己的填报；应报清单按牵头单位{lead}列。"
        parts.append(tag("p", told))
    due = next((process for process in scheme.processes if process.kind == "report" and process.every == "month" and process.day), None)
    if due:
        parts.append(tag("p", f"期限：每月的数，次月{due.day}日前报送（“{due.title}”）。", place(due)))
        parts.append(tag("p", "依据：", source(scheme, due)))
    else:
        parts.append(tag("p", "规则没有写明报送期限。"))
    return parts


def _scored_bodies(scheme: model.Scheme, one: model.Indicator) -> list[str]:
    """The bodies, or kinds of them, whose own figures are scored."""
    found = [id for sheet in scheme.sheets for item in sheet.items if item.indicator == one.id for id in item.bodies or sheet.bodies]
    return list(dict.fromkeys(found))


def _scored(scheme: model.Scheme, one: model.Indicator) -> Markup:
    found = [(sheet, item) for sheet in scheme.sheets for item in sheet.items if item.indicator == one.id]
    if not found:
        return tag("p", "不在任何评分表上：只跟踪，不评分。")
    links = [
        tag("li", tag("a", f"{sheet.title}：{item.title}，满分{item.full}", href=f"#{anchor('item', f'{sheet.id}-{item.id}')}"))
        for sheet, item in found
    ]
    return tag("ul", links)
