"""
What a refusal means: one table of status, code and words, and how it is read.

Upstreams number their refusals in the body (TMDB's `status_code`) or word them (OMDb's
`Error`). A status alone may come from anything on the way (a proxy, a CDN, a captive
portal), so only an answer in the upstream's own words says "there is no such film",
"you asked wrongly" or "your key is refused"; the same status without such words is
unknown, and unknown is asked again.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from cinegraph.errors import (
    AbsentAtSourceError,
    RequestRefusedError,
    SourceBlockedError,
    SourceError,
    SourceExhaustedError,
    SourceRejectedError,
    SourceThrottledError,
    SourceUnavailableError,
    UndecodableError,
)

LARGEST_RETRY_AFTER_SECONDS: Final = 3600.0
"""An hour; a longer wait is a mistake or a ban, and asking hourly costs nothing."""


class AnswerRule(msgspec.Struct, frozen=True):
    """What answers of some statuses mean."""

    statuses: range
    error: type[SourceError]
    reason: str
    code: int | None = None
    """Only answers with this code of the upstream's own; `None` for any."""
    needs_code: bool = False
    """Only answers that carry a code of the upstream's own."""
    text: str = ""
    """Only answers whose own words hold this, in whatever case; empty for any."""

    def fits(self, status: int, code: int | None, said: str = "") -> bool:
        """Whether an answer of *status* and *code* that *said* so is meant."""
        if status not in self.statuses or (self.needs_code and code is None):
            return False
        if self.text.casefold() not in said.casefold():
            return False
        return self.code is None or self.code == code


def rule(
    status: int,
    error: type[SourceError],
    reason: str,
    *,
    code: int | None = None,
    needs_code: bool = False,
    text: str = "",
) -> AnswerRule:
    """The rule for one *status*."""
    return AnswerRule(
        range(status, status + 1),
        error,
        reason,
        code=code,
        needs_code=needs_code,
        text=text,
    )


GENERAL_ANSWERS: Final = (
    # One refusal stops the whole deployment: a proxy's or a hotel's page must not.
    rule(401, SourceRejectedError, "the key is not accepted", needs_code=True),
    rule(403, SourceRejectedError, "the key may not do this", needs_code=True),
    rule(408, SourceUnavailableError, "the request took too long to arrive"),
    rule(429, SourceThrottledError, "asked to slow down"),
    # Never absence: a proxy, a wrong base URL and a page of HTML say 404 as well.
    rule(404, SourceUnavailableError, "not found, but not in the source's own words"),
    rule(410, SourceUnavailableError, "gone, but not in the source's own words"),
    AnswerRule(
        range(400, 500), RequestRefusedError, "the request is refused", needs_code=True
    ),
    AnswerRule(
        range(400, 500), SourceUnavailableError, "refused by something on the way"
    ),
    AnswerRule(range(500, 600), SourceUnavailableError, "the source has a fault"),
    # Following would send the key to wherever the redirect points.
    AnswerRule(range(300, 400), SourceUnavailableError, "redirected elsewhere"),
    AnswerRule(range(200, 300), UndecodableError, "not an answer"),
    AnswerRule(range(1000), SourceUnavailableError, "an unknown status"),
)
"""For every source, after its own rules; complete: some rule fits every status."""


class ErrorBody(msgspec.Struct, frozen=True):
    """The part of an error body that says which error it is."""

    status_code: int | None = None
    """TMDB's."""
    status_message: str | None = None
    """TMDB's."""
    response: str | bool | None = msgspec.field(default=None, name="Response")
    """OMDb's: "False" where it does not answer the question."""
    error: str | None = msgspec.field(default=None, name="Error")
    """OMDb's words."""

    @property
    def words(self) -> str:
        """What the upstream says in its own words; empty for nothing."""
        return self.status_message or self.error or ""

    @property
    def is_refusal(self) -> bool:
        """Whether it says that it does not answer, which a status of 200 hides."""
        return str(self.response).casefold() == "false"


_decode_error_body = msgspec.json.Decoder(ErrorBody).decode


def parse_error_body(body: bytes) -> ErrorBody:
    """What *body* says of itself; nothing when it is not the upstream's own JSON."""
    try:
        return _decode_error_body(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorBody()


def find_rule(
    rules: Iterable[AnswerRule], status: int, code: int | None, said: str = ""
) -> AnswerRule:
    """The first of *rules* that fits."""
    return next(known for known in rules if known.fits(status, code, said))


def to_error(
    found: AnswerRule,
    *,
    status: int,
    said: str,
    source: str,
    endpoint: str,
    external_id: str,
    retry_after_seconds: float | None,
    body: bytes,
) -> SourceError:
    """The error of *found*; *said* is the upstream's own text, free of secrets."""
    reason = f"{found.reason} ({said})" if said else found.reason
    facts = {"source": source, "endpoint": endpoint}
    if found.error is AbsentAtSourceError:
        absent = AbsentAtSourceError(external_id=external_id, **facts)
        absent.add_note(reason)
        return absent
    if found.error is SourceThrottledError:
        return SourceThrottledError(
            retry_in_seconds=retry_after_seconds, source=source, endpoint=endpoint
        )
    if found.error is SourceExhaustedError:
        return SourceExhaustedError(reason, source=source, endpoint=endpoint)
    if issubclass(found.error, SourceRejectedError | RequestRefusedError):
        return found.error(reason, status=status, **facts)
    if found.error is UndecodableError:
        return UndecodableError(f"HTTP {status}: {reason}", body=body, **facts)
    unavailable = (
        SourceBlockedError
        if issubclass(found.error, SourceBlockedError)
        else SourceUnavailableError
    )
    return unavailable(f"HTTP {status}: {reason}", status=status, **facts)


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """
    How long the upstream asks to wait, 0 s to an hour; `None` when it does not say.

    `Retry-After: 0` exists and burns every attempt at once (dlt-hub/dlt#4036); the
    request budget knows how long to wait then, as it does when nothing is said.

    Args:
        headers: Of the answer; `Retry-After` holds seconds or an HTTP date.
        now: Real time; used where the answer brings no `Date` of its own.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        until = _parse_http_date(text)
        if until is None:
            return None
        sent = _parse_http_date(headers.get("Date", "")) or now
        seconds = (until - sent).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LARGEST_RETRY_AFTER_SECONDS)


def _parse_http_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
