"""The life of reports as a state machine: filed, corrected, withdrawn and filed twice, in any order; marks rest on what stands in the end."""

from fractions import Fraction as F

from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from minsheng_core import Filed, Period, Place, Quantity, Report, assess, load_plugins, load_scheme, prepare, unit

SCHEME = load_scheme("2023")
PREPARED = prepare(evolve(SCHEME, sheets=tuple(one for one in SCHEME.sheets if one.id == "township")), load_plugins())
TARGETS = {one.body: one.value.base for one in SCHEME.indicator("resident_pension").shares[:3]}
FORM = PREPARED.plugins.indicators["insurance.stock"].form
NOW = Period(2023, 10)
BODIES, MONTHS = st.sampled_from(sorted(TARGETS)), st.sampled_from([NOW.following(-2), NOW.following(-1), NOW])


def row(body, period, insured, line):
    values = {field.name: None for field in FORM.fields} | {"insured": Quantity(F(insured), unit("人"))}
    return Report(
        indicator="resident_pension", body=body, period=period, values=values, place=Place("f.csv", line), filed=period.following().day(5)
    )  # fmt: skip


def results(rows):
    (sheet,) = assess(PREPARED, Filed(reports=tuple(rows)), NOW).sheets
    return {one.body.id: (one.state, one.total, one.rank) for one in sheet.bodies if one.body.id in TARGETS}


class Life(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.rows, self.line = [], 1

    def standing(self, body, period=NOW):
        return [one for one in self.rows if (one.body, one.period) == (body, period)]

    @rule(body=BODIES, period=MONTHS, percent=st.integers(80, 120))
    def file(self, body, period, percent):
        self.line += 1
        self.rows.append(row(body, period, TARGETS[body] * percent // 100, self.line))

    @rule(body=BODIES, period=MONTHS, percent=st.integers(80, 120))
    def correct(self, body, period, percent):
        self.rows = [one for one in self.rows if (one.body, one.period) != (body, period)]
        self.file(body, period, percent)

    @rule(body=BODIES, period=MONTHS)
    def withdraw(self, body, period):
        self.rows = [one for one in self.rows if (one.body, one.period) != (body, period)]

    @invariant()
    def marks_rest_on_the_row_that_stands_and_on_no_order(self):
        found = results(self.rows)
        assert results(self.rows[::-1]) == found
        for body in TARGETS:
            mine = self.standing(body)
            state, total, rank = found[body]
            assert state == {0: "not_filed", 1: "scored"}.get(len(mine), "undetermined")
            assert (total is None) == (len(mine) != 1) == (rank is None)
            if len(mine) == 1:  # earlier months may be withdrawn, doubled or wrong: a stock is what it is now
                assert found[body][1] == results(mine)[body][1]

    @invariant()
    def more_never_scores_less(self):
        for body in TARGETS:
            if len(mine := self.standing(body)) == 1:
                insured = mine[0].values["insured"].value
                better = [row(body, NOW, insured + 1, 999) if one is mine[0] else one for one in self.rows]
                assert results(better)[body][1].value >= results(self.rows)[body][1].value


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=5, stateful_step_count=6, deadline=None)
