"""What gunicorn cannot read never reaches the application, and still gets a page of ours with the usual headers."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.xdist_group("browser 2")
LONG = b"a" * 9000


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /search?q=" + LONG + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + LONG + b"\r\n\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400),
        (b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: odd\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Name: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
    ],
)
def test_what_is_not_readable_gets_a_page_of_ours(forum, request_, status):
    answer = _ask(forum.address, request_)
    head, _blank, page = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    for name in (b"Content-Security-Policy", b"X-Content-Type-Options: nosniff", b"Cache-Control: no-store"):
        assert name in head
    assert b"Content-Length: %d" % len(page) in head
    assert "Không đọc được yêu cầu này" in page.decode()
    assert b"This request could not be read" in page
    assert b"aaaa" not in page


def test_a_long_address_that_is_not_too_long_is_read(forum):
    head = _ask(forum.address, b"GET /search?q=" + b"a" * 7000 + b" HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 "))


def _ask(address: str, request: bytes) -> bytes:
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        line.sendall(request)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer
