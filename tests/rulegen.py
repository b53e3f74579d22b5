"""Random typed rules and rows that sit on ties, breakpoints and range ends, for every test that holds two readings together."""

from fractions import Fraction as F

from hypothesis import strategies as st

from minsheng_core.errors import FormulaError
from minsheng_core.field import Field
from minsheng_core.formula import Row, Scope, compile_formula
from minsheng_core.formula.band import read_band
from minsheng_core.formula.build import Builder, only
from minsheng_core.formula.dated import dated
from minsheng_core.formula.lower import Lowering, column_of
from minsheng_core.formula.plan import Column, Plan
from minsheng_core.period import Period
from minsheng_core.quantity import Quantity, read_quantity, unit

STAGES = ("未启动", "在建", "已完成")
FIELDS = {
    "done": Field(name="done", title="完成", unit="人", minimum=F(-50), maximum=F(2000)),
    "goal": Field(name="goal", title="目标", unit="人", minimum=F(0), maximum=F(1000)),
    "paid": Field(name="paid", title="已付", unit="万元", minimum=F(0), maximum=F(5_000_000_000), decimals=2, missing=True),
    "share": Field(name="share", title="占比", unit="%", minimum=F(0), maximum=F(100), decimals=1),
    "stage": Field(name="stage", title="阶段", kind="text", choices=STAGES),
    "reach": Field(name="reach", title="完成率", unit="%", missing=True, formula="done / goal"),
}  # fmt: skip
RAW = [one for one in FIELDS.values() if not one.formula]
BANDS = {
    "steps": read_band({"kind": "step", "input": "%", "output": "分", "below": "0分", "rows": [
        {"at": "60%", "value": "6分"}, {"above": "80%", "value": "8.5分"}, {"at": "100%", "value": "10分"}]}),
    "line": read_band({"kind": "linear", "input": "%", "output": "分", "rows": [
        {"at": "0%", "value": "0分"}, {"at": "30%", "value": "7分"}, {"at": "100%", "value": "10分"}]}),
    "price": read_band({"kind": "marginal", "input": "百分点", "output": "分", "rows": [
        {"at": "0百分点", "rate": "0.5分/百分点"}, {"at": "10百分点", "rate": "1分/百分点"}]}),
    "gap": read_band({"kind": "step", "input": "%", "output": "分", "rows": [
        {"above": "0%", "value": "10分"}, {"at": "50%", "value": "7分"}]}),
    "works": read_band({"kind": "choice", "output": "%", "rows": [
        {"is": "未启动", "value": "0%"}, {"is": "在建", "value": "50%"}, {"is": "已完成", "value": "100%"}]}),
    "wide": read_band({"kind": "step", "input": "%", "output": "分", "below": "0分", "rows": [
        {"above" if k % 3 == 0 else "at": f"{k * 5}%", "value": f"{k}分"} for k in range(25)]}),
}  # fmt: skip
CONSTANTS = {
    "cap": read_quantity("120%"),
    "price_of": dated(
        [(Period(2023, 1).day(1), read_quantity("1分")), (Period(2023, 2).day(15), read_quantity("2.5分"))],
    ),
}
SCOPE = Scope(fields=FIELDS, constants=CONSTANTS, bands=BANDS)
MODES = st.sampled_from(["half_up", "half_even", "down", "up"])


def _numbers(plain, truth):
    """Formulas whose value is a plain number."""
    rounded = st.builds("round({}, {}, {})".format, plain, st.integers(0, 3), MODES)
    return st.one_of(
        st.builds("({} {} {})".format, plain, st.sampled_from(["+", "-", "*", "/"]), plain),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), plain, plain),
        st.builds("clip({}, 0, {})".format, plain, st.sampled_from(["1", "2.5"])),
        st.builds("{}({})".format, st.sampled_from(["abs", "floor", "ceil", "-"]), plain),
        st.builds("{}({}, 0.05)".format, st.sampled_from(["floor", "ceil"]), plain),
        rounded,
        st.builds("band({}, {}) / 分".format, plain, st.sampled_from(["steps", "line", "wide", "gap"])),
        st.builds("band({} - share, price) / 分".format, st.sampled_from(["share", "50*百分点 + share"])),
        st.builds("({} if {} else {})".format, plain, truth, plain),
        st.builds("({} if known({}) else {})".format, plain, plain, plain),
        st.builds("2 ** clip(floor({}), 0, 6)".format, plain),
    )


