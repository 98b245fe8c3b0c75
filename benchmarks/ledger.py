"""
What a ledger of 1.24 million films costs the leading node and who looks: turns of its loops, and the status queries.

`python benchmarks/ledger.py [--films N] [--times N] [--ended-jobs N]`. The database is in the middle of an import of
the whole catalogue (`catalogue.py`), analyzed, and as users get it. Before every turn of the feeder jobs are settled as
workers settle them, so each turn meets what the one before left behind. Asked for: one turn of the feeder and the
status at most 100 ms each, in the median; the worst is told beside it.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import catalogue
import harness

from cinegraph import clock
from cinegraph.db import migrate
from cinegraph.db.pool import Pool, open_pool
from cinegraph.jobs.feeding import KEEP_FED_SECONDS, Feeder
from cinegraph.jobs.feeds import film_feed
from cinegraph.jobs.keeper import RunKeeper
from cinegraph.jobs.stages import FILMS
from cinegraph.monitoring import alerts, insights, levels, progress
from cinegraph.sync import ledger, policy, runs, stamps

_BUDGET = 39.0
_TARGET_MS = 100.0
_GROUP = 50
"""Films a transaction, as the workers store them."""
_END_JOBS = """
WITH ended AS (
    UPDATE oban_jobs SET state = 'completed', attempt = 1,
        completed_at = timezone('UTC', clock_timestamp()) - CASE WHEN first.place > %(old)s THEN interval '0'
            ELSE %(age)s END
    FROM (
        SELECT id, row_number() OVER (ORDER BY priority, id) AS place
        FROM oban_jobs
        WHERE queue = 'imports' AND state = 'available'
        ORDER BY priority, id
        LIMIT %(jobs)s
    ) AS first
    WHERE oban_jobs.id = first.id
    RETURNING (args ->> 'tmdb_id')::bigint
)
SELECT * FROM ended ORDER BY 1
"""
_OLD = timedelta(seconds=KEEP_FED_SECONDS + 1)
"""Jobs that ended so long ago are pruned."""
_OPEN = 400
"""Films a second of an open import (benchmarks/README.md): so many jobs get old with each turn of a second."""

type Act = Callable[[], Awaitable[object]]


async def settle(pool: Pool, jobs: int, *, old: int = round(_BUDGET)) -> None:
    """End the first *jobs* jobs of the queue with a film each, *old* of them long ago."""
    now = clock.now()
    async with pool.connection() as conn:
        cursor = await conn.execute(_END_JOBS, {"jobs": jobs, "old": old, "age": _OLD})
        ids = [row[0] for row in await cursor.fetchall()]
        if len(ids) != jobs:
            raise RuntimeError(f"{jobs} jobs were to be ended and there are {len(ids)}")
        await conn.commit()
        for first in range(0, len(ids), _GROUP):
            group = ids[first : first + _GROUP]
            async with conn.transaction():
                await stamps.touch_found(
                    conn, group, changed_ids=group, **FILMS.entry, now=now
                )
                await runs.settle_items(
                    conn, FILMS.item_kind, group, runs.ItemState.DONE, now=now
                )


async def measure_act(
    times: int, act: Act, *, before: Act | None = None
) -> list[float]:
    """Return the milliseconds of *times* calls of *act*, each after *before*."""
    taken = []
    for _ in range(times):
        if before is not None:
            await before()
        started = time.perf_counter()
        await act()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


async def measure_feeder(pool: Pool, times: int) -> dict[str, list[float]]:
    """Measure turns that find the queue full, three quarters full and empty."""
    taken: dict[str, list[float]] = {}
    depth = policy.queue_depth(_BUDGET)
    served = depth - int(depth * policy.REFILL_SHARE)
    feeder = Feeder(pool, [film_feed(_BUDGET)])
    while await feeder.turn():
        pass
    taken["feeder, 39/s, queue full"] = await measure_act(times, feeder.turn)
    taken[f"feeder, 39/s, {served} jobs made"] = await measure_act(
        times, feeder.turn, before=lambda: settle(pool, served)
    )
    await settle(pool, depth)
    batch = policy.FEED_BATCH
    taken[f"feeder, 39/s, empty queue, {batch} made"] = await measure_act(
        1, feeder.turn
    )
    taken[f"feeder, 39/s, empty queue, {batch} made"] += await measure_act(
        times - 1, feeder.turn, before=lambda: settle(pool, batch)
    )
    feeder = Feeder(pool, [film_feed(0.0)])
    while await feeder.turn():
        pass
    taken[f"feeder, no limit, {batch} made"] = await measure_act(
        times, feeder.turn, before=lambda: settle(pool, batch, old=_OPEN)
    )
    return taken


async def measure_looks(
    pool: Pool, run_id: runs.RunId, times: int
) -> dict[str, list[float]]:
    """Measure what screens ask, one by one and together, and the leading node's other loops."""
    now, source = clock.now, FILMS.source
    keeper = RunKeeper(pool, lambda: True)
    async with pool.connection() as conn:
        await conn.set_autocommit(True)
        looks: Mapping[str, Act] = {
            "insights.get_status": lambda: insights.get_status(
                conn, source=source, now=now()
            ),
            "levels.get_levels": lambda: levels.get_levels(
                conn, source=source, now=now()
            ),
            "progress.find_run": lambda: progress.find_run(conn, run_id, now=now()),
            "ledger.read_counts": lambda: ledger.read_counts(conn),
        }

        async def all_of_them() -> None:
            for look in looks.values():
                await look()

        acts = {
            **looks,
            "these four together": all_of_them,
            "alerts.evaluate": lambda: alerts.evaluate(conn, now=now()),
            "keeper.turn": keeper.turn,
            "keeper.audit": keeper.audit,
        }
        taken = {name: await measure_act(times, act) for name, act in acts.items()}
        await conn.set_autocommit(False)
    return taken


