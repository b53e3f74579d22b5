"""Random plans of all operations, rows that sit on range ends, and a small interpreter: what readings over tables are held to."""

from collections import Counter
from fractions import Fraction as F

from hypothesis import strategies as st

from minsheng_core.errors import FormulaError
from minsheng_core.formula.build import Builder
from minsheng_core.formula.plan import Column, Output, Plan, Reason

JANUARY = 2023 * 12
COLUMNS = (
    Column(name="period", low=JANUARY, high=JANUARY + 11),
    Column(name="copies", low=1, high=1),
    Column(name="做了", low=-50, high=2000, missing=True),
    Column(name="goal", low=1, high=1000),
    Column(name="paid", unit="万元", decimals=2, low=0, high=500_000_000_000),
    Column(name="wide", decimals=3, low=-(10**20), high=10**20),
    Column(name="stage", kind="text", low=0, high=2, choices=("未启动", "在'建", "已完成")),
    Column(name="day", kind="date", low=19_000, high=20_000, missing=True),
)
CELLS = COLUMNS[2:]
ROWS = 100  # more than any table here has
TABLE = [k * k - 40 for k in range(40)]


@st.composite
def plans(draw):
    """A plan of up to thirty random operations, each of its results an output, in one of the four ways."""
    build = Builder(COLUMNS)
    build.step = "random"
    numbers = [build.column(one.name) for one in COLUMNS if one.name != "copies"]
    numbers += [build.literal(draw(st.sampled_from([0, 1, 7, 10**6, -3]))), build.literal(10 ** draw(st.integers(9, 32)))]
    truths = [build.within("paid"), build.given("做了")]
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=3, max_size=30)):
        pick = lambda pool: pool[-1 - draw(st.integers(0, len(pool) - 1))]  # noqa: E731 - used at once; new ones first
        try:
            made = KINDS[kind](build, pick, numbers, truths)
        except FormulaError:
            continue  # could leave ±10^32
        (truths if build.ops[made].truth else numbers).append(made)
    never = build.truth(False)
    outputs = [
        Output(name=f"数.{n}", number=number, coefficient=F(1, 10 ** (n % 4 * 2)), undetermined=truths[-1] if n % 3 == 1 else never)
        for n, number in enumerate(numbers[-5:])
    ]
    below = tuple(one for one in numbers if build.ops[one].low > 0 and build.ops[one].high < 10**12)[-2:]
    narrow = [one for one in numbers if max(abs(build.ops[one].low), build.ops[one].high) < 10**20]
    outputs.append(Output(name="ratio", number=narrow[-1], coefficient=F(3, 7), denominators=below, undetermined=never))
    outputs += [Output(name=f"truth {n}", number=one, undetermined=never, truth=True) for n, one in enumerate(truths[-3:])]
    outputs.append(Output(name="stage", number=build.column("stage"), undetermined=never, labels=COLUMNS[6].choices))
    reasons = [Reason(build.negate(build.within(one.name)), "refused", f"{one.name}'不对") for one in CELLS]
    reasons += [Reason(build.negate(build.given(one.name)), "not_filed", f"没有\\{one.name}") for one in CELLS if not one.missing]
    reasons.append(Reason(truths[-1], "undetermined", "说不清"))
    return Plan(columns=COLUMNS, tables=build.tables, ops=tuple(build.ops), outputs=tuple(outputs), reasons=tuple(reasons))


def _quotient(build, a, b):
    return build.over(build.magnitude(a), build.largest(b, build.literal(1)))


def _lookup(build, x):
    position = build.search(x, TABLE)
    return build.lookup(position, [(-7) ** k * 10 ** (k % 3) if k < 20 else 10**25 + k for k in range(41)])


def _short(build, x):
    return build.lookup(build.search(x, [0, 10, 10**11]), [3, -(10**20), 4, 5])


def _ends(build, x, times):
    low, high = build.ops[x].low, build.ops[x].high
    return min(low, low * times), max(high, high * times)


