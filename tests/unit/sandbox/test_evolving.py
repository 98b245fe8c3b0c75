"""A world that goes on: what happens in it, and what it then tells."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import log
from statistics import mean, median, stdev

import msgspec
import pytest

from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox import EvolvingContent, EvolvingWorld, Pace
from cinegraph.sandbox.chronicle import Event, What
from cinegraph.sandbox.evolving import Moment
from cinegraph.sandbox.feed import LAG
from cinegraph.sandbox.voting import MEDIAN_DAYS, Votes
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS

FIRST_DAY = date(2026, 9, 1)
BEGINNING = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FILMS = 400
INSTANT = timedelta(seconds=2)
VOTES = {"rating", "popularity"}
"""What drifts without anybody's edit."""


@pytest.fixture(scope="module")
def world() -> EvolvingWorld:
    """Return a small world in which much happens."""
    return EvolvingWorld(FILMS, 3, first_day=FIRST_DAY, pace=Pace().times(40))


def events(world: EvolvingWorld, days: int) -> list[Event]:
    """Return what happens in the first days."""
    return list(world.chronicle.between(-1.0, float(days) - 1e-9))


def around(world: EvolvingWorld, event: Event) -> tuple[Moment, Moment]:
    """Return the world just before and just after an event."""
    at = world.time_of(event.at)
    return world.at(at - INSTANT), world.at(at + INSTANT)


def id_of(world: EvolvingWorld, event: Event) -> int:
    """Return the film of an event."""
    return world.beginning.places.id_of(event.number)


def differing(before: MovieRecord, after: MovieRecord) -> set[str]:
    """Return the fields that changed, apart from votes."""
    fields = before.__struct_fields__
    changed = {name for name in fields if getattr(before, name) != getattr(after, name)}
    return changed - VOTES


def test_it_begins_as_the_world_that_stands_still(world: EvolvingWorld) -> None:
    """On the first midnight every film is what `World` says."""
    moment = world.at(BEGINNING)
    assert list(moment.ids()) == list(world.beginning.ids())
    for tmdb_id in list(moment.ids())[:50]:
        assert moment.movie(tmdb_id) == world.beginning.movie(tmdb_id)


def test_equal_worlds_go_the_same_way_whenever_they_are_asked(
    world: EvolvingWorld,
) -> None:
    """One is asked day by day, the other at once; going back in time finds the past unchanged."""
    other = EvolvingWorld(FILMS, 3, first_day=FIRST_DAY, pace=Pace().times(40))
    late = BEGINNING + 20 * DAY
    ids = list(other.at(late).ids())[-40:]
    told = [other.at(late).movie(tmdb_id) for tmdb_id in ids]
    early = [other.at(BEGINNING + 3 * DAY).movie(tmdb_id) for tmdb_id in ids]
    for day in range(21):
        world.at(BEGINNING + day * DAY)
    assert [world.at(late).movie(tmdb_id) for tmdb_id in ids] == told
    assert [world.at(BEGINNING + 3 * DAY).movie(tmdb_id) for tmdb_id in ids] == early


def test_as_much_happens_as_at_tmdb() -> None:
    """The mean of a month is the pace, and well-known films change more often."""
    large = EvolvingWorld(20_000, 5, first_day=FIRST_DAY)
    counts = Counter(event.what for event in events(large, 30))
    expected = 20_000 * 30
    assert counts[What.CHANGED] == pytest.approx(0.008 * expected, rel=0.1)
    assert counts[What.ADDED] == pytest.approx(0.0005 * expected, abs=1)
    assert counts[What.REMOVED] == pytest.approx(0.00015 * expected, abs=2)
    assert counts[What.MERGED] == pytest.approx(0.00005 * expected, abs=2)
    ranks = [
        large.standing(event.number).popularity_rank
        for event in events(large, 30)
        if event.what is What.CHANGED
    ]
    assert sum(rank < 800 for rank in ranks) / len(ranks) > 0.15


