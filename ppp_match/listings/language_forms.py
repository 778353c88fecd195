"""The form of a second language: one entry a field, one entry an item where a field holds one item a line.

The entries follow the original: what it does not say needs no translation. Lengths are those of `fields.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from ppp_match.formats import numberfmt
from ppp_match.listings import labels
from ppp_match.listings.entry import LineField, TextField
from ppp_match.listings.fields import Field
from ppp_match.listings.second_language import FieldState

ONE_LINE = 300  # characters up to which an entry is a single line


class LanguageForm(FlaskForm):
    """Texts of one listing in one language. `states` are the fields it was made for."""

    states: Sequence[FieldState] = ()
    version = HiddenField()

    def entries(self, name: str) -> list[Any]:
        """The entries of a field: one, or one an item."""
        state = next(one for one in self.states if one.name == name)
        return [self[item_name(name, at)] for at in range(len(state.items))] if state.items else [self[name]]

    def values(self) -> dict[str, str]:
        """{field: text} as `operations.save_listing` takes it; items keep their places."""
        found = {}
        for state in self.states:
            lines = [entry.data or "" for entry in self.entries(state.name)]
            found[state.name] = "\n".join(lines).rstrip("\n") if any(lines) else ""
        return found

    def confirmed(self) -> list[str]:
        """Names of the stale texts of which the writer says that they are still right."""
        return [state.name for state in self.states if state.stale and self[f"still_{state.name}"].data]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        values = self.values()
        for state in self.states:
            most, length = state.field.at_most, len(values[state.name])
            if state.items and length > most:
                first = self.entries(state.name)[0]
                first.errors = [
                    *first.errors,
                    _(
                        "“%(label)s”: shorten it, at most %(n)s characters in all, now %(k)s.",
                        label=first.label.text,
                        n=numberfmt(most),
                        k=numberfmt(length),
                    ),
                ]
                good = False
        return good


def item_name(name: str, at: int) -> str:
    """The entry of an item, counted from 0."""
    return f"{name}_{at}"


def language_form(kind: str, states: Sequence[FieldState]) -> LanguageForm:
    """The form for these fields, filled with what is there."""
    members: dict[str, Any] = {"states": tuple(states)}
    data: dict[str, Any] = {}
    for state in states:
        label = labels.label(kind, state.name)
        if state.items:
            for at, (_original, second) in enumerate(state.items):
                members[item_name(state.name, at)] = LineField(label, at_most=state.field.at_most)
                data[item_name(state.name, at)] = second
        else:
            members[state.name] = _entry(state.field, label)
            data[state.name] = state.text
        if state.stale:
            members[f"still_{state.name}"] = BooleanField(_("It still says what the original says now."))
    form: LanguageForm = type("FilledLanguageForm", (LanguageForm,), members)(data=data)
    return form


def _entry(field: Field, label: str) -> Any:
    cls = TextField if field.markdown or field.at_most > ONE_LINE else LineField
    return cls(label, at_most=field.at_most)
