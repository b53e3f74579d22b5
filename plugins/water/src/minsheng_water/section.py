"""One section: means of its samples, the class of each item, the worst decides; and the grade of a river.

Sources: 环办〔2011〕22号 (single-factor method, grades, main pollutants), 环办监测函〔2020〕714号 (5+X),
环办监测函〔2020〕82号 (half the detection limit; pH through H⁺).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from minsheng_core import Below, Place, Quantity, Rounding, Step, decimal_text, round_places, unit

from .standard import CLASSES, CORE, ITEMS, Water, classify, mean_ph, round_item

__all__ = ["Sample", "SectionResult", "basin_grade", "evaluate_section", "words"]

GOOD = 2  # Ⅲ
WORDS = ("优", "优", "良好", "轻度污染", "中度污染", "重度污染")
NO_MULTIPLE = frozenset({"PH", "DO", "WT"})  # for which 环办〔2011〕22号 gives no 超标倍数
FIRST = frozenset({"CN", "PB", "CR6"})  # named first where exceeded


@frozen
class Sample:
    """One value as filed: the month it belongs to, and its cell."""

    month: str
    value: Quantity | Below
    place: Place

    @property
    def number(self) -> Fraction:
        """The value to reckon with: half the limit where it is below detection."""
        return self.value.limit.value / 2 if isinstance(self.value, Below) else self.value.value


@frozen(kw_only=True)
class SectionResult:
    """What a section came to. *grade* is 0 (Ⅰ) … 5 (劣Ⅴ), None where a required item is missing (*absent*).

    *pollutants* are up to three (title, multiple over Ⅲ or None); *means* the rounded means by item.
    """

    name: str
    grade: int | None
    absent: tuple[str, ...]
    means: Mapping[str, Fraction]
    pollutants: tuple[tuple[str, Fraction | None], ...]
    step: Step


def words(grade: int) -> str:
    """Class and wording: ``Ⅲ类（良好）``."""
    return f"{CLASSES[grade]}{'' if grade == 5 else '类'}（{WORDS[grade]}）"


def evaluate_section(
    name: str, samples: Mapping[str, Sequence[Sample]], water: Water = "river", x_items: Sequence[str] = ()
) -> SectionResult:
    """The class of a section from its samples by item: month means, their mean, rounding, class; the worst item decides."""
    required = (*CORE, *x_items)
    absent = tuple(ITEMS[key].title for key in required if not samples.get(key))
    means, grades, steps = {}, {}, []
    for key in ITEMS:
        if not samples.get(key):
            continue
        mean, step = _mean(key, samples[key])
        rounded = round_item(key, mean)
        grade = classify(key, rounded, water)
        means[key] = rounded
        if grade is not None:
            grades[key] = grade
        shown = Quantity(rounded, unit(ITEMS[key].unit))
        verdict = words(grade) if grade is not None else "参考项目，不参评"
        steps.append(
            (
                grade if grade is not None else -1,
                Step(label=ITEMS[key].title, value=shown, how=f"修约后{verdict}", clause="gb3838/table1", parts=(step,)),
            )
        )
    steps.sort(key=lambda pair: -pair[0])
    parts = tuple(step for _, step in steps)
    if absent:
        how = f"缺少必评项目：{'、'.join(absent)}，不能定类"
        return SectionResult(
            name=name,
            grade=None,
            absent=absent,
            means=means,
            pollutants=(),
            step=Step(label=name, how=how, clause="water/items", parts=parts),
        )
    grade = max(grades.values())
    deciding = "、".join(ITEMS[key].title for key, one in grades.items() if one == grade)
    pollutants = _pollutants(grades, means, water) if grade > GOOD else ()
    how = f"由{deciding}定类（单因子评价）" + (f"；主要污染指标：{_named(pollutants)}" if pollutants else "")
    step = Step(label=name, value=words(grade), how=how, clause="water/single", parts=parts)
    return SectionResult(name=name, grade=grade, absent=(), means=means, pollutants=pollutants, step=step)


def _mean(key: str, samples: Sequence[Sample]) -> tuple[Fraction, Step]:
    """The mean of month means, a month's being the mean of its samples."""
    months: dict[str, list[Sample]] = {}
    for sample in samples:
        months.setdefault(sample.month, []).append(sample)
    average = mean_ph if key == "PH" else _average
    by_month = {month: average([sample.number for sample in several]) for month, several in sorted(months.items())}
    mean = average(list(by_month.values()))
    parts = tuple(_sample_step(key, sample) for _, several in sorted(months.items()) for sample in several)
    how = f"{len(by_month)}个月、{len(samples)}次监测的均值" + ("，按氢离子浓度平均" if key == "PH" and len(samples) > 1 else "")
    shown = Quantity(round_places(mean, 6, Rounding.HALF_EVEN), unit(ITEMS[key].unit))
    return mean, Step(label="均值", value=shown, how=how, clause="water/means", parts=parts)


