"""
OMDb's JSON as it arrives: structs, and the decoder that checks a body against them.

Only the id is strict. Every value is text, "N/A" where OMDb does not know it; `transform` makes sense of them. Fields
that nobody reads are not named and cost nothing; they stay in the document.
"""

import re
from typing import Final

import msgspec

from cinegraph.errors import UndecodableError
from cinegraph.sources.decoding import BodyDecoder

SOURCE_NAME: Final = "omdb"

IMDB_TITLE: Final = re.compile(r"tt\d{1,10}", re.ASCII)
"""An IMDb id of a title; longer numbers than ten digits do not exist."""

type Scalar = str | int | float | None
"""Text in everything recorded; a number in its place is as good."""

# A valid escape is matched whole, so that its second character cannot begin another.
_ESCAPE: Final = re.compile(rb'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])?')


class RatingPayload(msgspec.Struct, frozen=True, gc=False, rename="pascal"):
    """A row of `Ratings`: "Internet Movie Database" "8.5/10", "Rotten Tomatoes" "91%", "Metacritic" "74/100"."""

    source: Scalar = None
    value: Scalar = None


class TitlePayload(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "imdb_id": "imdbID",
        "title": "Title",
        "type": "Type",
        "year": "Year",
        "rated": "Rated",
        "released": "Released",
        "runtime": "Runtime",
        "awards": "Awards",
        "box_office": "BoxOffice",
        "ratings": "Ratings",
        "imdb_rating": "imdbRating",
        "imdb_votes": "imdbVotes",
        "metascore": "Metascore",
    },
):
    """A film, series, episode or game."""

    imdb_id: str
    title: Scalar = None
    type: Scalar = None
    """`movie`, `series`, `episode` or `game`."""
    year: Scalar = None
    """"2010", of series "2010–2015" or "2010–" with an en dash."""
    rated: Scalar = None
    released: Scalar = None
    """"06 Feb 1921"."""
    runtime: Scalar = None
    """"142 min", rarely "1 h 30 min"; once "34S min"."""
    awards: Scalar = None
    """Free text."""
    box_office: Scalar = None
    """"$1,234,567"; not there for episodes and series."""
    ratings: list[RatingPayload] | Scalar = None
    imdb_rating: Scalar = None
    """"8.3"."""
    imdb_votes: Scalar = None
    """"100,446", of recent bodies also "2193"."""
    metascore: Scalar = None
    """"74"; the same as Metacritic's row of `Ratings`."""


_titles = BodyDecoder(TitlePayload, source=SOURCE_NAME, endpoint="title")


def decode_title(body: bytes, *, expected_id: str | None = None) -> TitlePayload:
    r"""
    The title in *body*.

    Some plots hold raw control characters and lone backslashes (`inner\spiritual`),
    which JSON forbids. The first every decoder of ours passes over; the second is read
    as a backslash where the body is JSON otherwise. What is broken in another way, such
    as an unescaped quote, could only be guessed.

    Args:
        body: Decompressed JSON.
        expected_id: The IMDb id asked for; zeros in front of its number do not matter.

    Raises:
        UndecodableError: No JSON, also after that repair.
        PayloadError: Another shape, or another title.

    Source: https://www.omdbapi.com/#parameters, https://github.com/omdbapi/OMDb-API/issues/322
    """
    payload = _decode(body)
    if not IMDB_TITLE.fullmatch(payload.imdb_id):
        _titles.refuse("no IMDb id of a title", field="imdbID", body=body)
    if expected_id is not None and _number(payload.imdb_id) != _number(expected_id):
        _titles.refuse(
            f"asked for {expected_id}, got {payload.imdb_id}", field="imdbID", body=body
        )
    return payload


def _decode(body: bytes) -> TitlePayload:
    try:
        return _titles.decode(body)
    except UndecodableError:
        mended = _mend_backslashes(body)
        if mended == body:
            raise
    return _titles.decode(mended)


def _mend_backslashes(body: bytes) -> bytes:
    """*body* with every backslash escaped that begins no escape of JSON."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] else rb"\\", body)


def _number(imdb_id: str) -> int:
    return int(imdb_id.removeprefix("tt"))
