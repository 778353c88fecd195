"""Asking a ClamAV daemon about some bytes, by its protocol: INSTREAM over a Unix or TCP socket (clamd(8))."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from ppp_match.config import socket_address

SECONDS = 8.0  # shorter than SQLite waits for a writer
PIECE = 64 * 1024
LONGEST_ANSWER = 4096


class Infected(Exception):
    """The scanner knows this content; the message is the name it gives."""


class NoAnswer(Exception):
    """The scanner is away, too slow, or answers what is no answer."""


def scan(data: bytes, address: str) -> None:
    """Return if the scanner finds nothing. Raises Infected, NoAnswer."""
    with _asking(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            connection.sendall(struct.pack("!L", len(piece)) + piece)
        connection.sendall(struct.pack("!L", 0))
        answer = _answer(connection)
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return
    if said.endswith(" FOUND"):
        raise Infected(said.removesuffix(" FOUND"))
    raise NoAnswer(answer or "an empty answer")


def ping(address: str) -> None:
    """Return if the scanner answers. Raises NoAnswer."""
    with _asking(address) as connection:
        connection.sendall(b"zPING\0")
        answer = _answer(connection)
    if answer != "PONG":
        raise NoAnswer(answer or "an empty answer")


@contextmanager
def _asking(address: str) -> Iterator[socket.socket]:
    place = socket_address(address)
    try:
        if isinstance(place, str):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(SECONDS)
        elif place is not None:
            connection = socket.create_connection(place, timeout=SECONDS)
        else:
            raise NoAnswer("no address")
        with connection:
            if isinstance(place, str):
                connection.connect(place)
            yield connection
    except OSError as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


def _answer(connection: socket.socket) -> str:
    found = b""
    while not found.endswith(b"\0") and len(found) < LONGEST_ANSWER:
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        found += piece
    return found.rstrip(b"\0\n").decode("ascii", "replace")
