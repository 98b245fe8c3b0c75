"""Which jobs a person means: filters that combine, and what they come to; pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec

from cinegraph.errors import UsageError

type JobState = Literal[
    "available",
    "scheduled",
    "executing",
    "retryable",
    "completed",
    "cancelled",
    "discarded",
]
type Number = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
type Word = Annotated[str, msgspec.Meta(max_length=200)]

RETRIED: Final[tuple[JobState, ...]] = ("retryable", "cancelled", "discarded")
"""Of all that match these are retried: what waits for its turn needs none, and what is completed is done."""
CANCELLED: Final[tuple[JobState, ...]] = (
    "available",
    "scheduled",
    "executing",
    "retryable",
)
"""Of all that match these are cancelled: the others have ended."""
SPANS: Final[Mapping[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs; what is unset is not asked, and all that is set has to hold. Times are real ones, in UTC."""

    state: tuple[JobState, ...] = ()
    """Of any of these states; none: of all."""
    queue: Word | None = None
    worker: Word | None = None
    """Its name, with or without its module."""
    without: tuple[Word, ...] = ()
    """Names of workers that are left out."""
    film: Word | None = None
    """TMDB's id, IMDb's (tt…), or ours (#n)."""
    run: Number | None = None
    error: Word | None = None
    """Code of the last attempt's end, as in `cinegraph.errors`."""
    within: Literal["1h", "6h", "24h", "7d"] | None = None
    """Made so lately."""
    since: Word | None = None
    """Made at or after this moment."""
    until: Word | None = None
    """Made before this moment."""
    tries: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    """At least so many attempts."""
    argument: Annotated[str, msgspec.Meta(max_length=2000)] | None = None
    """`name=value`, or a JSON object that the arguments contain."""

    @property
    def is_indexed(self) -> bool:
        """Whether indexes find all that is asked, and nothing has to be looked for."""
        asked = (self.queue, self.worker, self.error, self.tries, self.argument)
        times = (self.within, self.since, self.until)
        return not self.without and all(each is None for each in (*asked, *times))


class Times(msgspec.Struct, frozen=True):
    """From when to when jobs were made; None: open."""

    since: datetime | None
    until: datetime | None


def times_of(filters: JobFilter, now: datetime) -> Times:
    """
    Return from when to when.

    Args:
        now: Real time.

    Raises:
        UsageError: A moment is none.
    """
    since = _moment(filters.since)
    if filters.within is not None:
        lately = now - SPANS[filters.within]
        since = lately if since is None else max(since, lately)
    return Times(since, _moment(filters.until))


def arguments_of(filters: JobFilter) -> list[dict[str, Any]]:
    """
    Return the JSON of which a job's arguments have to contain one; empty: any will do.

    A value that is a number is looked for as a number and as a text: JSON tells them apart, and people do not.

    Raises:
        UsageError: It is neither `name=value` nor a JSON object.
    """
    if filters.argument is None:
        return []
    text = filters.argument.strip()
    if text.startswith("{"):
        try:
            return [msgspec.json.decode(text, type=dict[str, Any])]
        except msgspec.DecodeError as error:
            raise _no_argument(text) from error
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name:
        raise _no_argument(text)
    meant: list[Any] = [value]
    try:
        typed = msgspec.json.decode(value)
    except msgspec.DecodeError:
        typed = None
    if isinstance(typed, int | float):
        meant.append(typed)
    return [{name: each} for each in meant]


def narrow(filters: JobFilter, states: Sequence[JobState]) -> JobFilter:
    """
    Return *filters* for those of *states* alone.

    Raises:
        UsageError: They ask for other states only.
    """
    left = tuple(state for state in states if state in (filters.state or states))
    if not left:
        raise UsageError(
            f"nothing can be done about jobs that are {' or '.join(filters.state)}",
            hint=f"Choose among: {', '.join(states)}.",
        )
    return msgspec.structs.replace(filters, state=left)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no moment", hint="Such as 2026-11-28 or 2026-11-28T14:30."
        ) from None


def _no_argument(text: str) -> UsageError:
    return UsageError(
        f"{text[:100]!r} is no argument of a job",
        hint='Give name=value, such as tmdb_id=603, or JSON: {"tmdb_id": 603}.',
    )
