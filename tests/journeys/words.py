"""The words of the pages in the language of a journey: the same catalogue and vocabularies that the forum uses.

A journey asks for English texts, as the code does; `Words("vi")` answers with what a Vietnamese page shows.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "seeds" / "reference"


@cache
def _catalogue() -> Catalog:
    with (ROOT / "ppp_match/translations/vi/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="vi")


@cache
def _vocabularies() -> dict[str, Any]:
    return yaml.safe_load((REFERENCE / "vocabularies.yaml").read_text(encoding="utf-8"))


@cache
def _sectors() -> dict[str, dict[str, str]]:
    with (REFERENCE / "taxonomy.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


class Words:
    """`words("Sign in")` is "Đăng nhập" on a Vietnamese page. A text that the catalogue lacks is an error."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, text: str, **values: Any) -> str:
        if self.lang == "vi":
            message = _catalogue().get(text)
            assert message is not None, f"not in the catalogue: {text!r}"
            assert message.string, f"not translated: {text!r}"
            said = message.string
            text = said if isinstance(said, str) else said[0]
        return text % values if values else text

    def many(self, one: str, more: str, number: int) -> str:
        """The form of a text for a number."""
        text = self(one) if self.lang == "vi" or number == 1 else more
        return text % {"num": number}

    def stem(self, text: str) -> str:
        """The part of a text before its first value."""
        return self(text).split("%(")[0].strip()

    def term(self, vocabulary: str, code: str) -> str:
        """The name of a choice, as a form shows it."""
        found = next(term for term in _vocabularies()[vocabulary] if term["code"] == code)
        return str(found[self.lang])

    def sector(self, code: str) -> str:
        return _sectors()[code][self.lang]
