"""One sentence a source why a film is as it is; pure."""

from datetime import datetime

from cinegraph.catalog.browse import MovieDetails
from cinegraph.monitoring.insights import JobTrace, MovieTrace
from cinegraph.sync.ledger import LedgerEntry, LedgerState

_FILM_QUEUES = ("imports", "updates")
_LIVE = {"available", "scheduled", "executing", "retryable", "suspended"}


def explain_movie(film: MovieDetails | None, trace: MovieTrace) -> str:
    """Return why a film is fresh, stale, missing or failing, by its ledger and jobs, source after source."""
    entries = {entry.source: entry for entry in trace.ledger}
    first = entries.get("tmdb")
    if first is None and not _live_jobs(trace, *_FILM_QUEUES):
        if film is None:
            return "Nobody has asked for this film."
        return "It is stored, but no source keeps track of it."
    parts = [
        _state(film, first, trace),
        *map(_job, _live_jobs(trace, *_FILM_QUEUES)[:1]),
        _ratings(film, entries.get("omdb"), trace),
    ]
    return " ".join(filter(None, parts))


def _live_jobs(trace: MovieTrace, *queues: str) -> list[JobTrace]:
    return [job for job in trace.jobs if job.state in _LIVE and job.queue in queues]


def _ratings(
    film: MovieDetails | None, entry: LedgerEntry | None, trace: MovieTrace
) -> str:
    """Say how it stands at OMDb; nothing where OMDb is switched off."""
    if entry is None:
        return ""
    if film is not None and film.imdb_id is None:
        return "OMDb cannot be asked until it has an IMDb id."
    told = {
        LedgerState.FRESH: f"OMDb answered on {_day(entry.checked_at)}.",
        LedgerState.EMPTY: f"OMDb holds no rating of it yet, and is asked again on {_day(entry.due_at)}.",
        LedgerState.ABSENT: f"OMDb does not hold {entry.asked_for or 'it'}.",
        LedgerState.QUARANTINED: f"What OMDb sent cannot be read ({entry.error_code}) and is in quarantine.",
        LedgerState.FAILED: f"OMDb failed ({entry.error_code}) and is asked again on {_day(entry.due_at)}.",
        LedgerState.WANTED: _wanted_title(entry, trace),
        LedgerState.QUEUED: "OMDb's turn is next.",
    }[LedgerState(entry.state)]
    jobs = _live_jobs(trace, "omdb")
    return f"{told} {_job(jobs[0])}" if jobs else told


def _wanted_title(entry: LedgerEntry, trace: MovieTrace) -> str:
    if entry.due_at is not None and entry.due_at > trace.read_at:
        return f"OMDb follows on {_day(entry.due_at)}: {entry.reason}."
    return "OMDb follows when its quota allows."


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "no day that is known"


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
        if entry.state == LedgerState.WANTED and entry.due_at is None:
            return f"{source} names it, and nobody has asked for it: {entry.reason}."
        return f"It is {entry.state} at {source}: {entry.reason}."
    return f"{told} What was stored before stays." if film else told


def _fresh(entry: LedgerEntry, trace: MovieTrace) -> str:
    source = entry.source.upper()
    if entry.due_at is not None and entry.due_at <= trace.read_at:
        return f"It is stale: {source} answered, but it has been due again since {entry.due_at:%Y-%m-%d}."
    checked = f"{entry.checked_at:%Y-%m-%d %H:%M} UTC" if entry.checked_at else "once"
    again = f", and is due again on {entry.due_at:%Y-%m-%d}" if entry.due_at else ""
    return f"It is fresh: {source} answered at {checked}{again}."


def _job(job: JobTrace) -> str:
    if job.state == "executing":
        return f"Job {job.id} is fetching it now."
    if job.state == "retryable":
        used = f"{job.attempt} of {job.max_attempts} tries used"
        return f"Job {job.id} tries again at {job.scheduled_at:%H:%M:%S} UTC, {used}."
    if job.state == "scheduled":
        return f"Job {job.id} is due at {job.scheduled_at:%H:%M:%S} UTC."
    return f"Job {job.id} waits for its turn."
