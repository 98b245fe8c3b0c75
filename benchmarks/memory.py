"""
Memory of a worker while it imports 20,000 films.

`python benchmarks/memory.py [--films N]`. The budget is off and the films are invented. Flat means: the last quarter of
the run needs no more than the second did, give or take the allocator's slack.
"""

import argparse
import asyncio
from typing import Any

import harness
import psutil

import cinegraph
from cinegraph.db import migrate
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.settings import SandboxSettings

_SAMPLE_SECONDS = 1.0
_MIB = 1024 * 1024
_FLAT_GROWTH = 0.10
_BATCH = 5_000


async def sample(
    url: str, sandbox: ChildSandbox, pid: int, films: int
) -> list[tuple[int, float]]:
    """Return (films stored, resident MiB) by the second."""
    samples: list[tuple[int, float]] = []
    worker = psutil.Process(pid)
    async with cinegraph.open(
        database_url=url, tmdb_base_url=sandbox.base_url, tmdb_api_key=harness.FAKE_KEY
    ) as c:
        await harness.until_working(c, 1)
        stored = 0
        for first in range(1, films * 2, _BATCH):
            run = await c.import_movies(range(first, first + _BATCH))
            while (progress := await c.get_run(run)).is_running:
                samples.append(
                    (stored + progress.done, worker.memory_info().rss / _MIB)
                )
                await asyncio.sleep(_SAMPLE_SECONDS)
            stored += progress.done
            if stored >= films:
                break
    return samples


def summarise(samples: list[tuple[int, float]], films: int) -> dict[str, Any]:
    """Return the peak of each quarter of the run, by films stored."""
    quarters = [
        max(
            (mib for stored, mib in samples if low <= stored / films < low + 0.25),
            default=0.0,
        )
        for low in (0.0, 0.25, 0.5, 0.75)
    ]
    return {
        "films": samples[-1][0],
        "peak_mib_by_quarter": quarters,
        "growth_second_to_last_quarter": quarters[3] / quarters[1] - 1,
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--films", type=int, default=20_000)
    options = parser.parse_args()
    open_world = SandboxSettings(
        port=0, rate=0, latency="none", films=options.films * 4
    )
    with harness.postgres() as server, start_child(open_world) as sandbox:
        url = harness.fresh_database(server, "bench")
        migrate.upgrade(url)
        environment = {
            "DATABASE_URL": url,
            "TMDB_BASE_URL": sandbox.base_url,
            "TMDB_API_KEY": harness.FAKE_KEY,
            "TMDB_REQUESTS_PER_SECOND": "0",
            "CINEGRAPH_MAX_CONCURRENT_IMPORTS": "40",
            "CINEGRAPH_LOG_LEVEL": "warning",
        }
        with harness.workers(1, environment) as processes:
            samples = asyncio.run(sample(url, sandbox, processes[0].pid, options.films))
    figures = summarise(samples, options.films)
    harness.show(
        f"resident memory of a worker over {figures['films']} films, MiB",
        ("", "1st quarter", "2nd", "3rd", "4th"),
        [("peak", *figures["peak_mib_by_quarter"])],
    )
    growth = figures["growth_second_to_last_quarter"]
    print(
        f"growth from second to last quarter: {growth:.1%} (flat: at most {_FLAT_GROWTH:.0%})"
    )
    harness.save("memory", {"options": vars(options), **figures, "samples": samples})


if __name__ == "__main__":
    main()
