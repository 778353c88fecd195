"""Concerns told in confidence to the administrators: told, read again with code and secret, answered, closed.

What the person writes leaves no audit event and no actor, though they be signed in: an event holds its moment, and
moments fit logs. What administrators do with it is recorded like everything else.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.complaints.models import CONCERN_KINDS, ConcernCase, ConcernEntry
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can

LONGEST_WORDS = 8000
MOST_ENTRIES = 100
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
SECRET = re.compile(rf"[{ALPHABET}]{{4}}(?:-[{ALPHABET}]{{4}}){{4}}")


def new_secret() -> str:
    """Twenty signs in groups of four: some ninety-nine bits, so a plain hash keeps it."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(20))
    return "-".join(signs[at : at + 4] for at in range(0, 20, 4))


def _hash(secret: str) -> str:
    return hashlib.sha256(f"concern:{secret}".encode()).hexdigest()


def code_of(secret: str) -> str:
    """The case's code: worked out from the secret, and nothing of the secret can be worked out from it."""
    digest = hashlib.sha256(f"concern-code:{secret}".encode()).digest()
    return "K-" + base64.b32encode(digest[:5]).decode()


def tell(*, kind: str, text: str, secret: str) -> ConcernCase:
    """Keep a concern. The form brings its secret along, so that sending it twice makes one case.

    Raises Refused: note_missing, note_too_long, unknown_kind_of_report, concern_secret.
    """
    words = _checked(text)
    if kind not in CONCERN_KINDS:
        raise Refused("unknown_kind_of_report")
    if not SECRET.fullmatch(secret):
        raise Refused("concern_secret")
    found = find(code_of(secret), secret)
    if found is not None:
        return found
    case = ConcernCase(code=code_of(secret), secret_hash=_hash(secret), kind=kind)
    case.entries.append(ConcernEntry(position=1, text=words))
    db.session.add(case)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:  # the other one of two clicks
        found = find(code_of(secret), secret)
        if found is None:
            raise
        return found
    _tell_administrators(case)
    return case


def find(code: str, secret: str) -> ConcernCase | None:
    """The case, for whoever holds both."""
    plain = "-".join(re.findall(".{1,4}", re.sub(r"[\s-]+", "", secret.lower())))
    case = db.session.scalar(select(ConcernCase).where(ConcernCase.secret_hash == _hash(plain)))
    return case if case is not None and case.code == code.strip().upper() else None


def add_words(case: ConcernCase, text: str) -> None:
    """The person adds something; a closed case opens again. The same words twice in a row are one entry."""
    words = _checked(text)
    wait_for(case)
    db.session.expire(case, ["entries"])
    last = case.entries[-1]
    if not last.by_forum and last.text == words:
        return
    if len(case.entries) >= MOST_ENTRIES:
        raise Refused("concern_full")
    case.entries.append(ConcernEntry(position=len(case.entries) + 1, text=words))
    case.state, case.closed_at = "open", None
    db.session.flush()
    _tell_administrators(case)


def answer(case: ConcernCase, *, text: str, close: bool, seen: int, actor: Actor) -> None:
    """An administrator answers, and closes it or not. `seen` is how many entries the page showed.

    Raises NotPermitted; Refused: stale, note_missing, note_too_long.
    """
    if not can(actor, "concern.read"):
        raise NotPermitted("not_permitted", "concern.read")
    words = _checked(text)
    wait_for(case)
    db.session.expire(case, ["entries"])
    if len(case.entries) != seen:
        raise Refused("stale")
    before = case.state
    case.entries.append(
        ConcernEntry(position=len(case.entries) + 1, text=words, by_forum=True, author_id=actor.user_id)
    )
    case.state, case.closed_at = ("closed", now()) if close else ("open", None)
    db.session.flush()
    audit.record(
        "concern.closed" if close else "concern.answered",
        case,
        actor=actor,
        from_state=before,
        to_state=case.state,
    )


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise Refused("note_missing")
    if len(words) > LONGEST_WORDS:
        raise Refused("note_too_long")
    return words


def _tell_administrators(case: ConcernCase) -> None:
    people = db.session.scalars(select(User).where(User.staff_role == "administrator", User.active)).all()
    notify(people, "concern.waiting", case, once=str(len(case.entries)))
