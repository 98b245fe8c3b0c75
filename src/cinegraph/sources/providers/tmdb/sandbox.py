"""
The inverse of `transform`: a record as TMDB's JSON would tell it.

What a record does not know is written in one of the forms TMDB uses for it (`null`,
`""`, `0`, a key left out), chosen by the film's id, so that a client meets all of them.
Nothing here draws lots or does I/O.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from cinegraph.records.movie import (
    CreditKind,
    CreditRecord,
    MovieRecord,
    PersonRecord,
    ReleaseRecord,
    VideoRecord,
    WatchOfferRecord,
)

type Json = dict[str, Any]
type RowOf = Callable[[int], object]
"""
Gives the list row of a film by its id: a dict, or JSON already encoded (`msgspec.Raw`).
"""

_NO_ROWS: Json = {"page": 1, "results": [], "total_pages": 0, "total_results": 0}

EMPTY_PARTS: dict[str, Json] = {
    "alternative_titles": {"titles": []},
    "changes": {"changes": []},
    "credits": {"cast": [], "crew": []},
    "external_ids": {
        "imdb_id": None,
        "wikidata_id": None,
        "facebook_id": None,
        "instagram_id": None,
        "twitter_id": None,
    },
    "images": {"backdrops": [], "logos": [], "posters": []},
    "keywords": {"keywords": []},
    "lists": _NO_ROWS,
    "recommendations": _NO_ROWS,
    "release_dates": {"results": []},
    "reviews": _NO_ROWS,
    "similar": _NO_ROWS,
    "translations": {"translations": []},
    "videos": {"results": []},
    "watch/providers": {"results": {}},
}
"""
Every part `append_to_response` knows for a film, as TMDB answers it when it holds
nothing.
"""

_EXTERNAL_SITES = ("imdb", "wikidata", "facebook", "instagram", "twitter")
_ROWS_A_PAGE = 20
_REPEATED_COMPANY_EVERY = 97
_IMDB_ID_LEFT_OUT_EVERY = 11


def movie_details(movie: MovieRecord) -> Json:
    """Write the film itself, without any part of `append_to_response`."""
    return {
        "adult": movie.is_adult,
        "backdrop_path": movie.backdrop_path,
        "belongs_to_collection": _collection(movie),
        "budget": movie.budget_usd or 0,
        "genres": [{"id": g.tmdb_id, "name": g.name} for g in movie.genres],
        "homepage": movie.homepage or "",
        "id": movie.tmdb_id,
        "imdb_id": movie.imdb_id or _blank(movie.tmdb_id),
        "origin_country": [country.code for country in movie.origin_countries],
        "original_language": movie.original_language,
        "original_title": movie.original_title,
        "overview": movie.overview or "",
        "popularity": movie.popularity,
        "poster_path": movie.poster_path,
        "production_companies": _companies(movie),
        "production_countries": [
            {"iso_3166_1": country.code, "name": country.name}
            for country in movie.production_countries
        ],
        "release_date": _release_date(movie),
        "revenue": movie.revenue_usd or 0,
        "runtime": movie.runtime_minutes or 0,
        "spoken_languages": [
            {"english_name": it.english_name, "iso_639_1": it.code, "name": it.name}
            for it in movie.spoken_languages
        ],
        "status": movie.status,
        "tagline": movie.tagline or "",
        "title": movie.title,
        "video": movie.is_video,
        **_votes(movie),
    }


def movie_parts(movie: MovieRecord, parts: Iterable[str], row_of: RowOf) -> Json:
    """Write the *parts* asked for; as TMDB, pass over names it does not know."""
    return {part: _part(movie, part, row_of) for part in parts if part in EMPTY_PARTS}


def list_row(movie: MovieRecord) -> Json:
    """Write the film as one row of a list, of recommendations or of a search."""
    return {
        "adult": movie.is_adult,
        "backdrop_path": movie.backdrop_path,
        "genre_ids": [genre.tmdb_id for genre in movie.genres],
        "id": movie.tmdb_id,
        "original_language": movie.original_language,
        "original_title": movie.original_title,
        "overview": movie.overview or "",
        "popularity": movie.popularity,
        "poster_path": movie.poster_path,
        "release_date": _release_date(movie),
        "title": movie.title,
        "video": movie.is_video,
        **_votes(movie),
    }


def list_page(
    rows: list[object], *, page: int, total_results: int, total_pages: int
) -> Json:
    """Write one page of a list."""
    return {
        "page": page,
        "results": rows,
        "total_pages": total_pages,
        "total_results": total_results,
    }


def user_list(
    rows: Sequence[object], *, number: int, page: int, total: int, total_pages: int
) -> Json:
    """Write one page of a list that a user keeps."""
    return {
        "created_by": "someone",
        "description": "",
        "favorite_count": 0,
        "id": number,
        "iso_639_1": "en",
        "item_count": total,
        "items": rows,
        "name": f"List {number}",
        "page": page,
        "poster_path": None,
        "total_pages": total_pages,
        "total_results": total,
    }


def find_results(
    rows: Sequence[object] = (),
    *,
    people: Sequence[object] = (),
    shows: Sequence[object] = (),
) -> Json:
    """Write what `/find` answers: what was found, and empty lists of all else."""
    return {
        "movie_results": rows,
        "person_results": people,
        "tv_results": shows,
        "tv_episode_results": [],
        "tv_season_results": [],
    }


class Life(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What TMDB knows of a person beside what every credit repeats."""

    imdb_id: str | None = None
    also_known_as: tuple[str, ...] = ()
    born_on: date | None = None
    died_on: date | None = None
    birthplace: str | None = None
    biography: str | None = None
    homepage: str | None = None
    wikidata_id: str | None = None


