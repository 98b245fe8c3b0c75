"""`cinegraph changes`: what changed, in order, and where to go on."""

import json

import psycopg
import pytest

from .conftest import CONTROL_CODES, Inside

_FILMS = """
    INSERT INTO movies (tmdb_id, imdb_id, title, created_at, updated_at)
    VALUES (603, 'tt0133093', 'The Matrix', now(), now()), (604, NULL, '[bold] reloaded', now(), now())
"""
_POSITIONS = """
    INSERT INTO change_log (position, kind, entity_id, action, fields, why, other_id, changed_at, logged_at)
    SELECT n, CASE n WHEN 3 THEN 'person' ELSE 'movie' END, n, CASE n WHEN 4 THEN 'merged' ELSE 'changed' END,
        '{title,credits}', 'fetched', CASE n WHEN 4 THEN 1 END, now(), now()
    FROM generate_series(2, 4) AS n;
    UPDATE change_log_state SET last_position = 4, kept_after = 1;
"""


@pytest.fixture
def given(database_url: str) -> None:
    """Two films, and the positions 2 to 4; 1 is forgotten."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_FILMS)
        connection.execute(_POSITIONS)


@pytest.mark.usefixtures("given")
def test_programs_get_an_object_a_line(inside: Inside) -> None:
    """Data to stdout, the position to go on from to stderr."""
    done = inside("changes", "--since", "1", "--limit", "2", "--json")

    assert (done.code, done.err) == (0, "go on with --since 3\n")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["position"], row["kind"], row["title"]) for row in rows] == [
        (2, "movie", "[bold] reloaded"),
        (3, "person", None),
    ]


@pytest.mark.usefixtures("given")
def test_people_see_the_last_ones(inside: Inside) -> None:
    """A table that fits, of what is kept, without a position given."""
    done = inside("changes")

    assert (done.code, done.err) == (0, "go on with --since 4\n")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not CONTROL_CODES.search(done.out)
    assert "merged into #1" in done.out
    assert len([line for line in lines if "fetched" in line]) == 3


@pytest.mark.usefixtures("given")
def test_a_filter_goes_on_behind_what_it_left_out(inside: Inside) -> None:
    """The position is that which was read up to, or a consumer of people would be forgotten."""
    done = inside("changes", "--since", "1", "--kind", "person", "--json")

    assert json.loads(done.out)["position"] == 3
    assert done.err == "go on with --since 4\n"


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "0"), "new snapshot"),
        (("--since", "5"), "new snapshot"),
        (("--kind", "film"), "Known are: movie, person"),
    ],
)
def test_mistakes_say_what_to_do(
    inside: Inside, arguments: tuple[str, ...], told: str
) -> None:
    """A forgotten position, one that is not there yet, an unknown kind."""
    done = inside("changes", *arguments)

    assert (done.code, done.out) == (2, "")
    assert told in done.err
