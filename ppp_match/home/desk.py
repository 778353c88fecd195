"""To-do list of moderators and administrators: each queue once, with the day by which its first entry should be answered.

The days are the forum's own response-time targets (`moderation/targets.py`) and dates promised to people; they run in
the forum's calendar.
"""

from __future__ import annotations

from datetime import date, datetime, time

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.db import now, today
from ppp_match.home.due import due_on
from ppp_match.home.figures import ReviewLoad
from ppp_match.home.work import Task
from ppp_match.moderation.due_dates import FORUM_COUNTRY, FORUM_ZONE
from ppp_match.moderation.targets import due_of


def desk_tasks(load: ReviewLoad) -> list[Task]:
    """What waits for the moderators, what is due first at the top."""
    tasks = [*_assigned(load), *_queues(load), *_of_administrators(load)]
    return sorted((task for task in tasks if task is not None), key=lambda task: task.due)


def _answer_by(queue: str, since: datetime | None) -> date | None:
    """The forum's day by which what waits since a moment should be answered."""
    due = due_of(queue, since)
    return due.at.astimezone(FORUM_ZONE).date() if due else None


def _task(
    count: int, icon: str, title: str, why: str, url: str, day: date | None, since: datetime | None = None
) -> Task | None:
    """None where nothing waits. Without a day the task says that it has none; `why` tells the reason."""
    if not count:
        return None
    if day is None:
        return Task(icon, title, "", why, _("no due date"), "wait", url, _("Open"), date.max)
    due = due_on(day, FORUM_COUNTRY, today=today())
    days = (now() - since).days if since else 0
    waited = ngettext("The oldest has waited %(num)d day.", "The oldest has waited %(num)d days.", days)
    note = " ".join(part for part in (waited if days else "", due.holidays) if part)
    return Task(icon, title, "", why, due.words, due.look, url, _("Open"), due.day, note)


def _assigned(load: ReviewLoad) -> list[Task | None]:
    """What colleagues assigned to this moderator."""
    why = _("A colleague gave them to you, or you took them.")
    return [
        _task(
            load.assigned_listings,
            "file",
            _("Listings assigned to you (%(n)s)", n=load.assigned_listings),
            why,
            url_for("moderation.listings", who="me"),
            _answer_by("listings", load.oldest_listing_of_mine),
            load.oldest_listing_of_mine,
        ),
        _task(
            load.assigned_needs,
            "pair",
            _("Needs assigned to you (%(n)s)", n=load.assigned_needs),
            why,
            url_for("moderation.matches", who="me"),
            _answer_by("matches", load.oldest_need_of_mine),
            load.oldest_need_of_mine,
        ),
    ]


def _queues(load: ReviewLoad) -> list[Task | None]:
    """The queues of all moderators."""
    days = (_answer_by("reports", load.oldest_report), load.first_appeal_due)
    return [
        _task(
            load.listings,
            "file",
            _numbered(_("Listings to review"), load.listings),
            _("Published, returned with remarks, or rejected with a reason."),
            url_for("moderation.listings"),
            _answer_by("listings", load.oldest_listing),
            load.oldest_listing,
        ),
        _task(
            load.needs_with_candidates,
            "pair",
            _numbered(_("Needs with candidates to review"), load.needs_with_candidates),
            _("Shortlist, approve, hold or reject each pair."),
            url_for("moderation.matches"),
            _answer_by("matches", load.oldest_candidate),
            load.oldest_candidate,
        ),
        _task(
            load.organisations,
            "user",
            _numbered(_("Organisations to verify"), load.organisations),
            _("Only verified organisations can be published."),
            url_for("moderation.organisations"),
            _answer_by("organisations", load.oldest_organisation),
            load.oldest_organisation,
        ),
        _task(
            load.complaints,
            "flag",
            _numbered(_("Reports and appeals"), load.complaints),
            _("Each is answered with a reason. An appeal is answered by somebody who did not decide."),
            url_for("complaints.queue"),
            min((day for day in days if day), default=None),
        ),
        _task(
            load.declarations,
            "flag",
            _numbered(_("Declarations to look at"), load.declarations),
            _(
                "What a side declared before its answer, and relations or interests that are said to have ended."
            ),
            url_for("declarations.queue"),
            _answer_by("declarations", load.oldest_declaration),
            load.oldest_declaration,
        ),
        _task(
            load.differing,
            "warn",
            _numbered(_("Reports that differ"), load.differing),
            _("The two sides of a partnership say different things. Verify what the evidence shows."),
            url_for("partnerships.queue"),
            _answer_by("reports", load.oldest_differing),
            load.oldest_differing,
        ),
    ]


def _of_administrators(load: ReviewLoad) -> list[Task | None]:
    """What administrators alone answer."""
    unanswered = load.oldest_concern
    told = datetime.combine(unanswered, time(), FORUM_ZONE) if unanswered else None
    return [
        _task(
            load.concerns,
            "flag",
            _numbered(_("Concerns in confidence"), load.concerns),
            _("The first answer is due. Only administrators read them, and each reading is recorded.")
            if unanswered
            else _("All have been answered once. An inquiry has no due date: it ends when it is settled."),
            url_for("complaints.concerns"),
            _answer_by("concerns", told),
            told,
        ),
        _task(
            load.corrections,
            "user",
            _numbered(_("Requests for correction"), load.corrections),
            _("People who ask that what the forum keeps of them be put right."),
            url_for("privacy.manage_corrections"),
            load.first_correction_due,
        ),
    ]


def _numbered(title: str, count: int) -> str:
    return f"{title} ({count})"
