"""Whether a database does what we rely on beside answering: its clock, and messages."""

import os
from datetime import datetime, timedelta

import psycopg

from cinegraph import clock
from cinegraph.db import address, failures
from cinegraph.db.sql import load

_ECHO_SECONDS = 3.0


def measure_clock(url: str) -> timedelta:
    """
    Return how far the server's clock is ahead of this machine's.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
    """
    with _connected(url) as connection:
        before = clock.real_now()
        row = connection.execute(load("cinegraph.db", "read_clock.sql")).fetchone()
        after = clock.real_now()
    assert row is not None  # noqa: S101 - SELECT without FROM gives a row
    told: datetime = row[0]
    return told - (before + (after - before) / 2)


def hears_echo(url: str) -> bool:
    """
    Say whether a message from one connection reaches another; poolers often swallow them.

    Raises:
        DatabaseUnreachableError: Nothing answers, or it refuses us.
    """
    word = os.urandom(6).hex()
    with _connected(url) as listener, _connected(url) as sender:
        listener.execute(load("cinegraph.db", "listen_for_echo.sql"))
        sender.execute(load("cinegraph.db", "send_echo.sql"), {"payload": word})
        heard = list(listener.notifies(timeout=_ECHO_SECONDS, stop_after=1))
    return any(message.payload == word for message in heard)


def _connected(url: str) -> psycopg.Connection:
    dsn = address.dsn(url, application_name="cinegraph doctor")
    with failures.connecting(url):
        return psycopg.connect(dsn, autocommit=True)
