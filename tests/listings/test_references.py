"""A client confirms a reference by a link that needs no account; what that changes, and what it never tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.db import as_if_at, db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations, references
from ppp_match.listings.documents import to_capability
from ppp_match.listings.models_references import ReferenceRequest
from ppp_match.listings.reference_views import reference_terms
from ppp_match.listings.revisions import references_of
from ppp_match.matching.score import evidence
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.search.models import IndexChange
from tests.conftest import new_key
from tests.factories import actor_of, add_reference, make_listing, make_member, make_staff

CLIENT = "director@water.example"
PROJECT = {
    "client": "Cần Thơ Water (demo)",
    "place": "Cần Thơ",
    "country": "VN",
    "year": 2023,
    "value": None,
    "currency": None,
    "scope": "Flood forecasting for 40 streets.",
    "result": "Warnings four hours ahead.",
}


@pytest.fixture
def seller(app):
    return make_member("vendor", name="Seller")


@pytest.fixture
def reference(seller):
    listing = make_listing("capability", state="published", organisation=seller.memberships[0].organisation)
    row = add_reference(listing, **{**PROJECT, "confirmation": "claimed"})
    db.session.commit()
    return row


def save(listing, rows, seller):
    operations.save_listing(listing, {"references": rows}, lang=listing.edited.lang, actor=actor_of(seller))


def ask(reference, seller, email=CLIENT, lang="vi"):
    row = references.ask(reference, email=email, lang=lang, actor=actor_of(seller))
    db.session.commit()
    return row


def link() -> str:
    query = select(OutboxMessage).where(OutboxMessage.kind == references.MAIL)
    return str(db.session.scalars(query.order_by(OutboxMessage.created_at.desc())).first().context["link"])


def token() -> str:
    return link().rpartition("/")[2]


def changes() -> int:
    return db.session.scalar(select(func.count()).select_from(IndexChange)) or 0


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("said", "state", "confirmation"),
    [
        ("confirm", "confirmed", "confirmed"),
        ("refuse", "refused", "denied"),
        ("not_me", "not_me", "claimed"),
    ],
)
def test_what_the_client_says_counts(app, seller, reference, said, state, confirmation):
    before = changes()
    row = ask(reference, seller)
    assert (row.state, reference.confirmation) == ("pending", "asked")
    assert changes() == before + 1
    references.answer(
        references.found(token()), said, comment="As said.", name="A. Director", position="Head"
    )
    db.session.commit()
    assert (row.state, reference.confirmation, row.token_hash) == (state, confirmation, None)
    assert (row.comment, row.answered_by_name, row.consent) == ("As said.", "A. Director", references.CONSENT)
    assert changes() == before + 2
    kinds = db.session.scalars(select(Notification.kind).where(Notification.user_id == seller.id)).all()
    assert kinds == [f"reference.{state}"]
    assert audit.first_broken_event() is None


@pytest.mark.both_databases
def test_a_link_is_used_once_and_replaced_by_a_newer_one(app, seller, reference):
    row = ask(reference, seller)
    first = token()
    assert first not in row.token_hash
    with pytest.raises(Refused, match="sent_just_now"):
        references.ask_again(row, actor=actor_of(seller))
    for sends in (2, 3, 4):
        row.sent_at = now() - timedelta(minutes=6)
        references.ask_again(row, actor=actor_of(seller))
        assert row.sends == sends
    db.session.commit()
    assert references.found(first) is None
    row.sent_at = now() - timedelta(minutes=6)
    with pytest.raises(Refused, match="too_many_sends"):
        references.ask_again(row, actor=actor_of(seller))
    newest = token()
    found = references.found(newest)
    references.answer(found, "confirm")
    db.session.commit()
    assert references.found(newest) is None
    with pytest.raises(Refused, match="reference_closed"):
        references.answer(row, "refuse")
    with pytest.raises(Refused, match="reference_closed"):
        references.ask(reference, email=CLIENT, lang="vi", actor=actor_of(seller))
    assert references.found("x" * 200) is None


@pytest.mark.both_databases
def test_an_unanswered_question_ends(app, seller, reference):
    row = ask(reference, seller)
    secret = token()
    with as_if_at(now() + timedelta(days=31)):
        assert not references.found(secret).is_open
        with pytest.raises(Refused, match="reference_closed"):
            references.answer(row, "confirm")
        assert reference_terms() == 1
        assert reference_terms() == 0
        assert (row.state, reference.confirmation) == ("expired", "expired")
        assert references.ask(reference, email=CLIENT, lang="en", actor=actor_of(seller)).state == "pending"


@pytest.mark.both_databases
def test_another_text_is_another_reference(app, seller):
    listing = make_listing("capability", state="draft", organisation=seller.memberships[0].organisation)
    other = {**PROJECT, "client": "Huế Water (demo)"}
    save(listing, [PROJECT, other], seller)
    for one in listing.references:
        ask(one, seller, email=f"{one.position}@water.example")
        references.answer(references.found(token()), "confirm")
    db.session.commit()
    rows = references_of(listing.edited)
    rows[0]["scope"] = "Flood forecasting for 400 streets."
    save(listing, rows, seller)
    db.session.commit()
    assert [one.confirmation for one in listing.references] == ["claimed", "confirmed"]


@pytest.mark.both_databases
def test_a_question_about_a_text_that_is_gone_is_void(app, client, seller):
    listing = make_listing("capability", state="draft", organisation=seller.memberships[0].organisation)
    save(listing, [PROJECT], seller)
    ask(listing.references[0], seller)
    where = link()
    save(listing, [{**PROJECT, "scope": "Something else."}], seller)
    db.session.commit()
    db.session.expire_all()
    assert client.get(where).status_code == 410
    assert client.post(where, data={"answer": "confirm", "consent": "y"}).status_code == 410
    assert reference_terms() == 1
    assert db.session.scalar(select(ReferenceRequest.state)) == "void"
    assert listing.references[0].confirmation == "claimed"


@pytest.mark.both_databases
def test_whom_one_may_not_ask(app, seller, reference):
    home = reference.listing.organisation
    home.website = "https://www.seller.example/about"
    colleague = make_member(organisation=home, role="member", email="friend@elsewhere.example")
    for address in (home.contact_email, "ceo@seller.example", "x@mail.seller.example", colleague.email):
        with pytest.raises(Refused, match="reference_own_address"):
            references.ask(reference, email=address, lang="vi", actor=actor_of(seller))
    for stranger in (make_member("vendor"), make_member("city"), make_staff()):
        with pytest.raises(NotPermitted):
            references.ask(reference, email=CLIENT, lang="vi", actor=actor_of(stranger))
    reference.scope = ""
    with pytest.raises(Refused, match="reference_incomplete"):
        references.ask(reference, email=CLIENT, lang="vi", actor=actor_of(seller))


@pytest.mark.both_databases
def test_the_address_is_forgotten(app, seller, reference):
    row = ask(reference, seller)
    references.answer(references.found(token()), "confirm", name="A. Director")
    db.session.commit()
    with as_if_at(now() + timedelta(days=29)):
        reference_terms()
        assert row.email == CLIENT
    with as_if_at(now() + timedelta(days=31)):
        reference_terms()
        db.session.commit()
    assert row.email == ""
    assert len(row.email_digest) == 64
    assert row.forgotten_at is not None
    recipients = db.session.scalars(
        select(OutboxMessage.recipient).where(OutboxMessage.kind == references.MAIL)
    ).all()
    assert recipients == [references.FORGOTTEN]
    assert reference.confirmation == "confirmed"


def test_pages_of_the_client(app, client, seller, reference):
    ask(reference, seller, lang="en")
    where = link()
    shown = client.get(f"{where}?lang=en").get_data(as_text=True)
    for words in (PROJECT["client"], PROJECT["scope"], PROJECT["result"], "2023"):
        assert words in shown
    assert CLIENT not in shown
    assert seller.email not in shown
    assert client.head(where).status_code == 200
    assert reference.confirmation == "asked"
    bare = client.post(where, data={"answer": "confirm", "comment": "Kept words"})
    assert bare.status_code == 422
    assert "Kept words" in bare.get_data(as_text=True)
    assert client.post(where, data={"answer": "other", "consent": "y"}).status_code == 422
    done = client.post(where, data={"answer": "confirm", "consent": "y", "name": "A. Director"})
    assert done.status_code == 200
    db.session.refresh(reference)
    assert reference.confirmation == "confirmed"
    assert client.get(where).status_code == 404
    assert client.post(where, data={"answer": "refuse", "consent": "y"}).status_code == 404
    public = client.get(f"/capabilities/{reference.listing_id}?lang=en").get_data(as_text=True)
    assert "Confirmed by the client" in public
    assert "A. Director" not in public


def test_pages_of_the_company(app, client_of, seller, reference):
    browser = client_of(seller)
    place = f"/capabilities/{reference.listing_id}/references"
    assert place in browser.get(f"/capabilities/{reference.listing_id}").get_data(as_text=True)
    shown = browser.get(f"{place}?lang=en").get_data(as_text=True)
    assert "Ask the client to confirm" in shown
    form = {"email": "not an address", "lang": "vi", "idempotency_key": new_key()}
    wrong = browser.post(f"{place}/{reference.id}/ask", data=form)
    assert wrong.status_code == 422
    assert "not an address" in wrong.get_data(as_text=True)
    own = {**form, "email": reference.listing.organisation.contact_email, "idempotency_key": new_key()}
    assert browser.post(f"{place}/{reference.id}/ask", data=own).status_code == 422
    good = {**form, "email": CLIENT, "idempotency_key": new_key()}
    for _twice in range(2):
        assert browser.post(f"{place}/{reference.id}/ask", data=good).status_code in (302, 303)
    assert db.session.scalar(select(func.count()).select_from(ReferenceRequest)) == 1
    waiting = browser.get(f"{place}?lang=en").get_data(as_text=True)
    assert "Send the question again" in waiting
    assert 'name="email"' not in waiting
    stranger = client_of(make_member("vendor"))
    assert stranger.get(place).status_code == 403
    assert stranger.post(f"{place}/{reference.id}/ask-again").status_code == 403


def test_what_a_reference_weighs(app, seller, reference):
    def weight() -> float:
        db.session.flush()
        return evidence(to_capability(reference.listing), None)["references"]

    weights = {}
    for state in ("claimed", "asked", "confirmed", "denied", "expired"):
        reference.confirmation = state
        weights[state] = weight()
    assert weights["claimed"] == weights["denied"] == weights["expired"] == 0
    assert weights["confirmed"] == pytest.approx(1 / 3)
    assert weights["asked"] == pytest.approx(0.5 / 2.5)
