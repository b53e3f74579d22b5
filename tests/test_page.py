"""The published pages: what they say, that nothing in them gets out or in, and that they work in a real browser without network."""

import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from attrs import evolve

from browser import Browser, chromium
from minsheng_core.publish.page import ranking_page
from minsheng_core.publish.page_body import body_page
from minsheng_core.publish.publication import changed, reaches
from publications import made


@pytest.fixture(scope="module")
def publication():
    return made()


@pytest.fixture(scope="module")
def page(publication):
    return ranking_page(publication)


def texts(page):
    return re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_fourth_quarter_of_2023_says_who_stands_where_and_that_it_is_invented_and_provisional(page):
    said = texts(page)
    assert "宁乡市省级重点监测民生项目2023年第四季度评估排名" in page
    for words in ("暂列", "虚构数据，仅作演示", "花明楼镇", "102.00", "106.643万人", "持平", "规则原文没有写，是假定〔假定〕", "结果指纹"):
        assert words in said, words
    assert "106.643%" not in said


def test_every_body_is_there_with_its_reason_down_to_the_clerks_cell_and_the_clause(publication, page):
    for one in publication.assessed.sheets[0].bodies:
        assert f"为什么是这个分：{one.body.name}" in page
    assert "examples/2023-12/resident_pension.invented.csv:5:4" in page
    assert 'href="#scheme/table.1"' in page
    assert 'id="scheme/table.1"' in page


def test_what_brings_the_next_marks_is_reckoned_by_the_plan(publication):
    sheet = publication.assessed.sheets[0]
    body = next(one for one in sheet.bodies if one.body.name == "历经铺街道")
    nearest, whole = reaches(publication, sheet, body)
    assert (str(nearest.more), str(nearest.then), nearest.full) == ("1人", "99.88分", False)
    assert (str(whole.more), str(whole.then), whole.full) == ("16人", "100分", True)  # 12624 of 12640


def test_change_is_held_against_the_span_before(publication):
    sheet = publication.assessed.sheets[0]
    ranks = {one.body.name: changed(publication, "township", one) for one in sheet.bodies}
    assert ranks["老粮仓镇"] == 10  # 14th for being late in October
    assert ranks["龙田镇"] is None  # it had filed nothing


def test_a_body_has_a_page_of_its_own(publication):
    page = texts(body_page(publication, "430182107"))
    for words in ("坝塘镇", "第28名", "短板", "督查问题扣分", "逐月走势", "再增4人", "93.20"):
        assert words in page, words
    with pytest.raises(KeyError):
        body_page(publication, "nobody")


def test_a_correction_says_what_it_corrects_and_why(publication):
    page = ranking_page(evolve(publication, number=5, corrects=4, reason="横市镇更正参保人数"))
    assert "更正第4号" in page
    assert "横市镇更正参保人数" in page


def test_the_same_publication_gives_the_same_bytes_in_another_process(page):
    code = "import sys; sys.path.insert(0, 'tests'); from publications import made; from minsheng_core.publish.page import ranking_page; import hashlib; print(hashlib.sha256(ranking_page(made()).encode()).hexdigest())"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}
    ).stdout
    assert told.strip() == hashlib.sha256(page.encode()).hexdigest()


# -- what it keeps in and out -------------------------------------------------------------------------------------------


def test_nothing_in_the_page_points_outside(page):
    assert not re.findall(r"(?:https?:)?//[a-z]", page)
    assert not re.findall(r"\b(?:src|srcset|action)=", page)
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', page))
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_html_in_a_clerks_words_stays_words(publication):
    sheet = publication.assessed.sheets[0]
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    bodies = tuple(evolve(one, body=evolve(one.body, name=evil)) for one in sheet.bodies[:2])
    hostile = evolve(publication, reason=evil, corrects=1, assessed=evolve(publication.assessed, sheets=(evolve(sheet, bodies=bodies),)))
    page = ranking_page(hostile)
    assert evil not in page
    assert page.count("<script>") == 1
    assert "<img" not in page


