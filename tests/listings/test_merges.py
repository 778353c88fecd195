"""Merging two listings: consent of everybody concerned, what it carries over, where the readers are led."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.audit import first_broken_event
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings import join_operations as joins
from ppp_match.listings import join_queries, operations
from ppp_match.listings import merge_operations as merging
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations import refresh
from ppp_match.search.store import index_of, search
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff
from tests.listings.joining import told, two_cities


def proposed(world, source=None, target=None):
    """The forum proposes to merge the other city's need into the lead's."""
    world.source = source or make_listing("need", state="published", organisation=world.other_home)
    return merging.propose(
        world.source, target or world.need, reason="One and the same.", actor=actor_of(world.moderator)
    )


def merged(world, source=None, target=None):
    proposal = proposed(world, source, target)
    merging.consent(proposal, actor=world.other_actor)
    if proposal.state == "proposed":
        merging.consent(proposal, actor=world.lead_actor)
    assert proposal.state == "merged"
    return proposal


def test_both_owners_consent_and_then_it_is_done(app):
    world = two_cities()
    proposal = proposed(world)
    assert told(world.lead) == told(world.other) == ["merge.proposed"]
    assert told(world.moderator) == []
    assert merging.consent(proposal, actor=world.lead_actor) is False
    assert merging.consent(proposal, actor=world.lead_actor) is False  # a second click changes nothing
    assert world.source.state == "published"
    assert merging.consent(proposal, actor=world.other_actor) is True
    source = world.source
    assert (source.state, source.close_reason, source.merged_into_id) == ("closed", "merged", world.need.id)
    (join,) = join_queries.agreed_joins(world.need)
    assert (join.organisation_id, join.origin, join.own_need_id) == (world.other_home.id, "merged", source.id)
    assert (join.quantity, join.unit) == (source.shown.scale_value, source.shown.scale_unit)
    for person in (world.lead, world.other, world.moderator):
        assert told(person)[-1] == "merge.merged"
    assert first_broken_event() is None


def test_within_one_organisation_one_consent_is_enough_and_nobody_joins_itself(app):
    world = two_cities()
    double = make_listing("need", state="published", organisation=world.lead_home)
    proposal = proposed(world, double)
    assert merging.consent(proposal, actor=world.lead_actor) is True
    assert join_queries.agreed_joins(world.need) == []


@pytest.mark.parametrize("state", ["proposed", "merged", "declined", "taken_back"])
@pytest.mark.parametrize("verb", ["consent", "decline", "take_back"])
def test_every_verb_from_every_state_by_everybody(app, state, verb):
    world = two_cities()
    proposal = proposed(world)
    if state != "proposed":
        proposal.ended_at = proposal.created_at
        proposal.state = state
    db.session.flush()
    actors = {
        "visitor": VISITOR,
        "lead": world.lead_actor,
        "other": world.other_actor,
        "third city": actor_of(make_member("city")),
        "moderator": actor_of(world.moderator),
        "moderator of the lead city": actor_of(
            make_member("city", organisation=world.lead_home, staff_role="moderator")
        ),
    }
    do = {
        "consent": lambda actor: merging.consent(proposal, actor=actor),
        "decline": lambda actor: merging.decline(proposal, reason="They differ.", actor=actor),
        "take_back": lambda actor: merging.take_back(proposal, actor=actor),
    }[verb]
    may = {"moderator"} if verb == "take_back" else {"lead", "other", "moderator of the lead city"}
    for name, actor in actors.items():
        if state == "proposed" and name in may:
            continue
        with pytest.raises(Refused):
            do(actor)
        assert proposal.state == state, name
        assert world.source.state == "published"
    if state == "proposed":
        do(actors["moderator" if verb == "take_back" else "lead"])
        assert (
            proposal.state == {"consent": "proposed", "decline": "declined", "take_back": "taken_back"}[verb]
        )


def test_what_cannot_be_proposed(app):
    world = two_cities()
    other = make_listing("need", state="published", organisation=world.other_home)
    capability = make_listing("capability", state="published")
    draft = make_listing("need", state="draft", organisation=world.other_home)
    closed = make_listing("need", state="published", organisation=world.other_home)
    operations.close_listing(closed, close_reason="agreed", reason="Found.", actor=world.other_actor)
    moderator = actor_of(world.moderator)

    def code(source, target, reason="One and the same.", actor=moderator):
        with pytest.raises(Refused) as refused:
            merging.propose(source, target, reason=reason, actor=actor)
        return refused.value.code

    assert code(other, other) == "merge_with_itself"
    assert code(capability, other) == "merge_with_itself"
    assert code(other, draft) == code(closed, other) == code(other, closed) == "merge_impossible"
    assert code(other, world.need, reason=" ") == "reason_missing"
    for actor in (world.lead_actor, world.other_actor, actor_of(make_member("vendor")), VISITOR):
        assert code(other, world.need, actor=actor) == "not_permitted"
    merging.propose(other, world.need, reason="One and the same.", actor=moderator)
    assert code(other, world.need, actor=actor_of(make_staff())) == "merge_exists"


def test_a_no_leaves_everything_and_is_told(app):
    world = two_cities()
    proposal = proposed(world)
    with pytest.raises(ReasonMissing):
        merging.decline(proposal, reason=" ", actor=world.other_actor)
    assert proposal.ended_at is None
    merging.decline(proposal, reason="Ours is about tides.", actor=world.other_actor)
    assert (world.source.state, world.need.state) == ("published", "published")
    assert told(world.moderator) == ["merge.declined"]
    assert proposed(world, world.source).state == "proposed"  # it may be proposed once more


def test_pairs_of_what_was_merged_are_withdrawn_and_no_list_shows_it(app, client):
    world = two_cities()
    source = make_listing(
        "need", state="published", organisation=world.other_home, texts={"title": "Ngập ở cảng phía bắc"}
    )
    capability = make_listing("capability", state="published")
    match = recommendations.add_pair(source, capability, actor=actor_of(world.moderator))
    assert source.id in [one for one, _score in search("need", "ngập cảng phía bắc").hits]
    merged(world, source)
    refresh.follow_changes()
    assert match.state == "withdrawn"
    assert str(source.id) not in index_of("need")
    for page in ("/needs", "/needs?closed=1", "/search?q=cảng+phía+bắc"):
        assert "Ngập ở cảng phía bắc" not in client.get(page).get_data(as_text=True), page


def test_a_chain_leads_to_its_end_and_never_in_a_circle(app):
    world = two_cities()
    first = make_listing("need", state="published", organisation=world.other_home)
    middle = make_listing("need", state="published", organisation=world.other_home)
    merged(world, first, middle)
    with pytest.raises(Refused, match="merge_impossible"):
        proposed(world, middle, first)
    merged(world, middle, world.need)
    assert first.merged_into_id == middle.merged_into_id == world.need.id
    assert {one.id for one in join_queries.merged_into(world.need)} == {first.id, middle.id}


def test_a_listing_in_review_is_withdrawn_in_favour_of_the_other(app):
    world = two_cities()
    waiting = make_listing("need", state="in_review", organisation=world.other_home)
    merged(world, waiting)
    assert (waiting.state, waiting.merged_into_id) == ("withdrawn", world.need.id)
    assert join_queries.agreed_joins(world.need) == []  # it was never public, so nobody took part


def test_joined_cities_go_over_and_keep_their_figures(app):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    third = make_member("city")
    ask = {"message": "We too.", "lang": "en", "city": None}
    join = joins.ask_to_join(source, actor=actor_of(third), **ask)
    joins.agree(join, actor=world.other_actor)
    by_lead = joins.ask_to_join(source, actor=world.lead_actor, **ask)
    merged(world, source)
    assert join.need_id == world.need.id
    assert told(third)[-1] == "join.moved"
    assert (by_lead.need_id, by_lead.state) == (source.id, "declined")  # nobody takes part in itself
    assert {one.organisation_id for one in join_queries.agreed_joins(world.need)} == {
        third.memberships[0].organisation_id,
        world.other_home.id,
    }


def test_a_city_that_had_asked_already_is_in(app):
    world = two_cities()
    join = joins.ask_to_join(world.need, actor=world.other_actor, message="We too.", lang="en", city=None)
    merged(world)
    assert (join.state, join.own_need_id) == ("agreed", world.source.id)
    assert db.session.scalars(select(NeedJoin)).all() == [join]


def test_other_proposals_about_what_is_gone_come_to_an_end(app):
    world = two_cities()
    source = make_listing("need", state="published", organisation=world.other_home)
    third = make_listing("need", state="published")
    late = merging.propose(third, source, reason="Perhaps.", actor=actor_of(world.moderator))
    merged(world, source)
    assert late.state == "taken_back"


def test_nothing_is_merged_that_closed_before_the_last_consent(app):
    world = two_cities()
    proposal = proposed(world)
    merging.consent(proposal, actor=world.other_actor)
    operations.close_listing(world.need, close_reason="agreed", reason="Found.", actor=world.lead_actor)
    with pytest.raises(Refused, match="merge_impossible"):
        merging.consent(proposal, actor=world.lead_actor)
    assert world.source.state == "published"


def test_two_capabilities_of_one_company_become_one(app):
    home = OrganisationFactory(kind="vendor")
    vendor = actor_of(make_member("vendor", organisation=home))
    one, two = (make_listing("capability", state="published", organisation=home) for _ in range(2))
    proposal = merging.propose(one, two, reason="Posted twice.", actor=actor_of(make_staff()))
    assert merging.consent(proposal, actor=vendor) is True
    assert one.merged_into_id == two.id
    assert db.session.scalars(select(NeedJoin)).all() == []


def test_strangers_do_not_see_a_proposal(app):
    world = two_cities()
    proposal = proposed(world)
    assert join_queries.find_proposal(actor_of(make_member("city")), proposal.id) is None
    assert join_queries.find_proposal(world.lead_actor, proposal.id) is proposal
    assert db.session.scalars(select(MergeProposal)).all() == [proposal]
    with pytest.raises(NotPermitted):
        merging.consent(proposal, actor=actor_of(world.moderator))
