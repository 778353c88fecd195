"""/healthz: the process answers. /readyz: it can work: database migrated, index and queue answer, files can be written.

Rooms above add parts of theirs to `PARTS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Flask, current_app, jsonify
from sqlalchemy import text
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.web import public

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def live() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    parts = {name: _answers(name, asks) for name, asks in PARTS.items()}
    whole = all(parts.values())
    return jsonify(status="ok" if whole else "unavailable", **parts), 200 if whole else 503


def _answers(name: str, asks: Callable[[], object]) -> bool:
    """Whether a part answers at all; why not stands in the log, since everybody may ask."""
    try:
        asks()
    except Exception:  # whatever a part raises: it does not work
        log.warning("not ready: %s", name, exc_info=True)
        db.session.rollback()
        return False
    return True


def _database() -> None:
    db.session.execute(text("SELECT version_num FROM alembic_version"))


def _queue() -> None:
    current_app.extensions["queue"].storage.queue_size()


def _instance() -> None:
    settings: Settings = current_app.extensions["settings"]
    (settings.instance / ".ready").write_text("ok", encoding="utf-8")


PARTS: dict[str, Callable[[], object]] = {"database": _database, "instance": _instance, "queue": _queue}


def register(app: Flask, settings: Settings) -> None:
    app.register_blueprint(blueprint)
