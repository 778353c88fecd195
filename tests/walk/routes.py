"""The expected answer of every route to every role: one table, read by the walk.

Statuses in the order visitor, city, vendor, expert, partner, moderator, administrator. "login" is the way to the
sign-in page. POST rows send an empty form, so 400 or 422 means "let in, and the form is refused".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.world import World, nobody_knows

Arguments = Callable[[World], dict[str, Any]]


def of(name: str, **more: Any) -> Arguments:
    return lambda world: {"id": getattr(world, name).id, **more}


def plain(**values: Any) -> Arguments:
    return lambda _world: values


def colleague(world: World) -> dict[str, Any]:
    return {"id": world.city.id, "person_id": world.colleague.id}


def nobodys(_world: World) -> dict[str, Any]:
    return {"id": nobody_knows()}


L = "login"
ANY = (200,) * 7
SIGNED_IN = (L, 200, 200, 200, 200, 200, 200)
STAFF = (L, 403, 403, 403, 403, 200, 200)

GET: dict[tuple[str, str], tuple[Arguments, tuple[Any, ...]]] = {
    ("home.index", ""): (plain(), ANY),
    ("home.portal", ""): (plain(), ANY),
    ("about.page", "matching"): (plain(slug="matching"), ANY),
    ("about.page", "conduct"): (plain(slug="conduct"), ANY),
    ("about.page", "privacy"): (plain(slug="privacy"), ANY),
    ("about.page", "accessibility"): (plain(slug="accessibility"), ANY),
    ("about.page", "unknown"): (plain(slug="unknown"), (404,) * 7),
    ("health.live", ""): (plain(), ANY),
    ("health.ready", ""): (plain(), ANY),
    ("security.login", ""): (plain(), (200, 302, 302, 302, 302, 302, 302)),
    ("security.register", ""): (plain(), (200, 302, 302, 302, 302, 302, 302)),
    ("security.forgot_password", ""): (plain(), ANY),
    ("security.change_password", ""): (plain(), SIGNED_IN),
    ("accounts.profile", ""): (plain(), SIGNED_IN),
    ("accounts.sessions", ""): (plain(), SIGNED_IN),
    ("organisations.new", ""): (plain(), SIGNED_IN),
    ("organisations.detail", "verified"): (of("vendor"), ANY),
    ("organisations.detail", "pending"): (of("pending"), (404, 404, 404, 404, 404, 200, 200)),
    ("organisations.edit", "city's"): (of("city"), (L, 200, 403, 403, 403, 403, 403)),
    ("teams.team", "city's"): (of("city"), (L, 200, 404, 404, 404, 200, 200)),
    ("teams.team", "nobody's"): (nobodys, (L, 404, 404, 404, 404, 404, 404)),
    ("teams.leave", "city's"): (of("city"), (L, 200, 404, 404, 404, 403, 403)),
    ("teams.remove", "a colleague"): (colleague, (L, 200, 404, 404, 404, 403, 403)),
    ("teams.hand_over", "a colleague's"): (colleague, (L, 200, 404, 404, 404, 403, 403)),
    ("teams.handover", ""): (of("handover"), (L, 200, 404, 404, 404, 200, 200)),
    ("teams.invitation", "open"): (lambda world: {"token": world.invitation_token}, ANY),
    ("teams.invitation", "unknown"): (plain(token="nobody-knows"), (404,) * 7),
    ("listings.index", "needs"): (plain(kind="needs"), ANY),
    ("listings.index", "capabilities"): (plain(kind="capabilities"), ANY),
    ("listings.new", "need"): (plain(kind="needs"), (L, 200, 403, 403, 403, 403, 403)),
    ("listings.new", "capability"): (plain(kind="capabilities"), (L, 403, 200, 200, 403, 403, 403)),
    ("listings.detail", "published need"): (of("need", kind="needs"), ANY),
    ("listings.detail", "published capability"): (of("capability", kind="capabilities"), ANY),
    ("listings.detail", "draft"): (of("draft", kind="needs"), (404, 200, 404, 404, 404, 404, 404)),
    ("listings.detail", "submitted"): (of("submitted", kind="needs"), (404, 200, 404, 404, 404, 200, 200)),
    ("listings.edit", "draft"): (of("draft", kind="needs"), (L, 200, 404, 404, 404, 403, 403)),
    ("languages.edit", "draft"): (of("draft", kind="needs", code="en"), (L, 200, 404, 404, 404, 403, 403)),
    ("languages.edit", "published"): (
        of("capability", kind="capabilities", code="vi"),
        (L, 403, 200, 403, 403, 403, 403),
    ),
    ("languages.edit", "unknown language"): (
        of("draft", kind="needs", code="xx"),
        (L, 404, 404, 404, 404, 403, 403),
    ),
    ("changes.index", "need's"): (of("need", kind="needs"), ANY),
    ("changes.index", "changed need's"): (of("changed", kind="needs"), ANY),
    ("changes.index", "draft's"): (of("draft", kind="needs"), (404,) * 7),
    ("changes.edits", "need's"): (of("changed", kind="needs"), (L, 200, 403, 403, 403, 403, 403)),
    ("changes.edits", "draft's"): (of("draft", kind="needs"), (L, 200, 404, 404, 404, 403, 403)),
    ("changes.watching", ""): (plain(), SIGNED_IN),
    ("listings.detail", "with addenda"): (of("changed", kind="needs"), ANY),
    ("addenda.new", ""): (of("need", kind="needs"), (L, 200, 403, 403, 403, 403, 403)),
    ("addenda.edit", "returned"): (
        lambda world: {"kind": "needs", "id": world.changed.id, "addendum_id": world.returned_addendum.id},
        (L, 200, 403, 403, 403, 403, 403),
    ),
    ("moderation.addendum", "waiting"): (of("waiting_addendum"), STAFF),
    ("listings.before_sending", "draft"): (of("draft", kind="needs"), (L, 200, 404, 404, 404, 403, 403)),
    ("listings.before_sending", "sent"): (of("submitted", kind="needs"), (L, 303, 404, 404, 404, 403, 403)),
    ("listings.ask_to_join", "another city's"): (of("neighbour_need"), (L, 200, 403, 403, 403, 403, 403)),
    ("listings.ask_to_join", "its own"): (of("need"), (L, 200, 403, 403, 403, 403, 403)),
    ("listings.join", ""): (of("join"), (L, 200, 403, 403, 403, 200, 200)),
    ("listings.merge", ""): (of("proposal"), (L, 200, 404, 404, 404, 200, 200)),
    ("moderation.merges", ""): (plain(), STAFF),
    ("moderation.propose_merge", "need"): (of("need"), STAFF),
    ("moderation.propose_merge", "capability"): (of("capability"), STAFF),
    ("listings.edit", "problem of a draft"): (
        of("draft", kind="needs", step="problem"),
        (L, 200, 404, 404, 404, 403, 403),
    ),
    ("listings.edit", "conditions of a draft"): (
        of("draft", kind="needs", step="conditions"),
        (L, 200, 404, 404, 404, 403, 403),
    ),
    ("listings.edit", "money of a draft"): (
        of("draft", kind="needs", step="money"),
        (L, 200, 404, 404, 404, 403, 403),
    ),
    ("listings.edit", "review of a draft"): (
        of("draft", kind="needs", step="review"),
        (L, 200, 404, 404, 404, 403, 403),
    ),
    ("listings.edit", "whole form of a draft"): (
        of("draft", kind="needs", step="all"),
        (L, 200, 404, 404, 404, 403, 403),
    ),
    ("listings.edit", "delivery of a capability"): (
        of("capability", kind="capabilities", step="delivery"),
        (L, 403, 200, 403, 403, 403, 403),
    ),
    ("listings.edit", "evidence of a capability"): (
        of("capability", kind="capabilities", step="evidence"),
        (L, 403, 200, 403, 403, 403, 403),
    ),
    ("listings.edit", "review of a capability"): (
        of("capability", kind="capabilities", step="review"),
        (L, 403, 200, 403, 403, 403, 403),
    ),
    ("listings.mine", ""): (plain(), (L, 200, 200, 200, 200, 403, 403)),
    ("search.everything", ""): (plain(q="ngập"), ANY),
    ("recommendations.express_interest", ""): (of("need"), (L, 403, 200, 200, 403, 403, 403)),
    ("recommendations.standing", "own"): (of("capability"), (L, 403, 200, 404, 403, 403, 403)),
    ("recommendations.evidence", "offered"): (
        lambda world: {"id": world.offer.match_id},
        (L, 200, 200, 404, 404, 200, 200),
    ),
    ("recommendations.evidence", "suggested"): (of("match"), (L, 404, 200, 404, 404, 200, 200)),
    ("introductions.interests", ""): (plain(), (L, 403, 200, 200, 403, 403, 403)),
    ("recommendations.mine", ""): (plain(), (L, 200, 200, 200, 200, 403, 403)),
    ("moderation.listings", ""): (plain(), STAFF),
    ("moderation.listing", "submitted"): (of("submitted"), STAFF),
    ("moderation.matches", ""): (plain(), STAFF),
    ("moderation.need_bench", ""): (of("need"), STAFF),
    ("moderation.capability_bench", ""): (of("capability"), STAFF),
    ("moderation.matches", "filtered"): (plain(bridge="vi-en", sort="score", fresh="1", who="nobody"), STAFF),
    ("moderation.listings", "filtered"): (plain(kind="need", sector="water", who="me", late="1"), STAFF),
    ("moderation.below_the_cut", ""): (of("other_need", steps="1", sector="water"), STAFF),
    ("moderation.add_pair", ""): (of("need"), STAFF),
    ("moderation.consortia_of", ""): (of("need"), STAFF),
    ("moderation.exposure_page", ""): (plain(), STAFF),
    ("moderation.exposure_page", "a quarter"): (plain(days=90), STAFF),
    ("moderation.organisations", ""): (plain(), STAFF),
    ("steering.judged", ""): (plain(), STAFF),
    ("steering.judged", "filtered"): (plain(state="settled", languages="vi-en"), STAFF),
    ("steering.judge", "settled"): (of("judged"), STAFF),
    ("steering.add_pair", ""): (plain(), STAFF),
    ("steering.import_pairs", ""): (plain(), STAFF),
    ("introductions.offers", ""): (plain(), SIGNED_IN),
    ("introductions.offer", ""): (of("offer"), (L, 200, 200, 404, 404, 200, 200)),
    ("introductions.index", ""): (plain(), SIGNED_IN),
    ("introductions.detail", ""): (of("introduction"), (L, 200, 200, 404, 404, 200, 200)),
    ("notifications.inbox", ""): (plain(), SIGNED_IN),
    ("notifications.mailbox", ""): (plain(), (L, 403, 403, 403, 403, 403, 200)),
}
