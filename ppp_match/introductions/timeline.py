"""What became of an interest, step by step: received, read, decided, asked, answered, ended; and who acts next.

What lives here: dated steps in the words that the company may read. Short list and hold are one step, "in review";
a moderator's note, a name and what the city wrote to the forum are never among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.formats import datefmt
from ppp_match.introductions.forms import REASONS
from ppp_match.introductions.models import Offer
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Interest, Match
from ppp_match.recommendations.remedies import barred_by, barred_by_a_person
from ppp_match.recommendations.sentences import neutral_reason
from ppp_match.vocabularies import term_name

WITHDRAWABLE = ("suggested", "shortlisted", "on_hold", "approved", "rejected", "conflict_blocked", "expired")


@dataclass(frozen=True)
class Step:
    """One thing that happened."""

    at: datetime
    words: str
    icon: str = "info"


@dataclass(frozen=True)
class Next:
    """Who acts next, and by when at the latest, if there is a date."""

    who: str
    what: str
    by: date | None = None  # a moment is shown as its day
    url: str = ""


@dataclass(frozen=True)
class Course:
    """An interest with its steps, oldest first."""

    interest: Interest
    state: str
    look: tuple[str, str]  # icon and colour of the chip
    steps: list[Step]
    next: Next
    barred: list[tuple[str, str, str]]
    may_withdraw: bool


def interests(organisation_id: uuid.UUID) -> Select[Any]:
    """Every interest of an organisation, those taken back too, newest first, with what its course needs."""
    offers: Any = getattr(Match, "offers")  # noqa: B009  hung on the match by this room's models
    texts = joinedload(Listing.live)
    pair = joinedload(Interest.match)
    return (
        select(Interest)
        .join(Listing, Listing.id == Interest.capability_id)
        .where(Listing.organisation_id == organisation_id)
        .options(
            pair.options(selectinload(Match.decisions)),
            pair.options(selectinload(offers).selectinload(Offer.answers)),
            joinedload(Interest.need).options(texts),
            joinedload(Interest.capability).options(texts),
        )
        .order_by(Interest.created_at.desc(), Interest.id)
    )


def interest_of(interest_id: uuid.UUID, actor: Actor) -> Interest | None:
    """The interest, if it is one of the organisation that the actor acts for."""
    if actor.organisation_id is None:
        return None
    found: Interest | None = db.session.scalars(
        interests(actor.organisation_id).where(Interest.id == interest_id)
    ).first()
    return found


def courses(rows: Sequence[Interest], lang: str) -> list[Course]:
    """The courses of some interests, in a constant number of queries."""
    read = _first_read(rows)
    return [course_of(interest, read.get(interest.id), lang) for interest in rows]


def _first_read(rows: Sequence[Interest]) -> dict[uuid.UUID, datetime]:
    """When a moderator first took the need in hand after the interest came in."""
    taken: dict[uuid.UUID, list[datetime]] = {}
    events = db.session.execute(
        select(AuditEvent.subject_id, AuditEvent.at)
        .where(
            AuditEvent.action == "match.taken",
            AuditEvent.subject_id.in_({interest.need_id for interest in rows}),
        )
        .order_by(AuditEvent.at)
    )
    for need_id, at in events:
        taken.setdefault(need_id, []).append(at)
    found = {}
    for interest in rows:
        first = next((at for at in taken.get(interest.need_id, ()) if at >= interest.created_at), None)
        if first is not None:
            found[interest.id] = first
    return found


def course_of(interest: Interest, read_at: datetime | None, lang: str) -> Course:
    """One interest's steps, state and next step."""
    match, need = interest.match, interest.need
    steps = [Step(interest.created_at, _("Received by the forum"), "flag")]
    if read_at is not None:
        steps.append(Step(read_at, _("A moderator took the need in hand"), "eye"))
    steps += _decided(interest)
    for offer in getattr(match, "offers", []):
        steps += _asked(offer)
    if interest.withdrawn_at is not None and not _said_no(interest):
        steps.append(Step(interest.withdrawn_at, _("You took your interest back"), "out"))
    if need.ended_at is not None and need.state in ("closed", "withdrawn"):
        steps.append(Step(need.ended_at, _need_ended(need, lang), "lock"))
    barred = _barred(match, lang) if interest.withdrawn_at is None and need.state == "published" else []
    state, icon, colour = _state(interest, bool(barred))
    return Course(
        interest=interest,
        state=state,
        look=(icon, colour),
        steps=sorted(steps, key=lambda step: step.at),
        next=_next(interest, bool(barred)),
        barred=barred,
        may_withdraw=interest.withdrawn_at is None
        and need.state == "published"
        and match.state in WITHDRAWABLE,
    )


def _decided(interest: Interest) -> list[Step]:
    """A moderator's decisions since the interest: many looks are one "in review"."""
    steps: list[Step] = []
    reviewed = False
    for decision in interest.match.decisions:
        if decision.at < interest.created_at:
            continue
        if decision.to_state in ("shortlisted", "on_hold") and not reviewed:
            reviewed = True
            steps.append(Step(decision.at, _("In review by a moderator"), "eye"))
        elif decision.to_state == "approved":
            steps.append(Step(decision.at, _("Approved by a moderator"), "check"))
        elif decision.to_state == "rejected":
            reason = neutral_reason(decision.reason_code)
            steps.append(Step(decision.at, _("Not taken further: %(reason)s", reason=reason), "cross"))
        elif decision.to_state == "suggested":
            steps.append(Step(decision.at, _("Brought back, since one side changed its text"), "swap"))
        elif decision.to_state == "conflict_blocked":
            steps.append(Step(decision.at, _("Barred for a conflict of interest"), "cross"))
    return steps


