"""
Invented films: small ones, whole ones, and many that speak of the same people.

A film's body is its record in JSON: what it says is what is stored, so two films that
say the same have the same hash.
"""

import gzip
import hashlib
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from cinegraph.catalog.documents import StoredDocument
from cinegraph.catalog.storing import Film
from cinegraph.catalog.titles import Title
from cinegraph.records.document import DocumentRecord
from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CountryRecord,
    CreditKind,
    CreditRecord,
    ExternalIdRecord,
    GenreRecord,
    KeywordRecord,
    LanguageRecord,
    MovieRecord,
    PersonRecord,
    RatingRecord,
    ReleaseRecord,
    TitleRecord,
    VideoRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from cinegraph.records.title import FactRecord, RatedTitleRecord

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
"""When films are fetched unless a test says otherwise: far from any midnight."""


def make_film(
    record: MovieRecord, *, fetched_at: datetime = NOON, body: bytes | None = None
) -> Film:
    """Return *record* as if TMDB had just sent it."""
    plain = msgspec.json.encode(record) if body is None else body
    return Film(
        document=DocumentRecord(
            source="tmdb",
            kind="movie",
            external_id=str(record.tmdb_id),
            body_gzip=gzip.compress(plain, mtime=0),
            sha256=hashlib.sha256(plain).digest(),
            size_bytes=len(plain),
            fetched_at=fetched_at,
            etag='W/"1"',
        ),
        record=record,
    )


def read_made(document: StoredDocument) -> Film:
    """Read a stored body that `make_film` made."""
    plain = document.unpack()
    record = msgspec.json.decode(plain, type=MovieRecord)
    return Film(document=document.as_received(plain), record=record)


def make_record(tmdb_id: int = 603, **facts: Any) -> MovieRecord:
    """Return a film of which only the title and what *facts* say is known."""
    return MovieRecord(tmdb_id=tmdb_id, **({"title": f"Film {tmdb_id}"} | facts))


def make_person(tmdb_id: int, name: str = "", **facts: Any) -> PersonRecord:
    """Return a person."""
    return PersonRecord(tmdb_id, name or f"Person {tmdb_id}", **facts)


def make_cast(credit_id: str, person_tmdb_id: int, **facts: Any) -> CreditRecord:
    """Return the credit of an actor."""
    return CreditRecord(credit_id, person_tmdb_id, CreditKind.CAST, **facts)


def make_whole_record(tmdb_id: int = 603) -> MovieRecord:
    """Return a film that has a row for every table."""
    return MovieRecord(
        tmdb_id=tmdb_id,
        title="The Matrix",
        imdb_id="tt0133093",
        original_title="The Matrix",
        original_language="en",
        overview="A hacker learns what is real.",
        tagline="Free your mind.",
        homepage="https://example.org/matrix",
        status="Released",
        released_on=date(1999, 3, 31),
        runtime_minutes=136,
        budget_usd=63_000_000,
        revenue_usd=2_923_706_026,
        popularity=83.5,
        poster_path="/poster.jpg",
        backdrop_path="/back.jpg",
        rating=RatingRecord("user_score", 8.2, 26_000),
        collection=CollectionRecord(2344, "The Matrix Collection", "/c.jpg", None),
        genres=(GenreRecord(28, "Action"), GenreRecord(878, "Science Fiction")),
        keywords=(KeywordRecord(310, "artificial intelligence"),),
        companies=(CompanyRecord(79, "Village Roadshow Pictures", "US", "/v.png"),),
        production_countries=(CountryRecord("US", "United States of America"),),
        origin_countries=(CountryRecord("US"), CountryRecord("AU")),
        spoken_languages=(LanguageRecord("en", "English", "English"),),
        people=(
            PersonRecord(6384, "Keanu Reeves", "Keanu Reeves", 2, "Acting", "/k.jpg"),
            PersonRecord(9340, "Lana Wachowski", None, 1, "Directing", None, 4.5),
        ),
        credits=(
            CreditRecord("c1", 6384, CreditKind.CAST, None, None, "Neo", 0),
            CreditRecord("c2", 9340, CreditKind.CREW, "Directing", "Director", None, 0),
            CreditRecord("c3", 9340, CreditKind.CREW, "Writing", "Writer", None, 1),
        ),
        videos=(
            VideoRecord(
                "v1",
                "YouTube",
                "key",
                "Trailer",
                "Trailer",
                "en",
                "US",
                1080,
                is_official=True,
                published_at=NOON,
            ),
        ),
        releases=(
            ReleaseRecord("US", 3, NOON, "", "R", None),
            ReleaseRecord("DE", 3, NOON, "de", None, "Kino"),
        ),
        alternative_titles=(TitleRecord("DE", "Matrix", ""),),
        external_ids=(
            ExternalIdRecord("imdb", "tt0133093"),
            ExternalIdRecord("wikidata", "Q83495"),
        ),
        recommended_tmdb_ids=(604, 999_999),
        watch_providers=(WatchProviderRecord(8, "Netflix", "/n.jpg"),),
        watch_offers=(WatchOfferRecord("DE", "flatrate", 8, 1),),
    )


def make_crowd(
    count: int, *, people: Sequence[int], seed: int = 0, first_id: int = 1
) -> list[Film]:
    """
    Return films that credit the same *people* under other names, in any order.

    What makes two writers meet: every film has a statement about every person, and no
    two films agree.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable
    films = []
    for tmdb_id in range(first_id, first_id + count):
        named = list(people)
        dice.shuffle(named)
        record = make_record(
            tmdb_id,
            companies=tuple(
                CompanyRecord(number, f"Company of {dice.random():.6f}")
                for number in dice.sample(range(1, 9), 4)
            ),
            people=tuple(make_person(n, f"{n} as {dice.random():.6f}") for n in named),
            credits=tuple(make_cast(f"{tmdb_id}-{n}", n, position=n) for n in named),
        )
        films.append(make_film(record))
    return films


def make_title(
    imdb_id: str = "tt0133093",
    *said: RatingRecord | FactRecord,
    at: datetime = NOON,
    note: str = "",
) -> Title:
    """Return a title as if it had come at some time; *note* makes another body of the same facts."""
    record = RatedTitleRecord(
        imdb_id=imdb_id,
        title="The Matrix",
        type="movie",
        year=note or None,
        ratings=tuple(each for each in said if isinstance(each, RatingRecord)),
        facts=tuple(each for each in said if isinstance(each, FactRecord)),
    )
    body = msgspec.json.encode(record)
    document = DocumentRecord(
        source="omdb",
        kind="title",
        external_id=imdb_id,
        body_gzip=gzip.compress(body, mtime=0),
        sha256=hashlib.sha256(body).digest(),
        size_bytes=len(body),
        fetched_at=at,
    )
    return Title(document=document, record=record)
