"""The forms with which an owner ends a listing: withdraw it, or close it and say how it ended."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from ppp_match.listings.entry import TextField
from ppp_match.listings.forms import RadioCodeField, named


class WithdrawForm(FlaskForm):
    """Why a listing is withdrawn."""

    reason = TextField(
        _l("Why do you withdraw it?"),
        description=_l("The forum reads it. One sentence is enough."),
        at_most=500,
    )


class CloseForm(FlaskForm):
    """How a published listing ended."""

    close_reason = RadioCodeField(_l("How did it end?"))
    reason = TextField(_l("In your own words"), description=_l("Readers see it on the page."), at_most=500)

    def __init__(self, lang: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.close_reason.choices = [c for c in named("listing_closing_reason", lang) if c[0] != "merged"]
