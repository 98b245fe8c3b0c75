"""Reading the database's clock from here: machines' clocks differ, slots are instants of the one they share."""

_DRIFT = 1e-3
"""Twice the 0.05 % at which a clock is slewed at most, and far above what quartz drifts."""


class DatabaseClock:
    """
    What is known of the offset between the database's clock and this process's monotonic clock.

    An answer that carries the database's time was made between sending and receiving, so each exchange bounds the
    offset from both sides, and the quickest ones bound it best. `to_local` uses the lower bound: an instant may come
    out late by the quickest exchange seen, never early.
    """

    def __init__(self) -> None:
        self._low = 0.0
        self._high = 0.0
        self._observed_at: float | None = None

    @property
    def is_known(self) -> bool:
        """True once an exchange was seen."""
        return self._observed_at is not None

    def observe(self, database_now: float, *, sent: float, received: float) -> None:
        """
        Learn from one exchange.

        Args:
            database_now: Seconds since 1970 by the database's clock, read while it answered.
            sent: Monotonic seconds when the question was sent.
            received: Monotonic seconds when the answer was there.
        """
        low, high = database_now - received, database_now - sent
        if self._observed_at is not None:
            drift = (received - self._observed_at) * _DRIFT
            known_low, known_high = self._low - drift, self._high + drift
            # Bounds that do not overlap mean that one of the clocks was set: only the new exchange counts.
            if low <= known_high and high >= known_low:
                low, high = max(low, known_low), min(high, known_high)
        self._low, self._high, self._observed_at = low, high, received

    def to_local(self, instant: float) -> float:
        """Return *instant* of the database's clock in monotonic seconds of this process; not early."""
        return instant - self._low

    def to_database(self, moment: float) -> float:
        """Return *moment*, monotonic seconds of this process, by the database's clock; not late."""
        return moment + self._low
