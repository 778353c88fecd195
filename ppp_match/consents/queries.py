"""Which version is in force, and what a person said to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import func, select

from ppp_match.consents.models import ConsentVersion, Decision, Purpose
from ppp_match.db import db, now


def purposes() -> list[Purpose]:
    return list(db.session.scalars(select(Purpose).order_by(Purpose.position)))


def in_force() -> dict[str, ConsentVersion]:
    """{purpose: the version that holds now}, in the order of the purposes; a purpose without one is left out."""
    rows = db.session.scalars(
        select(ConsentVersion)
        .join(Purpose)
        .where(ConsentVersion.state == "published", ConsentVersion.effective_at <= now())
        .order_by(Purpose.position, ConsentVersion.effective_at, ConsentVersion.number)
    )
    return {row.purpose_code: row for row in rows}  # the last one of a purpose wins


def needed_in_force() -> list[ConsentVersion]:
    return [one for one in in_force().values() if one.purpose.needed]


def terms_in_force() -> ConsentVersion | None:
    return in_force().get("terms")


def versions_of(code: str) -> list[ConsentVersion]:
    """The published versions of a purpose, the newest first."""
    query = select(ConsentVersion).where(
        ConsentVersion.purpose_code == code, ConsentVersion.state == "published"
    )
    return list(db.session.scalars(query.order_by(ConsentVersion.number.desc())))


def all_versions() -> dict[str, list[ConsentVersion]]:
    """{purpose: its versions, drafts too, the newest first}."""
    found: dict[str, list[ConsentVersion]] = {}
    for one in db.session.scalars(select(ConsentVersion).order_by(ConsentVersion.number.desc())):
        found.setdefault(one.purpose_code, []).append(one)
    return found


def version_before(version: ConsentVersion) -> ConsentVersion | None:
    return db.session.scalar(
        select(ConsentVersion)
        .where(
            ConsentVersion.purpose_code == version.purpose_code,
            ConsentVersion.state == "published",
            ConsentVersion.number < version.number,
        )
        .order_by(ConsentVersion.number.desc())
        .limit(1)
    )


def newest_decisions(user_id: uuid.UUID, versions: Iterable[ConsentVersion]) -> dict[uuid.UUID, Decision]:
    """{version: what the person last said to it}."""
    wanted = [one.id for one in versions]
    rows = db.session.scalars(
        select(Decision)
        .where(Decision.user_id == user_id, Decision.version_id.in_(wanted))
        .order_by(Decision.at, Decision.id)
    )
    return {row.version_id: row for row in rows}


def undecided(user_id: uuid.UUID) -> list[ConsentVersion]:
    """Needed versions in force to which the person has not agreed, or no longer agrees."""
    versions = needed_in_force()
    said = newest_decisions(user_id, versions)
    return [one for one in versions if one.id not in said or not said[one.id].given]


def history(user_id: uuid.UUID) -> list[Decision]:
    """Everything that a person decided, the newest first."""
    return list(
        db.session.scalars(
            select(Decision).where(Decision.user_id == user_id).order_by(Decision.at.desc(), Decision.id)
        )
    )


def agreeing(version: ConsentVersion, user_ids: Iterable[uuid.UUID] | None = None) -> set[uuid.UUID]:
    """Who agrees to a version: those of `user_ids`, or everybody."""
    newest = (
        select(
            Decision.user_id,
            Decision.given,
            func.row_number()
            .over(partition_by=Decision.user_id, order_by=(Decision.at.desc(), Decision.id))
            .label("place"),
        )
        .where(Decision.version_id == version.id)
        .subquery()
    )
    query = select(newest.c.user_id).where(newest.c.place == 1, newest.c.given)
    if user_ids is not None:
        query = query.where(newest.c.user_id.in_(list(user_ids)))
    return set(db.session.scalars(query))
