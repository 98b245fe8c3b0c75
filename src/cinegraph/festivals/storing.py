"""
Store what a source says of an edition, and the nominations that all sources together mean.

Facts first: nothing is asked, and no film or person has to be known. The caller owns the transaction. The same edition
twice changes nothing; a source that says less than half of what it said is not believed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from cinegraph.db import sql
from cinegraph.errors import CinegraphError, Disposition
from cinegraph.festivals.identity import Known, Row, assign_ids, assign_positions
from cinegraph.festivals.likeness import (
    corrected_film_likeness,
    corrected_nominee_likeness,
    fold,
)
from cinegraph.festivals.linking import link_edition
from cinegraph.festivals.merging import Merged, merge
from cinegraph.festivals.view import View, fingerprints, is_competitive, to_view
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)

LEAST_SHARE: Final = 0.5
"""Of what a source said of an edition before: less is a cut file or another layout, not a correction."""
OWN: Final = "own"
"""A person's own file: whoever writes less means less."""
BELIEVED: Final = (OWN, "oscars_table", "oscars_org", "imdb", "award_events")
"""Sources by how much they are believed where a festival does not say: a person's own file first, bare ids last."""


class ShrunkEditionError(CinegraphError):
    """A source says so little of an edition that it is not believed; what it said before stays."""

    code = "shrunk_edition"
    disposition = Disposition.FAIL


class StoredEdition(msgspec.Struct, frozen=True, kw_only=True):
    """What storing came to."""

    ceremony_id: int
    nominations: int
    """Of the edition, by all sources."""
    new: int
    changed: int
    gone: int = 0
    """That no source says any more."""
    nomination_ids: tuple[int, ...] = ()
    """Of all that it says now."""

    @property
    def is_changed(self) -> bool:
        """Whether a nomination is new, says something else or is gone."""
        return bool(self.new or self.changed or self.gone)


