"""Two clicks, or two people, at the same moment through the web: one thing is made, one decision is taken."""

from __future__ import annotations

import threading

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.db import db, now
from ppp_match.introductions.approval import make_due_offers
from ppp_match.introductions.models import Offer
from ppp_match.listings.models import Listing
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.recommendations.operations import add_pair
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def together(*sendings: tuple[FlaskClient, str, dict[str, str]]) -> list[int]:
    """Send the forms at the same moment, each from a thread of its own. The statuses, sorted."""
    db.session.commit()
    db.session.remove()
    start, statuses = threading.Barrier(len(sendings)), []

    def send(client: FlaskClient, path: str, form: dict[str, str]) -> None:
        start.wait()
        statuses.append(FlaskClient.open(client, path, method="POST", data=form).status_code)

    threads = [threading.Thread(target=send, args=sending) for sending in sendings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(statuses)


def _count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_new_need_sent_four_times_is_one_need(client_of):
    person = make_member("city")
    clients = [client_of(person) for _ in range(4)]
    form = {"lang": "vi", "title": "Chống ngập", "idempotency_key": new_key()}
    statuses = together(*((client, "/needs/new", form) for client in clients))
    assert set(statuses) <= {302, 303}
    assert _count(Listing) == 1


def test_two_moderators_approve_one_pair(client_of):
    moderators = [make_staff(), make_staff()]
    need, capability = make_listing("need", state="published"), make_listing("capability", state="published")
    match = add_pair(need, capability, actor=actor_of(moderators[0]))
    match_id, path = match.id, f"/review/matches/{match.id}/decide"
    form = {"d": "approve", "seen": match.state}
    assert together(*((client_of(one), path, form) for one in moderators)) == [303, 409]
    assert _count(Offer) == 0
    db.session.get(Match, match_id).offer_at = now()
    make_due_offers()
    make_due_offers()
    assert _count(Offer) == 1
    approved = select(func.count()).where(MatchDecision.to_state == "approved")
    assert db.session.scalar(approved) == 1
    assert first_broken_event() is None


def test_one_text_is_published_once(client_of):
    moderator, listing = make_staff(), make_listing("need", state="submitted")
    path = f"/review/listings/{listing.id}"
    first, second = client_of(moderator), client_of(moderator)
    assert first.post(path, data={"do": "take"}).status_code == 303
    statuses = together((first, path, {"do": "publish"}), (second, path, {"do": "publish"}))
    assert statuses[0] == 303
    assert statuses[1] in (404, 409)
    published = select(func.count()).where(AuditEvent.action == "listing.published")
    assert db.session.scalar(published) == 1
    assert first_broken_event() is None
