"""A world that goes on, followed by its feed: what changed is fetched, and nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from oban import Job

import world_rows
from cinegraph import clock
from cinegraph.clock import ClockSetting
from cinegraph.jobs.burying import BuryGone, BuryGoneArgs
from cinegraph.jobs.catalogue import MergeExport, MergeExportArgs
from cinegraph.jobs.changes import FollowChanges, FollowChangesArgs
from cinegraph.sandbox import (
    EvolvingContent,
    EvolvingWorld,
    Pace,
    SandboxSettings,
)
from cinegraph.sandbox.chronicle import What
from deployments import Deployment, Script, deploy
from hurry import shorten_delays

MORNING = datetime(2026, 9, 1, 9, tzinfo=UTC)
AFTER = datetime(2026, 9, 2, 0, 5, tzinfo=UTC)
"""The world stands still from then on, so that what is stored can be held against it."""
DRIFTS = {"ratings (TMDB)", "ratings (OMDb)", "facts (OMDb)", "ledger"}


@pytest.fixture
def evolving() -> EvolvingWorld:
    """Return a world of which a quarter changes in a day."""
    return EvolvingWorld(
        120,
        3,
        first_day=date(2026, 9, 1),
        pace=Pace(changed=0.25, added=0.05, removed=0.022, merged=0.02, moved=0.02),
    )


@pytest.fixture
async def deployment(
    database_url: str,
    evolving: EvolvingWorld,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Deployment]:
    """Return an open deployment against the world that goes on."""
    shorten_delays(monkeypatch.setattr)
    world = evolving.beginning
    async with deploy(
        world,
        Script(world),
        SandboxSettings(port=0, rate=0, latency="none"),
        content=EvolvingContent(evolving),
        database_url=database_url,
        home=tmp_path,
    ) as opened:
        yield opened


def _stop_world(deployment: Deployment, at: datetime) -> None:
    deployment.sandbox.set_clock(ClockSetting(at, speed=0.0))


def _follow() -> Job:
    return FollowChanges.new(FollowChangesArgs())


async def _import_all(deployment: Deployment) -> None:
    _stop_world(deployment, MORNING)
    with clock.frozen(MORNING):
        run = await deployment.finish(await deployment.c.import_entire_catalog())
    assert run.state == "completed"
    # Nothing but the feed and the lists let a film come due.
    await deployment.fetch("UPDATE sync_ledger SET due_at = '2027-01-01'")


async def test_the_feed_brings_the_copy_up_to_date(
    deployment: Deployment, evolving: EvolvingWorld
) -> None:
    """New films are there, changed ones are as they are now, and only those were asked for."""
    await _import_all(deployment)
    deployment.sandbox.reset()
    _stop_world(deployment, AFTER)
    # The day is over, and so are the twelve hours over which its films are spread.
    for hours in (1, 15):
        await deployment.catch_up(AFTER + timedelta(hours=hours), _follow())
    moment = evolving.at(AFTER)
    async with deployment.c._app.pool.connection() as conn:
        found = await world_rows.differences(
            conn, moment, ids=moment.ids(), with_titles=False
        )
    assert {
        name: rows for name, rows in found.items() if rows and name not in DRIFTS
    } == {}
    named = {
        event.number
        for event in evolving.chronicle.between(-1.0, 1.01)
        if event.is_reported
    }
    added = [e for e in evolving.chronicle.day(0) if e.what is What.ADDED]
    assert added
    asked = deployment.sandbox.report()["by_endpoint"]["movie"]
    assert len(named) / 2 < asked < 2 * len(named)


async def test_what_is_removed_is_marked_and_nothing_else(
    deployment: Deployment, evolving: EvolvingWorld
) -> None:
    """After two lists that miss it and two denials; a film that is there is not, whatever is asked."""
    await _import_all(deployment)
    for days in (1, 2):
        for hours in (0, 7):
            now = MORNING + timedelta(days=days, hours=hours)
            _stop_world(deployment, now)
            merge = MergeExport.new(MergeExportArgs())
            await deployment.catch_up(now, _follow(), merge)
    await deployment.catch_up(now, BuryGone.new(BuryGoneArgs()))
    gone = set(
        await deployment.fetch("SELECT tmdb_id FROM movies WHERE gone_at IS NOT NULL")
    )
    stored = set(await deployment.fetch("SELECT tmdb_id FROM movies"))
    first_list = evolving.at(datetime(2026, 9, 2, 7, tzinfo=UTC)).gone_ids()
    assert first_list.keys() & stored
    assert gone == first_list.keys() & stored
    merged = {a: b for a, b in first_list.items() if b and a in stored}
    assert merged
    found = await deployment.fetch("SELECT from_tmdb_id, to_tmdb_id FROM merged_movies")
    assert {a: b for a, b in found if a in merged} == merged
    assert await deployment.fetch(
        "SELECT count(*) FROM sync_ledger WHERE state = 'absent' AND denials >= 2"
    ) >= [len(gone)]
