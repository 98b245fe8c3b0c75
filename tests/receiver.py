"""A receiver of messages about alerts: a real HTTP server on this machine, as Apprise's `json://` wants one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came, and how it is answered."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.waits = threading.Event()
        self.waits.set()
        self.port = 0

    def url(self, path: str = "alerts") -> str:
        """Return where messages go, with a password in it."""
        return f"json://robot:s3cretpassw0rd@127.0.0.1:{self.port}/{path}"

    @property
    def titles(self) -> list[str]:
        """Of what came."""
        return [message["title"] for message in self.messages]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen within the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.waits.wait(10)
            if receiver.status < 400:
                receiver.messages.append(json.loads(body))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.waits.set()
            server.shutdown()
