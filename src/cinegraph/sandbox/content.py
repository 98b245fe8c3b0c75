"""What an imitation tells: bodies, ready to send, of a world or of a recording."""

import zlib
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
LAST_PAGE = 500
"""The last page TMDB gives of any list, whatever `total_pages` says."""
ROWS_A_PAGE = 20


class Body(msgspec.Struct, frozen=True, gc=False):
    """A JSON body kept compressed, as it goes over the wire."""

    gzipped: bytes
    etag: str

    def plain(self) -> bytes:
        """Unpack the body, for a client that does not take gzip and for faults."""
        return zlib.decompress(self.gzipped, wbits=31)


class Content(Protocol):
    """What routes ask; answers `None` where TMDB answers 404."""

    def movie(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the film with the *parts* asked for, known names only, each once."""

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Give the film that has this IMDb id."""

    def page(self, name: str, page: int) -> Body | None:
        """Give a page, 1 to 500, of a list; an unknown list is `None`."""

    def find(self, external_id: str) -> Body | None:
        """Give what `/find` answers."""

    def other(self, path: str) -> Body | None:
        """Give any further path (below `/3`), such as `/configuration`."""


@runtime_checkable
class SearchedContent(Protocol):
    """What routes ask of a content that knows people and can be searched."""

    def person(self, tmdb_id: int, parts: tuple[str, ...]) -> Body | None:
        """Give the person with the *parts* asked for."""

    def search(self, query: str, year: int | None, page: int) -> Body:
        """Give a page of the films whose titles hold all words of *query*, the most popular first."""


@runtime_checkable
class ChangingContent(Protocol):
    """What routes ask of a content that goes on."""

    def today(self) -> date:
        """Give the day it is, UTC."""

    def changes(self, first: date, end: date, page: int) -> Body:
        """Give a page of the films that changed from *first* to before *end*."""

    def movie_changes(self, tmdb_id: int, first: date, end: date) -> Body | None:
        """Give what of a film changed from *first* to before *end*."""


def pack(plain: bytes, level: int = 1) -> Body:
    """Compress a body; level 1 because we share the processor with the client."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -15)
    return seal(
        squeeze.compress(plain) + squeeze.flush(), zlib.crc32(plain), len(plain)
    )


def seal(deflated: bytes, crc: int, size_bytes: int) -> Body:
    """Make a gzip body of deflated bytes, whose check sum is known."""
    trailer = crc.to_bytes(4, "little") + (size_bytes & 0xFFFFFFFF).to_bytes(
        4, "little"
    )
    return Body(GZIP_HEADER + deflated + trailer, f'W/"{crc:08x}{size_bytes:08x}"')


def pack_json(value: object) -> Body:
    """Encode and compress a small value."""
    return pack(msgspec.json.encode(value))


CONFIGURATION = {
    "images": {
        "base_url": "http://image.tmdb.org/t/p/",
        "secure_base_url": "https://image.tmdb.org/t/p/",
        "backdrop_sizes": ["w300", "w780", "w1280", "original"],
        "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
        "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
        "profile_sizes": ["w45", "w185", "h632", "original"],
        "still_sizes": ["w92", "w185", "w300", "original"],
    },
    "change_keys": ["adult", "budget", "cast", "crew", "genres", "images", "title"],
}
"""What `/configuration` answers where no recording has it."""
