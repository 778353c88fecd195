"""What the pages of partnerships share: which one it is, who may report on it, and a page with one form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from ppp_match.accounts.trying import tried
from ppp_match.partnerships import queries, sheets
from ppp_match.partnerships.models import Partnership
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, page_lang


def shown(id: uuid.UUID) -> Partnership:
    """The partnership, if the actor may see it; else 404."""
    return found_or_404(queries.partnership_of(id, current_actor()))  # type: ignore[no-any-return]


def reported(id: uuid.UUID) -> Partnership:
    """The partnership, for somebody of the two sides who acts for one of them."""
    partnership = shown(id)
    if not can(current_actor(), "partnership.report", partnership):
        abort(403)
    return partnership


def reporting(
    partnership: Partnership,
    form: Any,
    template: str,
    do: Callable[[], Any],
    *,
    done: str = "",
    anchor: str = "",
    row: Any = None,
    **more: Any,
) -> Any:
    """The page of a form about a partnership, or about a `row` of it, whose version the form carries."""
    refusal, status = tried(form, row or partnership, do)
    if status == 303:
        flash(done or _("Saved. The other side is told, and can say the same or otherwise."), "success")
        return redirect(url_for(".detail", id=partnership.id, _anchor=anchor or None), 303)
    page = render_template(
        template, form=form, refusal=refusal, row=row, **sheets.line(partnership, page_lang()), **more
    )
    return page, status
