"""What the editor of the lexicon says: kinds of entries, sectors, and what speaks against an entry."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ppp_match.matching.lexicon_lint import SECTORS, Finding
from ppp_match.vocabularies import sector_name

KIND_NAMES: dict[str, Any] = {
    "pair": _l("translation"),
    "vi": _l("Vietnamese synonym"),
    "en": _l("English synonym"),
}
SIDE_NAMES: dict[str, tuple[Any, Any]] = {
    "pair": (_l("In Vietnamese"), _l("In English")),
    "vi": (_l("Vietnamese word or phrase"), _l("Means the same in Vietnamese")),
    "en": (_l("English word or phrase"), _l("Means the same in English")),
}


def sector_words(code: str, lang: str) -> str:
    """A sector of the lexicon: those of the taxonomy, and two of its own."""
    own = {"general": _("any sector"), "ppp": _("public-private partnership"), "": "–"}
    return str(own[code]) if code in own else sector_name(code, lang)


def sector_choices(lang: str) -> list[tuple[str, str]]:
    return [(code, sector_words(code, lang)) for code in SECTORS]


def finding_words(finding: Finding) -> str:
    """What is wrong with one side of an entry, in the reader's language."""
    known = finding.known
    words = {
        "empty": _("Write at least one word."),
        "not_nfc": _("The letters are not in the form NFC. Type the words anew."),
        "untrimmed": _("Take out the blanks at the ends and the double ones."),
        "too_long": _("At most eight words are looked up. Shorten it."),
        "only_function_words": _(
            "These are only small words such as “of” or “và”, which stand in every text."
        ),
        "not_vietnamese": _("This does not look like Vietnamese."),
        "not_english": _("This does not look like English."),
        "diacritics": _("The diacritics are missing. Do you mean “%(known)s”?", known=known)
        if known
        else _("The diacritics seem to be missing."),
        "itself": _("The matcher reads both as the same words already."),
        "duplicate": _("This stands in the lexicon already: %(known)s", known=known),
        "contradiction": _("This says the opposite of what the lexicon holds: %(known)s", known=known),
        "one_way": _("The matcher would not find the entry from this side. Use plain words."),
        "unknown_sector": _("Choose a sector."),
        "not_there": _("The lexicon does not hold this entry any more."),
    }
    return str(words[finding.code])
