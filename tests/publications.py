"""The invented fourth quarter of 2023 as a publication, straight from its report files."""

from datetime import date
from pathlib import Path

from minsheng_core import Period, assess, load_plugins, load_scheme, prepare, read_reports
from minsheng_core.period import Span
from minsheng_core.publish.publication import Publication

EXAMPLES = Path(__file__).parents[1] / "examples"


def made(span="2023-Q4", **more):
    prepared = prepare(load_scheme("2023"), load_plugins())
    here = Path.cwd()
    folders = [
        (EXAMPLES / name).relative_to(here) if EXAMPLES.is_relative_to(here) else EXAMPLES / name
        for name in ("2023-10", "2023-11", "2023-12")
    ]
    filed = read_reports(folders, prepared)
    months = tuple(assess(prepared, filed, Period(2023, month)) for month in (10, 11, 12))
    told = {"number": 4, "issued": date(2024, 1, 10), "before": months[0], "months": months, "sample": True}
    return Publication(prepared=prepared, assessed=months[-1], span=Span.read(span), **(told | more))
