"""Recommendations in a database: both ways of computing, what is hidden, what is told."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.db.pool import Pool
from cinegraph.enrichment.recommendations import judging, ratings, reading
from cinegraph.enrichment.recommendations.browse import (
    NOT_COMPUTED,
    find_impossible,
    list_tmdb_recommendations,
    recommend_for_films,
)
from cinegraph.enrichment.recommendations.storing import GONE, NOTHING_SHARED
from cinegraph.records.movie import (
    CollectionRecord,
    CreditKind,
    CreditRecord,
    GenreRecord,
    KeywordRecord,
    MovieRecord,
    RatingRecord,
)
from collaborating import NOON, film, seeded
from factories import make_person, make_record
from recommending import Recommending, any_film

FILMS = 90


@pytest.fixture
def films(pool: Pool) -> Recommending:
    """Return films to be recommended."""
    return Recommending(pool)


def themed(tmdb_id: int, *themes: int, **facts: object) -> MovieRecord:
    """Return a film of some themes."""
    return make_record(
        tmdb_id,
        keywords=tuple(KeywordRecord(one, f"theme {one}") for one in themes),
        **facts,
    )


async def make_any(films: Recommending, seed: int) -> None:
    """Store films that have all kinds of things in common, some of them gone."""
    dice = seeded(seed)
    await films.store(*(any_film(dice, n, FILMS) for n in range(1, FILMS + 1)))
    await films.bury(*dice.sample(range(1, FILMS + 1), 5))
    for key in ("short", "long"):
        await films.add_list(key, dice.sample(range(1, FILMS), dice.randint(3, 30)))
    await films.add_list("worthless", range(1, 20), weight=0.0)
    for category in ("Best Picture", "Sound"):
        await films.nominate(category, dice.sample(range(1, FILMS), 5))


async def test_texts_are_read_beside_the_event_loop(
    films: Recommending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words of a batch of films take a second, in which the node stores other films."""
    threads: set[threading.Thread] = set()

    def make(*told: Any) -> Any:  # noqa: ANN401 - whatever it returns
        threads.add(threading.current_thread())
        return made(*told)

    made = reading.make_evidence
    monkeypatch.setattr(reading, "make_evidence", make)
    await make_any(films, 0)
    await films.recommend_all()

    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.parametrize("seed", range(3))
async def test_one_by_one_agrees_with_all_at_once(
    films: Recommending, seed: int
) -> None:
    """What the pass stored, no film computed alone changes by a bit; nor does another pass."""
    await make_any(films, seed)
    first = await films.recommend_all()
    stored = await films.stored()

    assert first.changed == first.films == FILMS
    alone = await films.recommend(*range(1, FILMS + 1))
    assert (alone.films, alone.changed) == (FILMS, 0)
    assert (await films.recommend_all()).changed == 0
    assert await films.stored() == stored


async def test_what_was_computed_since_a_pass_began_stays(
    films: Recommending,
) -> None:
    """It knows more than the pass has read."""
    await films.store(themed(1, 1), themed(2, 1))
    await films.recommend(1, 2)
    await films.fetch(
        "UPDATE recommendation_movies SET scores = '{9}', changed_at = changed_at + %s RETURNING 1",
        timedelta(seconds=1),
    )

    with clock.frozen(NOON + timedelta(minutes=1)):
        assert (await films.recommend_all()).changed == 0
    assert (await films.recommend(1)).changed == 1


async def test_a_stamp_from_the_future_keeps_no_pass_from_writing(
    films: Recommending,
) -> None:
    """The clock was ahead when the film was computed, and was set right since."""
    await films.store(themed(1, 1), themed(2, 1))
    await films.recommend(1, 2)
    await films.fetch(
        "UPDATE recommendation_movies SET scores = '{9}', changed_at = '2126-01-01' RETURNING 1"
    )

    assert (await films.recommend_all()).changed == 2
    assert (await films.recommend(1, 2)).changed == 0


async def test_a_film_computed_before_any_pass_is_recommended(
    films: Recommending,
) -> None:
    """Nobody counted features yet: all count alike."""
    await films.store(themed(1, 1, 2), themed(2, 1, 2), themed(3, 2), themed(4, 9))

    await films.recommend(1)

    assert await films.named(1) == [2, 3]


async def test_a_new_film_is_computed_alone(films: Recommending) -> None:
    """It is like those that were there, by what was counted then."""
    await films.store(*(themed(n, n % 3, 10 + n % 2) for n in range(1, 10)))
    await films.recommend_all()
    await films.store(themed(50, 1, 11))

    done = await films.recommend(50)

    assert done.changed == 1
    # Those that share both themes first.
    assert set((await films.named(50))[:2]) == {1, 7}


