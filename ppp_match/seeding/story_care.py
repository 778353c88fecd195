"""The story of the workbench: who looks after what, notes among moderators, needs in hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ppp_match.listings.models import Listing
from ppp_match.moderation import assignment, notes
from ppp_match.recommendations import operations as recommendations
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, listing_of, moderator_of, person_of


def acts_of_care(path: Path, record: Record) -> list[Act]:
    """All that a record of story-moderators.yaml tells of one listing in one queue."""
    day, listing = Day(path, record), listing_of(path, record["__line__"], record["listing"])
    acts: list[Act] = []
    verbs = {"assigned": _assign, "notes": _note, "taken": _take}
    for name, verb in verbs.items():
        for story in record.get(name) or []:
            do = partial(verb, path, record, listing, story)
            acts.append(Act(day.moment(story["days_ago"]), do, path, story["__line__"]))
    return acts


def _assign(path: Path, record: Record, listing: Listing, story: Record) -> None:
    assignment.assign(
        listing,
        record["queue"],
        person_of(path, story["__line__"], story["to"]),
        actor=moderator_of(path, record, story.get("by")).as_actor(),
    )


def _note(path: Path, record: Record, listing: Listing, story: Record) -> None:
    match = None
    if story.get("capability"):
        other = listing_of(path, story["__line__"], story["capability"])
        match = recommendations.live_match(listing, other)
        if match is None:
            raise SeedError(path, story["__line__"], f"{story['capability']} is no candidate at that time")
    notes.add_note(
        listing,
        record["queue"],
        text=story["text"],
        actor=moderator_of(path, record, story.get("by")).as_actor(),
        match=match,
        tell=person_of(path, story["__line__"], story["tell"]) if story.get("tell") else None,
    )


def _take(path: Path, record: Record, listing: Listing, story: Record) -> None:
    recommendations.take_need(listing, actor=moderator_of(path, record, story.get("by")).as_actor())
