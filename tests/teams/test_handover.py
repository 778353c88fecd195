"""Handing over: chosen, previewed, done once; told, recorded, shown in the history of each listing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ppp_match.accounts.models import Organisation, User
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.listings import operations as listings
from ppp_match.teams import operations
from ppp_match.teams.models import Handover
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.introductions.pairs import introduce, make_pair, offer_of
from tests.introductions.test_at_once import at_once
from tests.teams.crews import actions_on, make_crew, text_of, told


def hand(crew, to, by, listing=None):
    return operations.hand_over(
        crew.home,
        crew.member,
        successor=to,
        listings=[(listing or crew.need).id],
        note="Call the pumping station.",
        actor=actor_of(by),
    )


def test_a_new_listing_belongs_to_whoever_begins_it(app):
    crew = make_crew()
    made = listings.create_listing("need", organisation=crew.home, lang="vi", actor=actor_of(crew.colleague))
    assert made.responsible_id == crew.colleague.id


@pytest.mark.both_databases
def test_an_owner_hands_over_what_a_member_holds(app):
    crew = make_crew()
    version = crew.need.version
    handover = hand(crew, crew.colleague, crew.owner)
    db.session.commit()
    db.session.refresh(crew.need)
    assert crew.need.responsible_id == crew.colleague.id
    assert crew.need.version == version  # an open form of the text is not stale for it
    assert (handover.from_id, handover.to_id, handover.by_id) == (
        crew.member.id,
        crew.colleague.id,
        crew.owner.id,
    )
    assert told(crew.colleague) == ["handover.received"]
    assert told(crew.member) == ["handover.given"]
    assert told(crew.owner) == []
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_id == crew.need.id)).one()
    assert event.action == "listing.handed_over"
    assert event.note.personal == {"from": str(crew.member.id), "to": str(crew.colleague.id)}
    assert event.note.reason == "Call the pumping station."


@pytest.mark.both_databases
def test_two_hand_over_the_same_at_once(app):
    crew = make_crew()
    home, need, giver = crew.home.id, crew.need.id, crew.member.id

    def deed(by, to):
        def run():
            operations.hand_over(
                db.session.get_one(Organisation, home),
                db.session.get_one(User, giver),
                successor=db.session.get_one(User, to),
                listings=[need],
                note="",
                actor=actor_of(db.session.get_one(User, by)),
            )

        return run

    outcomes = at_once(app, deed(crew.owner.id, crew.colleague.id), deed(giver, crew.second.id))
    assert outcomes == ["done", "not_theirs"]
    assert db.session.scalar(select(func.count()).select_from(Handover)) == 1


def test_what_is_not_theirs_is_not_handed_over(app):
    crew, other = make_crew(), make_crew()
    for listing in (other.need, make_listing("need", organisation=crew.home)):
        with pytest.raises(Refused, match="not_theirs"):
            hand(crew, crew.colleague, crew.owner, listing)
    with pytest.raises(Refused, match="nothing_chosen"):
        operations.hand_over(
            crew.home, crew.member, successor=crew.colleague, listings=[], note="", actor=actor_of(crew.owner)
        )
    with pytest.raises(Refused, match="successor_unfit"):
        hand(crew, make_member("city"), crew.owner)
    with pytest.raises(Refused, match="note_too_long"):
        operations.hand_over(
            crew.home,
            crew.member,
            successor=crew.colleague,
            listings=[crew.need.id],
            note="x" * 1001,
            actor=actor_of(crew.owner),
        )


def test_choose_preview_hand_over(client_of):
    crew = make_crew()
    kept = make_listing("need", state="draft", organisation=crew.home)
    kept.responsible_id = crew.member.id
    db.session.flush()
    client = client_of(crew.member)
    path = f"/organisations/{crew.home.id}/team/{crew.member.id}/handover"
    page = text_of(client.get(f"{path}?lang=en&item={crew.need.id}"))
    assert page.count(" checked>") == 1
    assert text_of(client.get(path)).count(" checked>") == 2
    assert "Does the contact still hold?" in page
    typed = {
        "items": str(crew.need.id),
        "successor": str(crew.colleague.id),
        "note": "Call the **pumping** station.",
        "idempotency_key": new_key(),
    }
    refused = client.post(f"{path}?lang=en", data={"idempotency_key": new_key(), "do": "preview"})
    assert refused.status_code == 422
    assert "Choose at least one item to hand over." in text_of(refused)
    preview = client.post(f"{path}?lang=en", data={**typed, "do": "preview"})
    assert preview.status_code == 200
    assert "This moves to Colleague Four" in text_of(preview)
    assert kept.label not in text_of(preview).split("<main")[1]
    db.session.refresh(crew.need)
    assert crew.need.responsible_id == crew.member.id
    first = client.post(path, data={**typed, "do": "hand_over"})
    again = client.post(path, data={**typed, "do": "hand_over"})
    assert first.status_code == 303
    assert again.location == first.location
    assert db.session.scalar(select(func.count()).select_from(Handover)) == 1
    db.session.refresh(kept)
    assert kept.responsible_id == crew.member.id
    shown = text_of(client_of(crew.colleague).get(f"{first.location}?lang=en"))
    for words in (
        "Handover from Member Three to Colleague Four",
        "<strong>pumping</strong>",
        crew.need.label,
    ):
        assert words in shown
    assert client_of(make_member("city")).get(first.location).status_code == 404
    stale = client.post(path, data={**typed, "idempotency_key": new_key(), "do": "hand_over"})
    assert stale.status_code == 422


def test_offers_and_conversations_go_along(client_of):
    pair, asked = make_pair(), make_pair()
    introduction, offer = introduce(pair), offer_of(asked)
    home = pair.city.memberships[0].organisation
    asked.match.need.organisation_id = home.id
    for listing in (pair.match.need, asked.match.need):
        listing.responsible_id = pair.city.id
    follower = make_member(organisation=home, name="Follower Person")
    db.session.flush()
    path = f"/organisations/{home.id}/team/{pair.city.id}/handover?lang=en"
    client = client_of(pair.city)
    page = text_of(client.get(path))
    assert "1 conversation" in page
    assert "1 offer to answer" in page
    form = {
        "items": [str(pair.match.need_id), str(asked.match.need_id)],
        "successor": str(follower.id),
        "idempotency_key": new_key(),
    }
    preview = text_of(client.post(path, data={**form, "do": "preview"}))
    assert offer.label in preview
    assert introduction.label in preview
    done = client.post(path, data=form)
    shown = text_of(client_of(follower).get(f"{done.location}?lang=en"))
    assert f"/offers/{offer.id}" in shown
    assert f"/introductions/{introduction.id}" in shown


def test_a_member_hands_over_nobody_elses_work(client_of):
    crew = make_crew()
    path = f"/organisations/{crew.home.id}/team/{crew.member.id}/handover"
    assert client_of(crew.colleague).get(path).status_code == 403
    assert client_of(crew.owner).get(path).status_code == 200
    assert client_of(make_staff()).get(path).status_code == 403
    assert client_of(make_member("city")).get(path).status_code == 404


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Handed over from Member Three to Colleague Four"),
        ("vi", "Bàn giao từ Member Three cho Colleague Four"),
    ],
)
def test_the_listing_names_who_is_responsible_and_who_was(client, client_of, lang, words):
    crew = make_crew()
    hand(crew, crew.colleague, crew.owner)
    path = f"/needs/{crew.need.id}?lang={lang}"
    for person in (crew.owner, make_staff()):
        page = text_of(client_of(person).get(path))
        assert words in page
        assert "<b>Colleague Four</b>" in page
    public = text_of(client.get(path))
    assert "Colleague Four" not in public
    assert "Member Three" not in public


def test_to_dos_say_whose_they_are(client_of):
    crew = make_crew(state="returned")
    assert "Responsible: Member Three" in text_of(client_of(crew.owner).get("/?lang=en"))
    assert "Responsible: " not in text_of(client_of(crew.member).get("/?lang=en"))
    assert "Phụ trách: Member Three" in text_of(client_of(crew.owner).get("/?lang=vi"))


def test_the_history_of_an_edit_conflict_words_a_handover(app):
    crew = make_crew()
    hand(crew, crew.colleague, crew.owner)
    assert actions_on(crew.need) == ["listing.handed_over"]
    from ppp_match.listings.presentation import action_name

    with app.test_request_context("/?lang=en"):
        assert action_name("listing.handed_over") == "handed it over"
