"""One decision on several pairs or texts: each by itself, none half done, and what was refused is named."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from ppp_match.audit import first_broken_event
from ppp_match.db import db
from ppp_match.lifecycle import ReasonMissing
from ppp_match.listings.models import Listing
from ppp_match.moderation import deciding
from ppp_match.moderation.models import Assignment
from ppp_match.recommendations import operations
from ppp_match.recommendations.models import Match, MatchDecision
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.walk.test_at_once import together as at_the_same_moment

pytestmark = pytest.mark.both_databases


def make_pairs(number=3):
    need = make_listing("need", state="published")
    by = actor_of(make_staff())
    return [
        operations.add_pair(need, make_listing("capability", state="published"), actor=by)
        for _ in range(number)
    ]


def ticked(matches, state="suggested"):
    return [f"{match.id}:{state}" for match in matches]


def test_several_are_decided_with_one_reason(app):
    matches, moderator = make_pairs(), actor_of(make_staff())
    batch = uuid.uuid4()
    seen = dict.fromkeys([match.id for match in matches], "suggested")
    decision = deciding.Decision("reject", "wrong_place", "Too far.")
    outcomes = deciding.decide_together(seen, decision, actor=moderator, batch_id=batch)
    assert [one.refused for one in outcomes] == ["", "", ""]
    rows = db.session.scalars(select(MatchDecision)).all()
    assert {(row.to_state, row.reason_code, row.note, row.batch_id) for row in rows} == {
        ("rejected", "wrong_place", "Too far.", batch)
    }
    assert [one.refused for one in deciding.undo_together(batch, actor=moderator)] == ["", "", ""]
    assert {match.state for match in matches} == {"suggested"}


def test_one_that_cannot_be_decided_holds_nobody_up(app):
    free, stale, own, gone = *make_pairs(3), uuid.uuid4()
    person = make_member("vendor", organisation=own.capability.organisation, staff_role="moderator")
    operations.hold_match(stale, actor=actor_of(make_staff()), note="Waits.")
    seen = {free.id: "suggested", stale.id: "suggested", own.id: "suggested", gone: "suggested"}
    outcomes = deciding.decide_together(
        seen, deciding.Decision("shortlist"), actor=actor_of(person), batch_id=uuid.uuid4()
    )
    assert [one.refused for one in outcomes] == ["", "decided_already", "own_pair", "gone"]
    assert (free.state, stale.state, own.state) == ("shortlisted", "on_hold", "suggested")


@pytest.mark.parametrize("decision", [("hold", "", ""), ("reject", "", ""), ("reject", "other", "")])
def test_without_a_reason_nothing_is_decided(app, decision):
    matches = make_pairs(2)
    seen = {match.id: "suggested" for match in matches}
    with pytest.raises(ReasonMissing):
        deciding.decide_together(
            seen, deciding.Decision(*decision), actor=actor_of(make_staff()), batch_id=uuid.uuid4()
        )
    assert {match.state for match in matches} == {"suggested"}


def test_the_page_says_what_became_of_each(client_of):
    first, second = make_pairs(2)
    client, address = client_of(make_staff()), f"/review/matches/together/{first.need_id}?sort=score"
    none = client.post(address, data={"t-d": "shortlist"})
    assert none.status_code == 422
    assert "Tick at least one pair" in none.get_data(as_text=True)
    data = {"t-d": "hold", "t-pair": ticked([first]), "t-note": ""}
    bare = client.post(address, data=data)
    page = bare.get_data(as_text=True)
    assert bare.status_code == 422
    assert "Say in the note what the pairs wait for." in page
    assert f'value="{first.id}:suggested"' in page.split(" checked")[0][-400:]
    data = {"t-d": "shortlist", "t-pair": [*ticked([first]), *ticked([second], "on_hold")]}
    done = client.post(address, data=data)
    assert done.status_code == 303
    assert "sort=score" in done.location
    page = client.get(done.location).get_data(as_text=True)
    assert "The pair is on the short list." in page
    assert "Somebody else decided on it first" in page
    again = client.post(address, data={"t-d": "shortlist", "t-pair": ticked([first])})
    page = client.get(again.location).get_data(as_text=True)
    assert "You have decided on this pair already; it stays as it is." in page
    assert "Somebody else" not in page
    other = client_of(make_staff())
    late = other.post(address, data={"t-d": "shortlist", "t-pair": ticked([first])})
    assert "Somebody else decided on it first" in other.get(late.location).get_data(as_text=True)


def test_a_pair_of_another_bench_is_not_touched(client_of):
    (here,), (elsewhere,) = make_pairs(1), make_pairs(1)
    client = client_of(make_staff())
    answer = client.post(
        f"/review/matches/together/{here.need_id}", data={"t-d": "shortlist", "t-pair": ticked([elsewhere])}
    )
    assert answer.status_code == 422
    assert db.session.get(Match, elsewhere.id).state == "suggested"


def test_two_moderators_decide_on_the_same_pairs(client_of):
    matches = make_pairs(3)
    ids, path = [match.id for match in matches], f"/review/matches/together/{matches[0].need_id}"
    there, back = ticked(matches), ticked(reversed(matches))
    statuses = at_the_same_moment(
        (client_of(make_staff()), path, {"t-d": "shortlist", "t-pair": there}),
        (client_of(make_staff()), path, {"t-d": "reject", "t-reason": "not_now", "t-pair": back}),
    )
    assert statuses == [303, 303]
    found = db.session.scalars(select(Match).where(Match.id.in_(ids))).all()
    assert {match.state for match in found} in ({"shortlisted"}, {"rejected"})
    assert [len(match.decisions) for match in found] == [1, 1, 1]
    assert first_broken_event() is None


def test_texts_are_taken_and_assigned_together(client_of):
    person, colleague = make_staff(), make_staff(name="Lê Mai")
    listings = [make_listing("need", state="submitted") for _ in range(2)]
    held = make_listing("capability", state="submitted")
    held.holder_id, held.held_since, held.state = colleague.id, held.submitted_at, "in_review"
    client, address = client_of(person), "/review/listings/together"
    ids = [listing.id for listing in (*listings, held)]
    answer = client.post(f"{address}?sort=newest", data={"do": "take", "listing": ids})
    assert "sort=newest" in answer.location
    page = client.get(answer.location).get_data(as_text=True)
    assert "2 texts are in your hands." in page
    assert "Another moderator has this text in hand." in page
    assert {db.session.get(Listing, one.id).holder_id for one in listings} == {person.id}
    client.post(address, data={"do": "assign", "listing": ids, "who": colleague.id})
    assert {row.assignee_id for row in db.session.scalars(select(Assignment))} == {colleague.id}
    client.post(address, data={"do": "assign", "listing": ["x"], "who": "x"})
    assert len(db.session.scalars(select(Assignment)).all()) == 3
