"""The year's list of roads, as the scheme gives it: the indicator's subjects, and how much of each lies in each body."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from minsheng_core import Case, Place, Quantity, QuantityError, read_quantity

__all__ = ["Listed", "listed", "problems"]


@frozen(kw_only=True)
class Listed:
    """A road of the list. *length* is what of it lies in the case's body, None where the list doesn't say; *elsewhere* means
    that the list gives all of it to other bodies."""

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
    lengths = _lengths(road.options)
    return Listed(code=road.name, length=lengths.get(case.body.id), elsewhere=bool(lengths) and case.body.id not in lengths)


def problems(case: Case) -> Iterator[tuple[str, Place | None]]:
    """What is wrong in the list itself: the scheme's mistake, not the clerk's."""
    for road in case.indicator.subjects:
        try:
            _lengths(road.options)
        except QuantityError as error:
            yield f"名单中{road.name}的 options 有误：{error}", road.place


def _lengths(options: Mapping[str, Any]) -> Mapping[str, Quantity]:
    """Length by body id. Raises QuantityError for an unknown option, or a length that is none."""
    unknown = sorted(set(options) - {"lengths"})
    if unknown:
        raise QuantityError(f'没有选项 {unknown[0]!r}，只有 lengths（各单位的里程，如 {{ 430182101 = "3.2公里" }}）')
    lengths = options.get("lengths", {})
    if not isinstance(lengths, Mapping):
        raise QuantityError(f'lengths 应按单位给出里程，如 {{ 430182101 = "3.2公里" }}，现为 {lengths!r}')
    read = {body: read_quantity(str(text), "公里").to("公里") for body, text in lengths.items()}
    for body, length in read.items():
        if length.value <= 0:
            raise QuantityError(f"{body} 的里程应大于0，现为{length}")
    return read
