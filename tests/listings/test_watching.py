"""Watching: who may, who is told what, once and in their language; what disappears from the list says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted
from ppp_match.listings import addenda, operations, watching
from ppp_match.listings.models_addenda import Watch
from ppp_match.notifications import kinds
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.permissions import VISITOR
from tests.factories import UserFactory, actor_of, make_listing, make_member, make_staff
from tests.listings.test_differences import amended, home

pytestmark = pytest.mark.both_databases


@pytest.fixture
def owner(app):
    return make_member("city")


@pytest.fixture
def moderator(app):
    return make_staff()


@pytest.fixture
def reader(app):
    return UserFactory(locale="vi")


@pytest.fixture
def need(owner, reader):
    found = make_listing("need", state="published", organisation=home(owner))
    watching.watch(found, actor=actor_of(reader))
    return found


def told(person, like="watch.%"):
    rows = db.session.scalars(
        select(Notification)
        .where(Notification.user_id == person.id, Notification.kind.like(like))
        .order_by(Notification.created_at)
    )
    return list(rows)


def words(app, notice, lang):
    with app.test_request_context(), force_locale(lang):
        return kinds.sentence(notice.kind, notice.params)


def test_watching_twice_is_one_watch(app, need, reader):
    watching.watch(need, actor=actor_of(reader))
    assert db.session.scalar(select(func.count()).select_from(Watch)) == 1
    assert watching.unwatch(need.id, actor=actor_of(reader))
    assert not watching.unwatch(need.id, actor=actor_of(reader))
    with pytest.raises(NotPermitted):
        watching.watch(need, actor=VISITOR)


def test_an_accepted_change_is_told_once_with_what_changed(app, need, owner, moderator, reader):
    watching.watch(need, actor=actor_of(owner))  # of the own organisation: told by its own notices
    amended(need, owner, moderator, title="Giảm ngập 30 tuyến phố", stage="appraise")
    (notice,) = told(reader)
    assert "Giảm ngập 30 tuyến phố" in words(app, notice, "en")
    assert "Title of the need; Project stage" in words(app, notice, "en")
    assert "Giai đoạn" in words(app, notice, "vi")
    assert told(owner) == []
    mail = select(func.count(OutboxMessage.id)).where(OutboxMessage.user_id == reader.id)
    assert db.session.scalar(mail) == 1
    assert db.session.scalar(select(OutboxMessage.locale).where(OutboxMessage.user_id == reader.id)) == "vi"


def test_a_change_that_only_hidden_things_made_is_not_told(app, owner, moderator, reader):
    need = make_listing("need", state="published", organisation=home(owner), anonymous=True)
    watching.watch(need, actor=actor_of(reader))
    amended(need, owner, moderator, contact_unit="Một phòng khác")
    assert told(reader) == []
    amended(need, owner, moderator, contact_unit="Một phòng nữa", community="Đã họp")
    (notice,) = told(reader)
    assert "Contact" not in words(app, notice, "en")


def test_another_last_day_is_said_in_the_same_notice(app, need, owner, moderator, reader):
    day = need.shown.response_until + timedelta(days=20)
    amended(need, owner, moderator, response_until=day)
    (notice,) = told(reader)
    assert f"{day:%d/%m/%Y}" in words(app, notice, "vi")
    later = day + timedelta(days=20)
    made = addenda.create_addendum(
        need, kind="dates", texts={"vi": "Lùi."}, response_until=later, actor=actor_of(owner)
    )
    addenda.submit_addendum(made, actor=actor_of(owner))
    addenda.publish_addendum(made, actor=actor_of(moderator))
    _first, second = told(reader)
    assert second.kind == "watch.addendum"
    assert f"{later:%d/%m/%Y}" in words(app, second, "vi")
    assert f"{later.day} {later:%B %Y}" in words(app, second, "en")


@pytest.mark.parametrize("end", ["closed", "withdrawn"])
def test_the_end_is_told(app, client_of, need, owner, reader, end):
    client = client_of(reader)
    if end == "closed":
        operations.close_listing(need, close_reason="agreed", reason="Xong", actor=actor_of(owner))
    else:
        operations.withdraw_listing(need, reason="Lý do riêng", actor=actor_of(owner))
    assert [notice.kind for notice in told(reader)] == [f"watch.{end}"]
    page = client.get("/watching?lang=en").get_data(as_text=True)
    title = need.shown.text("title")
    assert (title in page) == (end == "closed")
    assert ("withdrawn by its owner" in page) == (end == "withdrawn")
    assert "Lý do riêng" not in page
    taken = client.post(f"/needs/{need.id}/watch", data={"on": "0", "back": "list"})
    assert (taken.status_code, taken.location) == (303, "/watching")
    assert need.label not in client.get("/watching").get_data(as_text=True)


def test_the_button_and_the_list(app, client, client_of, owner):
    need = make_listing("need", state="published", organisation=home(owner))
    person, base = client_of(UserFactory()), f"/needs/{need.id}"
    assert "You watch nothing yet" in person.get("/watching?lang=en").get_data(as_text=True)
    assert 'name="on" value="1"' in person.get(base).get_data(as_text=True)
    assert person.post(f"{base}/watch", data={"on": "1"}).status_code == 303
    assert 'name="on" value="0"' in person.get(base).get_data(as_text=True)
    assert need.shown.text("title") in person.get("/watching").get_data(as_text=True)
    assert person.post(f"{base}/watch", data={"on": "0"}).status_code == 303
    assert need.label not in person.get("/watching").get_data(as_text=True).split("<main", 1)[1]
    for other in (client, client_of(owner)):
        assert 'name="on"' not in other.get(base).get_data(as_text=True)
    assert client.post(f"{base}/watch", data={"on": "1"}).status_code == 302
    draft = make_listing("need", organisation=home(owner))
    assert person.post(f"/needs/{draft.id}/watch", data={"on": "1"}).status_code == 404


def test_an_anonymous_need_stays_anonymous_in_notices_and_list(app, client_of, owner, moderator, reader):
    need = make_listing("need", state="published", organisation=home(owner), anonymous=True)
    watching.watch(need, actor=actor_of(reader))
    amended(need, owner, moderator, community="Đã họp")
    page = client_of(reader).get("/watching?lang=en").get_data(as_text=True)
    assert "A city in Viet Nam" in page
    for notice in told(reader):
        said = str(notice.params) + words(app, notice, "vi")
        assert "Hồ Chí Minh" not in said
        assert home(owner).name_vi not in said
