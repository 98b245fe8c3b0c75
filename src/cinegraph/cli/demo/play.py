"""The story of the demo, from an empty folder to a table of films."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from cinegraph import api, bootstrap, clock, words
from cinegraph.api import Cinegraph
from cinegraph.cli import children, console, following
from cinegraph.cli.children import Child
from cinegraph.cli.demo import stage, summary
from cinegraph.cli.demo.numbers import Reader
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
_HELD_POLL_SECONDS = 0.02
_MOST_PAUSES_TOLD = 3
_NEVER = float("inf")


class TooSlowError(CinegraphError):
    """The demo did not get ready in time."""

    code = "demo_too_slow"

    def __init__(self, what: str) -> None:
        super().__init__(what, hint="This machine is very busy; try again later.")


class Crash:
    """A worker killed on purpose, and the films it had in its hands."""

    def __init__(self, worker: Child, node: str, held: list[int]) -> None:
        self.worker = worker
        self.node = node
        self.held = held
        self.at = clock.real_now()
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
        self.progress.say(
            Text.assemble((f"{self.seconds:3.0f} s  ", "dim"), (text, style))
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """The import itself, and what is read and done around it."""

    c: Cinegraph
    reader: Reader
    sandbox: ChildSandbox
    teller: Teller
    pages: int

    async def play(self, victim: Child, node: str) -> Facts:
        """Import; kill *victim*, known to the database as *node*, on the way."""
        faulty = 20 * self.pages / _BUDGET * _FAULTY_SHARE
        await asyncio.to_thread(
            self.sandbox.change_faults, FAULTS, until_seconds=faulty
        )
        run_id = await self.c.import_popular_movies(self.pages)
        crash: Crash | None = None
        pauses = 0
        faults_end = self.teller.seconds + faulty
        while (run := await self._read(run_id)).is_running:
            pauses = await _tell_pauses(self.c, self.teller, pauses)
            if crash is None and _is_time_to_kill(run):
                crash = await asyncio.to_thread(_kill, self.reader, victim, node)
                films = words.count(len(crash.held), "film")
                self.teller.tell(
                    f"kill -9 of worker 1, with {films} in its hands", "bold red"
                )
            elif crash is not None and crash.rescued_seconds is None:
                await asyncio.to_thread(_look_after, self.reader, crash, self.teller)
            if self.teller.seconds > faults_end:
                faults_end = _NEVER
                await self._tell_tries()
            await asyncio.sleep(_READ_SECONDS)
        awards = await self._import_awards()
        await self._compute()
        return await self._sum_up(run, awards, crash)

    async def _compute(self) -> None:
        """Wait until what follows from the films is computed, which the workers do by themselves."""
        self.teller.tell("pairs, scores and recommendations follow what has changed")
        while self.teller.seconds < _HARD_STOP_SECONDS:
            report = await self.c.get_enrichment_status()
            if report.is_current:
                return
            await asyncio.sleep(_READ_SECONDS)
        raise TooSlowError(
            "pairs, scores and recommendations were not computed in time"
        )

    async def _import_awards(self) -> RunProgress:
        """Import a ceremony with its films and people, after the films that everybody wants."""
        self.teller.tell(
            f"a ceremony is imported: the Academy Awards of {stage.CEREMONY}"
        )
        started = await self.c.import_oscar_year(stage.CEREMONY)
        try:
            async with asyncio.timeout(_HARD_STOP_SECONDS - self.teller.seconds):
                return await self.c.wait_for_run(
                    started.run_id,
                    on_progress=lambda run: self.teller.progress.show(run, None),
                )
        except TimeoutError:
            run = await self.c.get_run(started.run_id)
            raise TooSlowError(f"not over: {following.plain_line(run, None)}") from None

    async def _tell_tries(self) -> None:
        tries = await asyncio.to_thread(self.reader.count_tries)
        jobs = words.count(sum(tries.values()), "job")
        self.teller.tell(
            f"the faults end; {jobs} met one and are tried again", "yellow"
        )

    async def _read(self, run_id: int) -> RunProgress:
        run = await self.c.get_run(run_id)
        self.teller.progress.show(run, await self.c.explain_run(run))
        if self.teller.seconds > _HARD_STOP_SECONDS:
            raise TooSlowError(f"not over: {following.plain_line(run, None)}")
        return run

    async def _sum_up(
        self, run: RunProgress, awards: RunProgress, crash: Crash | None
    ) -> Facts:
        self.teller.tell("done; every row is compared with the invented world")
        world = World(stage.FILMS, stage.SEED)
        read = self.reader
        rescued = read.list_rescued(crash.held, crash.node) if crash else []
        return Facts(
            run=run,
            awards=awards,
            winners=await self.c.show_edition("oscars", stage.CEREMONY),
            status=await self.c.get_sync_status(),
            report=await asyncio.to_thread(self.sandbox.report),
            tries=await asyncio.to_thread(read.count_tries),
            held=len(crash.held) if crash else 0,
            rescued=len(rescued),
            comparisons=await asyncio.to_thread(read.compare, world, self.pages),
            top=await asyncio.to_thread(read.list_top_movies, summary.TOP),
            computed=await asyncio.to_thread(read.count_computed),
            relevant=await asyncio.to_thread(
                read.list_relevant_movies, summary.RELEVANT
            ),
        )


async def play(pages: int, *, keep: bool) -> bool:
    """Show everything; return whether all of it went well."""
    with stage.own_home(keep=keep) as home:
        bootstrap.configure_logging("error")
        facts = await _show(home, pages, keep=keep)
    if keep:
        console.show(*summary.tell_how_to_look_around(home))
    console.show(*summary.tell_how_to_go_on())
    return facts.is_good


async def _show(home: Path, pages: int, *, keep: bool) -> Facts:
    async with AsyncExitStack() as stack:
        with following.Progress() as progress, following.logging_above():
            teller = Teller(progress)
            teller.tell(
                "an imitation TMDB starts: 50 requests/s, 0.2 s each, with faults"
            )
            teller.tell(f"and an imitation OMDb: {stage.OMDB_LIMIT} requests a day")
            sandbox = await _enter_sandbox(stack)
            teller.tell("an embedded PostgreSQL is set up")
            c = await stack.enter_async_context(_opened(home, sandbox, keep=keep))
            crew = await stack.enter_async_context(_staffed(c, home))
            teller.tell(f"watch it, as long as it lasts: {crew.address}", "bold cyan")
            with closing(Reader(c.database_url)) as reader:
                scene = Scene(c, reader, sandbox, teller, pages)
                teller.tell("two workers are ready; the import of popular films starts")
                facts = await scene.play(crew.workers[0], crew.nodes[0])
        console.show(*summary.tell(facts))
        if keep and sys.stdin.isatty():
            console.show(*summary.tell_where_to_look(crew.address))
            await _stay()
    return facts


async def _enter_sandbox(stack: AsyncExitStack) -> ChildSandbox:
    opened = await asyncio.to_thread(stage.open_sandbox)
    return stack.enter_context(opened)


async def _stay() -> None:
    """Wait for Ctrl-C, which ends the looking around and not the demo's last words."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)
    try:
        await stop.wait()
    finally:
        loop.remove_signal_handler(signal.SIGINT)


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
        omdb_base_url=sandbox.omdb_url,
        oscars_url=sandbox.oscars_url,
        omdb_daily_limit=stage.OMDB_LIMIT,
        max_concurrent_imports=_AT_ONCE,
    ) as c:
        yield c


