"""A company declares its owner and later says that it sold; the forum confirms. A moderator recuses themselves."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ppp_match.seeding.people import key_id
from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
OWNER = {"vi": "Tập đoàn Cửa Biển (minh họa)", "en": "Estuary Holding (demonstration)"}
RECUSED_FROM = {"vi": "org-aozora", "en": "org-phu-sa"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_relation_is_declared_and_its_end_confirmed(setting: Setting, new_page) -> None:
    company, moderator, visitor = (Reader(new_page(setting), setting) for _ in range(3))
    words, owner = company.words, OWNER[setting.lang]
    company.sign_in("vendor@demo.example")
    company.go(f"/organisations/{key_id('org-hydrosense')}")
    company.link("Relations to other organisations")
    company.fill("Organisation", owner)
    company.main.get_by_role("radio", name=words("Owner or parent")).check()
    company.press("Declare it")
    expect(company.page.get_by_role("alert")).to_be_visible()  # nobody in the forum is called so
    company.main.get_by_role("radio", name=words("“%(name)s”, which is not in the forum", name=owner)).check()
    expect(company.main.get_by_role("radio", name=words("Owner or parent"))).to_be_checked()
    company.press("Declare it")
    company.reads("Declared. It stands in the register, and pairs of the two are not offered.")
    visitor.go("/relations")
    row = visitor.main.get_by_role("row").filter(has_text=owner)
    expect(row).to_contain_text(words("in force"))

    line = company.main.get_by_role("listitem").filter(has_text=owner)
    company.link("It has ended", line)
    company.fill("Reason", "Đã bán hết cổ phần.")
    company.press("It has ended")
    company.reads("Saved. Those concerned have been told.")
    moderator.sign_in("moderator@demo.example")
    moderator.menu("Declarations")
    moderator.link("Relations said to have ended")
    moderator.main.get_by_role("link", name=owner).click()
    moderator.look()
    moderator.main.get_by_role("radio", name=words("Yes, it has ended")).check()
    moderator.fill("Reason", "Giấy đăng ký mới đã xem.")
    moderator.press("Answer")
    moderator.reads("Saved. Those concerned have been told.")
    visitor.go("/relations")
    expect(row).to_contain_text(words("ended"))
    expect(row).not_to_contain_text(words("in force"))


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_moderator_recuses_themselves(setting: Setting, new_page) -> None:
    moderator = Reader(new_page(setting), setting)
    moderator.sign_in("moderator3@demo.example")
    moderator.go(f"/organisations/{key_id(RECUSED_FROM[setting.lang])}")
    name = moderator.main.get_by_role("heading", level=1).inner_text()
    moderator.link("Recuse yourself from this organisation")
    moderator.main.get_by_role("radio", name=moderator.words("Something else")).check()
    moderator.press("Recuse myself")
    expect(moderator.page.get_by_role("alert")).to_be_visible()  # it says little without a word
    moderator.fill("More about it", "Bạn học cũ điều hành công ty này.")
    moderator.press("Recuse myself")
    moderator.reads("You are recused. What you had in hand of this organisation is free for a colleague.")
    expect(moderator.main.get_by_role("heading", name=name)).to_be_visible()
    moderator.go(f"/organisations/{key_id(RECUSED_FROM[setting.lang])}")
    expect(
        moderator.main.get_by_role("link", name=moderator.words("Suspend the organisation"))
    ).to_have_count(0)
