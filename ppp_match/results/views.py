"""The pages of results: the dashboard for everybody, its tables as files, the report in the order of ASCN's."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from ppp_match.config import Settings
from ppp_match.db import now, today
from ppp_match.extensions import settings_now
from ppp_match.introductions.queries import is_staff
from ppp_match.partnerships import words as partnership_words
from ppp_match.results import figures, report, sheet, words
from ppp_match.results.figures import DIMENSIONS, Filter
from ppp_match.results.records import Answer, Record, read_records
from ppp_match.spreadsheets import csv_file
from ppp_match.web import current_actor, page_lang, requires

bp = Blueprint("results", __name__)
KEEP_SECONDS = 60.0  # a process counts anew after so long: the page names the moment
_kept: dict[str, Any] = {}


def _records() -> tuple[list[Record], list[Answer], dict[str, int], Any]:
    """What the figures are counted from, read at most once in a while by each process; not kept in tests."""
    moment = time.monotonic()
    kept = _kept.get("all")
    if kept is None or moment - kept[0] > KEEP_SECONDS or settings_now().mode == "testing":
        kept = (moment, (*read_records(), now()))
        _kept["all"] = kept
    found: tuple[list[Record], list[Answer], dict[str, int], Any] = kept[1]
    return found


def wanted(records: list[Record]) -> Filter:
    """The filter of the address; 404 for a value that no need has."""
    asked = {name: request.args.get(name, "")[:60] for name in DIMENSIONS}
    known = {name: {key for one in records for key in figures.keys_of(one, name)} for name in DIMENSIONS}
    if any(value and value not in known[name] for name, value in asked.items()):
        abort(404)
    return Filter(**asked)


@bp.get("/results")
@requires("portal.read")
def index() -> str | Response:
    """From need to result: funnel, answers, value, who and where; everything with its table."""
    records, answers, capabilities, counted_at = _records()
    chosen = wanted(records)
    dimension = request.args.get("by", "sector")
    if dimension not in DIMENSIONS:
        abort(404)
    lang, exact = page_lang(), is_staff(current_actor())
    counted = [record for record in records if chosen.takes(record)]
    shown = sheet.Sheet(counted, answers, capabilities, dimension, lang, exact=exact, today=today())
    if request.args.get("format") == "csv":
        return _file(shown, request.args.get("table", ""))
    return render_template(
        "results/index.html",
        sheet=shown,
        counted_at=counted_at,
        chosen=chosen.wanted(),
        dimension=dimension,
        choices={
            name: sorted(
                {
                    (key, words.value_name(name, key, lang))
                    for record in records
                    for key in figures.keys_of(record, name)
                },
                key=lambda pair: pair[1],
            )
            for name in DIMENSIONS
        },
        address=lambda **more: url_for(
            ".index", **{name: value for name, value in {**request.args, **more}.items() if value}
        ),
        words=words,
        states=partnership_words,
        exact=exact,
    )


def _file(shown: sheet.Sheet, name: str) -> Response:
    """One table of the page for a spreadsheet."""
    if name not in sheet.TABLES:
        abort(404)
    return csv_file(f"results-{name}.csv", shown.table(name))


@bp.get("/results/report")
@requires("portal.read")
def asean_report() -> str:
    """Partnerships by focus area and city, as the network's monitoring reports order them; made for paper."""
    records, answers, capabilities, counted_at = _records()
    actor, lang = current_actor(), page_lang()
    chosen = wanted(records)
    counted = [record for record in records if chosen.takes(record)]
    return render_template(
        "results/report.html",
        areas=report.areas(counted, actor, lang),
        notes=report.observations(counted, answers, capabilities, lang, exact=is_staff(actor)),
        counted_at=counted_at,
        title_year=chosen.year or _("all years"),
        words=words,
        exact=is_staff(actor),
    )


def register(app: Flask, _settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(bp)
