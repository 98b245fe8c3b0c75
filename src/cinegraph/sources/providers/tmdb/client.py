"""TMDB's endpoints, one method each: typed answers, or one leaf of the error tree."""

import asyncio
import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import msgspec

from cinegraph.errors import (
    AbsentAtSourceError,
    SourceUnavailableError,
    UsageError,
)
from cinegraph.limits import Priority
from cinegraph.records.changes import ChangesPage
from cinegraph.records.document import DocumentRecord
from cinegraph.records.listing import FoundIds, MoviePage
from cinegraph.records.person import PersonDetailsRecord, SearchedMovie
from cinegraph.sources.caching import Cached, read_cached
from cinegraph.sources.http import HttpClient, Response
from cinegraph.sources.providers.tmdb.listed import to_listed_movies
from cinegraph.sources.providers.tmdb.payloads import (
    LARGEST_ID,
    MOVIE_PARTS,
    SOURCE_NAME,
    ConfigurationPayload,
    MoviePayload,
    decode_changes,
    decode_configuration,
    decode_find,
    decode_list,
    decode_movie,
)
from cinegraph.sources.providers.tmdb.people import (
    PERSON_PARTS,
    decode_person,
    decode_search,
)
from cinegraph.sources.providers.tmdb.transform import (
    to_changes_page,
    to_found_ids,
    to_movie_page,
)
from cinegraph.sources.providers.tmdb.user_lists import ENDPOINT as USER_LIST
from cinegraph.sources.providers.tmdb.user_lists import (
    UserListPayload,
    decode_user_list,
)

LAST_PAGE: Final = 500
"""TMDB refuses later pages (400, code 22), whatever `total_pages` says."""

LISTS: Final = MappingProxyType(
    {
        "popular": "/movie/popular",
        "top_rated": "/movie/top_rated",
        "now_playing": "/movie/now_playing",
        "upcoming": "/movie/upcoming",
        # The week's: the day's is noisier and no larger.
        "trending": "/trending/movie/week",
    }
)
"""The lists by our name and where they are."""

USER_LIST_KIND: Final = "list"
"""Of the bodies in `documents`."""

_IMDB_ID: Final = re.compile(r"(tt|nm)\d+", re.ASCII)
_NOT_FOUND: Final = 404


_AGE_AT_TMDB: Final = "x-memc-age"
"""Seconds in TMDB's own cache, before the network that delivers it counts `Age`: up to 24,545 were recorded."""


class FetchedMovie(msgspec.Struct, frozen=True):
    """A film as fetched: what it says, and the body to keep."""

    payload: MoviePayload
    document: DocumentRecord


class FetchedPerson(msgspec.Struct, frozen=True):
    """A person as fetched: what it says, and the body to keep."""

    record: PersonDetailsRecord
    document: DocumentRecord


class FetchedUserList(msgspec.Struct, frozen=True):
    """A page of a list of a user's: whether it is whole, and the body to read and to keep."""

    payload: UserListPayload
    body: bytes
    document: DocumentRecord


