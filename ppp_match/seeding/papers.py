"""Small files for the demo, drawn and written here, so that the repository holds no binary: all of it fictional."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from PIL import Image, ImageDraw

from ppp_match.attachments.checks import OFFICE

INK, WATER, LAND, WARM = "#1c2440", "#2747d0", "#eef1e6", "#d98a00"
WIDTH, HEIGHT = 900, 600


def sketch(points: Sequence[Sequence[int]]) -> bytes:
    """A map as one draws it on a board: a river, streets, and dots at the given places (percent of the sheet)."""
    image = Image.new("RGB", (WIDTH, HEIGHT), LAND)
    draw = ImageDraw.Draw(image)
    draw.line([(0, 470), (220, 430), (480, 500), (900, 420)], fill=WATER, width=70, joint="curve")
    for x in range(90, WIDTH, 160):
        draw.line([(x, 0), (x + 40, 400)], fill="#c9cdbb", width=8)
    for y in range(70, 400, 110):
        draw.line([(0, y), (WIDTH, y + 30)], fill="#c9cdbb", width=8)
    for across, down in points:
        x, y = across * WIDTH // 100, down * HEIGHT // 100
        draw.ellipse([x - 16, y - 16, x + 16, y + 16], fill=WARM, outline=INK, width=4)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def chart(lines: Sequence[str], bars: Sequence[int]) -> bytes:
    """A PDF of one page: lines of plain Latin text and a row of bars (percent of the tallest)."""
    drawn = ["BT /F1 16 Tf 56 770 Td 22 TL"]
    for line in lines:
        plain = line.encode("ascii", "replace").decode().replace("\\", "").replace("(", "[").replace(")", "]")
        drawn.append(f"({plain}) Tj T*")
    drawn.append("ET 0.15 0.28 0.82 rg")
    for place, bar in enumerate(bars):
        drawn.append(f"{56 + place * 60} 200 42 {bar * 3} re f")
    drawn.append("0.11 0.14 0.25 RG 2 w 50 200 m 545 200 l S")
    content = "\n".join(drawn).encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def letter(paragraphs: Sequence[str]) -> bytes:
    """A DOCX with these paragraphs."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    body = "".join(f"<w:p><w:r><w:t>{escape(one)}</w:t></w:r></w:p>" for one in paragraphs)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{OFFICE}.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{relation}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{head}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def table(rows: Sequence[Sequence[Any]]) -> bytes:
    """A CSV as spreadsheets in Viet Nam open it: UTF-8 with its mark, semicolons."""
    return "\r\n".join(";".join(str(cell) for cell in row) for row in rows).encode("utf-8-sig")


# By the ending of the name: what makes the content of a record.
MADE: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    "png": lambda record: sketch(record["points"]),
    "pdf": lambda record: chart(record["lines"], record["bars"]),
    "docx": lambda record: letter(record["paragraphs"]),
    "csv": lambda record: table(record["rows"]),
}


def content_of(record: Mapping[str, Any]) -> bytes:
    """The content of the file that a record describes. Raises KeyError for one that cannot be made."""
    return MADE[str(record["name"]).rpartition(".")[2]](record)
