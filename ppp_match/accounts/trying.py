"""One step asked for by a form: done, refused beside the form with what was typed kept, or shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.refusals import words_of


def tried(form: FlaskForm | None, row: Any, do: Callable[[], Any]) -> tuple[str, int]:
    """Do what the form asks for. (why not, status of the page): 303 where it is done, 200 where nothing was sent.

    A form with a field `version` carries that of `row`: where somebody was a moment earlier, the page shows the row as it
    is now, with what was typed. A step that the page does not offer (no form) is 403.
    """
    if request.method != "POST":
        _show_version(form, row)
        return "", 200
    if form is None:
        abort(403)
    if not form.validate():
        return "", 422
    try:
        do()
    except NotPermitted:
        raise
    except Refused as refused:
        db.session.rollback()
        _show_version(form, row)
        stale = _("Somebody changed this a moment earlier. Look at it again; what you typed is kept.")
        return words_of(refused.code) or stale, 409
    return "", 303


def _show_version(form: FlaskForm | None, row: Any) -> None:
    if form is not None and "version" in form:
        form["version"].data = str(row.version)
