"""Roles, removal and leaving: who may, what is told, what is guarded, and that nothing waits for who is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import exists, select

from ppp_match.accounts.models import Membership, Organisation, User
from ppp_match.audit import first_broken_event
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing
from ppp_match.teams import operations, queries
from tests.factories import UserFactory, actor_of, make_listing, make_member, make_staff
from tests.introductions.pairs import introduce, make_pair
from tests.introductions.test_at_once import at_once
from tests.teams.crews import actions_on, belong, make_crew, owners_in, role_of, text_of, told


def outcome(deed) -> str:
    """done, or the code of the refusal; either way the database is as before."""
    point = db.session.begin_nested()
    try:
        deed()
        return "done"
    except Refused as refused:
        return refused.code
    finally:
        point.rollback()
        db.session.expire_all()


ACTORS = ("owner", "second", "member", "outsider", "moderator")
# actor: (changes an owner, changes a member, changes oneself, removes an owner, removes a member, removes oneself,
#         hands over what a member holds, hands over one's own)
MAY = {
    "owner": ("done", "done", "done", "done", "done", "leave_instead", "done", "done"),
    "second": ("done", "done", "done", "done", "done", "leave_instead", "done", "done"),
    "member": (*("not_permitted",) * 6, "done", "done"),  # what the member holds is the member's own
    "outsider": ("not_permitted",) * 8,
    "moderator": ("not_permitted",) * 8,
}


@pytest.mark.parametrize("who", ACTORS)
def test_who_may_do_what_to_whom(app, who):
    crew = make_crew()
    people = {
        "owner": crew.owner,
        "second": crew.second,
        "member": crew.member,
        "outsider": make_member("city"),
        "moderator": make_staff(),
    }
    actor_person = people[who]
    actor = actor_of(actor_person)
    other_owner = crew.second if who == "owner" else crew.owner
    own = make_listing("need", state="draft", organisation=crew.home)
    own.responsible_id = actor_person.id
    db.session.flush()

    def role(person, to):
        return lambda: operations.change_role(crew.home, person, to, actor=actor)

    def remove(person):
        return lambda: operations.remove_member(
            crew.home, person, reason="Moved.", successor=crew.colleague, actor=actor
        )

    def hand(person, listing):
        return lambda: operations.hand_over(
            crew.home, person, successor=crew.colleague, listings=[listing.id], note="", actor=actor
        )

    got = (
        outcome(role(other_owner, "member")),
        outcome(role(crew.colleague, "owner")),
        outcome(role(actor_person, "member")),
        outcome(remove(other_owner)),
        outcome(remove(crew.colleague if who == "member" else crew.member)),
        outcome(remove(actor_person)),
        outcome(hand(crew.member, crew.need)),
        outcome(hand(actor_person, own)),
    )
    assert got == MAY[who]


def test_acting_for_another_organisation_gives_no_right_here(app):
    crew, other = make_crew(), make_crew()
    belong(crew.owner, other.home, "owner")
    elsewhere = crew.owner.as_actor(other.home.id)
    with pytest.raises(NotPermitted):
        operations.change_role(crew.home, crew.member, "owner", actor=elsewhere)
    with pytest.raises(NotPermitted):
        operations.leave(crew.home, successor=None, new_owner=None, actor=elsewhere)


@pytest.mark.parametrize("owners", [1, 2])
def test_the_last_owner_stays(app, owners):
    crew = make_crew(owners=owners)
    me = actor_of(crew.owner)
    expected = "last_owner" if owners == 1 else "done"
    assert outcome(lambda: operations.change_role(crew.home, crew.owner, "member", actor=me)) == expected
    assert outcome(lambda: operations.leave(crew.home, successor=None, new_owner=None, actor=me)) == expected


def test_an_owner_whose_account_is_disabled_does_not_count(app):
    crew = make_crew()
    crew.second.active = False
    db.session.flush()
    with pytest.raises(Refused, match="last_owner"):
        operations.change_role(crew.home, crew.owner, "member", actor=actor_of(crew.owner))


def test_a_change_of_role_is_told_and_recorded(app):
    crew = make_crew()
    operations.change_role(crew.home, crew.member, "owner", actor=actor_of(crew.owner))
    assert role_of(crew.member, crew.home) == "owner"
    assert told(crew.member) == told(crew.colleague) == ["team.made_owner"]
    assert told(crew.owner) == []
    assert actions_on(crew.home) == ["team.role_changed"]
    with pytest.raises(Refused, match="unknown_role"):
        operations.change_role(crew.home, crew.member, "boss", actor=actor_of(crew.owner))


@pytest.mark.both_databases
def test_two_owners_demote_each_other(app):
    crew = make_crew()
    home, one, two = crew.home.id, crew.owner.id, crew.second.id

    def demote(by, whom):
        def deed():
            actor = actor_of(db.session.get_one(User, by))
            person = db.session.get_one(User, whom)
            operations.change_role(db.session.get_one(Organisation, home), person, "member", actor=actor)

        return deed

    assert at_once(app, demote(one, two), demote(two, one)) == ["done", "not_permitted"]
    assert owners_in(db.session.get_one(Organisation, home)) == 1
    assert first_broken_event() is None


@pytest.mark.both_databases
def test_two_owners_step_back_or_leave_at_once(app):
    crew = make_crew()
    home, one, two = crew.home.id, crew.owner.id, crew.second.id

    def step_back():
        person = db.session.get_one(User, one)
        operations.change_role(
            db.session.get_one(Organisation, home), person, "member", actor=actor_of(person)
        )

    def leave():
        actor = actor_of(db.session.get_one(User, two))
        operations.leave(db.session.get_one(Organisation, home), successor=None, new_owner=None, actor=actor)

    assert at_once(app, step_back, leave) == ["done", "last_owner"]
    assert owners_in(db.session.get_one(Organisation, home)) == 1


@pytest.mark.both_databases
def test_a_removal_moves_the_work_and_tells_everybody(app):
    crew = make_crew()
    with pytest.raises(ReasonMissing):
        operations.remove_member(
            crew.home, crew.member, reason=" ", successor=crew.colleague, actor=actor_of(crew.owner)
        )
    with pytest.raises(Refused, match="successor_missing"):
        operations.remove_member(
            crew.home, crew.member, reason="Moved.", successor=None, actor=actor_of(crew.owner)
        )
    operations.remove_member(
        crew.home, crew.member, reason="Moved.", successor=crew.colleague, actor=actor_of(crew.owner)
    )
    db.session.commit()
    db.session.refresh(crew.need)
    assert role_of(crew.member, crew.home) is None
    assert crew.need.responsible_id == crew.colleague.id
    assert set(told(crew.member)) == {"team.removed", "handover.given"}
    assert set(told(crew.colleague)) == {"handover.received", "team.gone"}
    assert told(crew.second) == ["team.gone"]
    assert actions_on(crew.need) == ["listing.handed_over"]
    assert actions_on(crew.home) == ["team.removed"]
    assert not actor_of(crew.member).organisation_ids


def test_what_has_ended_goes_to_an_owner_without_asking(app):
    crew = make_crew(state="withdrawn")
    operations.leave(crew.home, successor=None, new_owner=None, actor=actor_of(crew.member))
    db.session.refresh(crew.need)
    assert crew.need.responsible_id == crew.owner.id


def test_a_closed_need_in_conversation_still_needs_a_successor(app):
    pair = make_pair()
    introduce(pair)
    home, need = pair.city.memberships[0].organisation, pair.match.need
    follower = make_member(organisation=home)
    need.responsible_id = pair.city.id
    need.state, need.close_reason = "closed", "agreed"
    db.session.flush()
    with pytest.raises(Refused, match="successor_missing"):
        operations.leave(home, successor=None, new_owner=None, actor=actor_of(pair.city))
    operations.leave(home, successor=follower, new_owner=None, actor=actor_of(pair.city))
    db.session.refresh(need)
    assert need.responsible_id == follower.id


@pytest.mark.parametrize(
    "state", ["draft", "submitted", "in_review", "returned", "published", "rejected", "withdrawn"]
)
def test_nothing_waits_for_somebody_who_is_gone(app, state):
    crew = make_crew(state=state)
    for person in (crew.member, crew.second, crew.colleague):
        listing = make_listing("need", state=state, organisation=crew.home)
        listing.responsible_id = person.id
        db.session.flush()
        operations.leave(crew.home, successor=crew.owner, new_owner=None, actor=actor_of(person))
    gone = ~exists().where(
        Membership.user_id == Listing.responsible_id,
        Membership.organisation_id == Listing.organisation_id,
    )
    assert db.session.scalars(select(Listing).where(gone)).all() == []
    assert queries.items_of(crew.home.id, crew.member.id) == []


@pytest.mark.parametrize("fit", ["outsider", "disabled", "oneself"])
def test_a_successor_belongs_and_works(app, fit):
    crew = make_crew()
    crew.colleague.active = fit != "disabled"
    db.session.flush()
    chosen = {"outsider": UserFactory(), "disabled": crew.colleague, "oneself": crew.member}[fit]
    with pytest.raises(Refused, match="successor_unfit"):
        operations.leave(crew.home, successor=chosen, new_owner=None, actor=actor_of(crew.member))


def test_the_last_owner_names_another_and_leaves(app):
    crew = make_crew(owners=1)
    operations.leave(crew.home, successor=None, new_owner=crew.member, actor=actor_of(crew.owner))
    assert role_of(crew.member, crew.home) == "owner"
    assert role_of(crew.owner, crew.home) is None
    assert actions_on(crew.home) == ["team.role_changed", "team.left"]


def test_a_member_cannot_make_an_owner_by_leaving(app):
    crew = make_crew()
    with pytest.raises(NotPermitted):
        operations.leave(
            crew.home, successor=crew.owner, new_owner=crew.colleague, actor=actor_of(crew.member)
        )


# --- pages -------------------------------------------------------------------------------------------------------


def test_the_team_page_for_owner_member_stranger_and_staff(client, client_of):
    crew = make_crew()
    path = f"/organisations/{crew.home.id}/team?lang=en"
    owner = text_of(client_of(crew.owner).get(path))
    for words in (
        "Member Three",
        "Make an owner",
        "Invite somebody",
        "Responsible for 1 item",
        crew.need.label,
    ):
        assert words in owner
    member = text_of(client_of(crew.member).get(path))
    assert "Owner One" in member
    assert "Hand over" in member
    assert "Invite somebody" not in member
    assert "Make an owner" not in member
    staff = text_of(client_of(make_staff()).get(path))
    assert "Its owners alone change that" in staff
    assert "Remove" not in staff
    assert client_of(make_member("vendor")).get(path).status_code == 404
    assert client.get(path).status_code == 302


def test_the_public_page_shows_roles_and_no_names(client, client_of):
    crew = make_crew()
    path = f"/organisations/{crew.home.id}?lang=en"
    public = text_of(client.get(path))
    assert "2 owners, 2 members" in public
    for person in (crew.owner, crew.second, crew.member, crew.colleague):
        assert person.name not in public
        assert person.name in text_of(client_of(crew.member).get(path))


def test_roles_through_the_page(client_of):
    crew = make_crew()
    path = f"/organisations/{crew.home.id}/team/{crew.member.id}/role"
    assert client_of(crew.colleague).post(path, data={"role": "owner"}).status_code == 403
    owner = client_of(crew.owner)
    assert owner.post(path, data={"role": "owner"}).status_code == 303
    assert role_of(crew.member, crew.home) == "owner"
    assert owner.post(path, data={"role": "boss"}).status_code == 409


def test_removing_through_the_page_asks_for_a_successor_and_a_reason(client_of):
    crew = make_crew()
    owner = client_of(crew.owner)
    path = f"/organisations/{crew.home.id}/team/{crew.member.id}/remove?lang=en"
    assert crew.need.label in text_of(owner.get(path))
    refused = owner.post(path, data={"reason": "", "successor": ""})
    assert refused.status_code == 422
    assert "Choose who takes over what is still open." in text_of(refused)
    assert "Give a reason in a few words." in text_of(refused)
    assert owner.post(path, data={"reason": "Moved.", "successor": "nonsense"}).status_code == 422
    done = owner.post(path, data={"reason": "Moved.", "successor": str(crew.colleague.id)})
    assert done.status_code == 303
    assert role_of(crew.member, crew.home) is None
    assert owner.get(path).status_code == 404


def test_leaving_through_the_page_ends_every_right_at_once(client_of):
    crew, other = make_crew(), make_crew()
    belong(crew.member, other.home)
    client = client_of(crew.member)
    client.post("/account/act-for", data={"organisation": str(crew.home.id)})
    draft = make_listing("need", state="draft", organisation=crew.home)
    db.session.commit()
    assert client.get(f"/needs/{draft.id}").status_code == 200
    path = f"/organisations/{crew.home.id}/leave?lang=en"
    assert "You hold 1 open item" in text_of(client.get(path))
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={"successor": str(crew.owner.id)}).status_code == 303
    assert client.get(f"/needs/{draft.id}").status_code == 404
    assert client.get(f"/organisations/{crew.home.id}/team").status_code == 404
    home = text_of(client.get("/?lang=en"))
    assert other.home.name_en in home
    assert crew.home.name_en not in home.split("<main")[0]


def test_the_last_owner_is_asked_for_a_new_one(client_of):
    crew = make_crew(owners=1)
    client = client_of(crew.owner)
    path = f"/organisations/{crew.home.id}/leave?lang=en"
    refused = client.post(path, data={})
    assert refused.status_code == 422
    assert "Choose who becomes an owner in your place." in text_of(refused)
    assert client.post(path, data={"new_owner": str(crew.member.id)}).status_code == 303
    assert role_of(crew.member, crew.home) == "owner"


def test_who_is_alone_is_told_to_invite_first(client_of):
    person = make_member("vendor")
    path = f"/organisations/{person.memberships[0].organisation_id}/leave?lang=en"
    client = client_of(person)
    assert "You are the only person here" in text_of(client.get(path))
    assert client.post(path, data={}).status_code == 422


def test_staff_see_no_drafts_on_the_team_page(client_of):
    crew = make_crew(state="draft")
    path = f"/organisations/{crew.home.id}/team"
    assert crew.need.label in text_of(client_of(crew.colleague).get(path))
    assert crew.need.label not in text_of(client_of(make_staff()).get(path))
