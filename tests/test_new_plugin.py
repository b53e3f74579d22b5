"""A plugin made by one command: it passes its own tests and the conformance suite, is found by its entry point, and scores something."""

import os
import re
import subprocess
import sys

import pytest

from minsheng_core.cli import main

COMMAND = "import sys; from minsheng_core.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def roads(tmp_path_factory):
    """The plugin of the guide, installed as far as Python can tell: on the path, with its entry point."""
    folder = tmp_path_factory.mktemp("new") / "minsheng-roads"
    assert main(["new-plugin", "roads", "--title", "新改建农村公路", "--unit", "公里", "--decimals", "2", "--out", str(folder)]) == 0
    info = folder / "src/minsheng_roads-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: minsheng-roads\nVersion: 0.1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[minsheng_core]\nroads = minsheng_roads\n", encoding="utf-8")
    return folder


def run(folder, *words):
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "MINSHENG_PLUGINS": "roads", "PYTHONUTF8": "1"}
    told = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return told.returncode, told.stdout + told.stderr


@pytest.mark.slow
def test_it_passes_its_own_tests_and_every_check_of_the_conformance_suite(roads):
    code, out = run(roads, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert code == 0, out
    assert "minsheng conformance: TestRoads: 19 of 19 checks ran" in out


def test_it_is_found_checked_and_scores_its_example(roads):
    code, out = run(roads, "-c", COMMAND, "plugins")
    assert "roads.done" in out, out
    assert run(roads, "-c", COMMAND, "check", "example/scheme")[0] == 0
    code, out = run(roads, "-c", COMMAND, "assess", "example/scheme", "--reports", "example/reports")
    assert code == 0, out
    assert "甲镇" in out
    assert "75.00" in out  # 30 of 40
    assert run(roads, "-c", COMMAND, "audit", "example/scheme", "--no-proof")[0] == 0


def test_it_imports_the_public_api_and_nothing_else_and_is_clean(roads):
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,B,UP", "--ignore", "E501", "src", "tests"]
    told = subprocess.run(ruff, cwd=roads, capture_output=True, text=True, check=False)
    if "No module named" not in told.stderr:
        assert told.returncode == 0, told.stdout
    for path in roads.rglob("*.py"):
        assert not re.search(r"(from|import) minsheng_core\.", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Roads"], "'Roads' is not"),
        (["class"], "'class' is not"),
        (["../x"], "is not"),
        (["roads", "--title", 'a"b'], "without quotes"),
        (["roads", "--title", "路", "--unit", "里"], "unknown unit"),
        (["roads", "--title", "路", "--out", "."], "is there already"),
    ],
)
def test_what_could_not_be_a_plugin_is_refused(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = words if "--title" in words else [*words, "--title", "路"]
    assert main(["new-plugin", *words]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
