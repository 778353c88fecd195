"""Somebody reports a text, a moderator answers, the reporter reads the result; a concern is told and read again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ppp_match.seeding.people import key_id
from tests.journeys.conftest import TWO_SETTINGS, Forum, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
CAPABILITY = {"vi": "cap-tram-do-man", "en": "cap-microgrid"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_report_is_answered_and_a_concern_read_again(setting: Setting, new_page, forum: Forum) -> None:
    official, moderator, stranger = (Reader(new_page(setting), setting) for _ in range(3))
    words = official.words
    official.sign_in("city@demo.example")
    official.go(f"/capabilities/{key_id(CAPABILITY[setting.lang])}")
    official.link("Report this text")
    official.press("Send the report")
    expect(official.page.get_by_role("alert")).to_be_visible()  # nothing was chosen
    official.main.get_by_role("radio", name=words("Misleading claim")).check()
    official.fill("In your words", "Con số không có năm gốc.")
    official.press("Send the report")
    official.reads("Thank you. A moderator looks at it, and you will be told the result.")

    moderator.sign_in("moderator2@demo.example")
    moderator.go("/review/reports")
    moderator.main.get_by_role("heading", level=2).get_by_role("link").last.click()
    moderator.look()
    moderator.main.get_by_role("radio", name=words("Leave it as it is")).check()
    moderator.fill("Reason", "Năm gốc đứng ở phần kết quả.")
    moderator.press("Decide")
    moderator.reads("Decided. Those concerned have been told.")
    official.go("/complaints")
    expect(official.main.get_by_text(words("left as it is")).first).to_be_visible()

    stranger.go("/report-concern")
    stranger.main.get_by_role("radio", name=words("Corruption")).check()
    stranger.fill("What happened?", "Có người nhận quà.")
    stranger.press("Tell the administrators")
    code, secret = stranger.main.locator("code").all_text_contents()
    stranger.link("The page for coming back")
    stranger.fill("Case code", code)
    stranger.fill("Secret phrase", secret)
    stranger.press("Open the case")
    expect(stranger.main.get_by_text("Có người nhận quà.")).to_be_visible()
