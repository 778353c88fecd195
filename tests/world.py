"""A small forum with one of everything, for the tests that walk all routes and pages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import db
from ppp_match.introductions import operations as introductions
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.listings import addenda, operations, watching
from ppp_match.listings import join_operations as joins
from ppp_match.listings import merge_operations as merging
from ppp_match.listings.models import Listing
from ppp_match.notifications.models import OutboxMessage
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations.models import Match
from ppp_match.steering import operations as steering
from ppp_match.teams import invitations
from ppp_match.teams import operations as teams
from tests.factories import (
    OrganisationFactory,
    actor_of,
    add_reference,
    make_listing,
    make_member,
    make_staff,
)

ROLES = ("visitor", "city", "vendor", "expert", "partner", "moderator", "administrator")


@dataclass
class World:
    """One person a role, and rows that belong to the city and the vendor."""

    people: dict[str, User | None] = field(default_factory=dict)
    city: Organisation | None = None
    vendor: Organisation | None = None
    need: Any = None
    capability: Any = None
    draft: Any = None
    submitted: Any = None
    other_need: Any = None
    match: Any = None
    offer: Any = None
    introduction: Any = None
    pending: Any = None
    colleague: Any = None
    handover: Any = None
    invitation_token: str = ""
    changed: Any = None
    waiting_addendum: Any = None
    returned_addendum: Any = None
    neighbour: Any = None  # another city
    neighbour_need: Any = None
    join: Any = None  # the city asks to join it
    judged: Any = None  # a pair of the judged set
    proposal: Any = None  # to merge the neighbour's second need into the city's


def build_world() -> World:
    """Two organisations, an introduced pair, an open offer, a suggested pair, listings in the main states."""
    world = World()
    for kind in ("city", "vendor", "expert", "partner"):
        world.people[kind] = make_member(kind, email=f"{kind}@walk.example", name=f"{kind.title()} Person")
    world.people["visitor"] = None
    for staff in ("moderator", "administrator"):
        world.people[staff] = make_staff(staff, email=f"{staff}@walk.example", name=f"{staff.title()} Person")
    world.city = world.people["city"].memberships[0].organisation
    world.vendor = world.people["vendor"].memberships[0].organisation
    world.need = make_listing("need", state="published", organisation=world.city)
    world.other_need = make_listing(
        "need", state="published", organisation=world.city, texts={"title": "Biết trước hầm chui nào sẽ ngập"}
    )
    third = make_listing(
        "need",
        state="published",
        organisation=world.city,
        texts={"title": "Cảnh báo ngập cho ba xã ven biển"},
    )
    world.capability = make_listing("capability", state="published", organisation=world.vendor)
    add_reference(world.capability)
    world.draft = make_listing("need", state="draft", organisation=world.city)
    world.submitted = make_listing("need", state="submitted", organisation=world.city)
    world.pending = OrganisationFactory(kind="vendor", verification="pending")
    _fill_team(world)
    db.session.commit()
    moderator = actor_of(world.people["moderator"])
    world.introduction = _introduced(world, _pair(world.need, world.capability, moderator), moderator)
    second = _pair(world.other_need, world.capability, moderator)
    recommendations.approve_match(second, actor=moderator)
    world.offer = introductions.make_offer(second, actor=moderator)
    world.match = _pair(third, world.capability, moderator)
    _change_and_add_to(world, moderator)
    _neighbour(world, moderator)
    world.judged = steering.add_pair(world.need, world.capability, actor=moderator)
    steering.judge(world.judged, 3, actor=moderator, note="Đúng việc cần làm.")
    db.session.commit()
    return world


def _fill_team(world: World) -> None:
    """A colleague in the city who took a draft over, and an invitation that waits for an answer."""
    official = world.people["city"]
    world.colleague = make_member(
        "city",
        organisation=world.city,
        role="member",
        email="colleague@walk.example",
        name="Colleague Person",
    )
    for listing in (world.need, world.other_need, world.submitted, world.draft):
        listing.responsible_id = official.id
    db.session.flush()
    world.handover = teams.hand_over(
        world.city,
        official,
        successor=world.colleague,
        listings=[world.draft.id],
        note="Bản thảo còn **thiếu** số liệu.",
        actor=actor_of(official),
    )
    invitations.invite(
        world.city,
        email="invited@walk.example",
        role="member",
        message="Mời anh/chị tham gia.",
        lang="vi",
        actor=actor_of(official),
    )
    link = db.session.scalar(select(OutboxMessage.context).where(OutboxMessage.kind == "account.invitation"))
    world.invitation_token = link["link"].rpartition("/")[2]


def _change_and_add_to(world: World, moderator) -> None:
    """A need with a second version, one published addendum, one that waits and one that was returned."""
    city, vendor = actor_of(world.people["city"]), actor_of(world.people["vendor"])
    need = world.changed = make_listing(
        "need",
        state="published",
        organisation=world.city,
        texts={"title": "Theo dõi sạt lở bờ sông ở bốn phường"},
    )
    watching.watch(need, actor=vendor)
    operations.save_listing(need, {"title": "Theo dõi sạt lở bờ sông ở năm phường"}, lang="vi", actor=city)
    need.amendment.state = "in_review"
    operations.publish_listing(need, actor=moderator)
    made = [
        addenda.create_addendum(need, kind="clarification", texts={"vi": text}, actor=city)
        for text in ("Phường thứ năm nằm ở bờ bắc.", "Bản đồ có **tỷ lệ** 1:2000.", "Chờ số liệu 2026.")
    ]
    for addendum in made:
        addenda.submit_addendum(addendum, actor=city)
    addenda.publish_addendum(made[0], actor=moderator)
    addenda.return_addendum(made[2], remark="Số liệu nào?", actor=moderator)
    world.waiting_addendum, world.returned_addendum = made[1], made[2]


def _neighbour(world: World, moderator) -> None:
    """Another city whose need the world's city asks to join, and a merge that waits for consent."""
    lead = make_member("city", email="neighbour@walk.example", name="Neighbour Person")
    world.neighbour = lead.memberships[0].organisation
    world.neighbour_need = make_listing(
        "need",
        state="published",
        organisation=world.neighbour,
        texts={"title": "Thu gom rác trên kênh và chợ nổi", "problem": "Rác trôi theo con nước. " * 20},
        terms={"sector": ["environment.waste"]},
    )
    second = make_listing("need", state="published", organisation=world.neighbour)
    world.join = joins.ask_to_join(
        world.neighbour_need,
        actor=actor_of(world.people["city"]),
        message="Chúng tôi cũng cần việc này.",
        lang="vi",
        city=second.shown.city,
        quantity=Decimal(12),
        beneficiaries=90_000,
    )
    world.proposal = merging.propose(second, world.other_need, reason="Cùng một việc.", actor=moderator)


def _pair(need: Listing, capability: Listing, moderator) -> Match:
    found = recommendations.live_match(need, capability)
    return found or recommendations.add_pair(need, capability, actor=moderator)


def _introduced(world: World, match: Match, moderator) -> Introduction:
    recommendations.approve_match(match, actor=moderator)
    offer: Offer = introductions.make_offer(match, actor=moderator)
    for side in ("city", "vendor"):
        introductions.answer_offer(
            offer,
            actor=actor_of(world.people[side]),
            accepted=True,
            reason_code=None,
            note="",
            no_conflict=True,
        )
    introduction = db.session.query(Introduction).filter_by(match_id=match.id).one()
    introductions.write_message(
        introduction, actor=actor_of(world.people["city"]), body="Xin chào, **mời** bạn."
    )
    return introduction


def nobody_knows() -> uuid.UUID:
    """An identifier that belongs to nothing."""
    return uuid.UUID("00000000-0000-4000-8000-000000000000")