async def test_more_in_common_comes_first_and_is_told(films: Recommending) -> None:
    """The reason names what they share."""
    series = CollectionRecord(7, "The Series")
    await films.store(
        themed(1, 1, 2, collection=series, people=(make_person(5, "Ada"),),
               credits=(CreditRecord("a", 5, CreditKind.CREW, "Directing", "Director", None, 0),)),
        themed(2, 1, 2, collection=series, people=(make_person(5, "Ada"),),
               credits=(CreditRecord("b", 5, CreditKind.CREW, "Directing", "Director", None, 0),)),
        themed(3, 2),
        themed(4, 8),
    )  # fmt: skip
    await films.recommend_all()

    told = await films.told(1)

    assert [one.tmdb_id for one in told] == [2, 3]
    assert set(told[0].why.split("; ")) == {
        "same series (The Series)",
        "same director (Ada)",
        "themes: theme 1, theme 2",
    }
    assert told[1].why == "themes: theme 2"


async def test_lists_and_nominations_are_reasons(films: Recommending) -> None:
    """Beside each other on a list, nominated for the same award."""
    await films.store(*(make_record(n) for n in range(1, 30)))
    await films.add_list("poll", [1, 2])
    await films.nominate("Sound", [1, 3])
    await films.recommend_all()

    told = {one.tmdb_id: one.why for one in await films.told(1)}

    assert told == {
        2: "both on The poll",
        3: "both nominated: Sound, Academy Awards 2001",
    }


async def test_what_tmdb_shows_beside_it_counts_both_ways_and_is_kept(
    films: Recommending,
) -> None:
    """The film that names it, the film it names, and one that is named with it."""
    await films.store(
        make_record(1, recommended_tmdb_ids=(2, 77)),
        make_record(2),
        make_record(3, recommended_tmdb_ids=(1, 4)),
        make_record(4),
        *(make_record(n) for n in range(10, 20)),
    )
    await films.recommend_all()

    told = {one.tmdb_id: one for one in await films.told(1)}

    assert set(told) == {2, 3, 4}
    assert told[2].tmdb_position is not None
    assert told[3].tmdb_position is None
    assert told[3].why == "recommended beside each other at TMDB"
    assert told[4].why == "recommended beside the same films at TMDB"
    [movie_id] = await films.ids(1)
    async with films.pool.connection() as conn:
        tmdb = await list_tmdb_recommendations(conn, movie_id)
    assert [(one.tmdb_id, one.title) for one in tmdb] == [(2, "Film 2"), (77, None)]


async def test_films_for_adults_are_recommended_to_who_asks(
    films: Recommending,
) -> None:
    """Neither the call nor the view shows them otherwise."""
    await films.store(themed(1, 1), themed(2, 1), themed(3, 1, is_adult=True))
    await films.recommend_all()

    assert await films.named(1) == [2]
    assert set(await films.named(1, include_adult=True)) == {2, 3}
    assert await viewed(films, 1) == [2]


async def test_a_film_that_has_gone_since_is_hidden_at_once(
    films: Recommending,
) -> None:
    """Also from what was stored before; its own recommendations go when it is computed."""
    await films.store(themed(1, 1), themed(2, 1), themed(3, 1))
    await films.recommend_all()
    await films.bury(2)

    assert await films.named(1) == [3]
    assert await viewed(films, 1) == [3]
    assert await viewed(films, 2) == []
    await films.recommend(2)
    assert await impossible(films, 2) == GONE


async def test_a_film_that_turned_adult_is_hidden_at_once(films: Recommending) -> None:
    """What was stored before does not show it either."""
    await films.store(themed(1, 1), themed(2, 1))
    await films.recommend_all()
    await films.store(themed(2, 1, is_adult=True))

    assert await films.named(1) == []
    assert await viewed(films, 1) == []


async def test_what_is_not_made_yet_is_not_recommended(films: Recommending) -> None:
    """But it has recommendations of its own."""
    await films.store(themed(1, 1), themed(2, 1, status="Rumored"), themed(3, 1))
    await films.recommend_all()

    assert await films.named(1) == [3]
    assert set(await films.named(2)) == {1, 3}


async def test_the_better_known_of_two_alike_comes_first(films: Recommending) -> None:
    """A near-duplicate that nobody knows does not win."""
    known = RatingRecord("user_score", 7.5, 5_000)
    await films.store(
        themed(1, 1, 2, rating=known),
        themed(2, 1, 2),
        themed(3, 1, 2, rating=known),
        *(themed(n, 30 + n) for n in range(10, 30)),
    )
    await films.recommend_all()

    assert await films.named(1) == [3, 2]


