"""
Films and people by name and filter.

What is asked for is narrow by its words, years, genre or state: then all that fits is read and put in order. Or it is
wide in all of these: then the best are met soon by going through the films in their order. Only what is neither, wide
in each and narrow in all together, takes longer: what fits is put together first.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Composed

from cinegraph.db import sql
from cinegraph.errors import UsageError

MOST_COUNTED: Final = 5_000
"""Films that are read to be put in order, within some 30 ms."""
MOST_MET: Final = 20_000
"""Films that are gone through in their order: of what one in 400 fits, that meets a page of fifty."""
MOST_EXACT: Final = 20
"""Films called exactly as is asked for, which stand before all others."""
MOST_PEOPLE: Final = 5_000
_LONGEST_ASKED: Final = 200
_POPULAR_FILMS: Final = 20


class State(StrEnum):
    """Which films are looked through."""

    STORED = "stored"
    GONE = "gone"
    ANY = "any"


class Order(StrEnum):
    """Which come first; films of which it is not known come last."""

    POPULARITY = "popularity"
    SCORE = "score"
    RELEASE = "release"


class FilmSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    q: str = ""
    """Words of a title; of three letters and more also their beginnings."""
    year_from: int | None = None
    """Released in that year or later."""
    year_to: int | None = None
    """Released in that year or earlier."""
    genre: int | None = None
    """Ours."""
    state: State = State.STORED
    """Whether TMDB still has them."""
    adult: bool = False
    """Whether films for adults are among them."""
    sort: Order = Order.POPULARITY
    """Which come first."""
    after: str | None = None
    """As `FoundFilms.next` of the page before."""


class FoundFilm(msgspec.Struct, frozen=True, kw_only=True):
    """A film of a list."""

    id: int
    tmdb_id: int
    imdb_id: str | None
    title: str
    original_title: str | None
    found_title: str | None
    """The alternative title that has the words; None: its own has them."""
    release_date: date | None
    poster_path: str | None
    popularity: float | None
    is_adult: bool
    gone_at: datetime | None
    score: float | None
    """Of cultural relevance, 0 to 100."""
    genres: list[str]
    directors: list[str]


class FoundFilms(msgspec.Struct, frozen=True, kw_only=True):
    """A page of films."""

    films: list[FoundFilm]
    exact: int
    """How many of all are called exactly so, at most `MOST_EXACT`; on the first page they stand before the others."""
    total: int
    is_more: bool
    """Whether there are more than `total`: many are not counted."""
    next: str | None
    """Where the next page begins; None: this is the last."""


class FoundPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person of a list."""

    id: int
    tmdb_id: int
    name: str
    department: str | None
    films: int
    known_for: str | None
    """The most popular of them."""


class FoundPeople(msgspec.Struct, frozen=True, kw_only=True):
    """People of a name."""

    people: list[FoundPerson]
    total: int
    """That were looked at, at most `MOST_PEOPLE`."""
    is_more: bool


class Genre(msgspec.Struct, frozen=True):
    """A genre that films have."""

    id: int
    name: str


class _Place(NamedTuple):
    """After which film a page begins; `value`: None where it is not known of that film."""

    value: float | date | None
    id: int


class _Ordering(NamedTuple):
    """How films are ordered."""

    value: SQL
    """Of a film, or null."""
    descending: SQL
    """As the index has it."""
    rows: SQL
    """Where films of which it is known stand in order, and what they are called there."""
    number: SQL
    unknown: SQL
    """Whether it is not known of a film."""
    kind: type[float | date]


_ORDERINGS: Final = {
    Order.POPULARITY: _Ordering(
        SQL("film.popularity"),
        SQL("DESC NULLS LAST"),
        SQL("movies AS film"),
        SQL("film.id"),
        SQL("film.popularity IS NULL"),
        float,
    ),
    Order.RELEASE: _Ordering(
        SQL("film.release_date"),
        SQL("DESC NULLS LAST"),
        SQL("movies AS film"),
        SQL("film.id"),
        SQL("film.release_date IS NULL"),
        date,
    ),
    Order.SCORE: _Ordering(
        SQL("scored.score"),
        SQL("DESC"),
        SQL("cri_scores AS scored"),
        SQL("scored.movie_id"),
        SQL(
            "NOT EXISTS (SELECT FROM cri_scores AS scored"
            " WHERE scored.movie_id = film.id AND scored.score IS NOT NULL)"
        ),
        float,
    ),
}
_NAMED: Final = SQL(
    "film.id IN (SELECT movie_id FROM movie_titles WHERE words @@ %(query)s::tsquery)"
)
_IS_NAMED: Final = SQL(
    "EXISTS (SELECT FROM movie_titles AS named WHERE named.movie_id = film.id"
    " AND named.words @@ %(query)s::tsquery OFFSET 0)"  # looked up for each film that is met
)


