"""The rule language: a real rule first, then typing and missing values, then what is refused, each at its character."""

from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minsheng_core.errors import FormulaError
from minsheng_core.field import Field
from minsheng_core.formula import Scope, check_formula, compile_formula, evaluate
from minsheng_core.formula.band import read_band
from minsheng_core.formula.tree import TRUTH, number
from minsheng_core.quantity import Quantity, read_quantity, unit

MARKS = number(unit("分"))
FIELDS = {
    "insured": Field(name="insured", title="参保人数", unit="人"),
    "target": Field(name="target", title="目标", unit="人"),
    "full": Field(name="full", title="满分", unit="分"),
    "rate": Field(name="rate", title="优良率", unit="%"),
    "goal": Field(name="goal", title="目标率", unit="%"),
    "base": Field(name="base", title="年初数", unit="人", missing=True),
    "schools": Field(name="schools", title="学校", unit="所"),
}
STEPS = read_band(
    {
        "kind": "step",
        "input": "%",
        "output": "分",
        "below": "0分",
        "rows": [{"at": "80%", "value": "6分"}, {"at": "95%", "value": "8分"}, {"at": "100%", "value": "10分"}],
    }
)
LINE = read_band({"kind": "linear", "input": "%", "output": "分", "rows": [{"at": "0%", "value": "0分"}, {"at": "100%", "value": "10分"}]})
SCOPE = Scope(
    fields=FIELDS, constants={"cap": read_quantity("120%"), "per_point": read_quantity("1分/百分点")}, bands={"steps": STEPS, "line": LINE}
)
VALUES = {
    "insured": read_quantity("11037人"), "target": read_quantity("1.1037万人"), "full": read_quantity("100分"), "rate": read_quantity("83.4%"),
    "goal": read_quantity("90%"), "base": None, "schools": read_quantity("4所"),
}  # fmt: skip


def value(text, result=None, **values):
    return evaluate(compile_formula(text, SCOPE, result), VALUES | values).value


def messages(text, result=None):
    return [(error.message, error.offset) for error in check_formula(text, SCOPE, result)[1]]


def test_marks_by_completion():
    assert value("full * min(insured / target, cap)", MARKS) == read_quantity("100分")
    assert value("full * min(insured / target, cap)", MARKS, insured=read_quantity("602人"), target=read_quantity("768人")).value == F(
        60200, 768
    )


def test_the_step_table_holds_from_its_start_included():
    found = {
        at: value("band(insured / target, steps)", MARKS, insured=read_quantity(f"{at}人"), target=read_quantity("1000人")).value
        for at in (799, 800, 949, 950, 1000)
    }
    assert found == {799: 0, 800: 6, 949: 6, 950: 8, 1000: 10}


def test_a_piecewise_linear_table_is_exact_between_its_points():
    assert value("band(insured / target, line)", MARKS, insured=read_quantity("1人"), target=read_quantity("3人")).value == F(10, 3)


def test_two_shares_differ_by_percentage_points_and_each_point_has_its_price():
    assert value("goal - rate") == read_quantity("6.6百分点")
    assert value("per_point * 百分点 * floor((goal - rate) / 百分点)", MARKS).value == 6


def test_a_number_is_what_its_text_says():
    assert value("0.1 + 0.2 == 0.3", TRUTH) is True
    assert value("round(2.675, 2, half_up)").value == F("2.68")
    assert value("round(2.665, 2, half_even)").value == F("2.66")


def test_a_missing_value_needs_a_word_before_the_rule_loads():
    assert messages("insured - base") == [("base may be missing; say what then: … if missing(base) else …", 10)]
    assert value("insured if missing(base) else insured - base").value == 11037
    assert value("insured - base if not missing(base) and base > 0 else 0", base=read_quantity("11000人")).value == 37
    assert value("missing(base) or base > 0", TRUTH) is True


def test_undetermined_says_why():
    step = evaluate(compile_formula("full * insured / target", SCOPE), VALUES | {"target": read_quantity("0人")})
    assert (step.value, step.how) == (None, "除数为零：target")
    assert value("undetermined if missing(base) else full") is None
    scope = Scope(
        fields=FIELDS, bands={"gap": read_band({"kind": "step", "input": "%", "output": "分", "rows": [{"at": "80%", "value": "6分"}]})}
    )
    assert "没有对应的档" in evaluate(compile_formula("band(rate - goal + goal, gap)", scope), VALUES | {"rate": read_quantity("1%")}).how


