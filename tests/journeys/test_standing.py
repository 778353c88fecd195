"""A vendor asks why: how a capability stands to each need, what became of an interest, and how to take it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import SIZES, TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
CAPABILITY = "Street-level flood forecasting"
NEEDS = {
    "vi": "Cảnh báo sạt lở trên bốn đèo lên cao nguyên",
    "en": "See swimmers in trouble on 14 beaches in time",
}
SAID = {"vi": "Chúng tôi dự báo được từng đường phố.", "en": "We forecast street by street."}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_why_us_why_not(setting: Setting, new_page) -> None:
    vendor = Reader(new_page(setting), setting)
    page, words = vendor.page, vendor.words
    vendor.sign_in("vendor@demo.example")
    vendor.find("capabilities", CAPABILITY)
    vendor.link("Why us, why not")
    vendor.heading("Why us, why not")
    rows = vendor.main.locator(".pm-rows > li")
    assert rows.count() > 0

    # which rule barred, and what would change that
    barred = vendor.main.get_by_role("navigation", name=words("Needs by result")).get_by_role(
        "link", name=words("Barred by a rule")
    )
    barred.click()
    vendor.look()
    expect(rows.first.get_by_text(words("What would change that:")).first).to_be_visible()
    expect(rows.first.get_by_role("heading", level=2)).to_be_visible()

    # an interest, what became of it, and back
    vendor.find("needs", NEEDS[setting.lang])
    which = vendor.field("Which of your capabilities?")
    which.select_option(which.locator("option").filter(has_text=CAPABILITY).first.get_attribute("value"))
    vendor.fill("What would you like to say to the forum?", SAID[setting.lang])
    page.get_by_role(
        "checkbox", name=words("We have no relation with people of the other side that we have not declared.")
    ).check()
    vendor.press("Express interest")
    course = vendor.main.get_by_role("region").filter(has_text=SAID[setting.lang])
    expect(course).to_have_count(1)

    # the evidence of the pair, on paper: the whole grid, nothing cut, nothing of the screen's furniture
    vendor.link("Requirements and evidence", course)
    cells = vendor.main.get_by_role("cell")
    assert cells.count() > 1
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # the width of A4 between its margins
    expect(page.get_by_role("banner").get_by_role("link", name=words("Needs"))).to_be_hidden()
    cut = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("main *")].filter(one => {
            const box = one.getBoundingClientRect(), style = getComputedStyle(one);
            if (one.closest(".visually-hidden, svg") || !box.width) return false;
            const clips = style.overflowX !== "visible" || style.overflowY !== "visible";
            return box.right > innerWidth + 1 || one === document.documentElement && one.scrollWidth > innerWidth
                || clips && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
        }).map(one => one.outerHTML.slice(0, 200))"""
    )
    assert cut == []
    for cell in (cells.first, cells.last):
        expect(cell).to_be_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size(SIZES[setting.size])

    # taken back
    vendor.go("/interests")
    vendor.unfold("Take the interest back", course)
    vendor.press("Take it back", course)
    vendor.reads("Your interest is taken back. The forum knows, and nobody else was told.")
    vendor.go("/interests")
    expect(course.locator("form")).to_have_count(0)
