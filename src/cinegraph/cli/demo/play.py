"""The story of the demo, from an empty folder to a table of films."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

from rich.text import Text

from cinegraph import api, bootstrap, clock
from cinegraph.api import Cinegraph
from cinegraph.cli import console, following, words
from cinegraph.cli.demo import stage, summary
from cinegraph.cli.demo.numbers import Reader
from cinegraph.cli.demo.stage import Worker
from cinegraph.cli.demo.summary import Facts
from cinegraph.errors import CinegraphError
from cinegraph.monitoring.progress import RunProgress
from cinegraph.sandbox.child import ChildSandbox
from cinegraph.sandbox.world import World

FAULTS = {
    "429": 0.003,
    "5xx": 0.04,
    "cut": 0.004,
    "html": 0.004,
    "empty": 0.004,
    "not-found": 0.003,
}
"""Enough to see each of them; they stop in time for the retries to be done at the end."""
_FAULTY_SHARE = 0.4
"""Of the expected time."""
_KILL_AT = 0.35
"""Of the films."""
_BUDGET = 39.0
_AT_ONCE = 12
_HARD_STOP_SECONDS = 150.0
_READY_SECONDS = 40.0
_READ_SECONDS = 0.4
_HELD_SECONDS = 2.0
_MOST_PAUSES_TOLD = 3


class TooSlowError(CinegraphError):
    """The demo did not get ready in time."""

    code = "demo_too_slow"

    def __init__(self, what: str) -> None:
        super().__init__(what, hint="This machine is very busy; try again later.")


class Crash:
    """A worker killed on purpose, and the films it had in its hands."""

    def __init__(self, worker: Worker, node: str, held: list[int]) -> None:
        self.worker = worker
        self.node = node
        self.held = held
        self.at: datetime = clock.real_now()
        self.rescued_seconds: float | None = None


class Teller:
    """Says what happens, with the second in which it happens."""

    def __init__(self, progress: following.Progress) -> None:
        self.progress = progress
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def tell(self, text: str, style: str = "") -> None:
        """Say a line that stays."""
        self.progress.say(Text.assemble((f"{self.seconds:3.0f} s  ", "dim"), (text, style)))


async def play(pages: int, *, keep: bool) -> bool:
    """Show everything; return whether all of it went well."""
    with stage.own_home(keep=keep) as home:
        bootstrap.configure_logging("error")
        facts = await _show(home, pages, keep=keep)
        console.show(*summary.tell(facts))
    if keep:
        console.show(*summary.tell_how_to_look_around(home))
    console.show(*summary.tell_how_to_go_on())
    return facts.is_good


async def _show(home: Path, pages: int, *, keep: bool) -> Facts:
    with following.Progress() as progress, following.logging_above(progress):
        teller = Teller(progress)
        teller.tell("an imitation TMDB starts: 50 requests/s, 0.2 s each, with faults")
        with await asyncio.to_thread(stage.open_sandbox) as sandbox:
            teller.tell("an embedded PostgreSQL is set up")
            async with _opened(home, sandbox, keep=keep) as c:
                return await _import(c, home, sandbox, teller, pages)


@asynccontextmanager
async def _opened(
    home: Path, sandbox: ChildSandbox, *, keep: bool
) -> AsyncIterator[Cinegraph]:
    async with api.open(
        role="demo",
        disposable=not keep,
        home=home,
        tmdb_base_url=sandbox.base_url,
        tmdb_requests_per_second=_BUDGET,
        max_concurrent_imports=_AT_ONCE,
    ) as c:
        yield c


async def _import(
    c: Cinegraph, home: Path, sandbox: ChildSandbox, teller: Teller, pages: int
) -> Facts:
    environment = stage.worker_environment(c.settings, c.database_url)
    workers: list[Worker] = []
    try:
        workers += [Worker(number, environment, home) for number in (1, 2)]
        with closing(Reader(c.database_url)) as reader:
            nodes = await _wait_for(c, workers)
            teller.tell("two workers are ready; the import of popular films starts")
            run, crash = await _follow(c, reader, sandbox, teller, pages, (workers, nodes))
            return await _sum_up(c, reader, sandbox, teller, pages, run, crash)
    finally:
        await asyncio.to_thread(_stop, workers)


def _stop(workers: list[Worker]) -> None:
    for worker in workers:
        worker.ask_to_stop()
    for worker in workers:
        worker.stop()


async def _wait_for(c: Cinegraph, workers: list[Worker]) -> dict[int, str]:
    """Return the nodes of the workers by process, once all of them beat."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        for worker in workers:
            worker.require_alive()
        live = [node for node in await c.list_nodes() if node.is_live]
        nodes = {int(node.meta["pid"]): node.node for node in live}
        if all(worker.pid in nodes for worker in workers):
            return nodes
        await asyncio.sleep(0.1)
    raise TooSlowError(f"the workers did not start within {_READY_SECONDS:.0f} s")


