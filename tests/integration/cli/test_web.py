"""`cinegraph web`, and the dashboard that `up` starts: where they answer, what they refuse, how they end."""

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from http.client import HTTPResponse

import psutil
import pytest

from polling import eventually

from .conftest import Cli

_TOKEN = "operator-token-0123456789"


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _open(url: str) -> HTTPResponse:
    return urllib.request.urlopen(url, timeout=30)  # type: ignore[no-any-return] # noqa: S310 - ours


def test_it_ends_at_once_with_pages_open(cli: Cli) -> None:
    """An open stream keeps no server from ending; how soon is measured beside the server itself."""
    process = cli.start("web")
    address = _address(process)
    stream = _open(f"{address}/live")
    assert b"retry" in stream.readline()
    done = cli.end(process)
    assert done.code == 0, done.err
    assert b"bye" in stream.read()
    assert "stopped" in done.err


def test_beyond_this_machine_it_wants_a_token(cli: Cli) -> None:
    """Open to everybody is a mistake that is refused; with a token nobody gets in without it."""
    refused = cli("web", "--host", "0.0.0.0")  # noqa: S104 - this is the test
    assert refused.code == 2
    assert "open to everybody" in refused.err
    assert "CINEGRAPH_OPERATOR_TOKEN" in refused.err
    process = cli.start("web", "--host", "0.0.0.0", CINEGRAPH_OPERATOR_TOKEN=_TOKEN)  # noqa: S104
    address = _address(process)
    assert address.startswith("http://localhost:")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        _open(f"{address}/api/v1/status")
    asked = urllib.request.Request(  # noqa: S310 - ours
        f"{address}/api/v1/status", headers={"Authorization": f"Bearer {_TOKEN}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - ours
        assert answer.status == 200
    done = cli.end(process)
    assert _TOKEN not in done.err


def test_a_port_that_is_taken_is_said(cli: Cli) -> None:
    """With what to do about it; a short token likewise."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = cli("web", "--port", port)
    assert done.code == 2
    assert f"port {port} of 127.0.0.1 is taken" in done.err
    assert "--port" in done.err
    short = cli("web", CINEGRAPH_VIEWER_TOKEN="short")
    assert short.code == 2
    assert "at least 16 characters" in short.err
    assert "short" not in short.err.replace("at least", "")


def test_up_serves_it_and_starts_it_again(cli: Cli) -> None:
    """The dashboard's process is killed; `up` goes on, and it comes back."""
    process = cli.start("up")

    def dashboards() -> list[psutil.Process]:
        children = psutil.Process(process.pid).children(recursive=True)
        return [
            child
            for child in children
            if child.status() != psutil.STATUS_ZOMBIE and "web" in child.cmdline()
        ]

    eventually(dashboards)
    [first] = dashboards()
    eventually(lambda: first.net_connections(kind="tcp"))
    first.send_signal(signal.SIGKILL)
    eventually(lambda: [each for each in dashboards() if each.pid != first.pid])
    assert process.poll() is None
    done = cli.end(process)
    assert done.code == 0, done.err
    assert "started again" in done.err
    eventually(lambda: not first.is_running())
