"""The schedule: each rule takes what is due and nothing else, in portions, again without harm, holds left alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.accounts.factor_models import FailedTry
from ppp_match.accounts.models import SignInSession, User
from ppp_match.complaints import concerns
from ppp_match.complaints import operations as reports
from ppp_match.db import as_if_at, db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing, Revision
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.privacy import copies, holds, retention
from ppp_match.privacy.corrections import answer_correction, ask_for_correction
from ppp_match.privacy.models import CorrectionRequest, RetentionRule, RetentionRun
from ppp_match.privacy.retention_rules import RULES
from ppp_match.teams import invitations
from ppp_match.web import IdempotencyKey
from tests.conftest import new_key
from tests.factories import UserFactory, actor_of, make_listing, make_member, make_staff

LONG_AGO = timedelta(days=3000)


def count(model) -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def one_of_each(person, *, ago: timedelta) -> None:
    """A row that each rule would take if it is old enough; the person keeps their account."""
    organisation = person.memberships[0].organisation
    administrator = make_staff("administrator")
    with as_if_at(now() - ago):
        moment = now()
        db.session.add_all(
            [
                SignInSession(user_id=person.id, key=uuid.uuid4().hex, seen_at=moment, started_at=moment),
                FailedTry(key=uuid.uuid4().hex, at=moment),
                Notification(
                    user_id=person.id,
                    kind="listing.published",
                    subject_type="listing",
                    subject_id=uuid.uuid4(),
                    params={},
                    created_at=moment,
                ),
                OutboxMessage(
                    user_id=person.id,
                    recipient=person.email,
                    locale="vi",
                    kind="listing.published",
                    context={},
                    once=uuid.uuid4().hex,
                    state="sent",
                    sent_at=moment,
                    created_at=moment,
                ),
                IdempotencyKey(key=uuid.uuid4(), user_id=person.id, endpoint="x", created_at=moment),
            ]
        )
        UserFactory(confirmed_at=None, create_datetime=moment)
        closed = UserFactory(closed_at=moment, active=False, confirmed_at=None, create_datetime=moment)
        draft = make_listing("need", state="draft", organisation=organisation, changed_at=moment)
        draft.created_by = person.id
        audit.record("account.edited", person, actor=actor_of(person), reason="An old reason.")
        invitations.invite(
            organisation,
            email=f"{uuid.uuid4().hex}@old.example",
            role="member",
            message="",
            lang="vi",
            actor=actor_of(person),
        )
        copy = copies.ask_for_copy(closed, actor=actor_of(closed))
        copies.path_of(copy, retention_settings()).parent.mkdir(exist_ok=True)
        copies.path_of(copy, retention_settings()).write_bytes(b"zip")
        copy.state, copy.ready_at, copy.expires_at = "ready", moment, moment + copies.HOLDS
        asked = ask_for_correction(person, "Wrong.", actor=actor_of(person))
        answer_correction(
            asked, state="done", answer="Right.", version=asked.version, actor=actor_of(administrator)
        )
        report = reports.report(
            make_listing("need", state="published"), kind="spam", words="Rác.", actor=actor_of(person)
        )
        reports.decide(
            report, measure="none", reason="Không sai.", version=report.version, actor=actor_of(administrator)
        )
        case = concerns.tell(kind="other", text="Xin xem.", secret=concerns.new_secret())
        concerns.answer(case, text="Đã xem.", close=True, seen=1, actor=actor_of(administrator))
    db.session.commit()


def retention_settings():
    from ppp_match.extensions import settings_now

    return settings_now()


def due_now() -> dict[str, int]:
    return {one.rule.code: one.due for one in retention.preview()}


@pytest.mark.both_databases
def test_every_rule_takes_what_is_old_and_leaves_what_is_young(app, purposes):
    old, young = make_member("city"), make_member("city")
    one_of_each(old, ago=LONG_AGO)
    foreseen = due_now()
    assert set(foreseen) == set(RULES)
    assert all(foreseen.values()), f"not seen: {[code for code, n in foreseen.items() if not n]}"
    one_of_each(young, ago=timedelta(minutes=5))
    assert {code for code, number in due_now().items() if number > foreseen[code]} == set()
    before = {model: count(model) for model in (Listing, Revision, User, audit.AuditEvent)}

    retention.carry_out()
    run = retention.runs()[0]
    assert run.finished
    assert set(run.gone) == set(RULES)
    assert not any(due_now().values())
    assert (count(Listing), count(Revision)) == (before[Listing] - 1, before[Revision] - 1)
    assert count(User) == before[User] - 1
    assert count(SignInSession) == count(FailedTry) == count(IdempotencyKey) == count(CorrectionRequest) == 1
    assert count(audit.AuditEvent) > before[audit.AuditEvent]
    assert audit.first_broken_event() is None
    assert db.session.get(User, young.id).active
    assert db.session.get(User, old.id).active
    numbers = {**run.gone, **run.days}
    assert all(isinstance(value, int) for value in numbers.values())  # the report holds nothing of anybody


@pytest.mark.both_databases
def test_a_second_run_takes_nothing_and_comes_a_day_later(app, purposes):
    one_of_each(make_member("city"), ago=LONG_AGO)
    assert retention.carry_out() > 0
    assert retention.carry_out() == 0
    assert len(retention.runs()) == 1
    assert retention.carry_out(at_once=True) == 0
    assert next(run.gone for run in retention.runs()) == {}


@pytest.mark.both_databases
def test_a_run_that_is_killed_goes_on_where_it_stopped(app, purposes, monkeypatch):
    db.session.add_all(FailedTry(key=f"{n}", at=now() - LONG_AGO) for n in range(25))
    one_of_each(make_member("city"), ago=LONG_AGO)
    monkeypatch.setattr(retention, "PORTION", 10)
    real, calls = retention.let_others_write, []

    def killed() -> None:
        real()
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt  # as if the process was killed after a portion

    monkeypatch.setattr(retention, "let_others_write", killed)
    with pytest.raises(KeyboardInterrupt):
        retention.carry_out()
    db.session.rollback()
    (run,) = retention.runs()
    assert not run.finished
    taken = sum(run.gone.values())
    assert taken > 0
    monkeypatch.setattr(retention, "let_others_write", real)
    assert retention.carry_out() > 0
    (run,) = retention.runs()
    assert run.finished
    assert run.gone["failed_tries"] == 26
    assert not any(due_now().values())


@pytest.mark.both_databases
def test_a_rule_that_fails_keeps_no_other_from_its_work(app, purposes, monkeypatch):
    one_of_each(make_member("city"), ago=LONG_AGO)
    real = retention.take_portion

    def broken(code, *rest):
        if code == "sessions":
            raise RuntimeError("no")
        return real(code, *rest)

    monkeypatch.setattr(retention, "take_portion", broken)
    retention.carry_out()
    (run,) = retention.runs()
    assert not run.finished
    assert set(run.gone) == set(RULES) - {"sessions"}
    monkeypatch.setattr(retention, "take_portion", real)
    assert retention.carry_out() == 1
    assert retention.runs()[0].finished


@pytest.mark.both_databases
@pytest.mark.parametrize("what", ["user", "organisation"])
def test_a_hold_keeps_all_of_it(app, purposes, what):
    person = make_member("city")
    one_of_each(person, ago=LONG_AGO)
    foreseen = due_now()
    subject = person.id if what == "user" else person.memberships[0].organisation_id
    hold = holds.place_hold(what, subject, reason="A dispute.", actor=actor_of(make_staff("administrator")))
    for code in ("sessions", "notices", "mails", "drafts", "audit_notes", "invitations", "form_keys"):
        assert due_now()[code] < foreseen[code], code
    retention.carry_out()
    assert count(SignInSession) == count(Notification) - 2 or count(SignInSession) == 1
    holds.lift_hold(hold, reason="Settled.", actor=actor_of(make_staff("administrator")))
    assert due_now()["sessions"] == 1
    assert due_now()["drafts"] == 1


@pytest.mark.both_databases
def test_a_draft_that_something_hangs_on_stays(app, purposes):
    person = make_member("city")
    draft = make_listing("need", state="draft", organisation=person.memberships[0].organisation)
    draft.changed_at = now() - LONG_AGO
    sent = make_listing("need", state="draft", organisation=person.memberships[0].organisation)
    sent.changed_at, sent.submitted_at = now() - LONG_AGO, now() - LONG_AGO
    other = make_listing("need", state="published", organisation=person.memberships[0].organisation)
    assert due_now()["drafts"] == 1
    other.merged_into_id = draft.id
    db.session.flush()
    assert due_now()["drafts"] == 0


@pytest.mark.both_databases
def test_a_rule_is_changed_with_a_reason_and_not_below_its_least(app, purposes):
    administrator, rule = actor_of(make_staff("administrator")), db.session.get_one(RetentionRule, "mails")
    words = {name: getattr(rule, name) for name in retention.WORDS}

    def change(**changes):
        values = {"days": 200, "active": True, "words": words, "reason": "Asked.", "version": rule.version}
        retention.change_rule(rule, **{**values, "actor": administrator, **changes})

    for days in (89, 36_501):
        with pytest.raises(Refused, match="retention_too_short"):
            change(days=days)
    with pytest.raises(ReasonMissing):
        change(reason=" ")
    with pytest.raises(Refused, match="stale"):
        change(version=rule.version - 1)
    with pytest.raises(NotPermitted):
        change(actor=actor_of(make_staff("moderator")))
    assert rule.days == 180
    change()
    assert rule.days == 200
    event = db.session.scalars(select(audit.AuditEvent).order_by(audit.AuditEvent.seq.desc())).first()
    assert event.fields == ["mails", "days"]
    assert "180 → 200" in event.note.reason
    rule.active = False
    db.session.commit()
    one_of_each(make_member("city"), ago=LONG_AGO)
    retention.carry_out()
    assert "mails" not in retention.runs()[0].gone


@pytest.mark.both_databases
def test_holds_are_placed_once_and_lifted_once(app, purposes):
    administrator, person = actor_of(make_staff("administrator")), make_member("city")
    with pytest.raises(Refused, match="hold_unknown"):
        holds.place_hold("user", uuid.uuid4(), reason="x", actor=administrator)
    with pytest.raises(Refused, match="hold_unknown"):
        holds.place_hold("password", person.id, reason="x", actor=administrator)
    with pytest.raises(ReasonMissing):
        holds.place_hold("user", person.id, reason=" ", actor=administrator)
    with pytest.raises(NotPermitted):
        holds.place_hold("user", person.id, reason="x", actor=actor_of(person))
    hold = holds.place_hold("user", person.id, reason="x", actor=administrator)
    with pytest.raises(Refused, match="hold_there"):
        holds.place_hold("user", person.id, reason="x", actor=administrator)
    holds.lift_hold(hold, reason="y", actor=administrator)
    with pytest.raises(Refused, match="hold_lifted"):
        holds.lift_hold(hold, reason="y", actor=administrator)
    assert not holds.is_held(person.id)


def test_the_pages_preview_change_and_hold(client_of, purposes):
    person = make_member("city")
    one_of_each(person, ago=LONG_AGO)
    client = client_of(make_staff("administrator"))
    assert "Would go now" not in client.get("/admin/retention?lang=en").get_data(as_text=True)
    page = client.get("/admin/retention?preview=1&lang=en").get_data(as_text=True)
    assert "Would go now" in page
    assert count(RetentionRun) == 0
    rule = db.session.get_one(RetentionRule, "notices")
    values = {
        "days": "40",
        "active": "y",
        "reason": "Shorter is enough.",
        "version": rule.version,
        **{name: getattr(rule, name) for name in retention.WORDS},
    }
    for wrong in ("29", "x", "", "99999999999999999999"):
        refused = client.post("/admin/retention/notices", data={**values, "days": wrong})
        assert refused.status_code == 422, wrong
        assert "Shorter is enough." in refused.get_data(as_text=True), wrong
    shown = client.post("/admin/retention/notices", data={**values, "do": "preview"})
    assert shown.status_code == 422
    assert rule.days == 365
    assert client.post("/admin/retention/notices", data=values).status_code == 303
    assert rule.days == 40
    assert client.get("/admin/retention/nothing").status_code == 404
    form = {"subject_type": "user", "reason": "An inspection.", "idempotency_key": new_key()}
    assert client.post("/admin/retention/holds", data={**form, "subject": "nobody"}).status_code == 422
    address = f"http://localhost/admin/users/{person.id}"
    assert client.post("/admin/retention/holds", data={**form, "subject": address}).status_code == 303
    hold = holds.open_holds()[0]
    assert "An inspection." in client.get("/admin/retention").get_data(as_text=True)
    lift = f"/admin/retention/holds/{hold.id}"
    assert client.post(lift, data={"reason": ""}).status_code == 422
    assert client.post(lift, data={"reason": "Over."}).status_code == 303
    assert not holds.open_holds()
