"""What each rule of the retention schedule takes away: which rows are due, and what becomes of a portion of them.

After how many days stands in the database (`RetentionRule`); here stands what can be done at all. Every portion makes
its rows no longer due, so a run that is killed goes on where it stopped and a second run finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, or_, select, update

from ppp_match import audit
from ppp_match.accounts.factor_models import FailedTry
from ppp_match.accounts.models import SignInSession, User
from ppp_match.accounts.queries import members_of
from ppp_match.complaints.models import ConcernCase, ConcernEntry, Report
from ppp_match.db import db, now
from ppp_match.listings.models import Listing, Revision
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM
from ppp_match.privacy import copies, erasure
from ppp_match.privacy.holds import Held
from ppp_match.privacy.models import CorrectionRequest, DataCopy
from ppp_match.teams.models import Invitation
from ppp_match.web import IdempotencyKey

DELETE, ANONYMISE = "delete", "anonymise"


@dataclass(frozen=True)
class Rule:
    """`due(before, held)` selects the keys of what is older than that moment; `take(keys)` carries it out."""

    does: str
    least: int  # days below which the rule would harm the service
    due: Callable[[datetime, Held], Select[Any]]
    take: Callable[[Sequence[Any]], None]


def count_due(code: str, before: datetime, held: Held) -> int:
    query = RULES[code].due(before, held).order_by(None).subquery()
    return db.session.scalar(select(func.count()).select_from(query)) or 0


def take_portion(code: str, before: datetime, held: Held, size: int) -> int:
    """Carry the rule out on at most `size` rows. Returns how many; 0 where nothing is due."""
    rule = RULES[code]
    keys = list(db.session.scalars(rule.due(before, held).limit(size)))
    if keys:
        rule.take(keys)
        db.session.flush()
    return len(keys)


def _rows(model: Any, key: Any) -> Callable[[Sequence[Any]], None]:
    def take(keys: Sequence[Any]) -> None:
        db.session.execute(delete(model).where(key.in_(keys)).execution_options(synchronize_session=False))

    return take


def _free(column: Any, held: set[Any]) -> Any:
    """Condition: the column names nobody and nothing that is held."""
    return or_(column.is_(None), column.not_in(list(held)))


# --- what is due -------------------------------------------------------------------------------------------------


def _sessions(before: datetime, held: Held) -> Select[Any]:
    last = func.coalesce(SignInSession.ended_at, SignInSession.seen_at)
    return select(SignInSession.id).where(last < before, _free(SignInSession.user_id, held.people))


def _failed_tries(before: datetime, _held: Held) -> Select[Any]:
    return select(FailedTry.id).where(FailedTry.at < before)


def _unconfirmed(before: datetime, held: Held) -> Select[Any]:
    membership = db.metadata.tables["membership"]
    return select(User.id).where(
        User.confirmed_at.is_(None),
        User.closed_at.is_(None),
        User.staff_role.is_(None),
        User.create_datetime < before,
        ~exists().where(membership.c.user_id == User.id),
        _free(User.id, held.people),
    )


def _mails(before: datetime, held: Held) -> Select[Any]:
    closed = select(User.id).where(User.closed_at.is_not(None))
    return select(OutboxMessage.id).where(
        OutboxMessage.state != "pending",
        or_(OutboxMessage.created_at < before, OutboxMessage.user_id.in_(closed)),
        _free(OutboxMessage.user_id, held.people),
    )


def _notices(before: datetime, held: Held) -> Select[Any]:
    return select(Notification.id).where(
        Notification.created_at < before, _free(Notification.user_id, held.people)
    )


# What a draft may bring along, and what shows that it is more than a draft by itself.
GOES_WITH_A_DRAFT = (
    "bench_claim.need_id",
    "handover_item.listing_id",
    "listing_remark.listing_id",
    "listing_save.listing_id",
    "reference_project.listing_id",
    "watch.listing_id",
    "text_vector.listing_id",
)


def _pointing_at(table: str) -> list[Any]:
    """Columns of other tables that point at that table."""
    return [
        column
        for other in db.metadata.tables.values()
        for column in other.columns
        for key in column.foreign_keys
        if key.column.table.name == table
    ]


def _drafts(before: datetime, held: Held) -> Select[Any]:
    own = {"listing_revision.listing_id", *GOES_WITH_A_DRAFT}
    used = [
        exists().where(column == Listing.id)
        for column in _pointing_at("listing")
        if f"{column.table.name}.{column.name}" not in own and column.table.name != "listing"
    ]
    return select(Listing.id).where(
        Listing.state == "draft",
        Listing.submitted_at.is_(None),
        Listing.changed_at < before,
        *(~one for one in used),
        Listing.id.not_in(
            select(Listing.merged_into_id).where(Listing.merged_into_id.is_not(None)).correlate(None)
        ),
        _free(Listing.organisation_id, held.organisations),
        _free(Listing.id, held.listings),
        _free(Listing.created_by, held.people),
    )


def _take_drafts(keys: Sequence[Any]) -> None:
    """The draft, its texts and its history of saving. Its organisation is told, and the trail keeps that it was."""
    for listing in db.session.scalars(select(Listing).where(Listing.id.in_(keys))):
        title = listing.edited.text("title") or listing.label
        notify(members_of(listing.organisation_id), "draft.gone", listing, params={"name": title})
        audit.record("draft.gone", listing, actor=SYSTEM, from_state="draft")
    tables = db.metadata.tables
    db.session.execute(
        update(Listing)
        .where(Listing.id.in_(keys))
        .values(live_revision_id=None, working_revision_id=None)
        .execution_options(synchronize_session=False)
    )
    revisions = select(Revision.id).where(Revision.listing_id.in_(keys))
    for name in ("revision_text", "revision_term"):
        db.session.execute(delete(tables[name]).where(tables[name].c.revision_id.in_(revisions)))
    for name in ("listing_revision.listing_id", *GOES_WITH_A_DRAFT):
        table, column = name.split(".")
        db.session.execute(delete(tables[table]).where(tables[table].c[column].in_(keys)))
    db.session.execute(delete(tables["listing"]).where(tables["listing"].c.id.in_(keys)))
    db.session.expire_all()


def _audit_notes(before: datetime, held: Held) -> Select[Any]:
    event = audit.AuditEvent
    return (
        select(audit.AuditNote.event_seq)
        .join(event, event.seq == audit.AuditNote.event_seq)
        .where(
            event.at < before,
            _free(event.actor_id, held.people),
            _free(event.organisation_id, held.organisations),
            _free(event.subject_id, held.subjects | held.listings | held.people | held.organisations),
        )
        .order_by(event.seq)
    )


def _invitations(before: datetime, held: Held) -> Select[Any]:
    return select(Invitation.id).where(
        func.coalesce(Invitation.ended_at, Invitation.expires_at) < before,
        Invitation.email.not_like(f"%@{erasure.NOWHERE}"),
        _free(Invitation.organisation_id, held.organisations),
        _free(Invitation.invited_by, held.people),
    )


def _take_invitations(keys: Sequence[Any]) -> None:
    for row in db.session.scalars(select(Invitation).where(Invitation.id.in_(keys))):
        row.email, row.message = f"gone-{row.id.hex}@{erasure.NOWHERE}", ""
        if row.state == "pending":  # it ran out and was never answered
            row.state, row.ended_at = "revoked", now()


def _form_keys(before: datetime, held: Held) -> Select[Any]:
    return select(IdempotencyKey.key).where(
        IdempotencyKey.created_at < before, _free(IdempotencyKey.user_id, held.people)
    )


def _copies(before: datetime, _held: Held) -> Select[Any]:
    return select(DataCopy.id).where(
        DataCopy.state == "ready", or_(DataCopy.ready_at < before, DataCopy.expires_at < now())
    )


def _take_copies(keys: Sequence[Any]) -> None:
    for row in db.session.scalars(select(DataCopy).where(DataCopy.id.in_(keys))):
        copies.throw_away(row)


def _corrections(before: datetime, held: Held) -> Select[Any]:
    return select(CorrectionRequest.id).where(
        CorrectionRequest.state != "open",
        CorrectionRequest.answered_at < before,
        _free(CorrectionRequest.user_id, held.people),
    )


def _closed_accounts(before: datetime, held: Held) -> Select[Any]:
    return select(User.id).where(
        and_(User.closed_at.is_not(None), User.closed_at < before),
        User.erased_at.is_(None),
        _free(User.id, held.people),
    )


def _take_closed(keys: Sequence[Any]) -> None:
    for user in db.session.scalars(select(User).where(User.id.in_(keys))):
        erasure.erase_traces(user)


def _take_unconfirmed(keys: Sequence[Any]) -> None:
    db.session.execute(
        delete(OutboxMessage)
        .where(OutboxMessage.user_id.in_(keys))
        .execution_options(synchronize_session=False)
    )
    notes = select(audit.AuditEvent.seq).where(
        audit.AuditEvent.subject_type == "user", audit.AuditEvent.subject_id.in_(keys)
    )
    db.session.execute(
        delete(audit.AuditNote)
        .where(audit.AuditNote.event_seq.in_(notes))
        .execution_options(synchronize_session=False)
    )
    _rows(User, User.id)(keys)


def _reports(before: datetime, held: Held) -> Select[Any]:
    return select(Report.id).where(
        Report.decided_at < before,
        or_(Report.reporter_id.is_not(None), Report.words != ""),
        _free(Report.reporter_id, held.people),
        _free(Report.organisation_id, held.organisations),
        _free(Report.subject_id, held.subjects | held.listings),
    )


def _take_reports(keys: Sequence[Any]) -> None:
    """What was decided stays; who reported and in which words goes."""
    for row in db.session.scalars(select(Report).where(Report.id.in_(keys))):
        row.reporter_id, row.words = None, ""


def _concerns(before: datetime, _held: Held) -> Select[Any]:
    return select(ConcernCase.id).where(ConcernCase.state == "closed", ConcernCase.closed_at < before)


def _take_concerns(keys: Sequence[Any]) -> None:
    _rows(ConcernEntry, ConcernEntry.case_id)(keys)
    _rows(ConcernCase, ConcernCase.id)(keys)


RULES: dict[str, Rule] = {
    "sessions": Rule(DELETE, 1, _sessions, _rows(SignInSession, SignInSession.id)),
    "failed_tries": Rule(DELETE, 1, _failed_tries, _rows(FailedTry, FailedTry.id)),
    "unconfirmed": Rule(DELETE, 3, _unconfirmed, _take_unconfirmed),
    # A mail's row also keeps the same cause from being mailed twice, so it outlives every deadline of the forum.
    "mails": Rule(DELETE, 90, _mails, _rows(OutboxMessage, OutboxMessage.id)),
    "notices": Rule(DELETE, 30, _notices, _rows(Notification, Notification.id)),
    "drafts": Rule(DELETE, 180, _drafts, _take_drafts),
    "audit_notes": Rule(DELETE, 365, _audit_notes, _rows(audit.AuditNote, audit.AuditNote.event_seq)),
    "invitations": Rule(ANONYMISE, 1, _invitations, _take_invitations),
    "form_keys": Rule(DELETE, 2, _form_keys, _rows(IdempotencyKey, IdempotencyKey.key)),
    "copies": Rule(DELETE, 1, _copies, _take_copies),
    "corrections": Rule(DELETE, 30, _corrections, _rows(CorrectionRequest, CorrectionRequest.id)),
    "reports": Rule(ANONYMISE, 90, _reports, _take_reports),
    "concerns": Rule(DELETE, 365, _concerns, _take_concerns),
    "closed_accounts": Rule(ANONYMISE, 1, _closed_accounts, _take_closed),
}
