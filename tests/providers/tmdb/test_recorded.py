"""
Every recorded body of TMDB decodes, or is refused for a reason named here.

The tables map each recorded path to the decoder that Cinegraph uses for it, or to why
Cinegraph never asks for it. A recording that no row fits fails the test, so a new one
has to be decided upon.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cinegraph.errors import AbsentAtSourceError, PayloadError, SourceRejectedError
from cinegraph.sources.answers import find_rule, parse_error_body
from cinegraph.sources.decoding import BodyDecoder
from cinegraph.sources.providers.tmdb import payloads
from cinegraph.sources.providers.tmdb.answers import TMDB_ANSWERS
from cinegraph.sources.providers.tmdb.listed import to_listed_movies
from cinegraph.sources.providers.tmdb.transform import (
    to_found_ids,
    to_movie_page,
    to_record,
)

pytestmark = pytest.mark.recorded

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)

type Decoder = Callable[[bytes], object]


def part(payload_type: type) -> Decoder:
    """Return the decoder of a part that was recorded by itself."""
    return BodyDecoder(payload_type, source="tmdb", endpoint="part").decode


def film(body: bytes) -> object:
    """Decode a film with the parts it happens to have, down to the record."""
    has = msgspec.json.decode(body)
    parts = tuple(name for name in payloads.MOVIE_PARTS if name in has)
    return to_record(payloads.decode_movie(body, expected_id=has["id"], parts=parts))


def whole_film(body: bytes) -> object:
    """Decode a film with every part that we ask for."""
    return to_record(payloads.decode_movie(body))


def page(body: bytes) -> object:
    """Decode a page of films; every row tells its film's votes."""
    decoded = to_movie_page(payloads.decode_list(body), last_page=500)
    told = to_listed_movies(body, fetched_at=NOON)
    assert [movie.record.tmdb_id for movie in told] == list(decoded.tmdb_ids)
    return decoded


def found(body: bytes) -> object:
    """Decode what an external id stands for."""
    return to_found_ids(payloads.decode_find(body))


DECODED: dict[str, Decoder] = {
    r"movie/\d+|movie/latest": film,
    r"movie/\d+/credits": part(payloads.CreditsPayload),
    r"movie/\d+/external_ids": part(payloads.ExternalIdsPayload),
    r"movie/\d+/keywords": part(payloads.KeywordsPayload),
    r"movie/\d+/videos": part(payloads.VideosPayload),
    r"movie/\d+/release_dates": part(payloads.ReleaseDatesPayload),
    r"movie/\d+/(recommendations|similar)": part(payloads.RecommendationsPayload),
    r"movie/\d+/alternative_titles": part(payloads.AlternativeTitlesPayload),
    r"movie/\d+/watch/providers": part(payloads.WatchProvidersPayload),
    r"movie/(popular|top_rated|now_playing|upcoming)": page,
    r"trending/movie/(day|week)": page,
    r"(discover|search)/movie": page,
    r"find/\w+": found,
    r"configuration": payloads.decode_configuration,
}

NEVER_ASKED: dict[str, str] = {
    r"tv/.*|(discover|search|trending|genre|certification)/tv\b.*": (
        "series are not ours"
    ),
    r"network/.*|watch/providers/tv": "networks and services of series are not ours",
    r"(trending|search)/(all|multi|person).*": "mixes kinds; we ask for films by name",
    r"person/.*|credit/.*": "people come with the credits of their films",
    r"search/(collection|company|keyword)": "we ask by id, not by name",
    r"collection/.*|company/.*|keyword/.*": "they come with their films",
    r"movie/\d+/(changes|images|lists|releases|reviews|translations)": "not stored",
    r"movie/\d+/(account_states|rating)": "belongs to a user's account",
    r"(account|authentication|list)\b.*": "belongs to a user's account",
    r"(movie|person|tv)/changes": "the changes feed is read elsewhere",
    r"genre/movie/list": "genres come with their films",
    r"configuration/.*": "names of countries and languages come with the films",
    r"certification/movie/list|watch/providers/regions": "not stored",
}

# The recordings of c-eg/themoviedbapi are files; their paths at TMDB are these.
FILES: dict[str, str] = {
    r"movies/(details|latest)": "movie/latest",
    r"movies/details_with_append_to_response": "movie/whole",
    r"movies/watch_providers": "movie/1/watch/providers",
    r"movies/(add|delete)_rating": "movie/1/rating",
    r"movies/(\w+)": r"movie/1/\1",
    r"movie_lists/(\w+)": r"movie/\1",
    r"trending/movies": "trending/movie/day",
    r"trending/people": "trending/person/day",
    r"trending/(all|tv)": r"trending/\1/day",
    r"discover/movies": "discover/movie",
    r"discover/tv": "discover/tv",
    r"find/(\w+)": r"find/\1",
    r"configuration/details": "configuration",
    r"configuration/(\w+)": r"configuration/\1",
    r"certifications/(\w+)": r"certification/\1/list",
    r"genres/(\w+)_list": r"genre/\1/list",
    r"changes/movie_list": "movie/changes",
    r"changes/people_list": "person/changes",
    r"changes/tv_list": "tv/changes",
    r"collections/(\w+)": r"collection/1/\1",
    r"people/(\w+)": r"person/1/\1",
    r"lists/(\w+)": r"list/1/\1",
}


