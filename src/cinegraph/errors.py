"""
Every error Cinegraph raises, and what a job does about each.

```
CinegraphError
├── ConfigError                    a setting is missing or wrong                      FAIL (the command exits 2)
├── UsageError                     an argument is wrong                               FAIL (the command exits 2)
├── DatabaseError                  the database cannot serve us                       RETRY
│   ├── DatabaseUnreachableError   no server answers at the address                   RETRY
│   ├── DatabaseVersionError       server or schema is too old or too new             FAIL
│   ├── NotSetUpError              there is nothing to look at yet                    FAIL
│   └── EmbeddedPostgresError      our own server could not be set up or started      FAIL
├── ChangesForgottenError          the change log is kept only after a later position  FAIL (the command exits 2)
├── SourceError
│   ├── SourceUnavailableError     5xx, time-out, connection                          RETRY
│   ├── SourceThrottledError       429, or our own budget                             SNOOZE
│   ├── SourceExhaustedError       the quota of the day is used up                    DEFER
│   ├── SourceHaltedError          the source stands still until its key is right     HALT
│   ├── SourceRejectedError        401, 403: the key is refused, the source stops     HALT
│   ├── RequestRefusedError        400, 422: we asked wrongly                         FAIL
│   ├── AbsentAtSourceError        404: a definitive answer                           ABSENT
│   ├── UndecodableError           empty, cut, HTML, wrong encoding, not JSON         RETRY
│   ├── ExportRefusedError         a daily list that cannot be believed, refused whole RETRY
│   └── PayloadError               valid JSON that breaks the schema                  QUARANTINE
├── JobArgumentsError              a job was made with arguments its worker refuses   CANCEL
└── JobTimeoutError                a job ran longer than its worker allows            RETRY
```

An error takes facts as keyword arguments and writes its own message; `hint` says what a person can do. `code` is
what tables and screens store: stable, lower case. `jobs/outcome.py` is the one place that turns a disposition into
what Oban does.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Disposition(StrEnum):
    """What a job does when its work ends in an error."""

    RETRY = "retry"
    """Try again with backoff; after the last attempt the run gives it further rounds."""
    SNOOZE = "snooze"
    """Wait as long as the error says; does not count as an attempt."""
    DEFER = "defer"
    """Not today: the thing goes back to the ledger, due when the source's next day begins."""
    HALT = "halt"
    """The whole source stops; its work waits without losing attempts."""
    ABSENT = "absent"
    """Done: the source says definitively that there is no such thing."""
    QUARANTINE = "quarantine"
    """Done: the body is kept aside as a sample, the last good row stays."""
    CANCEL = "cancel"
    """The job itself is wrong; no attempt can succeed."""
    FAIL = "fail"
    """Nobody but a person can mend it; not retried."""


class CinegraphError(Exception):
    """The root of all errors raised on purpose."""

    code: ClassVar[str] = "error"
    disposition: ClassVar[Disposition] = Disposition.RETRY

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(CinegraphError):
    """A setting is missing or wrong; the message names it and where to set it."""

    code = "config"
    disposition = Disposition.FAIL


class UsageError(CinegraphError):
    """A command or call was given an argument it cannot use."""

    code = "usage"
    disposition = Disposition.FAIL


class DatabaseError(CinegraphError):
    """The database cannot serve us."""

    code = "database"
    disposition = Disposition.RETRY


class DatabaseUnreachableError(DatabaseError):
    """No PostgreSQL answers at the configured address."""

    code = "database_unreachable"


class DatabaseVersionError(DatabaseError):
    """The server is too old, or the schema does not fit this version of Cinegraph."""

    code = "database_version"
    disposition = Disposition.FAIL


class NotSetUpError(DatabaseError):
    """Nothing was ever imported here: looking would only make an empty database."""

    code = "not_set_up"
    disposition = Disposition.FAIL


class EmbeddedPostgresError(DatabaseError):
    """Our own PostgreSQL server could not be set up, started or stopped."""

    code = "embedded_postgres"
    disposition = Disposition.FAIL


class ChangesForgottenError(CinegraphError):
    """A consumer stood still for longer than the change log is kept: it has to begin with a new snapshot."""

    code = "changes_forgotten"
    disposition = Disposition.FAIL

    def __init__(self, *, since: int, kept_after: int) -> None:
        super().__init__(
            f"changes after position {since} are no longer kept; they begin after {kept_after}",
            hint="Take a new snapshot and follow from its position.",
        )
        self.since = since
        self.kept_after = kept_after


class SourceError(CinegraphError):
    """An upstream did not give what was asked for."""

    code = "source"

    def __init__(
        self, message: str, *, source: str, endpoint: str, hint: str | None = None
    ) -> None:
        super().__init__(f"{source} {endpoint}: {message}", hint=hint)
        self.source = source
        self.endpoint = endpoint


