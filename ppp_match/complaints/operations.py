"""The verbs of reports: report, decide. Measures go through the operations of the rooms that own the thing."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.queries import members_of, staff_apart_from
from ppp_match.attachments import operations as attachments
from ppp_match.complaints import subjects
from ppp_match.complaints.models import PARTS, REPORT_KINDS, Report
from ppp_match.db import db, now, wait_for
from ppp_match.introductions.hiding import hide_message
from ppp_match.lifecycle import REPORT, NotPermitted, ReasonMissing, Refused, move
from ppp_match.listings.models import Listing, Remark
from ppp_match.listings.operations import withdraw_listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.phrases.models import Phrase
from ppp_match.phrases.operations import WATCHERS
from ppp_match.verification import suspension
from ppp_match.verification.queries import conflict_of, live_suspension

LONGEST_WORDS = 2000
LONGEST_REASON = 600
REMARK_AT = {"need": "problem", "capability": "solves"}  # where a request to amend is shown
KIND_OF_PHRASE = {
    "success_fee": "bribery",
    "gift": "bribery",
    "promise": "bribery",
    "outside_contact": "personal_data",
    "offensive": "offensive",
    "advertising": "spam",
}


def report(subject: Any, *, kind: str, words: str, actor: Actor, part: str = "") -> Report:
    """Point at something. Reporting the same thing again while the report is open adds nothing.

    Raises NotPermitted; Refused: not_there (the actor does not see it), unknown_kind_of_report, note_missing,
    note_too_long.
    """
    if not can(actor, "report.file"):
        raise NotPermitted("not_permitted", "report.file")
    if subjects.reportable(subject.__tablename__, subject.id, actor) is None:
        raise Refused("not_there")
    if kind not in REPORT_KINDS or part not in PARTS:
        raise Refused("unknown_kind_of_report")
    text = words.strip()
    if not text:
        raise Refused("note_missing")
    if len(text) > LONGEST_WORDS:
        raise Refused("note_too_long")
    same = open_of_one(subject, actor)
    if same is not None:
        return same
    row = _new(subject, kind, text, part)
    row.reporter_id = actor.user_id
    db.session.add(row)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:  # the other one of two clicks
        same = open_of_one(subject, actor)
        if same is None:
            raise
        return same
    _filed(row, subject, actor)
    return row


def open_of_one(subject: Any, actor: Actor) -> Report | None:
    """The actor's open report about it."""
    if actor.user_id is None:
        return None
    return db.session.scalar(
        select(Report).where(
            Report.reporter_id == actor.user_id,
            Report.subject_type == subject.__tablename__,
            Report.subject_id == subject.id,
            Report.state == "open",
        )
    )


def report_phrases(subject: Any, found: list[Phrase]) -> None:
    """The software reports what was written with phrases that are meant for a moderator; once while that is open."""
    about = (Report.subject_type == subject.__tablename__, Report.subject_id == subject.id)
    if db.session.scalar(select(Report.id).where(*about, Report.by_system, Report.state == "open").limit(1)):
        return
    row = _new(subject, KIND_OF_PHRASE.get(found[0].kind, "other"), ", ".join(one.words for one in found), "")
    row.by_system = True
    db.session.add(row)
    db.session.flush()
    _filed(row, subject, SYSTEM)


WATCHERS.append(report_phrases)


def _new(subject: Any, kind: str, words: str, part: str) -> Report:
    return Report(
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        part=part,
        organisation_id=subjects.owner_of(subject),
        kind=kind,
        words=words,
    )


def _filed(row: Report, subject: Any, actor: Actor) -> None:
    audit.record("report.filed", row, actor=actor, to_state="open")
    notify(
        colleagues_not_of(row.organisation_id),
        "report.waiting",
        row,
        params=subjects.named(subject).params,
    )


def colleagues_not_of(organisation_id: uuid.UUID) -> list[User]:
    """The forum's staff without those who belong to an organisation: who is told that something about it waits."""
    return staff_apart_from({organisation_id})


def decide(row: Report, *, measure: str, reason: str, version: int, actor: Actor) -> None:
    """Say what is done about it, with a reason. Other open reports about the same thing are answered with it.

    Raises NotPermitted for the organisation's own people; ReasonMissing; Refused: reviewer_conflict, stale,
    decided_report, unknown_measure, note_too_long, not_there, and what the measure's own operation refuses.
    """
    if not can(actor, "report.decide", row):
        raise NotPermitted("not_permitted", "report.decide")
    if conflict_of(row.organisation_id, actor):
        raise Refused("reviewer_conflict")
    if measure not in subjects.measures_for(row.subject_type):
        raise Refused("unknown_measure")
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", measure)
    if len(words) > LONGEST_REASON:
        raise Refused("note_too_long")
    # All at once and in one order: two moderators at two reports of one thing would wait for each other.
    waiting = open_about(row.subject_type, row.subject_id)
    if row not in waiting:
        raise Refused("decided_report")
    if row.version != version:
        raise Refused("stale")
    subject = subjects.load(row.subject_type, row.subject_id)
    if subject is None:
        raise Refused("not_there")
    _carry_out(measure, subject, words, actor)
    state, moment = "dismissed" if measure == "none" else "acted", now()
    for one in waiting:
        with db.session.no_autoflush:
            one.measure, one.reason = measure, words
            one.decided_by, one.decided_at = actor.user_id, moment
            move(REPORT, one, state, actor=actor, reason=words, fields=(measure,))
        if one.reporter is not None:
            notify([one.reporter], f"report.{state}", one, params=subjects.named(subject).params)
    if measure in ("amend", "hide", "take_down", "withdraw"):
        params = {**subjects.named(subject).params, "side": measure, "reason": words}
        notify(members_of(row.organisation_id), "report.measure", row, params=params)


def open_about(subject_type: str, subject_id: uuid.UUID) -> list[Report]:
    """Every open report about one thing, as it stands now, locked."""
    query = select(Report).where(
        Report.subject_type == subject_type, Report.subject_id == subject_id, Report.state == "open"
    )
    query = query.order_by(Report.created_at, Report.id).with_for_update(of=Report)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _carry_out(measure: str, subject: Any, reason: str, actor: Actor) -> None:
    if measure == "amend" and isinstance(subject, Listing):
        subject.remarks.append(Remark(field=REMARK_AT[subject.kind], text=reason, created_by=actor.user_id))
        db.session.flush()
    elif measure == "hide":
        hide_message(subject, reason=reason, actor=actor)
    elif measure == "take_down":
        wait_for(subject)
        attachments.refuse(subject, reason=reason, actor=actor)
    elif measure == "withdraw":
        # Members withdraw their own; where the forum does, the software acts on the decision that is recorded beside.
        wait_for(subject)
        withdraw_listing(subject, reason=reason, actor=SYSTEM)
    elif measure == "suspend":
        home = db.session.get_one(Organisation, subjects.owner_of(subject))
        if live_suspension(home.id) is None:
            suspension.suspend(home, reason=reason, actor=actor)
