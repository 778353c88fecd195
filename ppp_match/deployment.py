"""What `ppp-match check-deployment` looks at before a forum is opened: settings, files, the database.

`Settings.check` refuses what cannot be run with at all; this names everything that should not be run with, each with
what to do. Findings are sentences in English, for whoever installs the forum.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine, inspect, make_url, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from ppp_match.attachments import clamav
from ppp_match.config import LOOPBACK, ROOT, Settings, UnsafeSettings

BACKENDS = ("sqlite", "postgresql")
LONGEST_IDLE = 12 * 3600  # seconds; a working day with a margin
LONGEST_SESSION = 30 * 86400


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. Unsafe ones must be mended, the others are advice."""

    name: str
    says: str
    do: str
    unsafe: bool = True


def findings(settings: Settings) -> list[Finding]:
    """Everything that was found, the unsafe first. Nothing is changed; the database and the virus scanner are asked."""
    found = [
        *_refused(settings),
        *_addresses(settings),
        *_mail(settings),
        *_sessions(settings),
        *_files(settings),
        *_scanner(settings),
        *_database(settings),
    ]
    return sorted(found, key=lambda one: not one.unsafe)


def _refused(settings: Settings) -> list[Finding]:
    found = []
    if not settings.is_production:
        found.append(
            Finding(
                "PPP_MATCH_MODE",
                f"is {settings.mode!r}: cookies go over plain HTTP, mail is shown on a page, known secrets pass",
                "Set PPP_MATCH_MODE=production.",
            )
        )
    try:
        settings.with_(mode="production").check()
    except UnsafeSettings as error:
        found += [
            Finding(line.split()[0], line, "The forum does not start like this.")
            for line in str(error).split("\n")
        ]
    if len(settings.secret_key) >= 32 and len(set(settings.secret_key)) < 10:
        found.append(
            Finding(
                "SECRET_KEY",
                "has few different characters",
                "Use `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`.",
            )
        )
    if settings.secret_key == settings.password_salt:
        found.append(
            Finding("PASSWORD_SALT", "is the same as SECRET_KEY", "Give it a random value of its own.")
        )
    if os.environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
        found.append(
            Finding("FLASK_DEBUG", "is set: errors may show the code and what it works with", "Remove it.")
        )
    if not settings.second_factor_key:
        found.append(
            Finding(
                "SECOND_FACTOR_KEY",
                "is not set: the secrets of authenticator apps hang on SECRET_KEY, so that changing it makes them void",
                "Give it a random value of its own before the first factor is set up.",
                unsafe=False,
            )
        )
    if settings.allow_public_demo:
        found.append(
            Finding(
                "PPP_MATCH_ALLOW_PUBLIC_DEMO",
                "is set: a demonstration, whose passwords everybody knows, may be opened to the world",
                "Remove it.",
            )
        )
    return found


def _addresses(settings: Settings) -> list[Finding]:
    found = []
    host = urlsplit(settings.public_url).hostname or ""
    if not settings.hosts:
        found.append(
            Finding(
                "TRUSTED_HOSTS",
                "is empty: requests under any Host are answered",
                f"Set TRUSTED_HOSTS={host or 'the name of the forum'}.",
            )
        )
    elif host and not any(
        host == one or (one.startswith(".") and host.endswith(one)) for one in settings.hosts
    ):
        found.append(
            Finding("TRUSTED_HOSTS", f"does not hold {host}, the host of PUBLIC_URL", f"Add {host}.")
        )
    if settings.host not in LOOPBACK and settings.trusted_proxies == 0:
        found.append(
            Finding(
                "HOST",
                f"is {settings.host}: gunicorn itself is reachable, without TLS and without a proxy before it",
                "Serve on 127.0.0.1 behind a proxy, and set TRUSTED_PROXIES to how many proxies there are.",
            )
        )
    if settings.host in LOOPBACK and settings.trusted_proxies == 0:
        found.append(
            Finding(
                "TRUSTED_PROXIES",
                "is 0: behind a proxy every visitor has the proxy's address, so one who tries passwords locks all out",
                "Set it to how many proxies stand before the forum, usually 1.",
            )
        )
    if not settings.rate_limits:
        found.append(
            Finding(
                "RATE_LIMITS", "are off: searches, posts and sign-ins are not slowed", "Remove RATE_LIMITS."
            )
        )
    if not settings.redis_url:
        found.append(
            Finding(
                "REDIS_URL",
                "is not set: each web worker counts requests for itself, so the limits are as many times higher",
                "Install Redis on this host or accept it on a small forum.",
                unsafe=False,
            )
        )
    return found


def _mail(settings: Settings) -> list[Finding]:
    found = []
    if settings.mail_server and settings.mail_server not in LOOPBACK and not settings.mail_use_tls:
        found.append(
            Finding(
                "MAIL_USE_TLS",
                f"is off: links to reset passwords go to {settings.mail_server} in the clear",
                "Set MAIL_USE_TLS=1.",
            )
        )
    found += [
        Finding(
            name.upper(),
            "is an address that does not exist",
            f"Set {name.upper()} to an address that is read.",
        )
        for name in ("forum_contact", "mail_sender")
        if getattr(settings, name).rstrip("> ").endswith(".example")
    ]
    return found


