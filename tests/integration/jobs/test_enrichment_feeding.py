"""What changes is computed by itself: by jobs of single films where few are due, by passes where many are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from cinegraph import clock
from cinegraph.catalog import change_log
from cinegraph.db.pool import Pool
from cinegraph.enrichment.due import passes, taking
from cinegraph.enrichment.due.kinds import FOLLOWED, Enrichment
from cinegraph.jobs import computing, enrichment
from cinegraph.jobs.cancelling import cancel_jobs
from cinegraph.jobs.computing import COMPUTED
from cinegraph.jobs.enrichment import CANCELLED_PAUSE, EnrichCatalog, EnrichMovie
from cinegraph.jobs.enrichment_feeding import MOST_JOBS, enrich
from collaborating import World, film
from deployments import Deployment

PAIRS = Enrichment.COLLABORATIONS
MANY = FOLLOWED[PAIRS].most_alone + 1
UNCOUNTED = (
    "SELECT count(*) FROM movies AS m WHERE NOT EXISTS"
    " (SELECT FROM collaboration_movies AS c WHERE c.movie_id = m.id)"
)
DUE = f"SELECT count(*) FROM enrichment_due WHERE enrichment = '{PAIRS}'"  # noqa: S608 - a constant
DUE_IDS = "SELECT movie_id FROM enrichment_due WHERE enrichment = %s ORDER BY 1"


@pytest.fixture
async def films(pool: Pool) -> AsyncIterator[World]:
    """Return films whose log is followed from its begin, and all of which were computed."""
    await enrich(pool)
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM oban_jobs")
        for kind in Enrichment:
            await passes.begin(conn, kind, now=clock.now())
            await passes.finish(conn, kind, films=0, now=clock.now())
    return World(pool)


async def change(films: World, tmdb_ids: Sequence[int], **facts: Any) -> None:
    """Store films, and give positions to what that changed."""
    await films.store(*(film(one, [one, one + 1], **facts) for one in tmdb_ids))
    async with films.pool.connection() as conn:
        await change_log.sequence(conn, now=clock.now())


async def jobs(films: World, worker: type[Any]) -> int:
    """Return how many jobs of a worker computing pairs are there."""
    [count] = await films.fetch(
        "SELECT count(*) FROM oban_jobs WHERE worker = %s AND args ->> 'enrichment' = %s",
        worker.name,
        PAIRS,
    )
    return int(count)


async def test_films_that_are_imported_are_computed_without_being_asked(
    deployment: Deployment,
) -> None:
    """Whatever imported them; none is left, and nothing stays due."""
    await deployment.finish(await deployment.c.import_popular_movies(pages=2))

    async with deployment.c.work():
        await deployment.until(UNCOUNTED, 0)
        await deployment.until(DUE, 0)

    told = await deployment.c.get_enrichment_status()
    [pairs] = [one for one in told.kinds if one.enrichment is PAIRS]
    assert (pairs.due, pairs.missing, pairs.failing) == (0, 0, 0)
    stored = await deployment.fetch("SELECT count(*) FROM movies")
    assert [pairs.current + pairs.impossible] == stored


async def test_few_are_computed_by_jobs_of_their_own(films: World) -> None:
    """Once each, however often the leading node looks."""
    await change(films, [1, 2, 3])

    await enrich(films.pool)
    await enrich(films.pool)

    assert await jobs(films, EnrichMovie) == 3
    assert await jobs(films, EnrichCatalog) == 0


async def test_many_are_one_pass(films: World) -> None:
    """Not a job each, and one pass however often the leading node looks, once no more come."""
    await change(films, range(1, MANY + 1))
    await enrich(films.pool)
    assert await jobs(films, EnrichCatalog) == 0
    async with films.pool.connection() as conn:
        await conn.execute(
            "UPDATE enrichment_due SET due_at = due_at - %s", (taking.QUIET,)
        )

    await enrich(films.pool)
    await enrich(films.pool)

    assert await jobs(films, EnrichMovie) == 0
    assert await jobs(films, EnrichCatalog) == 1


async def test_a_full_queue_takes_no_more(films: World) -> None:
    """What is due waits in its table."""
    async with films.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO oban_jobs (worker, queue, state, args, meta, max_attempts)"
            " SELECT 'x', 'enrichment', 'available', '{}', '{}', 3 FROM generate_series(1, %s)",
            (MOST_JOBS,),
        )
    await change(films, [1, 2, 3])

    await enrich(films.pool)

    assert await jobs(films, EnrichMovie) == 0
    assert await films.fetch(DUE) == [3]


async def test_a_lost_job_is_made_again(films: World) -> None:
    """Pruned, or its node's table restored: the film is due still."""
    await change(films, [1])
    await enrich(films.pool)
    async with films.pool.connection() as conn:
        await conn.execute("DELETE FROM oban_jobs")
        await conn.execute(
            "UPDATE enrichment_due SET queued_at = queued_at - %s",
            (2 * taking.LOST_AFTER,),
        )

    await enrich(films.pool)

    assert await jobs(films, EnrichMovie) == 1


