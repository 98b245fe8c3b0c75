"""
The limiter alone: three processes with always enough waiters share one budget for twenty seconds.

Each request is a stamp of the machine's monotonic clock, which the processes share, and 0.2 s of waiting as for TMDB.
Prints how much of the budget was used (target: 98 %), the worst second (at most 50, aim 43), how the processes shared
it, and how many leases the row served. Usage: `python benchmarks/limiter.py DATABASE_URL` (a migrated, empty database).
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time

import psycopg

from cinegraph.db.pool import open_pool
from cinegraph.limits import Priority, RateLimit, RequestBudget

_LATENCY_SECONDS = 0.2


async def _ask(budget: RequestBudget, sent: list[float], until: float) -> None:
    while True:
        await budget.acquire(Priority.BACKFILL)
        now = time.monotonic()
        if now >= until:
            return
        sent.append(now)
        await asyncio.sleep(_LATENCY_SECONDS)
        budget.succeeded(sent_at=now)


async def _work(arguments: argparse.Namespace) -> None:
    pool = await open_pool(arguments.url, size=2, application_name="limiter benchmark")
    async with pool:
        budget = RequestBudget(
            pool, "benchmark", RateLimit(arguments.rate, arguments.burst)
        )
        sent: list[float] = []
        until = arguments.start + arguments.seconds
        await asyncio.sleep(max(0.0, arguments.start - time.monotonic()))
        await asyncio.gather(
            *(_ask(budget, sent, until) for _ in range(arguments.waiters))
        )
        await budget.close()
    sys.stdout.write(json.dumps(sent))


def worst_second(stamps: list[float]) -> int:
    """Return the most stamps within any second; *stamps* are sorted."""
    first, worst = 0, 0
    for last, stamp in enumerate(stamps):
        while stamps[first] <= stamp - 1.0:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


def _row_updates(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        row = connection.execute(
            "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'request_budgets'"
        ).fetchone()
    return int(row[0]) if row else 0


def _measure(arguments: argparse.Namespace) -> dict[str, object]:
    before = _row_updates(arguments.url)
    start = time.monotonic() + 2.0  # all processes are ready by then
    command = [sys.executable, __file__, *sys.argv[1:], "--start", str(start)]
    workers = [
        subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
        for _ in range(arguments.processes)
    ]
    stamps = [json.loads(worker.communicate()[0]) for worker in workers]
    everyone = sorted(stamp for each in stamps for stamp in each)
    # The first second holds the burst; what it adds is not utilisation.
    steady = [stamp for stamp in everyone if stamp >= start + 1.0]
    allowed = arguments.rate * (arguments.seconds - 1.0)
    time.sleep(1.5)  # PostgreSQL publishes its counters once a second
    return {
        "requests": len(everyone),
        "utilisation": round(len(steady) / allowed, 4),
        "worst_second": worst_second(everyone),
        "by_process": [len(each) for each in stamps],
        "leases_per_second": round(
            (_row_updates(arguments.url) - before) / arguments.seconds, 1
        ),
    }


def main() -> None:
    """Measure, or be one of the measured processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--waiters", type=int, default=10, help="of each process")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=39.0)
    parser.add_argument("--burst", type=int, default=4)
    parser.add_argument("--start", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.start is not None:
        asyncio.run(_work(arguments))
    else:
        print(json.dumps(_measure(arguments), indent=2))


if __name__ == "__main__":
    main()
