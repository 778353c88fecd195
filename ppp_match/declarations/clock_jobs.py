"""What happens to declarations by the clock: owners are asked once a year whether the list of relations still holds.

Each round reads from the database what is due, so that running it twice or late does no harm.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, or_, select

from ppp_match import audit
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import owners_of
from ppp_match.db import db, now
from ppp_match.jobs import job
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM

LIST_HOLDS = timedelta(days=365)  # so long an owner's word that the list is complete is taken as it is
ASKED = "relation.list_due"


@job("relation_lists", minutes=60)
def relation_lists() -> int:
    """Ask the owners of verified organisations to look through what is declared. Returns how many were asked.

    Due is who said a year ago that the list is complete, or has been verified for a year and never said so; who does
    not answer is asked again a year later. The trail remembers when that was: notices and mail are kept for less long.
    """
    at = now()
    asked_lately = (
        select(audit.AuditEvent.seq)
        .where(
            audit.AuditEvent.subject_id == Organisation.id,
            audit.AuditEvent.action == ASKED,
            audit.AuditEvent.at > at - LIST_HOLDS,
        )
        .exists()
    )
    due = db.session.scalars(
        select(Organisation)
        .where(
            Organisation.verification == "verified",
            Organisation.shown_in_public(),
            or_(Organisation.verified_until.is_(None), Organisation.verified_until > at),
            func.coalesce(Organisation.relations_confirmed_at, Organisation.verified_at) <= at - LIST_HOLDS,
            ~asked_lately,
        )
        .order_by(Organisation.id)
    ).all()
    for organisation in due:
        notify(
            owners_of(organisation.id),
            ASKED,
            organisation,
            params={**organisation.named(), "home": str(organisation.id)},
            once=f"{at:%Y%m%d}",
        )
        audit.record(ASKED, organisation, actor=SYSTEM)
    return len(due)
