"""A formula in words: the shipped rules' own sentences, and random formulas whose words are read back to the very same tree."""

import re

import pytest
from hypothesis import given, settings

from minsheng_core.cli.work import installed_plugins
from minsheng_core.errors import FormulaError, QuantityError
from minsheng_core.field import Field
from minsheng_core.formula import Scope, compile_formula
from minsheng_core.formula.words import notation, sentences
from minsheng_core.quantity import decimal_text, read_quantity
from minsheng_core.scheme.load import load_scheme
from minsheng_core.scoring.prepare import prepare
from rulegen import SCOPE, formulas


@pytest.fixture(scope="module")
def prepared():
    return prepare(load_scheme("2023"), installed_plugins())


def test_the_method_of_the_2023_rules_in_sentences(prepared):
    formula = prepared.sheets["township"].items["completion"].formula
    (told,) = sentences(formula)
    assert told.sentences == (
        "“参保人数”（insured）除以“目标”（target）；除数为零的，未定。",
        "取第1步的结果、参数cap（100%）中较小的。",
        "“满分”（full）乘以第2步的结果。",
    )
    assert notation(formula.scope, formula.root) == "满分 × 取小（参保人数 ÷ 目标，100%）"


def test_what_is_missing_is_said_and_derived_shares_have_sentences_of_their_own(prepared):
    whole, rate = sentences(prepared.sheets["eco"].items["water"].formula)
    assert whole.sentences[-1] == "如果“优良率”（good_rate）算不出来或缺报，取“未定”（规则规定不作评定）；否则，取第3步的结果。"
    assert (rate.name, rate.title, rate.text) == (
        "good_rate",
        "优良率",
        "undetermined if missing(good) or missing(evaluated) else good / evaluated",
    )
    assert rate.sentences[1] == "“优良断面”（good）除以“参评断面”（evaluated）；除数为零的，未定。"
    (late,) = sentences(prepared.sheets["township"].adjustments["late"].formula)
    assert late.sentences == (
        "参数per_day（1分/天）乘以“迟报天数”（late_days）。",
        "取第1步的结果、参数most（5分）中较小的。",
        "如果“迟报天数”（late_days）缺报，取0；否则，取第2步的结果。",
    )


# -- read back -----------------------------------------------------------------------------------------------------------------------

