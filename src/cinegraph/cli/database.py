"""`cinegraph db`: the database itself."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import typer
from rich.text import Text

from cinegraph import bootstrap, settings, words
from cinegraph.cli import console
from cinegraph.db import address, backup, schema
from cinegraph.errors import UsageError

app = typer.Typer(
    help="The database: upgrade, backup, psql.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the schema to this version, making the database when there is none."""
    with _opened(makes=True) as url:
        before = schema.check(url).current
        after = schema.ensure(url).current
    if before == after:
        console.show(Text(f"the schema is at {after} already"))
    else:
        console.show(Text(f"the schema went from {before or 'nothing'} to {after}"))


@app.command("url")
def url_(
    password: Annotated[  # noqa: FBT002
        bool, typer.Option("--password", help="With the password, for programs.")
    ] = False,
) -> None:
    """Write the address of the database; of our own server it works while that runs."""
    with _opened() as url:
        has_password = bool(address.parse(url).get("password"))
        hidden = has_password and not password
        console.show(Text(without_password(url) if hidden else url, no_wrap=True))


def without_password(url: str) -> str:
    """Return *url*, in either form, as one that programs take, but without its secrets."""
    parts = address.parse(url)
    for secret in ("password", "sslpassword"):
        parts.pop(secret, None)
    user = f"{quote(parts.pop('user'), safe='')}@" if "user" in parts else ""
    database = quote(parts.pop("dbname", ""), safe="")
    place = ""
    # A socket's folder, an IPv6 address and several hosts can be said in the query only.
    if re.fullmatch(r"[\w.-]+", parts.get("host", "")):
        port = parts.pop("port", "")
        place = parts.pop("host") + (f":{port}" if port else "")
    query = f"?{urlencode(parts, quote_via=quote)}" if parts else ""
    return f"postgresql://{user}{place}/{database}{query}"


@app.command("psql")
def psql(
    sql: Annotated[
        str | None,
        typer.Option("--command", "-c", metavar="SQL", help="Run it and end."),
    ] = None,
) -> None:
    """Open psql on the database; our own server runs as long as it does."""
    with _opened() as url:
        command = backup.psql_command(url)
        argv = [*command.argv, *(["--command", sql] if sql is not None else [])]
        # A child, not exec: this process keeps our own server running.
        code = os.waitstatus_to_exitcode(_run_in_foreground(argv, command.environment))
    if code:
        raise typer.Exit(1)


@app.command("backup")
def backup_(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="Made; must not exist.")
    ],
    overwrite: Annotated[bool, typer.Option(help="Replace it.")] = False,  # noqa: FBT002
) -> None:
    """Write the whole database into one file; workers may go on."""
    with _opened() as url:
        done = backup.backup(url, target, overwrite=overwrite)
    console.show(Text(f"wrote {done.path} ({words.size(done.size_bytes)})"))


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What backup wrote.")],
    replace: Annotated[  # noqa: FBT002
        bool, typer.Option("--replace", help="Drop everything in the database first.")
    ] = False,
) -> None:
    """Fill the database from a backup, wholly or not at all; stop the workers first."""
    with _opened(makes=True) as url:
        backup.restore(url, source, replace=replace)
        schema.ensure(url)
    console.show(Text(f"restored {source}"))


@contextmanager
def _opened(*, makes: bool = False) -> Iterator[str]:
    loaded, _ = settings.load()
    bootstrap.configure_logging("warning")
    bootstrap.register_secrets(loaded)
    if not makes:
        bootstrap.require_database(loaded)
    with bootstrap.open_database(loaded) as url:
        yield url


def _run_in_foreground(argv: list[str], extra: dict[str, str]) -> int:
    """Run a program that has the terminal, and so Ctrl-C, to itself; return its status."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = os.posix_spawn(
            argv[0], argv, {**os.environ, **extra}, setsigdef=[signal.SIGINT]
        )
        return os.waitpid(child, 0)[1]
    except FileNotFoundError:
        raise UsageError(
            f"{argv[0]} is gone", hint="Install psql, or mend PATH."
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)
