"""Signed links that open one thing without signing in: who holds the link is who it names, for a while.

The token is made when the mail is written and is kept nowhere; a purpose keeps tokens of different kinds apart.
"""

from __future__ import annotations

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from ppp_match.extensions import settings_now
from ppp_match.lifecycle import Refused

LONGEST = 400


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings_now().secret_key, salt=f"ppp-match.link.{purpose}")


def sign(purpose: str, *parts: str) -> str:
    """A token that says these parts, signed with the moment."""
    return _signer(purpose).dumps(list(parts))


def read_signed(purpose: str, token: str, *, days: int | None = None) -> list[str]:
    """What a token says. Raises Refused: link_unknown, link_old (after so many days)."""
    if len(token) > LONGEST:
        raise Refused("link_unknown")
    try:
        parts = _signer(purpose).loads(token, max_age=days * 86400 if days else None)
    except SignatureExpired:
        raise Refused("link_old") from None
    except BadSignature:
        raise Refused("link_unknown") from None
    return [str(part) for part in parts]
