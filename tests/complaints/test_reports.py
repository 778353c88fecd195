"""Reports: who may report what, once; what the forum does about it; who is told, and who may not decide."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match import audit
from ppp_match.complaints import operations, queries
from ppp_match.complaints.models import Report
from ppp_match.db import db
from ppp_match.introductions import operations as talks
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as pairs
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import kinds_told

pytestmark = pytest.mark.both_databases


def _told(subject, actor, **values) -> Report:
    return operations.report(subject, **{"kind": "spam", "words": "Quảng cáo.", "actor": actor, **values})


@pytest.fixture
def talk(app):
    """A city, a company, and the message of the company in their conversation."""
    official, seller = make_member("city"), make_member("vendor")
    need = make_listing("need", state="published", organisation=official.memberships[0].organisation)
    home = seller.memberships[0].organisation
    capability = make_listing("capability", state="published", organisation=home)
    moderator = actor_of(make_staff())
    match = pairs.add_pair(need, capability, actor=moderator)
    pairs.approve_match(match, actor=moderator)
    offer = talks.make_offer(match, actor=moderator)
    for person in (official, seller):
        made = talks.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
    message = talks.write_message(made, actor=actor_of(seller), body="Gọi tôi nhé, có **quà**.")
    db.session.commit()
    return official, seller, message


def test_the_same_person_reports_the_same_thing_once(app):
    listing, person, moderator = make_listing("need", state="published"), make_member("vendor"), make_staff()
    first = _told(listing, actor_of(person))
    assert _told(listing, actor_of(person), words="Lần nữa.").id == first.id
    assert _told(listing, VISITOR).id != first.id
    assert kinds_told(moderator) == ["report.waiting"] * 2
    assert first.organisation_id == listing.organisation_id


def test_only_what_one_sees_is_reported(app, talk):
    _official, _seller, message = talk
    draft = make_listing("need", state="draft")
    for subject, actor in ((draft, VISITOR), (message, VISITOR), (message, actor_of(make_member("vendor")))):
        with pytest.raises(Refused, match="not_there"):
            _told(subject, actor)
    listing = make_listing("need", state="published")
    with pytest.raises(Refused, match="note_missing"):
        _told(listing, VISITOR, words=" ")
    with pytest.raises(Refused, match="unknown_kind_of_report"):
        _told(listing, VISITOR, kind="nonsense")


def test_a_decision_answers_every_report_of_the_thing_and_tells_those_concerned(app):
    owner, one, other = make_member("city"), make_member("vendor"), make_member("vendor")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    moderator, late = make_staff(), make_staff()
    reports = [_told(listing, actor_of(person)) for person in (one, other)]
    version = reports[1].version
    with pytest.raises(ReasonMissing):
        operations.decide(
            reports[0], measure="amend", reason=" ", version=reports[0].version, actor=actor_of(moderator)
        )
    with pytest.raises(Refused, match="unknown_measure"):
        operations.decide(
            reports[0], measure="hide", reason="x", version=reports[0].version, actor=actor_of(moderator)
        )
    operations.decide(
        reports[0],
        measure="amend",
        reason="Nêu nguồn số liệu.",
        version=reports[0].version,
        actor=actor_of(moderator),
    )
    assert [row.state for row in reports] == ["acted", "acted"]
    assert len(queries.measures_about(listing.organisation_id)) == 1, "one measure, however many reported"
    assert [remark.text for remark in listing.open_remarks] == ["Nêu nguồn số liệu."]
    assert "report.acted" in kinds_told(one)
    assert "report.acted" in kinds_told(other)
    assert "report.measure" in kinds_told(owner)
    with pytest.raises(Refused, match="decided_report"):
        operations.decide(reports[1], measure="none", reason="x", version=version, actor=actor_of(late))
    assert audit.first_broken_event() is None


def test_nothing_is_done_and_only_the_reporter_hears(app):
    owner, person = make_member("city"), make_member("vendor")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    row = _told(listing, actor_of(person))
    operations.decide(row, measure="none", reason="Đúng.", version=row.version, actor=actor_of(make_staff()))
    assert row.state == "dismissed"
    assert kinds_told(person) == ["report.dismissed"]
    assert "report.measure" not in kinds_told(owner)
    again = _told(listing, actor_of(person))
    assert again.id != row.id


def test_nobody_decides_about_their_own_house(app):
    owner = make_member("city", staff_role="moderator")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    row = _told(listing, VISITOR)
    for actor in (actor_of(owner), actor_of(make_member("vendor"))):
        with pytest.raises(NotPermitted):
            operations.decide(row, measure="none", reason="x", version=row.version, actor=actor)
    assert "report.waiting" not in kinds_told(owner)


def test_a_hidden_message_leaves_a_placeholder_for_both_sides(app, client_of, talk):
    official, seller, message = talk
    row = _told(message, actor_of(official), kind="bribery")
    place = f"/introductions/{message.introduction_id}?lang=en"
    assert "Report this message" in client_of(official).get(place).text
    moderator = make_staff()
    page = client_of(moderator).get(f"/review/reports/{row.id}?lang=en")
    assert "<strong>quà</strong>" in page.text
    read = select(audit.AuditEvent.action).where(audit.AuditEvent.subject_id == message.id)
    assert "message.read" in db.session.scalars(read).all()
    operations.decide(
        row, measure="hide", reason="Hứa hẹn quà.", version=row.version, actor=actor_of(moderator)
    )
    db.session.commit()
    for person in (official, seller):
        text = client_of(person).get(place).text
        assert "Hidden by the forum: Hứa hẹn quà." in text
        assert "Gọi tôi nhé" not in text


def test_the_forum_withdraws_a_text_and_proposes_a_suspension(app):
    owner = make_member("vendor")
    home = owner.memberships[0].organisation
    listing = make_listing("capability", state="published", organisation=home)
    row = _told(listing, VISITOR)
    moderator = actor_of(make_staff())
    operations.decide(row, measure="withdraw", reason="Giả mạo.", version=row.version, actor=moderator)
    assert (listing.state, listing.decision_reason) == ("withdrawn", "Giả mạo.")
    profile = _told(home, VISITOR)
    operations.decide(profile, measure="suspend", reason="Giả mạo.", version=profile.version, actor=moderator)
    assert home.suspended_at is None  # another moderator has to agree


def test_pages_report_and_decide(app, client, client_of):
    owner, person = make_member("city"), make_member("vendor")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    db.session.commit()
    assert f"/report/listing/{listing.id}" in client.get(f"/needs/{listing.id}").text
    assert f"/report/listing/{listing.id}" not in client_of(owner).get(f"/needs/{listing.id}").text
    place = f"/report/listing/{listing.id}?lang=en"
    data = {"idempotency_key": new_key(), "words": "Giữ lại lời này"}
    refused = client.post(place, data=data)
    assert refused.status_code == 422
    assert "Choose what is wrong." in refused.text
    assert "Giữ lại lời này" in refused.text
    sent = {**data, "kind": "misleading", "part": "reference", "idempotency_key": new_key()}
    assert [client_of(person).post(place, data=sent).status_code for _ in "ab"] == [303, 302]
    row = db.session.scalars(select(Report)).one()
    assert (row.part, row.reporter_id) == ("reference", person.id)
    moderator = make_staff()
    db.session.commit()
    page = client_of(moderator).get("/review/reports?lang=en")
    assert "Misleading claim" in page.text
    place = f"/review/reports/{row.id}?lang=en"
    bad = client_of(moderator).post(place, data={"version": row.version, "measure": "amend", "reason": ""})
    assert (bad.status_code, "Say why." in bad.text) == (422, True)
    stale = client_of(moderator).post(place, data={"version": 99, "measure": "amend", "reason": "Lý do."})
    assert (stale.status_code, "Lý do." in stale.text) == (409, True)
    good = {"version": row.version, "measure": "amend", "reason": "Lý do."}
    assert client_of(moderator).post(place, data=good).status_code == 303
    assert "the forum has acted" in client_of(person).get("/complaints?lang=en").text
    assert "Lý do." in client_of(owner).get("/complaints?lang=en").text
    assert "Lý do." not in client_of(person).get("/complaints?lang=en").text
