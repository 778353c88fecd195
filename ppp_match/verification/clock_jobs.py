"""What happens to verifications by the clock: owners are reminded, verifications end, published texts leave.

Each round reads from the database what is due, so that running it twice or late does no harm.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from ppp_match.accounts.models import Organisation, PastMembership
from ppp_match.accounts.queries import owners_of
from ppp_match.db import db, now
from ppp_match.jobs import job
from ppp_match.notifications.operations import notify
from ppp_match.verification import operations, terms
from ppp_match.verification.models import VerificationReminder, VerificationRequest


@job("verification_terms", minutes=60)
def verification_terms() -> int:
    """Remind, end, hide. Returns how many organisations were told something."""
    moment = now()
    done = remind()
    due = select(Organisation.id).where(
        Organisation.verification == "verified", Organisation.verified_until <= moment
    )
    for organisation_id in db.session.scalars(due.order_by(Organisation.id)).all():
        organisation = db.session.get_one(Organisation, organisation_id)
        done += operations.expire(organisation)
        done += operations.lapse(organisation)
    forget()
    return done


def remind() -> int:
    """Remind the owners 60, 30 and 7 days ahead: once for each, and after a pause for the nearest one only."""
    at = now()
    done = 0
    rows = db.session.scalars(
        select(Organisation)
        .where(
            Organisation.verification == "verified",
            Organisation.suspended_at.is_(None),
            Organisation.verified_until > at,
            Organisation.verified_until <= at + timedelta(days=max(terms.REMIND_DAYS)),
        )
        .order_by(Organisation.id)
    ).all()
    for organisation in rows:
        until = organisation.verified_until
        assert until is not None  # noqa: S101  the query asked for it
        days = min(one for one in terms.REMIND_DAYS if until <= at + timedelta(days=one))
        if db.session.get(VerificationReminder, (organisation.id, until, days)) is not None:
            continue
        db.session.add(VerificationReminder(organisation_id=organisation.id, until=until, days=days))
        waiting = _renewal_waits(organisation)
        if not waiting:
            notify(
                owners_of(organisation.id),
                "verification.ends_soon",
                organisation,
                params={
                    "name_vi": organisation.name("vi"),
                    "name_en": organisation.name("en"),
                    "days": days,
                },
                once=f"{until:%Y%m%d%H%M%S}.{days}",
            )
        done += not waiting
    db.session.flush()
    return done


def _renewal_waits(organisation: Organisation) -> bool:
    """Whether the renewal has been sent already: then there is nothing to remind of."""
    query = select(VerificationRequest.id).where(
        VerificationRequest.organisation_id == organisation.id,
        VerificationRequest.state.in_(("submitted", "first_check")),
    )
    return db.session.scalar(query.limit(1)) is not None


def forget() -> None:
    """Drop what is kept of people no longer than needed: past memberships that bar nobody, addresses never proved."""
    moment = now()
    db.session.execute(delete(PastMembership).where(PastMembership.ended_at <= moment - terms.LEFT_RECENTLY))
    old = db.session.scalars(
        select(VerificationRequest).where(
            VerificationRequest.domain_address != "", VerificationRequest.domain_expires_at <= moment
        )
    )
    for request in old.all():
        request.domain_address, request.domain_token_hash, request.domain_expires_at = "", None, None
    db.session.flush()
