"""The indicator kind ``insurance.stock``: persons insured at the end of a period, its form, checks and measure."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from minsheng_core import Case, Field, Finding, Form, Measurement, Quantity, Report, Severity, Step, decimal_text, unit

from .limits import Limits, read_limits

__all__ = ["InsuredStock"]

TEN_THOUSAND = 10_000
# Far above any city: a figure ten thousand times too large must reach the check that says what was meant.
MOST = Fraction(10**12)
# What can be scored: more people than any province has. Narrow, so that sums of several ratios stay exact everywhere.
MEASURED = Fraction(2 * 10**8)


def _people(name: str, title: str, *, missing: bool = True, aliases: Sequence[str] = (), most: Fraction = MOST) -> Field:
    return Field(name=name, title=title, unit="人", minimum=Fraction(0), maximum=most, missing=missing, aliases=aliases)


@frozen
class InsuredStock:
    """Persons insured: a stock at the end of the period, so the period's own figure counts and months are never added.

    Units: 人. A period in which nothing was filed measures None: an earlier month never stands in.
    """

    kind: str = "insurance.stock"
    title: str = "参保人数（期末时点数）"
    primary: str = "insured"
    flow: bool = False

    @property
    def form(self) -> Form:
        """One row a body."""
        return Form(
            fields=(
                _people("insured", "参保人数", missing=False, aliases=("期末参保人数", "参保人数合计")),
                _people("paying", "缴费人数", aliases=("缴费人员",)),
                _people("drawing", "领取待遇人数", aliases=("领取待遇人员",)),
                _people("base", "年初参保人数", aliases=("年初数",)),
                Field(name="document", title="佐证文号", kind="text", missing=True),
            )
        )

    @property
    def measures(self) -> tuple[Field, ...]:
        """``insured`` and, where it was given, ``base`` at the start of the year."""
        return (_people("insured", "参保人数", missing=False, most=MEASURED), _people("base", "年初参保人数", most=MEASURED))

    def validate(self, case: Case) -> Iterator[Finding]:
        """Scale slips, jumps, parts that don't add up, impossible bases, a body filed twice; each with its cell.

        Raises QuantityError where the indicator's options are wrong: that is the scheme's mistake, not the clerk's.
        """
        rows = case.current()
        limits = read_limits(case.indicator.id, case.indicator.options)
        for extra in rows[1:]:
            yield _finding(
                case,
                extra,
                "insurance.duplicate",
                f"{case.body.name}本期填了两次（另一行在{rows[0].place}），只能留一行；更正请删去旧行",
                "body",
            )
        for row in rows:
            yield from _scale(case, row, limits)
            yield from _parts(case, row, limits)
            yield from _base(case, row, limits)
            yield from _jump(case, row, limits)

    def measure(self, case: Case) -> Measurement | None:
        """The period's own figure; undetermined where a check found an error in it; None where nothing was filed."""
        rows = case.current()
        if not rows:
            return None
        errors = [one for one in self.validate(case) if one.severity is Severity.ERROR]
        if errors:
            how = f"填报数有错误，改正前不作评定：{errors[0].message}"
            return Measurement(values={"insured": None, "base": None}, step=Step(label=self.title, how=how, place=errors[0].place))
        row = rows[0]
        insured, base = _quantity(row, "insured"), _quantity(row, "base")
        how = f"{case.period}期末数" + (f"，填作“{insured.printed}”" if insured and insured.printed else "")
        parts = (Step(label="年初参保人数", value=base, place=row.at("base")),) if base else ()
        step = Step(label="参保人数", value=insured, how=how, place=row.at("insured"), clause="insurance/stock", parts=parts)
        return Measurement(values={"insured": insured, "base": base}, step=step)


def _quantity(row: Report, name: str) -> Quantity | None:
    value = row.values.get(name)
    return value if isinstance(value, Quantity) else None


def _finding(case: Case, row: Report, code: str, message: str, name: str, severity: Severity = Severity.ERROR) -> Finding:
    clause = "insurance/checks"
    return Finding(
        code=code, message=message, place=row.at(name), severity=severity, body=case.body.id, indicator=case.indicator.id, clause=clause
    )


def _scale(case: Case, row: Report, limits: Limits) -> Iterable[Finding]:
    """A figure out of all proportion to its target; ten thousand times too large or small is a slip of the unit."""
    insured = _quantity(row, "insured")
    if insured is None or case.target is None or case.target.base <= 0:
        return
    ratio = insured.base / case.target.base
    if limits.low <= ratio <= limits.high:
        return
    for factor, words in ((Fraction(1, TEN_THOUSAND), "多乘了一万"), (Fraction(TEN_THOUSAND), "以万人为单位填写")):
        if limits.low <= ratio * factor <= limits.high:
            meant = Quantity(insured.base * factor, unit("人"))
            message = f"{case.body.name}填{insured}，目标{case.target}，相差约一万倍，像是{words}；若应为{meant}，请按人填写后重报"
            yield _finding(case, row, "insurance.scale", message, "insured")
            return
    times = decimal_text(Fraction(round(ratio * 100), 100))
    message = f"{case.body.name}填{insured}，是目标{case.target}的{times}倍，请核对"
    yield _finding(case, row, "insurance.ratio", message, "insured", Severity.WARNING)


def _parts(case: Case, row: Report, limits: Limits) -> Iterable[Finding]:
    """The parts that this insurance has, where all of them are given, add up to the insured."""
    insured, parts = _quantity(row, "insured"), [_quantity(row, name) for name in limits.parts]
    given = [part.base for part in parts if part is not None]
    if insured is None or not given or len(given) < len(parts) or sum(given) == insured.base:
        return
    titles = "与".join(InsuredStock().form.field(name).title for name in limits.parts)
    total = Quantity(sum(given, Fraction(0)), unit("人"))
    message = f"{case.body.name}{titles}相加为{total}，与参保人数{insured}不符，请改正"
    yield _finding(case, row, "insurance.parts", message, "insured")


def _base(case: Case, row: Report, limits: Limits) -> Iterable[Finding]:
    """A base of nobody, or of many times the target, would give a progress that means nothing."""
    base = _quantity(row, "base")
    if base is None:
        return
    if base.base <= 0:
        message = f"{case.body.name}年初参保人数填{base}，应大于0；没有年初数请留空"
        yield _finding(case, row, "insurance.base", message, "base")
    elif case.target is not None and case.target.base > 0 and base.base > case.target.base * limits.high:
        message = f"{case.body.name}年初参保人数填{base}，超过目标{case.target}的{decimal_text(limits.high)}倍，请按人填写后重报"
        yield _finding(case, row, "insurance.base", message, "base")


def _jump(case: Case, row: Report, limits: Limits) -> Iterable[Finding]:
    """A stock doesn't leap from one month to the next."""
    insured = _quantity(row, "insured")
    before = [value for report in case.earlier() if (value := _quantity(report, "insured"))]
    if insured is None or not before or before[-1].base <= 0:
        return
    change = insured.base / before[-1].base - 1
    if -limits.fall <= change <= limits.rise:
        return
    percent = decimal_text(Fraction(round(abs(change) * 1000), 10))
    message = f"{case.body.name}由上期{before[-1]}{'增' if change > 0 else '减'}到{insured}，变动{percent}%，请说明原因"
    yield _finding(case, row, "insurance.jump", message, "insured", Severity.WARNING)
