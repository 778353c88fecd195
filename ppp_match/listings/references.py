"""The verbs of confirming reference projects: ask the client, send again, take the answer; by the clock: end, forget.

The client needs no account: whoever has the link has read the mailbox that the company named. What they are shown is
what was claimed when the question was sent; a reference whose text changes is another one, so nothing that was
confirmed before speaks for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from ppp_match import audit, jobs
from ppp_match.accounts.models import Membership, User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing, ReferenceProject
from ppp_match.listings.models_references import ReferenceRequest
from ppp_match.listings.revisions import REFERENCE_KEYS, normal_references
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.search.store import note_change

MAIL = "account.reference_request"
HOLDS = timedelta(days=30)
KEPT = timedelta(days=30)  # the address, after the answer or the end of the link
AGAIN_AFTER = timedelta(minutes=5)
MOST_SENDS = 4  # the first one and three more
CONSENT = "reference-2026-11"
ASKED_IN = ("draft", "submitted", "in_review", "returned", "published")
ANSWERS = {"confirm": "confirmed", "refuse": "refused", "not_me": "not_me"}
OF_ANSWER = {"confirmed": "confirmed", "refused": "denied", "not_me": "claimed", "expired": "expired"}
FORGOTTEN = "forgotten"


def claim_of(reference: ReferenceProject) -> dict[str, Any]:
    """What a reference says, as it is kept and shown to the client."""
    return normal_references([{key: getattr(reference, key) for key in REFERENCE_KEYS}])[0]


def ask(reference: ReferenceProject, *, email: str, lang: str, actor: Actor) -> ReferenceRequest:
    """Send the question to the client's address. One that ended unanswered or reached the wrong person is asked anew.

    Raises NotPermitted; Refused: reference_closed (not in a state to ask, or answered), reference_incomplete,
    reference_own_address, too_many_sends, sent_just_now.
    """
    listing = reference.listing
    _may(listing, actor)
    wait_for(reference)
    if listing.state not in ASKED_IN or reference.confirmation in ("confirmed", "denied"):
        raise Refused("reference_closed")
    if not (reference.client and reference.year and reference.scope):
        raise Refused("reference_incomplete")
    address = email.strip().lower()
    if _is_own(listing, address):
        raise Refused("reference_own_address")
    before = requests_of([reference.id]).get(reference.id, [])
    if any(one.is_open for one in before):
        raise Refused("reference_closed")
    if sum(one.sends for one in before) >= MOST_SENDS:
        raise Refused("too_many_sends")
    if before and before[0].sent_at + AGAIN_AFTER > now():
        raise Refused("sent_just_now")
    row = ReferenceRequest(
        listing=listing,
        reference=reference,
        email=address,
        lang=lang,
        claim=claim_of(reference),
        created_by=actor.user_id,
    )
    _send(row)
    reference.confirmation = "asked"
    try:
        db.session.flush()
    except IntegrityError as error:  # a colleague asked a moment earlier
        raise Refused("reference_closed") from error
    _counts_anew(listing)
    audit.record("reference.asked", row, actor=actor, to_state="pending", personal={"address": address})
    return row


def ask_again(row: ReferenceRequest, *, actor: Actor) -> None:
    """Send the question again with a new link, three times at most; the old link opens nothing any more.

    Raises Refused: reference_closed, too_many_sends, sent_just_now.
    """
    _may(row.listing, actor)
    wait_for(row)
    if not row.is_open or row.reference is None:
        raise Refused("reference_closed")
    if sum(one.sends for one in requests_of([row.reference.id])[row.reference.id]) >= MOST_SENDS:
        raise Refused("too_many_sends")
    if row.sent_at + AGAIN_AFTER > now():
        raise Refused("sent_just_now")
    row.sends += 1
    _send(row)
    db.session.flush()
    audit.record("reference.asked_again", row, actor=actor)


def answer(
    row: ReferenceRequest, what: str, *, comment: str = "", name: str = "", position: str = ""
) -> None:
    """The client's word: confirm, refuse or not_me. The company is told.

    Raises Refused: reference_closed (answered, over, sent again), reference_changed.
    """
    seen = row.token_hash
    wait_for(row)
    reference = row.reference
    if seen is None or row.token_hash != seen or not row.is_open or reference is None:
        raise Refused("reference_closed")
    wait_for(reference)
    if claim_of(reference) != row.claim:
        raise Refused("reference_changed")
    state = ANSWERS[what]
    row.comment, row.consent = comment.strip()[:1000], CONSENT
    row.answered_by_name, row.answered_by_position = name.strip()[:120], position.strip()[:120]
    _end(row, state)
    audit.record(f"reference.{state}", row, actor=SYSTEM, from_state="pending", to_state=state)
    listing = row.listing
    notify(
        members_of(listing.organisation_id),
        f"reference.{state}",
        listing,
        params={"title": listing.shown.text("title"), "client": reference.client},
        once=row.id.hex[:16],
    )


def found(token: str) -> ReferenceRequest | None:
    """The question that a link asks, if it is still known."""
    if not 0 < len(token) <= 100:
        return None
    return db.session.scalar(select(ReferenceRequest).where(ReferenceRequest.token_hash == digest_of(token)))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def requests_of(reference_ids: Any) -> dict[uuid.UUID, list[ReferenceRequest]]:
    """{reference: what its client was asked, the newest first}."""
    grouped: dict[uuid.UUID, list[ReferenceRequest]] = {}
    rows = db.session.scalars(
        select(ReferenceRequest)
        .where(ReferenceRequest.reference_id.in_(list(reference_ids)))
        .order_by(ReferenceRequest.created_at.desc(), ReferenceRequest.id)
    )
    for row in rows:
        if row.reference_id is not None:
            grouped.setdefault(row.reference_id, []).append(row)
    return grouped


# --- by the clock ------------------------------------------------------------------------------------------------


def end_unanswered() -> int:
    """Note what was not answered in time, and what stands for a text that is no longer there. Returns how many."""
    rows = db.session.scalars(
        select(ReferenceRequest)
        .where(
            ReferenceRequest.state == "pending",
            or_(ReferenceRequest.expires_at <= now(), ReferenceRequest.reference_id.is_(None)),
        )
        .order_by(ReferenceRequest.id)
    ).all()
    for row in rows:
        wait_for(row)
        if row.state == "pending":
            state = "void" if row.reference_id is None else "expired"
            _end(row, state)
            audit.record(f"reference.{state}", row, actor=SYSTEM, from_state="pending", to_state=state)
    return len(rows)


def forget(key: str) -> list[OutboxMessage]:
    """Put a digest in the place of addresses that are no longer needed, and take them out of the mail that was sent.

    Keyed, so that nobody finds an address by trying. Returns the mails, whose files somebody else removes.
    """
    due = now() - KEPT
    rows = db.session.scalars(
        select(ReferenceRequest).where(
            ReferenceRequest.forgotten_at.is_(None), ReferenceRequest.ended_at <= due
        )
    ).all()
    mails: list[OutboxMessage] = []
    for row in rows:
        row.email_digest = hmac.new(key.encode(), row.email.encode(), hashlib.sha256).hexdigest()
        row.email, row.forgotten_at = "", now()
        mails += db.session.scalars(
            select(OutboxMessage).where(
                OutboxMessage.kind == MAIL, OutboxMessage.once.like(f"{MAIL}:{row.id}:%")
            )
        ).all()
    if mails:
        db.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_([mail.id for mail in mails]))
            .values(recipient=FORGOTTEN)
        )
    db.session.flush()
    return mails


# --- shared ------------------------------------------------------------------------------------------------------


def _may(listing: Listing, actor: Actor) -> None:
    if not can(actor, "reference.ask", listing):
        raise NotPermitted("not_permitted", "reference.ask")


def _is_own(listing: Listing, address: str) -> bool:
    """Whether the address is the company's own: nobody confirms themselves."""
    domain = address.rpartition("@")[2]
    website = listing.organisation.website.split("//")[-1].split("/")[0].removeprefix("www.").lower()
    contact = listing.organisation.contact_email.lower()
    if address == contact or (website and (domain == website or domain.endswith(f".{website}"))):
        return True
    member = (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == listing.organisation_id, User.email == address)
    )
    return bool(db.session.scalar(member))