def test_a_change_changes_what_it_says_and_nothing_else(world: EvolvingWorld) -> None:
    """Each kind of edit is met, and seen in its own fields."""
    seen: set[str] = set()
    fields = {"images": {"poster_path", "backdrop_path"}, "cast": {"credits", "people"}}
    fields["crew"] = fields["cast"]
    for event in events(world, 25):
        if event.what is not What.CHANGED:
            continue
        before, after = (
            each.movie(id_of(world, event)) for each in around(world, event)
        )
        assert before is not None
        assert after is not None
        changed = differing(before, after)
        if changed:
            seen.add(event.aspect)
        if event.aspect in fields:
            assert changed <= fields[event.aspect]
        else:
            assert len(changed) <= 2  # watch offers name their providers too
        named = {credit.person_tmdb_id for credit in after.credits}
        assert named == {person.tmdb_id for person in after.people}
        assert len({credit.credit_id for credit in after.credits}) == len(after.credits)
    assert len(seen) >= 12


def test_what_went_is_gone_everywhere(world: EvolvingWorld) -> None:
    """A removed film is in no list, no export, and answers to no id; it never comes back."""
    removed = [event for event in events(world, 20) if event.what is What.REMOVED]
    assert removed
    later = world.at(BEGINNING + 20 * DAY)
    exported = {row.tmdb_id for row in later.export_rows()}
    assert exported == set(later.ids())
    for event in removed:
        tmdb_id = id_of(world, event)
        before, after = around(world, event)
        assert before.is_live(tmdb_id)
        assert after.movie(tmdb_id) is None
        assert tmdb_id not in exported
        assert later.gone_ids()[tmdb_id] is None
    for name in ("popular", "top_rated", "now_playing", "upcoming", "trending"):
        shown = [i for page in (1, 2, 3) for i in later.list_ids(name, page)]
        assert shown
        assert all(map(later.is_live, shown))


def test_a_merged_film_gives_its_imdb_id_to_the_one_that_stays(
    world: EvolvingWorld,
) -> None:
    """`/find` leads to the other film from then on; OMDb tells of the title as before."""
    merged = [event for event in events(world, 20) if event.what is What.MERGED]
    assert merged
    for event in merged:
        before, after = around(world, event)
        assert event.into is not None
        stays = world.beginning.places.id_of(event.into)
        imdb_id = before.imdb_id_of(id_of(world, event))
        assert imdb_id is not None
        assert not after.is_live(id_of(world, event))
        assert after.tmdb_id_of(imdb_id) == stays
        movie = after.movie(stays)
        assert movie is not None
        assert movie.imdb_id == imdb_id
        assert ("imdb", imdb_id) in {
            (one.site, one.value) for one in movie.external_ids
        }
        assert after.title(imdb_id) == before.title(imdb_id)
        assert after.gone_ids()[id_of(world, event)] == stays


def test_an_imdb_id_has_one_owner_at_every_moment(world: EvolvingWorld) -> None:
    """Also where two films exchange theirs."""
    assert any(event.what is What.IMDB for event in events(world, 20))
    for day in range(0, 21, 5):
        moment = world.at(BEGINNING + day * DAY)
        owners: dict[str, int] = {}
        for tmdb_id in moment.ids():
            imdb_id = moment.imdb_id_of(tmdb_id)
            if imdb_id is not None:
                assert owners.setdefault(imdb_id, tmdb_id) == tmdb_id
                assert moment.tmdb_id_of(imdb_id) == tmdb_id


def test_new_films_come_with_new_ids_and_are_listed(world: EvolvingWorld) -> None:
    """They are in the next export, and first in the lists of what is new."""
    later = world.at(BEGINNING + 20 * DAY)
    added = [event for event in events(world, 20) if event.what is What.ADDED]
    known = set(world.beginning.ids()) | set(world.beginning.adult_ids())
    for event in added:
        before, after = around(world, event)
        assert id_of(world, event) not in known
        assert before.movie(id_of(world, event)) is None
        assert after.movie(id_of(world, event)) is not None
    new = {id_of(world, event) for event in added}
    shown = set(later.list_ids("upcoming", 1)) | set(later.list_ids("now_playing", 1))
    assert shown & new


def test_films_are_released_on_their_day(world: EvolvingWorld) -> None:
    """What was announced comes out, and the feed says so."""
    released = [event for event in events(world, 60) if event.what is What.RELEASED]
    assert released
    for event in released:
        before, after = around(world, event)
        film, film_then = (
            after.movie(id_of(world, event)),
            before.movie(id_of(world, event)),
        )
        assert film is not None
        assert film_then is not None
        assert (film.status, film_then.status == "Released") == ("Released", False)
        assert film.released_on == world.time_of(event.at).date()


