"""Verbs of consents: write a version, publish it, decide about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ppp_match import audit
from ppp_match.consents import queries
from ppp_match.consents.models import ConsentVersion, Decision, Purpose
from ppp_match.db import db, now
from ppp_match.lifecycle import TERMS, NotPermitted, Refused, move
from ppp_match.permissions import Actor, can

A_MOMENT = timedelta(minutes=5)  # "from now on" is not refused for the time that a form takes
TEXTS = ("text_vi", "text_en", "change_vi", "change_en")


def draft_version(purpose: Purpose, *, actor: Actor) -> ConsentVersion:
    """The draft of the purpose's next version: the one that is there, or a new one that begins with the last text."""
    if not can(actor, "terms.manage"):
        raise NotPermitted("not_permitted", "terms.manage")
    draft = db.session.scalar(
        select(ConsentVersion).where(
            ConsentVersion.purpose_code == purpose.code, ConsentVersion.state == "draft"
        )
    )
    if draft is not None:
        return draft
    last = next(iter(queries.versions_of(purpose.code)), None)
    number = db.session.scalar(
        select(func.coalesce(func.max(ConsentVersion.number), 0)).where(
            ConsentVersion.purpose_code == purpose.code
        )
    )
    draft = ConsentVersion(
        purpose_code=purpose.code,
        number=(number or 0) + 1,
        text_vi=last.text_vi if last else "",
        text_en=last.text_en if last else "",
        created_by=actor.user_id,
    )
    db.session.add(draft)
    db.session.flush()
    audit.record("terms.drafted", draft, actor=actor, to_state="draft")
    return draft


def write_version(draft: ConsentVersion, values: dict[str, str], *, version: int, actor: Actor) -> None:
    """Change the texts of a draft. Raises Refused("stale"), or Refused("terms_fixed") if it is published."""
    if not can(actor, "terms.manage"):
        raise NotPermitted("not_permitted", "terms.manage")
    if draft.state != "draft":
        raise Refused("terms_fixed")
    if draft.version != version:
        raise Refused("stale")
    changed = tuple(name for name in TEXTS if getattr(draft, name) != values[name])
    for name in changed:
        setattr(draft, name, values[name])
    db.session.flush()
    if changed:
        audit.record("terms.edited", draft, actor=actor, fields=changed)


def publish_version(draft: ConsentVersion, *, effective_at: datetime, version: int, actor: Actor) -> None:
    """draft → published, in force from a moment that is not before now nor before that of the version before it."""
    if draft.version != version:
        raise Refused("stale")
    before = queries.version_before(draft)
    if effective_at < now() - A_MOMENT:
        raise Refused("terms_date_past")
    if before is not None and before.effective_at is not None and effective_at <= before.effective_at:
        raise Refused("terms_date_order")
    with db.session.no_autoflush:
        if draft.state == "draft" and draft.refuse_half_written() is None and can(actor, "terms.manage"):
            draft.effective_at, draft.published_at, draft.published_by = effective_at, now(), actor.user_id
        move(TERMS, draft, "published", actor=actor)


def decide(
    versions: Iterable[ConsentVersion],
    *,
    user_id: object,
    given: bool,
    how: str,
    actor: Actor,
) -> list[Decision]:
    """Note what a person says to versions in force. Saying the same again leaves no row.

    Raises NotPermitted for anybody but the person, Refused("terms_not_in_force") for a version that does not hold now.
    """
    if actor.user_id is None or actor.user_id != user_id:
        raise NotPermitted("not_permitted", "account.manage")
    holding = {one.id for one in queries.in_force().values()}
    wanted = list(versions)
    said = queries.newest_decisions(actor.user_id, wanted)
    made = []
    for version in wanted:
        if version.id not in holding:
            raise Refused("terms_not_in_force")
        if version.id in said and said[version.id].given == given:
            continue
        row = Decision(user_id=actor.user_id, version_id=version.id, given=given, how=how, at=now())
        db.session.add(row)
        db.session.flush()
        audit.record(
            "consent.given" if given else "consent.withdrawn",
            version,
            actor=actor,
            fields=(version.purpose_code,),
        )
        made.append(row)
    return made
