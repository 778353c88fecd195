"""The form of an addendum: its kind, its text in one or both languages, a later last day for answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from ppp_match.db import today
from ppp_match.formats import datefmt
from ppp_match.listings.entry import DayField, TextField
from ppp_match.listings.forms import RadioCodeField
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import ADDENDUM_KINDS, Addendum

LONGEST = 3000


def kind_name(code: str) -> str:
    """The kind of an addendum in words."""
    return {
        "clarification": _("Clarification"),
        "correction": _("Correction"),
        "dates": _("Change of dates"),
        "answer": _("Answer of general interest"),
    }[code]


class AddendumForm(FlaskForm):
    """What an owner writes beside a published text."""

    kind = RadioCodeField(_l("What kind of addendum is it?"))
    text_vi = TextField(
        _l("Text in Vietnamese"),
        description=_l("One language is enough; with both, every reader finds theirs. Markdown works."),
        at_most=LONGEST,
    )
    text_en = TextField(_l("Text in English"), at_most=LONGEST)
    response_until = DayField(_l("New last day for answers"))
    version = HiddenField()

    def __init__(self, listing: Listing, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listing = listing
        self.kind.choices = [(code, kind_name(code)) for code in ADDENDUM_KINDS]
        if listing.kind != "need":
            self.kind.choices = [choice for choice in self.kind.choices if choice[0] != "dates"]
            del self.response_until
        else:
            present = listing.shown.response_until
            self.response_until.description = (
                _(
                    "So far %(date)s. It can be put off, not brought forward. Leave empty to keep it.",
                    date=datefmt(present),
                )
                if present
                else _("Leave empty if nothing changes.")
            )

    @property
    def day(self) -> date | None:
        return self.response_until.data if "response_until" in self else None

    def texts(self) -> dict[str, str]:
        return {"vi": self.text_vi.data or "", "en": self.text_en.data or ""}

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.kind.data:
            good = self._fault("kind", _("Choose one."))
        if not any(self.texts().values()):
            good = self._fault("text_vi", _("Write the text in Vietnamese, in English, or in both."))
        return self._check_day() and good

    def _check_day(self) -> bool:
        if "response_until" not in self or self.response_until.errors:
            return True
        day, present = self.day, self.listing.shown.response_until
        if day is None:
            if self.kind.data == "dates" and self.listing.kind == "need":
                return self._fault("response_until", _("Say which day it is put off to."))
            return True
        if day < today():
            return self._fault("response_until", _("This day is over. Choose a later one."))
        if present is not None and day <= present:
            words = _(
                "The last day for answers can only be put off. It is %(date)s now; choose a later day.",
                date=datefmt(present),
            )
            return self._fault("response_until", words)
        return True

    def _fault(self, name: str, text: str) -> bool:
        self[name].errors = [*self[name].errors, text]
        return False


def initial(addendum: Addendum) -> dict[str, Any]:
    """What the form of an existing addendum starts with."""
    return {
        name: getattr(addendum, name) for name in ("kind", "text_vi", "text_en", "response_until", "version")
    }
