"""Merging a daily list of films: whole or not at all, and what was said last counts, whichever came first."""

import asyncio
import gzip
import hashlib
import random
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from cinegraph.catalog import listing
from cinegraph.catalog.listing import MergedExport, NewestExport
from cinegraph.catalog.storing import StoredFilm
from cinegraph.db.pool import Pool
from cinegraph.records.export import (
    ExportRecord,
    ListedMovieRecord,
    PlausibleLines,
)
from cinegraph.sources.export_files import ExportRefusedError
from cinegraph.sources.providers.tmdb.export_lines import read_movies
from factories import make_film, make_record
from file_server import movie_line, zipped
from snapshots import rows_of

DAY = date(2026, 11, 24)
NEXT = DAY + timedelta(days=1)
THIRD = DAY + timedelta(days=2)
LISTED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

type Store = Callable[..., Awaitable[list[StoredFilm]]]
type Fetch = Callable[..., Awaitable[list[Any]]]
type Merge = Callable[..., Awaitable[MergedExport | None]]


def listed(
    tmdb_id: int,
    popularity: float = 1.5,
    *,
    is_adult: bool = False,
    is_video: bool = False,
    title: str = "Film",
) -> ListedMovieRecord:
    """Return a line of a list."""
    return ListedMovieRecord(tmdb_id, popularity, is_adult, is_video, title)


def exported(day: date, body: bytes = b"") -> ExportRecord:
    """Return the list of *day* as a file."""
    return ExportRecord(
        listed_on=day,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).digest(),
        fetched_at=NOW,
    )


@pytest.fixture
def merge(pool: Pool) -> Merge:
    """Return a function that merges lines in a transaction of its own."""

    async def run(
        lines: Iterable[ListedMovieRecord],
        day: date = DAY,
        *,
        kind: str = "movie",
        now: datetime = NOW,
    ) -> MergedExport | None:
        def read(_plausible: PlausibleLines) -> Iterator[Sequence[ListedMovieRecord]]:
            yield list(lines)

        async with pool.connection() as conn, conn.transaction():
            return await listing.merge_export(
                conn, read, kind=kind, export=exported(day), now=now
            )

    return run


@pytest.fixture
def merge_file(pool: Pool, tmp_path: Path) -> Merge:
    """Return a function that merges a file as the job does."""

    async def run(body: bytes, day: date = DAY) -> MergedExport | None:
        path = tmp_path / "list.gz"
        path.write_bytes(body)
        async with pool.connection() as conn, conn.transaction():
            return await listing.merge_export(
                conn,
                partial(read_movies, path),
                kind="movie",
                export=exported(day, body),
                now=NOW,
            )

    return run


