"""The story of joint needs and merges: cities that ask to take part, moderators who propose to merge."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import City
from ppp_match.db import db
from ppp_match.listings import join_operations, merge_operations
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.models import Listing
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.story_listings import follow
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of, organisation_of

Add = Callable[[Any, Callable[[], Any], int], None]


def acts_of_together(path: Path, record: Record) -> list[Act]:
    """One request to join a need, or one proposal to merge, with its answers."""
    line, day = record["__line__"], Day(path, record)
    acts: list[Act] = []

    def add(days_ago: Any, do: Callable[[], Any], at_line: int) -> None:
        acts.append(Act(day.moment(days_ago), do, path, at_line))

    kinds: dict[str, Callable[[Path, Record, Add], None]] = {"join": _join, "merge": _merge}
    if record["what"] not in kinds:
        raise SeedError(path, line, f"what: {record['what']!r} is not one of {', '.join(kinds)}")
    kinds[record["what"]](path, record, add)
    return acts


def _join(path: Path, record: Record, add: Add) -> None:
    line = record["__line__"]
    need = listing_of(path, line, record["need"])
    city = organisation_of(path, line, record["city"])
    own = listing_of(path, line, record["own_need"]) if record.get("own_need") else None
    made: list[NeedJoin] = []

    def ask() -> None:
        quantity = record.get("quantity")
        made.append(
            join_operations.ask_to_join(
                need,
                actor=acting(path, line, record.get("by"), city),
                message=record["message"],
                lang=record.get("lang", "vi"),
                city=db.session.get(City, city.city_id) if city.city_id else None,
                quantity=Decimal(str(quantity)) if quantity is not None else None,
                beneficiaries=record.get("beneficiaries"),
                unnamed=bool(record.get("unnamed")),
                own_need=own,
            )
        )

    add(record["days_ago"], ask, line)
    for answer in record.get("then") or []:
        words, at_line = answer.get("reason", ""), answer["__line__"]
        verbs: dict[str, tuple[Any, Callable[..., Any]]] = {
            "agreed": (need.organisation, partial(_on, made, join_operations.agree)),
            "declined": (need.organisation, partial(_on, made, join_operations.decline, reason=words)),
            "taken_back": (city, partial(_on, made, join_operations.take_back)),
            "left": (city, partial(_on, made, join_operations.leave, reason=words)),
        }
        if answer["to"] not in verbs:
            raise SeedError(path, at_line, f"to: {answer['to']!r} is not one of {', '.join(verbs)}")
        side, verb = verbs[answer["to"]]
        add(answer["days_ago"], partial(_as_owner, path, at_line, side, verb), at_line)


def _on(made: list[Any], verb: Callable[..., Any], **values: Any) -> Any:
    return verb(made[0], **values)


def _as_owner(path: Path, line: int, organisation: Any, verb: Callable[..., Any]) -> None:
    verb(actor=acting(path, line, None, organisation))


def _merge(path: Path, record: Record, add: Add) -> None:
    line = record["__line__"]
    source, target = (listing_of(path, line, record[name]) for name in ("source", "target"))
    by = moderator_of(path, record, record.get("by")).as_actor()
    made: list[MergeProposal] = []
    if source.merged_into_id is not None:
        _open_again(source)

    def propose() -> None:
        made.append(merge_operations.propose(source, target, reason=record["reason"], actor=by))

    add(record["days_ago"], propose, line)
    for answer in record.get("then") or []:
        at_line, side = answer["__line__"], {"source": source, "target": target}.get(answer.get("by", ""))
        if answer["to"] == "taken_back":
            add(answer["days_ago"], partial(_on, made, merge_operations.take_back, actor=by), at_line)
        elif side is not None and answer["to"] in ("consented", "declined"):
            do = partial(_answer, path, made, side, answer)
            add(answer["days_ago"], do, at_line)
        else:
            raise SeedError(
                path, at_line, "an answer is taken_back, or consented or declined by source or target"
            )


def _open_again(source: Listing) -> None:
    """A listing that was loaded as merged stands open until its owners consent to the merge."""
    source.state, source.close_reason, source.ended_at, source.merged_into_id = "published", None, None, None
    source.decision_reason = ""
    db.session.flush()


def _answer(path: Path, made: list[MergeProposal], side: Listing, answer: Record) -> None:
    actor = acting(path, answer["__line__"], None, side.organisation)
    proposal = db.session.scalars(select(MergeProposal).where(MergeProposal.id == made[0].id)).one()
    if answer["to"] == "declined":
        merge_operations.decline(proposal, reason=answer["reason"], actor=actor)
    elif merge_operations.consent(proposal, actor=actor):
        follow(proposal.source)
