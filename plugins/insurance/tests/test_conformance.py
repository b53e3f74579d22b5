"""The insured keep what the core's protocols promise."""

from attrs import evolve

from minsheng_core import IndicatorConformance, load_scheme, read_quantity
from minsheng_insurance import InsuredStock


class TestInsuredStock(IndicatorConformance):
    indicator = InsuredStock()


class TestResidentPension(IndicatorConformance):
    """With the paper's own indicator, whose parts add up."""

    indicator = InsuredStock()
    typical = {"insured": "11000", "paying": "8000", "drawing": "3000", "base": "10500"}

    def case_for(self, indicator):
        return evolve(
            super().case_for(indicator), indicator=load_scheme("2023").indicator("resident_pension"), target=read_quantity("11037人")
        )
