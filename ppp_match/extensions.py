"""Instances of Flask extensions; `app.py` binds them, and the settings, to an application. Nothing else lives here.

Flask-Security is bound by `accounts/sign_in.py`, since it needs the people of that room.
"""

from flask import current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_session import Session
from flask_wtf.csrf import CSRFProtect

from ppp_match.config import Settings

babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
migrate = Migrate()
server_sessions = Session()


def settings_now() -> Settings:
    """The settings of the application that serves this request or job."""
    settings: Settings = current_app.extensions["settings"]
    return settings


@limiter.request_filter
def _switched_off() -> bool:
    """The limiter is one object for all applications of a process: each keeps a switch of its own."""
    return not current_app.config["RATELIMIT_ENABLED"]
