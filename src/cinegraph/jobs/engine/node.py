"""A node: Oban with our parts, started and stopped as one."""

import asyncio
import os
import socket
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import psycopg
import structlog
from oban import Job, Oban
from psycopg_pool import AsyncConnectionPool

from cinegraph.db.sql import load
from cinegraph.jobs.engine import control, hooks, runtimes
from cinegraph.jobs.engine.dispatching import Dispatcher
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.engine.leader import Leadership
from cinegraph.jobs.engine.line import Line, resolve
from cinegraph.jobs.engine.pulse import Pulse
from cinegraph.jobs.settings import EngineSettings

_log = structlog.get_logger(__name__)

DEPLOYMENT = "cinegraph"
"""Oban's instance name, shared by all nodes on one database: they elect one leader."""


class JobEngine:
    """
    Runs the jobs of *queues* on this node and enqueues for all.

    Without queues it only enqueues: no connection, no heartbeat, no election.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        services: object = None,
        *,
        queues: Mapping[str, int] | None = None,
        node: str | None = None,
        version: str = "",
        settings: EngineSettings | None = None,
    ) -> None:
        self._pool = pool
        self._services = services
        self._queues = dict(queues or {})
        self.node = node or f"{socket.gethostname()}.{os.getpid()}"
        self._version = version
        self._settings = settings or EngineSettings()
        self._oban: Oban | None = None
        self._pulse: Pulse | None = None
        self._line: Line | None = None

    @property
    def is_leader(self) -> bool:
        """Whether this node leads at this moment."""
        return self._oban is not None and self._oban.is_leader

    @property
    def oban(self) -> Oban:
        """
        The Oban instance beneath.

        Raises:
            RuntimeError: The node is not running.
        """
        if self._oban is None:
            raise RuntimeError("the job engine is not running on this node")
        return self._oban

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start running jobs; queues start as `queue_settings` wants them."""
        if not self._queues or self._oban is not None:
            return
        hooks.install()
        conninfo = await resolve(self._pool.conninfo)
        timeout = self._settings.statement_timeout.total_seconds()
        pulse_line = Line(conninfo, timeout_seconds=timeout / 3)
        self._line = Line(conninfo, timeout_seconds=timeout)
        try:
            await self._launch(pulse_line, self._line)
        except BaseException:
            # A node that could not start must not go on beating.
            await self.stop()
            await pulse_line.close()
            await self._line.close()
            raise

    async def _launch(self, pulse_line: Line, work_line: Line) -> None:
        leadership = self._leadership()
        runtime = runtimes.Runtime(self._settings, work_line, leadership)
        stored = await pulse_line.run(
            load("cinegraph.jobs.engine", "read_settings.sql"), {}
        )
        with runtimes.building(runtime):
            oban = self._build(control.wanted(self._queues, stored))
        if runtime.listener is None:
            raise RuntimeError(
                "oban has not asked for its notifier: is it another version?"
            )
        self._oban = oban
        self._pulse = Pulse(
            line=pulse_line,
            leadership=leadership,
            listener=runtime.listener,
            producers=oban._producers,
            queues=self._queues,
            settings=self._settings,
            facts={"version": self._version, "holder": leadership.holder},
        )
        await leadership.start()
        await self._pulse.start()
        await oban.start()

    async def stop(self) -> None:
        """Let running jobs finish within the grace, give back the rest, and leave."""
        if self._oban is None or self._pulse is None or self._line is None:
            return
        oban, self._oban = self._oban, None
        # The heartbeat goes on while jobs finish, or others would take them for lost.
        [error] = await asyncio.gather(oban.stop(), return_exceptions=True)
        if error is not None:
            _log.warning("oban did not stop cleanly", error=repr(error))
        await self._pulse.stop()
        await self._line.close()

    async def enqueue(
        self, jobs: Iterable[Job], conn: psycopg.AsyncConnection | None = None
    ) -> list[Job]:
        """
        Insert *jobs*, in the transaction of *conn* when it is given.

        Returns:
            The same jobs in order; `id` is None where the same work is live already.
        """
        if conn is not None:
            return await insert_jobs(conn, jobs)
        async with self._pool.connection() as pooled:
            return await insert_jobs(pooled, jobs)

    def _leadership(self) -> Leadership:
        return Leadership(
            name=DEPLOYMENT,
            # Two processes may have been given the same node name.
            holder=f"{self.node}/{uuid4().hex[:8]}",
            lease=self._settings.lease,
            margin=self._settings.lease_margin,
        )

    def _build(self, states: Mapping[str, control.QueueState]) -> Oban:
        settings = self._settings
        return Oban(
            pool=self._pool,
            dispatcher=Dispatcher(self._services),
            name=DEPLOYMENT,
            node=self.node,
            queues={
                queue: {
                    "limit": state.limit,
                    "paused": state.paused,
                    "debounce_interval": settings.debounce.total_seconds(),
                }
                for queue, state in states.items()
            },
            lifeline={
                "interval": settings.beat_interval.total_seconds(),
                "rescue_after": settings.heartbeat_grace.total_seconds(),
            },
            pruner={"interval": settings.prune_interval.total_seconds()},
            shutdown_grace_period=settings.shutdown_grace.total_seconds(),
        )
