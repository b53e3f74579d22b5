"""The plan: a real rule first, then the property that every reading gives the exact reference's digits, then what is refused."""

from hypothesis import assume as suppose
from hypothesis import given, settings
from rulegen import formulas, lowered, reference_rows, tables

from minsheng_core.errors import FormulaError
from minsheng_core.formula import evaluate_rows
from minsheng_core.formula.build import assume
from minsheng_core.formula.python import compile_plan, run_rows


@settings(max_examples=400)
@given(formulas(), tables())
def test_the_plan_gives_the_digits_of_the_exact_reference(text, table):
    made = lowered(text)
    suppose(not isinstance(made, FormulaError))
    formula, plan = made
    cells, keys = table
    expected = evaluate_rows(formula, reference_rows(cells, keys))
    results = run_rows(plan, cells, keys)
    assert [plan.outputs[0].value(row) for row in results] == list(expected)
    for row in results:  # interval soundness: no step leaves its declared interval, on any row
        assert all(op.low <= value <= op.high for op, value in zip(plan.ops, row, strict=True))


@settings(max_examples=300)
@given(formulas(across=False), tables())
def test_the_compiled_functions_give_the_same_digits_with_and_without_guards(text, table):
    made = lowered(text)
    suppose(not isinstance(made, FormulaError))
    formula, plan = made
    cells, keys = table
    compiled = compile_plan(plan)
    output = compiled.plan.outputs[0]
    for row, expected in zip(cells, evaluate_rows(formula, reference_rows(cells, keys)), strict=True):
        assert output.value(compiled.results(row)) == expected
        if not output.denominators:
            number = compiled.score(row)
            assert (None if number is None else number * output.coefficient) == expected


@settings(max_examples=100)
@given(formulas(), tables())
def test_assuming_clean_columns_changes_nothing_on_clean_rows(text, table):
    made = lowered(text)
    suppose(not isinstance(made, FormulaError))
    _, plan = made
    cells, keys = table
    clean = [one.name for one in plan.columns if all(row[one.name] is not None and one.low <= row[one.name] <= one.high for row in cells)]
    lean = assume(plan, clean)
    assert [plan.outputs[0].value(row) for row in run_rows(plan, cells, keys)] == [
        lean.outputs[0].value(row) for row in run_rows(lean, cells, keys)
    ]
