"""The page on which people choose how they are told, and the page that a mail's link for fewer mails opens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from ppp_match.extensions import csrf
from ppp_match.lifecycle import Refused
from ppp_match.notifications import addresses, choices
from ppp_match.notifications.groups import FREQUENCIES, GROUPS
from ppp_match.web import current_actor, public, requires


class Frequency(SelectField):
    """A choice whose refusal is in our words."""

    def pre_validate(self, _form: Any) -> None:
        if self.data not in FREQUENCIES:
            raise StopValidation(_l("Choose one of the values in the list."))


def _form_for(groups: list[str], chosen: dict[str, str]) -> Any:
    """A form with one choice a group."""
    fields = {
        code: Frequency(
            GROUPS[code].name,
            choices=[SelectChoice(value, words) for value, words in FREQUENCIES.items()],
            description=GROUPS[code].holds,
            default=chosen.get(code, GROUPS[code].default),
        )
        for code in groups
    }
    return type("ChoicesForm", (FlaskForm,), fields)()


@requires("account.manage")
def own_choices() -> Any:
    """How one wants to be told of each group of notices."""
    staff = bool(current_actor().staff_role)
    groups = [code for code, group in GROUPS.items() if staff or not group.staff]
    form = _form_for(groups, choices.choices_of([current_user.id])[current_user.id])
    if form.validate_on_submit():
        choices.choose(current_user.id, {code: form[code].data for code in groups})
        flash(_("Your choice is saved."), "success")
        return redirect(url_for("notifications.choices"), 303)
    page = render_template(
        "notifications/choices.html",
        form=form,
        groups=groups,
        asking=[GROUPS[code].name for code in groups if GROUPS[code].asks],
    )
    return page, 422 if request.method == "POST" else 200


@requires("account.manage")
def mail_works() -> Any:
    """One's address takes mail again: what was held goes out."""
    addresses.works_again(current_user.id)
    flash(_("Thank you. What was held is sent now."), "success")
    return redirect(url_for("accounts.profile"), 303)


@csrf.exempt  # RFC 8058: mail programs send it, with no session and no token of ours; the signed link is the proof
@public
def unsubscribe(token: str) -> Any:
    """Opened, it asks and changes nothing; sent as RFC 8058 says, the mails of its groups end."""
    step, code = "ask", 200
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    try:
        if request.method == "POST" and one_click:
            step, groups = "done", choices.unsubscribe(token)
        elif request.method == "POST":
            code, groups = 400, choices.asked_by(token)[1]
        else:
            groups = choices.asked_by(token)[1]
    except Refused:
        step, code, groups = "unknown", 404 if one_click or request.method != "POST" else 400, []
    page = render_template(
        "notifications/unsubscribe.html",
        step=step,
        names=[GROUPS[one].name for one in groups],
        asking=any(GROUPS[one].asks for one in groups),
        token=token,
    )
    return page, code


def add_choice_pages(bp: Blueprint) -> None:
    """Hang these pages on the blueprint of the room."""
    bp.add_url_rule("/account/notices", "choices", own_choices, methods=["GET", "POST"])
    bp.add_url_rule("/account/mail-works", "mail_works", mail_works, methods=["POST"])
    bp.add_url_rule("/unsubscribe/<string:token>", "unsubscribe", unsubscribe, methods=["GET", "POST"])
