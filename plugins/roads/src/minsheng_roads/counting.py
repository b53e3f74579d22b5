"""What of a road counts: kilometres started, finished and accepted, each at most as long as the list says."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from attrs import frozen

from minsheng_core import Case, Quantity, Report, Step, unit

from .listed import Listed

__all__ = ["BELOW_GRADE", "KM", "STAGES", "Counted", "count", "kilometres"]

KM = unit("公里")
STAGES = {"started": "开工里程", "finished": "完工里程", "accepted": "验收里程"}  # each holds the one after it
BELOW_GRADE = "等外"


@frozen(kw_only=True)
class Counted:
    """One road's kilometres that count, by stage; *why* tells what was left out of the accepted ones."""

    road: Listed
    values: Mapping[str, Fraction]
    why: str
    step: Step


def kilometres(row: Report, name: str) -> Fraction | None:
    """A figure of the row in 公里, None where it is blank."""
    value = row.values.get(name)
    return value.to(KM).value if isinstance(value, Quantity) else None


def count(case: Case, row: Report, road: Listed) -> Counted:
    """The kilometres of *row* that count for the case's body in its period."""
    filed = {name: kilometres(row, name) or Fraction(0) for name in STAGES}
    most = road.length.value if road.length else None
    values = {name: value if most is None else min(value, most) for name, value in filed.items()}
    why = _not_accepted(case, row) if filed["accepted"] else ""
    if why:
        values["accepted"] = Fraction(0)
    elif values["accepted"] < filed["accepted"]:
        why = f"名单只有{road.length}，超出部分未计入"
    shown = "；".join(f"{title}{Quantity(filed[name], KM)}" for name, title in STAGES.items())
    how = f"{shown}；验收文号{row.values.get('certificate') or '无'}" + (f"；{why}" if why else "")
    value = Quantity(values["accepted"], KM)
    return Counted(road=road, values=values, why=why, step=Step(label=road.code, value=value, how=how, place=row.at("accepted")))


def _not_accepted(case: Case, row: Report) -> str:
    """Why the accepted kilometres don't count, or nothing."""
    day = row.values.get("accepted_on")
    if not row.values.get("certificate") or not isinstance(day, date):
        return "没有验收文号或验收日期，未计入"
    if day >= case.period.following().day(1):
        return f"验收日期{day}在{case.period}之后，本期未计入"
    if row.values.get("counted_before") == "是":
        return "以前年度已计入，不再计入"
    if row.values.get("grade") == BELOW_GRADE:
        return "等外公路不计入"
    return ""
