"""Every kind of notice and mail: its sentence, its heading, what its button says and where that leads.

The kinds stand by subject in kinds_of_*.py, one entry a kind. `params` of notify() fill the sentence: a placeholder
%(name)s takes params["name_vi"] or params["name_en"] in the reader's language where those are given, else
params["name"]. A sentence whose values are lacking gives way to the heading, so that an old notice stays readable.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, Values
from ppp_match.notifications.kinds_of_accounts import ACCOUNT_KINDS
from ppp_match.notifications.kinds_of_conduct import CONDUCT
from ppp_match.notifications.kinds_of_interests import INTERESTS
from ppp_match.notifications.kinds_of_organisations import ORGANISATIONS
from ppp_match.notifications.kinds_of_pairs import PAIRS
from ppp_match.notifications.kinds_of_partnerships import PARTNERSHIPS
from ppp_match.notifications.kinds_of_questions import QUESTIONS
from ppp_match.notifications.kinds_of_texts import TEXTS
from ppp_match.web import page_lang

__all__ = ["ACCOUNT_KINDS", "DIGEST", "KINDS", "Kind", "is_known", "kind_of", "sentence", "target"]

KINDS: dict[str, Kind] = {
    **TEXTS,
    **PAIRS,
    **PARTNERSHIPS,
    **QUESTIONS,
    **ORGANISATIONS,
    **INTERESTS,
    **CONDUCT,
}
# A mail without a notice of its own: what waited for a person, together.
DIGEST = Kind(
    _l("This is what happened since the last digest. All of it stands in your inbox too."),
    _l("Your digest"),
    _l("Open the inbox"),
    family="digest",
)


def kind_of(name: str, params: Mapping[str, Any]) -> Kind:
    """The kind, in the words for one side where params name a side. Raises KeyError for an unknown kind."""
    if name == "digest":
        return DIGEST
    if name in ACCOUNT_KINDS:
        return ACCOUNT_KINDS[name]
    side = params.get("side")
    return KINDS.get(f"{name}.{side}", KINDS[name]) if side else KINDS[name]


class _InLanguage(dict[str, Any]):
    """Params by the reader's language: name → name_vi or name_en where there are such."""

    def __missing__(self, key: str) -> Any:
        for lang in (page_lang(), "en", "vi"):
            value = self.get(f"{key}_{lang}")
            if value:
                return value
        raise KeyError(key)


def is_known(name: str) -> bool:
    """Whether somebody wrote words for mails of that kind."""
    return name in KINDS or name in ACCOUNT_KINDS or name == "digest"


def sentence(name: str, params: Mapping[str, Any]) -> str:
    """The sentence of a notice in the language of the moment."""
    kind = kind_of(name, params)
    try:
        return str(kind.sentence) % _InLanguage(params) if params or kind is DIGEST else str(kind.heading)
    except (KeyError, TypeError, ValueError):
        return str(kind.heading)


def target(name: str, subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """Endpoint and values of the page that a notice leads to; the inbox where a kind leads nowhere."""
    where = kind_of(name, params).target
    return where(subject_id, params) if where else ("notifications.inbox", {})
