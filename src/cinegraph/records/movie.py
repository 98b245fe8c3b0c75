"""
A film as one source tells it, complete with everything that belongs to it.

Every collection is the whole set: storing makes the stored set equal to it. No collection holds the same key twice.
Ids are the source's (`tmdb_id`), never ours.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec


class CreditKind(StrEnum):
    """Which side of the camera; equal to the stored text."""

    CAST = "cast"
    CREW = "crew"


class PersonRecord(msgspec.Struct, frozen=True, gc=False):
    """A person as named in a film's credits."""

    tmdb_id: int
    name: str
    original_name: str | None = None
    gender: int | None = None
    """ISO-5218-like as TMDB has it: 1 woman, 2 man, 3 non-binary; unknown (0) is `None`."""
    known_for_department: str | None = None
    profile_path: str | None = None
    popularity: float | None = None
    is_adult: bool = False


class CreditRecord(msgspec.Struct, frozen=True, gc=False):
    """One credit: who did what; a person may have several in one film."""

    credit_id: str
    person_tmdb_id: int
    kind: CreditKind
    department: str | None = None
    job: str | None = None
    character: str | None = None
    position: int | None = None
    """Billing order of cast, 0-based with gaps; of crew the order in which the source lists them."""


class GenreRecord(msgspec.Struct, frozen=True, gc=False):
    """A genre."""

    tmdb_id: int
    name: str


class KeywordRecord(msgspec.Struct, frozen=True, gc=False):
    """A keyword."""

    tmdb_id: int
    name: str


class CompanyRecord(msgspec.Struct, frozen=True, gc=False):
    """A production company."""

    tmdb_id: int
    name: str
    country_code: str | None = None
    logo_path: str | None = None


class CollectionRecord(msgspec.Struct, frozen=True, gc=False):
    """A series of films, such as a trilogy."""

    tmdb_id: int
    name: str
    poster_path: str | None = None
    backdrop_path: str | None = None


class CountryRecord(msgspec.Struct, frozen=True, gc=False):
    """A country by ISO 3166-1 alpha-2 code."""

    code: str
    name: str | None = None


class LanguageRecord(msgspec.Struct, frozen=True, gc=False):
    """A language by ISO 639-1 code (TMDB also uses `xx` for "no language" and `cn` for Cantonese)."""

    code: str
    english_name: str | None = None
    name: str | None = None


class VideoRecord(msgspec.Struct, frozen=True, gc=False):
    """A trailer, teaser or clip on a video site."""

    video_id: str
    site: str
    key: str
    name: str | None = None
    kind: str | None = None
    language_code: str | None = None
    country_code: str | None = None
    height_pixels: int | None = None
    is_official: bool = False
    published_at: datetime | None = None


class ReleaseRecord(msgspec.Struct, frozen=True, gc=False):
    """One release of the film in one country."""

    country_code: str
    kind: int
    """1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV."""
    released_at: datetime
    language_code: str
    """Empty when the release is for all languages."""
    certification: str | None = None
    note: str | None = None


class TitleRecord(msgspec.Struct, frozen=True, gc=False):
    """Another title of the film in one country."""

    country_code: str
    title: str
    kind: str
    """The source's own word for it ("working title"); empty when it gives none."""


class ExternalIdRecord(msgspec.Struct, frozen=True, gc=False):
    """The film's id on another site: `imdb`, `wikidata`, `facebook`, `instagram`, `twitter`."""

    site: str
    value: str


class WatchProviderRecord(msgspec.Struct, frozen=True, gc=False):
    """A streaming or rental service. Data by JustWatch, who must be credited where it is shown."""

    tmdb_id: int
    name: str
    logo_path: str | None = None


class WatchOfferRecord(msgspec.Struct, frozen=True, gc=False):
    """That a provider offers the film in a country."""

    country_code: str
    kind: str
    """`flatrate`, `rent`, `buy`, `ads` or `free`."""
    provider_tmdb_id: int
    position: int | None = None


class RatingRecord(msgspec.Struct, frozen=True, gc=False):
    """A rating at the time of fetching."""

    kind: str
    """`user_score` for TMDB's vote average, on 0–10."""
    value: float
    votes: int | None = None


class MovieRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A film with everything one source says of it."""

    tmdb_id: int
    title: str
    imdb_id: str | None = None
    original_title: str | None = None
    original_language: str | None = None
    overview: str | None = None
    tagline: str | None = None
    homepage: str | None = None
    status: str | None = None
    released_on: date | None = None
    runtime_minutes: int | None = None
    budget_usd: int | None = None
    revenue_usd: int | None = None
    popularity: float | None = None
    is_adult: bool = False
    is_video: bool = False
    poster_path: str | None = None
    backdrop_path: str | None = None
    rating: RatingRecord | None = None
    collection: CollectionRecord | None = None
    genres: tuple[GenreRecord, ...] = ()
    keywords: tuple[KeywordRecord, ...] = ()
    companies: tuple[CompanyRecord, ...] = ()
    production_countries: tuple[CountryRecord, ...] = ()
    origin_countries: tuple[CountryRecord, ...] = ()
    spoken_languages: tuple[LanguageRecord, ...] = ()
    people: tuple[PersonRecord, ...] = ()
    """Everyone named in `credits`, each once."""
    credits: tuple[CreditRecord, ...] = ()
    videos: tuple[VideoRecord, ...] = ()
    releases: tuple[ReleaseRecord, ...] = ()
    alternative_titles: tuple[TitleRecord, ...] = ()
    external_ids: tuple[ExternalIdRecord, ...] = ()
    recommended_tmdb_ids: tuple[int, ...] = ()
    """In the source's order, best first; may name films not stored yet."""
    watch_providers: tuple[WatchProviderRecord, ...] = ()
    """Everyone named in `watch_offers`, each once."""
    watch_offers: tuple[WatchOfferRecord, ...] = ()
