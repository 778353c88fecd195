"""A moderator works at the bench without a mouse, decides on two pairs at once, and takes a decision back in time.

The journeys go to a front of the forum on which decisions can be undone. Keys only choose: nothing is written before
Enter, and Enter writes what was chosen.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Forum, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]
SCHOOLS = "Thêm 210 phòng học ở sáu phường tăng dân số nhanh"
TRAFFIC = "Giảm thời gian chờ tại 160 nút giao có đèn tín hiệu"


def test_workbench_by_keyboard(new_page, undoing_forum: Forum) -> None:
    setting = Setting("desktop", "en", True)
    moderator = Reader(new_page(setting, undoing_forum), setting)
    page, current = moderator.page, moderator.open_candidate()
    moderator.sign_in("moderator@demo.example")
    moderator.open_bench(SCHOOLS)
    first, second = (page.locator(".pm-cands a").nth(n).inner_text() for n in (0, 1))
    decided = page.get_by_role("heading", name=re.compile(r"^Decided \("))

    # the legend
    legend = page.locator("#keys dl")
    expect(legend).to_be_hidden()
    moderator.keys("?")
    expect(legend).to_be_visible()
    expect(legend).to_contain_text("next and previous candidate")
    moderator.look()
    moderator.keys("Escape")
    expect(legend).to_be_hidden()

    # down, up, down the list
    expect(current).to_have_text(first)
    moderator.keys("j")
    expect(current).to_have_text(second)
    moderator.keys("k")
    expect(current).to_have_text(first)

    # a key chooses, Enter writes, and it can be taken back
    moderator.keys("s")
    expect(moderator.decision().get_by_role("button", name="Short list")).to_be_focused()
    page.reload()
    expect(decided).to_have_count(0)
    moderator.keys("s", "Enter")
    moderator.reads("The pair is on the short list.")
    moderator.look()
    moderator.keys("u")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    moderator.keys("Enter")
    moderator.reads("Taken back: the pair is where it was.")
    expect(current).to_have_text(first)
    expect(decided).to_have_count(0)

    # Enter at the chosen reason rejects; it must not send the first button, which approves
    moderator.keys("r", "2")
    chosen = moderator.decision().get_by_role("radio").nth(1)
    expect(chosen).to_be_focused()
    expect(chosen).to_be_checked()
    moderator.look()
    moderator.keys("Enter")
    moderator.reads("The pair is rejected. It returns only if one side changes its text.")
    expect(decided).to_have_text("Decided (1)")
    moderator.keys("u", "Enter")
    moderator.reads("Taken back: the pair is where it was.")

    # while one types, the keys rest
    note = moderator.field("What does it wait for?", moderator.decision())
    moderator.keys("h")
    expect(note).to_be_focused()
    page.keyboard.type("jsku")
    expect(note).to_have_value("jsku")
    expect(current).to_have_text(first)

    # switched off, they do nothing and the page has no script; the legend says so and switches them on again
    page.reload()
    moderator.keys("?")
    moderator.press("Switch the keys off", moderator.decision())
    moderator.reads("The keys are off.")
    assert page.locator("script[src*=workbench]").count() == 0
    moderator.keys("j")
    moderator.keys("?")
    expect(current).to_have_text(first)
    expect(legend).to_be_hidden()
    page.locator("#keys > summary").click()
    moderator.press("Switch the keys on", moderator.decision())
    moderator.keys("j")
    expect(current).to_have_text(second)


@pytest.mark.parametrize("setting", [Setting("desktop", "vi", True), Setting("phone", "en", False)], ids=str)
def test_two_pairs_at_once(setting: Setting, new_page, undoing_forum: Forum) -> None:
    moderator = Reader(new_page(setting, undoing_forum), setting)
    page, words = moderator.page, moderator.words
    moderator.sign_in("moderator@demo.example")
    moderator.open_bench(TRAFFIC)
    drawer = page.locator("details.pm-drawer > summary").first

    def open_list() -> None:
        """On a phone the list of candidates lies folded."""
        if drawer.is_visible() and not page.locator(".pm-cands").first.is_visible():
            drawer.click()

    open_list()
    waiting = page.locator(".pm-cands").first.get_by_role("checkbox")
    before = waiting.count()
    titles = [page.locator(".pm-cands a").nth(n).inner_text().split(". ", 1)[1] for n in (0, 1)]
    for n in (0, 1):
        waiting.nth(n).check()
    moderator.unfold("Decide on several at once")

    # to reject takes a reason, and the ticks stay
    several = page.locator(".pm-together")
    several.get_by_label(words("With the ticked pairs")).select_option("reject")
    moderator.press("Decide on the ticked pairs", several)
    expect(several.get_by_text(words("Choose a reason."), exact=True)).to_be_visible()
    open_list()
    expect(waiting.nth(1)).to_be_checked()
    several.get_by_label(words("Reason, to reject")).select_option(index=1)
    moderator.press("Decide on the ticked pairs", several)
    moderator.reads("%(n)s pairs are decided: %(state)s.", n=2, state=words("Rejected"))
    open_list()
    expect(waiting).to_have_count(before - 2)

    # both come back with one button
    page.get_by_role("button", name=words("Undo")).click()
    moderator.look()
    taken = ("Taken back: the pair is where it was.", "Taken back: %(num)d pairs are where they were.")
    expect(moderator.main.get_by_text(words.many(*taken, 2))).to_be_visible()
    open_list()
    expect(waiting).to_have_count(before)
    for title in titles:
        expect(page.locator(".pm-cands").first.get_by_role("link", name=title).first).to_be_visible()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_bar_of_decisions_keeps_to_one_row(lang, new_page, undoing_forum: Forum) -> None:
    """On every window in which it stays at the foot it takes little of it, whatever the language."""
    setting = Setting("desktop", lang, True)
    moderator = Reader(new_page(setting, undoing_forum), setting)
    page = moderator.page
    moderator.sign_in("moderator@demo.example")
    moderator.open_bench(SCHOOLS)
    shown = page.locator(".pm-decide-row > .btn, .pm-decide-row > :is(form, details) > .btn")
    for width in (992, 1100, 1199, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        boxes = [one.bounding_box() for one in shown.all()]
        assert len(boxes) >= 4
        assert len({round(box["y"]) for box in boxes}) == 1, (width, boxes)
        assert all(box["x"] + box["width"] <= width for box in boxes), (width, boxes)
        assert page.locator(".pm-decide").bounding_box()["height"] <= 130, width