def test_the_explanation_holds_every_figure_that_was_used_and_the_branch_that_was_taken():
    step = evaluate(compile_formula("full * (1 if insured >= target else insured / target)", SCOPE), VALUES)
    labels = [below.label for _, below in step.walk()]
    assert {"参保人数", "满分"} <= set(labels)
    assert "insured / target" not in labels


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("insured + schools", "can't add 人 and 所", 0),
        ("rate - 1*百分点 > goal - rate", "can't compare % and 百分点; a share (%) and percentage points are different things", 0),
        ("full * min(insurd / target, cap)", "unknown name 'insurd'; did you mean 'insured'?", 11),
        ("insured > 5", "can't compare 人 and a plain number", 0),
        ("full if insured else full", "a truth value (a comparison) is wanted here, this is a number", 8),
        ("insured % 2", "Mod is not part of the rule language; see docs/rules.md", 0),
        ("__import__('os')", "unknown function '__import__'", 0),
        ("insured.real", "Attribute is not part of the rule language; see docs/rules.md", 0),
        ("(lambda: 1)()", "only the rule language's functions can be called", 0),
        ("missing(insured)", "insured is never missing: this test can't come true", 8),
        ("full / 0", "division by zero", 7),
        ("1e3 * full", "write 1e3 in plain decimal digits", 0),
        ("round(full, 2)", "round() takes 3 arguments, got 2", 0),
        ("band(rate, nothing)", "the second argument of band() is a table of this rule; there are: line, steps", 11),
        ("mean()", "mean() takes 1 arguments, got 0", 0),
        ("full *", "not a formula: invalid syntax", 6),
        ("full if rate >= 80% else 0", "a formula writes 80% as a plain number, like 0.8, or names a parameter that says it", 16),
        ("full if insured >= 100人 else 0", "a formula writes 100人 as 100 * 人, or names a parameter that says it", 19),
        ('"80%" if', "not a formula", 0),
        ("参保 + 1", "unknown name '参保'", 0),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_character(text, message, offset):
    found = messages(text)
    assert any(message in words for words, _ in found), found
    assert offset in [at for words, at in found if message in words] or message.startswith("not a formula")


def test_every_mistake_of_a_formula_is_named_in_one_run():
    assert [offset for _, offset in messages("insurd + taget * ful")] == [0, 9, 17]


def test_the_wrong_unit_of_the_whole_is_a_mistake():
    assert messages("insured / target", MARKS) == [("the formula gives a plain number, but 分 is wanted", 0)]


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "(" * 100 + "1" + ")" * 100, "-" * 3900 + "1", "1" + "+1" * 1900, "not " * 900 + "1", "\0", "1" * 3999, ""]
)
def test_a_hostile_formula_is_refused_quickly(text):
    with pytest.raises(FormulaError):
        compile_formula(text, SCOPE)


numbers = st.fractions(min_value=0, max_value=10**7, max_denominator=100)


@given(numbers, numbers, st.fractions(min_value=1, max_value=10**7, max_denominator=100))
def test_more_achieved_never_scores_less(one, other, goal):
    low, high = sorted([one, other])
    formula = compile_formula("band(min(insured / target, cap), line) + band(insured / target, steps)", SCOPE, MARKS)
    marks = [
        evaluate(formula, VALUES | {"insured": Quantity(x, unit("人")), "target": Quantity(goal, unit("人"))}).value.value
        for x in (low, high)
    ]
    assert 0 <= marks[0] <= marks[1] <= 20


@given(numbers, st.fractions(min_value=1, max_value=10**7, max_denominator=100))
def test_writing_人_as_万人_changes_nothing(insured, goal):
    formula = compile_formula("full * min(insured / target, cap)", SCOPE, MARKS)
    people = {"insured": Quantity(insured, unit("人")), "target": Quantity(goal, unit("人"))}
    tens = {name: quantity.to("万人") for name, quantity in people.items()}
    assert evaluate(formula, VALUES | people).value == evaluate(formula, VALUES | tens).value


@given(st.text(max_size=60) | st.text(alphabet="insured target full base rate()+-*/<>=.,0123456789 ifelse", max_size=60))
def test_any_text_is_a_formula_or_a_clear_mistake(text):
    formula, errors = check_formula(text, SCOPE)
    assert (formula is None) == bool(errors)
    assert all(0 <= error.offset <= len(text) and error.message for error in errors)
