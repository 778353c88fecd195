"""Sessions on the server: a cookie that only names a session, so that signing out really ends it.

The data lie in files under the instance folder, or in Redis where REDIS_URL is set. Beside them a small table
(`accounts.models.SignInSession`) lists each person's sessions; `accounts/sign_in.py` keeps it.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from cachelib.file import FileSystemCache
from flask import Flask, current_app, session

from ppp_match.config import Settings
from ppp_match.extensions import server_sessions

NO_LIMIT = 0  # cachelib would throw away the oldest sessions past a threshold


def register_sessions(app: Flask, settings: Settings) -> None:
    """Bind the session store and the cookie's manners."""
    secure = settings.is_production
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if secure else "ppp_match_session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_PERMANENT=True,
        SESSION_USE_SIGNER=False,
        SESSION_ID_LENGTH=48,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.session_absolute),
    )
    if settings.redis_url:
        import redis

        app.config.update(SESSION_TYPE="redis", SESSION_REDIS=redis.Redis.from_url(settings.redis_url))
    else:
        folder = settings.instance / "sessions"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        app.config.update(
            SESSION_TYPE="cachelib",
            SESSION_CACHELIB=FileSystemCache(str(folder), threshold=NO_LIMIT, mode=0o600),
        )
    server_sessions.init_app(app)


def regenerate() -> None:
    """Give the session a new identifier (at sign-in), keeping what it holds."""
    interface: Any = current_app.session_interface
    interface.regenerate(session)


def session_key() -> str:
    """SHA-256 of this session's identifier: names the session in the database without being able to open it."""
    return hashlib.sha256(str(getattr(session, "sid", "")).encode()).hexdigest()
