"""A person and their data: a copy, a correction, and in the end erasure, after which their words stand without a name.

The person is made for the journey: invited into a city, where they write in a conversation. The fortnight before an
erasure is over when the row says so; the job and the proof of the audit trail run as the forum runs them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, select, update

from ppp_match.accounts.models import User
from ppp_match.db import now
from ppp_match.privacy.models import ErasureRequest
from tests.journeys.conftest import ROOT, TWO_SETTINGS, Forum, Setting, commanding
from tests.journeys.mailbox import link_in_mail
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PHRASE = "Song-Hau-mua-nuoc-noi"
NAMES = {"vi": "Trần Sắp Nghỉ", "en": "Leaving Soon"}
SAID = {"vi": "Tôi gửi sơ đồ tuyến ống vào thứ Năm.", "en": "I send the plan of the pipes on Thursday."}
WRONG = {
    "vi": "Trong một quyết định cũ tên phòng tôi ghi sai.",
    "en": "An old decision names the wrong office of mine.",
}
ANSWER = {"vi": "Đã sửa tên phòng, cảm ơn bạn.", "en": "The office is named rightly now, thank you."}
CITY = "city@demo.example"
OTHERS = (
    CITY,
    "Cán bộ Cần Thơ Minh Họa",
    "vendor@demo.example",
    "moderator@demo.example",
    "admin@demo.example",
)


def _joins(owner: Reader, person: Reader, email: str, name: str, forum: Forum) -> None:
    """The owner invites, the person opens an account by the link and joins."""
    owner.go("/account")
    owner.link("Team")
    form = owner.main.get_by_role("form", name=owner.words("Invite somebody"))
    form.get_by_label(owner.words("E-mail of the person")).fill(email)
    form.get_by_role("radio", name=owner.words("member")).check()
    form.get_by_role("radio", name={"vi": "Tiếng Việt", "en": "English"}[owner.setting.lang]).check()
    owner.press("Send the invitation", form)
    person.go(link_in_mail(email, forum.mail, "invitations"))
    person.fill("Your name", name)
    person.fill("Password", PHRASE)
    person.main.get_by_role("checkbox").check()
    person.press("Open an account")
    person.fill("E-mail", email)
    person.fill("Password", PHRASE)
    person.press("Sign in")
    person.main.locator(".pm-panel").get_by_role("button").click()
    person.heading("Team")


def _takes_copy(person: Reader, folder: Path) -> dict[str, str]:
    """Ask for the copy, wait until it is made, take it; returns what is in it."""
    person.go("/account/privacy")
    person.press("Ask for a copy")
    person.reads("Your copy is being made. You get a notice when it is ready.")
    take = person.main.get_by_role(
        "button", name=re.compile(re.escape(person.words.stem("Take the copy (%(size)s kB)")))
    )
    deadline = time.monotonic() + 30
    while not take.count() and time.monotonic() < deadline:
        time.sleep(0.5)
        person.page.reload()
    person.look()
    with person.page.expect_download() as coming:
        take.click()
    assert coming.value.suggested_filename == "ppp-match-my-data.zip"
    path = folder / "copy.zip"
    coming.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def _holds_what_is_theirs(files: dict[str, str], person: Reader, email: str, name: str) -> None:
    content = {key: json.loads(text) for key, text in files.items() if key.endswith(".json")}
    assert {"README.md", "DOC-TRUOC.md"} < set(files)
    (account,) = content["account.json"]["user"]
    assert (account["email"], account["name"]) == (email, name)
    (message,) = content["introductions.json"]["message"]
    assert message["body"] == SAID[person.setting.lang]
    assert {row["how"] for row in content["consents.json"]["consent_decision"]} == {"registration"}
    whole = "\n".join(files.values())
    for other in OTHERS:
        assert other not in whole, other
    assert PHRASE not in whole


def _waiting_is_over(forum: Forum, email: str) -> None:
    """Bring the day of the erasure forward, then let the job of the clock run, which comes once an hour."""
    engine = create_engine(forum.database_url or f"sqlite:///{forum.instance / 'ppp_match.sqlite3'}")
    person = select(User.id).where(User.email == email).scalar_subquery()
    with engine.begin() as connection:
        earlier = update(ErasureRequest).where(
            ErasureRequest.user_id == person, ErasureRequest.state == "waiting"
        )
        changed = connection.execute(earlier.values(due_at=now() - timedelta(minutes=1)))
        assert changed.rowcount == 1
    engine.dispose()
    _run(forum, "-c", "from ppp_match import app, jobs; jobs.perform(app.create_app(), 'erasures')")


def _run(forum: Forum, *words: str) -> str:
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, *words],
        cwd=ROOT,
        env=commanding(forum),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_copy_correction_and_erasure(setting: Setting, new_page, forum: Forum, tmp_path: Path) -> None:
    owner, person, administrator = (Reader(new_page(setting), setting) for _ in range(3))
    words, lang, name = person.words, setting.lang, NAMES[setting.lang]
    email = f"sap-nghi-{time.time_ns()}@can-tho.example"
    owner.sign_in(CITY)
    _joins(owner, person, email, name, forum)
    person.go("/introductions")
    person.main.get_by_role("heading", level=2).get_by_role("link").first.click()
    person.look()
    conversation = person.page.url
    person.main.get_by_role("textbox", name=words("Write a message")).fill(SAID[lang])
    person.press("Send message")
    owner.go(conversation)
    written = owner.main.get_by_role("listitem").filter(has_text=SAID[lang])
    expect(written).to_contain_text(name)

    _holds_what_is_theirs(_takes_copy(person, tmp_path), person, email, name)

    # a correction: asked, decided by an administrator with a reason, read
    person.link("Ask for a correction")
    person.press("Send the request")
    expect(person.page.get_by_role("alert")).to_be_visible()
    person.fill("What is wrong, and what is right?", WRONG[lang])
    person.press("Send the request")
    person.reads("Your request has been sent. You get a notice with the answer.")
    administrator.sign_in("admin@demo.example")
    administrator.go("/admin/corrections")
    administrator.main.get_by_role("link", name=name).first.click()
    administrator.look()
    expect(administrator.main.get_by_text(WRONG[lang])).to_be_visible()
    administrator.main.get_by_role("radio", name=words("It is corrected")).check()
    administrator.press("Send the answer")
    expect(administrator.page.get_by_role("alert")).to_be_visible()
    expect(administrator.main.get_by_role("radio", name=words("It is corrected"))).to_be_checked()
    administrator.fill("Words to the person", ANSWER[lang])
    administrator.press("Send the answer")
    administrator.reads("Answered. The person has been told.")
    person.go("/account/privacy")
    answered = person.main.get_by_role("listitem").filter(has_text=WRONG[lang])
    expect(answered).to_contain_text(ANSWER[lang])
    expect(answered).to_contain_text(words("corrected"))

    # erasure: not without the box; taken back; asked for again
    person.link("Erase my data")
    person.press("Ask for erasure")
    expect(person.page.get_by_role("alert")).to_be_visible()
    for _time in range(2):
        person.go("/account/erasure")
        person.main.get_by_role("checkbox").check()
        person.press("Ask for erasure")
        person.reads("Noted. Until the day that is named you can take it back.")
        if not _time:
            person.press("Keep my account")
            person.reads("Your account stays as it is.")
    _waiting_is_over(forum, email)

    # nobody is signed in any more nor can be; the words stand, the name is nowhere; the trail is whole
    person.page.goto("/account")
    expect(person.page).to_have_url(re.compile("/login"))
    person.fill("E-mail", email)
    person.fill("Password", PHRASE)
    person.press("Sign in")
    person.reads("E-mail or password is not right.")
    owner.go(conversation)
    expect(written).to_contain_text(words("Former member"))
    for page in (conversation, "/account", "/notices"):
        owner.go(page)
        assert name not in owner.page.content(), page
    assert email not in owner.page.content()
    administrator.go("/admin/corrections")
    expect(administrator.main.get_by_text(name)).to_have_count(0)
    assert "The audit trail is whole" in _run(forum, "-m", "ppp_match.cli", "verify-audit")
