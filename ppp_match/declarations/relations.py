"""The verbs of relations between organisations: declare, say that one has ended, confirm or refuse that."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import RELATION_KINDS, Organisation, OrganisationRelation
from ppp_match.accounts.queries import owners_of, staff_apart_from
from ppp_match.db import db, now, today
from ppp_match.declarations import ending
from ppp_match.introductions.declaring import end_offers_of_related
from ppp_match.lifecycle import RELATION, NotPermitted, Refused
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.phrases.finding import folded
from ppp_match.verification.operations import note_published

LONGEST_NOTE = 300
LONGEST_NAME = 200


def declare_relation(
    organisation: Organisation,
    *,
    kind: str,
    actor: Actor,
    related: Organisation | None = None,
    outside_name: str = "",
    since: date | None = None,
    note: str = "",
) -> OrganisationRelation:
    """Declare that an organisation is related to another one, of the forum (`related`) or outside (`outside_name`).

    `kind` says what the other one is to it: its owner, subsidiary, affiliate, or the former employer of people who
    decide for it. Declaring the same again gives the row there is. From then on no pair of the two is offered; those
    that wait are barred with the next look at them, and open offers end.

    Raises NotPermitted; Refused: unknown_relation, relation_to_itself,
    relation_to_nobody, in_the_future, note_too_long.
    """
    by_staff = can(actor, "relation.review", organisation)
    if not (by_staff or can(actor, "relation.declare", organisation)):
        raise NotPermitted("not_permitted", "relation.declare")
    name = " ".join(outside_name.split())
    if kind not in RELATION_KINDS:
        raise Refused("unknown_relation")
    if related is not None and related.id == organisation.id:
        raise Refused("relation_to_itself")
    if (related is None) == (not folded(name)):
        raise Refused("relation_to_nobody")
    if since is not None and since > today():
        raise Refused("in_the_future")
    if len(note.strip()) > LONGEST_NOTE or len(name) > LONGEST_NAME:
        raise Refused("note_too_long")
    row = OrganisationRelation(
        organisation_id=organisation.id,
        related_id=related.id if related is not None else None,
        outside_name=name,
        outside_key=folded(name),
        kind=kind,
        note=note.strip(),
        since=since,
        declared_by=actor.user_id,
    )
    same = _standing(row)
    if same is not None:
        return same
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:  # the other one of two clicks
        same = _standing(row)
        if same is None:
            raise
        return same
    audit.record("relation.declared", row, actor=actor, to_state="declared")
    end_offers_of_related(_look_anew(row))
    _tell_the_other_sides(row, actor)
    return row


def _standing(row: OrganisationRelation) -> OrganisationRelation | None:
    return db.session.scalar(
        select(OrganisationRelation).where(
            OrganisationRelation.organisation_id == row.organisation_id,
            OrganisationRelation.related_id == row.related_id
            if row.related_id
            else OrganisationRelation.related_id.is_(None),
            OrganisationRelation.outside_key == row.outside_key,
            OrganisationRelation.kind == row.kind,
            OrganisationRelation.state != "ended",
        )
    )


def _look_anew(row: OrganisationRelation) -> set[uuid.UUID]:
    """Have the index and the pairs learn of it: of both, and of those that named the same one outside. Returns them."""
    concerned = set(row.party_ids)
    if row.outside_key:
        concerned |= set(
            db.session.scalars(
                select(OrganisationRelation.organisation_id).where(
                    OrganisationRelation.outside_key == row.outside_key, OrganisationRelation.state != "ended"
                )
            )
        )
    for one in sorted(concerned, key=str):
        note_published(db.session.get_one(Organisation, one))
    return concerned


def _tell_the_other_sides(row: OrganisationRelation, actor: Actor) -> None:
    for organisation_id in sorted(row.party_ids - {actor.organisation_id}, key=str):
        notify(owners_of(organisation_id), "relation.declared", row, params=_params(row, organisation_id))


def _params(row: OrganisationRelation, told: uuid.UUID | None = None) -> dict[str, Any]:
    """Names in notices: the one that is told, and the other one."""
    organisation = row.organisation or db.session.get_one(Organisation, row.organisation_id)
    if told == row.related_id and row.related is not None:
        return {
            **row.related.named("organisation"),
            **organisation.named("other"),
            "home": str(told),
        }
    other = row.related.named("other") if row.related is not None else {"other": row.outside_name}
    return {**organisation.named("organisation"), **other, "home": str(row.organisation_id)}


def confirm_list(organisation: Organisation, *, actor: Actor) -> None:
    """Say for an organisation that its relations are declared, all of them. Raises NotPermitted."""
    if not can(actor, "relation.declare", organisation):
        raise NotPermitted("not_permitted", "relation.declare")
    organisation.relations_confirmed_at = now()
    db.session.flush()
    audit.record("relation.list_confirmed", organisation, actor=actor)


def say_ended(row: OrganisationRelation, *, reason: str, version: int, actor: Actor) -> None:
    """Say for one of the two that the relation has ended. It counts until the forum has confirmed that.

    Raises Refused: stale, note_too_long, and what lifecycle.move raises.
    """
    ending.say(RELATION, row, reason=reason, version=version, actor=actor)
    others = staff_apart_from(row.party_ids)
    notify(others, "relation.ending", row, params=_params(row))


def answer_end(row: OrganisationRelation, *, ended: bool, reason: str, version: int, actor: Actor) -> None:
    """The forum confirms that a relation has ended, or lets it stand, with a reason that the two are told.

    A moderator may also end one of which nobody said so. Raises as say_ended.
    """
    if not can(actor, "relation.review", row):
        raise NotPermitted("not_permitted", "relation.review")
    ending.answer(RELATION, row, ended=ended, reason=reason, version=version, actor=actor)
    if ended:
        _look_anew(row)
    for organisation_id in sorted(row.party_ids, key=str):
        notify(
            owners_of(organisation_id),
            "relation.ended" if ended else "relation.stands",
            row,
            params={**_params(row, organisation_id), "reason": reason.strip()},
        )
