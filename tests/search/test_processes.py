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
from ppp_match.matching import IndexUnusable
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
def environment(app) -> dict[str, str]:
    """What processes of this forum share: its database and its folder."""
    return {
        **os.environ,
        "PPP_MATCH_MODE": "testing",
        "PPP_MATCH_INSTANCE": str(store.store().folder.parent),
        "DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "PYTHONIOENCODING": "utf-8",
    }


@pytest.fixture
def processes(environment) -> Iterator[list[Process]]:
    """Two web workers and the worker of the jobs."""
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


def test_a_process_that_starts_over_a_spoilt_index_finds_what_the_others_find(app, processes, environment):
    """Those that run keep what they have open; who starts builds it anew and saves it for the next."""
    whale = "cứu cá voi xanh mắc cạn"
    needs = [
        make_listing("need", state="published", texts={"title": whale, "problem": f"{whale}. " * 30})
        for _ in range(2)
    ]
    note_change(needs[0].id, "need")
    needs[1].state = "withdrawn"
    db.session.commit()
    assert [process.found(whale) for process in processes] == [{str(needs[0].id)}] * 3
    saved = store.store().folder / "need" / "saved"
    arrays = next(saved.glob("v-*/arrays.bin"))
    spoilt = arrays.with_suffix(".new")
    spoilt.write_bytes(b"nonsense")
    spoilt.replace(arrays)  # another file under the name, as copying tools do
    with pytest.raises(IndexUnusable):
        store.store().check("need")
    needs[1].state = "published"
    note_change(needs[1].id, "need")
    db.session.commit()
    processes.append(Process(environment))
    both = {str(need.id) for need in needs}
    assert [process.found(whale) for process in processes] == [both] * 4
    store.store().check("need")