async def test_a_cancelled_job_is_not_made_again_at_once(films: World) -> None:
    """A person does not want it now; it stays due."""
    await change(films, [1])
    await enrich(films.pool)
    async with films.pool.connection() as conn, conn.transaction():
        cursor = await conn.execute("SELECT id FROM oban_jobs")
        await cancel_jobs(conn, [row[0] for row in await cursor.fetchall()])

    await enrich(films.pool)

    [waiting] = await films.fetch(
        "SELECT due_at > %s FROM enrichment_due WHERE enrichment = %s",
        clock.now() + CANCELLED_PAUSE / 2,
        PAIRS,
    )
    assert waiting
    live = await films.fetch("SELECT count(*) FROM oban_jobs WHERE state = 'available'")
    assert live == [0]


@pytest.mark.parametrize("code", ["unexpected", "database"])
async def test_a_film_that_cannot_be_computed_stops_no_other(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """The batch is left to jobs of its films, and the status says which error the odd one has."""
    monkeypatch.setattr(EnrichMovie, "max_attempts", 1)
    await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    odd = min(await deployment.fetch("SELECT id FROM movies"))
    told = COMPUTED[PAIRS]

    async def compute(
        conn: psycopg.AsyncConnection[Any], movie_ids: Sequence[int], now: datetime
    ) -> list[int]:
        if odd in movie_ids and code == "unexpected":
            raise RuntimeError("odd")
        if odd in movie_ids:
            await conn.execute("SET LOCAL statement_timeout = '1ms'")
            await conn.execute("SELECT pg_sleep(9)")
        return await told.films(conn, movie_ids, now)

    broken = {**COMPUTED, PAIRS: replace(told, films=compute)}
    monkeypatch.setattr(enrichment, "COMPUTED", broken)
    async with deployment.c._app.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO enrichment_due (enrichment, movie_id, reason, is_spread, due_at, marked_at)"
            " SELECT %s, id, 'test', false, now(), now() FROM movies ON CONFLICT DO NOTHING",
            (PAIRS,),
        )
    run_id = await deployment.c.enrich(PAIRS, only_due=True)

    async with deployment.c.work():
        await deployment.until(f"{DUE} AND error_code = '{code}' AND failures > 1", 1)
        await deployment.until(DUE, 1)
        ended = await deployment.c.wait_for_run(run_id)

    assert ended.state == "completed"


@pytest.mark.parametrize("failures", [0, 1])
async def test_what_was_marked_by_a_clock_ahead_is_computed(
    films: World, failures: int
) -> None:
    """It would wait till that day; what failed a while ago, or was put off, waits."""
    await change(films, [1, 2])
    with clock.frozen(clock.now() + timedelta(days=400)):
        await enrich(films.pool)
    await films.fetch(
        "UPDATE enrichment_due SET failures = %s, queued_at = NULL RETURNING 1",
        failures,
    )
    waits = timedelta(hours=23 if failures == 0 else 167)
    await films.fetch(
        "UPDATE enrichment_due SET due_at = %s WHERE movie_id = (SELECT max(movie_id) FROM enrichment_due) RETURNING 1",
        clock.now() + waits,
    )
    async with films.pool.connection() as conn:
        await conn.execute("DELETE FROM oban_jobs")

    await enrich(films.pool)

    assert await jobs(films, EnrichMovie) == 1


async def test_a_pass_of_a_clock_ahead_is_done(films: World) -> None:
    """Wanted in the future, or done there, none would ever come."""
    async with films.pool.connection() as conn:
        await conn.execute(
            "UPDATE enrichment_states SET wanted_at = '2126-01-01', wanted_for = 'test', finished_at = '2126-01-01'"
        )

    await enrich(films.pool)

    assert await jobs(films, EnrichCatalog) == 1
    [finished_at] = await films.fetch("SELECT max(finished_at) FROM enrichment_states")
    assert finished_at <= clock.now()


