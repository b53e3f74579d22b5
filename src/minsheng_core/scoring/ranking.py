"""Ranking: bodies in order of their marks, ties by a declared rule."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

__all__ = ["rank"]


def rank(
    marks: Sequence[tuple[str, Fraction]], method: Literal["competition", "dense", "ordinal"] = "competition"
) -> tuple[tuple[int, str], ...]:
    """(rank, body) from the highest marks to the lowest; *marks* come in the paper's order, which stands inside a tie.

    ``competition`` ranks 1-2-2-4 (椒政办发〔2018〕27号: 并列后名次不再连续), ``dense`` 1-2-2-3, ``ordinal`` 1-2-3-4.
    """
    ordered = sorted(marks, key=lambda pair: -pair[1])  # stable: the paper's order stands inside a tie
    ranks: list[tuple[int, str]] = []
    for index, (body, value) in enumerate(ordered):
        if index and value == ordered[index - 1][1] and method != "ordinal":
            place = ranks[-1][0]
        elif method == "dense":
            place = ranks[-1][0] + 1 if ranks else 1
        else:
            place = index + 1
        ranks.append((place, body))
    return tuple(ranks)
