"""What people do with pairs: moderators decide, add, take a need in hand; vendors express interest.

What lives here: one verb a function; each checks, moves along the lifecycle, leaves the decision and an audit event,
and flushes. What does not: keeping suggestions up to date (`refresh.py`), offers (`introductions/operations.py`).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from ppp_match import audit, lifecycle
from ppp_match.accounts.queries import staff
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.recommendations import lots
from ppp_match.recommendations.models import REJECTION_REASONS, Claim, Interest, Match, MatchDecision
from ppp_match.recommendations.refresh import add_match, pair_of, recommend_all, refresh_need
from ppp_match.search.store import index_of

__all__ = [
    "AlreadyDecided",
    "add_pair",
    "approve_match",
    "block_for_conflict",
    "express_interest",
    "hold_match",
    "live_match",
    "lock_match",
    "recommend_all",
    "refresh_need",
    "reject_match",
    "release_need",
    "reopen_match",
    "shortlist_match",
    "take_need",
    "withdraw_interest",
]

MESSAGE_AT_MOST = 600
NOTE_AT_MOST = 1000
CLAIM_LASTS = timedelta(hours=1)  # after that another moderator may take the need over
FROZEN_STAGES = ("procure", "contract")  # while partners are selected, private contact rests


class AlreadyDecided(Refused):
    """Somebody else decided on the pair since the page was made."""

    def __init__(self, match: Match) -> None:
        super().__init__("decided_already", match.state)
        self.match_id = match.id


@dataclass(frozen=True)
class _Pair:
    """A need and a capability that are no match yet, for the question who may bring them together."""

    need: Listing
    capability: Listing

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.need.party_ids | self.capability.party_ids


def lock_match(match_id: uuid.UUID, *, seen: str) -> Match | None:
    """The match, locked to the end of the transaction, so that a pair is decided once however many click.

    `seen` is the state in which the page showed it. Raises AlreadyDecided where it is another one by now.
    """
    if db.session.scalar(select(Match.id).where(Match.id == match_id).with_for_update()) is None:
        return None
    match = db.session.get_one(Match, match_id, populate_existing=True)
    if match.state != seen:
        raise AlreadyDecided(match)
    return match


def shortlist_match(match: Match, *, actor: Actor, note: str = "") -> MatchDecision:
    """Keep a pair for a closer look."""
    return _decide(match, "shortlisted", actor=actor, note=note)


def approve_match(match: Match, *, actor: Actor, note: str = "") -> MatchDecision:
    """Find a pair good enough to ask both sides. Raises Refused while the need is in procurement."""
    if match.need.shown.stage in FROZEN_STAGES:
        raise Refused("need_at_procurement")
    return _decide(match, "approved", actor=actor, note=note)


def hold_match(match: Match, *, actor: Actor, note: str) -> MatchDecision:
    """Set a pair aside; the note says what it waits for."""
    if not note.strip():
        raise ReasonMissing("reason_missing", "on_hold")
    return _decide(match, "on_hold", actor=actor, note=note)


def reject_match(match: Match, *, actor: Actor, reason_code: str, note: str = "") -> MatchDecision:
    """Turn a pair down for one of REJECTION_REASONS; "other" needs a note. It returns only if a side changes."""
    if reason_code not in REJECTION_REASONS:
        raise ReasonMissing("reason_missing", "rejected")
    if reason_code == "other" and not note.strip():
        raise ReasonMissing("note_missing", "rejected")
    return _decide(match, "rejected", actor=actor, reason_code=reason_code, note=note)


def reopen_match(match: Match, *, actor: Actor, note: str) -> MatchDecision:
    """Bring a rejected pair back, after one side's published text changed."""
    return _decide(match, "suggested", actor=actor, note=note)


