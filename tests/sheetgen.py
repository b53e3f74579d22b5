"""Whole rule files with tiny ranges, random or by hand: a sheet of a few items, labels, adjustments and limits, on which brute force gets far."""

from fractions import Fraction
from random import Random

__all__ = ["PAPER", "by_hand", "rule_file"]

PAPER = """
[scheme]
id = "tiny"
title = "小方案（虚构）"
year = 2024
document = "paper"
[[document]]
id = "paper"
title = "小文件"
issuer = "某县"
note = "虚构"
[[clause]]
id = "paper/one"
document = "paper"
locator = "一"
summary = "打分"
"""
HEAD = (
    PAPER
    + """\
[[body]]
id = "t1"
name = "甲镇"
kind = "镇"
[[body]]
id = "t2"
name = "乙街"
kind = "街道"
[[project]]
id = "p"
title = "工作"
lead = "t1"
source = "paper/one"
[[event]]
id = "faults"
title = "问题"
unit = "件"
most = 3
source = "paper/one"
[[event]]
id = "cases"
title = "典型"
unit = "件"
most = 2
source = "paper/one"
"""
)
WORK = """
[[kind]]
id = "work"
title = "工作"
primary = "done"
FLOW
source = "paper/one"
field = [
{ name = "done", title = "完成", unit = "人", minimum = "LOW人", maximum = "6人" },
{ name = "exempt", title = "免除", unit = "人", minimum = "0人", maximum = "2人", missing = true },
{ name = "stage", title = "阶段", kind = "text", choices = ["未启动", "在建", "已完成"] },
{ name = "pace", title = "节奏", unit = "%", formula = "PACE" },
]
[[indicator]]
id = "work"
title = "工作"
project = "p"
kind = "work"
lead = "t1"
target = { value = "4人", source = "assumption", reason = "举例" }
source = "paper/one"
"""
SHARE = """
[[kind]]
id = "share"
title = "比率"
primary = "PRIMARY"
source = "paper/one"
field = [
{ name = "good", title = "合格", unit = "人", minimum = "0人", maximum = "4人" },
{ name = "tested", title = "抽查", unit = "人", minimum = "LOW人", maximum = "4人"MISSING },
{ name = "rate", title = "合格率", unit = "%", minimum = "0%", maximum = "MOST%", missing = true, formula = "RATE" },
]
[[indicator]]
id = "share"
title = "比率"
project = "p"
kind = "share"
lead = "t1"
source = "paper/one"
"""
BANDS = """
[BANDS.STEPS]
kind = "step"
input = "%"
output = "分"
BELOWrows = [{ at = "20%", value = "2分" }, { above = "50%", value = "8.5分" }, { at = "100%", value = "10分" }]
[BANDS.LINE]
kind = "linear"
input = "%"
output = "分"
rows = [{ at = "0%", value = "1分" }, { at = "30%", value = "7分" }, { at = "50%", value = "7分" }, { at = "100%", value = "10分" }]
[BANDS.PRICE]
kind = "marginal"
input = "%"
output = "分"
rows = [{ at = "0%", rate = "0.05分/%" }, { at = "30%", rate = "-0.1分/%" }, { at = "50%", rate = "0.2分/%" }]
"""
STAGE = """
[method.bands.STAGE]
kind = "choice"
output = "%"
rows = [{ is = "未启动", value = "0%" }, { is = "在建", value = "50%" }, { is = "已完成", value = "100%" }]
"""


