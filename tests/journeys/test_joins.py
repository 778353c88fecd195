"""A city joins the need of another: it asks with its own figures, the lead agrees, readers see the sum, it leaves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
UNDERPASSES = {"vi": "Biết trước hầm chui nào sẽ ngập", "en": "Know in advance which underpass will flood"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_two_cities_ask_together(setting: Setting, new_page) -> None:
    joiner, lead, visitor = (Reader(new_page(setting), setting) for _ in range(3))
    title = UNDERPASSES[setting.lang]
    joiner.sign_in("city@demo.example")
    joiner.go("/needs?q=hầm+chui")
    joiner.main.get_by_role("link", name=title, exact=True).first.click()
    joiner.look()
    path = joiner.page.url.split("?")[0]

    # without a word to the lead it is not sent, and the place stays chosen
    joiner.link("Join this need")
    joiner.field("Your place").select_option("can-tho")
    joiner.fill("How much of it you need", "7")
    joiner.fill("How many of your residents it concerns", "41000")
    joiner.press("Send the request")
    joiner.reads("Write a few words to the lead city.")
    expect(joiner.field("Your place")).to_have_value("can-tho")
    words = {"vi": "Bảy hầm chui của chúng tôi cũng vậy.", "en": "Seven underpasses of ours flood as well."}
    joiner.fill("What you would like to say to the lead city", words[setting.lang])
    joiner.press("Send the request")
    joiner.reads("Your request is with the lead city. It answers here and by mail.")

    # nobody else knows before the lead has agreed
    visitor.go(f"{path}?lang={setting.lang}")
    expect(visitor.page.locator("#joined")).to_have_count(0)
    lead.sign_in("officer@da-nang.example")
    lead.go(path)
    lead.link("Read and answer")
    expect(lead.main.get_by_text(words[setting.lang])).to_be_visible()
    lead.press("Agree")
    lead.reads("Agreed. The city takes part from now on.")

    visitor.go(f"{path}?lang={setting.lang}")
    joined = visitor.page.locator("section").filter(has=visitor.page.locator("#joined"))
    expect(joined).to_contain_text(re.compile("41[.,]000"))
    expect(joined).not_to_contain_text(words[setting.lang])

    # and it may leave, with a reason
    joiner.go(path)
    joiner.link("See your part in it")
    joiner.unfold("Leave the joint need")
    joiner.fill("Why?", {"vi": "Đã có hệ thống riêng.", "en": "We have built our own."}[setting.lang])
    joiner.press("End it")
    joiner.reads("Ended. The other city has been told why.")
    visitor.go(f"{path}?lang={setting.lang}")
    expect(visitor.page.locator("#joined")).to_have_count(0)
