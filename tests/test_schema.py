"""The schema of rule files: every shipped file fits, it knows exactly the loader's keys, and it refuses nothing that the loader takes."""

import copy
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import attrs
import pytest
import tomli
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from minsheng_core.cli import main
from minsheng_core.cli.work import installed_plugins
from minsheng_core.finding import Severity
from minsheng_core.scheme import model
from minsheng_core.scheme.facts import Placed
from minsheng_core.scheme.load import SINGULAR, TABLES, load_scheme, read_scheme
from minsheng_core.scheme.schema import MEANINGS, rule_schema, schema_text, shipped_schema
from minsheng_core.scheme.write import scheme_data, write_toml
from minsheng_core.scoring.check import check_rules

ROOT = Path(__file__).parents[1]
FILES = sorted([
    *ROOT.glob("rules/*/*.toml"), *ROOT.glob("examples/rules/*.toml"), *ROOT.glob("examples/faulty-rules/*.toml"), *ROOT.glob("plugins/*/src/*/rules.toml"),
    *ROOT.glob("tests/planted/*/*.toml"),
])  # fmt: skip
VALIDATOR = Draft202012Validator(rule_schema())
TOMBI = Path(sys.executable).with_name("tombi")


def plain(value):
    """TOML data as editors hand it to a schema: days are texts."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def mistakes(data):
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in VALIDATOR.iter_errors(plain(data))]


def refused(path):
    """Whether the loader, with the formulas and plugins, has an error in that file or folder."""
    return any(one.severity is Severity.ERROR for one in check_rules(path, installed_plugins())[1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_shipped_rule_file_fits(path):
    assert mistakes(tomli.loads(path.read_text(encoding="utf-8"))) == []


def test_what_the_commands_write_fits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "rules/2023", tmp_path / "rules/2023")
    assert main(["new-year", "2024", "--from", "rules/2023"]) == 0
    assert main(["new-plugin", "bridge", "--title", "桥梁", "--unit", "座"]) == 0
    written = [
        *tmp_path.glob("rules/2024/*.toml"),
        *(path for path in tmp_path.rglob("*.toml") if path.name in ("rules.toml", "scheme.toml") and "rules" not in path.parts),
    ]
    assert len(written) == 10
    for path in written:
        assert mistakes(tomli.loads(path.read_text(encoding="utf-8"))) == [], path
    assert mistakes(tomli.loads(write_toml(scheme_data(load_scheme("2023"))))) == []


def test_the_shipped_schema_is_the_one_that_the_model_makes(tmp_path, capsys):
    Draft202012Validator.check_schema(rule_schema())
    assert shipped_schema() == schema_text(), "write scheme/schemas/rules.json anew from scheme.schema.schema_text()"
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == rule_schema()
    assert main(["schema", "--out", str(tmp_path / "rules.json")]) == 0
    assert (tmp_path / "rules.json").read_text(encoding="utf-8") == shipped_schema()


def _classes(cls=Placed):
    for one in cls.__subclasses__():
        yield one
        yield from _classes(one)


def test_schema_and_model_know_the_same_tables_and_keys():
    schema = rule_schema()
    assert schema["properties"].keys() == {"scheme", *TABLES}
    scheme = {field for field, _ in TABLES.values()}
    for cls in set(_classes()) - {model.Sourced}:
        names = {one.name for one in attrs.fields(cls)} - {"place"} - (scheme if cls is model.Scheme else set())
        table = schema["$defs"][cls.__name__]
        keys = {key for key, said in table["properties"].items() if not said.get("deprecated")}
        assert keys == {SINGULAR.get(name, name) for name in names}, cls
        needed = {one.name for one in attrs.fields(cls) if one.default is attrs.NOTHING}
        assert set(table["required"]) == {name for name in needed if name not in SINGULAR}
    known = {key for table in schema["$defs"].values() for key in table.get("properties", {})}
    assert MEANINGS.keys() <= known


# -- never stricter than the loader --------------------------------------------------------------------------------------------------

WHOLE = [
    "examples/rules/invented-streaks.toml",
    "examples/rules/yanan-2017.toml",
    "examples/rules/traffic-lights.toml",
    "examples/rules/invented-works.toml",
]
SEEDS = [tomli.loads((ROOT / name).read_text(encoding="utf-8")) for name in WHOLE]
WRONG = st.sampled_from(
    [1, -1, True, "", "x", "1分", "assumption", [], ["x"], {}, {"x": 1}, [{"at": "1", "value": 2}], date(2023, 8, 2), 10**20, [1], [[]]]
)
KEYS = ["place", "x", "id", "shares", "share", "items", "item", "reason", "printed", "bands", "kind", "at", "title", "documents", "cases"]


def _paths(data, path=()):
    """Every place in the data: tables, their keys, and the items of lists."""
    yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, one in inner:
        yield from _paths(one, (*path, key))


PLACES = [list(_paths(one)) for one in SEEDS]


@st.composite
def mutated(draw):
    """A whole rule file with one to three things in it lost, put in or turned into something else."""
    which = draw(st.integers(0, len(SEEDS) - 1))
    data = copy.deepcopy(SEEDS[which])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES[which]))
        *above, last = path or ("scheme",)
        at = data
        try:
            for key in above:
                at = at[key]
            at[last]
        except (KeyError, IndexError, TypeError):
            continue
        act = draw(st.sampled_from(["lose", "change", "add", "rename"]))
        if act == "lose":
            del at[last]
        elif act == "change":
            at[last] = draw(WRONG)
        elif act == "rename" and isinstance(at, dict):
            at[draw(st.sampled_from(KEYS))] = at.pop(last)
        elif isinstance(at[last], dict):
            at[last][draw(st.sampled_from(KEYS))] = draw(WRONG)
    return data


@settings(max_examples=120, deadline=None)
@given(mutated())
def test_what_the_schema_refuses_the_loader_refuses(tmp_path_factory, data):
    told = mistakes(data)
    if told:
        path = tmp_path_factory.mktemp("rules") / "rules.toml"
        path.write_text(tomli_w.dumps(data), encoding="utf-8")
        assert refused(path), told


def _spoilt(cls, key, value):
    """A minimal table of that class with one key more, or another value."""
    data = copy.deepcopy(SEEDS[1])
    data[cls][0][key] = value
    return data


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("indicator", "traget", "1人"), ("indicator", "row", "5"), ("indicator", "target", "1人"), ("sheet", "bodies", "镇"), ("sheet", "full", 100),
        ("sheet", "place", "x"), ("body", "kind", 1), ("method", "formula", 1), ("method", "bands", []), ("document", "issued", True),
        ("sheet", "ranking", {"method": "best", "source": "assumption", "reason": "x"}), ("sheet", "rescale", "yes"), ("method", "parameters", {"most": 5}),
        ("method", "reason", ""), ("project", "source", 1), ("clause", "figures", [1]),
    ],
)  # fmt: skip
def test_unknown_keys_and_wrong_types_are_refused_by_both(tmp_path, table, key, value):
    data = _spoilt(table, key, value)
    if (table, key) == ("method", "reason"):
        data[table][0]["source"] = "assumption"
    assert mistakes(data)
    (tmp_path / "rules.toml").write_text(tomli_w.dumps(data), encoding="utf-8")
    assert refused(tmp_path / "rules.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[scheme]\nid = "x"\ntitle = "x"\nyear = 2024\ndocument = "d"\nbodies = []\n', "unknown key 'bodies'"),
        ('[scheme]\nid = "x"\ntitle = "x"\nyear = 2024\ndocument = "d"\nplace = "here"\n', "unknown key 'place'"),
        ('[[kind]]\nid = "k"\ntitle = "k"\nsource = "c"\nfield = []\nfields = []\n', "'field' is given twice"),
    ],
)
def test_keys_that_no_file_may_have_are_said_not_lost(tmp_path, text, message):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    found = [str(one) for one in read_scheme(path)[1]]
    assert any(message in one and f"{path}:" in one for one in found), found


# -- the style of the files ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not TOMBI.exists(), reason="tombi is in the group lint")
def test_shipped_and_written_files_are_as_the_formatter_leaves_them(tmp_path):
    def run(*words, cwd):
        return subprocess.run([TOMBI, *words, "--offline"], cwd=cwd, capture_output=True, text=True)

    for words in (("format", "--check"), ("lint", "--error-on-warnings")):
        done = run(*words, cwd=ROOT)
        assert done.returncode == 0, done.stderr
    shutil.copy(ROOT / "tombi.toml", tmp_path)
    schema = tmp_path / "src/minsheng_core/scheme/schemas/rules.json"
    schema.parent.mkdir(parents=True)
    schema.write_text(shipped_schema(), encoding="utf-8")
    whole = tmp_path / "rules/2023/whole.toml"
    whole.parent.mkdir(parents=True)
    whole.write_text(write_toml(scheme_data(load_scheme("2023"))), encoding="utf-8")
    for words in (("format", "--check"), ("lint", "--error-on-warnings")):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    whole.write_text('[scheme]\nid   = "x"\n', encoding="utf-8")
    assert run("format", "--check", cwd=tmp_path).returncode != 0
    assert run("lint", cwd=tmp_path).returncode != 0  # the other keys that it needs are missing
