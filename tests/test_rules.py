"""Real scoring papers as rule files, and invented ones: each is checked, and each holds cases worked out by hand."""

from pathlib import Path

import pytest

from minsheng_core import Severity, check_rules, load_plugins

FOLDER = Path(__file__).parents[1] / "examples/rules"
FILES = sorted(FOLDER.glob("*.toml"))


def errors(path):
    return [one for one in check_rules(path, load_plugins())[1] if one.severity is Severity.ERROR]


def edited(tmp_path, name, old, new):
    """That file with one place changed, and the number of the changed line."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path = tmp_path / f"{name}.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_paper_holds_and_comes_to_what_its_cases_say(path):
    scheme, findings = check_rules(path, load_plugins())
    assert [str(one) for one in findings if one.severity is Severity.ERROR] == []
    assert any(len(example.cases) >= 3 for example in scheme.examples)
    assert {example.sheet for example in scheme.examples} == {sheet.id for sheet in scheme.sheets}  # no sheet without a case
    assert all(case.get("expect") for example in scheme.examples for case in example.cases)


def test_the_table_of_papers_names_every_file():
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")} == {path.stem for path in FILES}


def test_a_paper_of_another_place_says_where_it_was_found_and_an_invented_one_that_it_is():
    for path in FILES:
        scheme, _ = check_rules(path, load_plugins())
        words = {"invented": "虚构", "proposal": "建议稿"}.get(path.stem.partition("-")[0], "FOUND-")
        assert all(words in document.note for document in scheme.documents), path.stem


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("liyang-2018", 'insured = "1019人", target = "1000人", expect = { total = "11分"', 'insured = "1019人", target = "1000人", expect = { total = "12分"'),
        ("anhui-2008", 'total = "87.7分"', 'total = "87.8分"'),
        ("traffic-lights", 'done = "39.99%", expect = { light = "黄灯" }', 'done = "39.99%", expect = { light = "红灯" }'),
        ("supervision", 'severe = "1次", expect = { total = "88分", rank = "3", barred = "true" }', 'severe = "1次", expect = { total = "88分", rank = "3", barred = "false" }'),
    ],
)  # fmt: skip
def test_a_wrong_expectation_is_reported_at_its_line(tmp_path, name, right, wrong):
    path, line = edited(tmp_path, name, right, wrong)
    (finding,) = errors(path)
    assert (finding.code, finding.place.line) == ("rule.example", line)
    assert "the example says" in finding.message


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("xiushan-2023", "1.05 * last_year", "1.06 * last_year"),
        ("huainan-2016", "<= 2) >= 3", "<= 2) >= 4"),
        ("yanan-2017", '{ at = "4次", value = "20分" }', '{ above = "4次", value = "20分" }'),
        ("huaihe-water", ">= 0.7 else", "> 0.7 else"),
        ("water-points", 'base = "80%"', 'base = "80.1%"'),
        ("traffic-lights", 'yellow = "10百分点"', 'yellow = "10.01百分点"'),
        ("classes", "done.done >= most * done.target", "done.done > most * done.target"),
        ("invented-bands", '{ above = "300元", value = "8分" }', '{ at = "300元", value = "8分" }'),
        ("invented-groups", '{ at = "4", value = "24分" }', '{ at = "5", value = "24分" }'),
        ("invented-streaks", 'streak(place == "末位") >= 3', 'streak(place == "末位") > 3'),
        ("invented-works", "from = 2024-07-01", "from = 2024-08-01"),
        ("invented-survey", '{ above = "90%", value = "25分" }', '{ at = "90%", value = "25分" }'),
    ],
)
def test_a_paper_with_one_bound_moved_fails_its_own_cases(tmp_path, name, old, new):
    path, _ = edited(tmp_path, name, old, new)
    found = errors(path)
    assert found
    assert {one.code for one in found} == {"rule.example"}


def test_a_label_names_what_follows_from_an_items_figures(tmp_path):
    """invented-works holds its lights against ``money.progress``, which no column gives."""
    scheme, _ = check_rules(FOLDER / "invented-works.toml", load_plugins())
    assert "money.progress" in scheme.sheets[0].labels[0].formula
    path, _ = edited(tmp_path, "invented-works", "undetermined if missing(money.progress) else ", "")
    assert "money.progress may be missing" in errors(path)[0].message


def test_a_figure_that_an_item_does_not_have_is_answered_with_those_it_has(tmp_path):
    path, line = edited(tmp_path, "invented-streaks", "solved.visits == 0", "solved.visit == 0")
    (finding,) = errors(path)
    assert finding.message == "unknown name 'solved.visit'; solved has marks, progress, solved, target, visits"
    path, _ = edited(tmp_path, "invented-streaks", "solved.visits == 0", "disputes.visits == 0")
    assert errors(path)[0].message == "unknown name 'disputes.visits'; the items here are solved"
    assert finding.place.line == line


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ('{ body = "v", period = "2018-12", insurd = "1人", target = "1人", expect = {} }', "no column 'insurd'"),
        ('{ body = "v", period = "2018-12", insured = "1所", target = "1人", expect = {} }', "insured: "),
        ('{ body = "v", period = "Dec", insured = "1人", target = "1人", expect = {} }', "period: "),
        ('{ body = "v", period = "2018-12", insured = "1人", target = "1人", expect = { totl = "1分" } }', "gives no 'totl'"),
        ('{ body = "v", period = "2018-12", insured = "1人", target = "1人", expect = { total = "many" } }', "total comes to 10分, the example says many"),
    ],
)  # fmt: skip
def test_an_example_that_cannot_be_read_is_a_mistake(tmp_path, case, message):
    text = (FOLDER / "liyang-2018.toml").read_text(encoding="utf-8")
    path = tmp_path / "x.toml"
    path.write_text(
        text[: text.index("[[example]]")] + f'[[example]]\ntitle = "x"\nsheet = "villages"\ncase = [{case}]\n', encoding="utf-8"
    )
    assert any(message in one.message for one in errors(path)), [str(one) for one in errors(path)]
