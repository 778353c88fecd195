"""Files are written whole or not at all, before the row that names them; what no row names is swept away."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from ppp_match.attachments import limits, operations, previews
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.store import KEPT_UNNAMED, Store
from ppp_match.config import ROOT
from ppp_match.db import db
from tests.attachments import samples
from tests.factories import actor_of, make_listing, make_member


def _files(store: Store) -> set[str]:
    return {path.name for path in store.folder.glob("??/*")}


def test_the_same_content_lies_there_once_under_its_sum(tmp_path):
    store = Store(tmp_path / "files")
    digest = store.put(b"abc")
    assert digest == hashlib.sha256(b"abc").hexdigest() == store.put(b"abc")
    assert _files(store) == {digest}
    assert store.read(digest) == b"abc"
    assert store.path(digest).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a" * 63, "A" * 64, "/" * 64])
def test_nothing_but_a_sum_is_a_name(tmp_path, name):
    with pytest.raises(ValueError, match="SHA-256"):
        Store(tmp_path).path(name)


def test_a_damaged_file_is_not_read(tmp_path):
    store = Store(tmp_path)
    digest = store.put(b"abc")
    store.path(digest).write_bytes(b"abd")
    with pytest.raises(OSError, match="damaged"):
        store.read(digest)


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store = Store(tmp_path)
    with pytest.raises(OSError, match="No space"):
        store.put(b"abc")
    assert _files(store) == set()


def _grow_old(store: Store) -> None:
    long_ago = time.time() - KEPT_UNNAMED - 60
    for path in store.folder.glob("??/*"):
        os.utime(path, (long_ago, long_ago))


def _attached(checked: operations.Checked) -> Attachment:
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    return operations.add(
        "listing", need, checked, organisation_id=need.organisation_id, actor=actor_of(owner)
    )


def test_sweeping_deletes_what_no_row_names_and_is_old(app):
    store = limits.store()
    checked = operations.check("a.png", samples.picture(size=(31, 17)), description="x", lang="en")
    named = _attached(checked)
    db.session.commit()
    previews.make_previews()
    db.session.commit()
    db.session.refresh(named)
    orphan, removed = store.put(b"nobody's"), store.put(b"soon removed")
    kept = {named.digest, named.preview_digest}
    assert previews.sweep() == 0  # all of them are young
    _grow_old(store)
    young = store.put(b"soon removed")
    assert previews.sweep() >= 1
    assert orphan not in _files(store)
    assert _files(store) >= kept | {young}
    assert removed == young
    named.state = "removed"
    db.session.commit()
    _grow_old(store)
    previews.sweep()
    assert not _files(store) & kept


def test_the_undone_transaction_leaves_a_file_without_row_never_a_row_without_file(app):
    checked = operations.check("a.txt", b"undone", description="x", lang="en")
    digest = _attached(checked).digest
    db.session.rollback()
    assert db.session.scalar(select(Attachment.id)) is None
    assert limits.store().path(digest).is_file()


KILLED = """
import os, signal, sys
from ppp_match.app import create_app
from ppp_match.attachments import limits, operations, store
from ppp_match.db import db, writing
from ppp_match.listings.models import Listing
from ppp_match.permissions import SYSTEM
where = sys.argv[1]
app = create_app()
def die(*_args, **_more):
    os.kill(os.getpid(), signal.SIGKILL)
with app.app_context():
    writing.set(True)
    listing = db.session.query(Listing).one()
    checked = operations.check("a.txt", b"of the killed", description="x", lang="en")
    if where == "before the file has its name":
        store.os.replace = die
    elif where == "between file and row":
        db.session.add = die
    operations.add("listing", listing, checked, organisation_id=listing.organisation_id, actor=SYSTEM)
    if where == "before the commit":
        die()
    db.session.commit()
    if where == "after the commit":
        die()
"""


@pytest.mark.of_sqlite  # the other process opens the same file
@pytest.mark.parametrize(
    ("where", "rows", "named"),
    [
        ("before the file has its name", 0, False),
        ("between file and row", 0, True),
        ("before the commit", 0, True),
        ("after the commit", 1, True),
    ],
)
def test_killed_at_any_point_no_row_lacks_its_file(app, where, rows, named, monkeypatch):
    make_listing("need", organisation=make_member("city").memberships[0].organisation)
    db.session.commit()
    db.session.remove()
    store = limits.store()
    digest = hashlib.sha256(b"of the killed").hexdigest()
    store.path(digest).unlink(missing_ok=True)
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PPP_MATCH_MODE": "development",
        "PPP_MATCH_INSTANCE": str(app.instance_path),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
    }
    done = subprocess.run([sys.executable, "-c", KILLED, where], env=env, check=False, timeout=120)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    found = list(db.session.scalars(select(Attachment)))
    assert len(found) == rows
    assert store.path(digest).is_file() is named
    for row in found:
        assert store.read(row.digest) == b"of the killed"
