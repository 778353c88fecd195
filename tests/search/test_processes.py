"""Processes of one forum agree: what one publishes, changes or withdraws, the next answer of every other shows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ppp_match.db import db
from ppp_match.listings import operations
from ppp_match.search import store
from ppp_match.search.store import note_change
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases
ROOT = Path(__file__).resolve().parents[2]
# What a web worker does with a request: a context, the index, an answer.
ANSWERING = """
import sys
from ppp_match.app import create_app
from ppp_match.search.store import search
app = create_app()
print("ready", flush=True)
for line in sys.stdin:
    with app.app_context():
        print(" ".join(str(found) for found, _ in search("need", line, 50).hits), flush=True)
"""


class Process:
    """Another process of the forum: `found(words)` is what it finds now."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.running = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, "-c", ANSWERING],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.running.stdout is not None
        return self.running.stdout.readline().strip()

    def found(self, words: str) -> set[str]:
        assert self.running.stdin is not None
        print(words, file=self.running.stdin, flush=True)
        return set(self._line().split())

    def end(self) -> None:
        self.running.terminate()
        self.running.wait(20)
        for stream in (self.running.stdin, self.running.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def processes(app) -> Iterator[list[Process]]:
    """Two web workers and the worker of the jobs, which share a database and a folder."""
    environment = {
        **os.environ,
        "PPP_MATCH_MODE": "testing",
        "PPP_MATCH_INSTANCE": str(store.store().folder.parent),
        "DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "PYTHONIOENCODING": "utf-8",
    }
    started: list[Process] = []
    try:
        started.extend(Process(environment) for _ in range(3))
        yield started
    finally:
        for process in started:
            process.end()


def test_the_next_answer_of_every_process_shows_what_one_of_them_did(app, processes):
    owner, moderator = make_member("city"), actor_of(make_staff())
    home = owner.memberships[0].organisation
    whale, bridge = "cứu cá voi xanh mắc cạn", "gia cố cầu treo cáp võng"
    kept, need = (
        make_listing(
            "need", state=state, organisation=home, texts={"title": whale, "problem": f"{whale}. " * 30}
        )
        for state in ("published", "in_review")
    )
    note_change(kept.id, "need")
    db.session.commit()

    def found(words: str) -> list[set[str]]:
        return [process.found(words) for process in processes]

    assert found(whale) == [{str(kept.id)}] * 3
    operations.publish_listing(need, actor=moderator)
    db.session.commit()
    assert found(whale) == [{str(kept.id), str(need.id)}] * 3

    changed = {"title": bridge, "problem": f"{bridge}. " * 30}
    operations.save_listing(need, changed, lang="vi", actor=actor_of(owner))
    need.amendment.state = "in_review"
    operations.publish_listing(need, actor=moderator)
    db.session.commit()
    assert all(str(need.id) in ids for ids in found(bridge))
    operations.withdraw_listing(need, reason="Không còn cần.", actor=actor_of(owner))
    db.session.commit()
    assert not any(str(need.id) in ids for ids in found(bridge))
    assert found(whale) == [{str(kept.id)}] * 3
