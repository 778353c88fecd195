"""A city official takes a need from a first draft to the published page.

She saves half of it, sends it too early and loses nothing; a moderator returns it with a remark at a field, she
mends it, he publishes it. A visitor reads it, and soon the software has suggested capabilities to the moderators.
"""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader
from tests.journeys.stories import need_story

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PROBLEM = "What is the problem?"
TITLE = "Title of the need"
LOCAL = "What is particular about the place?"


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_official_publishes_a_need(setting: Setting, new_page) -> None:
    official, moderator, visitor = (Reader(new_page(setting), setting) for _ in range(3))
    words, story = official.words, need_story(setting.lang)
    official.sign_in("city@demo.example")
    expect(official.main.get_by_role("heading", name=words("Waiting for you"), exact=True)).to_be_visible()
    expect(official.main.get_by_role("heading", name=words("Your organisation’s listings"))).to_be_visible()

    # a draft may be incomplete
    official.link("Post a need")
    official.heading("New need")
    official.choose("In which language do you write?", {"vi": "Tiếng Việt", "en": "English"}[setting.lang])
    official.press("The whole form on one page")
    official.fill(TITLE, story.title)
    official.fill(PROBLEM, story.texts[PROBLEM][:120])
    official.press("Save")
    official.reads("Saved.")
    expect(official.field(TITLE)).to_have_value(story.title)

    # sent too early: the errors lead to their fields, and everything typed is kept
    official.fill("How many people are affected?", "52000")
    official.tick("Working languages", [words.term("language", "vi")])
    official.press("Save and send for review")
    summary = official.page.get_by_role("alert")
    expect(summary).to_be_visible()
    assert official.page.title().startswith(words("Error:"))
    expect(summary.get_by_role("link", name=words(LOCAL))).to_be_visible()
    expect(official.field(PROBLEM)).to_have_value(story.texts[PROBLEM][:120])
    expect(official.field("How many people are affected?")).to_have_value("52000")
    box = official.group("Working languages").get_by_role(
        "checkbox", name=words.term("language", "vi"), exact=True
    )
    expect(box).to_be_checked()
    summary.get_by_role("link", name=words(PROBLEM)).click()
    expect(official.field(PROBLEM)).to_be_focused()
    expect(official.field(PROBLEM)).to_have_attribute("aria-invalid", "true")

    # complete, and sent
    official.field("City or place").select_option("can-tho")
    official.fill_story(story)
    official.send()
    path = urlsplit(official.page.url).path

    # a moderator returns it with a remark at a field
    moderator.sign_in("moderator@demo.example")
    moderator.take_listing(story.title)
    remark = {"vi": "Xin nêu độ sâu của ống.", "en": "Please state the depth of the pipes."}[setting.lang]
    moderator.unfold("Return with remarks")
    moderator.main.get_by_label(words("Field %(n)s", n=1)).select_option("local_specifics")
    moderator.main.get_by_label(words("Remark %(n)s", n=1)).fill(remark)
    moderator.press("Return it")
    moderator.reads("Returned with remarks.")

    # she finds the remark at the field and answers it
    official.go("/")
    task = official.main.get_by_role("listitem").filter(has_text=story.title)
    expect(task.first).to_be_visible()
    official.go(path)
    official.link("Answer them in the form")
    expect(official.field(LOCAL)).to_have_accessible_description(re.compile(re.escape(remark)))
    mended = story.texts[LOCAL] + {"vi": " Ống sâu 1,2 m.", "en": " Pipes lie 1.2 m deep."}[setting.lang]
    official.fill(LOCAL, mended)
    official.press("Look through and send")  # saves what was typed on the way
    expect(official.main.get_by_text(mended)).to_be_visible()
    official.press("Send for review")
    official.reads("Sent to the forum. A moderator reads it and answers here.")

    # published, and read by a visitor
    moderator.publish_listing(story.title)
    visitor.go(f"{path}?lang={setting.lang}")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(story.title)
    expect(visitor.main.get_by_text(mended)).to_be_visible()
    expect(visitor.main.get_by_text(remark)).to_have_count(0)

    # and the software suggests capabilities for it
    bench = f"/review/matches/need/{path.rsplit('/', 1)[1]}"
    deadline = time.monotonic() + 20
    while True:
        moderator.page.goto(bench)
        if moderator.page.locator(".pm-cands").count():
            break
        assert time.monotonic() < deadline, "no capability was suggested within 20 seconds"
        time.sleep(0.5)
    moderator.look()
    official.go(path)
    expect(official.main.get_by_role("heading", name=words("Matches"))).to_be_visible()
