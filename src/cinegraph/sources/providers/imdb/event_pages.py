"""
A page of an event at IMDb that a person saved, into statements; pure. No page of imdb.com is ever asked for.

What it says stands in it as JSON (`__NEXT_DATA__`); that alone may be saved too. Award, category, nominations; in each
either the titles come first, with the names beside, or the names, with the titles beside.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.imdb.settings import SOURCE_NAME

ENDPOINT: Final = "event page"

_SCRIPT: Final = re.compile(
    rb'<script[^>]*\bid="__NEXT_DATA__"[^>]*>(.*?)</script>', re.DOTALL
)
_SONG: Final = re.compile(
    r'(?:For|Song:?)?\s*["\u201c](?P<song>.+?)["\u201d]\.?\s*', re.IGNORECASE
)
_SONG_CATEGORY: Final = re.compile(r"\bsongs?\b", re.IGNORECASE)


class _Part(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A piece of the page's JSON; what nobody reads is not named."""


class _Text(_Part, frozen=True):
    text: str | None = None


class _Plain(_Part, frozen=True):
    plain_text: str | None = None


class _Title(_Part, frozen=True):
    id: str
    title_text: _Text | None = None


class _AwardTitle(_Part, frozen=True):
    title: _Title


class _Name(_Part, frozen=True):
    id: str
    name_text: _Text | None = None


class _AwardName(_Part, frozen=True):
    name: _Name
    note: _Plain | None = None


class _Company(_Part, frozen=True):
    id: str
    company_text: _Text | None = None


class _AwardCompany(_Part, frozen=True):
    company: _Company


class _Awarded(_Part, frozen=True):
    award_titles: list[_AwardTitle] | None = None
    award_names: list[_AwardName] | None = None
    award_companies: list[_AwardCompany] | None = None
    secondary_award_titles: list[_AwardTitle] | None = None
    secondary_award_names: list[_AwardName] | None = None
    secondary_award_companies: list[_AwardCompany] | None = None


class _Nomination(_Part, frozen=True):
    awarded_entities: _Awarded
    is_winner: bool | None = None
    notes: _Plain | None = None


class _NominationEdge(_Part, frozen=True):
    node: _Nomination


class _PageInfo(_Part, frozen=True):
    has_next_page: bool = False


class _Nominations(_Part, frozen=True):
    edges: list[_NominationEdge]
    page_info: _PageInfo | None = None


class _Category(_Part, frozen=True):
    nominations: _Nominations
    category: _Text | None = None


class _CategoryEdge(_Part, frozen=True):
    node: _Category


class _Categories(_Part, frozen=True):
    edges: list[_CategoryEdge]
    page_info: _PageInfo | None = None


class _Award(_Part, frozen=True):
    text: str
    nomination_categories: _Categories


class _Edition(_Part, frozen=True):
    awards: list[_Award]


class _EditionInfo(_Part, frozen=True):
    year: int
    instance_within_year: int = 1


class _PageProps(_Part, frozen=True):
    edition_info: _EditionInfo
    edition: _Edition
    event_name: str | None = None


class _Props(_Part, frozen=True):
    page_props: _PageProps


class _Query(_Part, frozen=True):
    evconst: str


class _NextData(_Part, frozen=True):
    props: _Props
    query: _Query


class EventPage(msgspec.Struct, frozen=True):
    """What a saved page says."""

    event_id: str
    """`ev…`, which festival it is."""
    edition: EditionStatement


_decoder = msgspec.json.Decoder(_NextData)


def read_event_page(body: bytes) -> EventPage:
    """
    Return what a saved page of an event says.

    Raises:
        UndecodableError: Nothing of an event is in it: empty, as IMDb answers programs (202), another page, or cut.
        PayloadError: Its JSON has another shape: the layout has changed. `field` says where.
    """
    if not body.strip():
        raise _undecodable(
            "it is empty: IMDb answers programs so (202); save the page from a browser",
            body,
        )
    payload = _payload(body)
    try:
        data = _decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise PayloadError(
            f"it is IMDb's JSON, but of another shape: has its layout changed? {error}",
            source=SOURCE_NAME,
            endpoint=ENDPOINT,
            body=body,
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _undecodable(f"its JSON is broken ({error}): is it cut?", body) from None
    return EventPage(data.query.evconst, _to_edition(data.props.page_props))


def _payload(body: bytes) -> bytes:
    if body.lstrip()[:1] == b"{":
        return body
    found = _SCRIPT.search(body)
    if found is None:
        raise _undecodable("it is no saved page of an event: no __NEXT_DATA__", body)
    return found[1]


def _undecodable(reason: str, body: bytes) -> UndecodableError:
    return UndecodableError(reason, source=SOURCE_NAME, endpoint=ENDPOINT, body=body)


def _to_edition(props: _PageProps) -> EditionStatement:
    nominations = tuple(_nominations(props.edition))
    if not any(nomination.is_winner for nomination in nominations):
        nominations = tuple(
            msgspec.structs.replace(each, is_winner=None) for each in nominations
        )
    return EditionStatement(
        number=None,
        year=props.edition_info.year,
        part=props.edition_info.instance_within_year,
        is_partial=_is_partial(props.edition),
        nominations=nominations,
    )


def _is_partial(edition: _Edition) -> bool:
    """Whether the page shows only the first of many: the rest came when somebody scrolled."""
    infos: list[_PageInfo | None] = []
    for award in edition.awards:
        infos.append(award.nomination_categories.page_info)
        infos += [
            edge.node.nominations.page_info
            for edge in award.nomination_categories.edges
        ]
    return any(info is not None and info.has_next_page for info in infos)


def _nominations(edition: _Edition) -> Iterator[NominationStatement]:
    for award in edition.awards:
        for edge in award.nomination_categories.edges:
            category = _text(edge.node.category) or award.text
            for nominee in edge.node.nominations.edges:
                yield _to_nomination(award.text, category, nominee.node)


def _to_nomination(award: str, category: str, said: _Nomination) -> NominationStatement:
    awarded = said.awarded_entities
    note = said.notes.plain_text if said.notes else None
    found = _SONG.fullmatch(note) if note and _SONG_CATEGORY.search(category) else None
    return NominationStatement(
        category=category,
        canonical_category=category,
        category_class=award,
        films=tuple(_films(awarded)),
        nominees=tuple(_nominees(awarded)),
        is_winner=bool(said.is_winner),
        songs=(found["song"],) if found else (),
        note=None if found else note,
    )


def _films(awarded: _Awarded) -> Iterator[FilmStatement]:
    for each in _both(awarded.award_titles, awarded.secondary_award_titles):
        yield FilmStatement(_text(each.title.title_text), each.title.id)


def _nominees(awarded: _Awarded) -> Iterator[NomineeStatement]:
    for person in _both(awarded.award_names, awarded.secondary_award_names):
        yield NomineeStatement(
            _text(person.name.name_text),
            NomineeKind.PERSON,
            (person.name.id,),
            person.note.plain_text if person.note else None,
        )
    for each in _both(awarded.award_companies, awarded.secondary_award_companies):
        yield NomineeStatement(
            _text(each.company.company_text), NomineeKind.COMPANY, (each.company.id,)
        )


def _both[T](first: Iterable[T] | None, second: Iterable[T] | None) -> Iterator[T]:
    yield from first or ()
    yield from second or ()


def _text(text: _Text | None) -> str:
    return (text.text or "").strip() if text else ""
