"""Finding phrases in a text: whole words, without regard to case, diacritics and what stands between the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import select

from ppp_match.db import db
from ppp_match.matching.text import fold
from ppp_match.phrases.models import Phrase

BETWEEN = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """The words of a text in small letters without diacritics, single blanks between them."""
    plain = fold(unicodedata.normalize("NFC", text)).lower()
    return BETWEEN.sub(" ", plain).strip()


def phrases() -> list[Phrase]:
    """The phrases that are looked for."""
    return list(db.session.scalars(select(Phrase).where(Phrase.active.is_(True)).order_by(Phrase.folded)))


def find(text: str, among: Iterable[Phrase]) -> list[Phrase]:
    """Those of the phrases that stand in the text."""
    if not text:
        return []
    searched = f" {folded(text)} "
    return [one for one in among if f" {one.folded} " in searched]
