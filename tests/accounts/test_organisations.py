"""Organisations: registered, edited, verified; who may and who may even know of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.accounts import operations, queries
from ppp_match.accounts.models import City, Membership, Organisation, OrganisationRelation
from ppp_match.db import db, now
from ppp_match.lifecycle import VERIFICATION, NotDrawn, NotPermitted, ReasonMissing, Refused, move
from ppp_match.notifications.models import Notification
from ppp_match.permissions import VISITOR
from tests.factories import OrganisationFactory, UserFactory, actor_of, make_member, make_staff

PROFILE = {
    "subtype": "technology",
    "name_vi": "Công ty Sông Xanh (minh họa)",
    "name_en": "Green River Works (demo)",
    "country": "VN",
    "city_id": None,
    "size_band": "small",
    "registration_number": "DEMO-1",
    "website": "https://green.example",
    "about_vi": "Đo mực nước và cảnh báo ngập.",
    "about_en": "",
    "contact_unit": "Partnership desk",
    "contact_email": "desk@green.example",
}
WHOLE = {"about_vi": "Một đơn vị.", "registration_number": "DEMO-2"}


def kinds_told(person) -> list[str]:
    return list(db.session.scalars(select(Notification.kind).where(Notification.user_id == person.id)))


def actions_on(organisation) -> list[str]:
    query = select(audit.AuditEvent.action).where(audit.AuditEvent.subject_id == organisation.id)
    return list(db.session.scalars(query.order_by(audit.AuditEvent.seq)))


@pytest.mark.both_databases
def test_registering_makes_an_unverified_organisation_and_its_owner(app):
    user = UserFactory()
    made = operations.register_organisation(kind="vendor", values=PROFILE, actor=actor_of(user))
    db.session.commit()
    db.session.refresh(user)
    assert (made.verification, made.name("vi")) == ("unverified", PROFILE["name_vi"])
    assert [(m.organisation_id, m.role) for m in user.memberships] == [(made.id, "owner")]
    assert queries.members_of(made.id) == queries.owners_of(made.id) == [user]
    assert actions_on(made) == ["organisation.registered"]


@pytest.mark.both_databases
def test_registering_is_refused_to_visitors_and_for_unknown_kinds(app):
    with pytest.raises(NotPermitted):
        operations.register_organisation(kind="vendor", values=PROFILE, actor=VISITOR)
    with pytest.raises(Refused, match="unknown_kind"):
        operations.register_organisation(kind="city", values=PROFILE, actor=actor_of(UserFactory()))


@pytest.mark.both_databases
def test_only_owners_edit_and_only_what_they_saw(app):
    owner = make_member("vendor")
    organisation = owner.memberships[0].organisation
    organisation.verification, organisation.verified_at = "unverified", None
    member = make_member(organisation=organisation, role="member")
    db.session.commit()
    seen = organisation.version
    for stranger in (member, make_member("vendor"), make_staff()):
        with pytest.raises(NotPermitted):
            operations.edit_organisation(organisation, PROFILE, version=seen, actor=actor_of(stranger))
    changed = operations.edit_organisation(organisation, PROFILE, version=seen, actor=actor_of(owner))
    assert "name_en" in changed
    assert "subtype" not in changed
    assert organisation.version == seen + 1
    with pytest.raises(Refused, match="stale"):
        operations.edit_organisation(organisation, PROFILE, version=seen, actor=actor_of(owner))


@pytest.mark.both_databases
def test_what_was_verified_stays_as_it_is(app):
    owner = make_member("vendor")
    organisation = owner.memberships[0].organisation
    with pytest.raises(Refused, match="identity_fixed"):
        operations.edit_organisation(
            organisation, {"name_en": "Ministry"}, version=organisation.version, actor=actor_of(owner)
        )
    changed = operations.edit_organisation(
        organisation, {"about_en": "New words."}, version=organisation.version, actor=actor_of(owner)
    )
    assert changed == ("about_en",)


@pytest.mark.both_databases
def test_from_request_to_verified(app):
    owner, moderator = make_member("vendor"), make_staff()
    organisation = owner.memberships[0].organisation
    organisation.verification, organisation.verified_at = "unverified", None
    with pytest.raises(Refused, match="incomplete"):
        operations.request_verification(organisation, actor=actor_of(owner))
    assert organisation.missing_for_verification() == ["about", "registration_number"]
    for name, value in WHOLE.items():
        setattr(organisation, name, value)
    operations.request_verification(organisation, actor=actor_of(owner))
    assert kinds_told(moderator) == ["organisation.waiting"]
    with pytest.raises(ReasonMissing):
        operations.reject_organisation(organisation, actor=actor_of(moderator), reason=" ")
    assert (organisation.verification, organisation.verified_at) == ("pending", None)
    operations.reject_organisation(
        organisation, actor=actor_of(moderator), reason="The number is not in the register."
    )
    assert organisation.verification_note.startswith("The number")
    operations.request_verification(organisation, actor=actor_of(owner))
    assert organisation.verified_at is None
    operations.verify_organisation(organisation, actor=actor_of(moderator))
    db.session.commit()
    assert organisation.is_verified
    assert organisation.verified_by == moderator.id
    assert kinds_told(owner) == ["organisation.rejected", "organisation.verified"]
    assert kinds_told(moderator) == ["organisation.waiting"] * 2
    assert actions_on(organisation) == [
        "organisation.pending",
        "organisation.rejected",
        "organisation.pending",
        "organisation.verified",
    ]
    assert audit.first_broken_event() is None


@pytest.mark.both_databases
def test_nobody_verifies_their_own(app):
    moderator = make_staff()
    organisation = OrganisationFactory(verification="pending", **WHOLE)
    db.session.add(Membership(user=moderator, organisation=organisation, role="owner"))
    db.session.flush()
    with pytest.raises(NotPermitted):
        operations.verify_organisation(organisation, actor=actor_of(moderator))
    assert (organisation.verification, organisation.verified_at) == ("pending", None)


DRAWN = {
    ("unverified", "pending"),
    ("rejected", "pending"),
    ("pending", "unverified"),
    ("pending", "verified"),
    ("pending", "rejected"),
}


@pytest.mark.parametrize("to", VERIFICATION.states)
@pytest.mark.parametrize("from_", VERIFICATION.states)
def test_the_whole_grid_of_verification(app, from_, to):
    owner, moderator = make_member("vendor"), make_staff()
    organisation = owner.memberships[0].organisation
    for name, value in WHOLE.items():
        setattr(organisation, name, value)
    organisation.verification = from_
    organisation.verified_at = now() if from_ in ("verified", "rejected") else None
    db.session.flush()
    right, wrong = (owner, moderator) if to in ("pending", "unverified") else (moderator, owner)
    with db.session.no_autoflush:
        organisation.verified_at = now() if to in ("verified", "rejected") else None
        if (from_, to) not in DRAWN:
            with pytest.raises(NotDrawn):
                move(VERIFICATION, organisation, to, actor=actor_of(right), reason="because")
            assert organisation.verification == from_
            db.session.rollback()
            return
        with pytest.raises(NotPermitted):
            move(VERIFICATION, organisation, to, actor=actor_of(wrong), reason="because")
        event = move(VERIFICATION, organisation, to, actor=actor_of(right), reason="because")
    assert (event.from_state, event.to_state, organisation.verification) == (from_, to, to)


@pytest.mark.both_databases
def test_who_may_know_of_an_organisation(app):
    public = OrganisationFactory()
    owner = make_member("vendor", organisation=OrganisationFactory(kind="vendor", verification="pending"))
    hidden = owner.memberships[0].organisation
    suspended = OrganisationFactory(suspended_at=now())
    for actor, seen in (
        (VISITOR, {public.id}),
        (actor_of(make_member("city", organisation=public)), {public.id}),
        (actor_of(owner), {public.id, hidden.id}),
        (actor_of(make_staff()), {public.id, hidden.id, suspended.id}),
    ):
        found = {o.id for o in (public, hidden, suspended) if queries.visible_organisation(o.id, actor)}
        assert found == seen


@pytest.mark.both_databases
def test_related_organisations_both_ways(app):
    a, b, c, d = (OrganisationFactory(kind="vendor") for _ in range(4))
    db.session.add(OrganisationRelation(organisation_id=a.id, related_id=b.id, kind="owner"))
    db.session.add(OrganisationRelation(organisation_id=c.id, related_id=a.id, kind="affiliate"))
    db.session.flush()
    related = queries.related_to([a.id, b.id, d.id])
    assert related[a.id] == {b.id, c.id}
    assert related[b.id] == {a.id}
    assert related[d.id] == set()


@pytest.mark.both_databases
def test_who_belongs_to_the_staff(app):
    assert set(queries.staff()) == set()
    moderator = make_staff()
    make_staff(active=False)
    assert queries.staff() == [moderator]


@pytest.mark.both_databases
def test_an_administrator_is_made_on_the_server(app, client_of):
    made = operations.create_administrator("Boss@Forum.example", "Boss", "a very long password")
    db.session.commit()
    assert (made.email, made.staff_role) == ("boss@forum.example", "administrator")
    again = operations.create_administrator("boss@forum.example", "Boss", "another long password")
    db.session.commit()
    assert again.id == made.id


@pytest.mark.both_databases
def test_a_city_of_the_registry_is_kept(app):
    city = db.session.scalar(select(City).where(City.slug == "can-tho"))
    made = operations.register_organisation(
        kind="city", values={**PROFILE, "subtype": "city", "city_id": city.id}, actor=actor_of(UserFactory())
    )
    db.session.commit()
    assert db.session.get(Organisation, made.id).city.slug == "can-tho"