class _Writer:
    """Texts of formulas over the figures of one kind, or of a whole sheet."""

    def __init__(self, draw: Random, rates: list[str], tests: list[str]) -> None:
        self.draw, self.rates, self.tests = draw, rates, tests

    def rate(self, depth: int) -> str:
        """A plain number."""
        draw = self.draw
        if not depth or draw.random() < 0.15:
            return draw.choice(self.rates)
        a, b, test = self.rate(depth - 1), self.rate(depth - 1), self.test(depth - 1)
        return draw.choice([
            f"({a} + {b}) / 2", f"min({a}, {b})", f"max({a}, {b})", f"clip({a}, 0.2, 0.8)", f"({a}) * ({b})", f"({a}) - ({b})",
            f"({a} if {test} else {b})", f"({a} if {test} else {b})", f"({a} if known({a}) else {b})", f"({a}) / ({b})", f"({a}) / (abs({b}) + 1)",
            f"floor({a}, 0.3)", f"ceil({a}, 0.25)", f"round({a}, 1, {draw.choice(MODES)})", f"abs({a} - 0.5)",
            f"band({a}, {draw.choice(['STEPS', 'LINE', 'PRICE'])}) / (10 * 分)", f"band({a}, {draw.choice(['STEPS', 'LINE', 'PRICE'])}) / (10 * 分)",
            f"2 ** clip(floor({a}), 0, 3) / 8", f"(undetermined if {test} else {a})",
        ])  # fmt: skip

    def test(self, depth: int) -> str:
        """A truth."""
        draw = self.draw
        if not depth or draw.random() < 0.4:
            return draw.choice(self.tests)
        a, b = self.rate(depth - 1), self.rate(depth - 1)
        one, other = self.test(depth - 1), self.test(depth - 1)
        sign = draw.choice(["<", "<=", ">", ">=", "==", "!="])
        return draw.choice(
            [f"{a} {sign} {b}", f"{a} {sign} 0.5", f"({one} and {other})", f"({one} or {other})", f"not ({one})", f"known({a})"]
        )

    def marks(self, depth: int, full: str = "full") -> str:
        """Marks out of *full*."""
        shape = self.draw.choice(
            [
                f"{full} * ({{}})",
                f"{full} * ({{}})",
                f"clip({full} * ({{}}), 0 * 分, {full})",
                f"min({full} * abs({{}}), {full})",
                "band({}, STEPS)",
                "band({}, PRICE)",
            ]
        )
        return shape.format(self.rate(depth))


COMMON = ["0.5", "1", "0", "p", "q", "elapsed", "faults / (2 * 件)", "cases / (3 * 件)"]
EVENTS = ["month >= 7", "month == 12", "faults > 1 * 件", "faults == 0 * 件", "cases < 2 * 件"]
OF_WORK = ["done / target"] * 4 + ["min(done / target, 1)", "done / (6 * 人)", "target / (5 * 人)", "pace", "band(stage, STAGE)",
           "(0 if missing(exempt) else exempt / (2 * 人))", "(done / target if missing(exempt) else (done + exempt) / target)",
           "(1 if missing(exempt) else done / (exempt + 1 * 人))", "(0 if missing(progress) else progress)"]  # fmt: skip
TEST_WORK = ["done >= target", "done < 3 * 人", "missing(exempt)", "not missing(exempt) and exempt > 0 * 人", "done != target", "target > 2 * 人", "stage == '已完成'", "stage != '在建'", "done / target > 0.5"]  # fmt: skip
OF_SHARE = ["(0 if missing(rate) else rate)"] * 3 + ["good / (4 * 人)", "(0 if missing(TESTED) else TESTED / (4 * 人))", "(1 if missing(rate) else 1 - rate)"]  # fmt: skip
TEST_SHARE = ["missing(rate)", "good > 2 * 人", "good == 0 * 人", "not missing(rate) and rate >= 0.5", "missing(TESTED)"]


OVER = ["sum(faults) / (6 * 件)", "count(faults > 0 * 件) / 12", "(0 if not known(previous(faults)) else previous(faults) / (3 * 件))", "best(faults) / (3 * 件)",
        "size(faults) / 4", "streak(cases >= 1 * 件) / 3", "total(cases) / (6 * 件)", "rank(faults) / 4", "mean(cases) / (2 * 件)"]  # fmt: skip
OF_SHEET = ["0.5", "1", "0", "p", "elapsed", "faults / (2 * 件)", "faults / (2 * 件)", "cases / (3 * 件)", "items / (2 * 项)", "subtotal / (10 * 分)",
            "(1 if missing(late_days) else min(late_days / (4 * 天), 1))"]  # fmt: skip
TEST_SHEET = ["subtotal >= 6 * 分", "faults > 1 * 件", "faults >= 3 * 件", "missing(late_days)", "not missing(late_days) and late_days > 2 * 天",
              "items >= 2 * 项", "month > 6", "cases == 2 * 件"]  # fmt: skip
