"""A vendor takes a capability from a draft to the published page, then asks to be introduced to a city.

The draft names one reference project. A moderator publishes it; the vendor finds a need of a city, expresses
interest with the new capability, and reads afterwards what became of it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader
from tests.journeys.stories import capability_story

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_vendor_publishes_a_capability_and_asks(setting: Setting, new_page) -> None:
    vendor, moderator = (Reader(new_page(setting), setting) for _ in range(2))
    words, story = vendor.words, capability_story(setting.lang)
    vendor.sign_in("vendor@demo.example")
    vendor.link("Post a capability")
    vendor.heading("New capability")
    vendor.choose("In which language do you write?", {"vi": "Tiếng Việt", "en": "English"}[setting.lang])
    vendor.press("The whole form on one page")
    vendor.fill_story(story)
    client = {"vi": "Công ty Cấp nước Minh Họa", "en": "Demo Water Utility"}[setting.lang]
    reference = vendor.group("Reference projects").locator("details").first
    vendor.fill("Client", client, reference)
    vendor.fill("Where it was done", "Singapore", reference)
    vendor.fill("Year", "2025", reference)
    vendor.press("Save")
    vendor.reads("Saved.")
    vendor.holds_story(story)
    expect(vendor.field("Client", reference)).to_have_value(client)
    vendor.send()
    path = urlsplit(vendor.page.url).path

    moderator.sign_in("moderator@demo.example")
    moderator.publish_listing(story.title)

    # public now, the reference shown as what it is: a claim
    vendor.go(path)
    expect(vendor.main.get_by_text(client)).to_be_visible()
    vendor.reads("Claimed, not confirmed")

    # a need that no rule keeps from it, whatever other journeys have posted before
    vendor.menu("Needs")
    vendor.page.get_by_role("searchbox").fill({"vi": "do man", "en": "salinity"}[setting.lang])
    vendor.press("Search")
    need_title = {
        "vi": "Biết độ mặn tại 30 cống lấy nước trước khi mở",
        "en": "Know the salinity at 30 intake gates before they open",
    }[setting.lang]
    vendor.main.get_by_role("heading", level=3).get_by_role("link", name=need_title).click()
    vendor.look()
    vendor.reads("Can you help with this need?")
    label = vendor.field("Which of your capabilities?")
    choice = label.locator("option").filter(has_text=story.title).first.get_attribute("value")
    label.select_option(choice)
    said = {"vi": "Chúng tôi đã làm việc này ở một thành phố.", "en": "We have done this in one city."}[
        setting.lang
    ]
    vendor.fill("What would you like to say to the forum?", said)
    vendor.page.get_by_role(
        "checkbox", name=words("We have no relation with people of the other side that we have not declared.")
    ).check()
    vendor.press("Express interest")
    vendor.reads(
        "Your interest is recorded. A moderator looks at it, and this page tells you what becomes of it."
    )
    course = vendor.main.get_by_role("region").filter(has_text=said)
    expect(course).to_have_count(1)
    expect(course.get_by_role("link", name=need_title).first).to_be_visible()
    expect(course.get_by_text(words("Waits for a moderator"))).to_be_visible()
    expect(course.get_by_text(words("Received by the forum"))).to_be_visible()

    # the moderator sees it as the company's yes and puts it on the short list; the vendor learns of it
    vendor.go("/suggestions")
    row = vendor.main.get_by_role("listitem").filter(has_text=said)
    expect(row).to_have_count(1)
    row.get_by_role("link", name=need_title).click()
    vendor.look()
    moderator.open_pair(urlsplit(vendor.page.url).path, story.title)
    expect(moderator.main.get_by_text(said)).to_be_visible()
    moderator.press("Short list", moderator.decision())
    moderator.reads("The pair is on the short list.")
    vendor.go("/interests")
    expect(course.get_by_text(words("In review by a moderator"))).to_be_visible()
