"""What the tests share: the real scheme with the real plugins, and a way to assess made-up report files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from minsheng_core import Period, assess, latest_period, load_plugins, load_scheme, prepare, read_reports

ROOT = Path(__file__).parents[1]
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
