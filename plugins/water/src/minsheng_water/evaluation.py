"""A case evaluated: its rows in the time looked at, each section's result, the counts and the rivers' grades."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import frozen

from minsheng_core import Below, Case, Quantity, Report, decimal_text, unit

from .basin import basin_grade
from .section import GOOD, Sample, SectionResult, evaluate_section, multiple_text, words
from .sites import Plan, Site, read_plan
from .standard import CLASSES, ITEMS, WORST

__all__ = ["Evaluation", "evaluate", "rates", "rivers", "tables", "values_of"]


@frozen(kw_only=True)
class Evaluation:
    """What a case's rows come to. *rows* are those in the time looked at, *by_site* the
    same by section; *results* are by section, None where it was
    not monitored; sections with ``evaluated = false`` are left out."""

    plan: Plan
    rows: tuple[Report, ...]
    by_site: Mapping[str, tuple[Report, ...]]
    results: Mapping[str, SectionResult | None]

    @property
    def classed(self) -> tuple[SectionResult, ...]:
        """The sections that have a class."""
        return tuple(one for one in self.results.values() if one is not None and one.grade is not None)

    @property
    def unclassed(self) -> tuple[SectionResult, ...]:
        """The sections that were monitored, but not in every required item."""
        return tuple(one for one in self.results.values() if one is not None and one.grade is None)

    @property
    def unmonitored(self) -> tuple[str, ...]:
        """The sections without any value in the time looked at."""
        return tuple(name for name, one in self.results.items() if one is None)

    @property
    def sites(self) -> tuple[Site, ...]:
        """The sections that are evaluated, in the scheme's order."""
        return tuple(site for site in self.plan.sites if site.evaluated)

    def rows_of(self, site: Site) -> tuple[Report, ...]:
        """The rows about that section."""
        return self.by_site.get(site.name, ())

    def reason(self, site: Site) -> str:
        """Why the section was not monitored, as last filed."""
        stated = [str(row.values["status"]) for row in self.rows_of(site) if row.values.get("status")]
        return stated[-1] if stated else "没有填报"


def evaluate(case: Case) -> Evaluation:
    """Every section of the case: of the month alone, or of the mean from January on, as the options say."""
    plan = read_plan(case)
    rows = tuple(row for row in case.reports if row.period.year == case.period.year and (not plan.monthly or row.period == case.period))
    by_site: dict[str, tuple[Report, ...]] = {}
    for row in rows:
        if site := plan.site(row.subject):
            by_site[site.name] = (*by_site.get(site.name, ()), row)
    results = {site.name: _result(site, by_site.get(site.name, ())) for site in plan.sites if site.evaluated}
    return Evaluation(plan=plan, rows=rows, by_site=by_site, results=results)


def values_of(row: Report) -> dict[str, Quantity | Below]:
    """The items a row gives a value for."""
    return {key: value for key in ITEMS if isinstance(value := row.values.get(key), Quantity | Below)}


def _result(site: Site, rows: tuple[Report, ...]) -> SectionResult | None:
    samples: dict[str, list[Sample]] = {}
    for row in rows:
        for key, value in values_of(row).items():
            samples.setdefault(key, []).append(Sample(str(row.period), value, row.at(key)))
    return evaluate_section(site.name, samples, site.water, site.x_items, site.target) if samples else None


def rates(evaluation: Evaluation) -> dict[str, Quantity] | None:
    """The measures, exact: shares in %, counts in 个. None where nothing can be evaluated or the rate is open."""
    policy = evaluation.plan.policy
    failed = len(evaluation.unclassed) if policy == "fail" else 0
    total = len(evaluation.classed) + failed
    if not total or (evaluation.unclassed and policy == "undetermined"):
        return None
    targets = {site.name: site.target for site in evaluation.sites}
    grades = [(one.grade, targets[one.name]) for one in evaluation.classed if one.grade is not None]
    good, attained = sum(grade <= GOOD for grade, _ in grades), sum(grade <= target for grade, target in grades)
    counts = {
        "good": good,
        "attained": attained,
        "evaluated": total,
        "below_v": sum(grade == WORST for grade, _ in grades),
        "not_monitored": len(evaluation.unmonitored),
    }
    shares = {"good_rate": Fraction(good * 100, total), "attained_rate": Fraction(attained * 100, total)}
    return {name: Quantity(Fraction(value), unit("个")) for name, value in counts.items()} | {
        name: Quantity(value, unit("%")) for name, value in shares.items()
    }


def tables(evaluation: Evaluation) -> dict[str, Any]:
    """The sections and the rivers' grades as JSON-able tables; numbers are strings."""
    sections = [_row(name, result) for name, result in evaluation.results.items()]
    return {"sections": sections, "rivers": rivers(evaluation)}


def rivers(evaluation: Evaluation) -> dict[str, str]:
    """Each river's grade; its lakes have limits of their own and a line of their own."""
    groups: dict[str, list[SectionResult]] = {}
    for site in evaluation.sites:
        result = evaluation.results[site.name]
        if site.river and result is not None and (result.grade is not None or evaluation.plan.policy != "exclude"):
            groups.setdefault(site.river + ("（湖库）" if site.water == "lake" else ""), []).append(result)
    return {name: basin_grade(results, evaluation.plan.heavy) for name, results in groups.items()}


def _row(name: str, result: SectionResult | None) -> dict[str, Any]:
    if result is None:
        return {"section": name, "state": "not_monitored"}
    return {
        "section": name,
        "state": "undetermined" if result.grade is None else "classed",
        "class": None if result.grade is None else CLASSES[result.grade],
        "words": "" if result.grade is None else words(result.grade),
        "means": {key: decimal_text(value) for key, value in result.means.items()},
        "pollutants": [{"item": title, "multiple": None if times is None else multiple_text(times)} for title, times in result.pollutants],
    }
