"""`cinegraph sandbox`, as a person starts and stops it."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
import typer
from typer.testing import CliRunner

from cinegraph.cli.sandbox import app, sandbox
from polling import PATIENCE_SECONDS

_PROGRAM = "import typer; from cinegraph.cli.sandbox import sandbox; typer.run(sandbox)"


def _start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _greeting(running: subprocess.Popen[str]) -> list[str]:
    """Read what it says at its start."""
    assert running.stdout is not None
    lines = [running.stdout.readline().strip()]
    while not lines[-1].startswith("Report: "):
        lines.append(running.stdout.readline().strip())
        assert len(lines) < 20
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_its_address_and_at_the_end_what_it_served(number: int) -> None:
    """The first line can be given to a shell; Ctrl-C and SIGTERM end it."""
    with _start("--port", "0", "--films", "50", "--latency", "none") as running:
        greeting = _greeting(running)
        name, _, url = greeting[0].partition("=")
        with urllib.request.urlopen(f"{url}/movie/popular") as answer:  # noqa: S310 - our own server
            assert answer.status == 200
        running.send_signal(number)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)

    assert name == "export TMDB_BASE_URL"
    assert [line.partition("=")[0] for line in greeting[1:7]] == [
        "export TMDB_EXPORTS_URL",
        "export OMDB_BASE_URL",
        "export IMDB_DATASETS_URL",
        "export TMDB_API_KEY",
        "export CINEGRAPH_OSCARS_URL",
        "export CINEGRAPH_AWARD_EVENTS_URL",
    ]
    assert running.returncode == 0
    assert "served 1 requests" in out
    assert err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--fault", "nonsense"),
        ("--fault", "cut=2"),
        ("--fault", "omdb-nonsense"),
        ("--fault", "export-nonsense"),
        ("--fault", "export-half", "--fault", "export-tiny"),
        ("--omdb-reset", "25:00"),
        ("--omdb-reset", "noon"),
        ("--latency", "never"),
        ("--recorded", "/nowhere"),
    ],
)
def test_a_mistake_ends_with_2_and_a_hint(arguments: tuple[str, ...]) -> None:
    """No traceback: what is wrong, and what to do."""
    done = CliRunner().invoke(app, ["--port", "0", "--films", "50", *arguments])

    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "\nhint: " in done.stderr
    assert "Traceback" not in done.output


def test_a_taken_port_ends_with_2() -> None:
    """The port is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with _start("--port", port, "--films", "50") as running:
            _, err = running.communicate(timeout=PATIENCE_SECONDS)

    assert running.returncode == 2
    assert port in err


def test_options_reach_every_upstream() -> None:
    """OMDb's quota, key and faults, and the state of the exports, are what was asked for."""
    arguments = ("--omdb-limit", "2", "--omdb-key", "right", "--omdb-reset", "06:30")
    faults = ("--fault", "omdb-na=1", "--fault", "export-missing", "--fault", "cut=0.1")
    with _start(
        "--port", "0", "--films", "50", "--latency", "none", *arguments, *faults
    ) as running:
        greeting = _greeting(running)
        url = greeting[0].partition("=")[2]
        with urllib.request.urlopen(f"{url[:-2]}/_sandbox/report") as answer:  # noqa: S310 - our own server
            report = json.load(answer)
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=PATIENCE_SECONDS)

    assert report["omdb"]["limit"] == 2
    assert report["omdb"]["reset_seconds"] == 23_400
    assert report["exports"]["fault"] == "export-missing"
    assert (
        "OMDb: 2 requests a day, which begins at 06:30 UTC; one key only." in greeting
    )
    assert any("faults omdb-na 1, cut 0.1, export-missing" in line for line in greeting)
    assert "OMDb: served 0 requests" in out


def test_other_commands_fit_below_it() -> None:
    """As a group it serves only when no command below it is named."""
    group = typer.Typer()
    group.callback(invoke_without_command=True)(sandbox)

    @group.command()
    def below() -> None:
        typer.echo("instead")

    done = CliRunner().invoke(group, ["below"])

    assert (done.exit_code, done.output) == (0, "instead\n")
    assert app.registered_callback is not None
    assert app.registered_callback.invoke_without_command
