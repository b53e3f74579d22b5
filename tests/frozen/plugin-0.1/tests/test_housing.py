# FROZEN: as `minsheng new-plugin` of 0.1 made it. Never edit: it stands for the plugins that others built against 0.1.
"""保障性租赁住房: the invented example, scored; then what must be refused."""

from pathlib import Path

from minsheng_core import (
    Period,
    assess,
    load_plugins,
    load_scheme,
    prepare,
    read_reports,
)

EXAMPLE = Path(__file__).parents[1] / "example"


def scored(reports=EXAMPLE / "reports"):
    prepared = prepare(load_scheme(EXAMPLE / "scheme"), load_plugins(only=["housing"]))
    return assess(prepared, read_reports([reports], prepared), Period(2024, 10))


def test_marks_follow_what_was_done():
    (sheet,) = scored().sheets
    assert [(one.rank, one.body.name, str(one.total)) for one in sheet.bodies] == [(1, "甲镇", "100分"), (2, "乙镇", "75分")]


def test_a_body_that_files_twice_is_named_and_not_ranked(tmp_path):
    lines = (EXAMPLE / "reports/housing.invented.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "housing.csv").write_text("\n".join([*lines, lines[-1]]), encoding="utf-8")
    result = scored(tmp_path)
    assert [one.code for one in result.findings if one.severity.value == "error"] == ["housing.duplicate"]
    assert [one.body.name for one in result.sheets[0].bodies if one.rank is None] == ["乙镇"]
