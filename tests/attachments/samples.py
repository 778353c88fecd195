"""Small files of every kind, whole unless a test breaks them."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import lru_cache

from PIL import Image

CONTENT_TYPES = "application/vnd.openxmlformats-officedocument.{}+xml"
MAIN = {
    "docx": "wordprocessingml.document.main",
    "xlsx": "spreadsheetml.sheet.main",
    "pptx": "presentationml.presentation.main",
}
OPEN_DOCUMENT = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def picture(kind: str = "png", size: tuple[int, int] = (60, 40), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#2747d0").save(out, kind.upper(), **options)
    return out.getvalue()


def pdf(extra: bytes = b"") -> bytes:
    """One page with a bar on it, and a table of references that is right."""
    drawing = b"0.15 0.28 0.82 rg 20 20 60 100 re f"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b">>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 280] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def with_packed_objects(inside: bytes, *, said: bytes = b"/Filter /FlateDecode") -> bytes:
    """A PDF in which some objects lie in a compressed stream, as programs write them since PDF 1.5."""
    body = zlib.compress(b"9 0 " + inside) if b"Flate" in said else b"9 0 " + inside
    stream = b"<< /Type /ObjStm /N 1 /First 4 %s /Length %d >>\nstream\n%s\nendstream" % (
        said,
        len(body),
        body,
    )
    return pdf().replace(b"xref\n", b"8 0 obj\n%s\nendobj\nxref\n" % stream, 1)


def packed(parts: dict[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(kind: str = "docx", more: dict[str, bytes | str] | None = None, types: str = "") -> bytes:
    declared = f'<Types><Override ContentType="{CONTENT_TYPES.format(MAIN[kind])}"/>{types}</Types>'
    return packed({"[Content_Types].xml": declared, "main.xml": "<x/>", **(more or {})})


def open_document(kind: str = "odt", more: dict[str, bytes | str] | None = None) -> bytes:
    return packed({"mimetype": OPEN_DOCUMENT[kind], "content.xml": "<x/>", **(more or {})})


@lru_cache(maxsize=1)
def all_kinds() -> dict[str, bytes]:
    return {
        "pdf": pdf(),
        "png": picture(),
        "jpg": picture("jpeg"),
        "webp": picture("webp"),
        **{kind: office(kind) for kind in MAIN},
        **{kind: open_document(kind) for kind in OPEN_DOCUMENT},
        "csv": "trạm;mực nước\nA;1,2\n".encode(),
        "txt": "Mực nước tại cầu Ninh Kiều".encode("utf-8-sig"),
    }
