"""Awards of the invented world's own films."""

from collections import Counter

import pytest

from cinegraph.records.awards import NomineeKind
from cinegraph.sandbox.awards.ceremonies import (
    EVENT_NAMES,
    invent_event,
    invent_table,
)
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.oscars_table.table import read_table

_FILMS = 2_000


@pytest.fixture(scope="module")
def world() -> World:
    """Make a world."""
    return World(_FILMS, seed=6)


def test_three_ceremonies_of_eight_categories(world: World) -> None:
    """Five nominations each, one of which wins, for films of the year before."""
    table = read_table(invent_table(world))

    assert table.unreadable == ()
    assert [(each.number, each.year) for each in table.editions] == [
        (96, 2024),
        (97, 2025),
        (98, 2026),
    ]
    for edition in table.editions:
        counts = Counter(each.category for each in edition.nominations)
        winners = [each.category for each in edition.nominations if each.is_winner]
        assert list(counts.values()) == [5] * 8
        assert winners == list(counts)
        for nomination in edition.nominations:
            [film] = nomination.films
            movie = world.movie(world.tmdb_id_of(film.imdb_id or "") or 0)
            assert movie is not None
            assert movie.title == film.title
            assert movie.released_on is not None
            assert movie.released_on.year == edition.year - 1


def test_nominees_stand_in_the_credits(world: World) -> None:
    """Under their name and IMDb's id; a few have none."""
    without = 0
    for edition in read_table(invent_table(world)).editions:
        for nomination in edition.nominations:
            film = nomination.films[0]
            movie = world.movie(world.tmdb_id_of(film.imdb_id or "") or 0)
            assert movie is not None
            assert nomination.nominees
            for nominee in nomination.nominees:
                if nominee.kind is NomineeKind.UNKNOWN:
                    without += 1
                    assert nominee.name in [person.name for person in movie.people]
                    continue
                person = world.find_person(nominee.imdb_ids[0])
                assert person in movie.people
                assert person is not None
                assert person.name == nominee.name

    assert 0 < without < 60


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_events_honour_films_that_are_there(world: World, name: str) -> None:
    """Cannes those of its own year, the BAFTA those of the year before."""
    file = read_event(invent_event(world, name))
    before = {"ev0000147": 0, "ev0000123": 1}[name]

    assert file.unreadable == ()
    assert [edition.year for edition in file.editions] == [2026, 2025, 2024]
    for edition in file.editions:
        assert len(edition.nominations) == 20
        for nomination in edition.nominations:
            tmdb_id = world.tmdb_id_of(nomination.films[0].imdb_id or "")
            movie = world.movie(tmdb_id or 0)
            assert movie is not None
            assert movie.released_on is not None
            assert movie.released_on.year == edition.year - before


def test_the_same_world_has_the_same_awards(world: World) -> None:
    """Another process writes the same files; another seed writes others."""
    again, other = World(_FILMS, seed=6), World(_FILMS, seed=7)

    assert invent_table(again) == invent_table(world)
    assert invent_table(other) != invent_table(world)
    assert invent_event(again, "ev0000147") == invent_event(world, "ev0000147")


def test_a_tiny_world_has_awards_too() -> None:
    """With fewer nominations, and films of earlier years."""
    editions = read_table(invent_table(World(20))).editions

    assert len(editions) == 3
    assert all(edition.nominations for edition in editions)
