"""The verbs of what both sides keep together: indicators, milestones, risks, links to documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select

from ppp_match import audit
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import Refused
from ppp_match.partnerships.models import Partnership, Statement
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.partnerships.operations import side_that_reports
from ppp_match.permissions import Actor

MEANING = frozenset({"code", "unit", "direction"})  # of an indicator: what its values say
MOST_ROWS = 40  # of one kind in one partnership
Row = TypeVar("Row", Indicator, Milestone, Risk, DocumentLink)
NAMES = {Indicator: "indicator", Milestone: "milestone", Risk: "risk", DocumentLink: "document"}


def add(kind: type[Row], partnership: Partnership, values: Mapping[str, Any], *, actor: Actor) -> Row:
    """A new row of that kind. Raises NotPermitted; Refused: too_many."""
    side_that_reports(partnership, actor)
    wait_for(partnership)
    if (
        len(db.session.scalars(select(kind.id).where(kind.partnership_id == partnership.id)).all())
        >= MOST_ROWS
    ):
        raise Refused("too_many")
    row = kind(
        partnership=partnership, changed_by=actor.user_id, created_at=now(), changed_at=now(), **values
    )
    db.session.add(row)
    partnership.changed_at = now()
    db.session.flush()
    audit.record(f"partnership.{NAMES[kind]}_added", partnership, actor=actor, fields=tuple(sorted(values)))
    return row


def change(row: Row, values: Mapping[str, Any], *, version: int, actor: Actor) -> None:
    """Change a row. What an indicator measures stays once values were reported. Raises NotPermitted; Refused: stale,
    has_values."""
    side_that_reports(row.partnership, actor)
    wait_for(row)
    if row.version != version:
        raise Refused("stale")
    changed = tuple(sorted(name for name, value in values.items() if getattr(row, name) != value))
    if not changed:
        return
    if isinstance(row, Indicator) and set(changed) & MEANING and _has_values(row):
        raise Refused("has_values")
    with db.session.no_autoflush:
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at, row.changed_by = now(), actor.user_id
        row.partnership.changed_at = now()
    db.session.flush()
    audit.record(f"partnership.{NAMES[type(row)]}_changed", row.partnership, actor=actor, fields=changed)


def _has_values(row: Indicator) -> bool:
    said = select(Statement.id).where(
        Statement.partnership_id == row.partnership_id,
        Statement.key.startswith(f"indicator:{row.id}:"),
        Statement.replaced_at.is_(None),
    )
    return db.session.scalar(said.limit(1)) is not None


def remove(row: Row, *, version: int, actor: Actor) -> None:
    """Take a row away. What was reported is kept: an indicator with values stays. Raises NotPermitted; Refused: stale,
    has_values."""
    side_that_reports(row.partnership, actor)
    wait_for(row)
    if row.version != version:
        raise Refused("stale")
    if isinstance(row, Indicator) and _has_values(row):
        raise Refused("has_values")
    audit.record(f"partnership.{NAMES[type(row)]}_removed", row.partnership, actor=actor)
    row.partnership.changed_at = now()
    db.session.delete(row)
    db.session.flush()
