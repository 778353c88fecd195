"""Saved indexes: a folder with a manifest and the memory-mapped files that it names, never a pickle.

Here: `save`, `load`, `check`, `IndexUnusable`. Not here: how a mapped file is looked into (stored.py), when an index
is rebuilt (the application decides).

The files of a version stand in a folder of their own; replacing the manifest, in one step, switches to it. So a
reader opens the old index or the new one, and what it has opened stays readable. Opening reads next to nothing:
small files are compared with their checksums, of large ones the size and both ends; `check` compares everything.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from .analysis import GROUPS
from .bilingual import Lexicon, default_lexicon
from .documents import Capability, InputError, Need
from .fields import Lists, Segment, Vocabulary
from .index import MATCHER_VERSION, Index
from .score import KEPT, Weights
from .semantic import Directions, Embedder
from .state import State, fresh_vocabularies
from .stored import Blobs, Ids, Numbers, StoredDocuments, StoredRestorer, document_line, number_arrays

__all__ = ["IndexUnusable", "check", "load", "save"]

_FORMAT = "ppp-match index 2"
_FORMATS = ("ppp-match index", _FORMAT)
_MANIFEST = "manifest.json"
_LONGEST_WRITING = 3600.0  # seconds; what is younger may be another process's that is not done yet
_ARRAYS = "arrays.bin"
_DOCUMENTS = "documents.jsonl"
_ALIGNMENT = 64
_SMALL = 4 << 20  # bytes; files up to this size are read whole when an index is opened
_ENDS = 1 << 16  # bytes of a larger file, at its beginning and at its end
_DTYPES = ("|b1", "|i1", "|u1", "<i4", "<u4", "<i8", "<f8")
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    RecursionError,
    InputError,
)
_KINDS: dict[str, type[Need] | type[Capability]] = {"Need": Need, "Capability": Capability}
Array = npt.NDArray[Any]


class IndexUnusable(Exception):
    """A saved index that cannot be used: missing, damaged, of another program, version or lexicon."""


# Writing


def save(index: Index, folder: Path) -> None:
    """Write `index`; OSError passes through, and nothing is left half written."""
    folder = folder.resolve()
    if folder.exists() and not _replaceable(folder):
        raise FileExistsError(f"{folder} exists and is no index; it is left alone")
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    before = _folder_in_use(folder)
    fresh = Path(tempfile.mkdtemp(prefix="v-", dir=folder))
    try:
        fresh.chmod(0o755)
        manifest = _write(index, fresh)
        pending = fresh / _MANIFEST
        pending.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        os.replace(pending, folder / _MANIFEST)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    for other in folder.iterdir():
        if other.name == before or (other.name not in (fresh.name, _MANIFEST) and _is_left_over(other)):
            if other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
            else:
                other.unlink(missing_ok=True)


def _is_left_over(path: Path) -> bool:
    """Whether it is too old to be what another process is writing just now."""
    try:
        return time.time() - path.stat().st_mtime > _LONGEST_WRITING
    except FileNotFoundError:  # the other process took it away itself
        return False


def _folder_in_use(folder: Path) -> str | None:
    """The folder that the manifest names, if there is one that can be read."""
    try:
        return str(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / _MANIFEST).exists() or not any(folder.iterdir()))


def _write(index: Index, folder: Path) -> dict[str, Any]:
    state = index.state
    arrays: dict[str, Array] = {"alive": state.alive}
    for name, vocabulary in state.vocabularies.items():
        terms = number_arrays(vocabulary.columns)
        arrays.update({f"terms.{name}.{part}": values for part, values in terms.items()})
        arrays[f"idf.{name}"] = vocabulary.idf
        arrays[f"counts.{name}"] = vocabulary.counts
    for number, segment in enumerate(state.segments):
        arrays.update({f"{number}.ids.{part}": values for part, values in _texts(segment.ids).items()})
        arrays[f"{number}.groups"] = segment.groups
        if state.meaning:
            arrays[f"{number}.meaning"] = state.meaning[number].rows.reshape(-1)
        for name, values in segment.evidence.items():
            arrays[f"{number}.evidence.{name}"] = values
        for name, lists in segment.lists.items():
            for part in ("indptr", "documents", "values"):
                arrays[f"{number}.{name}.{part}"] = getattr(lists, part)
            if lists.columns is not None:
                arrays[f"{number}.{name}.columns"] = lists.columns
            arrays[f"{number}.{name}.lengths"] = segment.lengths[name]
    restorer = StoredRestorer.arrays(index.restorer.state())
    arrays.update({f"restorer.{part}": values for part, values in restorer.items()})
    ids = list(index.documents)
    arrays.update({f"ids.{part}": values for part, values in number_arrays(ids).items()})
    arrays["positions"] = np.asarray([index.positions[document_id] for document_id in ids], dtype=np.int64)
    with (folder / _DOCUMENTS).open("wb") as file:
        sizes = [file.write(document_line(index.documents[document_id])) for document_id in ids]
    arrays["lines"] = np.cumsum(np.asarray(sizes, dtype=np.int64))
    manifest = {
        "format": _FORMAT,
        "matcher": MATCHER_VERSION,
        "version": index.version,
        "groups": list(GROUPS),
        "lexicon": index.lexicon.fingerprint,
        "weights": index.weights.as_json(),
        "newest": index.newest,
        "semantic": _model(index.semantic),
        "kind": index.kind.__name__ if index.kind else None,
        "default_idf": {name: one.default_idf for name, one in state.vocabularies.items()},
        "folder": folder.name,
        "arrays": _write_arrays(folder / _ARRAYS, arrays),
        "files": {name: _described(folder / name) for name in (_ARRAYS, _DOCUMENTS)},
    }
    manifest["sha256"] = _digest(manifest)
    return manifest


def _model(semantic: Embedder | None) -> list[Any] | None:
    return None if semantic is None else [semantic.version, semantic.dimensions]


def _texts(strings: Any) -> dict[str, Array]:
    return Blobs.arrays(string.encode("utf-8", "surrogatepass") for string in strings)


def _write_arrays(path: Path, arrays: Mapping[str, Array]) -> dict[str, list[Any]]:
    """The arrays one after the other, and where each begins: {name: [dtype, length, offset]}."""
    table: dict[str, list[Any]] = {}
    with path.open("wb") as file:
        for name, values in arrays.items():
            file.write(b"\0" * (-file.tell() % _ALIGNMENT))
            table[name] = [values.dtype.str, len(values), file.tell()]
            file.write(memoryview(cast(Any, np.ascontiguousarray(values))).cast("B") if len(values) else b"")
        file.write(b"\0" * _ALIGNMENT)
        file.flush()
        os.fsync(file.fileno())
    return table


def _described(path: Path) -> dict[str, Any]:
    return {"size": path.stat().st_size, "ends": _ends(path), "sha256": _checksum(path)}


def _ends(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        digest.update(file.read(_ENDS))
        file.seek(max(0, path.stat().st_size - _ENDS))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


# Reading


def load(folder: Path, lexicon: Lexicon | None = None, semantic: Embedder | None = None) -> Index:
    """The saved index. Raises IndexUnusable with the reason."""
    for _ in range(3):  # the folder that the manifest names may be replaced just now
        try:
            manifest = _manifest(folder, lexicon)
            if manifest.get("semantic") != _model(semantic):
                raise IndexUnusable(f"the index in {folder} was built with other vectors, or with none")
            return _opened(manifest, folder / str(manifest["folder"]), lexicon, semantic)
        except FileNotFoundError as error:
            missing = error
        except _DAMAGE as error:
            raise _damaged(folder, error) from error
    raise _damaged(folder, missing) from missing


def check(folder: Path) -> None:
    """Read every byte of a saved index. Raises IndexUnusable where one is not as it was written."""
    try:
        manifest = _manifest(folder, None)
        for name, described in manifest["files"].items():
            if _checksum(folder / manifest["folder"] / name) != described["sha256"]:
                raise IndexUnusable(f"the index in {folder} is damaged ({name} does not have its checksum)")
    except _DAMAGE as error:
        raise _damaged(folder, error) from error


def _damaged(folder: Path, error: BaseException) -> IndexUnusable:
    return IndexUnusable(f"the index in {folder} is damaged ({type(error).__name__}: {error})")


def _manifest(folder: Path, lexicon: Lexicon | None) -> dict[str, Any]:
    if not (folder / _MANIFEST).is_file():
        raise IndexUnusable(f"there is no index in {folder}")
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(manifest, dict) or manifest.get("format") not in _FORMATS:
        raise IndexUnusable(f"{folder} is no index of this program")
    if (
        manifest["format"] != _FORMAT
        or manifest.get("matcher") != MATCHER_VERSION
        or manifest.get("groups") != list(GROUPS)
    ):
        raise IndexUnusable(
            f"the index in {folder} is of version {manifest.get('matcher')} ({manifest['format']}), "
            f"not {MATCHER_VERSION} ({_FORMAT})"
        )
    if manifest.get("lexicon") != (lexicon or default_lexicon()).fingerprint:
        raise IndexUnusable(f"the index in {folder} was built with another lexicon")
    if manifest.get("sha256") != _digest(manifest):
        raise IndexUnusable(f"the index in {folder} is damaged ({_MANIFEST} does not have its checksum)")
    return manifest


def _opened(
    manifest: Mapping[str, Any], folder: Path, lexicon: Lexicon | None, semantic: Embedder | None
) -> Index:
    for name, described in manifest["files"].items():
        path = folder / name
        small = described["size"] <= _SMALL
        found = (path.stat().st_size, _checksum(path) if small else _ends(path))
        if "/" in name or found != (described["size"], described["sha256" if small else "ends"]):
            raise IndexUnusable(
                f"the index in {folder.parent} is damaged ({name} does not have its checksum)"
            )
    arrays = _Arrays(folder / _ARRAYS, manifest["arrays"])
    restorer = StoredRestorer(
        Numbers(arrays.part("restorer.keys.")),
        Blobs(**arrays.part("restorer.best.")),
        Blobs(**arrays.part("restorer.counts.")),
    )
    index = Index(lexicon, Weights(**manifest["weights"]), restorer=restorer, semantic=semantic)
    index.newest = manifest["newest"]
    index.kind = _KINDS[manifest["kind"]] if manifest["kind"] else None
    ids = arrays.part("ids.")
    lines = Blobs(_mapped(folder / _DOCUMENTS), arrays["lines"])
    index.documents = StoredDocuments(_KINDS[manifest["kind"] or "Need"], lines, Numbers(ids))
    index.positions = Numbers(ids, arrays["positions"])
    vocabularies = fresh_vocabularies()
    for name, vocabulary in vocabularies.items():
        _fill(vocabulary, name, arrays, manifest["default_idf"][name])
    segments = tuple(_segment(number, arrays, vocabularies) for number in range(3))
    if len(arrays["alive"]) != sum(map(len, segments)) or len(index.documents) != len(arrays["positions"]):
        raise ValueError("its parts do not fit together")
    meaning: tuple[Directions, ...] = ()
    if semantic is not None:
        rows = [arrays[f"{number}.meaning"].reshape(-1, semantic.dimensions) for number in range(3)]
        if any(len(own) != len(segment) for own, segment in zip(rows, segments, strict=True)):
            raise ValueError("its vectors do not fit to its documents")
        meaning = tuple(map(Directions, rows))
    index.state = State(vocabularies, segments, arrays["alive"], meaning)
    return index


def _mapped(path: Path) -> Array:
    """A file as bytes. What is written to them stays with this process; what is not is shared with all others."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return np.zeros(0, dtype=np.uint8)
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY), dtype=np.uint8)


