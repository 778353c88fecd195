"""How often somebody may fail: counted in the database, so for all processes together and past a restart.

A try counts for the account that it names, known or not, and for the address it comes from: the one that the server
sees, or the trusted proxies say (config.trusted_proxies), never one that a header claims. What is kept is a SHA-256.
The row is written after the request, since a refused one keeps nothing.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy import delete, func, select
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from ppp_match.accounts.factor_models import FailedTry
from ppp_match.db import db, now

log = logging.getLogger(__name__)
WITHIN = timedelta(minutes=15)
# Of one account; of a second factor or a password asked again; of one address, behind which a whole office may sit.
MOST = {"account": 20, "factor": 8, "address": 60}
KEPT = timedelta(days=1)


def key_of(what: str, whom: str) -> str:
    """The name under which tries are counted: `what` is a key of MOST, `whom` an e-mail, an id or an address."""
    return hashlib.sha256(f"{what}:{whom.strip().lower()[:254]}".encode(errors="replace")).hexdigest()


def _counted(what: str, whom: str) -> list[tuple[str, str]]:
    """What this request counts for: the account it is about, if it names one, and its address."""
    address = ("address", key_of("address", request.remote_addr or ""))
    return [(what, key_of(what, whom)), address] if what != "address" else [address]


def stop_if_too_many(what: str, whom: str = "") -> None:
    """Raise TooManyRequests (429) where that account or this address has failed too often of late."""
    if not current_app.extensions["settings"].rate_limits:
        return
    keys = _counted(what, whom)
    found: dict[Any, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(FailedTry.key, func.count())
            .where(FailedTry.key.in_([key for _what, key in keys]), FailedTry.at > now() - WITHIN)
            .group_by(FailedTry.key)
        )
    }
    if any(found.get(key, 0) >= MOST[name] for name, key in keys):
        raise TooManyRequests(retry_after=int(WITHIN.total_seconds()))


def note_failure(what: str, whom: str = "") -> None:
    """Count this request as a failure when it has ended."""
    keys = [key for _what, key in _counted(what, whom)]
    g.failed_tries = keys
    log.warning("refused sign-in what=%s keys=%s", what, ",".join(key[:12] for key in keys))


def _write(response: Response) -> Response:
    keys = g.pop("failed_tries", None)
    if keys:
        db.session.rollback()  # the request was refused: nothing else of it is kept
        db.session.execute(delete(FailedTry).where(FailedTry.at < now() - KEPT))
        db.session.add_all(FailedTry(key=key) for key in keys)
        db.session.commit()
    return response


def register_throttle(app: Flask) -> None:
    app.after_request(_write)
