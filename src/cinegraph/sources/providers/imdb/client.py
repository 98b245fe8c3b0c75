"""
Finds and downloads IMDb's ratings file. It has no day in its name and is replaced once a day.

Source: https://developer.imdb.com/non-commercial-datasets/
"""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from cinegraph.errors import AbsentAtSourceError, SourceUnavailableError
from cinegraph.limits import Priority
from cinegraph.sources import downloads
from cinegraph.sources.downloads import ExportFile
from cinegraph.sources.file_servers import FileServerClient
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.imdb.settings import ImdbSettings

ENDPOINT: Final = "ratings"
FILE_NAME: Final = "title.ratings.tsv.gz"


class ImdbClient(FileServerClient[ImdbSettings]):
    """
    Asks IMDb's file server.

    Args:
        http: Made with *settings*.
        settings: Of the file server.
    """

    def __init__(self, http: HttpClient, settings: ImdbSettings) -> None:
        super().__init__(http, settings, endpoint=ENDPOINT)

    async def find_ratings(
        self, now: datetime, *, priority: Priority = Priority.REFRESH
    ) -> ExportFile:
        """
        The ratings file as it is offered now; its day is the one on which it was last modified.

        Args:
            now: Cinegraph's time; its day counts where the server does not say, or names a later one.
            priority: Who waits for it.

        Raises:
            SourceUnavailableError: The server has an outage, or no such file.
        """
        path = f"/{FILE_NAME}"
        try:
            head = await downloads.find_head(
                self._http, path, endpoint=ENDPOINT, priority=priority
            )
        except AbsentAtSourceError:
            head = None
        if head is None:
            raise SourceUnavailableError(
                f"there is no {FILE_NAME} at {self._http.base_url}",
                source=self._settings.source,
                endpoint=ENDPOINT,
                hint="Check the address of IMDb's files.",
            )
        return ExportFile(
            day=_day(head.last_modified, now),
            url=f"{self._http.base_url}{path}",
            size_bytes=head.size_bytes,
            etag=head.etag,
            last_modified=head.last_modified,
        )


def _day(last_modified: str | None, now: datetime) -> date:
    try:
        modified = parsedate_to_datetime(last_modified or "").astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return now.date()
    return min(modified, now).date()