class _Arrays:
    """The arrays of a file by name."""

    def __init__(self, path: Path, table: Mapping[str, Any]) -> None:
        self._bytes, self._table = _mapped(path), table

    def __getitem__(self, name: str) -> Array:
        kind, length, offset = self._table[name]
        if kind not in _DTYPES or length < 0 or offset < 0 or offset % _ALIGNMENT:
            raise ValueError(f"{name} is no array")
        dtype = np.dtype(kind)
        values: Array = self._bytes[offset : offset + length * dtype.itemsize].view(dtype)
        if len(values) != length:
            raise ValueError(f"{name} is cut off")
        return values

    def get(self, name: str) -> Array | None:
        """The array, or None where there is none of that name."""
        return self[name] if name in self._table else None

    def part(self, prefix: str) -> dict[str, Array]:
        """The arrays whose names begin so, by the rest of their names."""
        return {name[len(prefix) :]: self[name] for name in self._table if name.startswith(prefix)}


def _fill(vocabulary: Vocabulary, name: str, arrays: _Arrays, default_idf: float) -> None:
    vocabulary.columns = Numbers(arrays.part(f"terms.{name}."))
    vocabulary.counts, vocabulary.idf = arrays[f"counts.{name}"], arrays[f"idf.{name}"]
    vocabulary.default_idf = float(default_idf)
    if not len(vocabulary.columns) == len(vocabulary.counts) == len(vocabulary.idf):
        raise ValueError("its vocabularies do not fit together")


def _segment(number: int, arrays: _Arrays, vocabularies: Mapping[str, Vocabulary]) -> Segment:
    groups = arrays[f"{number}.groups"]
    lists: dict[str, Lists] = {}
    sizes = {}
    for name, vocabulary in vocabularies.items():
        parts = [arrays[f"{number}.{name}.{part}"] for part in ("indptr", "documents", "values")]
        columns = arrays.get(f"{number}.{name}.columns")
        own = Lists(parts[0], parts[1], parts[2], columns)
        sizes[name] = arrays[f"{number}.{name}.lengths"]
        if (
            len(own.indptr) - 1 > len(vocabulary.counts)
            or (columns is not None and len(columns) != len(own.indptr) - 1)
            or int(own.indptr[-1]) != len(own.documents)
            or len(own.values) != len(own.documents)
            or len(sizes[name]) != len(groups)
        ):
            raise ValueError("its posting lists do not fit together")
        lists[name] = own
    known = {name: arrays[f"{number}.evidence.{name}"] for name in KEPT}
    ids = Ids(Blobs(**arrays.part(f"{number}.ids.")))
    if len(ids) != len(groups):
        raise ValueError("its ids do not fit together")
    return Segment(ids, groups, known, lists, sizes)
