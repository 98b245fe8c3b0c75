"""What the invented films are: everything of them but who made them."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import msgspec

from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CountryRecord,
    ExternalIdRecord,
    GenreRecord,
    LanguageRecord,
    MovieRecord,
    RatingRecord,
)
from cinegraph.sandbox import extras, words
from cinegraph.sandbox.dice import Lot, dice, mix
from cinegraph.sandbox.tastes import Lean, Tastes

_AHEAD_SHARE = 0.01
_PLAYING_SHARE = 0.005
_UNDATED_SHARE = 0.013
"""
Shares of all films still to come, just released, and without a date (33 of 9,752
popular ones, more elsewhere).
"""
_DAYS_AHEAD = 700
_YEARS_BACK = 120
_RATED_SHARE = 0.85
_BILLIONS_RANKS = 3
"""So many films of the highest popularity earned more than 2³¹ dollars."""
_VIDEO_EVERY = 200
_COLLECTION_STRIDE, _COLLECTION_FILMS = 24, 3
"""Of 24 film numbers in a row three are a trilogy."""


class Birth(msgspec.Struct, frozen=True, gc=False):
    """How a film began that was added while the world went on."""

    added_on: date
    released_on: date | None


class Standing(msgspec.Struct, frozen=True, gc=False):
    """A film's place in its world."""

    tmdb_id: int
    number: int
    imdb_id: str | None
    popularity_rank: int
    rating_rank: int
    date_rank: int
    is_adult: bool = False
    birth: Birth | None = None
    """Of a film that the world did not begin with; it dates the film instead of its rank."""


