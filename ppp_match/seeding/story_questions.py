"""The story of public questions: one record of story-questions.yaml each, with what became of it.

`asked` names an organisation (`by`) and the day; `answers` are the city's, the first one and what corrects it
(`changes_need` sends it as an addendum, which a moderator publishes `reviewed` days ago). `declined` and `withdrawn`
end it otherwise. A record with a `capability` instead of `asked` is an answer published from the two's conversation;
one with `named` alone sets that the need names who asks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.db import db
from ppp_match.introductions.models import Introduction
from ppp_match.listings import addenda
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor
from ppp_match.questions import operations
from ppp_match.questions.models import Answer, Question
from ppp_match.recommendations.models import Match
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of, organisation_of


class _Story:
    """One record: its need, its city, and the acts that it makes."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path, self.record, self.line = path, record, record["__line__"]
        self.day = Day(path, record)
        self.acts: list[Act] = []
        self.made: list[Question] = []

    def need(self) -> Listing:
        return listing_of(self.path, self.line, self.record["need"])

    def city(self) -> Actor:
        return acting(self.path, self.line, None, self.need().organisation)

    def asker(self) -> Actor:
        asked = self.record["asked"]
        organisation = organisation_of(self.path, self.line, asked["by"])
        return acting(self.path, self.line, None, organisation)

    def add(self, days_ago: Any, do: Callable[[], Any]) -> None:
        self.acts.append(Act(self.day.moment(days_ago), do, self.path, self.line))


def acts_of_questions(path: Path, record: Record) -> list[Act]:
    """What was asked on a need and what became of it."""
    story = _Story(path, record)
    if "named" in record:
        story.add(
            record["named"],
            lambda: operations.name_askers(story.need(), named=True, actor=story.city()),
        )
    if "capability" in record:
        story.add(record["days_ago"], lambda: _published(story))
    if "asked" in record:
        story.add(record["asked"]["days_ago"], lambda: story.made.append(_asked(story)))
    for one in record.get("answers", ()):
        _answers(story, one)
    if one := record.get("declined"):
        story.add(
            one["days_ago"],
            lambda: operations.decline(story.made[0], reason=one["reason"], actor=story.city()),
        )
    if "withdrawn" in record:
        story.add(record["withdrawn"], lambda: operations.withdraw(story.made[0], actor=story.asker()))
    return story.acts


def _asked(story: _Story) -> Question:
    asked = story.record["asked"]
    return operations.ask(story.need(), text=asked["text"], lang=asked["lang"], actor=story.asker())


def _answers(story: _Story, one: Record) -> None:
    given: list[Answer] = []

    def answer() -> None:
        given.append(
            operations.answer(
                story.made[0],
                text=one["text"],
                lang=one["lang"],
                changes_need=bool(one.get("changes_need")),
                actor=story.city(),
            )
        )

    def publish() -> None:
        addendum = given[0].addendum
        if addendum is None:
            raise SeedError(story.path, story.line, "this answer makes no addendum")
        addenda.publish_addendum(addendum, actor=moderator_of(story.path, story.record).as_actor())

    story.add(one["days_ago"], answer)
    if "reviewed" in one:
        story.add(one["reviewed"], publish)


def _published(story: _Story) -> Question:
    record, need = story.record, story.need()
    capability = listing_of(story.path, story.line, record["capability"])
    introduction = db.session.scalars(
        select(Introduction)
        .join(Match, Match.id == Introduction.match_id)
        .where(Match.need_id == need.id, Match.capability_id == capability.id)
    ).one_or_none()
    if introduction is None:
        raise SeedError(story.path, story.line, "the two have not been introduced")
    return operations.publish_from(
        introduction,
        question=record["question"],
        answer=record["answer"],
        lang=record["lang"],
        actor=story.city(),
    )