@pytest.mark.parametrize("dies", [True, False])
async def test_who_dies_before_others_are_told_tells_them_later(
    films: World,
    monkeypatch: pytest.MonkeyPatch,
    dies: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A film is due until those beside it are, too; who was beside it, what is computed again does not tell."""
    await films.store(film(1, [1]), film(2, [2]))
    own, other = await films.fetch("SELECT id FROM movies ORDER BY id")

    beside = [[other], []]

    async def compute(*_: object) -> list[int]:
        return beside.pop(0)

    told = {**COMPUTED, PAIRS: replace(COMPUTED[PAIRS], films=compute)}
    monkeypatch.setattr(enrichment, "COMPUTED", told)
    async with films.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO enrichment_due (enrichment, movie_id, reason, is_spread, due_at, marked_at)"
            " VALUES (%s, %s, 'test', false, %s, %s)",
            (PAIRS, own, clock.now(), clock.now()),
        )
    if dies:
        with monkeypatch.context() as broken:
            broken.setattr(enrichment.following, "mark_beside", _die)
            with pytest.raises(RuntimeError, match="killed"):
                await enrichment._compute_batch(films.pool, PAIRS)
        assert await films.fetch(DUE_IDS, PAIRS) == [own]
        with clock.frozen(clock.now() + taking.TOLD_AFTER):
            await enrichment._compute_batch(films.pool, PAIRS)
    else:
        await enrichment._compute_batch(films.pool, PAIRS)

    assert await films.fetch(DUE_IDS, PAIRS) == [other]


async def _die(*_: object, **__: object) -> None:
    raise RuntimeError("killed")


async def test_all_films_are_computed_when_asked_for(deployment: Deployment) -> None:
    """As a run that ends; how far it is can be read."""
    await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    async with deployment.c._app.pool.connection() as conn:
        await conn.execute(
            "TRUNCATE collaborations, collaboration_people, collaboration_movies"
        )

    ended = await deployment.finish(await deployment.c.enrich("collaborations"))

    assert ended.state == "completed"
    assert await deployment.fetch(UNCOUNTED) == [0]
    state = await deployment.c.get_pass("collaborations")
    assert (
        state.films_done == (await deployment.fetch("SELECT count(*) FROM movies"))[0]
    )
    assert state.began_at is None


async def test_a_pass_that_fails_is_wanted_still(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run fails; nobody forgets that all films are to be computed, and nobody tries at once."""
    monkeypatch.setattr(EnrichCatalog, "max_attempts", 1)

    async def fail(*_: Any) -> int:
        raise RuntimeError("no room")

    broken = {**COMPUTED, PAIRS: replace(COMPUTED[PAIRS], all=fail)}
    monkeypatch.setattr(enrichment, "COMPUTED", broken)

    ended = await deployment.finish(await deployment.c.enrich("collaborations"))

    assert ended.state == "failed"
    state = await deployment.c.get_pass("collaborations")
    assert state.wanted_at is not None
    assert state.wanted_at > clock.now()


async def test_a_cancelled_run_is_not_begun_anew(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass that is under way ends between two batches, and is not made again at once."""
    await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    begun = asyncio.Event()

    async def go_on(_: Pool, __: datetime, progress: computing.Progress) -> int:
        begun.set()
        while True:
            await progress(1)

    endless = {**COMPUTED, PAIRS: replace(COMPUTED[PAIRS], all=go_on)}
    monkeypatch.setattr(enrichment, "COMPUTED", endless)
    run_id = await deployment.c.enrich("collaborations")

    async with deployment.c.work():
        await begun.wait()
        await deployment.c.cancel_run(run_id)
        await deployment.until(
            "SELECT count(*) FROM oban_jobs WHERE state IN ('available', 'executing') AND args ->> 'scope' = 'all'",
            0,
        )
        ended = await deployment.c.wait_for_run(run_id)

    assert ended.state == "cancelled"
    state = await deployment.c.get_pass("collaborations")
    assert state.wanted_at is not None
    assert state.wanted_at > clock.now() + CANCELLED_PAUSE / 2


async def test_another_version_has_all_films_computed_at_once(films: World) -> None:
    """And not again once it has; nobody waits for a schedule."""
    await films.fetch(
        "UPDATE enrichment_states SET version = 'before' WHERE enrichment = %s RETURNING 1",
        PAIRS,
    )

    await enrich(films.pool)
    await enrich(films.pool)

    wanted = "SELECT enrichment, wanted_for FROM enrichment_states WHERE wanted_at IS NOT NULL"
    version = FOLLOWED[PAIRS].version
    assert await films.fetch(wanted) == [
        (PAIRS, f"version {version} of how it is computed")
    ]
    assert await jobs(films, EnrichCatalog) == 1
    async with films.pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=clock.now())
        await enrich(films.pool)
        await passes.finish(conn, PAIRS, films=0, now=clock.now())
    await enrich(films.pool)
    assert await films.fetch(wanted) == []


async def test_who_wants_what_is_due_computed_waits_for_a_pass_that_has_it(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run does not end with nothing done, and ends when the pass has."""
    monkeypatch.setattr(enrichment, "AFTER_PASS", timedelta(seconds=1))
    await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    await deployment.finish(await deployment.c.enrich(PAIRS))
    pool = deployment.c._app.pool
    async with pool.connection() as conn:
        await passes.begin(conn, PAIRS, now=clock.now())
    run_id = await deployment.c.enrich(PAIRS, only_due=True)

    async with deployment.c.work():
        await deployment.until(
            "SELECT count(*) FROM oban_jobs WHERE state = 'scheduled' AND args ->> 'scope' = 'due'",
            1,
        )
        assert (await deployment.c.get_run(run_id)).is_running
        async with pool.connection() as conn:
            await passes.finish(conn, PAIRS, films=20, now=clock.now())
        ended = await deployment.c.wait_for_run(run_id)

    assert ended.state == "completed"


def test_every_kind_can_be_computed() -> None:
    """What follows changes is computed by somebody."""
    assert computing.COMPUTED.keys() == FOLLOWED.keys() == {*Enrichment}
