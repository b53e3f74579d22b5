"""A formula in Chinese: one sentence for each part of its typed tree, in the order of reckoning, and a line as it is written by hand.

Made from the tree alone, so that it can't say anything else than the formula does.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from attrs import evolve, frozen

from ..quantity import Quantity, decimal_text
from .check import Formula
from .dated import Dated
from .functions import OVER_GROUP, OVER_PERIODS
from .tree import EPOCH, Node, Scope, Type

__all__ = ["Told", "constant_text", "notation", "sentences"]

ROUNDINGS = {"half_up": "四舍五入", "half_even": "四舍六入五成双", "down": "去尾", "up": "进一"}
TESTS = {"<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于", "==": "等于", "!=": "不等于"}
DAYS = {"<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于", "==": "就是", "!=": "不是"}
SIGNS = {"+": "＋", "-": "−", "*": "×", "/": "÷", "<": "＜", "<=": "≤", ">": "＞", ">=": "≥", "==": "＝", "!=": "≠"}
TIGHT = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "**": 8} | dict.fromkeys(TESTS, 4)  # how tightly each binds
CALLS = {
    "min": "取小", "max": "取大", "clip": "限于", "abs": "绝对值", "rank": "组内名次", "best": "组内最大", "worst": "组内最小", "total": "组内合计",
    "size": "组内个数", "share_of_best": "与组内最大之比", "sum": "各月合计", "mean": "各月平均", "count": "成立月数", "streak": "连续成立月数", "last": "最近一月",
    "previous": "上一月", "known": "有数",
}  # fmt: skip
NO_STEP = ("number", "text", "day", "name", "derived", "undetermined", "missing")


@frozen(kw_only=True)
class Told:
    """One formula told: what it gives (*name* and *title* of a derived field, empty for the whole), its *text*, and its sentences."""

    name: str = ""
    title: str = ""
    text: str
    sentences: tuple[str, ...]


def sentences(formula: Formula, *, group: str = "本组", first_month: int = 1) -> tuple[Told, ...]:
    """The formula's sentences, and then those of each derived field that it names, directly or through others.

    *group* says whom functions over the group compare; *first_month* where functions over months begin.
    """
    told = [_Teller(formula.scope, group, first_month).told(formula.root, formula.text)]
    found: dict[str, Node] = {}
    _derived(formula.root, found)
    for name, node in found.items():
        inner = _Teller(formula.scope, group, first_month).told(node.parts[0], node.text)
        told.append(Told(name=name, title=_title(formula.scope, name), text=inner.text, sentences=inner.sentences))
    return tuple(told)


def _derived(node: Node, found: dict[str, Node]) -> None:
    if node.op == "derived":
        found.setdefault(node.name, node)
    for part in node.parts:
        _derived(part, found)


def _title(scope: Scope, name: str) -> str:
    declared = scope.fields.get(name)
    return declared.title if declared and declared.title else ""


def constant_text(value: Quantity | Dated) -> str:
    """A parameter's value, or its values with the days from which they hold."""
    if isinstance(value, Dated):
        return "，".join(f"{day.year}年{day.month}月{day.day}日起{one}" for day, one in value.values)
    return str(value)


