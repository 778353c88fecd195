"""The fields with which a file is sent: the file itself and what it shows."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from ppp_match.attachments import checks, operations
from ppp_match.attachments.models import LONGEST_DESCRIPTION
from ppp_match.extensions import settings_now
from ppp_match.lifecycle import Refused
from ppp_match.refusals import words_of

LANGUAGES = [SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]
OF_DESCRIPTION = "file_description"


def _one_line(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def endings() -> str:
    """What the browser offers to choose from; the server looks for itself."""
    return ",".join(f".{ending}" for ending in checks.BY_ENDING)


def takes() -> str:
    """What is taken, in words."""
    return _(
        "PDF, PNG, JPEG, WebP, DOCX, XLSX, PPTX, ODT, ODS, CSV or TXT, at most %(n)s MB. Without macros and passwords.",
        n=settings_now().attachment_megabytes,
    )


class WithFile(FlaskForm):
    """What a form has that carries a file: `looked_at` says what the file is, or why it cannot be taken."""

    file = FileField(_l("File"))
    file_description = StringField(_l("What the file shows"), filters=[_one_line])

    status = 422  # of the answer, where something is refused
    code = ""  # why the file was refused

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file.description = takes()
        self.file_description.description = _(
            "One sentence for people who cannot see or open it. At most %(n)s characters.",
            n=LONGEST_DESCRIPTION,
        )

    @property
    def has_file(self) -> bool:
        return bool(self.file.data and self.file.data.filename)

    def looked_at(self, lang: str) -> operations.Checked | None:
        """The checked file, or None with a word beside the field concerned."""
        description = self.file_description.data or ""
        try:
            return operations.check(*self._sent(), description=description, lang=lang)
        except Refused as refused:
            self._refuse("file_description" if refused.code == "file_description" else "file", refused.code)
            return None

    def _sent(self) -> tuple[str, bytes]:
        """Name and content of the file, no more of it than tells that it is too large."""
        if not self.has_file:
            raise Refused("file_missing")
        return self.file.data.filename, self.file.data.stream.read(settings_now().attachment_bytes + 1)

    def _refuse(self, field: str, code: str) -> None:
        self.code = code
        self.status = {"file_too_large": 413, "scanner_away": 503}.get(code, 422)
        self[field].errors = [*self[field].errors, words_of(code)]
        self.ask_again()

    def ask_again(self) -> None:
        """A browser does not keep a chosen file when a form comes back, so say that it has to be chosen anew."""
        if self.has_file and not self.file.errors:
            self.file.errors = [_("Choose the file again: the browser does not keep it.")]


class UploadForm(WithFile):
    """One file with what it shows, for a page of its own or a part of one."""

    file_lang = SelectField(_l("Language of this description"), choices=LANGUAGES)
