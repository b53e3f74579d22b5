"""What a bulletin says: its sentences and annexed tables, as the names that a Word template may use.

Expressions follow the province's own bulletins: a count is so many per cent of its target, a rate so many 百分点 above or below it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..explanation import Step, Value
from ..finding import Severity
from ..ledger.calendar import Due
from ..quantity import Quantity, decimal_text
from ..rounding import Rounding, round_places
from ..scheme import model
from ..scoring.measure import Measured
from ..scoring.result import BodyResult, SheetResult
from .address import code, copies, paper, receivers, requests, topic
from .publication import Publication, adjusted, average, changed, ends, late, missing, ranked, reached, unranked
from .text import STATES, assumptions, marks, share_text, shown

__all__ = ["context"]

FEW = 5  # so many are named at either end of a ranking


def context(publication: Publication) -> dict[str, Any]:
    """Every name that the template may use: texts, lists of texts (``headline`` the title's lines, ``marks``) and of ``heading`` and
    ``text``, and ``annexes`` of ``title header rows``."""
    issued, scheme, span = publication.issued, publication.scheme, publication.span
    day = f"{issued.year}年{issued.month}月{issued.day}日"
    headline = [f"关于{span.title}{topic(scheme)}", "评估排名情况的通报"]
    return {
        "issuer": publication.issuer,
        "code": code(scheme, publication.number),
        "title": "".join(headline),
        "headline": headline,
        "marks": _marks(publication),
        "to": f"{receivers(scheme)}：",
        "opening": f"按照《{paper(scheme)}》要求，现将{span.title}进展和评估排名情况通报如下。",
        "overall": [_paragraph(text) for text in _overall(publication)],
        "indicators": _indicators(publication),
        "ranking": [_paragraph(text) for text in _ranking(publication)],
        "problems": [_paragraph(text) for text in _problems(publication)],
        "steps": [_paragraph(text) for text in _steps(publication)],
        "annexes": [_standings(publication), _figures(publication), _assumptions(publication)],
        "copies": copies(scheme),
        "date": day,
        "number": publication.number,
        "span": span.title,
        "fingerprint": publication.assessed.fingerprints["result"],
    }


def _paragraph(text: str, heading: str = "") -> dict[str, str]:
    return {"heading": heading, "text": text}


def _marks(publication: Publication) -> list[str]:
    told = ["（虚构数据，仅作演示）"] if publication.sample else []
    told += ["（暂列，尚未全部核验）"] if publication.assessed.provisional else []
    return told + ([f"（更正第{publication.corrects}号：{publication.reason}）"] if publication.corrects else [])


# -- 一、总体情况 ------------------------------------------------------------------------------------------------------


def _overall(publication: Publication) -> list[str]:
    assessed = publication.assessed
    end = f"{assessed.period.year}年{assessed.period.month}月底"
    own = [one for one in publication.scheme.indicators if not one.part_of]
    gaps = [(one, assessed.indicators[one.id].gap) for one in own]
    reached = [one.title for one, gap in gaps if gap is not None and gap.value >= 0]
    short = [one.title for one, gap in gaps if gap is not None and gap.value < 0]
    unknown = [one.title for one, gap in gaps if gap is None]
    told = f"截至{end}，{len(own)}项指标中，已达到全年目标{len(reached)}项{_named(reached)}，尚未达到{len(short)}项{_named(short)}"
    told += f"，数据未定{len(unknown)}项{_named(unknown)}" if unknown else ""
    progress = decimal_text(round_places(assessed.period.elapsed * 100, 1, Rounding.HALF_UP), 1)
    lines = [f"{told}。时序进度为{progress}%。"]
    if publication.due:
        gone, tardy = missing(publication), late(publication)
        lines.append(f"应报{len(publication.due)}项，未报{len(gone)}项，迟报{len(tardy)}项。")
    return lines


def _named(names: Sequence[str]) -> str:
    return f"（{'、'.join(names)}）" if names else ""


# -- 二、分项进展 ------------------------------------------------------------------------------------------------------


def _indicators(publication: Publication) -> list[dict[str, str]]:
    told: list[dict[str, str]] = []
    for one in publication.scheme.indicators:
        heading = f"（{_numeral(len(told) + 1)}）{one.title}（{publication.scheme.body(one.lead).name}牵头）。"
        told.append(_paragraph(_progress(one, publication.assessed.indicators[one.id]), heading))
    return told


def _progress(one: model.Indicator, measured: Measured) -> str:
    target = f"目标{one.target.value}" if one.target else "没有定量目标"
    if measured.actual is None:
        return f"{target}；{measured.step.how or STATES[measured.state]}。"
    done = share_text(measured)
    if measured.actual.unit.is_rate:
        verdict = {"持": "与目标持平", "超": f"{done}", "差": f"低于目标，{done}"}.get(done[0], done)
        return f"{target}，实际{shown(measured.actual)}，{verdict}。"
    return f"{target}，实际{shown(reached(one, measured))}，完成率{done}。"


def _numeral(number: int) -> str:
    """一 to 九十九."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones or not tens else "")


# -- 三、评估排名 ------------------------------------------------------------------------------------------------------


def _ranking(publication: Publication) -> list[str]:
    lines = []
    for sheet in publication.assessed.sheets:
        if sheet.sheet.ranking is None:
            lines += [_scored(sheet)] if ranked(sheet) else [f"{_titled(sheet)}：{_absent(sheet)}。"]
            continue
        found, mean = ranked(sheet), average(sheet)
        if not found:
            lines.append(f"{sheet.sheet.title}：没有可以评定的单位。")
            continue
        places = sheet.sheet.rounding.places
        even = decimal_text(round_places(mean.value, 2, Rounding.HALF_UP), 2) if mean else "—"
        lines.append(f"{sheet.sheet.title}（满分{sheet.sheet.full}）：参加排名{len(found)}个，平均{even}分。")
        ahead, behind = ends(sheet, FEW)
        lines.append(f"排名靠前的是：{_places(ahead, places)}。")
        lines += [f"排名靠后的是：{_places(behind, places)}。"] if behind else []
        lines += _moves(publication, sheet)
        lines += [f"不参加排名的是：{_absent(sheet)}。"] if unranked(sheet) else []
        lines += [f"{_named_for(rule.title, '加分')}：{_amounts(touched)}。" for rule, touched in adjusted(sheet, "bonus")]
        lines += _labels(sheet)
        barred = [one.body.name for one in found if one.barred]
        lines += [f"不评先进的是：{'、'.join(barred)}。"] if barred else []
    return lines


def _named_for(title: str, what: str) -> str:
    return title if what in title else f"{title}{what}"


def _amounts(touched: Sequence[tuple[BodyResult, Step]]) -> str:
    """Whom an adjustment gave or took how much; those of the same amount named together."""
    groups: dict[str, list[str]] = {}
    for one, step in touched:
        groups.setdefault(shown(step.value), []).append(one.body.name)
    return "；".join(f"{'、'.join(names)}{'各' if len(names) > 1 else ''}{words}" for words, names in groups.items())


def _labels(sheet: SheetResult) -> Iterator[str]:
    """Who got which word of a label, like a traffic light."""
    for label in sheet.sheet.labels:
        words = dict.fromkeys(one.labels[label.id] for one in sheet.bodies if label.id in one.labels)
        told = [f"{word}：{'、'.join(one.body.name for one in sheet.bodies if one.labels.get(label.id) == word)}" for word in words]
        yield f"{label.title}：{'；'.join(told)}。"


def _places(found: Sequence[Any], places: int) -> str:
    """By rank; those who share one are named together, in the scheme's order."""
    told = []
    for rank in dict.fromkeys(one.rank for one in found):
        tied = [one for one in found if one.rank == rank]
        told.append(f"第{rank}名{'、'.join(one.body.name for one in tied)}{'各' if len(tied) > 1 else ''}{marks(tied[0].total, places)}分")
    return "；".join(told)


def _titled(sheet: SheetResult) -> str:
    """A sheet's title before its bodies; that of a single body often ends with its name already."""
    (*_, last) = sheet.bodies
    title = sheet.sheet.title
    return title.removesuffix(last.body.name).rstrip("：:") if len(sheet.bodies) == 1 else title


def _scored(sheet: SheetResult) -> str:
    places = sheet.sheet.rounding.places
    return f"{_titled(sheet)}：" + "；".join(f"{one.body.name}{marks(one.total, places)}分" for one in ranked(sheet)) + "。"


def _absent(sheet: SheetResult) -> str:
    return _together((one.body.name, one.reason or STATES[one.state]) for one in unranked(sheet))


def _together(told: Iterable[tuple[str, str]]) -> str:
    """Bodies of whom the same is said, named together: 甲镇、乙镇（未填报）；丙镇（数据未定）."""
    groups: dict[str, list[str]] = {}
    for name, words in told:
        groups.setdefault(words, []).append(name)
    return "；".join(f"{'、'.join(names)}（{words}）" for words, names in groups.items())


def _moves(publication: Publication, sheet: SheetResult) -> list[str]:
    """Who rose and fell most, where there is a span before."""
    moved = [(change, one.body.name) for one in ranked(sheet) if (change := changed(publication, sheet.sheet.id, one))]
    if not moved:
        return []
    high, low = max(change for change, _ in moved), min(change for change, _ in moved)
    told = []
    if high > 0:
        told.append(f"较上期上升最多的是{'、'.join(name for change, name in moved if change == high)}，上升{high}位")
    if low < 0:
        told.append(f"下降最多的是{'、'.join(name for change, name in moved if change == low)}，下降{-low}位")
    return [f"{'；'.join(told)}。"]


# -- 四、五 ------------------------------------------------------------------------------------------------------------


def _problems(publication: Publication) -> list[str]:
    """By name: what is missing, late, wrong in the figures."""
    lines = []
    gone, tardy = missing(publication), late(publication)
    if gone:
        lines.append(f"未报送：{_owed(publication, gone)}。")
    if tardy:
        lines.append(f"迟报：{_owed(publication, tardy)}。")
    errors = [one.message for one in publication.assessed.findings if one.severity is Severity.ERROR]
    warnings = [one.message for one in publication.assessed.findings if one.severity is Severity.WARNING]
    lines += [f"数据有错误：{'；'.join(errors)}。"] if errors else []
    lines += [f"需要核对：{'；'.join(warnings)}。"] if warnings else []
    for sheet in publication.assessed.sheets:
        lines += [f"{_named_for(rule.title, '扣分')}：{_amounts(touched)}。" for rule, touched in adjusted(sheet, "deduction")]
        lines += [f"{rule.title}：{'、'.join(one.body.name for one, _ in touched)}。" for rule, touched in adjusted(sheet, "veto")]
    return lines or ["未发现需要通报的问题。"]


def _owed(publication: Publication, found: Sequence[Due]) -> str:
    """By body what it owes, its months together; bodies that owe the same named together."""
    told = []
    for body in dict.fromkeys(one.body for one in found):
        kinds: dict[tuple[str, bool], list[Due]] = {}
        for one in found:
            if one.body == body:
                kinds.setdefault((one.title, one.state == "returned" and one.filed is None), []).append(one)
        words = [f"{_spans(group)}{title}{_days(group)}{'，退回未重报' if back else ''}" for (title, back), group in kinds.items()]
        told.append((publication.scheme.body(body).name, "；".join(words)))
    return _together(told)


def _spans(group: Sequence[Due]) -> str:
    """2023年8月至10月、12月: months of a year together, three in a row or more by their ends; other spans one by one."""
    months = [one.span.end for one in group if one.span.kind == "month"]
    told = [one.span.title for one in group if one.span.kind != "month"]
    for year in dict.fromkeys(one.year for one in months):
        runs: list[list[int]] = []
        for month in sorted(one.month for one in months if one.year == year):
            if runs and month == runs[-1][-1] + 1:
                runs[-1].append(month)
            else:
                runs.append([month])
        words = [f"{run[0]}月至{run[-1]}月" if len(run) > 2 else "、".join(f"{one}月" for one in run) for run in runs]
        told.append(f"{year}年{'、'.join(words)}")
    return "、".join(told)


def _days(group: Sequence[Due]) -> str:
    """How late they are: a number of days, of several the most."""
    days = max(one.late for one in group)
    already = "" if any(one.filed for one in group) else "已"
    return (f"，最多{already}迟{days}天" if len(group) > 1 else f"，{already}迟{days}天") if days else ""


def _steps(publication: Publication) -> list[str]:
    """What follows from what was found, and what the paper itself asks for."""
    told = ["未报送、被退回的单位要尽快补报，牵头单位要做好汇总审核。"] if missing(publication) else []
    return [*told, *requests(publication.scheme), "对本通报有异议的，请书面反馈。"]


# -- annexes -----------------------------------------------------------------------------------------------------------


def _standings(publication: Publication) -> dict[str, Any]:
    sheet = next((one for one in publication.assessed.sheets if one.sheet.ranking is not None), publication.assessed.sheets[0])
    places = sheet.sheet.rounding.places
    touching = [one for one in sheet.sheet.adjustments if one.kind != "veto"]
    labels = sheet.sheet.labels
    header = [
        "名次",
        "单位",
        *(one.title for one in sheet.sheet.items),
        *(one.title for one in touching),
        "总分",
        *(one.title for one in labels),
        "较上期",
    ]
    rows = []
    for one in sheet.bodies:
        values = {rule.id: step.value for rule, step in one.adjustments}
        marked = {item.item.id: marks(item.rounded, places) for item in one.items}
        change = changed(publication, sheet.sheet.id, one)
        move = "—" if change is None else "持平" if not change else f"{'升' if change > 0 else '降'}{abs(change)}"
        cells = [marked.get(item.id, "—") for item in sheet.sheet.items]
        cells += [_adjusted(values.get(rule.id)) for rule in touching]
        words = [one.labels.get(label.id, "—") for label in labels]
        rows.append([str(one.rank or STATES[one.state]), one.body.name, *cells, marks(one.total, places), *words, move])
    return {"title": f"{sheet.sheet.title}排名表", "header": header, "rows": rows}


def _adjusted(value: Value) -> str:
    return shown(value).removesuffix("分") if isinstance(value, Quantity) and value.value else "—"


def _figures(publication: Publication) -> dict[str, Any]:
    rows = []
    for one in publication.scheme.indicators:
        measured = publication.assessed.indicators[one.id]
        actual = shown(reached(one, measured)) if measured.actual else STATES[measured.state]
        name = f"其中：{one.title}" if one.part_of else one.title
        rows.append(
            [name, str(one.target.value) if one.target else "—", actual, share_text(measured), publication.scheme.body(one.lead).name]
        )
    return {"title": "指标完成情况表", "header": ["指标", "目标", "实绩", "完成", "牵头单位"], "rows": rows}


def _assumptions(publication: Publication) -> dict[str, Any]:
    rows = [[sheet.title, title, rule.reason] for sheet, title, rule in assumptions(publication.scheme)]
    return {"title": "评分规则中的假定", "header": ["评分表", "规则", "理由"], "rows": rows or [["—", "—", "没有假定"]]}
