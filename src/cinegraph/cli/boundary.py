"""The border to the shell: exit codes, and errors as a person reads them."""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from cinegraph import clock
from cinegraph.errors import (
    ChangesForgottenError,
    CinegraphError,
    ConfigError,
    UsageError,
)
from cinegraph.scrubbing import scrub

DONE = 0
FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
_BROKEN_PIPE = 141
_WRONG_USE = ConfigError | UsageError | ChangesForgottenError


def _ancestor(name: str) -> type[Exception]:
    # Typer brings its own copy of Click in some versions and uses Click's in others.
    return next(base for base in typer.BadParameter.__mro__ if base.__name__ == name)


_CLICK_ERROR = _ancestor("ClickException")
_BARE_GROUP = "NoArgsIsHelpError"
"""What Click raises where a group is called without a command; it cannot be imported from every version."""


def call(command: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Run *command*, a Click command, and return the exit code."""
    try:
        result = command(
            args=list(arguments), prog_name="cinegraph", standalone_mode=False
        )
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough; Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last place that can tell it well
        return _tell(error, _find_path(command, arguments))
    return result if isinstance(result, int) else DONE


def _find_path(command: Any, arguments: Sequence[str]) -> str:  # noqa: ANN401 - Click's types move with Typer's version
    """Return which command arguments call: Click says so of most mistakes, not of an option without its value."""
    path = ["cinegraph"]
    for word in arguments:
        find = getattr(command, "get_command", None)
        command = None if find is None else find(None, word)
        if command is None:
            break
        path.append(word)
    return " ".join(path)


def _tell(error: Exception, path: str) -> int:
    if type(error).__name__ == _BARE_GROUP:
        # Its message is the help that was asked for.
        typer.echo(str(getattr(error, "message", error)))
        return DONE
    from cinegraph.cli.console import complain  # noqa: PLC0415 - not for --help

    if isinstance(error, _CLICK_ERROR):
        complain(*_explain_use(error, path))
        return WRONG_USE
    if isinstance(error, CinegraphError):
        _show_traceback()
        complain(str(error), error.hint)
        return WRONG_USE if isinstance(error, _WRONG_USE) else FAILED
    _show_traceback()
    where = _keep_traceback(error)
    complain(
        f"this is a bug of Cinegraph: {type(error).__name__}: {_first_line(error)}",
        f"The whole story is in {where}; CINEGRAPH_LOG_LEVEL=debug shows it here.",
    )
    return FAILED


def _explain_use(error: Any, path: str) -> tuple[str, str]:  # noqa: ANN401 - whichever Click
    context = getattr(error, "ctx", None)
    path = path if context is None else context.command_path
    return error.format_message().rstrip("."), f"`{path} --help` says what it takes."


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["without a word"])[0]


def _show_traceback() -> None:
    # The settings may be what is wrong, so this one is read where it is.
    if os.environ.get("CINEGRAPH_LOG_LEVEL", "").lower() == "debug":
        sys.stderr.write(scrub(traceback.format_exc()))


def _keep_traceback(error: Exception) -> Path | str:
    text = scrub("".join(traceback.format_exception(error)))
    stamp = clock.real_now().strftime("%Y%m%d-%H%M%S")
    try:
        handle, path = tempfile.mkstemp(f"-{stamp}.log", "cinegraph-bug-", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        return "no file (the temporary folder cannot be written)"
    return Path(path)
