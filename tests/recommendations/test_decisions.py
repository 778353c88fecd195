"""What people do with pairs: the decisions, pairs by hand, interest, who has a need in hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.audit import AuditEvent
from ppp_match.db import db, now
from ppp_match.lifecycle import NotDrawn, NotPermitted, ReasonMissing, Refused
from ppp_match.moderation import need_queue
from ppp_match.moderation.queue_filters import read_filters
from ppp_match.notifications.models import Notification
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import REJECTION_REASONS, Interest, Match
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def make_pair(state="suggested", **need):
    asked = make_listing("need", state="published", **need)
    make_listing("capability", state="published")
    refresh.refresh_need(asked)
    match = db.session.scalars(select(Match).where(Match.need_id == asked.id)).one()
    match.state = state
    db.session.flush()
    return match


VERBS = {
    "shortlisted": lambda match, actor: operations.shortlist_match(match, actor=actor),
    "approved": lambda match, actor: operations.approve_match(match, actor=actor),
    "on_hold": lambda match, actor: operations.hold_match(match, actor=actor, note="Waits for a reference."),
    "rejected": lambda match, actor: operations.reject_match(match, actor=actor, reason_code="wrong_scale"),
    "conflict_blocked": lambda match, actor: operations.block_for_conflict(
        match, actor=actor, note="Told by phone."
    ),
}
DRAWN = {
    ("suggested", "shortlisted"),
    ("suggested", "approved"),
    ("shortlisted", "approved"),
    ("on_hold", "shortlisted"),
    ("suggested", "on_hold"),
    ("shortlisted", "on_hold"),
    ("suggested", "rejected"),
    ("shortlisted", "rejected"),
    ("suggested", "conflict_blocked"),
    ("shortlisted", "conflict_blocked"),
    ("approved", "conflict_blocked"),
    ("offered", "conflict_blocked"),
    ("approved", "on_hold"),
}


STATES = ["suggested", "shortlisted", "on_hold", "rejected", "approved", "offered", "introduced"]


@pytest.mark.parametrize("before", STATES)
def test_the_grid_of_decisions(app, before):
    moderator = make_staff()
    for after, decide in VERBS.items():
        match = make_pair(before)
        if (before, after) in DRAWN:
            decide(match, actor_of(moderator))
            decision = match.decisions[-1]
            assert (match.state, decision.from_state, decision.to_state) == (after, before, after)
            assert (match.decided_by, decision.by_id) == (moderator.id, moderator.id)
            event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
            assert (event.action, event.subject_id) == (f"match.{after}", match.id)
        else:
            with pytest.raises(NotDrawn):
                decide(match, actor_of(moderator))
            assert match.state == before


@pytest.mark.parametrize("code", REJECTION_REASONS)
def test_every_reason_is_kept(app, code):
    match = make_pair()
    operations.reject_match(match, actor=actor_of(make_staff()), reason_code=code, note="Because.")
    assert (match.reason_code, match.decisions[-1].reason_code, match.decisions[-1].note) == (
        code,
        code,
        "Because.",
    )


@pytest.mark.parametrize(("code", "note"), [("", "x"), ("made_up", "x"), ("other", " ")])
def test_a_rejection_without_a_reason_changes_nothing(app, code, note):
    match = make_pair()
    with pytest.raises(ReasonMissing):
        operations.reject_match(match, actor=actor_of(make_staff()), reason_code=code, note=note)
    assert (match.state, match.decisions) == ("suggested", [])


def test_nobody_decides_on_their_own(app):
    match = make_pair()
    person = make_member("vendor", organisation=match.capability.organisation, staff_role="moderator")
    with pytest.raises(NotPermitted):
        operations.shortlist_match(match, actor=actor_of(person))
    with pytest.raises(NotPermitted):
        operations.shortlist_match(match, actor=actor_of(make_member("vendor")))


def test_who_comes_second_is_told(app):
    match = make_pair()
    operations.shortlist_match(
        operations.lock_match(match.id, seen="suggested"), actor=actor_of(make_staff())
    )
    with pytest.raises(operations.AlreadyDecided):
        operations.lock_match(match.id, seen="suggested")


def test_reopening_needs_a_change(app):
    match = make_pair()
    moderator = actor_of(make_staff())
    operations.reject_match(match, actor=moderator, reason_code="not_now")
    with pytest.raises(Refused) as refused:
        operations.reopen_match(match, actor=moderator, note="Look again.")
    assert refused.value.code == "unchanged"


def test_a_need_in_procurement_is_not_offered(app):
    match = make_pair(stage="procure")
    with pytest.raises(Refused) as refused:
        operations.approve_match(match, actor=actor_of(make_staff()))
    assert refused.value.code == "need_at_procurement"


def test_a_pair_by_hand(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    match = operations.add_pair(need, capability, actor=actor_of(make_staff()))
    assert (match.origin, match.state, match.rank) == ("moderator", "suggested", None)
    assert match.explanation["total"] == pytest.approx(match.score)
    with pytest.raises(Refused) as refused:
        operations.add_pair(need, capability, actor=actor_of(make_staff()))
    assert refused.value.code == "pair_exists"
    with pytest.raises(NotPermitted):
        operations.add_pair(
            need, make_listing("capability", state="published"), actor=actor_of(make_member("city"))
        )
    with pytest.raises(Refused):
        operations.add_pair(need, make_listing("capability"), actor=actor_of(make_staff()))
    refresh.refresh_need(need)
    assert (match.rank, match.origin) == (1, "moderator")


def test_interest_enters_the_workbench_once(app):
    moderator = make_staff()
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    vendor = actor_of(make_member("vendor", organisation=capability.organisation))
    interest = operations.express_interest(
        need, capability, message="Done in two cities.", actor=vendor, no_conflict=True
    )
    assert (interest.match.origin, interest.match.state) == ("interest", "suggested")
    assert db.session.scalars(select(Notification.user_id)).all() == [moderator.id]
    with pytest.raises(Refused) as refused:
        operations.express_interest(need, capability, message="", actor=vendor, no_conflict=True)
    assert refused.value.code == "interest_exists"
    refresh.refresh_need(need)
    assert db.session.scalars(select(Interest.match_id)).one() == interest.match_id
    rows, total = need_queue.rows_of(read_filters("matches", {}), actor_of(moderator))
    assert ([row.interests for row in rows], total) == ([1], 1)


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_pair_leaves_the_list_with_its_interest_on_record(app, taken_back):
    need, wanted = make_listing("need", state="published"), make_listing("capability", state="published")
    make_listing("capability", state="published")
    vendor = actor_of(make_member("vendor", organisation=wanted.organisation))
    assert refresh.refresh_need(need).added == 2
    interest = operations.express_interest(need, wanted, message="", actor=vendor, no_conflict=True)
    match = interest.match
    if taken_back:
        operations.withdraw_interest(interest, actor=vendor)
    assert (match.origin, match.state) == ("matcher", "suggested")
    assert refresh.refresh_need(need, top=0).removed == 1  # the other one, that nobody ever asked for
    assert (interest.match_id, match.state, match.rank) == (match.id, "suggested", None)


def test_interest_of_a_blocked_pair_is_kept_blocked(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published", terms={"country": ["SG"]})
    vendor = make_member("vendor", organisation=capability.organisation)
    match = operations.express_interest(
        need, capability, message="", actor=actor_of(vendor), no_conflict=True
    ).match
    assert (match.blocked, match.blocked_reasons, match.state) == (True, ["country"], "suggested")
    other = make_listing("need", state="published")
    relation = OrganisationRelation(
        organisation_id=other.organisation_id, related_id=capability.organisation_id, kind="owner"
    )
    db.session.add(relation)
    db.session.flush()
    match = operations.express_interest(
        other, capability, message="", actor=actor_of(vendor), no_conflict=True
    ).match
    assert match.state == "conflict_blocked"


def test_interest_is_refused(app):
    need = make_listing("need", state="published")
    tender = make_listing("need", state="published", stage="procure")
    capability = make_listing("capability", state="published")
    draft = make_listing("capability", organisation=capability.organisation)
    vendor = actor_of(make_member("vendor", organisation=capability.organisation))
    with pytest.raises(NotPermitted):
        operations.express_interest(
            need, capability, message="", actor=actor_of(make_member("vendor")), no_conflict=True
        )
    for asked, offered, code in (
        (tender, capability, "need_at_procurement"),
        (need, draft, "not_published"),
    ):
        with pytest.raises(Refused) as refused:
            operations.express_interest(asked, offered, message="", actor=vendor, no_conflict=True)
        assert refused.value.code == code
    with pytest.raises(Refused):
        operations.express_interest(need, capability, message="x" * 601, actor=vendor, no_conflict=True)
    capability.organisation.suspended_at = now()
    with pytest.raises(Refused) as refused:
        operations.express_interest(need, capability, message="", actor=vendor, no_conflict=True)
    assert refused.value.code == "organisation_unverified"


def test_one_moderator_has_a_need_in_hand(app):
    need = make_listing("need", state="published")
    first, second = actor_of(make_staff()), actor_of(make_staff())
    claim = operations.take_need(need, actor=first)
    with pytest.raises(Refused) as refused:
        operations.take_need(need, actor=second)
    assert refused.value.code == "held_by_another"
    operations.release_need(need, actor=second)
    claim.since = now() - timedelta(hours=2)
    assert operations.take_need(need, actor=second).holder_id == second.user_id
    operations.release_need(need, actor=second)
    assert operations.take_need(need, actor=first).holder_id == first.user_id
