"""What psycopg raises, as errors of ours with a hint and without a password."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from cinegraph.db import address
from cinegraph.errors import DatabaseUnreachableError, DatabaseVersionError

MINIMUM_SERVER_VERSION = 160000
"""PostgreSQL 16, as libpq counts versions."""

# libpq gives no SQLSTATE for a failed connection, so its words have to do; in a
# translated server none of them is found and the general hint stands. First match wins.
_HINTS = (
    (
        "password authentication failed",
        "The password in DATABASE_URL is not the one of this user.",
    ),
    ("no password supplied", "Put the password into DATABASE_URL."),
    (
        "does not exist",
        "Create it (createdb, createuser), or correct the name in DATABASE_URL.",
    ),
    (
        "no pg_hba.conf entry",
        "The server does not let this user in from here: see its pg_hba.conf.",
    ),
    ("Peer authentication failed", "This system user may not be that database user."),
    (
        "too many",
        "Free connections, or raise max_connections of the server in DATABASE_URL.",
    ),
    (
        "remaining connection slots",
        "Free connections, or raise max_connections of the server in DATABASE_URL.",
    ),
    (
        "translate host name",
        "The host in DATABASE_URL is not known; check its spelling.",
    ),
    ("starting up", "The server is starting; try again in a moment."),
    ("shutting down", "The server is stopping; start it again."),
)
# The server was stopped, crashed, is starting, or has no connection left.
_LOST = ("57P01", "57P02", "57P03", "53300")
_STARTING = ("starting up", "in recovery mode", "not yet accepting connections")
_GENERAL_HINT = (
    "Start the server, or correct DATABASE_URL; without DATABASE_URL Cinegraph runs its"
    " own server."
)


def unreachable(url: str, cause: Exception) -> DatabaseUnreachableError:
    """Return the error for *cause*, raised while connecting to *url*."""
    text = _without_password(str(cause), url)
    hint = next((hint for words, hint in _HINTS if words in text), _GENERAL_HINT)
    return DatabaseUnreachableError(
        f"no database at {address.redacted(url)}: {_last_line(text)}", hint=hint
    )


@contextmanager
def connecting(url: str) -> Iterator[None]:
    """Translate what goes wrong while connecting to *url* within the block."""
    try:
        yield
    except psycopg.OperationalError as error:
        # `from None`: the original's text repeats the whole address of every attempt.
        raise unreachable(url, error) from None


@contextmanager
def losing(url: str) -> Iterator[None]:
    """Translate the loss of the database at *url* within the block; nothing else."""
    try:
        yield
    except psycopg.OperationalError as error:
        if not is_loss(error):
            raise
        raise unreachable(url, error) from None


def is_loss(cause: psycopg.OperationalError) -> bool:
    """Say whether *cause* tells of a lost or refused connection, not of a statement."""
    state = cause.sqlstate
    return state is None or state.startswith("08") or state in _LOST


def is_starting(cause: Exception) -> bool:
    """Say whether the server is starting or recovering, so that waiting helps."""
    return any(words in str(cause) for words in _STARTING)


def require_server_version(version: int) -> None:
    """
    Refuse servers older than PostgreSQL 16.

    Raises:
        DatabaseVersionError: *version* (as libpq counts, 160004) is too old.
    """
    if version < MINIMUM_SERVER_VERSION:
        raise DatabaseVersionError(
            f"the server is PostgreSQL {version // 10000}; Cinegraph needs 16 or newer",
            hint="Upgrade the server, or leave DATABASE_URL unset to use Cinegraph's"
            " own.",
        )


def _without_password(text: str, url: str) -> str:
    password = address.parse(url).get("password")
    return text.replace(password, "***") if password else text


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "connection failed"
