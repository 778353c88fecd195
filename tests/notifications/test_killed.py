"""A worker that is killed while it sends: every mail goes out, and what goes out again is recognised as the same mail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import select, update

from ppp_match.app import create_app
from ppp_match.config import Settings
from ppp_match.db import db, now, writing
from ppp_match.notifications.models import OutboxMessage
from ppp_match.notifications.operations import notify
from tests.factories import UserFactory

ROOT = Path(__file__).resolve().parents[2]
MAILS = 24
KILLED_AT = (3, 11, 18)  # mails on their way


@pytest.mark.of_sqlite  # a forum of its own, with its data in a folder
def test_a_killed_worker_loses_no_mail_and_sends_none_as_another(tmp_path):
    forum = create_app(Settings(mode="development", instance=tmp_path))
    with forum.app_context():
        token = writing.set(True)
        upgrade()
        person = UserFactory()
        for number in range(MAILS):
            notify([person], "message.new", person, once=str(number))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
        writing.reset(token)
    environment = {**os.environ, "PPP_MATCH_MODE": "development", "PPP_MATCH_INSTANCE": str(tmp_path)}
    command = [sys.executable, "-m", "ppp_match.cli", "worker", "--once"]
    for count in KILLED_AT:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603  our own command
        _wait_for(tmp_path / "mail", count, worker)
        worker.kill()
        worker.wait()
    with forum.app_context():
        token = writing.set(True)
        left = db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.state == "pending")).all()
        assert left, "the worker was done before it was killed"
        db.session.execute(  # what a killed worker had in hand waits a while: as if that had passed
            update(OutboxMessage).where(OutboxMessage.state == "pending").values(next_attempt_at=now())
        )
        db.session.commit()
        db.session.remove()
        writing.reset(token)
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603
    assert done.returncode == 0
    with forum.app_context():
        assert Counter(db.session.scalars(select(OutboxMessage.state))) == {"sent": MAILS}
        db.session.remove()
        db.engine.dispose()
    sent = [
        message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"]
        for path in (tmp_path / "mail").glob("*.eml")
    ]
    assert len(sent) == len(set(sent)) == MAILS


def _wait_for(folder: Path, count: int, worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while len(list(folder.glob("*.eml"))) < count:
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.002)