class _Teller:
    """Tells one tree: *lines* are the sentences so far; a part is named by the number of its sentence."""

    def __init__(self, scope: Scope, group: str, first_month: int) -> None:
        self.scope, self.group, self.first_month = scope, group, first_month
        self.lines: list[str] = []
        self.steps: dict[Node, int] = {}  # the same part in another place is the same step

    def told(self, root: Node, text: str) -> Told:
        last = self.part(root)
        if not self.lines:
            self.lines.append(f"直接取{last}。")
        return Told(text=" ".join(text.split()), sentences=tuple(self.lines))

    def part(self, node: Node) -> str:
        """How another sentence names the part; a part of its own gets its sentence first."""
        if (leaf := _leaf(self.scope, node)) is not None:
            return leaf
        key = _bare(node)
        if key not in self.steps:
            line = self.line(node)
            self.lines.append(f"{line}。")
            self.steps[key] = len(self.lines)
        return f"第{self.steps[key]}步" + ("成立" if node.type.kind == "truth" else "的结果")

    def line(self, node: Node) -> str:
        if node.op == "if":
            test, then, other = (self.part(one) for one in node.parts)
            return f"如果{test}，取{then}；否则，取{other}" + ("" if _sure(node.parts[0]) else "；条件未定的，未定")
        if node.op in ("and", "or"):
            return self._logic(node)
        parts = [self.part(one) for one in node.parts]
        if node.op in TESTS:
            words = DAYS if node.parts[0].type.kind == "date" else TESTS
            return f"看{parts[0]}是否{words[node.op]}{parts[1]}"
        if node.op in OVER_GROUP:
            return self._group(node, parts[0])
        if node.op in OVER_PERIODS:
            return self._months(node, parts[0])
        return self._reckoning(node, parts)

    def _logic(self, node: Node) -> str:
        parts = "；".join(self.part(one) for one in node.parts)
        if node.op == "and":
            return f"看以下是否都成立：{parts}；依次看，遇不成立的即为否，遇未定的即未定"
        return f"看以下是否至少有一项成立：{parts}；依次看，遇成立的即为是，遇未定的即未定"

    def _reckoning(self, node: Node, parts: list[str]) -> str:
        first, second = parts[0], parts[1] if len(parts) > 1 else ""
        match node.op:
            case "+" | "-" if node.type.kind == "date":
                return f"{first}{'往后' if node.op == '+' else '往前'}数{second}的那一天"
            case "+":
                return f"{first}加上{second}"
            case "-":
                return f"{first}减去{second}" + (
                    "，差以百分点计" if node.type.dimension == (("百分点", 1),) and node.parts[0].type.rate else ""
                )
            case "*":
                return f"{first}乘以{second}"
            case "/":
                return f"{first}除以{second}" + ("" if node.parts[1].op == "number" else "；除数为零的，未定")
            case "**":
                return f"{first}的{second}次方"
            case "neg":
                return f"{first}的相反数"
            case "not":
                return f"看是否并非{first}"
            case "min" | "max":
                word = ("较" if len(parts) == 2 else "最") + ("小" if node.op == "min" else "大")
                return f"取{'、'.join(parts)}中{word}的"
            case "clip":
                return f"{first}先与{parts[2]}比，取较小的；再与{second}比，取较大的"
            case "abs":
                return f"{first}的绝对值"
            case "floor" | "ceil":
                way, word = ("向下", "不大于它的最大") if node.op == "floor" else ("向上", "不小于它的最小")
                return f"{first}{way}取到{_in_unit(node)}的整倍数（{word}一个）"
            case "round":
                return f"{first}按{ROUNDINGS[node.name]}保留{int(node.value)}位小数（{_rounded_in(node.type)}）"
            case "known":
                return f"看{first}是否算得出来（不缺报，也不未定）"
            case _:  # band
                band = self.scope.bands[node.name]
                under = "" if band.kind == "choice" or band.below is not None else "；低于表中第一档的，未定"
                return f"按{first}查表“{node.name}”{under}"

    def _group(self, node: Node, what: str) -> str:
        among = f"{self.group}本期各单位的{what}"
        return {
            "rank": f"{among}由大到小排，本单位的名次（最大的为1；相同的名次相同，其后名次跳过；算不出来的不参加）",
            "best": f"{among}中最大的（算不出来的不计；都算不出来的，未定）",
            "worst": f"{among}中最小的（算不出来的不计；都算不出来的，未定）",
            "total": f"{among}之和（有一个算不出来的，未定）",
            "size": f"{among}算得出来的有几个（一个也没有的，未定）",
            "share_of_best": f"本单位的{what}，除以{self.group}本期各单位中最大的（最大的为零的，未定）",
        }[node.op]

    def _months(self, node: Node, what: str) -> str:
        months = f"本单位{self.first_month}月至本月各月"
        return {
            "sum": f"{months}的{what}之和（有一个月算不出来的，未定）",
            "mean": f"{months}的{what}的平均（有一个月算不出来的，未定）",
            "count": f"{months}中有几个月{what}（有一个月算不出来的，未定）",
            "streak": f"{months}中，从本月往前数，连续有几个月{what}（数到算不出来的月份的，未定）",
            "last": f"{months}中最近一个算得出来的月份的{what}",
            "previous": f"本单位上一个月的{what}（没有或者早于{self.first_month}月的，未定）",
        }[node.op]


def _sure(test: Node) -> bool:
    """Whether a test always has an answer."""
    return test.op in ("missing", "known") or (test.op in ("not", "and", "or") and all(map(_sure, test.parts)))


def _bare(node: Node) -> Node:
    """The part wherever it stands."""
    return evolve(node, start=0, end=0, parts=tuple(map(_bare, node.parts)))


