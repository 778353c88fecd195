"""A conversation as a probity record: who said what when, with files by their digest, chained so that a change shows.

Each entry's `hash` is the SHA-256 of the JSON list [hash before, entry without its hash], with keys sorted, characters
as they are and no blanks (`canonical`); the first one follows 64 zeros. The last hash is that of the record: whoever
holds it can say whether a copy is whole. A message that the forum hid stands without its words, as both sides see it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ppp_match.attachments.queries import files_of
from ppp_match.db import db
from ppp_match.introductions import files, queries
from ppp_match.introductions.models import Introduction, Message

FORMAT = "ppp-match.conversation/1"
BEGINNING = "0" * 64


def canonical(value: Any) -> bytes:
    """The one way in which a value is written for its hash."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def chained(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The entries with their hashes."""
    before, found = BEGINNING, []
    for entry in entries:
        before = hashlib.sha256(canonical([before, dict(entry)])).hexdigest()
        found.append({**entry, "hash": before})
    return found


def first_broken(entries: Iterable[Mapping[str, Any]]) -> int | None:
    """The number of the first entry that does not follow, counted from 1; None where the chain is whole."""
    before = BEGINNING
    for number, entry in enumerate(entries, 1):
        bare = {name: value for name, value in entry.items() if name != "hash"}
        before = hashlib.sha256(canonical([before, bare])).hexdigest()
        if entry.get("hash") != before:
            return number
    return None


def record_of(introduction: Introduction) -> dict[str, Any]:
    """The whole conversation of an introduction, oldest first, for its two sides."""
    messages = db.session.scalars(queries.messages_of(introduction)).all()
    attached = files_of(files.SUBJECT, [one.id for one in messages])
    match = introduction.match
    begun = {
        "at": introduction.created_at.isoformat(),
        "what": "introduced",
        "introduction": introduction.label,
        "need": _listing(match.need),
        "capability": _listing(match.capability),
    }
    entries = chained([begun, *(_entry(one, attached[one.id]) for one in messages)])
    return {
        "format": FORMAT,
        "introduction": introduction.label,
        "entries": entries,
        "messages": len(messages),
        "hash": entries[-1]["hash"],
    }


def _listing(listing: Any) -> dict[str, str]:
    return {
        "label": listing.label,
        "title": listing.shown.text("title"),
        "lang": listing.shown.lang,
        **listing.organisation.named("organisation"),
    }


def _entry(message: Message, attached: Iterable[Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "at": message.created_at.isoformat(),
        "what": "message",
        **message.organisation.named("organisation"),
        "by": message.author.name if message.author and not message.author.closed_at else None,
        "lang": message.lang,
    }
    if message.hidden is not None:
        return {**entry, "what": "hidden message", "reason": message.hidden.reason}
    return {
        **entry,
        "text": message.body,
        "files": [
            {"name": one.name, "bytes": one.size, "sha256": one.digest}
            for one in attached
            if one.state == "shown"
        ],
    }
