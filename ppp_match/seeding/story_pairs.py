"""The story of one pair: suggested, decided, asked, answered, introduced, talked about."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now
from ppp_match.introductions import operations as introductions
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.listings.documents import document_of
from ppp_match.listings.models import Listing
from ppp_match.recommendations import operations as recommendations
from ppp_match.recommendations.models import Interest, Match
from ppp_match.recommendations.refresh import MATCHES_PER_NEED, add_match, pair_of
from ppp_match.search.store import index_of
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.story_files import attach_to_message
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of, person_of

READ_AFTER = timedelta(hours=2)


class _Pair:
    """The two listings of a record, and what has come of them when an act is played."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path, self.record, self.line = path, record, record["__line__"]
        self.need = listing_of(path, self.line, record["need"])
        self.capability = listing_of(path, self.line, record["capability"])

    @property
    def match(self) -> Match:
        match = recommendations.live_match(self.need, self.capability)
        if match is None:
            raise SeedError(self.path, self.line, "the pair is no match at that time")
        return match

    @property
    def introduction(self) -> Introduction:
        found = db.session.scalar(select(Introduction).where(Introduction.match_id == self.match.id))
        if found is None:
            raise SeedError(self.path, self.line, "messages come after an introduction")
        return found

    @property
    def interest(self) -> Interest:
        return db.session.scalars(
            select(Interest).where(
                Interest.need_id == self.need.id, Interest.capability_id == self.capability.id
            )
        ).one()

    def side(self, name: str) -> Listing:
        return self.need if name == "need" else self.capability


def acts_of_pair(path: Path, record: Record) -> list[Act]:
    """All that a record of story.yaml or story-talks.yaml tells."""
    pair, day = _Pair(path, record), Day(path, record)
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any], line: int) -> datetime:
        acts.append(Act(day.moment(days_ago), do, path, line))
        return acts[-1].at

    if record.get("origin") == "moderator":
        by = moderator_of(path, record, record.get("by")).as_actor()
        note = record.get("note", "")
        add(
            record["suggested"],
            lambda: recommendations.add_pair(pair.need, pair.capability, actor=by, note=note),
            pair.line,
        )
    elif not record.get("interest_only"):
        acts.append(Act(_suggested_at(pair), lambda: _suggest(pair), path, pair.line))
    if interest := record.get("interest"):
        add(interest["days_ago"], lambda: _express(pair, interest), interest["__line__"])
        if "withdrawn" in interest:
            add(interest["withdrawn"], lambda: _take_back(pair, interest), interest["__line__"])
    for decision in record.get("decide") or []:
        _decision(pair, decision, add)
    offers = record.get("offer") or []
    for offer in offers if isinstance(offers, list) else [offers]:
        _offer(pair, offer, add)
    for message in record.get("messages") or []:
        at = add(message["days_ago"], _said(pair, message), message["__line__"])
        read_at = at + READ_AFTER
        if not message.get("unread") and read_at < now():
            acts.append(Act(read_at, _read(pair, message), path, message["__line__"]))
    return acts


def _suggested_at(pair: _Pair) -> datetime:
    """Two hours after both texts were public: the matcher follows publications."""
    times = [one.published_at or one.created_at for one in (pair.need, pair.capability)]
    return max(times) + timedelta(hours=2)


def _suggest(pair: _Pair) -> None:
    """What the matcher stored when both texts were public: the pair with its place in the need's list, if any."""
    if recommendations.live_match(pair.need, pair.capability) is not None:
        return
    index = index_of("capability")
    ranked = index.shortlist(document_of(pair.need), MATCHES_PER_NEED, explain=False)  # type: ignore[arg-type]
    places = {uuid.UUID(one.id): place for place, one in enumerate(ranked, start=1)}
    found = pair_of(pair.need, pair.capability)
    add_match(pair.need, pair.capability, found, version=index.version, rank=places.get(pair.capability.id))


def _express(pair: _Pair, interest: Record) -> None:
    recommendations.express_interest(
        pair.need,
        pair.capability,
        message=interest.get("message", ""),
        actor=acting(pair.path, interest["__line__"], interest.get("by"), pair.capability.organisation),
        no_conflict=True,
    )