def _sessions(settings: Settings) -> list[Finding]:
    found = []
    for name, limit in (("session_idle", LONGEST_IDLE), ("session_absolute", LONGEST_SESSION)):
        if getattr(settings, name) > limit:
            found.append(
                Finding(
                    f"{name.upper()}_SECONDS",
                    f"is {getattr(settings, name)}: a forgotten browser stays signed in for long",
                    f"At most {limit}.",
                )
            )
    return found


def _files(settings: Settings) -> list[Finding]:
    found = []
    if os.geteuid() == 0:
        found.append(
            Finding(
                "user",
                "is root: a mistake in the forum would be a mistake of root's",
                "Run it as a user of its own.",
            )
        )
    found += _mode(settings.instance, "the instance folder (database, sessions, mail)")
    found += _mode(settings.attachments, "the folder of attached files")
    for name in ("SECRET_KEY", "PASSWORD_SALT", "DATABASE_URL", "MAIL_PASSWORD"):
        if os.environ.get(f"{name}_FILE"):
            found += _mode(Path(os.environ[f"{name}_FILE"]), f"the file of {name}")
    url = _url(settings)
    if (
        url is not None
        and url.get_backend_name() == "sqlite"
        and url.database
        and not Path(url.database).is_relative_to(settings.instance)
    ):
        found += _mode(Path(url.database), "the database")
    return found


def _scanner(settings: Settings) -> list[Finding]:
    if not settings.clamav_socket:
        return [
            Finding(
                "CLAMAV_SOCKET",
                "is not set: files that people attach are not scanned for viruses, and their pages say so",
                "Install clamav-daemon and set CLAMAV_SOCKET=unix:/run/clamav/clamd.ctl.",
                unsafe=False,
            )
        ]
    try:
        clamav.ping(settings.clamav_socket)
    except clamav.NoAnswer as error:
        return [
            Finding(
                "CLAMAV_SOCKET",
                f"is {settings.clamav_socket}, where no scanner answers ({error}): every file is refused",
                "Start clamav-daemon, and let the forum's user reach its socket.",
            )
        ]
    return []


def _mode(path: Path, what: str) -> list[Finding]:
    """A finding where others than the owner and its group may read or write it."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return []
    if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH | stat.S_IWGRP):
        right = "0750" if stat.S_ISDIR(mode) else "0640"
        return [
            Finding(
                str(path),
                f"{what} has the mode {stat.S_IMODE(mode):04o}: other users of this machine reach it",
                f"chmod {right} {path}",
            )
        ]
    return []


def _url(settings: Settings) -> URL | None:
    try:
        return make_url(settings.database)
    except (SQLAlchemyError, ValueError):
        return None


def _database(settings: Settings) -> list[Finding]:
    url = _url(settings)
    if url is None or url.get_backend_name() not in BACKENDS:
        kind = "no address of a database" if url is None else f"for {url.get_backend_name()}"
        return [
            Finding(
                "DATABASE_URL",
                f"is {kind}: the forum keeps its data in SQLite or PostgreSQL",
                "Set DATABASE_URL=postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
            )
        ]
    found = []
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).exists():
            return [
                Finding(
                    "database",
                    "is not there yet",
                    "`ppp-match run` makes it; check again afterwards.",
                    unsafe=False,
                )
            ]
        found.append(
            Finding(
                "DATABASE_URL",
                "is not set: SQLite serves one machine",
                "PostgreSQL for more than a small forum.",
                unsafe=False,
            )
        )
    elif url.password is None and url.host not in (None, "", *LOOPBACK):
        found.append(
            Finding(
                "DATABASE_URL",
                "has no password and leads to another machine",
                "Give the role a password or a certificate.",
            )
        )
    engine = None
    try:
        engine = create_engine(url)
        found += _state_of(engine)
    except (SQLAlchemyError, ImportError) as error:
        found.append(
            Finding(
                "database", f"does not answer: {type(error).__name__}", "Start it, or correct DATABASE_URL."
            )
        )
    finally:
        if engine is not None:
            engine.dispose()
    return found


def _state_of(engine: Engine) -> list[Finding]:
    found = []
    with engine.connect() as connection:
        has = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
        if has != newest:
            found.append(
                Finding(
                    "database",
                    f"is at migration {has}, the code at {newest}",
                    "`ppp-match run` migrates it at its start.",
                )
            )
        if not inspect(connection).has_table("user"):
            return found
        demo = connection.scalar(text("SELECT count(*) FROM \"user\" WHERE email LIKE '%@demo.example'"))
        if demo:
            found.append(
                Finding(
                    "database",
                    f"holds {demo} accounts of the demonstration, whose password is public",
                    "Start with an empty database.",
                )
            )
        terms = "SELECT count(*) FROM consent_version WHERE state = 'published'"
        if inspect(connection).has_table("consent_version") and not connection.scalar(text(terms)):
            found.append(
                Finding(
                    "database",
                    "holds no published terms: nobody is asked to agree to anything",
                    "Read the drafts on /admin/terms with a lawyer and publish them.",
                    unsafe=False,
                )
            )
        if not connection.scalar(text("SELECT count(*) FROM \"user\" WHERE staff_role = 'administrator'")):
            found.append(
                Finding(
                    "database",
                    "has no administrator",
                    "`ppp-match create-admin ADDRESS --name NAME`.",
                    unsafe=False,
                )
            )
    return found
