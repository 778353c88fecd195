"""/healthz: the process answers. /readyz: it can work: database migrated, index folder writable."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.web import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def live() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    parts = {"database": _database_answers(), "instance": _instance_is_writable()}
    whole = all(parts.values())
    return jsonify(status="ok" if whole else "unavailable", **parts), 200 if whole else 503


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _instance_is_writable() -> bool:
    settings: Settings = current_app.extensions["settings"]
    probe = settings.instance / ".ready"
    try:
        probe.write_text("ok", encoding="utf-8")
    except OSError:
        return False
    return True


def register(app: Flask, settings: Settings) -> None:
    app.register_blueprint(blueprint)
