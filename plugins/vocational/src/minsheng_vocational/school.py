"""The indicator kind ``vocational.standard_school``: schools that meet all nine key indicators, with evidence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from minsheng_core import Case, Field, Finding, Form, Measurement, Quantity, Report, Severity, Step, unit

from .standard import Standard, Threshold, read_standards

__all__ = ["StandardSchools"]


# total, per student
_PAIRS = (
    ("campus_area", "campus_area_per_student"),
    ("building_area", "building_area_per_student"),
    ("equipment", "equipment_per_student"),
)


@frozen
class _School:
    """One school's verdict: *counts* is None where an indicator was not given (*absent*) or has no known limit (*open*)."""

    name: str
    row: Report
    failing: tuple[str, ...]
    absent: tuple[str, ...]
    open: tuple[str, ...]
    standard: Standard
    counts: bool | None
    why: str
    step: Step

    @property
    def passes(self) -> bool:
        """Whether all nine were given and keep a known limit, evidence or not."""
        return not (self.failing or self.absent or self.open)


@frozen
class StandardSchools:
    """Schools newly up to the standard this year, in 所.

    Every period's file lists all schools of the year so far, so the latest replaces (no flow). A school counts when
    all nine pass, its acceptance has a number and a date not after the period, and no earlier year counted it.
    *standards* are by class of school (办学类别); a school that gives none is of the first.
    """

    kind: str = "vocational.standard_school"
    title: str = "新增标准化中职学校"
    primary: str = "counted"
    flow: bool = False
    standards: Mapping[str, Standard] = field(factory=read_standards, repr=False)

    @property
    def form(self) -> Form:
        """One row a school."""
        return Form(
            subject="school",
            fields=(
                Field(name="school", title="学校", kind="text", aliases=("学校名称",)),
                Field(name="students", title="在校生数", unit="人", minimum=Fraction(0), missing=True),
                *(threshold.field for threshold in self._standard(None).thresholds),
                Field(name="acceptance_number", title="验收文号", kind="text", missing=True),
                Field(name="acceptance_date", title="验收日期", kind="date", missing=True),
                Field(name="counted_before", title="以前年度已计入", kind="text", choices=("是", "否"), missing=True),
                Field(name="class", title="办学类别", kind="text", choices=tuple(self.standards), missing=True),
            ),
        )

    @property
    def measures(self) -> tuple[Field, ...]:
        """``counted`` with evidence; ``passing`` all nine, evidence or not."""
        most = Fraction(100_000)
        return (
            Field(name="counted", title="新增标准化学校", unit="所", minimum=Fraction(0), maximum=most),
            Field(name="passing", title="九项全部达标的学校", unit="所", minimum=Fraction(0), maximum=most),
        )

    def validate(self, case: Case) -> Iterator[Finding]:
        """Unknown or repeated schools, missing indicators, what fails and by how much, per-student figures that don't fit."""
        seen: dict[str, Report] = {}
        for row in case.current():
            name = _name(case, row.subject)
            if name is None:
                known = "、".join(subject.name for subject in case.indicator.subjects)
                yield _finding(
                    case,
                    row,
                    "vocational.unknown_school",
                    f"“{row.subject}”不在方案列出的学校中（{known}），未计入",
                    "school",
                    Severity.ERROR,
                )
                continue
            if name in seen:
                yield _finding(
                    case, row, "vocational.duplicate", f"{name}填了两次（另一行在{seen[name].place}），只能留一行", "school", Severity.ERROR
                )
            seen[name] = row
            school = self._school(name, row, case)
            for absent in school.absent:
                yield _finding(case, row, "vocational.absent", f"{name}没有填{absent}，不能判定", "school", Severity.WARNING)
            for failing in school.failing:
                yield _finding(case, row, "vocational.short", f"{name}：{failing}", "school", Severity.WARNING)
            if school.open and not school.failing:
                words = (
                    f"{name}为{school.standard.school_class}类，没有找到{'、'.join(school.open)}的标准，不能判定，未计入；请以省级名单为准"
                )
                yield _finding(case, row, "vocational.no_standard", words, "class", Severity.WARNING, school.standard.clause)
            if school.passes and school.counts is False:
                yield _finding(
                    case, row, "vocational.not_counted", f"{name}九项达标，但{school.why}，未计入", "acceptance_number", Severity.WARNING
                )
            yield from _per_student(case, row, name)

    def measure(self, case: Case) -> Measurement | None:
        """How many schools count; undetermined where a school was filed twice; None where nothing was filed."""
        rows = [(name, row) for row in case.current() if (name := _name(case, row.subject)) is not None]
        if not case.current():
            return None
        if len({name for name, _ in rows}) < len(rows):
            step = Step(label=self.title, how="有学校填了两次，改正前不作评定", place=rows[0][1].place)
            return Measurement(values={"counted": None, "passing": None}, step=step)
        schools = [self._school(name, row, case) for name, row in rows]
        counted = Quantity(Fraction(sum(school.counts is True for school in schools)), unit("所"))
        passing = Quantity(Fraction(sum(school.passes for school in schools)), unit("所"))
        how = f"{len(schools)}所填报，{passing}九项达标，{counted}计入"
        place = case.current()[0].place  # the file, also where none of its schools is one of the scheme's
        parts = tuple(school.step for school in schools)
        step = Step(label=self.title, value=counted, how=how, place=place, clause="vocational/count", parts=parts)
        details = {
            "schools": [
                {"name": one.name, "counts": one.counts, "why": one.why, "failing": list(one.failing), "absent": list(one.absent)}
                for one in schools
            ]
        }
        return Measurement(values={"counted": counted, "passing": passing}, step=step, details=details)

    def _standard(self, school_class: object) -> Standard:
        """The standard of that class; the first where a school gives none."""
        return self.standards[school_class if isinstance(school_class, str) else next(iter(self.standards))]

    def _school(self, name: str, row: Report, case: Case) -> _School:
        standard = self._standard(row.values.get("class"))
        failing, absent, parts = [], [], []
        for threshold in standard.thresholds:
            value = row.values.get(threshold.name)
            if not isinstance(value, Quantity):
                absent.append(threshold.title)
                parts.append(Step(label=threshold.title, how="未填", clause=standard.clause))
                continue
            parts.append(_held(threshold, value, row, standard.clause))
            if threshold.limit is not None and not threshold.passes(value):
                failing.append(_gap(threshold, value, threshold.limit))
        unknown = tuple(threshold.title for threshold in standard.thresholds if threshold.limit is None)
        counts, why = _counts(failing, absent, unknown, row, case)
        step = Step(label=name, value=counts, how=why, place=row.at("school"), parts=tuple(parts))
        return _School(name, row, tuple(failing), tuple(absent), unknown, standard, counts, why, step)