UNITS = "百分点|万元|人|分|天|%"
LEAF = rf"(?:第\d+步(?:的结果|成立)|参数\w+（[^）]*）|“[^”]*”（[^）]*）(?:算不出来或缺报|缺报)?|“[^”]*”|\d+年\d+月\d+日|-?\d[\d.]*(?:{UNITS})?)"
MODES = {"四舍五入": "half_up", "四舍六入五成双": "half_even", "去尾": "down", "进一": "up"}
GROUP = r"本组本期各单位的(?P<a>LEAF)"
MONTHS = r"本单位1月至本月各月"
SENTENCES = [
    (r"直接取(?P<a>LEAF)", "{a}"),
    (r"(?P<a>LEAF)加上(?P<b>LEAF)", "{a} + {b}"),
    (r"(?P<a>LEAF)往后数(?P<b>LEAF)的那一天", "{a} + {b}"),
    (r"(?P<a>LEAF)往前数(?P<b>LEAF)的那一天", "{a} - {b}"),
    (r"(?P<a>LEAF)减去(?P<b>LEAF)(?:，差以百分点计)?", "{a} - {b}"),
    (r"(?P<a>LEAF)乘以(?P<b>LEAF)", "{a} * {b}"),
    (r"(?P<a>LEAF)除以(?P<b>LEAF)(?:；除数为零的，未定)?", "{a} / {b}"),
    (r"(?P<a>LEAF)的(?P<b>LEAF)次方", "{a} ** {b}"),
    (r"(?P<a>LEAF)的相反数", "-{a}"),
    (r"(?P<a>LEAF)的绝对值", "abs({a})"),
    (r"看(?P<a>LEAF)是否(?:小于|早于)(?P<b>LEAF)", "{a} < {b}"),
    (r"看(?P<a>LEAF)是否(?:不大于|不晚于)(?P<b>LEAF)", "{a} <= {b}"),
    (r"看(?P<a>LEAF)是否(?:大于|晚于)(?P<b>LEAF)", "{a} > {b}"),
    (r"看(?P<a>LEAF)是否(?:不小于|不早于)(?P<b>LEAF)", "{a} >= {b}"),
    (r"看(?P<a>LEAF)是否(?:等于|就是)(?P<b>LEAF)", "{a} == {b}"),
    (r"看(?P<a>LEAF)是否(?:不等于|不是)(?P<b>LEAF)", "{a} != {b}"),
    (r"看是否并非(?P<a>LEAF)", "not {a}"),
    (r"看(?P<a>LEAF)是否算得出来（不缺报，也不未定）", "known({a})"),
    (r"如果(?P<a>LEAF)，取(?P<b>LEAF)；否则，取(?P<c>LEAF)(?:；条件未定的，未定)?", "{b} if {a} else {c}"),
    (r"(?P<a>LEAF)先与(?P<c>LEAF)比，取较小的；再与(?P<b>LEAF)比，取较大的", "clip({a}, {b}, {c})"),
    (r"(?P<a>LEAF)按(?P<mode>[四舍五入六成双去尾进一]+)保留(?P<n>\d)位小数（[^）]*）", "round({a}, {n}, {mode})"),
    (r"(?P<a>LEAF)向下取到(?P<step>[^的]+)的整倍数（不大于它的最大一个）", "floor({a}{step})"),
    (r"(?P<a>LEAF)向上取到(?P<step>[^的]+)的整倍数（不小于它的最小一个）", "ceil({a}{step})"),
    (r"按(?P<a>LEAF)查表“(?P<band>\w+)”(?:；低于表中第一档的，未定)?", "band({a}, {band})"),
    (GROUP + r"由大到小排，本单位的名次（最大的为1；相同的名次相同，其后名次跳过；算不出来的不参加）", "rank({a})"),
    (GROUP + r"中最大的（算不出来的不计；都算不出来的，未定）", "best({a})"),
    (GROUP + r"中最小的（算不出来的不计；都算不出来的，未定）", "worst({a})"),
    (GROUP + r"之和（有一个算不出来的，未定）", "total({a})"),
    (GROUP + r"算得出来的有几个（一个也没有的，未定）", "size({a})"),
    (r"本单位的(?P<a>LEAF)，除以本组本期各单位中最大的（最大的为零的，未定）", "share_of_best({a})"),
    (MONTHS + r"的(?P<a>LEAF)之和（有一个月算不出来的，未定）", "sum({a})"),
    (MONTHS + r"的(?P<a>LEAF)的平均（有一个月算不出来的，未定）", "mean({a})"),
    (MONTHS + r"中有几个月(?P<a>LEAF)（有一个月算不出来的，未定）", "count({a})"),
    (MONTHS + r"中，从本月往前数，连续有几个月(?P<a>LEAF)（数到算不出来的月份的，未定）", "streak({a})"),
    (MONTHS + r"中最近一个算得出来的月份的(?P<a>LEAF)", "last({a})"),
    (r"本单位上一个月的(?P<a>LEAF)（没有或者早于1月的，未定）", "previous({a})"),
]  # fmt: skip
SENTENCES = [(re.compile(pattern.replace("LEAF", LEAF)), text) for pattern, text in SENTENCES]


def read_back(lines):
    """The formula that sentences say, read by their words alone."""
    steps = []
    for line in lines:
        steps.append(f"({_sentence(line.removesuffix('。'), steps)})")
    return steps[-1]


