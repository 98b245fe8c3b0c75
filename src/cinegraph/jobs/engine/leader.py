"""
One leader: a lease in `oban_leaders` on the database's real time, and a window in which its holder trusts it.

Oban 0.7.0's own lease always lasts 3 s (`interval '%(ttl)s seconds'` becomes `'$3 seconds'`) and is renewed every 15:
all nodes lead. Ours is renewed with each heartbeat; a holder that cannot renew stops leading before another may start.
"""

import time
from datetime import timedelta
from typing import Any

from cinegraph import telemetry
from cinegraph.db.sql import load
from cinegraph.jobs.engine.line import Rows, Statement


class Leadership:
    """Whether this process leads; built to stand where Oban has its own leader."""

    def __init__(
        self, *, name: str, holder: str, lease: timedelta, margin: timedelta
    ) -> None:
        if margin >= lease:
            raise ValueError("the margin must be shorter than the lease")
        self._name = name
        self._holder = holder
        self._lease_seconds = lease.total_seconds()
        self._trust_seconds = (lease - margin).total_seconds()
        self._trusted_until = 0.0
        self._is_enabled = False

    @property
    def holder(self) -> str:
        """What stands in the lease for this process."""
        return self._holder

    @property
    def is_leader(self) -> bool:
        """Whether this process leads at this moment; false in time also after a freeze."""
        return _steady_seconds() < self._trusted_until

    @property
    def is_enabled(self) -> bool:
        """Whether this process stands for election: from start to stop."""
        return self._is_enabled

    async def start(self) -> None:
        """Stand for election from the next heartbeat on."""
        self._is_enabled = True

    async def stop(self) -> None:
        """Stop leading and standing for election; the row is given up by `resignation`."""
        self._is_enabled = False
        self._trusted_until = 0.0

    def election(self) -> Statement:
        """Return the statement that takes or renews the lease."""
        values: dict[str, Any] = {
            "name": self._name,
            "holder": self._holder,
            "lease": self._lease_seconds,
        }
        return load("cinegraph.jobs.engine", "lead.sql"), values

    def resignation(self) -> Statement:
        """Return the statement that gives the lease up."""
        values = {"name": self._name, "holder": self._holder}
        return load("cinegraph.jobs.engine", "resign.sql"), values

    def elected(self, rows: Rows, *, asked_at: float) -> None:
        """Take over what `election` returned; *asked_at* is `steady_seconds` from before it was sent."""
        was_leader = self.is_leader
        won = self._is_enabled and bool(rows)
        self._trusted_until = asked_at + self._trust_seconds if won else 0.0
        if won != was_leader:
            event = "elected" if won else "deposed"
            telemetry.emit(f"cinegraph.jobs.leader.{event}", holder=self._holder)

    def lose(self) -> None:
        """Stop leading: the database cannot be asked, so the lease may be anyone's."""
        if self.is_leader:
            telemetry.emit("cinegraph.jobs.leader.deposed", holder=self._holder)
        self._trusted_until = 0.0


def _steady_seconds() -> float:
    # CLOCK_MONOTONIC stands still while a machine sleeps, and the lease does not.
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


steady_seconds = _steady_seconds
