"""Random schemes printed as papers, in the styles of many places: the draft has the same figures, or says that it isn't sure. Never a wrong one silently."""

from fractions import Fraction

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core.draft.bodies import Roll
from minsheng_core.draft.find import read_paper
from minsheng_core.draft.open import text_paper
from minsheng_core.quantity import decimal_text

PROMISES = [
    "改造农村危房|户",
    "新建农村公路|公里",
    "新建公厕|座",
    "新增城镇就业|人",
    "发放惠民图书|册",
    "完成投资|万元",
    "新建幼儿园|所",
    "建设高标准农田|亩",
    "新增养老床位|张",
]
BODIES = [
    "甲溪镇",
    "乙水镇",
    "丙山乡",
    "和平镇",
    "共和乡",
    "城关街道",
    "丁家坝镇",
    "万家铺镇",
    "三合镇",
    "十里铺乡",
    "戊岭苗族乡",
    "百合街道",
    "千工坝镇",
    "及第乡",
    "两河口镇",
    "双全镇",
    "元坝镇",
    "张家镇",
    "户部乡",
    "口前镇",
    "个旧镇",
    "万年镇",
    "百花乡",
    "条山镇",
]
OFFICES = ["县住建局", "县交通运输局", "县教育局", "县人社局", "县农业农村局", "县发展和改革局"]


@frozen
class Promise:
    """What is printed of a target: its title, unit, decimals, shares as whole numbers of the last digit, lead body."""

    title: str
    unit: str
    decimals: int
    shares: dict
    lead: str

    def shown(self, value):
        return decimal_text(Fraction(value, 10**self.decimals), self.decimals)

    @property
    def total(self):
        return self.shown(sum(self.shares.values()))

    @property
    def wanted(self):
        return {name: Fraction(value, 10**self.decimals) for name, value in self.shares.items()}


@st.composite
def promises(draw):
    title, unit = draw(st.sampled_from(PROMISES)).split("|")
    names = draw(st.lists(st.sampled_from(BODIES), min_size=3, max_size=8, unique=True))
    decimals = draw(st.sampled_from([0, 1, 2])) if unit in ("公里", "万元") else 0
    return Promise(title, unit, decimals, {name: draw(st.integers(1, 99_999)) for name in names}, draw(st.sampled_from(OFFICES)))


schemes = st.lists(promises(), min_size=1, max_size=4, unique_by=lambda one: one.title)

ITEMS = [
    "{name}{value}{unit}、",
    "{name}{value} ",
    "{name}{value}{unit}，",
    "{name}：{value}{unit}；",
    "{name}（{value}{unit}）、",
    "{name} {value} {unit} ",
]
HEADS = [
    "{title}{total}{unit}：{items}。",
    "{title}{total}{unit}，其中：{items}。",
    "{title}{total}{unit}（其中{items}）。",
    "今年{title}{total}{unit}。任务分解：{items}。",
    "{title}：{items}共{total}{unit}。",
]
DUTIES = ["（责任单位：{lead}）", "牵头单位：{lead}。", "（牵头单位：{lead}；配合单位：县财政局、各乡镇）", "由{lead}牵头，县财政局配合。"]
NUMBERS = [("一、目标任务", "（{n}）"), ("一、目标任务", "{d}."), ("第一章 目标任务", "{d}、"), ("二、重点任务", "（{d}）")]
CHINESE = "一二三四五六七八九"


def full_width(text):
    return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


@st.composite
def running(draw, scheme):
    """The scheme in clauses of running text."""
    heading, number = draw(st.sampled_from(NUMBERS))
    lines = ["2024年民生实事目标任务分解方案（虚构）", heading]
    wide = draw(st.booleans())
    for n, one in enumerate(scheme):
        item = draw(st.sampled_from(ITEMS))
        items = "".join(item.format(name=name, value=one.shown(value), unit=one.unit) for name, value in one.shares.items()).rstrip(
            "、，；"
        )
        text = draw(st.sampled_from(HEADS)).format(title=one.title, total=one.total, unit=one.unit, items=items)
        text = number.format(n=CHINESE[n], d=n + 1) + text + draw(st.sampled_from(DUTIES)).format(lead=one.lead)
        lines.append(full_width(text) if wide and "{d}" not in number else text)
    return "\n".join(lines)


def wrapped(text, width):
    """Hard line ends after so many columns, as a PDF's text has them."""
    lines = []
    for line in text.split("\n"):
        lines.append("")
        for one in line:
            if sum(2 if ord(other) > 255 else 1 for other in lines[-1] + one) > width:
                lines.append("")
            lines[-1] += one
    return "\n".join(lines)


