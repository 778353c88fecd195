"""Opening an attached file and its preview, and what the pages of its subject share: the list and the limits."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from flask import Blueprint, Flask, abort, request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ppp_match import audit
from ppp_match.attachments import checks, limits, previews, queries
from ppp_match.attachments.forms import WithFile, endings
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import KINDS
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.extensions import limiter, settings_now
from ppp_match.formats import numberfmt
from ppp_match.web import current_actor, found_or_404, note_read, public

log = logging.getLogger(__name__)
blueprint = Blueprint("attachments", __name__)
JOBS_HERE = (previews.make_previews, previews.sweep)  # so the worker knows them
NOTHING_RUNS = "default-src 'none'; sandbox"

# Refusals that somebody should be able to look up later: not slips of the hand.
TRICKS = frozenset({"file_infected", "file_disguised", "file_runs", "file_bomb", "file_pixels"})


@blueprint.get("/files/<uuid:id>")
@public
def download(id: uuid.UUID) -> Response:
    """The file as it was sent, to be saved: a browser neither shows nor runs it."""
    attachment = _openable(id)
    media_type = checks.KINDS[attachment.kind].media_type
    return _sent(attachment, attachment.digest, media_type, save_as=attachment.name)


@blueprint.get("/files/<uuid:id>/preview")
@public
def preview(id: uuid.UUID) -> Response:
    """The picture that was made of it: pixels of our own making, without anything else of the file."""
    attachment = _openable(id)
    if attachment.preview_digest is None:
        abort(404)
    return _sent(attachment, attachment.preview_digest, "image/webp")


def _openable(attachment_id: uuid.UUID) -> Attachment:
    attachment: Attachment = found_or_404(queries.openable(attachment_id, current_actor()))
    return attachment


def _sent(attachment: Attachment, digest: str, media_type: str, save_as: str | None = None) -> Response:
    actor = current_actor()
    kind = KINDS[attachment.subject_type]
    private = kind.private(kind.find(attachment.subject_id), attachment)
    path = limits.store().path(digest)
    if not path.is_file():
        log.error("the file %s of attachment %s is not in the store", digest, attachment.id)
        abort(410)
    if private and actor.staff_role is not None and attachment.organisation_id not in actor.organisation_ids:
        note_read("attachment.read", attachment)
    response: Response = send_file(
        path,
        mimetype=media_type,
        as_attachment=save_as is not None,
        # werkzeug writes it as RFC 6266 and 8187 want it; a name of several lines would be no header.
        download_name=" ".join(save_as.split()) if save_as is not None else None,
        etag=digest,
        conditional=True,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store" if private else "private, no-cache"
    return response


def note_refused(form: WithFile, subject: Any) -> None:
    """Leave an audit event of a file that was refused for a trick, although the request keeps nothing else.

    A transaction of its own after what the request began was undone, as with failed sign-ins.
    """
    db.session.rollback()
    if form.code in TRICKS:
        audit.record("attachment.refused", subject, actor=current_actor(), fields=(form.code,))
        db.session.commit()


def type_name(kind: str) -> str:
    """The kind of a file in words."""
    return {"txt": _("Text"), "csv": _("Table (CSV)"), "jpeg": "JPEG"}.get(kind, kind.upper())


def size_words(size: int) -> str:
    """12 kB, 3.4 MB."""
    if size < 1_000_000:
        return f"{numberfmt(max(1, round(size / 1000)))} kB"
    return f"{numberfmt(size / 1_000_000, 1)} MB"


def sheet_of(subject_type: str, subject: Any, *, inside: bool) -> dict[str, Any]:
    """What the list of one subject's files shows. `inside`: its people and the forum also see who and the scan."""
    rows = queries.visible_of(subject_type, subject, current_actor())
    return {
        "rows": rows,
        "inside": inside,
        "people": queries.uploaders(rows) if inside else {},
        "full": sum(1 for one in rows if one.state in ("waiting", "shown")) >= most_files(),
    }


def most_files() -> int:
    return settings_now().attachment_files


def _sender() -> str:
    return f"files:{current_actor().user_id}"


def _brings_none() -> bool:
    return not any(sent.filename for sent in request.files.values())


def limit_uploads(app: Flask, *endpoints: str) -> None:
    """Files cost room and time: how many one person sends is limited."""
    views: dict[str, Any] = app.view_functions
    for endpoint in endpoints:
        for often in ("120 per hour", "20 per minute"):
            views[endpoint] = limiter.limit(
                often, key_func=_sender, methods=["POST"], exempt_when=_brings_none
            )(views[endpoint])


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        file_type=type_name,
        file_size=size_words,
        file_endings=endings,
        files_scanned=limits.is_scanned,
        most_files=most_files,
    )
