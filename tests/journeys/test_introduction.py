"""Two sides are introduced: a moderator approves a pair, both say yes, contacts open and the conversation begins.

The city and the vendor read in different languages. Nobody says yes without the declaration on conflicts of
interest; no contact is on any page before both agree. At the end an administrator finds the mails in the outbox,
each in the language of its reader.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]

NEED = "Thu gom rác trên kênh rạch và chợ nổi"
CITY_CONTACT = "partnerships@can-tho.example"
# a pair for each setting, for both sides answer once: capability, who answers for it, the contact that opens
PAIRS = {
    "vi": ("Street-level flood forecasting", "vendor@demo.example", "vn@hydrosense.example"),
    "en": (
        "Vận hành trạm bơm thoát nước từ xa",
        "truc-ban@phusa-thoatnuoc.example",
        "dieudo@phusa-thoatnuoc.example",
    ),
}
NO_CONFLICT = "We have no relation with people of the other side that we have not declared."
FIRST = {"vi": "Chào anh chị, xin hỏi ai vận hành thiết bị?", "en": "Good morning. Who runs the devices?"}
REPLY = {"vi": "Đội trực của chúng tôi, cả ban đêm.", "en": "Our crew does, at night too."}


def _reads_mail_in_own_language(reader: Reader) -> None:
    """The account's language, in which its mail is written, becomes the one of the pages."""
    reader.go("/account")
    reader.main.get_by_role("radio", name={"vi": "Tiếng Việt", "en": "English"}[reader.setting.lang]).check()
    reader.press("Save the account")
    reader.reads("Your account has been saved.")


def _says_yes(reader: Reader, offer: str, contacts: tuple[str, ...]) -> None:
    """Look at the offer, where no contact stands; a yes without the declaration is refused; then say yes."""
    words = reader.words
    reader.go(offer)
    assert not any(contact in reader.page.content() for contact in contacts)
    reader.choose("Do you want to be introduced?", words("Yes, introduce us"))
    reader.press("Send answer")
    expect(reader.page.get_by_role("alert")).to_be_visible()
    expect(reader.main.get_by_role("radio", name=words("Yes, introduce us"))).to_be_checked()
    reader.main.get_by_role("checkbox", name=words(NO_CONFLICT)).check()
    reader.press("Send answer")


def _writes(reader: Reader, text: str) -> None:
    reader.main.get_by_role("textbox", name=reader.words("Write a message")).fill(text)
    reader.press("Send message")
    expect(reader.main.get_by_text(text)).to_be_visible()


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_both_sides_are_introduced(setting: Setting, new_page) -> None:
    other = Setting(setting.size, "en" if setting.lang == "vi" else "vi", setting.scripts)
    moderator, city, vendor = (Reader(new_page(one), one) for one in (setting, setting, other))
    capability, vendor_email, vendor_contact = PAIRS[setting.lang]
    contacts = (CITY_CONTACT, vendor_contact)
    moderator.sign_in("moderator@demo.example")
    for reader, email in ((city, "city@demo.example"), (vendor, vendor_email)):
        reader.sign_in(email)
        _reads_mail_in_own_language(reader)
    city.go("/mine")
    city.main.get_by_role("link", name=NEED).first.click()
    moderator.open_pair(urlsplit(city.page.url).path, capability)
    moderator.press("Approve and ask both sides", moderator.decision())
    moderator.reads("Both sides are asked. They have until the date in the offer to answer.")

    # both see the offer; the first yes opens nothing yet
    city.menu("Offers")
    city.main.get_by_role("link", name=capability).first.click()
    offer = urlsplit(city.page.url).path
    _says_yes(city, offer, contacts)
    city.reads("Your answer is saved.")
    assert not any(contact in city.page.content() for contact in contacts)
    vendor.menu("Offers")
    expect(vendor.main.get_by_role("link", name=NEED).first).to_be_visible()
    _says_yes(vendor, offer, contacts)
    vendor.reads("Both sides said yes. Names and contacts are open, the conversation can begin.")
    conversation = urlsplit(vendor.page.url).path

    # contacts are open to both, and both write
    city.go(offer)
    city.link("Open the conversation")
    for reader in (city, vendor):
        panel = reader.main.get_by_role("region", name=reader.words("Contacts of both sides"))
        for contact in contacts:
            expect(panel.get_by_role("link", name=contact)).to_be_visible()
    _writes(city, FIRST[setting.lang])
    vendor.go(conversation)
    expect(vendor.main.get_by_text(FIRST[setting.lang])).to_be_visible()
    _writes(vendor, REPLY[other.lang])
    city.go(conversation)
    expect(city.main.get_by_text(REPLY[other.lang])).to_be_visible()

    # moderators know that they talk, not what they say
    moderator.go(conversation)
    moderator.reads("What the forum sees")
    for secret in (FIRST[setting.lang], REPLY[other.lang], *contacts):
        expect(moderator.page.get_by_text(secret)).to_have_count(0)

    # notices
    city.go("/notices")
    stem = city.words.stem(
        "A company may be able to help with “%(need_title)s”. Do you want to be introduced?"
    )
    expect(city.main.get_by_role("link", name=stem).first).to_be_visible()
    vendor.go("/notices")
    expect(vendor.main.get_by_role("link", name=NEED).first).to_be_visible()

    # the mails, each in the language of its reader
    administrator = Reader(new_page(setting), setting)
    administrator.sign_in("admin@demo.example")
    administrator.go("/admin/mail")
    for email, reader, heading in (
        ("city@demo.example", city, "A company may be able to help with your need"),
        (vendor_email, vendor, "A city would like to know whether you can help"),
        (vendor_email, vendor, "You have a new message"),
    ):
        row = (
            administrator.main.get_by_role("row")
            .filter(has_text=email)
            .filter(has_text=reader.words(heading))
        )
        expect(row.first).to_be_visible()
    administrator.main.get_by_role("link", name=vendor.words("You have a new message")).first.click()
    administrator.look()
    expect(administrator.page.get_by_role("heading", level=1)).to_have_text(
        vendor.words("You have a new message")
    )
