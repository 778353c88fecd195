"""The verbs of offers, introductions and messages.

An offer asks both sides of an approved pair; each answers once. The first no closes it, two yeses
introduce. Rows are locked match first, offer second, so that two people who answer at once come one after
the other: on PostgreSQL by FOR UPDATE, on SQLite because a writing transaction is alone. The jobs stand in
`deadline_jobs.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ppp_match import audit, lifecycle
from ppp_match.db import db, now, wait_for
from ppp_match.introductions import deadlines, telling
from ppp_match.introductions.models import (
    DECLINE_REASONS,
    Introduction,
    Message,
    Offer,
    OfferAnswer,
    ReadMark,
)
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import ListingNumber
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.phrases.operations import watch
from ppp_match.recommendations.models import Interest, Match

LONGEST_MESSAGE = 4000
LONGEST_NOTE = 600
ON_INTRODUCED: list[Callable[[Introduction, Actor], None]] = []  # what upper rooms begin with an introduction
FROZEN_STAGES = ("procure", "contract")  # while partners are selected, private contact rests


# --- asking ---


def make_offer(match: Match, *, actor: Actor, reason: str = "", made_for: uuid.UUID | None = None) -> Offer:
    """Ask both sides of an approved pair whether they want to be introduced; a declined or expired pair
    again.

    A vendor's expression of interest counts as its yes if it was given with the declaration that there is no
    conflict of interest, so only the need's side is asked then. Asking again needs a `reason`. Where the software
    acts, `made_for` is the moderator who hears of the answers. Raises Refused: listing_not_published,
    need_at_procurement, blocked, and what lifecycle.move raises.
    """
    wait_for(match)
    _refuse_unfit(match)
    lifecycle.move(lifecycle.MATCH, match, "offered", actor=actor, reason=reason)
    made_at = now()
    offer = Offer(
        match=match,
        number=next_number("offer"),
        created_at=made_at,
        created_by=actor.user_id or made_for,
        expires_at=deadlines.end_of_offer(made_at),
    )
    db.session.add(offer)
    interest = _standing_interest(match)
    if interest is not None and interest.no_conflict_declared:
        offer.answers.append(
            OfferAnswer(
                side="capability",
                accepted=True,
                no_conflict_declared=True,
                by_id=interest.by_id,
                at=interest.created_at,
            )
        )
    db.session.flush()
    audit.record("offer.made", offer, actor=actor, to_state="open")
    telling.ask(offer)
    return offer


def _refuse_unfit(match: Match) -> None:
    if match.need.state != "published" or match.capability.state != "published":
        raise Refused("listing_not_published")
    if match.need.shown.stage in FROZEN_STAGES:
        raise Refused("need_at_procurement")
    if match.blocked:
        raise Refused("blocked")


def _standing_interest(match: Match) -> Interest | None:
    interest: Interest | None = db.session.scalar(
        select(Interest).where(
            Interest.need_id == match.need_id,
            Interest.capability_id == match.capability_id,
            Interest.withdrawn_at.is_(None),
        )
    )
    return interest


def next_number(kind: str) -> int:
    """The next number of that kind, under a lock that the transaction holds to its end."""
    dialect: Any = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    db.session.execute(dialect.insert(ListingNumber).values(kind=kind, last=0).on_conflict_do_nothing())
    row = db.session.get_one(ListingNumber, kind, with_for_update=True, populate_existing=True)
    row.last += 1
    db.session.flush()
    return row.last


# --- answering ---


def answer_offer(
    offer: Offer,
    *,
    actor: Actor,
    accepted: bool,
    reason_code: str = "",
    note: str = "",
    no_conflict: bool = False,
) -> Introduction | None:
    """One side's answer. Returns the introduction if this was the second yes.

    Yes needs the declaration that there is no conflict of interest (`no_conflict`); no needs a
    `reason_code` of DECLINE_REASONS, and a note with "other". The note goes to the forum, never to the
    other side. What there is to declare goes through `declaring.declare` first. Raises NotPermitted for somebody of
    neither side; Refused: personal_interest, offer_closed, already_answered, declaration_waits, offer_expired,
    declaration_missing, note_missing, note_too_long, listing_not_published,
    need_at_procurement; ReasonMissing.
    """
    side = offer.side_of(actor.organisation_id)
    if side is None or not can(actor, "offer.answer", offer):
        raise NotPermitted("not_permitted", "offer.answer")
    begin_answer(offer, side, actor)
    declared = offer.declaration_of(side)
    if accepted and declared is not None and declared.state == "open":
        raise Refused("declaration_waits")
    if offer.is_past and not offer.waits_for_the_forum:
        raise Refused("offer_expired")
    answer = _checked_answer(side, accepted, reason_code, note.strip(), no_conflict)
    if accepted:
        _refuse_unfit(offer.match)
    answer.by_id = actor.user_id
    offer.answers.append(answer)
    db.session.flush()
    audit.record(
        "offer.accepted_by_side" if accepted else "offer.declined_by_side",
        offer,
        actor=actor,
        fields=(side,),
        reason=": ".join(part for part in (answer.reason_code, answer.note) if part),
    )
    if not accepted:
        _decline(offer, side, answer, actor)
        return None
    return _introduce(offer, actor) if offer.accepted_by_both else None


def begin_answer(offer: Offer, side: str, actor: Actor) -> None:
    """Wait for the offer, then see whether this person may answer it for that side.

    Who has a declared interest in the other side leaves it to a colleague. Raises Refused: personal_interest,
    offer_closed, already_answered.
    """
    if (offer.party_ids - {actor.organisation_id}) & actor.recused_from:
        raise Refused("personal_interest")
    lock_offer(offer)
    if offer.state != "open" or offer.match.state != "offered":
        raise Refused("offer_closed", offer.state)
    if offer.answer_of(side) is not None:
        raise Refused("already_answered", side)


def lock_offer(offer: Offer) -> None:
    """Wait for whoever writes this offer just now, then see what they wrote."""
    wait_for(offer.match)
    wait_for(offer)
    db.session.expire(offer, ["answers", "declarations"])
    db.session.expire(offer.match, ["offers"])


def _checked_answer(side: str, accepted: bool, reason_code: str, note: str, no_conflict: bool) -> OfferAnswer:
    if accepted:
        if not no_conflict:
            raise Refused("declaration_missing")
        return OfferAnswer(side=side, accepted=True, no_conflict_declared=True)
    if reason_code not in DECLINE_REASONS:
        raise ReasonMissing("reason_missing", "declined")
    if reason_code == "other" and not note:
        raise Refused("note_missing")
    if len(note) > LONGEST_NOTE:
        raise Refused("note_too_long", str(len(note)))
    return OfferAnswer(side=side, accepted=False, reason_code=reason_code, note=note)


def _decline(offer: Offer, side: str, answer: OfferAnswer, actor: Actor) -> None:
    lifecycle.move(
        lifecycle.MATCH, offer.match, "declined", actor=actor, reason=f"{side}: {answer.reason_code}"
    )
    close_offer(offer, "declined")
    interest = _standing_interest(offer.match) if side == "capability" else None
    if interest is not None:
        interest.withdrawn_at = (
            now()
        )  # a no outweighs the yes given in advance, should the pair be asked again
    telling.tell_declined(offer, side)
    db.session.flush()


def _introduce(offer: Offer, actor: Actor) -> Introduction:
    lifecycle.move(lifecycle.MATCH, offer.match, "introduced", actor=actor)
    close_offer(offer, "accepted")
    introduction = Introduction(match=offer.match, offer=offer, number=next_number("introduction"))
    db.session.add(introduction)
    db.session.flush()
    audit.record("introduction.made", introduction, actor=actor)
    for begin in ON_INTRODUCED:
        begin(introduction, actor)
    telling.tell_introduced(introduction)
    return introduction


def close_offer(offer: Offer, state: str) -> None:
    """End an offer; what was declared for it and not decided on lapses."""
    for one in offer.declarations:
        if one.state == "open":
            lifecycle.move(lifecycle.DECLARATION, one, "lapsed", actor=SYSTEM)
    offer.state = state
    offer.closed_at = now()
    db.session.flush()


# --- ending by itself ---


def expire(offer: Offer) -> bool:
    """Close an offer whose date has passed; both sides and the moderator are told. False if it is not due."""
    lock_offer(offer)
    if offer.state != "open" or not offer.is_past or offer.match.state != "offered":
        return False
    if offer.waits_for_the_forum:
        return False
    lifecycle.move(lifecycle.MATCH, offer.match, "expired", actor=SYSTEM)
    close_offer(offer, "expired")
    audit.record("offer.expired", offer, actor=SYSTEM, from_state="open", to_state="expired")
    telling.tell_ended(offer, "offer.expired")
    return True


def withdraw_offer(offer: Offer, *, actor: Actor, reason: str) -> None:
    """Close an open offer because one of its listings left. Raises Refused: offer_closed; see
    lifecycle.move."""
    lock_offer(offer)
    if offer.state != "open":
        raise Refused("offer_closed", offer.state)
    if offer.match.state == "offered":
        lifecycle.move(lifecycle.MATCH, offer.match, "withdrawn", actor=actor, reason=reason)
    close_offer(offer, "withdrawn")
    audit.record(
        "offer.withdrawn", offer, actor=actor, from_state="open", to_state="withdrawn", reason=reason
    )
    telling.tell_ended(offer, "offer.withdrawn")


def remind(offer: Offer) -> bool:
    """Remind the side that has not answered, once an offer. False if there is nothing to remind of."""
    lock_offer(offer)
    if offer.state != "open" or offer.reminded_at is not None or offer.is_past or offer.waits_for_the_forum:
        return False
    offer.reminded_at = now()
    telling.ask(offer, "offer.reminder")
    db.session.flush()
    return True


# --- talking ---


def write_message(introduction: Introduction, *, actor: Actor, body: str, lang: str = "vi") -> Message:
    """Say something to the other side, in Markdown and in the language that is named.

    Raises NotPermitted for anybody but a member of the two organisations; Refused: message_empty,
    message_too_long, need_at_procurement (private contact rests while partners are selected), party_suspended.
    """
    if actor.organisation_id is None or not can(actor, "message.write", introduction):
        raise NotPermitted("not_permitted", "message.write")
    text = body.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("message_empty")
    if len(text) > LONGEST_MESSAGE:
        raise Refused("message_too_long", str(len(text)))
    rests = refuse_while_resting(introduction)
    if rests:
        raise Refused(rests)
    message = Message(
        introduction=introduction,
        author_id=actor.user_id,
        organisation_id=actor.organisation_id,
        body=text,
        lang=lang,
    )
    db.session.add(message)
    db.session.flush()
    audit.record("message.written", message, actor=actor)
    watch(message, [text])
    mark_read(introduction, actor=actor)
    telling.tell_message(message)
    return message


def refuse_while_resting(introduction: Introduction) -> str | None:
    """Why nobody writes just now, as a refusal code: partners are being selected, or a side is suspended."""
    match = introduction.match
    if match.need.shown.stage in FROZEN_STAGES:
        return "need_at_procurement"
    suspended = any(side.organisation.suspended_at for side in (match.need, match.capability))
    return "party_suspended" if suspended else None


def is_frozen(introduction: Introduction) -> bool:
    """Whether private contact rests."""
    return refuse_while_resting(introduction) is not None


def mark_read(introduction: Introduction, *, actor: Actor) -> None:
    """Note that the actor has read the conversation up to this moment."""
    if actor.user_id is None or not can(actor, "message.write", introduction):
        raise NotPermitted("not_permitted", "message.write")
    key = (introduction.id, actor.user_id)
    mark = db.session.get(ReadMark, key)
    if mark is None:
        mark = ReadMark(introduction_id=introduction.id, user_id=actor.user_id)
        db.session.add(mark)
    mark.read_at = now()
    db.session.flush()
