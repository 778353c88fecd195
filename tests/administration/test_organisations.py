"""Every organisation for administrators: found, looked at, corrected with a reason, told and recorded."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from ppp_match.accounts.models import City
from ppp_match.administration import organisation_queries as queries
from ppp_match.administration.organisation_operations import CORRECTED, correct_organisation
from ppp_match.audit import AuditEvent
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import Notification
from ppp_match.search.models import IndexChange
from tests.factories import (
    OrganisationFactory,
    actor_of,
    make_listing,
    make_member,
    make_staff,
    with_second_factor,
)


def facts(organisation, **changes):
    return {**{name: getattr(organisation, name) for name in CORRECTED}, **changes}


def correct(organisation, actor, *, reason="Sai chính tả.", version=None, **changes):
    return correct_organisation(
        organisation,
        facts(organisation, **changes),
        reason=reason,
        version=organisation.version if version is None else version,
        actor=actor,
    )


def found(**filters):
    return list(db.session.scalars(queries.organisations(queries.Filters(**filters))).unique())


@pytest.mark.both_databases
def test_organisations_are_found_by_name_number_and_state(app):
    here = OrganisationFactory(
        kind="vendor", name_vi="Công ty Đường Ống", name_en="Pipe Works", registration_number="0300 588.569"
    )
    away = OrganisationFactory(kind="vendor", name_en="100% Pipes", name_vi="", country="SG")
    away.suspended_at = now()
    db.session.flush()
    for words in ("đường", "Đường ống", "pipe w", "0300588569", "0300 588 569", "588-569"):
        assert here in found(find=words), words
        assert away not in found(find=words), words
    assert found(find="100%") == [away]
    assert found(find="_") == []
    assert found(country="SG") == [away]
    assert found(standing="suspended") == [away]
    assert away not in found(standing="shown")
    assert here in found(kind="vendor", verification=here.verification, standing="shown")
    assert found(standing="lapsed") == []


@pytest.mark.both_databases
def test_organisations_stand_in_the_order_of_the_names_that_the_reader_sees(app):
    for vi, en in (("Bờ Bắc", "North Shore"), ("", "alpha"), ("Cầu", "Bridge")):
        OrganisationFactory(kind="vendor", name_vi=vi, name_en=en)
    db.session.flush()
    for lang, wanted in (("en", ["alpha", "Bridge", "North Shore"]), ("vi", ["alpha", "Bờ Bắc", "Cầu"])):
        rows = db.session.scalars(queries.organisations(queries.Filters(), lang)).unique()
        assert [one.name(lang) for one in rows] == wanted


@pytest.mark.both_databases
def test_a_correction_changes_what_is_verified_tells_owners_and_index_and_is_recorded(app):
    person = make_member("vendor")
    home = person.memberships[0].organisation
    listing = make_listing("capability", state="published", organisation=home)
    actor = actor_of(make_staff("administrator"))
    assert home.verification == "verified"
    before = set(db.session.scalars(select(IndexChange.seq)))
    changed = correct(home, actor, name_en="Right Name", registration_number="0300588569")
    assert changed == ("name_en", "registration_number")
    assert (home.name_en, home.verification) == ("Right Name", "verified")
    row = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "organisation.corrected"))
    assert (row.subject_id, row.fields, row.note.reason) == (home.id, list(changed), "Sai chính tả.")
    assert "organisation.corrected" in list(
        db.session.scalars(select(Notification.kind).where(Notification.user_id == person.id))
    )
    told = db.session.scalars(select(IndexChange.listing_id).where(IndexChange.seq.not_in(before)))
    assert list(told) == [listing.id]
    assert correct(home, actor, reason="") == ()


def test_a_correction_needs_the_right_a_reason_and_the_newest_version(app):
    home = make_member("vendor").memberships[0].organisation
    admin = actor_of(make_staff("administrator"))
    with pytest.raises(NotPermitted):
        correct(home, actor_of(make_staff("moderator")), name_en="x")
    with pytest.raises(ReasonMissing):
        correct(home, admin, name_en="x", reason=" ")
    with pytest.raises(Refused, match="stale"):
        correct(home, admin, name_en="x", version=home.version + 1)
    own = make_member("vendor")
    own.staff_role = "administrator"
    with pytest.raises(NotPermitted):
        correct(own.memberships[0].organisation, actor_of(own), name_en="x")


@pytest.mark.both_databases
def test_the_kind_changes_only_while_nothing_hangs_on_it(app):
    admin = actor_of(make_staff("administrator"))
    blank = OrganisationFactory(kind="vendor", verification="unverified", verified_at=None)
    assert correct(blank, admin, subtype="institute") == ("kind", "subtype")
    assert (blank.kind, blank.subtype) == ("expert", "institute")
    make_listing("capability", state="draft", organisation=blank)
    with pytest.raises(Refused, match="unknown_kind"):
        correct(blank, admin, subtype="city")
    assert blank.kind == "expert"
    verified = OrganisationFactory(kind="vendor")
    with pytest.raises(Refused, match="unknown_kind"):
        correct(verified, admin, subtype="institute")


def _sent(home, **changes):
    values = facts(home)
    values["city"] = values.pop("city_id") or ""
    return {**values, "version": home.version, "reason": "Sai chính tả.", **changes}


def test_the_pages_find_show_and_correct(client_of):
    person = make_member("vendor")
    home = person.memberships[0].organisation
    client = client_of(make_staff("administrator"))
    listed = client.get(f"/admin/organisations?find={home.name_en}&kind=vendor&country=VN&standing=nonsense")
    assert home.name_en in listed.text
    assert person.name in client.get(f"/admin/organisations/{home.id}").text
    page = f"/admin/organisations/{home.id}/correct"
    sent = _sent(home, name_en="Right Name")
    nameless = client.post(page, data={**sent, "name_vi": "", "name_en": ""})
    assert nameless.status_code == 422
    assert "Enter the name in at least one" in nameless.text
    abroad = db.session.scalar(select(City).where(City.country == "SG"))
    assert client.post(page, data={**sent, "city": str(abroad.id)}).status_code == 422
    assert client.post(page, data={**sent, "reason": ""}).status_code == 422
    assert client.post(page, data=sent).status_code == 303
    overtaken = client.post(page, data={**sent, "name_en": "Mine & yours"})
    assert overtaken.status_code == 409
    assert "Right Name" in overtaken.text
    assert 'value="Mine &amp; yours"' in overtaken.text
    db.session.expire_all()
    assert home.name_en == "Right Name"
    again = client.post(page, data=_sent(home, name_en="Mine & yours"))
    assert again.status_code == 303


def test_a_longer_list_asks_no_more(client_of):
    client, asked = client_of(make_staff("administrator")), []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def questions() -> int:
        client.get("/admin/organisations")
        asked.clear()
        assert client.get("/admin/organisations").status_code == 200
        return len([one for one in asked if "reference_mark" not in one])

    make_listing("need", state="published")
    db.session.commit()
    before = questions()
    for _ in range(5):
        make_listing("capability", state="published")
        make_member("vendor")
    db.session.commit()
    assert questions() == before


def test_nobody_corrects_their_own_organisation_on_a_page(client_of):
    own = make_member("vendor")
    own.staff_role = "administrator"
    with_second_factor(own)
    db.session.commit()
    home = own.memberships[0].organisation
    client = client_of(own)
    assert client.get(f"/admin/organisations/{home.id}/correct").status_code == 403
