"""The story of reports, appeals and a concern: one record of story-complaints.yaml is one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import Organisation
from ppp_match.complaints import appeals, concerns, operations
from ppp_match.complaints.models import Appeal, Report
from ppp_match.db import db
from ppp_match.introductions.models import Introduction, Message
from ppp_match.permissions import VISITOR, Actor
from ppp_match.recommendations.models import Match
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, organisation_of, person_of
from ppp_match.verification.queries import live_suspension


def acts_of_complaints(path: Path, record: Record) -> list[Act]:
    """A report and its decision, an appeal and its answer, or a concern and its answer."""
    line, day = record["__line__"], Day(path, record)
    tell = {"report": _report, "appeal": _appeal, "concern": _concern}.get(record["what"])
    if tell is None:
        raise SeedError(path, line, f"what: report, appeal or concern, not {record['what']!r}")
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any]) -> None:
        acts.append(Act(day.moment(days_ago), do, path, line))

    tell(path, record, add)
    return acts


Add = Callable[[Any, Callable[[], Any]], None]


def _report(path: Path, record: Record, add: Add) -> None:
    made: list[Report] = []
    line = record["__line__"]

    def tell() -> None:
        by, subject = record.get("by"), _subject(path, record)
        actor = person_of(path, line, by).as_actor() if by else VISITOR
        if isinstance(subject, Message):
            actor = _side(path, record)
        part = record.get("part") or ""
        told = operations.report(subject, kind=record["kind"], words=record["words"], part=part, actor=actor)
        made.append(told)

    add(record["days_ago"], tell)
    decided = record.get("decided")
    if decided:
        moderator = decided["by"]
        add(
            decided["days_ago"],
            lambda: operations.decide(
                made[0],
                measure=decided["measure"],
                reason=decided["reason"],
                version=made[0].version,
                actor=person_of(path, line, moderator).as_actor(),
            ),
        )


def _subject(path: Path, record: Record) -> Any:
    line = record["__line__"]
    if "organisation" in record:
        return organisation_of(path, line, record["organisation"])
    if "talk" not in record:
        return listing_of(path, line, record["listing"])
    need, capability = (listing_of(path, line, key) for key in record["talk"])
    message = db.session.scalars(
        select(Message)
        .join(Introduction)
        .join(Match, Match.id == Introduction.match_id)
        .where(
            Match.need_id == need.id,
            Match.capability_id == capability.id,
            Message.organisation_id == capability.organisation_id,
        )
        .order_by(Message.created_at.desc())
    ).first()
    if message is None:
        raise SeedError(path, line, "the company has written nothing in this conversation")
    return message


def _side(path: Path, record: Record) -> Actor:
    """The city's side of the conversation."""
    need = listing_of(path, record["__line__"], record["talk"][0])
    return acting(path, record["__line__"], None, need.organisation)


def _appeal(path: Path, record: Record, add: Add) -> None:
    made: list[Appeal] = []
    line = record["__line__"]

    def tell() -> None:
        subject: Any = _subject(path, record)
        home = subject if isinstance(subject, Organisation) else subject.organisation
        if isinstance(subject, Organisation):
            subject = live_suspension(home.id)
        actor = acting(path, line, None, home)
        kind = subject.__tablename__
        made.append(appeals.appeal(home, kind, subject.id, words=record["words"], actor=actor))

    add(record["days_ago"], tell)
    answered = record.get("answered")
    if answered:
        moderator = answered["by"]
        add(
            answered["days_ago"],
            lambda: appeals.answer_appeal(
                made[0],
                outcome=answered["outcome"],
                answer=answered["answer"],
                version=made[0].version,
                actor=person_of(path, line, moderator).as_actor(),
            ),
        )


def _concern(path: Path, record: Record, add: Add) -> None:
    secret = concerns.new_secret()
    add(
        record["days_ago"],
        lambda: concerns.tell(kind=record["kind"], text=record["words"], secret=secret),
    )
    answered = record.get("answered")
    if answered:
        administrator = answered["by"]

        def answer() -> None:
            case = concerns.find(concerns.code_of(secret), secret)
            assert case is not None  # noqa: S101  it was told an act before
            actor = person_of(path, record["__line__"], administrator).as_actor()
            concerns.answer(case, text=answered["answer"], close=False, seen=1, actor=actor)

        add(answered["days_ago"], answer)