async def measure(
    url: str, run_id: runs.RunId, options: argparse.Namespace
) -> dict[str, list[float]]:
    """Measure everything; the looks twice: at a full budget's depth of the queue, and after the open budget's."""
    async with await open_pool(url, size=4, application_name="bench") as pool:
        looks = await measure_looks(pool, run_id, options.times)
        turns = await measure_feeder(pool, options.times)
        later = await measure_looks(pool, run_id, options.times)
    return {
        **looks,
        **turns,
        **{f"{name}, queue of 5,000": taken for name, taken in later.items()},
    }


def summarise(taken: Mapping[str, Sequence[float]]) -> dict[str, dict[str, Any]]:
    """Return median and worst milliseconds, and whether the target is kept."""
    return {
        name: {
            "median_ms": statistics.median(one),
            "worst_ms": max(one),
            "is_kept": statistics.median(one) <= _TARGET_MS,
            "times": len(one),
        }
        for name, one in taken.items()
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=catalogue.FILMS)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--ended-jobs", type=int, default=12_000)
    options = parser.parse_args()
    with harness.postgres() as server:
        url = harness.fresh_database(server, "bench_ledger")
        migrate.upgrade(url)
        started = time.monotonic()
        run_id = catalogue.fill(url, options.films, ended_jobs=options.ended_jobs)
        print(f"filled in {time.monotonic() - started:.0f} s", flush=True)
        figures = summarise(asyncio.run(measure(url, run_id, options)))
    harness.show(
        f"a ledger of {options.films:,} films, milliseconds of {options.times} times",
        ("", "median", "worst", f"≤ {_TARGET_MS:.0f}"),
        [
            (
                name,
                one["median_ms"],
                one["worst_ms"],
                "yes" if one["is_kept"] else "NO",
            )
            for name, one in figures.items()
        ],
    )
    missed = [name for name, one in figures.items() if not one["is_kept"]]
    print("missed: " + ", ".join(missed) if missed else "every target is kept")
    harness.save("ledger", {"options": vars(options), "figures": figures})


if __name__ == "__main__":
    main()
