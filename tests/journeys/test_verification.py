"""A city asks to be verified and two moderators look; a company's reference is confirmed by its client by mail alone."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from ppp_match.seeding.people import key_id
from tests.journeys.conftest import TWO_SETTINGS, Forum, Setting
from tests.journeys.mailbox import link_in_mail
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
CITY = {"vi": ("ben-song-ward", "org-ben-song-ward"), "en": ("battambang", "org-battambang")}
CAPABILITY = {"vi": "cap-ve-xe-buyt", "en": "cap-sewage-bot"}
OWNER = {"vi": "bich-lam@machso.example", "en": "mizuki.demo@aozora-water.example"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_city_is_verified_by_two_moderators(setting: Setting, new_page, forum: Forum) -> None:
    owner, office, first, second = (Reader(new_page(setting), setting) for _ in range(4))
    words = owner.words
    name, key = CITY[setting.lang]
    place = f"/organisations/{key_id(key)}/verification"
    owner.sign_in(f"officer@{name}.example")
    owner.go(place)
    begin = owner.main.get_by_role("button", name=words("Begin"), exact=True)
    if begin.count():
        begin.click()
        owner.look()
    # the domain: a link to a mailbox there, whose reader has no account
    address = f"office-{time.time_ns()}@{name}.example"
    owner.fill("An address at your official domain", address)
    owner.press("Send the link")
    owner.reads("A link is on its way to that address. Whoever reads mail there opens it and confirms.")
    office.go(link_in_mail(address, forum.mail, "verification/domain"))
    office.press("Yes, this domain is ours")
    office.reads("Thank you. The domain %(domain)s is confirmed.", domain=f"{name}.example")
    # the evidence: an unusual number is asked about once, what was typed stays
    owner.go(place)
    owner.fill("Registration number", "12/QĐ-UBND")
    owner.fill("Who asks, and why they may", "Trưởng phòng, theo phân công.")
    owner.press("Send to the forum")
    unusual = owner.main.get_by_label(words("The number looks unusual, but our certificate says so"))
    if unusual.count():  # a country whose numbers the forum knows
        expect(owner.main.get_by_label(words("Registration number"))).to_have_value("12/QĐ-UBND")
        unusual.check()
        owner.press("Send to the forum")
    owner.reads("The forum has been asked. You will be told of the decision by notice and mail.")

    for moderator, email in ((first, "moderator2@demo.example"), (second, "moderator3@demo.example")):
        moderator.sign_in(email)
        moderator.go(f"/review/organisations?find={name.split('-')[0]}")
        moderator.main.get_by_role("heading", level=2).get_by_role("link").last.click()
        moderator.look()
        for box in moderator.main.get_by_role("checkbox").all():
            box.check()
        sure = "Nothing is wrong: a colleague looks next" if moderator is first else "Verify the organisation"
        moderator.main.get_by_role("radio", name=words(sure)).check()
        moderator.press("Keep the finding")
        moderator.look()
    second.reads("The organisation is verified. Its people have been told.")
    owner.go(f"/organisations/{key_id(key)}")
    expect(owner.main.get_by_text(words("Verified"), exact=True).first).to_be_visible()


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_client_confirms_without_an_account(setting: Setting, new_page, forum: Forum) -> None:
    seller, client, reader = (Reader(new_page(setting), setting) for _ in range(3))
    words = seller.words
    capability = f"/capabilities/{key_id(CAPABILITY[setting.lang])}"
    seller.sign_in(OWNER[setting.lang])
    seller.go(f"{capability}/references")
    address = f"client-{time.time_ns()}@client.example"
    form = seller.main.get_by_role("form").filter(
        has=seller.page.get_by_label(words("E-mail of the person at the client"))
    )
    form.get_by_label(words("E-mail of the person at the client")).fill(address)
    form.get_by_role("button").click()
    seller.reads("The question is on its way to the client. You are told when there is an answer.")
    link = link_in_mail(address, forum.mail, "references")
    client.go(link)
    client.main.get_by_role("radio", name=words("Yes, this is true")).check()
    client.press("Send the answer")
    expect(client.page.get_by_role("alert")).to_be_visible()  # nothing is kept without consent
    client.main.get_by_label(words("I agree that this answer is kept as described below")).check()
    client.press("Send the answer")
    client.heading("Thank you for your answer")
    client.go(link, status=404)
    reader.go(capability)
    expect(reader.main.get_by_text(words("Confirmed by the client")).first).to_be_visible()
