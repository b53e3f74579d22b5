"""Questions for audits under test: of shipped rules, of tiny made-up ones, and of random plans."""

from fractions import Fraction as F
from types import SimpleNamespace

from attrs import evolve

from minsheng_core import check_rules, load_plugins
from minsheng_core.audit.promise import PROMISES
from minsheng_core.audit.question import Question
from minsheng_core.audit.result import Audit, Result, Verdict
from minsheng_core.audit.rule import Rule, rules_of
from minsheng_core.formula.build import Builder
from minsheng_core.formula.plan import Output
from sheetgen import PAPER

TINY = (
    PAPER
    + """\
[[body]]
id = "office"
name = "县办"
kind = "县直"
[[body]]
id = "t1"
name = "甲镇"
kind = "镇"
[[project]]
id = "work"
title = "工作"
lead = "office"
source = "paper/one"
[[event]]
id = "faults"
title = "问题"
unit = "件"
source = "paper/one"
[[kind]]
id = "work"
title = "工作"
source = "paper/one"
[[kind.field]]
name = "done"
title = "完成"
unit = "人"
minimum = "0人"
maximum = "100000人"
[[kind.field]]
name = "exempt"
title = "免除"
unit = "人"
minimum = "0人"
maximum = "1000人"
missing = true
[[indicator]]
id = "work"
title = "工作"
project = "work"
kind = "work"
lead = "office"
target = { value = "1000人", source = "assumption", reason = "举例" }
source = "paper/one"
[[method]]
id = "marks"
title = "得分"
kind = "work"
formula = '''FORMULA'''
source = "paper/one"
BANDS
[[sheet]]
id = "towns"
title = "乡镇"
bodies = ["镇"]
full = "100分"
source = "paper/one"
rounding = { places = PLACES, mode = "MODE", when = "item", source = "assumption", reason = "举例" }
EXTRA
[[sheet.item]]
id = "work"
title = "工作"
indicator = "work"
method = "marks"
full = "100分"
source = "paper/one"
ADJUSTMENTS
"""
)


def tiny(folder, formula, *, bands="", places=2, mode="half_up", extra="", adjustments=""):
    """The rule of a scheme with one item by that formula."""
    text = TINY.replace("FORMULA", formula).replace("BANDS", bands).replace("PLACES", str(places)).replace("MODE", mode)
    path = folder / "tiny.toml"
    path.write_text(text.replace("EXTRA", extra).replace("ADJUSTMENTS", adjustments), encoding="utf-8")
    scheme, findings = check_rules(path, load_plugins())
    rules, _ = rules_of(scheme, load_plugins())
    assert rules, findings
    return rules[0]


def ask(rule, promise, relation, output, bad, *columns, **more):
    """A question, its key made of its parts."""
    key = "::".join((rule.id, promise, *columns, output, bad))
    return Question(
        key=key, promise=PROMISES[promise], rule=rule, relation=relation, output=output, bad=bad, columns=columns, about=("", ""), **more
    )


def promises(rule):
    """What an audit asks of every rule: bounds, faults, more done, more targeted, silence, vetoes."""
    marks = [one.name for one in rule.plan.outputs if one.name == "total" or one.name.startswith(("item.", "exact."))]
    items = {item.id: item for item in rule.sheet.items}
    for output in marks:
        full = items[output.partition(".")[2]].full if output.partition(".")[2] in items else rule.sheet.ceiling or rule.sheet.full
        yield ask(rule, "bounds", "one", output, "outside", low=F(0), high=full.base)
    for one in rule.plan.outputs:
        if one.name.startswith("fault."):
            yield ask(rule, "total", "one", one.name, "fault")
        if one.truth and one.name.startswith("adjustment."):
            adjustment = next(other for other in rule.sheet.adjustments if other.id == one.name.partition(".")[2])
            if adjustment.effect != "bar":
                most = adjustment.cap.base if adjustment.cap else F(0)
                yield ask(rule, "veto", "one", "total", "above", test=one.name, high=most)
    for item in rule.sheet.items:
        primary = rule.kind(item).primary
        for promise, measure in (("rises", primary), ("falls", "target")):
            column = rule.lowered.columns.get((item.id, measure))
            if column in rule.ranges and next(one for one in rule.columns if one.name == column).kind == "number":
                for output in ("total", f"item.{item.id}", f"exact.{item.id}"):
                    yield ask(rule, promise, "more", output, "falls" if promise == "rises" else "rises", column)
    for column in rule.columns:
        if column.missing:
            yield ask(rule, "silence", "silent", "total", "rises", column.name)


def random_rule(plan):
    """A plan of `rulegen` as a rule: its output is the total, and every row in range is valid."""
    build, held = Builder.extending(plan), []
    for column in plan.columns:
        if column.name != "copies":
            held += [build.within(column.name), build.truth(True) if column.missing else build.given(column.name)]
    marks = evolve(plan.outputs[0], name="total")
    valid = Output(name="valid", number=build.both(*held), undetermined=build.truth(False), truth=True)
    whole = evolve(plan, ops=tuple(build.ops), tables=build.tables, outputs=(marks, valid))
    ranges = {column.name: (column.low, column.high) for column in plan.columns if column.name != "copies"}
    return Rule(id="random", prepared=None, sheet=SimpleNamespace(title="random"), lowered=None, plan=whole, ranges=ranges)


def random_row(rule, draw):
    """A row in the audited ranges, crowded at their ends and at round shares."""
    row = {}
    for column in rule.columns:
        low, high = rule.ranges[column.name]
        round_ones = [
            low,
            high,
            high // 2,
            high * 4 // 5,
            *(n for n in (0, 1, 3, 100, 600, 1000) if low <= n <= high),
            draw.randint(low, high),
        ]
        row[column.name] = None if column.missing and draw.random() < 0.2 else draw.choice(round_ones)
    return row


def partner(question, row, draw):
    """A row that stands in the question's relation to *row*; None where there is none."""
    other, column = dict(row), question.columns[0] if question.columns else ""
    _, high = question.rule.ranges.get(column, (0, 0))
    if question.relation == "more" and row[column] is not None and row[column] < high:
        other[column] = draw.choice([row[column] + 1, draw.randint(row[column] + 1, high)])
    elif question.relation == "silent" and row[column] is not None:
        other[column] = None
    elif question.relation == "scaled":
        other |= {name: None if row[name] is None else row[name] * question.factor for name in question.columns}
    elif question.relation == "moved" and None not in (row[column], row[question.columns[1]]):
        other |= {column: row[column] - 1, question.columns[1]: row[question.columns[1]] + 1}
    else:
        return None
    return other


def result_of(question, proof):
    """A proof as an audit tells of it."""
    return Result(
        key=question.key, promise=question.promise, rule=question.rule.id, about=question.about, verdict=Verdict.PROVED, by="z3", words=("", ""),
        certificate=proof.certificate,
    )  # fmt: skip


def audit(results):
    """An audit of those results."""
    return Audit(scheme="tiny", title="", year=2024, results=tuple(results), due=len(results), engines={"z3": "5.4.1"})
