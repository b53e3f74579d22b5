"""What docs/compatibility.md promises is held: old years keep their marks, the API its names, and plugins of the last minor version load."""

import hashlib
import importlib
import json
import re
import sys
import tomllib

import pluggy
import pytest

from conftest import ROOT
from minsheng_core import API_VERSION, Period, assess, assessment_json, hooks, load_plugins, load_scheme, prepare, read_reports
from minsheng_core.cli import main
from promises import api_text, held, marks_text

GOLDEN = ROOT / "tests/golden"
FROZEN = ROOT / "tests/frozen"
YEARS = sorted(folder.name for folder in (ROOT / "rules").iterdir() if folder.is_dir())


# ---- old years --------------------------------------------------------------------------------------------------------


def months(year):
    """The sample months of a year: examples/YEAR-MONTH."""
    return sorted(path for path in (ROOT / "examples").glob(f"{year}-*") if re.fullmatch(r"\d{4}-\d{2}", path.name))


def scored(prepared, folder):
    result = assess(prepared, read_reports([folder], prepared), Period.read(folder.name))
    return json.loads(json.dumps(assessment_json(result)))


@pytest.mark.parametrize("year", YEARS)
def test_every_year_that_ships_gives_the_marks_that_it_gave(year):
    prepared = prepare(load_scheme(ROOT / "rules" / year), load_plugins())
    assert months(year), f"rules/{year} has no sample month: add examples/{year}-MM, whose marks are held here"
    held(GOLDEN / f"{year}.txt", "\n".join(marks_text(scored(prepared, folder)) for folder in months(year)), f"the marks of {year}")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_the_two_goldens_of_a_month_say_the_same(path):
    whole = (GOLDEN / f"{path.stem[:4]}.txt").read_text(encoding="utf-8")
    assert marks_text(json.loads(path.read_text(encoding="utf-8"))) in whole


def test_a_mark_that_moved_is_told_with_the_way_to_mean_it(tmp_path, monkeypatch):
    path = tmp_path / "2023.txt"
    path.write_text("1 1 灰汤镇 100.8分 scored\n", encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match=r"- 1 1 灰汤镇 100\.8分 scored\n  \+ 1 1 灰汤镇 100\.7分.*\n.*MINSHENG_REGENERATE=1"):
        held(path, "1 1 灰汤镇 100.7分 scored\n", "the marks of 2023")
    monkeypatch.setenv("MINSHENG_REGENERATE", "1")
    with pytest.raises(pytest.fail.Exception, match="written anew"):  # it writes, and never passes by it
        held(path, "1 1 灰汤镇 100.7分 scored\n", "the marks of 2023")
    monkeypatch.delenv("MINSHENG_REGENERATE")
    held(path, "1 1 灰汤镇 100.7分 scored\n", "the marks of 2023")


# ---- the public API ---------------------------------------------------------------------------------------------------


def test_the_public_api_is_the_committed_list_of_names_and_signatures():
    held(GOLDEN / "api.txt", api_text(), "the public API")


def test_a_changed_argument_and_a_lost_name_are_seen(monkeypatch):
    import minsheng_core

    before = api_text()
    monkeypatch.setattr(minsheng_core, "allocate", lambda total, claims: {})
    assert "allocate(total, claims)" in set(api_text().splitlines()) - set(before.splitlines())
    monkeypatch.undo()
    monkeypatch.setattr(minsheng_core, "__all__", [name for name in minsheng_core.__all__ if name != "meets"])
    assert [line.partition("(")[0] for line in before.splitlines() if line not in api_text().splitlines()] == ["meets"]


def test_every_place_where_the_compatibility_page_names_a_version_is_this_one():
    page = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"the version is {version}" in page
    assert f"API is {API_VERSION[0]}.{API_VERSION[1]}" in page


# ---- plugins of earlier versions --------------------------------------------------------------------------------------

