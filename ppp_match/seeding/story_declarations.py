"""The story of declarations: one record of story-declarations.yaml is a relation, an interest or one on an offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.db import db
from ppp_match.declarations import interests, relations
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions import declaring
from ppp_match.introductions.models import Offer, OfferDeclaration
from ppp_match.recommendations.models import Match
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, organisation_of, person_of

Add = Callable[[Any, Callable[[], Any]], None]


def acts_of_declarations(path: Path, record: Record) -> list[Act]:
    """What was declared, what is said of its end, and what the forum decided."""
    line, day = record["__line__"], Day(path, record)
    tell = {"relation": _relation, "interest": _interest, "offer": _offer}.get(record["what"])
    if tell is None:
        raise SeedError(path, line, f"what: relation, interest or offer, not {record['what']!r}")
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any]) -> None:
        acts.append(Act(day.moment(days_ago), do, path, line))

    tell(path, record, add)
    return acts


def _relation(path: Path, record: Record, add: Add) -> None:
    made: list[OrganisationRelation] = []
    line = record["__line__"]

    def declare() -> None:
        home = organisation_of(path, line, record["organisation"])
        made.append(
            relations.declare_relation(
                home,
                kind=record["kind"],
                outside_name=record["outside"],
                note=record.get("note") or "",
                actor=person_of(path, line, record["by"]).as_actor(home.id),
            )
        )

    add(record["days_ago"], declare)
    if ending := record.get("ending"):

        def say() -> None:
            actor = person_of(path, line, record["by"]).as_actor(made[0].organisation_id)
            relations.say_ended(made[0], reason=ending["reason"], version=made[0].version, actor=actor)

        add(ending["days_ago"], say)


def _interest(path: Path, record: Record, add: Add) -> None:
    made: list[DeclaredInterest] = []
    line, by = record["__line__"], record.get("by") or record["person"]

    def declare() -> None:
        made.append(
            interests.declare_interest(
                person_of(path, line, record["person"]),
                organisation_of(path, line, record["organisation"]),
                kind=record["kind"],
                note=record.get("note") or "",
                actor=person_of(path, line, by).as_actor(),
            )
        )

    add(record["days_ago"], declare)
    if ending := record.get("ending"):

        def say() -> None:
            actor = person_of(path, line, record["person"]).as_actor()
            interests.say_ended(made[0], reason=ending["reason"], version=made[0].version, actor=actor)

        add(ending["days_ago"], say)


def _offer(path: Path, record: Record, add: Add) -> None:
    made: list[OfferDeclaration] = []
    line = record["__line__"]

    def declare() -> None:
        need, capability = (listing_of(path, line, record[name]) for name in ("need", "capability"))
        offer = db.session.scalars(
            select(Offer)
            .join(Match, Match.id == Offer.match_id)
            .where(Match.need_id == need.id, Match.capability_id == capability.id, Offer.state == "open")
        ).one()
        home = (need if record["side"] == "need" else capability).organisation
        actor = acting(path, line, record.get("by"), home)
        made.append(declaring.declare(offer, words=record["words"], actor=actor))

    add(record["days_ago"], declare)
    if decided := record.get("decided"):

        def decide() -> None:
            declaring.decide(
                made[0],
                cleared=decided["cleared"],
                reason=decided["reason"],
                version=made[0].version,
                actor=person_of(path, line, decided["by"]).as_actor(),
            )

        add(decided["days_ago"], decide)
