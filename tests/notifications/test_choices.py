"""Choices: what each person wants by mail, and what comes whatever they want."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.notifications import choices, groups, kinds
from ppp_match.notifications.models import NoticeChoice, Notification, OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory, make_listing, make_staff

TITLE = {"title": "Giảm ngập 20 tuyến phố"}


def mail_of(person) -> OutboxMessage:
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id == person.id)).one()


@pytest.mark.parametrize("name", [*kinds.KINDS, *kinds.ACCOUNT_KINDS])
def test_every_kind_belongs_to_a_group(name):
    kind, _dot, side = name.rpartition(".") if name.count(".") == 2 else (name, "", "")
    group = groups.group_of(kind, {"side": side} if side else {})
    assert group in groups.GROUPS or group == groups.ACCOUNT
    assert (group == groups.ACCOUNT) >= (name in kinds.ACCOUNT_KINDS)


def test_what_asks_by_a_day_stands_in_a_group_that_says_so():
    assert set(kinds.KINDS) >= groups.ASKING
    for kind in groups.ASKING:
        assert groups.GROUPS[groups.group_of(kind, {})].asks, kind
    for code, group in groups.GROUPS.items():
        assert group.asks == (code in {groups.group_of(kind, {}) for kind in groups.ASKING})


@pytest.mark.parametrize(
    ("kind", "chosen", "goes"),
    [
        ("listing.published", {}, "at_once"),
        ("watch.changed", {}, "daily"),
        ("watch.changed", {"watching": "at_once"}, "at_once"),
        ("message.new", {"messages": "off"}, "off"),
        ("offer.asked", {"pairs": "off"}, "daily"),
        ("offer.asked", {"pairs": "weekly"}, "daily"),
        ("offer.asked", {"pairs": "at_once"}, "at_once"),
        ("offer.declined", {"pairs": "off"}, "off"),
        ("partnership.status", {"partnerships": "weekly"}, "daily"),
        ("copy.ready", {"organisation": "off"}, "at_once"),
        ("account.password_changed", {}, "at_once"),
    ],
)
def test_how_a_notice_goes(kind, chosen, goes):
    assert groups.frequency_of(kind, {}, chosen) == goes


@pytest.mark.both_databases
def test_each_person_is_told_as_they_chose(app):
    people = {one: UserFactory() for one in groups.FREQUENCIES}
    for frequency, person in people.items():
        choices.choose(person.id, {"listings": frequency})
    notify(people.values(), "listing.published", make_listing(), params=TITLE)
    rows = {one: mail_of(person) for one, person in people.items()}
    assert {one: (row.state, row.digest, row.last_error) for one, row in rows.items()} == {
        "at_once": ("pending", "", ""),
        "daily": ("pending", "daily", ""),
        "weekly": ("pending", "weekly", ""),
        "off": ("sent", "", choices.NOT_MAILED),
    }
    assert db.session.scalar(select(func.count()).select_from(Notification)) == 4


@pytest.mark.both_databases
def test_what_waits_follows_a_new_choice(app):
    person = UserFactory()
    choices.choose(person.id, {"listings": "weekly"})
    notify([person], "listing.published", make_listing(), params=TITLE)
    for chosen, digest, state in (("daily", "daily", "pending"), ("at_once", "", "pending")):
        choices.choose(person.id, {"listings": chosen})
        assert (mail_of(person).digest, mail_of(person).state) == (digest, state)
    choices.choose(person.id, {"listings": "off"})
    assert mail_of(person).state == "pending"  # on its way already
    assert db.session.scalar(select(func.count()).select_from(NoticeChoice)) == 1


def test_what_nobody_offers_cannot_be_chosen(app):
    person = UserFactory()
    for wrong in ({"account": "off"}, {"listings": "never"}):
        with pytest.raises(Refused, match="notice_choice_unknown"):
            choices.choose(person.id, wrong)


def test_the_page_keeps_what_is_chosen_and_says_what_always_comes(app, client_of):
    person = UserFactory(locale="en")
    client = client_of(person)
    page = client.get("/account/notices").get_data(as_text=True)
    assert "always come at once" in page
    assert "in the daily digest at the latest" in page
    assert 'name="watching"' in page
    assert 'name="forum"' not in page
    assert 'name="forum"' in client_of(make_staff()).get("/account/notices").get_data(as_text=True)
    codes = [code for code, group in groups.GROUPS.items() if not group.staff]
    values = dict.fromkeys(codes, "weekly")
    refused = client.post("/account/notices", data={**values, "pairs": "sometimes"})
    assert refused.status_code == 422
    assert "Choose one of the values in the list." in refused.get_data(as_text=True)
    assert client.post("/account/notices", data={**values, "forum": "off"}).status_code == 303
    assert choices.choices_of([person.id])[person.id] == values
    assert page.count("selected") == len(codes)
    assert client.get("/account/notices").get_data(as_text=True).count('selected value="weekly"') == len(
        codes
    )
