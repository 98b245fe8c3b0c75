"""Counting in memory."""

from datetime import UTC, datetime

from cinegraph.limits.meter import Tally


def make_tally(*ended_at: datetime, elapsed_seconds: float = 0.2) -> Tally:
    """Return a tally of requests that ended at these moments."""
    tally = Tally()
    for moment in ended_at:
        tally.add(
            moment,
            source="tmdb",
            endpoint="movie",
            outcome="found",
            elapsed_seconds=elapsed_seconds,
        )
    return tally


def test_a_request_counts_when_it_was_sent() -> None:
    """A request that ended early in a minute belongs to the second of the minute before, in which it was sent."""
    tally = make_tally(datetime(2026, 1, 1, 12, 1, 0, 100_000, tzinfo=UTC))

    [seconds] = tally.seconds.values()
    assert seconds.minute == datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
    assert seconds.sent[59] == 1
    assert [usage.minute for usage in tally.usage.values()] == [seconds.minute]


def test_merging_adds() -> None:
    """Counts that could not be stored are added to the newer ones of the same minute."""
    moment = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
    tally = make_tally(moment, moment)
    tally.merge(make_tally(moment, moment.replace(hour=13)))

    assert [usage.requests for usage in tally.usage.values()] == [3, 1]
    assert [sum(each.latency) for each in tally.usage.values()] == [3, 1]
    assert [each.sent[29] for each in tally.seconds.values()] == [3, 1]


def test_the_oldest_go_when_there_are_too_many() -> None:
    """Memory stays bounded while the database is away, and the loss is told in requests."""
    hours = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (1, 2, 2, 3)]
    tally = make_tally(*hours, elapsed_seconds=0.0)

    assert tally.drop_oldest(1) == 3
    assert [usage.minute.hour for usage in tally.usage.values()] == [3]
