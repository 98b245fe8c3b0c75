"""Importing lists through real jobs and real HTTP: what arrives, and what does not."""

import gzip
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cinegraph import clock
from cinegraph.jobs.imports import ImportMovie
from cinegraph.sandbox import Body, World
from cinegraph.sources.providers.tmdb import client
from deployments import POLL, Deployment
from snapshots import catalog_of, rows_of

LIVE_JOBS = (
    "SELECT count(*) FROM oban_jobs"
    " WHERE state NOT IN ('completed', 'discarded', 'cancelled')"
)
TRUE_BODY_COLUMNS = "SELECT tmdb_id, title, budget_usd, imdb_id FROM movies ORDER BY 1"


def _listed(world: World, name: str, pages: int) -> set[int]:
    return {
        tmdb_id
        for page in range(1, pages + 1)
        for tmdb_id in world.list_ids(name, page)
    }


@pytest.mark.parametrize("name", ["popular", "top_rated"])
async def test_a_list_arrives_whole(
    deployment: Deployment, world: World, name: str
) -> None:
    """Every film of the pages asked for is stored as the world tells it, once."""
    start = {
        "popular": deployment.c.import_popular_movies,
        "top_rated": deployment.c.import_top_rated_movies,
    }[name]
    ended = await deployment.finish(await start(pages=3))
    listed = _listed(world, name, 3)
    expected = world.expected(listed)
    assert (ended.state, ended.planned, ended.done) == (
        "completed",
        len(listed),
        len(listed),
    )
    assert (ended.pages_planned, ended.pages_read) == (3, 3)
    assert await deployment.fetch(TRUE_BODY_COLUMNS) == [
        (film.tmdb_id, film.title, film.budget_usd, film.imdb_id)
        for _, film in sorted(expected.items())
    ]
    assert await deployment.fetch("SELECT count(*) FROM credits") == [
        sum(len(film.credits) for film in expected.values())
    ]
    assert await deployment.fetch("SELECT count(*) FROM people") == [
        len({person.tmdb_id for film in expected.values() for person in film.people})
    ]
    assert await deployment.fetch("SELECT DISTINCT state::text FROM oban_jobs") == [
        "completed"
    ]


async def test_jobs_know_their_run_and_their_parent(deployment: Deployment) -> None:
    """A film's job was made by a page's, and both belong to the run."""
    run_id = await deployment.c.import_popular_movies(pages=2)
    await deployment.finish(run_id)
    rows = await deployment.fetch(
        "SELECT child.meta->>'run_id', parent.worker FROM oban_jobs AS child"
        " JOIN oban_jobs AS parent ON parent.id = (child.meta->>'parent_id')::bigint"
        " WHERE child.worker LIKE '%%ImportMovie'"
    )
    assert rows
    assert {run for run, _ in rows} == {str(run_id)}
    assert all(worker.endswith("DiscoverMovies") for _, worker in rows)


async def test_a_second_run_changes_no_row_but_checked(deployment: Deployment) -> None:
    """The same answers again move ledger times; no other row of films is rewritten."""
    await deployment.finish(await deployment.c.import_popular_movies(pages=2))
    leaving_out = [
        "oban_jobs",
        "oban_producers",
        "oban_leaders",
        "sync_runs",
        "sync_run_items",
        "sync_ledger",
    ]
    async with deployment.c._app.pool.connection() as conn:
        leaving_out += await _tables_like(
            conn,
            (
                "request_",
                "heartbeat_",
                "sync_run_",
                "sync_ledger_",
                "catalog_",
                "alert",
            ),
        )
        before = await rows_of(conn, leaving_out=leaving_out)
    facts = "SELECT external_id, state, reason, changed_at, attempts FROM sync_ledger ORDER BY 1"
    ledger_before = await deployment.fetch(facts)
    checked_before = await deployment.fetch("SELECT max(checked_at) FROM sync_ledger")
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=2))
    assert ended.done == ended.planned > 0
    async with deployment.c._app.pool.connection() as conn:
        assert await rows_of(conn, leaving_out=leaving_out) == before
    assert await deployment.fetch(facts) == ledger_before
    (checked,) = await deployment.fetch("SELECT min(checked_at) FROM sync_ledger")
    assert checked > checked_before[0]


async def _tables_like(
    conn: psycopg.AsyncConnection[Any], prefixes: tuple[str, ...]
) -> list[str]:
    cursor = await conn.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")
    return [row[0] for row in await cursor.fetchall() if row[0].startswith(prefixes)]


async def test_pages_end_where_the_source_says(
    deployment: Deployment, world: World
) -> None:
    """Of a hundred pages asked for, those there are are read."""
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=100))
    assert ended.pages_planned == 5
    assert ended.planned == len(_listed(world, "popular", 5)) == 90
    assert ended.state == "completed"


