"""Pairs ready to be offered, and the people of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.db import db
from ppp_match.introductions import operations
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.recommendations.models import Interest, Match
from tests.factories import actor_of, make_listing, make_member, make_staff

EXPLANATION = {
    "total": 0.742,
    "terms": [
        {"term": "flood", "source_term": "ngập", "bridge": "lexicon", "share": 0.3},
        {"term": "ho chi minh", "source_term": "ho chi minh", "bridge": None, "share": 0.1},
    ],
    "rules": [
        {
            "rule": "country",
            "state": "yes",
            "sentence": "Is at home in the need's country.",
            "code": "country_home",
            "params": {"country": "VN"},
        },
        {
            "rule": "capacity",
            "state": "unknown",
            "sentence": "Free capacity is not stated.",
            "code": "capacity_not_stated",
            "params": {},
        },
    ],
    "unanswered": ["SCADA"],
}


@dataclass
class Pair:
    """A match with one person on each side and the moderator who looks after it."""

    match: Match
    city: User
    vendor: User
    moderator: User


def make_pair(*, state: str = "approved", need: dict[str, Any] | None = None, **columns: Any) -> Pair:
    city, vendor, moderator = make_member("city"), make_member("vendor"), make_staff()
    left = make_listing(
        "need", state="published", organisation=city.memberships[0].organisation, **(need or {})
    )
    right = make_listing("capability", state="published", organisation=vendor.memberships[0].organisation)
    match = Match(
        need=left,
        capability=right,
        state=state,
        score=0.742,
        rank=1,
        blocked_reasons=[],
        explanation=EXPLANATION,
        **columns,
    )
    db.session.add(match)
    db.session.flush()
    return Pair(match, city, vendor, moderator)


def add_interest(pair: Pair) -> Interest:
    row = Interest(
        need=pair.match.need,
        capability=pair.match.capability,
        match=pair.match,
        by_id=pair.vendor.id,
        no_conflict_declared=True,
    )
    db.session.add(row)
    db.session.flush()
    return row


def offer_of(pair: Pair) -> Offer:
    return operations.make_offer(pair.match, actor=actor_of(pair.moderator))


def say_yes(offer: Offer, person: User) -> Introduction | None:
    return operations.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)


def say_no(offer: Offer, person: User, reason: str = "wrong_size", note: str = "") -> None:
    operations.answer_offer(offer, actor=actor_of(person), accepted=False, reason_code=reason, note=note)


def introduce(pair: Pair) -> Introduction:
    offer = offer_of(pair)
    say_yes(offer, pair.city)
    introduction = say_yes(offer, pair.vendor)
    assert introduction is not None
    return introduction


def kinds_told(person: User) -> list[str]:
    """Kinds of the notices of a person, each of which has its mail."""
    query = (
        select(Notification.kind).where(Notification.user_id == person.id).order_by(Notification.created_at)
    )
    notices = list(db.session.scalars(query))
    mails = db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.user_id == person.id))
    assert sorted(mails) == sorted(notices)
    return notices
