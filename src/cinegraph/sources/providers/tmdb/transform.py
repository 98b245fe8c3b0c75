"""
TMDB's payloads into records: pure, and nothing invented.

What TMDB means as unknown ("", 0, an impossible date) becomes `None`; a row that lacks
what makes it a row (a release without a date, a video without a key) is left to the
stored document; repeated rows collapse by their true key. A credit is never lost: one
without a `credit_id` gets a name of its own that is the same every time.
"""

import re
from collections.abc import Iterable
from typing import Final

from cinegraph.records.changes import ChangedThing, ChangesPage
from cinegraph.records.listing import FoundIds, ListedMovie, MoviePage
from cinegraph.records.movie import (
    CollectionRecord,
    CompanyRecord,
    CountryRecord,
    ExternalIdRecord,
    GenreRecord,
    KeywordRecord,
    LanguageRecord,
    MovieRecord,
    RatingRecord,
    ReleaseRecord,
    TitleRecord,
    VideoRecord,
    WatchOfferRecord,
    WatchProviderRecord,
)
from cinegraph.sources.providers.tmdb.credits import people_and_credits
from cinegraph.sources.providers.tmdb.payloads import (
    ChangesPayload,
    FindPayload,
    ListRowPayload,
    MovieListPayload,
    MoviePayload,
)
from cinegraph.sources.providers.tmdb.values import (
    LARGEST_BIGINT,
    LARGEST_INTEGER,
    LARGEST_SMALLINT,
    to_date,
    to_datetime,
    to_whole,
)

_IMDB_TITLE: Final = re.compile(r"tt\d+", re.ASCII)
_OFFER_KINDS: Final = ("flatrate", "rent", "buy", "ads", "free")
_BEST_SCORE: Final = 10.0


def to_record(payload: MoviePayload) -> MovieRecord:
    """The film as a neutral record; parts that were not asked for come out empty."""
    people, film_credits = people_and_credits(payload)
    providers, offers = _watch(payload)
    imdb_id = _imdb_id(payload)
    return MovieRecord(
        tmdb_id=payload.id,
        title=payload.title or payload.original_title or "",
        imdb_id=imdb_id,
        original_title=payload.original_title or None,
        original_language=payload.original_language or None,
        overview=payload.overview or None,
        tagline=payload.tagline or None,
        homepage=payload.homepage or None,
        status=payload.status or None,
        released_on=to_date(payload.release_date),
        runtime_minutes=to_whole(payload.runtime, 1, LARGEST_INTEGER),
        budget_usd=to_whole(payload.budget, 1, LARGEST_BIGINT),
        revenue_usd=to_whole(payload.revenue, 1, LARGEST_BIGINT),
        popularity=payload.popularity,
        is_adult=bool(payload.adult),
        is_video=bool(payload.video),
        poster_path=payload.poster_path or None,
        backdrop_path=payload.backdrop_path or None,
        rating=_rating(payload),
        collection=_collection(payload),
        genres=_genres(payload),
        keywords=_keywords(payload),
        companies=_companies(payload),
        production_countries=_production_countries(payload),
        origin_countries=_origin_countries(payload),
        spoken_languages=_languages(payload),
        people=people,
        credits=film_credits,
        videos=_videos(payload),
        releases=_releases(payload),
        alternative_titles=_titles(payload),
        external_ids=_external_ids(payload, imdb_id),
        recommended_tmdb_ids=_recommended(payload),
        watch_providers=providers,
        watch_offers=offers,
    )


def to_movie_page(
    payload: MovieListPayload,
    movies: tuple[ListedMovie, ...] = (),
    *,
    last_page: int,
) -> MoviePage:
    """The page of films, with no more pages than TMDB serves."""
    return MoviePage(
        page=payload.page,
        total_pages=min(payload.total_pages, last_page),
        total_results=payload.total_results,
        tmdb_ids=_ids(payload.results, "movie"),
        movies=movies,
    )


def to_changes_page(payload: ChangesPayload) -> ChangesPage:
    """The page of the feed; a row whose id can be no film's is left out."""
    return ChangesPage(
        page=payload.page,
        total_pages=payload.total_pages,
        total_results=payload.total_results,
        things=tuple(
            ChangedThing(tmdb_id, row.adult)
            for row in payload.results
            if (tmdb_id := to_whole(row.id, 1, LARGEST_INTEGER)) is not None
        ),
    )


def to_found_ids(payload: FindPayload) -> FoundIds:
    """What an external id stands for, kind by kind."""
    return FoundIds(
        movie_tmdb_ids=_ids(payload.movie_results, "movie"),
        person_tmdb_ids=_ids(payload.person_results, "person"),
        series_tmdb_ids=_ids(payload.tv_results, "tv"),
        episode_tmdb_ids=_ids(payload.tv_episode_results, "tv_episode"),
        season_tmdb_ids=_ids(payload.tv_season_results, "tv_season"),
    )


def _ids(rows: Iterable[ListRowPayload] | None, kind: str) -> tuple[int, ...]:
    """
    The ids of *kind* among *rows*, in order, each once; unusable ids are passed over.

    Ids of films and series overlap: a series' id would import a stranger.
    """
    ids: dict[int, None] = {}
    for row in rows or ():
        tmdb_id = to_whole(row.id, 1, LARGEST_INTEGER)
        if tmdb_id is not None and row.media_type in (None, "", kind):
            ids[tmdb_id] = None
    return tuple(ids)


def _imdb_id(payload: MoviePayload) -> str | None:
    """The IMDb id; an empty or malformed one in `external_ids` hides no good one."""
    extra = payload.external_ids.imdb_id if payload.external_ids else None
    for text in (extra, payload.imdb_id):
        if text and _IMDB_TITLE.fullmatch(text.strip()):
            return text.strip()
    return None


