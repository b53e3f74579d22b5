"""The columnar reading: the 2023 sheet over a made-up nation first, then the property that it gives the reference's digits, then
what a table may not hold."""

from decimal import Decimal
from fractions import Fraction as F

import polars as pl
from hypothesis import assume as suppose
from hypothesis import given, settings
from rulegen import RAW, STAGES, column_of, formulas, lowered, reference_rows, tables

from minsheng_core.columns.parquet import score_frame
from minsheng_core.errors import FormulaError
from minsheng_core.formula import evaluate_rows


def frame_of(cells, keys):
    """A table as somebody would hand it in: text, decimals and whole numbers in the fields' units."""
    data = {"body": [body for body, _ in keys], "group": [group for _, group in keys]}
    data["period"] = [f"2023-{row['period'] % 12 + 1:02d}" for row in cells]
    schema = {"body": pl.String, "group": pl.String, "period": pl.String}
    for one in RAW:
        column = column_of(one)
        values = [row[one.name] for row in cells]
        if one.kind == "text":
            data[one.name] = [None if cell is None else STAGES[cell] if 0 <= cell < len(STAGES) else "不知道" for cell in values]
            schema[one.name] = pl.String
        elif column.decimals:
            data[one.name] = [None if cell is None else Decimal(cell).scaleb(-column.decimals) for cell in values]
            schema[one.name] = pl.Decimal(20, column.decimals)
        else:
            data[one.name], schema[one.name] = values, pl.Int64
    return pl.DataFrame(data, schema=schema)


def values_of(frame, output):
    """The output's exact values by (body, period)."""
    if f"{output.name}.numerator" in frame.columns:
        parts = zip(frame[f"{output.name}.numerator"], frame[f"{output.name}.denominator"], strict=True)
        found = [None if above is None else F(int(above), int(below)) for above, below in parts]
    else:
        found = [None if value is None else F(value) for value in frame[output.name]]
    return dict(zip(zip(frame["body"], frame["period"], strict=True), found, strict=True))


@settings(max_examples=200)
@given(formulas(), tables())
def test_a_table_gives_the_digits_of_the_exact_reference(text, table):
    made = lowered(text)
    suppose(not isinstance(made, FormulaError))
    formula, plan = made
    cells, keys = table
    suppose(cells)
    frame = frame_of(cells, keys)
    expected = evaluate_rows(formula, reference_rows(cells, keys))
    found = values_of(score_frame(plan, frame), plan.outputs[0])
    assert found == dict(zip(zip(frame["body"], frame["period"], strict=True), expected, strict=True))
