"""The phrases that a new forum begins with."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from ppp_match.config import ROOT
from ppp_match.db import db
from ppp_match.phrases.finding import folded
from ppp_match.phrases.models import KINDS, SEVERITIES, Phrase
from ppp_match.seeding.files import SeedError, read_yaml

PHRASES = ROOT / "seeds" / "phrases" / "phrases.yaml"


def load_phrases(path: Path = PHRASES) -> int:
    """Add the phrases that are not there yet. Flushes, never commits. Raises SeedError naming file and line."""
    found = set(db.session.scalars(select(Phrase.folded)))
    added = 0
    for record in read_yaml(path):
        if record.get("kind") not in KINDS or record.get("severity") not in SEVERITIES:
            raise SeedError(path, record["__line__"], f"unknown kind or severity of {record.get('words')!r}")
        plain = folded(record["words"])
        if plain in found:
            continue
        found.add(plain)
        row = Phrase(folded=plain, **{name: record[name] for name in ("words", "lang", "kind", "severity")})
        db.session.add(row)
        added += 1
    db.session.flush()
    return added
