"""Pages about the reference projects of one's own capability, and the page that the client's link opens."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from ppp_match.accounts.forms import OneOf, OneOfShown, valid_email
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.extensions import limiter
from ppp_match.jobs import job
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import presentation, queries, references
from ppp_match.listings.blueprint import blueprint
from ppp_match.listings.models import Listing, ReferenceProject
from ppp_match.listings.models_references import ReferenceRequest
from ppp_match.notifications.delivery import file_of
from ppp_match.permissions import can
from ppp_match.refusals import words_of
from ppp_match.web import current_actor, found_or_404, once, page_lang, public, requires

PLACE = "/capabilities/<uuid:id>/references"
BESIDE_THE_ADDRESS = ("reference_own_address", "reference_incomplete", "too_many_sends", "sent_just_now")


class AskForm(FlaskForm):
    """To whom the question about a reference goes."""

    email = EmailField(
        _l("E-mail of the person at the client"),
        description=_l("Used for this question only: never shown, and deleted 30 days after the answer."),
        filters=[one_line],
        validators=[
            DataRequired(_l("Enter an e-mail address.")),
            Length(max=254, message=_l("Shorten the text to %(max)d characters.")),
            valid_email,
        ],
        render_kw={"autocomplete": "off"},
    )
    lang = OneOf(
        _l("Language of the mail"), choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]
    )


class AnswerForm(FlaskForm):
    """What the client says."""

    answer = OneOfShown(
        _l("Your answer"),
        choices=[
            SelectChoice("confirm", _l("Yes, this is true")),
            SelectChoice("refuse", _l("No, this is not true")),
            SelectChoice("not_me", _l("I am not the right person for this question")),
        ],
        validators=[InputRequired(_l("Choose one of the three answers."))],
    )
    comment = TextAreaField(
        _l("Comment"),
        description=_l("Read by the company and the forum’s moderators."),
        filters=[paragraphs],
        validators=[Length(max=1000, message=_l("Shorten the text to %(max)d characters."))],
    )
    name = StringField(
        _l("Your name"),
        filters=[one_line],
        validators=[Length(max=120, message=_l("Shorten the text to %(max)d characters."))],
        render_kw={"autocomplete": "name"},
    )
    position = StringField(
        _l("Your function"),
        filters=[one_line],
        validators=[Length(max=120, message=_l("Shorten the text to %(max)d characters."))],
        render_kw={"autocomplete": "organization-title"},
    )
    consent = BooleanField(
        _l("I agree that this answer is kept as described below"),
        validators=[DataRequired(_l("Without your consent nothing is kept, so no answer can be taken."))],
    )


def _own(id: uuid.UUID) -> Listing:
    listing: Listing = found_or_404(queries.find(current_actor(), "capability", id))
    if not can(current_actor(), "reference.ask", listing):
        abort(403)
    return listing


def _reference(listing: Listing, reference_id: uuid.UUID) -> ReferenceProject:
    row: ReferenceProject = found_or_404(
        next((one for one in listing.references if one.id == reference_id), None)
    )
    return row


@blueprint.get(PLACE)
@requires("reference.ask")
def reference_list(id: uuid.UUID) -> str:
    """The reference projects of one's own capability: what their clients were asked and said."""
    return _page(_own(id))


@blueprint.post(f"{PLACE}/<uuid:reference_id>/ask")
@requires("reference.ask")
@once
def reference_ask(id: uuid.UUID, reference_id: uuid.UUID) -> Any:
    """Ask the client."""
    listing = _own(id)
    reference = _reference(listing, reference_id)
    form = AskForm()
    if not form.validate():
        return _page(listing, asked=reference_id, form=form), 422
    try:
        references.ask(reference, email=form.email.data or "", lang=form.lang.data, actor=current_actor())
    except NotPermitted:
        raise
    except Refused as refused:
        if refused.code not in BESIDE_THE_ADDRESS:
            raise
        db.session.rollback()
        form.email.errors = [words_of(refused.code)]
        return _page(_own(id), asked=reference_id, form=form), 422
    flash(_("The question is on its way to the client. You are told when there is an answer."), "success")
    return redirect(url_for("listings.reference_list", id=id), 303)


