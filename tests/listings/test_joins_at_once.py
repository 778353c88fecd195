"""Two clicks, or two people, at the same moment: one request, one proposal, one merge."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ppp_match.audit import AuditEvent, first_broken_event
from ppp_match.db import db
from ppp_match.listings import merge_operations as merging
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.listings.joining import asked, two_cities
from tests.walk.test_at_once import together

pytestmark = pytest.mark.both_databases


def _count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def _happened(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditEvent.action == action))


def test_two_moderators_propose_one_merge_once(client_of):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    path = f"/review/listings/{source.id}/merge"

    def form():
        return {"idempotency_key": new_key(), "target": world.need.label, "reason": "One and the same."}

    clients = [client_of(world.moderator), client_of(make_staff())]
    assert together(*((client, path, form()) for client in clients)) == [303, 409]
    assert _count(MergeProposal) == 1
    assert first_broken_event() is None


def test_one_moderators_double_click_is_one_proposal(client_of):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    form = {"idempotency_key": new_key(), "target": world.need.label, "reason": "One and the same."}
    clients = [client_of(world.moderator) for _ in range(2)]
    statuses = together(*((client, f"/review/listings/{source.id}/merge", form) for client in clients))
    assert set(statuses) <= {302, 303}
    assert _count(MergeProposal) == 1


def test_two_colleagues_ask_once(client_of):
    world = two_cities()
    colleague = make_member("city", organisation=world.other_home)
    path = f"/needs/{world.need.id}/join"

    def form():
        return {"idempotency_key": new_key(), "city": "hai-phong", "message": "We too."}

    statuses = together(*((client_of(one), path, form()) for one in (world.other, colleague)))
    assert statuses[0] == 303
    assert statuses[1] in (409, 422)
    assert _count(NeedJoin) == 1


def test_both_sides_consent_at_once_and_it_is_merged_once(client_of):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    proposal = merging.propose(source, world.need, reason="One.", actor=actor_of(world.moderator))
    path = f"/merges/{proposal.id}"
    clients = [client_of(world.lead), client_of(world.other)]
    assert together(*((client, path, {"do": "consent"}) for client in clients)) == [303, 303]
    assert _happened("merge.merged") == _happened("listing.closed") == 1
    assert db.session.scalars(select(MergeProposal.state)).all() == ["merged"]
    assert first_broken_event() is None


def test_a_yes_and_a_taking_back_at_once_leave_one_of_them(client_of):
    world = two_cities()
    path = f"/joins/{asked(world).id}"
    lead, other = client_of(world.lead), client_of(world.other)
    assert together((lead, path, {"do": "agree"}), (other, path, {"do": "take_back"})) == [303, 409]
    assert _happened("join.agreed") + _happened("join.taken_back") == 1
