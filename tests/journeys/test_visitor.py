"""A visitor looks around: the home page, the lists, a search without diacritics, one need, one capability.

Nobody is signed in. The walk holds on a desk and on a phone, in both languages, with and without scripts; on every
page of it nothing is wider than the window, and axe finds nothing where scripts may run.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import ALL_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("setting", ALL_SETTINGS, ids=str)
def test_visitor_looks_around(setting: Setting, new_page) -> None:
    visitor = Reader(new_page(setting), setting)
    page, words = visitor.page, visitor.words
    visitor.go("/")
    expect(visitor.main.get_by_role("heading", name=words("Newest needs"))).to_be_visible()

    # the language of the browser is a beginning; the choice is kept
    other = "en" if setting.lang == "vi" else "vi"
    page.get_by_role("link", name={"vi": "Tiếng Việt", "en": "English"}[other], exact=True).click()
    page.goto("/about/conduct")
    assert page.locator("html").get_attribute("lang") == other
    page.get_by_role("link", name={"vi": "Tiếng Việt", "en": "English"}[setting.lang], exact=True).click()
    visitor.look()

    # so is the appearance
    page.get_by_role("contentinfo").get_by_role("link", name=words("dark"), exact=True).click()
    visitor.go("/")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.get_by_role("contentinfo").get_by_role("link", name=words("as device"), exact=True).click()
    assert page.locator("html").get_attribute("data-bs-theme") is None

    # a search without diacritics
    visitor.menu("Needs")
    visitor.heading("Needs of cities")
    page.get_by_role("searchbox").fill("ngap")
    visitor.press("Search")
    found = visitor.main.get_by_role("heading", level=3).get_by_role("link")
    expect(visitor.main.get_by_role("link", name="Giảm ngập 20 tuyến phố ven sông")).to_be_visible()

    # a filter narrows, and its chip takes it away again
    before = found.count()
    drawer = page.locator(".pm-drawer > summary")
    if drawer.is_visible():
        drawer.click()
    box = page.locator(".pm-drawer").get_by_role(
        "checkbox", name=re.compile(re.escape(words.sector("water")))
    )
    facet = page.locator(".pm-drawer details").filter(has=box)
    if facet.count() and facet.first.get_attribute("open") is None:
        facet.first.locator("summary").click()
    box.first.check()
    visitor.press("Apply filters")
    assert 0 < found.count() <= before
    used = page.get_by_role("list", name=words("Filters in use"))
    expect(used).to_be_visible()
    used.get_by_role("link", name=words("Remove all")).click()
    visitor.look()
    expect(used).to_have_count(0)

    # a need, then a capability
    visitor.go("/needs?q=Giam%20ngap%2020%20tuyen%20pho")
    found.first.click()
    visitor.look()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Giảm ngập")
    expect(visitor.main.get_by_role("heading", name=words("What success looks like"))).to_be_visible()
    expect(visitor.main.get_by_role("link", name=words("Edit"), exact=True)).to_have_count(0)
    visitor.menu("Capabilities")
    found.first.click()
    visitor.look()
    expect(visitor.main.get_by_role("heading", name=words("What is not offered"))).to_be_visible()

    # one search over both, across languages
    visitor.go("/search?q=water%20losses")
    expect(visitor.main.get_by_role("heading", level=2).first).to_be_visible()
    assert found.count() > 0

    for slug in ("matching", "conduct", "privacy", "accessibility"):
        visitor.go(f"/about/{slug}")
    visitor.go("/no/such/page", status=404)
    expect(visitor.main.get_by_role("link").first).to_be_visible()
    visitor.go("/login")
    visitor.go("/register")
    visitor.go("/reset")

    # what is for members asks to sign in first
    page.goto("/mine")
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_in_light_and_dark(scheme: str, new_page) -> None:
    """The device's own colours, without a choice: the same pages, the same rules."""
    setting = Setting("desktop", "vi", True)
    page = new_page(setting)
    page.emulate_media(color_scheme=scheme)
    visitor = Reader(page, setting, scheme)
    for path in ("/", "/needs", "/capabilities", "/search?q=ngập", "/about/matching", "/login", "/register"):
        visitor.go(path)
