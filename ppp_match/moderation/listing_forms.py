"""Forms of the review of listings: remarks by field, a reason to reject."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField

from ppp_match.listings import labels
from ppp_match.listings.entry import CodeField, TextField
from ppp_match.listings.fields import fields_of

ROWS = 4


class RemarkForm(Form):
    """One remark: at which field, and what is asked."""

    field = CodeField(_l("Field"))
    text = TextField(_l("What should change?"), at_most=1000)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.text.data and not self.field.data:
            self.field.errors = [_("Choose the field that the remark is about.")]
            return False
        if self.field.data and not self.text.data:
            self.text.errors = [_("Write what should change.")]
            return False
        return good


class ReturnForm(FlaskForm):
    """Remarks for the owner; empty rows are left out, one is needed."""

    remarks = FieldList(FormField(RemarkForm), min_entries=ROWS, max_entries=ROWS)

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = [field.name for field in fields_of(kind)] + (["references"] if kind == "capability" else [])
        for row in self.remarks:
            row.form.field.choices = [("", "–"), *((name, labels.label(kind, name)) for name in names)]

    def filled(self) -> list[tuple[str, str]]:
        return [(row.form.field.data, row.form.text.data) for row in self.remarks if row.form.text.data]

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and not self.filled():
            self.remarks[0].form.text.errors = [_("Write at least one remark.")]
            self.remarks.errors = [self.remarks[0].errors]
            return False
        return good


class RejectForm(FlaskForm):
    """Why a listing is refused for good."""

    reason = TextField(
        _l("Reason"),
        description=_l("The owners read it. Say what rule it breaks, and what they can do."),
        at_most=1000,
    )

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.reason.data:
            self.reason.errors = [_("Give a reason in a few words.")]
            return False
        return good
