"""
What of Oban 0.7.0 is replaced: its private extension points, in one table.

`install` is idempotent and global to the process; instances not built by `node.JobEngine` keep Oban's own ways.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any  # parts of oban pass through here unread

from oban import Job
from oban._extensions import put_ext
from oban._leader import Leader, build_leader
from oban._looper import Looper
from oban._notifier import Notifier, build_notifier
from oban._query import ConnectionLike, Query, _insert_jobs, unwrap_connection
from oban._refresher import build_refresher
from oban._scheduler import build_scheduler

from cinegraph.jobs.engine import runtimes
from cinegraph.jobs.engine.acks import ack_jobs
from cinegraph.jobs.engine.fetching import fetch_jobs
from cinegraph.jobs.engine.inserts import insert_jobs
from cinegraph.jobs.engine.leader import Leadership
from cinegraph.jobs.engine.listener import Listener
from cinegraph.jobs.engine.rescue import rescue_jobs
from cinegraph.jobs.engine.retention import prune_jobs


class Idle:
    """Stands where Oban has a loop that ours makes needless."""

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def _loop(self) -> None:
        """Do nothing."""


def _build_notifier(spec: dict[str, Any], query: Query) -> Notifier:
    runtime = runtimes.claim(query)
    if runtime is None:
        return build_notifier(spec, query)
    runtime.listener = Listener(query=query, prefix=query._prefix)
    return runtime.listener


def _build_leader(
    config: dict[str, Any], *, query: Query, **parts: Any
) -> Leader | Leadership:
    runtime = runtimes.find(query)
    if runtime is None:
        return build_leader(config, query=query, **parts)
    return runtime.leadership


def _build_refresher(config: dict[str, Any], *, query: Query, **parts: Any) -> Looper:
    if runtimes.find(query) is None:
        return build_refresher(config, query=query, **parts)
    return Idle()


def _build_scheduler(config: dict[str, Any], *, query: Query, **parts: Any) -> Looper:
    if runtimes.find(query) is None:
        return build_scheduler(config, query=query, **parts)
    # Missed minutes are not caught up there: schedules that matter keep their own row.
    return Idle()


async def _insert(
    query: Query, jobs: list[Job], conn: ConnectionLike = None
) -> list[Job]:
    if runtimes.find(query) is None:
        found: list[Job] = await _insert_jobs(query, jobs, conn)
        return found
    if conn is not None:
        return await insert_jobs(await unwrap_connection(conn), jobs)
    async with query.connection() as pooled:
        return await insert_jobs(pooled, jobs)


HOOKS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "notifier.build": _build_notifier,
        "leader.build": _build_leader,
        "refresher.build": _build_refresher,
        "scheduler.build": _build_scheduler,
        "query.insert_jobs": _insert,
        "query.ack_jobs": ack_jobs,
        "producer.get_jobs": fetch_jobs,
        "lifeline.rescue": rescue_jobs,
        "pruner.prune": prune_jobs,
    }
)
"""Oban's name of each extension point and what stands there."""


def install() -> None:
    """Put every hook in its place; safe to repeat."""
    for name, hook in HOOKS.items():
        put_ext(name, hook)
