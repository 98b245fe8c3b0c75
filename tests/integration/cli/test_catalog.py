"""`cinegraph import catalog` and what goes with it, as a person uses it, and misuses it."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World
from polling import eventually

from .conftest import CONTROL_CODES, Cli, Done, Inside

_WORLD = World(60, 3)
_HUGE = "9" * 30
_WIDTH = 80

_MISTAKES = [
    ["--ids", "5"],
    ["--ids", "-5"],
    ["--ids=-5-7"],
    ["--ids", "0-10"],
    ["--ids", "10-1"],
    ["--ids", "1-"],
    ["--ids", "-"],
    ["--ids", "a-b"],
    ["--ids", "1-2-3"],
    ["--ids", "1–9"],
    ["--ids", "1.5-9"],
    ["--ids", "¹-²"],
    ["--ids", ""],
    ["--ids", f"1-{_HUGE}"],
    ["--ids", f"{_HUGE}-{_HUGE}"],
    ["--ids", "1-2147483648"],
    ["--ids", "1-2147483647"],
    ["--ids", "1-10", "--from-export"],
    ["--from-export", "--ids", "1-10"],
    ["--ids", "1-10", "--limit", "5"],
    ["--limit", "5", "--ids", "1-10"],
    ["--limit", "0"],
    ["--limit=-1"],
    ["--limit", "many"],
    ["--limit", "1.5"],
    ["--limit", _HUGE],
    ["--limit", "2147483648"],
    ["--pages", "3"],
    ["--from-export=maybe"],
    ["everything"],
]


@pytest.fixture(scope="module")
def upstreams() -> Iterator[ChildSandbox]:
    """Return imitations of all four upstreams, without limit or latency."""
    settings = SandboxSettings(port=0, films=60, seed=3, rate=0, latency="none")
    with start_child(settings) as child:
        yield child


@pytest.fixture
def cli(cli: Cli, upstreams: ChildSandbox) -> Cli:
    """Return the command with every upstream imitated."""
    cli.environment |= {
        "TMDB_BASE_URL": upstreams.base_url,
        "TMDB_EXPORTS_URL": upstreams.exports_url,
        "OMDB_BASE_URL": upstreams.omdb_url,
        "IMDB_DATASETS_URL": upstreams.imdb_url,
        "OMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_PROFILE": "prod",
    }
    return cli


def _assert_readable(done: Done) -> None:
    assert "Traceback" not in done.err
    assert not CONTROL_CODES.search(done.out + done.err)
    assert [line for line in done.out.splitlines() if len(line) > _WIDTH] == []


def _number(cli: Cli, query: str) -> int:
    with psycopg.connect(cli.environment["DATABASE_URL"]) as conn:
        row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


class TestMistakes:
    """Exit 2 with a hint, and nothing was started."""

    @pytest.mark.parametrize("with_dry_run", [False, True], ids=["start", "dry"])
    @pytest.mark.parametrize("arguments", _MISTAKES, ids=" ".join)
    def test_it_is_explained_and_starts_nothing(
        self, inside: Inside, cli: Cli, arguments: list[str], *, with_dry_run: bool
    ) -> None:
        """Also where it is only asked what it would cost."""
        extra = ["--dry-run"] if with_dry_run else []
        done = inside("import", "catalog", *arguments, *extra)
        assert done.code == 2, done.err
        assert "error: " in done.err
        assert "hint: " in done.err
        assert not done.out
        _assert_readable(done)
        assert _number(cli, "SELECT count(*) FROM sync_runs") == 0
        assert _number(cli, "SELECT count(*) FROM oban_jobs") == 0

    @pytest.mark.parametrize(
        "arguments",
        [
            ["runs", "pause", "7"],
            ["runs", "resume", "7"],
            ["runs", "retry", "7"],
            ["runs", "cancel", "7"],
            ["runs", "pause", "0"],
            ["runs", "retry", _HUGE],
            ["schedules", "run", "Nothing"],
            ["schedules", "pause", "Nothing"],
            ["schedules", "resume"],
            ["sandbox", "play", "--days", "0"],
            ["sandbox", "play", "--days", "many"],
            ["sandbox", "play", "--days", _HUGE],
            ["sandbox", "play", "--seconds-a-day", "0"],
            ["sandbox", "play", "--seconds-a-day", "nan"],
        ],
        ids=" ".join,
    )
    def test_what_is_not_there_cannot_be_steered(
        self, inside: Inside, arguments: list[str]
    ) -> None:
        """A run, a schedule, a number of days that do not exist."""
        done = inside(*arguments)
        assert done.code == 2, done.err
        assert "hint: " in done.err
        _assert_readable(done)


class TestImport:
    """What it would cost, what it does, and how it ends."""

    def test_a_dry_run_starts_nothing(self, inside: Inside, cli: Cli) -> None:
        """It tells requests, time, OMDb's days and disk; as JSON too."""
        done = inside("import", "catalog", "--dry-run")
        assert done.code == 0, done.err
        for word in (
            "films",
            "requests",
            "time",
            "OMDb",
            "disk",
            "nothing was started",
        ):
            assert word in done.out
        _assert_readable(done)
        told = inside("import", "catalog", "--ids", "1-40", "--dry-run", "--json").json
        assert (told["films"], told["requests"]) == (40, 40)
        assert _number(cli, "SELECT count(*) FROM sync_runs") == 0

    def test_waiting_tells_how_it_goes_and_ends(self, cli: Cli, inside: Inside) -> None:
        """Without a worker it does the work; every film and rating is there, and each stage told."""
        done = cli("import", "catalog", "--from-export", "--wait")
        assert done.code == 0, done.err
        titles = sum(
            movie.imdb_id is not None
            for movie in _WORLD.expected(_WORLD.ids()).values()
        )
        assert "this process does the work" in done.err
        assert f"60 films stored, OMDb {titles:,} of {titles:,}" in done.out
        assert not CONTROL_CODES.search(done.out + done.err)
        lines = [line for line in done.err.splitlines() if line.startswith("run 1: ")]
        assert lines[-1].startswith("run 1: 60 of 60 films, 60 stored")
        shown = inside("runs", "show", "1")
        for word in ("completed", "60 of 60 settled", "export", "OMDb", "films"):
            assert word in shown.out
        _assert_readable(shown)
        told = inside("runs", "show", "1", "--json").json
        assert told["stages"]["movie"] == {"done": 60}
        assert sum(told["stages"]["omdb"].values()) == titles
        assert inside("import", "catalog", "--dry-run", "--json").json["films"] == 0
        for command in (["status"], ["limits"], ["alerts"], ["runs"], ["nodes"]):
            _assert_readable(inside(*command))

    def test_a_run_rests_goes_on_and_ends_early(self, inside: Inside) -> None:
        """Each step is said, and what makes no sense at the moment is refused with a hint."""
        assert inside("import", "catalog", "--limit", "20").code == 0
        assert "paused" in inside("runs", "pause", "1").err
        again = inside("runs", "pause", "1")
        assert (again.code, "run 1 is paused" in again.err) == (2, True)
        assert inside("runs", "show", "1", "--json").json["state"] == "paused"
        assert "runs resume 1" in inside("runs", "show", "1").out
        assert inside("runs", "resume", "1").code == 0
        assert inside("runs", "resume", "1").code == 2
        nothing = inside("runs", "retry", "1")
        assert (nothing.code, "nothing failed" in nothing.err) == (2, True)
        ended = inside("runs", "cancel", "1")
        assert (ended.code, "cancelled" in ended.out) == (0, True)
        assert inside("runs", "cancel", "1").code == 2
        assert inside("runs", "pause", "1").code == 2

    def test_what_failed_can_be_tried_again(self, cli: Cli, inside: Inside) -> None:
        """A run that failed for its export takes one more round, and completes."""
        assert inside("import", "catalog", "--limit", "5").code == 0
        with psycopg.connect(cli.environment["DATABASE_URL"]) as conn:
            conn.execute(
                "UPDATE sync_run_items SET state = 'failed', ended_at = now(), error_code = 'unavailable'"
            )
            conn.execute("DELETE FROM oban_jobs")
            conn.execute(
                "UPDATE sync_runs SET state = 'failed', finished_at = now(), planned = 0, done = 0, absent = 0,"
                " failed = 0, quarantined = 0"
            )
        tried = inside("runs", "retry", "1")
        assert (tried.code, "1 item of run 1 tried again" in tried.err) == (0, True)
        done = inside("runs", "show", "1", "--json")
        assert done.json["state"] == "running"
        with_worker = cli.start("work")
        eventually(
            lambda: inside("runs", "show", "1", "--json").json["state"] != "running"
        )
        assert cli.end(with_worker).code == 0
        told = inside("runs", "show", "1", "--json").json
        assert (told["state"], told["done"]) == ("completed", 5)


