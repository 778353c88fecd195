"""Background jobs: named functions that a worker process runs, each in its own transaction.

A job reads from the database what there is to do (outbox, index changes, expired offers), so waking it twice or
not at all does no harm: the queue only shortens the wait, and every job also runs by the clock.
Huey keeps the queue in SQLite, or in Redis where REDIS_URL is set.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from sqlalchemy import event
from sqlalchemy.orm import Session

from ppp_match.config import Settings
from ppp_match.db import db, writing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A background job: its function returns how many things it did; it runs every `minutes`, or daily."""

    name: str
    run: Callable[[], int]
    minutes: int


JOBS: dict[str, Job] = {}
REST = 0.12  # seconds; SQLite's longest wait between two looks is a tenth of a second


def job(name: str, *, minutes: int) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a function as a job that runs by the clock and whenever it is woken."""

    def register(function: Callable[[], int]) -> Callable[[], int]:
        JOBS[name] = Job(name, function, minutes)
        return function

    return register


def wake(name: str) -> None:
    """Ask for a job to run soon, once the running transaction is committed."""
    db.session.info.setdefault("wake", set()).add(name)


def perform(app: Flask, name: str) -> int:
    """Run one job now, in its own transaction. Returns how many things it did."""
    with app.app_context():
        token = writing.set(True)
        try:
            done = JOBS[name].run()
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("job %s failed; it runs again by the clock", name)
            raise
        finally:
            writing.reset(token)
            db.session.remove()
        return done


def let_others_write() -> None:
    """Commit what a long job has done so far, and rest, so that people's forms get their turn.

    SQLite has one writer at a time, and one that waits looks again ten times a second.
    """
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        time.sleep(REST)


@contextmanager
def only_reading() -> Iterator[None]:
    """Within a job: what is done so far is committed, and inside nobody's writing waits for what the job reads.

    Nothing may be written inside. Where the reading is over before the work is, end it with a rollback.
    """
    db.session.commit()
    token = writing.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        writing.reset(token)


def make_queue(settings: Settings) -> Huey:
    """The queue of these settings: in memory for tests, Redis where there is one, else SQLite."""
    if settings.mode == "testing":
        return MemoryHuey("ppp-match", immediate=False)
    if settings.redis_url:
        return RedisHuey("ppp-match", url=settings.redis_url)
    return SqliteHuey("ppp-match", filename=str(settings.instance / "queue.sqlite3"))


def register_jobs(app: Flask, settings: Settings) -> None:
    """Make the queue of this application and its two kinds of task: woken and by the clock."""
    queue = make_queue(settings)

    @queue.task(name="perform", retries=3, retry_delay=20)
    def perform_soon(name: str) -> int:
        return perform(app, name)

    for job_ in JOBS.values():
        every = crontab(minute=f"*/{job_.minutes}") if job_.minutes < 60 else crontab(minute="7", hour="*")

        @queue.periodic_task(every, name=f"clock.{job_.name}")
        def by_the_clock(name: str = job_.name) -> None:
            perform(app, name)

    app.extensions["queue"] = queue
    app.extensions["perform_soon"] = perform_soon


@event.listens_for(Session, "after_commit")
def _enqueue_woken(session: Session) -> None:
    names = session.info.pop("wake", set())
    if not names or not current_app:
        return
    for name in sorted(names):
        try:
            current_app.extensions["perform_soon"](name)
        except Exception:  # the queue is a convenience: the clock does the same within a minute
            log.exception("could not wake job %s", name)


@event.listens_for(Session, "after_rollback")
def _forget_woken(session: Session) -> None:
    session.info.pop("wake", None)


def run_worker(app: Flask, **options: Any) -> None:
    """Serve the queue until a signal ends it."""
    queue: Huey = app.extensions["queue"]
    consumer = queue.create_consumer(workers=1, periodic=True, initial_delay=0.1, max_delay=1.0, **options)
    consumer.run()
