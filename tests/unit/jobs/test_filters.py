"""Which jobs a person means."""

from datetime import UTC, datetime, timedelta

import pytest

from cinegraph.errors import UsageError
from cinegraph.jobs.filters import (
    CANCELLED,
    RETRIED,
    JobFilter,
    arguments_of,
    narrow,
    times_of,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("page=7", [{"page": "7"}, {"page": 7}]),
        ("tmdb_id = 9223372036854775807 ", None),
        ("source=popular", [{"source": "popular"}]),
        ("a=b=c", [{"a": "b=c"}]),
        ("x=true", [{"x": "true"}, {"x": True}]),
        ('{"a": {"b": [1]}}', [{"a": {"b": [1]}}]),
    ],
)
def test_an_argument_is_name_and_value_or_json(
    text: str, meant: list[dict[str, object]] | None
) -> None:
    """Numbers and truths are meant as such and as texts; large numbers keep every digit."""
    largest = [{"tmdb_id": "9223372036854775807"}, {"tmdb_id": 2**63 - 1}]
    assert arguments_of(JobFilter(argument=text)) == (meant or largest)


@pytest.mark.parametrize("text", ["", "x", "=7", "{", "[1]", '{"a": }'])
def test_what_is_no_argument_is_refused(text: str) -> None:
    """With what may be given."""
    with pytest.raises(UsageError) as caught:
        arguments_of(JobFilter(argument=text))
    assert "tmdb_id" in str(caught.value.hint)


def test_times_are_in_utc_unless_they_say_otherwise() -> None:
    """A form of a browser gives no zone; of two beginnings the later one holds."""
    told = times_of(
        JobFilter(since="2026-11-28T10:00", until="2026-11-28T13:00+02:00"), NOW
    )
    assert told.since == NOW - timedelta(hours=2)
    assert told.until == NOW - timedelta(hours=1)
    both = times_of(JobFilter(within="1h", since="2026-11-01"), NOW)
    assert both.since == NOW - timedelta(hours=1)
    with pytest.raises(UsageError):
        times_of(JobFilter(until="yesterday"), NOW)
    with pytest.raises(UsageError):
        times_of(JobFilter(since="0001-01-01T00:00+10:00"), NOW)


def test_what_is_done_to_all_is_done_to_fitting_states() -> None:
    """All of them where none is asked, else those asked; none of them is an error."""
    assert narrow(JobFilter(), RETRIED).state == RETRIED
    asked = JobFilter(state=("completed", "discarded"), queue="omdb")
    assert narrow(asked, RETRIED) == JobFilter(state=("discarded",), queue="omdb")
    with pytest.raises(UsageError, match="completed"):
        narrow(JobFilter(state=("completed",)), CANCELLED)


def test_indexes_find_states_runs_and_films_alone() -> None:
    """Whatever else is asked has to be looked for."""
    assert JobFilter(state=("discarded",), run=7, film="603").is_indexed
    for filters in (
        JobFilter(queue="omdb"),
        JobFilter(without=("ImportMovie",)),
        JobFilter(within="1h"),
        JobFilter(tries=2),
    ):
        assert not filters.is_indexed
