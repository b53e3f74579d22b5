"""The checks of an indicator, each with its name and what it says in Chinese and English."""

from . import measuring as say
from . import repeating as again
from .forms import form_is_sound, measures_are_sound
from .samples import grid, samples, show
from .suite import Check, Suite

__all__ = ["INDICATORS"]

_CHECKS = (
    Check(
        name="form_is_sound", of_thing=form_is_sound,
        chinese="表式可用：栏名、别名不相冲突，单位认识，范围成立，每栏都有可填的数",
        english="the form is sound: names don't collide, units are known, ranges hold, every column can be filled",
    ),
    Check(
        name="measures_are_sound", of_thing=measures_are_sound,
        chinese="指标值声明完整：名称不重，主指标在内，公式成立，公式所用的有上下限",
        english="the measures are sound: names are unique, the primary is there, formulas load, what they use has a range",
    ),
    Check(
        name="validation_never_crashes", of_case=say.validation_never_crashes,
        chinese="表式允许的任何填报，核对都不出错中断",
        english="validate raises nothing for any reports that the form allows",
    ),
    Check(
        name="findings_say_what_is_wrong", of_case=say.findings_say_what_is_wrong,
        chinese="每条问题有代码、轻重和中文说明",
        english="each finding has a code, a severity and a message in Chinese",
    ),
    Check(
        name="findings_point_somewhere", of_case=say.findings_point_somewhere,
        chinese="每条问题指到填报的某一行；针对整件的须声明",
        english="each finding points to a row; one about the whole case is declared so",
    ),
    Check(
        name="measure_never_crashes", of_case=say.measure_never_crashes,
        chinese="表式允许的任何填报，计量都不出错中断",
        english="measure raises nothing for any reports that the form allows",
    ),
    Check(
        name="nothing_filed_measures_none", of_case=say.nothing_filed_measures_none,
        chinese="本期没有填报才是“无”，旧月份不顶替",
        english="measure gives None exactly where the period has no row",
    ),
    Check(
        name="some_case_is_measured", of_thing=say.some_case_is_measured,
        chinese="至少有一种填报能算出主指标，否则以下各项无从谈起",
        english="some case measures the primary, so that what follows is not about nothing",
    ),
    Check(
        name="values_are_declared", of_case=say.values_are_declared,
        chinese="只给声明过的指标值，种类和单位相符",
        english="values are of declared measures, of their kind and in their dimension",
    ),
    Check(
        name="values_are_exact", of_case=say.values_are_exact,
        chinese="数是准确的，全程没有浮点数",
        english="values are exact: no float in them, nor on the way to them",
    ),
    Check(
        name="values_keep_their_range", of_case=say.values_keep_their_range,
        chinese="数在声明的范围和小数位以内，否则不作评定",
        english="values keep the declared range and decimals, or are None",
    ),
    Check(
        name="derived_values_follow", of_case=say.derived_values_follow, unasked=say.is_derived,
        chinese="有公式的指标值与公式一致",
        english="a measure with a formula is what its formula says",
    ),
    Check(
        name="reference_agrees", of_case=say.reference_agrees, unasked=say.is_referenced,
        chinese="主指标与作者给的另一种算法一致",
        english="the primary measure is what the author's reference says",
    ),
    Check(
        name="steps_lead_to_a_row", of_case=say.steps_lead_to_a_row,
        chinese="有数就能追到填报的某一行，没有数就说明原因",
        english="a value leads to a row; where there is none, the step says why",
    ),
    Check(
        name="blank_is_not_zero", of_case=say.blank_is_not_zero, unasked=say.is_blankable,
        chinese="空白不当作零",
        english="a cell left blank is not measured as 0",
    ),
    Check(
        name="same_case_same_result", of_case=again.same_case_same_result,
        chinese="同样的填报，结果总是一样",
        english="the same case gives the same, every time",
    ),
    Check(
        name="order_of_rows_does_not_matter", of_case=again.order_of_rows_does_not_matter,
        chinese="行的先后不影响结果",
        english="the order of rows does not matter",
    ),
    Check(
        name="case_is_left_alone", of_case=again.case_is_left_alone,
        chinese="不改动交给它的填报",
        english="the case that was handed over is not changed",
    ),
    Check(
        name="other_process_same_result", of_thing=again.other_process_same_result, unasked=again.is_portable,
        chinese="换一个进程，一字不差",
        english="a new process with another hash seed says the same, to the last word",
    ),
    Check(
        name="unit_does_not_matter", of_case=again.unit_does_not_matter,
        chinese="换单位、用全角数字填写，结果一样",
        english="the same figure in another unit or full-width digits measures the same",
    ),
    Check(
        name="filing_twice_never_pays", of_case=again.filing_twice_never_pays,
        chinese="同一行填两次不占便宜",
        english="filing the same row twice never pays",
    ),
    Check(
        name="splitting_never_pays", of_case=again.splitting_never_pays, unasked=again.is_counted,
        chinese="一个数拆成两行不占便宜",
        english="splitting a count over two rows never pays",
    ),
    Check(
        name="months_of_a_stock_are_not_added", of_case=again.months_of_a_stock_are_not_added, unasked=again.is_stock,
        chinese="时点数以最近一月为准，各月不相加",
        english="of a stock the latest month replaces, and months are not added",
    ),
)  # fmt: skip
INDICATORS = Suite(title="indicator", checks=_CHECKS, grid=grid, samples=samples, show=show)
