"""The form of a need by hand: steps without scripts, and with them a text that saves itself and tells so."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TITLE = "Title of the need"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_need_saves_itself(lang: str, new_page) -> None:
    setting = Setting("desktop", lang, True)
    official = Reader(new_page(setting), setting)
    words, page = official.words, official.page
    said = page.locator("#saved")
    official.sign_in("city@demo.example")
    official.go("/needs/new")
    place = {"vi": "Hẻm hẹp, triều cường hai lần mỗi ngày", "en": "Narrow lanes, tides twice a day"}[lang]
    official.fill("What is particular about the place?", place)
    official.field("What is particular about the place?").blur()
    expect(said).to_have_text(words("Saved as a draft"))
    expect(page).to_have_url(re.compile(r"/needs/[0-9a-f-]{36}/edit\?step=place$"))

    # the draft's own form from now on: the next step, typed and left, is kept without a button
    page.get_by_role("button", name=words("Save and go on")).click()
    title = {"vi": "Giảm ngập hẻm ven sông", "en": "Less flooding in riverside lanes"}[lang]
    lacks = page.locator("#form-help li").filter(has=page.locator("[aria-current=step]"))
    expect(lacks).to_contain_text(words(TITLE))
    official.fill(TITLE, title)
    expect(page.locator("[data-counts=title]")).to_have_text(
        words("%(n)s of %(limit)s characters", n=len(title), limit=120)
    )
    official.field(TITLE).blur()
    expect(said).to_have_text(re.compile(r"\d\d:\d\d"))
    expect(lacks).not_to_contain_text(words(TITLE))  # what is missing is said anew after each save
    page.reload()
    expect(official.field(TITLE)).to_have_value(title)

    # an amount that is not clear is named at once, and what was understood is said in full
    official.press("Budget, time, contact")
    official.fill("Budget", "15–100")
    official.field("Budget").blur()
    expect(page.locator("#amount-i")).to_contain_text(words("VND 15–100 bn, USD 1.2 m, up to EUR 300,000"))
    official.fill("Budget", {"vi": "15–100 tỷ", "en": "VND 15–100 bn"}[lang])
    official.field("Budget").blur()
    expect(page.locator("#amount-n")).to_contain_text(
        {"vi": "100.000.000.000", "en": "100,000,000,000"}[lang]
    )
    expect(page.locator("#amount-i")).to_have_count(0)
    named = official.field("Budget").get_attribute("aria-describedby").split()
    assert named.count("amount-n") == 1
    assert "amount-i" not in named
    official.look()

    # somebody else saves in between: it says so, stops, and the button shows both
    colleague = page.context.new_page()
    colleague.goto(page.url)
    colleague.get_by_label(re.compile(re.escape(words("Contact unit")))).fill("Trung tâm Hạ tầng")
    colleague.get_by_role("button", name=words("Save"), exact=True).click()
    official.fill("Contact unit", "Ban Quản lý dự án")
    official.field("Contact unit").blur()
    expect(said).to_have_text(
        words(
            "Somebody else has saved this text. Press Save to see both versions; nothing you typed is lost."
        )
    )
    official.press("Save")
    official.heading("Somebody saved it before you")
    clash = official.main.get_by_role("region", name=words("Contact unit"))
    for text in ("Trung tâm Hạ tầng", "Ban Quản lý dự án"):
        expect(clash.locator(".pm-clash-text").filter(has_text=text).first).to_be_visible()
    clash.get_by_role("radio", name=words("What you typed"), exact=True).check()
    official.press("Save")
    official.reads("Saved.")
    official.go(page.url)
    expect(official.field("Contact unit")).to_have_value("Ban Quản lý dự án")


def test_signed_out_in_another_tab(new_page) -> None:
    setting = Setting("desktop", "en", True)
    official = Reader(new_page(setting), setting)
    official.sign_in("city@demo.example")
    official.go("/needs/new?step=problem")
    official.page.context.clear_cookies()
    official.fill(TITLE, "Less flooding")
    official.field(TITLE).blur()
    expect(official.page.locator("#saved")).to_have_text(re.compile("signed out|Press Save"))


def test_steps_without_scripts(new_page) -> None:
    setting = Setting("phone", "en", False)
    official = Reader(new_page(setting), setting)
    official.sign_in("city@demo.example")
    official.go("/needs/new")
    official.fill("What is particular about the place?", "Narrow lanes, tides twice a day")
    official.page.get_by_role("button", name="Save and go on").click()
    official.look()
    official.fill("What is the problem?", "Each **storm** floods 20 streets.")
    official.press("Preview")
    expect(official.page.locator(".pm-preview strong").first).to_have_text("storm")
    official.page.get_by_role("button", name="Save and go back").click()
    official.look()
    expect(official.field("What is particular about the place?")).to_have_value(
        "Narrow lanes, tides twice a day"
    )
    official.press("Problem and result")
    expect(official.field("What is the problem?")).to_have_value("Each **storm** floods 20 streets.")
