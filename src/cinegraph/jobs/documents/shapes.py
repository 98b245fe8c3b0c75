"""
Whose body a piece of JSON is, told by its shape.

TMDB's films have `id` and `title`, OMDb's titles `imdbID`. What people keep beside them (lists, series, error answers)
is told apart, so that the reason says what it is. Pure.
"""

from collections.abc import Sequence

import msgspec

from cinegraph.errors import CinegraphError

_DETAILS = (
    "genres",
    "production_companies",
    "production_countries",
    "spoken_languages",
)
"""What `/movie/{id}` always has, and a row of a list does not."""


class _Shape(msgspec.Struct, rename={"imdb_id": "imdbID", "response": "Response"}):
    """Which keys there are; values are looked at only where a reason needs them."""

    id: msgspec.Raw = msgspec.Raw()
    title: msgspec.Raw = msgspec.Raw()
    original_title: msgspec.Raw = msgspec.Raw()
    name: msgspec.Raw = msgspec.Raw()
    results: msgspec.Raw = msgspec.Raw()
    status_code: msgspec.Raw = msgspec.Raw()
    genres: msgspec.Raw = msgspec.Raw()
    production_companies: msgspec.Raw = msgspec.Raw()
    production_countries: msgspec.Raw = msgspec.Raw()
    spoken_languages: msgspec.Raw = msgspec.Raw()
    imdb_id: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    Error: msgspec.Raw = msgspec.Raw()


_shape_of = msgspec.json.Decoder(_Shape).decode
_OMDB_KEY = b'"imdbID"'


class UnknownShapeError(CinegraphError):
    """A piece of JSON is no film and no title; the message says what it seems to be."""

    code = "unknown_shape"


class Outline(msgspec.Struct, frozen=True):
    """A film as a list tells it: known to exist, but nothing to keep."""

    tmdb_id: int


def recognise(body: bytes) -> str | Outline:
    """
    Return whose film or title *body* is, `tmdb` or `omdb`; an `Outline` where it is only a row of a list.

    Raises:
        UnknownShapeError: Neither.
    """
    try:
        shape = _shape_of(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if _OMDB_KEY in body:
            # Some of OMDb's plots break JSON; its own decoder mends what can be mended.
            return "omdb"
        raise UnknownShapeError(f"not a JSON object ({error})") from None
    if shape.imdb_id:
        return "omdb"
    if shape.id and (shape.title or shape.original_title):
        is_whole = all(getattr(shape, name) for name in _DETAILS)
        return "tmdb" if is_whole else Outline(_id_of(shape))
    raise UnknownShapeError(_describe(shape))


def missing_parts(parts: Sequence[str], payload: object) -> tuple[str, ...]:
    """Return which of *parts* a film's payload came without."""
    return tuple(
        part for part in parts if getattr(payload, part.replace("/", "_")) is None
    )


def _id_of(shape: _Shape) -> int:
    try:
        tmdb_id = msgspec.json.decode(shape.id, type=int)
    except msgspec.DecodeError:
        tmdb_id = 0
    if not 1 <= tmdb_id < 2**31:
        raise UnknownShapeError("a row of a list without a film's id")
    return tmdb_id


def _describe(shape: _Shape) -> str:
    if shape.response:
        told = bytes(shape.Error).decode(errors="replace").strip('"')
        return f"an error answer of OMDb: {told or 'without a word'}"
    if shape.status_code:
        return f"an error answer of TMDB: code {bytes(shape.status_code).decode()}"
    if shape.results:
        return "a page of a list, not a film"
    if shape.id and shape.name:
        return "a series, person or company, not a film"
    return "neither a film of TMDB (id, title) nor a title of OMDb (imdbID)"
