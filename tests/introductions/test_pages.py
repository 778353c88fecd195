"""Pages of offers and introductions: who sees them, what they hide, what an answer from the form does."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.introductions.models import Introduction, Message, Offer
from ppp_match.notifications import letters
from ppp_match.notifications.models import OutboxMessage
from tests.conftest import new_key
from tests.factories import make_member
from tests.introductions.pairs import introduce, make_pair, offer_of, say_no, say_yes

YES = {"answer": "yes", "no_conflict": "y"}


def body_of(response) -> str:
    return response.get_data(as_text=True)


def answer(client, offer, **data):
    return client.post(f"/offers/{offer.id}", data={"idempotency_key": new_key(), **data})


def test_who_reaches_an_offer(app, client, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    assert client.get(f"/offers/{offer.id}").status_code == 302
    for person, status in (
        (pair.city, 200),
        (pair.vendor, 200),
        (pair.moderator, 200),
        (make_member("vendor"), 404),
    ):
        signed_in = client_of(person)
        assert signed_in.get(f"/offers/{offer.id}").status_code == status
        assert signed_in.get("/offers").status_code == 200
        assert (pair.match.need.shown.text("title") in body_of(signed_in.get("/offers"))) == (status == 200)


def test_yes_and_yes_open_the_contacts(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    city, vendor = client_of(pair.city), client_of(pair.vendor)
    contact = pair.city.memberships[0].organisation.contact_email
    assert contact not in body_of(vendor.get(f"/offers/{offer.id}"))
    first = answer(vendor, offer, **YES)
    assert (first.status_code, first.location) == (303, f"/offers/{offer.id}")
    assert contact not in body_of(vendor.get(f"/offers/{offer.id}"))
    assert vendor.get("/introductions").status_code == 200
    second = answer(city, offer, **YES)
    introduction = db.session.scalar(select(Introduction))
    assert second.location == f"/introductions/{introduction.id}"
    page = body_of(vendor.get(second.location))
    assert contact in page
    assert pair.city.name in page
    assert pair.vendor.memberships[0].organisation.contact_email in body_of(city.get(second.location))
    for row in db.session.scalars(select(OutboxMessage)):
        letter = letters.write(row)
        assert contact not in letter.text + letter.html + str(row.context)
        assert "award" in letter.text
        assert "award" in letter.html


def test_mistakes_come_back_with_what_was_typed(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    client = client_of(pair.vendor)
    for data, words in (
        ({}, "Choose yes or no"),
        ({"answer": "yes"}, "Confirm this, or write below what there is to declare."),
        ({"answer": "yes", "declared": "d" * 2001}, "at most 2,000 characters, now 2,001."),
        ({"answer": "no", "note": "kept words"}, "Choose a reason for no"),
        ({"answer": "no", "reason_code": "other"}, "Write a few words"),
        ({"answer": "yes", "note": "n" * 20_000}, "at most 600 characters, now 20,000."),
        ({"answer": "no", "reason_code": "nonsense", "note": "kept words"}, "Choose a reason for no"),
    ):
        response = answer(client, offer, **data)
        assert response.status_code == 422
        assert words in body_of(response)
        assert data.get("note", "") in body_of(response)
    assert db.session.scalar(select(Offer)).answers == []


def test_the_second_answer_of_a_side_learns_what_happened(app, client_of):
    pair = make_pair()
    colleague = make_member("vendor", organisation=pair.vendor.memberships[0].organisation)
    offer = offer_of(pair)
    assert answer(client_of(pair.vendor), offer, **YES).status_code == 303
    late = answer(client_of(colleague), offer, answer="no", reason_code="wrong_size")
    assert late.status_code == 409
    assert "A colleague has answered" in body_of(late)
    assert pair.vendor.name in body_of(late)
    assert db.session.scalar(select(Offer)).state == "open"


def test_one_form_sent_twice_is_one_answer(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    client, key = client_of(pair.vendor), new_key()
    for _ in range(2):
        response = client.post(f"/offers/{offer.id}", data={"idempotency_key": key, **YES})
        assert (response.status_code, response.location) == (
            303,
            f"/offers/{offer.id}",
        ) or response.status_code == 302


def test_a_moderator_reads_but_does_not_answer(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    client = client_of(pair.moderator)
    assert "Send answer" not in body_of(client.get(f"/offers/{offer.id}"))
    assert answer(client, offer, **YES).status_code == 403


def test_the_note_of_a_no_stays_with_the_forum(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    say_no(offer, pair.vendor, "other", "Our crew is on Mars")
    assert "Mars" not in body_of(client_of(pair.city).get(f"/offers/{offer.id}"))
    assert "Mars" in body_of(client_of(pair.vendor).get(f"/offers/{offer.id}"))
    assert "Mars" in body_of(client_of(pair.moderator).get(f"/offers/{offer.id}"))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_anonymous_city_is_named_only_after_the_introduction(app, client_of, lang):
    pair = make_pair(need={"anonymous": True})
    organisation = pair.city.memberships[0].organisation
    offer = offer_of(pair)
    names = [organisation.name("vi"), organisation.name("en"), "Ho Chi Minh", "Hồ Chí Minh", "ho chi minh"]
    client = client_of(pair.vendor)
    for path in (f"/offers/{offer.id}", "/offers"):
        page = body_of(client.get(f"{path}?lang={lang}"))
        assert not [name for name in names if name in page]
    for row in db.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id == pair.vendor.id)):
        letter = letters.write(row)
        assert not [name for name in names if name in letter.text + letter.html + str(row.context)]
    say_yes(offer, pair.city)
    introduction = say_yes(offer, pair.vendor)
    assert organisation.name(lang) in body_of(client.get(f"/introductions/{introduction.id}"))


def test_conversation_from_the_form(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    path = f"/introductions/{introduction.id}"
    city, vendor = client_of(pair.city), client_of(pair.vendor)
    sent = city.post(
        path,
        data={
            "idempotency_key": new_key(),
            "body": "Where are **servers**? <script>x</script>",
            "lang": "en",
        },
    )
    message = db.session.scalar(select(Message))
    assert (sent.status_code, sent.location) == (303, f"{path}#m-{message.id}")
    page = body_of(vendor.get(path))
    assert "<strong>servers</strong>" in page
    assert not re.search(
        r"<script(?![^>]*\ssrc=)", page
    )  # what was typed is no script; the page's own have an address
    assert "x</script>" not in page
    assert "1 new message" in page
    assert vendor.post(f"{path}/read").status_code == 303
    assert "1 new message" not in body_of(vendor.get(path))
    assert "Last read by" in body_of(city.get(path))
    empty = vendor.post(path, data={"idempotency_key": new_key(), "body": " ", "lang": "en"})
    long = vendor.post(path, data={"idempotency_key": new_key(), "body": "ă" * 4001, "lang": "xx"})
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "ă" * 4001 in body_of(long)


def test_staff_see_facts_and_strangers_nothing(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    path = f"/introductions/{introduction.id}"
    client_of(pair.city).post(
        path, data={"idempotency_key": new_key(), "body": "Between us two", "lang": "en"}
    )
    page = body_of(client_of(pair.moderator).get(path))
    assert introduction.label in page
    assert "Between us two" not in page
    assert pair.city.memberships[0].organisation.contact_email not in page
    moderator = client_of(pair.moderator)
    assert (
        moderator.post(path, data={"idempotency_key": new_key(), "body": "x", "lang": "en"}).status_code
        == 403
    )
    assert moderator.post(f"{path}/read").status_code == 403
    stranger = client_of(make_member("vendor"))
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/read").status_code == 404
    assert introduction.label not in body_of(stranger.get("/introductions"))


def test_contact_rests_at_procurement(app, client_of):
    pair = make_pair()
    introduction = introduce(pair)
    pair.match.need.live.stage = "procure"
    client, path = client_of(pair.vendor), f"/introductions/{introduction.id}"
    assert "Private contact rests" in body_of(client.get(path))
    refused = client.post(path, data={"idempotency_key": new_key(), "body": "psst", "lang": "en"})
    assert refused.status_code == 409


def test_every_page_has_one_heading_and_says_it_is_no_award(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    client = client_of(pair.city)
    paths = ["/offers", f"/offers/{offer.id}", "/introductions"]
    for lang, words in (("en", "An introduction is not an award"), ("vi", 'lang="vi"')):
        for path in paths:
            page = body_of(client.get(f"{path}?lang={lang}"))
            assert len(re.findall(r"<h1[ >]", page)) == 1
            assert words in page
            assert "style=" not in page


@pytest.mark.parametrize(
    "query", ["state=nonsense", "page=-1", "page=99999999999999999999", "page=%00", "page=٣"]
)
def test_odd_addresses_are_answered(app, client_of, query):
    response = client_of(make_member("city")).get(f"/offers?{query}")
    assert response.status_code in (200, 404)