def return_after_appeal(match: Match, *, actor: Actor, note: str) -> MatchDecision:
    """Bring a rejected pair back because another moderator granted an appeal; the texts need not have changed."""
    before = match.state
    lifecycle.move(lifecycle.MATCH_APPEAL, match, "suggested", actor=actor, reason=note)
    decision = MatchDecision(
        from_state=before,
        to_state="suggested",
        note=note.strip()[:NOTE_AT_MOST],
        by_id=actor.user_id,
        at=now(),
    )
    match.decisions.append(decision)
    match.decided_by, match.decided_at, match.reason_code = None, None, None
    db.session.flush()
    return decision


def block_for_conflict(match: Match, *, actor: Actor, note: str) -> MatchDecision:
    """Bar a pair for a conflict of interest that somebody pointed out."""
    return _decide(match, "conflict_blocked", actor=actor, reason_code="conflict", note=note)


def add_pair(need: Listing, capability: Listing, *, actor: Actor, note: str = "") -> Match:
    """Put a pair on the workbench by hand.

    Raises Refused: "not_published", "pair_exists"; NotPermitted for a moderator who belongs to one of the sides.
    """
    if not can(actor, "match.review", _Pair(need, capability)):
        raise NotPermitted("not_permitted", "match.review")
    _both_published(need, capability)
    if live_match(need, capability) is not None:
        raise Refused("pair_exists")
    match = _new_match(need, capability, origin="moderator")
    audit.record("match.added", match, actor=actor, to_state=match.state, reason=note.strip())
    return match


def express_interest(
    need: Listing,
    capability: Listing,
    *,
    message: str,
    actor: Actor,
    no_conflict: bool = False,
    declared: str = "",
) -> Interest:
    """Say for one's own published capability that one would like to be introduced to a need's city.

    It counts as the vendor's yes, so like that it needs the declaration that there is no conflict of interest
    (`no_conflict`). Who has something to declare says what (`declared`): then it is no yes yet, moderators read it, and
    the company is asked like the city. A pair that a rule blocks is kept blocked, with its reason; an interest that
    was taken back may
    be expressed anew. Raises Refused: "not_published", "organisation_unverified", "need_at_procurement",
    "personal_interest", "declaration_missing", "interest_exists", "already_offered", "message_too_long"; NotPermitted
    for a capability of somebody else.
    """
    if not can(actor, "interest.express", capability):
        raise NotPermitted("not_permitted", "interest.express")
    if not capability.organisation.is_verified:
        raise Refused("organisation_unverified")
    _both_published(need, capability)
    if need.shown.stage in FROZEN_STAGES:
        raise Refused("need_at_procurement")
    if need.organisation_id in actor.recused_from:
        raise Refused("personal_interest")
    if max(len(message.strip()), len(declared.strip())) > MESSAGE_AT_MOST:
        raise Refused("message_too_long")
    if not (no_conflict or declared.strip()):
        raise Refused("declaration_missing")
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    interest: Interest | None = db.session.scalar(
        select(Interest)
        .where(Interest.need_id == need.id, Interest.capability_id == capability.id)
        .execution_options(populate_existing=True)
    )
    if interest is not None and interest.withdrawn_at is None:
        raise Refused("interest_exists")
    match = live_match(need, capability)
    if match is None:
        match = _new_match(need, capability, origin="interest")
    elif match.state in ("offered", "introduced"):
        raise Refused("already_offered")
    elif not match.recommended:
        lots.no_lot_any_more(match, "interest")
    if interest is None:
        interest = Interest(need=need, capability=capability)
        db.session.add(interest)
    interest.match, interest.by_id, interest.message = match, actor.user_id, message.strip()
    interest.declared, interest.no_conflict_declared = declared.strip(), not declared.strip()
    interest.created_at, interest.withdrawn_at = now(), None
    db.session.flush()
    audit.record("interest.expressed", match, actor=actor)
    notify(
        staff(),
        "match.interest",
        match,
        params={"organisation": capability.organisation.name("en"), "title": need.shown.text("title")},
        once=interest.created_at.isoformat(),
    )
    return interest


