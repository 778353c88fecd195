"""What a file must be to be taken: a kind that we know, whose name and content agree, within bounds, without tricks.

`examine` answers what a file is or raises Refused with a code that `refusals.py` has words for. It reads the whole
content but runs none of it; nothing here asks the network or writes to the disk.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from typing import Any

from PIL import Image

from ppp_match.attachments.models import LONGEST_NAME
from ppp_match.attachments.pdf_parts import parts_of_pdf
from ppp_match.lifecycle import Refused

MOST_PIXELS = 40_000_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200  # of what a packed file becomes to what it was; honest spreadsheets reach 50
RATIO_FROM = 4 * 1024 * 1024  # below this an odd ratio does no harm
MOST_ENTRIES = 2000
PIECE = 256 * 1024


@dataclass(frozen=True)
class Kind:
    """A kind of file: how it is called in the wire's terms and by its endings."""

    media_type: str
    endings: tuple[str, ...]
    previewed: bool = False


OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, Kind] = {
    "pdf": Kind("application/pdf", ("pdf",), previewed=True),
    "png": Kind("image/png", ("png",), previewed=True),
    "jpeg": Kind("image/jpeg", ("jpg", "jpeg"), previewed=True),
    "webp": Kind("image/webp", ("webp",), previewed=True),
    "docx": Kind(f"{OFFICE}.wordprocessingml.document", ("docx",)),
    "xlsx": Kind(f"{OFFICE}.spreadsheetml.sheet", ("xlsx",)),
    "pptx": Kind(f"{OFFICE}.presentationml.presentation", ("pptx",)),
    "odt": Kind("application/vnd.oasis.opendocument.text", ("odt",)),
    "ods": Kind("application/vnd.oasis.opendocument.spreadsheet", ("ods",)),
    "csv": Kind("text/csv; charset=utf-8", ("csv",)),
    "txt": Kind("text/plain; charset=utf-8", ("txt",)),
}
BY_ENDING = {ending: name for name, kind in KINDS.items() for ending in kind.endings}

# An ending of these anywhere in a name is there to deceive: "plan.pdf.exe", "plan.exe.pdf".
RUNNABLE = frozenset(
    {
        *(
            "apk",
            "app",
            "bat",
            "chm",
            "cmd",
            "com",
            "cpl",
            "dll",
            "docm",
            "dotm",
            "exe",
            "hta",
            "htm",
            "html",
            "iso",
        ),
        *(
            "jar",
            "js",
            "jse",
            "jsp",
            "lnk",
            "msi",
            "php",
            "pif",
            "pptm",
            "ps1",
            "py",
            "reg",
            "scr",
            "sh",
            "svg",
        ),
        *("url", "vb", "vbe", "vbs", "wsf", "xhtml", "xlam", "xlsm", "xml"),
    }
)
MAIN_PARTS = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
    "pptx": b"presentationml.presentation.main+xml",
}
RUNS_BY_ITSELF = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
MACROS = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml|macrosheets/|activex/|basic/|scripts/|oleobject[^/]*\.bin$)"
)
INSIDE_RUNNABLE = re.compile(r"\.(exe|dll|js|vbs|bat|cmd|ps1|jar|scr|hta|lnk)$")
COMPOUND = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the old format, in which a document with a password is wrapped
)
MARKUP = re.compile(rb"\s*<(!doctype|html|head|script|svg|\?xml|\?php|iframe|body)", re.IGNORECASE)


BEHIND = re.compile(rb"<(script|html|svg|iframe|\?php|!doctype)", re.IGNORECASE)  # the end of a picture


@dataclass(frozen=True)
class Found:
    """What a file is: its name as it is shown, and its kind (a key of KINDS)."""

    name: str
    kind: str


def examine(name: str, data: bytes, *, most_bytes: int) -> Found:
    """What the file is. Raises Refused: file_empty, file_too_large, file_kind, file_disguised, file_runs, file_locked,
    file_bomb, file_pixels, file_broken."""
    if len(data) > most_bytes:
        raise Refused("file_too_large")
    if not data:
        raise Refused("file_empty")
    shown = clean_name(name)
    endings = shown.lower().split(".")[1:]
    kind = BY_ENDING.get(endings[-1] if endings else "")
    if kind is None:
        raise Refused("file_kind")
    if set(endings) & RUNNABLE:
        raise Refused("file_disguised")
    if kind in ("csv", "txt"):
        _check_text(data)
    elif kind == "pdf":
        _check_pdf(data)
    elif KINDS[kind].media_type.startswith("image/"):
        _check_image(kind, data)
    else:
        _check_packed(kind, data)
    return Found(shown, kind)


