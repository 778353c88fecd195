"""The page of a listing's files: what there is, adding one, removing one."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from ppp_match.attachments import queries as attachment_queries
from ppp_match.attachments.forms import UploadForm
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.views import limit_uploads, note_refused, sheet_of
from ppp_match.config import Settings
from ppp_match.lifecycle import Refused
from ppp_match.listings import files, operations, queries
from ppp_match.listings.beside import COUNTED, beside
from ppp_match.listings.blueprint import PATH, address_of, blueprint, own_listing
from ppp_match.listings.models import Listing
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires, takes_files

COUNTED["files"] = lambda listing, _actor: select(Attachment.id).where(
    Attachment.subject_type == files.SUBJECT,
    Attachment.subject_id == listing.id,
    Attachment.state != "removed",
)


def files_panel(listing: Listing) -> dict[str, Any]:
    """What a page of a listing shows of its files, and what the reader may do there."""
    actor = current_actor()
    own = can(actor, "listing.edit", listing)
    inside = listing.organisation_id in actor.organisation_ids or actor.staff_role is not None
    empty: dict[str, Any] = {"rows": [], "inside": inside, "people": {}, "full": False}
    return {
        "sheet": sheet_of(files.SUBJECT, listing, inside=inside) if beside(listing, "files") else empty,
        "may_change": own and operations.is_editable(listing),
        "may_refuse": can(actor, "attachment.refuse", listing),
        "remove": lambda one: url_for(
            "listings.remove_file", kind=listing.path_kind, id=listing.id, file_id=one.id
        ),
        "refuse": lambda one: url_for("moderation.take_down_file", id=one.id),
    }


def upload_form() -> UploadForm:
    """An empty form in the reader's language, for a page that has more than this."""
    return UploadForm(formdata=None, data={"file_lang": page_lang()})


@blueprint.route(f"{PATH}/<uuid:id>/files", methods=["GET", "POST"], endpoint="files")
@takes_files
@once
@requires("listing.edit")
def files_of_listing(kind: str, id: uuid.UUID) -> Any:
    """The files of a listing, and the form that adds one."""
    if request.method == "GET":
        return _page(own_listing(kind, id), upload_form())
    queries.lock(id)
    listing, form = own_listing(kind, id), UploadForm()
    form.validate()
    checked = form.looked_at("en" if form.file_lang.data == "en" else "vi") if not form.errors else None
    if checked is None:
        note_refused(form, listing)
        return _page(own_listing(kind, id), form), form.status
    try:
        files.attach(listing, checked, actor=current_actor())
    except Refused as refused:
        if refused.code != "too_many_files":
            raise
        form.file.errors = [words_of(refused.code)]
        return _page(listing, form), 409
    if listing.state == "published":
        flash(_("Added. It appears once a moderator has accepted it: send the change for review."), "success")
    else:
        flash(_("The file was added."), "success")
    return redirect(address_of(listing, "listings.files"), 303)


@blueprint.post(f"{PATH}/<uuid:id>/files/<uuid:file_id>/remove")
@requires("listing.edit")
def remove_file(kind: str, id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Remove a file that is not published."""
    queries.lock(id)
    listing = own_listing(kind, id)
    attachment = attachment_queries.openable(file_id, current_actor())
    found = found_or_404(
        attachment if attachment is not None and attachment.subject_id == listing.id else None
    )
    files.detach(listing, found, actor=current_actor())
    flash(_("The file was removed."), "success")
    return redirect(address_of(listing, "listings.files"), 303)


def _page(listing: Listing, form: UploadForm) -> str:
    return render_template(
        "listings/files.html",
        listing=listing,
        form=form,
        panel=files_panel(listing),
        sendable=operations.has_news(listing) and operations.is_editable(listing),
    )


def register(app: Flask, _settings: Settings) -> None:
    """Hang what templates call on the application, and limit how much is sent."""
    app.jinja_env.globals.update(files_panel=files_panel, upload_form=upload_form)
    limit_uploads(app, "listings.files")