class _Narrowing(NamedTuple):
    """Something that is asked for, by which there may be few films."""

    probe: Composable
    """All films that fit, by an index."""
    condition: SQL


class _Asked(NamedTuple):
    """What a search comes to in SQL."""

    order: _Ordering
    query: str | None
    values: dict[str, Any]
    narrowings: list[_Narrowing]
    conditions: list[SQL]
    """Of these and all others."""


async def search_films(
    conn: AsyncConnection[Any], search: FilmSearch, *, page_size: int = 50
) -> FoundFilms:
    """
    Return a page of the films that fit, in order; on the first page of words those called exactly so before all others.

    Raises:
        UsageError: `after` is no place of that order.
    """
    place = _read_place(search)
    asked = await _ask(conn, search)
    exact = await _find_exact(conn, search, asked)
    narrow = await _find_narrow(conn, asked)
    if narrow is not None:
        every = await _order(conn, asked, narrow)
        met = _page(every, place, without=exact, most=page_size + 1)
        total, is_more = len(every), False
    else:
        met = await _go_through(conn, asked, place, without=exact, most=page_size + 1)
        # Of one thing asked for it is known that more fit than are counted; of none, or of several together, nothing.
        is_wide = len(asked.narrowings) == 1
        total = MOST_COUNTED if is_wide else min(len(met), page_size)
        is_more = is_wide or len(met) > page_size
    shown = met[:page_size]
    ids = [*(exact if place is None else ()), *(one.id for one in shown)]
    return FoundFilms(
        films=await _show(conn, ids, asked.query),
        exact=len(exact),
        total=total,
        is_more=is_more,
        next=_write_place(shown[-1]) if len(met) > page_size else None,
    )


async def search_people(
    conn: AsyncConnection[Any], asked: str, *, page_size: int = 50
) -> FoundPeople:
    """Return people whose names have all words asked for, those called exactly so first; without a word nobody."""
    query, folded = await _read_words(conn, asked)
    if query is None:
        return FoundPeople(people=[], total=0, is_more=False)
    values = {
        "query": query,
        "folded": folded,
        "most": MOST_PEOPLE + 1,
        "page_size": page_size,
    }
    return await _people(conn, "search_people.sql", values)


async def list_popular_people(
    conn: AsyncConnection[Any], *, page_size: int = 50
) -> FoundPeople:
    """Return who made the films that most people ask for."""
    values = {"films": _POPULAR_FILMS, "page_size": page_size}
    return await _people(conn, "list_popular_people.sql", values)


async def list_genres(conn: AsyncConnection[Any]) -> list[Genre]:
    """Return the genres that films have, by name."""
    async with conn.cursor(row_factory=class_row(Genre)) as cursor:
        await cursor.execute(_load("list_genres.sql"))
        return await cursor.fetchall()


async def _people(
    conn: AsyncConnection[Any], name: str, values: dict[str, Any]
) -> FoundPeople:
    # Planned for these words: a plan for any words reads all people.
    cursor = await conn.execute(_load(name), values, prepare=False)
    rows = await cursor.fetchall()
    total = rows[0][-1] if rows else 0
    fields = FoundPerson.__struct_fields__
    return FoundPeople(
        people=[FoundPerson(**dict(zip(fields, row, strict=False))) for row in rows],
        total=min(total, MOST_PEOPLE),
        is_more=total > MOST_PEOPLE,
    )


async def _read_words(
    conn: AsyncConnection[Any], asked: str
) -> tuple[str | None, str | None]:
    text = asked.replace("\0", " ").strip()[:_LONGEST_ASKED]
    if not text:
        return None, None
    cursor = await conn.execute(_load("read_search.sql"), {"asked": text})
    [(query, folded)] = await cursor.fetchall()
    return query, folded


async def _ask(conn: AsyncConnection[Any], search: FilmSearch) -> _Asked:
    query, folded = await _read_words(conn, search.q)
    narrowings = list(_narrow(search, query))
    conditions = [each.condition for each in narrowings]
    if search.state is State.STORED:
        conditions.append(SQL("film.gone_at IS NULL"))
    if not search.adult:
        conditions.append(SQL("NOT film.is_adult"))
    values = {
        "query": query,
        "folded": folded,
        "genre": search.genre,
        "from": date(_year(search.year_from, date.min.year), 1, 1),
        "to": date(_year(search.year_to, date.max.year), 12, 31),
    }
    return _Asked(_ORDERINGS[search.sort], query, values, narrowings, conditions)