@blueprint.post(f"{PLACE}/<uuid:reference_id>/ask-again")
@requires("reference.ask")
def reference_ask_again(id: uuid.UUID, reference_id: uuid.UUID) -> Response:
    """Send the question again."""
    listing = _own(id)
    rows = references.requests_of([_reference(listing, reference_id).id]).get(reference_id, [])
    references.ask_again(found_or_404(rows[0] if rows else None), actor=current_actor())
    flash(_("The question was sent again with a new link. The old one no longer works."), "success")
    return redirect(url_for("listings.reference_list", id=id), 303)


def _page(listing: Listing, *, asked: uuid.UUID | None = None, form: AskForm | None = None) -> str:
    rows = references.requests_of([one.id for one in listing.references])
    lines = []
    for number, one in enumerate(listing.references, start=1):
        mine = form if form is not None and asked == one.id else AskForm(formdata=None, lang=page_lang())
        for field in (mine.email, mine.lang):
            field.id = f"{field.name}-{number}"  # one form a reference on the page
        past = rows.get(one.id, [])
        left = references.MOST_SENDS - sum(row.sends for row in past)
        settled = one.confirmation in ("confirmed", "denied") or any(row.is_open for row in past)
        may_ask = listing.state in references.ASKED_IN and not settled and left > 0
        lines.append((one, past, mine if may_ask else None, left))
    return render_template(
        "listings/references.html", listing=listing, lines=lines, shown=presentation, form=form
    )


# --- the client's side -------------------------------------------------------------------------------------------


@blueprint.get("/references/<token>")
@public
def reference_link(token: str) -> Any:
    """What the client's link shows. Opening it changes nothing, since programs open links too."""
    return _question(token, references.found(token), AnswerForm(formdata=None))


@blueprint.post("/references/<token>")
@public
def reference_answer(token: str) -> Any:
    """Keep the client's answer."""
    row = references.found(token)
    if row is None or not row.is_open:
        return _question(token, row, AnswerForm(formdata=None))
    form = AnswerForm()
    if not form.validate():
        return _question(token, row, form, status=422)
    try:
        references.answer(
            row,
            form.answer.data,
            comment=form.comment.data or "",
            name=form.name.data or "",
            position=form.position.data or "",
        )
    except Refused:
        db.session.rollback()
        return _question(token, None, AnswerForm(formdata=None), status=410)
    return render_template("listings/reference_thanks.html", answer=form.answer.data)


def _question(token: str, row: ReferenceRequest | None, form: AnswerForm, *, status: int = 200) -> Any:
    if row is None or not row.is_open:
        page = render_template("listings/reference_over.html")
        return page, status if status >= 400 else 404 if row is None else 410
    listing = row.listing
    page = render_template(
        "listings/reference_question.html",
        row=row,
        claim=row.claim,
        company=listing.organisation,
        claim_lang=listing.shown.lang,
        token=token,
        form=form,
        shown=presentation,
    )
    return page, status


# --- by the clock ------------------------------------------------------------------------------------------------


@job("reference_terms", minutes=60)
def reference_terms() -> int:
    """End questions that nobody answered in time, forget addresses. Returns how many ended."""
    settings: Settings = current_app.extensions["settings"]
    ended = references.end_unanswered()
    for mail in references.forget(settings.secret_key):
        file_of(settings, mail).unlink(missing_ok=True)
    return ended


def _sender() -> str:
    return f"references:{current_actor().user_id}"


def limit(app: Flask) -> None:
    """Questions are mail to strangers, and a token must not be guessed: both are limited."""
    views: dict[str, Any] = app.view_functions
    for endpoint in ("listings.reference_ask", "listings.reference_ask_again"):
        views[endpoint] = limiter.limit("30 per hour", key_func=_sender, methods=["POST"])(views[endpoint])
    for endpoint in ("listings.reference_link", "listings.reference_answer"):
        views[endpoint] = limiter.limit("30 per minute")(views[endpoint])
