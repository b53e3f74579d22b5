"""A result as text: tables that line up Chinese, findings, and the explanation as a tree."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from unicodedata import east_asian_width

from attrs import evolve

from ..explanation import Step, Value
from ..finding import Finding
from ..quantity import Quantity, decimal_text
from ..rounding import Rounding, round_places
from ..scheme import model
from ..scoring.measure import Measured
from ..scoring.result import Assessed, BodyResult, SheetResult

__all__ = ["assessment_text", "assumptions", "essential", "explanation_text", "findings_text", "share_text", "table", "tree"]

STAGE_WORDS = {
    "filed": "暂列（按填报数，未经审核、核验）",
    "reviewed": "暂列（按审核数，未经核验）",
    "verified": "按核验数",
}
STATES = {"scored": "已评定", "not_filed": "未填报", "undetermined": "未定"}
ASSUMED = "〔假定〕"


def width(text: str) -> int:
    """How many columns a terminal gives *text*: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table in columns; those numbered in *right* are set flush right."""
    right = set(right)
    widths = [max(width(row[index]) for row in (header, *rows)) for index in range(len(header))]
    lines = []
    for row in (header, *rows):
        cells = []
        for index, cell in enumerate(row):
            space = " " * (widths[index] - width(cell))
            cells.append(space + cell if index in right else cell + space)
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * one for one in widths))
    return "\n".join(lines)


def share_text(measured: Measured) -> str:
    """Completion as papers print it: a count in percent of its target, a rate by how many 百分点 it differs."""
    if measured.completion is not None:
        return _percent(measured.completion)
    if measured.gap is None or not measured.actual or not measured.actual.unit.is_rate:
        return "—"
    points = round_places(measured.gap.value, 1, Rounding.HALF_UP)
    return "持平" if points == 0 else f"{'超' if points > 0 else '差'}{decimal_text(abs(points), 1)}个百分点"


def shown(value: Value, places: int = 4) -> str:
    """A value for reading: exact where it ends within *places* decimals, else rounded and marked ≈."""
    if value is None:
        return "未定"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Quantity):
        rounded = round_places(value.value, places, Rounding.HALF_UP)
        mark = "" if rounded == value.value else "≈"
        return f"{mark}{decimal_text(rounded)}{value.unit.symbol}"
    return str(value)


def marks(quantity: Quantity | None, places: int) -> str:
    """Marks with all their decimals; where the sheet rounds the total only, an item's are rounded here, and marked ≈."""
    if quantity is None:
        return "—"
    rounded = round_places(quantity.value, places, Rounding.HALF_UP)
    return ("" if rounded == quantity.value else "≈") + decimal_text(rounded, places)


def findings_text(findings: Sequence[Finding]) -> str:
    """One finding a line, the worst first, each with its place."""
    return "\n".join(f"  {one.severity.word}  {one.place or ''}  {one.message} [{one.code}]" for one in findings)


FINGERPRINTS = {"result": "结果", "rules": "规则", "plan": "计算", "inputs": "填报"}


def assessment_text(assessed: Assessed) -> str:
    """The whole result for people: indicators, rankings, who is not ranked and why, findings, and what is assumed."""
    scheme = assessed.scheme
    blocks = [f"{scheme.title}\n期间 {assessed.period} · {STAGE_WORDS[assessed.stage]}"]
    blocks.append("一、指标进展\n" + _indicators(assessed))
    for number, sheet in zip("二三四五六七八九", assessed.sheets, strict=False):
        blocks.append(f"{number}、{sheet.sheet.title}（满分{sheet.sheet.full}）\n" + _sheet(sheet))
    if scheme.tasks:
        blocks.append("未定量的任务（只跟踪，不评分）：" + "；".join(task.title for task in scheme.tasks))
    counts = {word: sum(one.severity.value == word for one in assessed.findings) for word in ("error", "warning", "note")}
    blocks.append(
        f"发现的问题：错误{counts['error']}，警告{counts['warning']}，提示{counts['note']}\n" + (findings_text(assessed.findings) or "  无")
    )
    blocks.append(_assumed(assessed))
    blocks.append("指纹 " + "，".join(f"{title} {assessed.fingerprints[name][:16]}" for name, title in FINGERPRINTS.items()))
    return "\n\n".join(blocks)


def _indicators(assessed: Assessed) -> str:
    rows = []
    for indicator in assessed.scheme.indicators:
        measured = assessed.indicators[indicator.id]
        actual = shown(measured.actual) if measured.actual else STATES[measured.state]
        name = f"  其中：{indicator.title}" if indicator.part_of else indicator.title
        rows.append(
            [
                name,
                str(indicator.target.value) if indicator.target else "—",
                actual,
                share_text(measured),
                _progress(measured),
                _lead(assessed, indicator),
            ]
        )
    text = table(["指标", "目标", "实绩", "完成", "年内进度", "牵头单位"], rows, right=(1, 2, 3, 4))
    text += f"\n  时序进度{_percent(assessed.period.elapsed)}；年内进度：存量从年初数算到目标，没有年初数的不算；流量按目标"
    lacking = [(i.title, m.step.how) for i in assessed.scheme.indicators if (m := assessed.indicators[i.id]).actual is None]
    for one in assessed.projects:
        counts = f"达到目标{len(one.reached)}项，未达到{len(one.short)}项，未定{len(one.open)}项"
        text += f"\n  {one.project.title}（{assessed.scheme.body(one.project.lead).name}）：{counts}"
    return text + "".join(f"\n  {title}：{how}" for title, how in lacking)


def _progress(measured: Measured) -> str:
    return "—" if measured.progress is None else _percent(measured.progress)


def _percent(share: Fraction) -> str:
    return f"{decimal_text(round_places(share * 100, 2, Rounding.HALF_UP), 2)}%"


