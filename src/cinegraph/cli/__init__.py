"""
The command `cinegraph`: thin commands over `cinegraph.api`, one module a group.

May import everything; imported by nobody. To add a command, write a function in the
module of its group, or a new module and one line in `COMMANDS`; its docstring is its
help. What a command says follows four rules: data to stdout and everything else to
stderr; `--json` on every command that reads; no control codes into a pipe; a user's
mistake is an error of `cinegraph.errors` with a hint, never a traceback.

Modules are imported when their command is called, so `cinegraph --help` stays quick.
"""

import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from cinegraph.cli import boundary


class Command(NamedTuple):
    """A command or group of commands, found without importing it."""

    name: str
    place: str
    """`module:attribute`; a function, or a Typer application that is a group."""
    help: str
    """The first line of what its own `--help` says."""
    section: str


_BEGIN, _IMPORT, _LOOK, _RUN = "Begin", "Import", "Look", "Operate"

COMMANDS = (
    Command(
        "demo", "demo:demo", "Films arrive: offline, on its own, in a minute.", _BEGIN
    ),
    Command("up", "nodes:up", "Run everything on this machine.", _BEGIN),
    Command(
        "doctor", "doctor:doctor", "Find what is wrong, and say what to do.", _BEGIN
    ),
    Command("import", "imports:app", "Import films, from one to all of TMDB.", _IMPORT),
    Command(
        "update",
        "update:app",
        "Make fresh what is stored: changes, recent, popular, stale.",
        _IMPORT,
    ),
    Command(
        "runs", "runs:app", "Imports: how far they are; pause, retry, cancel.", _IMPORT
    ),
    Command(
        "festivals", "festivals:app", "Awards: editions, nominees, winners.", _IMPORT
    ),
    Command(
        "enrich", "enrich:app", "What is computed: scores, lists, ...; status.", _IMPORT
    ),
    Command(
        "lists", "lists:app", "Cultural lists: canons, polls, registries.", _IMPORT
    ),
    Command(
        "documents", "documents:app", "JSON you have already, without asking.", _IMPORT
    ),
    Command(
        "rebuild", "rebuild:rebuild", "Make all rows again from documents.", _IMPORT
    ),
    Command("status", "status:status", "The whole at a glance.", _LOOK),
    Command("movie", "movie:movie", "A film, and why it is as it is.", _LOOK),
    Command("people", "people:app", "Who worked with whom; chains of films.", _LOOK),
    Command("gone", "gone:app", "Films that TMDB has no longer, and why.", _LOOK),
    Command("merges", "merges:app", "Films that are another one now; undo.", _LOOK),
    Command("changes", "changes:changes", "What changed in films and people.", _LOOK),
    Command("jobs", "jobs:app", "Single jobs: list, show, retry, cancel.", _LOOK),
    Command("queues", "queues:app", "Queues: list, pause, resume, scale.", _LOOK),
    Command("limits", "limits:limits", "Budgets, quotas and what was asked.", _LOOK),
    Command("alerts", "alerts:alerts", "What is wrong, and what to do.", _LOOK),
    Command("nodes", "machines:nodes", "Worker nodes and their versions.", _LOOK),
    Command("work", "nodes:work", "Run a worker node.", _RUN),
    Command("web", "web:web", "Serve dashboard and API.", _RUN),
    Command(
        "schedules", "schedules:app", "What happens by itself: list, run, pause.", _RUN
    ),
    Command("sandbox", "sandbox:app", "Serve imitation upstreams, play days.", _RUN),
    Command("config", "config:app", "Settings: what is set, and where.", _RUN),
    Command("db", "database:app", "The database: upgrade, backup, psql.", _RUN),
)
_BY_NAME = {command.name: command for command in COMMANDS}


class _Root(TyperGroup):
    """The top of the tree; imports a command's module only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - Click's types move with Typer's version
        """Name every command, in the order of the help."""
        del ctx
        return list(_BY_NAME)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Import a command and return it; `None` when there is none of that name."""
        del ctx
        command = _BY_NAME.get(cmd_name)
        return None if command is None else load_command(command)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the help from `COMMANDS` alone."""
        del ctx
        formatter.write("\n".join(_help_lines()) + "\n")


def load_command(command: Command) -> Any:  # noqa: ANN401 - as above
    """Import the module of *command* and return what Click calls."""
    module, _, attribute = command.place.partition(":")
    found = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        found = _app_of(found)
    loaded = typer.main.get_command(found)
    loaded.name = command.name
    return loaded


def root() -> _Root:
    """Return the whole tree, not yet imported."""
    return _Root(
        name="cinegraph",
        help=__doc__,
        params=[_version_option()],
        no_args_is_help=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )


def main() -> None:
    """Run the command of the process's arguments."""
    sys.exit(boundary.call(root(), sys.argv[1:]))


def _app_of(function: Callable[..., Any]) -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(function)
    return app


def _version_option() -> Any:  # noqa: ANN401 - as above
    probe = typer.Typer(add_completion=False, rich_markup_mode=None)

    def show(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
        if wanted:
            from cinegraph import __version__  # noqa: PLC0415 - only when asked

            typer.echo(f"cinegraph {__version__}")
            raise typer.Exit

    def declare(
        version: bool = typer.Option(  # noqa: FBT001
            False,  # noqa: FBT003
            "--version",
            callback=show,
            is_eager=True,
            help="Say which version this is.",
        ),
    ) -> None:
        del version

    probe.command()(declare)
    return typer.main.get_command(probe).params[0]


def _help_lines() -> Iterable[str]:
    yield "Cinegraph: the film world in your own PostgreSQL."
    yield ""
    yield "Usage: cinegraph COMMAND [--help]"
    for section in (_BEGIN, _IMPORT, _LOOK, _RUN):
        yield ""
        yield f"{section}:"
        for command in COMMANDS:
            if command.section == section:
                yield f"  {command.name:<9} {command.help}"
    yield ""
    yield "Without TMDB_API_KEY begin with `cinegraph demo`; with it, `cinegraph up`."
    yield "Exit codes: 0 done, 1 work failed, 2 wrong use or setting."