async def test_no_page_beyond_500_is_planned(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TMDB claims tens of thousands of pages and serves 500: only those are asked for."""
    assert client.LAST_PAGE == 500
    monkeypatch.setattr(client, "LAST_PAGE", 3)
    deployment.script.pages = {("popular", page): () for page in range(1, 9)}
    deployment.script.total_pages = 45_000
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=500))
    assert (ended.pages_planned, ended.pages_read) == (3, 3)


async def test_films_that_drift_between_pages_are_imported_once(
    deployment: Deployment,
    world: World,
) -> None:
    """A film on two pages, or twice on one, is one item and one request."""
    a, b, c, d = list(world.ids())[:4]
    deployment.script.pages = {("popular", 1): (a, b), ("popular", 2): (b, c, c, d, a)}
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=2))
    assert (ended.planned, ended.done) == (4, 4)
    assert sorted(deployment.script.asked) == sorted([a, b, c, d])


async def test_a_list_without_films_ends(deployment: Deployment) -> None:
    """An empty first page is a complete, if disappointing, run."""
    deployment.script.pages = {("popular", 1): ()}
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=5))
    assert (ended.state, ended.planned, ended.pages_read) == ("completed", 0, 1)


async def test_a_listed_film_denied_once_is_asked_for_again(
    deployment: Deployment,
    world: World,
) -> None:
    """A 404 that is not true, as caches give it, costs no film."""
    film = world.popular_ids(1)[0]
    deployment.script.tell(film, None)
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    assert (ended.done, ended.absent) == (20, 0)
    assert deployment.script.asked.count(film) == 2
    assert (await deployment.ledger())[film] == "fresh"


async def test_a_listed_film_denied_twice_is_absent(
    deployment: Deployment,
    world: World,
) -> None:
    """The second denial is definitive: asked twice, never a third time."""
    film = world.popular_ids(1)[0]
    deployment.script.tell_for_ever(film, None)
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    assert (ended.state, ended.done, ended.absent) == ("completed", 19, 1)
    assert deployment.script.asked.count(film) == 2
    assert (await deployment.ledger())[film] == "absent"


async def test_a_film_named_by_a_person_is_denied_at_once(
    deployment: Deployment,
) -> None:
    """Nothing but the person says there is such a film: one 404 is enough."""
    ended = await deployment.finish(await deployment.c.import_movies([999_999]))
    assert (ended.absent, ended.planned) == (1, 1)
    assert deployment.script.asked == [999_999]


async def test_absence_keeps_the_film(deployment: Deployment, world: World) -> None:
    """A film that is gone upstream stays with us, and the ledger says it is absent."""
    film = world.popular_ids(1)[0]
    await deployment.finish(await deployment.c.import_movies([film]))
    deployment.script.tell_for_ever(film, None)
    await deployment.finish(await deployment.c.import_movies([film]))
    assert (await deployment.ledger())[film] == "absent"
    assert await deployment.fetch("SELECT tmdb_id FROM movies") == [film]


BROKEN = [
    pytest.param(b"", id="empty"),
    pytest.param(b"<html><body>Bad gateway</body></html>", id="html"),
    pytest.param(b'{"id": 603, "title": "cut', id="cut"),
    pytest.param(b"\xff\xfe\x00bytes", id="bytes"),
]


@pytest.mark.parametrize("body", BROKEN)
async def test_an_unreadable_body_is_asked_for_again(
    deployment: Deployment,
    world: World,
    body: bytes,
) -> None:
    """What is no JSON says nothing about the film: a retry, and it is stored."""
    film = world.popular_ids(1)[0]
    deployment.script.tell(film, body)
    ended = await deployment.finish(await deployment.c.import_movies([film]))
    assert (ended.state, ended.done) == ("completed", 1)
    assert deployment.script.asked.count(film) == 2
    (attempt, errors) = (
        await deployment.fetch("SELECT attempt, errors FROM oban_jobs")
    )[0]
    assert attempt == 2
    assert [error["code"] for error in errors] == ["undecodable"]
    assert await deployment.fetch(
        "SELECT count(*) FROM quarantine WHERE is_confirmed"
    ) == [0]


async def test_outages_are_outlived_by_rounds(
    deployment: Deployment,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Attempts used up in an outage are not the end: a further round stores the film."""
    monkeypatch.setattr(ImportMovie, "max_attempts", 2)
    film = world.popular_ids(1)[0]
    run_id = await deployment.c.import_movies([film])
    deployment.sandbox.change_faults({"5xx": 1.0})
    async with deployment.work():
        await deployment.until(
            "SELECT count(*) FROM oban_jobs WHERE state = 'discarded'", 1
        )
        reading = await deployment.c.get_run(run_id)
        assert reading.is_running
        assert reading.failed == 0
        deployment.sandbox.change_faults({})
        ended = await deployment.c.wait_for_run(run_id, every=POLL)
    assert (ended.state, ended.done, ended.failed) == ("completed", 1, 0)


async def test_what_never_comes_fails_after_all_rounds(
    deployment: Deployment,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rounds of attempts; then the run has failed and the ledger says when next."""
    monkeypatch.setattr(ImportMovie, "max_attempts", 2)
    film = world.popular_ids(1)[0]
    deployment.sandbox.change_faults({"5xx": 1.0})
    ended = await deployment.finish(await deployment.c.import_movies([film]))
    assert (ended.state, ended.failed) == ("failed", 1)
    assert await deployment.fetch("SELECT attempt FROM oban_jobs") == [2] * 4
    (entry,) = (await deployment.c.trace_movie(film)).ledger
    assert (entry.state, entry.error_code) == ("failed", "unavailable")
    assert entry.due_at is not None


async def test_a_broken_schema_is_quarantined_and_the_good_row_kept(
    deployment: Deployment,
    world: World,
) -> None:
    """The body is kept as a sample with the field; the stored film does not change."""
    film, other = world.popular_ids(1)[:2]
    await deployment.finish(await deployment.c.import_movies([film]))
    async with deployment.c._app.pool.connection() as conn:
        before = await catalog_of(conn)
    broken = deployment.script.body(film, title="Emptied", credits={"cast": "none"})
    deployment.script.tell_for_ever(film, broken)
    ended = await deployment.finish(await deployment.c.import_movies([film, other]))
    assert (ended.state, ended.done, ended.quarantined) == ("completed", 1, 1)
    assert deployment.script.asked.count(film) == 2, "a broken schema is not retried"
    ((reason, detail, sample, confirmed),) = await deployment.fetch(
        "SELECT reason, detail, sample, is_confirmed FROM quarantine"
    )
    assert (reason, confirmed) == ("payload", True)
    assert "credits" in detail
    assert bytes(sample) == broken[: 64 * 1024]
    async with deployment.c._app.pool.connection() as conn:
        after = await catalog_of(conn)
    kept = [row for row in after["movies"] if row["tmdb_id"] == film]
    assert kept == before["movies"]
    assert (await deployment.ledger())[film] == "quarantined"


async def test_a_missing_part_never_empties_a_set(
    deployment: Deployment,
    world: World,
) -> None:
    """A 200 without the credits asked for is broken, not a film without people."""
    film = world.popular_ids(1)[0]
    await deployment.finish(await deployment.c.import_movies([film]))
    count = "SELECT count(*) FROM credits"
    before = await deployment.fetch(count)
    deployment.script.tell_for_ever(film, deployment.script.body(film, credits=None))
    ended = await deployment.finish(await deployment.c.import_movies([film]))
    assert ended.quarantined == 1
    assert await deployment.fetch(count) == before
    assert before > [0]


async def test_the_same_nonsense_three_times_over_hours_is_quarantined(
    deployment: Deployment,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within minutes it may be a passing fault; hours later it is the body."""
    monkeypatch.setattr(ImportMovie, "max_attempts", 3)
    film = world.popular_ids(1)[0]
    deployment.script.tell_for_ever(film, b"<html>for ever</html>")
    start = datetime(2026, 9, 1, 12, tzinfo=UTC)
    with clock.frozen(start):
        await _import_once(deployment, film)
        first = await deployment.ledger()
        confirmed = await deployment.fetch("SELECT is_confirmed FROM quarantine")
    assert confirmed == [False], "many times within minutes is one outage"
    assert first[film] == "queued", "further rounds are to come"
    with clock.frozen(start + timedelta(hours=3)):
        await _import_once(deployment, film)
    assert (await deployment.ledger())[film] == "quarantined"
    ((reason, confirmed, seen),) = await deployment.fetch(
        "SELECT reason, is_confirmed, seen_count FROM quarantine"
    )
    assert (reason, confirmed) == ("undecodable", True)
    assert seen == 6


async def _import_once(deployment: Deployment, film: int) -> None:
    """One round of attempts: the keeper's own loop is not needed under a still clock."""
    await deployment.c.import_movies([film])
    async with deployment.work():
        await deployment.until(
            LIVE_JOBS,
            0,
        )


async def test_a_refusal_of_the_database_harms_no_neighbour(
    deployment: Deployment,
    world: World,
) -> None:
    """A film the database cannot hold is quarantined alone; its group is stored."""
    films = world.popular_ids(1)
    # Too long for any index, and not compressible.
    title = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(4_000))
    broken = deployment.script.body(
        films[3], alternative_titles={"titles": [{"iso_3166_1": "DE", "title": title}]}
    )
    deployment.script.tell_for_ever(films[3], broken)
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    assert (ended.state, ended.done, ended.quarantined) == ("completed", 19, 1)
    ledger = await deployment.ledger()
    assert ledger.pop(films[3]) == "quarantined"
    assert set(ledger.values()) == {"fresh"}
    assert await deployment.fetch("SELECT reason FROM quarantine") == ["payload"]


async def test_a_broken_page_is_kept_aside_and_the_run_says_so(
    deployment: Deployment,
    world: World,
) -> None:
    """A page of another shape is quarantined with a sample; the other pages arrive."""
    del world
    script = deployment.script
    whole = script.page

    def page(name: str, number: int) -> Body | None:
        return script.other("/configuration") if number == 2 else whole(name, number)

    script.page = page
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=3))
    assert ended.state == "failed"
    assert ended.note == "1 list page could not be read"
    assert ended.done == ended.planned > 20
    assert await deployment.fetch(
        "SELECT kind, external_id, is_confirmed FROM quarantine"
    ) == [("popular_page", "2", True)]