def _window(build, op, x, name="", times=1, **more):
    low, high = _ends(build, x, times)
    return build.window(op, x, low=low, high=high, name=name, **more)


KINDS = {
    "+": lambda b, pick, n, t: b.plus(pick(n), pick(n)),
    "-": lambda b, pick, n, t: b.minus(pick(n), pick(n)),
    "*": lambda b, pick, n, t: b.times(pick(n), pick(n)),
    "//": lambda b, pick, n, t: _quotient(b, pick(n), pick(n)),
    "floor": lambda b, pick, n, t: b.floor(pick(n), b.largest(pick(n), b.literal(1))),
    "<": lambda b, pick, n, t: b.less(pick(n), pick(n)),
    "<=": lambda b, pick, n, t: b.at_most(pick(n), pick(n)),
    "==": lambda b, pick, n, t: b.equal(pick(n), pick(n)),
    "and": lambda b, pick, n, t: b.both(pick(t), pick(t)),
    "or": lambda b, pick, n, t: b.either(pick(t), b.negate(pick(t))),
    "case": lambda b, pick, n, t: b.case(pick(t), pick(n), pick(n)),
    "truth case": lambda b, pick, n, t: b.case(pick(t), pick(t), pick(t)),
    "lookup": lambda b, pick, n, t: _lookup(b, pick(n)),
    "short lookup": lambda b, pick, n, t: _short(b, pick(n)),
    "running_sum": lambda b, pick, n, t: _window(b, "running_sum", pick(n), times=12),
    "running_max": lambda b, pick, n, t: _window(b, "running_max", pick(n)),
    "lag": lambda b, pick, n, t: (lambda x: _window(b, "lag", x, value=b.ops[x].low))(pick(n)),
    "group_sum": lambda b, pick, n, t: _window(b, "group_sum", pick(n), name="group", times=ROWS),
    "group_max": lambda b, pick, n, t: _window(b, "group_max", pick(n), name="period"),
    "group_rank": lambda b, pick, n, t: b.window("group_rank", pick(n), pick(t), low=1, high=ROWS, name="period"),
    "group_dense": lambda b, pick, n, t: b.window("group_dense", pick(n), pick(t), low=1, high=ROWS, name="group"),
}


def _cells(column):
    ends = [column.low, column.low + 1, column.high - 1, column.high, 0, 1, column.low - 1, column.high + 1]
    if column.kind != "number":
        ends = ends[:4]
    inside = st.integers(column.low, column.high) | st.sampled_from(ends[:4])
    return st.one_of(*[inside] * 30, st.none(), st.sampled_from(ends))


ROW = st.fixed_dictionaries(
    {
        "body": st.sampled_from([*"甲乙丙丁戊己庚" * 3, None]),
        "period": st.sampled_from([*range(JANUARY, JANUARY + 5), JANUARY + 11] * 5 + [None, JANUARY - 1, JANUARY + 12]),
        "group": st.sampled_from([*"东西" * 10, None]),
        **{one.name: _cells(one) for one in CELLS},
    }
)
TABLES = st.lists(ROW, min_size=1, max_size=14)


def typed(columns=CELLS):
    """The SQL types that `relation` gives, by column."""
    kinds = {"text": "{words}", "date": "DATE"}
    return {"body": "{words}", "period": "INT", "group": "{words}"} | {
        one.name: kinds.get(one.kind, f"DECIMAL(38,{one.decimals})" if one.decimals else "BIGINT") for one in columns
    }


