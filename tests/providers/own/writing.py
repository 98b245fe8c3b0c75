"""Own files, written from statements: the inverse of reading them."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)

COLUMNS = (
    "year",
    "edition",
    "part",
    "category",
    "canonical_category",
    "film",
    "imdb_id",
    "characters",
    "nominees",
    "nominee_ids",
    "roles",
    "winner",
    "songs",
    "country",
    "note",
)
_WINNER = {True: "yes", False: "no", None: ""}


def to_csv(editions: Sequence[EditionStatement], delimiter: str) -> bytes:
    """Return a table; no text may hold a bar, and of several films each has one character at most."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    for edition in editions:
        for each in edition.nominations:
            writer.writerow(_row(edition, each))
    return out.getvalue().encode()


def to_json(editions: Sequence[EditionStatement]) -> bytes:
    """Return a list of editions, everything as objects."""
    told = [
        {
            "year": edition.year,
            "edition": edition.number,
            "part": edition.part,
            "nominations": [_object(each) for each in edition.nominations],
        }
        for edition in editions
    ]
    return json.dumps(told, indent=2).encode()


def _row(edition: EditionStatement, each: NominationStatement) -> dict[str, object]:
    films, nominees = each.films, each.nominees
    return {
        "year": edition.year,
        "edition": edition.number or "",
        "part": edition.part,
        "category": each.category,
        "canonical_category": each.canonical_category,
        "film": "|".join(film.title for film in films),
        "imdb_id": "|".join(film.imdb_id or "" for film in films),
        "characters": "|".join("|".join(film.characters) for film in films),
        "nominees": "|".join(nominee.name for nominee in nominees),
        "nominee_ids": "|".join(",".join(nominee.imdb_ids) for nominee in nominees),
        "roles": "|".join(nominee.role or "" for nominee in nominees),
        "winner": _WINNER[each.is_winner],
        "songs": "|".join(each.songs),
        "country": each.country or "",
        "note": each.note or "",
    }


def _object(each: NominationStatement) -> dict[str, Any]:
    return {
        "category": each.category,
        "canonical_category": each.canonical_category,
        "films": [_film(film) for film in each.films],
        "nominees": [_nominee(nominee) for nominee in each.nominees],
        "winner": each.is_winner,
        "songs": list(each.songs),
        "country": each.country,
        "note": each.note,
    }


def _film(film: FilmStatement) -> dict[str, Any]:
    return {
        "title": film.title,
        "imdb_id": film.imdb_id,
        "characters": list(film.characters),
    }


def _nominee(nominee: NomineeStatement) -> dict[str, Any]:
    return {
        "name": nominee.name,
        "imdb_ids": list(nominee.imdb_ids),
        "role": nominee.role,
    }
