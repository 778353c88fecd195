"""Who is told what about offers, introductions and messages.

The side that said no gives its reason to the forum; the other side learns only that there will be no
introduction. Params hold titles, labels and dates, so that a notice stays true when texts change; an
anonymous need's city and any person's address stay out of them.
"""

from __future__ import annotations

import uuid
from typing import Any

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db
from ppp_match.introductions.models import SIDES, Introduction, Message, Offer
from ppp_match.introductions.reasons import reasons
from ppp_match.listings import join_telling
from ppp_match.notifications.operations import notify


def organisation_of(offer: Offer, side: str) -> uuid.UUID:
    match = offer.match
    return match.need.organisation_id if side == "need" else match.capability.organisation_id


def _moderator(offer: Offer) -> list[User]:
    """The moderator who made the offer, if there is one still."""
    person = db.session.get(User, offer.created_by) if offer.created_by else None
    return [person] if person is not None else []


def params_of(offer: Offer) -> dict[str, Any]:
    need, capability = offer.match.need.shown, offer.match.capability.shown
    return {
        "label": offer.label,
        "need_title": need.text("title"),
        "need_lang": need.lang,
        "capability_title": capability.text("title"),
        "capability_lang": capability.lang,
    }


def ask(offer: Offer, kind: str = "offer.asked") -> None:
    """Ask (or remind) every side that has not answered."""
    why = reasons(offer.match, offer.match.need.shown.lang, hide_place=offer.match.need.hides_its_city)
    for side in SIDES:
        if offer.answer_of(side) is None:
            params = {
                **params_of(offer),
                "side": side,
                "expires_at": offer.expires_at.isoformat(),
                "bridges": why.bridges[:3],
            }
            notify(members_of(organisation_of(offer, side)), kind, offer, params=params)


def tell_declined(offer: Offer, side: str) -> None:
    """Tell the other side politely, and the moderator, who can read the reason on the page."""
    other = next(s for s in SIDES if s != side)
    notify(members_of(organisation_of(offer, other)), "offer.declined", offer, params=params_of(offer))
    _tell_moderator(offer, "offer.declined", offer)


def tell_ended(offer: Offer, kind: str) -> None:
    """Tell everybody who was asked, and the moderator."""
    notify(_both_sides(offer), kind, offer, params=params_of(offer))
    _tell_moderator(offer, kind, offer)


def tell_introduced(introduction: Introduction) -> None:
    """Tell both sides and the moderator that the conversation is open."""
    offer = introduction.offer
    params = {**params_of(offer), "label": introduction.label}
    notify(_both_sides(offer), "introduction.made", introduction, params=params)
    _tell_moderator(offer, "introduction.made", introduction)
    join_telling.tell_introduced(offer.match.need)


def _tell_moderator(offer: Offer, kind: str, subject: Any) -> None:
    notify(
        _moderator(offer), kind, subject, params={**params_of(offer), "label": subject.label, "side": "forum"}
    )


def _both_sides(offer: Offer) -> list[User]:
    return [person for side in SIDES for person in members_of(organisation_of(offer, side))]


def tell_message(message: Message) -> None:
    """Tell the other side's people that a message waits; what it says stays in the conversation."""
    introduction = message.introduction
    others = introduction.party_ids - {message.organisation_id}
    people = [person for organisation_id in others for person in members_of(organisation_id)]
    organisation = message.organisation
    params = {
        **params_of(introduction.offer),
        "label": introduction.label,
        "organisation_vi": organisation.name("vi"),
        "organisation_en": organisation.name("en"),
    }
    notify(people, "message.new", introduction, params=params, once=str(message.id))
