"""What a password must be: 8 to 256 characters, not one that everybody tries first, not one's own name.

No rule asks for digits or signs: long and rare is what counts. The
list is that of the package zxcvbn, with some that are common in Viet Nam and around this forum.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from flask_security.password_util import PasswordUtil
from flask_security.utils import get_message
from zxcvbn.frequency_lists import FREQUENCY_LISTS

SHORTEST = 8
LONGEST = 256
COMMON_HERE = frozenset(
    {
        "matkhau1",
        "matkhau123",
        "matkhau1234",
        "matkhau12345",
        "matkhau@123",
        "anhyeuem123",
        "vietnam1",
        "vietnam123",
        "vietnam2025",
        "vietnam2026",
        "hanoi123",
        "saigon123",
        "danang123",
        "cantho123",
        "abc@1234",
        "abcd@1234",
        "p@ssword",
        "admin@123",
        "administrator",
        "khongcho",
        "congviec",
        "nguyenvan",
        "pppmatch",
        "ppp-match",
        "pppmatch1",
        "pppmatch123",
        "smartcity",
        "smartcity1",
        "smartcity123",
    }
)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The passwords that are refused, in lower case."""
    return COMMON_HERE | frozenset(FREQUENCY_LISTS["passwords"])


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


class PasswordRules(PasswordUtil):
    """The rules above, as Flask-Security asks for them."""

    def validate(
        self,
        password: str,
        is_register: bool,
        **kwargs: Any,
    ) -> tuple[list[str] | None, str]:
        normal = self.normalize(password)
        if len(normal) < SHORTEST:
            return [get_message("PASSWORD_INVALID_LENGTH", length=SHORTEST)[0]], normal
        if len(normal) > LONGEST:
            return [get_message("PASSWORD_TOO_LONG", length=LONGEST)[0]], normal
        if normal.casefold() in common_passwords() or len(set(normal)) == 1:
            return [get_message("PASSWORD_TOO_COMMON")[0]], normal
        user = kwargs.get("user")
        own = [kwargs.get(name) or getattr(user, name, "") or "" for name in ("email", "name")]
        own.append(own[0].partition("@")[0])
        if _bare(normal) and _bare(normal) in {_bare(text) for text in own}:
            return [get_message("PASSWORD_IS_NAME")[0]], normal
        return None, normal
