"""
Which node of ours a private part of Oban belongs to.

Oban's extension points are one table a process, so the hooks hold no state: they look up their node by the `Query`
object that every part of an Oban instance shares. An instance that is not ours is not found and keeps Oban's own ways.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from oban._query import Query

from cinegraph.jobs.engine.leader import Leadership
from cinegraph.jobs.engine.line import Line
from cinegraph.jobs.engine.listener import Listener
from cinegraph.jobs.settings import EngineSettings


@dataclass(slots=True)
class Runtime:
    """What the hooks of one node need; filled while its Oban instance is built."""

    settings: EngineSettings
    line: Line
    """For fetching and acknowledging."""
    leadership: Leadership
    listener: Listener | None = field(default=None)


_building: ContextVar[Runtime | None] = ContextVar("cinegraph_building", default=None)
_runtimes: "WeakKeyDictionary[Query, Runtime]" = WeakKeyDictionary()


@contextmanager
def building(runtime: Runtime) -> Iterator[None]:
    """Give every Oban instance constructed within the block to *runtime*."""
    token = _building.set(runtime)
    try:
        yield
    finally:
        _building.reset(token)


def claim(query: Query) -> Runtime | None:
    """Return the runtime of an instance being built, and remember it by its *query*."""
    runtime = _building.get()
    if runtime is not None:
        _runtimes[query] = runtime
    return runtime


def find(query: Query) -> Runtime | None:
    """Return the runtime of a built instance; None when it is not ours."""
    return _runtimes.get(query)
