"""What `--json` says, where it is not a stored record as it stands: the names are stable."""

from typing import Any

import msgspec

from cinegraph import words
from cinegraph.jobs.causes import Cause
from cinegraph.monitoring.progress import RunProgress


def run(reading: RunProgress, cause: Cause | None = None) -> dict[str, Any]:
    """Return a run with what is worked out from its numbers."""
    told = msgspec.to_builtins(reading)
    return {
        **told,
        "ended": reading.ended,
        "films_per_second": round(reading.films_per_second, 3),
        "elapsed_seconds": words.seconds_of(reading.elapsed),
        "eta_seconds": words.seconds_of(reading.eta),
        "limited_by": None if cause is None else msgspec.to_builtins(cause),
    }