OF_MARKS = ["rank(subtotal) / 4", "best(subtotal) / (10 * 分)", "streak(subtotal < 5 * 分) / 2", "share_of_best(subtotal)"]
WHERE = ["done <= target", "good <= tested", "done >= 2 * 人"]
PACES = [
    "done / (6 * 人)",
    "0 if missing(exempt) else exempt / (2 * 人)",
    "0.2 if done < 0 * 人 else done / (6 * 人)",
    "1 if stage == '在建' else 0.5",
]
DATED = ['"150%"', '"40%"', '[{ from = 2024-01-01, value = "50%" }, { from = 2024-07-01, value = "120%" }]']
MODES = ["half_up", "half_even", "down", "up"]
TOWNS, OWN, ASSUMED = 'bodies = ["街道"]\n', 'parameters = { p = "30%" }\n', 'source = "assumption", reason = "举例"'


def rule_file(draw: Random, depth: int = 2, *, across: bool = False) -> str:
    """The text of a rule file with one sheet, ``towns``; with *across* its formulas look at other bodies and months."""
    over, silent = OVER if across else [], draw.random() < 0.5
    tested = "missing(tested)" if silent else "good > 1 * 人"
    share = [[one.replace("missing(TESTED)", tested).replace("TESTED", "tested") for one in many] for many in (OF_SHARE, TEST_SHARE)]
    writers = {
        "work": _Writer(draw, OF_WORK + COMMON + over, TEST_WORK + EVENTS),
        "share": _Writer(draw, share[0] + COMMON + over, share[1] + EVENTS),
    }
    items = []
    for id in "xyz"[: draw.choice([1, 2, 2, 3])]:
        kind, more = draw.choice(["work", "work", "share"]), draw.choice(["", "", TOWNS])
        items.append(
            (id, kind, writers[kind].marks(depth), draw.choice(["10", "10", "30", "3.333", "0.45"]), more + draw.choice(["", "", OWN]))
        )
    base = draw.choice(["", "", "", "5", "-4"])
    full = _decimal(sum(Fraction(one) for *_, one, _ in items) + Fraction(base or 0))
    sheet = f'base = "{base}分"\n' if base else ""
    sheet += f'floor = "{draw.choice(["0", "0", "1.25", "-3"])}分"\n' if draw.random() < 0.5 else ""
    sheet += f'ceiling = "{draw.choice([full, "12", "8.75"])}分"\n' if draw.random() < 0.3 else ""
    sheet += "rescale = true\n" if draw.random() < 0.3 else ""
    when = draw.choice(["item", "total"])
    sheet += f'rounding = {{ places = {draw.choice([0, 1, 2])}, mode = "{draw.choice(MODES)}", when = "{when}", {ASSUMED} }}\n'
    if draw.random() < 0.5:
        ties, groups = draw.choice(["competition", "dense", "ordinal"]), draw.choice(["true", "false"])
        sheet += f'ranking = {{ method = "{ties}", groups = {groups}, {ASSUMED} }}\n'
    applying = [f'rises = ["{id}.applies"]\n' for id, *_, more in items if TOWNS in more]
    facts = draw.choice(["", "", *applying]) + draw.choice(["", "", *(f'where = "{one}"\n' for one in WHERE)])
    sheet += f"[sheet.audit]\n{facts}" if facts else ""
    return _file(draw, items, sheet, _rest(draw, items, depth, over, rounded=when == "item"), full, silent)


def by_hand(items: list[tuple[str, str, str, str, str]], full: str, sheet: str = "", rest: str = "", rate: str = "", pace: str = "") -> str:
    """A file with those *items* (id, kind, formula, full marks, more of its table), lines of the *sheet* and the *rest* of its tables."""
    rounding = f'rounding = {{ places = 2, mode = "half_up", when = "item", {ASSUMED} }}\n'
    return _file(Random(0), items, sheet if "rounding" in sheet else sheet + rounding, rest, full, False, rate, pace)


