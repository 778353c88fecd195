"""Joining another city's need: who may do what from each state, what is told, what adds up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ppp_match.audit import first_broken_event
from ppp_match.db import db
from ppp_match.introductions import operations as introductions
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings import join_operations as joins
from ppp_match.listings import join_queries, operations
from ppp_match.listings.join_models import JOIN_STATES
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as recommendations
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff
from tests.listings.joining import agreed, asked, slug, told, two_cities

VERBS = {
    "agree": lambda join, actor: joins.agree(join, actor=actor),
    "decline": lambda join, actor: joins.decline(join, reason="Other pumps.", actor=actor),
    "take_back": lambda join, actor: joins.take_back(join, actor=actor),
    "leave": lambda join, actor: joins.leave(join, reason="We build our own.", actor=actor),
}
DRAWN = {  # verb: (from, to, who)
    "agree": ("asked", "agreed", {"lead"}),
    "decline": ("asked", "declined", {"lead"}),
    "take_back": ("asked", "taken_back", {"joiner"}),
    "leave": ("agreed", "left", {"lead", "joiner"}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", JOIN_STATES)
def test_every_verb_from_every_state_by_everybody(app, verb, state):
    world = two_cities()
    join = asked(world)
    if state != "asked":
        join.answered_at = join.created_at
        join.state = state
    db.session.flush()
    actors = {
        "visitor": VISITOR,
        "lead": world.lead_actor,
        "joiner": world.other_actor,
        "third city": actor_of(make_member("city")),
        "vendor": actor_of(make_member("vendor")),
        "moderator": actor_of(world.moderator),
    }
    from_, to, who = DRAWN[verb]
    for name, actor in actors.items():
        if state == from_ and name in who:
            continue
        with pytest.raises(Refused):
            VERBS[verb](join, actor)
        assert join.state == state, name
    for name in sorted(who if state == from_ else ()):
        VERBS[verb](join, actors[name])
        assert join.state == to
        join.state = state
        join.answered_at = None if state == "asked" else join.created_at
        db.session.flush()
    assert first_broken_event() is None


def test_a_no_and_a_leaving_need_a_reason(app):
    world = two_cities()
    join = asked(world)
    with pytest.raises(ReasonMissing):
        joins.decline(join, reason="  ", actor=world.lead_actor)
    assert (join.state, join.answered_at) == ("asked", None)
    joins.agree(join, actor=world.lead_actor)
    with pytest.raises(ReasonMissing):
        joins.leave(join, reason="", actor=world.other_actor)
    assert join.state == "agreed"


def _refused(world, actor, **more):
    with pytest.raises(Refused) as refused:
        joins.ask_to_join(
            world.need, actor=actor, **{"message": "We too.", "lang": "en", "city": None, **more}
        )
    return refused.value.code


def test_who_may_not_ask(app):
    world = two_cities()
    assert _refused(world, world.lead_actor) == "join_own_need"
    unknown = make_member("city", organisation=OrganisationFactory(kind="city", verification="pending"))
    assert _refused(world, actor_of(unknown)) == "organisation_unverified"
    assert _refused(world, actor_of(make_member("vendor"))) == "not_permitted"
    assert _refused(world, actor_of(world.moderator)) == "not_permitted"
    assert _refused(world, world.other_actor, message=" ") == "message_empty"
    assert _refused(world, world.other_actor, message="x" * 601) == "message_too_long"
    assert _refused(world, world.other_actor, own_need=world.need) == "not_permitted"
    asked(world)
    assert _refused(world, world.other_actor) == "join_exists"


@pytest.mark.parametrize("stage", ["procure", "contract"])
def test_nobody_joins_while_partners_are_selected(app, stage):
    world = two_cities(stage=stage)
    assert _refused(world, world.other_actor) == "need_at_procurement"


def test_nobody_joins_what_has_ended_and_open_requests_end_with_it(app):
    world = two_cities()
    open_, third = asked(world), make_member("city")
    taken = joins.ask_to_join(
        world.need, actor=actor_of(third), message="We too.", lang="en", city=slug("da-nang")
    )
    joins.agree(taken, actor=world.lead_actor)
    operations.close_listing(
        world.need, close_reason="agreed", reason="A partner is found.", actor=world.lead_actor
    )
    assert (open_.state, taken.state) == ("declined", "agreed")
    assert told(world.other) == ["join.need_ended"]
    assert told(third) == ["join.agreed", "join.need_ended"]
    assert _refused(world, world.other_actor) == "need_ended"
    with pytest.raises(Refused):
        joins.agree(open_, actor=world.lead_actor)


def test_after_a_no_one_may_ask_again(app):
    world = two_cities()
    joins.decline(asked(world), reason="Too far away.", actor=world.lead_actor)
    assert asked(world).state == "asked"
    assert told(world.lead) == ["join.asked", "join.asked"]
    assert told(world.other) == ["join.declined"]


def test_both_are_told(app):
    world = two_cities()
    join = agreed(world)
    joins.leave(join, reason="We have built our own.", actor=world.other_actor)
    assert told(world.lead) == ["join.asked", "join.left"]
    assert told(world.other) == ["join.agreed"]
    again = agreed(world)
    joins.leave(again, reason="It has become too large.", actor=world.lead_actor)
    assert told(world.other)[-1] == "join.ended"


def test_joined_cities_hear_of_an_introduction(app):
    world = two_cities()
    agreed(world)
    moderator = actor_of(world.moderator)
    vendor = make_member("vendor")
    capability = make_listing(
        "capability", state="published", organisation=vendor.memberships[0].organisation
    )
    match = recommendations.add_pair(world.need, capability, actor=moderator)
    recommendations.approve_match(match, actor=moderator)
    offer = introductions.make_offer(match, actor=moderator)
    for person in (world.lead, vendor):
        introductions.answer_offer(offer, actor=actor_of(person), accepted=True, no_conflict=True)
    assert told(world.other)[-1] == "join.need_introduced"


def test_places_and_quantities_add_up_in_the_leads_unit(app):
    world = two_cities(scale_value=Decimal(140), scale_unit="điểm đo", beneficiaries=400_000)
    agreed(world)
    third = make_member("city")
    bare = joins.ask_to_join(
        world.need,
        actor=actor_of(third),
        message="We too.",
        lang="en",
        city=slug("da-nang"),
        quantity=Decimal(5),
    )
    bare.unit = "cầu"
    joins.agree(bare, actor=world.lead_actor)
    found = join_queries.demand_of(world.need, join_queries.agreed_joins(world.need))
    assert (found.cities, found.quantity, found.unit, found.beneficiaries) == (
        3,
        Decimal(200),
        "điểm đo",
        520_000,
    )
    assert found.apart == [(Decimal(5), "cầu")]


def test_an_anonymous_need_of_its_own_keeps_the_city_unnamed(app):
    world = two_cities()
    own = make_listing("need", state="draft", organisation=world.other_home, anonymous=True)
    assert asked(world, own_need=own).unnamed is True


def test_ones_own_draft_is_given_up_for_the_joint_need(app):
    world = two_cities()
    own = make_listing("need", state="draft", organisation=world.other_home)
    join = asked(world, own_need=own)
    with pytest.raises(Refused, match="merge_impossible"):
        joins.fold_own_need(join, reason="Part of it now.", actor=world.other_actor)
    joins.agree(join, actor=world.lead_actor)
    with pytest.raises(NotPermitted):
        joins.fold_own_need(join, reason="Part of it now.", actor=world.lead_actor)
    joins.fold_own_need(join, reason="Part of it now.", actor=world.other_actor)
    assert (own.state, own.merged_into_id) == ("withdrawn", world.need.id)
    assert join.state == "agreed"


def test_an_own_published_need_closes_as_merged(app):
    world = two_cities()
    own = make_listing("need", state="published", organisation=world.other_home)
    join = agreed(world, own_need=own)
    joins.fold_own_need(join, reason="Part of it now.", actor=world.other_actor)
    assert (own.state, own.close_reason, own.merged_into_id) == ("closed", "merged", world.need.id)
    assert len(join_queries.agreed_joins(world.need)) == 1


def test_strangers_do_not_see_a_request(app):
    world = two_cities()
    join = asked(world)
    assert join_queries.find_join(actor_of(make_member("city")), join.id) is None
    assert join_queries.find_join(VISITOR, join.id) is None
    for person in (world.lead, world.other, make_staff()):
        assert join_queries.find_join(actor_of(person), join.id) is join
