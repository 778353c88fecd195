"""A person makes a passkey, signs in with the password and it, then with it alone, and confirms a sensitive step with it.

The passkey lies in the authenticator that Chromium plays (CDP WebAuthn). Passkeys want a name in the address, so this
journey goes to localhost. Codes of an app, which need no script, are tried in tests/accounts.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Forum, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SETTING = Setting("phone", "vi", True)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(page: Page) -> None:
    """From now on this page has a device that keeps passkeys and says yes at once."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_opens_the_account(new_page, forum: Forum) -> None:
    by_name = replace(forum, address=forum.address.replace("127.0.0.1", "localhost"))
    reader = Reader(new_page(SETTING, at=by_name), SETTING)
    page, words = reader.page, reader.words
    with_device(page)
    name = f"Điện thoại {time.time_ns()}"
    reader.go("/login")
    reader.sign_in("partner@demo.example", PASSWORD)
    reader.go("/account/second-factor")
    reader.link("Add a passkey")
    page.get_by_role("button", name=words("Make the passkey")).click()
    expect(page.get_by_role("alert")).to_be_visible()
    reader.fill("Name of the passkey", name)
    page.get_by_role("button", name=words("Make the passkey")).click()
    reader.heading("Recovery codes")
    expect(reader.main.locator("code")).to_have_count(10)
    reader.look()
    reader.link("I have kept them")
    expect(reader.main.get_by_role("heading", name=name)).to_be_visible()
    reader.look()

    reader.sign_out()
    reader.go("/login")
    reader.fill("E-mail", "partner@demo.example")
    reader.fill("Password", PASSWORD)
    page.get_by_role("button", name=words("Sign in"), exact=True).click()
    reader.heading("Second step")
    reader.look()
    page.get_by_role("button", name=words("Use a passkey")).click()
    expect(page.get_by_role("button", name=words("Sign out"))).to_be_visible()

    reader.sign_out()
    reader.go("/login?next=/account/sessions")
    page.get_by_role("button", name=words("Sign in with a passkey")).click()
    expect(page).to_have_url(re.compile("^[^?]*/account/sessions$"))

    reader.go("/account/confirm?next=/account/email")
    reader.look()
    page.get_by_role("button", name=words("Use a passkey")).click()
    expect(page).to_have_url(re.compile("^[^?]*/account/email$"))

    reader.go("/account/second-factor")
    page.get_by_role("button", name=re.compile(words("Remove this factor"))).first.click()
    reader.reads("The second factor has been removed.")
