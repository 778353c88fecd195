"""Processes that are killed at any moment: what was sent is there once, and nobody has to mend anything."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest

from tests.journeys.conftest import ROOT, Forum, Setting, commanding
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.of_sqlite, pytest.mark.xdist_group("browser 1")]
TRIES = 10
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ACTING = re.compile(r'name="acting_for" value="([^"]+)"')


class _Stay(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is not followed."""

    def redirect_request(self, *_args):
        return None


def _web_workers(forum: Forum) -> list[int]:
    """The processes that answer pages: gunicorn's children on the port of the forum."""
    bound = forum.address.removeprefix("http://")
    found: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if "gunicorn" in command and bound in command:
                found[int(folder.name)] = parent
    return [process for process, parent in found.items() if parent in found]


def _send(forum: Forum, path: str, cookies: str, form: dict[str, str]) -> int:
    """The status of the answer to a form; 0 where the process that answered was killed."""
    request = urllib.request.Request(  # noqa: S310  our own server
        forum.address + path,
        data=urllib.parse.urlencode(form).encode(),
        headers={"Cookie": cookies, "Referer": forum.address + path},
    )
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


def test_killed_web_workers_lose_nothing_and_double_nothing(new_page, forum: Forum):
    setting = Setting("desktop", "en", False)
    reader = Reader(new_page(setting), setting)
    reader.sign_in("officer@cebu-city.example")
    reader.go("/introductions")
    reader.main.locator("ul.pm-rows h2 a").first.click()
    path = urllib.parse.urlsplit(reader.page.url).path
    page = reader.page.content()
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in reader.page.context.cookies())
    dice = random.Random(20261128)  # noqa: S311
    bodies = [f"Sent while a process was killed, {number}" for number in range(TRIES)]
    cut_off = 0
    for body in bodies:
        form = {
            "csrf_token": TOKEN.search(page).group(1),
            "acting_for": ACTING.search(page).group(1),
            "idempotency_key": str(uuid.uuid4()),
            "body": body,
            "lang": "en",
        }
        wait = dice.uniform(0.0, 0.06)

        def kill(wait: float = wait) -> None:
            time.sleep(wait)
            for process in _web_workers(forum):
                os.kill(process, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        status = _send(forum, path, cookies, form)
        killer.join()
        cut_off += status == 0
        deadline = time.monotonic() + 60
        while status not in (302, 303):  # who gets no answer sends the form again
            assert status in (0, 502, 503), status
            assert time.monotonic() < deadline, "the forum does not answer any more"
            time.sleep(0.3)
            status = _send(forum, path, cookies, form)
        assert _send(forum, path, cookies, form) == 302  # and once more, by a second click
    assert cut_off, "no process was killed while it answered"
    with sqlite3.connect(forum.instance / "ppp_match.sqlite3") as database:
        found = [row[0] for row in database.execute("SELECT body FROM message WHERE body LIKE 'Sent while%'")]
    assert sorted(found) == sorted(bodies)
    checked = subprocess.run(
        [sys.executable, "-m", "ppp_match.cli", "verify-audit"],
        cwd=ROOT,
        env=commanding(forum),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
