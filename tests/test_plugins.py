"""Plugins: the four that ship, then those that break, each loudly and alone."""

import pickle
from types import SimpleNamespace

import pytest
from attrs import evolve

import minsheng_insurance
from minsheng_core import (
    API_VERSION,
    Case,
    Field,
    Filed,
    Period,
    PluginError,
    QuantityError,
    Report,
    assess,
    hookimpl,
    load_plugins,
    load_scheme,
    prepare,
)  # fmt: skip
from minsheng_core.finding import Place


def plugin(**hooks):
    return SimpleNamespace(MINSHENG_API=API_VERSION, **hooks)


def state(name, plugins):
    (info,) = [one for one in plugins.infos if one.name == name]
    return info.state, info.reason


def test_four_plugins_are_found_in_name_order_with_all_that_a_reader_wants_to_know():
    infos = load_plugins().infos
    assert [info.name for info in infos] == ["insurance", "roads", "vocational", "water"]
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
    assert state("housing", load_plugins(only=["housing"])) == ("failed", "not installed")


@pytest.mark.parametrize("formula", ["full * min(done / target, 1)", "full * ("], ids=["sound", "broken"])
def test_a_plugin_beside_those_that_a_scheme_rests_on_changes_nothing_not_even_a_fingerprint(formula, tmp_path):
    """An office publishes 2023, installs a plugin for something else, and must get the same result again."""
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[document]]\nid = "d"\ntitle = "d"\nissuer = "d"\n[[clause]]\nid = "d/1"\ndocument = "d"\nlocator = "1"\nsummary = "s"\n'
        f'[[method]]\nid = "housing.x"\ntitle = "x"\nkind = "housing.done"\nformula = "{formula}"\nsource = "d/1"\n',
        encoding="utf-8",
    )

    class Housing(Exploding):
        kind = "housing.done"

    @hookimpl
    def minsheng_indicators():
        return [Housing(minsheng_insurance.InsuredStock())]

    @hookimpl
    def minsheng_rules():
        return [path]

    without = load_plugins()
    beside = load_plugins(extra={"housing": plugin(minsheng_indicators=minsheng_indicators, minsheng_rules=minsheng_rules)})
    assert state("housing", beside) == ("active", "")
    scheme, period = load_scheme("2023"), Period(2023, 10)
    alone, both = (assess(prepare(scheme, plugins), Filed(), period) for plugins in (without, beside))
    assert both.fingerprints == alone.fingerprints
    assert both == alone
    fewer = load_plugins(only=["insurance", "vocational", "water"])
    assert assess(prepare(scheme, fewer), Filed(), period).fingerprints == alone.fingerprints


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


# ---- what passes through the protocols --------------------------------------------------------------------------------


def schools(**more):
    """A case of the paper's four schools."""
    scheme = load_scheme("2023")
    return Case(
        indicator=scheme.indicator("vocational_schools"), body=scheme.body("edu"), period=Period(2023, 10), reports=(), target=None, **more
    )


@pytest.mark.parametrize(
    "written",
    ["宁乡市潇湘职业中专学校", "宁乡市瀟湘职业中专学校", "潇湘职业中专", "　潇湘 职业中专"],
    ids=["name", "printed", "alias", "blanks"],
)
def test_a_subject_is_resolved_by_declared_names_only(written):
    assert schools().subject(written).id == "xiaoxiang_vocational"
    assert schools().subject("潇湘职业") is None
    assert schools().subject("") is None


def test_a_subjects_name_is_the_same_in_letters_of_any_width():
    case = schools()
    branch = evolve(case.indicator.subjects[0], name="职业中专（北校区）", aliases=("Ｙ９０１",))
    case = evolve(case, indicator=evolve(case.indicator, subjects=(branch,)))
    assert case.subject("职业中专(北校区)") == case.subject("y901") == branch


def test_a_choice_is_read_whatever_its_width_and_given_as_it_was_declared():
    grade = Field(name="grade", title="技术等级", kind="text", choices=("四级", "四级（Ⅰ类）"), missing=True)
    assert [grade.read(text) for text in ("四级（Ⅰ类）", "四级(I类)", " 四级 ", "")] == ["四级（Ⅰ类）", "四级（Ⅰ类）", "四级", None]
    with pytest.raises(QuantityError, match="四级（Ⅱ类）"):
        grade.read("四级（Ⅱ类）")


def test_a_word_for_nothing_is_a_word_where_it_is_a_choice():
    assert Field(name="risk", title="隐患", kind="text", choices=("有", "无")).read("无") == "无"
    assert Field(name="note", title="说明", kind="text", missing=True).read("无") is None


def test_a_case_of_a_loaded_scheme_goes_to_another_process():
    assert pickle.loads(pickle.dumps(schools())) == schools()
