"""What may be asked for, how often, and whose turn it is; the numbers behind pacing and pauses."""

from enum import IntEnum

import msgspec

from cinegraph.errors import ConfigError


class Priority(IntEnum):
    """Who waits for the answer; the smaller goes first."""

    INTERACTIVE = 0
    """A person waits."""
    REFRESH = 1
    """What we show is getting old."""
    BACKFILL = 2
    """What we do not have yet; there is always more of it."""


class RateLimit(msgspec.Struct, frozen=True):
    """
    How fast one source may be asked by the whole deployment.

    Raises:
        ConfigError: A number makes no sense.
    """

    rate_per_second: float
    """Requests a second; 0 switches pacing off in this process (pauses and halts are still honoured)."""
    burst: int = 4
    """As many requests may go at once after a rest: 39 + 4 stays under TMDB's 50 in any second."""
    upstream_per_second: float | None = None
    """What the upstream allows, for the reports; None where it is not known."""

    def __post_init__(self) -> None:
        """Refuse what no row may hold."""
        if not 0 <= self.rate_per_second < float("inf"):
            raise ConfigError(
                f"a rate of {self.rate_per_second} requests a second is not possible",
                hint="Give a number from 0 (no pacing) upwards.",
            )
        if self.burst < 1:
            raise ConfigError(
                f"a burst of {self.burst} lets no request through",
                hint="Give a whole number from 1 upwards.",
            )


HORIZON_SECONDS = {
    Priority.INTERACTIVE: 10.0,
    Priority.REFRESH: 0.5,
    Priority.BACKFILL: 0.25,
}
"""
How far ahead each priority may reserve. The queue of slots is never longer than the horizon of those who wait, so a
more important request overtakes by reserving where the others may not; and a killed process loses at most what it
reserved: a quarter of a second for backfill. Interactive has a bound so that a row gone astray can be told from a
long queue.
"""

BATCH_SECONDS = 0.2
"""At most this much of the whole rate in one lease: 8 slots at 39/s. Smaller leases make the row busy, larger ones
are lost with a killed process."""
SMALLEST_BATCH = 8
"""Also at slow rates; the horizon bounds what is really reserved."""
GATHER_SECONDS = 0.1
"""A denied process comes back when this much of the rate is free, not for each slot: some 10 leases a second."""
LEAD_SECONDS = 0.15
"""The next lease is asked for this long before the last slot, so that a slow database leaves no gap."""
NOTICE_SECONDS = 0.25
"""State older than this is read again before anything is sent: how soon all processes know of a pause."""
STANDING_SECONDS = 1.0
"""How long a refusal (pause, halt) is answered from memory while nobody reads the row."""
SHORTEST_ASK_SECONDS = 0.002
"""Between two leases of one process, so that a mistake in pacing cannot spin."""

SHORTEST_PAUSE_SECONDS = 0.25
"""After a 429 that names no time, or 0; it doubles while no request succeeds in between."""
LONGEST_BACKOFF_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 600.0
"""A Retry-After of a day is not believed: after ten minutes one asks again."""
REFUSALS_OF_A_REAL_LIMIT = 4
"""429s in a row without a success. One random 429 in twenty gets there once in 160,000; a real limit at once."""
SLOW_BY = 0.7
SLOWEST = 0.1
RECOVERY_SECONDS = 30.0
"""From nothing to the full rate; from the slowest 27 s, from one slowing 9 s."""
PROBE_INTERVAL_SECONDS = 60.0
"""How often a halted source is asked whether the key is right again."""
PROBE_PATIENCE_SECONDS = 5.0
"""While a probe is on its way, the others are sent away for this long only."""

COOLDOWN_SECONDS = 15.0
"""How long a source that is down is left alone at first: a restart takes as long. It doubles while nothing answers."""
LONGEST_COOLDOWN_SECONDS = 600.0
"""Ten minutes after its return at the latest it is noticed."""
TRIAL_INTERVAL_SECONDS = 0.25
"""Between the requests of the trickle after a pause: 4/s, or the source's own rate where that is slower."""
TRIAL_FAILURES = 3
"""So many failures of the trickle, in the whole deployment, are the next pause: one in five at random gets there in one
trial of 125, while a source that is still down gets three requests and those already on their way."""
