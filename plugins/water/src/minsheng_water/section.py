"""One section: the means of its samples, the class of each item, the worst decides; its main pollutants.

Sources: 环办〔2011〕22号 (single-factor method, wording, main pollutants), 环办监测函〔2020〕714号 (5+X),
环办监测函〔2020〕82号 (half the detection limit, month means).
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen

from minsheng_core import Below, Place, Quantity, Rounding, Step, decimal_text, round_places, unit

from .standard import CLASSES, CORE, ITEMS, Water, classify, mean, round_item

__all__ = ["GOOD", "WORDS", "Sample", "SectionResult", "evaluate_section", "multiple_text", "words"]

GOOD = 2  # Ⅲ
WORDS = ("优", "优", "良好", "轻度污染", "中度污染", "重度污染")
NO_MULTIPLE = frozenset({"PH", "DO", "WT"})  # for which 环办〔2011〕22号 gives no 超标倍数
FIRST = frozenset({"CN", "PB", "CR6"})  # named first where exceeded
SHOWN = 6  # decimals of a mean in an explanation; the reckoning goes on with the exact one


@frozen
class Sample:
    """One value as filed: the month it belongs to, and its cell in the item's own unit."""

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

    *averages* are the exact means by item, *means* the rounded ones that were classed, both in the item's unit;
    *pollutants* are up to three (title, multiple over Ⅲ or None).
    """

    name: str
    water: Water
    grade: int | None
    absent: tuple[str, ...]
    averages: Mapping[str, Fraction]
    means: Mapping[str, Fraction]
    pollutants: tuple[tuple[str, Fraction | None], ...]
    step: Step


def words(grade: int) -> str:
    """Class and wording: ``Ⅲ类（良好）``."""
    return f"{CLASSES[grade]}{'' if grade == 5 else '类'}（{WORDS[grade]}）"


def multiple_text(multiple: Fraction) -> str:
    """A 超标倍数 as printed: one decimal, by GB/T 8170 like every water figure."""
    return decimal_text(round_places(multiple, 1, Rounding.HALF_EVEN), 1)


def evaluate_section(
    name: str,
    samples: Mapping[str, Sequence[Sample]],
    water: Water = "river",
    x_items: Sequence[str] = (),
    target: int = GOOD,
) -> SectionResult:
    """The class of a section from its samples by item: month means, their mean, rounding, class; the worst item decides.

    *x_items* are required besides the five of 5+X; items given beyond are evaluated too. *target* is the section's
    own class, for 达标. Raises KeyError for an item that isn't in the standard's table.
    """
    absent = tuple(ITEMS[key].title for key in dict.fromkeys((*CORE, *x_items)) if not samples.get(key))
    averages, means, grades = {}, {}, {}
    steps: list[tuple[int, Step]] = []
    for key in (key for key in ITEMS if samples.get(key)):
        averages[key], part = _mean(key, samples[key])
        means[key] = round_item(key, averages[key])
        grade = classify(key, means[key], water)
        if grade is not None:
            grades[key] = grade
        steps.append((-1 if grade is None else grade, _item_step(key, means[key], grade, water, part)))
    steps.sort(key=lambda pair: -pair[0])  # the deciding item first
    parts = tuple(step for _, step in steps)
    if absent:
        step = Step(label=name, how=f"缺少必评项目：{'、'.join(absent)}，不能定类", clause="mee2020-714/items", parts=parts)
        return SectionResult(
            name=name, water=water, grade=None, absent=absent, averages=averages, means=means, pollutants=(), step=step
        )  # fmt: skip
    worst = max(grades.values())
    pollutants = _pollutants(grades, means, water) if worst > GOOD else ()
    step = Step(
        label=name, value=words(worst), how=_why(grades, worst, pollutants, target), clause="mee2011-22/single", parts=parts
    )  # fmt: skip
    return SectionResult(
        name=name, water=water, grade=worst, absent=(), averages=averages, means=means, pollutants=pollutants, step=step
    )  # fmt: skip


def _why(grades: Mapping[str, int], worst: int, pollutants: Sequence[tuple[str, Fraction | None]], target: int) -> str:
    deciding = "、".join(ITEMS[key].title for key, grade in grades.items() if grade == worst)
    attained = f"{'达到' if worst <= target else '未达到'}本断面目标{CLASSES[target]}类"
    named = "、".join(title if times is None else f"{title}（{multiple_text(times)}）" for title, times in pollutants)
    return f"由{deciding}定类（单因子评价）；{attained}" + (f"；主要污染指标：{named}" if named else "")


def _item_step(key: str, rounded: Fraction, grade: int | None, water: Water, part: Step) -> Step:
    item = ITEMS[key]
    if grade is None:
        verdict = "参考项目，不参评"
    elif item.sign == "range":
        low, high = item.limits
        verdict = f"修约后{words(grade)}，各类范围均为{decimal_text(low)}～{decimal_text(high)}"
    else:
        bound = "不低于" if item.sign == ">=" else "不高于"
        verdict = f"修约后{words(grade)}，Ⅲ类应{bound}{decimal_text(item.limits_in(water)[GOOD])}"
    value = Quantity(rounded, unit(item.unit))
    places = f"均值按GB/T 8170修约到{item.decimals}位小数（为0的保留一位有效数字）"
    once = Step(label="修约", value=value, how=places, clause="cnemc2018-87/decimals", parts=(part,))
    return Step(label=item.title, value=value, how=verdict, clause="gb3838/table1", parts=(once,))


def _mean(key: str, samples: Sequence[Sample]) -> tuple[Fraction, Step]:
    """The mean of month means, a month's being the mean of its samples; with the step that shows every sample."""
    months: dict[str, list[Sample]] = {}
    for sample in samples:
        months.setdefault(sample.month, []).append(sample)
    by_month = {month: mean(key, [sample.number for sample in several]) for month, several in sorted(months.items())}
    average = mean(key, list(by_month.values()))
    parts = tuple(_month_step(key, month, value, months[month]) for month, value in by_month.items())
    how = f"{len(by_month)}个月、{len(samples)}次监测的均值" + ("，按氢离子浓度平均" if key == "PH" and len(samples) > 1 else "")
    value, note = _shown(key, average)
    return average, Step(label="均值", value=value, how=how + note, clause="mee2020-82/means", parts=parts)


