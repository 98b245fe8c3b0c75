"""OMDb's one endpoint: a typed answer, or one leaf of the error tree."""

from typing import Final

import msgspec

from cinegraph.errors import UsageError
from cinegraph.limits import Priority
from cinegraph.records.document import DocumentRecord
from cinegraph.sources.http import HttpClient, Response
from cinegraph.sources.providers.omdb.payloads import (
    IMDB_TITLE,
    SOURCE_NAME,
    TitlePayload,
    decode_title,
)

PROBED_ID: Final = "tt0111161"
"""The Shawshank Redemption: OMDb has it whatever else it has."""


class FetchedTitle(msgspec.Struct, frozen=True):
    """A title as fetched: what it says, and the body to keep."""

    payload: TitlePayload
    document: DocumentRecord


class OmdbClient:
    """
    Asks OMDb. Each request counts against the quota of the day.

    Args:
        http: Made with OMDb's settings and its quota.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def fetch_title(self, imdb_id: str, *, priority: Priority) -> FetchedTitle:
        """
        A film, series, episode or game by its IMDb id, in one request; with the short plot, which is the default.

        Raises:
            AbsentAtSourceError: OMDb says that it does not have it.
            SourceExhaustedError: Nothing is left of the day for this priority, by our count or OMDb's word.
            PayloadError: The answer is another title.
            UsageError: *imdb_id* is no IMDb id of a title.

        Source: https://www.omdbapi.com/#parameters
        """
        if not IMDB_TITLE.fullmatch(imdb_id):
            raise UsageError(
                f"{imdb_id!r} is no IMDb id of a title",
                hint="IMDb ids of titles look like tt0111161.",
            )
        response = await self._http.get(
            "/",
            {"i": imdb_id, "r": "json"},
            endpoint="title",
            priority=priority,
            external_id=imdb_id,
        )
        payload = decode_title(response.body, expected_id=imdb_id)
        return FetchedTitle(payload, _to_document(response, imdb_id))

    async def probe(self, *, priority: Priority = Priority.REFRESH) -> None:
        """
        Ask for a title that is always there: whether a key is right again, or a new day has begun.

        Costs one request of the day, unless the key is refused.

        Raises:
            SourceError: It does not answer.
        """
        await self.fetch_title(PROBED_ID, priority=priority)


def _to_document(response: Response, imdb_id: str) -> DocumentRecord:
    return DocumentRecord(
        source=SOURCE_NAME,
        kind="title",
        external_id=imdb_id,
        body_gzip=response.body_gzip,
        sha256=response.sha256,
        size_bytes=len(response.body),
        fetched_at=response.fetched_at,
        etag=response.etag,
    )
