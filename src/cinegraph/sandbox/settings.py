"""What an imitation upstream tells and how it behaves: limits, latency, faults."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_PORT = 8765
"""Unassigned by IANA and far from the ports of web frameworks."""
DEFAULT_FILMS = 1_240_000
"""As many as TMDB had in 2026."""


class SandboxSettings(BaseModel):
    """Everything about one imitation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    films: int = Field(default=DEFAULT_FILMS, ge=1)
    """Films of the invented world."""
    seed: int = 1
    """Decides the invented world, and which request meets which fault."""
    recorded: Path | None = None
    """A folder of recorded bodies to tell instead of the invented world."""
    awards: Path | None = None
    """
    A nominations table: it is served in place of the invented one, and the invented world has its films and people; a
    recording gets none of them.
    """
    host: str = "127.0.0.1"
    """Where to listen; this machine only, because the imitation checks no one."""
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    """0 takes a free port."""
    rate: int = Field(default=50, ge=0)
    """
    Requests answered in any one second, the rest get 429; 0 is no limit. TMDB's is
    about 50.
    """
    latency: str = "real"
    """
    `real` (log-normal, half of the answers within 0.2 s), `none`, or a fixed number of
    seconds.
    """
    key: str | None = None
    """The only key accepted; unset accepts any, and none."""
    faults: dict[str, float] = Field(default_factory=dict)
    """
    Share of answers, 0 to 1, by name of the fault; of each upstream together at most 1.
    Names that begin with `omdb-` are OMDb's, the others TMDB's.
    """
    fault_until_seconds: float | None = Field(default=None, ge=0)
    """Faults stop that long after the start or the last change; unset: never."""
    cache_seconds: int = Field(default=0, ge=0)
    """
    For how long, at most, who asks again gets the same answer of TMDB, however much has changed since; TMDB's own are
    known to live up to 8 hours (28,800). 0: there is no cache.
    """
    slow_seconds: float = Field(default=5.0, ge=0)
    """What the fault `slow` adds: long enough to see, short of the usual time-outs."""
    omdb_limit: int = Field(default=0, ge=0)
    """Requests OMDb answers for one key in a day, the rest get 401; 0 is no limit."""
    omdb_key: str | None = None
    """The only key OMDb accepts; unset accepts any, and none."""
    omdb_reset_seconds: int = Field(default=0, ge=0, lt=86_400)
    """Second of the UTC day at which OMDb's day begins: midnight by hearsay."""
    export_fault: str | None = None
    """What is wrong with the daily exports, by its name; unset: nothing."""
    first_day: date | None = None
    """
    The day whose export tells the popularity that the films' own bodies tell; unset: the
    day of the first export that is asked for.
    """
    evolve: bool = False
    """
    Whether the invented world goes on with the sandbox's clock: new films, changes, votes,
    removals, merges, and a feed that tells of them. Without it there is no feed.
    """
    pace: float = Field(default=1.0, gt=0)
    """How many times as much happens in a day as at TMDB; for small worlds."""
    changes_reach_days: int = Field(default=14, ge=1)
    """How far back the feed of changes goes; older days are told as if nothing had happened."""
    retry_after: bool = True
    """Whether a 429 of the limit itself carries Retry-After."""
