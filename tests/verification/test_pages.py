"""Pages of verification as owners, moderators and strangers meet them."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from ppp_match.accounts.models import Organisation
from ppp_match.db import db, now
from ppp_match.verification import checklists, operations, queries
from ppp_match.verification.models import Suspension, VerificationRequest
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.verification.asking import draft_of, find, owner_of_unverified, sent


def text_of(response) -> str:
    return response.get_data(as_text=True)


def version_in(shown: str) -> str:
    return re.search(r'name="version" value="(\d+)"', shown).group(1)


def finding(request: VerificationRequest, outcome: str, **more) -> dict[str, str]:
    ticks = {f"tick-{name}": "y" for name in checklists.items_for(request.organisation)}
    versions = {"version": request.version, "profile_version": request.organisation.version}
    return {**ticks, **versions, "outcome": outcome, **more}


def test_an_owner_gathers_evidence_and_sends_it(client_of):
    owner = owner_of_unverified()
    home = owner.memberships[0].organisation
    client = client_of(owner)
    place = f"/organisations/{home.id}/verification"
    assert f"{place}/begin" in text_of(client.get(place))
    key = new_key()
    for _twice in range(2):
        assert client.post(f"{place}/begin", data={"idempotency_key": key}).status_code in (302, 303)
    request = db.session.scalar(select(VerificationRequest))
    shown = text_of(client.get(f"{place}?lang=en"))
    assert "Viet Nam: the tax code" in shown
    typed = {"registration_number": "0300588568", "statement": "The director.", "website": "unit.example"}
    wrong = client.post(f"{place}/save", data={**typed, "version": version_in(shown), "then": "save"})
    assert wrong.status_code == 422
    assert "0300588568" in text_of(wrong)
    assert 'name="number_as_written"' in text_of(wrong)
    good = {**typed, "registration_number": "0300588569", "version": version_in(shown)}
    lacking = client.post(f"{place}/save", data={**good, "then": "send"})
    assert lacking.status_code == 422
    assert "Official e-mail domain" in text_of(lacking)
    db.session.refresh(request)
    assert (request.state, request.statement) == ("draft", "The director.")
    open_to_all = client.post(f"{place}/domain", data={"address": "me@gmail.com"})
    assert open_to_all.status_code == 422
    assert client.post(f"{place}/domain", data={"address": "office@unit.example"}).status_code == 303
    db.session.refresh(request)
    request.domain_confirmed_at = now()
    db.session.commit()
    answer = client.post(f"{place}/save", data={**good, "version": request.version, "then": "send"})
    assert answer.status_code == 303
    db.session.refresh(request)
    db.session.refresh(home)
    assert (request.state, home.verification, home.website) == (
        "submitted",
        "pending",
        "https://unit.example",
    )
    assert client.post(f"{place}/take-back").status_code == 303
    db.session.refresh(home)
    assert home.verification == "unverified"


def test_an_unusual_number_may_be_confirmed(client_of):
    owner = owner_of_unverified()
    request = draft_of(owner)
    db.session.commit()
    place = f"/organisations/{request.organisation_id}/verification"
    typed = {
        "registration_number": "12/QĐ-UBND",
        "number_as_written": "y",
        "statement": "The director.",
        "version": request.version,
        "then": "send",
    }
    assert client_of(owner).post(f"{place}/save", data=typed).status_code == 303
    shown = text_of(client_of(make_staff()).get(f"/review/organisations/{request.id}?lang=en"))
    assert "does not look like one of that country" in shown


def test_of_two_colleagues_the_later_is_told(client_of):
    owner = owner_of_unverified()
    request = draft_of(owner)
    colleague = make_member(organisation=request.organisation)
    db.session.commit()
    seen = request.version
    place = f"/organisations/{request.organisation_id}/verification/save"
    typed = {"registration_number": "0300588569", "version": seen, "then": "save"}
    assert client_of(colleague).post(place, data={**typed, "statement": "Theirs."}).status_code == 303
    later = client_of(owner).post(place, data={**typed, "statement": "Mine."})
    assert later.status_code == 409
    assert "Mine." in text_of(later)
    again = {**typed, "statement": "Mine.", "version": version_in(text_of(later))}
    assert client_of(owner).post(place, data=again).status_code == 303


def test_two_moderators_verify_a_city(client_of):
    owner = owner_of_unverified("city")
    request = sent(owner)
    home = request.organisation
    first, second = make_staff(name="First Moderator"), make_staff(name="Second Moderator")
    one, other = client_of(first), client_of(second)
    queue = text_of(one.get("/review/organisations?lang=en"))
    assert home.name_en in queue
    place = f"/review/organisations/{request.id}"
    assert place in queue
    bare = one.post(place, data={"version": request.version, "profile_version": home.version})
    assert bare.status_code == 422
    gaps = finding(request, "positive", **{"tick-letter": "", "note": "Kept words"})
    unticked = one.post(place, data=gaps)
    assert unticked.status_code == 422
    assert "Kept words" in text_of(unticked)
    assert one.post(place, data=finding(request, "positive", note="Called them.")).status_code == 303
    db.session.refresh(request)
    assert request.state == "first_check"
    assert "You did the first check" in text_of(one.get(f"{place}?lang=en"))
    assert one.post(place, data=finding(request, "positive")).status_code == 409
    shown = text_of(other.get(f"{place}?lang=en"))
    assert "First check done by First Moderator: positive" in shown
    assert "Called them." in shown
    assert " checked" not in re.sub(r'type="radio"[^>]*', "", shown)
    decision = finding(request, "positive")
    assert other.post(place, data=decision).status_code == 303
    assert other.post(place, data=decision).status_code == 409
    db.session.expire_all()
    assert db.session.get(Organisation, home.id).is_verified


def test_remarks_reach_the_owner_by_field(client_of):
    owner = owner_of_unverified()
    request = sent(owner)
    moderator = client_of(make_staff())
    place = f"/review/organisations/{request.id}"
    assert moderator.post(place, data=finding(request, "returned")).status_code == 422
    assert moderator.post(place, data=finding(request, "rejected")).status_code == 422
    db.session.refresh(request)
    remarks = finding(
        request, "returned", **{"remark-website": "The site is empty.", "words": "Nearly there."}
    )
    assert moderator.post(place, data=remarks).status_code == 303
    shown = text_of(client_of(owner).get(f"/organisations/{request.organisation_id}/verification"))
    assert "The site is empty." in shown
    assert "Nearly there." in shown
    assert request.statement in shown


def test_nobody_checks_their_own_and_drafts_are_private(client_of):
    owner = owner_of_unverified()
    request = draft_of(owner)
    db.session.commit()
    staff = client_of(make_staff())
    assert staff.get(f"/review/organisations/{request.id}").status_code == 404
    assert staff.get(f"/organisations/{request.organisation_id}/verification").status_code == 404
    operations.submit_request(request, version=request.version, actor=actor_of(owner))
    own = make_member(organisation=request.organisation, staff_role="moderator")
    db.session.commit()
    client = client_of(own)
    shown = text_of(client.get(f"/review/organisations/{request.id}?lang=en"))
    assert "This is your own organisation" in shown
    assert 'name="outcome"' not in shown
    answer = client.post(f"/review/organisations/{request.id}", data=finding(request, "positive"))
    assert answer.status_code == 403


def test_a_renewal_is_filled_in(client_of):
    owner = owner_of_unverified()
    request = sent(owner)
    find(request, make_staff())
    home = request.organisation
    home.verified_until = now() + timedelta(days=40)
    db.session.commit()
    client = client_of(owner)
    place = f"/organisations/{home.id}/verification"
    assert place in text_of(client.get(f"/organisations/{home.id}"))
    assert client.post(f"{place}/begin", data={"idempotency_key": new_key()}).status_code == 303
    renewal = queries.open_request(home.id)
    shown = text_of(client.get(place))
    assert request.statement in shown
    assert 'name="registration_number"' not in shown
    assert renewal.registration_number == request.registration_number


def test_suspending_by_pages(client_of, client):
    seller = make_member("vendor")
    home = seller.memberships[0].organisation
    capability = make_listing("capability", state="published", organisation=home)
    db.session.commit()
    one, other = client_of(make_staff()), client_of(make_staff())
    place = f"/review/suspension/{home.id}"
    assert place in text_of(one.get(f"/organisations/{home.id}"))
    assert one.post(place, data={"reason": ""}).status_code == 422
    assert one.post(place, data={"reason": "Forged certificates."}).status_code == 303
    row = db.session.scalar(select(Suspension))
    assert place in text_of(other.get("/review/organisations"))
    agreement = {"answer": "agree", "version": row.version}
    assert one.post(f"{place}/answer", data=agreement).status_code == 409
    assert client.get(f"/capabilities/{capability.id}").status_code == 200
    assert other.post(f"{place}/answer", data={**agreement, "answer": "maybe"}).status_code == 400
    assert other.post(f"{place}/answer", data=agreement).status_code == 303
    assert client.get(f"/capabilities/{capability.id}").status_code == 404
    own = client_of(seller)
    assert "Forged certificates." in text_of(own.get(f"/organisations/{home.id}/verification"))
    assert own.get("/mine").status_code == 200
    boss = client_of(make_staff("administrator"))
    db.session.refresh(row)
    assert boss.post(place, data={"reason": "Cleared up.", "version": row.version}).status_code == 303
    assert client.get(f"/capabilities/{capability.id}").status_code == 200
