"""The story of the listings: submitted, reviewed, ended; changed once published; noted upon; watched.

The listings files say what a listing says today. A record of story-texts.yaml says what it said `before`: its first
version gets those values back, and the versions lead to the text of today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.db import db, now
from ppp_match.listings import addenda, operations, revisions, watching
from ppp_match.listings.fields import field_of, stored_value
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.models_addenda import Addendum
from ppp_match.permissions import SYSTEM, Actor
from ppp_match.recommendations.refresh import refresh_need, withdraw_matches
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.listings import moved
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of, person_of

TAKEN_BEFORE = timedelta(hours=1)  # a moderator reads for an hour
DECIDED_AFTER = timedelta(days=2)


# --- what every listing went through ------------------------------------------------------------------------------


def acts_of_listings(path: Path) -> list[Act]:
    """The audit trail of the loaded listings, and the end of those that have ended, each on its day."""
    staff = list(db.session.scalars(select(User).where(User.staff_role == "moderator").order_by(User.email)))
    acts: list[Act] = []
    for listing in db.session.scalars(select(Listing).order_by(Listing.kind, Listing.number)):
        reviewer = staff[listing.number % len(staff)].as_actor()
        for at, from_, to, actor in _passages(listing, reviewer):
            do = partial(_note, listing, from_, to, actor)
            acts.append(Act(at, do, path, 1))
        if listing.state == "closed" and listing.close_reason != "merged":
            acts.append(_open_until_its_end(listing, path))
        if listing.amendment is not None and listing.amendment.submitted_at is not None:
            revision = listing.amendment
            acts.append(Act(revision.submitted_at or now(), partial(_note_amendment, revision), path, 1))
    return acts


def _passages(listing: Listing, reviewer: Actor) -> list[tuple[datetime, str, str, Actor]]:
    """(moment, from, to, who) of the moves of a first text that the loading made at one stroke."""
    owner = listing.author.as_actor(listing.organisation_id) if listing.author else SYSTEM
    if listing.submitted_at is None:
        withdrawn = listing.state == "withdrawn"
        return [(listing.ended_at or now(), "draft", "withdrawn", owner)] if withdrawn else []
    sent = listing.shown.submitted_at or listing.submitted_at
    moves = [(sent, "draft", "submitted", owner)]
    decided = listing.published_at or listing.ended_at
    if listing.state == "returned":
        decided = min(sent + DECIDED_AFTER, now() - timedelta(minutes=2))
    if listing.state == "in_review":
        holder = listing.holder.as_actor() if listing.holder else reviewer
        moves.append((listing.held_since or now(), "submitted", "in_review", holder))
    elif decided is not None and listing.state != "withdrawn":
        first = "published" if listing.published_at else listing.state
        moves.append((max(decided - TAKEN_BEFORE, sent), "submitted", "in_review", reviewer))
        moves.append((decided, "in_review", first, reviewer))
    elif listing.state == "withdrawn" and listing.ended_at is not None:
        moves.append((listing.ended_at, "submitted", "withdrawn", owner))
    return moves


def _note(listing: Listing, from_: str, to: str, actor: Actor) -> None:
    audit.record(f"listing.{to}", listing, actor=actor, from_state=from_, to_state=to)


def _note_amendment(revision: Revision) -> None:
    owner = revision.listing.author
    actor = owner.as_actor(revision.listing.organisation_id) if owner else SYSTEM
    audit.record("amendment.submitted", revision, actor=actor, from_state="draft", to_state="submitted")


def _open_until_its_end(listing: Listing, path: Path) -> Act:
    """A listing that was loaded as closed stands open again until its last day, on which its owner closes it."""
    ended, close_reason, words = listing.ended_at, listing.close_reason, listing.decision_reason
    listing.state, listing.close_reason, listing.ended_at, listing.decision_reason = (
        "published",
        None,
        None,
        "",
    )
    db.session.flush()
    return Act(ended or now(), partial(_close, path, listing, str(close_reason), words), path, 1)


def _close(path: Path, listing: Listing, close_reason: str, words: str) -> None:
    actor = SYSTEM if close_reason == "expired" else acting(path, 1, None, listing.organisation)
    operations.close_listing(listing, close_reason=close_reason, reason=words or close_reason, actor=actor)
    follow(listing)


def follow(listing: Listing) -> None:
    """What the jobs do after a listing has left: its pairs are withdrawn, and the companies that asked are told."""
    if listing.kind == "need":
        refresh_need(listing)
    else:
        withdraw_matches(listing)


# --- what is told of some -----------------------------------------------------------------------------------------


@dataclass
class _Texts:
    """A listing of the file with the values of today that its versions lead to."""

    path: Path
    record: Record
    listing: Listing
    today: dict[str, Any]


def acts_of_texts(path: Path, record: Record) -> list[Act]:
    """Versions, addenda and watchers of one listing."""
    line = record["__line__"]
    listing, day = listing_of(path, line, record["listing"]), Day(path, record)
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any], at_line: int) -> None:
        acts.append(Act(day.moment(days_ago), do, path, at_line))

    before = {key: value for key, value in (record.get("before") or {}).items() if key != "__line__"}
    texts = _Texts(path, record, listing, {name: _value_today(listing, name) for name in before})
    if before:
        _write_before(texts, before)
    left = {name for name in before if name != "response_until" or not _put_off_by_addendum(record)}
    for number, version in enumerate(record.get("versions") or [], start=1):
        last = number == len(record["versions"])
        names = set(version.get("only") or left) if not last else left
        left = left - names
        _add_version(texts, version, sorted(names), add)
    for addendum in record.get("addenda") or []:
        _add_addendum(texts, addendum, add)
    for watcher in record.get("watched") or []:
        person = person_of(path, watcher["__line__"], watcher["by"])
        add(
            watcher["days_ago"],
            partial(watching.watch, listing, actor=person.as_actor()),
            watcher["__line__"],
        )
    return acts


def _put_off_by_addendum(record: Record) -> bool:
    return any(one.get("puts_off") for one in record.get("addenda") or [])


def _value_today(listing: Listing, name: str) -> Any:
    return _value_of(listing.shown, listing.kind, name)


def _value_of(revision: Revision, kind: str, name: str) -> Any:
    field = field_of(kind, name)
    if field.store == "text":
        return revision.text(name, revision.lang)
    if field.store == "terms":
        return list(revision.codes(field.vocabulary))
    return stored_value(field, revision)


def _write_before(texts: _Texts, before: Record) -> None:
    """Give the first version the values it had before its changes. Raises SeedError where nothing differs."""
    listing, line = texts.listing, texts.record["__line__"]
    if listing.state != "published" or listing.amendment is not None:
        raise SeedError(texts.path, line, f"{texts.record['listing']} has no published text alone")
    values = {name: _typed(texts, name, value) for name, value in before.items()}
    same = [name for name, value in values.items() if value == texts.today[name]]
    if same:
        raise SeedError(texts.path, line, f"the same before as today: {', '.join(same)}")
    revisions.apply(listing.kind, listing.shown, values, listing.shown.lang)
    db.session.flush()


def _typed(texts: _Texts, name: str, value: Any) -> Any:
    today = texts.today[name]
    if isinstance(today, date):
        return moved(texts.path, texts.record["__line__"], value)
    if isinstance(today, Decimal):
        return Decimal(str(value))
    return value


def _add_version(
    texts: _Texts, version: Record, names: list[str], add: Callable[[Any, Callable[[], Any], int], None]
) -> None:
    """One accepted change: written and sent by the owner, read and accepted by a moderator."""
    listing, line = texts.listing, version["__line__"]
    reviewer = moderator_of(texts.path, texts.record, version.get("reviewer")).as_actor()

    def send() -> None:
        owner = acting(texts.path, line, version.get("by"), listing.organisation)
        values = {name: texts.today[name] for name in names}
        if not operations.save_listing(listing, values, lang=listing.shown.lang, actor=owner):
            raise SeedError(texts.path, line, "the version changes nothing")
        operations.submit_listing(listing, actor=owner, contact_confirmed=True)

    def accept() -> None:
        operations.take_in_hand(listing, actor=reviewer)
        operations.publish_listing(listing, actor=reviewer)

    add(version["sent"], send, line)
    add(version["days_ago"], accept, line)


def _add_addendum(texts: _Texts, story: Record, add: Callable[[Any, Callable[[], Any], int], None]) -> None:
    """One addendum: written, sent, and what the moderators made of it."""
    listing, line = texts.listing, story["__line__"]
    reviewer = moderator_of(texts.path, texts.record, story.get("reviewer")).as_actor()
    made: list[Addendum] = []

    def write() -> None:
        owner = acting(texts.path, line, story.get("by"), listing.organisation)
        until = texts.today["response_until"] if story.get("puts_off") else None
        words = {lang: story["text"][lang] for lang in ("vi", "en") if lang in story["text"]}
        made.append(
            addenda.create_addendum(
                listing, kind=story["kind"], texts=words, response_until=until, actor=owner
            )
        )
        if story["state"] != "draft":
            addenda.submit_addendum(made[0], actor=owner)
        if story["state"] == "discarded":
            addenda.discard_addendum(made[0], actor=owner)

    remark = story.get("remark", "")
    decisions: dict[str, Callable[[], Any]] = {
        "published": lambda: addenda.publish_addendum(made[0], actor=reviewer),
        "returned": lambda: addenda.return_addendum(made[0], remark=remark, actor=reviewer),
        "rejected": lambda: addenda.reject_addendum(made[0], reason=remark, actor=reviewer),
    }
    add(story["days_ago"], write, line)
    if story["state"] in decisions:
        add(story.get("decided", story["days_ago"]), decisions[story["state"]], line)
    elif story["state"] not in ("draft", "submitted", "discarded"):
        raise SeedError(texts.path, line, f"state: {story['state']!r} is no state of an addendum")
