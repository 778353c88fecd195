"""Pages of the matcher's versions: the list, one with its quality, one to offer by hand, activation."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match import jobs
from ppp_match.db import db
from ppp_match.lifecycle import Refused
from ppp_match.matching.score import DEFAULT_WEIGHTS, Weights
from ppp_match.refusals import words_of
from ppp_match.steering import learning, lexicon_drafts, quality, versions
from ppp_match.steering.blueprint import blueprint
from ppp_match.steering.forms import WEIGHT_NAMES, ActivateForm, VersionForm
from ppp_match.steering.lexicon_files import csv_file, lines_of_changes
from ppp_match.steering.models import MatcherVersion
from ppp_match.vocabularies import sector_name
from ppp_match.web import current_actor, found_or_404, once, page_lang, requires


@blueprint.get("/review/versions")
@requires("version.read")
def versions_list() -> str:
    """All versions, the newest first, each with its newest measurement; and how far weights can be learnt."""
    pairs, good, changed_at = versions.settled_pairs(learning.GOOD)
    return render_template(
        "steering/versions.html",
        versions=versions.listed(),
        origin_name=origin_name,
        state_name=version_state,
        title=title_of,
        lacking=learning.lacking_of(pairs, good),
        pairs=pairs,
        changed_at=changed_at,
    )


@blueprint.route("/review/versions/new", methods=["GET", "POST"])
@requires("version.offer")
@once
def new_version() -> Any:
    """Offer other weights, beginning with those that rank now."""
    before = versions.active()
    now = Weights.from_json(before.weights) if before is not None else DEFAULT_WEIGHTS
    form = VersionForm(data=dict(now.scale))
    refusal = ""
    if request.method == "POST" and form.validate_on_submit():
        weights = replace(now, scale={name: float(form[name].data) for name in now.scale})
        try:
            version = versions.offer(
                actor=current_actor(), name=form.name.data, note=form.note.data or "", weights=weights
            )
        except Refused as refused:
            refusal = words_of(refused.code)
        else:
            jobs.wake("measure_versions")
            flash(_("The version is offered. It is measured on the judged set now."), "success")
            return redirect(url_for("steering.version", id=version.id), 303)
    page = render_template(
        "steering/new_version.html", form=form, names=WEIGHT_NAMES, refusal=refusal, shipped=DEFAULT_WEIGHTS
    )
    return (page, 422) if request.method == "POST" else page


@blueprint.route("/review/versions/<uuid:id>", methods=["GET", "POST"])
@requires("version.read")
def version(id: uuid.UUID) -> Any:
    """One version: what it changes, how good it is, and the button that lets it rank."""
    shown: MatcherVersion = found_or_404(db.session.get(MatcherVersion, id))
    changed = lexicon_drafts.difference(versions.changes_of(shown.before), versions.changes_of(shown))
    if request.method == "GET" and request.args.get("format") == "csv":
        return csv_file(f"lexicon-changes-{shown.label}", lines_of_changes(changed))
    form = ActivateForm()
    refusal, status = "", 200
    if request.method == "POST":
        if form.validate_on_submit():
            try:
                versions.activate(shown, actor=current_actor(), reason=form.reason.data)
            except Refused as refused:
                if refused.code == "not_permitted":
                    raise
                refusal, status = words_of(refused.code), 409
            else:
                jobs.wake("measure_versions")
                flash(
                    _("This version ranks from now on. All needs are matched anew in the background."),
                    "success",
                )
                return redirect(url_for("steering.version", id=id), 303)
        else:
            status = 422
    page = render_template(
        "steering/version.html",
        version=shown,
        form=form,
        refusal=refusal,
        run=shown.runs[-1] if shown.runs else None,
        moved=learning.moved(shown.weights, (shown.before or shown).weights),
        weight_names=WEIGHT_NAMES,
        origin_name=origin_name,
        state_name=version_state,
        title=title_of,
        row_name=row_name,
        system_names=system_names(shown),
        active=(active := versions.active()),
        changed=changed,
        taken_back=_taken_back(shown, active),
    )
    return page, status


def _taken_back(shown: MatcherVersion, active: MatcherVersion | None) -> int:
    """How many changes of the lexicon that came to rank since this version was offered it does not have."""
    if shown.state != "offered" or active is None or active.id == shown.before_id:
        return 0
    since = lexicon_drafts.difference(versions.changes_of(shown.before), versions.changes_of(active))
    has = versions.changes_of(shown)
    return len(lexicon_drafts.difference(lexicon_drafts.together(has, since), has))


def title_of(version: MatcherVersion) -> str:
    """Its name; a learnt one is named in the reader's language."""
    if version.origin == "learnt":
        return str(_("Weights learnt from %(pairs)s judged pairs", pairs=version.facts.get("pairs", 0)))
    return version.name


def origin_name(origin: str) -> str:
    return {
        "shipped": _("shipped with the software"),
        "by_hand": _("made by hand"),
        "learnt": _("learnt from judged pairs"),
        "lexicon": _("changes of the lexicon"),
    }[origin]


def version_state(state: str) -> str:
    return {"offered": _("offered"), "active": _("ranks now"), "retired": _("ranked before")}[state]


def row_name(row: dict[str, Any]) -> str:
    """What a line of the quality table speaks of."""
    if row["kind"] == quality.OVERALL:
        return str(_("All needs"))
    if row["kind"] == "languages":
        return str(row["name"])
    return sector_name(row["name"], page_lang())


def system_names(version: MatcherVersion) -> dict[str, str]:
    """The columns of the quality table; the version before only where there was one."""
    names = {
        "version": _("this version"),
        "before": "",
        "keywords": _("plain keywords"),
        "random": _("by lot"),
    }
    if version.before is not None:
        names["before"] = _("version %(number)s, before it", number=version.before.number)
    else:
        names.pop("before")
    return {name: str(words) for name, words in names.items()}
