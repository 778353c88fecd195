"""What a side declares before its yes: the offer waits, the forum decides, and the other side learns nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.home.queries import offers_waiting_for
from ppp_match.introductions import declaring, operations
from ppp_match.introductions.deadline_jobs import expire_offers
from ppp_match.introductions.models import OfferDeclaration
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import Notification
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations import refresh
from ppp_match.recommendations.models import Match
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases
WORDS = "Em trai của trưởng phòng làm ở công ty này."


class Asked:
    """An open offer with its people."""

    def __init__(self) -> None:
        self.official, self.seller = make_member("city"), make_member("vendor")
        self.need = make_listing(
            "need", state="published", organisation=self.official.memberships[0].organisation
        )
        self.capability = make_listing(
            "capability", state="published", organisation=self.seller.memberships[0].organisation
        )
        refresh.refresh_need(self.need)
        self.match = db.session.scalar(select(Match).where(Match.need_id == self.need.id))
        self.moderator = make_staff()
        recommendations.approve_match(self.match, actor=actor_of(self.moderator))
        self.offer = operations.make_offer(self.match, actor=actor_of(self.moderator))

    def declare(self) -> OfferDeclaration:
        return declaring.declare(self.offer, words=WORDS, actor=actor_of(self.official))

    def decide(self, row, cleared: bool, **values):
        told = {"reason": "Không liên quan.", "version": row.version, "actor": actor_of(self.moderator)}
        declaring.decide(row, cleared=cleared, **{**told, **values})

    def says_yes(self, person):
        return operations.answer_offer(self.offer, actor=actor_of(person), accepted=True, no_conflict=True)


@pytest.fixture
def asked(app) -> Asked:
    return Asked()


def told(person):
    return list(db.session.scalars(select(Notification.kind).where(Notification.user_id == person.id)))


def test_cleared_the_side_can_say_yes_and_has_time(asked):
    row = asked.declare()
    assert "declaration.waiting" in told(asked.moderator)
    with pytest.raises(Refused) as refused:
        asked.says_yes(asked.official)
    assert refused.value.code == "declaration_waits"
    asked.offer.expires_at = now() - timedelta(hours=1)
    db.session.flush()
    assert expire_offers() == 0, "it waits for the forum, not for the side"
    asked.decide(row, True)
    assert asked.offer.expires_at > now() + timedelta(days=3)
    assert "declaration.cleared" in told(asked.official)
    assert "declaration.cleared" not in told(asked.seller)
    asked.says_yes(asked.official)
    assert asked.says_yes(asked.seller) is not None


def test_barred_the_pair_is_barred_and_nobody_else_learns_why(asked):
    row = asked.declare()
    asked.decide(row, False, reason="Người quyết định có người thân ở công ty.")
    assert (row.state, asked.offer.state, asked.match.state) == ("barred", "withdrawn", "conflict_blocked")
    for notice in db.session.scalars(select(Notification).where(Notification.user_id == asked.seller.id)):
        assert WORDS not in str(notice.params)
        assert "người thân" not in str(notice.params)
    assert "offer.barred" in told(asked.seller)
    assert refresh.refresh_need(asked.need).total == 0, "a moderator's bar stays"


def test_the_side_can_say_no_meanwhile_and_the_declaration_lapses(asked):
    row = asked.declare()
    operations.answer_offer(
        asked.offer, actor=actor_of(asked.official), accepted=False, reason_code="conflict"
    )
    assert (row.state, asked.offer.state) == ("lapsed", "declined")
    with pytest.raises(Refused) as refused:
        asked.decide(row, True)
    assert refused.value.code == "stale"


def test_who_may_declare_and_decide(asked):
    with pytest.raises(NotPermitted):
        declaring.declare(asked.offer, words=WORDS, actor=actor_of(make_member("city")))
    row = asked.declare()
    with pytest.raises(Refused) as refused:
        asked.declare()
    assert refused.value.code == "already_declared"
    theirs = make_member("vendor", organisation=asked.capability.organisation, staff_role="moderator")
    for person in (asked.official, asked.seller, theirs):
        with pytest.raises(NotPermitted):
            asked.decide(row, True, actor=actor_of(person))
    with pytest.raises(Refused) as refused:
        asked.decide(row, True, version=row.version + 1)
    assert refused.value.code == "stale"


def test_an_interest_with_something_to_declare_is_no_yes_yet(app):
    seller, need = make_member("vendor"), make_listing("need", state="published")
    capability = make_listing(
        "capability", state="published", organisation=seller.memberships[0].organisation
    )
    interest = recommendations.express_interest(
        need, capability, message="", declared=WORDS, no_conflict=True, actor=actor_of(seller)
    )
    assert (interest.declared, interest.no_conflict_declared) == (WORDS, False)
    moderator = actor_of(make_staff())
    recommendations.approve_match(interest.match, actor=moderator)
    offer = operations.make_offer(interest.match, actor=moderator)
    assert offer.answers == []


def test_what_waits_for_the_forum_waits_for_nobody_else(asked):
    def waiting_for(person):
        return [one.id for one in offers_waiting_for(actor_of(person))]

    assert waiting_for(asked.official) == waiting_for(asked.seller) == [asked.offer.id]
    row = asked.declare()
    assert (waiting_for(asked.official), waiting_for(asked.seller)) == ([], [asked.offer.id])
    asked.decide(row, True)
    assert waiting_for(asked.official) == [asked.offer.id]