def clean_name(name: str) -> str:
    """A name as it may be shown and sent: the last part of a path, composed (NFC), without invisible characters.

    Controls, marks that turn the direction of writing and the like are dropped; the ending is kept where it is short.
    """
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(
        c for c in composed if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    last = re.split(r"[/\\]", visible)[-1]
    last = " ".join(re.sub(r'[<>:"|?*]', "_", last).split()).strip(". ")
    stem, dot, ending = last.rpartition(".")
    if not dot:
        return last[:LONGEST_NAME] or "file"
    stem = stem.rstrip(". ") or "file"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if len(ending) <= 10 else last[:LONGEST_NAME]


def _check_text(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("file_not_utf8") from None
    if any(ord(c) < 32 and c not in "\t\r\n\f" for c in text) or "\x7f" in text:
        raise Refused("file_disguised")
    if MARKUP.match(text[:200].encode()) or text.startswith("%PDF-"):
        raise Refused("file_disguised")
    _refuse_also_packed(data)


def _check_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise Refused("file_disguised")
    if b"%%EOF" not in data[-1024:]:
        raise Refused("file_broken")
    _refuse_also_packed(data)
    for part in parts_of_pdf(data):
        if b"/Encrypt" in part:
            raise Refused("file_locked")
        if RUNS_BY_ITSELF.search(part):
            raise Refused("file_runs")


def _check_image(kind: str, data: bytes) -> None:
    begins = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}[kind]
    if not data.startswith(begins) or (kind == "webp" and data[8:12] != b"WEBP"):
        raise Refused("file_disguised")
    if b"%PDF-" in data[:1024]:
        raise Refused("file_disguised")
    _refuse_also_packed(data)
    width, height = _size_of_image(kind, data)
    if width * height > MOST_PIXELS:
        raise Refused("file_pixels")
    if kind == "png" and not data.endswith(b"IEND\xaeB`\x82"):
        raise Refused("file_disguised")
    if kind == "jpeg" and BEHIND.search(data, data.rfind(b"\xff\xd9") + 2):
        raise Refused("file_disguised")
    if kind == "webp" and abs(struct.unpack("<I", data[4:8])[0] + 8 - len(data)) > 1:
        raise Refused("file_disguised")


def _size_of_image(kind: str, data: bytes) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=[kind.upper()]) as image:
                size: tuple[int, int] = image.size
                if size[0] * size[1] <= MOST_PIXELS:
                    image.verify()
    except Image.DecompressionBombError:
        raise Refused("file_pixels") from None
    except Exception:  # Pillow raises many kinds of error over broken files
        raise Refused("file_broken") from None
    return size


def _check_packed(kind: str, data: bytes) -> None:
    if data.startswith(COMPOUND):
        raise Refused("file_locked")
    if not data.startswith(b"PK\x03\x04"):
        raise Refused("file_disguised")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_entries(packed, data)
            if kind in MAIN_PARTS:
                _check_office(kind, packed)
            else:
                _check_opendocument(kind, packed)
            _unpack(packed, len(data))
    except Refused:
        raise
    except Exception:  # a broken one makes zipfile and zlib raise many kinds of error
        raise Refused("file_broken") from None


def _check_entries(packed: zipfile.ZipFile, data: bytes) -> None:
    entries = packed.infolist()
    if not entries:
        raise Refused("file_disguised")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused("file_locked")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise Refused("file_bomb")
    if unpacked > RATIO_FROM and unpacked > MOST_RATIO * len(data):
        raise Refused("file_bomb")
    if sum(entry.compress_size for entry in entries) > len(data):
        raise Refused("file_bomb")  # entries that share their bytes
    if packed.comment or min(entry.header_offset for entry in entries) != 0:
        raise Refused("file_disguised")  # something else lies before or behind
    names = [entry.filename.lower().replace("\\", "/") for entry in entries]
    if len(set(names)) != len(names) or any(_leads_out(name) for name in names):
        raise Refused("file_disguised")
    if any(MACROS.search(name) or INSIDE_RUNNABLE.search(name) for name in names):
        raise Refused("file_runs")


def _leads_out(name: str) -> bool:
    return (
        name.startswith("/") or ".." in name.split("/") or (len(name) > 1 and name[1] == ":") or "\0" in name
    )


def _check_office(kind: str, packed: zipfile.ZipFile) -> None:
    names = set(packed.namelist())
    if "[Content_Types].xml" not in names:
        raise Refused("file_disguised")
    types = _part(packed, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise Refused("file_runs")
    if MAIN_PARTS[kind] not in types:
        raise Refused("file_disguised")
    for name in names:
        if name.endswith(".rels"):
            part = _part(packed, name)
            if b"attachedTemplate" in part and b"External" in part:
                raise Refused("file_runs")  # loads a template from elsewhere, macros and all


def _check_opendocument(kind: str, packed: zipfile.ZipFile) -> None:
    first = packed.infolist()[0].filename
    if first != "mimetype" or _part(packed, "mimetype").decode("ascii", "replace") != KINDS[kind].media_type:
        raise Refused("file_disguised")
    if "META-INF/manifest.xml" in packed.namelist() and b"encryption-data" in _part(
        packed, "META-INF/manifest.xml"
    ):
        raise Refused("file_locked")


def _part(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as part:
        return part.read(4 * 1024 * 1024)


def _unpack(packed: zipfile.ZipFile, size: int) -> None:
    """Read every entry to its end, so that what it says of its size and checksum is true."""
    total = 0
    for entry in packed.infolist():
        with packed.open(entry) as part:
            while piece := part.read(PIECE):
                total += len(piece)
                if total > MOST_UNPACKED or (total > RATIO_FROM and total > MOST_RATIO * size):
                    raise Refused("file_bomb")


def _refuse_also_packed(data: bytes) -> None:
    """A ZIP is read from its end, so that it can hide behind any other kind of file."""
    if b"PK\x05\x06" not in data[-(65_557):]:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            hidden: Any = packed.infolist()
    except Exception:  # not one, then
        return
    if hidden:
        raise Refused("file_disguised")
