"""Codes by the clock (RFC 6238), with Flask-Security's factory: secrets encrypted with a key of ours, no code twice."""

from __future__ import annotations

from typing import Any

import segno
from flask_security.totp import Totp

from ppp_match.accounts.factor_models import Authenticator
from ppp_match.config import Settings

ISSUER = "PPP Match"
DIGITS = 6
LEEWAY = 30  # seconds that a clock may be off, either way


class Codes(Totp):
    """Remembers the newest code of each app, so that none is taken a second time."""

    def get_last_counter(self, user: Any) -> int | None:
        counter: int | None = user.last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.last_counter = tmatch.counter


def codes(settings: Settings) -> Codes:
    """The factory. Its key is SECOND_FACTOR_KEY or, where that is not set, the secret of the application."""
    return Codes({"1": settings.second_factor_key or settings.secret_key}, ISSUER)


def digits_of(typed: str) -> str:
    """What was typed without blanks; empty if it cannot be a code."""
    bare = "".join(typed.split())
    return bare if len(bare) == DIGITS and bare.isascii() and bare.isdigit() else ""


def verify(factory: Codes, authenticator: Authenticator, typed: str) -> bool:
    """Whether it is a code of now that was not used before; then it is used."""
    code = digits_of(typed)
    return bool(code) and factory.verify_totp(code, authenticator.secret, authenticator, window=LEEWAY)  # type: ignore[arg-type]


def drawing(factory: Codes, email: str, secret: str) -> str:
    """A QR code for an app to read, as the address of a picture (data:, which the policy allows for pictures)."""
    qr = segno.make(factory.get_totp_uri(email, secret), error="m", micro=False)
    return str(qr.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
