"""The pages of listings: forms that keep what was typed, who sees what, anonymity, stale edits, moves."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.listings import operations
from ppp_match.listings.models import Listing
from tests.conftest import new_key
from tests.factories import (
    CAPABILITY_TEXT,
    NEED_TERMS,
    NEED_TEXT,
    OrganisationFactory,
    actor_of,
    make_listing,
    make_member,
    make_staff,
)

NEED_FORM = {
    **NEED_TEXT,
    **NEED_TERMS,
    "lang": "vi",
    "beneficiaries": "400.000",
    "city": "ho-chi-minh-city",
    "scale_value": "5,2",
    "scale_unit": "km",
    "stage": "screen",
    "budget_status": "planned",
    "amount": "15–100 tỷ",
    "start_on": "2030-06-01",
    "response_until": "31/03/2030",
}


@pytest.fixture
def owner(app):
    return make_member("city", locale="vi")


@pytest.fixture
def vendor(app):
    return make_member("vendor", locale="en")


def home(person):
    return person.memberships[0].organisation


def token(client, address):
    page = client.get(address).get_data(as_text=True)
    return re.search(r'name="version" value="([^"]*)"', page)[1]


def post(client, address, data, **more):
    return client.post(address, data={**data, **more})


def test_a_need_from_form_to_queue(client_of, owner):
    client = client_of(owner)
    answer = post(client, "/needs/new", NEED_FORM, idempotency_key=new_key(), then="submit")
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    listing = db.session.scalars(select(Listing)).one()
    said = listing.edited
    assert listing.state == "submitted"
    assert (said.beneficiaries, str(said.scale_value), int(said.amount_min)) == (
        400_000,
        "5.2000",
        15 * 10**9,
    )
    assert said.amount_max_usd > 1_000_000
    assert said.response_until.isoformat() == "2030-03-31"
    assert said.codes("contract_form") == ["service", "BOT", "pilot"]


def test_a_draft_may_lack_anything(client_of, owner):
    answer = post(client_of(owner), "/needs/new", {"lang": "vi"}, idempotency_key=new_key(), then="save")
    assert answer.status_code == 303
    assert db.session.scalars(select(Listing)).one().state == "draft"


def test_sending_names_what_lacks_and_keeps_what_was_typed(client_of, owner):
    data = {**NEED_FORM, "problem": "Ngập <nhiều>", "beneficiaries": "nhiều lắm", "sector": []}
    answer = post(client_of(owner), "/needs/new", data, idempotency_key=new_key(), then="submit")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ngập &lt;nhiều&gt;" in page
    assert 'value="nhiều lắm"' in page
    assert 'href="#problem"' in page
    assert 'href="#sector-0"' in page
    assert 'value="15–100 tỷ"' in page
    assert db.session.scalar(select(func.count(Listing.id))) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 121}, "title"),
        ({"beneficiaries": "99999999999999999999"}, "beneficiaries"),
        ({"amount": "USD 9–8"}, "amount"),
        ({"start_on": "2030-06-01", "end_on": "2029-06-01"}, "end_on"),
        ({"stage": "nonsense"}, "stage-0"),
        ({"sector": ["nonsense"]}, "sector-0"),
        ({"contract_form": ["open", "BOT"]}, "contract_form-0"),
        ({"city": "atlantis"}, "city"),
        ({"start_on": "31.02.2030"}, "start_on"),
        ({"title": "Giảm ngập\x00 ven sông"}, "title"),
        ({"lang": "xx"}, "lang-0"),
        ({"amount": "9" * 400}, "amount"),
    ],
)
def test_even_a_draft_refuses_what_cannot_be_stored(client_of, owner, change, field):
    data = {**NEED_FORM, **change}
    answer = post(client_of(owner), "/needs/new", data, idempotency_key=new_key(), then="save")
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)


def test_text_is_stored_composed_and_without_control_characters(client_of, owner):
    data = {"lang": "vi", "title": "Gia\u0309m nga\u0323\u0302p\x07 phô\u0301"}
    assert post(client_of(owner), "/needs/new", data, idempotency_key=new_key()).status_code == 303
    assert db.session.scalars(select(Listing)).one().edited.text("title") == "Giảm ngập phố"


def test_sent_twice_makes_one(client_of, owner):
    client, key = client_of(owner), new_key()
    first, second = (
        post(client, "/needs/new", NEED_FORM, idempotency_key=key, then="save") for _ in range(2)
    )
    assert first.location == second.location
    assert db.session.scalar(select(func.count(Listing.id))) == 1


def test_a_capability_with_references(client_of, vendor):
    data = {
        **CAPABILITY_TEXT,
        "lang": "en",
        "sector": ["water.flood"],
        "ascf_area": ["safety_security"],
        "outcome_area": ["sustainable_environment"],
        "offer_kind": ["services"],
        "maturity": "deployed",
        "country": ["VN"],
        "language": ["en"],
        "contract_form": ["service"],
        "amount": "USD 100k–2.5m",
        "references-0-client": "Riverside",
        "references-0-year": "2024",
        "references-0-amount": "USD 1,250,000.50",
    }
    client = client_of(vendor)
    answer = post(client, "/capabilities/new", data, idempotency_key=new_key(), then="submit")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    listing = db.session.scalars(select(Listing)).one()
    assert [(r.client, r.year, str(r.value)) for r in listing.references] == [
        ("Riverside", 2024, "1250000.5000")
    ]
    answer = post(
        client, "/capabilities/new", {"lang": "en", "references-1-year": "2020"}, idempotency_key=new_key()
    )
    assert answer.status_code == 422


def test_wrong_sides_and_visitors_do_not_write(client, client_of, vendor):
    assert client.get("/needs/new").status_code == 302
    assert client_of(vendor).get("/needs/new").status_code == 403
    assert client_of(make_staff()).get("/needs/new").status_code == 403


def test_a_stale_edit_loses_nothing_and_names_the_other(client_of, owner):
    colleague = make_member("city", organisation=home(owner), name="Lê Thị Hoa", locale="en")
    listing = make_listing("need", organisation=home(owner))
    address = f"/needs/{listing.id}/edit"
    mine, hers = client_of(owner), client_of(colleague)
    seen = token(mine, address)
    assert (
        post(hers, address, NEED_FORM, version=token(hers, address), title="Tên của chị Hoa").status_code
        == 303
    )
    answer = post(mine, address, NEED_FORM, version=seen, title="Tên của tôi")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Tên của tôi" in page
    assert "Lê Thị Hoa" in page
    db.session.expire_all()
    assert db.session.get(Listing, listing.id).edited.text("title") == "Tên của chị Hoa"
    fresh = re.search(r'name="version" value="([^"]*)"', page)[1]
    assert post(mine, address, NEED_FORM, version=fresh, title="Tên của tôi").status_code == 303


def test_remarks_stand_at_their_field(client_of, owner):
    moderator = make_staff()
    listing = make_listing("need", organisation=home(owner))
    operations.submit_listing(listing, actor=actor_of(owner))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    operations.return_listing(
        listing, remarks=[("problem", "Nguồn số liệu <nào>?")], actor=actor_of(moderator)
    )
    client = client_of(owner)
    form = client.get(f"/needs/{listing.id}/edit").get_data(as_text=True)  # opens at the step with the remark
    assert "Nguồn số liệu &lt;nào&gt;?" in re.search(r'id="problem-r">(.*?)</div>', form, re.S)[1]
    assert "Nguồn số liệu &lt;nào&gt;?" in client.get(f"/needs/{listing.id}").get_data(as_text=True)


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "returned", "rejected", "withdrawn"])
def test_what_is_not_public_does_not_exist_for_others(client, client_of, owner, vendor, state):
    listing = make_listing("need", organisation=home(owner), state=state)
    address = f"/needs/{listing.id}"
    assert client.get(address).status_code == 404
    assert client_of(vendor).get(address).status_code == 404
    assert client_of(owner).get(address).status_code == 200
    assert client_of(make_staff()).get(address).status_code == (404 if state == "draft" else 200)
    assert client_of(vendor).get(f"{address}/edit").status_code == 404


def test_another_kind_or_id_is_404(client, owner):
    listing = make_listing("need", organisation=home(owner), state="published")
    assert client.get(f"/capabilities/{listing.id}").status_code == 404
    assert client.get(f"/needs/{uuid.uuid4()}").status_code == 404
    assert client.get("/needs/1").status_code == 404


def test_a_published_need_is_edited_by_its_owner_only(client_of, owner, vendor):
    listing = make_listing("need", organisation=home(owner), state="published")
    assert client_of(vendor).get(f"/needs/{listing.id}/edit").status_code == 403
    assert client_of(owner).get(f"/needs/{listing.id}/edit").status_code == 200
    assert client_of(vendor).post(f"/needs/{listing.id}/withdraw").status_code == 403


def test_an_anonymous_need_hides_city_and_owner(client, client_of, owner):
    organisation = OrganisationFactory(kind="city", name_vi="Trung tâm Ẩn Danh", name_en="Hidden Centre")
    official = make_member("city", organisation=organisation)
    listing = make_listing("need", organisation=organisation, state="published", anonymous=True)
    for address in ("/needs", f"/needs/{listing.id}", f"/needs/{listing.id}?lang=en", "/needs?country=VN"):
        page = client.get(address).get_data(as_text=True)
        body = page.split("<main", 1)[1].split('class="pm-facets"')[0] + page.split("pm-toolbar", 1)[-1]
        for name in (
            "Trung tâm Ẩn Danh",
            "Hidden Centre",
            "Hồ Chí Minh",
            "Ho Chi Minh",
            str(organisation.id),
        ):
            assert name not in body, (address, name)
        assert listing.shown.text("title") in page
    assert listing.shown.text("contact_unit") not in client.get(f"/needs/{listing.id}").get_data(as_text=True)
    assert "Ho Chi Minh" in client_of(official).get(f"/needs/{listing.id}?lang=en").get_data(as_text=True)
    assert "Hidden Centre" in client_of(make_staff()).get(f"/needs/{listing.id}?lang=en").get_data(
        as_text=True
    )


def test_readiness_is_for_its_own_unit_and_staff(client, client_of, owner, vendor):
    listing = make_listing("need", organisation=home(owner), state="published")
    address = f"/needs/{listing.id}?lang=en"
    mark = 'aria-labelledby="readiness"'
    assert mark not in client.get(address).get_data(as_text=True)
    assert mark not in client_of(vendor).get(address).get_data(as_text=True)
    assert mark in client_of(owner).get(address).get_data(as_text=True)
    assert mark in client_of(make_staff()).get(address).get_data(as_text=True)


def test_markdown_is_cleaned(client, owner):
    evil = (
        "<script>alert(1)</script> **đậm** [x](javascript:alert(1)) <img src=x onerror=alert(1)> "
        + "ngập " * 80
    )
    listing = make_listing("need", organisation=home(owner), state="published", texts={"problem": evil})
    page = client.get(f"/needs/{listing.id}").get_data(as_text=True).split("<main", 1)[1]
    assert "<strong>đậm</strong>" in page
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_the_text_keeps_its_language(client, owner):
    listing = make_listing("need", organisation=home(owner), state="published")
    page = client.get(f"/needs/{listing.id}?lang=en").get_data(as_text=True)
    assert f'<h1 lang="vi">{listing.shown.text("title")}</h1>' in page


def test_moves_of_the_owner(client_of, owner):
    client = client_of(owner)
    listing = make_listing("need", organisation=home(owner))
    base = f"/needs/{listing.id}"
    assert client.post(f"{base}/submit").status_code == 303
    assert client.post(f"{base}/recall").status_code == 303
    assert client.post(f"{base}/withdraw", data={"withdraw-reason": ""}).status_code == 422
    assert client.post(f"{base}/close", data={}).status_code == 422
    assert client.post(f"{base}/withdraw", data={"withdraw-reason": "Dừng"}).status_code == 303
    assert db.session.get(Listing, listing.id).state == "withdrawn"
    assert client.post(f"{base}/submit").status_code == 409
    other = make_listing("need", organisation=home(owner), state="published")
    data = {"close-close_reason": "no_suitable", "close-reason": "Chưa ai phù hợp"}
    assert client.post(f"/needs/{other.id}/close", data=data).status_code == 303
    assert "Chưa ai phù hợp" in client.get(f"/needs/{other.id}").get_data(as_text=True)


def test_mine_shows_every_state(client_of, owner, vendor):
    states = ("draft", "submitted", "returned", "published", "withdrawn")
    for state in states:
        make_listing("need", organisation=home(owner), state=state, texts={"title": f"Nhu cầu {state}"})
    page = client_of(owner).get("/mine").get_data(as_text=True)
    assert all(f"Nhu cầu {state}" in page for state in states)
    assert "Nhu cầu" not in client_of(vendor).get("/mine?lang=en").get_data(as_text=True)


def test_many_listings_of_ones_own_come_page_by_page_and_none_is_left_out(app, client_of):
    owner = make_member("city")
    for number in range(27):
        make_listing(
            "need",
            state="draft",
            organisation=owner.memberships[0].organisation,
            texts={"title": f"Bản thảo số {number:02}"},
        )
    db.session.commit()
    client = client_of(owner)
    pages = [client.get(f"/mine?page={number}").get_data(as_text=True) for number in (1, 2)]
    found = [set(re.findall(r"Bản thảo số \d\d", page)) for page in pages]
    assert [len(titles) for titles in found] == [20, 7]
    assert len(found[0] | found[1]) == 27
    assert 'href="/mine?page=2"' in pages[0]
    assert 'href="/mine?page=1"' in pages[1]
    past_the_end = client.get("/mine?page=99").get_data(as_text=True)
    assert set(re.findall(r"Bản thảo số \d\d", past_the_end)) == found[1]
