"""Real scoring papers as rule files: each loads, and each comes to the figures that were worked out by hand."""

from pathlib import Path

import pytest

from minsheng_core import Severity, check_rules, load_plugins, load_scheme

RULES = Path(__file__).parents[1] / "examples/rules"
FILES = sorted(RULES.glob("*.toml"))


@pytest.fixture(scope="module")
def plugins():
    return load_plugins()


def errors(path, plugins):
    _, findings = check_rules(path, plugins)
    return [one for one in findings if one.severity is Severity.ERROR]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_paper_loads_and_its_worked_figures_hold(path, plugins):
    assert errors(path, plugins) == []
    examples = load_scheme(path).examples
    assert sum(len(example.cases) for example in examples) >= 3
    assert all(case["expect"] for example in examples for case in example.cases)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_figure_in_an_example_is_told_at_its_place(path, plugins, tmp_path):
    """Every expected total, moved by a hundredth, is found out."""
    text = path.read_text(encoding="utf-8")
    start = text.index('total = "', text.index("[[example]]"))
    end = text.index('"', start + 9)
    wrong = tmp_path / path.name
    wrong.write_text(text[:start] + 'total = "-7.77分' + text[end:], encoding="utf-8")
    (found,) = errors(wrong, plugins)
    assert found.code == "rule.example"
    assert found.place.line == text[:start].count("\n") + 1
    assert "the example says -7.77分" in found.message


def test_a_bound_that_is_moved_fails_its_example(plugins, tmp_path):
    path = tmp_path / "liyang.toml"
    path.write_text((RULES / "liyang-2018.toml").read_text(encoding="utf-8").replace('price = "1分"', 'price = "2分"'), encoding="utf-8")
    assert {one.code for one in errors(path, plugins)} == {"rule.example"}


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
def test_an_example_that_cannot_be_read_is_a_mistake(plugins, tmp_path, case, message):
    text = (RULES / "liyang-2018.toml").read_text(encoding="utf-8")
    path = tmp_path / "x.toml"
    path.write_text(
        text[: text.index("[[example]]")] + f'[[example]]\ntitle = "x"\nsheet = "villages"\ncase = [{case}]\n', encoding="utf-8"
    )
    assert any(message in one.message for one in errors(path, plugins)), [str(one) for one in errors(path, plugins)]
