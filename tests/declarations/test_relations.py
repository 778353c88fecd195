"""Relations of organisations: what bars a pair, who may say what, and that nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.accounts.queries import related_to
from ppp_match.audit import AuditEvent
from ppp_match.db import as_if_at, db, now
from ppp_match.declarations import queries, relations
from ppp_match.declarations.clock_jobs import relation_lists
from ppp_match.introductions import operations as introductions
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations import refresh
from ppp_match.recommendations.models import Match
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


@pytest.fixture
def pair(app):
    """(need, capability, the city's owner, the company's owner, a moderator) of a pair that was suggested."""
    city, company = make_member("city"), make_member("vendor")
    need = make_listing("need", state="published", organisation=city.memberships[0].organisation)
    capability = make_listing(
        "capability", state="published", organisation=company.memberships[0].organisation
    )
    refresh.refresh_need(need)
    return need, capability, city, company, make_staff()


def states(need):
    return sorted(db.session.scalars(select(Match.state).where(Match.need_id == need.id)))


def kinds(person):
    return list(db.session.scalars(select(Notification.kind).where(Notification.user_id == person.id)))


def test_a_declared_relation_bars_the_pair_until_the_forum_confirms_its_end(pair):
    need, capability, city, company, moderator = pair
    row = relations.declare_relation(
        capability.organisation, kind="owner", related=need.organisation, actor=actor_of(company)
    )
    assert kinds(city) == ["relation.declared"]
    refresh.refresh_need(need)
    assert states(need) == ["conflict_blocked"]
    with pytest.raises(ReasonMissing):
        relations.say_ended(row, reason=" ", version=row.version, actor=actor_of(company))
    relations.say_ended(row, reason="Cổ phần đã bán.", version=row.version, actor=actor_of(company))
    assert kinds(moderator) == ["relation.ending"]
    refresh.refresh_need(need)
    assert states(need) == ["conflict_blocked"], "its end was only said"
    with pytest.raises(NotPermitted):
        relations.answer_end(row, ended=True, reason="Vâng.", version=row.version, actor=actor_of(company))
    relations.answer_end(
        row, ended=True, reason="Có giấy tờ.", version=row.version, actor=actor_of(moderator)
    )
    assert (row.state, row.ended_by) == ("ended", moderator.id)
    refresh.refresh_need(need)
    assert states(need) == ["suggested", "withdrawn"]
    written = select(AuditEvent.action).where(AuditEvent.subject_id == row.id).order_by(AuditEvent.seq)
    actions = list(db.session.scalars(written))
    assert actions == ["relation.declared", "relation.ending", "relation.ended"]


def test_owners_are_asked_once_a_year_whether_the_list_is_complete(app):
    owner, verified = make_member("vendor"), now() - timedelta(days=400)
    home = owner.memberships[0].organisation
    home.verified_at = verified
    later = make_member("city")
    later.memberships[0].organisation.verified_at = now() - timedelta(days=300)
    hidden = make_member("vendor").memberships[0].organisation
    hidden.verified_at, hidden.suspended_at = verified, now()
    db.session.commit()
    assert relation_lists() == 1
    assert relation_lists() == 0
    assert (kinds(owner), kinds(later)) == (["relation.list_due"], [])
    with as_if_at(now() + timedelta(days=364)):  # the notice and its mail are gone by then
        db.session.execute(delete(Notification))
        db.session.execute(delete(OutboxMessage))
        assert relation_lists() == 1, "the city's year is over; the vendor was asked less than a year ago"
        assert (kinds(owner), kinds(later)) == ([], ["relation.list_due"])
        relations.confirm_list(home, actor=actor_of(owner))
    with as_if_at(now() + timedelta(days=400)):
        assert relation_lists() == 0, "the vendor has answered"
    with as_if_at(now() + timedelta(days=364 + 366)):
        assert relation_lists() == 2
        assert kinds(owner) == ["relation.list_due"]


def test_the_forum_can_let_it_stand(pair):
    _need, capability, _city, company, moderator = pair
    other = OrganisationFactory(kind="vendor")
    row = relations.declare_relation(
        capability.organisation, kind="affiliate", related=other, actor=actor_of(company)
    )
    relations.say_ended(row, reason="Hết.", version=row.version, actor=actor_of(company))
    seen = row.version
    relations.answer_end(row, ended=False, reason="Chưa.", version=seen, actor=actor_of(moderator))
    assert (row.state, row.ended_at, row.end_reason) == ("declared", None, "")
    assert kinds(company)[-1] == "relation.stands"
    with pytest.raises(Refused) as refused:
        relations.answer_end(row, ended=True, reason="Rồi.", version=seen, actor=actor_of(moderator))
    assert refused.value.code == "stale"


def test_an_open_offer_ends_when_a_relation_is_declared(pair):
    need, capability, city, company, moderator = pair
    match = db.session.scalar(select(Match).where(Match.need_id == need.id))
    recommendations.approve_match(match, actor=actor_of(moderator))
    offer = introductions.make_offer(match, actor=actor_of(moderator))
    relations.declare_relation(
        need.organisation, kind="former_employer", related=capability.organisation, actor=actor_of(city)
    )
    assert (offer.state, match.state, match.decided_by) == ("withdrawn", "conflict_blocked", None)
    assert "offer.barred" in kinds(company)
    refresh.refresh_need(need)
    assert states(need) == ["conflict_blocked"]


def test_two_with_the_same_owner_outside_are_related(pair):
    need, capability, _city, company, moderator = pair
    relations.declare_relation(
        capability.organisation, kind="owner", outside_name="Tập đoàn  Sông Xanh", actor=actor_of(company)
    )
    assert related_to([need.organisation_id]) == {need.organisation_id: set()}
    relations.declare_relation(
        need.organisation, kind="owner", outside_name="tap doan song xanh", actor=actor_of(moderator)
    )
    found = related_to([need.organisation_id, capability.organisation_id])
    assert found[need.organisation_id] == {capability.organisation_id}
    assert found[capability.organisation_id] == {need.organisation_id}
    refresh.refresh_need(need)
    assert states(need) == ["conflict_blocked"]


def test_a_shared_former_employer_outside_is_no_relation(pair):
    need, capability, city, company, _moderator = pair
    for one, who in ((need.organisation, city), (capability.organisation, company)):
        relations.declare_relation(one, kind="former_employer", outside_name="Sở cũ", actor=actor_of(who))
    assert related_to([need.organisation_id])[need.organisation_id] == set()


def test_declaring_twice_is_one_row_and_an_ended_one_can_be_declared_anew(pair):
    _need, capability, _city, company, moderator = pair
    again = {"kind": "owner", "outside_name": "Công ty mẹ", "actor": actor_of(company)}
    row = relations.declare_relation(capability.organisation, **again)
    assert relations.declare_relation(capability.organisation, **again) is row
    relations.answer_end(row, ended=True, reason="Hết.", version=row.version, actor=actor_of(moderator))
    assert relations.declare_relation(capability.organisation, **again) is not row
    assert len(queries.relations_of(capability.organisation_id)) == 2


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "friend", "outside_name": "Ai đó"}, "unknown_relation"),
        ({"kind": "owner"}, "relation_to_nobody"),
        ({"kind": "owner", "outside_name": " . "}, "relation_to_nobody"),
        ({"kind": "owner", "outside_name": "A" * 201}, "note_too_long"),
        ({"kind": "owner", "outside_name": "Ai đó", "note": "x" * 301}, "note_too_long"),
    ],
)
def test_what_is_refused(pair, values, code):
    _need, capability, _city, company, _moderator = pair
    with pytest.raises(Refused) as refused:
        relations.declare_relation(capability.organisation, actor=actor_of(company), **values)
    assert refused.value.code == code
    assert db.session.scalar(select(OrganisationRelation.id)) is None


def test_only_owners_and_the_forum_declare(pair):
    _need, capability, city, _company, _moderator = pair
    member = make_member("vendor", role="member", organisation=capability.organisation)
    own_moderator = make_member(
        "vendor", role="member", organisation=capability.organisation, staff_role="moderator"
    )
    for person in (city, member, own_moderator):
        with pytest.raises(NotPermitted):
            relations.declare_relation(
                capability.organisation, kind="owner", outside_name="Ai đó", actor=actor_of(person)
            )


def test_the_register_holds_what_is_public(app, pair):
    _need, capability, _city, company, _moderator = pair
    hidden = OrganisationFactory(kind="vendor", verification="unverified")
    for other in ({"related": hidden}, {"outside_name": "Công ty mẹ"}):
        relations.declare_relation(capability.organisation, kind="owner", actor=actor_of(company), **other)
    names = [row.other_name("vi") for row in db.session.scalars(queries.register())]
    assert names == ["Công ty mẹ"]
    assert list(db.session.scalars(queries.register("không có"))) == []
    assert len(list(db.session.scalars(queries.register("công ty m")))) == 1