async def test_a_page_that_is_denied_is_read_again(
    deployment: Deployment,
    world: World,
) -> None:
    """A 404 to a list page is a failure to be tried again, never an absence that loses its films."""
    script = deployment.script
    whole = script.page
    denials = [2]

    def page(name: str, number: int) -> Body | None:
        if number in denials:
            denials.remove(number)
            return None
        return whole(name, number)

    script.page = page
    ended = await deployment.finish(await deployment.c.import_popular_movies(pages=2))
    assert denials == []
    assert (ended.state, ended.pages_read) == ("completed", 2)
    assert ended.done == len(_listed(world, "popular", 2))


async def test_a_halted_source_waits_and_resumes_with_the_right_key(
    deployment: Deployment,
    world: World,
) -> None:
    """A refused key costs no attempt and no film: with the right one the work goes on."""
    deployment.sandbox._routes._key = "right-key"
    async with deployment.open_other(tmdb_api_key="wrong-key") as wrong:
        run_id = await wrong.import_popular_movies(pages=1)
        async with deployment.work(wrong):
            await deployment.until(
                "SELECT count(*) FROM oban_jobs"
                " WHERE meta->>'error_code' IN ('rejected', 'halted')",
                1,
            )
        budget = await wrong.check_rate_limit()
        assert budget.halt_reason
    reading = await deployment.c.get_run(run_id)
    assert reading.is_running
    assert (reading.failed, reading.pages_read) == (0, 0)
    async with (
        deployment.open_other(tmdb_api_key="right-key") as right,
        deployment.work(right),
    ):
        ended = await right.wait_for_run(run_id, every=POLL)
    assert (ended.state, ended.done) == ("completed", len(world.popular_ids(1)))
    assert await deployment.fetch("SELECT max(attempt) FROM oban_jobs") == [1]