async def _follow(
    c: Cinegraph,
    reader: Reader,
    sandbox: ChildSandbox,
    teller: Teller,
    pages: int,
    cast: tuple[list[Worker], dict[int, str]],
) -> tuple[RunProgress, Crash | None]:
    faulty = 20 * pages / _BUDGET * _FAULTY_SHARE
    await asyncio.to_thread(sandbox.change_faults, FAULTS, until_seconds=faulty)
    run_id = await c.import_popular_movies(pages)
    crash: Crash | None = None
    pauses = 0
    while True:
        run = await c.get_run(run_id)
        teller.progress.show(run, await c.explain_run(run))
        if not run.is_running:
            return run, crash
        pauses = await _tell_pauses(c, teller, pauses)
        if crash is None and run.done > _KILL_AT * run.planned and _is_listed(run):
            worker, nodes = cast[0][0], cast[1]
            crash = await asyncio.to_thread(_kill, reader, worker, nodes[worker.pid])
            films = words.count(len(crash.held), "film")
            teller.tell(f"kill -9 of worker 1, with {films} in its hands", "bold red")
        elif crash is not None and crash.rescued_seconds is None:
            await asyncio.to_thread(_look_after, reader, crash, teller)
        if teller.seconds > _HARD_STOP_SECONDS:
            raise TooSlowError(f"not over: {following.plain_line(run, None)}")
        await asyncio.sleep(_READ_SECONDS)


def _is_listed(run: RunProgress) -> bool:
    return run.pages_read == run.pages_planned


async def _tell_pauses(c: Cinegraph, teller: Teller, told: int) -> int:
    (seen, *_) = [one.throttled_count for one in await c.list_budgets()] or [0]
    if told < seen and told < _MOST_PAUSES_TOLD:
        teller.tell("429: TMDB says slow down; all workers pause together", "yellow")
    return seen


def _kill(reader: Reader, worker: Worker, node: str) -> Crash:
    # A worker may be between two films at the moment it is looked at.
    deadline = time.monotonic() + _HELD_SECONDS
    while not (held := reader.list_held(node)) and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.kill()
    return Crash(worker, node, held)


def _look_after(reader: Reader, crash: Crash, teller: Teller) -> None:
    done = reader.list_rescued(crash.held, crash.node)
    # What was finished in the last moment before the crash needs no rescue.
    left = set(reader.list_unfinished(crash.held)) - {one.job_id for one in done}
    if left or not done:
        return
    last = max(one.completed_at for one in done)
    crash.rescued_seconds = (last - crash.at).total_seconds()
    films = words.count(len(done), "film")
    teller.tell(
        f"worker 2 took over {films}, the last stored {crash.rescued_seconds:.0f} s later",
        "green",
    )


async def _sum_up(
    c: Cinegraph,
    reader: Reader,
    sandbox: ChildSandbox,
    teller: Teller,
    pages: int,
    run: RunProgress,
    crash: Crash | None,
) -> Facts:
    teller.tell("done; every row is compared with the invented world")
    status = await c.get_sync_status()
    world = World(stage.FILMS, stage.SEED)
    return Facts(
        run=run,
        status=status,
        report=await asyncio.to_thread(sandbox.report),
        tries=await asyncio.to_thread(reader.count_tries),
        held=len(crash.held) if crash else 0,
        rescued=len(reader.list_rescued(crash.held, crash.node)) if crash else 0,
        comparisons=await asyncio.to_thread(reader.compare, world, pages),
        top=await asyncio.to_thread(reader.list_top_movies, summary.TOP),
    )
