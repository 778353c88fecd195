"""The verbs of a team: change a role, remove somebody, leave, hand over.

Each reads the team under a lock on the organisation's row, so that two people who act at once come one after the
other (on SQLite a writing transaction is alone), and asks again whether the actor is still who the page took them
for. An organisation never loses its last owner, and nothing stays with somebody who is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import select, update

from ppp_match import audit
from ppp_match.accounts.models import Membership, Organisation, PastMembership, User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.teams import queries
from ppp_match.teams.models import ROLES, Handover, HandoverItem

LONGEST_NOTE = 1000
Team = dict[uuid.UUID, Membership]


def locked_team(organisation: Organisation) -> Team:
    """{person: membership} as it is now; nobody else changes it before this transaction ends."""
    db.session.flush()
    db.session.execute(
        select(Organisation.id).where(Organisation.id == organisation.id).with_for_update(key_share=True)
    )
    rows = db.session.scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation.id)
        .order_by(Membership.joined_at, Membership.user_id)
        .execution_options(populate_existing=True)
    )
    return {row.user_id: row for row in rows}


def change_role(organisation: Organisation, person: User, role: str, *, actor: Actor) -> None:
    """Make a member an owner or an owner a member; the person and the others are told.

    Raises NotPermitted for anybody but an owner; Refused: unknown_role, not_a_member, last_owner.
    """
    _may(actor, "team.manage", organisation)
    if role not in ROLES:
        raise Refused("unknown_role", role)
    team = locked_team(organisation)
    _is_owner(team, actor)
    membership = _membership(team, person.id)
    before = membership.role
    if before == role:
        return
    if role == "member":
        _keep_an_owner(team, without=person.id)
    _set_role(organisation, membership, role, actor)


def _set_role(organisation: Organisation, membership: Membership, role: str, actor: Actor) -> None:
    before, membership.role = membership.role, role
    db.session.flush()
    person = db.session.get_one(User, membership.user_id)
    audit.record(
        "team.role_changed",
        organisation,
        actor=actor,
        from_state=before,
        to_state=role,
        fields=("role",),
        personal={"person": str(person.id)},
    )
    stamp = uuid.uuid4().hex[:12]
    named = {**_named(organisation), "person": person.name}
    made = f"team.made_{role}"
    if person.id != actor.user_id:
        notify([person], made, organisation, params={**named, "side": "you"}, once=stamp)
    others = _others(organisation, person.id, actor.user_id)
    notify(others, made, organisation, params=named, once=stamp, mail=False)


def remove_member(
    organisation: Organisation, person: User, *, reason: str, successor: User | None, actor: Actor
) -> Handover | None:
    """End somebody's membership, with a reason that they are told; what they hold goes to `successor`.

    Raises NotPermitted for anybody but an owner; ReasonMissing; Refused: leave_instead (oneself), note_too_long,
    not_a_member, last_owner, successor_missing, successor_unfit.
    """
    _may(actor, "team.manage", organisation)
    if person.id == actor.user_id:
        raise Refused("leave_instead")
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", "remove")
    if len(words) > LONGEST_NOTE:
        raise Refused("note_too_long", str(len(words)))
    team = locked_team(organisation)
    _is_owner(team, actor)
    _membership(team, person.id)
    _keep_an_owner(team, without=person.id)
    handover = _pass_on_everything(organisation, team, person, successor, actor)
    _end(organisation, team, person, actor=actor, action="team.removed", reason=words)
    named = _named(organisation)
    stamp = uuid.uuid4().hex[:12]
    notify([person], "team.removed", organisation, params={**named, "reason": words}, once=stamp)
    others = _others(organisation, person.id, actor.user_id)
    params = {**named, "person": person.name}
    notify(others, "team.gone", organisation, params=params, once=stamp, mail=False)
    return handover


def leave(
    organisation: Organisation, *, successor: User | None, new_owner: User | None, actor: Actor
) -> Handover | None:
    """End one's own membership. What one holds goes to `successor`; the last owner names `new_owner` first.

    Raises NotPermitted for somebody who does not belong to it; Refused: last_owner, successor_missing,
    successor_unfit.
    """
    _may(actor, "team.leave", organisation)
    team = locked_team(organisation)
    if actor.user_id is None or actor.user_id not in team:
        raise NotPermitted("not_permitted", "team.leave")
    person = db.session.get_one(User, actor.user_id)
    if new_owner is not None:
        if new_owner.id == person.id or not _is_active_member(team, new_owner):
            raise Refused("successor_unfit")
        if team[person.id].role != "owner":
            raise NotPermitted("not_permitted", "team.manage")
        if team[new_owner.id].role != "owner":
            _set_role(organisation, team[new_owner.id], "owner", actor)
    _keep_an_owner(team, without=person.id)
    handover = _pass_on_everything(organisation, team, person, successor, actor)
    _end(organisation, team, person, actor=actor, action="team.left")
    params = {**_named(organisation), "person": person.name}
    stamp = uuid.uuid4().hex[:12]
    notify(members_of(organisation.id), "team.gone", organisation, params=params, once=stamp)
    return handover


def hand_over(
    organisation: Organisation,
    person: User,
    *,
    successor: User,
    listings: Iterable[uuid.UUID],
    note: str,
    actor: Actor,
) -> Handover:
    """Make `successor` responsible for some of what `person` holds: the person themself may, and an owner.

    Offers that wait and conversations go along with their listing. Raises NotPermitted; Refused: not_a_member,
    successor_unfit, nothing_chosen, note_too_long, not_theirs (somebody handed one of them over a moment earlier).
    """
    _may(actor, "team.handover", organisation)
    team = locked_team(organisation)
    if actor.user_id != person.id:
        _is_owner(team, actor)
    _membership(team, person.id)
    chosen = set(listings)
    if not chosen:
        raise Refused("nothing_chosen")
    if len(note.strip()) > LONGEST_NOTE:
        raise Refused("note_too_long", str(len(note)))
    return _hand_over(organisation, team, person, successor, chosen, note.strip(), actor)


def _hand_over(
    organisation: Organisation,
    team: Team,
    person: User,
    successor: User,
    chosen: set[uuid.UUID],
    note: str,
    actor: Actor,
    leaving: bool = False,
) -> Handover:
    if successor.id == person.id or not _is_active_member(team, successor):
        raise Refused("successor_unfit")
    theirs = select(Listing.id).where(
        Listing.id.in_(chosen),
        Listing.organisation_id == organisation.id,
        Listing.responsible_id == person.id,
    )
    locked = list(db.session.scalars(theirs.order_by(Listing.id).with_for_update(key_share=True)))
    if set(locked) != chosen:
        raise Refused("not_theirs")
    # Not through the rows: whose work it is, is no new version of the text, and must not make an open form stale.
    db.session.execute(
        update(Listing)
        .where(Listing.id.in_(locked))
        .values(responsible_id=successor.id)
        .execution_options(synchronize_session="fetch")
    )
    handover = Handover(
        organisation_id=organisation.id,
        from_id=person.id,
        to_id=successor.id,
        by_id=actor.user_id,
        note=note,
        at=now(),
        items=[HandoverItem(listing_id=listing_id) for listing_id in locked],
    )
    db.session.add(handover)
    db.session.flush()
    for item in handover.items:
        audit.record(
            "listing.handed_over",
            db.session.get_one(Listing, item.listing_id),
            actor=actor,
            fields=("responsible_id",),
            reason=note,
            personal={"from": str(person.id), "to": str(successor.id)},
        )
    params = {**_named(organisation), "num": len(locked)}
    if successor.id != actor.user_id:
        notify([successor], "handover.received", handover, params={**params, "person": person.name})
    if person.id != actor.user_id:
        notify(
            [person], "handover.given", handover, params={**params, "person": successor.name, "left": leaving}
        )
    return handover


def _pass_on_everything(
    organisation: Organisation, team: Team, person: User, successor: User | None, actor: Actor
) -> Handover | None:
    """What a person holds goes to the successor they need while any of it is open; what has ended, to an owner."""
    items = queries.items_of(organisation.id, person.id)
    if not items:
        return None
    if successor is None:
        if any(item.is_open for item in items):
            raise Refused("successor_missing")
        successor = _first_owner(team, without=person.id)
    chosen = {item.listing.id for item in items}
    return _hand_over(organisation, team, person, successor, chosen, "", actor, leaving=True)


def _end(
    organisation: Organisation, team: Team, person: User, *, actor: Actor, action: str, reason: str = ""
) -> None:
    membership = team.pop(person.id)
    role = membership.role
    db.session.delete(membership)
    db.session.add(PastMembership(user_id=person.id, organisation_id=organisation.id))
    db.session.flush()
    db.session.expire(person, ["memberships"])
    audit.record(
        action, organisation, actor=actor, from_state=role, reason=reason, personal={"person": str(person.id)}
    )


def end_last_membership(organisation: Organisation, person: User, *, actor: Actor) -> None:
    """The only person leaves for good: what has ended stays with nobody. Raises Refused("successor_missing")."""
    team = locked_team(organisation)
    if any(item.is_open for item in queries.items_of(organisation.id, person.id)):
        raise Refused("successor_missing")
    _end(organisation, team, person, actor=actor, action="team.left")


# --- who may, and who is left ------------------------------------------------------------------------------------


def _may(actor: Actor, permission: str, organisation: Organisation) -> None:
    if not can(actor, permission, organisation):
        raise NotPermitted("not_permitted", permission)


def _is_owner(team: Team, actor: Actor) -> None:
    """The page may be a moment old: an owner who was made a member meanwhile decides nothing any more."""
    if actor.is_system:
        return
    own = team.get(actor.user_id) if actor.user_id else None
    if own is None or own.role != "owner":
        raise NotPermitted("not_permitted", "team.manage")


def _membership(team: Team, person_id: uuid.UUID) -> Membership:
    if person_id not in team:
        raise Refused("not_a_member")
    return team[person_id]


def _is_active_member(team: Team, person: User) -> bool:
    return person.id in team and person.active


def _active_owners(team: Team) -> list[uuid.UUID]:
    owners = [membership.user_id for membership in team.values() if membership.role == "owner"]
    active = set(db.session.scalars(select(User.id).where(User.id.in_(owners), User.active.is_(True))))
    return [person_id for person_id in owners if person_id in active]


def _keep_an_owner(team: Team, *, without: uuid.UUID) -> None:
    if all(person_id == without for person_id in _active_owners(team)):
        raise Refused("last_owner")


def _first_owner(team: Team, *, without: uuid.UUID) -> User:
    return db.session.get_one(User, next(one for one in _active_owners(team) if one != without))


def _others(organisation: Organisation, *but: uuid.UUID | None) -> list[User]:
    return [person for person in members_of(organisation.id) if person.id not in but]


def _named(organisation: Organisation) -> dict[str, str]:
    return organisation.named()