def _file(draw: Random, items: list[tuple[str, str, str, str, str]], sheet: str, rest: str, full: str, silent: bool, rate: str = "", pace: str = "") -> str:  # fmt: skip
    plain = draw.choice(
        ["good / tested", "good / tested if tested > 0 * 人 else 0", "good / (tested + 1 * 人)", "0 if good == 0 * 人 else good / tested"]
    )
    asked = draw.choice([f"undetermined if missing(tested) else ({plain})", f"0 if missing(tested) else ({plain})"])
    share = SHARE.replace("PRIMARY", draw.choice(["good", "rate"])).replace("LOW", draw.choice(["0", "1"]))
    share = share.replace("RATE", rate or (asked if silent else plain)).replace("MISSING", ", missing = true" if silent else "")
    work = WORK.replace("FLOW", draw.choice(["", "flow = true"])).replace("LOW", draw.choice(["0", "0", "-2"]))
    text = HEAD + work.replace("PACE", pace or draw.choice(PACES)) + share.replace("MOST", draw.choice(["100", "400"]))
    for id, kind, formula, *_ in items:
        text += f'[[method]]\nid = "m{id}"\ntitle = "{id}"\nkind = "{kind}"\nsource = "paper/one"\nformula = \'\'\'{formula}\'\'\'\n'
        text += f'parameters = {{ p = "60%", q = {draw.choice(DATED)} }}\n' + _bands("method", draw) + (STAGE if kind == "work" else "")
    text += f'[[sheet]]\nid = "towns"\ntitle = "乡镇"\nbodies = ["镇", "街道"]\nfull = "{full}分"\nsource = "paper/one"\n{sheet}'
    for id, kind, _, marks, more in items:
        text += f'[[sheet.item]]\nid = "{id}"\ntitle = "{id}"\nindicator = "{kind}"\nmethod = "m{id}"\nfull = "{marks}分"\nsource = "paper/one"\n{more}'
    return text + rest


def _bands(owner: str, draw: Random) -> str:
    return BANDS.replace("BELOW", draw.choice(["", 'below = "0分"\n'])).replace("BANDS", f"{owner}.bands")


def _decimal(value: Fraction) -> str:
    thousandths = int(value * 1000)
    return f"{'-' * (thousandths < 0)}{abs(thousandths) // 1000}.{abs(thousandths) % 1000:03d}"


def _rest(draw: Random, items: list[tuple[str, str, str, str, str]], depth: int, over: list[str], *, rounded: bool) -> str:
    """A label, perhaps, and adjustments of every kind."""
    rates = [*OF_SHEET, *over, *(OF_MARKS if over and rounded else [])]
    tests = list(TEST_SHEET)
    for id, kind, *_ in items:
        work = kind == "work"
        rates += [f"{id}.marks / (10 * 分)", *([f"{id}.done / {id}.target", f"{id}.pace"] if work else [f"{id}.good / (4 * 人)"])]
        rates += [] if work else [f"(0 if missing({id}.rate) else {id}.rate)"]
        tests += [f"{id}.marks < 4 * 分", f"known({id}.marks)", *([f"{id}.done > 2 * 人", f"{id}.stage == '在建'"] if work else [])]
        tests += [f"missing({id}.exempt)"] if work else [f"missing({id}.rate)"]
    writer, text = _Writer(draw, rates, tests), ""
    if draw.random() < 0.4:
        formula = f"'绿' if {writer.test(depth)} else '黄' if {writer.test(1)} else '红'"
        text += f"[[sheet.label]]\nid = \"light\"\ntitle = \"灯\"\nsource = \"paper/one\"\nformula = '''{formula}'''\n"
        text += 'parameters = { p = "70%" }\n' + _bands("sheet.label", draw)
        writer.tests += ["light == '绿'", "light != '红'"] * 2
    for index in range(draw.choice([0, 1, 1, 2, 3])):
        kind, effect = draw.choice(["deduction", "bonus", "veto"]), draw.choice(["zero", "cap", "bar"])
        formula = writer.test(depth) if kind == "veto" else writer.marks(depth, "most")
        more = f'effect = "{effect}"\n' if kind == "veto" else ""
        more += f'cap = "{draw.choice(["5", "2.225"])}分"\n' if kind == "veto" and effect == "cap" else ""
        text += f'[[sheet.adjustment]]\nid = "a{index}"\ntitle = "a{index}"\nkind = "{kind}"\n{more}source = "paper/one"\n'
        text += f"formula = '''{formula}'''\nparameters = {{ p = \"70%\", most = \"4分\" }}\n" + _bands("sheet.adjustment", draw)
    return text
