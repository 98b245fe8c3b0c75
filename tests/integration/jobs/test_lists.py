"""Following lists through real jobs and real HTTP: new films are wanted, rows tell votes of those that are there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.jobs.documents.rebuilding import RebuildRequest, check_parity, rebuild
from cinegraph.jobs.lists import (
    HourlyUpdates,
    HourlyUpdatesArgs,
    NewReleases,
    NewReleasesArgs,
    passed_pages,
)
from cinegraph.jobs.updates import update_job
from deployments import Deployment
from snapshots import catalog_of

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
LATER = MORNING + timedelta(days=2)
FAR = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
async def films(deployment: Deployment) -> list[int]:
    """Return TMDB's ids of three films that were fetched whole in the morning; the list of popular ones is followed."""
    ids = deployment.world.list_ids("popular", 1)[:3]
    deployment.script.pages = {("popular", 1): tuple(ids)}
    with clock.frozen(MORNING):
        await deployment.finish(await deployment.c.import_popular_movies(pages=1))
    await deployment.fetch("UPDATE sync_ledger SET due_at = %s RETURNING 1", [FAR])
    deployment.script.asked.clear()
    return ids


async def follow(deployment: Deployment, now: datetime = LATER) -> str:
    """Follow the lists of the hour once, do what comes of it, and return what the job said."""
    await deployment.catch_up(now, HourlyUpdates.new(HourlyUpdatesArgs()))
    [told] = await deployment.fetch(
        "SELECT meta ->> 'message' FROM oban_jobs WHERE worker LIKE '%%HourlyUpdates' ORDER BY id DESC LIMIT 1"
    )
    return str(told)


async def ledger_of(deployment: Deployment, tmdb_id: int) -> dict[str, Any]:
    """Return a film's row of the ledger."""
    [row] = await deployment.fetch(
        "SELECT to_jsonb(l) FROM sync_ledger AS l WHERE source = 'tmdb' AND external_id = %s",
        [tmdb_id],
    )
    return dict(row)


async def votes_of(deployment: Deployment, ids: Sequence[int]) -> list[int]:
    """Return the votes that are stored of films, in order."""
    rows = await deployment.fetch(
        "SELECT tmdb_id, votes FROM ratings JOIN movies ON movies.id = movie_id WHERE source = 'tmdb'"
    )
    return [dict(rows)[tmdb_id] for tmdb_id in ids]


async def test_a_row_is_a_look_at_a_films_votes(
    deployment: Deployment, films: list[int]
) -> None:
    """Stored with no request of its own; the film counts as looked at, not as checked."""
    for tmdb_id in films:
        deployment.script.list_row(tmdb_id, vote_count=77, popularity=3.5)
    before = await ledger_of(deployment, films[0])

    told = await follow(deployment)

    assert told == "popular: 0 new; votes of 3, 3 moved"
    assert deployment.script.asked == []
    assert await votes_of(deployment, films) == [77, 77, 77]
    assert set(await deployment.fetch("SELECT popularity FROM movies")) == {3.5}
    after = await ledger_of(deployment, films[0])
    assert datetime.fromisoformat(after["votes_at"]) == LATER
    assert datetime.fromisoformat(after["due_at"]) < FAR
    assert (after["moves"], after["watched_days"]) == (1, 2)
    assert after["checked_at"] == before["checked_at"]


async def test_it_is_not_stored_again_every_hour(
    deployment: Deployment, films: list[int]
) -> None:
    """Nor when a look came lately: the film stands on several lists."""
    for tmdb_id in films:
        deployment.script.list_row(tmdb_id, vote_count=77)
    await follow(deployment)
    for tmdb_id in films:
        deployment.script.list_row(tmdb_id, vote_count=78)

    assert "votes of 0" in await follow(deployment, LATER + timedelta(hours=1))
    assert await votes_of(deployment, films) == [77, 77, 77]
    assert "votes of 3" in await follow(deployment, LATER + timedelta(hours=13))
    assert await votes_of(deployment, films) == [78, 78, 78]


