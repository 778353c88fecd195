"""An official leaves her post: she invites her successor by mail, who opens an account, joins and takes over a need."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Forum, Setting
from tests.journeys.mailbox import link_in_mail
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
PHRASE = "Cau-Long-Bien-buoi-som"
HANDED = {
    "vi": "Tìm nguồn bụi mịn theo từng khu phố",
    "en": "Thêm 210 phòng học ở sáu phường tăng dân số nhanh",
}
NAMES = {"vi": "Người Kế Nhiệm", "en": "Successor Demo"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_post_changes_hands(setting: Setting, new_page, forum: Forum) -> None:
    owner, successor = (Reader(new_page(setting), setting) for _ in range(2))
    words, name = owner.words, f"{NAMES[setting.lang]} {setting.size}"
    email = f"ke-nhiem-{time.time_ns()}@ha-noi.example"
    owner.sign_in("officer@ha-noi.example")
    owner.go("/account")
    owner.link("Team")
    team = owner.page.url
    form = owner.main.get_by_role("form", name=words("Invite somebody"))
    form.get_by_label(words("E-mail of the person")).fill("no address")
    owner.press("Send the invitation", form)
    expect(owner.page.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label(words("E-mail of the person"))).to_have_value("no address")
    form.get_by_label(words("E-mail of the person")).fill(email)
    form.get_by_role("radio", name=words("member")).check()
    form.get_by_role("radio", name={"vi": "Tiếng Việt", "en": "English"}[setting.lang]).check()
    owner.press("Send the invitation", form)
    owner.reads("The invitation is on its way to %(email)s.", email=email)
    expect(owner.main.get_by_role("row").filter(has_text=email)).to_contain_text(words("No answer yet"))

    # the link of the mail: opening it changes nothing; then an account, then the yes
    successor.go(link_in_mail(email, forum.mail, "invitations"))
    successor.fill("Your name", name)
    successor.fill("Password", PHRASE)
    successor.press("Open an account")
    box = successor.main.get_by_role("checkbox")
    expect(box).to_have_accessible_description(words("Without your agreement no account can be opened."))
    expect(successor.field("Your name")).to_have_value(name)
    successor.fill("Password", PHRASE)
    box.check()
    successor.press("Open an account")
    successor.fill("E-mail", email)
    successor.fill("Password", PHRASE)
    successor.press(
        "Sign in"
    )  # what is in force was agreed to, so nothing is asked before the invitation opens
    successor.reads("You are signed in as %(name)s.", name=name)
    successor.main.locator(".pm-panel").get_by_role("button").click()
    successor.look()
    successor.heading("Team")
    expect(successor.main.get_by_role("heading", name=name)).to_be_visible()
    expect(successor.main.get_by_role("button", name=words("Send the invitation"))).to_have_count(0)

    # she hands over one need: chosen, shown once more, done
    owner.go(team)
    own = owner.main.get_by_role("listitem").filter(
        has=owner.page.get_by_role("heading", name=f"({words('you')})")
    )
    owner.link("Hand over", own)
    owner.heading("Hand over what you hold")
    for box in owner.main.get_by_role("checkbox").all():
        box.uncheck()
    owner.main.get_by_role("checkbox", name=HANDED[setting.lang]).check()
    owner.field("Successor").select_option(label=name)
    note = {"vi": "Gọi phòng kỹ thuật trước thứ Sáu.", "en": "Call the engineers before Friday."}[
        setting.lang
    ]
    owner.fill("Note to the successor", note)
    owner.press("See what moves")
    expect(owner.main.get_by_role("heading", name=HANDED[setting.lang])).to_be_visible()
    owner.press("Hand over now")
    owner.reads("Handed over. The successor has been told.")

    # the successor is told, finds the note, and may edit what is hers now
    successor.go("/")
    successor.go("/notices")
    successor.main.get_by_role("listitem").first.get_by_role("link").first.click()
    successor.look()
    expect(successor.main.get_by_text(note)).to_be_visible()
    successor.go(team)
    hers = successor.main.get_by_role("listitem").filter(has=successor.page.get_by_role("heading", name=name))
    expect(hers.get_by_text(HANDED[setting.lang])).to_be_visible()