class TestSteering:
    """Nodes, schedules, and time that is played."""

    def test_nodes_and_schedules(self, cli: Cli, inside: Inside) -> None:
        """Who works and of which version; what happens by itself, when, and why not."""
        worker = cli.start("work")
        eventually(lambda: bool(inside("schedules", "list", "--json").json[0]["state"]))
        [node] = inside("nodes", "--json").json
        assert (node["pid"], node["is_live"]) == (worker.pid, True)
        shown = inside("nodes")
        assert "imports" in shown.out
        _assert_readable(shown)
        listed = inside("schedules", "list")
        assert "MergeExport" in listed.out
        _assert_readable(listed)
        assert inside("schedules", "pause", "MergeExport").code == 0
        assert "paused" in inside("schedules", "list").out
        assert inside("schedules", "resume", "MergeExport").code == 0
        queued = inside("schedules", "run", "MergeExport")
        assert (queued.code, "queued as job" in queued.err) == (0, True)
        eventually(lambda: inside("status", "--json").json["total_movies"] == 60)
        assert cli.end(worker).code == 0

    def test_days_are_played(self, cli: Cli) -> None:
        """A day passes in seconds: its line tells the date; --reset goes back to real time."""
        assert cli("import", "catalog", "--limit", "10", "--wait").code == 0
        began = time.monotonic()
        played = cli("sandbox", "play", "--days", "1", "--seconds-a-day", "2")
        assert played.code == 0, played.err
        assert time.monotonic() - began >= 2
        assert played.out.startswith("day 1, 20")
        assert "Traceback" not in played.err
        assert 23 <= _offset_hours(cli) <= 30
        assert "real time again" in cli("sandbox", "play", "--reset").err
        assert _number(cli, "SELECT count(*) FROM imitated_clock") == 0

    @pytest.mark.parametrize("arguments", [["--days", "1"], ["--reset"]], ids=" ".join)
    def test_time_is_not_played_against_the_world(
        self, inside: Inside, cli: Cli, arguments: list[str]
    ) -> None:
        """Refused where an upstream is none of ours, naming it; the clock stays."""
        done = inside(
            "sandbox", "play", *arguments, TMDB_EXPORTS_URL="http://127.0.0.1:1/exports"
        )
        assert done.code == 2, done.err
        assert "127.0.0.1:1" in done.err
        assert "hint: " in done.err
        assert _number(cli, "SELECT count(*) FROM imitated_clock") == 0


def _offset_hours(cli: Cli) -> int:
    return _number(
        cli,
        "SELECT extract(EPOCH FROM epoch + offset_seconds * interval '1 second'"
        " + (clock_timestamp() - epoch) * speed - clock_timestamp()) / 3600 FROM imitated_clock",
    )
