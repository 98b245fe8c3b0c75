"""Which film of TMDB's a title without an id means: a search, of which no hit is taken unchecked."""

from collections.abc import Iterable, Sequence
from typing import Final

from cinegraph.errors import AbsentAtSourceError
from cinegraph.festivals.lookups import Answer, Lookup, LookupCandidate, LookupState
from cinegraph.festivals.titles import TitledFilm, TitleMatch, match_title
from cinegraph.limits import Priority
from cinegraph.records.person import SearchedMovie
from cinegraph.sources.providers.tmdb.client import TmdbClient
from cinegraph.sources.providers.tmdb.transform import to_record

_MOST_CANDIDATES: Final = 5
_MOST_ASKED: Final = 3
"""Hits whose other titles are asked for: TMDB puts those that fit first."""


async def search_movie(tmdb: TmdbClient, lookup: Lookup, priority: Priority) -> Answer:
    """
    Return which film a title of an edition means, as far as that is sure.

    Asked first for the year that the edition honours, then for any: a film may have come out a year before it was shown
    where it is honoured. Where no hit has the title, the other titles of the first ones are asked for.

    Raises:
        SourceError: TMDB could not be asked.
    """
    title = lookup.title or ""
    films: dict[int, TitledFilm] = {}
    asked: set[int] = set()
    match = TitleMatch(None, ())
    for year in dict.fromkeys((lookup.year, None)):
        hits = await tmdb.search_movies(title, year, priority=priority)
        # What was asked for before is known by all its titles.
        films = {hit.tmdb_id: _to_film(hit) for hit in hits} | films
        match = _match(title, lookup.year, films.values())
        if match.found is None and not match.candidates:
            # TMDB finds films by titles that its answer does not tell.
            unasked = [hit for hit in hits if hit.tmdb_id not in asked]
            for hit in unasked[:_MOST_ASKED]:
                films[hit.tmdb_id] = await _with_titles(tmdb, hit, priority)
                asked.add(hit.tmdb_id)
            match = _match(title, lookup.year, films.values())
        if match.found is not None:
            return Answer(state=LookupState.FOUND, tmdb_id=match.found.film.tmdb_id)
    candidates = tuple(
        LookupCandidate(
            each.film.tmdb_id, each.film.title, each.film.year, round(each.score, 2)
        )
        for each in match.candidates[:_MOST_CANDIDATES]
    )
    state = LookupState.UNSURE if candidates else LookupState.ABSENT
    return Answer(state=state, reason=match.reason, candidates=candidates)


async def choose_movie(
    tmdb: TmdbClient, imdb_id: str, tmdb_ids: Sequence[int], priority: Priority
) -> Answer:
    """
    Return which of several films that TMDB finds for an IMDb id states it itself; if none does, all are candidates.

    Raises:
        SourceError: TMDB could not be asked.
    """
    stating: list[int] = []
    candidates = []
    for tmdb_id in tmdb_ids[:_MOST_CANDIDATES]:
        try:
            fetched = await tmdb.fetch_movie(tmdb_id, priority=priority, parts=())
        except AbsentAtSourceError:
            continue
        record = to_record(fetched.payload)
        if record.imdb_id == imdb_id:
            stating.append(tmdb_id)
        year = record.released_on.year if record.released_on else None
        candidates.append(LookupCandidate(tmdb_id, record.title, year, 0.5))
    if len(stating) == 1:
        return Answer(state=LookupState.FOUND, tmdb_id=stating[0])
    if not candidates:
        return Answer(
            state=LookupState.ABSENT,
            reason=f"TMDB finds films by the IMDb id {imdb_id} and has none of them any longer",
        )
    return Answer(
        state=LookupState.UNSURE,
        reason=f"TMDB finds several films by the IMDb id {imdb_id}",
        candidates=tuple(candidates),
    )


def _to_film(hit: SearchedMovie, *others: str) -> TitledFilm:
    return TitledFilm(
        hit.tmdb_id,
        hit.title,
        hit.original_title,
        hit.released_on,
        hit.popularity,
        others,
    )


async def _with_titles(
    tmdb: TmdbClient, hit: SearchedMovie, priority: Priority
) -> TitledFilm:
    """Return a hit with all its titles; without them where it has just gone."""
    try:
        fetched = await tmdb.fetch_movie(
            hit.tmdb_id, priority=priority, parts=("alternative_titles",)
        )
    except AbsentAtSourceError:
        return _to_film(hit)
    record = to_record(fetched.payload)
    return _to_film(hit, *(other.title for other in record.alternative_titles))


def _match(title: str, year: int | None, films: Iterable[TitledFilm]) -> TitleMatch:
    if year is None:
        return match_title(title, films, eligibility="any", ceremony_year=0)
    # The year is that of the films: as if a festival honoured its own.
    return match_title(title, films, eligibility="same_year", ceremony_year=year)