def _leaf(scope: Scope, node: Node) -> str | None:
    """The words of what needs no sentence of its own: a figure, a name, a word, a day, a quantity like ``3 * 项``."""
    match node.op:
        case "text":
            return f"“{node.name}”"
        case "day":
            day = date.fromordinal(EPOCH + int(node.value))
            return f"{day.year}年{day.month}月{day.day}日"
        case "undetermined":
            return "“未定”（规则规定不作评定）"
        case "missing":
            return f"{_called(scope, node.name)}{'算不出来或缺报' if node.parts else '缺报'}"
        case "name" | "derived":
            return _called(scope, node.name)
        case "number" | "*" | "neg":
            return _literal(node)
    return None


def _literal(node: Node) -> str | None:
    if node.op == "number":
        return f"1{node.name}" if node.name else decimal_text(node.value)
    if node.op == "neg":
        inner = _literal(node.parts[0])
        return f"-{inner}" if inner is not None and not inner.startswith("-") else None
    if node.op != "*":
        return None
    plain, named = sorted(node.parts, key=lambda one: one.op == "number" and one.name != "")
    if plain.op == named.op == "number" and named.name and not plain.name:
        return f"{decimal_text(plain.value)}{named.name}"
    return None


def _called(scope: Scope, name: str) -> str:
    """A name with its title, or a parameter with its value."""
    if name in scope.fields:
        title = _title(scope, name)
        return f"“{title}”（{name}）" if title and title != name else f"“{name}”"
    return f"参数{name}（{constant_text(scope.constants[name])}{'，取当月最后一天有效的' if isinstance(scope.constants[name], Dated) else ''}）"


def _in_unit(node: Node) -> str:
    of = node.type.unit
    return str(Quantity(node.value / of.scale, of))


def _rounded_in(of: Type) -> str:
    if of.rate:
        return "按比值，100%为1"
    if of.unit.scale != 1:
        return f"按比值，1{of.unit.symbol}为{decimal_text(of.unit.scale)}"
    return f"以{of.unit.symbol}计" if of.unit.symbol else "按数值"


# -- a line, as it is written by hand ------------------------------------------------------------------------------------------------


def notation(scope: Scope, node: Node) -> str:
    """The part as a line with titles for names: ``满分 × 取小（参保人数 ÷ 目标，1）``."""
    return _written(scope, node, 0)


def _written(scope: Scope, node: Node, outside: int) -> str:
    if (literal := _literal(node) if node.op in ("number", "*", "neg") else None) is not None:
        return literal
    match node.op:
        case "text" | "day" | "undetermined":
            return "未定" if node.op == "undetermined" else _leaf(scope, node) or ""
        case "name" | "derived":
            constant = None if node.name in scope.fields else scope.constants[node.name]
            return constant_text(constant) if isinstance(constant, Quantity) else _short(scope, node.name)
        case "missing":
            return f"缺报（{_short(scope, node.name)}）"
        case "if":
            test, then, other = (_written(scope, one, 0) for one in node.parts)
            return f"｛若 {test}：{then}；否则：{other}｝"
    binds = TIGHT.get(node.op)
    if binds is None:
        return _call(scope, node)
    if node.op in ("neg", "not"):
        line = f"{'−' if node.op == 'neg' else '非 '}{_written(scope, node.parts[0], binds)}"
    elif node.op == "**":
        line = f"{_written(scope, node.parts[0], binds + 1)} 的 {_written(scope, node.parts[1], binds + 1)} 次方"
    else:
        sign = {"and": "且", "or": "或"}.get(node.op) or SIGNS[node.op]
        sides = (_written(scope, one, binds + (index > 0 or node.op in TESTS)) for index, one in enumerate(node.parts))
        line = f" {sign} ".join(sides)
    return f"（{line}）" if binds < outside else line


def _call(scope: Scope, node: Node) -> str:
    inside = [_written(scope, one, 0) for one in node.parts]
    if node.op == "band":
        return f"查表{node.name}（{inside[0]}）"
    if node.op == "round":
        return f"{ROUNDINGS[node.name]}（{inside[0]}，{int(node.value)}位）"
    if node.op in ("floor", "ceil"):
        return f"{'向下' if node.op == 'floor' else '向上'}取整（{inside[0]}，{_in_unit(node)}）"
    if node.op == "clip":
        return f"限于（{inside[0]}，{inside[1]}～{inside[2]}）"
    return f"{CALLS[node.op]}（{'，'.join(inside)}）"


def _short(scope: Scope, name: str) -> str:
    titles: Mapping[str, int] = _counts(scope)
    title = _title(scope, name)
    return title if title and titles[title] == 1 else name


def _counts(scope: Scope) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in scope.fields:
        counts[_title(scope, name)] = counts.get(_title(scope, name), 0) + 1
    return counts


def walk(node: Node) -> Iterator[Node]:
    """The part and all below it."""
    yield node
    for part in node.parts:
        yield from walk(part)
