"""The year's list of roads, as the scheme gives it: the indicator's subjects, whose each is, and how long it is there."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from minsheng_core import Case, Place, Quantity, QuantityError, read_quantity

__all__ = ["Listed", "listed", "problems"]


@frozen(kw_only=True)
class Listed:
    """A road of the list. *length* is what of it lies in the case's body, None where the list doesn't say; *elsewhere* means
    that the list gives it to other bodies."""

    code: str
    length: Quantity | None = None
    elsewhere: bool = False


def listed(case: Case, text: str) -> Listed | None:
    """The road a clerk wrote, by its code, name or declared alias; None where the list doesn't have it. Without a list, any road."""
    if not case.indicator.subjects:
        return Listed(code="".join(text.split()).upper())
    road = case.subject(text)
    if road is None:
        return None
    return Listed(code=road.name, length=_length(road.options), elsewhere=road not in case.indicator.subjects_of(case.body))


def problems(case: Case) -> Iterator[tuple[str, Place | None]]:
    """What is wrong in the list itself: the scheme's mistake, not the clerk's."""
    for road in case.indicator.subjects:
        try:
            _length(road.options)
        except QuantityError as error:
            yield f"名单中{road.name}的 options 有误：{error}", road.place


def _length(options: Mapping[str, Any]) -> Quantity | None:
    """The option ``length``. Raises QuantityError for another option, or a length that is none."""
    unknown = sorted(set(options) - {"length"})
    if unknown:
        raise QuantityError(f'没有选项 {unknown[0]!r}，只有 length，如 length = "3.2公里"')
    if "length" not in options:
        return None
    length = read_quantity(str(options["length"]), "公里").to("公里")
    if length.value <= 0:
        raise QuantityError(f"里程应大于0，现为{length}")
    return length
