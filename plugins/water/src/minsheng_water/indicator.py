"""The indicator kind ``water.good_rate``: 国考断面水质优良率, its form, checks and measure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import frozen

from minsheng_core import (
    Below,
    Case,
    Field,
    Finding,
    Form,
    Measurement,
    Quantity,
    Report,
    Severity,
    Step,
    decimal_text,
    unit,
)

from .section import GOOD, Sample, SectionResult, basin_grade, evaluate_section, words
from .standard import CLASSES, ITEMS, Item, Water, classify

__all__ = ["GoodRate"]

MANY = 20  # times the limit of Ⅴ: a value beyond is doubtful (assumption of this plugin)


def _column(item: Item) -> Field:
    most = {"PH": Fraction(14), "WT": Fraction(60), "FC": Fraction(10**9)}.get(item.key, Fraction(100_000))
    return Field(
        name=item.key,
        title=item.title,
        kind="detected",
        unit=item.unit,
        minimum=Fraction(0),
        maximum=most,
        decimals=6,
        missing=True,
        aliases=item.aliases,
    )


@frozen
class GoodRate:
    """The share of evaluated sections in class Ⅲ or better, by the mean of the period.

    An indicator's options: ``period`` "cumulative" (January to the period, the default) or "month"; ``missing_policy``
    "undetermined" (default: a section that lacks a required item leaves the whole rate open) or "exclude". Sections that
    were not monitored leave the denominator and are named.
    """

    kind: str = "water.good_rate"
    title: str = "国考断面水质优良率"
    primary: str = "good_rate"
    flow: bool = False

    @property
    def form(self) -> Form:
        """One row for each section and sample; a section that was not monitored has a row with the reason."""
        return Form(
            subject="section",
            fields=(
                Field(name="section", title="断面", kind="text", aliases=("断面名称",)),
                Field(name="sampled", title="采样日期", kind="date", missing=True),
                *(_column(item) for item in ITEMS.values()),
                Field(name="status", title="未监测原因", kind="text", missing=True),
            ),
        )

    @property
    def measures(self) -> tuple[Field, ...]:
        """``good_rate`` and ``attained_rate`` in % of evaluated sections (missing where none is), and the counts in 个."""

        def rate(name: str, title: str) -> Field:
            return Field(name=name, title=title, unit="%", minimum=Fraction(0), maximum=Fraction(100), missing=True)

        def count(name: str, title: str) -> Field:
            return Field(name=name, title=title, unit="个", minimum=Fraction(0), maximum=Fraction(10_000))

        return (
            rate("good_rate", "优良率"), rate("attained_rate", "达标率"), count("good", "优良断面"), count("evaluated", "参评断面"),
            count("below_v", "劣Ⅴ类断面"), count("not_monitored", "未监测断面"),
        )  # fmt: skip

    def validate(self, case: Case) -> Iterator[Finding]:
        """Unknown sections, a sample twice or outside its month, required items missing, doubtful values, who is not monitored."""
        seen: dict[tuple[str, object], Report] = {}
        for row in case.current():
            section = _section(case, row.subject)
            if section is None:
                known = "、".join(subject.name for subject in case.indicator.subjects)
                yield _finding(
                    case, "water.unknown_section", f"名单中没有断面“{row.subject}”（有：{known}），未计入", row, "section", Severity.ERROR
                )
                continue
            day = row.values.get("sampled")
            if (section, day) in seen:
                yield _finding(
                    case,
                    "water.duplicate",
                    f"{section}同一天的监测填了两次（另一行在{seen[section, day].place}）",
                    row,
                    "section",
                    Severity.ERROR,
                )
            seen[section, day] = row
            if isinstance(day, date) and (day.year, day.month) != (row.period.year, row.period.month):
                yield _finding(case, "water.date", f"{section}的采样日期{day}不在{row.period}内", row, "sampled", Severity.WARNING)
            yield from _doubtful(case, row, section)
        if case.current():
            yield from self._sections(case)

    def _sections(self, case: Case) -> Iterator[Finding]:
        for subject in case.indicator.subjects:
            rows = [row for row in case.current() if _section(case, row.subject) == subject.name]
            row = rows[0] if rows else case.current()[0]
            if not any(_values(one) for one in rows):
                reason = next((str(one.values["status"]) for one in rows if one.values.get("status")), "没有填报")
                yield _finding(
                    case,
                    "water.not_monitored",
                    f"{subject.name}{case.period}未监测（{reason}），本月没有数据",
                    row,
                    "section",
                    Severity.WARNING,
                )
        for result in _results(case).values():
            if result is not None and result.grade is None:
                yield _finding(
                    case,
                    "water.item_missing",
                    result.step.how and f"{result.name}{result.step.how}",
                    case.current()[0],
                    "section",
                    Severity.WARNING,
                )

    def measure(self, case: Case) -> Measurement | None:
        """The rate over the sections with data; undetermined where one can't be classed or a row is in error."""
        if not case.current():
            return None
        nothing: dict[str, Quantity | None] = {field.name: None for field in self.measures}
        errors = [one for one in self.validate(case) if one.severity is Severity.ERROR]
        if errors:
            return Measurement(
                values=nothing, step=Step(label=self.title, how=f"填报有错误，改正前不作评定：{errors[0].message}", place=errors[0].place)
            )
        results = _results(case)
        unmonitored = [name for name, result in results.items() if result is None]
        classed = [one for one in results.values() if one is not None and one.grade is not None]
        unclassed = [one for one in results.values() if one is not None and one.grade is None]
        parts = tuple(one.step for one in (*classed, *unclassed))
        details = _details(case, results)
        rivers = tuple(
            Step(label=f"{river}（河流、流域）", value=grade, clause="water/basin") for river, grade in details["rivers"].items()
        )
        if not classed or (unclassed and case.indicator.options.get("missing_policy", "undetermined") != "exclude"):
            how = "；".join(f"{one.name}{one.step.how}" for one in unclassed) or "没有可以参评的断面"
            return Measurement(values=nothing, step=Step(label=self.title, how=how, parts=parts), details=details)
        values = _rates(case, classed, len(unmonitored))
        how = f"{values['good']}优良，{values['evaluated']}参评" + (
            f"；未监测，不计入分母：{'、'.join(unmonitored)}" if unmonitored else ""
        )
        step = Step(label=self.title, value=values["good_rate"], how=how, clause="water/rate", parts=parts + rivers)
        return Measurement(values={**nothing, **values}, step=step, details=details)


