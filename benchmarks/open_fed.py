"""
An open import as a run of the whole catalogue does it: films planned in the ledger, jobs made by the feeder.

`python benchmarks/open.py --omdb [--films N] [--rounds N]`: popular films of the invented world from TMDB, and of each
what OMDb says of it, until both stages are done, with one worker process and with two, beside `plain.py`, which asks
TMDB alone for the same films. Each side has a sandbox of its own that has made their bodies before. Asked for: 0.8 of
the films a second of `plain.py`.

`python benchmarks/open.py --ledger N [--films N] [--rounds N]`: recorded films, the most valuable ones of a run that
has nothing else to do, and of a run of N films (1,240,000 are asked for), whose others wait behind them. Asked for:
0.9 of the films a second on the small ledger.

In both the clock runs from the first job that the feeder makes to the last thing that is settled.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import timedelta

import catalogue
import harness
import psycopg
from importers import (
    RUN_SECONDS,
    Measured,
    cpu_of,
    medians_of,
    ratios_of,
    run_plain,
)

import cinegraph
from cinegraph import clock
from cinegraph.db import migrate
from cinegraph.jobs.stages import FILMS
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World
from cinegraph.sync import ledger, planning, runs

ONE_WORKER, TWO_WORKERS, PLAIN = (
    "TMDB and OMDb, 1 worker",
    "TMDB and OMDb, 2 workers",
    "plain.py, TMDB alone",
)
SMALL, LARGE = "ledger of these films", "ledger of {:,} films"
_WORLD = 100_000
_LOOK = timedelta(seconds=0.25)
_WORTH = 1e9
"""Of the first film, more than any other's."""
_FORGET = """
WITH items AS (DELETE FROM sync_run_items WHERE kind = 'movie' AND external_id = ANY (%(ids)s))
DELETE FROM sync_ledger WHERE external_id = ANY (%(ids)s)
"""
_LISTED = """
INSERT INTO listed_movies (tmdb_id, popularity, is_adult, is_video, stated_on)
SELECT id, 1, false, false, %(today)s FROM unnest(%(ids)s::integer[]) AS given (id)
ON CONFLICT DO NOTHING
"""
_SECONDS = """
SELECT
    extract(EPOCH FROM max(item.ended_at) - min(entry.queued_at))::double precision,
    count(*) FILTER (WHERE item.kind = 'movie' AND item.state = 'done'),
    count(*) FILTER (WHERE item.kind = 'omdb' AND item.state IN ('done', 'absent'))
FROM sync_run_items AS item
INNER JOIN sync_ledger AS entry
    ON entry.source = 'tmdb' AND entry.kind = 'movie' AND entry.external_id = item.external_id
WHERE item.run_id = %(run_id)s AND item.kind IN ('movie', 'omdb') AND item.external_id = ANY (%(ids)s)
"""


async def plan(url: str, ids: Sequence[int], run_id: runs.RunId | None) -> runs.RunId:
    """Let the ledger want *ids* before all others, for a paused run: *run_id*, or one that wants nothing else."""
    now = clock.now()
    async with await psycopg.AsyncConnection.connect(url) as conn:
        if run_id is None:
            run_id = await runs.start_run(
                conn,
                kind=runs.CATALOG,
                source=FILMS.source,
                arguments={"from_export": True},
                requested_by="command",
                now=now,
            )
        else:
            await conn.execute(_FORGET, {"ids": list(ids)})
        await conn.execute(_LISTED, {"ids": list(ids), "today": now.date()})
        await planning.plan_items(conn, run_id, FILMS.item_kind, ids)
        worth = {thing: _WORTH - place for place, thing in enumerate(ids)}
        await ledger.want(
            conn, worth, **FILMS.entry, reason="in the export", run_id=run_id, now=now
        )
        await runs.pause_run(conn, run_id)
    with psycopg.connect(url, autocommit=True) as analyzing:
        analyzing.execute("VACUUM ANALYZE")
    return run_id


