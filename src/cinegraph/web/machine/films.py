"""Films: what is stored of them, how much they matter, what is like them, and why they are as they are."""

from typing import Annotated

import msgspec

from cinegraph.api import MovieNotFoundError, parse_reference
from cinegraph.catalog.browse import MovieDetails, MovieSummary
from cinegraph.catalog.searching import FilmSearch, FoundFilms
from cinegraph.enrichment.cri.explaining import Explanation
from cinegraph.enrichment.recommendations.browse import Recommendations
from cinegraph.enrichment.recommendations.kinds import DIVERSITY
from cinegraph.festivals.browse import FilmNomination
from cinegraph.monitoring.insights import MovieTrace
from cinegraph.monitoring.stories import explain_movie
from cinegraph.web.machine.endpoint import (
    Endpoint,
    EndpointRequest,
    Id,
    Limit,
    Page,
    to_page,
)


class MoviesArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which films."""

    after: Id | None = None
    """`next` of the page before: films with a larger number of ours."""
    limit: Limit = 100
    """At most so many."""


class SearchArguments(FilmSearch, frozen=True, kw_only=True):
    """Which films, by what they are called and when they were made."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    """At most so many."""


class MovieArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which film."""

    movie: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    """A number is TMDB's id, tt… IMDb's, #n (in an address `%23n`) ours."""


class RecommendationsArguments(MovieArguments, frozen=True, kw_only=True):
    """Of which film, and how."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20
    """At most so many."""
    diversity: Annotated[float, msgspec.Meta(ge=0, le=1)] = DIVERSITY
    """0: the most alike; 1: as little like one another as can be."""
    adult: bool = False
    """Whether films for adults may be among them."""


class Movie(msgspec.Struct, frozen=True, kw_only=True):
    """A stored film."""

    movie: MovieDetails
    why: str
    """Why it is fresh or stale, in a sentence a source."""


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """The story of a film."""

    trace: MovieTrace
    why: str
    """In a sentence a source."""


class Score(Explanation, frozen=True, kw_only=True):
    """A film's cultural relevance, reckoned now, and why."""

    is_stored: bool
    """Whether what is stored is what is explained."""


async def _list(request: EndpointRequest, asked: MoviesArguments) -> Page[MovieSummary]:
    found = await request.c.list_movies(after=asked.after, limit=asked.limit + 1)
    return to_page(found, asked.limit, lambda film: film.id)


async def _search(request: EndpointRequest, asked: SearchArguments) -> FoundFilms:
    return await request.c.search_films(asked, page_size=asked.limit)


async def _get(request: EndpointRequest, asked: MovieArguments) -> Movie:
    found = await _find(request, asked.movie)
    trace = await request.c.trace_movie(found.tmdb_id)
    return Movie(movie=found, why=explain_movie(found, trace))


async def _trace(request: EndpointRequest, asked: MovieArguments) -> Trace:
    kind, number = parse_reference(asked.movie)
    found = await request.c.find_movie(asked.movie)
    if found is None and kind != "tmdb":
        raise _not_found(asked.movie)
    trace = await request.c.trace_movie(int(number) if found is None else found.tmdb_id)
    if found is None and not trace.ledger and not trace.jobs:
        raise _not_found(asked.movie)
    return Trace(trace=trace, why=explain_movie(found, trace))


async def _score(request: EndpointRequest, asked: MovieArguments) -> Score:
    found = await request.c.explain_score(asked.movie)
    if found is None:
        raise _not_found(asked.movie)
    return Score(**msgspec.structs.asdict(found), is_stored=found.is_stored)


async def _recommendations(
    request: EndpointRequest, asked: RecommendationsArguments
) -> Recommendations:
    return await request.c.list_recommendations(
        asked.movie,
        limit=asked.limit,
        diversity=asked.diversity,
        include_adult=asked.adult,
    )


async def _nominations(
    request: EndpointRequest, asked: MovieArguments
) -> Page[FilmNomination]:
    found = await _find(request, asked.movie)
    return Page(await request.c.list_film_nominations(found.id))


async def _find(request: EndpointRequest, reference: str) -> MovieDetails:
    found = await request.c.find_movie(reference)
    if found is None:
        raise _not_found(reference)
    return found


def _not_found(reference: str) -> MovieNotFoundError:
    return MovieNotFoundError(
        f"no film {reference} is stored",
        hint=f"`cinegraph import movie {reference} --wait` fetches it.",
    )


ENDPOINTS = (
    Endpoint(
        path="/movies",
        summary="Stored films, in the order of our numbers, those that are gone among them",
        returns=Page[MovieSummary],
        read=_list,
        arguments=MoviesArguments,
        example="/movies?limit=10",
    ),
    Endpoint(
        path="/movies/search",
        summary="Stored films by words of any of their titles, years and genre, the most popular first",
        returns=FoundFilms,
        read=_search,
        arguments=SearchArguments,
        example="/movies/search?q=godfather",
    ),
    Endpoint(
        path="/movies/{movie}",
        summary="One film with its facts, ratings and first credits",
        returns=Movie,
        read=_get,
        arguments=MovieArguments,
        example="/movies/238",
    ),
    Endpoint(
        path="/movies/{movie}/score",
        summary="How much a film matters, term by term",
        returns=Score,
        read=_score,
        arguments=MovieArguments,
        example="/movies/tt0068646/score",
    ),
    Endpoint(
        path="/movies/{movie}/recommendations",
        summary="Films like a film, each with the reason, and TMDB's own beside",
        returns=Recommendations,
        read=_recommendations,
        arguments=RecommendationsArguments,
        example="/movies/238/recommendations?limit=5",
    ),
    Endpoint(
        path="/movies/{movie}/nominations",
        summary="For what a film was nominated, the latest edition first",
        returns=Page[FilmNomination],
        read=_nominations,
        arguments=MovieArguments,
        example="/movies/238/nominations",
    ),
    Endpoint(
        path="/movies/{movie}/trace",
        summary="What every source knows of a film, and every job about it; also of one that is not stored",
        returns=Trace,
        read=_trace,
        arguments=MovieArguments,
        example="/movies/238/trace",
    ),
)
