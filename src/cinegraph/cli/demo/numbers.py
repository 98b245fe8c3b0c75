"""What the demo says, read from its database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import psycopg

from cinegraph.cli.demo.stage import CEREMONY
from cinegraph.db.sql import load
from cinegraph.sandbox.awards.ceremonies import invent_table
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.oscars_table.table import read_table

_OWNER = "cinegraph.cli.demo"

type Rows = list[tuple[Any, ...]]


class Rescued(NamedTuple):
    """A job that one node held when it died and another finished."""

    job_id: int
    node: str
    completed_at: datetime


class TopMovie(NamedTuple):
    """A row of the table at the end."""

    title: str
    release_date: date | None
    popularity: float | None
    score: float | None
    director: str | None
    credits: int


class RelevantMovie(NamedTuple):
    """A film of a high score, and what it is most like."""

    title: str
    release_date: date | None
    score: float
    like: str | None
    because: list[str] | None


class Computed(NamedTuple):
    """What was computed of the stored films."""

    pairs: int
    scores: int
    recommended: int


class Comparison(NamedTuple):
    """Stored rows of one kind beside those of the invented world."""

    kind: str
    stored: int
    expected: int
    equal: int

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same rows."""
        return self.stored == self.expected == self.equal


class Reader:
    """Reads the demo's database on a connection of its own; blocks."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def list_held(self, node: str) -> list[int]:
        """Return the jobs that *node* runs."""
        return [row[0] for row in self._rows("list_held.sql", node=node)]

    def list_rescued(self, ids: Sequence[int], node: str) -> list[Rescued]:
        """Return those of *ids* that others than *node* have finished."""
        rows = self._rows("list_rescued.sql", ids=list(ids), node=node)
        return [Rescued(*row) for row in rows]

    def list_unfinished(self, ids: Sequence[int]) -> list[int]:
        """Return those of *ids* that have not ended."""
        return [row[0] for row in self._rows("list_unfinished.sql", ids=list(ids))]

    def count_tries(self) -> dict[str, int]:
        """Return how many jobs were tried again, by reason."""
        return dict(self._rows("count_tries.sql"))

    def list_top_movies(self, limit: int) -> list[TopMovie]:
        """Return the most popular films."""
        return [
            TopMovie(*row) for row in self._rows("list_top_movies.sql", limit=limit)
        ]

    def list_relevant_movies(self, limit: int) -> list[RelevantMovie]:
        """Return the films of the highest score."""
        rows = self._rows("list_relevant_movies.sql", limit=limit)
        return [RelevantMovie(*row) for row in rows]

    def count_computed(self) -> Computed:
        """Return how much was computed."""
        [row] = self._rows("count_computed.sql")
        return Computed(*row)

    def compare(self, world: World, pages: int) -> list[Comparison]:
        """Hold every film, person, credit and nomination against the world they were invented in."""
        ids = {i for page in range(1, pages + 1) for i in world.popular_ids(page)}
        nominations, nominees = _expect_awards(world)
        ids |= {film for _, film, _, _ in nominations}
        movies, people, credits_ = _expect(world, ids)
        return [
            _compare("films", self._rows("list_movies.sql"), movies),
            _compare("people", self._rows("list_people.sql"), people),
            _compare("credits", self._rows("list_credits.sql"), credits_),
            self._compare_ratings(world),
            _compare("nominations", self._rows("list_nominations.sql"), nominations),
            _compare("nominees", self._rows("list_nominees.sql"), nominees),
        ]

    def _compare_ratings(self, world: World) -> Comparison:
        """Hold what OMDb said of the films it was asked for against what it had to say."""
        asked = [row[0] for row in self._rows("list_asked_titles.sql")]
        expected = {
            (title.imdb_id, rating.kind, rating.value, rating.votes)
            for title in world.expected_titles(asked).values()
            for rating in title.ratings
        }
        return _compare("ratings", self._rows("list_ratings.sql"), expected)

    def _rows(self, name: str, **parameters: object) -> Rows:
        return self._connection.execute(load(_OWNER, name), parameters).fetchall()


def _compare(kind: str, rows: Rows, expected: set[tuple[Any, ...]]) -> Comparison:
    rows = [tuple(tuple(c) if isinstance(c, list) else c for c in row) for row in rows]
    equal = sum(row in expected for row in rows)
    return Comparison(kind, len(rows), len(expected), equal)


def _expect_awards(
    world: World,
) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Return the nominations of the ceremony, and the nominees whose IMDb id the table tells."""
    [edition] = [
        each
        for each in read_table(invent_table(world)).editions
        if each.year == CEREMONY
    ]
    nominations, nominees = set(), set()
    for each in edition.nominations:
        film = world.tmdb_id_of(each.films[0].imdb_id or "")
        names = tuple(nominee.name for nominee in each.nominees)
        nominations.add((each.canonical_category, film, each.is_winner, names))
        for nominee in each.nominees:
            for imdb_id in nominee.imdb_ids:
                person = world.people.find_imdb(imdb_id)
                nominees.add((imdb_id, person.tmdb_id if person else None))
    return nominations, nominees


def _expect(
    world: World, ids: set[int]
) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    movies, people, credits_ = set(), set(), set()
    for film in world.expected(ids).values():
        movies.add(
            (
                film.tmdb_id,
                film.title,
                film.imdb_id,
                film.released_on,
                film.runtime_minutes,
                film.budget_usd,
                film.revenue_usd,
                film.original_language,
                film.overview,
            )
        )
        for person in film.people:
            people.add(
                (
                    person.tmdb_id,
                    person.name,
                    person.gender,
                    person.known_for_department,
                )
            )
        for one in film.credits:
            credits_.add(
                (
                    film.tmdb_id,
                    one.credit_id,
                    one.person_tmdb_id,
                    str(one.kind),
                    one.department,
                    one.job,
                    one.character,
                    one.position,
                )
            )
    return movies, people, credits_
