"""Runs that update stored films: which films, what is asked of them, and what ends them."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph import clock
from cinegraph.errors import UsageError
from cinegraph.jobs import update_feeding
from cinegraph.sync.updates import Selection
from deployments import Deployment

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
LATER = MORNING + timedelta(days=1)


@pytest.fixture
async def stored(deployment: Deployment) -> list[int]:
    """Return TMDB's ids of twenty films that were fetched whole in the morning, the most popular first."""
    with clock.frozen(MORNING):
        await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    # Nothing but the run lets a film be asked for.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2027-01-01' RETURNING 1")
    deployment.script.asked.clear()
    deployment.script.parts_asked.clear()
    found: list[int] = await deployment.fetch(
        "SELECT tmdb_id FROM movies ORDER BY popularity DESC, tmdb_id"
    )
    return found


async def test_recent_films_are_looked_at(
    deployment: Deployment, stored: list[int]
) -> None:
    """Those of the last months, by short answers; the ledger knows that their votes were seen."""
    recent = sorted(stored[2:5])
    await deployment.fetch("UPDATE movies SET release_date = '1990-01-01' RETURNING 1")
    await deployment.fetch(
        "UPDATE movies SET release_date = '2026-07-01' WHERE tmdb_id = ANY(%s) RETURNING 1",
        [recent],
    )
    with clock.frozen(LATER):
        run = await deployment.finish(await deployment.c.update_recently_released())

    assert (run.state, run.planned, run.done) == ("completed", 3, 3)
    assert sorted(deployment.script.asked) == recent
    assert set(deployment.script.parts_asked) == {()}
    assert (
        await deployment.fetch(
            "SELECT external_id FROM sync_ledger WHERE votes_at = %s ORDER BY 1",
            [LATER],
        )
        == recent
    )


async def test_popular_films_are_fetched_whole(
    deployment: Deployment, stored: list[int]
) -> None:
    """The most popular ones, as many as are asked for."""
    with clock.frozen(LATER):
        run = await deployment.finish(await deployment.c.update_popular(limit=4))

    assert (run.state, run.planned, run.done) == ("completed", 4, 4)
    assert sorted(deployment.script.asked) == sorted(stored[:4])
    assert {len(parts) for parts in deployment.script.parts_asked} == {8}
    assert await deployment.fetch(
        "SELECT count(*) FROM sync_ledger WHERE checked_at = %s", [LATER]
    ) == [4]


async def test_stale_films_are_those_not_checked_for_a_month(
    deployment: Deployment, stored: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many, a few jobs at a time; what was fetched since is left out."""
    monkeypatch.setattr(update_feeding, "DEPTH", 4)
    month = timedelta(days=31)
    await deployment.fetch(
        "UPDATE sync_ledger SET checked_at = checked_at + interval '1 day' WHERE external_id = %s RETURNING 1",
        [stored[0]],
    )
    with clock.frozen(MORNING + month - timedelta(hours=12)):
        cost = await deployment.c.estimate_update(Selection.STALE)
        run = await deployment.finish(
            await deployment.c.update_stale(fields=["videos"])
        )

    assert cost.films == run.planned == run.done == 19
    assert set(deployment.script.parts_asked) == {("videos",)}
    assert stored[0] not in deployment.script.asked


async def test_a_film_that_is_gone_ends_as_absent(
    deployment: Deployment, stored: list[int]
) -> None:
    """It fails neither the run nor its neighbours, and its rows stay."""
    deployment.script.tell_for_ever(stored[1], None)
    with clock.frozen(LATER):
        run = await deployment.finish(
            await deployment.c.update_popular(fields=["ratings"], limit=3)
        )

    assert (run.state, run.done, run.absent) == ("completed", 2, 1)
    assert await deployment.fetch("SELECT count(*) FROM movies") == [20]


async def test_a_paused_run_asks_nothing_and_a_cancelled_one_ends(
    deployment: Deployment, stored: list[int]
) -> None:
    """Its films stay what they were, and the ledger owes it nothing."""
    facts = "SELECT external_id, state, due_at, run_id FROM sync_ledger ORDER BY 1"
    before = await deployment.fetch(facts)
    run_id = await deployment.c.update_popular(limit=len(stored))
    assert await deployment.c.pause_run(run_id)
    assert await update_feeding.feed_updates(deployment.c._app.pool) == 0
    assert await deployment.c.cancel_run(run_id)

    run = await deployment.c.get_run(run_id)
    assert (run.cancelled, run.done) == (20, 0)
    assert await deployment.fetch(facts) == before


async def test_nonsense_is_refused(deployment: Deployment) -> None:
    """Before a run is there."""
    for wrong in ({"months": 0}, {"limit": 0}, {"fields": ["plot"]}):
        with pytest.raises(UsageError):
            await deployment.c.update_recently_released(**wrong)
    assert await deployment.fetch("SELECT count(*) FROM sync_runs") == [0]
