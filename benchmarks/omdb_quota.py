"""
OMDb's free quota over three imitated days: an OMDb that answers 1,000 requests a day, and a backlog of stored films.

`python benchmarks/omdb_quota.py [--backlog N] [--waiting N] [--days N] [--seconds-a-day N]`. The films are stored
before OMDb is switched on. Then days are played fast, for the deployment and the imitation together, while people
import other films by name and wait for their ratings. Asked for: at most 790 requests a day in the background and
1,000 in all, one in flight, none refused, no job discarded, and an end of the backlog within 5 % of what was predicted
when the first day had just begun. The request budget is off, because a second of it is minutes of the imitated days.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import harness
import psycopg

import cinegraph
from cinegraph import Cinegraph, clock
from cinegraph.clock import ClockSetting
from cinegraph.db import migrate
from cinegraph.db.clock_row import FOLLOW_SECONDS
from cinegraph.jobs.stages import QUEUES, TITLES
from cinegraph.limits.quota_days import BACKGROUND_SHARE
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World

_LIMIT = 1000
_DAY = timedelta(days=1)
_WORLD = 10_000
[_QUEUE] = QUEUES[TITLES.item_kind]
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 300
_FIRST_SECONDS = 5.0
"""Real ones, after which the end is predicted."""
_DAY_END = 0.02
"""Of a day: its counts are read so long before it is over."""
_GROUP = 10
"""Films that a person imports at once."""
_ENTERED = "SELECT count(*) FROM sync_ledger WHERE source = 'omdb'"
_ENDED = """
SELECT max(checked_at), count(*) FILTER (WHERE state IN ('wanted', 'queued')), count(*) FILTER (WHERE state = 'failed')
FROM sync_ledger
WHERE source = 'omdb' AND external_id = ANY (%s)
"""
_DISCARDED = "SELECT count(*) FROM oban_jobs WHERE state = 'discarded'"


def choose(backlog: int, waiting: int) -> tuple[list[int], list[int]]:
    """Return films with an IMDb id: those of the backlog, and those that people will ask for."""
    world = World(_WORLD)
    known: dict[int, None] = {}
    for page in range(1, 501):
        for tmdb_id in world.popular_ids(page):
            film = world.summary(tmdb_id)
            if film is not None and film.imdb_id is not None:
                known[tmdb_id] = None
        if len(known) >= backlog + waiting:
            break
    ids = list(known)
    return ids[:backlog], ids[backlog : backlog + waiting]


@contextmanager
def node(url: str, sandbox: ChildSandbox, *, asks_omdb: bool) -> Iterator[None]:
    """Run a node of the profile `dev`, which reckons with a free key."""
    environment = {
        "DATABASE_URL": url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_EXPORTS_URL": sandbox.exports_url,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "OMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_PROFILE": "dev",
        "CINEGRAPH_LOG_LEVEL": "error",
    }
    if asks_omdb:
        environment |= {
            "OMDB_BASE_URL": sandbox.omdb_url,
            "OMDB_API_KEY": harness.FAKE_KEY,
        }
    else:
        environment["CINEGRAPH_MAX_CONCURRENT_IMPORTS"] = "20"
    with harness.workers(1, environment):
        yield


async def fill(c: Cinegraph, ids: Sequence[int]) -> None:
    """Store the films of the backlog."""
    await harness.until_working(c, 1)
    progress = await c.wait_for_run(await c.import_movies(ids))
    if progress.done != len(ids):
        raise RuntimeError(f"only {progress.done} of {len(ids)} films arrived")
    await c.pause_queue(_QUEUE)


async def play(
    c: Cinegraph,
    url: str,
    sandbox: ChildSandbox,
    options: argparse.Namespace,
    *,
    backlog: Sequence[int],
    people: Sequence[int],
) -> dict[str, Any]:
    """Let the days pass; return what was predicted, when it ended and how it was counted."""
    await harness.until_working(c, 1)
    await _until(url, _ENTERED, len(backlog))
    began = await _begin(c, sandbox, options.seconds_a_day)
    await _sleep_until(began)
    await c.resume_queue(_QUEUE)
    # Until then it is not known how fast this OMDb answers, and a second of its answers is minutes of the days.
    await asyncio.sleep(_FIRST_SECONDS)
    left = await c.get_omdb_backlog()
    predicted = left.done_at if left else None
    if left is None or predicted is None:
        raise RuntimeError(f"nothing is predicted of {left}")
    print(
        f"{left.things:,} films are left {_days(clock.now(), began)} days after the beginning,"
        f" to be done {_days(predicted, began)} days after it",
        flush=True,
    )
    await _ask_by_name(c, people, began, options.days)
    await _sleep_until(began + (options.days - _DAY_END) * _DAY)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (ended := _read(url, _ENDED, [list(backlog)]))[1]:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(_LOOK_SECONDS)
    days = await c.list_quota_days(since=began)
    [today] = await c.list_quotas()
    told = sandbox.report()["omdb"]
    return {
        "predicted_days": _days(predicted, began),
        "ended_days": _days(ended[0], began),
        "error": (predicted - ended[0]) / (ended[0] - began),
        "failed": ended[2],
        "discarded": _read(url, _DISCARDED)[0],
        "background": [
            *(day.background_used for day in reversed(days)),
            today.background_used,
        ],
        "counted": [*(day.used for day in reversed(days)), today.used],
        "served": [day["answered"] for day in told["days"]],
        "refused": told["refused_by_limit"],
        "most_in_flight": told["most_in_flight"],
    }


async def _begin(c: Cinegraph, sandbox: ChildSandbox, seconds_a_day: float) -> datetime:
    """Let both clocks run so that it is midnight as soon as everybody has heard of it; return that midnight."""
    real = clock.real_now()
    midnight = real.replace(hour=0, minute=0, second=0, microsecond=0) + 2 * _DAY
    speed = _DAY.total_seconds() / seconds_a_day
    before = timedelta(seconds=2 * FOLLOW_SECONDS) * speed
    setting = ClockSetting(epoch=real, offset=midnight - before - real, speed=speed)
    sandbox.set_clock(setting)
    await c.set_clock(setting)
    return midnight


async def _ask_by_name(
    c: Cinegraph, ids: Sequence[int], began: datetime, days: int
) -> None:
    """Import *ids* in groups, evenly over the days."""
    groups = [ids[first : first + _GROUP] for first in range(0, len(ids), _GROUP)]
    for number, group in enumerate(groups):
        await _sleep_until(began + (number + 0.5) / len(groups) * days * _DAY)
        await c.import_movies(group)


async def _sleep_until(at: datetime) -> None:
    while (left := (at - clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 - time is imitated
        await asyncio.sleep(min(clock.real_seconds(left), _LOOK_SECONDS))


async def _until(url: str, query: str, wanted: int) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while _read(url, query)[0] < wanted:  # noqa: ASYNC110 - another process works
            await asyncio.sleep(_LOOK_SECONDS)


def _read(url: str, query: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
    with psycopg.connect(url) as conn:
        row = conn.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - counts give a row
    return row


def _days(at: datetime, began: datetime) -> float:
    return round((at - began) / _DAY, 3)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Store the backlog without OMDb, then play."""
    backlog, people = choose(options.backlog, options.waiting * options.days)
    settings = SandboxSettings(
        port=0, rate=0, latency="none", films=_WORLD, omdb_limit=_LIMIT
    )
    with harness.postgres() as server, start_child(settings) as sandbox:
        url = harness.fresh_database(server, "bench")
        migrate.upgrade(url)

        async def run() -> dict[str, Any]:
            async with cinegraph.open(
                database_url=url,
                tmdb_base_url=sandbox.base_url,
                tmdb_api_key=harness.FAKE_KEY,
            ) as c:
                with node(url, sandbox, asks_omdb=False):
                    await fill(c, backlog)
                with node(url, sandbox, asks_omdb=True):
                    return await play(
                        c, url, sandbox, options, backlog=backlog, people=people
                    )

        return asyncio.run(run())


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backlog", type=int, default=2000)
    parser.add_argument("--waiting", type=int, default=210, help="films a day")
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seconds-a-day", type=float, default=60.0)
    options = parser.parse_args()
    figures = measure(options)
    share = int(_LIMIT * BACKGROUND_SHARE)
    harness.show(
        f"{options.days} days of {_LIMIT:,} requests, a day in {options.seconds_a_day:.0f} s",
        ("figure", "measured", "asked for"),
        [
            ("in the background, by day", figures["background"], f"≤ {share}"),
            ("counted by us, by day", figures["counted"], f"≤ {_LIMIT:,}"),
            ("answered by OMDb, by day", figures["served"], f"≤ {_LIMIT:,}"),
            ("refused by its limit", figures["refused"], "0"),
            ("most in flight", figures["most_in_flight"], "1"),
            ("films that failed", figures["failed"], "0"),
            ("jobs discarded", figures["discarded"], "0"),
            (
                "predicted end, days",
                figures["predicted_days"],
                f"{figures['ended_days']} ± 5 %",
            ),
            ("error of the prediction", f"{figures['error']:+.1%}", "≤ 5 %"),
        ],
    )
    harness.save("omdb_quota", {"options": vars(options), **figures})


if __name__ == "__main__":
    main()
