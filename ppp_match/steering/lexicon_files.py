"""The lexicon and changes of it as tables for a spreadsheet, which runs nothing that stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response

from ppp_match.matching.bilingual import Change
from ppp_match.matching.files import csv_line, safe_cell
from ppp_match.steering.lexicon_book import Line

COLUMNS = ("kind", "one", "other", "sector", "source")  # `kind` as in matching.bilingual.Change
COLUMNS_OF_CHANGES = ("action", "kind", "one", "other", "sector")
UTF8 = "\ufeff"  # by which a spreadsheet knows UTF-8


def lines_of(lines: Iterable[Line]) -> Iterator[str]:
    """The lexicon as a table for a spreadsheet."""
    yield csv_line(list(COLUMNS))
    for one in lines:
        yield csv_line([safe_cell(cell) for cell in (*one.entry[1:], one.source)])


def lines_of_changes(changes: Iterable[Change]) -> Iterator[str]:
    """Changes of the lexicon as a table for a spreadsheet."""
    yield csv_line(list(COLUMNS_OF_CHANGES))
    for change in changes:
        yield csv_line([safe_cell(cell) for cell in change])


def csv_file(name: str, lines: Iterable[str]) -> Response:
    """The lines as a file to keep."""
    return Response(
        UTF8 + "".join(lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