def withdraw_interest(interest: Interest, *, actor: Actor) -> None:
    """Take an interest back before both sides are asked. The pair goes back to what the matcher made of it.

    A pair that is there only because of the interest leaves; what a moderator decided stays. Raises Refused:
    "interest_withdrawn", "already_offered" (then one answers the offer); NotPermitted for somebody else's.
    """
    if not can(actor, "interest.express", interest):
        raise NotPermitted("not_permitted", "interest.express")
    db.session.execute(select(Match.id).where(Match.id == interest.match_id).with_for_update())
    db.session.refresh(interest)
    db.session.refresh(interest.match)
    match = interest.match
    if interest.withdrawn_at is not None:
        raise Refused("interest_withdrawn")
    if match.state in ("offered", "introduced"):
        raise Refused("already_offered")
    interest.withdrawn_at = now()
    db.session.flush()
    if match.origin == "interest" and match.rank is not None:
        match.origin = "matcher"
    elif match.origin == "interest" and match.state == "suggested":
        lifecycle.move(lifecycle.MATCH, match, "withdrawn", actor=SYSTEM, reason="interest_withdrawn")
    db.session.flush()
    audit.record("interest.withdrawn", match, actor=actor)
    notify(
        staff(),
        "match.interest_withdrawn",
        match,
        params={
            "organisation": interest.capability.organisation.name("en"),
            "title": interest.need.shown.text("title"),
        },
        once=interest.withdrawn_at.isoformat(),
    )


def take_need(need: Listing, *, actor: Actor) -> Claim:
    """Take a need's candidates in hand, so that others see it. Raises Refused("held_by_another") for an hour."""
    _may_review(need, actor)
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    claim = db.session.get(Claim, need.id)
    if claim is None:
        claim = Claim(need_id=need.id, holder_id=actor.user_id, since=now())
        db.session.add(claim)
    elif claim.holder_id != actor.user_id and claim.since + CLAIM_LASTS > now():
        raise Refused("held_by_another")
    else:
        claim.holder_id, claim.since = uuid.UUID(str(actor.user_id)), now()
    db.session.flush()
    audit.record("match.taken", need, actor=actor)
    return claim


def release_need(need: Listing, *, actor: Actor) -> None:
    """Put a need's candidates back, if one holds them."""
    _may_review(need, actor)
    claim = db.session.get(Claim, need.id)
    if claim is not None and claim.holder_id == actor.user_id:
        db.session.delete(claim)
        db.session.flush()
        audit.record("match.released", need, actor=actor)


def live_match(need: Listing, capability: Listing) -> Match | None:
    """The pair's match that has not been withdrawn, if there is one."""
    found: Match | None = db.session.scalar(
        select(Match).where(
            Match.need_id == need.id, Match.capability_id == capability.id, Match.state != "withdrawn"
        )
    )
    return found


def _decide(
    match: Match, to: str, *, actor: Actor, reason_code: str | None = None, note: str = ""
) -> MatchDecision:
    note = note.strip()[:NOTE_AT_MOST]
    before = match.state
    reason = ": ".join(part for part in (reason_code, note) if part)
    lifecycle.move(lifecycle.MATCH, match, to, actor=actor, reason=reason)
    decision = MatchDecision(
        from_state=before, to_state=to, reason_code=reason_code, note=note, by_id=actor.user_id, at=now()
    )
    match.decisions.append(decision)
    decided = to != "suggested" and actor.user_id is not None
    match.decided_by = actor.user_id if decided else None
    match.decided_at = decision.at if decided else None
    match.reason_code = reason_code
    match.offer_at = None  # whoever approves says when both sides are asked
    db.session.flush()
    return decision


def _new_match(need: Listing, capability: Listing, *, origin: str) -> Match:
    version = index_of("capability").version
    return add_match(need, capability, pair_of(need, capability), version=version, rank=None, origin=origin)


def _both_published(need: Listing, capability: Listing) -> None:
    right_kinds = need.kind == "need" and capability.kind == "capability"
    if not right_kinds or not need.in_public or not capability.in_public:
        raise Refused("not_published")


def _may_review(need: Listing, actor: Actor) -> None:
    if not can(actor, "match.review", need):
        raise NotPermitted("not_permitted", "match.review")
