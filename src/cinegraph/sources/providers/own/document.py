"""
A JSON of nominations into statements; pure.

An edition is an object with `year` and `nominations`; the file is one, or a list of them. Films and nominees are lists
of objects, or stand flat, as in a table: texts apart by `|`, or lists of texts.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, NoReturn

from cinegraph.sources.providers.own.statements import Collector, OwnFile
from cinegraph.sources.providers.own.written import (
    EDITION_NAMES,
    FLAT_NAMES,
    IDS,
    Film,
    Held,
    Nomination,
    Nominee,
    UnreadableRowError,
    clean,
    decode,
    explain_unknown,
    pair_films,
    pair_nominees,
    refusal,
    split,
)

EDITION: Final = (*EDITION_NAMES, "nominations")
NOMINATION: Final = (*FLAT_NAMES, "films")
FILM: Final = ("title", "imdb_id", "characters")
NOMINEE: Final = ("name", "imdb_ids", "role")

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\n]')
_EXAMPLE: Final = (
    '{"year": 2024, "nominations": [{"category": "Best Picture", "film": "A Film"}]}'
)
_FLAT_FILM, _FLAT_NOMINEE = ("film", "imdb_id", "characters"), ("nominee_ids", "roles")


class _Object(dict[str, Any]):
    """An object of the file, where it begins, and which of its names stand there twice."""

    line = 0
    twice: tuple[str, ...] = ()


def read_document(body: bytes) -> OwnFile:
    """
    Return what the JSON in *body* says.

    Raises:
        UndecodableError: It is no such file at all: empty, HTML, another encoding, cut, without editions, or with
            names that nobody reads.
    """
    text = decode(body)
    editions = _editions(_parse(text, body), body)
    if unknown := list(dict.fromkeys(_unknown(editions))):
        raise refusal(f"it has unknown names: {'; '.join(unknown)}", body)
    collector = Collector()
    for edition in editions:
        _collect(edition, collector)
    return collector.finish(body)


def _parse(text: str, body: bytes) -> object:
    objects: list[_Object] = []

    def to_object(pairs: list[tuple[str, Any]]) -> _Object:
        names = Counter(key.strip().casefold() for key, _ in pairs)
        made = _Object((key.strip().casefold(), value) for key, value in pairs)
        made.twice = tuple(name for name, count in names.items() if count > 1)
        objects.append(made)
        return made

    try:
        # JSON has no NaN, Python's reader takes it.
        told: object = json.loads(
            text, object_pairs_hook=to_object, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise refusal(
            f"it is no JSON at line {error.lineno:,}, column {error.colno:,} ({error.msg}): is the file cut, or a comma"
            " or quote missing?",
            body,
        ) from None
    except (ValueError, RecursionError) as error:
        raise refusal(f"it is no JSON that can be read ({error})", body) from None
    for each, line in zip(objects, _object_lines(text), strict=True):
        each.line = line
        if each.twice:
            raise refusal(
                f"line {line:,}: {', '.join(each.twice)} stands there twice: remove one of them",
                body,
            )
    return told


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _object_lines(text: str) -> list[int]:
    """Return the lines in which objects of a JSON begin, in the order in which they end: as they are read."""
    line = 1
    begun: list[int] = []
    ended: list[int] = []
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "\n":
                line += 1
            case "{":
                begun.append(line)
            case "}":
                ended.append(begun.pop())
    return ended


def _editions(told: object, body: bytes) -> list[_Object]:
    given = told if isinstance(told, list) else [told]
    editions = [each for each in given if isinstance(each, _Object)]
    if not editions or len(editions) < len(given):
        raise refusal(
            f"it holds no editions: write {_EXAMPLE}, or a list of such", body
        )
    for edition in editions:
        if not isinstance(edition.get("nominations", []), list):
            raise refusal(
                f"line {edition.line:,}: nominations is no list: write [{{…}}, {{…}}]",
                body,
            )
        if "nominations" not in edition and not set(edition).isdisjoint(EDITION):
            raise refusal(
                f"line {edition.line:,}: the edition has no nominations: write {_EXAMPLE}",
                body,
            )
    return editions


def _unknown(editions: Sequence[_Object]) -> Iterator[str]:
    """Give the names that nobody reads, each with its first line."""
    seen: set[str] = set()
    for thing, known, misplaced in _named(editions):
        for name in thing:
            if name in known or name in seen:
                continue
            seen.add(name)
            told = explain_unknown(name, known)
            if name in misplaced:
                told = f"{name!r} ({misplaced[name]})"
            yield f"line {thing.line:,}: {told}"


def _named(
    editions: Sequence[_Object],
) -> Iterator[tuple[_Object, Collection[str], dict[str, str]]]:
    """Give every object with the names it may have, and where others belong."""
    inside = dict.fromkeys(NOMINATION, "it belongs into an object of nominations")
    beside = dict.fromkeys(EDITION_NAMES, "it belongs beside nominations")
    for edition in editions:
        yield edition, EDITION, inside
        for nomination in edition.get("nominations", ()):
            if not isinstance(nomination, _Object):
                continue
            yield nomination, NOMINATION, beside
            for name, known in (("films", FILM), ("nominees", NOMINEE)):
                parts = nomination.get(name)
                for part in parts if isinstance(parts, list) else ():
                    if isinstance(part, _Object):
                        yield part, known, {}


def _collect(edition: _Object, collector: Collector) -> None:
    nominations = edition["nominations"]
    if not nominations:
        collector.lose(edition.line, "the edition's list of nominations is empty")
    try:
        held = Held(*(_scalar(edition, name) for name in EDITION_NAMES))
    except UnreadableRowError as error:
        collector.lose(edition.line, str(error))
        return
    for number, nomination in enumerate(nominations, 1):
        if not isinstance(nomination, _Object):
            collector.lose(edition.line, f"nomination {number} is no object {{…}}")
            continue
        try:
            collector.add(nomination.line, held, _to_given(nomination))
        except UnreadableRowError as error:
            collector.lose(nomination.line, str(error))


def _to_given(told: _Object) -> Nomination:
    if told.get("role") and told.get("roles"):
        raise UnreadableRowError("it has both role and roles: remove one of them")
    return Nomination(
        category=_text(told, "category"),
        canonical_category=_text(told, "canonical_category"),
        films=_films(told),
        nominees=_nominees(told),
        winner=_scalar(told, "winner"),
        songs=_texts(told, "songs"),
        country=_text(told, "country"),
        note=_text(told, "note"),
    )


def _films(told: _Object) -> tuple[Film, ...]:
    if not told.get("films"):
        titles, ids, characters = (_texts(told, name) for name in _FLAT_FILM)
        return pair_films(titles, ids, characters)
    _require_alone(told, "films", _FLAT_FILM)
    return _objects(
        told,
        "films",
        lambda film: Film(
            _text(film, "title"), _text(film, "imdb_id"), _texts(film, "characters")
        ),
    )


def _nominees(told: _Object) -> tuple[Nominee, ...]:
    given = told.get("nominees")
    if not isinstance(given, list) or all(isinstance(each, str) for each in given):
        roles = _texts(told, "role") or _texts(told, "roles")
        return pair_nominees(
            _texts(told, "nominees"), _texts(told, "nominee_ids"), roles
        )
    _require_alone(told, "nominees as objects", ("role", *_FLAT_NOMINEE))
    return _objects(
        told,
        "nominees",
        lambda nominee: Nominee(
            _text(nominee, "name"),
            _texts(nominee, "imdb_ids", IDS),
            _text(nominee, "role"),
        ),
    )


def _require_alone(told: _Object, what: str, others: Sequence[str]) -> None:
    if both := [name for name in others if told.get(name)]:
        raise UnreadableRowError(
            f"it has {what} and also {', '.join(both)}: write these into the objects"
        )


def _objects[T](
    told: _Object, name: str, make: Callable[[_Object], T]
) -> tuple[T, ...]:
    """Return what an object's list of objects says; a text in it is a title or a name alone."""
    given = told[name]
    if not isinstance(given, list):
        raise UnreadableRowError(f"{name} is no list: write [{{…}}, {{…}}]")
    alone = {"films": "title", "nominees": "name"}[name]
    made = []
    for number, each in enumerate(given, 1):
        part = _Object({alone: each}) if isinstance(each, str) else each
        if not isinstance(part, _Object):
            raise UnreadableRowError(f"{name}: number {number} is no object {{…}}")
        made.append(make(part))
    return tuple(made)


def _text(told: _Object, name: str) -> str:
    value = told.get(name)
    if value is not None and not isinstance(value, str):
        raise UnreadableRowError(f"{name} is no text: write it in quotes")
    return clean(value or "")


def _texts(told: _Object, name: str, separator: str = "|") -> tuple[str, ...]:
    value = told.get(name)
    if not isinstance(value, list):
        return split(_text(told, name), separator)
    if not all(isinstance(each, str) for each in value):
        raise UnreadableRowError(f"{name} is no list of texts")
    return tuple(map(clean, value))


def _scalar(told: _Object, name: str) -> str:
    """Return a number, a text, or whether, as it would stand in a table."""
    value = told.get(name)
    match value:
        case None:
            return ""
        case bool() | int():
            return str(value).casefold()
        case str():
            return clean(value)
    raise UnreadableRowError(f"{name} is neither a whole number nor a text")
