"""
What a person's own file holds, as it is written there: its text, its names, and what stands beside each other; pure.

Tables and JSON are read into the same, so that they mean the same.
"""

import difflib
import re
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from cinegraph.errors import UndecodableError

SOURCE_NAME: Final = "own"
ENDPOINT: Final = "file"
EDITION_NAMES: Final = ("year", "edition", "part")
FLAT_NAMES: Final = (
    "category",
    "canonical_category",
    "film",
    "imdb_id",
    "nominees",
    "nominee_ids",
    "role",
    "roles",
    "winner",
    "songs",
    "characters",
    "country",
    "note",
)
"""What is said of a nomination, in a row or beside the others in JSON; `role` and `roles` are the same."""
LIST, IDS = "|", ","
"""What parts several values, and several ids of one nominee."""

_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""PostgreSQL's text takes no zero byte, and half a surrogate pair is no character."""


class UnreadableRowError(Exception):
    """What a row or an object says is no nomination; the message says why."""


class Held(msgspec.Struct, frozen=True):
    """Which edition a nomination is of, as written."""

    year: str
    edition: str = ""
    part: str = ""


class Film(msgspec.Struct, frozen=True):
    """A film as written."""

    title: str
    imdb_id: str = ""
    characters: tuple[str, ...] = ()


class Nominee(msgspec.Struct, frozen=True):
    """A nominee as written."""

    name: str
    imdb_ids: tuple[str, ...] = ()
    role: str = ""


class Nomination(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination as written."""

    category: str
    canonical_category: str = ""
    films: tuple[Film, ...] = ()
    nominees: tuple[Nominee, ...] = ()
    winner: str = ""
    songs: tuple[str, ...] = ()
    country: str = ""
    note: str = ""


def decode(body: bytes) -> str:
    """
    Return the file's text.

    Raises:
        UndecodableError: It is empty, a web page, or written in another encoding than UTF-8.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refusal("it is UTF-16: save it as UTF-8", body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise refusal(
            f"line {line:,} is not written in UTF-8: save it as UTF-8 (spreadsheets call it 'CSV UTF-8')",
            body,
        ) from None
    if not text.strip():
        raise refusal("it is empty: write or export it again", body)
    if text.lstrip()[:1] == "<":
        raise refusal("it is a web page, not a file of nominations", body)
    return text


def refusal(reason: str, body: bytes) -> UndecodableError:
    """Return what to raise where nothing of the file counts."""
    return UndecodableError(reason, source=SOURCE_NAME, endpoint=ENDPOINT, body=body)


def clean(text: str) -> str:
    """
    Return *text* without blanks around it.

    Raises:
        UnreadableRowError: It holds what cannot be stored.
    """
    if found := _NOT_STORABLE.search(text):
        raise UnreadableRowError(
            f"it holds the character {found[0]!a}, which cannot be stored: remove it"
        )
    return text.strip()


def split(text: str, separator: str = LIST) -> tuple[str, ...]:
    """Return the values in a field; an empty one between two others keeps its place."""
    return tuple(part.strip() for part in text.split(separator)) if text else ()


def explain_unknown(name: str, known: Collection[str]) -> str:
    """Return a name that nobody reads, and what may be meant."""
    if "tmdb" in name:
        return (
            f"{name!r} (TMDB's ids are not read: give IMDb's instead, in imdb_id of a film, in nominee_ids or imdb_ids"
            " of a nominee)"
        )
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name!r} (did you mean {near[0]!r}?)" if near else repr(name)


def pair_films(
    titles: Sequence[str], ids: Sequence[str], characters: Sequence[str]
) -> tuple[Film, ...]:
    """
    Return films whose titles, ids and characters stand beside each other; one film has all characters.

    Raises:
        UnreadableRowError: They do not fit.
    """
    films = len(titles) or len(ids)
    _require_fit("film", films, "imdb_id", len(ids))
    played = [characters] if films == 1 else [(each,) for each in characters]
    if characters and not films:
        raise UnreadableRowError("it names characters, but no film")
    _require_fit("film", films, "characters", len(played))
    return tuple(
        Film(title, imdb_id, tuple(filter(None, own)))
        for title, imdb_id, own in zip(
            _fill(titles, films),
            _fill(ids, films),
            played or [()] * films,
            strict=True,
        )
    )


def pair_nominees(
    names: Sequence[str], ids: Sequence[str], roles: Sequence[str]
) -> tuple[Nominee, ...]:
    """
    Return nominees whose names, ids and roles stand beside each other; one role alone is that of all.

    Raises:
        UnreadableRowError: They do not fit.
    """
    _require_fit("nominees", len(names), "nominee_ids", len(ids))
    if roles and not names:
        raise UnreadableRowError("it has a role, but no nominees")
    roles = list(roles) * len(names) if len(roles) == 1 else roles
    _require_fit("nominees", len(names), "roles", len(roles))
    return tuple(
        Nominee(name, split(own, IDS), role)
        for name, own, role in zip(
            names, _fill(ids, len(names)), _fill(roles, len(names)), strict=True
        )
    )


def _require_fit(name: str, count: int, other: str, other_count: int) -> None:
    if other_count and other_count != count:
        raise UnreadableRowError(
            f"{name} has {count}, {other} {other_count}: write them in the same order, apart by {LIST}, and leave the"
            " place of what is unknown empty"
        )


def _fill(values: Sequence[str], count: int) -> Sequence[str]:
    return values or [""] * count
