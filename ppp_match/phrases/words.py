"""What phrases are called on pages, and what an author is told beside the field."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ppp_match.phrases.models import Phrase

KIND_NAMES: dict[str, Any] = {
    "success_fee": _l("Fee for success or for mediation"),
    "gift": _l("Gift or bribe"),
    "promise": _l("Promise of an award"),
    "outside_contact": _l("Contact outside the forum"),
    "offensive": _l("Offensive words"),
    "advertising": _l("Advertising"),
    "other": _l("Other"),
}
SEVERITY_NAMES: dict[str, Any] = {
    "author": _l("Point it out to the author"),
    "moderator": _l("Point it out and send it to a moderator"),
}


def pointer(phrase: Phrase) -> str:
    """What the author reads beside the field."""
    if phrase.severity == "moderator":
        return _(
            "“%(words)s”: %(kind)s. Texts with these words are also looked at by a moderator.",
            words=phrase.words,
            kind=KIND_NAMES[phrase.kind],
        )
    return _(
        "“%(words)s”: %(kind)s. Does it have to be said here?",
        words=phrase.words,
        kind=KIND_NAMES[phrase.kind],
    )
