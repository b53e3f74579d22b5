"""The kilometres of roads keep what the core's protocols promise, with any road and with a list of them."""

from pathlib import Path

from minsheng_core import Case, IndicatorConformance, Period, load_scheme
from minsheng_roads import RoadsBuilt

SCHEME = load_scheme(Path(__file__).parents[3] / "examples/invented-roads")


class TestRoadsBuilt(IndicatorConformance):
    indicator = RoadsBuilt()
    typical = {
        "grade": "四级", "planned": "3.2", "started": "3.2", "finished": "3.2", "accepted": "3.2", "finished_on": "2023-08-31",
        "accepted_on": "2023-09-20", "certificate": "验〔2023〕1号", "funds": "256", "paid": "180.5",
    }  # fmt: skip


class TestRoadsOnTheList(TestRoadsBuilt):
    def case_for(self, indicator):
        """道林镇, which the list gives two of its eight roads."""
        roads, town = SCHEME.indicator("roads"), SCHEME.body("430182101")
        target = next(one.value for one in roads.shares if one.body == town.id)
        return Case(indicator=roads, body=town, period=Period(2023, 10), reports=(), target=target)