class SourceUnavailableError(SourceError):
    """The upstream is down, slow or unreachable: 5xx, time-out, broken connection."""

    code = "unavailable"
    disposition = Disposition.RETRY

    def __init__(
        self,
        reason: str,
        *,
        source: str,
        endpoint: str,
        status: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(reason, source=source, endpoint=endpoint, hint=hint)
        self.status = status


class SourceBlockedError(SourceUnavailableError):
    """A firewall answers in the upstream's place: nothing is known, and asking again soon makes it worse."""

    code = "blocked"

    def __init__(
        self, reason: str, *, source: str, endpoint: str, status: int | None = None
    ) -> None:
        super().__init__(
            reason,
            source=source,
            endpoint=endpoint,
            status=status,
            hint="Save the page or file with a browser, and import it: --file FILE.",
        )


class SourceThrottledError(SourceError):
    """The upstream (429) or our own budget asks us to wait."""

    code = "throttled"
    disposition = Disposition.SNOOZE

    def __init__(
        self,
        *,
        source: str,
        endpoint: str,
        retry_in_seconds: float | None = None,
        reason: str = "asked to slow down",
        is_outage: bool = False,
    ) -> None:
        wait = (
            "without saying for how long"
            if retry_in_seconds is None
            else f"for {retry_in_seconds:.1f} s"
        )
        super().__init__(f"{reason} {wait}", source=source, endpoint=endpoint)
        self.retry_in_seconds = retry_in_seconds
        self.is_outage = is_outage
        """Whether the source is known to be down: its work waits for as long as that lasts."""


class SourceExhaustedError(SourceError):
    """The source's quota of the day is used up: by its own word, or by our count before it was asked."""

    code = "quota_exhausted"
    disposition = Disposition.DEFER

    def __init__(
        self,
        reason: str,
        *,
        source: str,
        endpoint: str,
        resets_at: datetime | None = None,
    ) -> None:
        when = f"; goes on at {resets_at:%Y-%m-%d %H:%M} UTC" if resets_at else ""
        super().__init__(f"{reason}{when}", source=source, endpoint=endpoint)
        self.reason = reason
        self.resets_at = resets_at
        """When its next day is believed to begin, in Cinegraph's time; None: not known where this was raised."""


class SourceHaltedError(SourceError):
    """The source was halted because its key was refused; we did not ask, one probe a minute does."""

    code = "halted"
    disposition = Disposition.HALT

    def __init__(
        self, reason: str, *, source: str, endpoint: str, retry_in_seconds: float
    ) -> None:
        super().__init__(
            f"halted ({reason}); asked again in {retry_in_seconds:.0f} s",
            source=source,
            endpoint=endpoint,
            hint=f"Check the key of {source} (`cinegraph doctor`); its work waits and nothing is lost.",
        )
        self.retry_in_seconds = retry_in_seconds


class SourceRejectedError(SourceError):
    """The upstream refuses our key (401, 403, in its own words): the source stops until the key is right."""

    code = "rejected"
    disposition = Disposition.HALT

    def __init__(self, reason: str, *, source: str, endpoint: str, status: int) -> None:
        super().__init__(
            f"refused with HTTP {status}: {reason}",
            source=source,
            endpoint=endpoint,
            hint=f"Check the key of {source} (`cinegraph doctor`); its work waits and nothing is lost.",
        )
        self.status = status


class RequestRefusedError(SourceError):
    """The upstream says the question itself is wrong (400, 422)."""

    code = "request_refused"
    disposition = Disposition.FAIL

    def __init__(self, reason: str, *, source: str, endpoint: str, status: int) -> None:
        super().__init__(f"HTTP {status}: {reason}", source=source, endpoint=endpoint)
        self.status = status


class AbsentAtSourceError(SourceError):
    """The upstream says definitively that the thing does not exist (404)."""

    code = "absent"
    disposition = Disposition.ABSENT

    def __init__(self, *, source: str, endpoint: str, external_id: str) -> None:
        super().__init__(f"there is no {external_id}", source=source, endpoint=endpoint)
        self.external_id = external_id


class UndecodableError(SourceError):
    """The body is no JSON: empty, cut, HTML, wrongly encoded, too large. Unknown, not absent."""

    code = "undecodable"
    disposition = Disposition.RETRY

    def __init__(
        self, reason: str, *, source: str, endpoint: str, body: bytes = b""
    ) -> None:
        super().__init__(reason, source=source, endpoint=endpoint)
        self.body = body


class PayloadError(SourceError):
    """Valid JSON that breaks the schema; goes to quarantine with a sample."""

    code = "payload"
    disposition = Disposition.QUARANTINE

    def __init__(
        self,
        reason: str,
        *,
        source: str,
        endpoint: str,
        field: str = "",
        body: bytes = b"",
    ) -> None:
        where = f" at {field}" if field else ""
        super().__init__(f"{reason}{where}", source=source, endpoint=endpoint)
        self.field = field
        self.body = body


class JobArgumentsError(CinegraphError):
    """A job's arguments do not fit its worker."""

    code = "job_arguments"
    disposition = Disposition.CANCEL


class JobTimeoutError(CinegraphError):
    """A job ran longer than its worker allows and was stopped."""

    code = "job_timeout"
    disposition = Disposition.RETRY
