"""Films and titles from files: any shape people keep them in, nothing lost, nothing twice, nothing made older."""

import gzip
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.errors import UsageError
from cinegraph.jobs.documents.loading import LoadReport, LoadRequest, load
from cinegraph.jobs.documents.rebuilding import RebuildRequest, check_parity, rebuild
from cinegraph.sandbox import World
from cinegraph.sources.providers.omdb import sandbox as omdb
from cinegraph.sources.providers.tmdb import sandbox as tmdb
from factories import NOON
from snapshots import catalog_of, rows_of

from .conftest import Catalogue, film_body, film_of, truncate_rows

type Load = Callable[..., Awaitable[LoadReport]]

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """Return a small invented world."""
    return World(films=60, seed=8)


@pytest.fixture
def ids(world: World) -> list[int]:
    """Return the world's films."""
    return list(world.ids())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder for files."""
    place = tmp_path / "kept"
    place.mkdir()
    return place


@pytest.fixture
def run(pool: Pool, folder: Path) -> Load:
    """Return a function that loads the folder."""

    async def load_it(place: Path = folder, **given: Any) -> LoadReport:
        return await load(pool, LoadRequest(place=place, **given))

    return load_it


@pytest.fixture
def held(pool: Pool, world: World) -> Catalogue:
    """Return the catalogue, nothing stored yet."""
    return Catalogue(pool, world)


def write(path: Path, content: bytes, written_at: datetime = MARCH) -> None:
    """Write a file as of some time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (written_at.timestamp(), written_at.timestamp()))


def title_bodies(world: World) -> dict[str, bytes]:
    """Return OMDb's JSON of every title, by IMDb id."""
    return {
        imdb_id: msgspec.json.encode(omdb.title_body(title, {"Plot": "It ends well."}))
        for imdb_id, title in world.expected_titles(world.ids()).items()
    }


