"""Keywords, videos, releases, titles and offers of the invented films."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from cinegraph.records.movie import (
    KeywordRecord,
    MovieRecord,
    ReleaseRecord,
    TitleRecord,
    VideoRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from cinegraph.sandbox import words
from cinegraph.sandbox.tastes import Lean

_COUNTRY_CODES = tuple(words.COUNTRIES)
_CERTIFICATIONS = ("", "", "", "PG-13", "R", "12", "16", "U/A 16+", "18")
_OFFER_KINDS = ("flatrate", "rent", "buy", "ads", "free")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def draw(movie: MovieRecord, chance: Random, today: date, lean: Lean) -> dict[str, Any]:
    """Draw what has a part of its own in a film, as arguments of the record."""
    offered = draw_offers(chance)
    return {
        "keywords": draw_keywords(chance, lean),
        "videos": _videos(movie, chance, today),
        "releases": draw_releases(movie, chance),
        "alternative_titles": draw_titles(movie, chance),
        **offered,
    }


def draw_offers(chance: Random) -> dict[str, Any]:
    """Draw who offers the film, and everyone named there, as arguments of the record."""
    offers = _offers(chance)
    numbers = dict.fromkeys(offer.provider_tmdb_id for offer in offers)
    return {
        "watch_offers": offers,
        "watch_providers": tuple(_provider(number) for number in numbers),
    }


def draw_keywords(
    chance: Random, lean: Lean | None = None
) -> tuple[KeywordRecord, ...]:
    """Draw up to 24 keywords, mostly few."""
    count = int(25 * chance.random() ** 2)
    drawn = [chance.random() for _ in range(count)]
    if lean is not None:
        drawn = [lean.draw(one, 6, share=0.5, own=8) for one in drawn]
    numbers = dict.fromkeys(int(one * len(words.KEYWORDS)) for one in drawn)
    return tuple(
        KeywordRecord(800 + number, words.KEYWORDS[number]) for number in numbers
    )


def _videos(movie: MovieRecord, chance: Random, today: date) -> tuple[VideoRecord, ...]:
    """Draw up to seven videos."""
    count = int(8 * chance.random() ** 3)
    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    return tuple(
        make_video(movie.tmdb_id, index, chance, start) for index in range(count)
    )


def make_video(
    tmdb_id: int, index: int, chance: Random, before: datetime
) -> VideoRecord:
    """Draw one video."""
    draw = chance.random
    kind = words.VIDEO_KINDS[int(draw() * len(words.VIDEO_KINDS))]
    return VideoRecord(
        video_id=f"63{tmdb_id:014x}{index:08x}",
        site="Vimeo" if draw() < 0.03 else "YouTube",
        key="".join(_LETTERS[int(draw() * len(_LETTERS))] for _ in range(11)),
        name=f"Official {kind} #{index + 1} – “{movie_word(draw())}”",
        kind=kind,
        language_code="en",
        country_code="US",
        height_pixels=(360, 480, 720, 1080, 2160)[int(draw() * 5)],
        is_official=draw() < 0.8,
        published_at=before - timedelta(seconds=int(draw() * 5e8)),
    )


def movie_word(drawn: float) -> str:
    """Pick a noun."""
    return words.NOUNS[int(drawn * len(words.NOUNS))]


def draw_releases(movie: MovieRecord, chance: Random) -> tuple[ReleaseRecord, ...]:
    """Draw releases in up to eight countries, some with several kinds."""
    if movie.released_on is None:
        return ()
    day = movie.released_on
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    draw = chance.random
    codes = dict.fromkeys(
        _COUNTRY_CODES[int(draw() * len(_COUNTRY_CODES))]
        for _ in range(1 + int(8 * draw() ** 2))
    )
    return tuple(
        ReleaseRecord(
            country_code=code,
            kind=kind,
            released_at=first + timedelta(days=30 * (kind - 1)),
            language_code="en" if draw() < 0.1 else "",
            certification=_CERTIFICATIONS[int(draw() * len(_CERTIFICATIONS))] or None,
            note="Festival premiere – “Panorama”" if draw() < 0.08 else None,
        )
        for code in codes
        for kind in range(3, 3 + 1 + int(4 * draw() ** 4))
    )


def draw_titles(movie: MovieRecord, chance: Random) -> tuple[TitleRecord, ...]:
    """Draw titles used in up to six countries."""
    draw = chance.random
    titles: dict[tuple[str, str, str], TitleRecord] = {}
    for _ in range(int(7 * draw() ** 2)):
        language = tuple(words.NATIVE)[int(draw() * len(words.NATIVE))]
        pieces = words.NATIVE[language]
        title = f"{pieces[int(draw() * len(pieces))]} {movie.title}"
        kind = "working title" if draw() < 0.2 else ""
        code = words.HOMES[language][0]
        titles[code, title, kind] = TitleRecord(code, title, kind)
    return tuple(titles.values())


def _offers(chance: Random) -> tuple[WatchOfferRecord, ...]:
    """Draw who offers the film in up to nine countries."""
    draw = chance.random
    codes = dict.fromkeys(
        _COUNTRY_CODES[int(draw() * len(_COUNTRY_CODES))]
        for _ in range(int(10 * draw() ** 2))
    )
    offers: dict[tuple[str, str, int], WatchOfferRecord] = {}
    for code in codes:
        for kind in _OFFER_KINDS[: 1 + int(5 * draw() ** 3)]:
            for _ in range(1 + int(3 * draw())):
                number = int(len(words.PROVIDERS) * draw() ** 2)
                offers[code, kind, number] = WatchOfferRecord(
                    code, kind, 2 + number, position=number * 3
                )
    return tuple(offers.values())


def _provider(tmdb_id: int) -> WatchProviderRecord:
    """Give a provider, the same wherever it is named."""
    number = tmdb_id - 2
    return WatchProviderRecord(
        tmdb_id, words.PROVIDERS[number].strip(), f"/provider{number}.jpg"
    )
