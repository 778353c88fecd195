"""A new person opens an account, confirms the address by the link in the mail, and registers an organisation.

The mail is read where a demo forum without a mail server writes it. Signing out ends the session on the server: a
copy of its cookie opens nothing afterwards. One test goes without a mouse.
"""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, Forum, Setting
from tests.journeys.mailbox import link_in_mail
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SETTING = Setting("phone", "vi", True)
PHRASE = "Cau-Can-Tho-ngay-mua-dong"


def test_new_person_registers_an_organisation(new_page, forum: Forum) -> None:
    reader = Reader(new_page(SETTING), SETTING)
    page, words = reader.page, reader.words
    email = f"nguoi-moi-{time.time_ns()}@moi.example"
    reader.go("/")
    page.get_by_role("banner").get_by_role("link", name=words("Sign in")).click()
    reader.link("Open an account")
    reader.fill("Your name", "Người Mới")
    reader.fill("E-mail", email)
    reader.fill("Password", "12345678")
    reader.press("Open an account")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(reader.field("E-mail")).to_have_value(email)
    reader.fill("Password", PHRASE)
    page.get_by_role("checkbox").check()
    reader.press("Open an account")
    expect(reader.main.get_by_text(email)).to_be_visible()

    # not before the address is confirmed, and not with a wrong password
    reader.fill("E-mail", email)
    reader.fill("Password", PHRASE)
    reader.press("Sign in")
    reader.reads("Your e-mail address is not confirmed yet. Open the link in the mail we sent you.")
    reader.go(link_in_mail(email, forum.mail, "confirm"))
    reader.press("Confirm the address")
    reader.reads("Your e-mail address is confirmed. Sign in to begin.")
    reader.go("/login")
    reader.fill("E-mail", email)
    reader.fill("Password", "khong-phai-mat-khau")
    reader.press("Sign in")
    reader.reads("E-mail or password is not right.")
    reader.sign_in(email, PHRASE)
    reader.heading("Welcome, %(name)s", name="Người Mới")

    # the first step: an organisation
    reader.link("Register an organisation")
    reader.press("Register the organisation")
    expect(page.get_by_role("alert")).to_be_visible()
    reader.choose("Kind of organisation", reader.words.term("organisation_kind", "vendor"))
    reader.main.get_by_label(words("What it is exactly")).select_option("technology")
    name = f"Công ty Thử Nghiệm {time.time_ns()}"
    reader.main.get_by_label(words("Legal name in Vietnamese")).fill(name)
    reader.field("Country").select_option("VN")
    reader.main.get_by_label(re.compile(f"^{words('Size')}")).select_option("small")
    reader.press("Register the organisation")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    reader.go("/")
    reader.reads("Your organisation is not verified yet")

    # signing out ends the session, for every copy of its cookie too
    cookies = page.context.cookies()
    reader.sign_out()
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.goto("/account")
    expect(page).to_have_url(re.compile("/login"))


def test_forum_works_by_keyboard(new_page) -> None:
    """The skip link comes first and leads to the content; a form is filled and sent with the keys alone."""
    setting = Setting("desktop", "en", True)
    reader = Reader(new_page(setting), setting)
    page, words = reader.page, reader.words
    reader.go("/login?lang=en")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name=words("Skip to main content"))
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(reader.main).to_be_focused()
    for _step in range(8):
        page.keyboard.press("Tab")
        if reader.field("E-mail").evaluate("field => field === document.activeElement"):
            break
    expect(reader.field("E-mail")).to_be_focused()
    outline = reader.field("E-mail").evaluate(
        "field => [getComputedStyle(field).outlineStyle, getComputedStyle(field).boxShadow].join(' ')"
    )
    assert outline != "none none", "focus must be seen"
    page.keyboard.type("city@demo.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=words("Sign out"))).to_be_visible()
    reader.look()
