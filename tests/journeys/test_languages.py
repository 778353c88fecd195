"""A Vietnamese need gets its English text: readers without it get glosses, a moderator sees both sides, then all read it.

The owner writes in the Vietnamese interface; the moderator and the reader are English, the reader on a phone.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
NEED = "Giám sát an toàn thông tin cho 46 hệ thống của thành phố"
ENGLISH = {
    "Title of the need": "Watch the information security of 46 systems of the city",
    "What is the problem?": (
        "The city runs 46 information systems, and nobody watches them at night. Attacks are found late, logs lie in "
        "many places, and the few specialists of the centre cannot look at all of them. Residents have to trust "
        "services whose weak points are found by chance."
    ),
    "What result do you want, and how is success measured?": (
        "Every attack is noticed within one hour, day and night, and each month the city reads what was found."
    ),
}


def test_second_language(new_page) -> None:
    vietnamese, english = Setting("desktop", "vi", True), Setting("desktop", "en", True)
    phone = Setting("phone", "en", True)
    owner = Reader(new_page(vietnamese), vietnamese)
    moderator, reader = Reader(new_page(english), english), Reader(new_page(phone), phone)

    # before: the original with terms of the lexicon in brackets, which one can hide
    path = reader.find("needs", NEED)
    title = reader.page.get_by_role("heading", level=1)
    expect(title).to_have_attribute("lang", "vi")
    gloss = reader.main.locator(".pm-gloss-t")
    expect(gloss.first).to_be_visible()
    reader.link("Hide the brackets")
    expect(gloss).to_have_count(0)
    reader.link("Show the brackets")
    expect(gloss.first).to_be_visible()

    # the owner writes the English text beside the original; half of it is kept
    owner.sign_in("officer@da-nang.example")
    owner.go(path)
    owner.link("Add English")
    expect(owner.main.locator(".pm-terms li").first).to_be_visible()
    for label, text in list(ENGLISH.items())[:2]:
        owner.fill(label, text)
    owner.press("Save")
    owner.reads("Saved.")
    for label, text in list(ENGLISH.items())[:2]:
        expect(owner.field(label)).to_have_value(text)
    expect(owner.field("Title of the need")).to_have_attribute("lang", "en")
    label, text = list(ENGLISH.items())[2]
    owner.fill(label, text)
    owner.press("Save and send for review")
    owner.reads("Sent to the forum. A moderator reads it and answers here.")

    # nothing of it is public before a moderator has read both sides
    reader.go(path)
    expect(title).to_have_text(NEED)
    moderator.sign_in("moderator@demo.example")
    moderator.take_listing(ENGLISH["Title of the need"])
    sides = moderator.main.locator(".pm-second").filter(
        has=moderator.page.get_by_role("heading", name="Title of the need", exact=True)
    )
    expect(sides.locator("[lang=vi]").first).to_contain_text("46")
    expect(sides.locator("[lang=en]").first).to_contain_text("Watch")
    moderator.press("Accept the changes")
    moderator.reads("Published.")

    # the reader gets it in English, and the original on request
    reader.go(path)
    expect(title).to_have_text(ENGLISH["Title of the need"])
    expect(reader.main.get_by_text(ENGLISH["What is the problem?"])).to_be_visible()
    reader.link("Read it in Vietnamese")
    expect(title).to_have_text(NEED)
