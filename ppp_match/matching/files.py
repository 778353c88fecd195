"""Matching and measuring on files: what stands behind `ppp-match match` and `ppp-match evaluate`.

Here: `match_files`, `evaluate_files` and the three output forms. Not here: options and exit codes
(commands.py), the readers of the inputs (documents.py, evaluate.py).
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from .documents import Need, read_capabilities, read_needs
from .evaluate import Measures, evaluate, read_qrels
from .index import Index, RankedMatch
from .semantic import Embedder

__all__ = [
    "FORMATS",
    "csv_line",
    "evaluate_files",
    "header_line",
    "match_files",
    "measures_as_json",
    "measures_as_text",
    "ranked_lines",
    "safe_cell",
    "write_file",
    "write_whole",
]

FORMATS = ("jsonl", "csv", "trec")
_COLUMNS = ["need_id", "capability_id", "rank", "score", "blocked"]
_FORMULA = ("=", "+", "-", "@")
_Progress = Callable[[int, int], None]


def match_files(
    needs: str | Path,
    capabilities: str | Path,
    *,
    top: int = 10,
    explain: bool = False,
    rules: bool = True,
    form: str = "jsonl",
    progress: _Progress | None = None,
    semantic: Embedder | None = None,
) -> Iterator[str]:
    """The lines of the result, each with its line end, need by need.

    Both files are read and the index is built before the first line is given, so that a broken input gives
    none. `progress(done, all)` is called after each need. Raises InputError.
    """
    wanted, offered = read_needs(needs), read_capabilities(capabilities)
    index = Index.fit(offered, semantic=semantic)
    lines = ranked_lines(index, wanted, top, explain, rules, form, progress)
    return chain(header_line(form, explain), lines)


def header_line(form: str, explain: bool) -> list[str]:
    """What stands above the lines: the names of the columns in CSV, nothing in the other forms."""
    return [csv_line([*_COLUMNS, "explanation"] if explain else _COLUMNS)] if form == "csv" else []


def ranked_lines(
    index: Index,
    wanted: list[Need],
    top: int,
    explain: bool,
    rules: bool,
    form: str,
    progress: _Progress | None = None,
) -> Iterator[str]:
    """The lines of the needs `wanted`, without header; no line depends on another need."""
    explained = explain and form != "trec"
    for done, (need_id, matches) in enumerate(
        index.rank_all(wanted, top, rules=rules, explain=explained), start=1
    ):
        if form == "trec":
            yield from _trec(need_id, matches, index.version)
        else:
            for rank, match in enumerate(matches, start=1):
                yield (
                    _json_line(need_id, rank, match, explain)
                    if form == "jsonl"
                    else _csv_row(need_id, rank, match, explain)
                )
        if progress is not None:
            progress(done, len(wanted))


def _json_line(need_id: str, rank: int, match: RankedMatch, explain: bool) -> str:
    record: dict[str, Any] = {
        "need_id": need_id,
        "capability_id": match.id,
        "rank": rank,
        "score": match.score,
        "blocked": list(match.blocked),
    }
    if explain:
        record["explanation"] = match.explanation
        record["probability"] = match.probability
    return json.dumps(record, ensure_ascii=False) + "\n"


def _csv_row(need_id: str, rank: int, match: RankedMatch, explain: bool) -> str:
    cells = [
        safe_cell(need_id),
        safe_cell(match.id),
        str(rank),
        f"{match.score:.9f}",
        " ".join(match.blocked),
    ]
    if explain:
        cells.append(json.dumps(match.explanation, ensure_ascii=False))
    return csv_line(cells)


def safe_cell(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    first = unicodedata.normalize("NFKC", cell.lstrip())[:1]  # full-width and small signs too
    return f"'{cell}" if first in _FORMULA or cell.startswith(("\t", "\r", "\n")) else cell


def csv_line(cells: list[str]) -> str:
    """One line of a CSV file; the cells stand as they are given."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _trec(need_id: str, matches: list[RankedMatch], version: str) -> Iterator[str]:
    """Six columns: need, Q0, capability, rank, score, run. trec_eval sorts by score, so a score never rises
    with the rank: where rules or language groups put a lower score first, the later one is cut down to
    it."""
    ceiling = 2.0
    for rank, match in enumerate(matches, start=1):
        ceiling = min(match.score, ceiling - 1e-9)
        yield f"{_word(need_id)} Q0 {_word(match.id)} {rank} {ceiling:.9f} ppp-match-{version}\n"


def _word(text: str) -> str:
    """An id without blanks, which would add a column; other characters stay."""
    return "".join(quote(c, safe="") if c.isspace() else c for c in text)


def write_whole(lines: Iterable[str], target: str | Path | None, stream: IO[bytes]) -> None:
    """Write all lines to the file `target`, or to `stream` where it is None; only once the last one is there."""
    if target is None:
        text = "".join(lines)
        stream.write(text.encode("utf-8"))
        stream.flush()
    else:
        write_file(lines, Path(target))


def write_file(lines: Iterable[str], place: Path) -> None:
    """Write all lines to a file, which appears whole, by a rename; OSError passes through and leaves what was there."""
    if place.exists() and not place.is_file():  # /dev/null, a pipe
        place.write_text("".join(lines), encoding="utf-8")
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.resolve().parent)
    except OSError as error:
        error.filename = str(place)  # what was asked for, not our passing name
        raise
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def evaluate_files(
    needs: str | Path,
    capabilities: str | Path,
    qrels: str | Path,
    *,
    top: int = 10,
    rules: bool = True,
    semantic: Embedder | None = None,
) -> tuple[dict[str, Measures], int]:
    """(measures overall and by pair of languages, number of judged pairs that name an unknown id). Raises
    InputError."""
    wanted, offered, judged = read_needs(needs), read_capabilities(capabilities), read_qrels(qrels)
    need_ids, offered_ids = {need.id for need in wanted}, {capability.id for capability in offered}
    unknown = sum(
        1
        for need_id, grades in judged.items()
        for one in grades
        if need_id not in need_ids or one not in offered_ids
    )
    index = Index.fit(offered, semantic=semantic)
    return evaluate(wanted, offered, judged, top, rules=rules, index=index), unknown


def measures_as_json(measures: dict[str, Measures], top: int) -> str:
    """One JSON object: "top", "overall" and "by_language_pair", each with needs, ndcg, mrr, recall."""
    rows = {
        name: {
            "needs": row.needs,
            f"ndcg@{top}": round(row.ndcg, 6),
            f"mrr@{top}": round(row.mrr, 6),
            f"recall@{top}": round(row.recall, 6),
        }
        for name, row in measures.items()
    }
    overall = rows.pop("overall")
    return json.dumps({"top": top, "overall": overall, "by_language_pair": rows}, ensure_ascii=False)


def measures_as_text(measures: dict[str, Measures], top: int) -> str:
    """A table to read."""
    lines = [f"{'':<10}{'needs':>8}{f'nDCG@{top}':>12}{f'MRR@{top}':>12}{f'recall@{top}':>12}"]
    lines += [
        f"{name:<10}{row.needs:>8}{row.ndcg:>12.4f}{row.mrr:>12.4f}{row.recall:>12.4f}"
        for name, row in measures.items()
    ]
    return "\n".join(lines)
