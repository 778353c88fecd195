"""Needs and capabilities as plain data, and the readers of their JSON Lines form.

Here: the two frozen dataclasses that the whole matcher works on, `read_needs`, `read_capabilities`, and
`InputError`, which names the file and the line. Not here: the meaning of the words (text.py), the rules
between a need and a capability (rules.py), the result files (files.py).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any, TypeVar

__all__ = [
    "Capability",
    "Document",
    "InputError",
    "Need",
    "document_from_json",
    "document_to_json",
    "numbered_lines",
    "read_capabilities",
    "read_needs",
]


class InputError(ValueError):
    """A file that cannot be used. `file` names it, `line` counts from 1 (0: the file as a whole)."""

    def __init__(self, message: str, file: str = "", line: int = 0) -> None:
        self.file = file
        self.line = line
        self.reason = message
        place = f"{file}, line {line}: " if file and line else f"{file}: " if file else ""
        super().__init__(place + message)


@dataclass(frozen=True, slots=True)
class Document:
    """What needs and capabilities share. Texts are kept as written; money is in US dollars.

    `text` may be in one language (`lang`, a BCP 47 tag; None: detected), `alt_title` and `alt_text` hold
    the same text in a second one. `organisation` and `affiliated` are opaque identifiers for the
    affiliation rule. `published` is an ISO date.
    """

    id: str
    text: str
    title: str = ""
    lang: str | None = None
    sectors: tuple[str, ...] = ()
    contract_forms: tuple[str, ...] = ()
    alt_title: str = ""
    alt_text: str = ""
    alt_lang: str | None = None
    languages: tuple[str, ...] = ()
    organisation: str | None = None
    affiliated: tuple[str, ...] = ()
    sdgs: tuple[str, ...] = ()
    ascf_areas: tuple[str, ...] = ()
    stage: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Need(Document):
    """What a city asks for. `requirements` are must-haves, `exclusions` what it does not want."""

    country: str | None = None
    city: str | None = None
    budget_min_usd: float | None = None
    budget_max_usd: float | None = None
    timeline_months: float | None = None
    partner_kinds: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capability(Document):
    """What a vendor offers. `not_offered` says what it does not do: evidence against, never for."""

    company: str | None = None
    home_country: str | None = None
    countries_served: tuple[str, ...] = ()
    min_project_usd: float | None = None
    max_project_usd: float | None = None
    offer_kinds: tuple[str, ...] = ()
    confirmed_references: int | None = None
    pending_references: int | None = None  # the client has been asked and has not answered yet
    not_offered: str = ""
    at_capacity: bool | None = None


_Reader = Callable[[str, Any], Any]
_D = TypeVar("_D", Need, Capability)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f'"{key}" must be a string, not {_kind(value)}')
    return value.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate could not be written out again


def _identifier(key: str, value: Any) -> str:
    text = _text(key, value)
    if not text.strip():
        raise InputError(f'"{key}" must not be empty')
    return text


def _code(key: str, value: Any) -> str:
    return _text(key, value).strip()


def _country(key: str, value: Any) -> str:
    return _code(key, value).upper()


def _list_of(reader: _Reader) -> _Reader:
    def read(key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise InputError(f'"{key}" must be a list of strings, not {_kind(value)}')
        return tuple(dict.fromkeys(item for item in (reader(key, one) for one in value) if item))

    return read


def _number(key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f'"{key}" must be a number, not {_kind(value)}')
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f'"{key}" must be a finite number')
    if number < 0:
        raise InputError(f'"{key}" must not be negative')
    return number


def _count(key: str, value: Any) -> int:
    number = _number(key, value)
    if number != int(number):
        raise InputError(f'"{key}" must be a whole number')
    return int(number)


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f'"{key}" must be true or false, not {_kind(value)}')
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {
        bool: "true/false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


_CODES = _list_of(_code)
_READERS: dict[str, _Reader] = {
    "id": _identifier,
    "text": _text,
    "title": _text,
    "lang": _code,
    "alt_title": _text,
    "alt_text": _text,
    "alt_lang": _code,
    "sectors": _CODES,
    "contract_forms": _CODES,
    "languages": _CODES,
    "organisation": _code,
    "affiliated": _CODES,
    "sdgs": _CODES,
    "ascf_areas": _CODES,
    "stage": _code,
    "published": _code,
    "country": _country,
    "city": _text,
    "budget_min_usd": _number,
    "budget_max_usd": _number,
    "timeline_months": _number,
    "partner_kinds": _CODES,
    "requirements": _list_of(_text),
    "exclusions": _list_of(_text),
    "company": _text,
    "home_country": _country,
    "countries_served": _list_of(_country),
    "min_project_usd": _number,
    "max_project_usd": _number,
    "offer_kinds": _CODES,
    "confirmed_references": _count,
    "pending_references": _count,
    "not_offered": _text,
    "at_capacity": _flag,
}


def document_from_json(kind: type[_D], record: Any) -> _D:
    """One document of `kind` from a decoded JSON object; keys it doesn't know are ignored, null means
    missing.

    Raises InputError (without file and line) where a key is missing or of the wrong type.
    """
    if not isinstance(record, dict):
        raise InputError(f"expected a JSON object, not {_kind(record)}")
    values: dict[str, Any] = {}
    for field in fields(kind):
        if record.get(field.name) is not None:
            values[field.name] = _READERS[field.name](field.name, record[field.name])
    for key in ("id", "text"):
        if key not in values:
            raise InputError(f'"{key}" is missing')
    return kind(**values)


def document_to_json(document: Document) -> dict[str, Any]:
    """The JSON object of a document, without the keys that hold their default."""
    record: dict[str, Any] = {}
    for field in fields(document):
        value = getattr(document, field.name)
        if value != field.default:
            record[field.name] = list(value) if isinstance(value, tuple) else value
    return record


def numbered_lines(source: str | Path | IO[str] | IO[bytes]) -> tuple[str, Iterator[tuple[int, str]]]:
    """The name of `source`, and its lines as (number from 1, text without line end). A leading BOM is
    dropped.

    Raises InputError where the file cannot be read or a line is not UTF-8.
    """
    if isinstance(source, (str, Path)):
        name = str(source)
        try:
            data: bytes | str = Path(source).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"cannot be read ({reason})", name) from error
    else:
        name = str(getattr(source, "name", "<input>"))
        data = source.read()
    if isinstance(data, str):
        return name, _text_lines(data)
    return name, _byte_lines(data, name)


def _text_lines(data: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data.removeprefix("\ufeff").split("\n"), start=1):
        yield number, line.removesuffix("\r")


def _byte_lines(data: bytes, name: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            yield number, line.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise InputError(f"is not UTF-8 text (byte {error.start + 1})", name, number) from error


def _read(kind: type[_D], source: str | Path | IO[str] | IO[bytes]) -> list[_D]:
    name, lines = numbered_lines(source)
    found: list[_D] = []
    first_line: dict[str, int] = {}
    for number, line in lines:
        if not line.strip():
            continue
        try:
            document = document_from_json(kind, json.loads(line))
        except InputError as error:
            raise InputError(error.reason, name, number) from None
        except RecursionError:
            raise InputError("is nested too deeply", name, number) from None
        except json.JSONDecodeError as error:
            raise InputError(f"is not valid JSON ({error.msg}, column {error.colno})", name, number) from None
        except ValueError as error:  # an integer of more digits than Python converts
            raise InputError(f"cannot be read ({str(error).split(';')[0]})", name, number) from None
        if document.id in first_line:
            raise InputError(
                f'the id "{document.id}" already stands in line {first_line[document.id]}', name, number
            )
        first_line[document.id] = number
        found.append(document)
    return found


def read_needs(source: str | Path | IO[str] | IO[bytes]) -> list[Need]:
    """The needs of a JSON Lines file (a path or an open file), in its order. Raises InputError."""
    return _read(Need, source)


def read_capabilities(source: str | Path | IO[str] | IO[bytes]) -> list[Capability]:
    """The capabilities of a JSON Lines file (a path or an open file), in its order. Raises InputError."""
    return _read(Capability, source)
