"""Filters for what people type: one Unicode form, no control characters, no stray blanks."""

from __future__ import annotations

import unicodedata


def _clean(text: str) -> str:
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in normal if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def one_line(text: str | None) -> str:
    """Text of one line: blanks and line ends become single blanks."""
    return " ".join(_clean(text or "").split())


def paragraphs(text: str | None) -> str:
    """Text of several lines, its lines kept, without blanks at their ends."""
    return "\n".join(line.rstrip() for line in _clean(text or "").split("\n")).strip()
