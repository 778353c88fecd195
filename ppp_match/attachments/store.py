"""Where the bytes of attached files lie: a folder outside static, each file under its own SHA-256.

A file is written whole or not at all: into a temporary file, to the disk, then renamed to its name, all before the
transaction commits whose row names it. So a row never lacks its file; a file that no row names, left by a process that
died or by a transaction that was undone, is swept away after a day. Whoever stores and whoever sweeps exclude each other
by a lock, and storing what is there already makes it young again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT_UNNAMED = 24 * 3600  # seconds; far longer than any transaction runs


class Store:
    """A folder of files named by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Keep the bytes; returns their SHA-256. Raises OSError where the disk refuses; then nothing is there."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        with self._lock(exclusive=False):
            if path.exists():
                os.utime(path)
                return digest
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="new-", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _to_disk(path.parent)
        return digest

    def path(self, digest: str) -> Path:
        """Where the file of that SHA-256 lies, or would. Raises ValueError for anything but a SHA-256."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self.folder / digest[:2] / digest

    def read(self, digest: str) -> bytes:
        """The bytes. Raises FileNotFoundError; OSError where they are not what their name says."""
        data = self.path(digest).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise OSError(f"the file {digest} is damaged")
        return data

    def old(self) -> list[Path]:
        """Files that were put, or begun, more than a day ago."""
        before = time.time() - KEPT_UNNAMED
        return [path for path in self.folder.glob("??/*") if _mtime(path) < before]

    def sweep(self, candidates: Collection[Path], named: Collection[str]) -> int:
        """Delete those of the old files that are not named and are still old. Returns how many."""
        swept = 0
        for path in candidates:
            with self._lock(exclusive=True):
                if path.name not in named and _mtime(path) < time.time() - KEPT_UNNAMED:
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept

    @contextmanager
    def _lock(self, *, exclusive: bool) -> Iterator[None]:
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _to_disk(folder: Path) -> None:
    """Have the names of a folder written to the disk, and those of the one that holds it."""
    for place in (folder, folder.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