def test_votes_come_at_rates_of_their_own() -> None:
    """Log-normal with the median of sixty days between changes, well-known films far sooner."""
    votes = Votes(4_000, 77)
    rates = [votes.rate(number, number) for number in range(4_000)]
    logarithms = [log(rate * MEDIAN_DAYS) for rate in rates]
    assert mean(logarithms) == pytest.approx(0, abs=0.1)
    assert stdev(logarithms) == pytest.approx(1.5, rel=0.05)
    assert median(rates[:160]) > 5 / MEDIAN_DAYS
    steps = sum(votes.steps(number, number, 90.0) for number in range(4_000))
    assert steps == pytest.approx(90 * sum(rates), rel=0.02)


def test_votes_only_rise(world: EvolvingWorld) -> None:
    """And what is told of them stays as it was in between."""
    moments = [world.at(BEGINNING + days * DAY) for days in (0, 30, 60)]
    films = [
        [moment.summary(i) for moment in moments]
        for i in world.beginning.popular_ids(1)
    ]
    rated = [[film.rating for film in row if film and film.rating] for row in films]
    counts = [[rating.votes or 0 for rating in row] for row in rated if len(row) == 3]
    assert counts
    assert all(row == sorted(row) for row in counts)
    assert any(row[0] < row[2] for row in counts)


class Feeds:
    """The feed as a client reads it."""

    def __init__(self, world: EvolvingWorld) -> None:
        self.content = EvolvingContent(world)
        self.now = BEGINNING
        self.content.follow(lambda: self.now)

    def read(self, first: date, end: date) -> list[int]:
        """Return the ids of all pages."""
        ids: list[int] = []
        page, last = 0, 1
        while page < last:
            page += 1
            told = msgspec.json.decode(self.content.changes(first, end, page).plain())
            assert len(told["results"]) <= 100
            last = told["total_pages"]
            ids += [row["id"] for row in told["results"]]
        return ids


def test_the_feed_names_every_reported_change_of_a_day_after_a_lag(
    world: EvolvingWorld,
) -> None:
    """Not before; and votes are never reported."""
    feed = Feeds(world)
    day = FIRST_DAY + 2 * DAY
    reported = {id_of(world, e) for e in world.chronicle.day(2) if e.is_reported}
    feed.now = BEGINNING + 5 * DAY
    named = feed.read(day, day + DAY)
    assert reported <= set(named)
    assert len(named) > len(set(named)) or len(named) < 40
    first = next(e for e in world.chronicle.day(2) if e.is_reported)
    feed.now = world.time_of(first.at) + LAG - INSTANT
    assert feed.read(day, day + DAY) == []
    feed.now += 2 * INSTANT
    assert feed.read(day, day + DAY)[0] == id_of(world, first)


def test_the_feed_forgets_what_is_beyond_its_reach(world: EvolvingWorld) -> None:
    """As if nothing had happened."""
    feed = Feeds(world)
    feed.now = BEGINNING + 14 * DAY
    assert feed.read(FIRST_DAY, FIRST_DAY + DAY)
    feed.now = BEGINNING + 16 * DAY
    assert feed.read(FIRST_DAY, FIRST_DAY + DAY) == []


def test_a_film_tells_what_of_it_changed(world: EvolvingWorld) -> None:
    """By TMDB's keys."""
    feed = Feeds(world)
    event = next(e for e in world.chronicle.day(1) if e.aspect == "overview")
    feed.now = world.time_of(event.at) + INSTANT
    day = FIRST_DAY + DAY
    body = feed.content.movie_changes(id_of(world, event), day, day + DAY)
    assert body is not None
    [change] = msgspec.json.decode(body.plain())["changes"]
    assert change["key"] == "overview"
    assert change["items"][0]["time"].startswith("2026-09-02 ")


def test_a_body_follows_the_clock(world: EvolvingWorld) -> None:
    """What is cached is never told after it changed."""
    feed = Feeds(world)
    event = next(e for e in world.chronicle.day(1) if e.aspect == "overview")
    feed.now = world.time_of(event.at) - INSTANT
    before = feed.content.movie(id_of(world, event), MOVIE_PARTS)
    feed.now += 2 * INSTANT
    after = feed.content.movie(id_of(world, event), MOVIE_PARTS)
    assert before is not None
    assert after is not None
    told = [msgspec.json.decode(body.plain())["overview"] for body in (before, after)]
    assert told[0] != told[1]
