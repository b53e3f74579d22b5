"""The indicator kind ``roads.built``: its form, checks and measure."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from minsheng_core import Case, Field, Finding, Form, Measurement, Quantity, Severity, Step, unit

from .checks import check
from .counting import BELOW_GRADE, KM, STAGES, count
from .listed import listed

__all__ = ["RoadsBuilt"]

# A typing slip exceeds them, no road and no county does (assumptions of this plugin).
LONGEST = Fraction(1_000)
MOST = Fraction(20_000)
RICHEST = Fraction(10_000_000)
# Technical grades of JTG B01 and, for 四级, the two classes of JTG 2111; 等外 is what keeps none (all from memory, see rules.toml).
GRADES = ("高速", "一级", "二级", "三级", "四级", "四级（Ⅰ类）", "四级（Ⅱ类）", BELOW_GRADE)


def _length(name: str, title: str, *, most: Fraction = LONGEST, missing: bool = False, aliases: Sequence[str] = ()) -> Field:
    return Field(name=name, title=title, unit="公里", minimum=Fraction(0), maximum=most, decimals=3, missing=missing, aliases=aliases)


def _money(name: str, title: str, aliases: Sequence[str]) -> Field:
    return Field(name=name, title=title, unit="万元", minimum=Fraction(0), maximum=RICHEST, decimals=4, missing=True, aliases=aliases)


@frozen
class RoadsBuilt:
    """Kilometres of rural roads accepted since the start of the year, with evidence.

    Each month's file lists all roads of the year so far, so the latest month replaces and months are never added; the
    count starts at nothing in January, so it is held against the calendar (*flow*).
    """

    kind: str = "roads.built"
    title: str = "新改建农村公路"
    primary: str = "accepted"
    flow: bool = True

    @property
    def form(self) -> Form:
        """One row a road."""
        return Form(
            subject="road",
            fields=(
                Field(name="road", title="路线编号", kind="text", aliases=("路线编码", "公路编码", "编号")),
                Field(name="name", title="路线名称", kind="text", missing=True, aliases=("项目名称",)),
                Field(name="grade", title="技术等级", kind="text", choices=GRADES, missing=True),
                _length("planned", "计划里程", missing=True, aliases=("建设里程",)),
                _length("started", STAGES["started"]),
                _length("finished", STAGES["finished"], aliases=("完成里程",)),
                _length("accepted", STAGES["accepted"], aliases=("交工验收里程",)),
                Field(name="finished_on", title="完工日期", kind="date", missing=True),
                Field(name="accepted_on", title="验收日期", kind="date", missing=True),
                Field(name="certificate", title="验收文号", kind="text", missing=True),
                Field(name="counted_before", title="以前年度已计入", kind="text", choices=("是", "否"), missing=True),
                _money("funds", "到位资金", ("累计到位资金",)),
                _money("paid", "已支付资金", ("累计支付资金",)),
            ),
        )

    @property
    def measures(self) -> tuple[Field, ...]:
        """Kilometres accepted (with evidence), finished and started; the number of roads."""
        lengths = tuple(_length(name, f"累计{STAGES[name]}", most=MOST) for name in reversed(STAGES))
        return (*lengths, Field(name="roads", title="填报路线", unit="条", minimum=Fraction(0), maximum=Fraction(20_000)))

    def validate(self, case: Case) -> Iterator[Finding]:
        """A road twice, unknown or another body's; stages and dates out of order; lengths, funds and months that don't fit."""
        yield from check(case)

    def measure(self, case: Case) -> Measurement | None:
        """The kilometres that count; undetermined where a row is in error; None where nothing was filed."""
        rows = case.current()
        if not rows:
            return None
        errors = [one for one in check(case) if one.severity is Severity.ERROR]
        if errors:
            how = f"填报有错误，改正前不作评定：{errors[0].message}"
            nothing = {field.name: None for field in self.measures}
            return Measurement(values=nothing, step=Step(label=self.title, how=how, place=errors[0].place))
        counted = [count(case, row, road) for row in rows if (road := listed(case, row.subject))]
        sums = {name: Quantity(sum((one.values[name] for one in counted), Fraction(0)), KM) for name in STAGES}
        how = f"{len(counted)}条路线，" + "，".join(f"{title}{sums[name]}" for name, title in STAGES.items())
        step = Step(label="累计验收里程", value=sums["accepted"], how=how, clause="roads/count", parts=tuple(one.step for one in counted))
        roads = [{"code": one.road.code, **{name: str(value) for name, value in one.values.items()}, "why": one.why} for one in counted]
        number = Quantity(Fraction(len(counted)), unit("条"))
        return Measurement(values={**sums, "roads": number}, step=step, details={"roads": roads})