def _held(threshold: Threshold, value: Quantity, row: Report, clause: str) -> Step:
    """One indicator held against its limit, as a step of the explanation."""
    verdict = {True: "达标", False: "不达标", None: "不能判定"}[threshold.passes(value)]
    limit = "没有找到标准" if threshold.limit is None else f"标准{threshold.words}{threshold.limit}"
    return Step(label=threshold.title, value=value, how=f"{verdict}（{limit}）", place=row.at(threshold.name), clause=clause)


def _gap(threshold: Threshold, value: Quantity, limit: Quantity) -> str:
    gap = Quantity(abs(value.base - limit.base) / limit.unit.scale, limit.unit)
    return f"{threshold.title}{value}，{'低于' if threshold.sign == '>=' else '高于'}标准{limit}，差{gap}"


def _counts(failing: Sequence[str], absent: Sequence[str], unknown: Sequence[str], row: Report, case: Case) -> tuple[bool | None, str]:
    if failing:
        return False, "不达标：" + "；".join(failing)
    if absent:
        return None, "没有填：" + "、".join(absent)
    if unknown:
        return None, "没有找到标准：" + "、".join(unknown)
    day = row.values.get("acceptance_date")
    if not row.values.get("acceptance_number") or not isinstance(day, date):
        return False, "没有验收文号和日期"
    if day >= case.period.following().day(1):
        return False, f"验收日期{day}在{case.period}之后"
    if row.values.get("counted_before") == "是":
        return False, "以前年度已计入"
    return True, f"九项达标，验收文号{row.values['acceptance_number']}，{day}"


def _name(case: Case, text: str) -> str | None:
    """The scheme's name of a school, exactly or by a declared alias; any name where the scheme lists none."""
    if not case.indicator.subjects:
        return "".join(text.split())
    school = case.subject(text)
    return school.name if school else None


def _per_student(case: Case, row: Report, name: str) -> Iterator[Finding]:
    """A figure per student that isn't the total divided by the students, within the precision both were printed in."""
    students = row.values.get("students")
    for total_name, each_name in _PAIRS:
        total, each = row.values.get(total_name), row.values.get(each_name)
        if not (isinstance(students, Quantity) and isinstance(total, Quantity) and isinstance(each, Quantity)) or students.value == 0:
            continue
        exact = total.base / students.base
        if abs(exact - each.base) > _tolerance(each) + _tolerance(total) / students.base:
            shown = Quantity(Fraction(round(exact * 100), 100), each.unit)
            yield _finding(
                case, row, "vocational.per_student", f"{name}的生均数{each}与总数÷在校生数{shown}不符，请核对", each_name, Severity.WARNING
            )


def _tolerance(printed: Quantity) -> Fraction:
    """Half a unit of the last printed digit, in base units; nothing for a value that was not printed."""
    return (printed.tolerance or Fraction(0)) * printed.unit.scale


def _finding(case: Case, row: Report, code: str, message: str, name: str, severity: Severity, clause: str = "vocational/nine") -> Finding:
    return Finding(
        code=code, message=message, place=row.at(name), severity=severity, body=case.body.id, indicator=case.indicator.id, clause=clause
    )
