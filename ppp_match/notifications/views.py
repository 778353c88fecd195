"""The inbox of notices. The mailbox of the demonstration stands in `mailbox.py`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.notifications import delivery, digests, kinds, mailbox, operations, queries
from ppp_match.notifications.choice_views import add_choice_pages
from ppp_match.notifications.delivery_views import add_delivery_pages
from ppp_match.notifications.models import Notification
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.web import current_actor, found_or_404, requires

bp = Blueprint("notifications", __name__)

bp.add_url_rule("/admin/mail", view_func=mailbox.mailbox)
bp.add_url_rule("/admin/mail/<uuid:id>", view_func=mailbox.mail)
bp.add_url_rule("/admin/mail/<uuid:id>/html", view_func=mailbox.mail_html)
add_delivery_pages(bp)
add_choice_pages(bp)

JOBS_HERE = (
    delivery.deliver_mail,
    digests.send_digests,
)  # naming the jobs is what makes the worker know them


def address_of_notice(notice: Notification) -> str | None:
    """Where a notice leads, or None where that page does not exist in this installation."""
    try:
        endpoint, values = kinds.target(notice.kind, notice.subject_id, notice.params)
        return url_for(endpoint, **values)
    except BuildError:
        current_app.logger.warning("no page for notices of kind %s", notice.kind)
        return None


def _shown(notice: Notification) -> dict[str, Any]:
    return {
        "notice": notice,
        "sentence": kinds.sentence(notice.kind, notice.params),
        "icon": kinds.kind_of(notice.kind, notice.params).icon,
        "url": address_of_notice(notice),
    }


@bp.get("/notices")
@requires("notice.read")
def inbox() -> str:
    """One's notices, newest first."""
    query = queries.visible_notices(current_actor())
    page = page_of(query, number_of(request.args.get("page")), lambda n: url_for(".inbox", page=n))
    items = [_shown(notice) for notice in page.rows if notice.kind in kinds.KINDS]
    unread = queries.count_unread(current_actor())
    return render_template("notifications/inbox.html", items=items, page=page, unread=unread)


@bp.post("/notices/<uuid:id>/read")
@requires("notice.read")
def read(id: uuid.UUID) -> Response:
    """Mark one notice as read."""
    operations.mark_read(found_or_404(queries.notice_of(id, current_actor())))
    return redirect(url_for(".inbox", page=number_of(request.args.get("page"))), 303)


@bp.post("/notices/read")
@requires("notice.read")
def read_all() -> Response:
    """Mark every notice as read."""
    user_id = current_actor().user_id
    assert user_id is not None  # noqa: S101  the permission is held by signed-in people only
    operations.mark_all_read(user_id)
    return redirect(url_for(".inbox"), 303)


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(bp)