def resolve(path: str) -> Decoder | str:
    """Return the decoder for *path*, or why it is never asked for."""
    decoders = [make for form, make in DECODED.items() if re.fullmatch(form, path)]
    reasons = [why for form, why in NEVER_ASKED.items() if re.fullmatch(form, path)]
    if path == "movie/whole":
        return whole_film
    assert len(decoders) + bool(reasons) == 1, f"decide what {path} is to us"
    return decoders[0] if decoders else reasons[0]


def check(path: str, body: bytes) -> str:
    """Decode *body*, or see that it cannot be mistaken for a film; say which."""
    answer = resolve(path)
    if isinstance(answer, str):
        with pytest.raises(PayloadError):
            payloads.decode_movie(body)
        return answer
    assert answer(body) is not None
    return "decoded"


def interactions(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield every recorded request with its answer."""
    with gzip.open(folder / "tmdb/interactions.jsonl.gz") as lines:
        yield from map(msgspec.json.decode, lines)


def test_every_interaction(recorded_data: Path) -> None:
    """Each answer decodes, is refused for a named reason, or is the error it says."""
    outcomes: dict[str, int] = {}
    for row in interactions(recorded_data):
        path = row["path"].removeprefix("/3/")
        body = msgspec.json.encode(row["body"])
        if row["status"] in (401, 404):
            code = parse_error_body(body).status_code
            error = find_rule(TMDB_ANSWERS, row["status"], code).error
            assert error in (AbsentAtSourceError, SourceRejectedError)
            outcome = error.code
        else:
            outcome = check(path, body)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    assert sum(outcomes.values()) >= 252
    assert outcomes["decoded"] >= 80
    assert outcomes["absent"] >= 8


def test_every_endpoint(recorded_data: Path) -> None:
    """Each endpoint's body decodes or is refused for a named reason."""
    folder = recorded_data / "tmdb/endpoints"
    decoded = []
    for file in sorted(folder.rglob("*.json")):
        name = str(file.relative_to(folder).with_suffix(""))
        path = next(
            match.expand(target)
            for form, target in FILES.items()
            if (match := re.fullmatch(form, name))
        )
        if check(path, file.read_bytes()) == "decoded":
            decoded.append(name)

    assert len(decoded) >= 24
    assert "movies/details_with_append_to_response" in decoded


def test_every_film(recorded_data: Path) -> None:
    """All recorded films decode, and count up to what others counted."""
    films = credit_ids = with_imdb_id = 0
    people: set[int] = set()
    seen: set[str] = set()
    with gzip.open(recorded_data / "tmdb/movies.jsonl.gz") as lines:
        for line in lines:
            made = to_record(payloads.decode_movie(line, parts=("credits",)))
            films += 1
            with_imdb_id += made.imdb_id is not None
            credit_ids += len(made.credits)
            people.update(person.tmdb_id for person in made.people)
            seen.update(credit.credit_id for credit in made.credits)

    assert (films, with_imdb_id) == (7831, 7720)
    assert credit_ids == len(seen) == 217_561 + 397_512
    assert len(people) == 330_657


def test_every_popular_page(recorded_data: Path) -> None:
    """All 500 pages decode; they drift, so films repeat between them."""
    pages = []
    with gzip.open(recorded_data / "tmdb/popular_pages.jsonl.gz") as lines:
        for number, line in enumerate(lines, 1):
            payload = payloads.decode_list(line, expected_page=number)
            pages.append(to_movie_page(payload, last_page=500))

    assert len(pages) == 500
    assert {page.total_pages for page in pages} == {500}
    named = [tmdb_id for page in pages for tmdb_id in page.tmdb_ids]
    assert (len(named), len(set(named))) == (10_000, 9_752)


def test_pages_tell_the_votes_that_films_have(recorded_data: Path) -> None:
    """Recorded on the same day as the films: a look at a film alone would tell no more."""
    votes: dict[int, int] = {}
    with gzip.open(recorded_data / "tmdb/popular_pages.jsonl.gz") as lines:
        for line in lines:
            for movie in to_listed_movies(line, fetched_at=NOON):
                rating = movie.record.rating
                votes.setdefault(movie.record.tmdb_id, rating.votes if rating else 0)
    both = off = 0
    with gzip.open(recorded_data / "tmdb/movies.jsonl.gz") as lines:
        for line in lines:
            film = msgspec.json.decode(line)
            told, listed = film["vote_count"], votes[film["id"]]
            both += 1
            off += abs(listed - told) > 0.02 * told
    assert len(votes) == 9_752
    assert (both, off) == (7_831, 10)