def relation(rows, words, quote, columns=CELLS):
    """Rows of whole numbers as SQL: a select over values. *words* is the engine's type of text, *quote* what names stand in."""
    types = {name: text.format(words=words) for name, text in typed(columns).items()}
    by_name = {one.name: one for one in columns}

    def literal(name, value):
        column = by_name.get(name)
        if value is None:
            return "NULL"
        if column is not None and column.kind == "text":
            value = column.choices[value]
        if column is not None and column.kind == "date":
            return f"DATE_ADD(DATE '1970-01-01', {value})" if words == "STRING" else f"DATE '1970-01-01' + {value}"
        if column is not None and column.decimals:
            digits = str(abs(value)).zfill(column.decimals + 1)
            value = f"{'-' if value < 0 else ''}{digits[: -column.decimals]}.{digits[-column.decimals :]}"
        if isinstance(value, int):
            return str(value)
        escaped = value.replace("'", "\\'" if words == "STRING" else "''")
        return f"'{escaped}'"

    lines = ", ".join(f"({', '.join(f'CAST({literal(name, row[name])} AS {type_})' for name, type_ in types.items())})" for row in rows)
    return f"(SELECT * FROM (VALUES {lines}) AS v({', '.join(f'{quote}{name}{quote}' for name in types)})) AS rows_"


# -- the interpreter ---------------------------------------------------------------------------------------------


def expected(plan, rows):
    """For each row (body, period, group, state, reason, [value of each output])."""
    copies = Counter((row["body"], row["period"]) for row in rows)
    sound = [row for row in rows if None not in (row["body"], row["period"], row["group"]) and copies[row["body"], row["period"]] == 1]
    sound = [row | {"copies": 1} for row in sound if JANUARY <= row["period"] < JANUARY + 12]
    results = {(row["body"], row["period"]): result for row, result in zip(sound, interpreted(plan, sound), strict=True)}
    for row in rows:
        result = results.get((row["body"], row["period"]))
        keys = (row["body"], row["period"], row["group"])
        if result is None or row["group"] is None:
            yield *keys, "refused", [None] * len(plan.outputs)
            continue
        state = next((reason.state for reason in plan.reasons if result[reason.test]), "scored")
        yield *keys, state, [output.value(result) for output in plan.outputs]


def interpreted(plan, rows):
    """Every operation's result, for each row."""
    columns = {one.name: one for one in plan.columns}
    results = [[] for _ in rows]
    for op in plan.ops:
        values = [[result[arg] for arg in op.args] for result in results]
        if "_" in op.op or op.op == "lag":
            made = list(windowed(op, rows, values))
        else:
            made = [single(op, row, args, columns.get(op.name), plan.tables.get(op.name)) for row, args in zip(rows, values, strict=True)]
        for result, value in zip(results, made, strict=True):
            assert op.low <= value <= op.high, op
            result.append(int(value))
    return results


def single(op, row, args, column, table):
    cell = row[op.name] if column else None
    within = column and (cell is None or column.low <= cell <= column.high)
    match op.op:
        case "literal":
            return op.value
        case "column":
            return cell if within and cell is not None else column.low
        case "given":
            return cell is not None
        case "within":
            return within
        case "case":
            return args[1] if args[0] else args[2]
        case "search":
            return sum(one <= args[0] for one in table)
        case "lookup":
            return table[args[0]]
        case "not":
            return not args[0]
    a, b = args
    return {"+": a + b, "-": a - b, "*": a * b, "<": a < b, "<=": a <= b, "==": a == b, "and": a and b, "or": a or b}[op.op] if (
        op.op != "//"
    ) else a // b  # fmt: skip


def windowed(op, rows, values):
    for row, args in zip(rows, values, strict=True):
        if op.op.startswith("group"):
            near = [v for one, v in zip(rows, values, strict=True) if one["period"] == row["period"]
                    and (op.name == "period" or one["group"] == row["group"])]  # fmt: skip
        else:
            near = sorted(
                ((one["period"], v) for one, v in zip(rows, values, strict=True) if one["body"] == row["body"]), key=lambda pair: pair[0]
            )
            near = [v for period, v in near if period <= row["period"]]
        first = [v[0] for v in near]
        match op.op:
            case "running_sum" | "group_sum":
                yield sum(first)
            case "running_max" | "group_max":
                yield max(first)
            case "lag":
                yield first[-2] if len(first) > 1 else op.value
            case _ if not args[1]:
                yield 1
            case _:
                above = [v[0] for v in near if v[1] and v[0] > args[0]]
                yield 1 + len(set(above) if op.op == "group_dense" else above)
