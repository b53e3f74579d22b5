"""The pytest plugin: how many conformance checks ran, and rule files as tests (``--minsheng-rules rules/2023``).

pytest imports this file at every start, so it imports nothing else until a conformance class or the option is there.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from ..hooks import Plugins
    from ..scoring.prepare import Prepared

OPTION = "minsheng_rules"
Test = tuple[str, str, Callable[[], str]]  # sheet, name, and what to run: it says what is wrong, or nothing


def pytest_addoption(parser: "pytest.Parser") -> None:
    """``--minsheng-rules PATH`` (by itself: only these; may be repeated) and the ini line ``minsheng_rules = PATH …`` (as well)."""
    words = "test the rule files of this folder or file: worked examples, and what every rule must keep"
    parser.getgroup("minsheng").addoption("--minsheng-rules", action="append", default=[], metavar="PATH", dest=OPTION, help=words)
    parser.addini(OPTION, f"{words}, in every run", type="paths", default=[])


def pytest_configure(config: "pytest.Config") -> None:
    """Starts counting. Rules are among what is collected; where they are named and nothing else, they are all of it."""
    config.pluginmanager.register(_Counter(config), "minsheng-counter")
    asked = [str((config.invocation_params.dir / one).resolve()) for one in config.getoption(OPTION)]
    always = [str(one) for one in config.getini(OPTION)]
    only = asked and config.args_source is not type(config).ArgsSource.ARGS
    if asked or always:
        config.args = [*([] if only else config.args), *(one for one in [*asked, *always] if one not in config.args)]
        config.pluginmanager.register(_Rules({Path(one) for one in [*asked, *always]}), "minsheng-rules")


# -- how many checks ran -------------------------------------------------------------------------------------------


class _Count:
    """One class: its checks, and what became of each."""

    def __init__(self, cls: Any) -> None:
        self.checks = {check.name for check in cls.suite.checks}
        self.told: dict[str, str] = {}

    @property
    def missing(self) -> list[str]:
        return sorted(self.checks - self.told.keys())


class _Counter:
    """Counts the checks of one session, by class."""

    def __init__(self, config: "pytest.Config") -> None:
        self.config = config
        self.counts: dict[str, _Count] = {}

    @property
    def narrowed(self) -> bool:
        """Whether the command line asked for some tests only."""
        from .classes import narrowed

        return narrowed(self.config) or bool(self.config.option.collectonly)

    def pytest_itemcollected(self, item: "pytest.Item") -> None:
        """Remembers every conformance class before anything is deselected."""
        cls = getattr(item, "cls", None)
        if cls is not None and hasattr(cls, "test_all_checks_ran") and hasattr(cls, "suite") and item.parent is not None:
            self.counts.setdefault(item.parent.nodeid, _Count(cls))

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        """Takes down what a test said of its check."""
        told = dict(report.user_properties).get("minsheng")
        parent, _, name = report.nodeid.partition("[")[0].rpartition("::")
        if parent in self.counts and told and report.when == "call":
            self.counts[parent].told[name.removeprefix("test_")] = str(told)

    def pytest_sessionfinish(self, session: "pytest.Session", exitstatus: int) -> None:
        """A run in which a check was left out is red, even where everything that ran was green."""
        if exitstatus == 0 and any(count.missing for count in self.counts.values()) and not self.narrowed:
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line a class: n of n checks ran."""
        if not self.counts or self.config.option.collectonly:
            return
        from .suite import INSTALL, can_sample

        for nodeid, count in self.counts.items():
            unasked = sum(told == "not asked" for told in count.told.values())
            asked, missing = len(count.checks) - unasked, count.missing
            partly = bool(missing) and self.narrowed
            rest = "the command line asked for these only" if partly else f"missing: {', '.join(missing)}"
            words = f"{asked - len(missing)} of {asked} checks ran" + (f", {unasked} not asked" if unasked else "")
            line = f"minsheng conformance: {nodeid.rpartition('::')[2]}: {words}" + (f"; {rest}" if missing else "")
            terminalreporter.write_line(line, red=bool(missing) and not partly, yellow=partly, green=not missing)
        if not can_sample():
            terminalreporter.write_line(f"without random cases: hypothesis isn't installed ({INSTALL})", yellow=True)


