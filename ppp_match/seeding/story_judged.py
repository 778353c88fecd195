"""The story of the judged set: a file of grades, and pairs that several people judged."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from ppp_match.seeding.files import SeedError
from ppp_match.seeding.people import key_id
from ppp_match.seeding.timeline import Act, Day, Record, listing_of, person_of
from ppp_match.steering import importing, operations, qrels


def acts_of_judging(path: Path, record: Record) -> list[Act]:
    """All that a record of story-judged.yaml tells: an import, or the judgements of one pair."""
    day, line = Day(path, record), record["__line__"]
    if "file" in record:
        return [Act(day.moment(record["days_ago"]), partial(_import, path, record), path, line)]
    return [
        Act(day.moment(said["days_ago"]), partial(_judge, path, record, said), path, said["__line__"])
        for said in record.get("judged") or []
    ]


def _import(path: Path, record: Record) -> None:
    """The lines name listings by the keys of the seeds."""
    actor = person_of(path, record["__line__"], record["by"]).as_actor()
    file = path.parent / record["file"]
    try:
        lines = [
            replace(line, need=str(key_id(line.need)), capability=str(key_id(line.capability)))
            for line in qrels.read_lines(file)
        ]
        importing.import_grades(qrels.find_listings(lines, actor), actor=actor)
    except qrels.QrelsError as error:
        raise SeedError(file, error.line, f"{error.code} {error.value}") from error


def _judge(path: Path, record: Record, said: Record) -> None:
    actor = person_of(path, said["__line__"], said["by"]).as_actor()
    need = listing_of(path, record["__line__"], record["need"])
    capability = listing_of(path, record["__line__"], record["capability"])
    pair = operations.add_pair(need, capability, actor=actor)
    operations.judge(pair, said["grade"], actor=actor, note=said.get("note", ""))