@st.composite
def tabled(draw, scheme):
    """The scheme as a table with a row a body and a column an indicator."""
    names = list(dict.fromkeys(name for one in scheme for name in one.shares))
    sign = draw(st.sampled_from(["\t", "    ", " | "]))
    empty = draw(st.sampled_from(["/", "—", "-"]))
    rows = [["序号", "乡镇", *(f"{one.title}（{one.unit}）" for one in scheme)]]
    rows += [
        [str(n), name, *(one.shown(one.shares[name]) if name in one.shares else empty for one in scheme)] for n, name in enumerate(names, 1)
    ]
    total = [["", "合计", *(one.total for one in scheme)]] if sign == "\t" else [["合计", *(one.total for one in scheme)]]
    rows = rows[:1] + total + rows[1:] if draw(st.booleans()) else rows + total
    if draw(st.booleans()) and sign == "\t":
        rows = [list(column) for column in zip(*rows, strict=True)]
    return "2024年民生实事任务分解表（虚构）\n" + "\n".join(sign.join(row) for row in rows)


@st.composite
def tasks(draw, scheme):
    """The scheme as a table with a row a task."""
    rows = [["序号", "项目名称", "目标任务", "任务分解", "责任单位", "完成时限"]]
    for n, one in enumerate(scheme, 1):
        item = draw(st.sampled_from(ITEMS))
        items = "".join(item.format(name=name, value=one.shown(value), unit=one.unit) for name, value in one.shares.items()).rstrip(
            "、，； "
        )
        rows.append([str(n), one.title, f"{one.total}{one.unit}", items, one.lead, "2024年12月底前"])
    return "2024年民生实事任务分解表（虚构）\n" + "\n".join("\t".join(row) for row in rows)


def holds(scheme, text):
    found = read_paper(text_paper("虚构.txt", text.encode()), Roll())
    sure = [one for one in found.targets if not one.doubts]
    printed = {(one.title, Fraction(one.total), one.unit) for one in scheme}
    for target in found.targets:
        wanted = next((one for one in scheme if one.title in target.title), None)
        words = (text, target)
        if target in sure or all("没有读出牵头单位" in doubt.words for doubt in target.doubts):
            assert wanted is not None, words
            assert target.quantity is not None, words
            assert (wanted.title, target.quantity.value, str(target.quantity.unit)) in printed, words
            assert {piece.name: piece.quantity.value for piece in target.pieces} == wanted.wanted, words
            assert all(str(piece.quantity.unit) == wanted.unit for piece in target.pieces), words
            assert target.lead in ("", wanted.lead), words
    return found


@settings(max_examples=150)
@given(st.data(), schemes)
def test_running_text(data, scheme):
    found = holds(scheme, data.draw(running(scheme)))
    assert len(found.targets) >= len(scheme)  # what isn't sure is there too


@settings(max_examples=150)
@given(st.data(), schemes, st.integers(36, 100))
def test_running_text_whose_lines_wrap_anywhere(data, scheme, width):
    holds(scheme, wrapped(data.draw(running(scheme)), width))


@settings(max_examples=100)
@given(st.data(), schemes)
def test_a_table_over_bodies_is_read_whole_and_sure(data, scheme):
    found = holds(scheme, data.draw(tabled(scheme)))
    assert len(found.targets) == len(scheme)
    assert all(target.checked.verdict == "consistent" for target in found.targets)


@settings(max_examples=100)
@given(st.data(), schemes)
def test_a_table_of_tasks_is_read_whole_and_sure(data, scheme):
    text = data.draw(tasks(scheme))
    found = holds(scheme, text)
    assert [target.lead for target in found.targets] == [one.lead for one in scheme], text
    assert {target.deadline for target in found.targets} == {"2024年12月底前"}


@settings(max_examples=100)
@given(st.data(), schemes)
def test_a_share_that_is_misprinted_is_seen(data, scheme):
    """One digit more in one share: the sum no longer comes out, and somebody is told."""
    first = scheme[0]
    name = data.draw(st.sampled_from(list(first.shares)))
    wrong = Promise(first.title, first.unit, first.decimals, first.shares | {name: first.shares[name] * 10 + 7}, first.lead)
    text = data.draw(tasks([wrong])).replace(f"{wrong.total}{wrong.unit}", f"{first.total}{first.unit}", 1)
    found = read_paper(text_paper("虚构.txt", text.encode()), Roll())
    assert any("比印刷总数" in doubt.words for target in found.targets for doubt in target.doubts), text
