"""The open indexes: published needs and capabilities in, ranked ids out. Nothing else opens an index.

Two indexes, one of needs and one of capabilities, are kept per process and saved under `instance/index/<kind>`
with the number of the last change they include. They are a cache: the database says what is published, the table
`index_change` says what changed since. `index_of` brings the index up to date before it answers, so that no two
processes disagree for longer than one request; a saved index that is missing, damaged or of another version is
rebuilt. Where that takes more than a moment, a page does not wait: the index is built in a thread, and until it is there
an interim index of the newest listings answers, and says so. Commands and jobs wait for the whole one. What a document
says comes from the sources that the rooms above register.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_app_context, has_request_context
from sqlalchemy import ScalarSelect, event, func, insert, select, text
from sqlalchemy.orm import Session

from ppp_match import jobs
from ppp_match.audit import CHAIN_LOCK
from ppp_match.config import Settings
from ppp_match.counting import ON_EVERY_PAGE, counted
from ppp_match.db import db, now
from ppp_match.matching import Capability, Index, IndexUnusable, Need
from ppp_match.matching.bilingual import Lexicon, default_lexicon
from ppp_match.matching.score import DEFAULT_WEIGHTS, Weights
from ppp_match.permissions import Actor
from ppp_match.search.models import IndexChange
from ppp_match.search.vectors import semantic_is_on, stored_vectors

log = logging.getLogger(__name__)

WORTH_SHOWING = 0.15
KINDS = ("need", "capability")
NEWEST = "newest_index_change"  # where a session keeps what it has read of it
LEXICON = "lexicon_now"  # likewise
SAVE_AFTER = 64  # changes in memory that the saved index does not hold yet
BUILT_AT_ONCE = 300  # listings of a kind: about two seconds of work
VERSION = "version"  # the kind of a change that says: another version of the matcher ranks from now on
Document = Need | Capability
Source = Callable[[Collection[uuid.UUID] | None], Iterable[Document]]

_sources: dict[str, Source] = {}


@dataclass(frozen=True)
class Tuning:
    """What the active version of the matcher ranks with."""

    weights: Weights
    lexicon: Lexicon


_tunings: list[Callable[[], Tuning | None]] = []


@dataclass(frozen=True)
class SearchResult:
    """What a search found: (id of a listing, score in [0, 1]), best first.

    `also` are the words of the query with what they were also searched as in the other language; `restored` is
    the query with its diacritics put back, where it came without.
    """

    hits: list[tuple[uuid.UUID, float]]
    also: list[tuple[str, tuple[str, ...]]]
    restored: str | None
    language: str
    partial: bool = False  # the index is being built: only the newest listings were searched


@dataclass
class _Kept:
    """One index in memory. `mark` names the change it stopped at, so that another history is noticed; an `interim`
    one holds the newest listings only, until `building` has the whole."""

    index: Index
    seq: int
    mark: str
    unsaved: int = 0
    merging: threading.Thread | None = None
    interim: bool = False
    building: threading.Thread | None = None


@dataclass
class IndexStore:
    """The indexes of one process and their folder. Safe to use from several threads."""

    folder: Path
    lexicon: tuple[tuple[int, str], Lexicon] | None = None  # that ranked at the change named
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _built_beside: dict[str, _Kept] = field(default_factory=dict)  # left here by the threads
    _locks: dict[str, threading.RLock] = field(
        default_factory=lambda: {kind: threading.RLock() for kind in KINDS}
    )

    def index_of(self, kind: str) -> Index:
        """The current index of that kind, with every change that the running transaction can see."""
        with self._locks[kind]:
            kept = self._kept.get(kind)
            if kept is not None and kept.building is not None and not kept.building.is_alive():
                kept = self._adopted(kind, kept)
            if kept is not None and not _follows(kept):
                kept = None
            if kept is None:
                kept = self._opened(kind)
            self._kept[kind] = kept
            self._catch_up(kind, kept)
            return kept.index

    def _adopted(self, kind: str, kept: _Kept) -> _Kept | None:
        """What a thread that ended has built. Where it failed: nothing, after an interim index; else the old one, and
        another try."""
        built = self._built_beside.pop(kind, None)
        if built is not None or kept.interim:
            return built
        kept.building = None
        self._retune(kind, kept)
        return kept

    def is_interim(self, kind: str) -> bool:
        """Whether the index that just answered holds the newest listings only."""
        kept = self._kept.get(kind)
        return kept is not None and kept.interim

    def rebuild(self, kind: str) -> int:
        """Build that index anew from the database and save it. Returns how many listings it holds."""
        with self._locks[kind]:
            self._kept[kind] = kept = self._built(kind)
            return len(kept.index)

    def check(self, kind: str) -> None:
        """Read the saved index to the last byte. Raises IndexUnusable where it is missing or not as it was written."""
        Index.check(self.folder / kind / "saved")

    def forget(self, *, saved: bool = False) -> None:
        """Drop what is in memory; with `saved`, the folder too."""
        for kind in KINDS:
            with self._locks[kind]:
                self._kept.pop(kind, None)
        if saved:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _opened(self, kind: str) -> _Kept:
        try:
            return self._read(kind)  # whole or not at all, also while another process saves
        except IndexUnusable as reason:
            log.info("building the index of %s: %s", kind, reason)
        if has_request_context() and _listings_of(kind) > BUILT_AT_ONCE:
            return self._interim(kind)
        return self._read_or_built(kind)

    def _read_or_built(self, kind: str) -> _Kept:
        with self._exclusive(kind):
            try:
                return self._read(kind)  # another process may have built it meanwhile
            except IndexUnusable:
                return self._built(kind)

    def _build_beside(self, kind: str) -> threading.Thread:
        """Build the whole index in a thread, unless it is under way already."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]

        def build() -> None:
            with app.app_context():
                try:
                    self._built_beside[kind] = self._read_or_built(kind)
                except Exception:
                    log.exception("could not build the index of %s", kind)

        before = self._kept.get(kind)
        thread = before.building if before is not None else None
        if thread is None or not thread.is_alive():
            thread = threading.Thread(target=build, name=f"build-{kind}", daemon=True)
            thread.start()
        return thread

    def _interim(self, kind: str) -> _Kept:
        """An index of the newest listings, and the whole one begun in a thread."""
        thread = self._build_beside(kind)
        seq, mark = newest_change()
        newest = db.session.scalars(
            select(IndexChange.listing_id)
            .where(IndexChange.listing_kind == kind)
            .group_by(IndexChange.listing_id)
            .order_by(func.max(IndexChange.seq).desc())
            .limit(BUILT_AT_ONCE)
        ).all()
        index = _fitted(list(_sources[kind](set(newest))))
        return _Kept(index, seq, mark, interim=True, building=thread)

    def _read(self, kind: str) -> _Kept:
        folder = self.folder / kind
        try:
            note = json.loads((folder / "seq.json").read_text(encoding="utf-8"))
            seq, mark, manifest = int(note["seq"]), str(note["mark"]), str(note["manifest"])
            if manifest != _digest(folder / "saved" / "manifest.json"):
                raise IndexUnusable("the index and its number do not belong together")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(f"no usable index in {folder} ({type(error).__name__})") from error
        tuning = tuning_now()
        kept = _Kept(
            Index.open(folder / "saved", lexicon=tuning.lexicon, semantic=stored_vectors()), seq, mark
        )
        kept.index.reweigh(tuning.weights)
        if not _follows(kept):
            raise IndexUnusable("it belongs to another history of the database")
        return kept

    def _built(self, kind: str) -> _Kept:
        seq, mark = newest_change()  # first: what comes in meanwhile is applied once more, which does no harm
        kept = _Kept(_fitted(list(_sources[kind](None))), seq, mark)
        self._save(kind, kept)
        return kept

    def _catch_up(self, kind: str, kept: _Kept) -> None:
        newest, mark = newest_change()
        if newest <= kept.seq:
            return
        rows = db.session.execute(
            select(IndexChange.listing_id, IndexChange.listing_kind)
            .where(
                IndexChange.seq > kept.seq,
                IndexChange.seq <= newest,
                IndexChange.listing_kind.in_((kind, VERSION)),
            )
            .distinct()
        ).all()
        if any(row.listing_kind == VERSION for row in rows):
            self._retune(kind, kept)
        changed = {row.listing_id for row in rows if row.listing_kind == kind}
        if changed:
            found = {document.id: document for document in _sources[kind](changed)}
            for listing_id in sorted(map(str, changed)):
                if listing_id in found:
                    kept.index.add(found[listing_id], merge=False)
                else:
                    kept.index.remove(listing_id)
        kept.seq, kept.mark = newest, mark
        kept.unsaved += len(changed)
        if kept.index.needs_merge:
            self._merge_beside(kind, kept)
        if kept.unsaved >= SAVE_AFTER and not kept.interim:
            with self._exclusive(kind):
                self._save(kind, kept)

    def _retune(self, kind: str, kept: _Kept) -> None:
        """Rank as the version says that is active now. Other weights count at once. With another lexicon every text is
        read anew: a page answers by the old index until a thread has the new one, everything else waits for it."""
        tuning = tuning_now()
        if tuning.lexicon.fingerprint == kept.index.lexicon.fingerprint:
            kept.index.reweigh(tuning.weights)
        elif has_request_context() and len(kept.index) > BUILT_AT_ONCE:
            kept.building = self._build_beside(kind)
        else:
            fresh = self._built(kind)
            kept.index, kept.interim, kept.building = fresh.index, False, None

    def _merge_beside(self, kind: str, kept: _Kept) -> None:
        """Merge in a thread of its own, so that no reader's request waits for it."""
        if kept.merging is None or not kept.merging.is_alive():
            kept.merging = threading.Thread(target=kept.index.merge, name=f"merge-{kind}", daemon=True)
            kept.merging.start()

    def _save(self, kind: str, kept: _Kept) -> None:
        """Write the index for the next process. Changes of an open transaction are not written; failing is no harm."""
        if db.session.info.get("index_changed"):
            return
        folder = self.folder / kind
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / "saved").exists() and not (folder / "saved" / "manifest.json").exists():
                shutil.rmtree(folder / "saved")  # remains of something broken; this folder is ours alone
            kept.index.save(folder / "saved")
            note = {
                "seq": kept.seq,
                "mark": kept.mark,
                "manifest": _digest(folder / "saved" / "manifest.json"),
            }
            fresh = folder / f"seq.{os.getpid()}.{threading.get_ident()}"
            fresh.write_text(json.dumps(note), encoding="utf-8")
            os.replace(fresh, folder / "seq.json")
            kept.unsaved = 0
        except OSError:
            log.exception("could not save the index of %s; this process keeps it in memory", kind)

    @contextmanager
    def _exclusive(self, kind: str) -> Iterator[None]:
        """One process at a time builds or saves; the others then find it done."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            stream = (self.folder / f"{kind}.lock").open("w")
        except OSError:
            yield
            return
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def newest_change() -> tuple[int, str]:
    """(number, mark) of the newest change that this transaction can see; asked once a transaction.

    It is the version of everything published: whatever was worked out at the same one still holds.
    """
    known: tuple[int, str] | None = db.session.info.get(NEWEST)
    if known is None:
        row = db.session.execute(
            select(IndexChange.seq, IndexChange.listing_id, IndexChange.at)
            .order_by(IndexChange.seq.desc())
            .limit(1)
        ).one_or_none()
        known = (row.seq, _mark_of(row)) if row else (0, "")
        db.session.info[NEWEST] = known
    return known


def _listings_of(kind: str) -> int:
    """How many listings of the kind were ever published: cheap, and no less than the index will hold."""
    found = select(func.count(func.distinct(IndexChange.listing_id))).where(IndexChange.listing_kind == kind)
    return db.session.scalar(found) or 0


def version_of(kind: str) -> tuple[int, str, bool]:
    """What an answer of that index may be kept by: the newest change, and whether the whole index answers."""
    index_of(kind)
    return (*newest_change(), not store().is_interim(kind))


def _mark_of(row: Any) -> str:
    """What identifies a change beyond its number: a restored backup may count the same numbers again."""
    return f"{row.listing_id} {row.at.isoformat()}"


def _follows(kept: _Kept) -> bool:
    """Whether the database still holds the change that the index stopped at."""
    seq, mark = newest_change()
    if seq == kept.seq:
        return mark == kept.mark
    if seq < kept.seq:
        return False
    row = db.session.execute(
        select(IndexChange.listing_id, IndexChange.at).where(IndexChange.seq == kept.seq)
    ).one_or_none()
    return (_mark_of(row) if row else "") == kept.mark


def published(kind: str, ids: Collection[uuid.UUID] | None = None) -> Iterable[Document]:
    """The documents of the published listings of a kind: of those ids, or of all."""
    return _sources[kind](ids)


def register_source(kind: str, load: Source) -> None:
    """Name where documents of a kind come from: load(ids) yields those of the ids that are published, load(None) all."""
    _sources[kind] = load


def register_tuning(active: Callable[[], Tuning | None]) -> None:
    """Name who knows the active version of the matcher; None from it means the shipped weights and lexicon."""
    _tunings[:] = [active]


def tuning_now() -> Tuning:
    """What the active version ranks with."""
    return (_tunings[0]() if _tunings else None) or Tuning(DEFAULT_WEIGHTS, default_lexicon())


def lexicon_now() -> Lexicon:
    """The lexicon that ranks, for whatever shows words of it. Asked for once a transaction, and then only where something
    changed since: activating a version is a change like any other. A page counts the changes along with its menu. Where
    no forum runs, it is the shipped one."""
    if not has_app_context():
        return default_lexicon()
    known: Lexicon | None = db.session.info.get(LEXICON)
    if known is None:
        newest = counted(LEXICON, _newest)["seq"] if has_request_context() else newest_change()[0]
        key = (newest, default_lexicon().fingerprint)
        kept = store().lexicon
        if kept is None or kept[0] != key:
            kept = store().lexicon = (key, tuning_now().lexicon)
        known = db.session.info[LEXICON] = kept[1]
    return known


def _newest(_actor: Actor) -> dict[str, ScalarSelect[Any]]:
    return {"seq": select(func.max(IndexChange.seq)).scalar_subquery()}


ON_EVERY_PAGE[LEXICON] = _newest


def _fitted(documents: list[Document]) -> Index:
    tuning = tuning_now()
    return Index.fit(documents, lexicon=tuning.lexicon, weights=tuning.weights, semantic=stored_vectors())


def note_version(version_id: uuid.UUID, need_ids: Sequence[uuid.UUID]) -> None:
    """Write down, in the transaction that activates it, that another version ranks from now on, and that these needs
    are to be matched anew: one row each, so that the job does them in portions and can be stopped in between."""
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    at = now()
    db.session.execute(
        insert(IndexChange),
        [{"listing_id": one, "listing_kind": VERSION, "at": at} for one in (version_id, *need_ids)],
    )
    db.session.info["index_changed"] = True
    db.session.info.pop(NEWEST, None)
    db.session.info.pop(LEXICON, None)
    jobs.wake("refresh_matches")


def register_store(app: Flask, settings: Settings) -> None:
    """Give the application its indexes; none is opened before it is asked for."""
    app.extensions["indexes"] = IndexStore(settings.instance / "index")


def store() -> IndexStore:
    """The indexes of this process."""
    found: IndexStore = current_app.extensions["indexes"]
    return found


def index_of(kind: str) -> Index:
    """The current index of needs or of capabilities."""
    return store().index_of(kind)


def rebuild(kind: str) -> int:
    """Build the index of that kind anew. Returns how many listings it holds."""
    return store().rebuild(kind)


def forget_saved() -> None:
    """Drop the indexes in memory and on disk, as after the database was emptied."""
    store().forget(saved=True)


def search(kind: str, query: str, top: int = 20) -> SearchResult:
    """Published listings of a kind for free text in either language, with or without diacritics.

    What shares next to nothing with the query is left out: less than WORTH_SHOWING of the best score.
    """
    found = index_of(kind).search(query, top)
    least = WORTH_SHOWING * max((score for _listing_id, score in found.hits), default=0.0)
    hits = [(uuid.UUID(listing_id), score) for listing_id, score in found.hits if score >= least]
    return SearchResult(
        hits, list(found.expansion), found.restored, found.language, partial=store().is_interim(kind)
    )


def note_change(listing_id: uuid.UUID, kind: str) -> IndexChange:
    """Write down, in the listing's own transaction, that it entered, changed in or left the index.

    On PostgreSQL the numbers are given under the lock of the audit trail, which every operation takes anyway: so
    they become visible in their order, and a reader that has seen one has seen all before it.
    """
    if db.session.connection().dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    row = IndexChange(listing_id=listing_id, listing_kind=kind)
    db.session.add(row)
    db.session.flush()
    db.session.info["index_changed"] = True
    db.session.info.pop(NEWEST, None)
    jobs.wake("refresh_matches")
    if semantic_is_on():
        jobs.wake("embed_texts")
    return row


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _transaction_ended(session: Any) -> None:
    session.info.pop("index_changed", None)
    session.info.pop(NEWEST, None)
    session.info.pop(LEXICON, None)
