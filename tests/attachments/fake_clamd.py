"""A daemon that speaks clamd's protocol as far as the forum does: PING and INSTREAM. It knows one virus, EICAR."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        self.server.asked.append(command)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM\0":
            content = b""
            while size := struct.unpack("!L", self.rfile.read(4))[0]:
                content += self.rfile.read(size)
            self.server.contents.append(content)
            self.wfile.write(self.server.says or self._verdict(content))

    def _verdict(self, content: bytes) -> bytes:
        return b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0"


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True


@contextmanager
def clamd(where: Path | None, says: bytes = b"") -> Iterator[tuple[str, socketserver.BaseServer]]:
    """A running daemon at a Unix socket, or on TCP without one: (what CLAMAV_SOCKET would be, the server)."""
    server = UnixServer(str(where), Talk) if where else TcpServer(("127.0.0.1", 0), Talk)
    server.asked, server.contents, server.says = [], [], says
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield (f"unix:{where}" if where else f"tcp:127.0.0.1:{server.server_address[1]}"), server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
