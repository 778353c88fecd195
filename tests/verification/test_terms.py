"""How a verification ends: reminders, no new publication, hidden after the grace, back with the renewal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ppp_match.db import as_if_at, db, now
from ppp_match.lifecycle import Refused
from ppp_match.listings import operations as listings
from ppp_match.listings import queries as listed
from ppp_match.listings.documents import published_documents
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as pairs
from ppp_match.recommendations import refresh
from ppp_match.verification import clock_jobs, operations, terms
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff
from tests.verification.asking import draft_of, find, kinds_told, owner_of_unverified, sent

pytestmark = pytest.mark.both_databases


def verified_owner(days_left: float, kind: str = "vendor"):
    owner = owner_of_unverified(kind)
    request = sent(owner)
    while request.state != "verified":
        find(request, make_staff())
    request.organisation.verified_until = now() + timedelta(days=days_left)
    db.session.commit()
    return owner, request


def test_the_end_of_the_term_is_a_day_of_the_calendar(app):
    assert terms.end_of_term(datetime(2026, 3, 31, 8, tzinfo=UTC)) == datetime(2028, 3, 31, 8, tzinfo=UTC)
    assert terms.end_of_term(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2030, 2, 28, tzinfo=UTC)


def test_owners_are_reminded_once_at_each_mark(app):
    owner, request = verified_owner(59)
    end = request.organisation.verified_until
    assert clock_jobs.remind() == 1
    assert clock_jobs.remind() == 0
    for days in (29, 6):
        with as_if_at(end - timedelta(days=days)):
            assert clock_jobs.remind() == 1
            assert clock_jobs.remind() == 0
    assert kinds_told(owner).count("verification.ends_soon") == 3


def test_who_has_sent_the_renewal_is_not_reminded(app):
    owner, request = verified_owner(29)
    renewal = draft_of(owner)
    assert (renewal.kind, renewal.renews_id) == ("renewal", request.id)
    assert renewal.registration_number == request.registration_number
    operations.submit_request(renewal, version=renewal.version, actor=actor_of(owner))
    assert clock_jobs.remind() == 0
    assert request.organisation.is_verified


def test_what_ends_at_the_end_and_what_after_the_grace(app, client):
    owner, request = verified_owner(10)
    home = request.organisation
    capability = make_listing("capability", state="published", organisation=home)
    waiting = make_listing("capability", state="in_review", organisation=home)
    need = make_listing("need", state="published")
    moderator = make_staff()
    assert refresh.refresh_need(need).added == 1
    match = pairs.live_match(need, capability)
    home.verified_until = now() - timedelta(hours=1)
    db.session.commit()
    assert clock_jobs.verification_terms() == 1
    assert clock_jobs.verification_terms() == 0
    db.session.commit()
    assert request.state == "expired"
    assert not home.is_verified
    assert kinds_told(owner)[-1] == "verification.expired"
    waiting.holder_id = None
    with pytest.raises(Refused, match="organisation_unverified"):
        listings.publish_listing(waiting, actor=actor_of(moderator))
    db.session.rollback()
    assert listed.find(VISITOR, "capability", capability.id) is not None
    page = client.get(f"/organisations/{home.id}?lang=en").get_data(as_text=True)
    assert "Verification expired" in page
    refresh.refresh_need(need)
    assert match.state == "suggested"

    home.verified_until = now() - timedelta(days=31)
    db.session.commit()
    assert clock_jobs.verification_terms() == 1
    db.session.commit()
    assert home.lapsed_at is not None
    assert listed.find(VISITOR, "capability", capability.id) is None
    assert client.get(f"/capabilities/{capability.id}").status_code == 404
    assert client.get(f"/organisations/{home.id}").status_code == 404
    assert str(capability.id) not in {one.id for one in published_documents("capability", None)}
    refresh.refresh_need(need)
    assert match.state == "withdrawn"

    renewal = draft_of(owner)
    operations.submit_request(renewal, version=renewal.version, actor=actor_of(owner))
    assert find(renewal, moderator) == "verified"
    db.session.commit()
    assert (request.state, home.lapsed_at, home.is_verified) == ("renewed", None, True)
    assert home.verified_until > now() + timedelta(days=700)
    assert client.get(f"/capabilities/{capability.id}").status_code == 200
    refresh.refresh_need(need)
    assert pairs.live_match(need, capability).state == "suggested"


def test_renewing_early_loses_nothing(app):
    owner, request = verified_owner(60)
    end = request.organisation.verified_until
    renewal = draft_of(owner)
    operations.submit_request(renewal, version=renewal.version, actor=actor_of(owner))
    find(renewal, make_staff())
    assert request.organisation.verified_until == terms.end_of_term(end)
    assert kinds_told(owner)[-1] == "verification.renewed"


def test_a_refused_renewal_leaves_the_time_that_is_left(app):
    owner, request = verified_owner(60)
    end = request.organisation.verified_until
    renewal = draft_of(owner)
    operations.submit_request(renewal, version=renewal.version, actor=actor_of(owner))
    find(renewal, make_staff(), "rejected", words="The firm was dissolved.")
    assert (request.organisation.verified_until, request.organisation.is_verified) == (end, True)
    assert kinds_told(owner)[-1] == "verification.not_renewed"


def test_nothing_is_asked_while_it_holds_for_long(app):
    owner, _request = verified_owner(400)
    with pytest.raises(Refused, match="verified_already"):
        operations.begin_request(owner.memberships[0].organisation, actor=actor_of(owner))


def test_a_verification_without_a_term_does_not_end(app):
    home = OrganisationFactory(kind="vendor")
    make_member("vendor", organisation=home)
    assert clock_jobs.verification_terms() == 0
    assert home.is_verified