def _rating(payload: MoviePayload) -> RatingRecord | None:
    """TMDB's own score; without a vote, or outside 0 to 10, there is none."""
    votes = to_whole(payload.vote_count, 1, LARGEST_INTEGER)
    value = payload.vote_average
    if votes is None or value is None or not 0 < value <= _BEST_SCORE:
        return None
    return RatingRecord("user_score", value, votes)


def _collection(payload: MoviePayload) -> CollectionRecord | None:
    found = payload.belongs_to_collection
    if found is None:
        return None
    return CollectionRecord(
        found.id,
        found.name or "",
        found.poster_path or None,
        found.backdrop_path or None,
    )


def _genres(payload: MoviePayload) -> tuple[GenreRecord, ...]:
    rows = {row.id: GenreRecord(row.id, row.name or "") for row in payload.genres or ()}
    return tuple(rows.values())


def _keywords(payload: MoviePayload) -> tuple[KeywordRecord, ...]:
    listed = payload.keywords.keywords if payload.keywords else None
    rows = {row.id: KeywordRecord(row.id, row.name or "") for row in listed or ()}
    return tuple(rows.values())


def _companies(payload: MoviePayload) -> tuple[CompanyRecord, ...]:
    rows = {
        row.id: CompanyRecord(
            row.id, row.name or "", row.origin_country or None, row.logo_path or None
        )
        for row in payload.production_companies or ()
    }
    return tuple(rows.values())


def _production_countries(payload: MoviePayload) -> tuple[CountryRecord, ...]:
    rows = {
        row.iso_3166_1: CountryRecord(row.iso_3166_1, row.name or None)
        for row in payload.production_countries or ()
        if row.iso_3166_1
    }
    return tuple(rows.values())


def _origin_countries(payload: MoviePayload) -> tuple[CountryRecord, ...]:
    codes = dict.fromkeys(code for code in payload.origin_country or () if code)
    return tuple(CountryRecord(code) for code in codes)


def _languages(payload: MoviePayload) -> tuple[LanguageRecord, ...]:
    rows = {
        row.iso_639_1: LanguageRecord(
            row.iso_639_1, row.english_name or None, row.name or None
        )
        for row in payload.spoken_languages or ()
        if row.iso_639_1
    }
    return tuple(rows.values())


def _videos(payload: MoviePayload) -> tuple[VideoRecord, ...]:
    listed = payload.videos.results if payload.videos else None
    rows: dict[str, VideoRecord] = {}
    for row in listed or ():
        if not row.key or not row.site:
            continue
        video_id = row.id or f"{row.site}:{row.key}"
        rows[video_id] = VideoRecord(
            video_id=video_id,
            site=row.site,
            key=row.key,
            name=row.name or None,
            kind=row.type or None,
            language_code=row.iso_639_1 or None,
            country_code=row.iso_3166_1 or None,
            height_pixels=to_whole(row.size, 1, LARGEST_INTEGER),
            is_official=bool(row.official),
            published_at=to_datetime(row.published_at),
        )
    return tuple(rows.values())


def _releases(payload: MoviePayload) -> tuple[ReleaseRecord, ...]:
    """Every dated release; only rows that say the same in everything collapse."""
    listed = payload.release_dates.results if payload.release_dates else None
    rows: dict[ReleaseRecord, None] = {}
    for country in listed or ():
        for row in country.release_dates or ():
            released_at = to_datetime(row.release_date)
            kind = to_whole(row.type, 1, LARGEST_SMALLINT)
            if country.iso_3166_1 and released_at is not None and kind is not None:
                release = ReleaseRecord(
                    country.iso_3166_1,
                    kind,
                    released_at,
                    row.iso_639_1 or "",
                    row.certification or None,
                    row.note or None,
                )
                rows[release] = None
    return tuple(rows)


def _titles(payload: MoviePayload) -> tuple[TitleRecord, ...]:
    listed = payload.alternative_titles.titles if payload.alternative_titles else None
    rows = dict.fromkeys(
        (row.iso_3166_1 or "", row.title, row.type or "")
        for row in listed or ()
        if row.title
    )
    return tuple(TitleRecord(*key) for key in rows)


def _external_ids(
    payload: MoviePayload, imdb_id: str | None
) -> tuple[ExternalIdRecord, ...]:
    found = payload.external_ids
    ids = {"imdb": imdb_id}
    if found is not None:
        ids["wikidata"] = found.wikidata_id
        ids["facebook"] = found.facebook_id
        ids["instagram"] = found.instagram_id
        ids["twitter"] = found.twitter_id
    return tuple(ExternalIdRecord(site, value) for site, value in ids.items() if value)


def _recommended(payload: MoviePayload) -> tuple[int, ...]:
    listed = payload.recommendations.results if payload.recommendations else None
    return _ids(listed, "movie")


def _watch(
    payload: MoviePayload,
) -> tuple[tuple[WatchProviderRecord, ...], tuple[WatchOfferRecord, ...]]:
    """The services named, each once; and which offers the film where and how."""
    countries = payload.watch_providers.results if payload.watch_providers else None
    providers: dict[int, WatchProviderRecord] = {}
    offers: dict[tuple[str, str, int], WatchOfferRecord] = {}
    for country, by_kind in (countries or {}).items():
        for kind in _OFFER_KINDS if country else ():
            for row in getattr(by_kind, kind) or ():
                number = row.provider_id
                if number not in providers:
                    providers[number] = WatchProviderRecord(
                        number, row.provider_name or "", row.logo_path or None
                    )
                position = to_whole(row.display_priority, 0, LARGEST_INTEGER)
                offers[country, kind, number] = WatchOfferRecord(
                    country, kind, number, position
                )
    return tuple(providers.values()), tuple(offers.values())