class TestMerging:
    """What a list does to the films that are listed."""

    async def test_the_first_list(self, merge: Merge, fetch: Fetch) -> None:
        """Every line is a row, with its odd title as it is."""
        titles = [
            "tab\there",
            "line\nbreak",
            "back\\slash \\N",
            "",
            "é\U0001f600",
            "\\.",
        ]
        lines = [
            listed(number, number / 3, is_video=number == 2, title=title)
            for number, title in enumerate(titles, 1)
        ]

        merged = await merge(lines)

        assert merged == MergedExport(lines=6, new=6, changed=0, missing=0, refreshed=0)
        assert await fetch(
            "SELECT tmdb_id, kind, popularity, is_adult, is_video, original_title, stated_on, missing_since"
            " FROM listed_movies ORDER BY tmdb_id"
        ) == [
            (n, "movie", n / 3, False, n == 2, title, DAY, None)
            for n, title in enumerate(titles, 1)
        ]
        assert await fetch(
            "SELECT source, kind, listed_on, state, line_count, new_count, changed_count, missing_count, sha256"
            " FROM export_snapshots"
        ) == [("tmdb", "movie", DAY, "merged", 6, 6, 0, 0, exported(DAY).sha256)]

    async def test_the_next_list_touches_what_differs(
        self, pool: Pool, merge: Merge, fetch: Fetch
    ) -> None:
        """New, changed and missing ones are counted; rows that stay as they are are not written."""
        await merge([listed(1), listed(2), listed(3)])
        async with pool.connection() as conn:
            before = await rows_of(conn)

        merged = await merge([listed(1), listed(2, 9.0), listed(4)], NEXT)

        assert merged == MergedExport(lines=3, new=1, changed=1, missing=1, refreshed=0)
        assert await fetch(
            "SELECT tmdb_id, popularity, stated_on, missing_since FROM listed_movies ORDER BY tmdb_id"
        ) == [
            (1, 1.5, DAY, None),
            (2, 9.0, NEXT, None),
            (3, 1.5, DAY, NEXT),
            (4, 1.5, NEXT, None),
        ]
        async with pool.connection() as conn:
            after = await rows_of(conn)
        kept = before["listed_movies"].items() & after["listed_movies"].items()
        assert len(kept) == 1

    async def test_a_film_that_comes_back(self, merge: Merge, fetch: Fetch) -> None:
        """It is missing since the first list without it, and no longer once it is named again."""
        await merge([listed(1), listed(2)])
        await merge([listed(1)], NEXT)
        await merge([listed(1)], THIRD)
        missing = await fetch(
            "SELECT missing_since FROM listed_movies WHERE tmdb_id = 2"
        )

        merged = await merge([listed(1), listed(2)], THIRD + timedelta(days=1))

        assert missing == [NEXT]
        assert merged is not None
        assert (merged.new, merged.changed) == (0, 1)
        assert await fetch("SELECT missing_since FROM listed_movies") == [None, None]

    async def test_each_kind_misses_its_own(self, merge: Merge, fetch: Fetch) -> None:
        """The list of adult films says nothing about others; a film may move between them."""
        await merge([listed(1), listed(2)])
        adult = [listed(8, is_adult=True), listed(9, is_adult=True)]
        await merge(adult, kind="adult_movie")

        await merge([listed(1)], NEXT)
        await merge([listed(2, is_adult=True), adult[0]], NEXT, kind="adult_movie")

        assert await fetch(
            "SELECT tmdb_id, kind, is_adult, missing_since FROM listed_movies ORDER BY tmdb_id"
        ) == [
            (1, "movie", False, None),
            (2, "adult_movie", True, None),
            (8, "adult_movie", True, None),
            (9, "adult_movie", True, NEXT),
        ]

    @pytest.mark.parametrize("day", [NEXT, DAY], ids=["same", "older"])
    async def test_an_older_list_changes_nothing(
        self, pool: Pool, merge: Merge, day: date
    ) -> None:
        """Politely: no error, and nothing is read; also when a job runs again."""
        await merge([listed(1)], NEXT)
        async with pool.connection() as conn:
            before = await rows_of(conn)

        assert await merge([listed(1, 9.0), listed(2)], day) is None

        async with pool.connection() as conn:
            assert await rows_of(conn) == before

    async def test_the_lines_are_there_until_the_transaction_ends(
        self, pool: Pool
    ) -> None:
        """Whoever merges may go on with them, also with a second list; afterwards they are gone."""

        def read(number: int) -> listing.ReadLines[ListedMovieRecord]:
            return lambda _plausible: iter([[listed(number, is_video=True)]])

        async with pool.connection() as conn:
            async with conn.transaction():
                for number, kind in ((1, "movie"), (2, "adult_movie")):
                    await listing.merge_export(
                        conn, read(number), kind=kind, export=exported(DAY), now=NOW
                    )
                    staged = await conn.execute(
                        "SELECT tmdb_id, popularity, is_adult, is_video FROM export_staging"
                    )
                    assert await staged.fetchall() == [(number, 1.5, False, True)]
                timeout = await (
                    await conn.execute("SHOW statement_timeout")
                ).fetchone()
                assert timeout == ("10min",)
            gone = await conn.execute("SELECT to_regclass('pg_temp.export_staging')")
            assert await gone.fetchone() == (None,)
            timeout = await (await conn.execute("SHOW statement_timeout")).fetchone()
            assert timeout == ("30s",)

    async def test_the_newest_is_found(self, pool: Pool, merge: Merge) -> None:
        """By kind; None before the first."""
        await merge([listed(1)])
        await merge([listed(1), listed(2)], NEXT)

        async with pool.connection() as conn:
            newest = await listing.find_newest_export(conn, kind="movie")
            other = await listing.find_newest_export(conn, kind="adult_movie")

        assert newest == NewestExport(NEXT, 2)
        assert other is None

    async def test_two_at_once(self, merge: Merge, fetch: Fetch) -> None:
        """One merges, the other finds it done."""
        lines = [listed(number) for number in range(1, 20_001)]

        merged = await asyncio.gather(merge(lines), merge(lines), merge(lines))

        assert sorted(each is None for each in merged) == [False, True, True]
        assert await fetch("SELECT count(*) FROM listed_movies") == [20_000]

    async def test_a_merge_that_is_stopped(
        self, pool: Pool, merge: Merge, fetch: Fetch
    ) -> None:
        """Changes nothing, and its connection serves others; the next merge is whole."""
        begun = threading.Event()

        def read(_plausible: PlausibleLines) -> Iterator[list[ListedMovieRecord]]:
            # Without an end of its own: only being stopped ends it.
            for number in count(1):
                yield [listed(number)]
                begun.set()

        async def merge_slowly() -> None:
            async with pool.connection() as conn, conn.transaction():
                await listing.merge_export(
                    conn, read, kind="movie", export=exported(DAY), now=NOW
                )

        task = asyncio.create_task(merge_slowly())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await fetch("SELECT count(*) FROM listed_movies") == [0]
        assert await merge([listed(1)]) is not None


