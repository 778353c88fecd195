"""What moved lately, in one list: the notices one got, and what colleagues did with the organisation's listings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from ppp_match.home.queries import Act
from ppp_match.listings.presentation import action_name
from ppp_match.notifications.kinds import sentence
from ppp_match.notifications.models import Notification

SHOWN = 7


@dataclass(frozen=True)
class Moved:
    """One thing that happened: when, in words, where to look. `lang` marks a quoted title."""

    at: datetime
    words: str
    url: str
    title: str = ""
    lang: str = ""


def moved(notices: list[Notification], acts: list[Act], lang: str) -> list[Moved]:
    """The newest of both, newest first."""
    rows = [
        Moved(notice.created_at, str(sentence(notice.kind, notice.params)), url_for("notifications.inbox"))
        for notice in notices
    ]
    for act in acts:
        reading = act.listing.edited.reading_lang(lang)
        rows.append(
            Moved(
                act.at,
                _("%(name)s %(did)s", name=act.person, did=action_name(act.action)),
                url_for("listings.detail", kind=act.listing.path_kind, id=act.listing.id),
                act.listing.edited.text("title", reading) or act.listing.label,
                reading,
            )
        )
    return sorted(rows, key=lambda row: row.at, reverse=True)[:SHOWN]
