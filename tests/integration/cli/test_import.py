"""`cinegraph import` and `cinegraph runs`."""

import re
import signal

import psycopg
import pytest

from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World
from polling import PATIENCE_SECONDS, eventually

from .conftest import CONTROL_CODES, Cli, Inside

_WORLD = World(500, 3)


def test_waiting_does_the_work_when_nobody_else_does(cli: Cli) -> None:
    """Without a worker `--wait` works here, says so, and ends with a true summary."""
    done = cli("import", "popular", "--pages", "2", "--wait")
    films = len({*_WORLD.popular_ids(1), *_WORLD.popular_ids(2)})
    assert done.code == 0, done.err
    assert "this process does the work" in done.err
    assert f"run 1 completed: {films} films stored" in done.out
    assert not CONTROL_CODES.search(done.out + done.err)


def test_without_a_worker_a_run_is_only_queued(inside: Inside) -> None:
    """The person hears the run's number and how to get it done."""
    done = inside("import", "top-rated", "--pages", "1")
    assert done.code == 0
    assert "queued as run 1" in done.err
    assert "cinegraph up" in done.err
    assert (
        inside("runs", "show", "1", "--json").json["limited_by"]["code"] == "no_worker"
    )


def test_with_a_worker_it_only_watches(cli: Cli, inside: Inside) -> None:
    """A live node does the work; both commands end well."""
    worker = cli.start("work", "--queues", "imports:5,discovery:2,maintenance:1")
    eventually(lambda: inside("status", "--json").json["nodes"] == 1)
    done = inside("import", "popular", "--pages", "1", "--wait", "--json")
    assert done.code == 0, done.err
    assert "this process does the work" not in done.err
    assert done.json["state"] == "completed"
    assert done.json["done"] == len(set(_WORLD.popular_ids(1)))
    ended = cli.end(worker)
    assert ended.code == 0
    assert "stopped" in ended.err


def test_films_by_name(inside: Inside) -> None:
    """Several references of different kinds make one run."""
    first, second = _WORLD.popular_ids(1)[:2]
    imdb_id = next(
        film.imdb_id
        for film in _WORLD.expected(_WORLD.popular_ids(2)).values()
        if film.imdb_id
    )
    done = inside("import", "movie", str(first), str(second), imdb_id, "--wait")
    assert done.code == 0, done.err
    assert "3 films stored" in done.out


def test_inline_needs_no_queue(inside: Inside) -> None:
    """`--inline` stores at once; what TMDB lacks is said and ends with 1."""
    known = _WORLD.popular_ids(1)[0]
    done = inside("import", "movie", str(known), "999999999", "--inline")
    assert done.code == 1
    assert f"stored {known}: " in done.out
    assert "999999999" in done.err
    assert inside("runs", "--json").json == []


def test_a_failed_run_ends_with_1(inside: Inside, database_url: str) -> None:
    """Whoever waits in a script learns that films are missing."""
    inside("import", "popular", "--pages", "1")
    _fail_every_run(database_url)
    done = inside("runs", "show", "1", "--wait")
    assert done.code == 1
    assert "1 failed" in done.out
    assert "cinegraph runs retry 1" in done.err


def test_waiting_for_a_run_that_fails_ends_with_1(
    cli: Cli, inside: Inside, database_url: str
) -> None:
    """The command that started it says so too, as soon as it is known."""
    inside("queues", "pause", "discovery")
    process = cli.start("import", "popular", "--pages", "1", "--wait")
    assert process.stderr is not None
    # It says what it waits for, and only then the run fails.
    assert any("queue discovery is paused" in line for line in process.stderr)
    _fail_every_run(database_url)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1, err
    assert "run 1 failed" in out
    assert "cinegraph runs retry 1" in err


@pytest.mark.parametrize(
    ("queue", "arguments"),
    [
        ("discovery", ("import", "popular", "--pages", "1")),
        ("festivals", ("festivals", "import", "oscars")),
    ],
)
def test_waiting_for_a_run_that_is_cancelled_ends_with_1(
    cli: Cli, inside: Inside, queue: str, arguments: tuple[str, ...]
) -> None:
    """Somebody else ended it: what was asked for is not there, and that is said."""
    inside("queues", "pause", queue)
    process = cli.start(*arguments, "--wait")
    assert process.stderr is not None
    assert any(f"queue {queue} is paused" in line for line in process.stderr)

    assert inside("runs", "cancel", "1").code == 0

    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1, err
    assert "run 1 was cancelled" in err
    assert "start the same again for the rest" in err


def test_a_cancelled_run_that_is_shown_ends_with_1(inside: Inside) -> None:
    """Whoever waits for it in a script learns that it is not done; whoever looks at it has no error."""
    inside("import", "popular", "--pages", "1")
    inside("runs", "cancel", "1")

    assert inside("runs", "show", "1", "--wait").code == 1
    assert inside("runs", "show", "1").code == 0


def _fail_every_run(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE sync_runs SET state = 'failed', planned = 1, done = 0, absent = 0, failed = 1,"
            " quarantined = 0, finished_at = started_at + interval '1 second'"
        )


def test_a_cancelled_run_stops(inside: Inside) -> None:
    """Its jobs are cancelled, it cannot be cancelled twice."""
    inside("import", "popular", "--pages", "1")
    done = inside("runs", "cancel", "1")
    assert done.code == 0, done.err
    assert "run 1 cancelled" in done.out
    assert {job["state"] for job in inside("jobs", "list", "--json").json} == {
        "cancelled"
    }
    assert inside("runs", "cancel", "1").code == 2


def _slow_cli(cli: Cli, slow: ChildSandbox) -> Cli:
    cli.environment["TMDB_BASE_URL"] = slow.base_url
    return cli


def test_ctrl_c_says_how_to_come_back(cli: Cli, inside: Inside) -> None:
    """Ctrl-C ends with 130 and leaves a run that a worker can finish."""
    settings = SandboxSettings(port=0, films=500, seed=3, latency="1")
    with start_child(settings) as slow:
        process = _slow_cli(cli, slow).start("import", "popular", "--wait")
        eventually(
            lambda: bool(inside("jobs", "list", "--state", "executing", "--json").json)
        )
        done = cli.end(process, signal.SIGINT)
        assert done.code == 130
        assert re.search(r"run 1 is not over.*cinegraph runs show 1", done.err)
        assert "Traceback" not in done.err
        left = inside("jobs", "list", "--state", "executing", "--json").json
        assert left == []


def test_sigterm_ends_as_cleanly(cli: Cli, inside: Inside) -> None:
    """What a service manager sends is no crash."""
    settings = SandboxSettings(port=0, films=500, seed=3, latency="1")
    with start_child(settings) as slow:
        process = _slow_cli(cli, slow).start("import", "popular", "--wait")
        eventually(
            lambda: bool(inside("jobs", "list", "--state", "executing", "--json").json)
        )
        done = cli.end(process)
        assert done.code == 143
        assert "cinegraph runs show 1" in done.err
