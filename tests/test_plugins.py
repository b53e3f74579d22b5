"""Plugins: the three that ship, then those that break, each loudly and alone."""

from types import SimpleNamespace

import pytest
from attrs import evolve

import minsheng_insurance
from minsheng_core import API_VERSION, Filed, Period, PluginError, Report, assess, hookimpl, load_plugins, load_scheme, prepare
from minsheng_core.finding import Place


def plugin(**hooks):
    return SimpleNamespace(MINSHENG_API=API_VERSION, **hooks)


def state(name, plugins):
    (info,) = [one for one in plugins.infos if one.name == name]
    return info.state, info.reason


def test_three_plugins_are_found_in_name_order_with_all_that_a_reader_wants_to_know():
    infos = load_plugins().infos
    assert [info.name for info in infos] == ["insurance", "vocational", "water"]
    for info in infos:
        assert (info.state, info.distribution, info.api) == ("active", f"minsheng-{info.name}", (1, 0))
        assert info.version
        assert "minsheng_indicators" in info.hooks
        assert info.rules[0].name == "rules.toml"


def test_a_blocked_plugin_is_named_and_a_scheme_that_needs_it_can_not_be_scored():
    plugins = load_plugins(only=["insurance", "vocational"])
    assert state("water", plugins)[0] == "blocked"
    with pytest.raises(PluginError, match=r"no active plugin measures 'water\.good_rate'.*water: blocked"):
        prepare(load_scheme("2023"), plugins)
    assert state("roads", load_plugins(only=["roads"])) == ("failed", "not installed")


@hookimpl
def raising():
    raise RuntimeError("disk on fire")


@hookimpl
def minsheng_indicator():
    return []


@hookimpl
def minsheng_indicators():
    return [object()]


@hookimpl
def takes_too_much(rope):
    return rope


@pytest.mark.parametrize(
    ("broken", "wanted", "reason"),
    [
        (plugin(minsheng_indicators=raising), "failed", "RuntimeError: disk on fire"),
        (plugin(minsheng_indicator=minsheng_indicator), "failed", "unknown hook 'minsheng_indicator'"),
        (plugin(minsheng_indicators=minsheng_indicators), "failed", "is not an Indicator: it lacks"),
        (plugin(minsheng_indicators=takes_too_much), "failed", "rope"),
        (SimpleNamespace(MINSHENG_API=(2, 0)), "incompatible", "speaks API (2, 0), this core speaks (1, 0)"),
        (SimpleNamespace(MINSHENG_API=(1, 9)), "incompatible", "speaks API (1, 9)"),
        (SimpleNamespace(), "incompatible", "has no MINSHENG_API"),
        (minsheng_insurance, "failed", "another plugin already gives the indicator 'insurance.stock'"),
    ],
    ids=["raises", "misspelt hook", "no indicator", "wrong argument", "next major", "newer minor", "no version", "kind taken"],
)
def test_a_broken_plugin_is_reported_and_leaves_the_others_as_they_are(broken, wanted, reason):
    plugins = load_plugins(extra={"zz": broken})
    found, words = state("zz", plugins)
    assert found == wanted
    assert reason in words
    assert set(plugins.indicators) == set(load_plugins().indicators)


class Exploding:
    """An indicator that works until it is used."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def validate(self, case):
        raise ZeroDivisionError("oops")

    def measure(self, case):
        return self._inner.measure(case)


def test_a_plugin_that_raises_while_scoring_becomes_a_finding_and_no_marks():
    plugins = load_plugins()
    kind = "insurance.stock"
    broken = evolve(plugins, indicators={**plugins.indicators, kind: Exploding(plugins.indicators[kind])})
    prepared = prepare(load_scheme("2023"), broken)
    insured = plugins.indicators[kind].form.field("insured").read("11037")
    period = Period(2023, 10)
    row = Report(indicator="resident_pension", body="430182218", period=period, values={"insured": insured}, place=Place("f.csv", 2))
    result = assess(prepared, Filed(reports=(row,)), period)
    ((_, marked),) = result.body("430182218")
    assert (marked.state, marked.total) == ("undetermined", None)
    assert any(
        one.code == "plugin.raised" and "ZeroDivisionError: oops" in one.message and one.body == "430182218" for one in result.findings
    )
