"""The moderators' queue of listings and the page of one in review."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import current_app

from ppp_match.db import db, now
from ppp_match.listings import operations
from ppp_match.listings.models import Listing
from ppp_match.moderation import listing_queue
from ppp_match.moderation.queue_filters import read_filters
from tests.factories import NEED_TEXT, OrganisationFactory, actor_of, make_listing, make_member, make_staff


@pytest.fixture
def moderator(app):
    return make_staff(name="Mai Anh")


def waiting(kind="need", days=1, **values):
    listing = make_listing(kind, state="submitted", **values)
    listing.submitted_at = now() - timedelta(days=days)
    db.session.flush()
    return listing


def queue(actor, **asked):
    filters = read_filters("listings", asked)
    return listing_queue.queue(filters, actor_of(actor), page=1, url=str).page.items


def flags(listing):
    with current_app.test_request_context("/?lang=en"):
        return listing_queue.flags(listing, listing_queue.answered_remarks(listing))


def said(listing):
    return " | ".join(text for text, _icon, _look in flags(listing))


@pytest.mark.both_databases
def test_the_queue_is_oldest_first_and_holds_amendments(app, moderator):
    owner = make_member("city")
    young, old = waiting(days=1), waiting("capability", days=5)
    amended = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    operations.save_listing(amended, {"title": "Tên mới của nhu cầu"}, lang="vi", actor=actor_of(owner))
    operations.submit_listing(amended, actor=actor_of(owner))
    make_listing("need", state="draft")
    assert queue(moderator) == [old, young, amended]
    assert queue(moderator, kind="capability") == [old]
    operations.take_in_hand(old, actor=actor_of(moderator))
    assert queue(moderator, hand="me") == [old]
    assert queue(moderator, hand="nobody") == [young, amended]
    filters = read_filters("listings", {})
    counts = listing_queue.queue(filters, actor_of(moderator), page=9, url=str).counts
    assert (counts.waiting, counts.mine, counts.oldest_days) == (3, 1, 5)


@pytest.mark.both_databases
def test_the_oldest_free_one_is_not_ones_own(app):
    both = make_member("city", staff_role="moderator")
    waiting(days=9, organisation=both.memberships[0].organisation)
    other = waiting(days=2)
    assert listing_queue.oldest_free(actor_of(both)) == other


def test_worth_a_look(app):
    flagged = said(
        waiting(texts={"contact_unit": "Ông Minh, 0912 345 678", "conflicts": "minh.nguyen@example.com"})
    )
    assert "Phone number in the text" in flagged
    assert "E-mail address in the text" in flagged
    plain = said(waiting())
    assert "Phone" not in plain
    assert "E-mail" not in plain
    assert "not verified" in said(waiting(organisation=OrganisationFactory(verification="pending")))
    anonymous = waiting(anonymous=True, texts={"local_specifics": "Trung tâm Ho Chi Minh City, ven sông"})
    assert "names the city" in said(anonymous)
    assert "1 sector claimed, 0 references" in said(waiting("capability"))


def test_from_queue_to_publication(client_of, moderator):
    listing = waiting(texts={"title": "Giảm ngập trước cổng trường"})
    client = client_of(moderator)
    assert "Giảm ngập trước cổng trường" in client.get("/review/listings").get_data(as_text=True)
    taken = client.post("/review/listings/next")
    assert taken.location.endswith(f"/review/listings/{listing.id}")
    address = f"/review/listings/{listing.id}"
    page = client.get(f"{address}?gloss=0").get_data(as_text=True)
    assert NEED_TEXT["outcome"][:30] in page
    assert 'value="publish"' in page
    assert client.post(address, data={"do": "publish"}).status_code == 303
    assert db.session.get(Listing, listing.id).state == "published"
    assert client.get(address).status_code == 404


def test_returning_needs_a_remark_and_keeps_what_was_typed(client_of, moderator):
    listing = waiting()
    operations.take_in_hand(listing, actor=actor_of(moderator))
    client, address = client_of(moderator), f"/review/listings/{listing.id}"
    assert client.post(address, data={"do": "return"}).status_code == 422
    half = client.post(address, data={"do": "return", "return-remarks-0-text": "Nguồn <số liệu>?"})
    assert half.status_code == 422
    assert "Nguồn &lt;số liệu&gt;?" in half.get_data(as_text=True)
    data = {
        "do": "return",
        "return-remarks-0-field": "problem",
        "return-remarks-0-text": "Nguồn số liệu?",
        "return-remarks-2-field": "title",
        "return-remarks-2-text": "Ngắn hơn",
    }
    assert client.post(address, data=data).status_code == 303
    assert {r.field for r in db.session.get(Listing, listing.id).open_remarks} == {"problem", "title"}


def test_rejecting_needs_a_reason(client_of, moderator):
    listing = waiting()
    operations.take_in_hand(listing, actor=actor_of(moderator))
    client, address = client_of(moderator), f"/review/listings/{listing.id}"
    assert client.post(address, data={"do": "reject", "reject-reason": " "}).status_code == 422
    assert client.post(address, data={"do": "reject", "reject-reason": "Quảng cáo"}).status_code == 303
    assert db.session.get(Listing, listing.id).decision_reason == "Quảng cáo"


def test_the_text_of_an_unverified_organisation_has_no_button_to_publish(client_of, moderator):
    listing = waiting(organisation=OrganisationFactory(verification="unverified"))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    client, address = client_of(moderator), f"/review/listings/{listing.id}"
    assert 'value="publish"' not in client.get(address).get_data(as_text=True)
    assert client.post(address, data={"do": "publish"}).status_code == 409
    assert db.session.get(Listing, listing.id).state == "in_review"


def test_ones_own_listing_has_no_buttons(client_of):
    both = make_member("city", staff_role="moderator")
    listing = waiting(organisation=both.memberships[0].organisation)
    client, address = client_of(both), f"/review/listings/{listing.id}"
    page = client.get(address).get_data(as_text=True)
    assert 'name="do"' not in page
    assert client.post(address, data={"do": "take"}).status_code == 403


def test_what_another_has_in_hand_is_not_decided(client_of, moderator):
    listing = waiting()
    operations.take_in_hand(listing, actor=actor_of(make_staff()))
    client, address = client_of(moderator), f"/review/listings/{listing.id}"
    assert 'name="do"' not in client.get(address).get_data(as_text=True)
    assert client.post(address, data={"do": "take"}).status_code == 409


def test_an_amendment_shows_its_differences(client_of, moderator):
    owner = make_member("city")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    operations.save_listing(
        listing,
        {"title": "Giảm ngập 30 tuyến phố ven sông", "stage": "appraise"},
        lang="vi",
        actor=actor_of(owner),
    )
    operations.submit_listing(listing, actor=actor_of(owner))
    page = client_of(moderator).get(f"/review/listings/{listing.id}").get_data(as_text=True)
    changes = page.split('class="pm-kv pm-diff"', 1)[1].split("</dl>", 1)[0]
    assert re.search(r"<del>.*?20.*?</del><ins>.*?30.*?</ins>", changes)
    assert changes.count("<del>") == 2
    assert "Material change" in page
    assert "<h1" in page.split("What changes in the published text", 1)[0]


def test_a_minor_amendment_says_so(client_of, moderator):
    owner = make_member("city")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    operations.save_listing(
        listing, {"community": "Đã họp với ba tổ dân phố"}, lang="vi", actor=actor_of(owner)
    )
    operations.submit_listing(listing, actor=actor_of(owner))
    client = client_of(moderator)
    assert "Minor change" in client.get(f"/review/listings/{listing.id}").get_data(as_text=True)
    queue_page = client.get("/review/listings").get_data(as_text=True)
    assert "Minor change" in queue_page
    assert "Material change" not in queue_page


def test_only_staff_review(client, client_of):
    listing = waiting()
    assert client.get("/review/listings").status_code == 302
    for kind in ("city", "vendor"):
        assert client_of(make_member(kind)).get(f"/review/listings/{listing.id}").status_code == 403