class TestShapes:
    """Whatever people keep their JSON in."""

    async def test_every_form_of_file_gives_its_bodies(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """One object a file, lines, arrays, gzipped or not, in folders of folders; each body is kept as it is."""
        bodies = [film_body(world, each) for each in ids]
        indented = msgspec.json.format(bodies[1], indent=2)
        write(folder / "one.json", bodies[0])
        write(folder / "a" / "indented.json", indented + b"\n")
        write(folder / "b" / "two.json.gz", gzip.compress(bodies[2]))
        write(folder / "b" / "lines.jsonl", b"\n".join(bodies[3:20]) + b"\n\n")
        write(
            folder / "c" / "lines.ndjson.gz", gzip.compress(b"\n".join(bodies[20:40]))
        )
        write(folder / "array.json", b"[" + b",\n ".join(bodies[40:50]) + b"]")
        write(
            folder / "ARRAY.JSON.GZ",
            gzip.compress(b"[\n" + b",\n".join(bodies[50:]) + b"\n]"),
        )
        write(folder / "notes.txt", b"mine")
        write(folder / ".hidden" / "x.json", b"{")

        report = await run()

        assert (report.films_stored, report.bad, report.other_files) == (60, 0, 1)
        assert (report.files, report.files_read) == (7, 7)
        kept = await held.run("SELECT external_id, body_gzip FROM documents")
        expected = {str(each): body for each, body in zip(ids, bodies, strict=True)}
        expected[str(ids[1])] = indented
        assert {key: gzip.decompress(body) for key, body in kept} == expected

    async def test_titles_are_told_from_films(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """Lines of both sources in one file, titles before their films: rows of both, and both known to the ledger."""
        titles = title_bodies(world)
        films = [film_body(world, each) for each in ids]
        write(folder / "all.jsonl", b"\n".join([*titles.values(), *films]))

        report = await run()

        assert (report.films_stored, report.titles_stored) == (60, len(titles))
        wanted = world.expected_titles(ids)
        rated = await held.run(
            "SELECT m.imdb_id, r.kind, r.value FROM ratings AS r JOIN movies AS m ON m.id = r.movie_id"
            " WHERE r.source = 'omdb'"
        )
        assert set(rated) == {
            (imdb_id, rating.kind, rating.value)
            for imdb_id, title in wanted.items()
            for rating in title.ratings
        }
        checked = dict(
            await held.run("SELECT source, max(checked_at) FROM sync_ledger GROUP BY 1")
        )
        assert checked == {"tmdb": MARCH, "omdb": MARCH}

    async def test_only_one_source_where_asked(
        self, run: Load, folder: Path, world: World, ids: list[int]
    ) -> None:
        """Bodies of the other are passed over and counted."""
        titles = title_bodies(world)
        lines = [*titles.values(), film_body(world, ids[0])]
        write(folder / "all.jsonl", b"\n".join(lines))

        report = await run(source="tmdb")

        assert (report.films_stored, report.titles_stored) == (1, 0)
        assert report.passed_over == len(titles)

    async def test_a_title_that_omdb_broke_is_mended(
        self, run: Load, held: Catalogue, folder: Path, world: World
    ) -> None:
        """A plot with a lone backslash is no JSON; it is read as jobs read it, in a file of its own and in a line."""
        first, second, third = list(title_bodies(world).values())[:3]
        write(folder / "a.json", first.replace(b"ends well", b"ends\\spiritual"))
        lines = [second.replace(b"ends well", b"ends\\spiritual"), third]
        write(folder / "b.jsonl", b"\n".join(lines))

        report = await run()

        assert (report.titles_stored, report.bad) == (3, 0)
        assert await held.run("SELECT count(*) FROM documents") == [3]


class TestTimes:
    """A body is as old as it is."""

    async def test_a_film_is_known_as_of_when_it_was_fetched(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """The file's time is the document's and the ledger's, so the film is due again when it was to be anyway."""
        write(folder / "one.json", film_body(world, ids[0]))

        await run()

        [document] = await held.run("SELECT fetched_at, checked_at FROM documents")
        [entry] = await held.run(
            "SELECT state, checked_at, changed_at, due_at FROM sync_ledger WHERE source = 'tmdb'"
        )
        assert document == (MARCH, MARCH)
        assert entry[:3] == ("fresh", MARCH, MARCH)
        # By the film's own interval, counted from then.
        assert MARCH < entry[3] < MARCH + timedelta(days=31)

    async def test_a_given_time_counts_for_all(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """What copying has done to the files' times does not matter then."""
        write(folder / "one.json", film_body(world, ids[0]), NOON)

        await run(fetched_at=MARCH)

        assert await held.run("SELECT fetched_at FROM documents") == [MARCH]

    async def test_a_time_to_come_is_refused_or_is_now(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """A body of tomorrow would keep out everything that is fetched until then."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        write(folder / "one.json", film_body(world, ids[0]), tomorrow)

        await run()

        [at] = await held.run("SELECT fetched_at FROM documents")
        assert at <= datetime.now(UTC)
        with pytest.raises(UsageError, match="not come yet"):
            await run(fetched_at=tomorrow)

    async def test_older_never_replaces_newer(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """What was fetched since is kept, ledger included; a newer body from a file replaces it."""
        body = film_body(world, ids[0])
        async with held.pool.connection() as conn, conn.transaction():
            await store_films(
                conn, [film_of(body, MARCH + timedelta(days=9))], now=NOON
            )
        before = await held.run("SELECT body_gzip, checked_at FROM documents")
        changed = body.replace(b'"title":"', b'"title":"Old ')
        write(folder / "one.json", changed)

        older = await run()

        assert (older.unchanged, older.films_stored) == (1, 0)
        assert await held.run("SELECT body_gzip, checked_at FROM documents") == before
        newer = await run(fetched_at=MARCH + timedelta(days=10))
        assert newer.films_stored == 1
        [title] = await held.run("SELECT title FROM movies")
        assert title.startswith("Old ")

    async def test_a_second_time_changes_nothing(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """Not a row is written, be they whole, in part, or titles."""
        films = [film_body(world, each) for each in ids[:20]]
        parts = [film_body(world, each, ["credits"]) for each in ids[20:40]]
        lines = [*films, *parts, *title_bodies(world).values()]
        write(folder / "all.jsonl", b"\n".join(lines))
        await run()
        async with held.pool.connection() as conn:
            before = await rows_of(conn)

        again = await run()

        async with held.pool.connection() as conn:
            assert await rows_of(conn) == before
        assert again.unchanged == again.bodies == len(lines)


class TestParts:
    """Films that came without some of their parts."""

    async def test_a_part_of_a_film_is_usable_and_wanted(
        self, run: Load, held: Catalogue, folder: Path, world: World, database_url: str
    ) -> None:
        """What is there is stored, rebuilt and proven like any other; the ledger wants the rest."""
        ids = list(world.ids())
        write(folder / "plain.json", film_body(world, ids[0], []))
        write(folder / "credits.json", film_body(world, ids[1], ["credits"]))

        report = await run()

        assert (report.films_partial, report.films_stored) == (2, 0)
        assert await held.run("SELECT tmdb_id FROM movies ORDER BY 1") == ids[:2]
        assert await held.run("SELECT count(*) > 0 FROM credits") == [True]
        entries = await held.run(
            "SELECT external_id, state, reason, checked_at FROM sync_ledger WHERE source = 'tmdb' ORDER BY 1"
        )
        reason = ("wanted", "loaded incomplete", None)
        assert entries == [(ids[0], *reason), (ids[1], *reason)]

        async with held.pool.connection() as conn:
            before = await catalog_of(conn)
            await truncate_rows(conn)
        await rebuild(held.pool, database_url, RebuildRequest(), processes=1)
        async with held.pool.connection() as conn:
            assert await catalog_of(conn) == before

    async def test_a_part_never_empties_what_is_stored(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """A newer body with less in it changes nothing and asks for nothing."""
        async with held.pool.connection() as conn, conn.transaction():
            film = film_of(film_body(world, ids[0]), MARCH - timedelta(days=1))
            await store_films(conn, [film], now=NOON)
        async with held.pool.connection() as conn:
            before = await rows_of(conn)
        write(folder / "plain.json", film_body(world, ids[0], ["credits"]))

        report = await run()

        async with held.pool.connection() as conn:
            assert await rows_of(conn) == before
        assert (report.films_partial, report.unchanged) == (0, 1)

    async def test_the_whole_film_takes_the_place_of_a_part(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """Fetched later, it is stored as if the part had never been there."""
        write(folder / "plain.json", film_body(world, ids[0], ["credits"]))
        await run()
        write(
            folder / "plain.json", film_body(world, ids[0]), MARCH + timedelta(days=1)
        )

        report = await run()

        assert report.films_stored == 1
        assert await held.run(
            "SELECT state FROM sync_ledger WHERE source = 'tmdb'"
        ) == ["fresh"]

    async def test_a_row_of_a_list_is_only_wanted(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """There is nothing in it to keep; a film that is stored already is not wanted again."""
        write(folder / "films.jsonl", film_body(world, ids[0]))
        rows = []
        for each in ids[:3]:
            summary = world.summary(each)
            assert summary is not None
            rows.append(msgspec.json.encode(tmdb.list_row(summary)))
        write(folder / "rows.json", b"[" + b",".join(rows) + b"]")

        report = await run()

        assert (report.films_wanted, report.unchanged) == (2, 1)
        assert (
            await held.run(
                "SELECT external_id FROM sync_ledger WHERE state = 'wanted' AND source = 'tmdb' ORDER BY 1"
            )
            == ids[1:3]
        )


class TestBadInput:
    """What cannot be loaded is named, and takes nothing with it."""

    async def test_bad_files_and_lines_are_listed(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """Path, line and reason of each; everything around them is stored."""
        body = film_body(world, ids[0])
        lines = [body, body[: len(body) // 2], film_body(world, ids[1]), b"[1]", b"7"]
        write(folder / "1.jsonl", b"\n".join(lines))
        write(folder / "2.json", b"<html></html>")
        write(folder / "3.json", b"")
        write(folder / "4.json", b'[{"page":1,"results":[]}]')
        write(folder / "5.json", b'{"Response":"False","Error":"Movie not found!"}')
        write(folder / "6.json", b'{"status_code":34,"status_message":"x"}')
        write(folder / "7.json", b'{"id":1,"name":"A series"}')
        packed = gzip.compress(
            b"\n".join(film_body(world, each) for each in ids[2:30]), mtime=0
        )
        write(folder / "8.jsonl.gz", packed[: len(packed) // 2])
        write(folder / "9.json", b'{"id":-4,"title":"x","genres":[]}')
        write(
            folder / "91.json",
            film_body(world, ids[40]).replace(b'"id":', b'"id":"x","was":', 1),
        )

        report = await run()

        listed = {(Path(b.path).name, b.line): b.reason for b in report.bad_listed}
        assert len(listed) == 10
        assert report.bad == 12
        assert {line for name, line in listed if name == "1.jsonl"} == {2, 4, 5}
        assert listed["2.json", None].startswith("HTML")
        assert "empty" in listed["3.json", None]
        assert listed["4.json", None] == "item 1: a page of a list, not a film"
        assert "Movie not found!" in listed["5.json", None]
        assert "code 34" in listed["6.json", None]
        assert "series" in listed["7.json", None]
        assert "gzip" in listed["8.jsonl.gz", None]
        assert report.films_stored > 2
        assert await held.run("SELECT count(*) FROM movies") == [report.films_stored]

    async def test_what_the_database_refuses_takes_nobody_with_it(
        self, run: Load, held: Catalogue, folder: Path, world: World, ids: list[int]
    ) -> None:
        """One body that breaks a rule of a table is named, its neighbours are stored."""
        write(folder / "all.jsonl", b"\n".join(film_body(world, each) for each in ids))
        await held.run(
            f"ALTER TABLE movies ADD CONSTRAINT refused CHECK (tmdb_id <> {ids[5]})"
        )

        report = await run()

        assert (report.films_stored, report.bad) == (59, 1)
        assert report.bad_listed[0].line == 6

    @pytest.mark.parametrize("place", ["nowhere", "."])
    async def test_nothing_to_load_is_a_mistake(
        self, run: Load, folder: Path, place: str
    ) -> None:
        """No such folder, or one without JSON."""
        with pytest.raises(UsageError):
            await run(folder / place)


@pytest.mark.recorded
async def test_recorded_bodies(
    pool: Pool, recorded_data: Path, tmp_path: Path, database_url: str
) -> None:
    """Real films with credits alone and real titles: all usable, and rows are what they say."""
    for source, name in (("tmdb", "movies.jsonl.gz"), ("omdb", "titles.jsonl.gz")):
        with gzip.open(recorded_data / source / name) as lines:
            kept = b"".join(line for line, _ in zip(lines, range(300), strict=False))
        write(tmp_path / source / name, gzip.compress(kept))

    report = await load(pool, LoadRequest(place=tmp_path))

    assert (report.films_partial, report.bad) == (300, 0)
    assert report.titles_stored > 250
    parity = await check_parity(pool, database_url, RebuildRequest(), processes=1)
    assert parity.differences == []
    assert parity.compared == report.films_partial + report.titles_stored