def _lead(assessed: Assessed, indicator: model.Indicator) -> str:
    return assessed.scheme.body(indicator.lead).name


def _sheet(result: SheetResult) -> str:
    sheet = result.sheet
    places = sheet.rounding.places
    ranked = [body for body in result.bodies if body.total is not None]
    header = [
        "名次",
        "单位",
        "组内",
        *(item.title for item in sheet.items),
        *(one.title for one in sheet.adjustments if one.kind != "veto"),
        "总分",
        "备注",
    ]
    rows = [_row(sheet, body, places) for body in ranked]
    text = table(header, rows, right={0, *range(3, len(header) - 1)}) if rows else "  没有可以评定的单位"
    for body in result.bodies:
        if body.total is None:
            text += f"\n  不排名：{body.body.name}（{STATES[body.state]}）{body.reason}"
    return text


def _row(sheet: model.Sheet, body: BodyResult, places: int) -> list[str]:
    group = f"{body.body.kind}{body.group_rank}" if body.group_rank else ""
    items = [marks(item.rounded, places) for item in body.items]
    changes = []
    for one, step in body.adjustments:
        if one.kind != "veto":
            value = step.value.value if isinstance(step.value, Quantity) else None
            changes.append("—" if not value else f"{'+' if one.kind == 'bonus' else '-'}{shown(step.value).removesuffix('分')}")
    notes = [one.title for one, step in body.adjustments if one.kind == "veto" and step.value is True]
    rank = str(body.rank) if body.rank else "—"
    return [
        rank,
        body.body.name,
        group,
        *items,
        *changes,
        marks(body.total, places),
        "；".join(notes) + ("，不评先进" if body.barred else ""),
    ]


def _assumed(assessed: Assessed) -> str:
    """What in this result is ours and not the paper's."""
    count = len(list(assumptions(assessed.scheme)))
    if not count:
        return "说明：以上评分规则都有原文依据，没有假定。"
    return f"说明：以上分值、扣分、加分、否决、取整和排名规则中有{count}条原文没有写，是假定（{ASSUMED}），理由写在规则文件中；名次只说明按这些假定的结果。"


def assumptions(scheme: model.Scheme) -> Iterator[tuple[model.Sheet, str, model.Sourced]]:
    """Every rule of every sheet that no paper says: we chose it. With its sheet and its title."""
    for sheet in scheme.sheets:
        named: list[model.Sheet | model.Item | model.Label | model.Adjustment] = [sheet, *sheet.items, *sheet.labels, *sheet.adjustments]
        found: list[tuple[str, model.Sourced | None]] = [(one.title, one) for one in named]
        for title, rule in (*found, ("取整", sheet.rounding), ("排名", sheet.ranking)):
            if rule is not None and rule.is_assumption:
                yield sheet, title, rule


def explanation_text(assessed: Assessed, sheet: model.Sheet, body: BodyResult) -> str:
    """Why a body has its marks: the tree from the total down to the line of the file, with the clauses at the end."""
    place = f"第{body.rank}名" if body.rank else STATES[body.state]
    total = f"{marks(body.total, sheet.rounding.places)}分" if body.total else "无总分"
    head = f"{body.body.name}（{body.body.id}）{assessed.period} {sheet.title}：{total}，{place}"
    if body.body.printed:
        head += f"\n（原文印作“{body.body.printed}”）"
    lines, clauses = tree(essential(body)), dict.fromkeys(step.clause for _, step in body.step.walk() if step.clause)
    return "\n".join([head, *lines, "", "依据：", *_clauses(assessed.scheme, sheet, body, list(clauses))])


def essential(body: BodyResult) -> Step:
    """The explanation without the inside of adjustments that came to nothing."""
    empty = {id(step) for _, step in body.adjustments if step.value is False or (isinstance(step.value, Quantity) and not step.value.value)}
    return evolve(body.step, parts=tuple(evolve(part, parts=()) if id(part) in empty else part for part in body.step.parts))


def tree(step: Step, indent: str = "", last: bool = True, top: bool = True) -> list[str]:
    """A step and those below it as lines of a tree; what is the same as the line above it is not said twice."""
    branch = "" if top else indent + ("└─ " if last else "├─ ")
    words = f"{step.label} = {shown(step.value)}"
    if step.how and step.how != step.label:
        words += f"  〈{step.how}〉"
    if step.clause:
        words += f"  {ASSUMED}" if step.clause == model.ASSUMPTION else f"  [{step.clause}]"
    if step.place:
        words += f"  ← {step.place}"
    below = indent if top else indent + ("   " if last else "│  ")
    lines = [branch + words]
    for index, part in enumerate(step.parts):
        lines += tree(part, below, index == len(step.parts) - 1, False)
    return lines


def _clauses(scheme: model.Scheme, sheet: model.Sheet, body: BodyResult, ids: list[str]) -> list[str]:
    documents = {document.id: document for document in scheme.documents}
    clauses = {clause.id: clause for clause in scheme.clauses}
    wanted = [
        *(target.source for item in sheet.items if (target := scheme.indicator(item.indicator).target)),
        *(scheme.indicator(item.indicator).source for item in sheet.items),
        *ids,
    ]
    lines = []
    for id in dict.fromkeys(wanted):
        if id in clauses:
            clause = clauses[id]
            lines.append(f"  [{id}] 《{documents[clause.document].title}》{clause.locator}：{clause.summary}")
    rules: list[model.Sheet | model.Item | model.Adjustment] = [sheet, *sheet.items, *(one for one, _ in body.adjustments)]
    lines += [
        f"  {ASSUMED}{rule.title}：{rule.reason}" + "".join(f"（参照 {one}）" for one in rule.compare)
        for rule in rules
        if rule.is_assumption
    ]
    return lines
