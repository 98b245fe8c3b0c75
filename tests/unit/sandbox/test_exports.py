"""What the daily files list, and how they are kept."""

import asyncio
import gc
import gzip
import os
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from cinegraph.sandbox.drift import ExportRow, drift
from cinegraph.sandbox.exports import (
    Shelf,
    StoppedError,
    StoredFile,
    export_lines,
    rating_lines,
)
from cinegraph.sandbox.world import World

_DAY = date(2026, 9, 1)


@pytest.fixture(scope="module")
def world() -> World:
    """Make a world of a few thousand films."""
    return World(5_000, seed=5)


def test_the_first_day_lists_the_films_as_they_are(world: World) -> None:
    """Every film once, by id, with the values of its own body; none for adults."""
    rows = list(world.export_rows(_DAY))

    assert [row.tmdb_id for row in rows] == list(world.ids())
    for row in rows[::7]:
        movie = world.movie(row.tmdb_id)
        assert movie is not None
        assert row == ExportRow(
            movie.tmdb_id,
            movie.original_title or "",
            movie.popularity or 0,
            movie.is_video,
        )
    assert any(row.is_video for row in rows)


def test_films_for_adults_have_an_export_of_their_own(world: World) -> None:
    """They can be asked for, are marked, and are on no other list."""
    rows = list(world.export_rows(_DAY, is_adult=True))
    ids = [row.tmdb_id for row in rows]

    assert len(ids) == 25
    assert ids == list(world.adult_ids())
    assert not set(ids) & set(world.ids())
    for row in rows:
        movie = world.movie(row.tmdb_id)
        assert movie is not None
        assert (movie.is_adult, movie.popularity) == (True, row.popularity)
    some = world.movie(next(world.ids()))
    assert some is not None
    assert not some.is_adult


def test_every_day_a_few_films_drift(world: World) -> None:
    """One in fifty has another popularity than the day before, and nothing else has."""
    before = list(world.export_rows(_DAY, _DAY))
    for days in range(1, 9):
        rows = list(world.export_rows(_DAY + timedelta(days=days), _DAY))
        changed = [
            (one, other)
            for one, other in zip(before, rows, strict=True)
            if one != other
        ]
        assert 0.01 < len(changed) / len(rows) < 0.03
        assert all(
            one._replace(popularity=other.popularity) == other for one, other in changed
        )
        before = rows


def test_a_day_is_the_same_however_it_is_reached(world: World) -> None:
    """Drift depends on the days since the first alone, also before it."""
    assert drift(10.0, 77, 5, 0) == 10.0
    assert drift(10.0, 77, 5, 200) == drift(10.0, 77, 5, 200)
    values = {drift(10.0, key, 5, days) for key in range(40) for days in (-99, 99)}
    assert len(values) > 60
    assert all(9 <= value <= 11 for value in values)
    later = _DAY + timedelta(days=3)
    assert list(world.export_rows(later)) == list(world.export_rows(_DAY))


def test_lines_are_tmdbs() -> None:
    """The fields in TMDB's order, compact, letters as they are, a line each."""
    rows = [ExportRow(3924, "Blondie", 1.8133, is_video=False)] * 101

    told = b"".join(export_lines(rows, is_adult=False))

    line = b'{"adult":false,"id":3924,"original_title":"Blondie","popularity":1.8133,"video":false}\n'
    assert told == line * 101


@pytest.mark.recorded
def test_lines_have_the_fields_of_recorded_ones(recorded_data: Path) -> None:
    """The same names, in the same order, of the same types."""
    path = recorded_data / "tmdb" / "daily_export_sample.jsonl"
    with path.open(encoding="utf-8") as file:
        recorded = msgspec.json.decode(file.readline())
    rows = [ExportRow(1, "Été", 2.5, is_video=True)]
    told = msgspec.json.decode(next(iter(export_lines(rows, is_adult=True))))

    assert list(told) == list(recorded)
    assert [type(value) for value in told.values()] == [
        type(value) for value in recorded.values()
    ]


def test_ratings_are_tab_separated() -> None:
    """IMDb's header, and a line a title."""
    told = b"".join(rating_lines([("tt0000001", 5.7, 2193), ("tt0000002", 6.0, 5)]))

    assert told == (
        b"tconst\taverageRating\tnumVotes\ntt0000001\t5.7\t2193\ntt0000002\t6.0\t5\n"
    )


async def test_a_file_is_written_once() -> None:
    """Two who ask at once wait for the same; another key is another file."""
    shelf, made = Shelf(), []

    def pieces() -> Iterator[bytes]:
        made.append(threading.current_thread())
        yield b"film\n" * 1_000
        yield b"end\n"

    one, same = await asyncio.gather(*(shelf.get("a", pieces) for _ in range(2)))
    other = await shelf.get("b", pieces)

    assert one is same
    assert one.etag == other.etag
    assert len(made) == 2
    assert threading.main_thread() not in made
    assert gzip.decompress(one.read(0, one.size)) == b"film\n" * 1_000 + b"end\n"
    await shelf.close()


async def test_a_writing_that_failed_is_tried_again() -> None:
    """A mistake of one day does not last."""
    shelf = Shelf()

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        await shelf.get("a", broken)

    assert (await shelf.get("a", lambda: [b"whole"])).size


async def test_only_the_last_files_are_kept() -> None:
    """The disk holds a few days, however long the sandbox runs."""
    shelf = Shelf()
    for day in range(30):
        await shelf.get(day, lambda: [b"x"])

    assert len(shelf._files) < 10
    await shelf.close()


async def test_ending_does_not_wait_for_a_file() -> None:
    """What is being written is given up."""
    shelf, begun = Shelf(), threading.Event()

    def endless() -> Iterator[bytes]:
        while True:
            begun.set()
            yield b"x"

    waiting = asyncio.create_task(shelf.get("a", endless))
    await asyncio.to_thread(begun.wait)
    await asyncio.wait_for(shelf.close(), 10)

    with pytest.raises(StoppedError):
        await waiting


def test_a_file_leaves_nothing_behind(tmp_path: Path) -> None:
    """It has no name from the start, and its descriptor goes with it."""
    file = StoredFile(str(tmp_path))
    file.append(b"0123456789")
    descriptor = file._fd

    assert list(tmp_path.iterdir()) == []
    assert file.read(2, 3) == b"234"
    del file
    gc.collect()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)
