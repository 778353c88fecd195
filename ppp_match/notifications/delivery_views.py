"""The pages of the delivery log, for administrators."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.db import db
from ppp_match.notifications import deliveries, kinds
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.web import current_actor, found_or_404, requires


@requires("mail.manage")
def log() -> str:
    """What waits, what failed and why."""
    found = deliveries.counts()
    view = request.args.get("state") or ("failed" if found["failed"] else "waiting")
    kind = request.args.get("kind", "")
    if view not in deliveries.VIEWS or (kind and not kinds.is_known(kind)):
        abort(404)
    wanted: dict[str, Any] = {"state": view} | ({"kind": kind} if kind else {})
    page = page_of(
        deliveries.rows_in(view, kind),
        number_of(request.args.get("page")),
        lambda number: url_for(".deliveries", page=number, **wanted),
        total=None if kind else found[view],
    )
    return render_template(
        "notifications/deliveries.html",
        page=page,
        people=deliveries.people_of(page.rows),
        view=view,
        kind=kind,
        views=deliveries.VIEWS,
        counts=found,
        name_of=deliveries.name_of,
        kinds=sorted(((name, deliveries.name_of(name)) for name in kinds.KINDS), key=lambda pair: pair[1]),
    )


@requires("mail.manage")
def again(id: uuid.UUID) -> Response:
    """Try a failed mail again."""
    deliveries.try_again(found_or_404(db.session.get(OutboxMessage, id)), actor=current_actor())
    flash(_("It is tried again within a minute."), "success")
    return redirect(url_for(".deliveries", state="failed"), 303)


def add_delivery_pages(bp: Blueprint) -> None:
    """Hang these pages on the blueprint of the room."""
    bp.add_url_rule("/admin/deliveries", "deliveries", log)
    bp.add_url_rule("/admin/deliveries/<uuid:id>/again", "deliver_again", again, methods=["POST"])
