"""To-do lists of the home pages: from rows to what a person reads, the nearest date first."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.db import now, today
from ppp_match.formats import datefmt
from ppp_match.home.due import due_on
from ppp_match.home.figures import ReviewLoad
from ppp_match.home.queries import Beside, Talk
from ppp_match.introductions.deadlines import FORUM_ZONE
from ppp_match.introductions.models import Introduction, Offer
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match
from ppp_match.working_days import add_working_days, working_days_left

ANSWER_WITHIN = 5  # working days in which a new partner should hear a first word
MEND_WITHIN = 10  # working days in which the forum hopes for an answer to its remarks
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


def _waits(since: datetime | None) -> tuple[str, str]:
    days = (now() - since).days if since else 0
    return ngettext("waits %(num)d day", "waits %(num)d days", days), "nghe" if days >= 4 else ""


@dataclass(frozen=True)
class Desk:
    """What waits for an organisation: rows of the queries, whose country's days count, who reads."""

    listings: list[Listing]
    beside: dict[uuid.UUID, Beside]
    offers: list[Offer]
    talks: list[Talk]
    country: str
    lang: str
    actor: Actor


def member_tasks(desk: Desk) -> list[Task]:
    """What waits for the members of an organisation, what is due first at the top."""
    own = [(_offer_task(offer, desk), _own(offer.match, desk.actor)) for offer in desk.offers]
    own += [
        (
            (_conversation_task if talk.unread else _silence_task)(talk.introduction, desk),
            _own(talk.introduction.match, desk.actor),
        )
        for talk in desk.talks
    ]
    own += [(_listing_task(one, desk), one) for one in desk.listings if one.state in ("returned", "draft")]
    own += [(task, one) for one in desk.listings if (task := _closing_task(one, desk))]
    own += [(task, one) for one in desk.listings for task in _answers_due(one, desk)]
    tasks = [replace(task, whose=_whose(listing, desk.actor)) for task, listing in own]
    return sorted(
        tasks, key=lambda task: (task.due, not task.note)
    )  # what is due today before what only waits


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


def _conversation_task(introduction: Introduction, desk: Desk) -> Task:
    title, reading = _title(introduction.match.need, desk.lang)
    return Task(
        "talk",
        title,
        reading,
        _("A new message in a conversation after an introduction."),
        _("New message"),
        "cham",
        url_for("introductions.detail", id=introduction.id),
        _("Read"),
        today(),
    )


def _silence_task(introduction: Introduction, desk: Desk) -> Task:
    title, reading = _title(introduction.match.need, desk.lang)
    made = introduction.created_at.astimezone(FORUM_ZONE).date()
    due = due_on(add_working_days(made, ANSWER_WITHIN, desk.country), desk.country, today=today())
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
            beside.asks_to_join,
            "people",
            _("Another city asks to join this need. Answer so that it can plan."),
            _("Wants to join"),
            _("Answer"),
        ),
        (
            beside.consents,
            "swap",
            _("The forum proposes to merge this text into another and asks for your consent."),
            _("Proposed merge"),
            _("Answer"),
        ),
        (
            beside.addenda_back,
            "pen",
            _("A moderator has a remark on an addendum to this text."),
            _("Returned"),
            _("Mend it"),
        ),
    )
    return [
        Task(icon, title, reading, why, chip, "nghe", url, button, today())
        for number, icon, why, chip, button in told
        if number
    ]


def _listing_task(listing: Listing, desk: Desk) -> Task:
    title, reading = _title(listing, desk.lang)
    url = url_for("listings.edit", kind=listing.path_kind, id=listing.id)
    if listing.state == "draft":
        why = _("A draft that only your organisation sees.")
        return Task(
            "pen",
            title or _("Untitled draft"),
            reading,
            why,
            _("Draft"),
            "wait",
            url,
            _("Go on writing"),
            date.max,
        )
    remarks = desk.beside[listing.id].remarks
    day = add_working_days(listing.changed_at.astimezone(FORUM_ZONE).date(), MEND_WITHIN, desk.country)
    due = due_on(day, desk.country, today=today())
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


def _assigned_tasks(load: ReviewLoad) -> list[Task]:
    """What colleagues assigned to this moderator, before the queues of everybody."""
    why = _("A colleague gave them to you, or you took them.")
    found = []
    for count, since, icon, title, place in (
        (
            load.assigned_listings,
            load.oldest_listing_of_mine,
            "file",
            _("Listings assigned to you (%(n)s)", n=load.assigned_listings),
            "moderation.listings",
        ),
        (
            load.assigned_needs,
            load.oldest_need_of_mine,
            "pair",
            _("Needs assigned to you (%(n)s)", n=load.assigned_needs),
            "moderation.matches",
        ),
    ):
        if count:
            chip, kind = _waits(since)
            due = (since or now()).date()
            found.append(Task(icon, title, "", why, chip, kind, url_for(place, who="me"), _("Open"), due))
    return found


def desk_tasks(load: ReviewLoad) -> list[Task]:
    """What waits for the moderators, the longest wait first."""
    queues = (
        (
            load.listings,
            load.oldest_listing,
            "file",
            _("Listings to review"),
            _("Published, returned with remarks, or rejected with a reason."),
            url_for("moderation.listings"),
        ),
        (
            load.needs_with_candidates,
            load.oldest_candidate,
            "pair",
            _("Needs with candidates to review"),
            _("Shortlist, approve, hold or reject each pair."),
            url_for("moderation.matches"),
        ),
        (
            load.organisations,
            load.oldest_organisation,
            "user",
            _("Organisations to verify"),
            _("Only verified organisations can be published."),
            url_for("moderation.organisations"),
        ),
        (
            load.complaints,
            load.oldest_complaint,
            "flag",
            _("Reports and appeals"),
            _("Each is answered with a reason. An appeal is answered by somebody who did not decide."),
            url_for("complaints.queue"),
        ),
        (
            load.declarations,
            load.oldest_declaration,
            "flag",
            _("Declarations to look at"),
            _(
                "What a side declared before its answer, and relations or interests that are said to have ended."
            ),
            url_for("declarations.queue"),
        ),
    )
    tasks = _assigned_tasks(load)
    for count, oldest, icon, title, why, url in queues:
        if count:
            chip, kind = _waits(oldest)
            tasks.append(
                Task(
                    icon, f"{title} ({count})", "", why, chip, kind, url, _("Open"), (oldest or now()).date()
                )
            )
    return sorted(tasks, key=lambda task: task.due)
