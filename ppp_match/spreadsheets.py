"""What a page lists as a file for a spreadsheet: UTF-8 with its mark, quoted where needed, no cell that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import Response

from ppp_match.matching.files import safe_cell


def _cell(value: Any) -> str:
    if isinstance(value, int | float | Decimal):
        return str(value)
    return "" if value is None else safe_cell(str(value))


def csv_file(name: str, rows: Iterable[Iterable[Any]]) -> Response:
    """The rows, heads first, as a download of that name. A number stays one; None is an empty cell."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        table.writerow([_cell(cell) for cell in row])
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