def _asked(offer: Offer) -> list[Step]:
    steps = [
        Step(
            offer.created_at,
            _("The city was asked, to answer by %(date)s", date=datefmt(offer.expires_at))
            if offer.answer_of("capability") is not None and _given_before(offer)
            else _("Both sides were asked, to answer by %(date)s", date=datefmt(offer.expires_at)),
            "mail",
        )
    ]
    for answer in offer.answers:
        if answer.side == "capability" and _given_before(offer):
            continue
        if answer.accepted:
            words = _("You said yes") if answer.side == "capability" else _("The city said yes")
            steps.append(Step(answer.at, words, "check"))
        else:
            reason = str(REASONS.get(answer.reason_code or "", REASONS["other"]))
            words = (
                _("You said no: %(reason)s", reason=reason)
                if answer.side == "capability"
                else _("The city said no: %(reason)s", reason=reason)
            )
            steps.append(Step(answer.at, words, "cross"))
    if offer.closed_at is not None:
        ends = {
            "accepted": (_("Introduced: names and contacts are open"), "pair"),
            "expired": (_("The offer expired without an answer of both sides"), "clock"),
            "withdrawn": (_("The offer no longer stands"), "info"),
        }
        if offer.state in ends:
            words, icon = ends[offer.state]
            steps.append(Step(offer.closed_at, words, icon))
    return steps


def _given_before(offer: Offer) -> bool:
    """Whether the company's yes is its interest, given before the offer was made."""
    answer = offer.answer_of("capability")
    return answer is not None and answer.accepted and answer.at <= offer.created_at


def _said_no(interest: Interest) -> bool:
    return any(
        (answer := offer.answer_of("capability")) is not None and not answer.accepted
        for offer in getattr(interest.match, "offers", [])
    )


def _need_ended(need: Listing, lang: str) -> str:
    if need.state == "closed":
        return _(
            "The need was closed: %(reason)s",
            reason=term_name("listing_closing_reason", need.close_reason, lang),
        )
    return _("The need was withdrawn by its city")


def _barred(match: Match, lang: str) -> list[tuple[str, str, str]]:
    if not match.blocked and match.state != "conflict_blocked":
        return []
    return barred_by((match.explanation or {}).get("rules", []), lang) or [barred_by_a_person()]


def _state(interest: Interest, barred: bool) -> tuple[str, str, str]:
    """(words, icon, colour) of the chip."""
    match, need = interest.match, interest.need
    if match.state == "introduced":
        return _("Introduced"), "check", "la"
    if interest.withdrawn_at is not None:
        return (_("Declined"), "cross", "") if _said_no(interest) else (_("Taken back"), "out", "")
    if need.state != "published":
        return _("The need is closed"), "lock", ""
    if barred:
        return _("A rule stands against it"), "cross", "son"
    looks = {
        "suggested": (_("Waits for a moderator"), "clock", "wait"),
        "rejected": (_("Not taken further"), "cross", ""),
        "approved": (_("Approved"), "check", "cham"),
        "offered": (_("The city is asked"), "clock", "cham"),
        "declined": (_("Declined"), "cross", ""),
        "expired": (_("Offer expired"), "clock", ""),
        "withdrawn": (_("The need or the capability was withdrawn"), "lock", ""),
    }
    return looks.get(match.state, (_("In review"), "eye", "cham"))


def _next(interest: Interest, barred: bool) -> Next:
    match, need = interest.match, interest.need
    nobody = _("Nobody")
    if match.state == "introduced":
        return Next(_("Both sides"), _("Go on in the conversation."), url=url_for("introductions.index"))
    if interest.withdrawn_at is not None:
        return Next(nobody, _("You may express interest anew while the need is open."))
    if need.state != "published":
        return Next(nobody, _("The need is no longer open."))
    if barred:
        return Next(_("You"), _("See below what would change it, if it is true of you."))
    if match.state == "rejected":
        return Next(nobody, _("It comes back when you or the city change the published text."))
    if match.state == "declined":
        return Next(nobody, _("A moderator may ask both sides again, with a reason."))
    if match.state == "offered":
        return _next_answer(match)
    if match.state == "expired":
        return Next(_("A moderator"), _("May ask both sides again."))
    if match.state == "approved":
        return Next(_("A moderator"), _("Asks the city."))
    if match.state == "withdrawn":
        return Next(nobody, _("The pair is no longer there."))
    return Next(_("A moderator"), _("Decides whether the city is asked."), _last_day(need))


def _next_answer(match: Match) -> Next:
    offer: Offer = getattr(match, "offers")[-1]  # noqa: B009
    if offer.answer_of("capability") is None:
        return Next(
            _("You"), _("Answer the offer."), offer.expires_at, url_for("introductions.offer", id=offer.id)
        )
    return Next(
        _("The city"), _("Answers the offer."), offer.expires_at, url_for("introductions.offer", id=offer.id)
    )


def _last_day(need: Listing) -> date | None:
    """The last day on which it can still happen: that of answers to the need."""
    return need.shown.response_until
