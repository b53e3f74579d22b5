"""Worked examples of a sheet: the rule file's own, or one on the paper's real targets with supposed figures; both reckoned by the sheet's plan."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from attrs import frozen

from ...audit.replay import explained
from ...audit.rule import Rule
from ...explanation import Step
from ...formula.plan import Column
from ...formula.python import run_rows
from ...formula.tree import EPOCH
from ...period import Period
from ...quantity import Quantity, unit
from ...scheme import model
from ...scoring.examples import reckoned_example, shown_output
from ...scoring.marks import cell

__all__ = ["Worked", "worked"]

Row = dict[str, int | None]
SHARES = (Fraction(9, 10), Fraction(4, 5), Fraction(1, 2), Fraction(1), Fraction(1, 4))  # of the target, that a supposed figure reaches
MOST = 600  # supposed rows that are tried
MONTH = 10


@frozen(kw_only=True)
class Worked:
    """One example: whether it is the rule file's *own*, its *cases* as (who, figures, results), and the step tree of the first."""

    title: str
    own: bool
    cases: tuple[tuple[str, str, str], ...]
    step: Step | None
    place: str = ""


def worked(rule: Rule, examples: Sequence[model.Example]) -> list[Worked]:
    """The sheet's own *examples*, else a supposed one; empty where no supposed figures were found that give marks."""
    own = [_own(rule, one) for one in examples if one.sheet == rule.id]
    told = [one for one in own if one.cases]
    return told or list(_supposed(rule))


def _own(rule: Rule, example: model.Example) -> Worked:
    scheme = rule.prepared.scheme
    reckoned = reckoned_example(example, rule.lowered.plan, scheme)
    names = {one.id: one.name for one in scheme.bodies}
    cases = []
    for case, row, results in reckoned:
        body = str(case.get("body", "—"))
        who = "，".join(filter(None, [names.get(body, body), str(case.get("group", "")), str(case["period"])]))
        cases.append((who, _figures(rule, row), _results(rule, results)))
    step = explained(rule, reckoned[0][1], reckoned[0][2]) if reckoned else None
    return Worked(title=example.title, own=True, cases=tuple(cases), step=step, place=str(example.place or ""))


def _figures(rule: Rule, row: Row) -> str:
    columns = {one.name: one for one in rule.lowered.plan.columns}
    told = []
    for name, number in row.items():
        if name in ("period", "copies", "order") or number is None or (name in _events(rule) and number == 0):
            continue
        of = next(
            (
                one.title
                for one in rule.prepared.scheme.indicators
                if name.startswith(f"{one.id}.") and name.rpartition(".")[2] != "applies"
            ),
            "",
        )
        told.append(f"{of}{'·' if of else ''}{columns[name].title}{_shown(columns[name], number)}")
    return "；".join(told) or "—"


def _events(rule: Rule) -> set[str]:
    return {one.id for one in rule.prepared.scheme.events} | {"late_days"}


def _shown(column: Column, number: int) -> str:
    if column.kind == "text":
        return f"“{column.choices[number]}”" if 0 <= number < len(column.choices) else "（无此词）"
    if column.kind == "date":
        return date.fromordinal(EPOCH + number).isoformat()
    if column.name.endswith(".applies"):
        return "：是" if number else "：否"
    return str(Quantity(Fraction(number, 10**column.decimals), unit(column.unit)))


def _results(rule: Rule, results: Sequence[int], *, ranks: bool = True) -> str:
    told = []
    for output in rule.lowered.plan.outputs:
        kept = output.name in ("total", "rank", "group_rank", "barred") or output.name.startswith(("item.", "adjustment.")) or output.labels
        if not kept or (not ranks and output.name in ("rank", "group_rank")):
            continue
        value = output.value(results)
        if value is False or (output.name == "barred" and value is None) or (output.name.startswith("adjustment.") and value == 0):
            continue
        title = "总分" if output.name == "total" else output.title
        told.append(title if value is True else f"{title} {shown_output(output, value)}")
    return "；".join(told)


# -- on real targets, with supposed figures ------------------------------------------------------------------------------------------


