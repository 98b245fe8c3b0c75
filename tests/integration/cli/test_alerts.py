"""`cinegraph alerts`: what is wrong, since when, and what to do."""

import psycopg
import pytest

from .conftest import CONTROL_CODES, Inside

_CHECKED = """
    INSERT INTO alert_checks (checked_at) VALUES (now() - interval '10 seconds')
"""
_ALERTS = """
    INSERT INTO alerts (kind, subject, severity, message, hint, opened_at, last_seen_at, closed_at)
    VALUES
        ('quota_used_up', 'omdb', 'notice', 'the day is used up', 'It goes on by itself.',
            now() - interval '2 hours', now(), NULL),
        ('key_refused', 'tmdb', 'critical', 'stands still since 2026-09-01 12:00 UTC: Invalid API key: You must be'
            ' granted a valid key. [bold]', 'Check the key (`cinegraph doctor`).',
            now() - interval '3 hours', now(), NULL),
        ('silence', 'imports', 'critical', 'nothing started or ended', 'See what runs.',
            now() - interval '2 days', now(), now() - interval '1 day')
"""


@pytest.fixture
def given(database_url: str) -> psycopg.Connection:
    """Return a connection to the deployment's database, with two open alerts and one that is over."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_CHECKED)
        connection.execute(_ALERTS)
        yield connection


@pytest.mark.usefixtures("given")
def test_the_gravest_comes_first_and_says_what_to_do(inside: Inside) -> None:
    """A table that fits, and a hint for each kind."""
    done = inside("alerts")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not CONTROL_CODES.search(done.out)
    assert [word in done.out for word in ("[bold]", "nothing started")] == [True, False]
    severities = [
        w for line in lines for w in line.split() if w in {"critical", "notice"}
    ]
    assert severities == ["critical", "notice"]
    assert lines[-2:] == [
        "key_refused: Check the key (`cinegraph doctor`).",
        "quota_used_up: It goes on by itself.",
    ]


@pytest.mark.usefixtures("given")
def test_what_is_over_is_shown_when_asked_for(inside: Inside) -> None:
    """With when it was over, and without a hint."""
    done = inside("alerts", "--all")
    assert "48 h" in done.out or "2 days" in done.out
    assert "nothing" in done.out
    assert "See what runs" not in done.out
    assert inside("alerts", "--all", "--limit", "1").out.count("critical") == 1


@pytest.mark.usefixtures("given")
def test_programs_get_all_of_it(inside: Inside) -> None:
    """The fields of the table, and when it was looked."""
    told = inside("alerts", "--json").json
    assert [one["kind"] for one in told["alerts"]] == ["key_refused", "quota_used_up"]
    assert told["alerts"][0]["subject"] == "tmdb"
    assert told["alerts"][0]["closed_at"] is None
    assert told["checked_at"] is not None
    assert len(inside("alerts", "--json", "--all").json["alerts"]) == 3


def test_nothing_is_wrong(inside: Inside, given: psycopg.Connection) -> None:
    """Said so, with the age of that."""
    given.execute("UPDATE alerts SET closed_at = now()")
    done = inside("alerts")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("no open alert, last looked at 1")
    assert "warning" not in done.err


def test_old_news_are_called_old(inside: Inside, given: psycopg.Connection) -> None:
    """Without a leading node nobody looks, and that is said."""
    given.execute("UPDATE alert_checks SET checked_at = now() - interval '3 hours'")
    done = inside("alerts")
    assert done.code == 0
    assert "warning: last looked at 3 h 00 min ago" in done.err
    assert "cinegraph work" in done.err

    given.execute("DELETE FROM alerts")
    given.execute("DELETE FROM alert_checks")
    done = inside("alerts")
    assert "no open alert, nobody has looked yet" in done.err


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1001"])
def test_a_limit_is_a_number_in_range(inside: Inside, limit: str) -> None:
    """Anything else is wrong use."""
    assert inside("alerts", "--limit", limit).code == 2
