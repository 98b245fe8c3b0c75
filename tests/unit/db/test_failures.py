"""Errors of the driver in our words."""

import psycopg
import pytest

from cinegraph.db import failures
from cinegraph.errors import DatabaseVersionError

URL = "postgresql://ann:canary-secret@db.example/films"


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ('FATAL:  password authentication failed for user "ann"', "password"),
        ('FATAL:  database "films" does not exist', "createdb"),
        ('could not translate host name "db.example"', "spelling"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        ("Connection refused", "Start the server"),
    ],
)
def test_hint_fits_the_cause(said: str, hint: str) -> None:
    """Each usual cause comes with its own advice."""
    error = failures.unreachable(URL, psycopg.OperationalError(said))

    assert hint in str(error.hint)
    assert "ann@db.example/films" in error.message


def test_password_is_masked_wherever_the_driver_repeats_it() -> None:
    """No text of an error holds the password."""
    cause = psycopg.OperationalError("cannot parse canary-secret")

    error = failures.unreachable(URL, cause)

    assert "canary" not in f"{error} {error.hint}"


def test_servers_before_sixteen_are_refused() -> None:
    """PostgreSQL 15 is too old, 16 is not."""
    failures.require_server_version(160000)
    with pytest.raises(DatabaseVersionError, match="15"):
        failures.require_server_version(150009)