def _take_back(pair: _Pair, interest: Record) -> None:
    actor = acting(pair.path, interest["__line__"], interest.get("by"), pair.capability.organisation)
    recommendations.withdraw_interest(pair.interest, actor=actor)


def _decision(pair: _Pair, decision: Record, add: Callable[[Any, Callable[[], Any], int], Any]) -> None:
    note, code = decision.get("reason", ""), decision.get("reason_code", "")
    by = moderator_of(pair.path, pair.record, decision.get("by")).as_actor()
    verbs: dict[str, Callable[[], Any]] = {
        "shortlisted": lambda: recommendations.shortlist_match(pair.match, actor=by, note=note),
        "approved": lambda: recommendations.approve_match(pair.match, actor=by, note=note),
        "on_hold": lambda: recommendations.hold_match(pair.match, actor=by, note=note),
        "conflict_blocked": lambda: recommendations.block_for_conflict(pair.match, actor=by, note=note),
        "rejected": lambda: recommendations.reject_match(pair.match, actor=by, reason_code=code, note=note),
    }
    to = decision["to"]
    if to not in verbs:
        raise SeedError(pair.path, decision["__line__"], f"to: {to!r} is not one of {', '.join(verbs)}")
    add(decision["days_ago"], verbs[to], decision["__line__"])


def _offer(pair: _Pair, story: Record, add: Callable[[Any, Callable[[], Any], int], Any]) -> None:
    by = moderator_of(pair.path, pair.record, story.get("by")).as_actor()
    reason = story.get("reason", "")
    add(
        story["days_ago"],
        lambda: introductions.make_offer(pair.match, actor=by, reason=reason),
        story["__line__"],
    )
    answers = [(side, story[side]) for side in ("need", "capability") if side in story]
    for side, answer in sorted(answers, key=lambda one: -float(one[1]["days_ago"])):
        add(answer["days_ago"], _answered(pair, side, answer), answer["__line__"])


def _answered(pair: _Pair, side: str, answer: Record) -> Callable[[], Any]:
    def answer_it() -> None:
        actor = acting(pair.path, answer["__line__"], answer.get("by"), pair.side(side).organisation)
        introductions.answer_offer(
            _open_offer(pair),
            actor=actor,
            accepted=answer["accepted"],
            reason_code=answer.get("reason_code", ""),
            note=answer.get("note", ""),
            no_conflict=answer["accepted"],
        )

    return answer_it


def _open_offer(pair: _Pair) -> Offer:
    found = db.session.scalar(
        select(Offer).where(Offer.match_id == pair.match.id).order_by(Offer.created_at.desc()).limit(1)
    )
    if found is None:
        raise SeedError(pair.path, pair.line, "an answer comes after an offer")
    return found


def _said(pair: _Pair, story: Record) -> Callable[[], Any]:
    def say() -> None:
        side, email = _speaker(pair, story)
        actor = acting(pair.path, story["__line__"], email, pair.side(side).organisation)
        person = db.session.get(User, actor.user_id) if actor.user_id else None
        lang = story.get("lang") or (person.locale if person else "vi")
        message = introductions.write_message(pair.introduction, actor=actor, body=story["text"], lang=lang)
        if story.get("file"):
            attach_to_message(message, story["file"], actor=actor)

    return say


def _read(pair: _Pair, story: Record) -> Callable[[], Any]:
    """The people of the other side have read it."""

    def read() -> None:
        side, _email = _speaker(pair, story)
        other = pair.side("capability" if side == "need" else "need").organisation
        for person in members_of(other.id):
            introductions.mark_read(pair.introduction, actor=person.as_actor(other.id))

    return read


def _speaker(pair: _Pair, story: Record) -> tuple[str, str | None]:
    """(side, address): `by` names a side, whose owner speaks then, or a person of one of the two."""
    by = str(story["by"])
    if by in ("need", "capability"):
        return by, None
    person = person_of(pair.path, story["__line__"], by)
    homes = {membership.organisation_id for membership in person.memberships}
    for side in ("need", "capability"):
        if pair.side(side).organisation_id in homes:
            return side, by
    raise SeedError(pair.path, story["__line__"], f"{by} belongs to neither side")
