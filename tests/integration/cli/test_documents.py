"""`documents load` and `rebuild` as a person runs them, from a folder of JSON to proof that rows agree with it."""

import json
import signal
from pathlib import Path

import msgspec
import psycopg
import pytest

from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb import sandbox as tmdb
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS
from polling import eventually

from .conftest import CONTROL_CODES, Cli, Inside

_WORLD = World(400, 3)
_COMPARING = "comparing: 30 of 30 documents\n"


def _body(tmdb_id: int) -> bytes:
    movie = _WORLD.movie(tmdb_id)
    assert movie is not None
    parts = tmdb.movie_parts(movie, MOVIE_PARTS, lambda other: {"id": other})
    return msgspec.json.encode(tmdb.movie_details(movie) | parts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as scripts leave it: a file a film, one of them broken."""
    place = tmp_path / "films"
    place.mkdir()
    for tmdb_id in list(_WORLD.ids())[:30]:
        (place / f"{tmdb_id}.json").write_bytes(_body(tmdb_id))
    (place / "broken.json").write_bytes(b'{"id": 4')
    return place


def _count(url: str, table: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - a name of ours
    assert row is not None
    return int(row[0])


def test_from_a_folder_to_proof(
    cli: Cli, inside: Inside, folder: Path, database_url: str
) -> None:
    """Loaded, compared, damaged, compared, rebuilt: each says what it did, and by its exit code whether all is well."""
    loaded = cli("documents", "load", str(folder))
    assert loaded.code == 1
    assert "31 bodies of 31 files: 30 films stored, 1 bad" in loaded.out
    assert "broken.json: not JSON" in loaded.err
    (folder / "broken.json").unlink()
    again = inside("documents", "load", str(folder), "--json")
    assert (again.code, again.json["unchanged"], again.json["bad"]) == (0, 30, 0)

    equal = cli("rebuild", "--check")
    # On a busy machine it takes so long that its progress is told.
    assert (equal.code, equal.err.replace(_COMPARING, "")) == (0, "")
    assert "30 documents compared with their rows: equal" in equal.out

    first = next(iter(_WORLD.ids()))
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE movies SET title = 'x' WHERE tmdb_id = %s", [first])
    differs = inside("rebuild", "--check", "--jobs", "1")
    assert differs.code == 1
    assert (
        f"tmdb {first}: rows that differ: 1 in movie_titles, 1 in movies" in differs.out
    )
    told = inside("rebuild", "--check", "--json").json
    assert (told["is_equal"], told["differing"]) == (False, 1)

    rebuilt = cli("rebuild")
    assert rebuilt.code == 0
    assert "completed: 30 documents rebuilt, 0 failed" in rebuilt.out
    assert not CONTROL_CODES.search(rebuilt.out + rebuilt.err)
    assert inside("rebuild", "--check").code == 0
    only = inside("rebuild", "--where", f"external_id = '{first}'", "--json")
    assert (only.json["rebuilt"], only.json["state"]) == (1, "completed")


def test_a_body_that_cannot_be_read_is_told(
    inside: Inside, folder: Path, database_url: str
) -> None:
    """The rest is rebuilt, the exit code is 1, and where to look is said."""
    assert inside("documents", "load", str(folder)).code == 1
    with psycopg.connect(database_url) as conn:
        conn.execute(
            "UPDATE documents SET body_gzip = 'x' WHERE external_id = (SELECT min(external_id) FROM documents)"
        )

    done = inside("rebuild", "--jobs", "1")

    assert done.code == 1
    assert "29 documents rebuilt, 1 failed" in done.out
    assert "quarantine" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rebuild", "--where", "sizes > 3"], "size_bytes"),
        (["rebuild", "--check", "--restart"], "exclude"),
        (["rebuild", "--source", "nobody"], "tmdb, omdb"),
        (["rebuild", "--jobs", "0"], "--help"),
        (["rebuild", "--jobs", "x"], "--help"),
        (["documents", "load", "/nowhere"], "no file or folder"),
        (["documents", "load", ".", "--fetched-at", "yesterday"], "2026-03-01"),
        (["documents", "load", ".", "--fetched-at", "2999-01-01"], "not come yet"),
        (["documents", "load", ".", "--source", "imdb"], "tmdb, omdb"),
    ],
)
def test_mistakes(inside: Inside, arguments: list[str], said: str) -> None:
    """Wrong use ends with 2 and a hint."""
    done = inside(*arguments)

    assert done.code == 2
    assert said in done.err
    assert "hint:" in done.err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_stopped_at_any_moment_it_goes_on(
    cli: Cli, inside: Inside, tmp_path: Path, database_url: str, number: signal.Signals
) -> None:
    """Killed or interrupted, its processes end with it, and the same command does the rest and says so."""
    bodies = b"\n".join(map(_body, _WORLD.ids()))
    (tmp_path / "films.jsonl").write_bytes(bodies)
    assert inside("documents", "load", str(tmp_path / "films.jsonl")).code == 0
    with psycopg.connect(database_url) as conn:
        conn.execute("TRUNCATE movies, people CASCADE")
    process = cli.start("rebuild", "--jobs", "2")
    eventually(lambda: _count(database_url, "movies") > 0)
    stopped = cli.end(process, number)
    if number == signal.SIGINT and stopped.code:
        assert stopped.code == 130
        assert "goes on where it was" in stopped.err
        assert "Traceback" not in stopped.err
    eventually(lambda: not _has_children(database_url))
    left = _count(database_url, "rebuild_shards WHERE finished_at IS NULL")

    done = cli("rebuild", "--jobs", "2", "--json")

    assert done.code == 0, done.err
    told = json.loads(done.out)
    if left:
        assert told["is_resumed"]
        assert "going on" in done.err
    assert told["rebuilt"] == 400 or not left
    assert _count(database_url, "movies") == 400
    assert inside("rebuild", "--check").code == 0


def _has_children(url: str) -> bool:
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'cinegraph documents'"
        ).fetchone()
    return row != (0,)