async def ensure_ceremony(
    conn: AsyncConnection[Any],
    organization: str,
    edition: EditionStatement,
    *,
    now: datetime,
) -> int | None:
    """Return the id of an edition, which is made where it is not there; None: there is no such festival."""
    cursor = await conn.execute(
        _load("ensure_ceremony.sql"),
        {
            "organization": organization,
            "year": edition.year,
            "part": edition.part,
            "number": edition.number,
            "eligibility": edition.eligibility,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def store_edition(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    source: str,
    edition: EditionStatement,
    *,
    said_at: datetime,
    now: datetime,
    is_trusted: bool = False,
) -> StoredEdition:
    """
    Store what *source* says of an edition.

    Args:
        is_trusted: Whether its body was believed before: then it counts, however little it says.
        said_at: When the body that says so came: the same body again changes nothing.

    Raises:
        ShrunkEditionError: It said more than twice as much before, and does not say that it shows only a part.

    Locks: the edition and its festival, then its rows.
    """
    ceremony = await _lock(conn, ceremony_id)
    if not is_trusted:
        known = await _read(conn, ceremony_id)
        before = sum(each.source == source and not each.is_withdrawn for each in known)
        require_size(source, edition, before)
    await _write_statements(conn, ceremony_id, source, edition, said_at)
    await conn.execute(_load("note_said.sql"), {"id": ceremony_id, "said_at": said_at})
    return await _write_meant(conn, ceremony, now)


async def withdraw_source(
    conn: AsyncConnection[Any], ceremony_id: int, source: str, *, now: datetime
) -> StoredEdition:
    """
    Let a source say nothing of an edition any more: what it said is kept as withdrawn, and counts no longer.

    What a person decided stays, also of a nomination that nobody says now.

    Locks: as `store_edition`.
    """
    ceremony = await _lock(conn, ceremony_id)
    nothing = EditionStatement(number=None, year=ceremony.year, nominations=())
    await _write_statements(conn, ceremony_id, source, nothing, now)
    return await _write_meant(conn, ceremony, now)


class _Locked(msgspec.Struct, frozen=True):
    """An edition that nobody else stores meanwhile."""

    id: int
    organization_id: int
    year: int
    default_source: str


async def _lock(conn: AsyncConnection[Any], ceremony_id: int) -> _Locked:
    cursor = await conn.execute(_load("lock_ceremony.sql"), {"id": ceremony_id})
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - the caller has made it
    return _Locked(*row)


async def _write_meant(
    conn: AsyncConnection[Any], ceremony: _Locked, now: datetime
) -> StoredEdition:
    """Make the nominations of an edition equal to what all that is said of it means."""
    known = await _read(conn, ceremony.id)
    said = _by_source(known, ceremony.default_source)
    names, lone = await _read_names(conn, ceremony.organization_id)
    merged = merge(
        {name: [each.statement for each in own] for name, own in said.items()},
        known=names,
        lone=lone,
    )
    united = _find_united(merged, names, lone)
    # All at once, before any of them is written or deleted: who stores a film, or links an edition, locks them in
    # order of id, and categories that become one have nominations of other editions.
    await conn.execute(
        _load("lock_edition.sql"),
        {
            "ceremony_id": ceremony.id,
            "organization_id": ceremony.organization_id,
            "categories": sorted(united),
        },
    )
    await _unite_categories(conn, ceremony.organization_id, united)
    statement_ids = {
        (name, number): each.id
        for name, own in said.items()
        for number, each in enumerate(own)
    }
    categories = await _write_categories(
        conn, ceremony.organization_id, ceremony.year, merged
    )
    meant = assign_ids(merged, known, statement_ids, names=names)
    ids = await _take_ids(conn, meant)
    views = dict(zip(ids, map(to_view, merged), strict=True))
    written = await _write_nominations(conn, ceremony.id, views, categories, now)
    await _write_named(conn, ceremony.id, views)
    await _write_meanings(conn, ceremony.id, ids, merged, statement_ids)
    await link_edition(conn, ids, now=now)
    marks = [is_new for _, is_new in written]
    return StoredEdition(
        ceremony_id=ceremony.id,
        nominations=len(ids),
        new=marks.count(True),
        changed=marks.count(False),
        gone=marks.count(None),
        nomination_ids=tuple(ids),
    )


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.festivals", name)


def require_size(source: str, edition: EditionStatement, before: int) -> None:
    """
    Refuse what a source says of an edition where it said more than twice as much.

    Args:
        before: Nominations that it said.

    Raises:
        ShrunkEditionError: It did, and does not say that it shows only a part; a person's own file may.
    """
    now = len(edition.nominations)
    if edition.is_partial or source == OWN or now >= before * LEAST_SHARE:
        return
    raise ShrunkEditionError(
        f"{source} says {now} nominations of {edition.year}, it said {before}: not believed, nothing is changed",
        hint="Look at the source: it may be cut or have another layout. If it is right, import it as your own file.",
    )


def require_total(source: str, now: int, before: int) -> None:
    """
    Refuse a body on all editions that says so much less than its source said of them.

    Raises:
        ShrunkEditionError: It does.
    """
    if now < before * LEAST_SHARE:
        raise ShrunkEditionError(
            f"{source} says {now:,} nominations in all, it said {before:,}: not believed, nothing is changed",
            hint="Look at the source: it may be cut. If it is right, import it as your own file.",
        )


async def _read(conn: AsyncConnection[Any], ceremony_id: int) -> list[Known]:
    cursor = await conn.execute(
        _load("read_statements.sql"), {"ceremony_id": ceremony_id}
    )
    return [
        Known(
            id_,
            source,
            msgspec.convert(body, NominationStatement),
            is_withdrawn,
            tuple(ids),
        )
        for id_, source, body, is_withdrawn, ids in await cursor.fetchall()
    ]


async def _read_names(
    conn: AsyncConnection[Any], organization_id: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Return canonical names by folded name, and those that one source alone ever used, with that source."""
    cursor = await conn.execute(
        _load("read_category_names.sql"), {"organization_id": organization_id}
    )
    rows = await cursor.fetchall()
    names = {folded: name for folded, name, _ in rows}
    return names, {name: lone for _, name, lone in rows if lone is not None}


def _find_united(
    merged: Sequence[Merged], names: Mapping[str, str], lone: Mapping[str, str]
) -> dict[str, str]:
    """Return which categories turn out to be another one: what one source alone called so, others call otherwise."""
    return {
        before: one.category
        for one in merged
        for said in one.said
        for name in (said.statement.canonical_category, said.statement.category)
        if (before := names.get(fold(name))) is not None
        and before != one.category
        and lone.get(before) == said.source
    }


async def _unite_categories(
    conn: AsyncConnection[Any], organization_id: int, united: Mapping[str, str]
) -> None:
    """Make one of categories that turn out to be one; their nominations are locked."""
    for before, after in sorted(united.items()):
        await conn.execute(
            _load("unite_categories.sql"),
            {"organization_id": organization_id, "before": before, "after": after},
        )


def rank(source: str, default: str) -> tuple[int, str]:
    """Return what sources are sorted by: a person's own file, the festival's own source, the others by belief."""
    order = [OWN, default, *BELIEVED[1:]]
    return order.index(source) if source in order else len(order), source


def _by_source(known: Sequence[Known], default: str) -> dict[str, list[Known]]:
    """Return what is said now by source, the one that is believed most first."""
    names = {each.source for each in known if not each.is_withdrawn}
    ranked = sorted(names, key=lambda name: rank(name, default))
    return {
        name: [each for each in known if each.source == name and not each.is_withdrawn]
        for name in ranked
    }


async def _write_statements(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    source: str,
    edition: EditionStatement,
    said_at: datetime,
) -> None:
    said = edition.nominations
    await conn.execute(
        _load("write_statements.sql"),
        {
            "ceremony_id": ceremony_id,
            "source": source,
            "fingerprints": fingerprints(said),
            "positions": list(range(len(said))),
            "bodies": [msgspec.json.encode(each).decode() for each in said],
            "withdraws": not edition.is_partial,
            "said_at": said_at,
        },
    )


async def _write_categories(
    conn: AsyncConnection[Any],
    organization_id: int,
    year: int,
    merged: Sequence[Merged],
) -> dict[str, int]:
    """Have the categories, and what they are called; return their ids by canonical name."""
    first = {one.category: one.said[0].statement for one in reversed(merged)}
    called = {
        (fold(name), one.category): (name, said.source)
        for one in merged
        for said in one.said
        for name in (said.statement.canonical_category, said.statement.category)
    }
    names = sorted(first)
    # Each a statement of its own: what another edition has written meanwhile is seen by the next.
    await conn.execute(
        _load("write_categories.sql"),
        {
            "organization_id": organization_id,
            "names": names,
            "classes": [first[name].category_class for name in names],
            "are_competitive": [is_competitive(first[name]) for name in names],
        },
    )
    await conn.execute(
        _load("write_category_names.sql"),
        {
            "organization_id": organization_id,
            "year": year,
            "category_names": [category for _, category in called],
            "folded": [folded for folded, _ in called],
            "called": [name for name, _ in called.values()],
            "sources": [source for _, source in called.values()],
        },
    )
    cursor = await conn.execute(
        _load("read_categories.sql"),
        {"organization_id": organization_id, "names": names},
    )
    return {name: id_ for id_, name in await cursor.fetchall()}


async def _take_ids(conn: AsyncConnection[Any], ids: Sequence[int | None]) -> list[int]:
    missing = sum(id_ is None for id_ in ids)
    cursor = await conn.execute(_load("take_nomination_ids.sql"), {"count": missing})
    fresh = iter([row[0] for row in await cursor.fetchall()])
    return [next(fresh) if id_ is None else id_ for id_ in ids]


async def _write_nominations(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    views: Mapping[int, View],
    categories: Mapping[str, int],
    now: datetime,
) -> list[tuple[int, bool | None]]:
    """Write them; return the id of each that is new (True), changed (False) or gone (None)."""
    rows = [
        {
            "id": id_,
            "category_id": categories[view.category],
            "position": position,
            **{
                name: getattr(view, name)
                for name in (
                    "category_name",
                    "is_winner",
                    "songs",
                    "country",
                    "subject",
                    "credit",
                    "note",
                    "citation",
                )
            },
        }
        for position, (id_, view) in enumerate(views.items())
    ]
    cursor = await conn.execute(
        _load("write_nominations.sql"),
        {"ceremony_id": ceremony_id, "nominations": _json(rows), "now": now},
    )
    return await cursor.fetchall()


async def _write_named(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    views: Mapping[int, View],
) -> None:
    """Write films and nominees, each into the row that it has."""
    cursor = await conn.execute(_load("read_named.sql"), {"ceremony_id": ceremony_id})
    held_films: dict[int, list[Row[FilmStatement]]] = {}
    held_people: dict[int, list[Row[NomineeStatement]]] = {}
    for id_, position, is_film, name, imdb_ids, is_locked in await cursor.fetchall():
        if is_film:
            film = FilmStatement(name, imdb_ids[0] if imdb_ids else None)
            held_films.setdefault(id_, []).append(Row(position, film, is_locked))
        else:
            nominee = NomineeStatement(name, imdb_ids=tuple(imdb_ids))
            held_people.setdefault(id_, []).append(Row(position, nominee, is_locked))
    films, people = [], []
    for id_, view in views.items():
        places = assign_positions(
            view.films, held_films.get(id_, ()), corrected_film_likeness
        )
        films += [
            {
                "nomination_id": id_,
                "position": place,
                "folded": fold(film.title),
                **msgspec.structs.asdict(film),
            }
            for place, film in zip(places, view.films, strict=True)
        ]
        places = assign_positions(
            view.nominees, held_people.get(id_, ()), corrected_nominee_likeness
        )
        people += [
            {"nomination_id": id_, "position": place, **msgspec.structs.asdict(nominee)}
            for place, nominee in zip(places, view.nominees, strict=True)
        ]
    await conn.execute(
        _load("write_nomination_films.sql"),
        {"nomination_ids": list(views), "films": _json(films)},
    )
    await conn.execute(
        _load("write_nomination_people.sql"),
        {"nomination_ids": list(views), "people": _json(people)},
    )


async def _write_meanings(
    conn: AsyncConnection[Any],
    ceremony_id: int,
    ids: Sequence[int],
    merged: Sequence[Merged],
    statement_ids: Mapping[tuple[str, int], int],
) -> None:
    meanings = [
        (statement_ids[said.source, said.number], id_, said.is_shared)
        for id_, one in zip(ids, merged, strict=True)
        for said in one.said
    ]
    await conn.execute(
        _load("write_meanings.sql"),
        {
            "ceremony_id": ceremony_id,
            "statement_ids": [meaning[0] for meaning in meanings],
            "nomination_ids": [meaning[1] for meaning in meanings],
            "are_shared": [meaning[2] for meaning in meanings],
        },
    )


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
