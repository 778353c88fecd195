"""Jobs about attached files: make the previews that are due, sweep away files that no row names.

A preview is made outside any transaction, in a process of its own with little memory and time (`render.py`).
"""

from __future__ import annotations

import io
import logging
import os
import subprocess  # nosec B404  our own module, with arguments of ours
import sys

from PIL import Image
from sqlalchemy import select, update

from ppp_match.attachments import limits
from ppp_match.attachments.models import Attachment
from ppp_match.config import ROOT
from ppp_match.db import db
from ppp_match.jobs import job, let_others_write

log = logging.getLogger(__name__)
SECONDS = 30
LARGEST = 2 * 1024 * 1024


def render(kind: str, data: bytes) -> bytes | None:
    """The preview of a file as WebP; None where none can be made of it, within bounds."""
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            [sys.executable, "-m", "ppp_match.attachments.render", kind],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0 or not 0 < len(done.stdout) <= LARGEST:
        return None
    return done.stdout


@job("make_previews", minutes=5)
def make_previews() -> int:
    """Make the previews that are due, one after the other; returns how many files were dealt with."""
    ids = list(
        db.session.scalars(
            select(Attachment.id)
            .where(Attachment.preview == "due", Attachment.state != "removed")
            .order_by(Attachment.created_at)
        )
    )
    for attachment_id in ids:
        row = db.session.execute(
            select(Attachment.kind, Attachment.digest).where(Attachment.id == attachment_id)
        ).one()
        let_others_write()
        _keep(attachment_id, *_made(row.kind, row.digest))
        let_others_write()
    return len(ids)


def _made(kind: str, digest: str) -> tuple[bytes | None, tuple[int, int]]:
    try:
        made = render(kind, limits.store().read(digest))
        if made is None:
            return None, (0, 0)
        with Image.open(io.BytesIO(made), formats=["WEBP"]) as image:
            return made, image.size
    except OSError:
        log.exception("no preview of the file %s", digest)
        return None, (0, 0)


def _keep(attachment_id: object, made: bytes | None, size: tuple[int, int]) -> None:
    """Note what became of a preview. Past the row's version: nobody's edit is in the way of it."""
    values: dict[str, object] = {"preview": "failed"}
    if made is not None:
        digest = limits.store().put(made)
        width, height = size
        values = {
            "preview": "made",
            "preview_digest": digest,
            "preview_width": width,
            "preview_height": height,
        }
    db.session.execute(
        update(Attachment).where(Attachment.id == attachment_id, Attachment.preview == "due").values(values)
    )


@job("sweep_attachments", minutes=60)
def sweep() -> int:
    """Delete files older than a day that no row names, those of removed rows among them. Returns how many."""
    store = limits.store()
    old = store.old()
    if not old:
        return 0
    named: set[str] = set()
    kept = Attachment.state != "removed"
    for column in (Attachment.digest, Attachment.preview_digest):
        named |= {digest for digest in db.session.scalars(select(column).where(kept)) if digest}
    db.session.rollback()
    return store.sweep(old, named)
