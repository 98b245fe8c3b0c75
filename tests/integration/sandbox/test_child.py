"""The imitation in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import pytest

from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError
from cinegraph.sandbox import SandboxSettings, start_child
from polling import eventually

_SETTINGS = SandboxSettings(port=0, films=50, latency="none")
_ORPHAN = """
import os, sys, time
from cinegraph.sandbox import SandboxSettings, start_child
child = start_child(SandboxSettings(port=0, films=50, latency="none"))
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_serves_until_it_is_stopped() -> None:
    """It answers as soon as it is returned, and is gone after."""
    with start_child(_SETTINGS) as child:
        with urllib.request.urlopen(f"{child.base_url}/movie/popular") as answer:  # noqa: S310 - our own server
            assert json.load(answer)["results"]
        pid = child.pid

    assert not psutil.pid_exists(pid)


def test_a_child_ends_with_its_parent() -> None:
    """Also when the parent is killed with -9, nothing stays behind."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _ORPHAN], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()

    eventually(lambda: not _is_running(pid), within_seconds=10)


def _is_running(pid: int) -> bool:
    """Tell whether the process still works; a zombie nobody reaps has ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_childs_mistake_reaches_its_parent(tmp_path: Path) -> None:
    """A folder without a recording is the same error as without a child."""
    with pytest.raises(UsageError, match="no recording"):
        start_child(_SETTINGS.model_copy(update={"recorded": tmp_path}))


def test_a_taken_port_reaches_the_parent() -> None:
    """So does a port that is taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UsageError, match=str(port)):
            start_child(_SETTINGS.model_copy(update={"port": port}))


def test_the_child_is_not_us() -> None:
    """Its CPU time can be told from ours."""
    with start_child(_SETTINGS) as child:
        assert child.pid != os.getpid()


def test_a_child_is_steered_through_its_pipe() -> None:
    """Clock, exports and faults can be changed, and the report has every part."""
    then = datetime(2027, 1, 15, 9, tzinfo=UTC)
    with start_child(_SETTINGS.model_copy(update={"omdb_limit": 1})) as child:
        child.set_clock(ClockSetting(then, speed=0.0))
        export = f"{child.exports_url}/movie_ids_01_15_2027.json.gz"
        statuses = [_status(export), _status(f"{child.omdb_url}/?i=tt1&apikey=k")]
        child.change_export_fault("export-missing", date(2027, 1, 15))
        child.change_faults({"omdb-522": 1.0})
        statuses += [_status(export), _status(f"{child.omdb_url}/?i=tt1&apikey=k")]
        child.change_export_fault(None)
        child.change_faults({})
        statuses += [_status(export), _status(f"{child.omdb_url}/?i=tt1&apikey=k")]
        statuses.append(_status(f"{child.imdb_url}/title.ratings.tsv.gz"))
        told = child.clock()
        report = child.report()
        child.reset()
        fresh = child.report()

    assert statuses == [200, 200, 404, 522, 200, 401, 200]
    assert told["now"] == then.isoformat()
    assert report["omdb"]["days"][0]["day"] == "2027-01-15"
    assert report["omdb"]["most_in_flight"] == 1
    assert report["exports"]["first_day"] == "2027-01-15"
    assert (report["exports"]["requests"], report["requests"]) == (4, 0)
    assert fresh["omdb"]["requests"] == fresh["exports"]["requests"] == 0


def _status(url: str) -> int:
    """Ask, and give the status."""
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_wish_that_cannot_be_reaches_the_parent() -> None:
    """It is told with a hint, and the child goes on."""
    with start_child(_SETTINGS) as child:
        with pytest.raises(UsageError) as caught:
            child.change_faults({"nonsense": 1.0})
        with pytest.raises(UsageError, match="nonsense"):
            child.change_export_fault("nonsense")
        with pytest.raises(UsageError, match="cannot run"):
            child.set_clock(ClockSetting(datetime(2027, 1, 1, tzinfo=UTC), speed=-1))

        assert child.report()["requests"] == 0
    assert caught.value.hint
