"""The story of teams: invitations in every state, changed roles, handovers, people who left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from ppp_match.accounts.models import Organisation
from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.people import key_id
from ppp_match.seeding.timeline import Act, Day, Record, acting, organisation_of, person_of
from ppp_match.teams import invitations, operations
from ppp_match.teams.models import Invitation

ANSWERS = ("accepted", "declined", "revoked")


def acts_of_team(path: Path, record: Record) -> list[Act]:
    """All that a record of story-teams.yaml tells of one organisation."""
    line, day = record["__line__"], Day(path, record)
    organisation = organisation_of(path, line, record["organisation"])
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any], at_line: int) -> None:
        acts.append(Act(day.moment(days_ago), do, path, at_line))

    for held in record.get("held") or []:
        _hold(path, organisation, held)
    for invitation in record.get("invited") or []:
        at_line = invitation["__line__"]
        add(invitation["days_ago"], partial(_invite, path, organisation, invitation), at_line)
        answer = invitation.get("answer")
        if answer is not None:
            if answer not in ANSWERS:
                raise SeedError(path, at_line, f"answer: {answer!r} is not one of {', '.join(ANSWERS)}")
            add(invitation["answered"], partial(_answer, path, organisation, invitation), at_line)
    for change in record.get("roles") or []:
        add(change["days_ago"], partial(_change_role, path, organisation, change), change["__line__"])
    for handover in record.get("handed_over") or []:
        add(handover["days_ago"], partial(_hand_over, path, organisation, handover), handover["__line__"])
    for leaver in record.get("left") or []:
        add(leaver["days_ago"], partial(_leave, path, organisation, leaver), leaver["__line__"])
    return acts


def _hold(path: Path, organisation: Organisation, held: Record) -> None:
    """Who was responsible for some of the listings at the beginning of the story."""
    person = person_of(path, held["__line__"], held["by"])
    ids = [key_id(key) for key in held["listings"]]
    db.session.execute(
        update(Listing)
        .where(Listing.id.in_(ids), Listing.organisation_id == organisation.id)
        .values(responsible_id=person.id)
        .execution_options(synchronize_session="fetch")
    )


def _invite(path: Path, organisation: Organisation, story: Record) -> None:
    invitations.invite(
        organisation,
        email=story["email"],
        role=story.get("role", "member"),
        message=story.get("message", ""),
        lang=story.get("lang", "vi"),
        actor=acting(path, story["__line__"], story.get("by"), organisation),
    )


def _answer(path: Path, organisation: Organisation, story: Record) -> None:
    invitation = db.session.scalars(
        select(Invitation).where(
            Invitation.organisation_id == organisation.id,
            Invitation.email == story["email"],
            Invitation.state == "pending",
        )
    ).one()
    if story["answer"] == "accepted":
        person = person_of(path, story["__line__"], story["email"])
        invitations.accept(invitation, actor=person.as_actor())
    elif story["answer"] == "declined":
        invitations.decline(invitation)
    else:
        actor = acting(path, story["__line__"], story.get("by"), organisation)
        invitations.revoke(invitation, actor=actor)


def _change_role(path: Path, organisation: Organisation, story: Record) -> None:
    person = person_of(path, story["__line__"], story["person"])
    actor = acting(path, story["__line__"], story.get("by"), organisation)
    operations.change_role(organisation, person, story["to"], actor=actor)


def _hand_over(path: Path, organisation: Organisation, story: Record) -> None:
    giver = person_of(path, story["__line__"], story["person"])
    operations.hand_over(
        organisation,
        giver,
        successor=person_of(path, story["__line__"], story["to"]),
        listings=[key_id(key) for key in story["listings"]],
        note=story.get("note", ""),
        actor=acting(path, story["__line__"], story.get("by", story["person"]), organisation),
    )


def _leave(path: Path, organisation: Organisation, story: Record) -> None:
    successor = person_of(path, story["__line__"], story["successor"]) if story.get("successor") else None
    operations.leave(
        organisation,
        successor=successor,
        new_owner=None,
        actor=acting(path, story["__line__"], story["person"], organisation),
    )
