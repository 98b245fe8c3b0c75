"""The lists of a recording: what it lacks is derived from the films' own bodies."""

from datetime import date, timedelta
from typing import Any

import msgspec

_FEWEST_VOTES = 300
"""TMDB's own bar for `top_rated`."""
_PLAYING_FOR = timedelta(days=45)


class Row(msgspec.Struct, frozen=True, gc=False):
    """What a list needs of a film."""

    tmdb_id: int
    imdb_id: str | None
    popularity: float
    vote_average: float
    vote_count: int
    release_date: str
    is_released: bool
    is_adult: bool
    is_video: bool
    original_title: str
    told: msgspec.Raw
    """The film as a list's row."""


class _Genre(msgspec.Struct):
    """A genre as a body names it."""

    id: int


class _Listed(msgspec.Struct):
    """The fields of a body that a list repeats; all but the id may be missing."""

    id: int
    adult: Any = False
    backdrop_path: Any = None
    genres: list[_Genre] = []
    original_language: Any = None
    original_title: Any = None
    overview: Any = ""
    popularity: float | None = 0.0
    poster_path: Any = None
    release_date: str | None = ""
    title: Any = None
    video: Any = False
    vote_average: float | None = 0.0
    vote_count: int | None = 0
    imdb_id: str | None = None
    status: str | None = None


_decode = msgspec.json.Decoder(_Listed).decode


def row_of(body: bytes) -> Row:
    """Read a film's row from its body."""
    film = _decode(body)
    told = {
        "adult": film.adult,
        "backdrop_path": film.backdrop_path,
        "genre_ids": [genre.id for genre in film.genres],
        "id": film.id,
        "original_language": film.original_language,
        "original_title": film.original_title,
        "overview": film.overview,
        "popularity": film.popularity,
        "poster_path": film.poster_path,
        "release_date": film.release_date,
        "title": film.title,
        "video": film.video,
        "vote_average": film.vote_average,
        "vote_count": film.vote_count,
    }
    return Row(
        tmdb_id=film.id,
        imdb_id=film.imdb_id or None,
        popularity=film.popularity or 0.0,
        vote_average=film.vote_average or 0.0,
        vote_count=film.vote_count or 0,
        release_date=film.release_date or "",
        is_released=film.status == "Released",
        is_adult=film.adult is True,
        is_video=film.video is True,
        original_title=str(film.original_title or film.title or ""),
        told=msgspec.Raw(msgspec.json.encode(told)),
    )


def derive(rows: dict[int, Row]) -> dict[str, list[int]]:
    """Order the films of each list; of equals the lower id comes first."""
    films = sorted(rows.values(), key=lambda row: row.tmdb_id)
    by_fame = sorted(films, key=lambda row: -row.popularity)
    voted = [row for row in films if row.vote_count >= _FEWEST_VOTES] or films
    today = max((row.release_date for row in films if row.is_released), default="")
    since = _days_before(today)
    lists = {
        "popular": by_fame,
        "trending": by_fame,
        "top_rated": sorted(voted, key=lambda r: (-r.vote_average, -r.vote_count)),
        "now_playing": [row for row in by_fame if since <= row.release_date <= today],
        "upcoming": [row for row in by_fame if row.release_date > today],
    }
    return {name: [row.tmdb_id for row in ranked] for name, ranked in lists.items()}


def _days_before(today: str) -> str:
    """Say since when a film counts as playing."""
    try:
        return (date.fromisoformat(today) - _PLAYING_FOR).isoformat()
    except ValueError:
        return "0"
