"""A plugin made by one command: it passes its own tests and the conformance suite, is found by its entry point, and scores something."""

import os
import re
import subprocess
import sys

import pytest

from minsheng_core.cli import main

COMMAND = "import sys; from minsheng_core.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def housing(tmp_path_factory):
    """The plugin of the guide, installed as far as Python can tell: on the path, with its entry point."""
    folder = tmp_path_factory.mktemp("new") / "minsheng-housing"
    assert main(["new-plugin", "housing", "--title", "保障性租赁住房", "--unit", "套", "--out", str(folder)]) == 0
    info = folder / "src/minsheng_housing-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: minsheng-housing\nVersion: 0.1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[minsheng_core]\nhousing = minsheng_housing\n", encoding="utf-8")
    return folder


def run(folder, *words):
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "MINSHENG_PLUGINS": "housing", "PYTHONUTF8": "1"}
    told = subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return told.returncode, told.stdout + told.stderr


@pytest.mark.slow
def test_it_passes_its_own_tests_and_every_check_of_the_conformance_suite(housing):
    code, out = run(housing, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert code == 0, out
    assert "minsheng conformance: TestHousing: 19 of 19 checks ran" in out


def test_it_is_found_checked_and_scores_its_example(housing):
    code, out = run(housing, "-c", COMMAND, "plugins")
    assert "housing.done" in out, out
    assert run(housing, "-c", COMMAND, "check", "example/scheme")[0] == 0
    code, out = run(housing, "-c", COMMAND, "assess", "example/scheme", "--reports", "example/reports")
    assert code == 0, out
    assert "甲镇" in out
    assert "75.00" in out  # 30 of 40
    assert run(housing, "-c", COMMAND, "audit", "example/scheme", "--no-proof")[0] == 0


def test_it_imports_the_public_api_and_nothing_else_and_is_clean(housing):
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,B,UP", "--ignore", "E501", "src", "tests"]
    told = subprocess.run(ruff, cwd=housing, capture_output=True, text=True, check=False)
    if "No module named" not in told.stderr:
        assert told.returncode == 0, told.stdout
    for path in housing.rglob("*.py"):
        assert not re.search(r"(from|import) minsheng_core\.", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["Roads"], "'Roads' is not"),
        (["class"], "'class' is not"),
        (["../x"], "is not"),
        (["roads"], "'roads' is installed already"),
        (["housing", "--title", 'a"b'], "without quotes"),
        (["housing", "--title", "房", "--unit", "间房"], "unknown unit"),
        (["housing", "--title", "房", "--out", "."], "is there already"),
    ],
)
def test_what_could_not_be_a_plugin_is_refused(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = words if "--title" in words else [*words, "--title", "路"]
    assert main(["new-plugin", *words]) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