def person_details(person: PersonRecord, life: Life) -> Json:
    """Write the person, without any part of `append_to_response`."""
    return {
        "adult": person.is_adult,
        "also_known_as": life.also_known_as,
        "biography": life.biography or "",
        "birthday": life.born_on and life.born_on.isoformat(),
        "deathday": life.died_on and life.died_on.isoformat(),
        "gender": person.gender or 0,
        "homepage": life.homepage,
        "id": person.tmdb_id,
        "imdb_id": life.imdb_id,
        "known_for_department": person.known_for_department,
        "name": person.name,
        "place_of_birth": life.birthplace,
        "popularity": person.popularity,
        "profile_path": person.profile_path,
    }


def person_external_ids(life: Life) -> Json:
    """Write the part `external_ids` of a person."""
    names = "freebase_mid freebase_id tvrage_id facebook_id instagram_id tiktok_id twitter_id youtube_id"
    return {
        "imdb_id": life.imdb_id,
        "wikidata_id": life.wikidata_id,
        **dict.fromkeys(names.split()),
    }


def person_row(person: PersonRecord, known_for: Sequence[object] = ()) -> Json:
    """Write the person as `/find` names them; *known_for* holds rows of films."""
    return {**_person(person), "media_type": "person", "known_for": known_for}


def show_row(movie: MovieRecord) -> Json:
    """Write a film that TMDB keeps as a TV show as `/find` names it."""
    row = list_row(movie)
    for name in ("title", "original_title", "release_date", "video"):
        del row[name]
    return {
        **row,
        "name": movie.title,
        "original_name": movie.original_title,
        "media_type": "tv",
        "first_air_date": _release_date(movie),
        "origin_country": [country.code for country in movie.origin_countries],
    }


def _part(movie: MovieRecord, part: str, row_of: RowOf) -> Json:
    """Write one part."""
    if part == "recommendations":
        return _recommendations(movie, row_of)
    write = _WRITERS.get(part)
    return EMPTY_PARTS[part] if write is None else write(movie)


def _collection(movie: MovieRecord) -> Json | None:
    """Write the collection the film belongs to."""
    collection = movie.collection
    if collection is None:
        return None
    return {
        "id": collection.tmdb_id,
        "name": collection.name,
        "poster_path": collection.poster_path,
        "backdrop_path": collection.backdrop_path,
    }


def _companies(movie: MovieRecord) -> list[Json]:
    """Write the companies; some films of TMDB name the first one twice."""
    rows: list[Json] = [
        {
            "id": company.tmdb_id,
            "logo_path": company.logo_path,
            "name": company.name,
            "origin_country": company.country_code or "",
        }
        for company in movie.companies
    ]
    return rows if movie.tmdb_id % _REPEATED_COMPANY_EVERY else rows + rows[:1]


def _release_date(movie: MovieRecord) -> str:
    """Write the date, or the empty text TMDB has when it knows none."""
    return "" if movie.released_on is None else movie.released_on.isoformat()


def _votes(movie: MovieRecord) -> Json:
    """Write the rating; none is told as zero."""
    rating = movie.rating
    if rating is None:
        return {"vote_average": 0.0, "vote_count": 0}
    return {"vote_average": rating.value, "vote_count": rating.votes or 0}


def _blank(tmdb_id: int) -> str | None:
    """Choose the form in which this film's unknown texts are told."""
    return "" if tmdb_id & 1 else None


def _credits(movie: MovieRecord) -> Json:
    """Write cast and crew, each row with the person's own fields repeated."""
    people = {person.tmdb_id: _person(person) for person in movie.people}
    blank = _blank(movie.tmdb_id)
    cast: list[Json] = []
    crew: list[Json] = []
    for credit in movie.credits:
        person = people[credit.person_tmdb_id]
        if credit.kind is CreditKind.CAST:
            cast.append(_cast_row(person, credit, len(cast), blank))
        else:
            crew.append(_crew_row(person, credit))
    return {"cast": cast, "crew": crew}


