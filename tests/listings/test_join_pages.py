"""Pages of likeness, joining and merging: the way before sending, requests, redirects, and names that stay hidden."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from sqlalchemy import event

from ppp_match.accounts.models import Membership
from ppp_match.db import db
from ppp_match.listings import join_operations as joins
from ppp_match.listings import merge_operations as merging
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.search.store import index_of
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.listings.joining import WASTE, agreed, asked, slug, two_cities


def text_of(response) -> str:
    return html.unescape(response.get_data(as_text=True))


def submit(client, listing, **more):
    return client.post(f"/{listing.path_kind}/{listing.id}/submit", data=more)


# --- before sending ----------------------------------------------------------------------------------------------


def test_a_draft_like_another_citys_need_is_shown_beside_it_first(client_of):
    world = two_cities()
    draft = make_listing("need", state="draft", organisation=world.other_home)
    client = client_of(world.other)
    answer = submit(client, draft)
    assert (answer.status_code, answer.location) == (303, f"/needs/{draft.id}/before-sending")
    assert draft.state == "draft"
    page = text_of(client.get(f"{answer.location}?lang=en"))
    assert "very likely the same" in page
    assert "Of other cities" in page
    assert "Of your own organisation" not in page
    assert f"/needs/{world.need.id}/join?own={draft.id}" in page
    assert submit(client, draft, considered="y").location == f"/needs/{draft.id}"
    assert draft.state == "submitted"


def test_the_form_leads_through_it_too_and_keeps_the_text(client_of):
    world = two_cities()
    draft = make_listing("need", state="draft", organisation=world.other_home)
    client = client_of(world.other)
    page = client.get(f"/needs/{draft.id}/edit?step=all").get_data(as_text=True)
    assert 'name="then"' in page
    import html5lib

    tree = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(f for f in tree.iter("form") if f.find(".//textarea") is not None)
    data: dict[str, list[str]] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or field.tag == "button":
            continue
        if field.tag == "textarea":
            data.setdefault(name, []).append(field.text or "")
        elif field.tag == "select":
            chosen = next((o.get("value") for o in field.iter("option") if o.get("selected") is not None), "")
            data.setdefault(name, []).append(chosen or "")
        elif field.get("type") not in ("radio", "checkbox") or field.get("checked") is not None:
            data.setdefault(name, []).append(field.get("value") or "")
    data["title"] = ["Giảm ngập 22 tuyến phố ven sông"]
    data["then"] = ["submit"]
    answer = client.post(f"/needs/{draft.id}/edit?step=all", data=data)
    assert (answer.status_code, answer.location) == (303, f"/needs/{draft.id}/before-sending")
    assert (draft.state, draft.edited.text("title")) == ("draft", "Giảm ngập 22 tuyến phố ven sông")


def test_nothing_alike_goes_straight_on(client_of):
    world = two_cities()
    draft = make_listing(
        "need",
        state="draft",
        organisation=world.other_home,
        texts=WASTE,
        terms={"sector": ["environment.waste"]},
    )
    assert submit(client_of(world.other), draft).location == f"/needs/{draft.id}"
    assert draft.state == "submitted"


def test_ones_own_drafts_count_and_those_of_others_never(client_of):
    world = two_cities()
    world.need.state = "draft"  # not published any more, so it is nobody's business
    world.need.live, world.need.published_at = None, None
    one = make_listing("need", state="draft", organisation=world.other_home)
    client = client_of(world.other)
    assert submit(client, one).location == f"/needs/{one.id}"
    two = make_listing("need", state="draft", organisation=world.other_home)
    assert submit(client, two).location == f"/needs/{two.id}/before-sending"
    page = text_of(client.get(f"/needs/{two.id}/before-sending?lang=en"))
    assert "Of your own organisation" in page
    assert one.label in page
    assert world.need.label not in page
    assert "same place" in page
    assert str(one.id) not in index_of("need")


def test_a_vendor_who_posts_an_offer_twice_is_told_but_not_of_competitors(client_of):
    vendor = make_member("vendor")
    home = vendor.memberships[0].organisation
    rival = make_listing("capability", state="published")
    client = client_of(vendor)
    first = make_listing("capability", state="draft", organisation=home)
    assert submit(client, first).location == f"/capabilities/{first.id}"
    second = make_listing("capability", state="draft", organisation=home)
    answer = submit(client, second)
    assert answer.location == f"/capabilities/{second.id}/before-sending"
    page = text_of(client.get(f"{answer.location}?lang=en"))
    assert first.label in page
    assert rival.label not in page


def test_withdrawn_and_rejected_ones_are_no_duplicates(client_of):
    world = two_cities()
    world.need.organisation = world.other_home
    db.session.flush()
    from ppp_match.listings.operations import withdraw_listing

    withdraw_listing(world.need, reason="Gone.", actor=world.other_actor)
    make_listing("need", state="rejected", organisation=world.other_home)
    draft = make_listing("need", state="draft", organisation=world.other_home)
    assert submit(client_of(world.other), draft).location == f"/needs/{draft.id}"


def test_a_similar_anonymous_need_tells_no_place(client_of):
    world = two_cities(anonymous=True)
    draft = make_listing("need", state="draft", organisation=world.other_home, city_id=slug("can-tho").id)
    page = text_of(client_of(world.other).get(f"/needs/{draft.id}/before-sending?lang=en"))
    assert world.need.label in page
    for name in ("Lead Town", "Cần Thơ", "Can Tho", "same place"):
        assert name not in page


# --- joining -----------------------------------------------------------------------------------------------------


def join_form(**more):
    return {
        "idempotency_key": new_key(),
        "city": "hai-phong",
        "quantity": "60",
        "beneficiaries": "120.000",
        "message": "Cảng của chúng tôi cũng ngập.",
        **more,
    }


def test_a_city_asks_and_the_lead_agrees(client_of, client):
    world = two_cities()
    other, lead = client_of(world.other), client_of(world.lead)
    assert "Join this need" in text_of(other.get(f"/needs/{world.need.id}?lang=en"))
    answer = other.post(f"/needs/{world.need.id}/join?lang=vi", data=join_form())
    assert answer.status_code == 303, text_of(answer)
    (join,) = db.session.query(NeedJoin).all()
    assert (join.quantity, join.beneficiaries, join.unit) == (Decimal(60), 120_000, "điểm đo")
    asks = text_of(lead.get(f"/needs/{world.need.id}?lang=en"))
    assert "Second Town asks to join." in asks
    assert "Second Town" not in text_of(client.get(f"/needs/{world.need.id}?lang=en"))
    page = text_of(lead.get(f"/joins/{join.id}?lang=en"))
    assert "Cảng của chúng tôi cũng ngập." in page
    assert lead.post(f"/joins/{join.id}", data={"do": "agree"}).status_code == 303
    public = text_of(client.get(f"/needs/{world.need.id}?lang=en"))
    assert "Joined by 1 city" in public
    assert "Second Town" in public
    assert "2 cities" in public
    assert "200 điểm đo" in public
    assert "520,000 residents" in public
    assert "Cảng của chúng tôi" not in public
    assert "Takes part" in text_of(other.get("/mine?lang=en"))
    assert "Second Town" in text_of(lead.get("/mine?lang=en"))


def test_what_lacks_is_said_at_its_field_and_what_was_typed_stays(client_of):
    world = two_cities()
    answer = client_of(world.other).post(
        f"/needs/{world.need.id}/join?lang=en", data=join_form(message=" ", city="", quantity="plenty")
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Write a few words to the lead city." in page
    assert "Choose your place." in page
    assert 'value="plenty"' in page
    assert db.session.query(NeedJoin).count() == 0


def test_a_no_needs_words_and_the_other_city_reads_them(client_of):
    world = two_cities()
    join = asked(world)
    lead = client_of(world.lead)
    assert lead.post(f"/joins/{join.id}", data={"do": "decline", "reason": " "}).status_code == 422
    assert lead.post(f"/joins/{join.id}", data={"do": "decline", "reason": "Other pumps."}).status_code == 303
    assert "Other pumps." in text_of(client_of(world.other).get(f"/joins/{join.id}"))


def test_ones_own_draft_fills_the_form_and_may_be_given_up_after(client_of):
    world = two_cities()
    own = make_listing(
        "need", state="draft", organisation=world.other_home, beneficiaries=77_000, scale_value=Decimal(31)
    )
    other = client_of(world.other)
    page = text_of(other.get(f"/needs/{world.need.id}/join?own={own.id}&lang=en"))
    assert 'value="77,000"' in page
    assert 'value="31"' in page
    join = agreed(world, own_need=own)
    assert f"Give up {own.label}" in text_of(other.get(f"/joins/{join.id}?lang=en"))
    assert other.post(f"/joins/{join.id}", data={"do": "fold"}).status_code == 303
    assert (own.state, own.merged_into_id) == ("withdrawn", world.need.id)
    assert other.get(f"/needs/{own.id}").location == f"/needs/{world.need.id}"
    record = text_of(other.get(f"/needs/{own.id}?merged=0&lang=en"))
    assert f"given up in favour of {world.need.label}" in record


def test_strangers_find_no_request(client_of):
    world = two_cities()
    join = asked(world)
    assert client_of(make_member("city")).get(f"/joins/{join.id}").status_code == 404
    assert client_of(make_staff()).post(f"/joins/{join.id}", data={"do": "agree"}).status_code == 403


HIDDEN_LEAD = ("Lead Town", "Thành phố Dẫn Đầu", "Cần Thơ", "Can Tho")
HIDDEN_JOINER = ("Second Town", "Thành phố Theo Sau", "Hải Phòng", "Hai Phong")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_hidden_name_leaves_the_two_cities_and_the_forum(client_of, client, lang):
    world = two_cities(anonymous=True)
    join = agreed(world, unnamed=True)
    page = text_of(client.get(f"/needs/{world.need.id}?lang={lang}"))
    for name in (*HIDDEN_LEAD, *HIDDEN_JOINER):
        assert name not in page, name
    assert "200 điểm đo" in page
    stranger = text_of(client_of(make_member("city")).get(f"/needs/{world.need.id}?lang={lang}"))
    vendor = text_of(client_of(make_member("vendor")).get(f"/needs/{world.need.id}?lang={lang}"))
    for name in (*HIDDEN_LEAD, *HIDDEN_JOINER):
        assert name not in stranger, name
        assert name not in vendor, name
    theirs = text_of(client_of(world.lead).get(f"/needs/{world.need.id}?lang={lang}"))
    assert any(name in theirs for name in HIDDEN_JOINER)
    opened = text_of(client_of(world.other).get(f"/joins/{join.id}?lang={lang}"))
    assert any(name in opened for name in HIDDEN_LEAD)


def test_an_anonymous_lead_is_not_known_before_it_agrees_nor_in_the_mail(client_of):
    from ppp_match.notifications.models import OutboxMessage

    world = two_cities(anonymous=True)
    join = asked(world)
    other = client_of(world.other)
    joins.decline(join, reason="Not now.", actor=world.lead_actor)
    pages = [
        f"/joins/{join.id}",
        "/mine",
        "/notices",
        f"/needs/{world.need.id}",
        f"/needs/{world.need.id}/join",
    ]
    for page in pages:
        for name in HIDDEN_LEAD:
            shown = re.sub(r"(?s)<select.*?</select>", "", text_of(other.get(f"{page}?lang=en")))
            assert name not in shown, (page, name)
    for message in db.session.query(OutboxMessage).filter_by(user_id=world.other.id):
        assert not any(name in str(message.context) for name in HIDDEN_LEAD)


# --- merging -----------------------------------------------------------------------------------------------------


def test_a_moderator_proposes_and_both_consent_through_the_pages(client_of, client):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    moderator = client_of(world.moderator)
    page = text_of(moderator.get(f"/review/listings/{source.id}/merge?into={world.need.label}&lang=en"))
    assert f'value="{world.need.label}"' in page
    assert "very likely the same" in page
    form = {"idempotency_key": new_key(), "target": world.need.label, "reason": "One and the same street."}
    answer = moderator.post(f"/review/listings/{source.id}/merge", data=form)
    (proposal,) = db.session.query(MergeProposal).all()
    assert answer.location == f"/merges/{proposal.id}"
    lead, other = client_of(world.lead), client_of(world.other)
    assert f"/merges/{proposal.id}" in text_of(lead.get(f"/needs/{world.need.id}"))
    assert f"/merges/{proposal.id}" not in text_of(client.get(f"/needs/{world.need.id}"))
    assert "One and the same street." in text_of(other.get(f"/merges/{proposal.id}"))
    for person in (lead, other):
        assert person.post(f"/merges/{proposal.id}", data={"do": "consent"}).status_code == 303
    assert source.merged_into_id == world.need.id
    public = client.get(f"/needs/{source.id}?lang=en")
    assert (public.status_code, public.location) == (301, f"/needs/{world.need.id}")
    for person in (other, moderator):
        own = person.get(f"/needs/{source.id}?lang=en")
        assert (own.status_code, own.location) == (302, f"/needs/{world.need.id}")
    assert f"{source.label} was merged into this one." in text_of(
        other.get(f"/needs/{world.need.id}?lang=en")
    )
    assert f"{source.label} was merged into this need on" in text_of(
        client.get(f"/needs/{world.need.id}?lang=en")
    )
    assert f"/needs/{source.id}?merged=0" in text_of(other.get("/mine"))
    assert other.get(f"/needs/{source.id}?merged=0").status_code == 200
    assert "Merged" in text_of(moderator.get("/review/merges?lang=en"))


@pytest.mark.parametrize("target", ["", "N-999999", "C-0001", "drop table", "9" * 12, "self"])
def test_a_number_that_leads_nowhere_is_said_at_the_field(client_of, target):
    world = two_cities()
    number = world.need.label if target == "self" else target
    form = {"idempotency_key": new_key(), "target": number, "reason": "One."}
    answer = client_of(world.moderator).post(f"/review/listings/{world.need.id}/merge", data=form)
    assert answer.status_code == 422
    assert db.session.query(MergeProposal).count() == 0


def test_who_belongs_to_one_of_the_two_proposes_nothing(client_of):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    db.session.add(Membership(user=world.moderator, organisation=world.lead_home, role="member"))
    db.session.flush()
    form = {"idempotency_key": new_key(), "target": world.need.label, "reason": "One."}
    assert (
        client_of(world.moderator).post(f"/review/listings/{source.id}/merge", data=form).status_code == 403
    )


def test_the_review_page_names_likely_duplicates(client_of):
    world = two_cities()
    waiting = make_listing("need", state="submitted", organisation=world.other_home)
    hidden = make_listing("need", state="draft", organisation=world.other_home)
    page = text_of(client_of(world.moderator).get(f"/review/listings/{waiting.id}?lang=en"))
    assert "Likely duplicates" in page
    assert f"/review/listings/{waiting.id}/merge?into={world.need.label}" in page
    assert hidden.label not in page


def test_the_owner_of_one_side_learns_no_hidden_name_of_the_other(client_of):
    world = two_cities(anonymous=True)
    source = make_listing("need", state="published", organisation=world.other_home)
    proposal = merging.propose(source, world.need, reason="One.", actor=actor_of(world.moderator))
    page = text_of(client_of(world.other).get(f"/merges/{proposal.id}?lang=en"))
    for name in HIDDEN_LEAD:
        assert name not in page


# --- what it costs -----------------------------------------------------------------------------------------------


@pytest.fixture
def statements(app):
    """statements(client, page) -> how many questions a page asks the database, everything loaded before."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def count(client, page):
        client.get(page)
        seen.clear()
        assert client.get(page).status_code == 200, page
        return len(seen)

    yield count
    event.remove(db.engine, "before_cursor_execute", note)


def test_pages_ask_the_same_however_many_there_are(client_of, statements):
    world = two_cities()
    draft = make_listing("need", state="draft", organisation=world.other_home)
    clients = {name: client_of(getattr(world, name)) for name in ("lead", "other", "moderator")}
    pages = (
        ("other", f"/needs/{draft.id}/before-sending"),
        ("lead", f"/needs/{world.need.id}"),
        ("lead", "/mine"),
        ("moderator", "/review/merges"),
        ("moderator", f"/review/matches/need/{world.need.id}"),
    )

    def grow(number):
        for _ in range(number):
            person = make_member("city")
            join = joins.ask_to_join(
                world.need, actor=actor_of(person), message="We too.", lang="en", city=slug("hai-phong")
            )
            joins.agree(join, actor=world.lead_actor)
            need = make_listing("need", state="published", organisation=person.memberships[0].organisation)
            merging.propose(need, world.need, reason="One.", actor=actor_of(world.moderator))
            make_listing("need", state="draft", organisation=world.other_home)

    grow(2)
    before = {page: statements(clients[name], page) for name, page in pages}
    grow(3)
    after = {page: statements(clients[name], page) for name, page in pages}
    assert {page: (before[page], n) for page, n in after.items() if n > before[page]} == {}
