"""The verbs of listings on both databases: what they change, whom they tell, what they refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.lifecycle import NotDrawn, NotPermitted, ReasonMissing, Refused
from ppp_match.listings import operations
from ppp_match.listings.models import Listing, ListingNumber
from ppp_match.notifications.models import Notification
from ppp_match.permissions import SYSTEM
from ppp_match.search.models import IndexChange
from tests.factories import (
    OrganisationFactory,
    actor_of,
    add_reference,
    make_listing,
    make_member,
    make_staff,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def owner(app):
    return make_member("city")


@pytest.fixture
def moderator(app):
    return make_staff()


def home(person):
    return person.memberships[0].organisation


def told(kind):
    return db.session.scalar(select(func.count(Notification.id)).where(Notification.kind == kind))


def index_changes():
    return db.session.scalar(select(func.count(IndexChange.seq)))


def in_review(owner, moderator, kind="need", **values):
    listing = make_listing(kind, organisation=home(owner), **values)
    operations.submit_listing(listing, actor=actor_of(owner))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    return listing


def published(owner, kind="need", **values):
    return make_listing(kind, organisation=home(owner), state="published", **values)


def test_numbers_rise_by_kind(app, owner):
    actor = actor_of(owner)
    first = operations.create_listing("need", organisation=home(owner), lang="vi", actor=actor)
    second = operations.create_listing("need", organisation=home(owner), lang="vi", actor=actor)
    vendor = make_member("vendor")
    other = operations.create_listing(
        "capability", organisation=home(vendor), lang="en", actor=actor_of(vendor)
    )
    assert (first.label, second.label, other.label) == ("N-0001", "N-0002", "C-0001")
    assert db.session.get(ListingNumber, "need").last == 2


@pytest.mark.parametrize(
    ("poster", "kind"), [("vendor", "need"), ("city", "capability"), ("partner", "capability")]
)
def test_only_the_right_side_posts(app, poster, kind):
    person = make_member(poster)
    with pytest.raises(NotPermitted):
        operations.create_listing(kind, organisation=home(person), lang="vi", actor=actor_of(person))


def test_nobody_posts_for_another_organisation(app, owner):
    with pytest.raises(NotPermitted):
        operations.create_listing(
            "need", organisation=OrganisationFactory(), lang="vi", actor=actor_of(owner)
        )


def test_a_draft_takes_what_it_gets_and_computes_dollars(app, owner):
    listing = operations.create_listing("need", organisation=home(owner), lang="vi", actor=actor_of(owner))
    changed = operations.save_listing(
        listing,
        {"title": "Ngập", "amount_max": Decimal(2_000_000), "currency": "EUR", "sector": ["water.flood"]},
        lang="vi",
        actor=actor_of(owner),
    )
    assert set(changed) == {"title", "amount_max", "currency", "sector"}
    assert listing.edited.amount_max_usd > Decimal(2_000_000)
    assert listing.edited.rate_as_of is not None
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert event.action == "listing.save"
    assert set(event.fields) == set(changed)
    assert operations.save_listing(listing, {"title": "Ngập"}, lang="vi", actor=actor_of(owner)) == []


def test_an_incomplete_draft_cannot_be_submitted(app, owner):
    listing = operations.create_listing("need", organisation=home(owner), lang="vi", actor=actor_of(owner))
    with pytest.raises(Refused, match="incomplete"):
        operations.submit_listing(listing, actor=actor_of(owner))
    assert listing.state == "draft"


def test_the_way_to_publication(app, owner, moderator):
    listing = in_review(owner, moderator)
    assert listing.holder_id == moderator.id
    assert told("listing.submitted") == 1
    operations.publish_listing(listing, actor=actor_of(moderator))
    assert (listing.state, listing.live_revision_id) == ("published", listing.working_revision_id)
    assert listing.published_at
    assert listing.holder_id is None
    assert told("listing.published") == 1
    assert index_changes() == 1
    assert audit.first_broken_event() is None


def test_no_edit_while_it_waits_until_recalled(app, owner):
    listing = make_listing("need", organisation=home(owner))
    operations.submit_listing(listing, actor=actor_of(owner))
    with pytest.raises(Refused, match="under_review"):
        operations.save_listing(listing, {"title": "Tên khác hẳn"}, lang="vi", actor=actor_of(owner))
    operations.recall_listing(listing, actor=actor_of(owner))
    assert operations.save_listing(listing, {"title": "Tên khác hẳn"}, lang="vi", actor=actor_of(owner)) == [
        "title"
    ]


def test_an_unverified_organisation_writes_and_sends_but_is_not_published(app, moderator):
    official = make_member("city", organisation=OrganisationFactory(kind="city", verification="unverified"))
    listing = in_review(official, moderator)
    with pytest.raises(Refused, match="organisation_unverified"):
        operations.publish_listing(listing, actor=actor_of(moderator))
    assert (listing.state, listing.live_revision_id, listing.published_at) == ("in_review", None, None)


def test_remarks_come_and_are_settled_by_sending_again(app, owner, moderator):
    listing = in_review(owner, moderator)
    with pytest.raises(Refused, match="remarks_missing"):
        operations.return_listing(listing, remarks=[("problem", "  ")], actor=actor_of(moderator))
    with pytest.raises(Refused, match="unknown_field"):
        operations.return_listing(listing, remarks=[("password", "x")], actor=actor_of(moderator))
    operations.return_listing(listing, remarks=[("problem", "Nguồn số liệu?")], actor=actor_of(moderator))
    assert (listing.state, told("listing.returned")) == ("returned", 1)
    assert [r.field for r in listing.open_remarks] == ["problem"]
    operations.submit_listing(listing, actor=actor_of(owner))
    assert listing.open_remarks == []
    assert listing.state == "submitted"


def test_rejection_needs_a_reason(app, owner, moderator):
    listing = in_review(owner, moderator)
    with pytest.raises(ReasonMissing):
        operations.reject_listing(listing, reason=" ", actor=actor_of(moderator))
    operations.reject_listing(listing, reason="Quảng cáo", actor=actor_of(moderator))
    assert (listing.state, listing.decision_reason, told("listing.rejected")) == ("rejected", "Quảng cáo", 1)
    with pytest.raises(Refused, match="not_editable"):
        operations.save_listing(listing, {"title": "x"}, lang="vi", actor=actor_of(owner))


def test_nobody_reviews_their_own_organisation(app, owner):
    both = make_member("city", organisation=home(owner), staff_role="moderator")
    listing = make_listing("need", organisation=home(owner))
    operations.submit_listing(listing, actor=actor_of(owner))
    with pytest.raises(NotPermitted):
        operations.take_in_hand(listing, actor=actor_of(both))


def test_what_one_has_in_hand_no_other_decides(app, owner, moderator):
    listing = in_review(owner, moderator)
    other = make_staff()
    for verb in (operations.take_in_hand, operations.publish_listing, operations.release):
        with pytest.raises(Refused, match="in_other_hands"):
            verb(listing, actor=actor_of(other))
    operations.release(listing, actor=actor_of(moderator))
    operations.take_in_hand(listing, actor=actor_of(other))
    assert listing.holder_id == other.id


def test_an_amendment_waits_beside_the_published_text(app, owner, moderator):
    listing = published(owner)
    before = listing.live_revision_id
    operations.save_listing(listing, {"title": "Giảm ngập 30 tuyến phố"}, lang="vi", actor=actor_of(owner))
    assert listing.amendment is not None
    assert listing.shown.text("title") != listing.edited.text("title")
    assert listing.edited.codes("sector") == listing.shown.codes("sector")
    operations.submit_listing(listing, actor=actor_of(owner))
    assert (listing.state, listing.amendment.state, index_changes()) == ("published", "submitted", 0)
    operations.take_in_hand(listing, actor=actor_of(moderator))
    operations.publish_listing(listing, actor=actor_of(moderator))
    assert listing.amendment is None
    assert listing.live_revision_id != before
    assert listing.shown.text("title") == "Giảm ngập 30 tuyến phố"
    assert index_changes() == 1


def test_saving_a_published_text_unchanged_makes_nothing(app, owner):
    listing = published(owner)
    assert (
        operations.save_listing(listing, {"title": listing.shown.text("title")}, lang="vi", actor=SYSTEM)
        == []
    )
    assert listing.amendment is None
    with pytest.raises(NotDrawn):
        operations.submit_listing(listing, actor=actor_of(owner))


def test_a_rejected_or_discarded_amendment_leaves_the_live_text(app, owner, moderator):
    listing = published(owner)
    for end in ("rejected", "discarded"):
        operations.save_listing(listing, {"title": f"Tên mới {end}"}, lang="vi", actor=actor_of(owner))
        if end == "rejected":
            operations.submit_listing(listing, actor=actor_of(owner))
            operations.take_in_hand(listing, actor=actor_of(moderator))
            operations.reject_listing(listing, reason="Chưa rõ", actor=actor_of(moderator))
        else:
            operations.discard_amendment(listing, actor=actor_of(owner))
        assert (listing.state, listing.amendment) == ("published", None)
        assert listing.edited.text("title") == "Giảm ngập 20 tuyến phố ven sông"
    assert index_changes() == 0


def test_references_of_a_published_capability_wait_too_and_keep_their_confirmation(app, moderator):
    vendor = make_member("vendor")
    listing = published(vendor, "capability")
    add_reference(listing, client="Old client", year=2020)
    db.session.refresh(listing)
    rows = [{"client": "New client", "year": 2025, "value": Decimal(100_000), "currency": "USD"}]
    rows.append({"client": "Old client", "year": 2020, "country": "VN"})
    operations.save_listing(listing, {"references": rows}, lang="en", actor=actor_of(vendor))
    assert [r.client for r in listing.references] == ["Old client"]
    operations.submit_listing(listing, actor=actor_of(vendor))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    operations.publish_listing(listing, actor=actor_of(moderator))
    db.session.expire_all()
    assert [(r.client, r.confirmation) for r in listing.references] == [
        ("New client", "claimed"),
        ("Old client", "confirmed"),
    ]
    assert listing.references[0].value == 100_000


def test_withdrawing_and_closing(app, owner):
    listing = published(owner)
    with pytest.raises(ReasonMissing):
        operations.withdraw_listing(listing, reason="", actor=actor_of(owner))
    operations.withdraw_listing(listing, reason="Dừng kế hoạch", actor=actor_of(owner))
    assert (listing.state, index_changes()) == ("withdrawn", 1)
    other = published(owner)
    with pytest.raises(ReasonMissing):
        operations.close_listing(other, close_reason="agreed", reason="", actor=actor_of(owner))
    with pytest.raises(Refused, match="unknown_reason"):
        operations.close_listing(other, close_reason="sold", reason="x", actor=actor_of(owner))
    operations.close_listing(other, close_reason="agreed", reason="Đã có đối tác", actor=actor_of(owner))
    assert (other.state, other.close_reason, index_changes()) == ("closed", "agreed", 2)


def test_the_mark_of_the_language_can_be_corrected(app, owner):
    listing = make_listing("need", organisation=home(owner))
    title = listing.edited.text("title")
    assert operations.change_language(listing, "en", actor=actor_of(owner))
    assert (listing.edited.lang, listing.edited.text("title"), listing.edited.langs) == ("en", title, ["en"])


def test_saving_raises_the_version(app, owner):
    listing = make_listing("need", organisation=home(owner))
    before = listing.version
    operations.save_listing(listing, {"conflicts": "Có quan hệ thử nghiệm"}, lang="vi", actor=actor_of(owner))
    assert db.session.get(Listing, listing.id).version > before