class TestRefusing:
    """A file that cannot be believed changes nothing at all."""

    YESTERDAY = zipped(movie_line(n) for n in range(1, 1001))
    TODAY = zipped(movie_line(n, popularity=7.5) for n in range(1, 1051))

    BAD: ClassVar[dict[str, tuple[bytes, str]]] = {
        "truncated": (TODAY[: len(TODAY) // 2], "ends in the middle"),
        "20 bytes": (TODAY[:20], "ends in the middle"),
        "gzip of nothing": (gzip.compress(b""), "it has no line"),
        "html": (b"<html>Service unavailable</html>", "HTML"),
        "duplicate": (
            zipped(movie_line(n % 1000 + 1) for n in range(1001)),
            "line 1,001 names film 1 again",
        ),
        "people": (
            zipped(
                b'{"adult":false,"id":%d,"name":"A","popularity":1.0}\n' % n
                for n in range(1000)
            ),
            "line 1 is not a film",
        ),
        "a foreign line at the end": (
            zipped(
                [*(movie_line(n, popularity=7.5) for n in range(1, 1000)), b"bye\n"]
            ),
            "line 1,000 is not a film",
        ),
        "huge id": (
            zipped(
                [
                    *(movie_line(n, popularity=7.5) for n in range(1, 1000)),
                    movie_line(2**31),
                ]
            ),
            "line 1,000 is not a film",
        ),
        "half": (
            zipped(movie_line(n) for n in range(1, 510)),
            "only 51 % of the 1,000 lines of 2026-11-24",
        ),
        "too many": (
            zipped(movie_line(n) for n in range(1, 1300)),
            "130 % of the 1,000 lines of 2026-11-24",
        ),
    }

    @pytest.mark.parametrize(("body", "reason"), BAD.values(), ids=BAD.keys())
    async def test_refused_whole(
        self, pool: Pool, store: Store, merge_file: Merge, body: bytes, reason: str
    ) -> None:
        """Yesterday's rows stay to the last byte; the next good list is merged."""
        await merge_file(self.YESTERDAY)
        await store(make_film(make_record(1), fetched_at=LISTED_AT - MINUTE))
        async with pool.connection() as conn:
            before = await rows_of(conn)

        with pytest.raises(ExportRefusedError, match=reason):
            await merge_file(body, NEXT)

        async with pool.connection() as conn:
            assert await rows_of(conn) == before
        merged = await merge_file(self.TODAY, THIRD)
        assert merged is not None
        assert (merged.lines, merged.new, merged.changed) == (1050, 50, 1000)

    async def test_the_first_list_has_what_is_stored(
        self, store: Store, merge_file: Merge
    ) -> None:
        """Without a list before it, the stored films say how many there are at least, adult ones apart."""
        records = [replace(make_record(n), is_adult=n > 10) for n in range(1, 31)]
        await store(*map(make_film, records))

        with pytest.raises(
            ExportRefusedError, match="only 80 % of the 10 films that are stored"
        ):
            await merge_file(zipped(movie_line(n) for n in range(1, 9)))
        merged = await merge_file(zipped(movie_line(n) for n in range(1, 100)))

        assert merged is not None
        assert merged.lines == 99

    async def test_a_refusal_is_noted_once(self, pool: Pool, fetch: Fetch) -> None:
        """With its reason; the same file again is the same refusal, another file is another."""
        for body, reason in (
            (b"a", "cut"),
            (b"a", "cut"),
            (b"b", "cut"),
            (b"b", "HTML"),
        ):
            async with pool.connection() as conn:
                await listing.note_refused(
                    conn, kind="movie", export=exported(DAY, body), reason=reason
                )

        assert await fetch(
            "SELECT state, reason, listed_on, merged_at FROM export_snapshots ORDER BY id"
        ) == [("refused", reason, DAY, None) for reason in ("cut", "cut", "HTML")]

    async def test_a_refused_day_can_be_merged_later(
        self, pool: Pool, merge: Merge
    ) -> None:
        """The file may be mended upstream the same day."""
        async with pool.connection() as conn:
            await listing.note_refused(
                conn, kind="movie", export=exported(DAY), reason="cut"
            )

        assert await merge([listed(1)]) is not None


async def test_the_planner_is_told_of_a_long_first_list(
    merge: Merge, fetch: Fetch
) -> None:
    """Of a table it knows nothing of it expects one row: it would compare every film with every line, for minutes."""
    await merge(listed(number) for number in range(1, listing.MANY + 2))

    assert await fetch(
        "SELECT reltuples >= 1000 FROM pg_class WHERE relname = 'listed_movies'"
    ) == [True]


def film_of(popularity: float | None, *, at: datetime, **facts: Any) -> Any:  # noqa: ANN401 - fields of a record
    """Return film 1 as its document says it."""
    record = replace(make_record(1), popularity=popularity, **facts)
    return make_film(record, fetched_at=at)


class TestWhatWasSaidLast:
    """Popularity and the two flags of a stored film: of its document, or of the newest list that names it."""

    SAID = "SELECT popularity, is_adult, is_video FROM movies WHERE tmdb_id = 1"

    async def test_a_list_newer_than_the_document(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """Its values count, and the film's row says when it changed."""
        await store(film_of(2.0, at=LISTED_AT - MINUTE), now=LISTED_AT - MINUTE)

        merged = await merge([listed(1, 5.0, is_video=True)], now=NOW)

        assert merged is not None
        assert merged.refreshed == 1
        assert await fetch(self.SAID) == [(5.0, False, True)]
        assert await fetch("SELECT updated_at FROM movies") == [NOW]

    @pytest.mark.parametrize("late", [timedelta(0), MINUTE])
    async def test_a_document_newer_than_the_list(
        self, store: Store, merge: Merge, fetch: Fetch, late: timedelta
    ) -> None:
        """The list of 08:00 does not undo what was fetched since, though it is merged later."""
        await store(film_of(2.0, at=LISTED_AT + late))

        merged = await merge([listed(1, 5.0)], now=NOW)

        assert merged is not None
        assert merged.refreshed == 0
        assert await fetch(self.SAID) == [(2.0, False, False)]

    async def test_equal_values_are_not_written(
        self, pool: Pool, store: Store, merge: Merge
    ) -> None:
        """A film of which the list says the same stays as it is."""
        await store(film_of(5.0, at=LISTED_AT - MINUTE))
        async with pool.connection() as conn:
            before = await rows_of(conn)

        await merge([listed(1, 5.0)])

        async with pool.connection() as conn:
            assert (await rows_of(conn))["movies"] == before["movies"]

    @pytest.mark.parametrize(
        ("at", "popularity"),
        [(LISTED_AT - MINUTE, 5.0), (LISTED_AT, 2.0), (LISTED_AT + MINUTE, 2.0)],
        ids=["older", "same", "newer"],
    )
    async def test_a_film_stored_after_the_list(
        self, store: Store, merge: Merge, fetch: Fetch, at: datetime, popularity: float
    ) -> None:
        """The same, whichever comes first: a rebuild from old documents ends with the list's values."""
        await merge([listed(1, 5.0)])

        await store(film_of(2.0, at=at))

        assert await fetch(self.SAID) == [(popularity, False, False)]

    async def test_unknown_popularity_is_what_was_said(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """A newer document that does not tell it counts too, and an older one does not hide the list's."""
        await merge([listed(1, 5.0)])
        await store(film_of(None, at=LISTED_AT - MINUTE))
        first = await fetch(self.SAID)

        await store(film_of(None, at=LISTED_AT + MINUTE))

        assert first == [(5.0, False, False)]
        assert await fetch(self.SAID) == [(None, False, False)]

    async def test_an_unchanged_document_is_said_again(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """The same body, received after the list, states its values anew."""
        await store(film_of(2.0, at=LISTED_AT - MINUTE))
        await merge([listed(1, 5.0)])
        later = NOW + MINUTE

        (stored,) = await store(film_of(2.0, at=later), now=later)

        assert not stored.is_changed
        assert await fetch(self.SAID) == [(2.0, False, False)]
        assert await fetch("SELECT updated_at FROM movies") == [later]

    async def test_an_outdated_document_says_nothing(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """An older body than the stored one, stored after the list, changes neither."""
        await store(film_of(2.0, at=LISTED_AT - MINUTE))
        await merge([listed(1, 5.0)])

        await store(film_of(3.0, at=LISTED_AT - 2 * MINUTE))

        assert await fetch(self.SAID) == [(5.0, False, False)]

    async def test_a_film_the_list_no_longer_names(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """It keeps what was said last: the last list that named it is older than a document fetched since."""
        await merge([listed(1, 5.0), listed(2)])
        await merge([listed(2)], NEXT)
        await store(film_of(2.0, at=LISTED_AT - MINUTE))
        old = await fetch(self.SAID)

        await store(film_of(3.0, at=LISTED_AT + MINUTE))

        assert old == [(5.0, False, False)]
        assert await fetch(self.SAID) == [(3.0, False, False)]

    async def test_each_kind_has_its_own_day(
        self, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """A list of adult films of long ago is not as new as today's list of the others."""
        await merge([listed(1, 5.0, is_adult=True)], kind="adult_movie")
        await merge([listed(2)], NEXT)

        await store(film_of(2.0, at=LISTED_AT + MINUTE, is_adult=True))

        assert await fetch(self.SAID) == [(2.0, True, False)]

    async def test_any_order_ends_with_the_same_rows(
        self, pool: Pool, store: Store, merge: Merge, fetch: Fetch
    ) -> None:
        """Documents and lists of a week, in random order of storing, against the rule computed by hand."""
        draw = random.Random(5)  # noqa: S311 - invented
        days = [DAY + timedelta(days=n) for n in range(4)]
        for _ in range(12):
            async with pool.connection() as conn:
                await conn.execute(
                    "TRUNCATE documents, movies, listed_movies, export_snapshots CASCADE"
                )
            said: dict[datetime, tuple[float, bool]] = {}
            documents: list[datetime] = []
            for day in days:
                at = datetime.combine(day, LISTED_AT.timetz())
                acts = [
                    ("list", at),
                    ("film", at + timedelta(hours=draw.randint(-20, 20)) + MINUTE),
                ]
                draw.shuffle(acts)
                for act, moment in acts:
                    values = (draw.randrange(3) + 0.5, draw.random() < 0.5)
                    if act == "list":
                        said[moment] = values
                        await merge([listed(1, values[0], is_video=values[1])], day)
                    else:
                        if not documents or moment > max(documents):
                            said = {t: v for t, v in said.items() if t not in documents}
                            said[moment] = values
                            documents.append(moment)
                        await store(film_of(values[0], at=moment, is_video=values[1]))
                    if documents:
                        expected = said[max(said)]
                        assert await fetch(
                            "SELECT popularity, is_video FROM movies"
                        ) == [expected]


async def test_merging_and_storing_at_once(
    merge: Merge, store: Store, fetch: Fetch
) -> None:
    """Neither waits for the other for ever, and what was said last counts in the end."""
    films = [
        make_film(
            replace(make_record(n), popularity=0.5), fetched_at=LISTED_AT - MINUTE
        )
        for n in range(1, 201)
    ]
    await store(*films)

    async def store_again(first: int) -> None:
        for round_number in range(6):
            at = NOW + round_number * MINUTE
            mine = films[first::3]
            changed = [
                make_film(
                    replace(film.record, popularity=float(round_number)), fetched_at=at
                )
                for film in mine
            ]
            draw = random.Random(first)  # noqa: S311 - invented
            draw.shuffle(changed)
            await store(*changed[:30])

    async def merge_all() -> None:
        for number in range(4):
            await merge(
                [listed(n, number + 10.25) for n in range(1, 201)],
                DAY + timedelta(days=number - 3),
            )

    await asyncio.wait_for(
        asyncio.gather(merge_all(), *(store_again(n) for n in range(3))), 60
    )

    newest = await fetch(
        "SELECT count(*) FROM movies JOIN documents ON external_id = tmdb_id::text"
        " WHERE popularity <> CASE WHEN checked_at < %s THEN 13.25 ELSE 5 END",
        (LISTED_AT,),
    )
    assert newest == [0]
