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


def file(name: str) -> Arguments:
    return lambda world: {"id": world.files[name].id}


L = "login"
ANY = (200,) * 7
ADMIN = (L, 403, 403, 403, 403, 403, 200)
SIGNED_IN = (L, 200, 200, 200, 200, 200, 200)
STAFF = (L, 403, 403, 403, 403, 200, 200)

GET: dict[tuple[str, str], tuple[Arguments, tuple[Any, ...]]] = {
    ("home.index", ""): (plain(), ANY),
    ("home.portal", ""): (plain(), ANY),
    ("about.page", "matching"): (plain(slug="matching"), ANY),
    ("about.page", "conduct"): (plain(slug="conduct"), ANY),
    ("about.page", "privacy"): (plain(slug="privacy"), (303,) * 7),
    ("privacy.notice", ""): (plain(), ANY),
    ("privacy.terms", ""): (plain(), ANY),
    ("privacy.terms_version", ""): (plain(number=1), ANY),
    ("privacy.terms_version", "a draft"): (plain(number=2), (404,) * 7),
    ("privacy.agree", "agreed to all"): (plain(), (L, 303, 303, 303, 303, 303, 303)),
    ("privacy.account", ""): (plain(), SIGNED_IN),
    ("privacy.erasure", ""): (plain(), SIGNED_IN),
    ("privacy.correction", ""): (plain(), SIGNED_IN),
    ("home.administration", ""): (plain(), ADMIN),
    ("privacy.manage_terms", ""): (plain(), ADMIN),
    ("privacy.edit_terms", ""): (of("terms"), ADMIN),
    ("privacy.edit_terms", "nobody's"): (nobodys, (L, 403, 403, 403, 403, 403, 404)),
    ("privacy.manage_retention", ""): (plain(preview=1), ADMIN),
    ("privacy.edit_rule", ""): (plain(code="sessions"), ADMIN),
    ("privacy.lift_hold", ""): (of("hold"), ADMIN),
    ("privacy.manage_corrections", ""): (plain(), ADMIN),
    ("privacy.answer_correction", ""): (of("correction"), ADMIN),
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
    ("accounts.second_factor", ""): (plain(), SIGNED_IN),
    ("accounts.new_app", ""): (plain(), SIGNED_IN),
    ("accounts.new_passkey", ""): (plain(), SIGNED_IN),
    ("accounts.confirm", ""): (plain(), SIGNED_IN),
    ("accounts.email", ""): (plain(), SIGNED_IN),
    ("accounts.confirm_email", "nobody's"): (plain(token="nonsense"), (303,) * 7),
    ("second_step.ask", ""): (plain(), (302,) * 7),
    ("teams.close_account", ""): (plain(), SIGNED_IN),
    ("people.index", ""): (plain(), ADMIN),
    ("people.index", "filtered"): (plain(find="Person", state="active", role="none"), ADMIN),
    ("people.detail", "a city's"): (lambda world: {"id": world.people["city"].id}, ADMIN),
    ("people.detail", "one's own"): (lambda world: {"id": world.people["administrator"].id}, ADMIN),
    ("people.detail", "nobody's"): (nobodys, (L, 403, 403, 403, 403, 403, 404)),
    ("administration.organisations", ""): (plain(), ADMIN),
    ("administration.organisations", "filtered"): (
        plain(find="unit", kind="vendor", country="VN", verification="verified", standing="shown"),
        ADMIN,
    ),
    ("administration.organisation", ""): (of("vendor"), ADMIN),
    ("administration.organisation", "nobody's"): (nobodys, (L, 403, 403, 403, 403, 403, 404)),
    ("administration.correct", ""): (of("vendor"), ADMIN),
    ("administration.taxonomy", ""): (plain(), ADMIN),
    ("administration.vocabulary", ""): (plain(vocabulary="contract_form"), ADMIN),
    ("administration.sector", ""): (plain(code="water.flood"), ADMIN),
    ("administration.term", ""): (plain(vocabulary="contract_form", code="O&M"), ADMIN),
    ("administration.new_sector", ""): (plain(code="water"), ADMIN),
    ("administration.new_term", ""): (plain(vocabulary="funding_source"), ADMIN),
    ("organisations.new", ""): (plain(), SIGNED_IN),
    ("organisations.detail", "verified"): (of("vendor"), ANY),
    ("organisations.detail", "pending"): (of("pending"), (404, 404, 404, 404, 404, 200, 200)),
    ("verification.page", "a renewal"): (of("renewing"), (L, 404, 404, 404, 200, 404, 404)),
    ("verification.page", "verified for long"): (of("city"), (L, 200, 404, 404, 404, 404, 404)),
    ("verification.domain_link", "open"): (lambda world: {"token": world.domain_token}, ANY),
    ("verification.domain_link", "unknown"): (plain(token="nobody-knows"), (404,) * 7),
    ("listings.reference_link", "open"): (lambda world: {"token": world.reference_token}, ANY),
    ("listings.reference_link", "unknown"): (plain(token="nobody-knows"), (404,) * 7),
    ("listings.reference_list", ""): (of("capability"), (L, 403, 200, 403, 403, 403, 403)),
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
    ("listings.files", "draft"): (of("draft", kind="needs"), (L, 200, 404, 404, 404, 403, 403)),
    ("listings.files", "published"): (of("need", kind="needs"), (L, 200, 403, 403, 403, 403, 403)),
    ("attachments.download", "published"): (file("need"), ANY),
    ("attachments.download", "a draft's"): (file("draft"), (404, 200, 404, 404, 404, 404, 404)),
    ("attachments.download", "sent for review"): (file("submitted"), (404, 200, 404, 404, 404, 200, 200)),
    ("attachments.download", "of a conversation"): (file("message"), (404, 200, 200, 404, 404, 404, 404)),
    ("attachments.download", "for a verification"): (file("pending"), (404, 404, 404, 404, 404, 200, 200)),
    ("attachments.download", "nobody's"): (nobodys, (404,) * 7),
    ("attachments.preview", "published"): (file("need"), ANY),
    ("attachments.preview", "a draft's"): (file("draft"), (404, 200, 404, 404, 404, 404, 404)),
    ("attachments.preview", "of a conversation"): (file("message"), (404, 200, 200, 404, 404, 404, 404)),
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
    ("moderation.exposure_page", "a sector"): (plain(sector="water", unmet="all"), STAFF),
    ("moderation.matches", "by lot"): (plain(lot=1), STAFF),
    ("moderation.organisations", ""): (plain(), STAFF),
    ("moderation.organisations", "filtered"): (plain(kind="city", step="second", find="x"), STAFF),
    ("moderation.organisation", "waiting"): (of("asked"), STAFF),
    ("moderation.organisation", "unknown"): (nobodys, (L, 403, 403, 403, 403, 404, 404)),
    ("moderation.suspension_page", ""): (of("vendor"), STAFF),
    ("steering.judged", ""): (plain(), STAFF),
    ("steering.judged", "filtered"): (plain(state="settled", languages="vi-en"), STAFF),
    ("steering.judge", "settled"): (of("judged"), STAFF),
    ("steering.add_pair", ""): (plain(), STAFF),
    ("steering.versions_list", ""): (plain(), STAFF),
    ("steering.new_version", ""): (plain(), STAFF),
    ("steering.version", "offered"): (of("version"), STAFF),
    ("steering.version", "unknown"): (nobodys, (L, 403, 403, 403, 403, 404, 404)),
    ("steering.import_pairs", ""): (plain(), STAFF),
    ("steering.version", "a file"): (of("version", format="csv"), STAFF),
    ("steering.lexicon", ""): (plain(), STAFF),
    ("steering.lexicon", "found"): (plain(q="nuoc thai", kind="pair", sector="water", page=2), STAFF),
    ("steering.lexicon", "nothing found"): (plain(q="zorblax"), STAFF),
    ("steering.lexicon", "a file"): (plain(format="csv"), STAFF),
    ("steering.lexicon_entry", "pair"): (plain(kind="pair", one="nước thải", other="wastewater"), STAFF),
    ("steering.lexicon_entry", "synonym"): (plain(kind="en", one="street lamp", other="streetlight"), STAFF),
    ("steering.lexicon_entry", "unknown"): (
        plain(kind="pair", one="x", other="y"),
        (L, 403, 403, 403, 403, 404, 404),
    ),
    ("steering.lexicon_add", ""): (plain(), ADMIN),
    ("steering.lexicon_add", "synonym"): (plain(kind="vi", one="mưa"), ADMIN),
    ("steering.lexicon_draft", ""): (plain(), ADMIN),
    ("steering.lexicon_draft", "a file"): (plain(format="csv"), ADMIN),
    ("steering.lexicon_draft_preview", ""): (plain(), ADMIN),
    ("introductions.offers", ""): (plain(), SIGNED_IN),
    ("introductions.offer", ""): (of("offer"), (L, 200, 200, 404, 404, 200, 200)),
    ("introductions.index", ""): (plain(), SIGNED_IN),
    ("introductions.detail", ""): (of("introduction"), (L, 200, 200, 404, 404, 200, 200)),
    ("notifications.inbox", ""): (plain(), SIGNED_IN),
    ("inspection.trail", ""): (plain(), (L, 403, 403, 403, 403, 403, 200)),
    ("inspection.trail", "filtered"): (
        plain(action="listing.published", subject_type="listing", since="2026-01-01"),
        (L, 403, 403, 403, 403, 403, 200),
    ),
    ("inspection.trail", "a file"): (plain(format="jsonl"), (L, 403, 403, 403, 403, 403, 200)),
    ("inspection.event", "first"): (plain(seq=1), (L, 403, 403, 403, 403, 403, 200)),
    ("inspection.event", "unknown"): (plain(seq=10**18), (L, 403, 403, 403, 403, 403, 404)),
    ("complaints.report", "a text"): (of("need", subject_type="listing"), ANY),
    ("complaints.report", "a draft"): (of("draft", subject_type="listing"), (404,) * 7),
    ("complaints.report", "a profile"): (of("vendor", subject_type="organisation"), ANY),
    ("complaints.mine", ""): (plain(), SIGNED_IN),
    ("complaints.appeal", "nothing to appeal against"): (
        of("need", subject_type="listing"),
        (L, 404, 404, 404, 404, 403, 403),
    ),
    ("complaints.queue", ""): (plain(), STAFF),
    ("complaints.queue", "appeals"): (plain(show="appeals"), STAFF),
    ("complaints.queue", "answered"): (plain(show="answered"), STAFF),
    ("complaints.decide", "open"): (of("report"), STAFF),
    ("complaints.answer_appeal", "open"): (of("appeal"), STAFF),
    ("complaints.phrases", ""): (plain(), ADMIN),
    ("complaints.new_phrase", ""): (plain(), ADMIN),
    ("complaints.phrase", ""): (of("phrase"), ADMIN),
    ("complaints.tell_concern", ""): (plain(), ANY),
    ("complaints.concern_again", ""): (plain(), ANY),
    ("complaints.concerns", ""): (plain(), ADMIN),
    ("complaints.concern", ""): (of("concern"), ADMIN),
    ("notifications.mailbox", ""): (plain(), (L, 403, 403, 403, 403, 403, 200)),
}
