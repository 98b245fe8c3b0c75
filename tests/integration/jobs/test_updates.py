"""Updating fields of films through real jobs and real HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.jobs.documents.rebuilding import RebuildRequest, check_parity, rebuild
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.updates import update_job
from deployments import Deployment
from snapshots import catalog_of

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
LATER = MORNING + timedelta(hours=6)
LOOK = ("ratings", "revenue", "status")


@pytest.fixture
async def film(deployment: Deployment) -> tuple[int, int]:
    """Return our and TMDB's id of a film that was fetched whole in the morning."""
    tmdb_id = deployment.world.list_ids("popular", 1)[0]
    with clock.frozen(MORNING):
        run = await deployment.c.import_movies([tmdb_id])
        assert (await deployment.finish(run)).done == 1
    [movie_id] = await deployment.fetch("SELECT id FROM movies")
    deployment.script.parts_asked.clear()
    return movie_id, tmdb_id


async def update(
    deployment: Deployment, film: tuple[int, int], *fields: str, now: datetime = LATER
) -> dict[str, Any]:
    """Run one update to its end; return its job's row."""
    with clock.frozen(now):
        async with deployment.c._app.pool.connection() as conn:
            [job] = await insert_jobs(conn, [update_job(*film, fields)])
        async with deployment.work():
            await deployment.until(
                "SELECT count(*) FROM oban_jobs"
                " WHERE state NOT IN ('completed', 'discarded', 'cancelled')",
                0,
            )
    [row] = await deployment.fetch(
        "SELECT to_jsonb(j) FROM oban_jobs AS j WHERE id = %s", [job.id]
    )
    return dict(row)


async def ledger_of(deployment: Deployment) -> dict[str, Any]:
    """Return the film's row of the ledger."""
    [row] = await deployment.fetch(
        "SELECT to_jsonb(l) FROM sync_ledger AS l WHERE source = 'tmdb'"
    )
    return dict(row)


def moment(text: str) -> datetime:
    """Read a time as jsonb has it."""
    return datetime.fromisoformat(text)


async def test_a_look_asks_for_no_part_and_updates_facts(
    deployment: Deployment, film: tuple[int, int]
) -> None:
    """The ledger learns that votes were looked at, not that the film was checked."""
    await deployment.fetch(
        "UPDATE sync_ledger SET changed_upstream_at = %s RETURNING 1", [LATER]
    )
    before = await ledger_of(deployment)
    short = deployment.script.short_body(film[1], revenue=5, vote_count=77)
    deployment.script.tell(film[1], short)

    job = await update(deployment, film, *LOOK)

    assert deployment.script.parts_asked == [()]
    assert "revenue" in job["meta"]["message"]
    assert "votes" in job["meta"]["message"]
    assert await deployment.fetch("SELECT revenue_usd FROM movies") == [5]
    [votes] = await deployment.fetch("SELECT votes FROM ratings WHERE source = 'tmdb'")
    assert votes == 77
    assert await deployment.fetch("SELECT count(*) > 0 FROM credits") == [True]
    after = await ledger_of(deployment)
    assert moment(after["votes_at"]) == LATER
    for kept in ("checked_at", "changed_upstream_at", "due_at"):
        assert after[kept] == before[kept], kept


async def test_rows_are_the_same_when_they_are_made_again(
    deployment: Deployment, film: tuple[int, int]
) -> None:
    """From the whole body and the updates laid over it; nothing differs before or after."""
    tell = deployment.script.short_body
    deployment.script.tell(film[1], tell(film[1], revenue=5, vote_count=77))
    await update(deployment, film, *LOOK)
    videos = {"results": [{"id": "v", "key": "k", "site": "YouTube"}]}
    deployment.script.tell(film[1], tell(film[1], revenue=6, videos=videos))
    await update(deployment, film, "videos", now=LATER + timedelta(hours=1))
    deployment.script.tell(film[1], tell(film[1], revenue=7, imdb_id="tt7654321"))
    await update(deployment, film, *LOOK, now=LATER + timedelta(hours=2))
    pool, url = deployment.c._app.pool, deployment.database_url
    async with pool.connection() as conn:
        before = await catalog_of(conn)
    assert (await check_parity(pool, url, RebuildRequest(), processes=1)).is_equal

    await deployment.fetch("TRUNCATE movies, people, genres, companies CASCADE")
    await rebuild(pool, url, RebuildRequest(), processes=1)

    async with pool.connection() as conn:
        assert await catalog_of(conn) == before
    assert await deployment.fetch("SELECT revenue_usd, imdb_id FROM movies") == [
        (7, "tt7654321")
    ]
    assert await deployment.fetch("SELECT video_id FROM videos") == ["v"]


async def test_all_fields_are_a_whole_fetch(
    deployment: Deployment, film: tuple[int, int]
) -> None:
    """It counts as checked, and settles what the feed named."""
    await deployment.fetch(
        "UPDATE sync_ledger SET changed_upstream_at = %s RETURNING 1", [MORNING]
    )

    job = await update(deployment, film, "all")

    assert len(deployment.script.parts_asked[0]) == 8
    assert job["meta"]["message"].startswith("fetched whole")
    after = await ledger_of(deployment)
    assert (moment(after["checked_at"]), after["changed_upstream_at"]) == (LATER, None)


async def test_without_a_whole_body_the_film_is_fetched_whole(
    deployment: Deployment, film: tuple[int, int]
) -> None:
    """There is nothing that the short answer could be laid over."""
    await deployment.fetch("DELETE FROM documents RETURNING 1")

    await update(deployment, film, *LOOK)

    assert [len(parts) for parts in deployment.script.parts_asked] == [0, 8]
    assert await deployment.fetch("SELECT count(*) FROM documents") == [1]


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"", "fresh"),
        (b'{"id": 1}', "quarantined"),
        (None, "absent"),
    ],
    ids=["empty", "another film", "gone"],
)
async def test_a_bad_answer_empties_nothing(
    deployment: Deployment, film: tuple[int, int], body: bytes | None, state: str
) -> None:
    """Rows stay as they were; ledger and quarantine say what happened."""
    pool = deployment.c._app.pool
    async with pool.connection() as conn:
        before = await catalog_of(conn)
    del before["partial_documents"]
    if body == b"":
        deployment.script.tell(film[1], body)
    else:
        deployment.script.tell_for_ever(film[1], body)

    await update(deployment, film, "videos", "credits")

    async with pool.connection() as conn:
        after = await catalog_of(conn)
    del after["partial_documents"]
    assert after == before
    assert (await ledger_of(deployment))["state"] == state


async def test_a_part_that_is_missing_is_no_empty_set(
    deployment: Deployment, film: tuple[int, int]
) -> None:
    """A good answer without the videos that were asked for goes into quarantine, and the videos stay."""
    held = await deployment.fetch("SELECT video_id FROM videos ORDER BY 1")
    deployment.script.tell_for_ever(film[1], deployment.script.short_body(film[1]))

    await update(deployment, film, "videos")

    assert held
    assert await deployment.fetch("SELECT video_id FROM videos ORDER BY 1") == held
    assert await deployment.fetch("SELECT count(*) FROM quarantine") == [1]