async def test_rows_are_the_same_when_they_are_made_again(
    deployment: Deployment, films: list[int]
) -> None:
    """Whole bodies, looks and rows of lists, in the order in which they came."""
    script = deployment.script
    script.list_row(films[0], vote_count=77)
    script.list_row(films[1], vote_count=77)
    await follow(deployment)
    ids = await deployment.fetch("SELECT id FROM movies WHERE tmdb_id = %s", [films[1]])
    script.tell(films[1], script.short_body(films[1], vote_count=80, revenue=9))
    look = update_job(ids[0], films[1], ("ratings", "revenue"))
    await deployment.catch_up(LATER + timedelta(hours=1), look)
    script.list_row(films[1], vote_count=81)
    await follow(deployment, LATER + timedelta(days=1))
    pool, url = deployment.c._app.pool, deployment.database_url
    async with pool.connection() as conn:
        before = await catalog_of(conn)
    assert (await check_parity(pool, url, RebuildRequest(), processes=1)).is_equal

    await deployment.fetch("TRUNCATE movies, people, genres, companies CASCADE")
    await rebuild(pool, url, RebuildRequest(), processes=1)

    async with pool.connection() as conn:
        assert await catalog_of(conn) == before
    assert await votes_of(deployment, films[:2]) == [77, 81]
    assert await deployment.fetch(
        "SELECT revenue_usd FROM movies WHERE tmdb_id = %s", [films[1]]
    ) == [9]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sync_ledger SET denials = 1, denied_at = now()",
        "UPDATE sync_ledger SET state = 'absent'",
        "UPDATE movies SET gone_at = now()",
    ],
    ids=["denied", "absent", "gone"],
)
async def test_a_row_does_not_prove_that_a_film_is_there(
    deployment: Deployment, films: list[int], change: str
) -> None:
    """A list may be older than the denial: what is doubted stays so."""
    await deployment.fetch(f"{change} RETURNING 1")
    deployment.script.list_row(films[0], vote_count=77)
    before = await deployment.fetch(
        "SELECT to_jsonb(l) FROM sync_ledger AS l ORDER BY 1"
    )

    told = await follow(deployment)

    assert "votes of 0" in told
    after = await deployment.fetch(
        "SELECT to_jsonb(l) FROM sync_ledger AS l ORDER BY 1"
    )
    assert after == before
    assert 77 not in await votes_of(deployment, films)


async def test_what_changed_upstream_stays_due(
    deployment: Deployment, films: list[int]
) -> None:
    """Votes say nothing of what the feed named, nor of a film that is due for its age."""
    later = LATER + timedelta(hours=2)
    await deployment.fetch(
        "UPDATE sync_ledger SET due_at = %s, changed_upstream_at = %s"
        " WHERE external_id = %s RETURNING 1",
        [later, MORNING, films[0]],
    )
    await deployment.fetch(
        "UPDATE sync_ledger SET due_at = %s, reason = 'for its age' WHERE external_id = %s RETURNING 1",
        [later, films[1]],
    )
    for tmdb_id in films:
        deployment.script.list_row(tmdb_id, vote_count=77)

    await follow(deployment)

    assert await votes_of(deployment, films) == [77, 77, 77]
    for tmdb_id in films[:2]:
        entry = await ledger_of(deployment, tmdb_id)
        assert datetime.fromisoformat(entry["due_at"]) == later
        assert datetime.fromisoformat(entry["votes_at"]) == LATER


async def test_a_row_that_tells_no_votes_takes_none_away(
    deployment: Deployment, films: list[int]
) -> None:
    """Bare ids, as some lists have them."""
    before = await votes_of(deployment, films)

    assert "votes of 0" in await follow(deployment)

    assert await votes_of(deployment, films) == before


async def test_pages_on_are_read_only_for_the_whole_catalogue(
    deployment: Deployment, films: list[int]
) -> None:
    """Who imported one list does not get ten thousand films of it."""
    days = deployment.c._app.services.update_interval_days
    here = passed_pages(LATER, days, 500)[-1]
    other = deployment.world.list_ids("popular", 2)[0]
    deployment.script.pages |= {
        ("popular", 1): tuple(films[:2]),
        ("popular", 2): (),
        ("popular", here): (other, films[2]),
    }
    deployment.script.total_pages = 500
    deployment.script.list_row(films[2], vote_count=77)
    assert here > 2

    await follow(deployment)

    assert await deployment.fetch("SELECT count(*) FROM movies") == [3]
    assert 77 not in await votes_of(deployment, films)
    await deployment.fetch(
        "UPDATE sync_runs SET kind = 'import_catalog', arguments = '{\"from_export\": true}' RETURNING 1"
    )
    told = await follow(deployment)
    assert told.startswith("popular: 1 new; votes of 1, 1 moved")
    assert await deployment.fetch("SELECT count(*) FROM movies") == [4]
    assert (await votes_of(deployment, films))[2] == 77


async def test_a_new_release_is_wanted_and_others_tell_their_votes(
    deployment: Deployment, films: list[int]
) -> None:
    """All lists tell votes; the second page is read once an hour, or when the first names something new."""
    new = deployment.world.list_ids("popular", 2)[0]
    script = deployment.script
    script.pages = {("now_playing", 1): (films[0],), ("now_playing", 2): (new,)}
    script.list_row(films[0], vote_count=77)
    await deployment.fetch(
        "UPDATE sync_runs SET kind = 'import_now_playing' RETURNING 1"
    )
    job = NewReleases.new(NewReleasesArgs())

    await deployment.catch_up(LATER.replace(minute=22), job)
    assert await votes_of(deployment, films[:1]) == [77]
    assert await deployment.fetch("SELECT count(*) FROM movies") == [3]

    await deployment.catch_up(LATER.replace(hour=10, minute=7), job)
    assert await deployment.fetch("SELECT count(*) FROM movies") == [4]
