"""What is wrong with a request, as problem details (RFC 9457): a status, a stable code, and every mistake with its place."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from attrs import field, frozen

from ..errors import MinshengError

__all__ = ["MEDIA", "Problem", "Refused", "problem_json"]

MEDIA = "application/problem+json"


@frozen(kw_only=True)
class Problem:
    """*errors* are (place, message): the place is a JSON path (``$.rows[3].insured``), ``query.period``, ``header.content-type``
    or a file's name. *headers* go with the answer."""

    status: int
    code: str
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(factory=dict)


class Refused(MinshengError):
    """A request that gets no answer but its *problem*."""

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[tuple[str, str]] = (), **headers: str) -> None:
        super().__init__(detail)
        named = {name.replace("_", "-").title(): text for name, text in headers.items()}
        self.problem = Problem(status=status, code=code, detail=detail, errors=tuple(errors), headers=named)


def problem_json(problem: Problem) -> dict[str, Any]:
    """The problem as plain data."""
    return {
        "title": HTTPStatus(problem.status).phrase, "status": problem.status, "code": problem.code, "detail": problem.detail,
        "errors": [{"place": place, "message": message} for place, message in problem.errors],
    }  # fmt: skip
