"""The documents are true: the README's Python runs, its commands exist, both READMEs show the same, every hook is described."""

import re
import shutil
from pathlib import Path

from minsheng_core.cli import COMMANDS
from minsheng_core.hooks import Hooks

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_python_of_the_readme_runs(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MINSHENG_CACHE", str(tmp_path))
    for code in blocks(ENGLISH, "python"):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README's own example
    told = capsys.readouterr().out
    assert "1 灰汤镇" in told
    assert "\n7839\n" in told


def test_the_python_of_the_ledgers_pages_runs(monkeypatch, tmp_path):
    shutil.copytree(ROOT / "examples/2023-10", tmp_path / "examples/2023-10")
    monkeypatch.chdir(tmp_path)
    for name in ("ledger", "publishing"):
        for code in blocks((ROOT / f"docs/{name}.md").read_text(encoding="utf-8"), "python"):
            exec(compile(code, name, "exec"), {})  # noqa: S102 - the page's own example


def test_both_readmes_show_the_same_commands_and_code():
    for language in ("sh", "python"):
        assert blocks(ENGLISH, language) == blocks(CHINESE, language)
    for text in (ENGLISH, CHINESE):
        assert [command for command in COMMANDS if f"`minsheng {command}" not in text] == []


def test_every_hook_is_described():
    page = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    assert [name for name in vars(Hooks) if name.startswith("minsheng_") and f"`{name}`" not in page] == []


def test_links_inside_the_documents_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("plugins/*/README.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_sample_data_says_that_it_is_invented():
    files = list((ROOT / "examples").rglob("*.csv"))
    assert len({path.parent.name for path in files}) >= 5
    for path in files:
        assert ".invented." in path.name
        assert "invented sample data" in path.read_text(encoding="utf-8").splitlines()[0]
