"""What happens once a day without being asked."""

from datetime import UTC, datetime, timedelta

from cinegraph import clock
from cinegraph.catalog import change_log
from cinegraph.jobs.routine import KEEP_UNREFRESHED, Retention, RetentionArgs
from deployments import Deployment

NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)


async def test_a_film_that_is_gone_is_cut_to_its_ids_in_time(
    deployment: Deployment,
) -> None:
    """Consumers are told why; what is there is left alone, and so is the rest of the deployment."""
    with clock.frozen(NOON):
        run = await deployment.finish(await deployment.c.import_movies(range(1, 40)))
        assert run.state == "completed"
    gone, *there = await deployment.fetch("SELECT tmdb_id FROM movies ORDER BY tmdb_id")
    await deployment.fetch(
        "INSERT INTO tombstones (movie_id, denied_at, last_denied_at, denials, missing_since, exports, buried_at)"
        " SELECT id, %(day)s, %(day)s, 2, '2026-09-11', 2, %(day)s FROM movies WHERE tmdb_id = %(gone)s",
        {"gone": gone, "day": NOON + timedelta(days=3)},
    )
    await deployment.fetch(
        "UPDATE movies SET gone_at = %s WHERE tmdb_id = %s", [NOON, gone]
    )
    # Nothing but retention is asked for.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2030-01-01'")
    after = NOON + KEEP_UNREFRESHED + timedelta(hours=1)
    await deployment.catch_up(after, Retention.new(RetentionArgs()))
    assert await deployment.fetch(
        "SELECT tmdb_id FROM movies WHERE title = 'TMDB ' || tmdb_id"
    ) == [gone]
    assert await deployment.fetch(
        "SELECT external_id::int FROM documents WHERE source = 'tmdb' ORDER BY 1"
    ) == list(there)
    assert await deployment.fetch("SELECT cut_at FROM tombstones") == [after]
    async with deployment.c._app.pool.connection() as conn:
        await change_log.sequence(conn, now=after)
    told = await deployment.fetch(
        "SELECT DISTINCT why FROM change_log WHERE kind = 'movie' AND tmdb_id = %s AND 'title' = ANY (fields)",
        [gone],
    )
    assert told == ["terms"]
