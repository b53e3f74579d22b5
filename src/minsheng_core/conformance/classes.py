"""What a plugin's author gets for free: classes to subclass in pytest, and the same checks as plain functions.

``class TestRoads(IndicatorConformance): indicator = RoadsBuilt()`` makes a test of each check, and one that counts them.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from ..protocols import Allocation, Assessment, Case, Indicator
from ..quantity import Quantity, unit
from .assessments import ASSESSMENTS, MarksUnderTest
from .indicators import INDICATORS
from .samples import UnderTest, minimal_case
from .splits import ALLOCATIONS, SplitUnderTest
from .suite import Check, Outcome, Suite, hold

if TYPE_CHECKING:
    import pytest

__all__ = [
    "AllocationConformance", "AssessmentConformance", "IndicatorConformance", "check_allocation", "check_assessment", "check_indicator", "missing_checks",
]  # fmt: skip

TOLD = "minsheng"  # the user property of a test's report that says what became of its check: ran, or not asked


def check_indicator(indicator: Indicator, case: Case | None = None, *, examples: int = 50, **more: Any) -> tuple[Outcome, ...]:
    """Every check of an indicator. *case* is one without rows that has the options, subjects and target to try it with; *more* are
    ``typical``, ``placeless`` and ``reference`` of `UnderTest`."""
    return _all(INDICATORS, UnderTest(indicator=indicator, template=case or minimal_case(indicator), **more), examples)


def check_allocation(allocation: Allocation, *, quota: bool = False, examples: int = 50) -> tuple[Outcome, ...]:
    """Every check of an allocation; *quota* says that it promises to keep quota."""
    return _all(ALLOCATIONS, SplitUnderTest(allocation=allocation, quota=quota), examples)


def check_assessment(assessment: Assessment, indicator: Indicator, *, examples: int = 50, **more: Any) -> tuple[Outcome, ...]:
    """Every check of an assessment in code, over what its *indicator* may measure; *more* are ``parameters``, ``full``, ``events``, ``bounded``."""
    return _all(ASSESSMENTS, MarksUnderTest(assessment=assessment, indicator=indicator, **more), examples)


def _all(suite: Suite, under: object, examples: int) -> tuple[Outcome, ...]:
    return tuple(hold(suite, check, under, examples) for check in suite.checks)


class _Conformance:
    """What the three classes share. *expected_failures* says by check why it fails; one that holds after all is a failure."""

    suite: ClassVar[Suite]
    examples: ClassVar[int] = 50
    expected_failures: ClassVar[Mapping[str, str]] = {}

    def under_test(self, request: "pytest.FixtureRequest") -> object:
        raise NotImplementedError

    def given(self, request: "pytest.FixtureRequest", name: str, protocol: type[Any]) -> Any:
        """The object under test: an attribute of the class, or a fixture of that name."""
        mine = getattr(self, name, None)
        return mine if isinstance(mine, protocol) else request.getfixturevalue(name)

    def test_all_checks_ran(self, request: "pytest.FixtureRequest") -> None:
        """No check was left out, overridden or forgotten; said, and no failure, where the command line asked for some tests only."""
        unknown = sorted(set(self.expected_failures) - {check.name for check in self.suite.checks})
        assert not unknown, f"expected_failures names {unknown[0]!r}, which is no check of the {self.suite.title}"
        missing = missing_checks(type(self), request.session.items, before=request.node)
        request.node.user_properties.append((TOLD, "counted"))
        if missing and not narrowed(request.config):
            raise AssertionError(
                f"{len(self.suite.checks) - len(missing)} of {len(self.suite.checks)} checks ran; missing: {', '.join(missing)}"
            )


def missing_checks(cls: type[_Conformance], items: "Iterable[pytest.Item]", before: "pytest.Item | None" = None) -> list[str]:
    """The checks of the class that no item of the session ran or, where *before* is given, is still to run."""
    done, coming = set(), before is None
    for item in items:
        if getattr(item, "cls", None) is not cls:
            continue
        coming = coming or item is before
        name = str(getattr(item, "originalname", "")).removeprefix("test_")
        own = getattr(getattr(item, "function", None), "__wrapped_check__", None) is not None
        if own and (dict(item.user_properties).get(TOLD) or (coming and before is not None)):
            done.add(name)
    return [check.name for check in cls.suite.checks if check.name not in done]


def narrowed(config: "pytest.Config") -> bool:
    """Whether the command line asked for some tests only, which is no way to hide a check for good."""
    asked = ("keyword", "markexpr", "lf", "stepwise")
    return any(config.getoption(name, None) for name in asked) or any("::" in arg for arg in config.args)


def _test_of(check: Check) -> Callable[..., None]:
    def test(self: _Conformance, request: "pytest.FixtureRequest") -> None:
        import pytest

        outcome = hold(self.suite, check, self.under_test(request), self.examples)
        request.node.user_properties.append((TOLD, "not asked" if outcome.state == "not asked" else "ran"))
        reason = self.expected_failures.get(check.name)
        if outcome.state == "not asked":
            assert not reason, f"{check.name} is expected to fail, but it is not asked: {outcome.why}"
            pytest.skip(f"not asked: {outcome.why}")
        if outcome.state == "broken" and reason:
            pytest.xfail(reason)
        if outcome.state == "broken":
            pytest.fail(str(outcome), pytrace=False)
        assert not reason, f"{check.name} holds, but is expected to fail ({reason}); take it out of expected_failures"

    test.__name__ = f"test_{check.name}"
    test.__doc__ = f"{check.chinese} / {check.english}"
    test.__wrapped_check__ = check  # type: ignore[attr-defined] # by which an overriding test is told from ours
    return test


def _with_tests(cls: type[_Conformance]) -> None:
    for check in cls.suite.checks:
        test = _test_of(check)
        test.__qualname__ = f"{cls.__name__}.{test.__name__}"
        setattr(cls, test.__name__, test)


class IndicatorConformance(_Conformance):
    """Subclass it, name the subclass Test…, and give `indicator`, as an attribute or a fixture; the rest is optional."""

    suite = INDICATORS
    indicator: Any = None
    typical: ClassVar[Mapping[str, str]] = {}  # the cells of a good row, by field
    placeless: ClassVar[frozenset[str]] = frozenset()  # codes of findings about the whole case
    reference: Callable[[Case], Quantity | None] | None = None  # the primary measure, reckoned another way

    def case_for(self, indicator: Indicator) -> Case:
        """A case without rows: the options, subjects, body and target to try the indicator with."""
        return minimal_case(indicator)

    def under_test(self, request: "pytest.FixtureRequest") -> UnderTest:
        indicator: Indicator = self.given(request, "indicator", Indicator)
        return UnderTest(
            indicator=indicator, template=self.case_for(indicator), typical=self.typical, placeless=self.placeless, reference=self.reference,
        )  # fmt: skip


class AllocationConformance(_Conformance):
    """Subclass it, name the subclass Test…, and give `allocation`; `quota = True` where it promises to keep quota."""

    suite = ALLOCATIONS
    allocation: Any = None
    quota: ClassVar[bool] = False

    def under_test(self, request: "pytest.FixtureRequest") -> SplitUnderTest:
        return SplitUnderTest(allocation=self.given(request, "allocation", Allocation), quota=self.quota)


class AssessmentConformance(_Conformance):
    """Subclass it, name the subclass Test…, and give `assessment` and the `indicator` of its kind; the rest is optional."""

    suite = ASSESSMENTS
    assessment: Any = None
    indicator: Any = None
    parameters: ClassVar[Mapping[str, Quantity]] = {}
    full: ClassVar[Quantity] = Quantity(Fraction(100), unit("分"))
    events: ClassVar[Mapping[str, Quantity]] = {}
    bounded: ClassVar[bool] = True  # marks stay between nothing and full

    def under_test(self, request: "pytest.FixtureRequest") -> MarksUnderTest:
        return MarksUnderTest(
            assessment=self.given(request, "assessment", Assessment), indicator=self.given(request, "indicator", Indicator),
            parameters=self.parameters, full=self.full, events=self.events, bounded=self.bounded,
        )  # fmt: skip


for _class in (IndicatorConformance, AllocationConformance, AssessmentConformance):
    _with_tests(_class)
