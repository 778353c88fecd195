"""Files with which an organisation shows that it is what it says: for its own people and those who verify it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from ppp_match.accounts import queries
from ppp_match.accounts.models import Organisation
from ppp_match.attachments import operations
from ppp_match.attachments import queries as attachment_queries
from ppp_match.attachments.forms import UploadForm
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import Kind, register_subject
from ppp_match.attachments.views import note_refused, sheet_of
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.permissions import Actor, can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, requires, takes_files

SUBJECT = "organisation"


def shown_to(organisation: Organisation, attachment: Attachment, actor: Actor) -> bool:
    return organisation.id in actor.organisation_ids or can(actor, "organisation.verify", organisation)


def find(organisation_id: uuid.UUID) -> Organisation | None:
    return db.session.get(Organisation, organisation_id)


register_subject(SUBJECT, Kind(find, shown_to, lambda _organisation, _attachment: True))


def files_panel(organisation: Organisation, form: UploadForm | None = None) -> dict[str, Any]:
    """What the page of an organisation shows of these files; nothing to anybody else."""
    actor = current_actor()
    own = organisation.id in actor.organisation_ids
    reviews = can(actor, "organisation.verify", organisation)
    asks = can(actor, "organisation.request_verification", organisation)
    return {
        "sheet": sheet_of(SUBJECT, organisation, inside=True) if own or reviews else {"rows": []},
        "form": form or UploadForm(formdata=None, data={"file_lang": str(get_locale() or "vi")[:2]}),
        "may_add": asks,  # a renewal wants files too
        "may_remove": asks and organisation.verification in ("unverified", "rejected"),
        "may_refuse": can(actor, "attachment.refuse", organisation) and reviews,
        "remove": lambda one: url_for("organisations.remove_file", id=organisation.id, file_id=one.id),
        "refuse": lambda one: url_for("moderation.take_down_file", id=one.id),
    }


def waiting_files(organisations: list[Organisation]) -> dict[uuid.UUID, list[Attachment]]:
    """{organisation: its files} for the moderators' queue."""
    return attachment_queries.files_of(SUBJECT, [one.id for one in organisations])


def _own(organisation_id: uuid.UUID) -> Organisation:
    """The organisation, if the actor may ask for its verification. Whoever changes it is waited for."""
    actor = current_actor()
    db.session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    organisation: Organisation = found_or_404(queries.visible_organisation(organisation_id, actor))
    if not can(actor, "organisation.request_verification", organisation):
        abort(403)
    return organisation


def add_file_pages(blueprint: Blueprint, page: Any) -> None:
    """The two routes. `page(organisation, form)` is the page of the organisation with what was typed."""

    @blueprint.post("/<uuid:id>/files")
    @takes_files
    @once
    @requires("organisation.request_verification")
    def add_file(id: uuid.UUID) -> Any:
        organisation, form = _own(id), UploadForm()
        form.validate()
        checked = form.looked_at("en" if form.file_lang.data == "en" else "vi") if not form.errors else None
        if checked is None:
            note_refused(form, organisation)
            return page(_own(id), form), form.status
        try:
            operations.add(
                SUBJECT, organisation, checked, organisation_id=organisation.id, actor=current_actor()
            )
        except Refused as refused:
            if refused.code != "too_many_files":
                raise
            form.file.errors = [words_of(refused.code)]
            return page(organisation, form), 409
        flash(_("The file was added. Only your organisation and the forum see it."), "success")
        return redirect(url_for("organisations.detail", id=id, _anchor="files"), 303)

    @blueprint.post("/<uuid:id>/files/<uuid:file_id>/remove")
    @requires("organisation.request_verification")
    def remove_file(id: uuid.UUID, file_id: uuid.UUID) -> Any:
        organisation = _own(id)
        attachment = attachment_queries.openable(file_id, current_actor())
        if attachment is None or attachment.subject_id != organisation.id:
            abort(404)
        if organisation.verification not in ("unverified", "rejected"):
            raise Refused("file_fixed")
        operations.remove(attachment, actor=current_actor())
        flash(_("The file was removed."), "success")
        return redirect(url_for("organisations.detail", id=id, _anchor="files"), 303)
