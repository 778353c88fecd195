"""From an introduction to a measured result: both sides report, one confirms the other, the forum verifies what differs,
and a side answers the forum's question by the link in its mail, without signing in.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 1")]
# A pair for each setting, since a course is walked once: city, company, the title of the need.
PAIRS = {
    "vi": ("city@demo.example", "truc-ban@phusa-thoatnuoc.example", "Giảm ngập 20 tuyến phố ven sông"),
    "en": (
        "officer@kuching.example",
        "vendor@demo.example",
        "Integrated flood response across three river basins",
    ),
}
OTHER_COMPANY = "Phù Sa"  # of the two that the first city was introduced to
LINK = re.compile(r"/status/[\w.\-]+\?answer=in_talks")


def _opens(reader: Reader, title: str) -> str:
    """The partnership of that need, found in the menu's list; returns its path."""
    reader.menu("Partnerships")
    reader.go("/partnerships?state=all")
    rows = reader.main.get_by_role("listitem").filter(has=reader.page.get_by_role("link", name=title))
    if rows.count() > 1:
        rows = rows.filter(has_text=OTHER_COMPANY)
    rows.first.get_by_role("link", name=title).first.click()
    reader.look()
    return urlsplit(reader.page.url).path


def _reports_money(reader: Reader, amount: str, source: str) -> None:
    words = reader.words
    reader.link("Report an amount")
    reader.choose("What is it?", words("Committed"))
    reader.press("Save")  # without amount and source: both are asked for, the choice is kept
    expect(reader.page.get_by_role("alert")).to_be_visible()
    expect(reader.group("What is it?").get_by_role("radio", name=words("Committed"))).to_be_checked()
    reader.fill("Amount with its currency", amount)
    reader.fill("Source", source)
    reader.press("Save")
    reader.reads("Saved. The other side is told, and can say the same or otherwise.")


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_from_introduction_to_a_measured_result(new_page, setting: Setting):
    city_mail, company_mail, title = PAIRS[setting.lang]
    city, company = (Reader(new_page(setting), setting) for _side in range(2))
    city.sign_in(city_mail)
    path = _opens(city, title)
    city.link("Report how it stands")
    city.choose("How does it stand?", city.words("Pilot running"))
    city.press("Report it")
    city.reads("Saved. The other side is told, and can say the same or otherwise.")
    city.link("Choose an indicator")
    city.field("Indicator").select_option("WAT-03")
    city.fill("Baseline", "120")
    city.fill("Day of the baseline", "2026-01-15")
    city.fill("Target", "40")
    city.fill("Day of the target", "2028-01-15")
    city.fill("Source and method", "Trạm đo / gauges")
    city.press("Save")
    city.reads("Saved. Both sides keep this together.")
    city.link("Report a value")
    city.fill("Value", {"vi": "90,5", "en": "90.5"}[setting.lang])
    city.press("Save")
    _reports_money(city, {"vi": "4,6 tỷ", "en": "MYR 820,000"}[setting.lang], "Hợp đồng / contract")

    company.sign_in(company_mail)
    company.go(path)
    waiting = company.main.locator(".pm-todo > li")
    expect(waiting).to_have_count(3)
    for _statement in range(2):
        waiting.first.get_by_role("button", name=re.compile(rf"^{company.words('It is so')}")).click()
        company.look()
        company.reads("Confirmed: both sides say the same.")
    company.go(path)
    expect(waiting).to_have_count(1)
    _reports_money(company, {"vi": "4,2 tỷ", "en": "MYR 750,000"}[setting.lang], "Phụ lục / annex")
    what = company.words("Money: %(status)s", status=company.words("Committed"))
    company.reads("The two sides report different things: %(what)s", what=what)

    forum = Reader(new_page(setting), setting)
    forum.sign_in("moderator@demo.example")
    forum.go("/review/partnerships")
    row = forum.main.get_by_role("listitem").filter(has=forum.page.get_by_role("link", name=title))
    row.first.get_by_role("link", name=re.compile(rf"^{forum.words('verify')}")).first.click()
    forum.look()
    forum.fill("What evidence did you see?", "Hợp đồng đã ký, điều 4 / signed contract, article 4")
    forum.press("Verify it")
    forum.reads("Verified. Both sides are told.")
    city.go(path)
    expect(city.main.get_by_text(city.words("Verified"), exact=True).first).to_be_visible()


def test_the_forums_question_is_answered_by_the_link_in_the_mail(new_page):
    setting = Setting("phone", "vi", False)
    administrator = Reader(new_page(setting), setting)
    administrator.sign_in("admin@demo.example")
    link = None
    for number in range(1, 13):
        administrator.page.goto(f"/admin/mail?page={number}")
        subject = administrator.main.get_by_role("link", name="Diễn đàn hỏi hợp tác tiến triển ra sao")
        if subject.count():
            subject.first.click()
            link = LINK.search(administrator.page.content().replace("&amp;", "&"))
            break
    assert link is not None, "no mail asks how a partnership goes"
    reader = Reader(new_page(setting), setting)
    reader.go(link.group())
    expect(
        reader.group("How does it stand?").get_by_role("radio", name=reader.words("In talks"))
    ).to_be_checked()
    reader.press("Send the answer")
    reader.reads("Thank you: the answer is saved")
    reader.go(link.group())
    reader.heading("This was answered already")
