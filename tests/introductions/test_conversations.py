"""Messages between the two sides of an introduction."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.introductions import operations, queries
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import Notification, OutboxMessage
from tests.factories import actor_of, make_member, make_staff
from tests.introductions.pairs import introduce, kinds_told, make_pair

pytestmark = pytest.mark.both_databases


def test_a_message_reaches_the_other_side_only(app):
    pair = make_pair()
    introduction = introduce(pair)
    colleague = make_member("city", organisation=pair.city.memberships[0].organisation)
    message = operations.write_message(
        introduction, actor=actor_of(pair.city), body="  Xin chào **anh chị**\r\n", lang="vi"
    )
    assert (message.body, message.lang) == ("Xin chào **anh chị**", "vi")
    assert kinds_told(pair.vendor)[-1] == "message.new"
    assert kinds_told(colleague) == []
    assert queries.unread_messages(introduction, actor_of(pair.vendor)) == 1
    assert queries.unread_messages(introduction, actor_of(pair.city)) == 0
    operations.mark_read(introduction, actor=actor_of(pair.vendor))
    assert queries.unread_messages(introduction, actor_of(pair.vendor)) == 0
    stored = [
        *db.session.scalars(select(Notification.params)),
        *db.session.scalars(select(OutboxMessage.context)),
    ]
    assert not any("anh chị" in str(params) for params in stored)


def test_each_message_is_told_once(app):
    pair = make_pair()
    introduction = introduce(pair)
    for body in ("One", "Two"):
        operations.write_message(introduction, actor=actor_of(pair.vendor), body=body, lang="en")
    assert kinds_told(pair.city).count("message.new") == 2


def test_what_is_refused(app):
    pair = make_pair()
    introduction = introduce(pair)
    city = actor_of(pair.city)
    with pytest.raises(Refused, match="message_empty"):
        operations.write_message(introduction, actor=city, body=" \n ")
    with pytest.raises(Refused, match="message_too_long"):
        operations.write_message(introduction, actor=city, body="x" * 4001)
    for person in (make_staff(), make_member("vendor"), make_member("expert")):
        with pytest.raises(NotPermitted):
            operations.write_message(introduction, actor=actor_of(person), body="Hello")
        with pytest.raises(NotPermitted):
            operations.mark_read(introduction, actor=actor_of(person))
    pair.match.need.live.stage = "procure"
    with pytest.raises(Refused, match="need_at_procurement"):
        operations.write_message(introduction, actor=city, body="Hello")
