"""The verbs of verification: begin, write, send, take back; check, send back, refuse, verify; end by the clock.

Each decision locks the request's row and compares the version that the page showed, so that of two clicks one
counts. `accounts.operations` moves the organisation's own state along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts import operations as accounts
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import members_of, owners_of, staff
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import VERIFICATION_REQUEST, NotPermitted, Refused, move
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.search.store import note_change
from ppp_match.verification import checklists, queries, terms
from ppp_match.verification.models import VerificationCheck, VerificationRemark, VerificationRequest

EVIDENCE = ("registration_number", "number_as_written", "website", "no_domain", "statement", "answer")
LONGEST_NOTE = 2000


# --- the organisation's side -------------------------------------------------------------------------------------


def begin_request(organisation: Organisation, *, actor: Actor) -> VerificationRequest:
    """The draft in which evidence is gathered; the open request where there is one. A renewal is filled in already.

    Raises NotPermitted; Refused("verified_already") while the verification holds for long yet.
    """
    _may_ask(organisation, actor)
    wait_for(organisation)
    found = queries.open_request(organisation.id)
    if found is not None:
        return found
    if not may_begin(organisation):
        raise Refused("verified_already")
    before = queries.last_verified(organisation.id)
    renewal = organisation.verification == "verified"
    made = VerificationRequest(
        organisation=organisation,
        kind="renewal" if renewal else "first",
        renews_id=before.id if before is not None and renewal else None,
        needs_two=checklists.is_public_body(organisation),
        registration_number=organisation.registration_number,
        website=organisation.website,
        domain=before.domain if before is not None else "",
        no_domain=before.no_domain if before is not None else False,
        statement=before.statement if before is not None else "",
        created_by=actor.user_id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("verification.draft", made, actor=actor, to_state="draft")
    return made


def may_begin(organisation: Organisation) -> bool:
    """Whether a request may begin: not verified, or verified for so short a time that it is to be renewed."""
    if organisation.suspended_at is not None:
        return False
    if organisation.verification != "verified":
        return True
    until = organisation.verified_until
    return until is not None and until - terms.RENEW_FROM <= now()


def save_request(
    request: VerificationRequest, values: Mapping[str, Any], *, version: int, actor: Actor
) -> tuple[str, ...]:
    """Write evidence, of EVIDENCE. Returns what changed. Raises Refused: stale, not_editable."""
    _may_ask(request.organisation, actor)
    _lock(request, version)
    if not request.is_editable:
        raise Refused("not_editable")
    changed = tuple(name for name in EVIDENCE if name in values and getattr(request, name) != values[name])
    for name in changed:
        setattr(request, name, values[name])
    organisation = request.organisation
    if organisation.verification != "verified":  # what is verified stays as it was looked at
        organisation.registration_number = request.registration_number
        organisation.website = request.website or organisation.website
    request.needs_two = checklists.is_public_body(organisation)
    db.session.flush()
    if changed:
        audit.record("verification.edited", request, actor=actor, fields=changed)
    return changed


def submit_request(request: VerificationRequest, *, version: int, actor: Actor) -> None:
    """draft | returned → submitted; remarks count as answered; the staff is told.

    Raises Refused: stale, incomplete.
    """
    _may_ask(request.organisation, actor)
    _lock(request, version)
    organisation = request.organisation
    request.needs_two = checklists.is_public_body(organisation)
    before = (request.submitted_at, request.round)
    moment = now()
    with db.session.no_autoflush:
        request.submitted_at, request.round = moment, request.round + 1
        try:
            move(VERIFICATION_REQUEST, request, "submitted", actor=actor)
        except Refused:
            request.submitted_at, request.round = before
            raise
    for remark in request.open_remarks:
        remark.resolved_at = moment
    db.session.flush()
    if organisation.verification in ("unverified", "rejected"):
        accounts.request_verification(organisation, actor=actor)
    else:
        _tell(staff(), "verification.waiting", request)


def take_back(request: VerificationRequest, *, actor: Actor) -> None:
    """Give a request up; an organisation that was not verified is as before."""
    _may_ask(request.organisation, actor)
    _lock(request)
    move(VERIFICATION_REQUEST, request, "taken_back", actor=actor)
    _forget_address(request)
    if request.organisation.verification == "pending":
        accounts.take_back_request(request.organisation, actor=actor)


# --- the forum's side --------------------------------------------------------------------------------------------


def check(
    request: VerificationRequest,
    outcome: str,
    *,
    ticks: Mapping[str, tuple[bool, str]],
    note: str = "",
    words: str = "",
    remarks: Iterable[tuple[str, str]] = (),
    version: int,
    profile_version: int,
    actor: Actor,
) -> str:
    """One moderator's finding: positive, returned (with remarks) or rejected (with words). Returns the new state.

    `version` and `profile_version` are what the page showed. Raises NotPermitted for the organisation's own people;
    Refused: reviewer_conflict (left it recently, or works for a related one), second_pair_of_eyes (checked it first
    already), stale, checklist_open (an item neither ticked nor explained), unknown_field, note_too_long, and see
    lifecycle.move.
    """
    organisation = request.organisation
    _may_check(request, actor)
    _lock(request, version)
    if organisation.version != profile_version:
        raise Refused("stale")
    if not request.is_waiting:
        raise Refused("decided_already")
    first = request.first_check
    if request.state == "first_check" and first is not None and first.by_id == actor.user_id:
        raise Refused("second_pair_of_eyes")
    if max(len(note), len(words)) > LONGEST_NOTE:
        raise Refused("note_too_long")
    found = _ticks(organisation, ticks)
    if outcome == "positive" and any(not one["ticked"] and not one["note"] for one in found.values()):
        raise Refused("checklist_open")
    if request.state == "submitted":  # what it is may have been corrected since it was sent
        request.needs_two = checklists.is_public_body(organisation)
    step = "second" if request.state == "first_check" else "first" if request.needs_two else "only"
    db.session.add(
        VerificationCheck(
            request_id=request.id,
            round=request.round,
            step=step,
            outcome=outcome,
            by_id=actor.user_id,
            ticks=found,
            note=note.strip(),
        )
    )
    try:
        db.session.flush()
    except IntegrityError as error:  # somebody was a moment earlier
        raise Refused("decided_already") from error
    if outcome == "returned":
        _return(request, remarks, words, actor)
    elif outcome == "rejected":
        _reject(request, words, actor)
    elif outcome == "positive" and step == "first":
        move(VERIFICATION_REQUEST, request, "first_check", actor=actor)
        others = [one for one in staff() if one.id != actor.user_id]
        _tell(others, "verification.second", request)
    elif outcome == "positive":
        _verify(request, words, actor)
    else:
        raise Refused("unknown_reason", outcome)
    return request.state


def _ticks(organisation: Organisation, ticks: Mapping[str, tuple[bool, str]]) -> dict[str, Any]:
    return {
        name: {"ticked": bool(ticked), "note": words.strip()[:500]}
        for name in checklists.items_for(organisation)
        for ticked, words in [ticks.get(name, (False, ""))]
    }


def _return(
    request: VerificationRequest, remarks: Iterable[tuple[str, str]], words: str, actor: Actor
) -> None:
    for field, text in remarks:
        if field not in checklists.FIELDS:
            raise Refused("unknown_field", field)
        if not text.strip():
            continue
        if len(text.strip()) > 1000:
            raise Refused("note_too_long")
        request.remarks.append(
            VerificationRemark(round=request.round, field=field, text=text.strip(), created_by=actor.user_id)
        )
    request.words = words.strip()
    db.session.flush()
    move(VERIFICATION_REQUEST, request, "returned", actor=actor)
    _tell(members_of(request.organisation_id), "verification.returned", request)


def _reject(request: VerificationRequest, words: str, actor: Actor) -> None:
    _decide(request, "rejected", words, actor)
    organisation = request.organisation
    if organisation.verification == "pending":
        accounts.reject_organisation(organisation, actor=actor, reason=words)
    else:
        _tell(owners_of(organisation.id), "verification.not_renewed", request)


def _verify(request: VerificationRequest, words: str, actor: Actor) -> None:
    _decide(request, "verified", words, actor)
    organisation = request.organisation
    moment = now()
    if organisation.verification == "pending":
        accounts.verify_organisation(organisation, actor=actor, note=words)
        begin = moment
    else:
        before = requests_before(request)
        for one in before:
            move(VERIFICATION_REQUEST, one, "renewed", actor=actor)
        # Who renews early loses nothing of the time that is left.
        begin = max(moment, organisation.verified_until or moment)
        organisation.verified_at, organisation.verified_by = moment, actor.user_id
        audit.record("organisation.renewed", organisation, actor=actor)
        _tell(members_of(organisation.id), "verification.renewed", request)
    organisation.verified_until = terms.end_of_term(begin)
    if organisation.lapsed_at is not None:
        organisation.lapsed_at = None
        note_published(organisation)
    db.session.flush()


def requests_before(request: VerificationRequest) -> list[VerificationRequest]:
    """The requests that this one takes the place of."""
    return list(
        db.session.scalars(
            select(VerificationRequest).where(
                VerificationRequest.organisation_id == request.organisation_id,
                VerificationRequest.state.in_(("verified", "expired")),
                VerificationRequest.id != request.id,
            )
        )
    )


def _decide(request: VerificationRequest, state: str, words: str, actor: Actor) -> None:
    before = (request.decided_at, request.decided_by)
    with db.session.no_autoflush:
        request.decided_at, request.decided_by = now(), actor.user_id
        try:
            move(VERIFICATION_REQUEST, request, state, actor=actor, reason=words)
        except Refused:
            request.decided_at, request.decided_by = before
            raise
    request.words = words.strip()
    _forget_address(request)
    db.session.flush()


# --- by the clock ------------------------------------------------------------------------------------------------


def expire(organisation: Organisation) -> bool:
    """Note that the verification is over: no new publication from here on. False if it is not due, or was noted."""
    wait_for(organisation)
    if not organisation.is_past_term or organisation.verified_until is None:
        return False
    until = organisation.verified_until
    action = select(audit.AuditEvent.seq).where(
        audit.AuditEvent.subject_id == organisation.id,
        audit.AuditEvent.action == "organisation.expired",
        audit.AuditEvent.at >= until,
    )
    if db.session.scalar(action.limit(1)) is not None:
        return False
    request = queries.last_verified(organisation.id)
    if request is not None and request.state == "verified":
        move(VERIFICATION_REQUEST, request, "expired", actor=SYSTEM)
    audit.record("organisation.expired", organisation, actor=SYSTEM)
    notify(
        members_of(organisation.id),
        "verification.expired",
        organisation,
        params={**_named(organisation), "days": terms.grace_days()},
        once=f"{until:%Y%m%d%H%M%S}",
    )
    return True


def lapse(organisation: Organisation) -> bool:
    """The grace is over too: what the organisation published leaves the public's sight. False if it is not due.

    Its pairs leave with it. Offers that were open when the verification ended have been answered or expired by now,
    since the grace is longer than an offer stands.
    """
    wait_for(organisation)
    until = organisation.verified_until
    if organisation.lapsed_at is not None or until is None or until + terms.grace() > now():
        return False
    if not organisation.is_past_term:
        return False
    organisation.lapsed_at = now()
    note_published(organisation)
    audit.record("organisation.lapsed", organisation, actor=SYSTEM)
    notify(
        members_of(organisation.id),
        "verification.lapsed",
        organisation,
        params=_named(organisation),
        once=f"{until:%Y%m%d%H%M%S}",
    )
    return True


def note_published(organisation: Organisation) -> list[Listing]:
    """Have the index and the pairs look anew at what an organisation published. Returns those listings."""
    rows = list(
        db.session.scalars(
            select(Listing)
            .where(Listing.organisation_id == organisation.id, Listing.state == "published")
            .order_by(Listing.id)
        )
    )
    db.session.flush()
    for listing in rows:
        note_change(listing.id, listing.kind)
    return rows


# --- shared ------------------------------------------------------------------------------------------------------


def _between_two_checks(organisation: Organisation) -> bool:
    """What the first moderator looked at is what the second one verifies."""
    request = queries.open_request(organisation.id)
    return request is not None and request.state == "first_check"


accounts.IDENTITY_HELD.append(_between_two_checks)


def _may_ask(organisation: Organisation, actor: Actor) -> None:
    if not can(actor, "organisation.request_verification", organisation):
        raise NotPermitted("not_permitted", "organisation.request_verification")


def _may_check(request: VerificationRequest, actor: Actor) -> None:
    if not can(actor, "organisation.verify", request.organisation):
        raise NotPermitted("not_permitted", "organisation.verify")
    if not actor.is_system and queries.conflict_of(request.organisation_id, actor):
        raise Refused("reviewer_conflict")


def _lock(request: VerificationRequest, version: int | None = None) -> None:
    wait_for(request)
    if version is not None and request.version != version:
        raise Refused("stale")


def _forget_address(request: VerificationRequest) -> None:
    request.domain_address, request.domain_token_hash, request.domain_expires_at = "", None, None


def _tell(people: Iterable[Any], kind: str, request: VerificationRequest) -> None:
    organisation = request.organisation
    notify(
        people,
        kind,
        organisation,
        params={**_named(organisation), "request": str(request.id)},
        once=f"{request.id.hex[:12]}.{request.round}",
    )


def _named(organisation: Organisation) -> dict[str, str]:
    return organisation.named()
