"""The documentation site: it builds without a warning, no link is dead, every public name is there, and it works from the disk."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

import minsheng_core
from browser import Browser, chromium
from conftest import ROOT
from minsheng_core.cli import COMMANDS


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


class Links(HTMLParser):
    """The ids of a page, where it leads, and what it loads by itself."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.leads, self.loads = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.ids |= {said["id"]} if said.get("id") else set()
        if said.get("href"):
            (self.loads if tag == "link" else self.leads).append(said["href"])
        if said.get("src"):
            self.loads.append(said["src"])


@pytest.mark.slow
def test_no_link_is_dead_and_nothing_is_loaded_from_elsewhere(site):
    pages = {path: Links(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}
    assert len(pages) > 15
    for path, page in pages.items():
        for target in (*page.leads, *page.loads):
            where = urlsplit(target)
            if where.scheme:
                assert target in page.leads, f"{path.name} loads {target}"
                continue
            file = (path.parent / unquote(where.path)).resolve() if where.path else path
            assert file.exists(), f"{path.name}: {target}"
            if where.fragment and file in pages:
                assert unquote(where.fragment) in pages[file].ids, f"{path.name}: {target}"


@pytest.mark.slow
def test_every_public_name_and_every_command_is_in_the_reference(site):
    api = Links((site / "api.html").read_text(encoding="utf-8")).ids
    assert [name for name in minsheng_core.__all__ if f"minsheng_core.{name}" not in api] == []
    assert {*COMMANDS} <= Links((site / "commands.html").read_text(encoding="utf-8")).ids


@pytest.mark.slow
def test_from_the_disk_it_reads_and_searches_without_a_network(site, tmp_path):
    with Browser(chromium(), tmp_path) as browser:
        browser.open((site / "tutorial.html").as_uri())
        assert browser.value("document.querySelector('h1').innerText").startswith("From nothing to a scored scheme")
        browser.open(f"{(site / 'search.html').as_uri()}?q=provenance")
        found = (
            "[].map.call(document.querySelectorAll('#search-results li a'), function (one) { return one.getAttribute('href'); }).join(' ')"
        )
        for _ in range(100):
            if "provenance.html" in (told := browser.value(found)):
                break
        assert "provenance.html" in told
        assert [url for url in browser.requests if not re.match("file:|data:", url)] == []
