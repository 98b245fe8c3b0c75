"""Commands that read: tables that fit, JSON that parses, no codes into a pipe."""

import re

import pytest

from cinegraph.sandbox.world import World

from .conftest import CONTROL_CODES, Cli, Inside

_FILM = World(500, 3).popular_ids(1)[0]

_READING = [
    ["status"],
    ["runs"],
    ["runs", "list"],
    ["runs", "show", "1"],
    ["jobs", "list"],
    ["jobs", "list", "--state", "completed", "--run", "1", "--limit", "3"],
    ["jobs", "show", "1"],
    ["queues"],
    ["limits"],
    ["alerts"],
    ["alerts", "--all"],
    ["nodes"],
    ["schedules", "list"],
    ["import", "catalog", "--ids", "1-40", "--dry-run"],
    ["movie", str(_FILM)],
    ["movie", str(_FILM), "--trace"],
    ["enrich", "status"],
    ["config", "show"],
    ["doctor"],
]

_STATUS = """\
status        idle
films         20 imported of 20 known, 0 wanted, 0 failed, 0 absent
people        # with # credits
last sync     #
next sync     in #
import speed  20 fetched in the last hour (goal 1,000)
success       100 % of what was asked in 7 days (goal 99 %)
latency       no change of a popular film to measure yet
freshness     100 % of 20 films in 7 days (goal 95 %)
              20 fetched, 0 proven unchanged by the changes feed
changes feed  never read
tmdb limit    0.# % in the worst minute, second # of 50 (goal under 80 %)
workers       none; start `cinegraph up` or `cinegraph work`

queue        waiting  running  at once  later  retry  failed  oldest
────────────────────────────────────────────────────────────────────
discovery          0        0        0      0      0       0
imports            0        0        0      0      0       0
omdb               0        0        0      0      0       0
updates            0        0        0      0      0       0
enrichment         0        0        0      0      0       0
festivals          0        0        0      0      0       0
maintenance        0        0        0      0      0       0
"""


def test_all_of_them_after_an_import(cli: Cli, inside: Inside) -> None:
    """Each fits 80 columns, ends no line with a space, and tells the same as JSON."""
    assert inside("import", "popular", "--pages", "1", "--wait").code == 0
    for arguments in _READING:
        done = inside(*arguments, FORCE_COLOR="1")
        assert done.code == 0, (arguments, done.err)
        assert not CONTROL_CODES.search(done.out), arguments
        wide = [line for line in done.out.splitlines() if len(line) > 80]
        assert not wide, arguments
        assert inside(*arguments, "--json").json is not None
    status = re.sub(r"people .*", "people        # with # credits", cli("status").out)
    status = re.sub(r"last sync .*", "last sync     #", status)
    status = re.sub(r"next sync     in .*", "next sync     in #", status)
    status = re.sub(r"second \d+", "second #", status)
    # Less where the minute ended meanwhile.
    status = re.sub(r"0\.\d % in the worst", "0.# % in the worst", status)
    assert status == _STATUS


def test_json_has_stable_names(inside: Inside) -> None:
    """What scripts read by name is there."""
    inside("import", "popular", "--pages", "1", "--wait")
    status = inside("status", "--json").json
    assert status["status"] == "idle"
    assert status["imported_movies"] == status["total_movies"] == 20
    for name in (
        "failed_movies",
        "last_sync_at",
        "next_sync_at",
        "queues",
        "service_levels",
    ):
        assert name in status
    (run,) = inside("runs", "--json").json
    assert run["done"] == 20
    assert run["films_per_second"] > 0
    story = inside("movie", str(_FILM), "--trace", "--json").json
    assert story["movie"]["tmdb_id"] == _FILM
    assert story["why"].startswith("It is fresh: TMDB answered")
    assert story["trace"]["jobs"][0]["state"] == "completed"


@pytest.mark.parametrize("command", ["runs", "queues", "limits"])
def test_looking_makes_nothing(
    bare_cli: Cli, bare_inside: Inside, command: str
) -> None:
    """In an empty home a reading command says so and leaves it empty."""
    done = bare_inside(command)
    assert done.code == 1
    assert "nothing here yet" in done.err
    assert "cinegraph up" in done.err
    assert not (bare_cli.folder / "home").exists()


def test_status_of_nothing(bare_cli: Cli, bare_inside: Inside) -> None:
    """Status is an answer there too, also for programs."""
    done = bare_cli("status")
    assert done.code == 0
    assert "nothing here yet" in done.out
    assert bare_inside("status", "--json").json["status"] == "not_set_up"
    assert not (bare_cli.folder / "home").exists()


def test_status_of_an_old_schema(bare_inside: Inside, empty_database_url: str) -> None:
    """A database without tables is not migrated by looking."""
    done = bare_inside("status", DATABASE_URL=empty_database_url)
    assert "nothing here yet" in done.out
    assert bare_inside("db", "upgrade", DATABASE_URL=empty_database_url).code == 0
    assert "empty" in bare_inside("status", DATABASE_URL=empty_database_url).out
