"""Who looks after what, and notes among moderators: told to colleagues, never to the sides or to who belongs to one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.home.figures import review_load
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.moderation import assignment, notes
from ppp_match.moderation.models import ModerationNote
from ppp_match.notifications.models import Notification
from ppp_match.recommendations import operations
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff

SECRET = "Kín giữa các điều phối viên"


def make_pair():
    need, capability = make_listing("need", state="published"), make_listing("capability", state="published")
    return operations.add_pair(need, capability, actor=actor_of(make_staff()))


@pytest.mark.both_databases
def test_a_colleague_gets_it_and_is_told_once(app):
    listing, chief, colleague = make_listing("need", state="submitted"), make_staff(), make_staff()
    for _ in range(2):
        row = assignment.assign(listing, "listings", colleague, actor=actor_of(chief))
    assert (row.assignee_id, row.by_id) == (colleague.id, chief.id)
    told = db.session.scalars(select(Notification)).one()
    assert (told.kind, told.user_id) == ("moderation.assigned", colleague.id)
    assignment.assign(listing, "listings", chief, actor=actor_of(chief))
    assert assignment.assignment_of(listing.id, "listings").assignee_id == chief.id
    assert len(db.session.scalars(select(Notification)).all()) == 1
    assignment.unassign(listing, "listings", actor=actor_of(colleague))
    assert assignment.assignment_of(listing.id, "listings") is None


@pytest.mark.both_databases
def test_nobody_looks_after_their_own(app):
    listing, chief = make_listing("need", state="submitted"), make_staff()
    own = make_member("city", organisation=listing.organisation, staff_role="moderator")
    for person, code in (
        (own, "assignee_conflict"),
        (make_member("vendor"), "assignee_unknown"),
        (make_staff(active=False), "assignee_unknown"),
        (None, "assignee_unknown"),
    ):
        with pytest.raises(Refused) as refused:
            assignment.assign(listing, "listings", person, actor=actor_of(chief))
        assert refused.value.code == code
    with pytest.raises(NotPermitted):
        assignment.assign(listing, "listings", chief, actor=actor_of(own))


@pytest.mark.both_databases
def test_who_left_the_staff_looks_after_nothing(app):
    need, person = make_listing("need", state="published"), make_staff()
    assignment.assign(need, "matches", person, actor=actor_of(person))
    person.staff_role = None
    db.session.flush()
    assert assignment.assignment_of(need.id, "matches") is None


@pytest.mark.both_databases
def test_notes_reach_colleagues_without_conflict(app):
    match, author, colleague, named = make_pair(), make_staff(), make_staff(), make_staff()
    assignment.assign(match.need, "matches", colleague, actor=actor_of(colleague))
    notes.add_note(match.need, "matches", text=SECRET, actor=actor_of(author), match=match, tell=named)
    told = {row.user_id for row in db.session.scalars(select(Notification))}
    assert told == {colleague.id, named.id}
    own = make_member("vendor", organisation=match.capability.organisation, staff_role="moderator")
    for listing in (match.need, match.capability):
        seen = notes.notes_on(listing, "matches", match, actor=actor_of(colleague))
        assert [note.text for note in seen] == [SECRET]
        assert notes.notes_on(listing, "matches", match, actor=actor_of(own)) == []
    with pytest.raises(NotPermitted):
        notes.add_note(match.need, "matches", text="x", actor=actor_of(own), match=match)
    with pytest.raises(Refused) as refused:
        notes.add_note(match.need, "matches", text="x", actor=actor_of(author), match=match, tell=own)
    assert refused.value.code == "assignee_conflict"
    for text, code in ((" ", "note_empty"), ("x" * 2001, "note_too_long")):
        with pytest.raises(Refused) as refused:
            notes.add_note(match.need, "matches", text=text, actor=actor_of(author))
        assert refused.value.code == code


def test_a_note_outlives_the_pair_it_was_about(app):
    match, author = make_pair(), make_staff()
    notes.add_note(match.need, "matches", text=SECRET, actor=actor_of(author), match=match)
    need = match.need
    db.session.delete(match)
    db.session.commit()
    assert [note.text for note in notes.notes_on(need, "matches", None, actor=actor_of(author))] == [SECRET]


def test_notes_are_written_on_the_pages_and_read_by_no_member(client_of):
    match, client = make_pair(), client_of(make_staff())
    need, capability = match.need, match.capability
    people = [make_member(one.organisation.kind, organisation=one.organisation) for one in (need, capability)]
    own = make_member("vendor", organisation=capability.organisation, staff_role="moderator")
    waiting = make_listing("need", state="submitted", organisation=need.organisation)
    need_id, capability_id, match_id, waiting_id = need.id, capability.id, match.id, waiting.id
    bench = f"/review/matches/{need_id}/note"
    data = {"pair": match_id, "about": "pair", "text": SECRET, "idempotency_key": new_key()}
    empty = client.post(bench, data={**data, "text": " "})
    assert empty.status_code == 422
    assert "Write the note first." in empty.get_data(as_text=True)
    for _ in range(2):
        answer = client.post(f"{bench}?sort=score", data=data)
        assert answer.status_code in (302, 303)
    assert "sort=score" in answer.location
    page = f"/review/listings/{waiting_id}"
    assert client.post(f"{page}/note", data={"text": SECRET, "idempotency_key": new_key()}).status_code in (
        302,
        303,
    )
    assert len(db.session.scalars(select(ModerationNote)).all()) == 2
    for place in (f"/review/matches/need/{need_id}?pair={match_id}", page):
        assert SECRET in client.get(place).get_data(as_text=True)
    assert SECRET not in client_of(own).get(f"/review/matches/need/{need_id}").get_data(as_text=True)
    for person in (*people, None):
        reader = client_of(person) if person else client.application.test_client()
        for place in (
            "/",
            f"/needs/{need_id}",
            f"/capabilities/{capability_id}",
            f"/needs/{waiting_id}",
            "/notices",
            "/suggestions",
            "/offers",
            f"/review/matches/need/{need_id}",
        ):
            assert SECRET not in reader.get(place).get_data(as_text=True), place


def test_it_is_assigned_on_the_pages_and_counted_at_home(client_of):
    match, colleague = make_pair(), make_staff(name="Lê Mai")
    waiting = make_listing("need", state="submitted")
    need_id, waiting_id, who = match.need_id, waiting.id, colleague.id
    client = client_of(make_staff())
    for place in (f"/review/matches/need/{need_id}", f"/review/listings/{waiting_id}"):
        assert client.post(f"{place}/assign", data={"who": who}).status_code == 303
        assert "Lê Mai" in client.get(place).get_data(as_text=True)
        assert client.post(f"{place}/assign", data={"who": "x"}).status_code == 409
    page = client_of(colleague).get("/").get_data(as_text=True)
    assert "Listings assigned to you (1)" in page
    assert "Needs assigned to you (1)" in page
    for again in ("nobody", who):  # taken away and given once more
        assert client.post(f"/review/listings/{waiting_id}/assign", data={"who": again}).status_code == 303
    load = review_load(actor_of(colleague))
    assert load.oldest_need_of_mine < load.oldest_listing_of_mine  # each queue tells its own wait
    assert client.post(f"/review/matches/need/{need_id}/assign", data={"who": "nobody"}).status_code == 303
    assert "Needs assigned to you" not in client_of(colleague).get("/").get_data(as_text=True)
