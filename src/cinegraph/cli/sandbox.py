"""`cinegraph sandbox`: imitation upstreams on this machine, to try and test against."""

import asyncio
import re
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cinegraph.cli.play import play
from cinegraph.errors import UsageError
from cinegraph.sandbox.export_faults import ExportFault, check_export_fault
from cinegraph.sandbox.faults import OmdbFault, parse_faults
from cinegraph.sandbox.server import SandboxServer, make_content
from cinegraph.sandbox.settings import DEFAULT_FILMS, DEFAULT_PORT, SandboxSettings

_EXPORT = "export-"
_FAULT_HELP = (
    "Of TMDB: 429, 429-bare, 5xx, slow, cut, html, encoding, empty, not-found, all."
    f" Of OMDb: {', '.join(OmdbFault)}, omdb-all. A share of 0.05 unless given; may be"
    f" repeated. Of the exports one at a time, without a share: {', '.join(ExportFault)}."
)

app = typer.Typer(add_completion=False, rich_markup_mode=None)
"""The command as a group, for commands below it."""
app.command("play")(play)


@app.callback(invoke_without_command=True)
def sandbox(  # noqa: PLR0917 - Typer makes an option of each
    context: typer.Context,
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
    awards: Annotated[
        Path | None,
        typer.Option(
            help="Serve this nominations table, and invent its films and people."
        ),
    ] = None,
    evolve: Annotated[  # noqa: FBT002 - Typer makes a flag of it
        bool,
        typer.Option(
            "--evolve",
            help="Let the invented world go on: new films, changes and their feed.",
        ),
    ] = False,
    pace: Annotated[
        float,
        typer.Option(min=0, help="With --evolve: how many times as much happens."),
    ] = 1.0,
    rate: Annotated[
        int, typer.Option(min=0, help="TMDB requests a second before 429; 0: no limit.")
    ] = 50,
    latency: Annotated[
        str, typer.Option(help="`real` (half within 0.2 s), `none`, or seconds.")
    ] = "real",
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=SHARE]", help=_FAULT_HELP)
    ] = None,
    fault_until: Annotated[
        float | None,
        typer.Option(
            min=0, help="Stop the faults, but of exports, after these seconds."
        ),
    ] = None,
    slow_seconds: Annotated[
        float, typer.Option(min=0, help="What the faults `slow` and `omdb-slow` add.")
    ] = 5.0,
    cache_seconds: Annotated[
        int,
        typer.Option(
            min=0,
            help="Give TMDB's answers again for so long, whatever has changed; TMDB's live up to 28800.",
        ),
    ] = 0,
    retry_after: Annotated[  # noqa: FBT002 - Typer makes a flag of it
        bool, typer.Option(help="Whether 429 of the limit says how long to wait.")
    ] = True,
    key: Annotated[
        str | None, typer.Option(help="The only key TMDB accepts; unset: any.")
    ] = None,
    omdb_limit: Annotated[
        int, typer.Option(min=0, help="OMDb requests a key and day; 0: no limit.")
    ] = 0,
    omdb_key: Annotated[
        str | None, typer.Option(help="The only key OMDb accepts; unset: any.")
    ] = None,
    omdb_reset: Annotated[
        str, typer.Option(metavar="HH:MM", help="When OMDb's day begins, in UTC.")
    ] = "00:00",
) -> None:
    """Serve imitations of TMDB, its exports, OMDb, IMDb and awards: invented, or recorded."""
    if context.invoked_subcommand is not None:
        return
    try:
        shares, export_fault = _read_faults(fault or ())
        settings = SandboxSettings(
            port=port,
            films=films,
            seed=seed,
            recorded=recorded,
            awards=awards,
            evolve=evolve,
            pace=_read_pace(pace),
            rate=rate,
            latency=latency,
            faults=shares,
            fault_until_seconds=fault_until,
            slow_seconds=slow_seconds,
            cache_seconds=cache_seconds,
            retry_after=retry_after,
            key=key,
            omdb_limit=omdb_limit,
            omdb_key=omdb_key,
            omdb_reset_seconds=_read_reset(omdb_reset),
            export_fault=export_fault,
        )
        asyncio.run(_serve(settings))
    except UsageError as error:
        typer.echo(f"error: {error}\nhint: {error.hint}", err=True)
        raise typer.Exit(2) from error


def _read_faults(words: Iterable[str]) -> tuple[dict[str, float], str | None]:
    """Tell shares of answers from the one state of the exports (UsageError: neither)."""
    states = [word for word in words if word.startswith(_EXPORT)]
    if len(states) > 1:
        raise UsageError(
            f"the exports cannot be {' and '.join(states)}",
            hint="Give one of them; it can be changed while the sandbox runs.",
        )
    for state in states:
        check_export_fault(state)
    shares = parse_faults(word for word in words if word not in states)
    return shares, next(iter(states), None)


def _read_pace(pace: float) -> float:
    """Check how fast the world goes on (UsageError: it would stand still)."""
    if not pace > 0:
        raise UsageError(
            f"--pace {pace:g} lets nothing happen",
            hint="Leave --evolve out for a world that stands still.",
        )
    return pace


def _read_reset(text: str) -> int:
    """Read an hour and minute as a second of the day (UsageError: it is none)."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise UsageError(
            f"--omdb-reset {text!r} is no time of day", hint="Write it as in 06:30."
        )
    return 3600 * int(found[1]) + 60 * int(found[2])


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
    """Tell what is served, and the settings that make Cinegraph use it."""
    told = (
        settings.recorded or f"{settings.films:,} invented films, seed {settings.seed}"
    )
    if settings.awards is not None and settings.recorded is None:
        told = f"{told}, and those of {settings.awards.name}"
    if settings.evolve:
        told = f"{told}, going on"
    limit = f"{settings.rate} requests/s" if settings.rate else "no limit"
    shares = [f"{name} {share:g}" for name, share in settings.faults.items()]
    states = [settings.export_fault] if settings.export_fault else []
    faults = f"faults {', '.join(shares + states)}" if shares + states else "no faults"
    return "\n".join(
        [
            f"export TMDB_BASE_URL={server.base_url}",
            f"export TMDB_EXPORTS_URL={server.exports_url}",
            f"export OMDB_BASE_URL={server.omdb_url}",
            f"export IMDB_DATASETS_URL={server.imdb_url}",
            # Any key will do; without one no command asks.
            f"export TMDB_API_KEY={settings.key or 'any-key-will-do'}",
            f"export CINEGRAPH_OSCARS_URL={server.oscars_url}",
            f"export CINEGRAPH_AWARD_EVENTS_URL={server.award_events_url}",
            f"Telling {told}; {limit}; latency {settings.latency}; {faults}.",
            _omdb_line(settings),
            f"Report: {server.control_url}/report   Stop: Ctrl-C",
        ]
    )


def _omdb_line(settings: SandboxSettings) -> str:
    """Tell what OMDb does."""
    limit = f"{settings.omdb_limit:,} requests" if settings.omdb_limit else "no limit"
    hours, minutes = divmod(settings.omdb_reset_seconds // 60, 60)
    key = "one key only" if settings.omdb_key else "any key"
    return f"OMDb: {limit} a day, which begins at {hours:02d}:{minutes:02d} UTC; {key}."
