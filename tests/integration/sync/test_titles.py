"""What is asked of OMDb: which films, by which id, for whom."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cinegraph.sync import ledger, policy, runs, stamps, titles
from cinegraph.sync.runs import MOVIE, OMDB, ItemState
from cinegraph.sync.titles import Asked, Candidate
from ledger_rows import NOW, TITLE, Conn, add_movies, items, rows, start

LATER = NOW + timedelta(days=1)


async def _plan(conn: Conn, ids: Sequence[int], now: datetime = NOW) -> list[Asked]:
    """Ask for films as the transaction does that stores them."""
    return await titles.plan(
        conn,
        [Candidate(id_, 5.0, date(1980, 1, 1)) for id_ in ids],
        **TITLE,
        item_kind=OMDB,
        now=now,
    )


async def _asked_for(conn: Conn) -> dict[int, str]:
    cursor = await conn.execute(
        "SELECT external_id, asked_for FROM sync_ledger WHERE source = 'omdb'"
    )
    return dict(await cursor.fetchall())


async def _add_document(conn: Conn, imdb_id: str, checked_at: datetime) -> None:
    await conn.execute(
        "INSERT INTO documents (source, kind, external_id, body_gzip, sha256, size_bytes, fetched_at, checked_at)"
        " VALUES ('omdb', 'title', %(id)s, '', '', 0, %(at)s, %(at)s)",
        {"id": imdb_id, "at": checked_at},
    )


async def _entry(conn: Conn, id_: int) -> ledger.LedgerEntry:
    [entry] = [
        one
        for one in await ledger.find_entries(conn, MOVIE, id_)
        if one.source == "omdb"
    ]
    return entry


class TestPlan:
    """Films that were just stored."""

    async def test_only_films_with_an_imdb_id_are_asked_for(self, conn: Conn) -> None:
        """By that id, with their worth; nobody waits for them by name."""
        await add_movies(conn, {1: "tt0000001", 2: None, 3: "tt0000003"})
        assert await _plan(conn, [3, 2, 1, 4]) == []
        assert await rows(conn, source="omdb") == {
            1: ("wanted", 0, NOW),
            3: ("wanted", 0, NOW),
        }
        assert await _asked_for(conn) == {1: "tt0000001", 3: "tt0000003"}
        expected = policy.title_value(5.0, released_on=date(1980, 1, 1), now=NOW)
        assert (await _entry(conn, 1)).priority == expected

    async def test_a_film_is_asked_for_when_its_id_appears(self, conn: Conn) -> None:
        """Stored again with one, it is wanted; before that nothing was."""
        await add_movies(conn, {1: None})
        await _plan(conn, [1])
        assert await rows(conn, source="omdb") == {}
        await conn.execute("UPDATE movies SET imdb_id = 'tt0000001'")
        await _plan(conn, [1])
        assert await _asked_for(conn) == {1: "tt0000001"}

    async def test_what_was_answered_is_not_asked_again(self, conn: Conn) -> None:
        """Storing the film once more changes nothing, whatever the answer was."""
        await add_movies(conn, {id_: f"tt000000{id_}" for id_ in range(1, 5)})
        await _plan(conn, range(1, 5))
        await stamps.touch_found(conn, [1], changed_ids=[1], **TITLE, now=NOW)
        await stamps.touch_empty(
            conn, 2, is_changed=True, released_on=None, **TITLE, now=NOW
        )
        await stamps.touch_absent(conn, 3, **TITLE, now=NOW)
        await stamps.touch_failed(conn, 4, **TITLE, error_code="x", error="x", now=NOW)
        before = await rows(conn, source="omdb")
        run_id = await start(conn, opened=range(1, 5))
        await _plan(conn, range(1, 5), LATER)
        assert await rows(conn, source="omdb") == before
        assert await items(conn, run_id, OMDB) == {}

    async def test_another_imdb_id_is_asked_for_anew(self, conn: Conn) -> None:
        """The answer was about another title; so are failures of the past."""
        await add_movies(conn, {1: "tt0000001", 2: "tt0000002"})
        await _plan(conn, [1, 2])
        await stamps.touch_found(conn, [1], changed_ids=[1], **TITLE, now=NOW)
        await stamps.touch_failed(conn, 2, **TITLE, error_code="x", error="x", now=NOW)
        await conn.execute("UPDATE movies SET imdb_id = imdb_id || '9'")
        run_id = await start(conn, opened=[1])
        await _plan(conn, [1, 2], LATER)
        assert await rows(conn, source="omdb") == {
            1: ("wanted", run_id, LATER),
            2: ("wanted", 0, LATER),
        }
        assert await _asked_for(conn) == {1: "tt00000019", 2: "tt00000029"}
        found = await _entry(conn, 2)
        assert (found.attempts, found.error_code, found.checked_at) == (0, None, None)
        assert await items(conn, run_id, OMDB) == {1: "planned"}

    async def test_a_document_that_is_there_counts_as_fresh(self, conn: Conn) -> None:
        """From when it was checked; no run waits for it, and it comes due in its time."""
        await add_movies(conn, {1: "tt0000001"})
        checked_at = NOW - timedelta(days=3)
        await _add_document(conn, "tt0000001", checked_at)
        run_id = await start(conn, opened=[1])
        assert await _plan(conn, [1]) == []
        due_at = policy.due_after_found(checked_at)
        assert (await rows(conn, source="omdb"))[1][::2] == ("fresh", due_at)
        assert (await _entry(conn, 1)).checked_at == checked_at
        assert await items(conn, run_id, OMDB) == {}

    async def test_runs_that_wait_for_the_film_wait_for_its_title(
        self, conn: Conn
    ) -> None:
        """Planned or at work alike, and only these; the first of them is its sponsor."""
        await add_movies(conn, {1: "tt0000001", 2: "tt0000002"})
        one = await start(conn, opened=[1, 2])
        two = await start(conn, planned=[1])
        done = await start(conn, opened=[1])
        await runs.settle_items(conn, MOVIE, [1], ItemState.DONE, now=NOW, run_id=done)
        assert await _plan(conn, [1, 2]) == []
        assert await items(conn, one, OMDB) == {1: "planned", 2: "planned"}
        assert await items(conn, two, OMDB) == {1: "planned"}
        assert await items(conn, done, OMDB) == {}
        assert (await rows(conn, source="omdb"))[1] == ("wanted", one, NOW)

    async def test_a_run_waits_for_a_title_that_is_asked_for_already(
        self, conn: Conn
    ) -> None:
        """Open where a job is at it, planned where it waits; the ledger keeps what it has."""
        await add_movies(conn, {1: "tt0000001", 2: "tt0000002"})
        first = await start(conn, opened=[1, 2])
        await _plan(conn, [1, 2])
        await runs.settle_items(conn, MOVIE, [1, 2], ItemState.DONE, now=NOW)
        await ledger.queue(conn, [1], **TITLE, reason="never asked", now=NOW)
        second = await start(conn, opened=[1, 2])
        before = await rows(conn, source="omdb")
        await _plan(conn, [1, 2], LATER)
        assert await items(conn, second, OMDB) == {1: "open", 2: "planned"}
        assert await rows(conn, source="omdb") == before
        assert before[2] == ("wanted", first, NOW)

    async def test_named_films_are_returned_for_their_jobs(self, conn: Conn) -> None:
        """A person waits: queued at once, open in the run; others of the group are the feeder's."""
        ids = await add_movies(conn, {1: "tt0000001", 2: "tt0000002", 3: None})
        named = await start(conn, kind=runs.BY_NAME, opened=[1, 3])
        listed = await start(conn, opened=[1, 2])
        assert await _plan(conn, [1, 2, 3]) == [Asked(1, ids[1], named)]
        assert await rows(conn, source="omdb") == {
            1: ("queued", named, NOW),
            2: ("wanted", listed, NOW),
        }
        assert await items(conn, named, OMDB) == {1: "open"}
        assert await items(conn, listed, OMDB) == {1: "open", 2: "planned"}

    async def test_a_person_overtakes_the_backlog(self, conn: Conn) -> None:
        """What waits for another day's quota is asked for now when somebody names the film."""
        ids = await add_movies(conn, {1: "tt0000001"})
        await _plan(conn, [1])
        await ledger.put_back(conn, [1], **TITLE, reason="no quota", due_at=LATER)
        named = await start(conn, kind=runs.BY_NAME, opened=[1])
        assert await _plan(conn, [1]) == [Asked(1, ids[1], named)]
        assert (await rows(conn, source="omdb"))[1][0] == "queued"

    async def test_neither_a_job_behind_others_nor_a_failure_holds_a_person_up(
        self, conn: Conn
    ) -> None:
        """The caller hurries the job that is there; what has failed is tried at once."""
        ids = await add_movies(conn, {1: "tt0000001", 2: "tt0000002"})
        await _plan(conn, [1, 2])
        await ledger.queue(conn, [1], **TITLE, reason="never asked", now=NOW)
        await stamps.touch_failed(conn, 2, **TITLE, error_code="x", error="x", now=NOW)
        named = await start(conn, kind=runs.BY_NAME, opened=[1, 2])
        assert await _plan(conn, [1, 2]) == [
            Asked(1, ids[1], named),
            Asked(2, ids[2], named),
        ]
        assert await items(conn, named, OMDB) == {1: "open", 2: "open"}


class TestUnasked:
    """Films that were stored before OMDb was switched on."""

    async def test_they_are_listed_batch_by_batch(self, conn: Conn) -> None:
        """Those with an IMDb id that the ledger does not know, ascending."""
        await add_movies(
            conn, {9: "tt0000009", 1: "tt0000001", 5: None, 7: "tt0000007"}
        )
        await _plan(conn, [7])
        found = await titles.list_unasked(conn, **TITLE, after=0, limit=1)
        assert [film.tmdb_id for film in found] == [1]
        found = await titles.list_unasked(conn, **TITLE, after=1, limit=9)
        assert found == [Candidate(9, 5.0, date(1980, 1, 1))]
        assert await titles.list_unasked(conn, **TITLE, after=9, limit=9) == []

    async def test_films_are_found_by_tmdbs_ids(self, conn: Conn) -> None:
        """Those that can be asked for."""
        ids = await add_movies(conn, {2: "tt0000002", 1: "tt0000001", 3: None})
        found = await titles.find_films(conn, [1, 2, 3, 4])
        assert found == [Asked(1, ids[1]), Asked(2, ids[2])]
