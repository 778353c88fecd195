"""An addendum to a published need: the owner writes it, a moderator publishes it, a company that watches is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
NEEDS = {
    "vi": "Tìm nguồn bụi mịn theo từng khu phố",
    "en": "Giảm thời gian chờ tại 160 nút giao có đèn tín hiệu",
}
TEXTS = {
    "vi": "Thiết bị phải chịu được ẩm 98% và nóng 45 độ.",
    "en": "Devices have to stand 98 per cent of humidity and 45 degrees.",
}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_addendum_reaches_those_who_watch(setting: Setting, new_page) -> None:
    owner, moderator, watcher = (Reader(new_page(setting), setting) for _ in range(3))
    words, text = owner.words, TEXTS[setting.lang]
    watcher.sign_in("vendor@demo.example")
    path = watcher.find("needs", NEEDS[setting.lang])
    watcher.press("Watch")
    watcher.reads("You watch it.")

    # without a kind it is not sent, and the text stays typed
    owner.sign_in("officer@ha-noi.example")
    owner.go(path)
    owner.link("Write an addendum")
    label = {"vi": "Text in Vietnamese", "en": "Text in English"}[setting.lang]
    owner.fill(label, text)
    owner.press("Save and send for review")
    expect(owner.page.get_by_role("alert")).to_be_visible()
    expect(owner.field(label)).to_have_value(text)
    owner.choose("What kind of addendum is it?", words("Clarification"))
    owner.press("Save and send for review")
    owner.reads("Waits for review")

    # nobody else reads it before the moderator has
    watcher.go(path)
    expect(watcher.main.get_by_text(text)).to_have_count(0)
    moderator.sign_in("moderator@demo.example")
    moderator.go("/review/listings")
    waiting = moderator.main.get_by_role("region", name=words("Addenda that wait for review"))
    waiting.get_by_role("row").filter(has_text=NEEDS[setting.lang]).get_by_role("link").first.click()
    moderator.look()
    expect(moderator.main.get_by_text(text)).to_be_visible()
    moderator.press("Publish it")

    # the watcher finds the notice, which leads to the addendum
    watcher.go("/notices")
    watcher.main.get_by_role("link", name=NEEDS[setting.lang]).first.click()
    watcher.look()
    addenda = watcher.main.get_by_role("region", name=words("Addenda"), exact=True)
    expect(addenda.get_by_role("heading", name=words("Addendum %(n)s", n=1))).to_be_visible()
    expect(addenda.get_by_text(text)).to_be_visible()
    watcher.go("/watching")
    expect(watcher.main.get_by_role("link", name=NEEDS[setting.lang]).first).to_be_visible()
    owner.go(path)
    expect(owner.main.get_by_role("link", name=words("Edit"), exact=True)).to_have_count(
        1
    )  # of the need only
