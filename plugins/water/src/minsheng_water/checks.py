"""What is wrong or doubtful in the rows filed for the water sections."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from attrs import frozen

from minsheng_core import Below, Case, Finding, Place, Report, Severity

from .evaluation import Evaluation, evaluate, values_of
from .section import GOOD
from .sites import Site
from .standard import ITEMS, WORST

__all__ = ["check"]

MANY = 20  # times the limit of Ⅴ: a value beyond is doubtful (assumption of this plugin)
ENOUGH = 8  # months that a year's class rests on (环办〔2011〕22号, from memory)
ALWAYS = frozenset({"PH", "WT"})  # a meter always reads them: there is no detection limit


def check(case: Case, evaluation: Evaluation | None = None) -> Iterator[Finding]:
    """Every finding of a case. What spoils the class is said for all months that it rests on, the rest for the current one."""
    found = _Found(case, evaluation or evaluate(case))
    for message, place in found.evaluation.plan.problems:
        yield found.finding("water.options", message, place, Severity.ERROR)
    yield from _rows(found)
    if case.current():
        for site in found.evaluation.sites:
            yield from _site(found, site)


@frozen
class _Found:
    """The case at hand; makes findings about it."""

    case: Case
    evaluation: Evaluation

    def finding(self, code: str, message: str, place: Place | None, severity: Severity = Severity.WARNING, clause: str = "") -> Finding:
        body, indicator = self.case.body.id, self.case.indicator.id
        return Finding(code=code, message=message, place=place, severity=severity, body=body, indicator=indicator, clause=clause)


def _rows(found: _Found) -> Iterator[Finding]:
    seen: dict[tuple[str, object], Report] = {}
    for row in found.evaluation.rows:
        site = found.evaluation.plan.site(row.subject)
        if site is None:
            yield _unknown(found, row)
            continue
        values = values_of(row)
        day = row.values.get("sampled")
        if values and (site.name, day) in seen:
            when = f"{day}的" if isinstance(day, date) else "没有采样日期的"
            message = f"{site.name}{when}监测填了两次（另一行在{seen[site.name, day].place}），请删去一行或改正采样日期"
            yield found.finding("water.duplicate", message, row.at("sampled"), Severity.ERROR, "mee2020-82/means")
        if values:
            seen[site.name, day] = row
        for key in sorted(ALWAYS & values.keys()):
            if isinstance(values[key], Below):
                message = f"{site.name}的{ITEMS[key].title}没有检出限，不应带 L；请填测得的值"
                yield found.finding("water.detection", message, row.at(key), Severity.ERROR, "mee2020-82/below")
        if row.period == found.case.period:
            yield from _dated(found, site, row)
            yield from _doubtful(found, site, row)


def _unknown(found: _Found, row: Report) -> Finding:
    plan = found.evaluation.plan
    close = plan.suggest(row.subject)
    hint = f"是不是“{close}”？" if close else ""
    known = "、".join(site.name for site in plan.sites)
    message = f"名单中没有断面“{row.subject}”（有：{known}）；{hint}请核对后改正，系统不代为猜测"
    return found.finding("water.unknown_section", message, row.at("section"), Severity.ERROR)


def _dated(found: _Found, site: Site, row: Report) -> Iterator[Finding]:
    day, values = row.values.get("sampled"), values_of(row)
    if isinstance(day, date) and (day.year, day.month) != (row.period.year, row.period.month):
        message = f"{site.name}的采样日期{day}不在{row.period}内，请核对日期或期间"
        yield found.finding("water.date", message, row.at("sampled"))
    elif values and day is None:
        yield found.finding("water.no_date", f"{site.name}有监测值而没有采样日期，请补填", row.at("sampled"))
    if values and row.values.get("status"):
        message = f"{site.name}填了监测值，又填了未监测原因“{row.values['status']}”；监测值仍计入，请核对"
        yield found.finding("water.status", message, row.at("status"))


def _doubtful(found: _Found, site: Site, row: Report) -> Iterator[Finding]:
    for key, value in values_of(row).items():
        item = ITEMS[key]
        if item.sign != "<=" or not item.classed_in(site.water):
            continue
        limits = item.limits_in(site.water)
        name = f"{site.name}的{item.title}"
        if isinstance(value, Below):
            if value.limit.value / 2 > limits[GOOD]:
                message = f"{name}的检出限{value.limit}的一半已超过Ⅲ类限值，方法不够灵敏或检出限填错"
                yield found.finding("water.detection", message, row.at(key), clause="mee2020-82/below")
        elif value.value > limits[WORST - 1] * MANY:
            message = f"{name}为{value}，超过Ⅴ类限值{MANY}倍以上，是否把μg/L填成了mg/L，或小数点错位？"
            yield found.finding("water.unit", message, row.at(key), clause="gb3838/table1")
        elif _tiny(value.value, limits[0]):
            message = f"{name}为{value}，未检出请填检出限加 L（如 0.002L），不要填 0"
            yield found.finding("water.zero", message, row.at(key), clause="mee2020-82/below")


def _tiny(value: Fraction, limit: Fraction) -> bool:
    """Whether a laboratory can hardly have measured it: zero, or a value a ten-thousandth of the limit of Ⅰ."""
    return value * 10_000 <= limit


def _site(found: _Found, site: Site) -> Iterator[Finding]:
    """Whether the section was monitored this month, and in every item it needs."""
    case, evaluation = found.case, found.evaluation
    result = evaluation.results[site.name]
    rows = [row for row in evaluation.rows_of(site) if row.period == case.period]
    measured = [row for row in rows if values_of(row)]
    if not measured and not case.refused:  # a row that could not be read may be this section's
        stated = [str(row.values["status"]) for row in rows if row.values.get("status")]
        reason = stated[-1] if stated else ("没有说明原因" if rows else "没有填报")
        place = (rows or list(case.current()))[0].at("section")
        message = f"{site.name}{case.period}未监测（{reason}），本月没有数据"
        yield found.finding("water.not_monitored", message, place, clause="water/rate")
    given = {key for row in measured for key in values_of(row)}
    absent = [key for key in site.required if key not in given]
    if result is not None and result.grade is None:
        row = measured[-1] if measured else evaluation.rows_of(site)[-1]
        place = row.at(absent[0]) if measured else row.place
        message = f"{site.name}{result.step.how}；请补报，或说明未监测的原因"
        yield found.finding("water.item_missing", message, place, clause="mee2020-714/items")
    elif measured and absent:
        titles = "、".join(ITEMS[key].title for key in absent)
        message = f"{site.name}{case.period}缺少必评项目：{titles}，累计均值只由其他月份得出"
        yield found.finding("water.item_missing", message, measured[-1].at(absent[0]), clause="mee2020-714/items")
    months = {row.period for row in evaluation.rows_of(site) if values_of(row)}
    if case.period.month == 12 and not evaluation.plan.monthly and 0 < len(months) < ENOUGH:
        message = f"{site.name}全年只有{len(months)}个月有监测数据，少于{ENOUGH}个月，样本不足，年度类别仅供参考"
        yield found.finding("water.few_months", message, case.current()[0].place, clause="mee2011-22/means")
