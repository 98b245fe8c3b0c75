"""Rows from documents: made again as they were, however often it is stopped; and proof that they agree."""

import asyncio
import gzip
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool, open_pool
from cinegraph.errors import ConfigError, UsageError
from cinegraph.jobs.documents import working
from cinegraph.jobs.documents.rebuilding import (
    ParityReport,
    RebuildProgress,
    RebuildRequest,
    check_parity,
    rebuild,
)
from cinegraph.sync import rebuilds, runs
from factories import NOON
from snapshots import catalog_of, rows_of

from .conftest import Catalogue, film_body, film_of

_BOOKKEEPING = {"sync_runs", "rebuild_shards"}
"""What a rebuild writes beside the rows of films."""


@pytest.fixture
def url(database_url: str) -> str:
    """Return the address that processes of their own connect to."""
    return database_url


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make many groups and ranges of few documents."""
    monkeypatch.setattr(working, "BATCH", 20)
    monkeypatch.setattr("cinegraph.jobs.documents.rebuilding._SHARD", 50)


async def everything(pool: Pool) -> dict[str, list[Any]]:
    """Return all rows of films, ratings of both sources and facts among them."""
    async with pool.connection() as conn:
        held: dict[str, list[Any]] = await catalog_of(conn)
        for table in ("ratings", "movie_facts"):
            cursor = await conn.execute(
                "SELECT m.tmdb_id, x.source, x.kind, to_jsonb(x) - 'movie_id'"  # noqa: S608 - two names of ours
                f" FROM {table} AS x JOIN movies AS m ON m.id = x.movie_id"
                " ORDER BY 1, 2, 3"
            )
            held[f"{table} with times"] = await cursor.fetchall()
    return held


class TestRebuild:
    """Making rows again."""

    async def test_rows_that_are_gone_come_back_as_they_were(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """Two processes of their own make every row again, ratings and facts of titles too."""
        before = await everything(catalogue.pool)
        assert before["movie_facts with times"]
        assert {row[1] for row in before["ratings with times"]} == {"tmdb", "omdb"}
        await catalogue.empty()

        done = await rebuild(catalogue.pool, url, RebuildRequest(), processes=2)

        documents = await catalogue.run("SELECT count(*) FROM documents")
        assert (done.state, [done.rebuilt], done.failed) == ("completed", documents, 0)
        assert await everything(catalogue.pool) == before

    async def test_rows_that_are_right_are_not_written(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """A rebuild over a whole catalogue writes nothing but its own progress."""
        async with catalogue.pool.connection() as conn:
            before = await rows_of(conn, leaving_out=_BOOKKEEPING)

        await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)

        async with catalogue.pool.connection() as conn:
            assert await rows_of(conn, leaving_out=_BOOKKEEPING) == before

    async def test_rows_that_are_wrong_are_mended(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """What was changed, added and taken away by hand is as its document says; nothing of it counts as history."""
        before = await everything(catalogue.pool)
        await catalogue.run("UPDATE movies SET title = 'wrong', runtime_minutes = 1")
        await catalogue.run("DELETE FROM credits WHERE position = 0")
        await catalogue.run("UPDATE ratings SET value = value + 1, votes = 7")
        await catalogue.run("DELETE FROM movie_facts WHERE kind = 'awards'")
        await catalogue.run(
            "INSERT INTO movie_facts SELECT id, 'omdb', 'invented', 'x', 1, created_at FROM movies"
        )

        await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)

        after = await everything(catalogue.pool)
        for name in before:
            if not name.endswith("with times"):
                assert after[name] == before[name], name
        assert [row[:3] for row in after["movie_facts with times"]] == [
            row[:3] for row in before["movie_facts with times"]
        ]
        assert await catalogue.run("SELECT count(*) FROM rating_history") == [0]
        assert await catalogue.run("SELECT count(*) FROM fact_history") == [0]

    @pytest.mark.usefixtures("small_groups")
    async def test_it_goes_on_where_it_was_stopped(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """Stopped between two groups, or paused, the same command does the rest and nothing twice."""
        before = await everything(catalogue.pool)
        await catalogue.empty()
        pool = catalogue.pool
        request = RebuildRequest(source="tmdb")
        run_id = await self._begin(pool, url, request)
        groups = 0

        def stop_after_three() -> bool:
            nonlocal groups
            groups += 1
            return groups > 3

        await working.rebuild_shards(
            pool, run_id, condition="true", is_stopped=stop_after_three
        )
        assert await catalogue.run("SELECT count(*) FROM movies") == [50]

        await catalogue.run("UPDATE sync_runs SET state = 'paused'")
        await working.rebuild_shards(
            pool, run_id, condition="true", is_stopped=lambda: False
        )
        assert await catalogue.run("SELECT count(*) FROM movies") == [50]

        done = await rebuild(pool, url, request, processes=1)

        assert (done.run_id, done.is_resumed) == (run_id, True)
        assert (done.before, done.rebuilt) == (50, 120)
        assert await everything(pool) == before

    @staticmethod
    async def _begin(pool: Pool, url: str, request: RebuildRequest) -> runs.RunId:
        """Leave a rebuild that has done nothing yet."""
        stopped = asyncio.Event()

        def stop(_: RebuildProgress) -> None:
            stopped.set()
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await rebuild(pool, url, request, processes=1, on_progress=stop)
        async with pool.connection() as conn:
            found = await rebuilds.find_unfinished(
                conn, source=request.source or "all", arguments={}
            )
        assert stopped.is_set()
        assert found is not None
        return found

    async def test_another_request_or_a_restart_begins_anew(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """An unfinished rebuild is gone on with only for the same documents; a restart cancels it."""
        pool = catalogue.pool
        unfinished = await self._begin(pool, url, RebuildRequest())
        other = await rebuild(pool, url, RebuildRequest(source="omdb"), processes=1)
        again = await rebuild(pool, url, RebuildRequest(), processes=1, restarts=True)

        assert (other.is_resumed, again.is_resumed) == (False, False)
        states = dict(await catalogue.run("SELECT id, state FROM sync_runs"))
        assert states == {
            unfinished: "cancelled",
            other.run_id: "completed",
            again.run_id: "completed",
        }

    async def test_a_body_that_cannot_be_read_stops_nobody(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """It is counted and put into quarantine, its rows stay, the rest is rebuilt; mended, it leaves quarantine."""
        first, second, third = catalogue.ids[:3]
        good = dict(await catalogue.run("SELECT external_id, body_gzip FROM documents"))
        strange = b'{"id": "x"}'
        bodies = {first: gzip.compress(strange), second: b"no gzip"}
        for tmdb_id, body in bodies.items():
            await catalogue.run(
                "UPDATE documents SET body_gzip = %s, sha256 = %s WHERE external_id = %s",
                [body, hashlib.sha256(strange).digest(), str(tmdb_id)],
            )
        await catalogue.run("DELETE FROM movies WHERE tmdb_id = %s", [third])

        done = await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)

        assert (done.state, done.failed) == ("failed", 2)
        kept = await catalogue.run(
            "SELECT external_id, reason, is_confirmed FROM quarantine ORDER BY reason"
        )
        assert kept == [
            (str(first), "payload", True),
            (str(second), "undecodable", True),
        ]
        assert await catalogue.run("SELECT count(*) FROM movies") == [120]

        for tmdb_id in bodies:
            await catalogue.run(
                "UPDATE documents SET body_gzip = %s WHERE external_id = %s",
                [good[str(tmdb_id)], str(tmdb_id)],
            )
        await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)
        assert await catalogue.run(
            "SELECT count(*) FROM quarantine WHERE resolved_at IS NULL AND reason = 'payload'"
        ) == [0]

    async def test_what_the_database_refuses_stops_nobody(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """The one body of a group that breaks a rule of a table is found and put into quarantine."""
        (victim,) = catalogue.ids[7:8]
        await catalogue.empty()
        await catalogue.run(
            f"ALTER TABLE movies ADD CONSTRAINT refused CHECK (tmdb_id <> {victim})"
        )

        done = await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)

        assert (done.state, done.failed) == ("failed", 1)
        assert await catalogue.run("SELECT external_id FROM quarantine") == [
            str(victim)
        ]
        assert await catalogue.run("SELECT count(*) FROM movies") == [119]

    async def test_a_condition_chooses_documents(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """Only documents that meet it are rebuilt; percent signs and comments in it are harmless."""
        first = str(catalogue.ids[0])
        await catalogue.empty()
        condition = f"external_id LIKE '{first}%' AND size_bytes > 0 -- these"

        done = await rebuild(
            catalogue.pool, url, RebuildRequest(condition=condition), processes=1
        )

        wanted = [each for each in catalogue.ids if str(each).startswith(first)]
        assert done.rebuilt == len(wanted)
        assert await catalogue.run("SELECT tmdb_id FROM movies ORDER BY 1") == wanted

    @pytest.mark.parametrize(
        "condition",
        [
            "sizes > 3",
            "size_bytes",
            "true) OR (true",
            "body_gzip IS NULL",
            "1/0 = 1",
            "",
            "true; DROP TABLE movies",
            "(SELECT setval('movies_id_seq', 1)) = 1",
        ],
    )
    async def test_a_condition_that_is_none_is_refused(
        self, catalogue: Catalogue, url: str, condition: str
    ) -> None:
        """It is tried where nothing can be written, and told with the columns there are."""
        request = RebuildRequest(condition=condition)
        if condition == "true) OR (true":
            # Harmless: it widens neither source nor range.
            done = await rebuild(catalogue.pool, url, request, processes=1)
            documents = await catalogue.run("SELECT count(*) FROM documents")
            assert [done.rebuilt] == documents
            return
        with pytest.raises(UsageError) as told:
            await rebuild(catalogue.pool, url, request, processes=1)

        assert "size_bytes" in (told.value.hint or "")
        assert await catalogue.run("SELECT count(*) FROM sync_runs") == [0]

    async def test_a_film_stored_meanwhile_keeps_its_newer_rows(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A document replaced between reading and writing is left to who replaced it."""
        (tmdb_id,) = catalogue.ids[:1]
        newer = film_of(
            film_body(catalogue.world, tmdb_id).replace(b'"title":"', b'"title":"New '),
            NOON + timedelta(hours=1),
        )
        original = working.Rewriter.rewrite

        async def late(self: Any, documents: Any, **given: Any) -> Any:  # noqa: ANN401 - passed on
            monkeypatch.undo()
            async with catalogue.pool.connection() as conn, conn.transaction():
                await store_films(conn, [newer], now=NOON)
            return await original(self, documents, **given)

        run_id = await self._begin(
            catalogue.pool, "postgresql://unused", RebuildRequest()
        )
        monkeypatch.setattr(working.Rewriter, "rewrite", late)
        await working.rebuild_shards(
            catalogue.pool, run_id, condition="true", is_stopped=lambda: False
        )
        [title] = await catalogue.run(
            "SELECT title FROM movies WHERE tmdb_id = %s", [tmdb_id]
        )
        assert title.startswith("New ")


