"""
The same import twice: in calm, and with every fault at 5 % while two of three workers are killed with -9.

`python benchmarks/chaos.py [--pages N] [--fault-rate R] [--seconds N]`, on the recorded bodies, budget off. Both must
end with the same rows in every table and the same sums of the run. Exits 1 when they do not.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import harness
import psycopg

import cinegraph
from cinegraph.db import migrate
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.faults import Fault
from cinegraph.sandbox.settings import SandboxSettings

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from snapshots import digests_of

_WORKERS = 3
_KILL_AT = (0.2, 0.5)
"""Shares of the films settled when a worker is killed."""


async def run_import(
    url: str, sandbox: ChildSandbox, options: argparse.Namespace, *, kills: bool
) -> dict[str, Any]:
    """Import the list, killing two workers on the way if asked; return sums and digests."""
    environment = {
        "DATABASE_URL": url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_MAX_CONCURRENT_IMPORTS": "20",
        "CINEGRAPH_LOG_LEVEL": "error",
    }
    started = time.monotonic()
    with harness.workers(_WORKERS, environment) as processes:
        async with cinegraph.open(
            database_url=url,
            tmdb_base_url=sandbox.base_url,
            tmdb_api_key=harness.FAKE_KEY,
        ) as c:
            await harness.until_working(c, _WORKERS)
            run = await c.import_popular_movies(options.pages)
            due = list(_KILL_AT) if kills else []
            while (progress := await c.get_run(run)).is_running:
                if time.monotonic() - started > options.seconds:
                    raise TimeoutError(
                        f"not done after {options.seconds} s: {progress}"
                    )
                if (
                    due
                    and progress.planned
                    and progress.ended > due[0] * progress.planned
                ):
                    due.pop(0)
                    processes[len(due)].kill()
                    print(
                        f"killed a worker at {progress.ended} of {progress.planned} films",
                        flush=True,
                    )
                await asyncio.sleep(0.5)
    async with await psycopg.AsyncConnection.connect(url) as conn:
        digests = await digests_of(conn)
    return {
        "seconds": time.monotonic() - started,
        "sums": {
            name: getattr(progress, name)
            for name in ("state", "planned", "done", "absent", "failed", "quarantined")
        },
        "digests": digests,
    }


def main() -> None:
    """Run both, compare, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--fault-rate", type=float, default=0.05)
    parser.add_argument("--seconds", type=int, default=3600)
    options = parser.parse_args()
    recorded = SandboxSettings(
        port=0, rate=0, latency="none", recorded=harness.recordings()
    )
    stormy = recorded.model_copy(
        update={
            "faults": dict.fromkeys(Fault, options.fault_rate),
            "slow_seconds": 2.0,
        }
    )
    ends: dict[str, dict[str, Any]] = {}
    with harness.postgres() as server:
        for name, settings in (("calm", recorded), ("storm", stormy)):
            url = harness.fresh_database(server, f"chaos_{name}")
            migrate.upgrade(url)
            with start_child(settings) as sandbox:
                ends[name] = asyncio.run(
                    run_import(url, sandbox, options, kills=name == "storm")
                )
            print(
                f"{name}: {ends[name]['seconds']:.0f} s, {ends[name]['sums']}",
                flush=True,
            )
    calm, storm = ends["calm"], ends["storm"]
    harness.show(
        "rows after the calm import and after the storm",
        ("table", "rows", "equal"),
        [
            (
                table,
                f"{rows:,}",
                "yes" if storm["digests"][table] == (rows, digest) else "NO",
            )
            for table, (rows, digest) in calm["digests"].items()
        ],
    )
    is_equal = calm["digests"] == storm["digests"] and calm["sums"] == storm["sums"]
    harness.save("chaos", {"options": vars(options), "is_equal": is_equal, **ends})
    print("equal" if is_equal else "NOT EQUAL")
    sys.exit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
