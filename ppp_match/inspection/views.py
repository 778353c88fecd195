"""The audit trail as pages, for administrators: the list with its filters, one event, and the whole as a file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, send_file, url_for
from flask_login import current_user

from ppp_match import audit
from ppp_match.config import Settings
from ppp_match.inspection import export, queries
from ppp_match.inspection.words import done_words, subject_words
from ppp_match.listings.queries import is_visible_to
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.web import current_actor, found_or_404, note_read, requires

bp = Blueprint("inspection", __name__)

PAGE = 50
IN_MEMORY = 4 * 1024 * 1024  # bytes of a file that are not worth a file on the disk
FILES = {"jsonl": ("application/x-ndjson", export.as_json_lines), "csv": ("text/csv", export.as_csv)}
# The page that shows a thing of that kind, where its address is made of the identifier alone.
PAGES = {
    "introduction": "introductions.detail",
    "judged_pair": "steering.judge",
    "match": "recommendations.evidence",
    "matcher_version": "steering.version",
    "merge_proposal": "listings.merge",
    "need_join": "listings.join",
    "offer": "introductions.offer",
    "organisation": "organisations.detail",
}


@dataclass(frozen=True)
class Line:
    """One event in words."""

    event: audit.AuditEvent
    done: str
    person: str
    organisation: str
    subject: str
    label: str
    url: str | None


def _lines(events: list[audit.AuditEvent]) -> list[Line]:
    names = queries.names_of(events)
    return [_line(event, names) for event in events]


def _line(event: audit.AuditEvent, names: queries.Names) -> Line:
    person = names.people.get(event.actor_id) if event.actor_id else None
    organisation = names.organisations.get(event.organisation_id) if event.organisation_id else None
    label, url = str(event.subject_id)[:8], None
    if event.subject_type == "listing" and (listing := names.listings.get(event.subject_id)) is not None:
        label = listing.label
        if is_visible_to(listing, current_actor()):
            url = url_for("listings.detail", kind=listing.path_kind, id=listing.id)
    elif event.subject_type == "organisation" and event.subject_id in names.organisations:
        label = names.organisations[event.subject_id].name_en or names.organisations[event.subject_id].name_vi
    if event.subject_type in PAGES:
        url = url_for(PAGES[event.subject_type], id=event.subject_id)
    return Line(
        event,
        done_words(event.action),
        person.name if person else "",
        (organisation.name_en or organisation.name_vi) if organisation else "",
        subject_words(event.subject_type),
        label,
        url,
    )


@bp.get("/admin/audit")
@requires("audit.read")
def trail() -> Any:
    """The trail, newest first, by what was done, by whom, to what and when; or as a file."""
    filters = queries.read_filters(request.args)
    lost = queries.not_understood(filters)
    query = queries.events(filters, current_user.timezone)
    file = request.args.get("format")
    if file in FILES and not lost:
        return _file(file, filters, query)
    page = page_of(
        query,
        number_of(request.args.get("page")),
        lambda number: _address(filters, number),
        size=PAGE,
    )
    return render_template(
        "inspection/trail.html",
        page=page,
        lines=_lines(page.rows),
        filters=filters,
        lost=lost,
        actions=[(action, f"{done_words(action)} ({action})") for action in queries.actions()],
        kinds=[(kind, subject_words(kind)) for kind in queries.subject_types()],
    )


def _address(filters: queries.Filters, number: int) -> str:
    arguments: dict[str, Any] = {**filters.arguments, "page": number}
    return url_for(".trail", **arguments)


def _file(file: str, filters: queries.Filters, query: Any) -> Response:
    note_read("audit.exported", current_user._get_current_object(), fields=tuple(sorted(filters.arguments)))
    mimetype, lines = FILES[file]
    # Written out first: a slow download must not hold a connection to the database open.
    whole = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed with the answer that sends it
    for line in lines(queries.whole(query)):
        whole.write(line.encode())
    whole.seek(0)
    return send_file(whole, mimetype=mimetype, as_attachment=True, download_name=f"audit-trail.{file}")


@bp.get("/admin/audit/<int:seq>")
@requires("audit.read")
def event(seq: int) -> str:
    """One event with its hashes, and whether they hold; its reason and personal values, where asked for."""
    if seq >= 2**63:
        seq = 0
    shown: audit.AuditEvent = found_or_404(queries.event_to_show(seq))
    opened = request.args.get("note") == "open" and shown.note is not None
    if opened:
        note_read("audit.note_read", _SubjectOf(shown), fields=(str(shown.seq),))
    before = queries.hash_before(shown)
    return render_template(
        "inspection/event.html",
        line=_lines([shown])[0],
        follows=shown.previous == (before or audit.GENESIS),
        own_hash=shown.hash == audit.event_hash(shown),
        note_holds=audit.own_digest_holds(shown),
        opened=opened,
    )


class _SubjectOf:
    """What an event is about, as something that an audit event can be about."""

    def __init__(self, event: audit.AuditEvent) -> None:
        self.__tablename__, self.id = event.subject_type, event.subject_id


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(bp)
