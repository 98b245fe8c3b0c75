"""`cinegraph sandbox`: an imitation TMDB on this machine, to try and test against."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from cinegraph.errors import UsageError
from cinegraph.sandbox.faults import parse_faults
from cinegraph.sandbox.server import SandboxServer, make_content
from cinegraph.sandbox.settings import DEFAULT_FILMS, DEFAULT_PORT, SandboxSettings


def sandbox(  # noqa: PLR0917 - Typer makes an option of each
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.")
    ] = DEFAULT_PORT,
    films: Annotated[
        int, typer.Option(min=1, help="Films of the invented world.")
    ] = DEFAULT_FILMS,
    seed: Annotated[int, typer.Option(help="Which invented world, which faults.")] = 1,
    recorded: Annotated[
        Path | None, typer.Option(help="Tell the recorded bodies in this folder.")
    ] = None,
    rate: Annotated[
        int, typer.Option(min=0, help="Requests a second before 429; 0: no limit.")
    ] = 50,
    latency: Annotated[
        str, typer.Option(help="`real` (half within 0.2 s), `none`, or seconds.")
    ] = "real",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=SHARE]",
            help="429, 429-bare, 5xx, slow, cut, html, encoding, empty, not-found, all;"
            " a share of 0.05 unless given. May be repeated.",
        ),
    ] = None,
    fault_until: Annotated[
        float | None, typer.Option(min=0, help="Stop the faults after these seconds.")
    ] = None,
    slow_seconds: Annotated[
        float, typer.Option(min=0, help="What the fault `slow` adds.")
    ] = 5.0,
    retry_after: Annotated[  # noqa: FBT002 - Typer makes a flag of it
        bool, typer.Option(help="Whether 429 of the limit says how long to wait.")
    ] = True,
    key: Annotated[
        str | None, typer.Option(help="The only key accepted; unset: any.")
    ] = None,
) -> None:
    """Serve an imitation TMDB: an invented film world, or recorded bodies."""
    try:
        settings = SandboxSettings(
            port=port,
            films=films,
            seed=seed,
            recorded=recorded,
            rate=rate,
            latency=latency,
            faults=parse_faults(fault or ()),
            fault_until_seconds=fault_until,
            slow_seconds=slow_seconds,
            retry_after=retry_after,
            key=key,
        )
        asyncio.run(_serve(settings))
    except UsageError as error:
        typer.echo(f"error: {error}\nhint: {error.hint}", err=True)
        raise typer.Exit(2) from error


async def _serve(settings: SandboxSettings) -> None:
    """Serve until Ctrl-C or SIGTERM, then tell what was served."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with SandboxServer(make_content(settings), settings) as server:
        typer.echo(_greeting(server, settings))
        await stop.wait()
        typer.echo(server.summary())


def _greeting(server: SandboxServer, settings: SandboxSettings) -> str:
    """Tell what is served, and the setting that makes Cinegraph use it."""
    told = (
        settings.recorded or f"{settings.films:,} invented films, seed {settings.seed}"
    )
    limit = f"{settings.rate} requests/s" if settings.rate else "no limit"
    shares = ", ".join(f"{name} {share:g}" for name, share in settings.faults.items())
    faults = f"faults {shares}" if shares else "no faults"
    return "\n".join(
        [
            f"export TMDB_BASE_URL={server.base_url}",
            f"Telling {told}; {limit}; latency {settings.latency}; {faults}.",
            f"Report: {server.control_url}/report   Stop: Ctrl-C",
        ]
    )
