"""Recorded lists and recorded films: who is linked is what their ids say, whichever came first."""

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from cinegraph.catalog.identity import lock_ids
from cinegraph.catalog.storing import Film, store_films
from cinegraph.enrichment.lists import linking, storing
from cinegraph.enrichment.lists.definitions import BY_KEY
from cinegraph.enrichment.lists.reading import ListFile, read_list
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record
from collaborating import NOON, World

FILES = {
    "1001_movies": "1001_movies.json",
    "tspdt": "tspdt_1000_2024.csv",
    "sight_and_sound": "sight_and_sound_2022_ids_derived.json",
    "registry": "national_film_registry_imdb_ids.json",
}
FILMS = 1500
"""The most popular ones of the recording."""


def read_films(folder: Path) -> Iterator[Film]:
    """Give recorded films."""
    with gzip.open(folder / "tmdb" / "movies.jsonl.gz") as lines:
        for line in islice(lines, FILMS):
            record = to_record(decode_movie(line, parts=()))
            document = DocumentRecord(
                source="tmdb",
                kind="movie",
                external_id=str(record.tmdb_id),
                body_gzip=b"",
                sha256=hashlib.sha256(line).digest(),
                size_bytes=len(line),
                fetched_at=NOON,
            )
            yield Film(document, record)


async def store_lists(world: World, lists: dict[str, ListFile]) -> dict[str, int]:
    """Store lists; return by key how many members are linked."""
    linked = {}
    for key, told in lists.items():
        async with world.pool.connection() as conn, conn.transaction():
            found = await storing.ensure_list(conn, BY_KEY[key], "x", now=NOON)
            stored = await storing.store_reading(conn, found.id, told, now=NOON)
        linked[key] = stored.linked
    return linked


async def arrive(world: World, films: Sequence[Film]) -> None:
    """Store films and link them, fifty a transaction."""
    for first in range(0, len(films), 50):
        group = films[first : first + 50]
        async with world.pool.connection() as conn, conn.transaction():
            await lock_ids(conn, group)
            await store_films(conn, group, now=NOON)
            ids = [film.record.tmdb_id for film in group]
            await linking.link_stored(conn, ids, now=NOON)


async def linked_members(world: World) -> list[Any]:
    """Return every member with the film that it is linked to."""
    return await world.fetch(
        "SELECT key, entry_key, movie_id FROM list_entries JOIN lists ON lists.id = list_id ORDER BY 1, 2"
    )


@pytest.mark.recorded
async def test_recorded_lists_are_linked_to_recorded_films(
    world: World, recorded_data: Path
) -> None:
    """Held against the ids alone; list first and film first are the same, row by row."""
    films = list(read_films(recorded_data))
    lists = {
        key: read_list(
            (recorded_data / "lists" / name).read_bytes(),
            is_ranked=BY_KEY[key].is_ranked,
        )
        for key, name in FILES.items()
    }
    known = {film.record.imdb_id for film in films} - {None}
    expected = {
        key: len(known.intersection(entry.imdb_id for entry in told.entries))
        for key, told in lists.items()
    }

    assert await store_lists(world, lists) == dict.fromkeys(lists, 0)
    await arrive(world, films)
    list_first = await linked_members(world)
    await world.fetch("DELETE FROM lists RETURNING 1")
    linked = await store_lists(world, lists)

    assert all(expected.values())
    # Of the films that one list names by title alone, none is among these.
    assert linked == expected
    assert await linked_members(world) == list_first
