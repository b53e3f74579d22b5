"""What is wrong or doubtful in the rows filed for roads."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from attrs import frozen

from minsheng_core import Case, Finding, Place, Quantity, Report, Severity

from .counting import KM, STAGES, count, kilometres
from .listed import Listed, listed, problems

__all__ = ["check"]


def check(case: Case) -> Iterator[Finding]:
    """Every finding of a case: the list's own mistakes first, then each row's, then what is no longer filed."""
    found = _Found(case)
    wrong = list(problems(case))
    for message, place in wrong:
        yield found.error("roads.options", message, place)
    if wrong:
        return
    seen: dict[str, Report] = {}
    for row in case.current():
        road = listed(case, row.subject)
        if road is None:
            known = "、".join(one.name for one in case.indicator.subjects_of(case.body)) or "没有分给本单位的路线"
            message = f"“{row.subject}”不在方案的建设名单中（有：{known}），请核对路线编号；名单调整的，请牵头单位先改名单"
            yield found.error("roads.unknown_road", message, row.at("road"))
            continue
        if road.code in seen:
            message = f"{road.code}填了两次（另一行在{seen[road.code].place}），同一路线在一个单位只能有一行，请并为一行"
            yield found.error("roads.duplicate", message, row.at("road"))
        seen[road.code] = row
        yield from _stages(found, row, road)
        yield from _dates(found, row, road)
        yield from _length(found, row, road)
        yield from _funds(found, row, road)
        if why := count(case, row, road).why:
            yield found.warning("roads.not_counted", f"{road.code}：{why}", row.at("accepted"))
    yield from _months(found, seen)


@frozen
class _Found:
    """Makes findings about the case at hand."""

    case: Case

    def error(self, code: str, message: str, place: Place | None) -> Finding:
        return self._finding(code, message, place, Severity.ERROR)

    def warning(self, code: str, message: str, place: Place | None) -> Finding:
        return self._finding(code, message, place, Severity.WARNING)

    def note(self, code: str, message: str, place: Place | None) -> Finding:
        return self._finding(code, message, place, Severity.NOTE)

    def _finding(self, code: str, message: str, place: Place | None, severity: Severity) -> Finding:
        body, indicator = self.case.body.id, self.case.indicator.id
        return Finding(code=code, message=message, place=place, severity=severity, body=body, indicator=indicator, clause="roads/count")


def _stages(found: _Found, row: Report, road: Listed) -> Iterator[Finding]:
    """What is accepted was finished, and what is finished was started."""
    for before, after in pairwise(STAGES):
        most, value = kilometres(row, before), kilometres(row, after)
        if most is not None and value is not None and value > most:
            message = f"{road.code}{STAGES[after]}{Quantity(value, KM)}多于{STAGES[before]}{Quantity(most, KM)}，请改正"
            yield found.error("roads.order", message, row.at(after))


def _dates(found: _Found, row: Report, road: Listed) -> Iterator[Finding]:
    """Nothing is accepted before it is finished, and nothing is finished in the future."""
    finished, accepted = row.values.get("finished_on"), row.values.get("accepted_on")
    if isinstance(finished, date) and isinstance(accepted, date) and accepted < finished:
        message = f"{road.code}验收日期{accepted}早于完工日期{finished}，请改正"
        yield found.error("roads.dates", message, row.at("accepted_on"))
    if isinstance(finished, date) and finished >= found.case.period.following().day(1) and kilometres(row, "finished"):
        message = f"{road.code}填了完工里程，而完工日期{finished}在{found.case.period}之后，请改正"
        yield found.error("roads.future", message, row.at("finished_on"))


def _length(found: _Found, row: Report, road: Listed) -> Iterator[Finding]:
    """The planned and started kilometres are those of the list, in the body that the list gives them to."""
    if road.elsewhere:
        message = f"名单把{road.code}分给其他单位，{found.case.body.name}不应填报；跨单位的路线请牵头单位在名单中分段"
        yield found.error("roads.elsewhere", message, row.at("road"))
        return
    planned, started = kilometres(row, "planned"), kilometres(row, "started")
    listed_length = road.length.value if road.length else None
    if planned is not None and listed_length is not None and planned != listed_length:
        message = f"{road.code}计划里程填{Quantity(planned, KM)}，名单为{road.length}；以名单为准，请核对"
        yield found.warning("roads.planned", message, row.at("planned"))
    if listed_length is None:
        message = f"名单没有给出{road.code}在{found.case.body.name}的里程，长度和各单位之间的重复填报都核对不了"
        yield found.note("roads.no_length", message, row.at("road"))
    most = listed_length if listed_length is not None else planned
    if most is not None and started is not None and started > most:
        message = f"{road.code}开工里程{Quantity(started, KM)}多于计划里程{Quantity(most, KM)}，请核对"
        yield found.warning("roads.longer", message, row.at("started"))


def _funds(found: _Found, row: Report, road: Listed) -> Iterator[Finding]:
    """What was paid had arrived."""
    arrived, paid = row.values.get("funds"), row.values.get("paid")
    if isinstance(arrived, Quantity) and isinstance(paid, Quantity) and paid.base > arrived.base:
        message = f"{road.code}已支付{paid}，多于到位资金{arrived}，请核对"
        yield found.warning("roads.funds", message, row.at("paid"))


def _months(found: _Found, seen: dict[str, Report]) -> Iterator[Finding]:
    """Each month's file lists all roads of the year so far: none goes away, and no figure falls."""
    case = found.case
    last = {road.code: row for row in case.earlier() if (road := listed(case, row.subject))}
    if not case.current():
        return
    for code, before in last.items():
        if code not in seen and case.refused:
            continue  # a row that could not be read may be this road's
        if code not in seen:
            message = f"{code}在{before.period}填过，本期没有填；各期应列出全年所有路线，漏填的不计入"
            yield found.warning("roads.gone", message, case.current()[0].at("road"))
            continue
        row = seen[code]
        for name, title in STAGES.items():
            old, new = kilometres(before, name), kilometres(row, name)
            if old is not None and new is not None and new < old:
                message = f"{code}{title}由{before.period}的{Quantity(old, KM)}减到{Quantity(new, KM)}；累计数不会减少，请核对"
                yield found.warning("roads.falls", message, row.at(name))
