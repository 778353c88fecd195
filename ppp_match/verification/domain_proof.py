"""Proof that somebody of the organisation reads mail at its official domain: a link to an address there, used once.

The token is kept as a SHA-256 only. The address is needed until the proof is given and is emptied then; the domain
stays. Opening the link changes nothing, since programs open links too.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from ppp_match import audit, jobs
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.notifications.models import OutboxMessage
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.verification import queries
from ppp_match.verification.models import VerificationRequest

MAIL = "account.domain_proof"
HOLDS = timedelta(days=7)
AGAIN_AFTER = timedelta(minutes=5)
MOST_SENDS = 5
# Whoever likes gets an address there, so it proves nothing.
OPEN_TO_ALL = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.vn", "ymail.com", "rocketmail.com"),
        *("outlook.com", "outlook.com.vn", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com"),
        *("proton.me", "protonmail.com", "zoho.com", "mail.com", "gmx.com", "gmx.net", "aol.com"),
        *("yandex.com", "mail.ru", "qq.com", "163.com", "126.com", "naver.com", "hanmail.net"),
        *("zalo.me", "fpt.vn", "vnn.vn", "hcm.vnn.vn", "hn.vnn.vn", "tutanota.com", "fastmail.com"),
    }
)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()


def send(request: VerificationRequest, address: str, *, lang: str, actor: Actor) -> None:
    """Send the link to an address at the official domain; one sent before opens nothing any more.

    Raises NotPermitted; Refused: not_editable, domain_open_to_all, sent_just_now, too_many_sends.
    """
    if not can(actor, "organisation.request_verification", request.organisation):
        raise NotPermitted("not_permitted", "organisation.request_verification")
    wait_for(request)
    if not request.is_editable:
        raise Refused("not_editable")
    whole = address.strip().lower()
    domain = domain_of(whole)
    if domain in OPEN_TO_ALL:
        raise Refused("domain_open_to_all", domain)
    moment = now()
    if request.domain_sent_at is not None and request.domain_sent_at + AGAIN_AFTER > moment:
        raise Refused("sent_just_now")
    if request.domain_sends >= MOST_SENDS:
        raise Refused("too_many_sends")
    token = secrets.token_urlsafe(32)
    request.domain, request.domain_address = domain, whole
    request.domain_token_hash = digest_of(token)
    request.domain_sends += 1
    request.domain_sent_at, request.domain_expires_at = moment, moment + HOLDS
    request.domain_confirmed_at = None
    request.no_domain = False
    db.session.flush()
    home = request.organisation
    db.session.add(
        OutboxMessage(
            user_id=None,
            recipient=whole,
            locale=lang,
            kind=MAIL,
            context={
                "link": f"/verification/domain/{token}",
                "organisation_vi": home.name("vi"),
                "organisation_en": home.name("en"),
                "person": actor.name,
                "until_at": request.domain_expires_at.isoformat(),
            },
            once=f"{MAIL}:{request.id}:{uuid.uuid4().hex}",
        )
    )
    db.session.flush()
    audit.record("verification.domain_asked", request, actor=actor, personal={"address": whole})
    jobs.wake("deliver_mail")


def found(token: str) -> VerificationRequest | None:
    """The request whose proof that link gives, if it can still be given."""
    request = queries.by_domain_token(digest_of(token)) if 0 < len(token) <= 100 else None
    if request is None or request.domain_expires_at is None or request.domain_expires_at <= now():
        return None
    return request if request.state in ("draft", "returned", "submitted", "first_check") else None


def confirm(request: VerificationRequest) -> None:
    """The proof is given: whoever has the link reads mail at that domain. Raises Refused("link_used")."""
    seen = request.domain_token_hash
    wait_for(request)
    if seen is None or request.domain_token_hash != seen:
        raise Refused("link_used")
    request.domain_confirmed_at = now()
    request.domain_address, request.domain_token_hash, request.domain_expires_at = "", None, None
    db.session.flush()
    audit.record("verification.domain_confirmed", request, actor=SYSTEM)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