def _narrow(search: FilmSearch, query: str | None) -> Iterator[_Narrowing]:
    """Give what of a search can be narrow."""
    if query is not None:
        yield _Narrowing(
            SQL("SELECT movie_id FROM movie_titles WHERE words @@ %(query)s::tsquery"),
            _IS_NAMED,
        )
    if search.year_from is not None or search.year_to is not None:
        years = SQL("release_date BETWEEN %(from)s AND %(to)s")
        yield _Narrowing(SQL("SELECT id FROM movies WHERE ") + years, years)
    if search.genre is not None:
        yield _Narrowing(
            SQL("SELECT movie_id FROM movie_genres WHERE genre_id = %(genre)s"),
            SQL(
                "EXISTS (SELECT FROM movie_genres AS has"
                " WHERE has.movie_id = film.id AND has.genre_id = %(genre)s OFFSET 0)"
            ),
        )
    if search.state is State.GONE:
        yield _Narrowing(
            SQL("SELECT id FROM movies WHERE gone_at IS NOT NULL"),
            SQL("film.gone_at IS NOT NULL"),
        )


async def _find_exact(
    conn: AsyncConnection[Any], search: FilmSearch, asked: _Asked
) -> list[int]:
    """Return the films called exactly so, where the usual order is asked for."""
    if asked.query is None or search.sort is not Order.POPULARITY:
        return []
    named = SQL(
        "film.id = ANY (ARRAY(SELECT movie_id FROM movie_titles WHERE folded = %(folded)s LIMIT 1000))"
    )
    statement = SQL(
        "SELECT film.id FROM movies AS film WHERE {conditions}"
        " ORDER BY film.popularity DESC NULLS LAST, film.id DESC LIMIT %(most)s"
    ).format(conditions=_all([named, *asked.conditions]))
    return await _ids(conn, statement, {**asked.values, "most": MOST_EXACT})


async def _find_narrow(conn: AsyncConnection[Any], asked: _Asked) -> list[int] | None:
    """Return the films that fit what is narrowest; None: all of it is wide."""
    narrowest: list[int] | None = None
    for each in asked.narrowings:
        statement = SQL("{} LIMIT %(most)s").format(each.probe)
        values = {**asked.values, "most": MOST_COUNTED + 1}
        found = await _ids(conn, statement, values)
        if len(found) <= MOST_COUNTED and (
            narrowest is None or len(found) < len(narrowest)
        ):
            narrowest = found
    return narrowest


async def _order(
    conn: AsyncConnection[Any], asked: _Asked, ids: list[int]
) -> list[_Place]:
    """Return those of few films that fit, in order: those of which the value is known, then the others by id."""
    statement = SQL(
        "SELECT {value}, film.id FROM movies AS film"
        " LEFT JOIN cri_scores AS scored ON scored.movie_id = film.id"
        " WHERE film.id = ANY (%(ids)s::bigint[]) AND {conditions}"
    ).format(value=asked.order.value, conditions=_all(asked.conditions))
    cursor = await conn.execute(statement, {**asked.values, "ids": ids}, prepare=False)
    return sorted((_Place(*row) for row in await cursor.fetchall()), key=_rank)


def _rank(place: _Place) -> tuple[bool, float, int]:
    """Return what the first of an order has least of."""
    value = place.value
    number = float(value.toordinal()) if isinstance(value, date) else value or 0.0
    return value is None, -number, -place.id


def _page(
    every: list[_Place], place: _Place | None, *, without: list[int], most: int
) -> list[_Place]:
    hidden = set(without)
    begin = None if place is None else _rank(place)
    rest = (
        one
        for one in every
        if one.id not in hidden and (begin is None or _rank(one) > begin)
    )
    return list(islice(rest, most))


async def _go_through(
    conn: AsyncConnection[Any],
    asked: _Asked,
    place: _Place | None,
    *,
    without: list[int],
    most: int,
) -> list[_Place]:
    """Return the next films that fit of all that there are."""
    values = {**asked.values, "without": without}
    conditions = list(asked.conditions)
    if without:
        conditions.append(SQL("film.id <> ALL (%(without)s::bigint[])"))
    met: list[_Place] = []
    if place is None or place.value is not None:
        met = await _meet(conn, asked, conditions, values, place=place, most=most)
    if len(met) < most:
        before = place.id if place is not None and place.value is None else None
        values |= {"before": before, "most": most - len(met)}
        statement = SQL(
            "SELECT film.id FROM movies AS film"
            " WHERE {conditions} ORDER BY film.id DESC LIMIT %(most)s"
        ).format(
            conditions=_all(
                [
                    asked.order.unknown,
                    *conditions,
                    *([] if before is None else [SQL("film.id < %(before)s")]),
                ]
            )
        )
        met += [_Place(None, found) for found in await _ids(conn, statement, values)]
    return met


