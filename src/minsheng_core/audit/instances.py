"""Instances that ways to split are tried on: the scheme's own shares, those that the books tell, and generated ones."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor

from attrs import evolve, field, frozen

from ..protocols import Claim
from ..scheme import model
from .bodies import Choice

__all__ = ["Instance", "classic", "made", "own"]


@frozen(kw_only=True)
class Instance:
    """A total and the claims on it; *more* is the larger total of a question about two totals, else 0."""

    total: int
    claims: tuple[Claim, ...]
    more: int = 0
    name: str = field(default="", eq=False)


def _claims(weights: Sequence[int | Fraction]) -> tuple[Claim, ...]:
    return tuple(Claim(body="甲乙丙丁戊己庚辛壬癸"[i] if i < 10 else f"第{i + 1}家", weight=weight) for i, weight in enumerate(weights))


def own(scheme: model.Scheme) -> Iterator[Instance]:
    """The printed shares as weights of their own sum, of one more, and of the printed total."""
    for one in scheme.indicators:
        shares = [share for share in one.shares if share.value.value.denominator == 1]
        if len(shares) < 2 or len(shares) < len(one.shares):
            continue
        claims = tuple(Claim(body=scheme.body(share.body).name, weight=share.value.value) for share in shares)
        whole = int(sum(claim.weight for claim in claims))
        yield Instance(total=whole, more=whole + 1, claims=claims, name=one.id)
        if one.target is not None and one.target.value.unit.dimension == shares[0].value.unit.dimension:
            printed = floor(one.target.value.to(shares[0].value.unit).value)
            yield Instance(total=printed, more=printed + 1, claims=claims, name=one.id)


def classic() -> Iterator[Instance]:
    """Instances that the books tell: Alabama, quotas that averages leave, one unit for three equals, ties, floors and caps."""
    for weights, total in (
        ([1, 4, 7, 14, 44], 48), ([6, 6, 2], 10), ([1, 1, 1], 1), ([1, 1], 1), ([2, 2, 1], 3), ([53, 24, 23], 10),
        ([93, 1, 1, 1, 1, 1, 1, 1], 100), ([1000, 100, 100, 100, 100, 100], 9), ([86, 2, 2, 2, 2, 2, 2, 2], 10), ([940, 15, 15, 15, 15], 25),
        ([5, 5, 5, 5, 80], 17), ([1], 7), ([0, 1], 3),
    ):  # fmt: skip
        yield Instance(total=total, more=total + 1, claims=_claims(weights))
    plain = _claims([5, 3, 2])
    yield Instance(total=4, claims=tuple(evolve(claim, cap=1) for claim in plain))
    yield Instance(total=10, claims=(evolve(plain[0], cap=2), plain[1], evolve(plain[2], floor=5)))
    yield Instance(total=6, claims=(evolve(plain[0], floor=1, cap=1), plain[1], evolve(plain[2], floor=2)))


def made(choice: Choice, count: int) -> Iterator[Instance]:
    """Random claims, now with bounds, now with equal weights."""
    for _ in range(count):
        most = choice.one((5, 20, 100, 10**6))
        weights = [Fraction(choice.between(0, most), choice.one((1, 1, 1, 3, 7))) for _ in range(choice.between(1, 7))]
        if not any(weights):
            continue
        claims = _claims(weights)
        if choice.between(0, 2) == 0:
            low = [choice.between(0, 5) for _ in claims]
            claims = tuple(
                evolve(one, floor=least, cap=choice.one((None, least + choice.between(0, 30))))
                for one, least in zip(claims, low, strict=True)
            )
        total = sum(one.floor for one in claims) + choice.between(0, choice.one((5, 50, 500)))
        yield Instance(total=total, more=total + choice.one((1, 1, 1, 10)), claims=claims)
