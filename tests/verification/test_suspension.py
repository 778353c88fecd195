"""Suspending an organisation: who may, what leaves at once, and what lifting brings back."""

from __future__ import annotations

import pytest

from ppp_match import audit
from ppp_match.db import db
from ppp_match.introductions import operations as introductions
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.documents import published_documents
from ppp_match.recommendations import operations as pairs
from ppp_match.recommendations import refresh
from ppp_match.verification import queries, suspension
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import kinds_told

pytestmark = pytest.mark.both_databases


@pytest.fixture
def forum(app):
    """A city and a company with an open offer and, for another need, an introduction."""
    official, seller = make_member("city"), make_member("vendor")
    city, company = official.memberships[0].organisation, seller.memberships[0].organisation
    capability = make_listing("capability", state="published", organisation=company)
    needs = [
        make_listing("need", state="published", organisation=city, texts={"title": title})
        for title in ("Giảm ngập 20 tuyến phố ven sông", "Cảnh báo ngập cho ba xã ven biển")
    ]
    moderator = actor_of(make_staff())
    offers = []
    for need in needs:
        refresh.refresh_need(need)
        match = pairs.live_match(need, capability)
        pairs.approve_match(match, actor=moderator)
        offers.append(introductions.make_offer(match, actor=moderator))
    for person in (official, seller):
        talk = introductions.answer_offer(
            offers[1], actor=actor_of(person), accepted=True, reason_code="", note="", no_conflict=True
        )
    db.session.commit()
    return official, seller, capability, needs, offers, talk


def test_an_administrator_suspends_at_once_and_everything_leaves(app, client, forum):
    official, seller, capability, needs, offers, talk = forum
    home = capability.organisation
    row = suspension.suspend(home, reason="Forged certificates.", actor=actor_of(make_staff("administrator")))
    db.session.commit()
    assert (row.state, home.suspended_at is not None) == ("active", True)
    assert client.get(f"/capabilities/{capability.id}").status_code == 404
    assert client.get(f"/organisations/{home.id}").status_code == 404
    assert list(published_documents("capability", None)) == []
    assert offers[0].state == "withdrawn"
    assert offers[0].match.state == "withdrawn"
    assert offers[1].match.state == "introduced"
    assert "offer.withdrawn" in kinds_told(official)
    assert "organisation.suspended" in kinds_told(seller)
    for person in (official, seller):
        with pytest.raises(Refused, match="party_suspended"):
            introductions.write_message(talk, actor=actor_of(person), body="Hello")
    assert refresh.refresh_need(needs[0]).added == 0
    assert audit.first_broken_event() is None


def test_lifting_brings_back_what_was_published(app, client, forum):
    official, seller, capability, needs, offers, talk = forum
    home = capability.organisation
    boss = actor_of(make_staff("administrator"))
    row = suspension.suspend(home, reason="Forged certificates.", actor=boss)
    db.session.commit()
    suspension.lift(row, reason="They were genuine.", version=row.version, actor=boss)
    db.session.commit()
    assert (row.state, home.suspended_at) == ("lifted", None)
    assert client.get(f"/capabilities/{capability.id}").status_code == 200
    assert "organisation.unsuspended" in kinds_told(seller)
    introductions.write_message(talk, actor=actor_of(official), body="Hello again")
    assert offers[0].state == "withdrawn"
    refresh.refresh_need(needs[0])
    assert pairs.live_match(needs[0], capability).state == "suggested"
    again = suspension.suspend(home, reason="New facts.", actor=boss)
    assert again.id != row.id


def test_two_moderators_have_to_agree(app, forum):
    _official, seller, capability, *_ = forum
    home = capability.organisation
    first, second = make_staff(), make_staff()
    row = suspension.suspend(home, reason="Forged certificates.", actor=actor_of(first))
    assert (row.state, home.suspended_at) == ("proposed", None)
    assert kinds_told(second) == ["suspension.proposed"]
    assert "organisation.suspended" not in kinds_told(seller)
    with pytest.raises(Refused, match="second_pair_of_eyes"):
        suspension.agree(row, version=row.version, actor=actor_of(first))
    with pytest.raises(Refused, match="suspended_already"):
        suspension.suspend(home, reason="The same.", actor=actor_of(second))
    with pytest.raises(Refused, match="stale"):
        suspension.agree(row, version=row.version - 1, actor=actor_of(second))
    suspension.agree(row, version=row.version, actor=actor_of(second))
    assert home.suspended_at is not None
    suspension.lift(row, reason="Cleared up.", version=row.version, actor=actor_of(second))
    assert (row.state, home.suspended_at is not None) == ("lift_proposed", True)
    with pytest.raises(Refused, match="second_pair_of_eyes"):
        suspension.agree(row, version=row.version, actor=actor_of(second))
    suspension.disagree(row, version=row.version, actor=actor_of(first))
    assert (row.state, row.lift_reason) == ("active", "")
    suspension.lift(row, reason="Cleared up.", version=row.version, actor=actor_of(first))
    suspension.agree(row, version=row.version, actor=actor_of(second))
    assert home.suspended_at is None


def test_a_proposal_can_be_dropped(app, forum):
    home = forum[2].organisation
    moderator = actor_of(make_staff())
    row = suspension.suspend(home, reason="A rumour.", actor=moderator)
    suspension.disagree(row, version=row.version, actor=moderator)
    assert (row.state, home.suspended_at) == ("dropped", None)
    assert queries.live_suspension(home.id) is None


def test_who_may_not(app, forum):
    _official, seller, capability, *_ = forum
    home = capability.organisation
    own = make_member(organisation=home, staff_role="administrator")
    for person in (seller, own, make_member("city")):
        with pytest.raises(NotPermitted):
            suspension.suspend(home, reason="No.", actor=actor_of(person))
    with pytest.raises(ReasonMissing):
        suspension.suspend(home, reason=" ", actor=actor_of(make_staff()))
