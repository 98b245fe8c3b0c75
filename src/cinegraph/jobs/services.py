"""What workers work with: made once a node by `bootstrap`, handed to every job by the engine."""

from dataclasses import dataclass
from typing import Any

from cinegraph.db.pool import Pool
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.jobs.worker import JobContext
from cinegraph.limits import Priority
from cinegraph.sources.providers.tmdb.client import TmdbClient

_INTERACTIVE_BELOW = 3
_REFRESH_BELOW = 6


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one node."""

    pool: Pool
    tmdb: TmdbClient
    films: FilmWriter


def services_of(job: JobContext[Any]) -> Services:
    """Return the services of the node that runs *job*; the engine itself does not know their type."""
    services = job.services
    if not isinstance(services, Services):
        raise TypeError(f"a node was started with {services!r} instead of Services")
    return services


def request_priority(job_priority: int) -> Priority:
    """Return how urgent the requests of a job are: 0–2 a person waits, 3–5 refresh, 6–9 backfill."""
    if job_priority < _INTERACTIVE_BELOW:
        return Priority.INTERACTIVE
    if job_priority < _REFRESH_BELOW:
        return Priority.REFRESH
    return Priority.BACKFILL
