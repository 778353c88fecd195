"""Keeping the list of phrases, and telling whoever watches that one for the moderators was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.permissions import Actor, can
from ppp_match.phrases.finding import find, folded, phrases
from ppp_match.phrases.models import Phrase

# The room of reports stands above those that write texts, so it asks to be told: (subject, phrases found).
WATCHERS: list[Callable[[Any, list[Phrase]], None]] = []
FIELDS = ("words", "lang", "kind", "severity", "active")


def keep_phrase(
    values: Mapping[str, Any], *, actor: Actor, row: Phrase | None = None, version: int = 0
) -> Phrase:
    """Add a phrase, or change one. Raises NotPermitted; Refused: stale, phrase_empty, phrase_exists."""
    if not can(actor, "phrase.manage"):
        raise NotPermitted("not_permitted", "phrase.manage")
    plain = folded(str(values["words"]))
    if not plain:
        raise Refused("phrase_empty")
    same = db.session.scalar(select(Phrase).where(Phrase.folded == plain))
    if same is not None and (row is None or same.id != row.id):
        raise Refused("phrase_exists")
    made = row is None
    if row is None:
        row = Phrase()
    else:
        wait_for(row)
        if row.version != version:
            raise Refused("stale")
    changed = tuple(name for name in FIELDS if getattr(row, name) != values[name])
    for name in changed:
        setattr(row, name, values[name])
    row.folded, row.changed_at, row.changed_by = plain, now(), actor.user_id
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:  # a colleague added it at the same moment
        raise Refused("phrase_exists") from error
    audit.record("phrase.added" if made else "phrase.changed", row, actor=actor, fields=changed)
    return row


def watch(subject: Any, texts: Iterable[str]) -> list[Phrase]:
    """A text has been saved or sent: what of the list stands in it. The moderators hear of what is meant for them."""
    known = phrases()
    found = {one.id: one for text in texts for one in find(text, known)}
    serious = [one for one in found.values() if one.severity == "moderator"]
    if serious:
        for told in WATCHERS:
            told(subject, serious)
    return list(found.values())
