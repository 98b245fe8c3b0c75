"""
An event's file into statements; pure.

One YAML file an event: edition, award, category, and there the lists `nominee` and `winner` of IMDb's ids of titles.
Winners are nominees too. An edition is called after its year, a second one of the same year `1930-2`. No people are
named, and a title that is nominated twice in a category stands there once.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
)
from cinegraph.sources.providers.award_events.settings import SOURCE_NAME

ENDPOINT: Final = "event"
MOST_NOMINATIONS: Final = 500_000
"""The largest file has 15,000; one whose aliases multiply is refused before it fills the memory."""

_EDITION: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?", re.ASCII)
_TITLE_ID: Final = re.compile(r"tt\d{7,9}", re.ASCII)
_NOMINEE, _WINNER = "nominee", "winner"


class UnreadablePart(msgspec.Struct, frozen=True):
    """A part of the file that names no nomination."""

    line: int
    """Counted from 1."""
    reason: str


class EventFile(msgspec.Struct, frozen=True):
    """What the file says."""

    editions: tuple[EditionStatement, ...]
    """The latest first, as in the file; an edition that is only announced has no nominations."""
    unreadable: tuple[UnreadablePart, ...]


def read_event(body: bytes) -> EventFile:
    """
    Return what an event's file says.

    Raises:
        UndecodableError: It is no such file at all: empty, HTML, cut, or without editions.
    """
    root = _compose(body)
    if not isinstance(root, MappingNode):
        raise _refusal("it holds no editions", body)
    reader = _Reader(body)
    editions = tuple(reader.editions(root))
    if not editions:
        raise _refusal("none of its keys is the year of an edition", body)
    return EventFile(editions, tuple(reader.unreadable))


def _compose(body: bytes) -> Node | None:
    if not body.strip():
        raise _refusal("it is empty", body)
    if body.lstrip()[:1] == b"<":
        raise _refusal("it is a web page, not an event's file", body)
    try:
        # Nodes, not values: keys that stand there twice are both kept, and nothing is made of what a file asks for.
        root: Node | None = yaml.compose(body, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1:,}: is the file cut?" if mark else ""
        raise _refusal(f"it is no YAML{where}", body) from None
    return root


def _refusal(reason: str, body: bytes) -> UndecodableError:
    return UndecodableError(reason, source=SOURCE_NAME, endpoint=ENDPOINT, body=body)


class _Reader:
    """Walks the file, and remembers what it could not read."""

    def __init__(self, body: bytes) -> None:
        self.unreadable: list[UnreadablePart] = []
        self._body = body
        self._left = MOST_NOMINATIONS

    def editions(self, root: MappingNode) -> Iterator[EditionStatement]:
        for key, awards in root.value:
            found = _EDITION.fullmatch(_text(key))
            if found is None:
                self._refuse(key, f"{_text(key)!r} is no edition")
                continue
            nominations = list(self._nominations(awards))
            if not any(each.is_winner for each in nominations):
                nominations = [
                    msgspec.structs.replace(each, is_winner=None)
                    for each in nominations
                ]
            yield EditionStatement(
                number=None,
                year=int(found[1]),
                part=int(found[2] or 1),
                nominations=tuple(nominations),
            )

    def _nominations(self, awards: Node) -> Iterator[NominationStatement]:
        for award, categories in self._pairs(awards, "an edition"):
            for category, lists in self._pairs(categories, "an award"):
                yield from self._category(_text(award), _text(category), lists)

    def _category(
        self, award: str, category: str, lists: Node
    ) -> Iterator[NominationStatement]:
        ids: dict[str, list[str]] = {_NOMINEE: [], _WINNER: []}
        for key, titles in self._pairs(lists, "a category"):
            if _text(key) in ids:
                ids[_text(key)] += self._ids(titles)
            else:
                self._refuse(key, f"{_text(key)!r} is neither nominees nor winners")
        winners = set(ids[_WINNER])
        for imdb_id in dict.fromkeys(ids[_NOMINEE] + ids[_WINNER]):
            yield NominationStatement(
                category=category,
                canonical_category=category,
                category_class=award,
                films=(FilmStatement("", imdb_id),),
                # Where no winner is named, nobody has lost.
                is_winner=imdb_id in winners if winners else None,
            )

    def _ids(self, titles: Node) -> Iterator[str]:
        if not isinstance(titles, SequenceNode):
            self._refuse(titles, "a list of titles was expected")
            return
        for title in titles.value:
            self._left -= 1
            if self._left < 0:
                raise _refusal(
                    f"it names more than {MOST_NOMINATIONS:,} titles", self._body
                )
            if _TITLE_ID.fullmatch(_text(title)):
                yield _text(title)
            else:
                self._refuse(title, f"{_text(title)!r} is no IMDb id of a title")

    def _pairs(self, node: Node, what: str) -> Iterator[tuple[Node, Node]]:
        if isinstance(node, MappingNode):
            yield from node.value
        elif _text(node):
            self._refuse(node, f"{what} was expected, not {_text(node)[:40]!r}")

    def _refuse(self, node: Node, reason: str) -> None:
        self.unreadable.append(UnreadablePart(node.start_mark.line + 1, reason))


def _text(node: Node) -> str:
    """The node's text; of a list or a mapping its kind."""
    return (
        str(node.value).strip()
        if isinstance(node, ScalarNode)
        else f"a {type(node).__name__.removesuffix('Node').lower()}"
    )
