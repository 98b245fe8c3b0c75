"""Jobs that compute what a film's credits say of who worked with whom, and what they tell their runs."""

from collections.abc import AsyncIterator
from typing import Any, cast

import psycopg
import pytest

from cinegraph.db.pool import Pool
from cinegraph.errors import JobArgumentsError
from cinegraph.jobs import enrichment
from cinegraph.jobs.cancelling import cancel_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.enrichment import EnrichMovie, EnrichMovieArgs, enrichment_jobs
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.sync import runs
from cinegraph.sync.runs import COLLABORATIONS, RunId
from deployments import Deployment
from ledger_rows import add_movies, items, start

type Conn = psycopg.AsyncConnection[Any]

PAIRS = "SELECT count(*) FROM collaborations"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[Conn]:
    """Return a connection on which every statement is committed."""
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        yield connection
        await connection.set_autocommit(False)


@pytest.fixture
def keeper(pool: Pool) -> RunKeeper:
    """Return what gives lost work its job."""
    return RunKeeper(pool, lambda: True, turn_seconds=999)


async def begin(conn: Conn, *tmdb_ids: int) -> tuple[RunId, dict[int, int]]:
    """Start a run that computes stored films; return our ids of them."""
    movie_ids = await add_movies(conn, dict.fromkeys(tmdb_ids))
    return await start(conn, opened=tmdb_ids, item_kind=COLLABORATIONS), movie_ids


async def ends(deployment: Deployment, run_id: RunId) -> dict[int, tuple[str, str]]:
    """Return state and error of the items of a run by TMDB's id."""
    rows = await deployment.fetch(
        "SELECT external_id, state, error_code FROM sync_run_items"  # noqa: S608 - a number
        f" WHERE run_id = {run_id} AND kind = 'collaborations'"
    )
    return {film: (state, error) for film, state, error in rows}


async def begin_for_all(deployment: Deployment) -> tuple[RunId, dict[int, int]]:
    """Import films, then start a run that computes them; return it and our ids by TMDB's."""
    await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    films = dict(await deployment.fetch("SELECT tmdb_id, id FROM movies"))
    async with deployment.c._app.pool.connection() as conn:
        run_id = await start(conn, opened=[*films], item_kind=COLLABORATIONS)
    return run_id, films


async def test_a_run_computes_its_films(deployment: Deployment) -> None:
    """Each film by its job; the run ends with all of them done."""
    run_id, films = await begin_for_all(deployment)
    async with deployment.c._app.pool.connection() as conn:
        jobs = enrichment_jobs(films, dict.fromkeys(films, run_id))
        await insert_jobs(conn, jobs)

    ended = await deployment.finish(run_id)

    assert ended.state == "completed"
    assert set((await ends(deployment, run_id)).values()) == {("done", None)}
    assert (await deployment.fetch(PAIRS))[0] > len(films)


async def test_a_job_of_no_run_tells_those_that_wait(deployment: Deployment) -> None:
    """What is computed is computed for all."""
    run_id, films = await begin_for_all(deployment)
    async with deployment.c._app.pool.connection() as conn:
        await insert_jobs(conn, enrichment_jobs(films))

    await deployment.finish(run_id)

    assert set((await ends(deployment, run_id)).values()) == {("done", None)}


async def test_a_film_that_cannot_be_computed_fails_after_all_rounds(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run goes on to the end and says so; pairs and item change together or not at all."""
    run_id, films = await begin_for_all(deployment)
    broken = min(films)

    async def refuse(*told: Any, **facts: Any) -> None:
        if told[2] == [broken]:
            raise RuntimeError("broken")
        await settled(*told, **facts)

    settled = runs.settle_items
    monkeypatch.setattr(enrichment.runs, "settle_items", refuse)

    # No job is made here: the keeper gives open items theirs, and further rounds.
    await deployment.finish(run_id)

    found = await ends(deployment, run_id)
    assert found.pop(broken) == ("failed", "unexpected")
    assert set(found.values()) == {("done", None)}
    assert await deployment.fetch(
        f"SELECT count(*) FROM collaboration_movies WHERE movie_id = {films[broken]}"  # noqa: S608 - a number
    ) == [0]


async def test_a_cancelled_job_is_not_waited_for(conn: Conn) -> None:
    """Its item ends in its run."""
    run_id, films = await begin(conn, 1, 2)
    made = await insert_jobs(conn, enrichment_jobs(films, {1: run_id, 2: run_id}))

    async with conn.transaction():
        await cancel_jobs(conn, [cast("int", made[0].id)])

    found = await items(conn, run_id, COLLABORATIONS)
    assert found == {1: "cancelled", 2: "open"}


async def test_open_items_without_a_job_get_one(conn: Conn, keeper: RunKeeper) -> None:
    """Those that have one are left, and a film that is not stored is given up."""
    run_id, films = await begin(conn, 1, 2)
    await runs.add_items(conn, run_id, COLLABORATIONS, [3])
    await insert_jobs(conn, enrichment_jobs({1: films[1]}))

    assert await keeper.audit() == 1

    assert await items(conn, run_id, COLLABORATIONS) == {
        1: "open",
        2: "open",
        3: "absent",
    }
    cursor = await conn.execute("SELECT args FROM oban_jobs ORDER BY id")
    assert [row[0]["movie_id"] for row in await cursor.fetchall()] == [*films.values()]


async def test_a_film_that_is_computed_may_still_be_lost(
    conn: Conn, keeper: RunKeeper
) -> None:
    """Who computes it is not at its import."""
    _, films = await begin(conn, 1)
    await start(conn, opened=[1])
    await insert_jobs(conn, enrichment_jobs(films))

    assert await keeper.audit() == 1

    cursor = await conn.execute("SELECT queue FROM oban_jobs ORDER BY id")
    assert await cursor.fetchall() == [("enrichment",), ("imports",)]


async def test_work_is_live_once(conn: Conn) -> None:
    """A film that changes twice before it is computed is computed once."""
    _, films = await begin(conn, 1)

    made = [(await insert_jobs(conn, enrichment_jobs(films)))[0].id for _ in range(2)]

    assert made[0] is not None
    assert made[1] is None


def test_an_unknown_enrichment_is_refused() -> None:
    """When the job is made, not when it runs."""
    args = EnrichMovieArgs(movie_id=1, enrichment=cast("Any", "horoscope"))

    with pytest.raises(JobArgumentsError, match="enrichment"):
        EnrichMovie.new(args)
