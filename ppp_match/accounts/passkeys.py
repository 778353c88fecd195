"""Passkeys (WebAuthn): what the browser is asked, and whether its answer is good. Needs the script passkeys.js.

A challenge lies in the session on the server and is good for one answer within five minutes. The forum's name and
origin are those of the settings in production; elsewhere those of the request, whose host the settings may limit.
"""

from __future__ import annotations

import ipaddress
import json
import time
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import current_app, request, session
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ppp_match.accounts import factors
from ppp_match.accounts.factor_models import Passkey
from ppp_match.accounts.models import User
from ppp_match.accounts.totp import ISSUER
from ppp_match.config import Settings
from ppp_match.db import db

HOLDS = 300  # seconds
LONGEST_ANSWER = 20_000
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, RecursionError)


def origin() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.address if settings.is_production else request.host_url.rstrip("/")


def site() -> str:
    return urlsplit(origin()).hostname or "localhost"


def possible() -> bool:
    """Browsers bind passkeys to a name: at a bare number (127.0.0.1) there are none."""
    try:
        ipaddress.ip_address(site())
    except ValueError:
        return True
    return False


def options_to_make(user: User) -> str:
    """What the browser is asked to make a passkey with, as JSON."""
    made = webauthn.generate_registration_options(
        rp_id=site(),
        rp_name=ISSUER,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        exclude_credentials=[_known(one) for one in factors.passkeys_of(user)],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    _keep("make", made.challenge)
    return options_to_json(made)


def made(answer: str) -> dict[str, Any] | None:
    """What to keep of a passkey that the browser made; None if the answer is not good."""
    challenge = _challenge("make")
    if challenge is None or not 0 < len(answer) <= LONGEST_ANSWER:
        return None
    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site(), expected_origin=origin()
        )
        transports = [str(one) for one in json.loads(answer)["response"].get("transports") or []]
    except BROKEN:
        return None
    known = {one.value for one in AuthenticatorTransport}
    return {
        "credential_id": found.credential_id,
        "public_key": found.credential_public_key,
        "sign_count": found.sign_count,
        "transports": [one for one in transports if one in known],
    }


def options_to_use(user: User | None = None) -> str:
    """What the browser is asked to prove: with a passkey of that person, or with any that names its owner."""
    asked = webauthn.generate_authentication_options(
        rp_id=site(),
        allow_credentials=[_known(one) for one in factors.passkeys_of(user)] if user else None,
        user_verification=UserVerificationRequirement.PREFERRED
        if user
        else UserVerificationRequirement.REQUIRED,
    )
    _keep("use", asked.challenge)
    return options_to_json(asked)


def options_for_anybody() -> str:
    """What the page of sign-in asks the browser; empty where there are no passkeys."""
    return options_to_use() if possible() else ""


def used(answer: str, *, user: User | None = None) -> User | None:
    """Who proved themself with a passkey; None if the answer is not good, or of somebody else than `user`.

    Without `user` the passkey stands for the password too: the device must have verified its owner by PIN or finger.
    """
    challenge = _challenge("use")
    if challenge is None or not 0 < len(answer) <= LONGEST_ANSWER:
        return None
    try:
        credential = parse_authentication_credential_json(answer)
        passkey = factors.passkey_by(credential.raw_id)
        owner = db.session.get(User, passkey.user_id) if passkey else None
        if passkey is None or owner is None or (user is not None and owner.id != user.id):
            return None
        handle = credential.response.user_handle
        if handle and handle != owner.id.bytes:
            return None
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site(),
            expected_origin=origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=user is None,
        )
    except BROKEN:
        return None
    factors.note_passkey_used(passkey, found.new_sign_count)
    return owner


def _known(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(one) for one in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports or None)


def _keep(what: str, challenge: bytes) -> None:
    session[f"passkey_{what}"] = (challenge.hex(), time.time())


def _challenge(what: str) -> bytes | None:
    """The challenge given out last, if it is recent; whatever becomes of the answer, it is good for this one only."""
    given, at = session.pop(f"passkey_{what}", ("", 0.0))
    return bytes.fromhex(given) if given and time.time() - at < HOLDS else None
