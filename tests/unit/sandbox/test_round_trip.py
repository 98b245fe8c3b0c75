"""World → TMDB's JSON → decoding → transform == world."""

import pytest

from cinegraph.records.movie import MovieRecord
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb.payloads import (
    MOVIE_PARTS,
    decode_list,
    decode_movie,
)
from cinegraph.sources.providers.tmdb.transform import to_movie_page, to_record


@pytest.mark.parametrize("seed", [1, 2])
def test_films_come_back_as_they_were(seed: int) -> None:
    """Hundreds of films survive the vendor's JSON, to the last field."""
    world = World(2_000, seed=seed)
    content = InventedContent(world)
    for tmdb_id in list(world.ids())[::6]:
        body = content.movie(tmdb_id, MOVIE_PARTS)
        assert body is not None

        back = to_record(decode_movie(body.plain(), expected_id=tmdb_id))

        assert _differences(back, world.movie(tmdb_id)) == {}


def _differences(one: MovieRecord, other: MovieRecord | None) -> dict[str, object]:
    """Name the fields in which two records differ, with both values."""
    assert other is not None
    return {
        name: (getattr(one, name), getattr(other, name))
        for name in one.__struct_fields__
        if getattr(one, name) != getattr(other, name)
    }


@pytest.mark.parametrize("name", ["popular", "top_rated", "trending"])
def test_lists_come_back_as_they_were(name: str) -> None:
    """A page of a list names the films that the world names."""
    world = World(2_000)
    body = InventedContent(world).page(name, 3)
    assert body is not None

    page = to_movie_page(decode_list(body.plain()), last_page=500)

    assert page.tmdb_ids == world.list_ids(name, 3)