def _person(person: PersonRecord) -> Json:
    """Write what every credit of a person repeats."""
    return {
        "adult": person.is_adult,
        "gender": person.gender or 0,
        "id": person.tmdb_id,
        "known_for_department": person.known_for_department,
        "name": person.name,
        "original_name": person.original_name,
        "popularity": person.popularity,
        "profile_path": person.profile_path,
    }


def _cast_row(
    person: Json, credit: CreditRecord, index: int, blank: str | None
) -> Json:
    """Write a cast credit; an unknown character is empty text or null."""
    return {
        **person,
        "cast_id": index + 1,
        "character": credit.character or blank,
        "credit_id": credit.credit_id,
        "order": credit.position,
    }


def _crew_row(person: Json, credit: CreditRecord) -> Json:
    """Write a crew credit."""
    return {
        **person,
        "credit_id": credit.credit_id,
        "department": credit.department,
        "job": credit.job,
    }


def _external_ids(movie: MovieRecord) -> Json:
    """Write the ids elsewhere; some films have their IMDb id in the details alone."""
    known = {external.site: external.value for external in movie.external_ids}
    if movie.tmdb_id % _IMDB_ID_LEFT_OUT_EVERY == 0:
        known.pop("imdb", None)
    return {f"{site}_id": known.get(site) for site in _EXTERNAL_SITES}


def _keywords(movie: MovieRecord) -> Json:
    """Write the keywords."""
    return {"keywords": [{"id": k.tmdb_id, "name": k.name} for k in movie.keywords]}


def _videos(movie: MovieRecord) -> Json:
    """Write the videos."""
    return {"results": [_video(video) for video in movie.videos]}


def _video(video: VideoRecord) -> Json:
    """Write one video; its time has milliseconds and a Z."""
    published = video.published_at
    return {
        "iso_639_1": video.language_code,
        "iso_3166_1": video.country_code,
        "name": video.name,
        "key": video.key,
        "site": video.site,
        "size": video.height_pixels,
        "type": video.kind,
        "official": video.is_official,
        "published_at": published and f"{published:%Y-%m-%dT%H:%M:%S.000Z}",
        "id": video.video_id,
    }


def _release_dates(movie: MovieRecord) -> Json:
    """Write the releases, grouped by country."""
    countries: defaultdict[str, list[Json]] = defaultdict(list)
    for release in movie.releases:
        countries[release.country_code].append(_release(release))
    return {
        "results": [
            {"iso_3166_1": code, "release_dates": rows}
            for code, rows in countries.items()
        ]
    }


def _release(release: ReleaseRecord) -> Json:
    """Write one release."""
    return {
        "certification": release.certification or "",
        "descriptors": [],
        "iso_639_1": release.language_code,
        "note": release.note or "",
        "release_date": f"{release.released_at:%Y-%m-%dT%H:%M:%S.000Z}",
        "type": release.kind,
    }


def _alternative_titles(movie: MovieRecord) -> Json:
    """Write the titles used elsewhere."""
    return {
        "titles": [
            {"iso_3166_1": title.country_code, "title": title.title, "type": title.kind}
            for title in movie.alternative_titles
        ]
    }


def _recommendations(movie: MovieRecord, row_of: RowOf) -> Json:
    """Write the recommended films as list rows."""
    rows = [row_of(tmdb_id) for tmdb_id in movie.recommended_tmdb_ids]
    pages = -(-len(rows) // _ROWS_A_PAGE)
    return list_page(rows, page=1, total_results=len(rows), total_pages=pages)


def _watch_providers(movie: MovieRecord) -> Json:
    """Write who offers the film, by country and kind."""
    names = {p.tmdb_id: (p.name, p.logo_path) for p in movie.watch_providers}
    countries: dict[str, Json] = {}
    for offer in movie.watch_offers:
        country = countries.setdefault(offer.country_code, _watch_link(movie, offer))
        name, logo_path = names[offer.provider_tmdb_id]
        country.setdefault(offer.kind, []).append(
            {
                "logo_path": logo_path,
                "provider_id": offer.provider_tmdb_id,
                "provider_name": name,
                "display_priority": offer.position,
            }
        )
    return {"results": countries}


def _watch_link(movie: MovieRecord, offer: WatchOfferRecord) -> Json:
    """Write the link that stands before a country's offers."""
    site = "https://www.themoviedb.org/movie"
    return {"link": f"{site}/{movie.tmdb_id}/watch?locale={offer.country_code}"}


_WRITERS: dict[str, Callable[[MovieRecord], Json]] = {
    "alternative_titles": _alternative_titles,
    "credits": _credits,
    "external_ids": _external_ids,
    "keywords": _keywords,
    "release_dates": _release_dates,
    "videos": _videos,
    "watch/providers": _watch_providers,
}
