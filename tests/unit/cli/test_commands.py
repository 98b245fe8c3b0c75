"""The tree of commands."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import typer

from cinegraph import cli
from cinegraph.cli import COMMANDS, Command, boundary
from cinegraph.errors import ConfigError, SourceUnavailableError, UsageError


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_loads_and_says_what_it_does(command: Command) -> None:
    """A line of COMMANDS leads to a command with a help of its own, whose words fit a screen."""
    loaded = cli.load_command(command)
    assert loaded.help
    assert len(command.help) <= 67


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no", hint="yes"), 2),
        (ConfigError("no", hint="yes"), 2),
        (SourceUnavailableError("down", source="tmdb", endpoint="movie"), 1),
        (KeyboardInterrupt(), 130),
        (SystemExit(143), 143),
        (ZeroDivisionError("secret=hunter2hunter2"), 1),
    ],
)
def test_how_errors_end(
    error: BaseException,
    code: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wrong use is 2, failed work 1, and nobody sees a traceback or a secret."""
    monkeypatch.delenv("CINEGRAPH_LOG_LEVEL", raising=False)

    def fail(**_options: object) -> None:
        raise error

    assert boundary.call(fail, []) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert "hunter2" not in told.err
    assert not told.out


def test_a_bug_names_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    """What nobody foresaw is one line and a file that holds the rest."""

    def fail(**_options: object) -> None:
        raise ZeroDivisionError("by nothing")

    boundary.call(fail, [])
    told = capsys.readouterr().err
    assert "this is a bug of Cinegraph: ZeroDivisionError: by nothing" in told
    path = told.split("story is in ")[1].split(";")[0]
    assert "Traceback" in Path(path).read_text(encoding="utf-8")


def test_debug_shows_the_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer sees where it came from."""
    monkeypatch.setenv("CINEGRAPH_LOG_LEVEL", "debug")

    def fail(**_options: object) -> None:
        raise ZeroDivisionError

    boundary.call(fail, [])
    assert "Traceback" in capsys.readouterr().err


def test_the_help_imports_no_command() -> None:
    """`--help` stays quick because it loads nothing that it does not need."""
    code = (
        "import sys; from cinegraph.cli import boundary, root;"
        "boundary.call(root(), ['--help']);"
        "sys.exit(any(m in sys.modules for m in ('aiohttp', 'oban', 'psycopg', 'rich.live')))"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"cinegraph demo" in done.stdout


def test_typer_errors_are_known() -> None:
    """The base class of a wrong option is found in whichever Click Typer uses."""
    assert issubclass(typer.BadParameter, boundary._CLICK_ERROR)