@dataclass(frozen=True, slots=True)
class Crew:
    """The demo's processes."""

    workers: list[Child]
    nodes: list[str]
    """Of the workers, as the database knows them."""
    address: str
    """Of the dashboard."""


@asynccontextmanager
async def _staffed(c: Cinegraph, home: Path) -> AsyncIterator[Crew]:
    """Run two workers and a dashboard."""
    environment = stage.worker_environment(c.settings, c.database_url)
    running: list[Child] = []
    try:
        running += [children.start_worker(each, environment, home) for each in (1, 2)]
        workers = running.copy()
        dashboard = children.start_dashboard(environment, home, port=0)
        running.append(dashboard)
        nodes = await _wait_for(c, workers)
        address = await asyncio.to_thread(dashboard.read_line)
        yield Crew(workers, [nodes[worker.pid] for worker in workers], address)
    finally:
        await asyncio.to_thread(_stop, running)


def _stop(running: list[Child]) -> None:
    for child in running:
        child.ask_to_stop()
    for child in running:
        child.stop()


async def _wait_for(c: Cinegraph, workers: list[Child]) -> dict[int, str]:
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


def _is_time_to_kill(run: RunProgress) -> bool:
    is_listed = run.pages_read == run.pages_planned
    return is_listed and run.done > _KILL_AT * run.planned


async def _tell_pauses(c: Cinegraph, teller: Teller, told: int) -> int:
    (seen, *_) = [one.throttled_count for one in await c.list_budgets()] or [0]
    if told < seen and told < _MOST_PAUSES_TOLD:
        teller.tell("429: TMDB says slow down; all workers pause together", "yellow")
    return seen


def _kill(reader: Reader, worker: Child, node: str) -> Crash:
    # A worker may be between two films at the moment it is looked at.
    deadline = time.monotonic() + _HELD_SECONDS
    while not (held := reader.list_held(node)) and time.monotonic() < deadline:
        time.sleep(_HELD_POLL_SECONDS)
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
