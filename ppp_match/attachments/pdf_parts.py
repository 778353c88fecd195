"""What a PDF says in the open and what it says packed: names may be escaped, and objects may lie in compressed streams.

Nothing is interpreted here: `checks.py` looks for words in what this module hands out.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from ppp_match.lifecycle import Refused

NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")  # /Java#53cript is /JavaScript
STREAM = re.compile(rb"(?<!end)stream\r?\n")
HEADER = 4096  # bytes before a stream in which its dictionary says what it holds
MOST_STREAMS = 20_000
MOST_UNPACKED = 50 * 1024 * 1024
PIECE = 4 * 1024 * 1024


def parts_of_pdf(data: bytes) -> Iterator[bytes]:
    """The file as it is, then each of its streams of objects, unpacked, all with names written out.

    Raises Refused: file_bomb past the bounds, file_broken for objects packed in a way that nobody packs them.
    """
    plain = _written_out(data)
    yield plain
    if b"/ObjStm" not in plain:
        return
    total, view = 0, memoryview(data)
    for number, hit in enumerate(STREAM.finditer(data)):
        if number >= MOST_STREAMS:
            raise Refused("file_bomb")
        header = data[max(0, hit.start() - HEADER) : hit.start()].rpartition(b"obj")[2]
        said = _written_out(header)
        if b"/ObjStm" not in said or b"/Filter" not in said:  # what is not packed was seen above
            continue
        unpacked = _inflated(view[hit.end() :])
        total += len(unpacked)
        if total > MOST_UNPACKED or len(unpacked) == PIECE:
            raise Refused("file_bomb")
        yield _written_out(unpacked)


def _written_out(part: bytes) -> bytes:
    return NAME_ESCAPE.sub(lambda hit: bytes([int(hit[1], 16)]), part)


def _inflated(packed: memoryview) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, PIECE)
    except zlib.error:
        raise Refused("file_broken") from None