async def test_a_cancelled_run_stops(deployment: Deployment) -> None:
    """After a cancel nothing is fetched any more, and the run tells what was done."""
    run_id = await deployment.c.import_popular_movies(pages=3)
    assert await deployment.c.cancel_run(run_id)
    async with deployment.work():
        await deployment.until(
            LIVE_JOBS,
            0,
        )
    ended = await deployment.c.get_run(run_id)
    assert (ended.state, ended.planned, ended.open) == ("cancelled", 0, 0)
    assert deployment.script.asked == []


async def test_what_cannot_be_stored_or_is_unknown_arrives_clean(
    deployment: Deployment, world: World
) -> None:
    """The body is kept byte for byte; NUL goes, "" and 0 become null, money stays whole."""
    film = world.popular_ids(1)[0]
    body = deployment.script.body(
        film,
        title="a\0b",
        overview="",
        release_date="",
        runtime=0,
        budget=0,
        revenue=9_000_000_000,
    )
    assert b"\\u0000" in body
    deployment.script.tell_for_ever(film, body)
    ended = await deployment.finish(await deployment.c.import_movies([film]))
    assert ended.done == 1
    assert await deployment.fetch(
        "SELECT title, overview, release_date, runtime_minutes, budget_usd, revenue_usd FROM movies"
    ) == [("ab", None, None, None, None, 9_000_000_000)]
    ((packed, sha256),) = await deployment.fetch(
        "SELECT body_gzip, sha256 FROM documents"
    )
    assert gzip.decompress(packed) == body
    assert sha256 == hashlib.sha256(body).digest()