async def test_why_nothing_is_recommended_is_said(films: Recommending) -> None:
    """In words, for each film; a genre alone is no reason."""
    genre = (GenreRecord(1, "Drama"),)
    await films.store(
        make_record(1, genres=genre, title="Apart"),
        make_record(2, genres=genre, title="Lonely"),
    )

    assert await impossible(films, 1) == NOT_COMPUTED
    done = await films.recommend_all()
    assert done.impossible == 2
    assert await impossible(films, 1) == NOTHING_SHARED


async def test_diversity_moves_what_is_alike_down(films: Recommending) -> None:
    """Of a film's near-duplicates one is enough, if that is asked for."""
    await films.store(
        themed(1, 1, 2, 3, 4),
        *(film(n, [100], keywords=tuple(KeywordRecord(k, f"theme {k}") for k in (1, 2, 3)),
               rating=RatingRecord("user_score", 7, 100 - n)) for n in (2, 3, 4)),
        themed(5, 4),
        *(themed(n, 30 + n) for n in range(10, 30)),
    )  # fmt: skip
    await films.recommend_all()

    assert await films.named(1, diversity=0.0) == [2, 3, 4, 5]
    assert (await films.named(1, diversity=1.0))[:2] == [2, 5]


async def test_ratings_find_again_what_was_liked(films: Recommending) -> None:
    """Two tastes of twelve films each: recommendations recall all, popularity hardly anything."""
    popular = [make_record(n, popularity=100.0 + n) for n in range(500, 540)]
    await films.store(
        *(themed(n, 1, 2) for n in range(1, 13)),
        *(themed(n, 3, 4) for n in range(101, 113)),
        *popular,
    )
    await films.recommend_all()
    lines = ["user,tmdb_id,rating"]
    lines += [f"a,{n},9" for n in range(1, 11)] + [f"b,{n},8" for n in range(101, 111)]
    lines += ["c,1,10", "a,999,10", "a,112,1"]
    given = ratings.read(iter(lines), name="ratings.csv")
    found = await judging.evaluate(films.pool, given)

    ours, *_, by_popularity = found.methods
    assert (ours.recall, ours.low, ours.high) == (1.0, 1.0, 1.0)
    assert by_popularity.recall == 0.0
    assert (found.users, found.users_left_out, found.ratings_not_stored) == (2, 1, 1)
    # Twelve of each taste, without the eight that each user is asked with and what else was rated.
    assert ours.coverage == pytest.approx((4 + 4) / 64)


async def test_a_taste_is_recommended_what_fits_all_of_it(
    films: Recommending,
) -> None:
    """What is like several liked films first, with the films it is like; none of them themselves, none for adults."""
    rating = RatingRecord("user_score", 7, 500)
    await films.store(
        themed(1, 1, rating=rating),
        themed(2, 2, rating=rating),
        themed(3, 1, rating=rating),
        themed(4, 1, 2, rating=rating),
        themed(5, 1, 2, rating=rating, is_adult=True),
        *(themed(n, 30 + n) for n in range(10, 30)),
    )
    await films.recommend_all()
    ids = await films.ids(1, 2)
    async with films.pool.connection() as conn:
        found = await recommend_for_films(conn, ids)
        asked = await recommend_for_films(conn, ids, include_adult=True)

    assert [one.tmdb_id for one in found] == [4, 3]
    assert set(found[0].because) == {"Film 1", "Film 2"}
    assert 5 in [one.tmdb_id for one in asked]


async def test_films_of_the_same_years_come_first(films: Recommending) -> None:
    """All else equal."""
    await films.store(
        themed(1, 1, released_on=date(1990, 1, 1)),
        themed(2, 1, released_on=date(1950, 1, 1)),
        themed(3, 1, released_on=date(1992, 1, 1)),
        *(themed(n, 30 + n) for n in range(10, 30)),
    )
    await films.recommend_all()

    assert await films.named(1) == [3, 2]


async def viewed(films: Recommending, tmdb_id: int) -> list[int]:
    """Return TMDB's ids of what the view for consumers recommends."""
    return await films.fetch(
        "SELECT other.tmdb_id FROM recommendations AS r JOIN movies AS m ON m.id = r.movie_id"
        " JOIN movies AS other ON other.id = r.recommended_movie_id WHERE m.tmdb_id = %s ORDER BY position",
        tmdb_id,
    )


async def impossible(films: Recommending, tmdb_id: int) -> str | None:
    """Return why nothing is recommended."""
    [movie_id] = await films.ids(tmdb_id)
    async with films.pool.connection() as conn:
        return await find_impossible(conn, movie_id)