def _rates(case: Case, classed: Sequence[SectionResult], unmonitored: int) -> dict[str, Quantity]:
    targets = {subject.name: CLASSES.index(str(subject.options.get("target_class", "Ⅲ"))) for subject in case.indicator.subjects}
    grades = [(one.grade or 0, targets[one.name]) for one in classed]
    total, good = len(grades), sum(grade <= GOOD for grade, _ in grades)
    attained = sum(grade <= target for grade, target in grades)
    counts = {"good": good, "evaluated": total, "below_v": sum(grade == 5 for grade, _ in grades), "not_monitored": unmonitored}
    rates = {"good_rate": Fraction(good * 100, total), "attained_rate": Fraction(attained * 100, total)}
    return {name: Quantity(Fraction(value), unit("个")) for name, value in counts.items()} | {
        name: Quantity(value, unit("%")) for name, value in rates.items()
    }


def _results(case: Case) -> dict[str, SectionResult | None]:
    """Every section of the scheme: its result, or None where it has no sample in the time looked at."""
    month = case.indicator.options.get("period", "cumulative") == "month"
    rows = [row for row in case.reports if row.period.year == case.period.year and (not month or row.period == case.period)]
    results: dict[str, SectionResult | None] = {}
    for subject in case.indicator.subjects:
        samples: dict[str, list[Sample]] = {}
        for row in rows:
            if _section(case, row.subject) == subject.name:
                for key, value in _values(row).items():
                    samples.setdefault(key, []).append(Sample(str(row.period), value, row.at(key)))
        x_items = subject.options.get("x_items", [])
        results[subject.name] = evaluate_section(subject.name, samples, _water(subject.options), x_items) if samples else None
    return results


def _details(case: Case, results: Mapping[str, SectionResult | None]) -> dict[str, Any]:
    rivers: dict[str, list[tuple[SectionResult, Water]]] = {}
    sections = []
    for subject in case.indicator.subjects:
        result = results[subject.name]
        sections.append(_row(subject.name, result))
        if result is not None:
            rivers.setdefault(str(subject.options.get("river", "")), []).append((result, _water(subject.options)))
    grades = {river: basin_grade([one for one, _ in pairs], [water for _, water in pairs]) for river, pairs in rivers.items()}
    return {"sections": sections, "rivers": grades}


def _row(name: str, result: SectionResult | None) -> dict[str, Any]:
    if result is None:
        return {"section": name, "state": "not_monitored"}
    return {
        "section": name,
        "state": "undetermined" if result.grade is None else "classed",
        "class": None if result.grade is None else CLASSES[result.grade],
        "words": "" if result.grade is None else words(result.grade),
        "means": {key: decimal_text(value) for key, value in result.means.items()},
        "pollutants": [{"item": title, "multiple": None if times is None else decimal_text(times)} for title, times in result.pollutants],
    }


def _values(row: Report) -> dict[str, Quantity | Below]:
    return {key: value for key in ITEMS if isinstance(value := row.values.get(key), Quantity | Below)}


def _water(options: Mapping[str, Any]) -> Water:
    return "lake" if options.get("water") == "lake" else "river"


def _section(case: Case, text: str) -> str | None:
    plain = "".join(text.split())
    return next((subject.name for subject in case.indicator.subjects if plain in (subject.name, subject.printed, *subject.aliases)), None)


def _doubtful(case: Case, row: Report, section: str) -> Iterator[Finding]:
    water: Water = next((_water(subject.options) for subject in case.indicator.subjects if subject.name == section), "river")
    for key, value in _values(row).items():
        item = ITEMS[key]
        if key in ("PH", "DO", "WT") or classify(key, Fraction(0), water) is None:
            continue
        limits = item.lake_limits if water == "lake" else item.limits
        if isinstance(value, Below):
            if value.limit.value / 2 > limits[GOOD]:
                yield _finding(
                    case,
                    "water.detection",
                    f"{section}{item.title}的检出限{value.limit}的一半已超过Ⅲ类限值，方法不够灵敏",
                    row,
                    key,
                    Severity.WARNING,
                )
        elif value.value > limits[-1] * MANY:
            words_ = f"{section}{item.title}为{value}，超过Ⅴ类限值{MANY}倍以上，是否把μg/L填成了mg/L？"
            yield _finding(case, "water.unit", words_, row, key, Severity.WARNING)


def _finding(case: Case, code: str, message: str, row: Report, field: str, severity: Severity) -> Finding:
    return Finding(
        code=code,
        message=message,
        place=row.at(field),
        severity=severity,
        body=case.body.id,
        indicator=case.indicator.id,
        clause="water/rate",
    )
