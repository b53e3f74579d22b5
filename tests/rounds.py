"""What the tests of the ledger share: a scheme, people, and small filings."""

from datetime import UTC, datetime
from functools import cache

from attrs import evolve

from minsheng_core import Period, Quantity, Report, load_plugins, load_scheme, prepare, unit
from minsheng_core.finding import Place
from minsheng_core.ledger.entry import Signer, Unit
from minsheng_core.ledger.intake import take_in
from minsheng_core.scoring.measure import Filed

AT = datetime(2023, 11, 6, 1, 0, tzinfo=UTC)
OCTOBER = Period(2023, 10)
WEISHAN, LAOLIANGCANG = "430182218", "430182111"
FILER, REVIEWER, VERIFIER = Signer("填报人", WEISHAN), Signer("审核人", "hrss"), Signer("核验人", "hrss")


@cache
def prepared():
    return prepare(load_scheme("2023"), load_plugins())


def unit_of(body=WEISHAN, period=OCTOBER):
    return Unit("resident_pension", body, period)


def filed(insured, body=WEISHAN, period=OCTOBER, day=3, **more):
    """A township's row for the month, as it is read from a file."""
    people = unit("人")
    values = {one.name: None for one in prepared().plugins.indicator("insurance.stock").form.fields}
    values |= {"insured": Quantity(insured, people, None, str(insured)), "base": Quantity(10054, people)}
    report = Report(
        indicator="resident_pension", body=body, period=period, values=values, place=Place("沩山乡.xlsx", 7, 4, "城乡居保"), filed=period.following().day(day),
        columns={"insured": 4},
    )  # fmt: skip
    return evolve(Filed(reports=(report,)), **more)


def take(ledger, insured, by=FILER, at=AT, correct="", **more):
    """That row taken in, in a file of its own."""
    rows = filed(insured, **more)
    return take_in(ledger, prepared(), rows, f"{insured}.csv", f"file of {insured} {more}".encode(), by, at, correct=correct)
