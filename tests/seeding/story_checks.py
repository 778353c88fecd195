"""What the demo's history must hold, and that its dates follow each other. Called by the test that loads the demo."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.accounts.models import Membership, OrganisationRelation, User
from ppp_match.attachments import limits
from ppp_match.attachments.models import Attachment
from ppp_match.db import db, now
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions.models import Introduction, Message, Offer, OfferDeclaration, ReadMark
from ppp_match.lifecycle import JOIN, MATCH, MERGE
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.models_addenda import Addendum, Watch
from ppp_match.moderation.models import Assignment, ModerationNote
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.recommendations.models import Claim, Interest, Match, MatchDecision
from ppp_match.steering.models import JudgedPair, Judgement
from ppp_match.teams.models import Handover, Invitation


def check_the_story() -> None:
    """Everything below, on the demo that is loaded."""
    _check_states()
    _check_talks()
    _check_versions()
    _check_people()
    _check_year()
    _check_judged_set()
    _check_files()
    _check_declarations()
    _check_order_of_pairs()
    _check_order_of_the_rest()


def _all(table: Any) -> list[Any]:
    return list(db.session.scalars(select(table)))


def _states(column: Any) -> Counter[str]:
    return Counter(db.session.scalars(select(column)))


def _check_declarations() -> None:
    """Something waits in each queue of declarations, and somebody of the staff is recused."""
    assert _states(OfferDeclaration.state) >= Counter(open=1, cleared=1)
    assert _states(OrganisationRelation.state) >= Counter(declared=5, ending=1)
    assert _states(DeclaredInterest.state) >= Counter(declared=2, ending=1)
    staff = [one for one in _all(User) if one.staff_role and one.recused_from]
    assert len(staff) == 2


def _check_files() -> None:
    """Files of several kinds and both languages: published ones, one that waits, one in a conversation."""
    found = _all(Attachment)
    assert {one.kind for one in found} >= {"pdf", "png", "docx", "csv"}
    assert {one.lang for one in found} == {"vi", "en"}
    assert {(one.subject_type, one.state) for one in found} >= {
        ("listing", "shown"),
        ("listing", "waiting"),
        ("message", "shown"),
    }
    assert all(limits.store().path(one.digest).is_file() for one in found)
    assert all("(minh họa)" in one.name or "(demo)" in one.name for one in found)


def _check_judged_set() -> None:
    """Pairs of both languages, judged by hand, from a file and by decisions; most are settled and some are not."""
    states = _states(JudgedPair.state)
    assert states["settled"] >= 300
    assert states["disputed"] >= 1
    assert set(_states(Judgement.source)) == {"person", "import", "decision"}
    assert {pair.grade for pair in _all(JudgedPair)} == {None, 0, 1, 2, 3}
    assert {(p.need.shown.lang, p.capability.shown.lang) for p in _all(JudgedPair)} >= {
        ("vi", "en"),
        ("en", "vi"),
    }


def _check_states() -> None:
    """Every state of matches, offers, joins, merges, addenda and invitations has a case."""
    assert set(_states(Match.state)) == set(MATCH.states)
    assert set(_states(Offer.state)) >= {"open", "accepted", "declined", "expired"}
    assert set(_states(NeedJoin.state)) == set(JOIN.states)
    assert set(_states(MergeProposal.state)) == set(MERGE.states)
    addenda = _states(Addendum.state)
    assert set(addenda) == {"draft", "submitted", "returned", "published", "rejected", "discarded"}
    assert addenda["published"] >= 4
    assert set(_states(Invitation.state)) == {"pending", "accepted", "declined", "revoked"}
    agreed = [join for join in _all(NeedJoin) if join.state == "agreed"]
    assert any(join.unnamed for join in agreed)
    assert sum(join.quantity is not None for join in agreed) >= 2
    assert any(not offer.answers for offer in _all(Offer) if offer.state == "open")
    assert any(offer.answers for offer in _all(Offer) if offer.state == "open")
    fates = {interest.match.state for interest in _all(Interest)}
    assert fates >= {"suggested", "shortlisted", "offered", "declined", "introduced", "withdrawn"}
    assert any(interest.withdrawn_at for interest in _all(Interest))
    assert any(interest.need.state == "closed" for interest in _all(Interest))


def _check_talks() -> None:
    """Introductions and conversations enough, in both languages, some unread, one that only one side began."""
    introductions = _all(Introduction)
    assert len(introductions) >= 14
    long = [one for one in introductions if len(one.messages) >= 3]
    assert len(long) >= 12
    langs = {frozenset(message.lang for message in one.messages) for one in long}
    assert langs >= {frozenset({"vi"}), frozenset({"en"}), frozenset({"vi", "en"})}
    texts = db.session.scalars(select(Message.body)).all()
    assert not [text for text in texts if re.search(r"^- .* - ", text, re.MULTILINE)], "a list lost its lines"
    assert len(set(texts)) == len(texts)
    sides = [{message.organisation_id for message in one.messages} for one in introductions]
    assert any(len(side) == 1 for side in sides)
    for email in ("city@demo.example", "vendor@demo.example"):
        person = db.session.scalars(select(User).where(User.email == email)).one()
        homes = {membership.organisation_id for membership in person.memberships}
        waiting = [
            message
            for message in _all(Message)
            if homes & message.introduction.party_ids
            and message.organisation_id not in homes
            and message.created_at > _read_until(message.introduction_id, person)
        ]
        assert waiting, f"nothing unread for {email}"


def _read_until(introduction_id: Any, person: User) -> Any:
    mark = db.session.get(ReadMark, (introduction_id, person.id))
    return mark.read_at if mark else person.confirmed_at


def _check_versions() -> None:
    """Five listings at least were changed after publication, some twice; one last day was put off; people watch."""
    accepted = Counter(
        db.session.scalars(
            select(Revision.listing_id).where(Revision.state == "accepted", Revision.number > 1)
        )
    )
    assert len(accepted) >= 5
    assert any(times >= 2 for times in accepted.values())
    assert any(one.revision_id and one.response_until for one in _all(Addendum))
    assert db.session.scalar(select(func.count()).select_from(Watch)) >= 12


def _check_people() -> None:
    """A switch to make, a handover to read, moderators who share the work."""
    homes = Counter(db.session.scalars(select(Membership.user_id)))
    city = db.session.scalars(select(User).where(User.email == "city@demo.example")).one()
    assert homes[city.id] >= 2
    assert city.memberships[0].organisation.name_en.startswith("Can Tho")
    assert len(_all(Handover)) >= 3
    assert (
        len(set(db.session.scalars(select(MatchDecision.by_id).where(MatchDecision.by_id.is_not(None))))) >= 3
    )
    assert len(_all(Assignment)) >= 5
    assert len(_all(ModerationNote)) >= 8
    assert len(_all(Claim)) >= 1


def _check_year() -> None:
    """Something happened in each of the last months, most of what was said of it has been read and mailed."""
    months = {(event.at.year, event.at.month) for event in _all(audit.AuditEvent)}
    assert len(months) >= 12
    decided = {(one.at.year, one.at.month) for one in _all(MatchDecision)}
    talked = {(one.created_at.year, one.created_at.month) for one in _all(Message)}
    assert len(decided | talked) >= 10
    notices = _all(Notification)
    unread = [one for one in notices if one.read_at is None]
    assert 0 < len(unread) < len(notices) / 2
    assert all(one.created_at <= one.read_at for one in notices if one.read_at)
    mails = _all(OutboxMessage)
    assert all(mail.created_at - mail.sent_at < timedelta(seconds=5) for mail in mails if mail.sent_at)
    assert max(mail.created_at for mail in mails) <= now()


def _check_order_of_pairs() -> None:
    """Texts, match, interest, decision, offer, answer, introduction, message: none before what it stands on."""
    for match in _all(Match):
        public = max(match.need.published_at, match.capability.published_at)
        assert public <= match.created_at <= now(), match.id
        times = [one.at for one in match.decisions]
        assert times == sorted(times), match.id
        assert all(match.created_at <= at <= now() for at in times), match.id
    for interest in _all(Interest):
        assert interest.need.published_at <= interest.created_at
        assert interest.withdrawn_at is None or interest.created_at < interest.withdrawn_at
    for offer in _all(Offer):
        assert any(one.to_state == "approved" and one.at <= offer.created_at for one in offer.match.decisions)
        assert offer.created_at < offer.expires_at
        for answer in offer.answers:
            assert answer.at < offer.expires_at
        assert offer.closed_at is None or offer.created_at < offer.closed_at
        assert (offer.state == "open") == (offer.closed_at is None)
        assert offer.state != "open" or offer.expires_at > now()
    for one in _all(Introduction):
        assert all(answer.at <= one.created_at for answer in one.offer.answers)
        assert one.offer.created_at < one.created_at
        for message in one.messages:
            assert one.created_at < message.created_at <= now()


def _check_order_of_the_rest() -> None:
    """Organisation, listing, publication, change, addendum, joint work, end; the audit trail runs forward."""
    for listing in _all(Listing):
        assert listing.organisation.created_at < listing.created_at, listing.label
        assert listing.published_at is None or listing.created_at < listing.published_at, listing.label
        assert listing.ended_at is None or listing.created_at < listing.ended_at <= now(), listing.label
        if listing.published_at and listing.ended_at:
            assert listing.published_at < listing.ended_at, listing.label
        if listing.state == "in_review":
            began = select(audit.AuditEvent.actor_id).where(
                audit.AuditEvent.subject_id == listing.id, audit.AuditEvent.action == "listing.in_review"
            )
            assert db.session.scalars(began).all() == [listing.holder_id], listing.label
        accepted = [row.accepted_at for row in listing.revisions if row.accepted_at]
        assert accepted == sorted(accepted), listing.label
        assert all(listing.published_at <= at <= now() for at in accepted), listing.label
    for addendum in _all(Addendum):
        assert addendum.listing.published_at < addendum.created_at
        assert addendum.published_at is None or addendum.submitted_at <= addendum.published_at
    for join in _all(NeedJoin):
        assert join.need.published_at < join.created_at
        assert join.answered_at is None or join.created_at < join.answered_at
    for proposal in _all(MergeProposal):
        assert proposal.ended_at is None or proposal.created_at < proposal.ended_at
    for handover in _all(Handover):
        assert handover.organisation.created_at < handover.at <= now()
    at = db.session.scalars(select(audit.AuditEvent.at).order_by(audit.AuditEvent.seq)).all()
    backwards = sum(one > other for one, other in pairwise(at))
    assert backwards == 0, f"{backwards} events stand after later ones"