class _Balanced(HTMLParser):
    VOID = frozenset({"meta", "input", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_markup_is_sound_and_can_be_read_without_eyes(page):
    reader = _Balanced()
    reader.feed(page)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert '<html lang="zh-CN">' in page
    assert page.count("<h1>") == 1
    assert all('scope="' in cell for cell in re.findall(r"<th\b[^>]*>", page))
    assert all("<title>" in drawing or 'aria-hidden="true"' in drawing for drawing in re.findall(r"<svg\b.*?</svg>", page))


# -- in a real browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(page, tmp_path_factory):
    program = chromium()
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page, encoding="utf-8")
    with Browser(program, tmp_path_factory.mktemp("profile")) as running:
        running.open(file.as_uri())
        yield running


@pytest.mark.slow
def test_no_request_leaves_the_page(browser):
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert browser.errors == []


@pytest.mark.slow
def test_filtering_by_group_and_name_and_expanding_work(browser):
    shown = "[].filter.call(document.getElementById('sheet-township').tBodies, function (one) { return one.offsetHeight > 0; }).length"
    assert browser.value(shown) == 29
    browser.value("var group = document.getElementById('group-township'); group.value = '乡'; group.onchange(); 1")
    assert browser.value(shown) == 4
    browser.value("group.value = ''; var word = document.getElementById('word-township'); word.value = '沩山'; word.oninput(); 1")
    assert browser.value(shown) == 1
    browser.value("word.value = ''; word.oninput(); 1")
    height = "document.querySelector('#sheet-township details').offsetHeight"
    closed = browser.value(height)
    assert closed < 60
    browser.value("document.querySelector('.tools button').click(); 1")
    assert browser.value(height) > closed + 300


@pytest.mark.slow
def test_chinese_is_drawn_and_contrast_is_enough(browser):
    width = "(function (text) { var one = document.createElement('span'); one.textContent = text; document.body.appendChild(one); return one.getBoundingClientRect().width; })"
    assert browser.value(f"{width}('沩')") > 10
    colors = json.loads(
        browser.value(
            "JSON.stringify([].map.call(document.querySelectorAll('main *'), function (one) { return getComputedStyle(one).color; }))"
        )
    )
    for color in set(colors):
        red, green, blue = (int(part) for part in re.findall(r"\d+", color)[:3])
        assert _contrast((red, green, blue), (245, 247, 250)) >= 4.5, color


def _contrast(one, other):
    """WCAG 2.1, relative luminance."""

    def light(color):
        parts = [value / 255 for value in color]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# -- other schemes -------------------------------------------------------------------------------------------------------


def test_a_sheet_that_rounds_only_the_total_shows_its_items_rounded_and_says_so(publication):
    from fractions import Fraction

    from minsheng_core import Quantity, unit
    from minsheng_core.publish.bulletin import bulletin
    from minsheng_core.publish.tables import tables
    from minsheng_core.publish.text import assessment_text

    sheet = publication.assessed.sheets[0]
    body = sheet.bodies[0]
    items = (evolve(body.items[0], rounded=Quantity(Fraction(200, 3), unit("分"))),)
    changed_sheet = evolve(sheet, bodies=(evolve(body, items=items), *sheet.bodies[1:]))
    other = evolve(publication, assessed=evolve(publication.assessed, sheets=(changed_sheet, *publication.assessed.sheets[1:])))
    assert "≈66.67" in ranking_page(other)
    assert "≈66.67" in assessment_text(other.assessed)
    assert bulletin(other)
    assert tables(other)


@pytest.mark.parametrize("name", ["classes", "huainan-2016", "invented-groups", "traffic-lights", "yanan-2017"])
def test_papers_of_other_places_are_published_before_anything_was_filed(name):
    from datetime import date

    from conftest import ROOT
    from minsheng_core import Period, assess, load_plugins, load_scheme, prepare
    from minsheng_core.period import Span
    from minsheng_core.publish.bulletin import bulletin
    from minsheng_core.publish.publication import Publication
    from minsheng_core.publish.tables import tables
    from minsheng_core.scoring.measure import Filed

    ready = prepare(load_scheme(ROOT / f"examples/rules/{name}.toml"), load_plugins(only=[]))
    year = ready.scheme.year
    assessed = assess(ready, Filed(), Period(year, 10))
    empty = Publication(prepared=ready, assessed=assessed, span=Span.read(f"{year}-10"), number=1, issued=date(year, 11, 12))
    assert "未填报" in ranking_page(empty)
    assert bulletin(empty)
    assert tables(empty)
