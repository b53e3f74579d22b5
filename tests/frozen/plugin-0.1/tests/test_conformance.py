# FROZEN: as `minsheng new-plugin` of 0.1 made it. Never edit: it stands for the plugins that others built against 0.1.
"""What every plugin promises."""

from minsheng_core import IndicatorConformance

from minsheng_housing import Housing


class TestHousing(IndicatorConformance):
    indicator = Housing()
    typical = {"done": "50"}