class TestParity:
    """Proof that rows are what documents say."""

    async def _check(
        self, catalogue: Catalogue, url: str, **given: Any
    ) -> ParityReport:
        async with catalogue.pool.connection() as conn:
            before = await rows_of(conn)
        report = await check_parity(
            catalogue.pool, url, RebuildRequest(**given), processes=1
        )
        async with catalogue.pool.connection() as conn:
            assert await rows_of(conn) == before
        return report

    async def test_a_catalogue_as_stored_agrees(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """Nothing differs after storing, and every document was looked at."""
        report = await self._check(catalogue, url)

        documents = await catalogue.run("SELECT count(*) FROM documents")
        assert [report.compared] == documents
        assert (report.is_equal, report.differences) == (True, [])

    async def test_every_difference_is_found_and_named(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """The film or title and the tables are told, whatever was changed by hand; nothing is changed by looking."""
        ids = catalogue.ids
        film = {"credits": ids[3], "titles": ids[4], "movies": ids[5], "gone": ids[6]}
        await catalogue.run(
            "DELETE FROM credits WHERE movie_id = (SELECT id FROM movies WHERE tmdb_id = %s)",
            [film["credits"]],
        )
        await catalogue.run(
            "INSERT INTO alternative_titles SELECT id, 'XX', 'no such', '' FROM movies WHERE tmdb_id = %s",
            [film["titles"]],
        )
        await catalogue.run(
            "UPDATE movies SET overview = 'x' WHERE tmdb_id = %s", [film["movies"]]
        )
        await catalogue.run("DELETE FROM movies WHERE tmdb_id = %s", [film["gone"]])
        [(rated, imdb_id)] = await catalogue.run(
            "SELECT DISTINCT m.id, m.imdb_id FROM movies AS m JOIN ratings AS r ON r.movie_id = m.id"
            " WHERE r.source = 'omdb' AND m.tmdb_id <> ALL (%s) ORDER BY 1 LIMIT 1",
            [list(film.values())],
        )
        await catalogue.run(
            "UPDATE ratings SET votes = 3, value = 1.5 WHERE movie_id = %s AND kind = 'imdb'",
            [rated],
        )

        report = await self._check(catalogue, url)

        found = {each.external_id: set(each.tables) for each in report.differences}
        assert found[str(film["credits"])] == {"credits"}
        # With the title goes what makes it found.
        assert found[str(film["titles"])] == {"alternative_titles", "movie_titles"}
        assert found[str(film["movies"])] == {"movies"}
        assert "movies" in found[str(film["gone"])]
        assert found[imdb_id] == {"ratings"}
        assert report.differing == len(report.differences) == 5
        assert not report.is_equal

    async def test_rows_without_any_document_are_named(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """A film nobody told of, and ratings of a title that is not stored."""
        await catalogue.run(
            "INSERT INTO movies (tmdb_id, title, created_at, updated_at) VALUES (77, 'x', %s, %s)",
            [NOON, NOON],
        )
        await catalogue.run(
            "INSERT INTO ratings SELECT id, 'omdb', 'imdb', 5, 5, created_at FROM movies WHERE tmdb_id = 77"
        )

        report = await self._check(catalogue, url)

        assert [each.external_id for each in report.differences] == ["77", "77"]
        await rebuild(catalogue.pool, url, RebuildRequest(), processes=1)
        report = await self._check(catalogue, url)
        assert [each.tables for each in report.differences] == [{"movies": 1}]

    async def test_an_empty_catalogue_differs_in_every_film(
        self, catalogue: Catalogue, url: str
    ) -> None:
        """All are counted, twenty are listed, in processes of their own too."""
        await catalogue.empty()

        report = await check_parity(
            catalogue.pool, url, RebuildRequest(source="tmdb"), processes=2
        )

        assert (report.differing, len(report.differences)) == (120, 20)
        assert await catalogue.run("SELECT count(*) FROM movies") == [0]


async def test_counting_is_required(catalogue: Catalogue, url: str) -> None:
    """A server that does not count what is written proves nothing: it is refused."""
    name = await catalogue.run("SELECT current_database()")
    async with catalogue.pool.connection() as conn:
        await _set_counting(conn, name[0], "off")
    await catalogue.pool.close()
    async with await open_pool(url, size=2, application_name="test") as pool:
        with pytest.raises(ConfigError, match="does not count"):
            await check_parity(pool, url, RebuildRequest(), processes=1)


async def _set_counting(conn: AsyncConnection[Any], name: str, value: str) -> None:
    await conn.execute(f'ALTER DATABASE "{name}" SET track_counts = {value}')  # type: ignore[arg-type]
