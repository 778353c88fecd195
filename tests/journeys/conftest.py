"""A real forum for the browser: `ppp-match run` in demo mode on a free port, driven by Debian's Chromium.

One server serves all journeys of a process; each journey makes its own listings, so they do not depend on each other.
The files are in two groups of about equal length (`xdist_group`), for two processes at a time.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.conftest import DATABASE, EmptyPostgresql, part_is_lacking, postgresql_answers

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "demo-Passw0rd!"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


@dataclass(frozen=True)
class Setting:
    """How a journey is walked: size of the window, language, with or without scripts."""

    size: str
    lang: str
    scripts: bool

    def __str__(self) -> str:
        return f"{self.size}-{self.lang}-{'js' if self.scripts else 'nojs'}"


ALL_SETTINGS = [
    Setting(size, lang, scripts) for size in SIZES for lang in ("vi", "en") for scripts in (True, False)
]
TWO_SETTINGS = [Setting("desktop", "vi", True), Setting("phone", "en", False)]


@dataclass(frozen=True)
class Forum:
    """A forum that runs: its address, and the folder with its data, in which it also writes its mail."""

    address: str
    instance: Path
    database_url: str = ""  # empty: SQLite in the instance folder

    @property
    def mail(self) -> Path:
        return self.instance / "mail"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(address: str, process: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the forum ended at once:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310  our own server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"the forum did not get ready:\n{log.read_text()}")


def _environment(instance: Path, port: int, undo_seconds: int, database_url: str = "") -> dict[str, str]:
    environment = {
        **os.environ,
        "PPP_MATCH_MODE": "demo",
        "PPP_MATCH_INSTANCE": str(instance),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "RATE_LIMITS": "0",
        "UNDO_SECONDS": str(undo_seconds),
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    return {**environment, "DATABASE_URL": database_url} if database_url else environment


def commanding(forum: Forum) -> dict[str, str]:
    """The environment in which a command works on that forum."""
    return _environment(forum.instance, _free_port(), undo_seconds=0, database_url=forum.database_url)


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run a server until the journeys are over; yields its address. Ctrl-C must end it, and all of it."""
    address = f"http://127.0.0.1:{environment['PORT']}"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            _wait_until_ready(address, process, log)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            try:
                code = process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    assert code == 0, log.read_text()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(environment["PORT"]))) != 0, "Ctrl-C must stop all of it"


@pytest.fixture(scope="session")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A demo forum with two web workers and the job worker, as `make run` starts it.

    Both sides of an approved pair are asked at once: a journey does not wait a minute.
    """
    folder = tmp_path_factory.mktemp("forum")
    made = None
    if DATABASE == "postgresql":
        if not postgresql_answers():
            part_is_lacking("PostgreSQL")
        made = EmptyPostgresql()
    url = made.url if made else ""
    environment = _environment(folder / "instance", _free_port(), undo_seconds=0, database_url=url)
    try:
        with _running(["ppp_match.cli", "run"], environment, folder / "log.txt") as address:
            yield Forum(address, folder / "instance", url)
    finally:
        if made:
            made.drop()


@pytest.fixture(scope="session")
def undoing_forum(forum: Forum, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """A second front of the same forum, on which a decision can be taken back for ten minutes."""
    port = _free_port()
    environment = _environment(forum.instance, port, undo_seconds=600, database_url=forum.database_url)
    command = [
        "gunicorn",
        "wsgi:app",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "--graceful-timeout",
        "5",
    ]
    log = tmp_path_factory.mktemp("undoing") / "log.txt"
    with _running([*command, "--no-control-socket"], environment, log) as address:
        yield Forum(address, forum.instance, forum.database_url)


@pytest.fixture
def new_page(chromium: Browser, forum: Forum) -> Iterator:
    """new_page(setting) -> a page in a browser profile of its own, in that size and language.

    `at` is another forum than the usual one.
    """
    contexts: list[BrowserContext] = []

    def make(setting: Setting, at: Forum = forum) -> Page:
        context = chromium.new_context(
            base_url=at.address,
            viewport=SIZES[setting.size],
            locale="vi-VN" if setting.lang == "vi" else "en-GB",
            java_script_enabled=setting.scripts,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