def _average(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _sample_step(key: str, sample: Sample) -> Step:
    how = "填报值"
    if isinstance(sample.value, Below):
        how = f"未检出（检出限{decimal_text(sample.value.limit.value)}），按一半计"
    return Step(label=sample.month, value=Quantity(sample.number, unit(ITEMS[key].unit)), how=how, place=sample.place)


def _pollutants(grades: Mapping[str, int], means: Mapping[str, Fraction], water: Water) -> tuple[tuple[str, Fraction | None], ...]:
    over = {key: grade for key, grade in grades.items() if grade > GOOD}

    def multiple(key: str) -> Fraction | None:
        if key in NO_MULTIPLE:
            return None
        limit = (ITEMS[key].lake_limits if water == "lake" else ITEMS[key].limits)[GOOD]
        return (means[key] - limit) / limit

    order = sorted(over, key=lambda key: (key not in FIRST, -over[key], -(multiple(key) or Fraction(0)), list(ITEMS).index(key)))
    return tuple((ITEMS[key].title, multiple(key)) for key in order[:3])


def _named(pollutants: Sequence[tuple[str, Fraction | None]]) -> str:
    return "、".join(
        title if times is None else f"{title}（{decimal_text(round_places(times, 1, Rounding.HALF_UP), 1)}）" for title, times in pollutants
    )


def basin_grade(sections: Sequence[SectionResult], waters: Sequence[Water]) -> str:
    """The grade of a river or basin: of the mean of its sections where fewer than five are classed, else by shares.

    The table takes 重度污染 as Ⅰ–Ⅲ < 75 % and 劣Ⅴ ≥ 40 %; another reading of the source says < 60 %, which leaves a gap.
    """
    classed = [(one, water) for one, water in zip(sections, waters, strict=True) if one.grade is not None]
    if not classed:
        return "未定"
    if len(classed) < 5:
        keys = set.intersection(*(set(one.means) for one, _ in classed))
        grades = []
        for key in keys:
            values = [one.means[key] for one, _ in classed]
            mean = mean_ph(values) if key == "PH" else _average(values)
            grade = classify(key, round_item(key, mean), classed[0][1])
            grades.append(-1 if grade is None else grade)
        return WORDS[max(grades)] if grades and max(grades) >= 0 else "未定"
    return share_grade(sum((one.grade or 0) <= GOOD for one, _ in classed), sum(one.grade == 5 for one, _ in classed), len(classed))


def share_grade(good: int, worst: int, total: int) -> str:
    """The grade of five or more sections by their shares of Ⅰ–Ⅲ and of 劣Ⅴ."""
    if good * 100 >= total * 90:
        return "优"
    if good * 100 >= total * 75:
        return "良好"
    if worst * 100 < total * 20:
        return "轻度污染"
    return "中度污染" if worst * 100 < total * 40 else "重度污染"