def run_planned(
    url: str,
    sandbox: ChildSandbox,
    ids: Sequence[int],
    run_id: runs.RunId,
    *,
    workers: int,
    concurrency: int,
    titles: bool,
) -> Measured:
    """Let the paused run go on until *ids* are stored, and with *titles* until OMDb has answered for them."""
    environment = {
        "DATABASE_URL": url,
        "TMDB_BASE_URL": sandbox.base_url,
        "TMDB_API_KEY": harness.FAKE_KEY,
        "TMDB_EXPORTS_URL": sandbox.exports_url,
        "TMDB_REQUESTS_PER_SECOND": "0",
        "CINEGRAPH_PROFILE": "prod",
        "CINEGRAPH_MAX_CONCURRENT_IMPORTS": str(concurrency // workers),
        "CINEGRAPH_LOG_LEVEL": "error",
    }
    if titles:
        environment |= {
            "OMDB_BASE_URL": sandbox.omdb_url,
            "OMDB_API_KEY": harness.FAKE_KEY,
            "OMDB_DAILY_LIMIT": "10000000",
            "OMDB_REQUESTS_PER_SECOND": "0",
        }
    with harness.workers(workers, environment) as processes:
        pids = [process.pid for process in processes]
        spent = asyncio.run(_resume(url, sandbox, run_id, pids, films=len(ids)))
    with psycopg.connect(url) as conn:
        row = conn.execute(_SECONDS, {"run_id": run_id, "ids": list(ids)}).fetchone()
    assert row is not None  # noqa: S101 - sums without groups give a row
    seconds, films, told = row
    if films != len(ids) or (titles and not told):
        raise RuntimeError(f"{films} of {len(ids)} films arrived, {told} titles")
    return Measured(
        films / seconds, *(value / films * 1000 for value in spent), titles=told
    )


async def _resume(
    url: str,
    sandbox: ChildSandbox,
    run_id: runs.RunId,
    pids: Sequence[int],
    *,
    films: int,
) -> list[float]:
    async with cinegraph.open(
        database_url=url, tmdb_base_url=sandbox.base_url, tmdb_api_key=harness.FAKE_KEY
    ) as c:
        await harness.until_working(c, len(pids))
        done = (await c.get_run(run_id)).done + films
        before = cpu_of(url, sandbox, pids)
        await c.resume_run(run_id)
        async with asyncio.timeout(RUN_SECONDS):
            while True:
                run = await c.get_run(run_id)
                if run.done >= done and not run.titles_left:
                    break
                await asyncio.sleep(_LOOK.total_seconds())
        after = cpu_of(url, sandbox, pids)
        await c.pause_run(run_id)
    return [late - early for late, early in zip(after, before, strict=True)]


def measure_titles(options: argparse.Namespace) -> dict[str, list[Measured]]:
    """Run all rounds of the import with OMDb."""
    world = World(_WORLD)
    pages = (world.popular_ids(page) for page in range(1, 501))
    ids = list(dict.fromkeys(i for page in pages for i in page))[: options.films]
    invented = SandboxSettings(port=0, rate=0, latency="none", films=_WORLD)
    rounds: dict[str, list[Measured]] = {ONE_WORKER: [], PLAIN: [], TWO_WORKERS: []}
    with (
        harness.postgres() as server,
        start_child(invented) as ours,
        start_child(invented) as theirs,
    ):
        # The first round is not counted: in it the sandboxes make the bodies.
        for number in range(options.rounds + 1):
            for side, taken in rounds.items():
                url = harness.fresh_database(server, "bench")
                if side == PLAIN:
                    result = run_plain(url, theirs, ids)
                else:
                    migrate.upgrade(url)
                    result = run_planned(
                        url,
                        ours,
                        ids,
                        asyncio.run(plan(url, ids, None)),
                        workers=1 if side == ONE_WORKER else 2,
                        concurrency=options.concurrency,
                        titles=True,
                    )
                _tell(number, side, result)
                if number:
                    taken.append(result)
    return rounds


def measure_ledger(options: argparse.Namespace) -> dict[str, list[Measured]]:
    """Run all rounds on a small ledger and on a large one."""
    ids = RecordedContent(harness.recordings()).ids()[: options.films]
    large = LARGE.format(options.ledger)
    rounds: dict[str, list[Measured]] = {SMALL: [], large: []}
    recorded = SandboxSettings(
        port=0, rate=0, latency="none", recorded=harness.recordings()
    )
    with harness.postgres() as server, start_child(recorded) as sandbox:
        planned = {}
        for side in rounds:
            url = harness.fresh_database(server, f"bench_{len(planned)}")
            migrate.upgrade(url)
            run_id = catalogue.fill(url, options.ledger) if side == large else None
            planned[side] = asyncio.run(plan(url, ids, run_id))
        for number in range(1, options.rounds + 1):
            for place, (side, taken) in enumerate(rounds.items()):
                url = harness.fresh_database(server, "bench", template=f"bench_{place}")
                taken.append(
                    run_planned(
                        url,
                        sandbox,
                        ids,
                        planned[side],
                        workers=options.workers,
                        concurrency=options.concurrency,
                        titles=False,
                    )
                )
                _tell(number, side, taken[-1])
    return rounds


def _tell(number: int, side: str, result: Measured) -> None:
    titles = f", {result.titles} titles" if result.titles else ""
    print(
        f"round {number}: {side} {result.films_per_second:.0f} films/s{titles}",
        flush=True,
    )


def run(options: argparse.Namespace) -> None:
    """Measure what *options* ask for, print, write."""
    rounds = measure_titles(options) if options.omdb else measure_ledger(options)
    [*ours, rival] = (
        (ONE_WORKER, TWO_WORKERS, PLAIN) if options.omdb else reversed(rounds)
    )
    asked = 0.8 if options.omdb else 0.9
    medians = medians_of(rounds)
    ratios = {side: ratios_of(rounds, side, rival) for side in ours}
    harness.show(
        f"open import of {options.films} films through the ledger, median of {options.rounds} rounds",
        ("", "films/s", "importer", "postgres", "sandbox", "CPU s a 1,000 films"),
        [(side, *(one[name] for name in one)) for side, one in medians.items()],
    )
    for side, ratio in ratios.items():
        print(f"{side}: {ratio['median']:.2f} of {rival} (asked for {asked:.2f})")
    name = "open_omdb" if options.omdb else "open_ledger"
    harness.save(name, {"options": vars(options), "medians": medians, "ratios": ratios})
