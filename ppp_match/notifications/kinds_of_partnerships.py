"""Kinds of notices about partnerships: what a side reports, what differs, and the forum's question how it goes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from ppp_match.notifications.kind import Kind, Values, to
from ppp_match.notifications.links import sign

SEE = _l("Open the partnership")
# What the question offers, in the order of the course; the page that a link opens offers all of it again.
ANSWERS = (
    ("introduced", _l("Nothing has happened yet")),
    ("meeting", _l("We have met")),
    ("in_talks", _l("We are in talks")),
    ("pilot", _l("A pilot is running")),
    ("agreed", _l("We have agreed")),
    ("delivered", _l("It is delivered")),
    ("no_agreement", _l("It ended without agreement")),
)


def _answers(user_id: uuid.UUID, params: Mapping[str, Any]) -> list[tuple[Any, str, Values]]:
    """A link for each answer that can follow from where the partnership stands."""
    if "request" not in params:
        return []
    token = sign("status", str(params["request"]), str(user_id))
    codes = [code for code, _words in ANSWERS]
    first = codes.index(params["state"]) if params.get("state") in codes else 0
    return [
        (words, "partnerships.by_link", {"token": token, "answer": code}) for code, words in ANSWERS[first:]
    ]


def _kind(sentence: Any, heading: Any, icon: str, **more: Any) -> Kind:
    return Kind(sentence, heading, SEE, to("partnerships.detail"), icon=icon, **more)


PARTNERSHIPS: dict[str, Kind] = {
    "partnership.reported": _kind(
        _l("%(organisation)s reports on %(label)s “%(title)s”. Say whether it is so."),
        _l("The other side reports on a partnership"),
        "pen",
    ),
    "partnership.differs": _kind(
        _l("The two sides report different things on %(label)s “%(title)s”. The forum looks at it."),
        _l("The two sides report different things"),
        "warn",
    ),
    "partnership.differs.forum": Kind(
        _l("The two sides report different things on %(label)s “%(title)s”"),
        _l("The two sides of a partnership report different things"),
        _l("Look at both"),
        to("partnerships.detail"),
        icon="warn",
    ),
    "partnership.verified": _kind(
        _l("The forum has seen evidence of what was reported on %(label)s “%(title)s”"),
        _l("A report on a partnership is verified"),
        "check",
    ),
    "partnership.lapsed": _kind(
        _l(
            "Nobody told the forum how %(label)s “%(title)s” goes, so it counts as lapsed. "
            "A report from either side brings it back."
        ),
        _l("A partnership counts as lapsed"),
        "clock",
    ),
    "partnership.status": _kind(
        _l("How does %(label)s “%(title)s” with %(organisation)s go?"),
        _l("The forum asks how a partnership goes"),
        "talk",
        family="status",
        not_an_award=True,
        links=_answers,
    ),
    "partnership.status_reminder": _kind(
        _l("The forum still would like to know how %(label)s “%(title)s” with %(organisation)s goes"),
        _l("The forum still asks how a partnership goes"),
        "clock",
        family="status",
        not_an_award=True,
        links=_answers,
    ),
}
