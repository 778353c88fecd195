"""Form fields that read what people type: clean text, tolerant numbers, days, codes of a vocabulary.

What lives here: single fields. The forms made of them stand in `forms.py`.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.widgets import DateInput, TextInput

from ppp_match.formats import datefmt, numberfmt
from ppp_match.listings.numbers import parse_number

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
LARGEST_COUNT = 2_000_000_000


def clean_text(text: str, *, lines: bool) -> str:
    """The text as it is stored: NFC, one kind of line end, no control characters, no blanks around it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "\n\t" if lines else ""
    text = "".join(c if c in kept or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text)
    return text.strip() if lines else " ".join(text.split())


class _Clean:
    """Cleans on the way in, names a NUL instead of storing it, and checks the longest length."""

    drawn_as = ""  # the type by which the macros of templates know it
    many_lines = False

    def __init__(self, *args: Any, at_most: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = self.drawn_as
        self.at_most = at_most
        self.held_nul = False

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.held_nul = "\x00" in valuelist[0]
            self.data = clean_text(valuelist[0].replace("\x00", ""), lines=self.many_lines)

    def pre_validate(self, form: Any) -> None:
        if self.held_nul:
            raise ValidationError(
                _("The text held a character that cannot be stored. It has been taken out; look again.")
            )
        length = len(self.data or "")
        if self.at_most and length > self.at_most:
            raise ValidationError(
                _(
                    "Shorten it: at most %(n)s characters, now %(k)s.",
                    n=numberfmt(self.at_most),
                    k=numberfmt(length),
                )
            )


class LineField(_Clean, StringField):
    """One line of text."""

    drawn_as = "StringField"


class TextField(_Clean, TextAreaField):
    """Text of several lines."""

    drawn_as = "TextAreaField"
    many_lines = True


class NumberField(Field):
    """A number as people type it in the page's language; keeps what was typed when it cannot be read."""

    widget = TextInput()

    def __init__(
        self, *args: Any, whole: bool = False, at_least: int = 0, at_most: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whole, self.at_least, self.at_most = (
            whole,
            at_least,
            at_most or LARGEST_COUNT if whole else at_most,
        )

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return numberfmt(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = None
        text = clean_text(valuelist[0].replace("\x00", ""), lines=False)
        if not text:
            return
        try:
            value = parse_number(text[:60], str(get_locale() or "vi")[:2], whole=self.whole)
        except ValueError:
            example = numberfmt(400000) if self.whole else numberfmt(Decimal("1250000.5"))
            raise ValueError(_("Write a number, for example %(example)s.", example=example)) from None
        if value < self.at_least:
            raise ValueError(_("Write a number of at least %(n)s.", n=numberfmt(self.at_least)))
        if self.at_most and value > self.at_most:
            raise ValueError(_("Write a number of at most %(n)s.", n=numberfmt(self.at_most)))
        self.data = int(value) if self.whole else value


class DayField(Field):
    """A day: 2027-06-01 from the browser's picker, or 1/6/2027 where it has none."""

    widget = DateInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "DateField"

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.data = None
        text = valuelist[0].strip()
        if not text:
            return
        for form in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                self.data = datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
            except ValueError:
                continue
            if FIRST_DAY <= self.data <= LAST_DAY:
                return
            self.data = None
            raise ValueError(
                _("Write a day from %(first)s to %(last)s.", first=datefmt(FIRST_DAY), last=datefmt(LAST_DAY))
            )
        raise ValueError(_("Write a day, for example 31/03/2027."))


def _codes(choices: Any) -> set[str]:
    if isinstance(choices, dict):
        return {str(value) for group in choices.values() for value, *_rest in group}
    return {str(value) for value, *_rest in choices or ()}


class CodeField(SelectField):
    """One code of a vocabulary, or None."""

    drawn_as = "SelectField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=lambda value: value or None, validate_choice=False, **kwargs)
        self.type = self.drawn_as

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in _codes(self.choices):
            raise ValidationError(_("Choose one of the values shown."))


class CodesField(SelectMultipleField):
    """Several codes of a vocabulary, at most `at_most`."""

    def __init__(self, *args: Any, at_most: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, coerce=str, validate_choice=False, **kwargs)
        self.type = "SelectMultipleField"
        self.at_most = at_most

    def pre_validate(self, form: Any) -> None:
        chosen = list(dict.fromkeys(self.data or []))
        if any(code not in _codes(self.choices) for code in chosen):
            raise ValidationError(_("Choose among the values shown."))
        if self.at_most and len(chosen) > self.at_most:
            raise ValidationError(
                _("Choose at most %(n)s, now %(k)s.", n=numberfmt(self.at_most), k=numberfmt(len(chosen)))
            )
