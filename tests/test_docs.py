"""The documents are true: the README's Python runs, its commands exist, both READMEs show the same, every hook is described."""

import io
import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from docx import Document

from minsheng_core.cli import COMMANDS, main
from minsheng_core.hooks import Hooks

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


# -- everything shown is run -------------------------------------------------------------------------------------------------


def test_the_python_of_the_readme_runs(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("MINSHENG_CACHE", str(tmp_path))
    for code in blocks(ENGLISH, "python"):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the README's own example
    told = capsys.readouterr().out
    assert "1 灰汤镇" in told
    assert "\n7839\n" in told


def filled(folder):
    """What the ledger's page begins with: a workbook that a township has filled in."""
    from openpyxl import load_workbook

    main(["template", "2023", "--body", "沩山乡", "--period", "2023-10"])
    path = folder / "沩山乡-2023-10.xlsx"
    book = load_workbook(path)
    sheet = book["城乡居民基本养老保险参保人数"]
    for cell, value in {"F2": "2023-11-03", "A5": 10490, "G5": 10480, "I5": "沩人社〔2023〕1号"}.items():
        sheet[cell] = value
    book.save(path)


def next_year(folder):
    """What the audit's page holds against each other: two years' rules, and reports."""
    main(["new-year", "2024", "--from", "rules/2023"])
    shutil.copytree(folder / "examples/2023-10", folder / "reports")


def wheels(folder):
    """What the page on plugins begins with: an empty folder with nothing but a built wheel."""
    for one in folder.iterdir():
        shutil.rmtree(one)
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", folder / "wheels", ROOT], capture_output=True, check=True)


def paper(folder):
    """What the page on drafting begins with: a short paper of an invented county, and the list of its bodies."""
    document = Document()
    for line in (
        "某县民生实事办公室",
        "关于印发《2030年民生实事任务分解方案（虚构）》的通知",
        "2030年3月1日",
        "一、任务分解",
        "（一）改造农村危房。全年改造农村危房50户：甲镇20户、乙乡30户。（牵头单位：县住建局）",
    ):
        document.add_paragraph(line)
    document.save(folder / "方案.docx")
    (folder / "名单.csv").write_text("名称,类型\n甲镇,镇\n乙乡,乡\n县住建局,县直\n", encoding="utf-8")


BEFORE = {"ledger": filled, "audit": next_year, "plugins": wheels, "draft": paper}
PAGES = sorted(
    page.stem
    for page in (ROOT / "docs").glob("*.md")
    if page.stem != "serving"  # whose requests test_service makes
    and re.search(r"^```(sh|python)$", page.read_text(encoding="utf-8"), re.MULTILINE)
)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_shows_is_run_and_says_what_it_says(name, monkeypatch, tmp_path):
    """Its files are written (``# NAME`` in the first line), its shell and Python run in one folder in order, and each output that
    stands below has its lines in that order."""
    for folder in ("rules", "examples", "tests/planted"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    BEFORE.get(name, lambda folder: None)(tmp_path)
    said, names = None, {}
    page = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if language in ("toml", "text") and (file := re.match(r"# ([\w./-]+\.\w+)\b", code)):
            (tmp_path / file[1]).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file[1]).write_text(code, encoding="utf-8")
            said = None
        elif language == "sh":
            ran = subprocess.run(["bash", "-euo", "pipefail", "-c", code], capture_output=True, text=True, check=False)
            assert ran.returncode == 0, (code, ran.stdout[-2000:], ran.stderr[-2000:])
            said = ran.stdout + ran.stderr
        elif language == "python":
            out = io.StringIO()
            with redirect_stdout(out):
                exec(compile(code, f"{name}.md", "exec"), names)  # noqa: S102 - the page's own example
            said = out.getvalue()
        elif language == "text" and said is not None:
            at = 0
            for line in code.splitlines():
                assert line.strip() in said[at:], (line, said)
                at = said.index(line.strip(), at) + len(line.strip())
            said = None


def test_both_readmes_show_the_same_commands_and_code():
    for language in ("sh", "python"):
        assert blocks(ENGLISH, language) == blocks(CHINESE, language)
    for text in (ENGLISH, CHINESE):
        assert [command for command in COMMANDS if f"`minsheng {command}" not in text] == []


def test_a_plugin_and_a_year_take_under_ten_commands():
    """They are run above, from a built wheel in an empty folder."""
    page = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    (commands,) = blocks(page, "sh")
    assert len(commands.splitlines()) < 10
    for word in ("new-plugin", "new-year", "assess", "pytest"):
        assert word in commands


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
