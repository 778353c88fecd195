"""Lighthouse on a phone: ten pages with at least 95 in everything, small, still, and asking no other host.

A machine that is busy makes the clock of a page run slow: the best of up to five runs counts, each slowed to a phone's
pace from what the machine was measured at (tests/look/lighthouse.mjs).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import CHROMIUM, part_is_lacking
from tests.journeys.conftest import Setting
from tests.journeys.pages import Reader
from tests.look.engines import FOR_ALL, IN_PUBLIC, MOST_BYTES, lacking_part, lighthouse, too_weak

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
PUBLIC = ["/", "/needs", "/search?q=ngập", "/about/matching", "/login"]
FLOODS = "Giảm ngập 20 tuyến phố ven sông"


def _pages(new_page) -> list[dict[str, Any]]:
    """Five public pages, a need, and four pages of members and staff with the cookies of their reader."""
    visitor = Reader(new_page(Setting("desktop", "vi", True)), Setting("desktop", "vi", True))
    need = visitor.find("needs", FLOODS)
    asked = [(path, None) for path in [*PUBLIC, need]]
    for email, path in (
        ("city@demo.example", "/"),
        ("city@demo.example", "/needs/new?step=all"),
        ("vendor@demo.example", "/suggestions"),
        ("moderator@demo.example", f"/review/matches/need/{need.rpartition('/')[2]}"),
    ):
        setting = Setting("desktop", "en", False)
        reader = Reader(new_page(setting), setting)
        reader.sign_in(email)
        cookies = reader.page.context.cookies()
        asked.append((path, "; ".join(f"{one['name']}={one['value']}" for one in cookies)))
    return [
        {"name": path, "url": path, "cookie": cookie, "lang": "en" if cookie else "vi"}
        | {"categories": FOR_ALL if cookie else [*FOR_ALL, IN_PUBLIC]}
        for path, cookie in asked
    ]


def test_ten_pages_are_quick_and_in_order(new_page, forum):
    if lacking := lacking_part():
        part_is_lacking(lacking)
    pages = [{**page, "url": forum.address + page["url"]} for page in _pages(new_page)]
    found = lighthouse(pages, str(CHROMIUM), runs=5)
    assert [one["final"].partition("?")[0] for one in found] == [
        one["url"].partition("?")[0] for one in pages
    ]
    assert len(found) == 10
    for one in found:
        assert not too_weak(one), one
        assert one["bytes"] <= MOST_BYTES, one
        assert one["shift"] == 0, one
        assert not one["elsewhere"], one
