"""Digests: what waits comes in one mail, at the person's own hour, in their language, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
import time_machine
from sqlalchemy import select

from ppp_match import jobs
from ppp_match.db import db
from ppp_match.notifications import choices, delivery, digests, groups, kinds, letters
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, make_listing
from tests.notifications.test_mail import by_smtp, sink  # noqa: F401  fixtures

THURSDAY = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # 10:00 in Hà Nội
NEXT_DAY = datetime(2026, 3, 6, 0, 0, tzinfo=UTC)  # 07:00 there
MONDAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


def reader(frequency="daily", **values):
    person = UserFactory(**{"locale": "en", "timezone": "Asia/Ho_Chi_Minh", **values})
    choices.choose(person.id, dict.fromkeys(groups.GROUPS, frequency))
    return person


def tell(person, *titles, kind="listing.published", subject=None, at=THURSDAY, **params):
    for second, title in enumerate(titles):
        with time_machine.travel(at + timedelta(seconds=second), tick=False):
            notify([person], kind, subject or make_listing(), params={**params, "title": title}, once=title)
    db.session.commit()


def written(at):
    with time_machine.travel(at, tick=False):
        return digests.send_digests()


def digest_rows():
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "digest")).all()


def held_rows():
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind != "digest")).all()


@pytest.mark.parametrize(
    ("zone", "moment", "daily", "weekly"),
    [
        ("Asia/Ho_Chi_Minh", "2026-03-05T23:59", "2026-03-05T00:00", "2026-03-02T00:00"),
        ("Asia/Ho_Chi_Minh", "2026-03-06T00:00", "2026-03-06T00:00", "2026-03-02T00:00"),
        ("Asia/Ho_Chi_Minh", "2026-03-08T23:59", "2026-03-08T00:00", "2026-03-02T00:00"),
        ("Asia/Ho_Chi_Minh", "2026-03-09T00:00", "2026-03-09T00:00", "2026-03-09T00:00"),
        ("Asia/Manila", "2026-03-08T23:30", "2026-03-08T23:00", "2026-03-08T23:00"),
        (
            "Europe/Berlin",
            "2026-03-29T05:30",
            "2026-03-29T05:00",
            "2026-03-23T06:00",
        ),  # the clocks were changed
        ("No/Where", "2026-03-06T00:00", "2026-03-06T00:00", "2026-03-02T00:00"),
    ],
)
def test_when_a_digest_is_due(zone, moment, daily, weekly):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = [digests.last_turn(at, zone, days).astimezone(UTC) for days in (1, 7)]
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in found] == [daily, weekly]


@pytest.mark.both_databases
def test_one_mail_tells_all_that_waits_and_comes_once(app, sink):  # noqa: F811
    person, listing = reader(), make_listing()
    tell(person, "One", "Two", "Three", subject=listing)
    tell(person, "Flood <b>&", kind="watch.withdrawn")
    with time_machine.travel(THURSDAY, tick=False):
        assert delivery.deliver_mail() == 0
    assert written(NEXT_DAY - timedelta(minutes=1)) == 0
    assert written(NEXT_DAY) == 1
    assert written(NEXT_DAY + timedelta(hours=1)) == 0
    with time_machine.travel(NEXT_DAY + timedelta(minutes=5), tick=False):
        assert delivery.deliver_mail() == 1
        assert delivery.deliver_mail() == 0
    ((recipients, mail),) = sink.mails
    assert recipients == [person.email]
    assert mail["Subject"] == "Your digest: 4 notices"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "“Three” (3 notices)" in part or "“Three”</a> (3 notices)" in part
        assert "“One”" not in part
        assert f"https://forum.example/needs/{listing.id}" in part
        assert "https://forum.example/account/notices" in part
    assert "MY ORGANISATION'S NEEDS AND CAPABILITIES" in text
    assert "Flood <b>&" in text
    assert "Flood &lt;b&gt;&amp;" in html
    assert {row.state for row in held_rows()} == {"sent"}
    assert written(NEXT_DAY + timedelta(days=1)) == 0  # nothing waits: no mail
    assert len(digest_rows()) == 1


@pytest.mark.both_databases
def test_a_weekly_digest_comes_on_monday_and_joins_the_daily_one(app):
    person = reader("weekly")
    tell(person, "One")
    assert written(NEXT_DAY) == 0
    tell(person, "Two", kind="partnership.status", at=MONDAY - timedelta(hours=2))  # daily, since it asks
    assert {row.digest for row in held_rows()} == {"weekly", "daily"}
    assert written(MONDAY) == 1
    (digest,) = digest_rows()
    assert {row.digest_id for row in held_rows()} == {digest.id}


def test_each_person_has_their_own_morning(app):
    people = [reader(timezone=zone) for zone in ("Asia/Manila", "Asia/Ho_Chi_Minh")]
    for person in people:
        tell(person, "One")
    assert written(NEXT_DAY - timedelta(minutes=30)) == 1
    assert [row.user_id for row in digest_rows()] == [people[0].id]
    assert written(NEXT_DAY) == 1


def test_who_is_disabled_or_not_reached_gets_none(app):
    disabled, refusing = reader(), reader()
    for person in (disabled, refusing):
        tell(person, "One")
    disabled.active, refusing.mail_refused_at = False, THURSDAY
    db.session.commit()
    assert written(NEXT_DAY) == 0


@pytest.mark.both_databases
@pytest.mark.parametrize("step", ["before", "between", "after"])
def test_killed_midway_a_digest_is_neither_lost_nor_doubled(app, sink, monkeypatch, step):  # noqa: F811
    person = reader()
    tell(person, "One", "Two")
    put_into, killed = digests._put_into, KeyboardInterrupt("killed")
    with monkeypatch.context() as at:
        if step == "before":
            at.setattr(digests, "_put_into", Mock(side_effect=killed))
        elif step == "between":
            at.setattr(digests, "_put_into", lambda digest, rows: (put_into(digest, rows[:1]), 1 / 0))
        else:
            at.setattr(jobs, "wake", Mock(side_effect=killed))
        if step == "between":
            assert written(NEXT_DAY) == 0  # noted in the log; the others get theirs
        else:
            with pytest.raises(KeyboardInterrupt):
                written(NEXT_DAY)
    db.session.rollback()
    assert not digest_rows()
    assert {row.digest_id for row in held_rows()} == {None}
    assert written(NEXT_DAY + timedelta(minutes=10)) == 1
    with monkeypatch.context() as at:
        at.setattr(delivery, "_sent_with", Mock(side_effect=killed))
        with (
            time_machine.travel(NEXT_DAY + timedelta(minutes=11), tick=False),
            pytest.raises(KeyboardInterrupt),
        ):
            delivery.deliver_mail()
    db.session.rollback()
    assert {row.state for row in [*held_rows(), *digest_rows()]} == {"pending"}
    with time_machine.travel(NEXT_DAY + timedelta(minutes=20), tick=False):
        assert digests.send_digests() == 0
        assert delivery.deliver_mail() == 1
    assert {row.state for row in [*held_rows(), *digest_rows()]} == {"sent"}
    assert len({mail["Message-ID"] for _to, mail in sink.mails}) == 1


def test_the_job_runs_by_its_name_and_for_everybody(app, monkeypatch):
    first, second = reader(), reader()
    for person in (first, second):
        tell(person, "One")
    write = digests._write_for
    broken, whole = sorted((first.id, second.id))
    db.session.rollback()

    def sometimes(user_id):
        if user_id == broken:
            raise RuntimeError("no such zone")
        return write(user_id)

    monkeypatch.setattr(digests, "_write_for", sometimes)
    with time_machine.travel(NEXT_DAY, tick=False):
        assert jobs.perform(app, "send_digests") == 1
    assert [row.user_id for row in digest_rows()] == [whole]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_kind_can_stand_in_a_digest(app, by_smtp, locale):  # noqa: F811
    person, listing = reader(locale=locale), make_listing()
    names = [name for name in kinds.KINDS if name.count(".") == 1]
    for name in names:
        notify([person], name, listing, params={"title": f"Title of {name}"})
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id == person.id)).all()
    digest = OutboxMessage(
        user_id=person.id,
        recipient=person.email,
        locale=locale,
        kind="digest",
        context={"subject_id": str(person.id)},
        once="d",
    )
    db.session.add(digest)
    db.session.flush()
    waiting = [row for row in rows if row.digest]
    for row in waiting:  # each about something of its own, so that each has a line
        row.digest_id = digest.id
        row.context = {**row.context, "subject_id": str(row.id)}
    db.session.flush()
    assert len(waiting) > digests.MOST_LINES
    letter = letters.write(digest)
    for part in (letter.text, letter.html):
        assert "%(" not in part
    assert f'<html lang="{locale}">' in letter.html
    links = {word for word in letter.text.split() if word.startswith("http")}
    assert all(link.startswith("https://forum.example/") for link in links)
    assert ("more stand in your inbox" in letter.text) == (locale == "en")
