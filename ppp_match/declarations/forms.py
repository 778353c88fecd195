"""The forms of this room. Every message is ours, so that it stands in both languages."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from ppp_match.accounts.forms import OneOfShown, Versioned, shorter
from ppp_match.accounts.models import Organisation, User
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.db import today
from ppp_match.declarations import ending, interests, queries, relations, words
from ppp_match.introductions import declaring
from ppp_match.permissions import Actor
from ppp_match.phrases.finding import folded
from ppp_match.web import page_lang

OUTSIDE = "outside"


def _reason(limit: int, missing: Any, description: Any) -> TextAreaField:
    return TextAreaField(
        _l("Reason"),
        description=description,
        filters=[paragraphs],
        validators=[DataRequired(missing), shorter(limit)],
    )


class NamesAnOrganisation(FlaskForm):
    """A form whose writer names an organisation; where a name fits several, or none, the page asks which is meant."""

    organisation = StringField(
        _l("Organisation"),
        description=_l("Its name, or the beginning of a word in it."),
        filters=[one_line],
        validators=[DataRequired(_l("Name the organisation.")), shorter(relations.LONGEST_NAME)],
        render_kw={"autocomplete": "off"},
    )
    chosen = OneOfShown(_l("Which one do you mean?"), choices=[], validators=[Optional()])
    outside_allowed = False

    def look_up(self, actor: Actor) -> None:
        """Offer what the name may mean; call before validating. One organisation of that very name needs no question."""
        found = queries.organisations_named(self.organisation.data or "", actor)[: queries.CANDIDATES]
        self.found = {str(one.id): one for one in found}
        self.chosen.choices = [SelectChoice(str(one.id), one.name(page_lang())) for one in found]
        if self.outside_allowed and self.organisation.data:
            self.chosen.choices.append(
                SelectChoice(OUTSIDE, _("“%(name)s”, which is not in the forum", name=self.organisation.data))
            )

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if not self.organisation.errors and not self.chosen.errors and self.meant is None:
            if self.chosen.choices:
                self.chosen.errors = [*self.chosen.errors, _("Choose which one you mean.")]
            else:
                self.organisation.errors = [
                    *self.organisation.errors,
                    _("No organisation of the forum is called so. Try one word of its name."),
                ]
            return False
        return good

    @property
    def asks_which(self) -> bool:
        """Whether the page has to show what the name may mean."""
        return bool(self.chosen.choices) and bool(self.chosen.errors or self.chosen.data)

    @property
    def meant(self) -> str | None:
        """An organisation's identifier, OUTSIDE, or None while it is not clear."""
        if self.chosen.data:
            return str(self.chosen.data)
        exact = [key for key, one in self.found.items() if self._is_called(one)]
        return exact[0] if len(exact) == 1 else None

    def is_another_than(self, own: Collection[uuid.UUID], words: str) -> bool:
        """Whether it is none of these organisations; if it is one, that is said beside the field."""
        meant = self.organisation_meant
        if meant is None or meant.id not in own:
            return True
        self.organisation.errors = [words]
        return False

    def _is_called(self, one: Organisation) -> bool:
        asked = folded(self.organisation.data or "")
        return asked in {folded(name) for name in (one.name_vi, one.name_en) if name}

    @property
    def organisation_meant(self) -> Organisation | None:
        return self.found.get(self.meant or "")


class Since(FlaskForm):
    """From when something is so; the day may be left open."""

    since: Any = DateField(_l("Since"), validators=[Optional()])

    def validate_since(self, field: Any) -> None:
        if field.data is not None and field.data > today():
            raise ValidationError(_("This day is still to come."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.since.process_errors:
            self.since.process_errors = [_("Write the day as a date.")]


class RelationForm(NamesAnOrganisation, Since):
    """A relation of an organisation to another one."""

    outside_allowed = True
    kind = OneOfShown(
        _l("What is the other one to yours?"),
        choices=[SelectChoice(code, name) for code, name in words.RELATION_NAMES.items()],
        validators=[InputRequired(_l("Choose what the other one is to yours."))],
    )
    note = TextAreaField(
        _l("More about it"),
        description=_l(
            "Share, function or years, for instance. Stands in the public register, so without names."
        ),
        filters=[paragraphs],
        validators=[shorter(relations.LONGEST_NOTE)],
    )


class RecuseForm(Since):
    """A moderator recuses themselves from the organisation of the page."""

    kind = OneOfShown(
        _l("What is your interest?"),
        choices=[SelectChoice(code, name) for code, name in words.INTEREST_NAMES.items()],
        validators=[InputRequired(_l("Choose what your interest is."))],
    )
    note = TextAreaField(
        _l("More about it"),
        description=_l("Only you and the forum's staff read it."),
        filters=[paragraphs],
        validators=[shorter(interests.LONGEST_NOTE)],
    )

    def validate_note(self, field: TextAreaField) -> None:
        if self.kind.data in interests.NEED_WORDS and not field.data:
            raise ValidationError(_("Say in a few words what it is."))


class InterestForm(NamesAnOrganisation, RecuseForm):
    """An interest of one's own, in an organisation that one names."""


class ImposeForm(NamesAnOrganisation):
    """An administrator recuses a colleague."""

    person = OneOfShown(_l("Who"), validators=[InputRequired(_l("Choose who is recused."))])
    reason = _reason(
        interests.LONGEST_NOTE, _l("Say why."), _l("The colleague and the administrators read it.")
    )

    def offer(self, people: list[User]) -> ImposeForm:
        self.people = {str(one.id): one for one in people}
        self.person.choices = [SelectChoice(key, one.name) for key, one in self.people.items()]
        return self


class EndForm(Versioned):
    """Somebody says that a relation or an interest has ended."""

    reason = _reason(
        ending.LONGEST_REASON,
        _l("Say since when it is over, and why."),
        _l("Since when it is over, and how that can be seen. The forum checks it; until then it counts."),
    )


class AnswerEndForm(Versioned):
    """The forum's answer to that."""

    answer = OneOfShown(
        _l("Has it ended?"),
        choices=[SelectChoice("ended", _l("Yes, it has ended")), SelectChoice("stands", _l("No, it stands"))],
        validators=[InputRequired(_l("Choose whether it has ended."))],
    )
    reason = _reason(ending.LONGEST_REASON, _l("Say why."), _l("Those concerned read it."))


class DecideForm(Versioned):
    """Whether what a side declared stands against an introduction."""

    answer = OneOfShown(
        _l("Does it stand against the introduction?"),
        choices=[
            SelectChoice("cleared", _l("No: the side can say yes")),
            SelectChoice("barred", _l("Yes: the offer ends, and the pair is barred")),
        ],
        validators=[InputRequired(_l("Choose whether it stands against the introduction."))],
    )
    reason = _reason(
        declaring.LONGEST_REASON,
        _l("Say why."),
        _l("The side that declared reads it; the other side does not."),
    )
