"""Pages of the judged set: the list, a pair to judge, a pair to add, import and export."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.listings.models import Listing
from ppp_match.notifications.paging import number_of, page_of
from ppp_match.recommendations import marks
from ppp_match.steering import importing, operations, qrels, queries
from ppp_match.steering.blueprint import blueprint
from ppp_match.steering.forms import GRADE_NAMES, ImportForm, JudgementForm, PairForm
from ppp_match.steering.models import JudgedPair
from ppp_match.web import current_actor, found_or_404, once, requires

PAGE = 20


@dataclass(frozen=True)
class Side:
    """One side of a pair with its published texts, nothing marked in them: who judges reads without a hint."""

    listing: Listing
    texts: list[marks.MarkedText]
    requirements: list[str]
    not_offered: str
    confirmed: int
    claimed: int


@blueprint.get("/review/judged")
@requires("judged.judge")
def judged() -> Any:
    """The judged set, by state and by pair of languages; or its settled pairs, for `ppp-match evaluate`."""
    if request.args.get("format") == "qrels":
        return Response(
            "".join(qrels.lines_of_settled()),
            mimetype="text/tab-separated-values",
            headers={"Content-Disposition": 'attachment; filename="qrels.tsv"'},
        )
    filters = queries.read_filters(request.args)
    page = page_of(
        queries.listed(filters),
        number_of(request.args.get("page")),
        lambda number: url_for("steering.judged", **filters.arguments, page=number),
        size=PAGE,
    )
    return render_template(
        "steering/judged.html",
        page=page,
        counts=queries.counts(),
        filters=filters,
        state_name=state_name,
        following=queries.next_to_judge(current_actor()),
    )


@blueprint.route("/review/judged/<uuid:id>", methods=["GET", "POST"])
@requires("judged.judge")
def judge(id: uuid.UUID) -> Any:
    """The two texts side by side, and one's own judgement of them."""
    actor = current_actor()
    pair: JudgedPair = found_or_404(queries.pair_to_show(id))
    own = next((one for one in pair.judgements if one.by_id == actor.user_id), None)
    form = JudgementForm(data={"grade": str(own.grade), "note": own.note} if own else None)
    if request.method == "POST" and form.validate_on_submit():
        operations.judge(pair, int(form.grade.data), actor=actor, note=form.note.data)
        flash(told(pair), "success")
        return redirect(url_for("steering.judge", id=pair.id), 303)
    page = render_template(
        "steering/judge.html",
        pair=pair,
        need=_side(pair.need),
        capability=_side(pair.capability),
        own=own,
        form=form,
        may=operations.may_judge(pair.need, pair.capability, actor),
        following=queries.next_to_judge(actor, after=pair),
        grade_names=GRADE_NAMES,
        state_name=state_name,
    )
    return (page, 422) if request.method == "POST" else page


@blueprint.route("/review/judged/new", methods=["GET", "POST"])
@requires("judged.judge")
@once
def add_pair() -> Any:
    """Put a need and a capability into the judged set, by their numbers."""
    form = PairForm(data={"need": request.args.get("need"), "capability": request.args.get("capability")})
    if request.method == "GET":
        return render_template("steering/add_pair.html", form=form)
    if form.validate_on_submit():
        need = qrels.listing_by("need", form.need.data)
        capability = qrels.listing_by("capability", form.capability.data)
        if need is None:
            form.need.errors = [qrels.WORDS["need"]]
        if capability is None:
            form.capability.errors = [qrels.WORDS["capability"]]
        if need is not None and capability is not None:
            pair = operations.add_pair(need, capability, actor=current_actor())
            return redirect(url_for("steering.judge", id=pair.id), 303)
    return render_template("steering/add_pair.html", form=form), 422


@blueprint.route("/review/judged/import", methods=["GET", "POST"])
@requires("judged.judge")
@once
def import_pairs() -> Any:
    """Take the grades of a file over as one's own; a file with a mistake is not taken over at all."""
    form = ImportForm()
    if request.method == "GET":
        return render_template("steering/import.html", form=form, mistake=None)
    mistake = None
    if form.validate_on_submit():
        actor = current_actor()
        try:
            lines = qrels.read_lines(form.file.data.stream)
            done = importing.import_grades(qrels.find_listings(lines, actor), actor=actor)
        except qrels.QrelsError as error:
            mistake = error
            form.file.errors = [mistake_words(error)]
        else:
            flash(
                ngettext("%(num)d grade taken over.", "%(num)d grades taken over.", done.grades)
                + " "
                + ngettext("%(num)d stood already.", "%(num)d stood already.", done.unchanged),
                "success",
            )
            return redirect(url_for("steering.judged"), 303)
    return render_template("steering/import.html", form=form, mistake=mistake), 422


def state_name(state: str) -> str:
    """A state of a pair in words."""
    return {"settled": _("settled"), "disputed": _("disputed"), "open": _("not judged yet")}[state]


def told(pair: JudgedPair) -> str:
    """What became of a pair, for the line on top of the next page."""
    if pair.state == "settled":
        return _("Your judgement is kept. The pair counts with grade %(grade)s.", grade=pair.grade)
    return _(
        "Your judgement is kept. People disagree on this pair, so it does not count until one more agrees with one."
    )


def mistake_words(error: qrels.QrelsError) -> str:
    """What is wrong with a file, and where."""
    if not error.line:
        return error.words
    return _("Line %(number)s: %(what)s", number=error.line, what=error.words)


def _side(listing: Listing) -> Side:
    revision = listing.shown
    confirmations = [row.confirmation for row in listing.references]
    return Side(
        listing=listing,
        texts=marks.marked_texts(revision, listing.kind, [], []),
        requirements=revision.lines("requirements"),
        not_offered=revision.text("not_offered"),
        confirmed=confirmations.count("confirmed"),
        claimed=len(confirmations) - confirmations.count("confirmed"),
    )