# What each frozen plugin must hash to, so that nobody puts one right instead of the core.
DIGESTS = {"plugin-0.1": "30c3cc3440ee9f635e5642c2f11f16bc25a00336e06eada5b85c7ad53ae41f77"}
PLUGINS = sorted(path.name for path in FROZEN.glob("plugin-*"))


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a frozen plugin on the path with its entry point, as pip would, and gives its folder."""

    def put(name="plugin-0.1"):
        project = tomllib.loads((FROZEN / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
        points = "\n".join(f"{key} = {value}" for key, value in project["entry-points"]["minsheng_core"].items())
        (info / "entry_points.txt").write_text(f"[minsheng_core]\n{points}\n", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.syspath_prepend(FROZEN / name / "src")
        importlib.invalidate_caches()
        return FROZEN / name

    yield put
    for name in [one for one in sys.modules if one.startswith("minsheng_housing")]:
        del sys.modules[name]


def loaded():
    plugins = load_plugins(only=["housing"])
    (info,) = [one for one in plugins.infos if one.name == "housing"]
    return plugins, info


def example(folder, plugins):
    prepared = prepare(load_scheme(folder / "example/scheme"), plugins)
    result = assess(prepared, read_reports([folder / "example/reports"], prepared), Period(2024, 10))
    return marks_text(json.loads(json.dumps(assessment_json(result))))


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return hashlib.sha256(
        b"".join(str(one.relative_to(folder).as_posix()).encode() + b"\0" + one.read_bytes() for one in files)
    ).hexdigest()


@pytest.mark.parametrize("name", PLUGINS)
def test_a_frozen_plugin_was_not_edited(name):
    assert digest(FROZEN / name) == DIGESTS[name], (
        f"tests/frozen/{name} was edited: it stands for plugins that others built, which nobody can edit"
    )
    for path in (FROZEN / name).rglob("*.py"):
        assert "Never edit" in path.read_text(encoding="utf-8").splitlines()[0]


def test_a_plugin_of_the_last_minor_version_is_kept():
    """The release of 0.2 needs plugin-0.1 to load; once it is out, plugin-0.2 is made for 0.3."""
    major, minor = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"].split(".")[:2]
    assert f"plugin-{major}.{max(int(minor) - 1, 1)}" in PLUGINS


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_that_was_built_against_an_earlier_version_loads_and_scores_as_it_did(name, install):
    folder = install(name)
    plugins, info = loaded()
    assert (info.state, info.reason, info.kinds, info.distribution) == ("active", "", ("housing.done",), "minsheng-housing")
    held(GOLDEN / f"{name}.txt", example(folder, plugins), f"what {name} scores")


def test_it_loads_with_every_later_minor_of_the_api_and_says_so_where_the_major_is_another(install, monkeypatch):
    folder = install()
    expected = (GOLDEN / "plugin-0.1.txt").read_text(encoding="utf-8")
    for version in ((1, 1), (1, 9)):
        monkeypatch.setattr(hooks, "API_VERSION", version)
        assert example(folder, loaded()[0]) == expected
    for version in ((2, 0), (0, 9)):
        monkeypatch.setattr(hooks, "API_VERSION", version)
        _, info = loaded()
        assert (info.state, info.reason) == ("incompatible", f"speaks API (1, 0), this core speaks {version}")


def test_hooks_that_take_fewer_arguments_than_the_specification_are_asked_without_them(install, monkeypatch):
    """A hook gains an argument: the specification names it, the core hands it over, and old plugins never see it."""
    folder = install()

    class Later:
        @hooks.hookspec
        def minsheng_indicators(self, year, region):
            """What the plugin measures in that year."""

        @hooks.hookspec
        def minsheng_rules(self, year):
            """Its rules for that year."""

    def asked(manager, name):
        given = {"year": 2027, "region": "430182"} if name == "minsheng_indicators" else {"year": 2027}
        return [one for many in getattr(manager.hook, name)(**given) for one in many]

    monkeypatch.setattr(hooks, "Hooks", Later)
    monkeypatch.setattr(hooks, "_asked", asked)
    plugins, info = loaded()
    assert (info.state, info.reason) == ("active", "")
    assert example(folder, plugins) == (GOLDEN / "plugin-0.1.txt").read_text(encoding="utf-8")


def with_hook(install, monkeypatch, **options):
    """The frozen plugin with one hook more, of a core that is yet to come."""
    install()
    module = importlib.import_module("minsheng_housing")

    def minsheng_notices():
        return []

    monkeypatch.setattr(module, "minsheng_notices", pluggy.HookimplMarker("minsheng_core")(minsheng_notices, **options), raising=False)


def test_a_hook_of_a_later_core_is_a_clear_finding_and_not_a_crash(install, monkeypatch, capsys):
    with_hook(install, monkeypatch)
    plugins, info = loaded()
    assert info.state == "failed"
    assert re.match(
        r"unknown hook 'minsheng_notices'; this core \(API \(1, 0\)\) has minsheng_indicators, .*optionalhook=True", info.reason
    )
    assert plugins.indicators == {}
    monkeypatch.setenv("MINSHENG_PLUGINS", "insurance,housing")
    assert main(["plugins"]) == 1
    told = capsys.readouterr().out
    assert re.search(r"housing .*failed.*unknown hook 'minsheng_notices'", told)
    assert re.search(r"insurance .*active", told)


def test_a_plugin_that_calls_such_a_hook_optional_loads_without_it(install, monkeypatch):
    with_hook(install, monkeypatch, optionalhook=True)
    plugins, info = loaded()
    assert (info.state, info.reason) == ("active", "")
    assert "housing.done" in plugins.indicators


def test_a_plugin_written_for_a_newer_minor_says_which_core_it_wants(install, monkeypatch):
    install()
    monkeypatch.setattr(importlib.import_module("minsheng_housing"), "MINSHENG_API", (1, 1))
    _, info = loaded()
    assert (info.state, info.reason) == ("incompatible", "speaks API (1, 1), this core speaks (1, 0)")
