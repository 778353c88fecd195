"""The forms of joining a need and of merging: the request, a reason, the moderator's proposal."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from ppp_match.listings.entry import CodeField, LineField, NumberField, TextField
from ppp_match.listings.forms import city_choices
from ppp_match.listings.join_models import MESSAGE_AT_MOST, REASON_AT_MOST
from ppp_match.listings.models import Listing

LARGEST_QUANTITY = 10**12


def said(field: Any, words: str) -> bool:
    """Whether something was typed or chosen; says so at the field if not."""
    if field.data:
        return True
    field.errors = [*field.errors, words]
    return False


class JoinForm(FlaskForm):
    """What a city brings when it asks to take part in another city's need."""

    city = CodeField(_l("Your place"))
    quantity = NumberField(_l("How much of it you need"), at_most=LARGEST_QUANTITY)
    beneficiaries = NumberField(_l("How many of your residents it concerns"), whole=True)
    own_need = CodeField(
        _l("A need of your own that this would cover"),
        description=_l("Once you take part, you can give it up in favour of the joint one."),
    )
    message = TextField(
        _l("What you would like to say to the lead city"),
        description=_l(
            "Why you belong together, and what is different with you. Only the lead city and the forum read it."
        ),
        at_most=MESSAGE_AT_MOST,
    )
    unnamed = BooleanField(
        _l("Do not name us in public"),
        description=_l("Readers then see “a city in …”. The lead city and the forum know who you are."),
    )

    def __init__(self, need: Listing, own: list[Listing], lang: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.city.choices = city_choices(lang)
        self.own_need.choices = [("", "–")] + [
            (str(one.id), f"{one.label} {one.edited.text('title') or _('Without a title yet')}")
            for one in own
        ]
        unit = need.shown.scale_unit
        if unit:
            self.quantity.description = _("In the lead city’s unit: %(unit)s.", unit=unit)

    def complete(self) -> bool:
        """Whether the request can be sent; what lacks is said at its field."""
        good = self.validate()
        good = said(self.city, _("Choose your place.")) and good
        return said(self.message, _("Write a few words to the lead city.")) and good


class ReasonForm(FlaskForm):
    """A no, or a leaving, with its reason for the other side."""

    reason = TextField(
        _l("Why?"), description=_l("The other side reads it. One sentence is enough."), at_most=REASON_AT_MOST
    )

    def complete(self) -> bool:
        """Whether a reason was given."""
        return self.validate() and said(self.reason, _("Give a reason in a few words."))


class MergeForm(FlaskForm):
    """A moderator's proposal: which listing stays, and why the two are one."""

    target = LineField(
        _l("Number of the one that stays"),
        description=_l("For example N-0412. It has to be published."),
        at_most=12,
    )
    reason = TextField(
        _l("Why are they one?"),
        description=_l("Both organisations read it, and later the readers of the merged page."),
        at_most=REASON_AT_MOST,
    )

    def complete(self) -> bool:
        """Whether the proposal can be made, but for who stands behind the number."""
        good = self.validate()
        good = said(self.target, _("Write the number of a published listing.")) and good
        return said(self.reason, _("Give a reason in a few words.")) and good
