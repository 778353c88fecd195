"""Every kind of page that members and the forum's staff work on, looked at in both sizes, languages and colours.

The other journeys look at the pages they pass; here the rest is opened by its address, so that no page goes
unexamined in the dark or on a phone. What holds on every page stands in `Reader.look`.
"""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
# (size, language, colours): together each of the two sizes, languages and colours
WAYS = [("phone", "vi", "dark"), ("desktop", "en", "dark")]
FLOODS, FORECAST = "Giảm ngập 20 tuyến phố ven sông", "Street-level flood forecasting"
PAGES = {
    "city@demo.example": [
        "/",
        "/mine",
        "/needs/new",
        "/needs/new?step=money",
        "/offers",
        "/watching",
        "/account",
    ],
    "vendor@demo.example": [
        "/",
        "/mine",
        "/capabilities/new",
        "/suggestions",
        "/interests",
        "/introductions",
    ],
    "moderator@demo.example": [
        "/",
        "/review/listings",
        "/review/matches",
        "/review/organisations",
        "/review/merges",
        "/offers",
    ],
    "admin@demo.example": ["/", "/admin/mail"],
    "expert@demo.example": ["/"],
    "partner@demo.example": ["/"],
}


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_pages_of_members_and_staff(way: tuple[str, str, str], new_page) -> None:
    size, lang, scheme = way
    setting = Setting(size, lang, True)
    for email, paths in PAGES.items():
        page = new_page(setting)
        page.emulate_media(color_scheme=scheme)
        reader = Reader(page, setting, scheme)
        reader.sign_in(email)
        for path in paths:
            reader.go(path)
        if email == "city@demo.example":
            need = reader.find("needs", FLOODS)
            for part in ("edit?step=problem", "edit?step=review", "languages/en", "addenda/new", "edits"):
                reader.go(f"{need}/{part}")
        if email == "vendor@demo.example":
            capability = reader.find("capabilities", FORECAST)
            for part in ("needs", "edit?step=all", "languages/vi"):
                reader.go(f"{capability}/{part}")
        if email == "moderator@demo.example":
            reader.open_bench(FLOODS)
            reader.link("One capability, many needs")
            reader.go("/review/listings")
            reader.main.get_by_role("row").get_by_role("link").first.click()
            reader.look()