def _month_step(key: str, month: str, average: Fraction, samples: Sequence[Sample]) -> Step:
    value, note = _shown(key, average)
    parts = tuple(_sample_step(key, sample) for sample in samples)
    return Step(label=f"{month}月均值", value=value, how=f"{len(samples)}次监测{note}", clause="mee2020-82/means", parts=parts)


def _shown(key: str, value: Fraction) -> tuple[Quantity, str]:
    """A mean as an explanation prints it, and a note where its digits go on."""
    short = round_places(value, SHOWN, Rounding.HALF_EVEN)
    return Quantity(short, unit(ITEMS[key].unit)), "" if short == value else f"（显示到{SHOWN}位小数，计算时不修约）"


def _sample_step(key: str, sample: Sample) -> Step:
    how, clause = "填报值", ""
    if isinstance(sample.value, Below):
        how, clause = f"未检出（检出限{decimal_text(sample.value.limit.value)}），按一半计", "mee2020-82/below"
    return Step(label=sample.month, value=Quantity(sample.number, unit(ITEMS[key].unit)), how=how, place=sample.place, clause=clause)


def _pollutants(grades: Mapping[str, int], means: Mapping[str, Fraction], water: Water) -> tuple[tuple[str, Fraction | None], ...]:
    """The items worse than Ⅲ, at most three: toxic ones first, then by class, then by multiple, then as in the table."""
    over = [key for key in ITEMS if grades.get(key, 0) > GOOD]
    multiples = {key: _multiple(key, means[key], water) for key in over}
    over.sort(key=lambda key: (key not in FIRST, -grades[key], -(multiples[key] or 0)))
    return tuple((ITEMS[key].title, multiples[key]) for key in over[:3])


def _multiple(key: str, value: Fraction, water: Water) -> Fraction | None:
    """超标倍数: (C − S) / S with the limit S of Ⅲ; None for pH and dissolved oxygen."""
    if key in NO_MULTIPLE:
        return None
    limit = ITEMS[key].limits_in(water)[GOOD]
    return (value - limit) / limit