def _sentence(line, steps):
    if least := re.fullmatch(rf"取({LEAF}(?:、{LEAF})+)中[较最]([小大])的", line):
        parts = ", ".join(_leaf(one, steps) for one in re.findall(LEAF, least[1]))
        return f"{'min' if least[2] == '小' else 'max'}({parts})"
    if logic := re.fullmatch(rf"看以下是否(都成立|至少有一项成立)：({LEAF}(?:；{LEAF})+)；依次看，遇.成?立?.*", line):
        return (" and " if logic[1] == "都成立" else " or ").join(_leaf(one, steps) for one in re.findall(LEAF, logic[2]))
    found = [(match, text) for pattern, text in SENTENCES if (match := pattern.fullmatch(line))]
    assert len(found) == 1, line  # one meaning, and only one
    match, text = found[0]
    said = match.groupdict()
    named = {name: _leaf(value, steps) for name, value in said.items() if name in ("a", "b", "c")}
    if "step" in said:
        named["step"] = "" if _is_one(said["step"]) else f", {_leaf(said['step'], steps)}"
    return text.format(**{**said, **named, "mode": MODES.get(said.get("mode"))})


def _is_one(step):
    try:
        return read_quantity(step).base == 1
    except QuantityError:
        return step.startswith(("1/", "11/"))  # one 1/人^2: a unit made of others only has no name to be read by, and is written right behind its number


def _leaf(text, steps):
    if step := re.fullmatch(r"第(\d+)步(?:的结果|成立)", text):
        return steps[int(step[1]) - 1]
    if text == "“未定”（规则规定不作评定）":
        return "undetermined"
    if named := re.fullmatch(r"“[^”]*”（(.*)）(算不出来或缺报|缺报)?", text):
        return f"missing({named[1]})" if named[2] else named[1]
    if named := re.fullmatch(r"参数(\w+)（.*）", text):
        return named[1]
    if word := re.fullmatch(r"“([^”]*)”", text):
        return f"'{word[1]}'"
    if day := re.fullmatch(r"(\d+)年(\d+)月(\d+)日", text):
        return f'day("{day[1]}-{int(day[2]):02}-{int(day[3]):02}")'
    number, unit = re.fullmatch(rf"(-?[\d.]+)({UNITS})?", text).groups()
    if unit == "%":
        return decimal_text(read_quantity(text).base)
    return f"({number} * {unit})" if unit else number


def bare(node):
    """A tree without the places of its parts; a unit by itself is one of it."""
    parts = tuple(map(bare, node.parts))
    if node.op == "*" and ("number", "", 1) in parts:
        return next((one for one in parts if one != ("number", "", 1)), parts[0])
    if node.op == "derived":
        return "derived", node.name
    return (node.op, node.name, node.value, *parts)


def same_words(text, scope):
    formula = compile_formula(text, scope)
    for told in sentences(formula):
        root = formula.root if not told.name else compile_formula(told.text, scope).root
        again = compile_formula(read_back(told.sentences), scope)
        assert bare(again.root) == bare(root), (told.text, told.sentences)
    assert notation(scope, formula.root)


@pytest.mark.parametrize(
    "text",
    [
        "3 * 人 + done", "-(done - goal) / 人", "floor(share - cap, 5 * 百分点) / 百分点", "2 ** streak(done >= goal)", "share > 0.8 and not missing(paid)",
        "0 < share <= 1", "undetermined if stage != '在建' else 1", "--1", "done", "max(1, 2, share, cap)", "band(stage, works)", "known(reach) or missing(reach)",
    ],
)  # fmt: skip
def test_words_say_the_formula_and_nothing_else(text):
    same_words(text, SCOPE)


def test_days_are_said_as_days():
    fields = {name: Field(name=name, title=title, kind="date") for name, title in (("start", "开工"), ("end", "完工"))}
    scope = Scope(fields=fields)
    for text in ('end > day("2023-12-20")', "(end - start) / 天", "start + 30 * 天 == end", "end - 30 * 天 >= start", "end != start"):
        same_words(text, scope)


@settings(max_examples=300, deadline=None)
@given(formulas())
def test_the_words_of_any_formula_read_back_to_it(text):
    """Each part has its sentence, each number and name stands in one, and no sentence can be taken otherwise: they make the same tree."""
    try:
        compile_formula(text, SCOPE)
    except FormulaError:
        return
    same_words(text, SCOPE)
