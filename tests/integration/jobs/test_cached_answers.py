"""A source that gives old answers for hours: what changed since one was made stays due until a newer one comes."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.limits import Priority
from cinegraph.sandbox import SandboxSettings, World
from deployments import Deployment, Script, deploy
from hurry import shorten_delays

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
SILENT = MORNING + timedelta(hours=1)
"""The feed's last reading that did not name the film."""
NAMED = SILENT + timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def deployment(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Deployment]:
    """Return an open deployment against an imitation whose answers live up to 8 hours."""
    shorten_delays(monkeypatch.setattr)
    world = World(60, 3)
    settings = SandboxSettings(port=0, rate=0, latency="none", cache_seconds=28_800)
    async with deploy(
        world, Script(world), settings, database_url=database_url, home=tmp_path
    ) as opened:
        yield opened


@pytest.fixture
async def film(deployment: Deployment) -> int:
    """Return TMDB's id of a film, popular here, that was imported in the morning and is named by the feed since."""
    tmdb_id = deployment.world.list_ids("popular", 1)[0]
    at(deployment, MORNING)
    with clock.frozen(MORNING):
        await deployment.finish(await deployment.c.import_movies([tmdb_id]))
    return tmdb_id


def at(deployment: Deployment, now: datetime) -> None:
    """Let it be *now* at the source."""
    deployment.sandbox.set_clock(ClockSetting(now, speed=0.0))


async def mark(deployment: Deployment) -> None:
    """Have the feed name the film."""
    await deployment.fetch(
        "UPDATE sync_ledger SET changed_upstream_at = %s, unchanged_until = %s, due_at = %s,"
        " reason = 'changed upstream' RETURNING 1",
        [NAMED, SILENT, NAMED],
    )


async def fetch_at(deployment: Deployment, now: datetime) -> dict[str, Any]:
    """Fetch what is due at *now*; return the film's row of the ledger, its times read."""
    at(deployment, now)
    await deployment.catch_up(now)
    [row] = await deployment.fetch(
        "SELECT to_jsonb(l) FROM sync_ledger AS l WHERE source = 'tmdb'"
    )
    return {
        name: datetime.fromisoformat(value)
        if name.endswith(("_at", "_until")) and value
        else value
        for name, value in row.items()
    }


async def waits(deployment: Deployment) -> list[float]:
    """Return how long updates of popular films took, in minutes."""
    return await deployment.fetch(
        "SELECT seconds / 60 FROM update_latencies ORDER BY 1"
    )


async def test_an_answer_older_than_the_change_is_asked_for_again_when_the_cache_ends(
    deployment: Deployment, film: int
) -> None:
    """Not before, and not never; and nobody says that the film is up to date."""
    deployment.script.tell_for_ever(film, deployment.script.body(film, revenue=77))
    await mark(deployment)
    served = deployment.sandbox.report()["requests"]

    entry = await fetch_at(deployment, NAMED + 5 * MINUTE)

    assert deployment.sandbox.report()["requests"] == served + 1
    assert await deployment.fetch("SELECT revenue_usd FROM movies") != [77]
    assert entry["changed_upstream_at"] == NAMED
    assert entry["checked_at"] == MORNING
    assert timedelta(hours=6) <= entry["due_at"] - MORNING <= timedelta(hours=8)
    assert await waits(deployment) == []
    [fetched_at] = await deployment.fetch("SELECT checked_at FROM documents")
    assert fetched_at == MORNING

    end = entry["due_at"] + MINUTE
    entry = await fetch_at(deployment, end)

    assert await deployment.fetch("SELECT revenue_usd FROM movies") == [77]
    assert (entry["changed_upstream_at"], entry["unchanged_until"]) == (None, None)
    assert entry["checked_at"] == end
    assert await waits(deployment) == [(end - SILENT) / MINUTE]


async def test_an_answer_made_since_the_feed_was_silent_ends_the_wait(
    deployment: Deployment, film: int
) -> None:
    """It most likely tells of the change; the film is looked at once more when the cache ends, to be sure."""
    made = SILENT + 5 * MINUTE
    await deployment.fetch("DELETE FROM documents RETURNING 1")
    deployment.script.tell_for_ever(film, deployment.script.body(film, revenue=77))
    deployment.sandbox._cache._entries.clear()
    at(deployment, made)
    with clock.frozen(made):
        await deployment.c._app.services.tmdb.fetch_movie(
            film, priority=Priority.INTERACTIVE
        )
    await mark(deployment)

    now = NAMED + 5 * MINUTE
    entry = await fetch_at(deployment, now)

    assert await deployment.fetch("SELECT revenue_usd FROM movies") == [77]
    assert await waits(deployment) == [(now - SILENT) / MINUTE]
    assert (entry["changed_upstream_at"], entry["unchanged_until"]) == (NAMED, None)
    assert entry["checked_at"] == made
    entry = await fetch_at(deployment, entry["due_at"] + MINUTE)
    assert entry["changed_upstream_at"] is None
    assert len(await waits(deployment)) == 1


@pytest.mark.usefixtures("film")
async def test_a_cache_that_does_not_say_how_long_is_asked_every_quarter_of_an_hour(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never in a loop: the same answer would come."""
    monkeypatch.setattr("cinegraph.sources.caching._MAX_AGE", re.compile("(never)"))
    await mark(deployment)
    now = NAMED + 5 * MINUTE

    entry = await fetch_at(deployment, now)

    assert entry["changed_upstream_at"] == NAMED
    assert entry["due_at"] == now + 15 * MINUTE
