"""What workers work with: made once a node by `bootstrap`, handed to every job by the engine."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from cinegraph.db.pool import Pool
from cinegraph.jobs.film_writer import FilmWriter
from cinegraph.jobs.title_writer import TitleWriter
from cinegraph.jobs.update_writer import UpdateWriter
from cinegraph.jobs.worker import JobContext
from cinegraph.limits import Priority
from cinegraph.sources.awards import AwardsSource
from cinegraph.sources.providers.imdb.client import ImdbClient
from cinegraph.sources.providers.list_files.client import ListFilesClient
from cinegraph.sources.providers.omdb.client import OmdbClient
from cinegraph.sources.providers.tmdb.client import TmdbClient
from cinegraph.sources.providers.tmdb.exports import TmdbExportsClient

_INTERACTIVE_BELOW = 3
_REFRESH_BELOW = 6


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one node."""

    pool: Pool
    tmdb: TmdbClient
    films: FilmWriter
    titles: TitleWriter = field(default=cast("TitleWriter", None))
    updates: UpdateWriter = field(default=cast("UpdateWriter", None))
    exports: TmdbExportsClient = field(default=cast("TmdbExportsClient", None))
    omdb: OmdbClient | None = None
    """None: switched off, there is no key."""
    imdb: ImdbClient | None = None
    """None: IMDb's files are switched off."""
    awards: Mapping[str, AwardsSource] = field(default_factory=dict)
    """By name, the sources of awards that are asked."""
    list_files: ListFilesClient = field(default=cast("ListFilesClient", None))
    downloads: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    """Where this node keeps what it downloads until it is merged; no other node needs it."""
    import_batch_size: int = 1000
    """Ids that a discovery job plans at once."""
    with_adult: bool = False
    """Whether adult films are wanted."""
    update_interval_days: int = 7
    """After how many days popular films are looked at again, and recent ones at the soonest."""
    ratings_interval_days: int = 30
    """What looks at all other films may cost: one each in so many days."""
    change_log_days: int = 90
    """For how many days changes are kept for consumers."""


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
