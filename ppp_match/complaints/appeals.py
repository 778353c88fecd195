"""The verbs of appeals: appeal, answer. What is turned back goes through the lifecycles of the rooms that own it."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts import operations as accounts
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import members_of
from ppp_match.attachments.models import Attachment
from ppp_match.complaints import contesting, subjects
from ppp_match.complaints.models import Appeal
from ppp_match.complaints.operations import colleagues_not_of
from ppp_match.db import db, now, wait_for
from ppp_match.extensions import settings_now
from ppp_match.introductions.hiding import show_message
from ppp_match.introductions.models import Message
from ppp_match.lifecycle import (
    APPEAL,
    ATTACHMENT_APPEAL,
    LISTING_APPEAL,
    VERIFICATION_APPEAL,
    NotPermitted,
    ReasonMissing,
    Refused,
    move,
)
from ppp_match.listings.models import Listing
from ppp_match.moderation.due_dates import FORUM_COUNTRY
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.operations import return_after_appeal
from ppp_match.verification import suspension
from ppp_match.verification.models import Suspension, VerificationRequest
from ppp_match.verification.queries import conflict_of, open_request
from ppp_match.working_days import add_working_days

LONGEST_WORDS = 3000
LONGEST_ANSWER = 1000


def appeal(
    home: Organisation, subject_type: str, subject_id: uuid.UUID, *, words: str, actor: Actor
) -> Appeal:
    """Ask for a second look at a decision about one's organisation, once and in time.

    Raises NotPermitted; Refused: appeal_closed (no such decision, too late, or contested already), note_missing,
    note_too_long.
    """
    if not can(actor, "appeal.file", home):
        raise NotPermitted("not_permitted", "appeal.file")
    text = words.strip()
    if not text:
        raise Refused("note_missing")
    if len(text) > LONGEST_WORDS:
        raise Refused("note_too_long")
    wait_for(home)
    found = one_of(home, subject_type, subject_id)
    if found is None:
        raise Refused("appeal_closed")
    first, second = (*found.deciders, None)[:2]
    row = Appeal(
        subject_type=subject_type,
        subject_id=subject_id,
        organisation_id=home.id,
        contested_at=found.at,
        decider_id=first,
        second_decider_id=second,
        decision=found.reason,
        words=text,
        filed_by=actor.user_id,
        due_on=add_working_days(contesting.forum_today(), settings_now().appeal_answer_days, FORUM_COUNTRY),
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused("appeal_closed") from error
    audit.record("appeal.filed", row, actor=actor, to_state="open")
    able = [one for one in colleagues_not_of(home.id) if one.id not in (first, second)]
    notify(able, "appeal.waiting", row, params=_named(row))
    return row


def one_of(home: Organisation, subject_type: str, subject_id: uuid.UUID) -> contesting.Decision | None:
    """The decision about that thing, if it can be contested."""
    return next(
        (
            one
            for one in contesting.contestable(home)
            if one.subject_type == subject_type and one.subject.id == subject_id
        ),
        None,
    )


def refuse_own_decision(row: Appeal, actor: Actor) -> str | None:
    """Why this moderator does not answer it, as a refusal code: the decision is their own, or it is their house."""
    if actor.user_id in (row.decider_id, row.second_decider_id):
        return "second_pair_of_eyes"
    if row.organisation_id in actor.conflicting_ids or conflict_of(row.organisation_id, actor):
        return "reviewer_conflict"
    return None


def answer_appeal(row: Appeal, *, outcome: str, answer: str, version: int, actor: Actor) -> None:
    """open → upheld | overturned, with words to the organisation. Overturning turns the decision back.

    Raises NotPermitted for the organisation's own people; ReasonMissing; Refused: second_pair_of_eyes,
    reviewer_conflict, stale, note_too_long, and what turning back is refused for.
    """
    if not can(actor, "appeal.decide", row):
        raise NotPermitted("not_permitted", "appeal.decide")
    barred = refuse_own_decision(row, actor)
    if barred:
        raise Refused(barred)
    text = answer.strip()
    if not text:
        raise ReasonMissing("reason_missing", outcome)
    if len(text) > LONGEST_ANSWER:
        raise Refused("note_too_long")
    wait_for(row)
    if row.version != version:
        raise Refused("stale")
    with db.session.no_autoflush:
        if row.state == "open" and outcome in APPEAL.states:
            row.answer, row.answered_by, row.answered_at = text, actor.user_id, now()
        move(APPEAL, row, outcome, actor=actor, reason=text)
    if outcome == "overturned":
        turn_back(subjects.load(row.subject_type, row.subject_id), text, actor)
    notify(members_of(row.organisation_id), f"appeal.{outcome}", row, params={**_named(row), "reason": text})


def turn_back(subject: Any, reason: str, actor: Actor) -> None:
    """Undo what the decision did, where it still stands."""
    if subject is None:
        return
    wait_for(subject)
    if isinstance(subject, Listing) and subject.state in ("rejected", "withdrawn"):
        move(LISTING_APPEAL, subject, "in_review", actor=actor, reason=reason)
        subject.decision_reason, subject.ended_at = "", None
        subject.submitted_at = subject.changed_at = now()
    elif isinstance(subject, VerificationRequest) and subject.state == "rejected":
        _reopen(subject, reason, actor)
    elif isinstance(subject, Suspension) and subject.state == "active":
        # As ever, a moderator alone proposes it; an administrator lifts it at once.
        suspension.lift(subject, reason=reason, version=subject.version, actor=actor)
    elif isinstance(subject, Attachment) and subject.state == "refused":
        move(ATTACHMENT_APPEAL, subject, "shown", actor=actor, reason=reason)
        subject.reason = ""
    elif isinstance(subject, Message):
        show_message(subject, reason=reason, actor=actor)
    elif isinstance(subject, Match) and subject.state == "rejected":
        return_after_appeal(subject, note=reason, actor=actor)
    db.session.flush()


def _reopen(request: VerificationRequest, reason: str, actor: Actor) -> None:
    """The request waits again, for a check in a new round. An organisation that has asked anew keeps its new request."""
    home = request.organisation
    if open_request(home.id) is not None or home.verification == "verified":
        return
    with db.session.no_autoflush:
        request.decided_at, request.decided_by = None, None
        request.submitted_at, request.round = now(), request.round + 1
        move(VERIFICATION_APPEAL, request, "submitted", actor=actor, reason=reason)
    if home.verification == "rejected":
        accounts.request_verification(home, actor=SYSTEM)


def _named(row: Appeal) -> dict[str, str]:
    subject = subjects.load(row.subject_type, row.subject_id)
    return subjects.named(subject).params