async def _meet(
    conn: AsyncConnection[Any],
    asked: _Asked,
    conditions: list[SQL],
    values: dict[str, Any],
    *,
    place: _Place | None,
    most: int,
) -> list[_Place]:
    """Return the next films of which the value is known: met on the way, or else of all that fit."""
    order = asked.order
    begun: list[Composable] = [SQL("{} IS NOT NULL").format(order.value)]
    values = {**values, "most": most, "steps": MOST_MET}
    if place is not None:
        begun.append(
            SQL("({value}, {number}) < (%(value)s, %(id)s)").format(
                value=order.value, number=order.number
            )
        )
        values |= {"value": place.value, "id": place.id}
    told = {
        "value": order.value,
        "descending": order.descending,
        "number": order.number,
        "rows": order.rows,
        "begun": _all(begun),
        "conditions": _all(conditions),
    }
    met = await _places(conn, _ON_THE_WAY.format(**told), values)
    if len(met) == most:
        return met
    few = [_NAMED if each is _IS_NAMED else each for each in conditions]
    told["conditions"] = _all([*few, *begun])
    return await _places(conn, _OF_ALL.format(**told), values)


_ON_THE_WAY: Final = SQL(
    "SELECT step.value, step.id FROM ("
    "SELECT {value} AS value, {number} AS id FROM {rows} WHERE {begun}"
    " ORDER BY {value} {descending}, {number} DESC LIMIT %(steps)s"
    ") AS step INNER JOIN LATERAL (SELECT * FROM movies WHERE movies.id = step.id OFFSET 0) AS film ON true"
    " WHERE {conditions} LIMIT %(most)s"
)
"""In their order as they are met: what is joined row by row keeps it."""
_OF_ALL: Final = SQL(
    "SELECT found.value, found.id FROM ("
    "SELECT {value} AS value, film.id FROM movies AS film"
    " LEFT JOIN cri_scores AS scored ON scored.movie_id = film.id"
    " WHERE {conditions} OFFSET 0"
    ") AS found ORDER BY found.value DESC, found.id DESC LIMIT %(most)s"
)
"""Put together first, and then in order."""


async def _places(
    conn: AsyncConnection[Any], statement: Composed, values: dict[str, Any]
) -> list[_Place]:
    cursor = await conn.execute(statement, values, prepare=False)
    return [_Place(*row) for row in await cursor.fetchall()]


async def _show(
    conn: AsyncConnection[Any], ids: list[int], query: str | None
) -> list[FoundFilm]:
    if not ids:
        return []
    async with conn.cursor(row_factory=class_row(FoundFilm)) as cursor:
        await cursor.execute(
            _load("show_found_films.sql"), {"movie_ids": ids, "query": query}
        )
        return await cursor.fetchall()


async def _ids(
    conn: AsyncConnection[Any], statement: Composed, values: dict[str, Any]
) -> list[int]:
    cursor = await conn.execute(statement, values, prepare=False)
    return [row[0] for row in await cursor.fetchall()]


def _all(conditions: Sequence[Composable]) -> Composable:
    return SQL(" AND ").join(conditions) if conditions else SQL("true")


def _year(year: int | None, otherwise: int) -> int:
    return otherwise if year is None else min(max(year, date.min.year), date.max.year)


def _write_place(place: _Place) -> str:
    value = "" if place.value is None else str(place.value)
    return f"{value}~{place.id}"


def _read_place(search: FilmSearch) -> _Place | None:
    """Return what `_write_place` wrote (UsageError)."""
    if search.after is None:
        return None
    value, _, number = search.after.partition("~")
    kind = _ORDERINGS[search.sort].kind
    try:
        read = None if not value else _read_value(kind, value)
        return _Place(read, min(int(number), 2**63 - 1))
    except ValueError:
        raise UsageError(
            f"no page begins after {search.after!r}",
            hint="Leave `after` out for the first page.",
        ) from None


def _read_value(kind: type[float | date], value: str) -> float | date:
    return date.fromisoformat(value) if kind is date else float(value)


def _load(name: str) -> Any:  # noqa: ANN401 - psycopg's Query
    return sql.load("cinegraph.catalog", name)
