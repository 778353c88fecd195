"""Forms of offers and conversations."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from ppp_match.accounts.text_fields import paragraphs
from ppp_match.attachments.forms import WithFile
from ppp_match.formats import numberfmt
from ppp_match.introductions.declaring import LONGEST_WORDS
from ppp_match.introductions.models import DECLINE_REASONS
from ppp_match.introductions.operations import LONGEST_MESSAGE, LONGEST_NOTE
from ppp_match.phrases.models import Phrase
from ppp_match.phrases.words import pointer

REASONS = {
    "no_capacity_now": _l("No capacity at this time"),
    "wrong_size": _l("Too small or too large"),
    "place_or_language": _l("Place or language"),
    "contract_form": _l("Contract form"),
    "not_what_we_do": _l("Not what we do or need"),
    "conflict": _l("Conflict of interest"),
    "other": _l("Other"),
}
LANGUAGES = [SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """One side's answer: yes with the declaration, or no with a reason."""

    answer = RadioField(
        _l("Your answer"),
        choices=[SelectChoice("yes", _l("Yes, introduce us")), SelectChoice("no", _l("No, thank you"))],
        validators=[InputRequired(_l("Choose yes or no."))],
        validate_choice=False,
    )
    reason_code = SelectField(
        _l("Reason, if no"),
        description=_l("The other side sees only this category."),
        choices=[
            SelectChoice("", _l("Choose a reason")),
            *(SelectChoice(code, REASONS[code]) for code in DECLINE_REASONS),
        ],
        validate_choice=False,
    )
    note = TextAreaField(
        _l("A word to the forum, if no"),
        description=_l("Only moderators read it. Needed with “Other”."),
        filters=[paragraphs],
    )
    no_conflict = BooleanField(
        _l("We have no relation with people of the other side that we have not declared."),
        description=_l(
            "Relations are owners, subsidiaries, relatives and former employers of those who decide."
        ),
    )

    declared = TextAreaField(
        _l("Or what there is to declare"),
        description=_l(
            "Only moderators of the forum read it. They say whether it stands against the introduction, and you are "
            "told; the offer waits meanwhile."
        ),
        filters=[paragraphs],
    )

    @property
    def declares(self) -> bool:
        """Whether the yes has to wait for the forum, because there is something to declare."""
        return self.answer.data == "yes" and bool(self.declared.data)

    def validate_declared(self, field: TextAreaField) -> None:
        length = len(field.data or "")
        if length > LONGEST_WORDS:
            raise ValidationError(
                _(
                    "Shorten it: at most %(n)s characters, now %(k)s.",
                    n=numberfmt(LONGEST_WORDS),
                    k=numberfmt(length),
                )
            )

    def validate_answer(self, field: RadioField) -> None:
        if field.data not in ("yes", "no"):
            raise ValidationError(_("Choose yes or no."))

    def validate_reason_code(self, field: SelectField) -> None:
        if self.answer.data == "no" and field.data not in DECLINE_REASONS:
            raise ValidationError(_("Choose a reason for no."))

    def validate_note(self, field: TextAreaField) -> None:
        length = len(field.data or "")
        if length > LONGEST_NOTE:
            raise ValidationError(
                _(
                    "Shorten it: at most %(n)s characters, now %(k)s.",
                    n=numberfmt(LONGEST_NOTE),
                    k=numberfmt(length),
                )
            )
        if self.answer.data == "no" and self.reason_code.data == "other" and not field.data:
            raise ValidationError(_("Write a few words on the other reason."))

    def validate_no_conflict(self, field: BooleanField) -> None:
        if self.answer.data == "yes" and not field.data and not self.declared.data:
            raise ValidationError(_("Confirm this, or write below what there is to declare."))


class MessageForm(WithFile):
    """A message to the other side."""

    body = TextAreaField(
        _l("Write a message"),
        description=_l("Markdown may be used. Both organisations read it, and it stays in the record."),
        filters=[paragraphs],
        validators=[InputRequired(_l("Write a message."))],
    )
    lang = SelectField(
        _l("Language of the message"),
        choices=LANGUAGES,
        validate_choice=False,
        validators=[AnyOf(("vi", "en"), message=_l("Choose a language"))],
    )

    considered = HiddenField()  # the phrases that were pointed out already

    def points_out(self, found: list[Phrase]) -> bool:
        """Whether something has to be pointed out before the message is sent; sending it again sends it."""
        seen = ",".join(sorted(one.folded for one in found))
        if not found or self.considered.data == seen:
            return False
        self.considered.data = seen
        again = ("warn", _("Change the message, or send it as it is."))
        self.body.notes = [*(("warn", pointer(one)) for one in found), again]
        return True

    def validate_body(self, field: TextAreaField) -> None:
        length = len(field.data or "")
        if not length:
            raise ValidationError(_("Write a message."))
        if length > LONGEST_MESSAGE:
            raise ValidationError(
                _(
                    "Shorten it: at most %(n)s characters, now %(k)s.",
                    n=numberfmt(LONGEST_MESSAGE),
                    k=numberfmt(length),
                )
            )
