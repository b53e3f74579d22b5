"""The annexed workbook: exact figures, nothing that a spreadsheet would run, the same bytes each time."""

import io
import zipfile
from fractions import Fraction

import pytest
from attrs import evolve
from openpyxl import load_workbook

from minsheng_core import Quantity, unit
from minsheng_core.publish.publication_json import publication_json, schema
from minsheng_core.publish.tables import tables
from publications import made


@pytest.fixture(scope="module")
def publication():
    return made()


def cells(content):
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_it_holds_ranking_marks_indicators_filing_findings_and_assumptions(publication):
    found = cells(tables(publication))
    assert list(found) == ["排名", "得分", "指标", "报送", "各阶段数据", "问题", "假定"]
    assert found["排名"][2] == [1, "花明楼镇", 100, 0, 0, 2, 102, 1]
    assert "虚构数据" in found["排名"][0][0]
    assert ["失业保险参保人数", 9.8, 9.9054, "101.08%", "市人社局", "二、（一）"] in [row[:6] for row in found["指标"]]
    assert any("花明楼镇" in row and 30606 in row for row in found["得分"])


def test_a_cell_shows_its_unit_and_keeps_its_number(publication):
    book = load_workbook(io.BytesIO(tables(publication)))
    cell = next(one for row in book["指标"].iter_rows() for one in row if one.value == 9.9054)
    assert cell.number_format == '0.0000"万人"'
    assert cell.data_type == "n"


def test_a_number_that_a_spreadsheet_cannot_hold_is_written_as_words(publication):
    indicators = dict(publication.assessed.indicators)
    for text, shown in ((Fraction(2, 3), "1/15000万人"), (Fraction(12345678901234567), "1234567890123.4567万人")):
        indicators["unemployment"] = evolve(indicators["unemployment"], actual=Quantity(text, unit("人")))
        changed = evolve(publication, assessed=evolve(publication.assessed, indicators=indicators))
        assert shown in [value for row in cells(tables(changed))["指标"] for value in row]


def test_a_text_longer_than_a_cell_is_cut_and_says_where_the_rest_stands(publication):
    long = evolve(publication.assessed.findings[0], message="长" * 40_000)
    found = cells(tables(evolve(publication, assessed=evolve(publication.assessed, findings=(long,)))))
    told = found["问题"][2][1]
    assert told.startswith("长" * 10_000)
    assert told.endswith("……（太长，全文见 publication.json）")


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("x")', "http://somewhere/else"])
def test_words_never_become_a_formula_or_a_link(publication, evil):
    sheet = publication.assessed.sheets[0]
    bodies = (evolve(sheet.bodies[0], body=evolve(sheet.bodies[0].body, name=evil)), *sheet.bodies[1:])
    content = tables(
        evolve(publication, assessed=evolve(publication.assessed, sheets=(evolve(sheet, bodies=bodies), *publication.assessed.sheets[1:])))
    )
    book = load_workbook(io.BytesIO(content))
    held = [cell for page in book for row in page.iter_rows() for cell in row if cell.value == evil]
    assert held
    assert {cell.data_type for cell in held} == {"s"}
    assert {cell.hyperlink for cell in held} == {None}
    parts = zipfile.ZipFile(io.BytesIO(content))
    assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_the_same_publication_gives_the_same_bytes(publication):
    assert tables(publication) == tables(made())


# -- JSON --------------------------------------------------------------------------------------------------------------


def test_the_json_is_of_the_shape_that_is_published(publication):
    import json

    from jsonschema import Draft202012Validator

    data = json.loads(json.dumps(publication_json(publication)))
    for format, part in (("minsheng.publication/1", data), ("minsheng.assessment/1", data["assessment"])):
        Draft202012Validator.check_schema(schema(format))
        Draft202012Validator(schema(format)).validate(part)
    assert data["standings"][10]["reaches"][0]["more"] == {"value": "1", "unit": "人"}
    with pytest.raises(KeyError):
        schema("minsheng.nothing/1")


def test_the_published_shape_refuses_a_float_and_a_missing_rank(publication):
    from jsonschema import Draft202012Validator, ValidationError

    told = Draft202012Validator(schema("minsheng.assessment/1"))
    data = publication_json(publication)["assessment"]
    body = data["sheets"][0]["bodies"][0]
    for wrong in ({**body, "total": {"value": 102.5, "unit": "分"}}, {name: value for name, value in body.items() if name != "rank"}):
        data["sheets"][0]["bodies"][0] = wrong
        with pytest.raises(ValidationError):
            told.validate(data)