# -- rules as tests ------------------------------------------------------------------------------------------------


class _Rules:
    """Registered only where rules are asked for: makes the folder or file a collector of its own."""

    def __init__(self, paths: set[Path]) -> None:
        self.paths = paths

    def pytest_collect_directory(self, path: Path, parent: "pytest.Collector") -> Any:
        return _collectors()[0].from_parent(parent, path=path) if path in self.paths else None

    def pytest_collect_file(self, file_path: Path, parent: "pytest.Collector") -> Any:
        return _collectors()[1].from_parent(parent, path=file_path) if file_path in self.paths else None


@cache
def _collectors() -> tuple[Any, Any]:
    """The collectors of a folder and of a file; made here, because pytest is imported here."""
    import pytest

    class Wrong(Exception):
        """What a rule's test found."""

    class RuleItem(pytest.Item):
        run: Callable[[], str]

        def runtest(self) -> None:
            if words := self.run():
                raise Wrong(words)

        def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
            return str(excinfo.value) if isinstance(excinfo.value, Wrong) else super().repr_failure(excinfo, style)

        def reportinfo(self) -> tuple[Path, int | None, str]:
            return self.path, None, self.nodeid

    class Group(pytest.Collector):
        tests: list[Test]

        def collect(self) -> Iterator[Any]:
            for _, name, run in self.tests:
                item = RuleItem.from_parent(self, name=name)
                item.run = run
                yield item

    def collect(self: Any) -> Iterator[Any]:
        tests = _tests(self.path)
        for name in dict.fromkeys(sheet for sheet, _, _ in tests):
            group = Group.from_parent(self, name=name)
            group.tests = [test for test in tests if test[0] == name]
            yield group

    folder = type("RulesFolder", (pytest.Directory,), {"collect": collect})
    return folder, type("RulesFile", (pytest.File,), {"collect": collect})


def _tests(path: Path) -> list[Test]:
    """The tests of a rule folder: that it loads, its promises, its worked examples."""
    from ..errors import MinshengError
    from ..hooks import load_plugins
    from ..scheme.load import load_scheme
    from ..scoring.prepare import prepare

    try:
        plugins = load_plugins()
        prepared = prepare(load_scheme(path), plugins)
    except MinshengError as error:
        words = str(error)
        return [("rules", "load", lambda: words)]
    return [("rules", "load", lambda: ""), *_promise_items(path, plugins), *_example_items(prepared)]


def _example_items(prepared: "Prepared") -> Iterator[Test]:
    """One test for each worked example."""
    from attrs import evolve

    from ..scoring.examples import check_examples

    def run(index: int) -> str:
        one = evolve(prepared, scheme=evolve(prepared.scheme, examples=(prepared.scheme.examples[index],)))
        return "\n".join(str(finding) for finding in check_examples(one))

    for index, example in enumerate(prepared.scheme.examples):
        yield "example", example.title, lambda index=index: run(index)  # type: ignore[misc] # the index of now


def _promise_items(path: Path, plugins: "Plugins") -> Iterator[Test]:
    """One test for each sheet and promise: ``(sheet id, promise, run)``, where run gives what fails, in words, or nothing."""
    from ..audit.result import Result, Verdict
    from ..audit.run import audit_scheme
    from ..scheme.load import load_scheme

    audit, _ = audit_scheme(load_scheme(path), plugins, source=str(path))
    found: dict[tuple[str, str], list[Result]] = {}
    for one in audit.results:
        found.setdefault((one.rule, one.promise.code), []).append(one)

    def run(results: list[Result]) -> str:
        wrong = [one for one in results if one.fails or one.verdict is Verdict.CONFLICT]
        return "\n".join(f"{one.place or one.rule}: {one.promise.says[1]}: {one.words[1]} [{one.key}]" for one in wrong)

    for (rule, code), results in found.items():
        yield rule, code, lambda results=results: run(results)  # type: ignore[misc] # the results of now