class TmdbClient:
    """
    Asks TMDB.

    Args:
        http: Made with TMDB's settings.
        language: Of titles and texts; `None` for TMDB's default.
        region: Of lists that differ by country; `None` for all.
    """

    def __init__(
        self,
        http: HttpClient,
        *,
        language: str | None = None,
        region: str | None = None,
    ) -> None:
        self._http = http
        self._proving = asyncio.Lock()
        self._language = {"language": language} if language else {}
        self._region = {"region": region} if region else {}

    async def fetch_movie(
        self,
        tmdb_id: int | str,
        *,
        priority: Priority,
        parts: tuple[str, ...] = MOVIE_PARTS,
    ) -> FetchedMovie:
        """
        A film with everything that belongs to it, in one request.

        Args:
            tmdb_id: TMDB's id, or an IMDb id ("tt…"): TMDB takes both.
            priority: Who waits for it.
            parts: What to ask for beside the film itself; none makes the shortest answer.

        Raises:
            AbsentAtSourceError: TMDB has no such film, and the address is known to be TMDB's.
            PayloadError: The answer is another film, or a part is missing.
            UsageError: *tmdb_id* is neither.

        Source: https://developer.themoviedb.org/reference/movie-details
        """
        _check_movie_id(tmdb_id)
        response = await self._get_known(
            f"/movie/{tmdb_id}",
            {**_append(parts), **self._language},
            endpoint="movie",
            priority=priority,
            external_id=f"movie {tmdb_id}",
        )
        expected_id = tmdb_id if isinstance(tmdb_id, int) else None
        payload = decode_movie(response.body, expected_id=expected_id, parts=parts)
        return FetchedMovie(payload, _to_document(response, "movie", payload.id))

    async def fetch_person(self, tmdb_id: int, *, priority: Priority) -> FetchedPerson:
        """
        A person in full, in one request.

        Raises:
            AbsentAtSourceError: TMDB has no such person, and the address is known to be TMDB's.
            PayloadError: The answer is somebody else, or no person.

        Source: https://developer.themoviedb.org/reference/person-details
        """
        response = await self._get_known(
            f"/person/{tmdb_id}",
            {**_append(PERSON_PARTS), **self._language},
            endpoint="person",
            priority=priority,
            external_id=f"person {tmdb_id}",
        )
        record = decode_person(response.body, expected_id=tmdb_id)
        return FetchedPerson(record, _to_document(response, "person", tmdb_id))

    async def search_movies(
        self, title: str, year: int | None, *, priority: Priority
    ) -> tuple[SearchedMovie, ...]:
        """
        The twenty films that TMDB offers first for a title: original, translated and alternative ones count.

        Args:
            year: In which it was first released; None: in any.

        Source: https://developer.themoviedb.org/reference/search-movie
        """
        in_year = {} if year is None else {"primary_release_year": str(year)}
        response = await self._http.get(
            "/search/movie",
            {"query": title, **in_year, **self._language},
            endpoint="search",
            priority=priority,
        )
        return decode_search(response.body)

    async def fetch_list(
        self, name: str, page: int, *, priority: Priority
    ) -> MoviePage:
        """
        A page of a list, 20 films, with their votes.

        Args:
            name: One of `LISTS`.
            page: From 1 to `LAST_PAGE`.
            priority: Who waits for it.

        Raises:
            SourceUnavailableError: Also for a 404: TMDB has every page up to `LAST_PAGE`.

        Source: https://developer.themoviedb.org/reference/movie-popular-list
        """
        if name not in LISTS:
            raise UsageError(
                f"TMDB has no list {name!r}", hint=f"Lists: {', '.join(LISTS)}."
            )
        if not 1 <= page <= LAST_PAGE:
            raise UsageError(
                f"page {page} of {name!r} cannot be read",
                hint=f"TMDB serves pages 1 to {LAST_PAGE} of a list.",
            )
        parameters = {"page": str(page), **self._language, **self._region}
        try:
            response = await self._http.get(
                LISTS[name], parameters, endpoint="list", priority=priority
            )
        except AbsentAtSourceError:
            response = None
        if response is None:
            raise SourceUnavailableError(
                f"there is no list page {name} {page}: is TMDB_BASE_URL right?",
                source=SOURCE_NAME,
                endpoint="list",
                status=_NOT_FOUND,
            )
        payload = decode_list(response.body, expected_page=page)
        made_at = response.fetched_at - _cached(response).age
        movies = to_listed_movies(response.body, fetched_at=made_at)
        return to_movie_page(payload, movies, last_page=LAST_PAGE)

    async def fetch_user_list(
        self, list_id: int, page: int, *, priority: Priority
    ) -> FetchedUserList:
        """
        A page of a list that somebody keeps at TMDB.

        Args:
            list_id: The number in its address.
            page: From 1.

        Raises:
            AbsentAtSourceError: TMDB has no such list, or shows it to nobody.
            RequestRefusedError: It says that the list is private.
            PayloadError: The answer is another page, or no list.

        Source: https://developer.themoviedb.org/reference/list-details
        """
        response = await self._get_known(
            f"/list/{list_id}",
            {"page": str(page), **self._language},
            endpoint=USER_LIST,
            priority=priority,
            external_id=f"list {list_id}",
        )
        payload = decode_user_list(response.body, expected_page=page)
        name = str(list_id) if page == 1 else f"{list_id}/{page}"
        document = _to_document(response, USER_LIST_KIND, name)
        return FetchedUserList(payload, response.body, document)

    async def fetch_changes(
        self, first: date, end: date, page: int, *, priority: Priority
    ) -> ChangesPage:
        """
        A page, up to 100 mentions, of which films changed from *first* to *end*.

        Whether TMDB counts *end* itself in is not documented: ask for a day more and
        either way the day before is whole.

        Args:
            first: The first day, UTC.
            end: The day after the last one, at most 14 days later.
            page: From 1.
            priority: Who waits for it.

        Raises:
            RequestRefusedError: TMDB does not answer for days so long ago (422).
            SourceUnavailableError: Also for a 404: the feed is missing, not empty.

        Source: https://developer.themoviedb.org/reference/changes-movie-list
        """
        window = {"start_date": first.isoformat(), "end_date": end.isoformat()}
        try:
            response = await self._http.get(
                "/movie/changes",
                {**window, "page": str(page)},
                endpoint="changes",
                priority=priority,
            )
        except AbsentAtSourceError:
            response = None
        if response is None:
            raise SourceUnavailableError(
                "there is no feed of changes: is TMDB_BASE_URL right?",
                source=SOURCE_NAME,
                endpoint="changes",
                status=_NOT_FOUND,
            )
        return to_changes_page(decode_changes(response.body, expected_page=page))

    async def find(self, external_id: str, *, priority: Priority) -> FoundIds:
        """
        What an IMDb id ("tt…", "nm…") stands for; all empty when TMDB does not know it.

        Source: https://developer.themoviedb.org/reference/find-by-id
        """
        if not _IMDB_ID.fullmatch(external_id):
            raise UsageError(
                f"{external_id!r} is no IMDb id", hint="IMDb ids look like tt0111161."
            )
        response = await self._get_known(
            f"/find/{external_id}",
            {"external_source": "imdb_id", **self._language},
            endpoint="find",
            priority=priority,
            external_id=external_id,
        )
        return to_found_ids(decode_find(response.body))

    async def fetch_configuration(
        self, *, priority: Priority = Priority.INTERACTIVE
    ) -> ConfigurationPayload:
        """
        Where images are served; also the cheapest proof that the key works.

        Source: https://developer.themoviedb.org/reference/configuration-details
        """
        response = await self._http.get(
            "/configuration", endpoint="configuration", priority=priority
        )
        return decode_configuration(response.body)

    async def _get_known(
        self,
        path: str,
        parameters: Mapping[str, str],
        *,
        endpoint: str,
        priority: Priority,
        external_id: str,
    ) -> Response:
        """The answer; its absence counts only from an address that is TMDB's."""
        try:
            return await self._http.get(
                path,
                parameters,
                endpoint=endpoint,
                priority=priority,
                external_id=external_id,
            )
        except AbsentAtSourceError as error:
            absence = error
        await self._prove_address(endpoint, priority)
        raise absence

    async def _prove_address(self, endpoint: str, priority: Priority) -> None:
        """
        Ask for what is always there, unless a good answer came before.

        TMDB says 404 in its own words to every path outside its API: a base URL without
        `/3` would make every film absent.

        Raises:
            SourceUnavailableError: It is not there either.
        """
        async with self._proving:
            if self._http.has_answered or await self._has_configuration(priority):
                return
        raise SourceUnavailableError(
            f"the address {self._http.base_url} does not answer as TMDB's API: "
            "TMDB_BASE_URL should end in /3",
            source=SOURCE_NAME,
            endpoint=endpoint,
            status=_NOT_FOUND,
            hint="Check the network and TMDB_BASE_URL.",
        )

    async def _has_configuration(self, priority: Priority) -> bool:
        """Whether `/configuration` is no 404, in whosever words."""
        try:
            await self._http.get(
                "/configuration", endpoint="configuration", priority=priority
            )
        except AbsentAtSourceError:
            return False
        except SourceUnavailableError as error:
            if error.status != _NOT_FOUND:
                raise
            return False
        return True