class Films:
    """Derives a film from its place in the world."""

    def __init__(self, size: int, base: int, today: date) -> None:
        self._size = max(size, 1)
        self._base = base
        self._today = today
        self.tastes = Tastes(size, base)
        self.films_ahead = int(size * _AHEAD_SHARE)
        self.films_playing = max(int(size * _PLAYING_SHARE), 20)

    def movie(self, standing: Standing, recommended: tuple[int, ...]) -> MovieRecord:
        """Give the whole film but its credits."""
        movie = self.summary(standing)
        chance = dice(self._base, 11, standing.number)
        lean = self.tastes.lean(standing.popularity_rank)
        return msgspec.structs.replace(
            movie,
            homepage=self._homepage(movie, chance),
            tagline=drawn_title(chance) if chance.random() < 0.45 else None,
            runtime_minutes=draw_runtime(chance),
            collection=self._collection(standing.number),
            companies=self._companies(chance, lean),
            spoken_languages=self._spoken(movie, chance),
            production_countries=tuple(
                CountryRecord(country.code, words.COUNTRIES[country.code])
                for country in movie.origin_countries
            ),
            external_ids=self._external_ids(movie, chance),
            recommended_tmdb_ids=recommended,
            **self._money(standing.popularity_rank, chance),
            **extras.draw(movie, chance, self._today, lean),
        )

    def summary(self, standing: Standing) -> MovieRecord:
        """Give what a list shows of the film."""
        chance = dice(self._base, 10, standing.number)
        draw = chance.random
        language, title, original_title = _names(self._base, standing.number)
        birth = standing.birth
        released_on = (
            self.released_on(standing.date_rank) if birth is None else birth.released_on
        )
        bits = mix(self._base ^ standing.tmdb_id)
        homes = words.HOMES[language]
        lean = self.tastes.lean(standing.popularity_rank)
        return MovieRecord(
            tmdb_id=standing.tmdb_id,
            imdb_id=standing.imdb_id,
            title=title,
            original_title=original_title,
            original_language=language,
            overview=overview(chance, lean) if draw() > 0.04 else None,
            status=self._status(
                released_on, self._today if birth is None else birth.added_on, draw()
            ),
            released_on=released_on,
            popularity=_popularity(standing.popularity_rank),
            is_adult=standing.is_adult,
            is_video=self._is_video(standing.number),
            poster_path=f"/{bits:016x}aP.jpg" if draw() < 0.93 else None,
            backdrop_path=f"/{bits:016x}bD.jpg" if draw() < 0.8 else None,
            rating=self._rating(standing, draw()),
            genres=_genres(chance, lean),
            origin_countries=tuple(
                CountryRecord(code) for code in homes[: 1 + int(draw() * len(homes))]
            ),
        )

    def listing(self, number: int, popularity_rank: int) -> tuple[str, float, bool]:
        """Give original title, popularity and video flag as `summary` does, quicker."""
        _, _, original_title = _names(self._base, number)
        return original_title, _popularity(popularity_rank), self._is_video(number)

    def names(self, number: int) -> tuple[str, str]:
        """Give title and original title as `summary` does, quicker."""
        _, title, original_title = _names(self._base, number)
        return title, original_title

    def _is_video(self, number: int) -> bool:
        """One film in two hundred went to video."""
        return mix(self._base ^ number ^ 0xF1) % _VIDEO_EVERY == 0

    def released_on(self, rank: int) -> date | None:
        """Date the film by its rank: first those ahead, last those without a date."""
        if rank < self.films_ahead:
            ahead = (self.films_ahead - rank) / self.films_ahead
            return self._today + timedelta(days=max(1, int(_DAYS_AHEAD * ahead)))
        undated_from = int(self._size * (1 - _UNDATED_SHARE))
        if rank >= undated_from > 0:
            return None
        past = (rank - self.films_ahead) / max(undated_from - self.films_ahead, 1)
        return self._today - timedelta(days=int(365.25 * _YEARS_BACK * past**2))

    @staticmethod
    def _status(released_on: date | None, today: date, drawn: float) -> str:
        """Say how far the film is; what has no date is seldom made."""
        if released_on is not None and released_on <= today:
            return "Released"
        if released_on is None and drawn < 0.2:
            return "Canceled"
        return words.STATUSES_AHEAD[int(drawn * len(words.STATUSES_AHEAD))]

    def _rating(self, standing: Standing, drawn: float) -> RatingRecord | None:
        """Rate by rank, so `top_rated` is in order; the last were never voted on."""
        place = standing.rating_rank / self._size
        if place >= _RATED_SHARE:
            return None
        votes = int(40_000 * drawn**2 * (standing.popularity_rank + 1) ** -0.3) + 1
        if standing.rating_rank < 10_000:
            votes += 300
        return RatingRecord("user_score", round(8.8 - 5 * place**0.5, 3), votes)

    @staticmethod
    def _homepage(movie: MovieRecord, chance: Random) -> str | None:
        """One film in five has a page."""
        if chance.random() > 0.2:
            return None
        return f"https://films.example/{movie.tmdb_id}"

    @staticmethod
    def _money(rank: int, chance: Random) -> dict[str, int | None]:
        """Draw budget and revenue; two of three films have no budget."""
        budget = revenue = None
        if chance.random() < 0.34:
            budget = int(10 ** (5 + 3.3 * chance.random()))
        if chance.random() < 0.4:
            revenue = int(10 ** (3 + 6 * chance.random()))
        if rank < _BILLIONS_RANKS:
            revenue = 2**31 + 10_007 * (rank + 1)
        return {"budget_usd": budget, "revenue_usd": revenue}

    def _collection(self, number: int) -> CollectionRecord | None:
        """Name the trilogy the film is part of; its three films say the same."""
        series, place = divmod(number, _COLLECTION_STRIDE)
        if place >= _COLLECTION_FILMS:
            return None
        chance = dice(self._base, 12, series)
        bits = mix(self._base ^ series ^ 0xC0)
        return CollectionRecord(
            tmdb_id=10 + series,
            name=f"{drawn_title(chance)} Collection",
            poster_path=f"/{bits:016x}cP.jpg" if bits & 3 else None,
            backdrop_path=f"/{bits:016x}cB.jpg" if bits & 12 else None,
        )

    def _companies(self, chance: Random, lean: Lean) -> tuple[CompanyRecord, ...]:
        """Draw the companies; the first of the world made very many films."""
        pool = max(self._size // 20, 50)
        count = int(6 * chance.random() ** 2)
        numbers = dict.fromkeys(
            int(pool * lean.draw(chance.random(), 1, share=0.5, own=4) ** 3)
            for _ in range(count)
        )
        return tuple(self._company(number) for number in numbers)

    def _company(self, number: int) -> CompanyRecord:
        """Give a company, the same wherever it is named."""
        bits = mix(self._base ^ number ^ 0xCC)
        word = words.COMPANY_WORDS[bits % len(words.COMPANY_WORDS)]
        form = words.COMPANY_FORMS[(bits >> 8) % len(words.COMPANY_FORMS)]
        codes = tuple(words.COUNTRIES)
        return CompanyRecord(
            tmdb_id=1 + number * 2,
            name=f"{word} {form} {number}" if number > 60 else f"{word} {form}",
            country_code=codes[(bits >> 16) % len(codes)] if bits & (3 << 24) else None,
            logo_path=f"/{bits:016x}.png" if bits & (1 << 30) else None,
        )

    @staticmethod
    def _spoken(movie: MovieRecord, chance: Random) -> tuple[LanguageRecord, ...]:
        """Name the languages spoken; a few films have none."""
        codes = dict.fromkeys(
            [movie.original_language or "en"]
            + [code for code in words.LANGUAGES if chance.random() < 0.03]
        )
        if chance.random() < 0.03:
            return ()
        return tuple(LanguageRecord(code, *words.LANGUAGES[code]) for code in codes)

    @staticmethod
    def _external_ids(
        movie: MovieRecord, chance: Random
    ) -> tuple[ExternalIdRecord, ...]:
        """Name the film's ids on other sites."""
        known = {
            "imdb": movie.imdb_id,
            "wikidata": f"Q{movie.tmdb_id * 7}" if chance.random() < 0.6 else None,
            "facebook": f"film{movie.tmdb_id}" if chance.random() < 0.1 else None,
            "instagram": f"film.{movie.tmdb_id}" if chance.random() < 0.1 else None,
            "twitter": f"film_{movie.tmdb_id}" if chance.random() < 0.1 else None,
        }
        return tuple(
            ExternalIdRecord(site, value) for site, value in known.items() if value
        )


def _popularity(rank: int) -> float:
    """Say how popular the film of this rank is."""
    fame: float = 487 * (rank + 1) ** -0.486
    return round(fame, 4)


def _names(base: int, number: int) -> tuple[str, str, str]:
    """Choose the original language, the title and the original title."""
    pick = Lot(mix(base ^ number ^ 0x17) << 64 | mix(base ^ number ^ 0x18)).pick
    language = words.ORIGINAL_LANGUAGES[pick(len(words.ORIGINAL_LANGUAGES))]
    title = _title(pick)
    return language, title, _native_title(pick, language) or title


def draw_runtime(chance: Random) -> int | None:
    """Draw the length; one film in forty has none."""
    if chance.random() < 0.025:
        return None
    return max(1, int(chance.gauss(104, 26)))


def drawn_title(chance: Random) -> str:
    """Draw an English title."""
    return _title(lambda size: int(chance.random() * size))


def _title(pick: Callable[[int], int]) -> str:
    """Make an English title; *pick* gives a number below its argument."""
    adjective = words.ADJECTIVES[pick(len(words.ADJECTIVES))]
    noun = words.NOUNS[pick(len(words.NOUNS))]
    place = words.PLACES[pick(len(words.PLACES))]
    sequel = 2 + pick(4)
    match pick(8):
        case 0:
            return f"The {noun} of {place}"
        case 1:
            return f"{adjective} {noun} {sequel}"
        case 2:
            return f'"{adjective}" & <{noun}>: {place}\'s Story…'
        case 3:
            return noun
        case 4:
            return f"A {adjective} {noun} in {place}"
        case _:
            return f"The {adjective} {noun}"


def _native_title(pick: Callable[[int], int], language: str) -> str | None:
    """Make a title in the language's own script, if the world has words of it."""
    pieces = words.NATIVE.get(language)
    if pieces is None:
        return None
    joint = "" if language in {"ja", "zh"} else " "
    return joint.join([pieces[pick(len(pieces))] for _ in range(2 + pick(3))])


def overview(chance: Random, lean: Lean | None = None) -> str:
    """Write what the film is about."""

    def draw(salt: int = 0) -> float:
        drawn = chance.random()
        if lean is None or not salt:
            return drawn
        return lean.draw(drawn, salt, share=0.5, own=4)

    sentences = [
        words.SENTENCES[int(draw() * len(words.SENTENCES))].format(
            a=words.ADJECTIVES[int(draw(2) * len(words.ADJECTIVES))].lower(),
            b=words.NOUNS[int(draw(3) * len(words.NOUNS))].lower(),
            c=words.PLACES[int(draw(4) * len(words.PLACES))],
        )
        for _ in range(1 + int(6 * draw() ** 1.5))
    ]
    return " ".join(sentences)


def _genres(chance: Random, lean: Lean) -> tuple[GenreRecord, ...]:
    """Draw up to four genres."""
    count = int(5 * chance.random())
    chosen = dict.fromkeys(
        words.GENRES[
            int(lean.draw(chance.random(), 5, share=0.6, own=3) * len(words.GENRES))
        ]
        for _ in range(count)
    )
    return tuple(GenreRecord(tmdb_id, name) for tmdb_id, name in chosen)
