"""The story of partnerships: what became of the introduced pairs, one record of story-partnerships.yaml each.

`course`, `facts`, `money`, `people`, `indicators`, plans, `result` and `shown` are acts of a side
(`by`: need, capability, or a person's address; the need's side unless said otherwise), each `days_ago`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ppp_match.db import db, today
from ppp_match.introductions.models import Introduction
from ppp_match.partnerships import facts, operations, plan
from ppp_match.partnerships.models import FACTS, Partnership
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, IndicatorKind, Milestone, Risk
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match
from ppp_match.seeding.files import SeedError
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of

PLANS: dict[str, Any] = {"milestones": Milestone, "risks": Risk, "documents": DocumentLink}


class _Story:
    """One record: where it stands, and the acts that it makes."""

    def __init__(self, path: Path, record: Record) -> None:
        self.path, self.record, self.line = path, record, record["__line__"]
        self.day = Day(path, record)
        self.acts: list[Act] = []

    def partnership(self) -> Partnership:
        need, capability = (
            listing_of(self.path, self.line, self.record[name]) for name in ("need", "capability")
        )
        found = db.session.scalars(
            select(Partnership)
            .join(Introduction, Introduction.id == Partnership.introduction_id)
            .join(Match, Match.id == Introduction.match_id)
            .where(Match.need_id == need.id, Match.capability_id == capability.id)
        ).one_or_none()
        if found is None:
            raise SeedError(self.path, self.line, "the two have not been introduced")
        return found

    def actor(self, by: str) -> Actor:
        match = self.partnership().match
        if by in ("need", "capability"):
            return acting(self.path, self.line, None, getattr(match, by).organisation)
        for side in (match.need, match.capability):
            actor = acting(self.path, self.line, by, side.organisation)
            if side.organisation_id in actor.organisation_ids:
                return actor
        raise SeedError(self.path, self.line, f"{by} belongs to neither side")

    def add(self, one: Record, do: Callable[[Partnership, Actor], Any]) -> None:
        by = one.get("by", "need")
        self.acts.append(
            Act(
                self.day.moment(one["days_ago"]),
                lambda: do(self.partnership(), self.actor(by)),
                self.path,
                int(one.get("__line__") or self.line),
            )
        )


def acts_of_partnerships(path: Path, record: Record) -> list[Act]:
    """What both sides reported of one partnership, and what the forum verified."""
    story = _Story(path, record)
    for one in record.get("course", ()):
        story.add(one, _reports(one))
    for one in record.get("facts", ()):
        story.add(one, _states(one))
    for one in record.get("money", ()):
        story.add(one, _tells_money(one))
    for one in record.get("people", ()):
        story.add(one, _counts(one))
    for one in record.get("indicators", ()):
        _measures(story, one)
    for name, kind in PLANS.items():
        for one in record.get(name, ()):
            story.add(one, _plans(kind, one))
    if one := record.get("result"):
        story.add(one, _writes(one))
    for one in record.get("shown", ()):
        story.add(
            one, lambda partnership, actor: operations.show_in_public(partnership, agree=True, actor=actor)
        )
    for one in record.get("verified", ()):
        _verifies(story, one)
    return story.acts


def _reports(one: Record) -> Callable[[Partnership, Actor], Any]:
    return lambda partnership, actor: operations.report_state(
        partnership,
        one["state"],
        actor=actor,
        reason_code=one.get("reason") or "",
        note=one.get("note") or "",
    )


def _states(one: Record) -> Callable[[Partnership, Actor], Any]:
    values = {name: str(value) for name, value in one.items() if name in FACTS}
    return lambda partnership, actor: facts.report_facts(partnership, values, actor=actor)


def _tells_money(one: Record) -> Callable[[Partnership, Actor], Any]:
    return lambda partnership, actor: facts.report_value(
        partnership,
        one["status"],
        amount=Decimal(str(one["amount"])),
        currency=one["currency"],
        on=today(),
        source=one["source"],
        actor=actor,
    )


def _counts(one: Record) -> Callable[[Partnership, Actor], Any]:
    return lambda partnership, actor: facts.report_beneficiaries(
        partnership, one["group"], count=int(one["count"]), on=today(), source=one["source"], actor=actor
    )


def _in(days: Any) -> date:
    """The day that lies so many days ahead of the day of loading, or before it. Asked for before the acts are played,
    while the forum's clock is not put back."""
    return today() + timedelta(days=int(days))


def _measures(story: _Story, one: Record) -> None:
    made: list[Indicator] = []
    target_on = _in(one["target_in"])

    def choose(partnership: Partnership, actor: Actor) -> None:
        kind = db.session.get(IndicatorKind, one.get("code") or "")
        values = {
            "code": kind.code if kind else None,
            "name": "" if kind else one["name"],
            "unit": "" if kind else one["unit"],
            "direction": kind.direction if kind else one["direction"],
            "lang": one.get("lang", "vi"),
            "baseline": Decimal(str(one["baseline"])),
            "baseline_on": today() - timedelta(days=1),
            "target": Decimal(str(one["target"])),
            "target_on": target_on,
            "method": one["method"],
        }
        made.append(plan.add(Indicator, partnership, values, actor=actor))

    story.add(one, choose)
    for value in one.get("values", ()):
        story.add(value, _measured(made, value, source=one["method"]))


def _measured(made: list[Indicator], value: Record, *, source: str) -> Callable[[Partnership, Actor], Any]:
    return lambda _partnership, actor: facts.report_measured(
        made[0],
        value=Decimal(str(value["value"])),
        on=today() - timedelta(days=int(value.get("of", 0))),
        source=value.get("source") or source,
        actor=actor,
    )


def _plans(kind: Any, one: Record) -> Callable[[Partnership, Actor], Any]:
    skipped = ("by", "days_ago", "due_in", "done_in", "on_in", "__line__")
    values: dict[str, Any] = {name: value for name, value in one.items() if name not in skipped}
    for name in ("due", "done", ""):
        key = f"{name}_in" if name else "on_in"
        if key in one:
            values[f"{name}_on" if name else "on"] = _in(one[key])
    return lambda partnership, actor: plan.add(kind, partnership, values, actor=actor)


def _writes(one: Record) -> Callable[[Partnership, Actor], Any]:
    return lambda partnership, actor: operations.write_result(
        partnership, text=one["text"], lang=one.get("lang", "vi"), version=partnership.version, actor=actor
    )


def _verifies(story: _Story, one: Record) -> None:
    """A moderator has seen evidence of what one side states of a fact."""

    def verify() -> None:
        side = one.get("side", "need")
        statement = next(
            (
                said
                for said in story.partnership().live_statements()
                if said.key == one["key"] and said.side == side
            ),
            None,
        )
        if statement is None:
            raise SeedError(story.path, story.line, f"nobody states {one['key']}")
        moderator = moderator_of(story.path, story.record).as_actor()
        operations.verify(statement, actor=moderator, words=one["seen"])

    story.acts.append(Act(story.day.moment(one["days_ago"]), verify, story.path, story.line))
