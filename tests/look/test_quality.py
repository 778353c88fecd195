"""Every page before the engines: valid HTML and CSS by the Nu checker; WCAG 2.2 AA by axe-core and HTML_CodeSniffer.

CI asks every page once, and both accessibility engines once for each template and role; all of the site map, in both
languages, is walked by `python -m tests.look.quality`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import part_is_lacking
from tests.look.engines import Complaint, axe, lacking_part, nu, sniff
from tests.look.site import ROOT, browser_of, once_a_template, save, served, site_map
from tests.world import ROLES


def _need(*, java: bool = False) -> None:
    if lacking := lacking_part(java=java):
        part_is_lacking(lacking)


def _told(found: list[Complaint]) -> str:
    return "\n".join(map(str, found[:20])) + f"\n{len(found)} in all"


def test_pages_and_style_sheet_are_valid(app, world, clients, tmp_path):
    _need(java=True)
    count = 0
    for role in ROLES:
        places = site_map(app, world, clients, role)
        count += len(places)
        save(places, tmp_path)
    (tmp_path / "theme.css").write_bytes((ROOT / "static/css/theme.css").read_bytes())
    assert count > 300
    found = nu(tmp_path)
    assert not found, _told(found)


def test_the_nu_checker_would_tell(tmp_path):
    _need(java=True)
    broken = "<!doctype html><html lang=en><title>x</title><p id=a><ul id=a></ul></p>"
    (tmp_path / "page.html").write_text(broken)
    (tmp_path / "style.css").write_text("p { colour: red }")
    assert {Path(one.page).name for one in nu(tmp_path)} == {"page.html", "style.css"}


@pytest.mark.browser
@pytest.mark.parametrize("role", ROLES)
def test_two_engines_find_no_barrier(app, world, clients, chromium, role):
    _need()
    found = []
    places = once_a_template(site_map(app, world, clients, role))
    with served(app) as address, browser_of(chromium, clients[role], address) as page:
        for place in places:
            page.goto(place.path)
            found += [*axe(page, str(place)), *sniff(page, str(place))]
    assert not found, _told(found)


@pytest.mark.browser
def test_the_two_engines_would_tell(app, world, clients, chromium):
    _need()
    with served(app) as address, browser_of(chromium, clients["visitor"], address) as page:
        page.goto("/login")
        assert not [*axe(page, "whole"), *sniff(page, "whole")]
        page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
        assert {one.engine for one in (*axe(page, "broken"), *sniff(page, "broken"))} == {"axe", "HTMLCS"}


@pytest.mark.browser
def test_a_folded_table_is_still_a_table(app, world, clients, chromium):
    """On a phone the rows of a table are blocks below each other; what reads aloud still has rows and cells."""
    size = {"width": 320, "height": 700}
    with served(app) as address, browser_of(chromium, clients["moderator"], address, viewport=size) as page:
        page.goto("/review/matches?lang=en")
        table = page.get_by_role("table").first
        assert table.evaluate("table => getComputedStyle(table).display") == "block"
        tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        told = [node["role"]["value"] for node in tree if not node["ignored"]]
        assert told.count("table") == page.locator("table").count() >= 1
        assert told.count("columnheader") == page.locator("thead th").count() >= 3
        assert told.count("rowheader") == page.locator("tbody th").count() >= 1
        assert told.count("cell") + told.count("gridcell") == page.locator("tbody td").count() >= 2
