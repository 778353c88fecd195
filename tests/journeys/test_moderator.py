"""A moderator works through both queues.

First the listings that wait for review, then the needs whose candidates wait: why a pair was suggested, what the
rules say, a short list, a pair on hold with a reason, a rejection that is refused without a reason, an approval
after which both sides are asked.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import TWO_SETTINGS, Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 2")]

# each setting works on a need of its own, for a decision cannot be taken twice
NEEDS = {"vi": "Sidewalks that people can walk on again", "en": "Spread visitors over 18 sites of the bay"}


@pytest.mark.parametrize("setting", TWO_SETTINGS, ids=str)
def test_moderator_works_through_both_queues(setting: Setting, new_page) -> None:
    moderator = Reader(new_page(setting), setting)
    page, words = moderator.page, moderator.words
    moderator.sign_in("moderator@demo.example")
    expect(moderator.main.get_by_role("heading", name=words("Queues"))).to_be_visible()

    # listings
    moderator.menu("Listings")
    moderator.heading("Review queue")
    waiting = moderator.main.get_by_role("table", name=words("Listings that wait for review"))
    waiting.get_by_role("row").get_by_role("link").first.click()
    moderator.look()
    expect(moderator.main.get_by_role("heading", name=words("What happened"))).to_be_visible()
    moderator.menu("Organisations")
    moderator.heading("Organisations to verify")

    # matches
    moderator.menu("Matches")
    moderator.heading("Matches to review")
    moderator.go("/search?q=" + NEEDS[setting.lang].replace(" ", "%20"))
    moderator.main.get_by_role("link", name=NEEDS[setting.lang]).first.click()
    moderator.look()
    identity = page.url.rsplit("/", 1)[1]
    moderator.go(f"/review/matches/need/{identity}")
    moderator.press("Take in hand")
    expect(moderator.main.get_by_role("button", name=words("Put back"))).to_be_visible()

    # why: marked words on both sides, contributions that add up, rules with words
    assert moderator.main.locator(".pm-pair mark").count() > 0
    table = moderator.main.get_by_role("table").first
    expect(table).to_be_visible()
    assert table.get_by_role("row").count() >= 3
    rules = moderator.main.get_by_role("region", name=words("Rules"), exact=True)
    assert rules.get_by_role("listitem").count() >= 3

    decision = moderator.decision()
    moderator.press("Short list", decision)
    moderator.reads("The pair is on the short list.")

    # on hold: a reason is asked for
    moderator.unfold("Hold…", decision)
    moderator.press("Put on hold", decision)
    expect(decision.get_by_text(words("Say what the pair waits for."))).to_be_visible()
    decision.get_by_label(words("What does it wait for?")).fill("A reference from a city of this size.")
    moderator.press("Put on hold", decision)
    moderator.reads("The pair is on hold.")

    # no rejection without a reason
    moderator.unfold("Reject…", decision)
    moderator.press("Reject this pair", decision)
    expect(decision.get_by_text(words("Choose a reason."))).to_be_visible()
    decision.get_by_role("radio").first.check()
    moderator.press("Reject this pair", decision)
    moderator.reads("The pair is rejected. It returns only if one side changes its text.")

    # approved: both sides are asked
    before = page.url
    moderator.press("Approve and ask both sides", decision)
    moderator.reads("Both sides are asked. They have until the date in the offer to answer.")
    assert page.url != before
    moderator.go("/offers")
    moderator.heading("Offers")
    expect(moderator.main.get_by_text(NEEDS[setting.lang]).first).to_be_visible()

    # the other direction: one capability, many needs
    moderator.go(f"/review/matches/need/{identity}")
    moderator.link("One capability, many needs")
    expect(page).to_have_url(re.compile("/review/matches/capability/"))
    moderator.go(f"/review/matches/need/{identity}")
    moderator.press("Put back")
