"""The server: where it listens, and how it ends within a second, streams open or not."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from cinegraph.api import Cinegraph
from cinegraph.errors import ConfigError, UsageError
from cinegraph.web.app import Site

_GRACE_SECONDS = 3
"""For answers that are under way; streams end at once."""
_BACKLOG = 512


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


async def serve(
    c: Cinegraph,
    stop: asyncio.Event,
    *,
    on_listening: Callable[[str], None] = lambda _: None,
    host: str | None = None,
    port: int | None = None,
) -> None:
    """
    Serve dashboard and API until *stop* is set.

    Args:
        c: The deployment.
        stop: Ends it.
        on_listening: Called with the address once it answers.
        host: Instead of the settings'.
        port: Instead of the settings'; 0 takes a free one.

    Raises:
        ConfigError: It would be open to everybody beyond this machine.
        UsageError: The port is taken, or the address is not this machine's.
    """
    host = host or c.settings.web_host
    site = Site(c)
    site.access.require_safe(host)
    # Of every start and stop it tells four lines.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    listening = listen(host, c.settings.web_port if port is None else port)
    server = _Server(
        uvicorn.Config(
            site.application(),
            log_config=None,
            access_log=False,
            server_header=False,
            # Only the guard decides whom a header may name.
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            lifespan="on",
            ws="none",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    stopping = asyncio.create_task(stop.wait())
    try:
        on_listening(address_of(host, listening))
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        site.broadcaster.end_streams()
        server.should_exit = True
        await serving
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """
    Take a port.

    Raises:
        UsageError: It is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(_BACKLOG)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is taken",
                hint="Another Cinegraph may run; or give another port: --port N, CINEGRAPH_WEB_PORT.",
            ) from None
        if error.errno == errno.EACCES:
            raise UsageError(
                f"port {port} is only for root", hint="Give one from 1024 on: --port N."
            ) from None
        raise ConfigError(
            f"cannot listen on {host}: {error.strerror or error}",
            hint="CINEGRAPH_WEB_HOST (--host) is an address of this machine, such as 127.0.0.1 or 0.0.0.0.",
        ) from None
    taken.setblocking(False)  # noqa: FBT003 - the standard library's name
    return taken


def address_of(host: str, listening: socket.socket) -> str:
    """Return where a browser finds it."""
    port = listening.getsockname()[1]
    name = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"
