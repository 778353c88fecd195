"""Reading seed files so that an error names the file and the line."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


class SeedError(ValueError):
    """A seed file cannot be loaded; the message names file, line and what is wrong."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        where = f"{path.name}, line {line}" if line else path.name
        super().__init__(f"{where}: {problem}")


def read_csv(path: Path, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows (line number, {column: NFC text}) of a UTF-8 CSV file with a header.

    Raises SeedError when the file is missing, not UTF-8, lacks a column, or a row has another number of cells.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(path, None, str(error)) from error
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    lacking = [name for name in required if name not in header]
    if lacking:
        raise SeedError(path, 1, f"column missing: {', '.join(lacking)}")
    for row in reader:
        if not row:
            continue
        if len(row) != len(header):
            raise SeedError(path, reader.line_num, f"{len(row)} cells where the header has {len(header)}")
        yield (
            reader.line_num,
            {k: unicodedata.normalize("NFC", v.strip()) for k, v in zip(header, row, strict=True)},
        )


# The same safe loader in C where PyYAML was built with it: ten times as fast on the demo's listings.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _LineLoader(_SafeLoader):  # type: ignore[misc]
    """SafeLoader that remembers on which line each mapping begins, under the key `__line__`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        mapping["__line__"] = node.start_mark.line + 1
        return mapping


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    if isinstance(value, dict):
        return {key: _nfc(item) for key, item in value.items()}
    return value


def read_yaml(path: Path) -> Any:
    """The file's content with NFC texts; every mapping carries its line number as `__line__`.

    Raises SeedError for a missing or broken file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # _LineLoader derives from SafeLoader, so no tag of the file can build anything but plain data.
        return _nfc(yaml.load(text, Loader=_LineLoader))  # noqa: S506  # nosec B506
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(path, None, str(error)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise SeedError(path, line, error.problem or "not valid YAML") from error
