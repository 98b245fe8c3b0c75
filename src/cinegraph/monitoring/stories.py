"""One sentence why a film is as it is; pure."""

from cinegraph.catalog.browse import MovieDetails
from cinegraph.monitoring.insights import JobTrace, MovieTrace
from cinegraph.sync.ledger import LedgerEntry, LedgerState

_LIVE = {"available", "scheduled", "executing", "retryable", "suspended"}


def explain_movie(film: MovieDetails | None, trace: MovieTrace) -> str:
    """Return why a film is fresh, stale, missing or failing, by its ledger and jobs."""
    entry = trace.ledger[0] if trace.ledger else None
    live = next((job for job in trace.jobs if job.state in _LIVE), None)
    if entry is None and live is None:
        if film is None:
            return "Nobody has asked for this film."
        return "It is stored, but no source keeps track of it."
    return " ".join(part for part in (_state(film, entry, trace), _job(live)) if part)


def _state(
    film: MovieDetails | None, entry: LedgerEntry | None, trace: MovieTrace
) -> str:
    if entry is None:
        return ""
    if entry.state == LedgerState.FRESH:
        return _fresh(entry, trace)
    source = entry.source.upper()
    told = {
        LedgerState.ABSENT: f"{source} says there is no such film.",
        LedgerState.QUARANTINED: (
            f"Its body at {source} breaks the schema ({entry.error_code})"
            " and is in quarantine."
        ),
        LedgerState.FAILED: (
            f"It could not be fetched from {source} ({entry.error_code}),"
            f" {entry.attempts} times in a row."
        ),
    }.get(LedgerState(entry.state))
    if told is None:
        return f"It is {entry.state} at {source}: {entry.reason}."
    return f"{told} What was stored before stays." if film else told


def _fresh(entry: LedgerEntry, trace: MovieTrace) -> str:
    source = entry.source.upper()
    if entry.due_at is not None and entry.due_at <= trace.read_at:
        return f"It is stale: {source} answered, but it has been due again since {entry.due_at:%Y-%m-%d}."
    checked = f"{entry.checked_at:%Y-%m-%d %H:%M} UTC" if entry.checked_at else "once"
    again = f", and is due again on {entry.due_at:%Y-%m-%d}" if entry.due_at else ""
    return f"It is fresh: {source} answered at {checked}{again}."


def _job(job: JobTrace | None) -> str:
    if job is None:
        return ""
    if job.state == "executing":
        return f"Job {job.id} is fetching it now."
    if job.state == "retryable":
        used = f"{job.attempt} of {job.max_attempts} tries used"
        return f"Job {job.id} tries again at {job.scheduled_at:%H:%M:%S} UTC, {used}."
    if job.state == "scheduled":
        return f"Job {job.id} is due at {job.scheduled_at:%H:%M:%S} UTC."
    return f"Job {job.id} waits for its turn."
