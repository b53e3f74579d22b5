"""The audit of ways to split: the core's own first, then planted defects, then what must be so of every instance."""

from fractions import Fraction as F

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core import METHODS, Claim, load_plugins, load_scheme, prepare
from minsheng_core.audit.allocations import Instance, allocations, broken, printed_splits
from minsheng_core.audit.result import Verdict


@pytest.fixture(scope="module")
def prepared():
    return prepare(load_scheme("2023"), load_plugins())


@pytest.fixture(scope="module")
def results(prepared):
    return {one.key.partition("::")[2]: one for one in allocations(prepared, budget=20)}


def test_nothing_fails_and_every_promise_is_asked_of_every_method(results):
    assert not [one.key for one in results.values() if one.fails]
    assert len([key for key in results if "pension" not in key]) == 5 * len(METHODS)


def test_what_no_method_can_have_is_a_note_with_its_smallest_witness(results):
    for key in ("house::largest_remainder", "quota::d_hondt", "quota::sainte_lague"):
        assert (results[key].verdict, results[key].risk) == (Verdict.REFUTED, True)
        assert "Balinski" in results[key].words[1]
    weights = next(line.values for line in results["house::largest_remainder"].case.lines if line.name == "weight")
    assert weights == ("3", "3", "1")
    assert results["house::d_hondt"].verdict is results["quota::largest_remainder"].verdict is Verdict.PROVED


def test_the_printed_shares_stand_within_their_printed_total(prepared, results):
    assert results["conserve::resident_pension"].verdict is Verdict.PROVED
    assert "差1人，在印刷精度之内" in results["conserve::resident_pension"].words[0]
    exact = evolve(prepared.scheme, indicators=tuple(_printed(one) for one in prepared.scheme.indicators))
    (found,) = printed_splits(exact)
    assert (found.verdict, found.fails) == (Verdict.REFUTED, True)


def _printed(one):
    """The total as if it were printed to the person."""
    from minsheng_core import read_quantity

    return evolve(one, target=evolve(one.target, value=read_quantity("757430人"))) if one.shares else one


@frozen
class Naive:
    """Rounds each share by itself: 1 over 1, 1, 1 is 0, 0, 0."""

    name: str = "naive"
    title: str = "各自四舍五入"

    def allocate(self, total, claims):
        whole = sum(F(claim.weight) for claim in claims)
        return {claim.body: int(total * claim.weight / whole + F(1, 2)) for claim in claims} if whole else dict.fromkeys((c.body for c in claims), 0)


@frozen
class First(Naive):
    """Gives the rest to whoever is first, tie or not, and knows no caps."""

    name: str = "first"

    def allocate(self, total, claims):
        whole = sum(F(claim.weight) for claim in claims)
        units = {claim.body: int(total * claim.weight / (whole or 1)) for claim in claims}
        units[claims[0].body] += total - sum(units.values())
        return units


@pytest.mark.parametrize(("method", "promise"), [(Naive(), "conserve"), (First(), "sequence"), (First(), "limits")])
def test_a_planted_defect_is_found_made_small_and_fails(prepared, method, promise):
    plugins = evolve(prepared.plugins, allocations={method.name: method})
    found = next(one for one in allocations(evolve(prepared, plugins=plugins), budget=40) if one.key.endswith(f"{promise}::{method.name}"))
    assert (found.verdict, found.fails) == (Verdict.REFUTED, True)
    assert len(found.case.lines[0].values) <= 3


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any), st.integers(0, 60))
def test_no_method_of_the_core_breaks_what_is_said_to_be_proved(weights, total):
    one = Instance(total=total, more=total + 1, claims=tuple(Claim(body=f"b{i}", weight=w) for i, w in enumerate(weights)))
    for method in METHODS:
        kept = ["conserve", "limits", "sequence", "quota" if method.rounding == "remainder" else "house"]
        assert [promise for promise in kept if broken(method, promise, one)] == []
