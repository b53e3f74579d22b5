"""The rate of good sections keeps what the core's protocols promise."""

from minsheng_core import IndicatorConformance
from minsheng_water import GoodRate


class TestGoodRate(IndicatorConformance):
    indicator = GoodRate()
    typical = {"sampled": "2023-10-11", "PH": "7.5", "DO": "7.9", "CODMN": "2.4", "NH3N": "0.18", "TP": "0.071"}
