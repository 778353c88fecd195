"""To-do lists of an organisation's members: from rows to what a person reads, the nearest date first.

Whatever somebody else waits for has a date. A draft has none and says so: nobody waits for it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.db import today
from ppp_match.formats import datefmt
from ppp_match.home.due import Due, due_on
from ppp_match.home.queries import Beside, Talk
from ppp_match.introductions.deadlines import FORUM_ZONE
from ppp_match.introductions.models import Offer
from ppp_match.listings.models import Listing
from ppp_match.partnerships.models import StatusRequest
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match
from ppp_match.working_days import add_working_days, working_days_left

ANSWER_WITHIN = 5  # working days in which a new partner should hear a first word
MEND_WITHIN = 10  # working days in which the forum hopes for an answer to its remarks
REPLY_WITHIN = 10  # working days in which a city that asks to join, or a proposed merge, should be answered
CLOSING_WITHIN = 10  # working days before a need's responses close in which its unit is reminded


@dataclass(frozen=True)
class Task:
    """One thing to do. `due` orders the list; `note` is what to know about the date."""

    icon: str
    title: str
    lang: str
    why: str
    chip_text: str
    chip_kind: str
    url: str
    button: str
    due: date
    note: str = ""
    whose: str = ""  # the colleague it waits for; empty where it waits for the reader or for everybody


def _title(listing: Listing, lang: str) -> tuple[str, str]:
    revision = listing.shown
    reading = revision.reading_lang(lang)
    return revision.text("title", reading), reading


@dataclass(frozen=True)
class Desk:
    """What waits for an organisation: rows of the queries, whose country's days count, who reads."""

    listings: list[Listing]
    beside: dict[uuid.UUID, Beside]
    offers: list[Offer]
    talks: list[Talk]
    asked: list[StatusRequest]  # how its partnerships go
    country: str
    lang: str
    actor: Actor


def member_tasks(desk: Desk) -> list[Task]:
    """What waits for the members of an organisation, what is due first at the top."""
    own = [(_offer_task(offer, desk), _own(offer.match, desk.actor)) for offer in desk.offers]
    own += [
        (
            (_conversation_task if talk.unread else _silence_task)(talk, desk),
            _own(talk.introduction.match, desk.actor),
        )
        for talk in desk.talks
    ]
    own += [(task, one) for one in desk.listings if (task := _writing_task(one, desk))]
    own += [(task, one) for one in desk.listings if (task := _closing_task(one, desk))]
    own += [(task, one) for one in desk.listings for task in _answers_due(one, desk)]
    own += [(_status_task(one, desk), _own(one.partnership.match, desk.actor)) for one in desk.asked]
    tasks = [replace(task, whose=_whose(listing, desk.actor)) for task, listing in own]
    return sorted(tasks, key=lambda task: task.due)


def _own(match: Match, actor: Actor) -> Listing:
    """The actor's side of a pair."""
    return match.need if match.need.organisation_id == actor.organisation_id else match.capability


def _whose(listing: Listing, actor: Actor) -> str:
    person = listing.responsible
    return "" if person is None or person.id == actor.user_id else person.name


def _offer_task(offer: Offer, desk: Desk) -> Task:
    title, reading = _title(offer.match.need, desk.lang)
    due = due_on(offer.expires_at.astimezone(FORUM_ZONE).date(), desk.country, today=today())
    return Task(
        "pair",
        title,
        reading,
        _("The forum offers an introduction. Your answer opens a conversation, nothing more."),
        due.words,
        due.look,
        url_for("introductions.offer", id=offer.id),
        _("See the offer"),
        due.day,
        due.holidays,
    )


def _within(days: int, since: datetime, desk: Desk) -> Due:
    """The due date of what should be answered so many working days after a moment."""
    day = add_working_days(since.astimezone(FORUM_ZONE).date(), days, desk.country)
    return due_on(day, desk.country, today=today())


def _conversation_task(talk: Talk, desk: Desk) -> Task:
    title, reading = _title(talk.introduction.match.need, desk.lang)
    due = _within(ANSWER_WITHIN, talk.since or talk.introduction.created_at, desk)
    return Task(
        "talk",
        title,
        reading,
        _("A new message in a conversation after an introduction."),
        due.words,
        due.look,
        url_for("introductions.detail", id=talk.introduction.id),
        _("Read"),
        due.day,
        due.holidays,
    )


