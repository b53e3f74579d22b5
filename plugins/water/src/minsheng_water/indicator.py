"""The indicator kind ``water.good_rate``: 国考断面水质优良率, its form, checks and measure."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from attrs import frozen

from minsheng_core import Case, Field, Finding, Form, Measurement, Quantity, Severity, Step

from .checks import check
from .evaluation import Evaluation, evaluate, rates, rivers, tables
from .standard import ITEMS, Item

__all__ = ["GoodRate"]

# The most a cell may hold, in the item's unit: pH by definition, the others so wide that only a typing slip exceeds them.
MOST: Mapping[str, Fraction] = {"PH": Fraction(14), "WT": Fraction(60), "FC": Fraction(10**9)}
DECIMALS: Mapping[str, int] = {"PH": 2, "WT": 2, "FC": 0}


def _column(item: Item) -> Field:
    return Field(
        name=item.key,
        title=item.title,
        kind="detected",
        unit=item.unit,
        minimum=Fraction(0),
        maximum=MOST.get(item.key, Fraction(100_000)),
        decimals=DECIMALS.get(item.key, 6),
        missing=True,
        aliases=item.aliases,
    )


def _rate(name: str, title: str, formula: str) -> Field:
    return Field(name=name, title=title, unit="%", minimum=Fraction(0), maximum=Fraction(100), missing=True, formula=formula)


def _share(count: str) -> str:
    return f"undetermined if missing({count}) or missing(evaluated) else {count} / evaluated"


def _count(name: str, title: str) -> Field:
    return Field(name=name, title=title, unit="个", minimum=Fraction(0), maximum=Fraction(10_000), missing=True)


@frozen
class GoodRate:
    """The share of evaluated sections in class Ⅲ or better, by the mean of the period.

    An indicator's options: ``period`` "cumulative" (January to the period, the default) or "month"; ``missing_policy``
    for a section that lacks a required item: "undetermined" (default: the whole rate is open), "exclude" (it leaves
    the denominator) or "fail" (it counts as not good); ``heavy_threshold`` "75%" (default) or "60%" for a river's grade.
    Sections that were not monitored leave the denominator under every policy and are named.
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
                Field(name="section", title="断面", kind="text", aliases=("断面名称", "监测断面")),
                Field(name="sampled", title="采样日期", kind="date", missing=True, aliases=("采样时间", "监测日期")),
                *(_column(item) for item in ITEMS.values()),
                Field(name="status", title="未监测原因", kind="text", missing=True, aliases=("状态",)),
            ),
        )

    @property
    def measures(self) -> tuple[Field, ...]:
        """Shares of the evaluated sections in %, counts in 个; all missing together where the rate can't be said."""
        return (
            _rate("good_rate", "优良率", _share("good")),
            _rate("attained_rate", "达标率", _share("attained")),
            _count("good", "优良断面"),
            _count("attained", "达标断面"),
            _count("evaluated", "参评断面"),
            _count("below_v", "劣Ⅴ类断面"),
            _count("not_monitored", "未监测断面"),
        )

    def validate(self, case: Case) -> Iterator[Finding]:
        """Unknown sections, a sample twice or outside its month, required items missing, doubtful values, who is not monitored."""
        yield from check(case)

    def measure(self, case: Case) -> Measurement | None:
        """The rate over the sections with data; undetermined where one can't be classed or a row is in error."""
        if not case.current():
            return None
        nothing: dict[str, Quantity | None] = {field.name: None for field in self.measures}
        evaluation = evaluate(case)
        errors = [one for one in check(case, evaluation) if one.severity is Severity.ERROR]
        if errors:
            how = f"填报有错误，改正前不作评定：{errors[0].message}"
            return Measurement(values=nothing, step=Step(label=self.title, how=how, place=errors[0].place))
        sections = (one.step for one in (*evaluation.classed, *evaluation.unclassed))
        parts = (*sections, *_unmonitored(evaluation), *_rivers(evaluation))
        details = tables(evaluation)
        values = rates(evaluation)
        if values is None:
            how = "；".join(f"{one.name}{one.step.how}" for one in evaluation.unclassed) or "没有可以参评的断面"
            return Measurement(values=nothing, step=Step(label=self.title, how=how, clause="water/rate", parts=parts), details=details)
        how = _words(values, evaluation)
        step = Step(label=self.title, value=values["good_rate"], how=how, clause="water/rate", parts=parts)
        return Measurement(values={**nothing, **values}, step=step, details=details)


def _unmonitored(evaluation: Evaluation) -> Iterator[Step]:
    for site in evaluation.sites:
        if evaluation.results[site.name] is None:
            rows = evaluation.rows_of(site)
            how = f"未监测（{evaluation.reason(site)}），不计入分母"
            yield Step(label=site.name, how=how, place=rows[-1].at("status") if rows else None, clause="water/rate")


def _rivers(evaluation: Evaluation) -> Iterator[Step]:
    for name, grade in rivers(evaluation).items():
        yield Step(label=f"{name}水质", value=grade, how="不影响优良率，供通报用", clause="mee2011-22/basin")


def _words(values: Mapping[str, Quantity], evaluation: Evaluation) -> str:
    parts = [f"{values['good']}优良，{values['evaluated']}参评"]
    if evaluation.unmonitored:
        parts.append(f"未监测，不计入分母：{'、'.join(evaluation.unmonitored)}")
    if evaluation.unclassed:
        fate = "不计入分母" if evaluation.plan.policy == "exclude" else "按不优良计"
        parts.append(f"缺必评项目，按规则{fate}：{'、'.join(one.name for one in evaluation.unclassed)}")
    return "；".join(parts)
