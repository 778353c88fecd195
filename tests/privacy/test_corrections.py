"""Corrections: asked of the administrators, due in working days, answered with a reason by somebody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db, today
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.notifications.models import Notification
from ppp_match.privacy import corrections
from ppp_match.privacy.models import CorrectionRequest
from ppp_match.working_days import working_days_left
from tests.conftest import new_key
from tests.factories import actor_of, make_member, make_staff


def kinds_told(user) -> list[str]:
    return list(db.session.scalars(select(Notification.kind).where(Notification.user_id == user.id)))


@pytest.mark.both_databases
def test_a_request_is_due_in_working_days_and_answered_with_a_reason(app):
    person, administrator = make_member("city"), make_staff("administrator")
    asked = corrections.ask_for_correction(person, "Tên sai.", actor=actor_of(person))
    assert working_days_left(asked.due_on, "VN", today=today()) == corrections.DUE_IN
    assert kinds_told(administrator) == ["correction.asked"]
    with pytest.raises(ReasonMissing):
        corrections.answer_correction(
            asked, state="declined", answer=" ", version=asked.version, actor=actor_of(administrator)
        )
    with pytest.raises(NotPermitted):
        corrections.answer_correction(
            asked, state="done", answer="x", version=asked.version, actor=actor_of(make_staff("moderator"))
        )
    with pytest.raises(Refused, match="stale"):
        corrections.answer_correction(
            asked, state="done", answer="x", version=9, actor=actor_of(administrator)
        )
    corrections.answer_correction(
        asked, state="done", answer="Đã sửa.", version=asked.version, actor=actor_of(administrator)
    )
    assert (asked.state, asked.answer) == ("done", "Đã sửa.")
    assert kinds_told(person) == ["correction.answered"]
    with pytest.raises(Refused, match="not_drawn"):
        corrections.answer_correction(
            asked, state="declined", answer="x", version=asked.version, actor=actor_of(administrator)
        )


@pytest.mark.both_databases
def test_nobody_answers_their_own_and_nobody_piles_them_up(app):
    administrator = make_staff("administrator")
    own = corrections.ask_for_correction(administrator, "Sai.", actor=actor_of(administrator))
    with pytest.raises(NotPermitted):
        corrections.answer_correction(
            own, state="done", answer="x", version=own.version, actor=actor_of(administrator)
        )
    for _ in range(corrections.MOST_OPEN - 1):
        corrections.ask_for_correction(administrator, "Sai.", actor=actor_of(administrator))
    with pytest.raises(Refused, match="corrections_open"):
        corrections.ask_for_correction(administrator, "Sai.", actor=actor_of(administrator))


def test_asked_and_answered_on_the_pages(client_of):
    person, administrator = make_member("city"), make_staff("administrator")
    client, staff = client_of(person), client_of(administrator)
    empty = client.post("/account/correction", data={"what": " ", "idempotency_key": new_key()})
    assert empty.status_code == 422
    form = {"what": "My unit is <b>wrong</b>.", "idempotency_key": new_key()}
    for _ in range(2):
        assert client.post("/account/correction", data=form).status_code in (302, 303)
    (asked,) = db.session.scalars(select(CorrectionRequest)).all()
    assert person.name in staff.get("/admin/corrections").get_data(as_text=True)
    where = f"/admin/corrections/{asked.id}"
    page = staff.get(where).get_data(as_text=True)
    assert "&lt;b&gt;wrong&lt;/b&gt;" in page
    kept = staff.post(where, data={"answer": "Half an answer.", "version": asked.version})
    assert kept.status_code == 422
    assert "Half an answer." in kept.get_data(as_text=True)
    sent = staff.post(where, data={"state": "declined", "answer": "It is right.", "version": asked.version})
    assert sent.status_code == 303
    assert "It is right." in client.get("/account/privacy").get_data(as_text=True)