def _supposed(rule: Rule) -> Iterator[Worked]:
    """The first supposed row that can be a report and gives marks, better some than all or none."""
    scheme = rule.prepared.scheme
    body = next(_bodies(rule), None)
    best: tuple[bool, Row] | None = None
    for row in itertools.islice(_rows(rule, body), MOST):
        results = rule.run(row)
        total = rule.value("total", results)
        if rule.value("valid", results) is not True or not isinstance(total, Fraction):
            continue
        telling = 0 < total < rule.sheet.full.base
        if best is None or (telling and not best[0]):
            best = (telling, row)
        if telling:
            break
    if best is None:
        return
    row = best[1]
    (results,) = run_rows(rule.lowered.plan, [row], [(body.id if body else "", body.kind if body else "")])
    who = f"{body.name if body else '某单位'}，{Period(scheme.year, MONTH)}"
    yield Worked(
        title="目标取自规则，完成数是为举例假设的" + ("；与其他单位、其他月份比较的，按只有这一行计算" if rule.windows else ""), own=False, cases=((who, _figures(rule, row), _results(rule, results, ranks=False)),),
        step=explained(rule, row, results),
    )  # fmt: skip


def _bodies(rule: Rule) -> Iterator[model.Body]:
    """The bodies of the sheet, those with a share of their own first."""
    scheme = rule.prepared.scheme
    on = [one for one in scheme.bodies if one.id in rule.sheet.bodies or one.kind in rule.sheet.bodies]
    shared = {share.body for item in rule.sheet.items for share in scheme.indicator(item.indicator).shares}
    yield from sorted(on, key=lambda one: one.id not in shared)


def _rows(rule: Rule, body: model.Body | None) -> Iterator[Row]:
    plan = rule.lowered.plan
    fixed: Row = {column.name: None for column in plan.columns}
    fixed |= {"period": rule.prepared.scheme.year * 12 + MONTH - 1, "copies": 1}
    if "order" in fixed:
        fixed["order"] = 1
    for item in rule.sheet.items:
        if f"{item.id}.applies" in fixed:
            fixed[f"{item.id}.applies"] = int(body is None or body.id in item.bodies or body.kind in item.bodies)
    targets = _targets(rule, body)
    for name, quantity in targets.items():
        column = next(one for one in plan.columns if one.name == name)
        fixed[name] = cell(column, quantity)
    open_columns = [
        one for one in plan.columns if fixed[one.name] is None and one.name not in _events(rule) and not one.name.endswith(".marks")
    ]
    for share in SHARES:
        options = [list(dict.fromkeys(_options(rule, one, share))) for one in open_columns]
        for combined in itertools.islice(itertools.product(*options), MOST // len(SHARES)):
            yield fixed | dict(zip((one.name for one in open_columns), combined, strict=True))


def _targets(rule: Rule, body: model.Body | None) -> dict[str, Quantity]:
    """The real target in each target column: the body's share, or the whole."""
    found = {}
    for (id, measure), column in rule.lowered.columns.items():
        if measure == "target":
            indicator = rule.prepared.scheme.indicator(rule.item(id).indicator)
            share = next((one.value for one in indicator.shares if body is not None and one.body == body.id), None)
            whole = share or (indicator.target.value if indicator.target else None)
            if whole is not None:
                found[column] = whole
    return found


def _options(rule: Rule, column: Column, share: Fraction) -> Iterator[int | None]:
    """Numbers to suppose in a column: that share of what is full there, what is full, and the ends of its range."""
    if column.kind == "text":
        yield from range(len(column.choices))
        return
    if column.kind == "date":
        middle = date(rule.prepared.scheme.year, MONTH, 1).toordinal() - EPOCH
        yield max(column.low, min(middle, column.high))
        return
    full = _full(rule, column)
    for wanted in (int(full * share), int(full)):
        yield max(column.low, min(wanted, column.high))
    if column.missing:
        yield None
    yield max(column.low, 0)


def _full(rule: Rule, column: Column) -> Fraction:
    """What counts as full in a column, in its whole numbers: the target of its item, all subjects, 100 %, or a round figure."""
    scheme = rule.prepared.scheme
    scale = unit(column.unit).scale * Fraction(1, 10**column.decimals)
    for (id, measure), name in rule.lowered.columns.items():
        if name == column.name:
            indicator = scheme.indicator(rule.item(id).indicator)
            share = next((one for (item, of), one in rule.lowered.columns.items() if (item, of) == (id, "target")), "")
            target = _targets(rule, next(_bodies(rule), None)).get(share)
            if target is not None and target.unit.dimension == unit(column.unit).dimension and measure != "target":
                return target.base / scale
            if indicator.subjects and column.high >= len(indicator.subjects) and unit(column.unit).dimension:
                return Fraction(len(indicator.subjects)) / scale
    if unit(column.unit).is_rate:
        return Fraction(1) / scale
    return Fraction(min(column.high, 100 * 10**column.decimals))
