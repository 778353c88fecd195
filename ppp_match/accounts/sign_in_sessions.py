"""Every sign-in session has a row; without an open, recent row nobody is signed in, whatever the cookie says.

The row is made at sign-in, under a new session identifier, and ended at sign-out, by its owner from another device,
when the password changes, or by time: `session_idle` since it was last seen, `session_absolute` since it began. The
time it was last seen is written at most once a minute, after the request and in a transaction of its own, since a
page that is only read commits nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security.signals import password_changed, password_reset, user_confirmed, user_registered
from flask_security.utils import set_request_attr
from sqlalchemy import text, update
from sqlalchemy.exc import SQLAlchemyError

from ppp_match import sessions
from ppp_match.accounts import operations, queries
from ppp_match.accounts.models import SignInSession, User
from ppp_match.consents import operations as consents
from ppp_match.consents.queries import needed_in_force
from ppp_match.db import db, now

log = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)


def register_sign_in_sessions(app: Flask) -> None:
    """Connect the signals of sign-in and guard the loading of the signed-in person."""
    manager: Any = app.login_manager  # type: ignore[attr-defined]

    def load_with_open_session(fs_uniquifier: str) -> User | None:
        settings = current_app.extensions["settings"]
        found = queries.person_of_session(
            sessions.session_key(),
            str(fs_uniquifier),
            idle=settings.session_idle,
            absolute=settings.session_absolute,
        )
        if found is None:
            return None
        row, person = found
        g.sign_in_session = (row.id, row.seen_at)
        g.confirmed_at = row.confirmed_at
        # What Flask-Security's own loader, which ours replaces, leaves for its views.
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
        return person

    manager.user_loader(load_with_open_session)
    manager.request_loader(lambda _request: None)  # no tokens in headers or addresses: sessions only
    app.teardown_request(_note_seen)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)
    user_registered.connect(_registered, app)
    user_confirmed.connect(_confirmed, app)
    password_changed.connect(_password_changed, app)
    password_reset.connect(_password_reset, app)


def _open_session() -> SignInSession | None:
    settings = current_app.extensions["settings"]
    return queries.open_session(
        sessions.session_key(), idle=settings.session_idle, absolute=settings.session_absolute
    )


def _begin(_app: Flask, user: User, **_more: Any) -> None:
    for key in ("csrf_token", "acting_for"):
        session.pop(key, None)
        g.pop(key, None)
    sessions.regenerate()
    operations.begin_session(user, key=sessions.session_key(), agent=request.user_agent.string)
    log.info("signed in user=%s", user.id)


def _end(_app: Flask, **_more: Any) -> None:
    row = _open_session()
    if row is not None:
        operations.end_session(row)
        log.info("signed out user=%s", row.user_id)
    session.clear()


def _registered(_app: Flask, user: User, **_more: Any) -> None:
    operations.note_account_event(user, "registered")
    consents.decide(needed_in_force(), user_id=user.id, given=True, how="registration", actor=user.as_actor())


def _confirmed(_app: Flask, user: User, **_more: Any) -> None:
    operations.note_account_event(user, "confirmed")


def _password_changed(_app: Flask, user: User, **_more: Any) -> None:
    operations.end_other_sessions(user, key=sessions.session_key())
    operations.note_account_event(user, "password_changed")


def _password_reset(_app: Flask, user: User, **_more: Any) -> None:
    operations.end_other_sessions(user, key="")
    operations.note_account_event(user, "password_reset")


def _note_seen(_error: BaseException | None = None) -> None:
    row_id, seen_at = g.pop("sign_in_session", (None, None))
    if row_id is None or now() - seen_at < SEEN_EVERY:
        return
    db.session.rollback()  # whatever the request had to keep is committed: let go of its connection first
    sqlite = db.engine.dialect.name == "sqlite"
    try:
        with db.engine.connect() as connection:
            if sqlite:
                connection.exec_driver_sql("PRAGMA busy_timeout=250")  # the page does not wait for this
                connection.commit()
            try:
                connection.execute(
                    update(SignInSession)
                    .where(SignInSession.id == row_id, SignInSession.ended_at.is_(None))
                    .values(seen_at=now())
                )
                connection.commit()
            finally:
                connection.rollback()
                if sqlite:
                    connection.execute(text("PRAGMA busy_timeout=10000"))
                    connection.commit()
    except SQLAlchemyError:
        log.warning("could not note that a session was seen; the next request will")
