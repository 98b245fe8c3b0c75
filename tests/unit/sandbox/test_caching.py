"""The cache in front of the imitation."""

from datetime import UTC, datetime, timedelta

from cinegraph.sandbox.caching import Cache
from cinegraph.sandbox.content import pack
from cinegraph.sandbox.routes import Reply

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
HOURS = 8 * 3600


def reply(status: int = 200, endpoint: str = "movie") -> Reply:
    """Return a reply."""
    return Reply(status, pack(b"{}"), endpoint)


def test_an_answer_is_given_again_until_its_time_is_over() -> None:
    """Between three quarters of the longest time and all of it, and with its age."""
    cache, told = Cache(HOURS, 1), reply()
    cache.keep("/3/movie/1", told, NOON)

    kept = cache.find("/3/movie/1", NOON + timedelta(hours=2))

    assert kept is not None
    assert (kept.reply, kept.age_seconds) == (told, 7_200)
    assert 0.75 * HOURS <= kept.age_seconds + kept.left_seconds <= HOURS
    assert cache.find("/3/movie/2", NOON) is None
    assert cache.find("/3/movie/1", NOON + timedelta(hours=8)) is None
    assert cache.find("/3/movie/1", NOON - timedelta(hours=1)) is None


def test_refusals_and_the_feed_are_not_kept() -> None:
    """And nothing is where there is no cache."""
    cache, none = Cache(HOURS, 1), Cache(0, 1)
    cache.keep("a", reply(404), NOON)
    cache.keep("b", reply(endpoint="changes"), NOON)
    none.keep("c", reply(), NOON)

    assert [cache.find("a", NOON), cache.find("b", NOON), none.find("c", NOON)] == [
        None,
        None,
        None,
    ]