def _check_movie_id(movie_id: int | str) -> None:
    """Refuse what would ask for something else than a film, before it is asked."""
    if isinstance(movie_id, int):
        is_good = not isinstance(movie_id, bool) and 1 <= movie_id <= LARGEST_ID
    else:
        is_good = movie_id.startswith("tt") and bool(_IMDB_ID.fullmatch(movie_id))
    if not is_good:
        raise UsageError(
            f"{movie_id!r} is no film's id",
            hint="Give a TMDB id such as 603 or an IMDb id such as tt0133093.",
        )


def _append(parts: tuple[str, ...]) -> dict[str, str]:
    return {"append_to_response": ",".join(parts)} if parts else {}


def _cached(response: Response) -> Cached:
    return read_cached(response.headers, beside=(_AGE_AT_TMDB,))


def _to_document(response: Response, kind: str, tmdb_id: int | str) -> DocumentRecord:
    cached = _cached(response)
    until = response.fetched_at + cached.left
    return DocumentRecord(
        source=SOURCE_NAME,
        kind=kind,
        external_id=str(tmdb_id),
        body_gzip=response.body_gzip,
        sha256=response.sha256,
        size_bytes=len(response.body),
        fetched_at=response.fetched_at - cached.age,
        etag=response.etag,
        cached_until=until if cached.age else None,
    )
