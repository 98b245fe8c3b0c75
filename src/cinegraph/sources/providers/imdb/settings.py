"""Where IMDb's files are, and how gently they are asked for."""

from datetime import timedelta
from typing import ClassVar, Final

from pydantic import Field

from cinegraph.errors import AbsentAtSourceError
from cinegraph.limits import RateLimit
from cinegraph.sources.answers import GENERAL_ANSWERS, AnswerRule, rule
from cinegraph.sources.credentials import Credentials
from cinegraph.sources.settings import UpstreamSettings

SOURCE_NAME: Final = "imdb"
_MIB = 1024 * 1024


class ImdbSettings(UpstreamSettings):
    """Settings of the source `imdb`: no key, one file a day, only where it is switched on."""

    source: ClassVar[str] = SOURCE_NAME

    address_variable: ClassVar[str] = "IMDB_DATASETS_URL"

    base_url: str = "https://datasets.imdbws.com"
    """Where the files lie."""
    read_timeout: timedelta = Field(default=timedelta(seconds=30), gt=timedelta(0))
    """No byte in 30 s means a dead connection; the part stays and is gone on with."""
    total_timeout: timedelta = Field(default=timedelta(minutes=15), gt=timedelta(0))
    """8 MB in a quarter of an hour is 9 kB/s; slower lines go on at the next attempt."""
    max_connections: int = Field(default=2, ge=1)
    """One file at a time."""
    max_received_bytes: int = Field(default=128 * _MIB, ge=1)
    """8 MB in 2026; sixteen times that is no list of ratings."""
    max_body_bytes: int = Field(default=1024 * _MIB, ge=1)
    """Decompressed, in passing: 28 MB in 2026. Memory does not depend on it."""
    requests_per_second: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Two requests a day; 0 switches the budget off."""

    @property
    def credentials(self) -> Credentials:
        """None are needed."""
        return Credentials()

    @property
    def rate(self) -> RateLimit:
        """How fast the whole deployment may ask; IMDb names no limit."""
        return RateLimit(self.requests_per_second, burst=2)

    @property
    def answers(self) -> tuple[AnswerRule, ...]:
        """A file store says 403 (AccessDenied, as XML) or 404 where there is no file."""
        return (
            rule(403, AbsentAtSourceError, "there is no such file"),
            rule(404, AbsentAtSourceError, "there is no such file"),
            *GENERAL_ANSWERS,
        )
