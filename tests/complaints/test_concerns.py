"""Concerns in confidence: nothing names who told one; code and secret lead back; administrators alone read."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ppp_match.audit import AuditEvent
from ppp_match.complaints import concerns
from ppp_match.complaints.models import ConcernCase, Report
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.permissions import VISITOR
from ppp_match.privacy import retention_rules
from ppp_match.privacy.holds import Held
from tests.complaints.test_reports import _told
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import kinds_told

pytestmark = pytest.mark.both_databases
NOBODY_HELD = Held(people=set(), organisations=set(), listings=set(), subjects=set())


def test_telling_leaves_no_trace_and_a_second_click_makes_no_second_case(app, client_of):
    person, administrator, moderator = make_member("city"), make_staff("administrator"), make_staff()
    db.session.commit()
    before = db.session.scalar(select(func.count()).select_from(AuditEvent))
    client = client_of(person)
    secret = re.search(r'name="secret" value="([^"]+)"', client.get("/report-concern").text)[1]
    data = {"secret": secret, "kind": "corruption", "text": "Có người nhận quà."}
    pages = [client.post("/report-concern?lang=en", data=data) for _ in "ab"]
    case = db.session.scalars(select(ConcernCase)).one()
    for page in pages:
        assert page.status_code == 200
        assert secret in page.text
        assert case.code in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert secret not in (case.secret_hash, case.code)
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == before
    assert kinds_told(administrator) == ["concern.waiting"]
    assert kinds_told(moderator) == []
    assert {column.name for column in ConcernCase.__table__.columns} == {
        "id", "code", "secret_hash", "kind", "state", "told_on", "closed_at",
    }  # fmt: skip
    bad = client.post("/report-concern?lang=en", data={**data, "kind": "", "text": "Giữ lời này"})
    assert (bad.status_code, "Giữ lời này" in bad.text) == (422, True)


def test_code_and_secret_lead_back(app, client):
    secret = concerns.new_secret()
    case = concerns.tell(kind="misconduct", text="Chuyện thứ nhất.", secret=secret)
    db.session.commit()
    assert concerns.find(case.code.lower(), secret.upper().replace("-", " ")) is case
    assert concerns.find("K-AAAAAAAA", secret) is None
    assert concerns.find(case.code, concerns.new_secret()) is None
    place = "/report-concern/case?lang=en"
    assert client.post(place, data={"code": case.code, "secret": "x"}).status_code == 422
    both = {"code": case.code, "secret": secret}
    assert "Chuyện thứ nhất." in client.post(place, data=both).text
    more = {**both, "then": "add", "text": "Chuyện thứ hai."}
    for _ in "ab":
        assert "Chuyện thứ hai." in client.post(place, data=more).text
    assert [one.position for one in case.entries] == [1, 2]


def test_only_administrators_read_and_that_is_recorded(app, client_of):
    case = concerns.tell(kind="other", text="Kín đáo.", secret=concerns.new_secret())
    boss, moderator = make_staff("administrator"), make_staff()
    db.session.commit()
    assert client_of(moderator).get(f"/admin/concerns/{case.id}").status_code == 403
    assert "Kín đáo." not in client_of(boss).get("/admin/concerns").text
    assert "Kín đáo." in client_of(boss).get(f"/admin/concerns/{case.id}").text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_id == case.id)).one()
    assert (event.action, event.actor_id) == ("concern.read", boss.id)
    with pytest.raises(NotPermitted):
        concerns.answer(case, text="x", close=False, seen=1, actor=actor_of(moderator))
    with pytest.raises(Refused, match="stale"):
        concerns.answer(case, text="x", close=False, seen=0, actor=actor_of(boss))
    answer = {"version": "1", "text": "Đã nhận.", "close": "y"}
    assert client_of(boss).post(f"/admin/concerns/{case.id}", data=answer).status_code == 303
    db.session.refresh(case)
    assert (case.state, [one.by_forum for one in case.entries]) == ("closed", [False, True])
    concerns.add_words(case, "Còn nữa.")
    assert case.state == "open"


def test_what_was_answered_long_ago_goes(app):
    person = make_member("vendor")
    listing = make_listing("need", state="published")
    row, fresh = _told(listing, actor_of(person)), _told(listing, VISITOR)
    row.state, row.measure, row.reason, row.decided_at = "dismissed", "none", "x", now() - timedelta(days=800)
    old = concerns.tell(kind="other", text="Cũ.", secret=concerns.new_secret())
    new = concerns.tell(kind="other", text="Mới.", secret=concerns.new_secret())
    old.state, old.closed_at = "closed", now() - timedelta(days=800)
    db.session.flush()
    before = now() - timedelta(days=730)
    for code, expected in (("reports", 1), ("concerns", 1)):
        assert retention_rules.take_portion(code, before, NOBODY_HELD, 50) == expected
        assert retention_rules.take_portion(code, before, NOBODY_HELD, 50) == 0
    db.session.expire_all()
    assert (row.reporter_id, row.words, row.reason) == (None, "", "x")
    assert db.session.get(Report, fresh.id).words == "Quảng cáo."
    assert db.session.scalars(select(ConcernCase.id)).all() == [new.id]
