"""Background jobs: woken after the commit and not after a rollback, performed in a transaction, on SQLite and Redis."""

from __future__ import annotations

import os
import uuid

import pytest
import redis
from huey import SqliteHuey

from ppp_match import jobs
from ppp_match.app import create_app
from ppp_match.config import Settings
from ppp_match.db import db
from ppp_match.jobs import JOBS, make_queue, perform
from tests.conftest import part_is_lacking

REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


@pytest.fixture
def redis_url(request) -> str:
    server = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2)
    try:
        server.ping()
    except redis.exceptions.ConnectionError:
        part_is_lacking("Redis")
    finally:
        server.close()
    return REDIS_URL


@pytest.fixture
def done(monkeypatch) -> list[str]:
    """A job that notes that it ran."""
    ran: list[str] = []

    def run() -> int:
        ran.append("ran")
        return 1

    monkeypatch.setitem(JOBS, "probe", jobs.Job("probe", run, 5))
    return ran


def test_a_job_is_woken_by_a_commit_only(app, done):
    queue = app.extensions["queue"]
    queue.flush()
    jobs.wake("probe")
    db.session.connection()
    db.session.rollback()
    assert len(queue) == 0
    jobs.wake("probe")
    db.session.connection()
    db.session.commit()
    assert len(queue) == 1
    queue.flush()


def test_a_failing_job_leaves_nothing_half_done(app, monkeypatch):
    from ppp_match.search.models import IndexChange

    def fail() -> int:
        db.session.add(IndexChange(listing_id=uuid.uuid4(), listing_kind="need"))
        db.session.flush()
        raise RuntimeError("in the middle")

    monkeypatch.setitem(JOBS, "failing", jobs.Job("failing", fail, 5))
    with pytest.raises(RuntimeError):
        perform(app, "failing")
    assert db.session.query(IndexChange).count() == 0


def test_every_job_runs_on_an_empty_forum(app):
    db.session.commit()
    for name in JOBS:
        assert perform(app, name) == 0, name


def _consume_one(app, done: list[str]) -> None:
    queue = app.extensions["queue"]
    queue.flush()
    app.extensions["perform_soon"]("probe")
    task = queue.dequeue()
    assert task is not None
    queue.execute(task)
    assert done == ["ran"]
    assert len(queue) == 0


def test_a_worker_takes_jobs_from_sqlite(tmp_path, done):
    app = create_app(Settings(mode="development", instance=tmp_path))
    assert isinstance(app.extensions["queue"], SqliteHuey)
    _consume_one(app, done)
    app.extensions["queue"].storage.close()


def test_a_worker_takes_jobs_from_redis(tmp_path, done, redis_url):
    settings = Settings(mode="development", instance=tmp_path, redis_url=redis_url)
    app = create_app(settings)
    _consume_one(app, done)
    make_queue(settings).storage.conn.close()


def test_sessions_live_in_redis_where_there_is_one(tmp_path, redis_url):
    app = create_app(Settings(mode="development", instance=tmp_path, redis_url=redis_url))
    assert app.config["SESSION_TYPE"] == "redis"
    assert not (tmp_path / "sessions").exists()
    app.config["SESSION_REDIS"].close()
