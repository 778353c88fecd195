"""Terms by version, and what people agree to: recorded by purpose and version, asked anew, refused, withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.consents import operations, queries
from ppp_match.consents.models import ConsentVersion, Decision, Purpose
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations as listings
from ppp_match.permissions import SYSTEM
from ppp_match.seeding.privacy import everybody_agrees
from tests.conftest import new_key, sign_in
from tests.factories import actor_of, make_listing, make_member, make_staff

BOTH = {
    "text_vi": "Điều khoản mới.",
    "text_en": "New terms.",
    "change_vi": "Đã đổi.",
    "change_en": "Changed.",
}


def next_terms(*, at=None, publish=True) -> ConsentVersion:
    draft = operations.draft_version(db.session.get_one(Purpose, "terms"), actor=SYSTEM)
    operations.write_version(draft, BOTH, version=draft.version, actor=SYSTEM)
    if publish:
        operations.publish_version(draft, effective_at=at or now(), version=draft.version, actor=SYSTEM)
    db.session.commit()
    return draft


def said(user) -> dict[str, bool]:
    rows = db.session.scalars(select(Decision).where(Decision.user_id == user.id).order_by(Decision.at))
    return {row.version.purpose_code: row.given for row in rows}


# --- versions ----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_version_is_drafted_written_and_published_once(app, purposes):
    administrator = actor_of(make_staff("administrator"))
    purpose = db.session.get_one(Purpose, "terms")
    draft = operations.draft_version(purpose, actor=administrator)
    assert operations.draft_version(purpose, actor=administrator) is draft
    seen = draft.version
    operations.write_version(draft, BOTH, version=seen, actor=administrator)
    with pytest.raises(Refused, match="stale"):
        operations.write_version(draft, BOTH, version=seen, actor=administrator)
    operations.publish_version(draft, effective_at=now(), version=draft.version, actor=administrator)
    assert queries.terms_in_force() is draft
    with pytest.raises(Refused, match="terms_fixed"):
        operations.write_version(draft, BOTH, version=draft.version, actor=administrator)
    with pytest.raises(Refused, match="not_drawn"):
        operations.publish_version(draft, effective_at=now(), version=draft.version, actor=administrator)
    second = operations.draft_version(purpose, actor=administrator)
    assert (second.number, second.text_vi) == (2, BOTH["text_vi"])


@pytest.mark.both_databases
def test_what_may_not_be_published_is_refused_and_stays_a_draft(app, terms):
    draft = next_terms(publish=False)
    refusals = {
        "terms_date_past": {"effective_at": now() - timedelta(days=1)},
        "terms_date_order": {"effective_at": now()},
    }
    db.session.execute(
        update(ConsentVersion)
        .where(ConsentVersion.number == 1)
        .values(effective_at=now() + timedelta(days=3))
    )
    db.session.expire_all()
    for code, values in refusals.items():
        with pytest.raises(Refused, match=code):
            operations.publish_version(draft, version=draft.version, actor=SYSTEM, **values)
    draft.text_en = " "
    db.session.flush()
    with pytest.raises(Refused, match="terms_half_written"):
        operations.publish_version(
            draft, effective_at=now() + timedelta(days=5), version=draft.version, actor=SYSTEM
        )
    assert draft.state == "draft"
    with pytest.raises(NotPermitted):
        operations.draft_version(draft.purpose, actor=actor_of(make_staff("moderator")))


@pytest.mark.both_databases
def test_a_version_of_a_later_day_holds_from_that_day(app, terms):
    first = queries.terms_in_force()
    second = next_terms(at=now() + timedelta(days=2))
    assert queries.terms_in_force() is first
    with time_machine.travel(now() + timedelta(days=2, minutes=1)):
        assert queries.terms_in_force() is second


def test_the_public_sees_every_published_version_and_its_changes(client, terms):
    second = next_terms(at=now() + timedelta(days=2))
    draft = operations.draft_version(second.purpose, actor=SYSTEM)
    draft.text_en = "Secret plans."
    db.session.commit()
    page = client.get("/terms?lang=en").get_data(as_text=True)
    assert "CC BY 4.0" in page
    assert "/terms/2" in page
    changed = client.get("/terms/2?changes=1&lang=en").get_data(as_text=True)
    assert "<ins>" in changed
    assert "<del>" in changed
    assert client.get("/terms/3").status_code == 404
    assert "Secret plans" not in page + changed


def test_without_published_terms_the_page_says_so(client, purposes):
    response = client.get("/terms?lang=en")
    assert response.status_code == 200
    assert "Not published yet" in response.get_data(as_text=True)


def test_an_administrator_writes_and_publishes_on_the_pages(client_of, purposes):
    client = client_of(make_staff("administrator"))
    draft = db.session.scalar(select(ConsentVersion).where(ConsentVersion.purpose_code == "terms"))
    where = f"/admin/terms/version/{draft.id}"
    assert "draft" in client.get("/admin/terms?lang=en").get_data(as_text=True)
    stale = client.post(where, data={**BOTH, "version": "99"})
    assert stale.status_code == 409
    assert BOTH["text_vi"] in stale.get_data(as_text=True)
    assert client.post(where, data={**BOTH, "version": draft.version}).status_code == 303
    assert draft.text_vi == BOTH["text_vi"]
    for day in ("", "nonsense", "2020-01-01", "9999-12-31"):
        refused = client.post(f"{where}/publish", data={"version": draft.version, "effective_on": day})
        assert refused.status_code in (409, 422), day
        assert draft.state == "draft"
    day = now().astimezone().date()
    done = client.post(
        f"{where}/publish", data={"version": draft.version, "effective_on": f"{day + timedelta(days=1)}"}
    )
    assert done.status_code == 303
    assert draft.state == "published"
    assert client.post("/admin/terms/terms/draft").status_code == 303
    assert client.post("/admin/terms/nothing/draft").status_code == 404


# --- decisions ---------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_decisions_are_only_added_to(app, terms):
    person = make_member("city")
    version = queries.in_force()["digest"]
    for given in (True, True, False, True):
        operations.decide(
            [version], user_id=person.id, given=given, how="account_page", actor=actor_of(person)
        )
    assert [row.given for row in queries.history(person.id)][::-1] == [True, False, True]
    assert queries.agreeing(queries.in_force()["digest"]) == {person.id}
    assert queries.agreeing(queries.in_force()["survey"]) == set()
    db.session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text("UPDATE consent_decision SET given = NOT given"))
    db.session.rollback()
    with pytest.raises(NotPermitted):
        operations.decide(
            [version], user_id=person.id, given=True, how="account_page", actor=actor_of(make_member("city"))
        )


@pytest.mark.both_databases
def test_nobody_agrees_to_what_does_not_hold(app, terms):
    person, first = make_member("city"), queries.terms_in_force()
    next_terms()
    with pytest.raises(Refused, match="terms_not_in_force"):
        operations.decide([first], user_id=person.id, given=True, how="account_page", actor=actor_of(person))


def test_registration_records_what_was_agreed_to(app, client, terms):
    page = client.get("/register?lang=en").get_data(as_text=True)
    assert 'name="agree"' in page
    assert 'name="agree_to"' in page
    assert "/terms" in page
    form = {"name": "New Person", "email": "new@demo.example", "password": "three long words here"}
    refused = client.post("/register", data=form)
    assert refused.status_code == 422
    assert "New Person" in refused.get_data(as_text=True)
    shown = " ".join(str(one.id) for one in queries.needed_in_force())
    assert client.post("/register", data={**form, "agree": "y", "agree_to": "older"}).status_code == 422
    assert client.post("/register", data={**form, "agree": "y", "agree_to": shown}).status_code == 302
    person = db.session.scalars(select(User).where(User.email == "new@demo.example")).one()
    assert said(person) == {"terms": True, "privacy": True}
    assert {row.how for row in queries.history(person.id)} == {"registration"}


def test_without_published_texts_registration_asks_for_none(client, purposes):
    assert 'name="agree"' not in client.get("/register").get_data(as_text=True)
    form = {"name": "New Person", "email": "new@demo.example", "password": "three long words here"}
    assert client.post("/register", data=form).status_code == 302


def test_a_new_version_is_asked_at_the_next_sign_in_before_anything_else(app, client_of, terms):
    person = make_member("city")
    everybody_agrees()
    before = client_of(person)
    assert before.get("/mine").status_code == 200
    second = next_terms()
    assert before.get("/mine").status_code == 200  # at the next sign-in, not in the middle of work
    client = client_of(person)
    led = client.get("/mine")
    assert led.status_code == 303
    assert led.location == "/account/agree?next=/mine"
    page = client.get(led.location + "&lang=en").get_data(as_text=True)
    assert "Changed." in page
    assert "New terms." in page
    assert "Notice on personal data" not in page
    answer = client.post("/account/agree", data={"agree_to": second.id, "next": "/mine"})
    assert (answer.status_code, answer.location) == (303, "/mine")
    assert client.get("/mine").status_code == 200
    assert client_of(person).get("/mine").status_code == 200


def test_agreeing_to_another_version_than_the_one_that_holds_is_not_enough(client_of, terms):
    person, first = make_member("city"), queries.terms_in_force()
    everybody_agrees()
    next_terms()
    client = client_of(person)
    again = client.post("/account/agree", data={"agree_to": first.id})
    assert again.status_code == 422
    assert client.get("/mine").status_code == 303


def test_a_form_sent_meanwhile_goes_on_with_everything_typed(client_of, terms):
    """The session ended while somebody wrote; after signing in again the form is sent, and the terms are new."""
    person = make_member("city")
    everybody_agrees()
    second = next_terms()
    client = client_of(person)
    form = {"name": "Tên mới <b>", "job_title": "Trưởng phòng", "idempotency_key": new_key()}
    asked = client.post("/organisations/new", data=form, headers={"Origin": "http://localhost"})
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "Tên mới &lt;b&gt;" in page
    assert form["idempotency_key"] in page
    went_on = client.post("/organisations/new", data={**form, "agree_to": second.id})
    assert went_on.status_code == 422
    assert "Tên mới &lt;b&gt;" not in said(person)
    assert said(person)["terms"] is True  # the answer is kept although the form has mistakes of its own
    assert client.get("/mine").status_code == 200


def test_who_refuses_reaches_the_account_and_nothing_else(client_of, terms):
    person = make_member("city")
    client = client_of(person)
    versions = [one.id for one in queries.needed_in_force()]
    refused = client.post("/account/agree", data={"agree_to": versions, "answer": "refuse"})
    assert (refused.status_code, refused.location) == (303, "/account/privacy")
    assert said(person) == {"terms": False, "privacy": False}
    for path in ("/account", "/account/privacy", "/account/sessions", "/account/close", "/terms", "/privacy"):
        assert client.get(path).status_code == 200, path
    for path in ("/", "/mine", "/offers", "/notices"):
        assert client.get(path).location.startswith("/account/agree"), path
    assert client.post("/account/agree", data={"agree_to": versions}).status_code == 303
    assert client.get("/mine").status_code == 200


def test_withdrawing_a_needed_consent_closes_all_but_the_account(client_of, terms):
    person = make_member("city")
    everybody_agrees()
    client = client_of(person)
    version = queries.terms_in_force()
    sent = client.post("/account/privacy/consent", data={"version": version.id, "given": "no"})
    assert sent.status_code == 303
    assert said(person)["terms"] is False
    assert client.get("/mine").location.startswith("/account/agree")
    client.post("/account/privacy/consent", data={"version": version.id, "given": "yes"})
    assert client.get("/mine").status_code == 200
    assert client.post("/account/privacy/consent", data={"version": "nonsense"}).status_code == 404


# --- what follows from them --------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_publishing_records_the_terms_and_shows_the_licence(app, client, terms):
    moderator = actor_of(make_staff("moderator"))
    need = make_listing(
        "need", state="in_review", organisation=make_member("city").memberships[0].organisation
    )
    listings.publish_listing(need, actor=moderator)
    assert need.shown.terms_version_id == queries.terms_in_force().id
    page = client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    assert "https://creativecommons.org/licenses/by/4.0/" in page


def test_a_name_is_shown_to_the_other_side_by_consent_alone(client_of, terms):
    from tests.world import build_world

    world = build_world()
    vendor, city = world.people["vendor"], world.people["city"]
    operations.decide(
        [queries.in_force()["name_shown"]],
        user_id=city.id,
        given=False,
        how="account_page",
        actor=actor_of(city),
    )
    page = f"/introductions/{world.introduction.id}?lang=en"
    shown = client_of(vendor).get(page).get_data(as_text=True)
    contacts = shown.partition('id="contacts"')[2].partition("</section>")[0]
    assert city.name not in contacts
    assert vendor.name in contacts
    operations.decide(
        [queries.in_force()["name_shown"]],
        user_id=city.id,
        given=True,
        how="account_page",
        actor=actor_of(city),
    )
    shown = client_of(vendor).get(page).get_data(as_text=True)
    assert city.name in shown.partition('id="contacts"')[2].partition("</section>")[0]


def test_every_decision_is_in_the_audit_trail(app, client, terms):
    person = make_member("city")
    sign_in(client, person).post(
        "/account/agree", data={"agree_to": [one.id for one in queries.needed_in_force()]}
    )
    events = db.session.scalars(
        select(audit.AuditEvent).where(
            audit.AuditEvent.actor_id == person.id, audit.AuditEvent.action == "consent.given"
        )
    )
    assert {event.fields[0] for event in events} == {"terms", "privacy"}
    assert audit.first_broken_event() is None
