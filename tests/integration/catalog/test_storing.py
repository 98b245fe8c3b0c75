"""Storing films: every table, all or nothing, sets made equal, nothing rewritten in vain."""

import gzip
import hashlib
import itertools
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from msgspec.structs import replace

from cinegraph.catalog.recent import RecentStatements
from cinegraph.catalog.storing import StoredFilm, store_films
from cinegraph.db.pool import Pool
from cinegraph.records.movie import (
    CompanyRecord,
    CountryRecord,
    CreditKind,
    CreditRecord,
    ExternalIdRecord,
    GenreRecord,
    KeywordRecord,
    LanguageRecord,
    MovieRecord,
    RatingRecord,
    VideoRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from factories import (
    NOON,
    make_cast,
    make_film,
    make_person,
    make_record,
    make_whole_record,
)
from snapshots import catalog_of, rows_of, tables_of

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
NEXT_DAY = NOON + timedelta(days=1)
SHARED = {
    "collections",
    "companies",
    "countries",
    "genres",
    "keywords",
    "languages",
    "people",
    "watch_providers",
}
NOT_OF_FILMS = (
    "alert",
    "catalog_",
    "change_",
    "collaboration",
    "cri_",
    "daily_quotas",
    "enrichment_",
    "export_snapshots",
    "festival_",
    "heartbeat_",
    "held_burials",
    "hook_deliveries",
    "imitated_clock",
    "list_",
    "lists",
    "quota_days",
    "rebuild_",
    "recommendation_",
    "monitoring_",
    "movie_redirects",
    "nomination_",
    "operator_",
    "person_details",
    "schedule_slots",
    "schedules",
    "self_audits",
    "tombstones",
    "update_latencies",
    "vote_pace",
    "sync_",
    "oban_",
    "request_",
    "queue_",
    "quarantine",
    "clock",
    "leader",
)

type Store = Callable[..., Awaitable[list[StoredFilm]]]
type Fetch = Callable[..., Awaitable[list[Any]]]


async def test_a_whole_film_fills_every_table(pool: Pool, store: Store) -> None:
    """Every table of the catalogue holds what the film says, also a film not yet known."""
    (stored,) = await store(make_film(make_whole_record()))
    async with pool.connection() as conn:
        held = await catalog_of(conn)
    assert stored == StoredFilm(tmdb_id=603, is_new=True, is_changed=True)
    of_others = (
        "fact_history",
        "imdb_claims",
        "listed_movies",
        "movie_facts",
        "partial_documents",
        "rating_history",
    )
    empty = [name for name, rows in held.items() if not rows]
    assert sorted(empty) == sorted(of_others)
    (movie,) = held["movies"]
    assert movie["collection"] == 2344
    assert movie["release_date"] == "1999-03-31"
    assert movie["revenue_usd"] == 2_923_706_026
    assert {(row["person"], row["kind"], row["job"]) for row in held["credits"]} == {
        (6384, "cast", None),
        (9340, "crew", "Director"),
        (9340, "crew", "Writer"),
    }
    assert [row["recommended_tmdb_id"] for row in held["source_recommendations"]] == [
        604,
        999_999,
    ]
    assert {(row["kind"], row["country_code"]) for row in held["movie_countries"]} == {
        ("production", "US"),
        ("origin", "US"),
        ("origin", "AU"),
    }
    assert {row["site"]: row["value"] for row in held["movie_external_ids"]} == {
        "imdb": "tt0133093",
        "wikidata": "Q83495",
    }


async def test_no_table_of_films_is_forgotten_by_the_comparison(pool: Pool) -> None:
    """A table that a migration adds must be compared, or be named as not about films."""
    async with pool.connection() as conn:
        held = await catalog_of(conn)
        tables = await tables_of(conn)
    about_films = [name for name in tables if not name.startswith(NOT_OF_FILMS)]
    assert sorted(held) == sorted(about_films)


async def test_the_body_is_kept_byte_for_byte(store: Store, fetch: Fetch) -> None:
    """The document holds what was received, its hash and its size."""
    body = b'{"id": 603, "odd":  "spaces\\u00e9"}'
    film = make_film(make_record(), body=body)
    await store(film)
    ((packed, sha256, size, etag, fetched_at),) = await fetch(
        "SELECT body_gzip, sha256, size_bytes, etag, fetched_at FROM documents"
    )
    assert packed == film.document.body_gzip
    assert gzip.decompress(packed) == body
    assert sha256 == hashlib.sha256(body).digest()
    assert (size, etag, fetched_at) == (len(body), 'W/"1"', NOON)


async def test_a_rating_carries_its_time(store: Store, fetch: Fetch) -> None:
    """A rating is as of when it was fetched, and keeps that time while it does not move."""
    record = make_whole_record()
    query = "SELECT value, votes, as_of FROM ratings"
    await store(make_film(record))
    assert await fetch(query) == [(8.2, 26_000, NOON)]
    await store(make_film(replace(record, title="Matrix"), fetched_at=LATER))
    assert await fetch(query) == [(8.2, 26_000, NOON)]
    moved = replace(record, rating=RatingRecord("user_score", 8.1, 26_001))
    await store(make_film(moved, fetched_at=NEXT_DAY))
    assert await fetch(query) == [(8.1, 26_001, NEXT_DAY)]


async def test_money_beyond_integer_and_unknowns(store: Store, fetch: Fetch) -> None:
    """Money is a bigint, a date a date, and what is not known is null."""
    record = make_record(budget_usd=5_000_000_000, released_on=date(2020, 2, 29))
    await store(make_film(record))
    assert await fetch(
        "SELECT budget_usd, revenue_usd, release_date, runtime_minutes, overview FROM movies"
    ) == [(5_000_000_000, None, date(2020, 2, 29), None, None)]


TRIGGER = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
"""
WRITTEN = sorted(
    {
        "documents",
        "movies",
        "credits",
        "ratings",
        "source_recommendations",
        "watch_offers",
        "videos",
        "releases",
        "alternative_titles",
        "movie_external_ids",
        "movie_genres",
        "movie_keywords",
        "movie_companies",
        "movie_countries",
        "movie_languages",
    }
    | SHARED
)


async def test_a_failure_in_any_statement_leaves_nothing(
    pool: Pool, store: Store
) -> None:
    """Whichever table refuses its row, no table holds anything of the film."""
    left = {}
    async with pool.connection() as conn:
        await conn.execute(TRIGGER)
    for table in WRITTEN:
        name = psycopg.sql.Identifier(table)
        create = psycopg.sql.SQL(
            "CREATE TRIGGER refusing BEFORE INSERT ON {} EXECUTE FUNCTION refuse()"
        ).format(name)
        drop = psycopg.sql.SQL("DROP TRIGGER refusing ON {}").format(name)
        async with pool.connection() as conn:
            await conn.execute(create)
        with pytest.raises(psycopg.errors.CheckViolation):
            await store(make_film(make_whole_record()))
        async with pool.connection() as conn:
            await conn.execute(drop)
            held = await catalog_of(conn)
        left |= {f"{table}: {other}": rows for other, rows in held.items() if rows}
    assert left == {}


def _second_version(record: MovieRecord) -> MovieRecord:
    """A version in which every set has lost a row, kept one and gained one."""
    neo, director, _ = record.credits
    return replace(
        record,
        title="The Matrix (restored)",
        genres=(record.genres[1], GenreRecord(12, "Adventure")),
        keywords=(KeywordRecord(311, "dystopia"),),
        companies=(CompanyRecord(80, "Silver Pictures", "US", None),),
        production_countries=(CountryRecord("AU", "Australia"),),
        origin_countries=(CountryRecord("AU"),),
        spoken_languages=(LanguageRecord("fr", "French", None),),
        people=(*record.people, make_person(530, "Carrie-Anne Moss")),
        credits=(
            replace(neo, character="Thomas Anderson"),
            director,
            CreditRecord("c4", 530, CreditKind.CAST, None, None, "Trinity", 1),
        ),
        videos=(VideoRecord("v2", "Vimeo", "other"),),
        releases=(record.releases[1],),
        alternative_titles=(),
        external_ids=(
            ExternalIdRecord("imdb", "tt0133093"),
            ExternalIdRecord("facebook", "matrix"),
        ),
        recommended_tmdb_ids=(605, 604),
        watch_providers=(WatchProviderRecord(9, "Prime", None),),
        watch_offers=(WatchOfferRecord("FR", "rent", 9, 2),),
    )


async def test_sets_are_made_equal(pool: Pool, store: Store, fetch: Fetch) -> None:
    """After another version the film's sets are those of the version, none added to."""
    first = make_whole_record()
    second = _second_version(first)
    await store(make_film(first))
    (stored,) = await store(make_film(second, fetched_at=LATER), now=LATER)
    assert stored == StoredFilm(tmdb_id=603, is_new=False, is_changed=True)
    async with pool.connection() as conn:
        held = await catalog_of(conn)
    credits_held = {row["credit_id"]: row["character"] for row in held["credits"]}
    assert credits_held == {"c1": "Thomas Anderson", "c2": None, "c4": "Trinity"}
    assert await fetch("SELECT title, updated_at FROM movies") == [
        ("The Matrix (restored)", LATER)
    ]
    await _assert_equal_to_fresh_import(pool, second, held)


async def _assert_equal_to_fresh_import(
    pool: Pool, record: MovieRecord, held: dict[str, list[Any]]
) -> None:
    async with pool.connection() as conn:
        await conn.execute("TRUNCATE documents, movies CASCADE")
        async with conn.transaction():
            await store_films(conn, [make_film(record, fetched_at=LATER)], now=LATER)
        fresh = await catalog_of(conn)
    of_films = {name: rows for name, rows in held.items() if name not in SHARED}
    assert of_films == {name: fresh[name] for name in of_films}


async def test_rows_that_say_the_same_are_not_written_again(
    pool: Pool, store: Store
) -> None:
    """A changed film writes its document and what changed; every other row stays put."""
    first = make_whole_record()
    await store(make_film(first))
    async with pool.connection() as conn:
        before = await rows_of(conn)
    neo, *others = first.credits
    second = replace(first, credits=(replace(neo, character="Thomas"), *others))
    await store(make_film(second, fetched_at=LATER), now=LATER)
    async with pool.connection() as conn:
        after = await rows_of(conn)
    written = {
        name: len(set(after[name].items()) - set(before[name].items()))
        for name in after
    }
    assert {name: number for name, number in written.items() if number} == {
        "documents": 1,
        "credits": 1,
    }


async def test_an_unchanged_body_writes_nothing_but_its_time(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """The same body again, even days later, moves when the document was checked and nothing else."""
    film = make_film(make_whole_record())
    await store(film)
    async with pool.connection() as conn:
        before = await rows_of(conn)
    again = make_film(make_whole_record(), fetched_at=NEXT_DAY)
    (stored,) = await store(again, now=NEXT_DAY)
    assert stored == StoredFilm(tmdb_id=603, is_new=False, is_changed=False)
    assert await fetch("SELECT fetched_at, checked_at FROM documents") == [
        (NOON, NEXT_DAY)
    ]
    await store(film)
    assert await fetch("SELECT fetched_at, checked_at FROM documents") == [
        (NOON, NEXT_DAY)
    ]
    async with pool.connection() as conn:
        assert await rows_of(conn) == before


async def test_an_unchanged_body_is_not_written_again(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """A new time leaves the body where it lies, out of line, and no index is written."""
    dice = random.Random(1)  # noqa: S311 - repeatable
    body = bytes(dice.randrange(256) for _ in range(20_000))
    await store(make_film(make_record(), body=body))
    async with pool.connection() as conn:
        cursor = await conn.execute(
            "SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'documents'"
        )
        row = await cursor.fetchone()
        assert row is not None
        aside = psycopg.sql.SQL("SELECT ctid::text, xmin::text FROM {}").format(
            psycopg.sql.Identifier(*row[0].split("."))
        )
    before = await fetch(aside)
    await store(make_film(make_record(), body=body, fetched_at=NEXT_DAY))
    assert len(before) > 5
    assert await fetch(aside) == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_body_seen_before_and_after_another_counts(
    pool: Pool, store: Store, fetch: Fetch, order: tuple[int, ...]
) -> None:
    """A, B, A again: the film says A, in whatever order the three answers are stored."""
    first = make_whole_record()
    other = _second_version(first)
    answers = [
        make_film(record, fetched_at=NOON + timedelta(hours=hour))
        for hour, record in enumerate((first, other, first))
    ]
    for answer in answers:
        await store(answer)
    async with pool.connection() as conn:
        expected = await catalog_of(conn)
        await conn.execute("TRUNCATE documents, movies, people CASCADE")
    for place in order:
        await store(answers[place])
    async with pool.connection() as conn:
        assert await catalog_of(conn) == expected
    assert await fetch("SELECT title FROM movies") == [first.title]
    assert await fetch("SELECT checked_at FROM documents") == [NOON + 2 * HOUR]


@pytest.mark.parametrize("later", [timedelta(0), HOUR], ids=["at once", "later"])
async def test_two_documents_of_a_film_leave_the_same_in_either_order(
    pool: Pool, store: Store, later: timedelta
) -> None:
    """What the outdated one says of shared things counts too, whether it comes in time or late."""
    first = make_whole_record()
    pair = [
        make_film(first),
        make_film(_second_version(first), fetched_at=NOON + later),
    ]
    held = []
    for films in (pair, pair[::-1]):
        for film in films:
            await store(film)
        async with pool.connection() as conn:
            held.append(await catalog_of(conn))
            await conn.execute(
                "TRUNCATE documents, movies, people, collections, companies, countries,"
                " genres, keywords, languages, watch_providers CASCADE"
            )
    assert held[0] == held[1]


@pytest.mark.parametrize("step", [1, -1], ids=["in time", "late"])
async def test_a_rating_goes_with_its_votes(
    store: Store, fetch: Fetch, step: int
) -> None:
    """Nobody votes any more: the rating goes, in either order."""
    rated = make_whole_record()
    films = [
        make_film(rated),
        make_film(replace(rated, rating=None), fetched_at=LATER),
    ]
    for film in films[::step]:
        await store(film)
    assert await fetch("SELECT count(*) FROM ratings") == [0]


async def test_a_source_takes_only_its_own_rating(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """What another source says of a film stays."""
    rated = make_whole_record()
    await store(make_film(rated))
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO ratings SELECT id, 'press', 'critics', 7, 3, created_at FROM movies"
        )
    await store(make_film(replace(rated, rating=None), fetched_at=LATER))
    assert await fetch("SELECT source FROM ratings") == ["press"]


async def test_a_body_that_comes_again_states_nothing_anew(
    store: Store, fetch: Fetch
) -> None:
    """Its statements keep the day on which it was first stored."""
    ada = make_record(1, people=(make_person(7, "Ada"),))
    zoe = make_record(2, people=(make_person(7, "Zoe"),))
    await store(make_film(ada))
    await store(make_film(ada, fetched_at=NEXT_DAY + timedelta(days=1)))
    assert await fetch("SELECT name, stated_on FROM people") == [("Ada", NOON.date())]
    await store(make_film(zoe, fetched_at=NEXT_DAY))
    assert await fetch("SELECT name FROM people") == ["Zoe"]


async def test_a_film_whose_row_is_gone_is_stored_again(
    pool: Pool, store: Store
) -> None:
    """A document that outlived its film, as after a deletion by hand, keeps nobody from storing it."""
    film = make_film(make_whole_record())
    await store(film)
    async with pool.connection() as conn:
        before = await catalog_of(conn)
    for fetched_at in (NOON, LATER):
        async with pool.connection() as conn:
            await conn.execute("DELETE FROM movies")
        (stored,) = await store(make_film(film.record, fetched_at=fetched_at))
        assert stored == StoredFilm(tmdb_id=603, is_new=True, is_changed=True)
        async with pool.connection() as conn:
            assert await catalog_of(conn) == before


async def test_an_outdated_document_makes_no_film(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """When the row is gone it waits for the body that is stored, or a newer one."""
    await store(make_film(make_record(title="New"), fetched_at=LATER))
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM movies")
    (stored,) = await store(make_film(make_record(title="Old")))
    assert stored == StoredFilm(tmdb_id=603, is_new=False, is_changed=False)
    assert await fetch("SELECT count(*) FROM movies") == [0]


async def test_an_older_document_does_not_replace_a_newer_one(
    pool: Pool, store: Store
) -> None:
    """A late worker with yesterday's body changes nothing."""
    newer = make_film(make_record(title="New"), fetched_at=NEXT_DAY)
    older = make_film(make_record(title="Old"), fetched_at=NOON)
    await store(newer)
    async with pool.connection() as conn:
        before = await rows_of(conn)
    (stored,) = await store(older)
    assert not stored.is_changed
    async with pool.connection() as conn:
        assert await rows_of(conn) == before


@pytest.mark.parametrize("step", [1, -1], ids=["in time", "late"])
async def test_an_answer_without_imdb_id_takes_none_away(
    store: Store, fetch: Fetch, step: int
) -> None:
    """An empty `external_ids` leaves the IMDb id in both places, other ids go; in either order."""
    bare = replace(make_whole_record(), title="M", imdb_id=None, external_ids=())
    films = [make_film(make_whole_record()), make_film(bare, fetched_at=LATER)]
    for film in films[::step]:
        await store(film)
    assert await fetch("SELECT title, imdb_id FROM movies") == [("M", "tt0133093")]
    assert await fetch("SELECT site, value FROM movie_external_ids") == [
        ("imdb", "tt0133093")
    ]


async def test_another_imdb_id_replaces_the_old_one(store: Store, fetch: Fetch) -> None:
    """IMDb ids redirect: the source's new one counts, also when the old one comes late."""
    await store(make_film(make_record(imdb_id="tt1")))
    await store(make_film(make_record(imdb_id="tt2"), fetched_at=LATER))
    assert await fetch("SELECT imdb_id FROM movies") == ["tt2"]
    await store(make_film(make_record(imdb_id="tt3"), fetched_at=NOON))
    assert await fetch("SELECT imdb_id FROM movies") == ["tt2"]


async def test_rows_without_a_document_are_made_equal_too(
    pool: Pool, store: Store, fetch: Fetch
) -> None:
    """A film whose document was purged is still known: its old credits go."""
    await store(make_film(make_whole_record()))
    async with pool.connection() as conn:
        await conn.execute("DELETE FROM documents")
    bare = replace(make_whole_record(), credits=(), people=(), genres=())
    (stored,) = await store(make_film(bare, fetched_at=LATER))
    assert not stored.is_new
    assert await fetch("SELECT count(*) FROM credits") == [0]
    assert await fetch("SELECT count(*) FROM movie_genres") == [0]


async def test_of_two_statements_the_later_day_wins(store: Store, fetch: Fetch) -> None:
    """A person is what the later document says, whichever is stored first."""
    old = make_record(1, people=(make_person(7, "Zoe"),), credits=(make_cast("a", 7),))
    new = make_record(2, people=(make_person(7, "Ada"),), credits=(make_cast("b", 7),))
    await store(make_film(new, fetched_at=NEXT_DAY))
    await store(make_film(old, fetched_at=NOON))
    assert await fetch("SELECT name, stated_on FROM people") == [
        ("Ada", NEXT_DAY.date())
    ]


async def test_a_bare_origin_code_takes_no_name_away(
    store: Store, fetch: Fetch
) -> None:
    """A country is named by whoever names it, however late the bare code comes."""
    named = make_record(1, production_countries=(CountryRecord("FR", "France"),))
    bare = make_record(2, origin_countries=(CountryRecord("FR"),))
    await store(make_film(bare, fetched_at=NEXT_DAY))
    await store(make_film(named, fetched_at=NOON))
    assert await fetch("SELECT name FROM countries") == ["France"]


async def test_a_bare_code_in_the_same_group_takes_no_name_away(
    store: Store, fetch: Fetch
) -> None:
    """The same holds between films of one transaction."""
    named = make_record(1, production_countries=(CountryRecord("FR", "France"),))
    bare = make_record(2, origin_countries=(CountryRecord("FR"),))
    await store(make_film(bare, fetched_at=NEXT_DAY), make_film(named, fetched_at=NOON))
    assert await fetch("SELECT name FROM countries") == ["France"]


async def test_a_repeated_statement_counts_from_its_last_day(
    store: Store, fetch: Fetch
) -> None:
    """What was said again later outlives another word from between, in any order."""
    first = make_film(make_record(1, people=(make_person(7, "Ada"),)))
    again = make_film(
        make_record(2, people=(make_person(7, "Ada"),)),
        fetched_at=NOON + timedelta(days=2),
    )
    between = make_film(
        make_record(3, people=(make_person(7, "Zoe"),)), fetched_at=NEXT_DAY
    )
    await store(first)
    await store(again)
    await store(between)
    assert await fetch("SELECT name FROM people") == ["Ada"]


async def test_known_statements_are_not_sent_again(pool: Pool, fetch: Fetch) -> None:
    """With a memory of what is stored the rows come out the same."""
    recent = RecentStatements()
    for tmdb_id in (1, 2):
        film = make_film(replace(make_whole_record(), tmdb_id=tmdb_id))
        async with pool.connection() as conn, conn.transaction():
            await store_films(conn, [film], now=NOON, recent=recent)
        recent.commit()
    assert await fetch("SELECT count(*) FROM people") == [2]
    assert await fetch("SELECT count(*) FROM credits") == [6]
    assert await fetch("SELECT count(*) FROM movie_genres") == [4]


async def test_text_the_database_cannot_hold_is_refused(store: Store) -> None:
    """A NUL character fails as a fault of the data, not of the connection."""
    with pytest.raises(psycopg.DataError):
        await store(make_film(make_record(title="a\0b")))


async def test_times_carry_their_zone(store: Store, fetch: Fetch) -> None:
    """A video's time comes back as the same moment."""
    at = datetime(2020, 1, 1, 23, 30, tzinfo=UTC)
    video = VideoRecord("v", "YouTube", "k", published_at=at)
    await store(make_film(make_record(videos=(video,))))
    assert await fetch("SELECT published_at FROM videos") == [at]


def test_records_are_json_both_ways() -> None:
    """The factory's bodies tell films apart by what they say."""
    record = make_whole_record()
    assert msgspec.json.decode(msgspec.json.encode(record), type=MovieRecord) == record
