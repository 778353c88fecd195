"""A file for a published need: its owner adds it, a moderator opens and accepts it, a company saves it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.attachments import samples
from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
NEEDS = {
    "vi": "Cứu 62.000 trang tư liệu cung đình khỏi ẩm mốc",
    "en": "Landslide warning for mountain communes",
}
SHOWS = {"vi": "Sơ đồ kho lưu trữ, cột xanh là độ ẩm", "en": "Sketch of the slope, the blue bar is the rain"}
NAME = "Sơ đồ hiện trạng.pdf"


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_a_file_reaches_those_who_read_the_need(setting: Setting, new_page) -> None:
    owner, moderator, vendor = (Reader(new_page(setting), setting) for _ in range(3))
    words, shows = owner.words, SHOWS[setting.lang]
    vendor.sign_in("vendor@demo.example")
    path = vendor.find("needs", NEEDS[setting.lang])

    # a program with the name of a picture is refused, and what was typed stays
    owner.sign_in("officer@hue.example")
    owner.go(path)
    owner.link("Add or remove files")
    chosen = owner.page.locator("input[type=file]")
    chosen.set_input_files({"name": "plan.png", "mimeType": "image/png", "buffer": b"MZ program"})
    owner.fill("What the file shows", shows)
    owner.press("Add the file")
    expect(owner.page.get_by_role("alert")).to_be_visible()
    expect(owner.field("What the file shows")).to_have_value(shows)
    chosen.set_input_files({"name": NAME, "mimeType": "application/pdf", "buffer": samples.pdf()})
    owner.press("Add the file")
    owner.reads("Waits for review")
    owner.link("Look through and send")
    owner.press("Send for review")
    owner.reads("Sent to the forum. A moderator reads it and answers here.")

    # nobody else sees it before a moderator has opened it
    vendor.go(path)
    expect(vendor.main.get_by_text(NAME)).to_have_count(0)
    moderator.sign_in("moderator@demo.example")
    moderator.take_listing(NEEDS[setting.lang])
    moderator.reads("Not scanned for viruses")
    assert _saved(moderator, NAME) == samples.pdf()
    moderator.press("Accept the changes")
    moderator.reads("Published.")

    vendor.go(path)
    files = vendor.main.get_by_role("region", name=words("Files"), exact=True)
    expect(files.get_by_text(shows)).to_be_visible()
    assert _saved(vendor, NAME) == samples.pdf()
    picture = files.get_by_role("img", name=words("First page of %(name)s", name=NAME))
    for _try in range(20):  # the worker makes it beside
        if picture.count():
            break
        vendor.page.wait_for_timeout(1000)
        vendor.go(path)
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") > 100


def _saved(reader: Reader, name: str) -> bytes:
    """What the browser saves when the file's link is followed."""
    with reader.page.expect_download() as begun:
        reader.main.get_by_role("link", name=re.compile(re.escape(name))).first.click()
    assert begun.value.suggested_filename == name
    return Path(begun.value.path()).read_bytes()
