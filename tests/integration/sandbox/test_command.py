"""`cinegraph sandbox`, as a person starts and stops it."""

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

_PROGRAM = "import typer; from cinegraph.cli.sandbox import sandbox; typer.run(sandbox)"


def _start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_its_address_and_at_the_end_what_it_served(number: int) -> None:
    """The first line can be given to a shell; Ctrl-C and SIGTERM end it."""
    with _start("--port", "0", "--films", "50", "--latency", "none") as running:
        assert running.stdout is not None
        name, _, url = running.stdout.readline().strip().partition("=")
        with urllib.request.urlopen(f"{url}/movie/popular") as answer:  # noqa: S310 - our own server
            assert answer.status == 200
        running.send_signal(number)
        out, err = running.communicate(timeout=20)

    assert name == "export TMDB_BASE_URL"
    assert running.returncode == 0
    assert "served 1 requests" in out
    assert err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--fault", "nonsense"),
        ("--fault", "cut=2"),
        ("--latency", "never"),
        ("--recorded", "/nowhere"),
    ],
)
def test_a_mistake_ends_with_2_and_a_hint(arguments: tuple[str, ...]) -> None:
    """No traceback: what is wrong, and what to do."""
    with _start("--port", "0", "--films", "50", *arguments) as running:
        _, err = running.communicate(timeout=20)

    assert running.returncode == 2
    assert err.startswith("error: ")
    assert "\nhint: " in err
    assert "Traceback" not in err


def test_a_taken_port_ends_with_2() -> None:
    """The port is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with _start("--port", port, "--films", "50") as running:
            _, err = running.communicate(timeout=20)

    assert running.returncode == 2
    assert port in err
