"""
TMDB's daily id exports: every film there is, with its popularity of the day, in one file.

A server of its own, without a key. A file is written from 07:00 UTC and complete by 08:00; it is kept for three months.

Source: https://developer.themoviedb.org/docs/daily-id-exports
"""

from datetime import date, datetime, time, timedelta
from typing import ClassVar, Final, Literal

from pydantic import Field

from cinegraph.errors import (
    AbsentAtSourceError,
    SourceUnavailableError,
    UsageError,
)
from cinegraph.limits import Priority
from cinegraph.sources import downloads
from cinegraph.sources.downloads import ExportFile
from cinegraph.sources.file_servers import FileServerClient, FileServerSettings
from cinegraph.sources.http import HttpClient

type ExportKind = Literal["movie", "adult_movie"]

KINDS: Final[tuple[ExportKind, ...]] = ("movie", "adult_movie")
COMPLETE_AT: Final = time(8)
"""UTC; before it today's file may be there and half written."""
ENDPOINT: Final = "export"

_MIB = 1024 * 1024
_PREFIXES: Final = {"movie": "movie_ids", "adult_movie": "adult_movie_ids"}


class TmdbExportsSettings(FileServerSettings):
    """Settings of TMDB's file server: no key, one file a day."""

    source: ClassVar[str] = "tmdb_exports"
    """Its own budget and its own counts: it is another server than the API's."""
    address_variable: ClassVar[str] = "TMDB_EXPORTS_URL"

    base_url: str = "https://files.tmdb.org/p/exports"
    """Where the files lie."""
    max_received_bytes: int = Field(default=256 * _MIB, ge=1)
    """28 MB in 2026; nine times that is no list of films."""
    max_body_bytes: int = Field(default=2048 * _MIB, ge=1)
    """Decompressed, in passing: 110 MB in 2026. Memory does not depend on it."""


class TmdbExportsClient(FileServerClient[TmdbExportsSettings]):
    """
    Finds and downloads exports.

    Args:
        http: Made with *settings*.
        settings: Of the file server.
    """

    def __init__(self, http: HttpClient, settings: TmdbExportsSettings) -> None:
        super().__init__(http, settings, endpoint=ENDPOINT)

    async def find_newest(
        self,
        now: datetime,
        *,
        kind: ExportKind,
        days_back: int = 7,
        priority: Priority = Priority.REFRESH,
    ) -> ExportFile:
        """
        The newest complete export: today's from 08:00 UTC on, else the newest there is.

        Args:
            now: Cinegraph's time.
            kind: Which list.
            days_back: How many days before today's are looked at.
            priority: Who waits for it.

        Raises:
            SourceUnavailableError: The server has an outage, which says nothing about any file; or it has none of
                these days.
        """
        if kind not in KINDS:
            raise UsageError(
                f"TMDB has no export {kind!r}", hint=f"Exports: {', '.join(KINDS)}."
            )
        days = list_days(now, days_back)
        for day in days:
            if file := await self._find(day, kind, priority):
                return file
        raise SourceUnavailableError(
            f"there is no {kind} export of {days[-1]} to {days[0]}",
            source=self._settings.source,
            endpoint=ENDPOINT,
            hint="Check TMDB_EXPORTS_URL; TMDB writes a file every day.",
        )

    async def _find(
        self, day: date, kind: ExportKind, priority: Priority
    ) -> ExportFile | None:
        path = f"/{file_name(kind, day)}"
        try:
            head = await downloads.find_head(
                self._http, path, endpoint=ENDPOINT, priority=priority
            )
        except AbsentAtSourceError:
            return None
        return ExportFile(
            day=day,
            url=f"{self._http.base_url}{path}",
            size_bytes=head.size_bytes,
            etag=head.etag,
            last_modified=head.last_modified,
        )


def file_name(kind: ExportKind, day: date) -> str:
    """Return how TMDB calls the export of *day*, such as `movie_ids_08_31_2026.json.gz`."""
    return f"{_PREFIXES[kind]}_{day:%m_%d_%Y}.json.gz"


def list_days(now: datetime, days_back: int) -> list[date]:
    """Return the days whose export may be complete, newest first."""
    today = now.date()
    first = 0 if now.time() >= COMPLETE_AT else 1
    return [today - timedelta(days=back) for back in range(first, days_back + 1)]
