"""Moderators refuse one file, before it is published or after, and its owners read why."""

from __future__ import annotations

import uuid

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match.accounts.models import Organisation
from ppp_match.attachments import operations, queries
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import KINDS
from ppp_match.lifecycle import NotPermitted
from ppp_match.listings.blueprint import address_of
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.listing_review import waiting_listing
from ppp_match.permissions import can
from ppp_match.web import current_actor, found_or_404, requires


@blueprint.post("/review/files/<uuid:id>/refuse")
@requires("attachment.refuse")
def take_down_file(id: uuid.UUID) -> Response:
    """Refuse a file, or take it down, with a reason."""
    actor = current_actor()
    attachment: Attachment = found_or_404(queries.openable(id, actor))
    subject = KINDS[attachment.subject_type].find(attachment.subject_id)
    if not can(actor, "attachment.refuse", subject):
        raise NotPermitted("not_permitted", "attachment.refuse")
    reason = request.form.get("reason", "")
    if reason.strip():
        operations.refuse(attachment, reason=reason, actor=actor)
        flash(_("The file was refused. Its owners read why beside it."), "success")
    else:
        flash(_("The file was not refused: give a reason in a few words."), "error")
    if isinstance(subject, Organisation):
        return redirect(url_for("organisations.detail", id=subject.id, _anchor=f"file-{id}"), 303)
    if waiting_listing(subject.id) is not None:
        return redirect(url_for("moderation.listing", id=subject.id, _anchor=f"file-{id}"), 303)
    return redirect(address_of(subject, _anchor=f"file-{id}"), 303)
