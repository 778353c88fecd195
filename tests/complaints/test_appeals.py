"""Appeals: against which decisions, until when, by whom they are answered, and what turning back does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ppp_match.attachments import operations as files
from ppp_match.complaints import appeals, contesting
from ppp_match.complaints import operations as reports
from ppp_match.db import as_if_at, db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings import operations as listings
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as pairs
from ppp_match.verification import operations as verification
from ppp_match.verification import suspension
from tests.attachments import samples
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import find, kinds_told, owner_of_unverified, sent

pytestmark = pytest.mark.both_databases


def _rejected(kind="need"):
    owner, decider = make_member("city" if kind == "need" else "vendor"), make_staff()
    home = owner.memberships[0].organisation
    listing = make_listing(kind, state="in_review", organisation=home)
    listings.reject_listing(listing, reason="Không phải nhu cầu.", actor=actor_of(decider))
    return owner, home, listing, decider


def _appeal(home, owner, kind, subject):
    return appeals.appeal(home, kind, subject.id, words="Xin xem lại.", actor=actor_of(owner))


def _overturn(row, actor=None):
    appeals.answer_appeal(
        row,
        outcome="overturned",
        answer="Đã hiểu sai.",
        version=row.version,
        actor=actor or actor_of(make_staff()),
    )


def test_another_moderator_answers_and_the_text_is_reviewed_anew(app):
    owner, home, listing, decider = _rejected()
    other = make_staff()
    row = _appeal(home, owner, "listing", listing)
    assert (row.decider_id, row.decision) == (decider.id, "Không phải nhu cầu.")
    assert "appeal.waiting" in kinds_told(other)
    assert "appeal.waiting" not in kinds_told(decider)
    with pytest.raises(Refused, match="second_pair_of_eyes"):
        _overturn(row, actor_of(decider))
    with pytest.raises(NotPermitted):
        _overturn(row, actor_of(owner))
    with pytest.raises(ReasonMissing):
        appeals.answer_appeal(row, outcome="upheld", answer="", version=row.version, actor=actor_of(other))
    with pytest.raises(Refused, match="stale"):
        appeals.answer_appeal(row, outcome="upheld", answer="x", version=9, actor=actor_of(other))
    _overturn(row, actor_of(other))
    assert (row.state, listing.state, listing.decision_reason) == ("overturned", "in_review", "")
    assert "appeal.overturned" in kinds_told(owner)
    listings.take_in_hand(listing, actor=actor_of(other))
    listings.publish_listing(listing, actor=actor_of(other))
    assert listing.state == "published"


def test_once_against_each_decision_and_in_time(app):
    owner, home, listing, _decider = _rejected()
    until = contesting.contestable(home)[0].until
    row = _appeal(home, owner, "listing", listing)
    with pytest.raises(Refused, match="appeal_closed"):
        _appeal(home, owner, "listing", listing)
    appeals.answer_appeal(
        row, outcome="upheld", answer="Giữ nguyên.", version=row.version, actor=actor_of(make_staff())
    )
    assert (row.state, listing.state) == ("upheld", "rejected")
    assert contesting.contestable(home) == []
    late_owner, late_home, late, _ = _rejected()
    days = (until - now().date()).days
    with as_if_at(now() + timedelta(days=days - 1)):
        assert appeals.one_of(late_home, "listing", late.id) is not None
    with as_if_at(now() + timedelta(days=days + 2)), pytest.raises(Refused, match="appeal_closed"):
        _appeal(late_home, late_owner, "listing", late)
    with pytest.raises(NotPermitted):
        _appeal(late_home, owner, "listing", late)


def test_what_the_forum_withdrew_comes_back_into_review(app):
    owner = make_member("vendor")
    home = owner.memberships[0].organisation
    listing = make_listing("capability", state="published", organisation=home)
    own = make_listing("capability", state="published", organisation=home)
    listings.withdraw_listing(own, reason="Không còn.", actor=actor_of(owner))
    report = reports.report(listing, kind="spam", words="x", actor=VISITOR)
    decider = make_staff()
    reports.decide(report, measure="withdraw", reason="Rác.", version=report.version, actor=actor_of(decider))
    assert [one.subject.id for one in contesting.contestable(home)] == [listing.id]
    row = _appeal(home, owner, "listing", listing)
    _overturn(row)
    assert (listing.state, own.state) == ("in_review", "withdrawn")


def test_a_refused_verification_is_checked_anew(app):
    owner = owner_of_unverified()
    home = owner.memberships[0].organisation
    request, decider = sent(owner), make_staff()
    verification.check(
        request,
        "rejected",
        ticks={},
        words="Số không khớp.",
        version=request.version,
        profile_version=home.version,
        actor=actor_of(decider),
    )
    row = _appeal(home, owner, "verification_request", request)
    assert row.decider_id == decider.id
    _overturn(row)
    assert (request.state, request.round, home.verification) == ("submitted", 2, "pending")


def test_neither_of_two_checkers_answers(app):
    owner = owner_of_unverified("city")
    request, first, second = sent(owner), make_staff(), make_staff()
    find(request, first)
    find(request, second, "rejected", words="Số không khớp.")
    row = _appeal(owner.memberships[0].organisation, owner, "verification_request", request)
    for one in (first, second):
        with pytest.raises(Refused, match="second_pair_of_eyes"):
            _overturn(row, actor_of(one))


def test_lifting_a_suspension_still_needs_two_moderators(app):
    owner, decider, boss = make_member("vendor"), make_staff("administrator"), make_staff("administrator")
    home = owner.memberships[0].organisation
    barred = suspension.suspend(home, reason="Giả mạo.", actor=actor_of(decider))
    row = _appeal(home, owner, "suspension", barred)
    with pytest.raises(Refused, match="second_pair_of_eyes"):
        _overturn(row, actor_of(decider))
    _overturn(row, actor_of(boss))
    assert (barred.state, home.suspended_at) == ("lifted", None)
    again = suspension.suspend(home, reason="Lại giả mạo.", actor=actor_of(decider))
    _overturn(_appeal(home, owner, "suspension", again), actor_of(make_staff()))
    assert again.state == "lift_proposed"


def test_a_file_and_a_pair_come_back(app):
    owner = make_member("vendor")
    home = owner.memberships[0].organisation
    capability = make_listing("capability", state="published", organisation=home)
    need = make_listing("need", state="published")
    decider = actor_of(make_staff())
    sketch = files.check("a.png", samples.picture(), description="Sơ đồ", lang="vi")
    file = files.add("listing", capability, sketch, organisation_id=home.id, actor=actor_of(owner))
    files.show_waiting("listing", capability.id, anonymous=False, actor=decider)
    files.refuse(file, reason="Bản quyền.", actor=decider)
    _overturn(_appeal(home, owner, "attachment", file))
    assert (file.state, file.reason) == ("shown", "")
    pairs.express_interest(need, capability, message="", actor=actor_of(owner), no_conflict=True)
    match = pairs.live_match(need, capability)
    pairs.reject_match(match, actor=decider, reason_code="no_capacity")
    _overturn(_appeal(home, owner, "match", match))
    assert (match.state, match.decided_by) == ("suggested", None)


def test_pages_appeal_and_answer(app, client_of):
    owner, _home, listing, decider = _rejected()
    other = make_staff()
    db.session.commit()
    place = f"/appeals/new/listing/{listing.id}?lang=en"
    assert place.partition("?")[0] in client_of(owner).get("/complaints?lang=en").text
    empty = client_of(owner).post(place, data={"idempotency_key": new_key(), "words": " "})
    assert (empty.status_code, "Say why the decision is wrong." in empty.text) == (422, True)
    sent_ = {"idempotency_key": new_key(), "words": "Xin xem lại."}
    assert [client_of(owner).post(place, data=sent_).status_code for _ in "ab"] == [303, 302]
    row = db.session.query(appeals.Appeal).one()
    assert "an answer is due by" in client_of(owner).get("/complaints?lang=en").text
    assert (
        "a colleague has to be the second" in client_of(decider).get(f"/review/appeals/{row.id}?lang=en").text
    )
    answer = {"version": row.version, "outcome": "upheld", "answer": "Giữ nguyên."}
    assert client_of(other).post(f"/review/appeals/{row.id}", data=answer).status_code == 303
    assert "Giữ nguyên." in client_of(owner).get("/complaints?lang=en").text
    assert client_of(make_member("city")).get(place).status_code == 404
