"""What an import would cost, for people."""

from rich.text import Text

from cinegraph import words
from cinegraph.sync.estimating import Estimate


def rows(found: Estimate) -> list[tuple[str, str | Text]]:
    """Return an estimate as names and what is told of them."""
    about = "" if found.is_exact else "about "
    told: list[tuple[str, str | Text]] = [
        ("films", f"{about}{found.films:,} to fetch, {found.answered:,} there already"),
        ("requests", f"{about}{found.requests:,} to TMDB"),
        ("time", _time(found)),
        ("OMDb", _titles(found)),
        ("disk", f"about {words.size(found.disk_bytes)}"),
        ("", Text("nothing was started: leave --dry-run out to start", style="dim")),
    ]
    return told


def _time(found: Estimate) -> str:
    if found.seconds is None:
        return "as fast as it goes: TMDB_REQUESTS_PER_SECOND is 0"
    return (
        f"{words.duration(found.seconds)} at {found.requests_per_second:g} requests/s"
    )


def _titles(found: Estimate) -> str:
    if found.omdb_days is None:
        return "switched off: OMDB_API_KEY is not set"
    days = max(found.omdb_days, 0.1) if found.titles else 0.0
    return f"about {found.titles:,} films, {days:,.1f} days at {found.titles_a_day:,} a day"
