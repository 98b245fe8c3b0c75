"""Films that are gone, and a person's say in it."""

import psycopg
import pytest

from .conftest import Inside

_FILMS = """
    INSERT INTO movies (id, tmdb_id, title, popularity, gone_at, created_at, updated_at) OVERRIDING SYSTEM VALUE VALUES
        (7, 603, 'The [red]Matrix', 9, '2026-09-03', '2026-09-01', '2026-09-03'),
        (8, 604, 'Held', 8, NULL, '2026-09-01', '2026-09-01');
    INSERT INTO tombstones (movie_id, denied_at, last_denied_at, denials, missing_since, exports, buried_at)
        VALUES (7, '2026-09-01', '2026-09-02', 2, '2026-09-01', 3, '2026-09-03');
    INSERT INTO sync_ledger (source, kind, external_id, state, reason, denials, denied_at, last_denied_at, created_at)
        SELECT 'tmdb', 'movie', id, 'absent', 'routine', 2, '2026-09-01', '2026-09-02', '2026-09-01'
        FROM unnest(ARRAY[603, 604]) AS given (id);
    INSERT INTO held_burials (movie_id, held_at) VALUES (8, '2026-09-03');
"""


@pytest.fixture
def _given(database_url: str) -> None:
    """Write a film that is gone and one that is held back."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_FILMS)


def test_nothing_is_gone(inside: Inside) -> None:
    """It says so."""
    assert "no film is gone" in inside("gone", "list").err
    assert "nothing is held back" in inside("gone", "held").err
    assert inside("gone", "list", "--json").json == []
    assert "nothing is held back" in inside("gone", "allow").err


@pytest.mark.usefixtures("_given")
def test_what_is_gone_tells_why(inside: Inside) -> None:
    """The evidence, in a table that fits; the film itself says so too."""
    told = inside("gone", "list")
    assert told.code == 0
    assert "The [red]Matrix" in told.out
    assert "2× since 2026-09-01" in told.out
    assert max(map(len, told.out.splitlines())) <= 80
    [stone] = inside("gone", "list", "--json").json
    assert (stone["tmdb_id"], stone["denials"], stone["exports"]) == (603, 2, 3)
    assert "TMDB has it no longer" in inside("movie", "603").out


@pytest.mark.usefixtures("_given")
def test_a_person_decides(inside: Inside) -> None:
    """Held films are allowed or refused; one that is gone is restored."""
    assert "1 film held back" in inside("gone", "held").out
    assert "asked for again: 1 film" in inside("gone", "refuse").err
    assert inside("gone", "held", "--json").json == []
    assert "restored and asked for: 1 film" in inside("gone", "restore", "603").err
    again = inside("gone", "restore", "603", "999")
    assert again.code == 1
    assert "not gone, or not stored: 603, 999" in again.err
    [stone] = inside("gone", "list", "--json").json
    assert stone["revived_by"] is not None
