"""The grade of a river or basin: by the mean of its sections where they are few, by shares where they are five or more.

Source: 环办〔2011〕22号. The sources found disagree on 重度污染 (see `share_grade`).
"""

from collections.abc import Sequence
from fractions import Fraction

from .section import GOOD, WORDS, SectionResult
from .standard import WORST, classify, mean, round_item

__all__ = ["HEAVY", "NO_ROW", "OPEN", "basin_grade", "share_grade"]

FEW = 5  # from so many sections on the share method holds; "5个（含5个）以上" is from memory
HEAVY = Fraction(3, 4)  # the reading that leaves no gap in the table
OPEN = "未定"
NO_ROW = "评价表中无对应等级"


def basin_grade(sections: Sequence[SectionResult], heavy: Fraction = HEAVY) -> str:
    """The grade of the sections of one river, or of one river's lakes: 优 … 重度污染, or 未定 where one is not classed.

    Fewer than five: every item is averaged over the sections that have it (unrounded means, rounded once), then the
    worst item decides. Raises ValueError where rivers and lakes are mixed: their limits differ.
    """
    if len({one.water for one in sections}) > 1:
        raise ValueError("sections of rivers and of lakes have different limits and are graded apart")
    if not sections or any(one.grade is None for one in sections):
        return OPEN
    if len(sections) >= FEW:
        good = sum(one.grade is not None and one.grade <= GOOD for one in sections)
        return share_grade(good, sum(one.grade == WORST for one in sections), len(sections), heavy)
    return WORDS[max(_grades(sections), default=WORST)]


def _grades(sections: Sequence[SectionResult]) -> list[int]:
    """The class of every item's mean over the sections."""
    grades = []
    for key in dict.fromkeys(key for one in sections for key in one.averages):
        average = mean(key, [one.averages[key] for one in sections if key in one.averages])
        grade = classify(key, round_item(key, average), sections[0].water)
        if grade is not None:
            grades.append(grade)
    return grades


def share_grade(good: int, worst: int, total: int, heavy: Fraction = HEAVY) -> str:
    """The grade of five or more sections by the shares of Ⅰ–Ⅲ (*good*) and of 劣Ⅴ (*worst*) in *total*.

    *heavy* is the share of Ⅰ–Ⅲ below which 重度污染 may be said: one source reads 75 %, another 60 %. With 60 %
    exactly 60 % of Ⅰ–Ⅲ and 40 % of 劣Ⅴ match no row of the table; that is said, not guessed.
    """
    share, worse = Fraction(good, total), Fraction(worst, total)
    if share >= Fraction(9, 10):
        return "优"
    if share >= Fraction(3, 4):
        return "良好"
    if worse < Fraction(1, 5):
        return "轻度污染"
    if worse < Fraction(2, 5):
        return "中度污染"
    return "重度污染" if share < heavy else NO_ROW
