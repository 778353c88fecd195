"""The audit trail as a file: one JSON object a line with everything that its hash covers, or a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ppp_match.audit import AuditEvent
from ppp_match.matching.files import safe_cell

COLUMNS = (
    "seq",
    "at",
    "action",
    "actor_id",
    "organisation_id",
    "subject_type",
    "subject_id",
    "from_state",
    "to_state",
    "fields",
    "digest",
    "previous",
    "hash",
)


def as_json_lines(events: Iterable[AuditEvent]) -> Iterator[str]:
    """One event a line, with all that its hash covers (docs/architecture.md, "The audit trail")."""
    for event in events:
        yield json.dumps(_values(event), ensure_ascii=False) + "\n"


def as_csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    """A table for a spreadsheet; a cell that a program would read as a formula gets an apostrophe."""
    yield _line(COLUMNS)
    for event in events:
        values = _values(event)
        values["fields"] = " ".join(map(str, values["fields"]))
        yield _line(["" if values[name] is None else safe_cell(str(values[name])) for name in COLUMNS])


def _values(event: AuditEvent) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "action": event.action,
        "actor_id": str(event.actor_id) if event.actor_id else None,
        "organisation_id": str(event.organisation_id) if event.organisation_id else None,
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id),
        "from_state": event.from_state,
        "to_state": event.to_state,
        "fields": event.fields,
        "digest": event.digest,
        "previous": event.previous,
        "hash": event.hash,
    }


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
