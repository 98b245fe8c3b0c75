"""
TMDB's JSON as it arrives: structs, and the decoders that check a body against them.

Ids are strict (a film with an id that PostgreSQL's `integer` cannot hold is refused),
values are lenient: TMDB sends "" and 0 for unknown, `null` where a list belongs and
floats for integers; `transform` makes sense of them. What we store as a set must be
there (`null` counts as empty), for a set that is merely missing would empty the stored
one. Fields that nobody reads are not named and cost nothing.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cinegraph.sources.decoding import BodyDecoder

SOURCE_NAME: Final = "tmdb"
LARGEST_ID: Final = 2**31 - 1

MOVIE_PARTS: Final = (
    "credits",
    "external_ids",
    "keywords",
    "videos",
    "release_dates",
    "recommendations",
    "alternative_titles",
    "watch/providers",
)
"""
What one film's request asks for; 8 of the 20 parts that TMDB allows in one request.
"""

type Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
type Number = int | float | None
type Text = str | None


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A piece of TMDB's JSON; unknown fields are ignored."""


class NamedPayload(Payload, frozen=True, gc=False):
    """A genre or keyword."""

    id: Id
    name: Text = None


class CompanyPayload(Payload, frozen=True, gc=False):
    """A production company."""

    id: Id
    name: Text = None
    origin_country: Text = None
    logo_path: Text = None


class CollectionPayload(Payload, frozen=True, gc=False):
    """`belongs_to_collection`."""

    id: Id
    name: Text = None
    poster_path: Text = None
    backdrop_path: Text = None


class CountryPayload(Payload, frozen=True, gc=False):
    """A production country."""

    iso_3166_1: Text = None
    name: Text = None


class LanguagePayload(Payload, frozen=True, gc=False):
    """A spoken language."""

    iso_639_1: Text = None
    english_name: Text = None
    name: Text = None


class CastPayload(Payload, frozen=True, gc=False):
    """A row of `credits.cast`; `gender` is 0 to 3, `order` starts at 0 and has gaps."""

    id: Id
    credit_id: Text = None
    name: Text = None
    original_name: Text = None
    gender: Number = None
    known_for_department: Text = None
    profile_path: Text = None
    popularity: float | None = None
    adult: bool | None = None
    character: Text = None
    order: Number = None


class CrewPayload(Payload, frozen=True, gc=False):
    """A row of `credits.crew`; departments go beyond the documented ones."""

    id: Id
    credit_id: Text = None
    name: Text = None
    original_name: Text = None
    gender: Number = None
    known_for_department: Text = None
    profile_path: Text = None
    popularity: float | None = None
    adult: bool | None = None
    department: Text = None
    job: Text = None


class CreditsPayload(Payload, frozen=True, gc=False):
    """The part `credits`."""

    cast: list[CastPayload] | None
    crew: list[CrewPayload] | None


class ExternalIdsPayload(Payload, frozen=True, gc=False):
    """The part `external_ids`; any id may be missing, null or empty."""

    imdb_id: Text = None
    wikidata_id: Text = None
    facebook_id: Text = None
    instagram_id: Text = None
    twitter_id: Text = None


class KeywordsPayload(Payload, frozen=True, gc=False):
    """The part `keywords`."""

    keywords: list[NamedPayload] | None


class VideoPayload(Payload, frozen=True, gc=False):
    """A video; `size` is its height in pixels."""

    id: Text = None
    key: Text = None
    site: Text = None
    name: Text = None
    type: Text = None
    iso_639_1: Text = None
    iso_3166_1: Text = None
    size: Number = None
    official: bool | None = None
    published_at: Text = None


class VideosPayload(Payload, frozen=True, gc=False):
    """The part `videos`."""

    results: list[VideoPayload] | None


class ReleasePayload(Payload, frozen=True, gc=False):
    """One release; `type` is 1 to 6, `iso_639_1` mostly empty."""

    release_date: Text = None
    type: Number = None
    iso_639_1: Text = None
    certification: Text = None
    note: Text = None


class CountryReleasesPayload(Payload, frozen=True, gc=False):
    """The releases of one country."""

    iso_3166_1: Text = None
    release_dates: list[ReleasePayload] | None = None


class ReleaseDatesPayload(Payload, frozen=True, gc=False):
    """The part `release_dates`."""

    results: list[CountryReleasesPayload] | None


class ListRowPayload(Payload, frozen=True, gc=False):
    """A film named in a list; `media_type` tells films from series in mixed lists."""

    id: Number = None
    media_type: Text = None


class RecommendationsPayload(Payload, frozen=True, gc=False):
    """The part `recommendations`: its first page."""

    results: list[ListRowPayload] | None


class TitlePayload(Payload, frozen=True, gc=False):
    """An alternative title; `type` is free text."""

    iso_3166_1: Text = None
    title: Text = None
    type: Text = None


class AlternativeTitlesPayload(Payload, frozen=True, gc=False):
    """The part `alternative_titles`."""

    titles: list[TitlePayload] | None


class ProviderPayload(Payload, frozen=True, gc=False):
    """A streaming or rental service that offers the film."""

    provider_id: Id
    provider_name: Text = None
    logo_path: Text = None
    display_priority: Number = None


class CountryOffersPayload(Payload, frozen=True, gc=False):
    """The offers of one country by kind."""

    flatrate: list[ProviderPayload] | None = None
    rent: list[ProviderPayload] | None = None
    buy: list[ProviderPayload] | None = None
    ads: list[ProviderPayload] | None = None
    free: list[ProviderPayload] | None = None


class WatchProvidersPayload(Payload, frozen=True, gc=False):
    """The part `watch/providers`, by country code."""

    results: dict[str, CountryOffersPayload] | None