def _silence_task(talk: Talk, desk: Desk) -> Task:
    introduction = talk.introduction
    title, reading = _title(introduction.match.need, desk.lang)
    made = introduction.created_at.astimezone(FORUM_ZONE).date()
    due = _within(ANSWER_WITHIN, introduction.created_at, desk)
    return Task(
        "talk",
        title,
        reading,
        _(
            "You were introduced on %(day)s and have not written yet. A first word keeps the other side from waiting.",
            day=datefmt(made),
        ),
        due.words,
        due.look,
        url_for("introductions.detail", id=introduction.id),
        _("Write"),
        due.day,
        due.holidays,
    )


def _status_task(request: StatusRequest, desk: Desk) -> Task:
    partnership = request.partnership
    title, reading = _title(partnership.match.need, desk.lang)
    due = due_on(request.due_on, desk.country, today=today())
    return Task(
        "flag",
        title,
        reading,
        _("The forum asks what became of the introduction, %(days)s days after it.", days=request.days),
        due.words,
        due.look,
        url_for("partnerships.report", id=partnership.id),
        _("Answer"),
        due.day,
        due.holidays,
    )


def _closing_task(listing: Listing, desk: Desk) -> Task | None:
    """A published need whose responses close soon, or have closed while it stays open."""
    until = listing.shown.response_until if listing.kind == "need" and listing.state == "published" else None
    if until is None or working_days_left(until, desk.country, today=today()) > CLOSING_WITHIN:
        return None
    title, reading = _title(listing, desk.lang)
    due = due_on(until, desk.country, today=today())
    return Task(
        "clock",
        title,
        reading,
        _("Companies can respond until this day. Give more time, or close the need and say how it ended."),
        due.words,
        due.look,
        url_for("listings.detail", kind=listing.path_kind, id=listing.id),
        _("Look at it"),
        due.day,
        due.holidays,
    )


def _answers_due(listing: Listing, desk: Desk) -> list[Task]:
    """What others wait for at a listing: cities that ask to join, a proposed merge, an addendum sent back."""
    beside = desk.beside[listing.id]
    title, reading = _title(listing, desk.lang)
    url = url_for("listings.detail", kind=listing.path_kind, id=listing.id)
    told = (
        (
            "asks_to_join",
            "people",
            _("Another city asks to join this need. Answer so that it can plan."),
            _("Answer"),
            REPLY_WITHIN,
        ),
        (
            "consents",
            "swap",
            _("The forum proposes to merge two texts, of which this is one, and asks for your consent."),
            _("Answer"),
            REPLY_WITHIN,
        ),
        (
            "addenda_back",
            "pen",
            _("A moderator has a remark on an addendum to this text."),
            _("Mend it"),
            MEND_WITHIN,
        ),
    )
    return [
        Task(icon, title, reading, why, due.words, due.look, url, button, due.day, due.holidays)
        for about, icon, why, button, days in told
        if about in beside.since
        for due in (_within(days, beside.since[about], desk),)
    ]


def _writing_task(listing: Listing, desk: Desk) -> Task | None:
    """A text, or a change of a published one, that its writers have not sent, or that came back with remarks."""
    change = listing.amendment if listing.state == "published" else None
    state = change.state if change is not None else listing.state
    if state not in ("returned", "draft"):
        return None
    title, reading = _title(listing, desk.lang)
    url = url_for("listings.edit", kind=listing.path_kind, id=listing.id)
    if state == "draft":
        return Task(
            "pen",
            title or _("Untitled draft"),
            reading,
            _("A change of a published text that you have not sent. It has no due date: nobody waits for it.")
            if change is not None
            else _("A draft that only your organisation sees. It has no due date: nobody waits for it."),
            _("no due date"),
            "wait",
            url,
            _("Go on writing"),
            date.max,
        )
    beside = desk.beside[listing.id]
    due = _within(MEND_WITHIN, beside.since.get("remarks", listing.changed_at), desk)
    remarks = beside.remarks
    return Task(
        "pen",
        title,
        reading,
        ngettext("A moderator asks for %(num)d change.", "A moderator asks for %(num)d changes.", remarks),
        due.words,
        due.look,
        url,
        _("Mend it"),
        due.day,
        due.holidays,
    )
