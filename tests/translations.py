"""Every visible string is translated: `python -m tests.translations`, part of `make test`.

English is the language of the message ids, so its catalogue is the code itself; Vietnamese lies in
ppp_match/translations/vi. `--update` brings new strings into the catalogue and drops those that are gone.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "ppp_match" / "translations" / "vi" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def extract() -> Catalog:
    """Every message of code and templates."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog(project="ppp-match", charset="utf-8")
    for folder in ("ppp_match", "templates"):
        found = extract_from_dir(
            str(ROOT / folder), _shifted(methods, folder), _shifted_options(options, folder), KEYWORDS
        )
        for filename, line, message, _comments, context in found:
            catalog.add(message, None, [(f"{folder}/{filename}", line)], context=context)
    return catalog


def _shifted(methods, folder):
    return [
        (pattern.removeprefix(f"{folder}/"), method)
        for pattern, method in methods
        if pattern.startswith(folder)
    ]


def _shifted_options(options, folder):
    return {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}


def read_catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="vi")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def problem_of(wanted: Message, have: Message | None) -> str | None:
    """What is wrong with the translation of one message, or None."""
    if have is None or not have.string or (isinstance(have.string, tuple) and not all(have.string)):
        return "not translated"
    if have.fuzzy:
        return "translation marked fuzzy"
    ids = wanted.id if isinstance(wanted.id, tuple) else (wanted.id,)
    strings = have.string if isinstance(have.string, tuple) else (have.string,)
    allowed = set().union(*(placeholders(i) for i in ids))
    for string in strings:
        if placeholders(string) - allowed:
            return f"unknown placeholder in {string!r}"
        if not isinstance(wanted.id, tuple) and placeholders(string) != allowed:
            return f"placeholder missing in {string!r}"
    return None


def problems() -> list[str]:
    """One line for each message that is not well translated."""
    catalogue = read_catalogue()
    found = []
    for message in extract():
        if not message.id:
            continue
        problem = problem_of(message, catalogue.get(message.id, message.context))
        if problem:
            where = ", ".join(f"{file}:{line}" for file, line in message.locations[:2])
            found.append(f"{where}: {problem}: {message.id!r}")
    return found


def update() -> None:
    """Bring the catalogue to what code and templates say now, keeping translations."""
    old = read_catalogue() if CATALOGUE.exists() else Catalog(locale="vi")
    new = Catalog(locale="vi", project="PPP Match", version="0.1", charset="utf-8", fuzzy=False)
    new.header_comment = "# Vietnamese of PPP Match. The message ids are the English texts."
    new.creation_date = new.revision_date = old.creation_date
    new.msgid_bugs_address = new.last_translator = new.language_team = "PPP Match"
    for message in extract():
        if not message.id:
            continue
        kept = old.get(message.id, message.context)
        string = (
            kept.string
            if kept is not None and kept.string
            else ("" if isinstance(message.id, str) else ("",))
        )
        files = sorted({file for file, _line in message.locations})
        new.add(message.id, string, [(file, None) for file in files], context=message.context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=110, sort_output=True, omit_header=False)


if __name__ == "__main__":
    if "--update" in sys.argv:
        update()
    lines = problems()
    print("\n".join(lines) if lines else "Every message has its Vietnamese.")
    sys.exit(1 if lines else 0)
