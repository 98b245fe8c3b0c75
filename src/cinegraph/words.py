"""Numbers, times and states as people read them."""

from datetime import UTC, datetime

from cinegraph import clock
from cinegraph.sync.backlog import Backlog

_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_LONG = 2
"""Days from which hours are no longer told."""

STATE_STYLES = {
    "running": "cyan",
    "paused": "yellow",
    "completed": "green",
    "failed": "bold red",
    "cancelled": "yellow",
    "discarded": "bold red",
    "retryable": "yellow",
    "executing": "cyan",
    "fresh": "green",
    "absent": "yellow",
    "quarantined": "bold red",
}


HOUSES = {
    "user_score": ("TMDB", "/10"),
    "imdb": ("IMDb", "/10"),
    "rotten_tomatoes": ("Rotten Tomatoes", " %"),
    "metacritic": ("Metacritic", "/100"),
}
"""By kind of rating, who rates and on which scale."""
DIMENSIONS = {
    "timelessness": "timelessness",
    "penetration": "cultural penetration",
    "artistry": "artistic impact",
    "institutions": "institutional recognition",
    "reception": "public reception",
}
"""Of the cultural-relevance index."""


def duration(seconds: float) -> str:
    """Return `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min` or `4 days`."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _LONG * _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} days"


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """Return how long ago *at* was, or how long until then; `never` for none."""
    if at is None:
        return "never"
    seconds = ((now or clock.now()) - at).total_seconds()
    if abs(seconds) < 1:
        return "now"
    if seconds < 0:
        return f"in {duration(-seconds)}"
    return f"{duration(seconds)} ago"


def moment(at: datetime | None) -> str:
    """Return a time in UTC, to the second, and say so; `–` for none."""
    if at is None:
        return "–"
    return aware(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def aware(at: datetime) -> datetime:
    """Return a time that Oban keeps as UTC without a zone, with it."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 film` or `2,345 films`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {plural or noun + 's'}"


def backlog(left: Backlog) -> str:
    """Return how much is left of a backlog with a quota a day, and when it will be done."""
    if not left.things:
        return "nothing is left to ask"
    told = f"{left.things:,} left at {left.a_day:,} a day"
    if left.done_at is None:
        return told
    return f"{told}, done by about {left.done_at:%Y-%m-%d %H:%M} UTC"


def percent(part: float, whole: float) -> str:
    """Return a share; never 100 % unless it is all."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if part < whole and share > 99.9:  # noqa: PLR2004 - what would round to 100.0
        share = 99.9
    return f"{share:.1f} %".replace("100.0 %", "100 %")


def size(count_bytes: float) -> str:
    """Return a number of bytes in the unit people use for it."""
    for unit in ("B", "kB", "MB", "GB"):
        if count_bytes < 1000:  # noqa: PLR2004 - SI units
            return f"{count_bytes:.0f} {unit}"
        count_bytes /= 1000
    return f"{count_bytes:.1f} TB"


def house(kind: str) -> str:
    """Return who gives a kind of rating."""
    return HOUSES.get(kind, (kind.replace("_", " "), ""))[0]


def rating(kind: str, value: float) -> str:
    """Return a rating on the scale of its kind."""
    _, scale = HOUSES.get(kind, ("", ""))
    return f"{value:.0f}{scale}" if scale in {" %", "/100"} else f"{value:.1f}{scale}"


def years(first: int | None, latest: int | None) -> str:
    """Return a span of years; `–` where none is known."""
    if first is None:
        return "–"
    return str(first) if first == latest else f"{first}–{latest}"


def money(dollars: int | None) -> str:
    """Return an amount in US dollars."""
    return "unknown" if dollars is None else f"${dollars:,}"