def _truths(plain, truth):
    return st.one_of(
        st.builds("{} {} {}".format, plain, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), plain),
        st.builds("({} {} {})".format, truth, st.sampled_from(["and", "or"]), truth),
        st.builds("not ({})".format, truth),
        st.builds("stage {} '{}'".format, st.sampled_from(["==", "!="]), st.sampled_from(STAGES)),
        st.builds("known({})".format, plain),
    )


def _across(plain, truth):
    rounded = st.builds("round({}, {}, half_up)".format, plain, st.integers(0, 2))
    names = ["rank", "best", "worst", "total", "size", "share_of_best", "last", "previous", "sum", "mean"]
    return st.builds("{}({})".format, st.sampled_from(names), rounded) | st.builds(
        "{}({})".format, st.sampled_from(["count", "streak"]), truth
    )


LEAVES = st.sampled_from([
    "1", "0", "0.5", "3", "done / goal", "done / 人", "share", "cap", "price_of / 分", "reach_or_0", "band(stage, works)",
    "(paid / 万元 if not missing(paid) else 0)",
]).map(lambda text: text.replace("reach_or_0", "(0 if missing(reach) else reach)"))  # fmt: skip
TRUTHS = st.sampled_from(["missing(paid)", "missing(reach)", "done >= goal", "stage == '在建'"])


def formulas(*, across=True, depth=3):
    """Texts of random formulas that give a plain number; with *across* some look at other rows."""
    plain, truth = LEAVES, TRUTHS
    for level in range(depth):
        below, tests = plain, truth
        plain = LEAVES | _numbers(below, tests)
        truth = TRUTHS | _truths(below, tests)
        if across and level:
            plain |= _across(below, tests)
    return _numbers(plain, truth) | _across(plain, truth) if across else _numbers(plain, truth)


def _cells(declared):
    """Whole numbers of a column, crowded at its ends and at round shares; now and then nothing, or what is out of range."""
    column = column_of(declared)
    inside = st.integers(column.low, column.high)
    ends = st.sampled_from(sorted({column.low, column.high, 0, column.high // 2, column.high * 3 // 5, column.high * 4 // 5}))
    usual = ends | inside
    odd = st.sampled_from([None, column.high + 1, column.low - 1])
    return st.sampled_from(range(12)).flatmap(lambda die: odd if die == 0 else st.none() if die == 1 and column.missing else usual)


@st.composite
def tables(draw, most=3, months=4):
    """Rows of a few bodies in two groups over a few months, some months absent: (cells, keys), keys being (body, group)."""
    rows, keys = [], []
    for index in range(draw(st.integers(1, most))):
        for month in range(months):
            if draw(st.sampled_from(range(8))):
                cells = {one.name: draw(_cells(one)) for one in RAW}
                rows.append(cells | {"period": 2023 * 12 + month, "copies": 1})
                keys.append((f"b{index}", "甲" if index % 2 else "乙"))
    return rows, keys


def reference_rows(cells, keys):
    """The same rows for the exact reference."""
    rows = []
    for row, (body, group) in zip(cells, keys, strict=True):
        values, usable = {}, True
        for one in RAW:
            column, cell = column_of(one), row[one.name]
            usable &= cell is None or column.low <= cell <= column.high
            values[one.name] = _value(one, column, cell)
        rows.append(Row(body=body, group=group, period=Period(2023, row["period"] % 12 + 1), values=values, usable=usable))
    return rows


def _value(declared, column, cell):
    if cell is None or not column.low <= cell <= column.high:
        return None
    return STAGES[cell] if declared.kind == "text" else Quantity(F(cell, 10**column.decimals), unit(declared.unit))


COLUMNS = (
    *(column_of(one) for one in RAW),
    Column(name="period", low=2023 * 12, high=2023 * 12 + 11),
    Column(name="copies", low=1, high=1),
)


def lowered(text, scope=SCOPE):
    """(formula, plan with the output ``marks``), or the FormulaError that refuses the rule."""
    try:
        formula = compile_formula(text, scope)
        builder = Builder(COLUMNS)
        lowering = Lowering(builder, group="group")
        value = lowering.formula(formula, {one.name: lowering.field(one) for one in RAW})
    except FormulaError as error:
        return error
    refused = builder.negate(lowering.usable)
    output = value.output("marks")
    doubt = builder.either(refused, value.undetermined)
    from attrs import evolve

    plan = Plan(title=text, columns=COLUMNS, tables=builder.tables, ops=tuple(builder.ops), outputs=(evolve(output, undetermined=doubt),))
    return formula, only(plan)
