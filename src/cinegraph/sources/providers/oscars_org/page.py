"""
The page of a ceremony at oscars.org into statements; pure.

No ids. Two categories are written the wrong way round: where the film should be, International Feature has the country
and Original Song the song, whose film stands before the names: "from Barbie; Music and Lyric by …".
"""

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)
from cinegraph.sources.credit_lines import split_credit
from cinegraph.sources.providers.oscars_org.settings import SOURCE_NAME

ENDPOINT: Final = "ceremony"
CATEGORY: Final = ".paragraph--type--award-category"
CATEGORY_NAME: Final = ".field--name-field-award-category-oscars"
HONOREE: Final = ".paragraph--type--award-honoree"
HONOREE_TYPE: Final = ".field--name-field-honoree-type"
ENTITIES: Final = ".field--name-field-award-entities"
FILM: Final = ".field--name-field-award-film"

_TITLE: Final = re.compile(
    r"The (\d{1,3})(?:st|nd|rd|th) Academy Awards\s*\|\s*(\d{4})"
)
_SONG_FILM: Final = re.compile(r"from\s+(?P<film>.+?)\s*;\s*(?P<credit>.*)", re.DOTALL)
_COUNTRY_FIRST: Final = "international feature film"
_SONG_FIRST: Final = "music (original song)"
_WINNER: Final = "winner"


def read_page(body: bytes) -> EditionStatement:
    """
    Return what the page of a ceremony says.

    Raises:
        UndecodableError: It is no such page: empty (which a firewall sends), a check of the browser, another layout, or
            a category without a name or a nominee.
    """
    if not body.strip():
        raise _refusal("it is empty, as firewalls answer", body)
    page = LexborHTMLParser(body)
    number, year = _edition(page, body)
    nominations = tuple(_nominations(page, body))
    if not nominations:
        raise _refusal(
            "it is the ceremony's page, but no award is found on it: has its layout changed?",
            body,
        )
    return EditionStatement(number=number, year=year, nominations=nominations)


def _refusal(reason: str, body: bytes) -> UndecodableError:
    return UndecodableError(reason, source=SOURCE_NAME, endpoint=ENDPOINT, body=body)


def _edition(page: LexborHTMLParser, body: bytes) -> tuple[int, int]:
    title = _text(page.css_first("title"))
    found = _TITLE.search(title)
    if found is None:
        shown = f"it is called {title[:60]!r}" if title else "it has no title"
        raise _refusal(f"it is no page of a ceremony: {shown}", body)
    return int(found[1]), int(found[2])


def _nominations(page: LexborHTMLParser, body: bytes) -> Iterator[NominationStatement]:
    # Before the night everybody is a nominee: then nobody has lost.
    kinds = {_text(node).casefold() for node in page.css(HONOREE_TYPE)}
    is_over = _WINNER in kinds
    for category in page.css(CATEGORY):
        name = _text(category.css_first(CATEGORY_NAME))
        honorees = category.css(HONOREE)
        if not name or not honorees:
            raise _refusal(
                f"the category {name!r} has no nominees"
                if name
                else "a category has no name",
                body,
            )
        for honoree in honorees:
            is_winner = _text(honoree.css_first(HONOREE_TYPE)).casefold() == _WINNER
            yield _nomination(name, honoree, is_winner=is_winner if is_over else None)


def _nomination(
    category: str, honoree: LexborNode, *, is_winner: bool | None
) -> NominationStatement:
    credit, film = _text(honoree.css_first(ENTITIES)), _text(honoree.css_first(FILM))
    songs: tuple[str, ...] = ()
    country = None
    if category.casefold() == _COUNTRY_FIRST:
        credit, film, country = "", credit, film or None
    elif category.casefold() == _SONG_FIRST and (found := _SONG_FILM.fullmatch(credit)):
        songs, film, credit = (film,), found["film"], found["credit"]
    return NominationStatement(
        category=category,
        canonical_category=category,
        films=(FilmStatement(film),) if film else (),
        nominees=tuple(
            NomineeStatement(name, role=role) for name, role in split_credit(credit)
        ),
        is_winner=is_winner,
        credit=credit or None,
        songs=songs,
        country=country,
    )


def _text(node: LexborNode | None) -> str:
    return "" if node is None else " ".join(node.text().split())