def _send(row: ReferenceRequest) -> None:
    """A new token, a new end, a mail with the link."""
    token = secrets.token_urlsafe(32)
    row.token_hash = digest_of(token)
    row.sent_at = now()
    row.expires_at = row.sent_at + HOLDS
    db.session.add(row)
    db.session.flush()
    home = row.listing.organisation
    claim = row.claim
    words = [claim["client"], claim["place"], claim["year"], claim["scope"], claim["result"]]
    db.session.add(
        OutboxMessage(
            user_id=None,  # whether the address has an account is asked of nobody
            recipient=row.email,
            locale=row.lang,
            kind=MAIL,
            context={
                "link": f"/references/{token}",
                "vendor_vi": home.name("vi"),
                "vendor_en": home.name("en"),
                "claim": " · ".join(str(one) for one in words if one),
                "until_at": row.expires_at.isoformat(),
            },
            once=f"{MAIL}:{row.id}:{row.sends}",
        )
    )
    db.session.flush()
    jobs.wake("deliver_mail")


def _end(row: ReferenceRequest, state: str) -> None:
    row.state, row.ended_at, row.token_hash = state, now(), None
    if row.reference is not None and state in OF_ANSWER:
        row.reference.confirmation = OF_ANSWER[state]
        db.session.flush()
        _counts_anew(row.listing)
    db.session.flush()


def _counts_anew(listing: Listing) -> None:
    """What stands behind a published capability has changed, so the matcher looks at it again."""
    if listing.state == "published":
        note_change(listing.id, listing.kind)
