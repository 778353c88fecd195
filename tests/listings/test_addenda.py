"""Addenda: numbered when published, lasting, reviewed; a date that can only be put off; who reads which."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.db import db, now, today
from ppp_match.lifecycle import NotDrawn, NotPermitted, ReasonMissing, Refused
from ppp_match.listings import addenda, operations
from ppp_match.listings.models_addenda import Addendum
from ppp_match.notifications.models import Notification
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.walk.test_at_once import together

TEXT = {"vi": "Bản đồ có **tỷ lệ** 1:2000.", "en": "The map is at 1:2000."}


@pytest.fixture
def owner(app):
    return make_member("city", locale="en")


@pytest.fixture
def moderator(app):
    return make_staff()


def home(person):
    return person.memberships[0].organisation


def published(owner, **values):
    return make_listing("need", state="published", organisation=home(owner), **values)


def added(listing, owner, moderator=None, kind="clarification", **values):
    """An addendum sent for review, published where a moderator is given."""
    actor = actor_of(owner)
    made = addenda.create_addendum(listing, kind=kind, texts=TEXT, actor=actor, **values)
    addenda.submit_addendum(made, actor=actor)
    if moderator is not None:
        addenda.publish_addendum(made, actor=actor_of(moderator))
    return made


def told(kind):
    return db.session.scalar(select(func.count(Notification.id)).where(Notification.kind == kind))


@pytest.mark.both_databases
def test_numbers_rise_in_the_order_of_publication(app, owner, moderator):
    need = published(owner)
    first, second = added(need, owner), added(need, owner)
    addenda.publish_addendum(second, actor=actor_of(moderator))
    addenda.publish_addendum(first, actor=actor_of(moderator))
    assert (second.number, first.number) == (1, 2)
    assert [one.number for one in addenda.addenda_of(need, known=False, own=False)] == [2, 1]
    assert (told("addendum.submitted"), told("addendum.published")) == (2, 2)
    assert audit.first_broken_event() is None


@pytest.mark.both_databases
def test_what_is_published_stays(app, owner, moderator):
    done = added(published(owner), owner, moderator)
    actor = actor_of(owner)
    with pytest.raises(Refused, match="not_editable"):
        addenda.save_addendum(done, kind="correction", texts={"vi": "Khác"}, actor=actor)
    for verb in (addenda.discard_addendum, addenda.recall_addendum, addenda.submit_addendum):
        with pytest.raises(NotDrawn):
            verb(done, actor=actor)
    with pytest.raises(NotDrawn):
        addenda.publish_addendum(done, actor=actor_of(moderator))
    assert (done.number, done.text_vi) == (1, TEXT["vi"])


@pytest.mark.both_databases
def test_returned_with_a_remark_and_sent_again(app, owner, moderator):
    made = added(published(owner), owner)
    with pytest.raises(ReasonMissing):
        addenda.return_addendum(made, remark=" ", actor=actor_of(moderator))
    addenda.return_addendum(made, remark="Nguồn?", actor=actor_of(moderator))
    assert (made.state, made.remark, told("addendum.returned")) == ("returned", "Nguồn?", 1)
    addenda.save_addendum(made, kind="correction", texts={"vi": "Theo báo cáo 2026."}, actor=actor_of(owner))
    addenda.submit_addendum(made, actor=actor_of(owner))
    addenda.publish_addendum(made, actor=actor_of(moderator))
    assert (made.state, made.number, made.remark, made.kind) == ("published", 1, "", "correction")


def test_who_may(app, owner, moderator):
    need = published(owner)
    stranger = make_member("city")
    both = make_member("city", organisation=home(owner), staff_role="moderator")
    with pytest.raises(NotPermitted):
        addenda.create_addendum(need, kind="correction", texts=TEXT, actor=actor_of(stranger))
    made = added(need, owner)
    for actor in (actor_of(owner), actor_of(both), actor_of(stranger)):
        with pytest.raises(NotPermitted):
            addenda.publish_addendum(made, actor=actor)
    assert (made.state, made.number, made.published_at) == ("submitted", None, None)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "gossip"}, "unknown_addendum_kind"),
        ({"texts": {"vi": "  "}}, "addendum_text_missing"),
        ({"response_until": today() + timedelta(days=89)}, "date_not_later"),
        ({"response_until": today() + timedelta(days=90)}, "date_not_later"),
        ({"response_until": today() - timedelta(days=1)}, "date_is_past"),
    ],
)
def test_what_is_refused(app, owner, values, code):
    need = published(owner)
    given = {"kind": "clarification", "texts": TEXT, "actor": actor_of(owner), **values}
    with pytest.raises(Refused, match=code):
        addenda.create_addendum(need, **given)
    db.session.flush()
    assert db.session.scalar(select(func.count(Addendum.id))) == 0


@pytest.mark.parametrize("state", ["draft", "submitted", "closed", "withdrawn"])
def test_only_a_published_text_gets_addenda(app, owner, state):
    need = make_listing("need", state="published" if state == "closed" else state, organisation=home(owner))
    if state == "closed":
        operations.close_listing(need, close_reason="agreed", reason="Xong", actor=actor_of(owner))
    with pytest.raises(Refused, match="addendum_needs_published"):
        addenda.create_addendum(need, kind="clarification", texts=TEXT, actor=actor_of(owner))


def test_a_capability_has_no_last_day(app, moderator):
    vendor = make_member("vendor")
    offer = make_listing("capability", state="published", organisation=home(vendor))
    day = today() + timedelta(days=900)
    with pytest.raises(Refused, match="date_not_of_capability"):
        addenda.create_addendum(
            offer, kind="clarification", texts=TEXT, response_until=day, actor=actor_of(vendor)
        )
    assert added(offer, vendor, moderator).number == 1


@pytest.mark.both_databases
def test_a_later_day_is_a_version_and_a_waiting_change_takes_it_over(app, owner, moderator):
    need = published(owner)
    before = need.shown.response_until
    operations.save_listing(
        need, {"title": "Giảm ngập 40 tuyến phố ven sông"}, lang="vi", actor=actor_of(owner)
    )
    amendment, day = need.amendment, before + timedelta(days=30)
    done = added(need, owner, moderator, kind="dates", response_until=day)
    assert need.shown.response_until == day
    assert done.revision_id == need.live_revision_id
    assert need.amendment is amendment
    assert amendment.response_until == day
    assert need.shown.text("title") != amendment.text("title")
    operations.submit_listing(need, actor=actor_of(owner))
    operations.take_in_hand(need, actor=actor_of(moderator))
    operations.publish_listing(need, actor=actor_of(moderator))
    assert (need.shown.response_until, need.amendment) == (day, None)
    db.session.expire_all()
    assert len([r for r in need.revisions if r.state == "accepted"]) == 3


def test_a_day_that_was_overtaken_is_not_published(app, owner, moderator):
    need = published(owner)
    near, far = (need.shown.response_until + timedelta(days=n) for n in (10, 40))
    late = added(need, owner, kind="dates", response_until=near)
    added(need, owner, moderator, kind="dates", response_until=far)
    with pytest.raises(Refused, match="date_not_later"):
        addenda.publish_addendum(late, actor=actor_of(moderator))
    assert (late.state, late.number, need.shown.response_until) == ("submitted", None, far)


def test_one_origin_gives_one_addendum(app, owner):
    need, origin = published(owner), ("question", uuid.uuid4())
    made = [
        addenda.create_addendum(need, kind="answer", texts=TEXT, origin=origin, actor=actor_of(owner))
        for _ in range(2)
    ]
    assert made[0] is made[1]
    assert (made[0].origin_type, made[0].origin_id) == origin


@pytest.mark.both_databases
@pytest.mark.parametrize("end", ["closed", "withdrawn"])
def test_the_end_of_a_listing_ends_what_waits(app, owner, moderator, end):
    need = published(owner)
    done, waiting = added(need, owner, moderator), added(need, owner)
    assert len(addenda.waiting_for_review()) == 1
    if end == "closed":
        operations.close_listing(need, close_reason="agreed", reason="Xong", actor=actor_of(owner))
    else:
        operations.withdraw_listing(need, reason="Thôi", actor=actor_of(owner))
    assert (done.state, waiting.state) == ("published", "discarded")
    assert addenda.waiting_for_review() == []


def test_addenda_of_an_open_time_stay_hidden_once_the_city_is_withheld(
    app, client, owner, moderator, client_of
):
    need = published(owner)
    added(need, owner, moderator)
    need.live.anonymous = True
    db.session.flush()
    later = addenda.create_addendum(
        need, kind="correction", texts={"vi": "Ba phường, không phải bốn."}, actor=actor_of(owner)
    )
    addenda.submit_addendum(later, actor=actor_of(owner))
    addenda.publish_addendum(later, actor=actor_of(moderator))
    page = client.get(f"/needs/{need.id}").get_data(as_text=True)
    assert "Ba phường" in page
    assert "1:2000" not in page
    assert "1:2000" in client_of(owner).get(f"/needs/{need.id}").get_data(as_text=True)


# --- pages -------------------------------------------------------------------------------------------------------


def test_from_form_to_public_page(client, client_of, owner, moderator):
    need = published(owner)
    base, writer, forum = f"/needs/{need.id}", client_of(owner), client_of(moderator)
    data = {
        "kind": "clarification",
        "text_vi": TEXT["vi"],
        "text_en": TEXT["en"],
        "idempotency_key": new_key(),
    }
    assert writer.post(f"{base}/addenda/new", data={**data, "then": "submit"}).status_code == 303
    assert writer.post(f"{base}/addenda/new", data={**data, "then": "submit"}).status_code == 302
    made = db.session.scalars(select(Addendum)).one()
    assert "1:2000" not in client.get(base).get_data(as_text=True)
    assert "Waits for review" in writer.get(base).get_data(as_text=True)
    queue = forum.get("/review/listings?lang=en").get_data(as_text=True)
    assert f"/review/addenda/{made.id}" in queue
    assert "1 waits" in queue
    review = f"/review/addenda/{made.id}"
    assert "<strong>tỷ lệ</strong>" in forum.get(review).get_data(as_text=True)
    assert forum.post(review, data={"do": "return", "return-words": " "}).status_code == 422
    assert forum.post(review, data={"do": "publish"}).status_code == 303
    page = client.get(f"{base}?lang=en").get_data(as_text=True)
    assert "Addendum 1" in page
    assert "The map is at 1:2000." in page
    assert '<div class="prose" lang="vi">' in page
    assert forum.get(review).status_code == 303
    assert forum.post(review, data={"do": "publish"}).status_code == 303
    db.session.expire_all()
    assert db.session.scalar(select(func.max(Addendum.number))) == 1


def test_a_shorter_day_is_refused_beside_its_field_and_keeps_what_was_typed(client_of, owner):
    need = published(owner)
    data = {
        "kind": "dates",
        "text_vi": "Rút <ngắn>",
        "response_until": (now() + timedelta(days=5)).date().isoformat(),
        "idempotency_key": new_key(),
    }
    answer = client_of(owner).post(f"/needs/{need.id}/addenda/new?lang=en", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#response_until"' in page
    assert "can only be put off" in page
    assert "Rút &lt;ngắn&gt;" in page


def test_a_stale_form_of_an_addendum_loses_nothing(client_of, owner):
    need = published(owner)
    made = addenda.create_addendum(need, kind="clarification", texts={"vi": "Một"}, actor=actor_of(owner))
    writer, address = client_of(owner), f"/needs/{need.id}/addenda/{made.id}"
    form = {"kind": "clarification", "version": str(made.version)}
    assert writer.post(address, data={**form, "text_vi": "Hai"}).status_code == 303
    late = writer.post(address, data={**form, "text_vi": "Ba"})
    assert late.status_code == 409
    assert "Hai" in late.get_data(as_text=True)
    assert "Ba</textarea>" in late.get_data(as_text=True)


def test_another_ones_addendum_does_not_exist(client_of, owner):
    need, other = published(owner), published(make_member("city"))
    made = addenda.create_addendum(need, kind="clarification", texts=TEXT, actor=actor_of(owner))
    client = client_of(owner)
    assert client.get(f"/needs/{other.id}/addenda/{made.id}").status_code == 403
    assert client.get(f"/needs/{published(owner).id}/addenda/{made.id}").status_code == 404
    vendor = client_of(make_member("vendor"))
    assert vendor.post(f"/needs/{need.id}/addenda/{made.id}/submit").status_code == 403


@pytest.mark.both_databases
def test_two_moderators_publish_one_addendum_once(client_of, owner):
    made = added(published(owner), owner)
    path, moderators = f"/review/addenda/{made.id}", [make_staff(), make_staff()]
    statuses = together(*((client_of(one), path, {"do": "publish"}) for one in moderators))
    assert statuses == [303, 303]
    done = select(func.count()).where(audit.AuditEvent.action == "addendum.published")
    assert db.session.scalar(done) == 1
    assert db.session.scalar(select(func.count(Addendum.id)).where(Addendum.number == 1)) == 1
