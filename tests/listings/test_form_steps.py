"""The form in steps: each saves its own fields, none loses another's, the last one sends; amounts, preview, contact."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.listings import operations, steps
from ppp_match.listings.fields import SECTIONS, fields_of
from ppp_match.listings.models import Listing
from tests.conftest import new_key
from tests.factories import actor_of, add_reference, make_listing, make_member, make_staff
from tests.listings.test_pages import NEED_FORM, home, post, token


@pytest.fixture
def owner(app):
    return make_member("city", locale="en")


@pytest.fixture
def vendor(app):
    return make_member("vendor", locale="en")


def page_of(answer):
    return html.unescape(answer.get_data(as_text=True))


def part(step):
    """What a browser sends of NEED_FORM on one step."""
    asked = steps.asked_once(steps.fields_on("need", step))
    return {name: value for name, value in NEED_FORM.items() if name in asked}


@pytest.mark.parametrize("kind", ["need", "capability"])
def test_every_field_is_asked_on_exactly_one_step(kind):
    asked = [name for step in steps.codes(kind) for name in steps.fields_on(kind, step)]
    assert len(asked) == len(set(asked))
    assert {field.name for field in fields_of(kind)} == set(asked) - {"references"}
    assert {s for step in steps.STEPS[kind].values() for s in step} == set(SECTIONS[kind])
    assert set(asked) == set(steps.fields_on(kind, "all"))


def test_a_need_step_by_step(client_of, owner):
    client, key = client_of(owner), new_key()
    answer = post(client, "/needs/new?step=place", part("place"), lang="vi", idempotency_key=key, then="next")
    assert answer.status_code == 303
    assert answer.location.endswith("/edit?step=problem")
    again = post(client, "/needs/new?step=place", part("place"), lang="vi", idempotency_key=key, then="next")
    assert again.location == answer.location  # sent twice, made once
    address = answer.location.partition("?")[0]
    for step, following in (("problem", "conditions"), ("conditions", "money"), ("money", "review")):
        answer = post(
            client, f"{address}?step={step}", part(step), version=token(client, address), then="next"
        )
        assert answer.location == f"{address}?step={following}"
    listing = db.session.scalars(select(Listing)).one()
    assert listing.edited.missing_fields() == []
    assert listing.edited.lang == "vi"
    assert (listing.edited.beneficiaries, listing.edited.codes("sector")) == (400_000, ["water.flood"])
    review = page_of(client.get(f"{address}?step=review"))
    assert "VND 15,000,000,000–100,000,000,000" in review
    assert "about USD 0.62–4.14 m at the rate of 31 December 2024" in review
    answer = post(
        client, f"{address}?step=review", {}, version=token(client, f"{address}?step=review"), then="submit"
    )
    assert answer.status_code == 303
    assert listing.state == "submitted"


def test_a_step_leaves_the_other_steps_alone(client_of, owner):
    listing = make_listing(
        "need", organisation=home(owner), anonymous=True, terms={"beneficiary_group": ["older"]}
    )
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    data = {"title": "Giảm ngập 30 tuyến phố", "version": token(client, address)}
    assert client.post(f"{address}?step=problem", data=data).status_code == 303
    said = listing.edited
    assert said.text("title") == "Giảm ngập 30 tuyến phố"
    assert said.codes("beneficiary_group") == []  # asked on this step, and no box was ticked
    assert said.anonymous
    assert said.text("local_specifics")
    assert said.codes("contract_form") == ["service", "BOT", "pilot"]
    assert said.amount_max == Decimal(100_000_000_000)


@pytest.mark.parametrize(
    ("then", "step"),
    [("save", "problem"), ("back", "place"), ("next", "conditions"), ("go-money", "money"), ("go-all", "all"),
     ("go-nowhere", "problem"), ("submit", "review")],
)  # fmt: skip
def test_every_button_saves_first(client_of, owner, then, step):
    listing = make_listing("need", organisation=home(owner))
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    data = {**part("problem"), "title": "Giảm ngập 30 tuyến phố", "version": token(client, address)}
    answer = client.post(f"{address}?step=problem", data={**data, "then": then})
    assert (answer.status_code, answer.location) == (303, f"{address}?step={step}")
    assert listing.edited.text("title") == "Giảm ngập 30 tuyến phố"
    assert listing.state == "draft"


def test_looking_at_a_published_text_step_by_step_makes_no_change_of_it(client_of, owner):
    listing = make_listing("need", organisation=home(owner), state="published")
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    said = listing.shown
    held = {"scale_value": "140", "scale_unit": "điểm đo", "start_on": said.start_on.isoformat()}
    held["response_until"] = said.response_until.isoformat()
    for step in steps.codes("need")[:-1]:
        data = {name: held.get(name, value) for name, value in part(step).items()}
        data |= {"version": token(client, f"{address}?step={step}"), "then": "next"}
        assert client.post(f"{address}?step={step}", data=data).status_code == 303
    db.session.expire_all()
    assert listing.amendment is None


def test_sending_too_early_names_what_lacks_with_links_to_step_and_field(client_of, owner):
    listing = make_listing("need", organisation=home(owner), texts={"outcome": ""}, amount_max=None)
    listing.edited.set_codes("partner_kind", [])
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    calm = page_of(client.get(f"{address}?step=review"))
    assert "3 answers are still missing" in calm
    answer = client.post(f"{address}?step=review", data={"version": token(client, address), "then": "submit"})
    page = page_of(answer)
    assert answer.status_code == 422
    assert "<title>Error:" in page
    for step, anchor in (("problem", "outcome"), ("conditions", "partner_kind-0"), ("money", "amount")):
        assert f'href="{address}?step={step}#{anchor}"' in page
        assert f'id="{anchor}"' in client.get(f"{address}?step={step}").get_data(as_text=True)
    assert listing.state == "draft"


def test_remarks_open_the_form_at_their_step_and_mark_it(client_of, owner):
    moderator, listing = make_staff(), make_listing("need", organisation=home(owner))
    operations.submit_listing(listing, actor=actor_of(owner))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    operations.return_listing(listing, remarks=[("amount_max", "Year of prices?")], actor=actor_of(moderator))
    page = page_of(client_of(owner).get(f"/needs/{listing.id}/edit"))
    assert "Year of prices?" in re.search(r'id="amount-r">(.*?)</div>', page, re.S)[1]
    assert "1 remark to answer" in page


def test_a_stale_step_keeps_what_was_typed(client_of, owner):
    listing = make_listing("need", organisation=home(owner))
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    seen = token(client, address)
    operations.save_listing(listing, {"title": "Somebody else's title"}, lang="vi", actor=actor_of(owner))
    answer = client.post(f"{address}?step=money", data={**part("money"), "amount": "3 tỷ", "version": seen})
    page = page_of(answer)
    assert answer.status_code == 409
    assert 'value="3 tỷ"' in page
    assert 'id="conflict"' in page
    assert "data-by-itself" not in page
    answer = client.post(f"{address}?step=review", data={"version": seen, "then": "submit"})
    assert answer.status_code == 409


def test_the_sector_tells_area_and_group(client_of, owner):
    data = {"lang": "vi", "city": "can-tho", "sector": ["water.flood", "water.supply"]}
    answer = post(client_of(owner), "/needs/new?step=place", data, idempotency_key=new_key(), then="next")
    assert answer.status_code == 303
    said = db.session.scalars(select(Listing)).one().edited
    assert said.codes("ascf_area") == ["built_infrastructure", "safety_security"]
    assert said.codes("d950_group") == ["management"]


@pytest.mark.parametrize(
    ("typed", "low", "high", "currency"),
    [("15–100 tỷ", 15 * 10**9, 10**11, "VND"), ("USD 1.2m", 1_200_000, 1_200_000, "USD"),
     ("up to EUR 300,000", None, 300_000, "EUR"), ("", None, None, None)],
)  # fmt: skip
def test_amounts_as_people_type_them(client_of, owner, typed, low, high, currency):
    data = {"lang": "vi", "amount": typed}
    assert post(client_of(owner), "/needs/new?step=money", data, idempotency_key=new_key()).status_code == 303
    said = db.session.scalars(select(Listing)).one().edited
    assert (said.amount_min, said.amount_max, said.currency) == (low, high, currency)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"amount": "15–100"}, "Name the currency"),
        ({"amount": "$2m"}, "Which dollar?"),
        ({"amount": "1,250 tỷ"}, "This can mean 1.25 bn or 1250 bn."),
        ({"amount": "USD 5m", "financing_gap": "2 tỷ đồng"}, "Write it in USD, as above."),
        ({"amount": "USD 5m", "financing_gap": "2 tỷ"}, "Write it in USD, as above."),
        ({"amount": "USD 5m", "financing_gap": "6 m"}, "What is missing cannot be more than the budget."),
        ({"amount": "0 VND"}, "Write an amount above zero."),
        ({"amount": "USD 5m", "financing_gap": "1–2 m"}, "Write one amount, not a range."),
        ({"budget_status": "planned", "amount": "not disclosed"}, "Choose “Not disclosed” above"),
    ],
)
def test_an_amount_that_is_not_clear_is_asked_back_at_its_field(client_of, owner, data, said):
    answer = post(client_of(owner), "/needs/new?step=money", data, lang="vi", idempotency_key=new_key())
    page = page_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert f'value="{html.escape(data["amount"])}"' in page


def test_undisclosed_in_words_and_a_gap_in_the_currency_of_the_budget(client_of, owner):
    client = client_of(owner)
    data = {"lang": "vi", "amount": "không công bố"}
    assert post(client, "/needs/new?step=money", data, idempotency_key=new_key()).status_code == 303
    assert db.session.scalars(select(Listing)).one().edited.budget_status == "undisclosed"
    data = {"lang": "vi", "amount": "VND 15–100 bn", "financing_gap": "40 tỷ"}
    assert post(client, "/needs/new?step=money", data, idempotency_key=new_key()).status_code == 303
    newest = db.session.scalars(select(Listing).order_by(Listing.number.desc())).first()
    assert newest.edited.financing_gap == 40 * 10**9


def test_preview_shows_what_readers_will_see_and_saves_nothing(client_of, owner):
    listing = make_listing("need", organisation=home(owner))
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    data = {
        "problem": "**đậm** <script>x</script>",
        "title": "",
        "version": token(client, address),
        "then": "preview",
    }
    before = listing.version
    answer = client.post(f"{address}?step=problem", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<strong>đậm</strong>" in page
    assert "**đậm** &lt;script&gt;" in page  # still in the box
    assert "<script>x" not in page
    db.session.expire_all()
    assert (listing.version, listing.edited.text("title") != "") == (before, True)
    answer = post(
        client,
        "/needs/new?step=problem",
        {"problem": "*x*", "lang": "vi"},
        idempotency_key=new_key(),
        then="preview",
    )
    assert answer.status_code == 200
    assert "<em>x</em>" in answer.get_data(as_text=True)


# --- contact data ------------------------------------------------------------------------------------------------

CARD = "Trung tâm Hạ tầng, liên hệ ông Minh 0912 345 678"


def test_contact_data_is_pointed_out_and_has_to_be_mended_or_confirmed(client_of, owner):
    listing = make_listing("need", organisation=home(owner), texts={"contact_unit": CARD})
    client, address = client_of(owner), f"/needs/{listing.id}/edit"
    hint = page_of(client.get(f"{address}?step=money"))
    assert (
        "“0912 345 678”: looks like a telephone number"
        in re.search(r'id="contact_unit-n">(.*?)</div>', hint, re.S)[1]
    )
    assert re.search(r'id="contact_unit"[^>]*', hint)
    detail = client.post(f"/needs/{listing.id}/submit")
    assert detail.location == f"{address}?step=review"
    send = {"version": token(client, address), "then": "submit"}
    answer = client.post(f"{address}?step=review", data=send)
    page = page_of(answer)
    assert answer.status_code == 422
    assert 'href="#no_contact_data"' in page
    assert f"{address}?step=money#contact_unit" in page
    assert listing.state == "draft"
    assert client.post(f"{address}?step=review", data={**send, "no_contact_data": "y"}).status_code == 303
    assert listing.state == "submitted"
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "listing.contact_confirmed"))
    assert event.fields == ["contact_unit"]
    moderator = page_of(client_of(make_staff(locale="en")).get(f"/review/listings/{listing.id}"))
    assert "This may be contact data" in moderator
    assert "looks like a telephone number" in moderator
    assert "The owner has confirmed that this is no private contact data" in moderator


def test_the_whole_form_sent_with_contact_data_is_saved_and_asks(client_of, owner):
    answer = post(
        client_of(owner), "/needs/new", NEED_FORM, contact_unit=CARD, idempotency_key=new_key(), then="submit"
    )
    listing = db.session.scalars(select(Listing)).one()
    assert answer.location == f"/needs/{listing.id}/edit?step=review"
    assert listing.state == "draft"


def test_the_operation_refuses_too(app, owner, vendor):
    listing = make_listing("need", organisation=home(owner), texts={"contact_unit": CARD})
    with pytest.raises(Refused, match="contact_data"):
        operations.submit_listing(listing, actor=actor_of(owner))
    operations.submit_listing(listing, actor=actor_of(owner), contact_confirmed=True)
    offer = make_listing("capability", organisation=home(vendor))
    add_reference(offer, result="Ask minh@example.com")
    db.session.refresh(offer)
    with pytest.raises(Refused, match="contact_data"):
        operations.submit_listing(offer, actor=actor_of(vendor))


def test_a_clean_text_shows_the_moderator_nothing(client_of, owner):
    listing = make_listing("need", organisation=home(owner), state="submitted")
    assert "This may be contact data" not in page_of(
        client_of(make_staff(locale="en")).get(f"/review/listings/{listing.id}")
    )
