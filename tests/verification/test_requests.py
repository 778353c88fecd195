"""From evidence to a verified organisation: who checks, how often, what is kept, and what clicks at once do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.accounts import operations as accounts
from ppp_match.accounts.models import OrganisationRelation, PastMembership
from ppp_match.db import db, now
from ppp_match.lifecycle import SUSPENSION, VERIFICATION_REQUEST, NotPermitted, ReasonMissing, Refused
from ppp_match.teams import operations as teams
from ppp_match.verification import operations, queries
from ppp_match.verification.models import REQUEST_STATES, SUSPENSION_STATES, VerificationCheck
from tests.factories import OrganisationFactory, actor_of, make_member, make_staff
from tests.verification.asking import all_ticked, draft_of, find, kinds_told, owner_of_unverified, sent

pytestmark = pytest.mark.both_databases


def test_a_company_needs_one_moderator(app):
    owner, moderator = owner_of_unverified(), make_staff()
    request = sent(owner)
    home = request.organisation
    assert (home.verification, request.needs_two) == ("pending", False)
    assert home.registration_number == "0300588569"
    assert kinds_told(moderator) == ["organisation.waiting"]
    assert find(request, moderator) == "verified"
    db.session.commit()
    assert home.is_verified
    months = (home.verified_until.year - now().year) * 12 + home.verified_until.month - now().month
    assert months == 24
    assert kinds_told(owner) == ["organisation.verified"]
    actions = db.session.scalars(
        select(audit.AuditEvent.action)
        .where(audit.AuditEvent.subject_id == request.id)
        .order_by(audit.AuditEvent.seq)
    ).all()
    assert actions == [
        "verification.draft",
        "verification.edited",
        "verification.submitted",
        "verification.verified",
    ]
    assert audit.first_broken_event() is None


@pytest.mark.parametrize(
    ("kind", "subtype", "two"),
    [
        ("city", "province", True),
        ("city", "central_ministry", True),
        ("expert", "institute", True),
        ("expert", "individual", False),
        ("partner", "development_bank", False),
        ("partner", "embassy", True),
    ],
)
def test_public_bodies_need_two_moderators(app, kind, subtype, two):
    owner = owner_of_unverified(kind, subtype=subtype)
    first, second = make_staff(), make_staff()
    request = sent(owner)
    assert find(request, first, note="Seen in the list of authorities.") == (
        "first_check" if two else "verified"
    )
    home = request.organisation
    assert home.is_verified is not two
    if not two:
        return
    assert kinds_told(second)[-1] == "verification.second"
    assert kinds_told(first) == ["organisation.waiting"]
    with pytest.raises(Refused, match="second_pair_of_eyes"):
        find(request, first)
    assert request.first_check.note == "Seen in the list of authorities."
    assert find(request, second) == "verified"
    assert home.is_verified


def test_what_the_first_moderator_looked_at_is_what_the_second_one_verifies(client_of):
    owner, first, second = owner_of_unverified("city"), make_staff(), make_staff()
    request = sent(owner)
    home = request.organisation
    find(request, first)
    db.session.commit()
    for name, value in (("name_en", "Ministry of Everything"), ("subtype", "ward")):
        with pytest.raises(Refused, match="identity_held"):
            accounts.edit_organisation(home, {name: value}, version=home.version, actor=actor_of(owner))
    client, page = client_of(owner), f"/organisations/{home.id}/edit"
    assert 'name="name_en"' not in client.get(page).text
    form = {
        "contact_unit": "Desk",
        "contact_email": "desk@unit.example",
        "about_en": "x",
        "version": home.version,
    }
    overtaken = client.post(page, data={**form, "name_en": "Ministry of Everything"})
    assert overtaken.status_code == 409
    assert "a second one looks next" in overtaken.text
    assert client.post(page, data=form).status_code == 303
    db.session.expire_all()
    assert home.name_en != "Ministry of Everything"
    assert find(request, second) == "verified"


def test_what_it_became_after_it_was_sent_decides_how_many_look(app):
    owner = owner_of_unverified("expert", subtype="planner")
    request = sent(owner)
    home = request.organisation
    assert not request.needs_two
    accounts.edit_organisation(home, {"subtype": "university"}, version=home.version, actor=actor_of(owner))
    assert find(request, make_staff()) == "first_check"
    assert not home.is_verified


def test_the_second_may_send_it_back_and_then_both_look_again(app):
    owner = owner_of_unverified("city")
    first, second = make_staff(), make_staff()
    request = sent(owner)
    find(request, first)
    assert find(request, second, "returned", remarks=[("letter", "The letter lacks a seal.")]) == "returned"
    assert kinds_told(owner)[-1] == "verification.returned"
    with pytest.raises(Refused, match="decided_already"):
        find(request, first)
    operations.save_request(
        request, {"answer": "Sealed now."}, version=request.version, actor=actor_of(owner)
    )
    operations.submit_request(request, version=request.version, actor=actor_of(owner))
    assert (request.state, request.round, request.first_check) == ("submitted", 2, None)
    assert [remark.text for remark in request.remarks] == ["The letter lacks a seal."]
    assert request.open_remarks == []
    assert request.statement
    assert request.domain == "unit.example"
    assert find(request, second) == "first_check"
    assert find(request, first) == "verified"
    steps = db.session.execute(
        select(VerificationCheck.round, VerificationCheck.step, VerificationCheck.outcome)
        .where(VerificationCheck.request_id == request.id)
        .order_by(VerificationCheck.at)
    ).all()
    assert [tuple(one) for one in steps] == [
        (1, "first", "positive"),
        (1, "second", "returned"),
        (2, "first", "positive"),
        (2, "second", "positive"),
    ]


def test_who_does_not_check(app):
    owner = owner_of_unverified()
    request = sent(owner)
    home = request.organisation
    member = make_member(organisation=home, role="member", staff_role="moderator")
    with pytest.raises(NotPermitted):
        find(request, member)
    with pytest.raises(NotPermitted):
        find(request, make_member("city"))
    teams.remove_member(home, member, reason="Moves to the forum.", successor=None, actor=actor_of(owner))
    db.session.refresh(member)
    with pytest.raises(Refused, match="reviewer_conflict"):
        find(request, member)
    row = db.session.scalar(select(PastMembership).where(PastMembership.user_id == member.id))
    row.ended_at = now() - timedelta(days=800)
    db.session.flush()
    assert queries.conflict_of(home.id, actor_of(member)) == ""
    related = make_member("vendor", staff_role="moderator")
    db.session.add(
        OrganisationRelation(
            organisation_id=related.memberships[0].organisation_id, related_id=home.id, kind="owner"
        )
    )
    db.session.flush()
    with pytest.raises(Refused, match="reviewer_conflict"):
        find(request, related)
    assert request.state == "submitted"
    assert find(request, member) == "verified"


def test_what_is_lacking_is_refused(app):
    owner = owner_of_unverified("city", contact_unit="")
    request = operations.begin_request(owner.memberships[0].organisation, actor=actor_of(owner))
    assert request.missing() == ["contact_unit", "domain", "statement"]
    with pytest.raises(Refused, match="incomplete"):
        operations.submit_request(request, version=request.version, actor=actor_of(owner))
    assert (request.state, request.round, request.submitted_at) == ("draft", 0, None)
    assert request.organisation.verification == "unverified"
    # A public body cannot say that it has no domain, a company can.
    request.no_domain = True
    assert "domain" in request.missing()
    company = operations.begin_request(
        (other := owner_of_unverified()).memberships[0].organisation, actor=actor_of(other)
    )
    company.no_domain = True
    assert "domain" not in company.missing()


def test_a_finding_needs_a_whole_checklist_remarks_or_words(app):
    owner, moderator = owner_of_unverified(), make_staff()
    request = sent(owner)
    ticks = {**all_ticked(request), "registry": (False, "")}
    with pytest.raises(Refused, match="checklist_open"):
        find(request, moderator, ticks=ticks)
    with pytest.raises(Refused, match="remarks_missing"):
        find(request, moderator, "returned", remarks=[("domain", " ")])
    db.session.rollback()
    with pytest.raises(ReasonMissing):
        find(request, moderator, "rejected")
    db.session.rollback()
    with pytest.raises(Refused, match="unknown_field"):
        find(request, moderator, "returned", remarks=[("password", "x")])
    db.session.rollback()
    assert request.state == "submitted"
    ticks["registry"] = (False, "The register is closed for holidays; the certificate was shown.")
    assert find(request, moderator, ticks=ticks) == "verified"


def test_it_is_decided_once(app):
    owner = owner_of_unverified()
    request = sent(owner)
    first, second = make_staff(), make_staff()
    seen, profile = request.version, request.organisation.version
    assert find(request, first, "rejected", words="Not in the register.") == "rejected"
    with pytest.raises(Refused, match="stale"):
        find(request, second, version=seen, profile_version=profile)
    with pytest.raises(Refused, match="decided_already"):
        find(request, second)
    assert request.organisation.verification == "rejected"
    assert request.organisation.verification_note == "Not in the register."


def test_a_profile_that_changed_is_looked_at_again(app):
    owner, moderator = owner_of_unverified(), make_staff()
    request = sent(owner)
    seen = request.organisation.version
    request.organisation.name_en = "Ministry of Everything"
    db.session.flush()
    with pytest.raises(Refused, match="stale"):
        find(request, moderator, profile_version=seen)


def test_taking_back_and_asking_again(app):
    owner = owner_of_unverified()
    request = sent(owner)
    operations.take_back(request, actor=actor_of(owner))
    assert (request.state, request.organisation.verification) == ("taken_back", "unverified")
    again = operations.begin_request(request.organisation, actor=actor_of(owner))
    assert again.id != request.id
    assert operations.begin_request(request.organisation, actor=actor_of(owner)).id == again.id
    with pytest.raises(NotPermitted):
        operations.begin_request(OrganisationFactory(verification="unverified"), actor=actor_of(owner))


def test_only_owners_write_and_only_what_is_open(app):
    owner = owner_of_unverified()
    request = draft_of(owner)
    colleague = make_member(organisation=request.organisation, role="member")
    with pytest.raises(NotPermitted):
        operations.save_request(
            request, {"statement": "x"}, version=request.version, actor=actor_of(colleague)
        )
    with pytest.raises(Refused, match="stale"):
        operations.save_request(
            request, {"statement": "x"}, version=request.version - 1, actor=actor_of(owner)
        )
    operations.submit_request(request, version=request.version, actor=actor_of(owner))
    with pytest.raises(Refused, match="not_editable"):
        operations.save_request(request, {"statement": "x"}, version=request.version, actor=actor_of(owner))


def test_the_queue_and_its_filters(app):
    company, city = sent(owner_of_unverified()), sent(owner_of_unverified("city"))
    find(city, make_staff())

    def found(**filters):
        return list(db.session.scalars(queries.waiting(queries.Filters(**filters))))

    assert found() == [company, city]
    assert found(kind="city") == [city]
    assert found(step="second") == [city]
    assert found(step="first") == [company]
    assert found(find=company.organisation.name_en.lower()) == [company]
    assert found(find="0300588569") == [company]


DRAWN = {
    ("draft", "submitted"),
    ("returned", "submitted"),
    ("draft", "taken_back"),
    ("submitted", "taken_back"),
    ("returned", "taken_back"),
    ("submitted", "first_check"),
    ("submitted", "verified"),
    ("first_check", "verified"),
    ("submitted", "returned"),
    ("first_check", "returned"),
    ("submitted", "rejected"),
    ("first_check", "rejected"),
    ("verified", "expired"),
    ("verified", "renewed"),
    ("expired", "renewed"),
}


def test_the_lines_of_both_lifecycles():
    assert set(VERIFICATION_REQUEST.lines) == DRAWN
    assert VERIFICATION_REQUEST.states == REQUEST_STATES
    assert set(SUSPENSION.lines) == {
        ("proposed", "active"),
        ("proposed", "dropped"),
        ("active", "lift_proposed"),
        ("lift_proposed", "active"),
        ("active", "lifted"),
        ("lift_proposed", "lifted"),
    }
    assert SUSPENSION.states == SUSPENSION_STATES
