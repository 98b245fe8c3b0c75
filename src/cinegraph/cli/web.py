"""`cinegraph web`: dashboard and API alone."""

import sys
from typing import Annotated

import typer

from cinegraph import bootstrap, settings
from cinegraph.api import open as open_cinegraph
from cinegraph.cli import console
from cinegraph.cli.nodes import stop_event, stop_with_input
from cinegraph.web.serving import serve


def web(
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Listen there; unset: as configured."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="0 takes a free one; unset: 8000."),
    ] = None,
    until_stdin_closes: Annotated[  # noqa: FBT002
        bool, typer.Option("--until-stdin-closes", hidden=True)
    ] = False,
) -> None:
    """Serve dashboard and API until Ctrl-C or SIGTERM; a worker is `cinegraph work`."""
    bootstrap.run_node(_web(host, port, until_stdin_closes=until_stdin_closes))


async def _web(host: str | None, port: int | None, *, until_stdin_closes: bool) -> None:
    loaded, _ = settings.load()
    bootstrap.configure_logging(loaded.log_level)
    stop = stop_event()
    if until_stdin_closes:
        stop_with_input(stop)
    async with open_cinegraph(role="web") as c:
        if stop.is_set():
            raise typer.Exit
        await serve(c, stop, host=host, port=port, on_listening=_introduce)
    console.note("stopped")


def _introduce(address: str) -> None:
    if not sys.stdout.isatty():
        # For whoever started us.
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
    console.note(f"dashboard {address} · API {address}/api/v1/status; Ctrl-C stops")
