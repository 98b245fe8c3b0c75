"""Database addresses."""

from datetime import timedelta

import pytest
from psycopg.conninfo import conninfo_to_dict

from cinegraph.db import address
from cinegraph.errors import ConfigError

URL = "postgresql://ann:canary-secret@db.example:6543/films?sslmode=disable"


def test_dsn_carries_every_session_setting() -> None:
    """Oban's notifier has the DSN alone, so time-outs and names are in it."""
    dsn = address.dsn(
        URL,
        application_name="cinegraph work",
        statement_timeout=timedelta(seconds=30),
        idle_in_transaction_timeout=timedelta(minutes=1),
    )

    parts = conninfo_to_dict(dsn)
    assert parts["options"] == (
        "-c TimeZone=UTC -c statement_timeout=30000"
        " -c idle_in_transaction_session_timeout=60000"
    )
    assert parts["application_name"] == "cinegraph work"
    assert parts["connect_timeout"] == "10"
    assert parts["keepalives_idle"] == "30"
    assert (parts["password"], parts["sslmode"]) == ("canary-secret", "disable")


def test_what_the_user_set_wins() -> None:
    """Options in the address come after ours, other settings replace ours."""
    url = f"{URL}&options=-c%20statement_timeout%3D5&connect_timeout=3"

    parts = conninfo_to_dict(
        address.dsn(url, application_name="x", statement_timeout=timedelta(seconds=30))
    )

    assert str(parts["options"]).endswith("-c statement_timeout=5")
    assert parts["connect_timeout"] == "3"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, "postgresql://ann:canary-secret@db.example:6543/x?sslmode=disable"),
        ("postgresql://c@/old?host=%2Frun", "postgresql://c@/x?host=%2Frun"),
        ("postgresql:///old?host=/run", "postgresql:///x?host=/run"),
        ("host=/run dbname=old", "dbname=x host=/run"),
    ],
)
def test_another_database_of_the_same_server(url: str, expected: str) -> None:
    """Only the database's name changes."""
    assert address.with_database(url, "x") == expected


def test_redacted_address_has_no_password() -> None:
    """What is printed says where, not with what."""
    assert address.redacted(URL) == "ann@db.example:6543/films"


def test_unreadable_address_is_not_repeated() -> None:
    """A mistyped address is a setting's error, and its text may hold the password."""
    with pytest.raises(ConfigError) as caught:
        address.parse("postgresql://ann:canary-secret@host:port:5/?x")

    shown = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "canary" not in shown
    assert "DATABASE_URL" in shown
