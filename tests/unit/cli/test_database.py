"""The address of the database, as it is shown."""

import pytest

from cinegraph.cli.database import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h:5433/db", "postgresql://u@h:5433/db"),
        ("postgres://u%40x:secret@h/db", "postgresql://u%40x@h/db"),
        ("host=h user=u password=secret dbname=db", "postgresql://u@h/db"),
        (
            "postgresql://u:secret@h/db?sslmode=require",
            "postgresql://u@h/db?sslmode=require",
        ),
        (
            "postgresql://u:secret@[::1]:5433/db",
            "postgresql://u@/db?host=%3A%3A1&port=5433",
        ),
    ],
)
def test_it_can_be_used_and_tells_no_password(url: str, shown: str) -> None:
    """Whatever the form it was given in."""
    assert without_password(url) == shown