class MoviePayload(Payload, frozen=True, gc=False, kw_only=True):
    """`/movie/{id}` with whatever parts were appended."""

    id: Id
    title: Text
    genres: list[NamedPayload] | None
    production_companies: list[CompanyPayload] | None
    production_countries: list[CountryPayload] | None
    spoken_languages: list[LanguagePayload] | None
    original_title: Text = None
    original_language: Text = None
    imdb_id: Text = None
    overview: Text = None
    tagline: Text = None
    homepage: Text = None
    status: Text = None
    release_date: Text = None
    runtime: Number = None
    budget: Number = None
    revenue: Number = None
    popularity: float | None = None
    vote_average: float | None = None
    vote_count: Number = None
    adult: bool | None = None
    video: bool | None = None
    poster_path: Text = None
    backdrop_path: Text = None
    belongs_to_collection: CollectionPayload | None = None
    origin_country: list[str] | None = None
    credits: CreditsPayload | None = None
    external_ids: ExternalIdsPayload | None = None
    keywords: KeywordsPayload | None = None
    videos: VideosPayload | None = None
    release_dates: ReleaseDatesPayload | None = None
    recommendations: RecommendationsPayload | None = None
    alternative_titles: AlternativeTitlesPayload | None = None
    watch_providers: WatchProvidersPayload | None = msgspec.field(
        name="watch/providers", default=None
    )


class MovieListPayload(Payload, frozen=True, gc=False):
    """A page of films; `total_pages` is far beyond the 500 that TMDB serves."""

    page: int
    results: list[ListRowPayload]
    total_pages: int
    total_results: int


class FindPayload(Payload, frozen=True, gc=False):
    """`/find/{external id}`: a film's id may answer as a series or an episode."""

    movie_results: list[ListRowPayload] | None
    person_results: list[ListRowPayload] | None = None
    tv_results: list[ListRowPayload] | None = None
    tv_episode_results: list[ListRowPayload] | None = None
    tv_season_results: list[ListRowPayload] | None = None


class ChangedRowPayload(Payload, frozen=True, gc=False):
    """A mention in the feed of changes; `adult` may be null."""

    id: Number = None
    adult: bool | None = None


class ChangesPayload(Payload, frozen=True, gc=False):
    """`/movie/changes`: a page of up to 100 mentions; ids repeat."""

    page: int
    results: list[ChangedRowPayload]
    total_pages: int
    total_results: int


class ImagesPayload(Payload, frozen=True, gc=False):
    """Where images are served, and in which sizes."""

    secure_base_url: str
    base_url: Text = None
    backdrop_sizes: list[str] | None = None
    logo_sizes: list[str] | None = None
    poster_sizes: list[str] | None = None
    profile_sizes: list[str] | None = None


class ConfigurationPayload(Payload, frozen=True, gc=False):
    """`/configuration`."""

    images: ImagesPayload
    change_keys: list[str] | None = None


_movies = BodyDecoder(MoviePayload, source=SOURCE_NAME, endpoint="movie")
_lists = BodyDecoder(MovieListPayload, source=SOURCE_NAME, endpoint="list")
_finds = BodyDecoder(FindPayload, source=SOURCE_NAME, endpoint="find")
_changes = BodyDecoder(ChangesPayload, source=SOURCE_NAME, endpoint="changes")
_configurations = BodyDecoder(
    ConfigurationPayload, source=SOURCE_NAME, endpoint="configuration"
)
_PART_FIELDS: Final = {part: part.replace("/", "_") for part in MOVIE_PARTS}


def decode_movie(
    body: bytes,
    *,
    expected_id: int | None = None,
    parts: tuple[str, ...] = MOVIE_PARTS,
) -> MoviePayload:
    """
    The film in *body*, with every part asked for.

    Args:
        body: Decompressed JSON.
        expected_id: TMDB's id of the film asked for; `None` when it was
            asked for by another id.
        parts: The parts that were asked for; a missing one is an error, also in a 200.

    Raises:
        UndecodableError: No JSON.
        PayloadError: Another shape, another film, or a part is missing;
            `field` names it.

    Source: https://developer.themoviedb.org/reference/movie-details
    """
    payload = _movies.decode(body)
    if expected_id is not None and payload.id != expected_id:
        _movies.refuse(
            f"asked for film {expected_id}, got {payload.id}", field="id", body=body
        )
    for part in parts:
        if getattr(payload, _PART_FIELDS[part]) is None:
            _movies.refuse(
                "a part that was asked for is missing", field=part, body=body
            )
    if not (payload.title or payload.original_title):
        _movies.refuse("a film without any title", field="title", body=body)
    return payload


def decode_list(body: bytes, *, expected_page: int | None = None) -> MovieListPayload:
    """
    The page of films in *body*.

    Raises:
        UndecodableError: No JSON.
        PayloadError: Another shape, or another page than *expected_page*.
    """
    payload = _lists.decode(body)
    if expected_page is not None and payload.page != expected_page:
        _lists.refuse(
            f"asked for page {expected_page}, got {payload.page}",
            field="page",
            body=body,
        )
    return payload


def decode_changes(body: bytes, *, expected_page: int) -> ChangesPayload:
    """
    The page of the feed in *body*.

    Raises:
        UndecodableError: No JSON.
        PayloadError: Another shape, or another page than *expected_page*.
    """
    payload = _changes.decode(body)
    if payload.page != expected_page:
        _changes.refuse(
            f"asked for page {expected_page}, got {payload.page}",
            field="page",
            body=body,
        )
    return payload


def decode_find(body: bytes) -> FindPayload:
    """What an external id stands for; raises as `decode_movie`."""
    return _finds.decode(body)


def decode_configuration(body: bytes) -> ConfigurationPayload:
    """TMDB's configuration; raises as `decode_movie`."""
    return _configurations.decode(body)
