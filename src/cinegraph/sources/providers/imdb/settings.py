"""Where IMDb's files are, and how large they may be."""

from typing import ClassVar, Final

from pydantic import Field

from cinegraph.sources.file_servers import FileServerSettings

SOURCE_NAME: Final = "imdb"
_MIB = 1024 * 1024


class ImdbSettings(FileServerSettings):
    """Settings of the source `imdb`: no key, one file a day, only where it is switched on."""

    source: ClassVar[str] = SOURCE_NAME
    address_variable: ClassVar[str] = "IMDB_DATASETS_URL"

    base_url: str = "https://datasets.imdbws.com"
    """Where the files lie."""
    max_received_bytes: int = Field(default=128 * _MIB, ge=1)
    """8 MB in 2026; sixteen times that is no list of ratings."""
    max_body_bytes: int = Field(default=1024 * _MIB, ge=1)
    """Decompressed, in passing: 28 MB in 2026. Memory does not depend on it."""
