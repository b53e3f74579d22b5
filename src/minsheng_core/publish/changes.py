"""What changed between two years' rules, in words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..audit.compare import Change, between
from ..scheme import model

__all__ = ["PARTS", "changes", "said"]

PARTS = {
    "documents": "文件", "clauses": "条款", "bodies": "单位", "projects": "项目", "indicators": "指标和目标", "tasks": "未定量的任务", "processes": "工作要求",
    "events": "事项", "kinds": "指标类型", "methods": "评分方法", "sheets": "评分表",
}  # fmt: skip
FIELDS = {
    "target": "目标", "value": "", "printed": "原文", "shares": "分解", "full": "满分", "floor": "下限", "ceiling": "上限", "cap": "封顶", "base": "起分",
    "formula": "公式", "parameters": "参数", "bands": "分档", "rows": "", "items": "", "adjustments": "", "labels": "", "bodies": "适用单位", "lead": "牵头单位",
    "joint": "责任单位", "summary": "内容", "figures": "数字", "locator": "位置", "title": "名称", "places": "小数位", "mode": "取整方式", "when": "取整时机",
    "rounding": "取整", "ranking": "排名", "method": "方法", "groups": "分组", "effect": "效果", "kind": "类别", "subjects": "对象", "day": "期限日",
    "issued": "印发日期", "number": "文号", "issuer": "发文机关", "text": "要求", "most": "最多", "unit": "单位", "decimals": "小数位",
}  # fmt: skip


def changes(old: model.Scheme, new: model.Scheme, part: str) -> Iterator[Change]:
    """What differs in one part of the rules; the words that a changed figure was printed in are not told beside it."""
    found = list(between(getattr(old, part), getattr(new, part), part, old.place, new.place))
    told = {path for path, *_ in found}
    yield from (one for one in found if not (one[0].endswith(".printed") and f"{one[0].removesuffix('.printed')}.value" in told))


def said(schemes: tuple[model.Scheme, model.Scheme], path: str) -> str:
    """A path through the rules, in words."""
    titles: dict[str, str] = {}
    for scheme in schemes:
        tables = (
            scheme.bodies,
            scheme.indicators,
            scheme.projects,
            scheme.tasks,
            scheme.processes,
            scheme.events,
            scheme.methods,
            scheme.sheets,
        )
        parts = tuple(part for sheet in scheme.sheets for part in (sheet.items, sheet.adjustments, sheet.labels))
        named: list[Any] = [one for table in (*tables, *parts) for one in table]
        titles |= {one.id: one.name if isinstance(one, model.Body) else one.title for one in named}
    words = [part for token in re.findall(r"\[([^\]]*)\]|([^.\[\]]+)", path)[1:] if (part := _word(titles, token[0] or token[1]))]
    return "·".join(words) or PARTS.get(path, path)


def _word(titles: Mapping[str, str], token: str) -> str:
    return titles.get(token) or FIELDS.get(token, token if not token.isdigit() else f"第{int(token) + 1}")
