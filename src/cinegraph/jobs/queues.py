"""The queues: how many jobs each runs at once on a node, how often a job is tried, and why."""

from dataclasses import dataclass
from typing import Literal

type Profile = Literal["dev", "prod"]


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, as a node runs it unless `queue_settings` says otherwise."""

    name: str
    dev: int
    """Jobs at once on a node of the `dev` profile."""
    prod: int
    """Jobs at once on a node of the `prod` profile."""
    attempts: int
    """Attempts of a job whose worker does not say."""
    reason: str

    def limit(self, profile: Profile) -> int:
        """Return the jobs at once on a node of *profile*."""
        return self.dev if profile == "dev" else self.prod


QUEUES: tuple[Queue, ...] = (
    Queue(
        "discovery",
        dev=2,
        prod=2,
        attempts=3,
        reason="a page names twenty films: two in flight keep imports fed",
    ),
    Queue(
        "imports",
        dev=2,
        prod=10,
        attempts=5,
        reason="at 0.2 s a request, 39/s need 8 in flight; 2 give 10/s, enough to develop on",
    ),
    Queue(
        "omdb",
        dev=1,
        prod=4,
        attempts=5,
        reason="OMDb's free tier takes one request at a time; a paid key a few",
    ),
    Queue(
        "updates",
        dev=3,
        prod=6,
        attempts=3,
        reason="a look at a film's votes is a short answer; they share TMDB's budget with imports",
    ),
    Queue(
        "enrichment",
        dev=10,
        prod=10,
        attempts=3,
        reason="milliseconds of the database a film and no upstream; ten keep up with films that imports bring",
    ),
    Queue(
        "festivals",
        dev=2,
        prod=4,
        attempts=3,
        reason="a lookup of a film or person is a short answer; they share TMDB's budget with imports",
    ),
    Queue(
        "maintenance",
        dev=1,
        prod=2,
        attempts=3,
        reason="the daily export and its like: rare and never urgent",
    ),
)

BY_NAME: dict[str, Queue] = {queue.name: queue for queue in QUEUES}


def limits(profile: Profile) -> dict[str, int]:
    """Return the jobs at once of every queue on a node of *profile*."""
    return {queue.name: queue.limit(profile) for queue in QUEUES}
