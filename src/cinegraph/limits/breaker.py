"""When failures are an outage of the source rather than bad luck: a decision of one process, from its own answers."""

from collections import deque
from enum import Enum, auto

from cinegraph.errors import SourceError, SourceUnavailableError, UndecodableError

STREAK = 80
"""Failures in a row: two seconds of TMDB's budget, eight bursts of ten."""
SLOW_STREAK = 12
SLOW_STREAK_SECONDS = 10.0
"""Where requests are few, or hang until they time out, so many in a row tell as much when they took that long."""
STREAK_SECONDS = 600.0
"""Twelve time-outs of 30 s one after the other fit; failures of a quiet day, hours apart, are no one event."""
WINDOW = 600
WINDOW_SECONDS = 120.0
WINDOW_FAILURES = WINDOW // 2
"""Half of the last 600 requests, of those that ended within two minutes: a source that is only half there."""


class Answer(Enum):
    """How a request ended, as far as it tells whether the source is there."""

    ALIVE = auto()
    """In the source's own words, be it a refusal."""
    BAD = auto()
    """Something that is no answer: empty, cut, HTML."""
    NONE = auto()
    """Nothing, or a fault of the server."""


def judge(error: SourceError) -> Answer:
    """Return what a failure tells of the source."""
    if isinstance(error, SourceUnavailableError):
        return Answer.NONE
    return Answer.BAD if isinstance(error, UndecodableError) else Answer.ALIVE


class Breaker:
    """
    The last answers one process got from one source.

    It trips at 80 failures in a row, at 12 that took 10 s, and when 300 of the last 600 requests failed. Until then a
    failure costs its job one attempt. An undecodable body counts for the share alone: a dozen spoilt films at the end
    of a run are those films' matter, while hundreds of requests of which half bring HTML are the source's.

    Faults at random do not trip it. Independent ones, one in five: 0.8·0.2⁸⁰ = 1e-56 a request for a streak, 3e-60 for
    the share; 12 in a row (3e-9) take 10 s only where a request takes most of a second, once in 240 entire catalogues
    of 1.24 million films. Harder are bursts, as of a balancer that turns: ten requests in a row, one in five in bursts,
    make a streak of eight bursts 0.8·0.2⁸ = 2e-6 for each ten requests, one in four catalogues, and half of sixty tens
    fail with 2e-7; at one in twenty it is 4e-11 and 3e-23. A false alarm costs a pause of 15 s. Ten in a row would be
    reached by every single burst, and half of the last forty (2e-5 a request, without bursts) several times in each
    catalogue.
    """

    def __init__(self) -> None:
        self._streak: deque[float] = deque(maxlen=STREAK)
        self._window: deque[tuple[float, bool]] = deque()
        self._failures = 0

    def note(self, answer: Answer, *, at: float) -> bool:
        """
        Take in how a request ended, and tell whether the source is to be taken for down.

        True at every failure from the one that trips it on, until `reset` or better answers.

        Args:
            at: Monotonic seconds.
        """
        self._slide(at, is_failure=answer is not Answer.ALIVE)
        if answer is Answer.ALIVE:
            self._streak.clear()
            return False
        if answer is Answer.NONE:
            self._streak.append(at)
        return self._is_streak(at) or self._failures >= WINDOW_FAILURES

    def reset(self) -> None:
        """Forget all: the outage is known, and what comes after it is judged by itself."""
        self._streak.clear()
        self._window.clear()
        self._failures = 0

    def _is_streak(self, now: float) -> bool:
        while self._streak and now - self._streak[0] > STREAK_SECONDS:
            self._streak.popleft()
        if len(self._streak) < SLOW_STREAK:
            return False
        is_slow = now - self._streak[0] >= SLOW_STREAK_SECONDS
        return is_slow or len(self._streak) == STREAK

    def _slide(self, now: float, *, is_failure: bool) -> None:
        self._window.append((now, is_failure))
        self._failures += is_failure
        while len(self._window) > WINDOW or now - self._window[0][0] > WINDOW_SECONDS:
            self._failures -= self._window.popleft()[1]
