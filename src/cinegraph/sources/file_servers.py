"""Servers that offer one large file a day and take no key: their settings, and bringing a file in."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from cinegraph.errors import AbsentAtSourceError
from cinegraph.limits import Priority, RateLimit
from cinegraph.sources import downloads
from cinegraph.sources.answers import GENERAL_ANSWERS, AnswerRule, rule
from cinegraph.sources.credentials import Credentials
from cinegraph.sources.downloads import ExportFile
from cinegraph.sources.http import HttpClient
from cinegraph.sources.settings import UpstreamSettings


class FileServerSettings(UpstreamSettings):
    """What such servers have in common; a provider adds its address and how large its files are."""

    read_timeout: timedelta = Field(default=timedelta(seconds=60), gt=timedelta(0))
    """No byte in a minute means a dead connection; the part stays and is gone on with."""
    total_timeout: timedelta = Field(default=timedelta(minutes=15), gt=timedelta(0))
    """30 MB in a quarter of an hour is 35 kB/s; slower lines go on at the next attempt."""
    max_connections: int = Field(default=2, ge=1)
    """One file at a time."""
    requests_per_second: float = Field(default=2.0, ge=0, allow_inf_nan=False)
    """Ten requests a day; 0 switches the budget off."""

    @property
    def credentials(self) -> Credentials:
        """None are needed."""
        return Credentials()

    @property
    def rate(self) -> RateLimit:
        """How fast the whole deployment may ask; these servers name no limit."""
        return RateLimit(self.requests_per_second, burst=2)

    @property
    def answers(self) -> tuple[AnswerRule, ...]:
        """A file store says 403 (AccessDenied, as XML) or 404 where there is no file."""
        return (
            rule(403, AbsentAtSourceError, "there is no such file"),
            rule(404, AbsentAtSourceError, "there is no such file"),
            *GENERAL_ANSWERS,
        )


class FileServerClient[SettingsT: FileServerSettings]:
    """
    Asks one file server.

    Args:
        http: Made with *settings*.
        settings: Of the server.
        endpoint: Under which its requests are counted.
    """

    def __init__(self, http: HttpClient, settings: SettingsT, *, endpoint: str) -> None:
        self._http = http
        self._settings = settings
        self._endpoint = endpoint

    async def download(
        self,
        file: ExportFile,
        folder: Path,
        *,
        priority: Priority = Priority.REFRESH,
    ) -> Path:
        """
        Bring *file* into *folder*, going on where an earlier attempt ended; see `downloads.receive`.

        Raises:
            SourceError: It did not arrive; what did stays for the next attempt.
            DownloadFolderError: It cannot be written.
        """
        return await downloads.receive(
            self._http,
            file,
            folder,
            source=self._settings.source,
            endpoint=self._endpoint,
            priority=priority,
            largest_bytes=self._settings.max_received_bytes,
        )
