"""Who worked with whom, as the command tells it."""

import psycopg
import pytest

from .conftest import CONTROL_CODES, Inside

_WORLD = """
    INSERT INTO movies (id, tmdb_id, title, popularity, created_at, updated_at) OVERRIDING SYSTEM VALUE VALUES
        (1, 11, 'A [red]Film', 9, '2026-09-01', '2026-09-01'),
        (2, 12, 'Another', 8, '2026-09-01', '2026-09-01'),
        (3, 13, 'Apart', 7, '2026-09-01', '2026-09-01');
    INSERT INTO people (id, tmdb_id, name, known_for_department, stated_on, created_at, updated_at)
        OVERRIDING SYSTEM VALUE
    SELECT id, 100 + id, name, 'Acting', '2026-09-01', '2026-09-01', '2026-09-01'
    FROM (VALUES (1, 'Ann [b]One'), (2, 'Bea Two'), (3, 'Čé Thrëe'), (4, 'Same Name'), (5, 'Same Name'), (6, 'Bea Two'))
        AS given (id, name);
    INSERT INTO collaboration_movies (movie_id, year, rating_thousandths, changed_at)
        VALUES (1, 1990, 7500, '2026-09-01'), (2, 1999, 8500, '2026-09-01'), (3, NULL, NULL, '2026-09-01');
    INSERT INTO collaboration_people (movie_id, person_id, roles) VALUES
        (1, 1, '{cast}'), (1, 2, '{Director}'), (2, 2, '{Director,Writer}'), (2, 3, '{cast}'),
        (3, 4, '{cast}'), (3, 5, '{cast}');
"""


@pytest.fixture(autouse=True)
def _given(database_url: str) -> None:
    """Write films whose collaborations are computed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_WORLD)


def test_a_chain_is_told_film_by_film(inside: Inside) -> None:
    """By names in any case and without accents; a namesake without films is nobody's guess."""
    told = inside("people", "path", "ann [b]one", "ce three")

    assert (told.code, told.err) == (0, "")
    assert not CONTROL_CODES.search(told.out)
    assert told.out.splitlines() == [
        "Ann [b]One",
        "  A [red]Film (1990): cast – Director",
        "Bea Two",
        "  Another (1999): Director, Writer – cast",
        "Čé Thrëe",
        "2 films apart",
    ]
    data = inside("people", "path", "101", "103", "--json").json
    assert [link["film_tmdb_id"] for link in data["links"]] == [11, 12]
    assert data["end"]["name"] == "Čé Thrëe"


def test_no_chain_is_an_answer(inside: Inside) -> None:
    """Exit code 1, and null for programs; the same person is no film apart."""
    told = inside("people", "path", "101", "104")
    assert (told.code, told.err) == (1, "")
    assert "No chain of stored films connects Ann [b]One and Same Name" in told.out
    data = inside("people", "path", "101", "104", "--json")
    assert (data.code, data.json["links"]) == (1, None)
    assert "the same person" in inside("people", "path", "101", "Ann [b]One").out


def test_namesakes_are_told_with_their_ids(inside: Inside) -> None:
    """Both who may be meant, each with what tells them apart."""
    told = inside("people", "collaborators", "Same Name")

    assert told.code == 2
    assert "2 people are called 'Same Name'" in told.err
    assert "104  Acting, 1 film, Apart" in told.err
    assert "105  Acting, 1 film, Apart" in told.err


def test_nobody_of_that_name_says_what_to_give(inside: Inside) -> None:
    """A name in full, or an id; a number that is none is a name."""
    for name in ("Nobody", "999", "99999999999", ""):
        told = inside("people", "collaborators", name)
        assert told.code == 2
        assert "TMDb id" in told.err


def test_collaborators_are_listed_with_what_they_did(inside: Inside) -> None:
    """Most films first, in a table that fits."""
    told = inside("people", "collaborators", "Bea Two")

    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= 80
    assert not CONTROL_CODES.search(told.out)
    assert "Ann [b]One" in told.out
    data = inside("people", "collaborators", "Bea Two", "--limit", "1", "--json").json
    [one] = data["collaborators"]
    assert (one["name"], one["films"], one["mean_rating"]) == ("Čé Thrëe", 1, 8.5)
    assert one["roles"] == ["cast"]
    assert inside("people", "collaborators", "Bea Two", "--limit", "0").code == 2


def test_nothing_computed_says_where_to_look(inside: Inside) -> None:
    """Somebody whose films may still be to come is not told apart from one without any: both are told where to look."""
    alone = inside("people", "collaborators", "106")
    chain = inside("people", "path", "101", "106")

    assert (alone.code, chain.code) == (0, 1)
    for told in (alone, chain):
        assert "Bea Two: no film with anybody else is computed" in told.out
        assert "`cinegraph enrich status`" in " ".join(told.out.split())
        assert "Ann [b]One:" not in told.out
