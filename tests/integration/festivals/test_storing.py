"""Storing editions: nothing lost, nothing doubled, and what nobody changed stays as it is."""

import asyncio
import gzip
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg import sql

from cinegraph.db.pool import Pool
from cinegraph.festivals import browse
from cinegraph.festivals.linking import link_edition
from cinegraph.festivals.storing import (
    ShrunkEditionError,
    StoredEdition,
    ensure_ceremony,
    store_edition,
)
from cinegraph.festivals.withdrawing import Saying, find_said, withdraw
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.imdb.event_pages import read_event_page
from cinegraph.sources.providers.oscars_org.page import read_page
from cinegraph.sources.providers.oscars_table.table import read_table
from polling import until

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TABLES = (
    "festival_nominations",
    "nomination_films",
    "nomination_people",
    "nomination_meanings",
)
TABLE, PAGE, SAVED = "oscars_table", "oscars_org", "imdb"


def said(
    film: str,
    *names: str,
    category: str = "ACTOR",
    imdb_id: str | None = None,
    **facts: Any,
) -> NominationStatement:
    """Return a nomination."""
    return NominationStatement(
        category=category,
        canonical_category=category,
        films=(FilmStatement(film, imdb_id),),
        nominees=tuple(NomineeStatement(name, NomineeKind.PERSON) for name in names),
        **facts,
    )


def edition(*nominations: NominationStatement, **facts: Any) -> EditionStatement:
    """Return the ceremony of 2024."""
    told = {"number": 96, "year": 2024, "nominations": nominations}
    return EditionStatement(**(told | facts))


class Store:
    """Stores editions of the Academy Awards, each in a transaction of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(
        self, source: str, told: EditionStatement, now: datetime = NOON
    ) -> StoredEdition:
        """Store what a source says."""
        async with self._pool.connection() as conn, conn.transaction():
            ceremony_id = await ensure_ceremony(conn, "oscars", told, now=now)
            assert ceremony_id is not None
            return await store_edition(
                conn, ceremony_id, source, told, said_at=now, now=now
            )

    async def withdraw(self, source: str, now: datetime) -> StoredEdition:
        """Take back what a source says of the one edition there is."""
        [ceremony_id] = await self.fetch("SELECT id FROM festival_ceremonies")
        async with self._pool.connection() as conn, conn.transaction():
            return await withdraw(conn, ceremony_id, source, now=now)

    async def said(self, source: str, year: int | None = None) -> Saying:
        """Return what a source says of the festival."""
        async with self._pool.connection() as conn:
            return await find_said(conn, "oscars", source, year=year)

    async def fetch(self, query: Any, parameters: Sequence[object] = ()) -> list[Any]:  # noqa: ANN401 - SQL
        """Run a query; rows of one column come as values."""
        async with self._pool.connection() as conn:
            cursor = await conn.execute(query, parameters)
            rows = await cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    async def rows(self) -> list[Any]:
        """Return every row of nominations with its place on disk and the transaction that wrote it."""
        return [
            await self.fetch(
                sql.SQL(
                    "SELECT t.ctid::text, t.xmin::text, to_jsonb(t) FROM {} AS t ORDER BY 1"
                ).format(sql.Identifier(table))
            )
            for table in TABLES
        ]


@pytest.fixture
def store(pool: Pool) -> Store:
    """Return what stores."""
    return Store(pool)


async def test_an_edition_before_its_night_and_after_it(store: Store) -> None:
    """The same nominations, then with winners."""
    before = [said("A", "One"), said("A", "Two"), said("B", "Three")]
    first = await store(TABLE, edition(*before))
    ids = await store.fetch("SELECT id FROM festival_nominations ORDER BY position")
    after = [
        msgspec.structs.replace(each, is_winner=number == 1)
        for number, each in enumerate(before)
    ]

    second = await store(TABLE, edition(*after), NOON + DAY)

    assert (first.new, first.changed, second.new, second.changed) == (3, 0, 0, 3)
    rows = await store.fetch(
        "SELECT id, is_winner FROM festival_nominations ORDER BY position"
    )
    assert rows == list(zip(ids, [False, True, False], strict=True))


async def test_the_same_again_writes_nothing(store: Store) -> None:
    """Not a row is touched."""
    told = edition(said("A", "One"), said("A", "Two", is_winner=True))
    await store(TABLE, told)
    before = await store.rows()

    again = await store(TABLE, told, NOON + DAY)

    assert not again.is_changed
    assert await store.rows() == before


async def test_a_correction_keeps_the_nomination(store: Store) -> None:
    """Another title, another spelling: the id stays, and what a person decided about it."""
    await store(TABLE, edition(said("A", "One"), said("Sirat", "Laia Casanova")))
    [id_] = await store.fetch(
        "SELECT nomination_id FROM nomination_films WHERE title = 'Sirat'"
    )
    await store.fetch(
        "UPDATE nomination_people SET is_locked = true, found_by = 'person' WHERE nomination_id = %s",
        [id_],
    )

    await store(
        TABLE,
        edition(said("A", "One"), said("Sirāt", "Laia Casanovas", imdb_id="tt0000007")),
        NOON + DAY,
    )

    assert await store.fetch(
        "SELECT title, imdb_id FROM nomination_films WHERE nomination_id = %s", [id_]
    ) == [("Sirāt", "tt0000007")]
    assert await store.fetch(
        "SELECT name, is_locked, found_by FROM nomination_people WHERE nomination_id = %s",
        [id_],
    ) == [("Laia Casanovas", True, "person")]
    assert await store.fetch("SELECT count(*) FROM festival_nominations") == [2]
    assert await store.fetch(
        "SELECT count(*) FROM nomination_statements WHERE withdrawn_at IS NOT NULL"
    ) == [1]


async def test_a_corrected_id_leaves_nobody_beside_the_decision(store: Store) -> None:
    """The film's and the nominee's rows stay, with what a person decided; the category is called otherwise too."""
    nominees = (NomineeStatement("One", imdb_ids=("nm0000001",)),)
    told = said("A", imdb_id="tt0000001")
    before = msgspec.structs.replace(told, nominees=nominees)
    await store(TABLE, edition(before))
    await store.fetch("UPDATE nomination_films SET is_locked = true")
    await store.fetch("UPDATE nomination_people SET is_locked = true")
    ids = await store.fetch("SELECT id FROM festival_nominations")
    after = msgspec.structs.replace(
        said("A", imdb_id="tt0000002", category="LEADING ACTOR"),
        nominees=(NomineeStatement("One", imdb_ids=("nm0000002",)),),
    )

    for corrected in (msgspec.structs.replace(after, category="ACTOR"), after):
        await store(TABLE, edition(corrected), NOON + DAY)

    assert await store.fetch("SELECT id FROM festival_nominations") == ids
    assert await store.fetch(
        "SELECT imdb_id, position, is_locked FROM nomination_films"
    ) == [("tt0000002", 0, True)]
    assert await store.fetch(
        "SELECT imdb_ids, position, is_locked FROM nomination_people"
    ) == [(["nm0000002"], 0, True)]


async def test_what_is_withdrawn_is_gone_unless_somebody_decided(store: Store) -> None:
    """What was said stays as a statement."""
    told = [said("A", "One"), said("B", "Two"), said("C", "Three"), said("D", "Four")]
    await store(TABLE, edition(*told))
    await store.fetch("UPDATE nomination_films SET is_locked = true WHERE title = 'C'")

    await store(TABLE, edition(*told[:2]), NOON + DAY)

    titles = await store.fetch("SELECT title FROM nomination_films ORDER BY 1")
    assert titles == ["A", "B", "C"]
    names = await store.fetch("SELECT name FROM nomination_people ORDER BY 1")
    assert names == ["One", "Three", "Two"]
    assert await store.fetch("SELECT count(*) FROM nomination_statements") == [4]


async def test_a_source_is_taken_back_as_if_it_said_nothing(store: Store) -> None:
    """What others say keeps its id and is told by them; what was decided stays; said again, it is as it was."""
    await store(TABLE, edition(said("A", "One"), said("B", "Two", is_winner=False)))
    before = await store.fetch("SELECT id, is_winner FROM festival_nominations")
    mine = edition(
        said("B", "Two", is_winner=True), said("C", "Three"), said("D", "Four")
    )
    await store("own", mine)
    await store.fetch("UPDATE nomination_films SET is_locked = true WHERE title = 'C'")

    told = await store.said("own")
    done = await store.withdraw("own", NOON + DAY)

    [held] = told.editions
    assert (held.statements, held.alone, held.decided) == (3, 1, 1)
    assert [each.statement for each in told.examples] == list(mine.nominations)
    assert told.sources == (TABLE, "own")
    assert (done.gone, done.nominations) == (1, 2)
    titles = await store.fetch("SELECT title FROM nomination_films ORDER BY 1")
    assert titles == ["A", "B", "C"]
    after = await store.fetch(
        "SELECT id, is_winner FROM festival_nominations ORDER BY id LIMIT 2"
    )
    assert after == sorted(before)
    assert await store.fetch(
        "SELECT withdrawn_at = %s, count(*) FROM nomination_statements WHERE source = 'own' GROUP BY 1",
        [NOON + DAY],
    ) == [(True, 3)]
    assert (await store.said("own")).editions == ()

    await store("own", mine, NOON + 2 * DAY)

    titles = await store.fetch("SELECT title FROM nomination_films ORDER BY 1")
    assert titles == ["A", "B", "C", "D"]


async def test_what_is_taken_back_twice_writes_nothing(store: Store) -> None:
    """The second time nothing is left to take back."""
    await store(TABLE, edition(said("A", "One")))
    await store(PAGE, edition(said("A", "One"), said("B", "Two")))
    await store.withdraw(PAGE, NOON + DAY)
    rows = await store.rows()

    done = await store.withdraw(PAGE, NOON + 2 * DAY)

    assert not done.is_changed
    assert await store.rows() == rows


async def test_a_decision_stays_with_the_name_it_was_made_for(store: Store) -> None:
    """One name is within the other, and the source says them in another order."""
    await store(TABLE, edition(said("A", "Alan Ladd", "Alan Ladd Jr.")))
    await store.fetch(
        "UPDATE nomination_people SET is_locked = true WHERE name = 'Alan Ladd'"
    )

    await store(TABLE, edition(said("A", "Alan Ladd Jr.", "Alan Ladd")), NOON + DAY)

    rows = await store.fetch("SELECT name, is_locked FROM nomination_people ORDER BY 1")
    assert rows == [("Alan Ladd", True), ("Alan Ladd Jr.", False)]


@pytest.mark.parametrize("few", [0, 1])
async def test_a_list_that_shrank_is_not_believed(store: Store, few: int) -> None:
    """Nothing changes, and the message says what to do."""
    told = [said(film, "One") for film in "ABCDE"]
    await store(TABLE, edition(*told))
    before = await store.rows()

    with pytest.raises(
        ShrunkEditionError, match=f"says {few} nominations of 2024, it said 5"
    ) as caught:
        await store(TABLE, edition(*told[:few]), NOON + DAY)

    assert "own file" in (caught.value.hint or "")
    assert await store.rows() == before


async def test_a_part_takes_nothing_away(store: Store) -> None:
    """A saved page that shows the first of many."""
    told = [said(film, "One") for film in "ABCDE"]
    await store(SAVED, edition(*told))

    await store(SAVED, edition(told[0], is_partial=True), NOON + DAY)

    assert await store.fetch("SELECT count(*) FROM festival_nominations") == [5]


async def test_several_sources_fill_each_other_in(store: Store) -> None:
    """Whatever comes first: ids of one, roles of another, and the rank decides where they differ."""
    table = said("The Boy", "Ann One", imdb_id="tt0000001", is_winner=False)
    page = NominationStatement(
        category="Actor",
        canonical_category="Actor",
        films=(FilmStatement("The Boy"),),
        nominees=(NomineeStatement("Ann One", role="Lead"),),
        is_winner=True,
    )
    rows = []
    for order in ((TABLE, PAGE), (PAGE, TABLE)):
        for source in order:
            await store(source, edition(table if source == TABLE else page))
        rows.append(
            await store.fetch(
                "SELECT category_name, is_winner, title, imdb_id, name, role FROM festival_nominations AS n"
                " JOIN nomination_films AS f ON f.nomination_id = n.id"
                " JOIN nomination_people AS p ON p.nomination_id = n.id"
            )
        )
        await store.fetch("DELETE FROM festival_ceremonies")

    assert rows[0] == rows[1]
    assert rows[0] == [("ACTOR", False, "The Boy", "tt0000001", "Ann One", "Lead")]


async def test_two_editions_at_once_agree_on_the_names_of_categories(
    store: Store, pool: Pool
) -> None:
    """The one that waits has not looked yet how the other one calls them."""
    actor = said("A", "One", category="Best Actor")
    first = edition(msgspec.structs.replace(actor, canonical_category="ACTOR"))
    async with (
        pool.connection() as conn,
        asyncio.TaskGroup() as tasks,
        conn.transaction(),
    ):
        ceremony_id = await ensure_ceremony(conn, "oscars", first, now=NOON)
        assert ceremony_id is not None
        await store_edition(conn, ceremony_id, TABLE, first, said_at=NOON, now=NOON)
        tasks.create_task(store(PAGE, edition(actor, number=95, year=2023)))
        await until(lambda: store.fetch("SELECT pid FROM pg_locks WHERE NOT granted"))

    assert await store.fetch("SELECT name FROM festival_categories") == ["ACTOR"]


@pytest.mark.parametrize("then", ["B", "C"])
async def test_categories_become_one_while_their_nominations_are_linked(
    store: Store, pool: Pool, then: str
) -> None:
    """
    Who links nominations goes by their ids, over all editions; storing one waits for them before it holds any.

    Args:
        then: The film of the nomination that is locked second: of the other edition, whose rows lie on disk in another
            order, or of the one that is stored.
    """
    earlier = edition(
        *(said(film, film * 3, category="Best Actor") for film in "AB"),
        number=95,
        year=2023,
    )
    named = said("C", "Three", category="Best Actor")
    await store(TABLE, edition(said("Z", "Zed"), number=94, year=2022))
    await store(PAGE, earlier)
    await store(PAGE, edition(named))
    ids = dict(await store.fetch("SELECT title, nomination_id FROM nomination_films"))
    # Moved away and back, its row lies behind the other one's, also in the index.
    for category in ("ACTOR", "Best Actor"):
        await store.fetch(
            "UPDATE festival_nominations SET category_id = category.id FROM festival_categories AS category"
            " WHERE festival_nominations.id = %s AND category.name = %s",
            [ids["A"], category],
        )
    told = msgspec.structs.replace(named, category="ACTOR", canonical_category="ACTOR")
    async with pool.connection() as conn, conn.transaction():
        await link_edition(conn, [ids["A"]], now=NOON)
        storing = asyncio.create_task(store(TABLE, edition(told)))
        await until(lambda: store.fetch("SELECT pid FROM pg_locks WHERE NOT granted"))
        await link_edition(conn, [ids[then]], now=NOON)
    await storing

    assert await store.fetch("SELECT name FROM festival_categories") == ["ACTOR"]


async def test_an_unknown_festival_has_no_editions(store: Store, pool: Pool) -> None:
    """The caller says so."""
    del store
    async with pool.connection() as conn:
        assert await ensure_ceremony(conn, "none", edition(), now=NOON) is None


@pytest.mark.recorded
async def test_the_ceremony_of_2024(store: Store, recorded_data: Path) -> None:
    """120 competitive nominations in 23 categories, from one source and from three."""
    awards = recorded_data / "awards"
    table = read_table((awards / "oscars.csv").read_bytes())
    [told] = [each for each in table.editions if each.year == 2024]
    page = read_page(gzip.decompress((awards / "oscars_org_2024.html.gz").read_bytes()))
    saved = read_event_page(
        gzip.decompress((awards / "imdb_event_oscars_2024.json.gz").read_bytes())
    )
    counts = (
        "SELECT count(*), count(DISTINCT category_id) FROM festival_nominations"
        " JOIN festival_categories ON festival_categories.id = category_id WHERE is_competitive"
    )
    films = (
        "SELECT count(DISTINCT imdb_id) FROM nomination_films AS f"
        " JOIN festival_nominations AS n ON n.id = nomination_id"
        " JOIN festival_categories AS c ON c.id = category_id WHERE is_competitive"
    )

    await store(TABLE, told)
    assert await store.fetch(counts) == [(120, 23)]
    assert await store.fetch(films) == [53]
    before = await store.rows()

    for source, other in ((PAGE, page), (SAVED, saved.edition)):
        stored = await store(source, other, NOON + DAY)
        assert (stored.nominations, stored.new) == (140, 0)

    assert await store.fetch(counts) == [(120, 23)]
    assert await store.fetch(films) == [53]
    assert await store.fetch("SELECT count(*) FROM nomination_statements") == [390]
    again = await store(TABLE, told, NOON + 2 * DAY)
    assert not again.is_changed
    assert len(await store.rows()) == len(before)


@pytest.mark.recorded
async def test_the_order_in_which_sources_come_does_not_matter(
    store: Store, recorded_data: Path
) -> None:
    """Each of the 24 orders of four sources ends with the same 140 nominations in 27 categories."""
    awards = recorded_data / "awards"
    table = read_table((awards / "oscars.csv").read_bytes())
    events = read_event((awards / "imdb_events/ev0000003.yml").read_bytes())
    [of_table] = [each for each in table.editions if each.year == 2024]
    [of_events] = [each for each in events.editions if each.year == 2024]
    page = gzip.decompress((awards / "oscars_org_2024.html.gz").read_bytes())
    saved = gzip.decompress((awards / "imdb_event_oscars_2024.json.gz").read_bytes())
    told = {
        TABLE: of_table,
        PAGE: read_page(page),
        SAVED: read_event_page(saved).edition,
        BARE: of_events,
    }
    ends = {}
    for order in itertools.permutations(told):
        await store.fetch("TRUNCATE festival_ceremonies, festival_categories CASCADE")
        for source in order:
            await store(source, told[source])
        [ends[order]] = await store.fetch(
            "SELECT count(*), count(DISTINCT category_id) FROM festival_nominations"
        )

    assert {order: end for order, end in ends.items() if end != (140, 27)} == {}


@pytest.mark.recorded
async def test_all_ceremonies(store: Store, recorded_data: Path) -> None:
    """All 12,137 nominations of 98 ceremonies; a second time changes nothing."""
    table = read_table((recorded_data / "awards/oscars.csv").read_bytes())
    for told in table.editions:
        await store(TABLE, told)

    assert await store.fetch("SELECT count(*) FROM festival_ceremonies") == [98]
    assert await store.fetch("SELECT count(*) FROM festival_nominations") == [12_137]
    assert await store.fetch(
        "SELECT count(DISTINCT imdb_id) FROM nomination_films"
    ) == [5_264]
    nominees = sum(len(n.nominees) for e in table.editions for n in e.nominations)
    assert await store.fetch("SELECT count(*) FROM nomination_people") == [nominees]
    assert await store.fetch("SELECT count(*) FROM festival_categories") == [66]
    for told in table.editions[:10]:
        assert not (await store(TABLE, told, NOON + DAY)).is_changed


async def test_what_is_shown(store: Store, pool: Pool) -> None:
    """Competitive categories first, winners before the others, and how much is linked."""
    await store(
        TABLE,
        edition(
            said("H", "Four", category="HONORARY AWARD", is_winner=True),
            said("A", "One", is_winner=False),
            said("B", "Two", is_winner=True),
            said("C", "Three", category="ACTRESS", is_winner=False),
        ),
    )

    async with pool.connection() as conn:
        shown = await browse.show_edition(conn, "oscars", 2024)
        none = await browse.show_edition(conn, "oscars", 2023)
        festivals = await browse.list_festivals(conn)

    assert [(n.category, n.films[0].title, n.is_winner) for n in shown] == [
        ("ACTOR", "B", True),
        ("ACTOR", "A", False),
        ("ACTRESS", "C", False),
        ("HONORARY AWARD", "H", True),
    ]
    assert shown[0].nominees[0].name == "Two"
    assert none == []
    first = festivals[0]
    assert (first.key, first.editions, first.latest_year, first.nominations) == (
        "oscars",
        1,
        2024,
        4,
    )
    assert (first.films, first.linked_films, first.people, first.linked_people) == (
        4,
        0,
        4,
        0,
    )
    assert {each.editions for each in festivals[1:]} == {0}


BARE = "award_events"


def bare(imdb_id: str, category: str = "ACTOR", **facts: Any) -> NominationStatement:
    """Return a title that a source names without people."""
    return NominationStatement(
        category=category,
        canonical_category=category,
        films=(FilmStatement("", imdb_id),),
        **facts,
    )


TWO_OF_ONE_FILM = (
    said("A", "One", imdb_id="tt0000001", is_winner=False),
    said("A", "Two", imdb_id="tt0000001", is_winner=True),
)
ONCE = (bare("tt0000001", is_winner=True),)


@pytest.mark.parametrize("bare_is_default", [True, False])
@pytest.mark.parametrize("bare_comes_first", [True, False])
async def test_a_bare_title_wins_for_nobody(
    store: Store, *, bare_comes_first: bool, bare_is_default: bool
) -> None:
    """In whichever order sources come and are believed: one winner, and no nomination beside the two."""
    if bare_is_default:
        await store.fetch(
            "UPDATE festival_organizations SET default_source = %s WHERE key = 'oscars'",
            [BARE],
        )
    told = [(BARE, edition(*ONCE)), (SAVED, edition(*TWO_OF_ONE_FILM))]
    for source, said_now in told if bare_comes_first else reversed(told):
        await store(source, said_now)

    rows = await store.fetch(
        "SELECT nominee.name, nomination.is_winner FROM festival_nominations AS nomination"
        " LEFT JOIN nomination_people AS nominee ON nominee.nomination_id = nomination.id ORDER BY 1"
    )
    assert rows == [("One", False), ("Two", True)]


async def test_a_decision_stays_with_its_person_when_a_bare_source_comes_again(
    store: Store,
) -> None:
    """Neither order of importing anew swaps what was locked."""
    await store.fetch(
        "UPDATE festival_organizations SET default_source = %s WHERE key = 'oscars'",
        [BARE],
    )
    await store(BARE, edition(*ONCE))
    await store(SAVED, edition(*TWO_OF_ONE_FILM))
    await store.fetch(
        "UPDATE nomination_people SET is_locked = true, found_by = 'person' WHERE name = 'Two'"
    )
    before = await store.fetch(
        "SELECT nomination_id, name, is_locked FROM nomination_people ORDER BY name"
    )

    await store(SAVED, edition(*reversed(TWO_OF_ONE_FILM)), NOON + DAY)
    await store(BARE, edition(*ONCE), NOON + 2 * DAY)

    assert before == await store.fetch(
        "SELECT nomination_id, name, is_locked FROM nomination_people ORDER BY name"
    )


@pytest.mark.parametrize(
    "corrected",
    [
        said("A", "One", imdb_id="tt0000002"),
        said("A", "One", imdb_id="tt0000001", category="LEADING ACTOR"),
    ],
    ids=["the film's id", "the category"],
)
async def test_a_corrected_id_or_category_keeps_the_nomination(
    store: Store, corrected: NominationStatement
) -> None:
    """With what a person decided of it."""
    others = [said("B", "Three"), said("C", "Four", category="DIRECTING")]
    first = said("A", "One", imdb_id="tt0000001")
    await store(TABLE, edition(first, *others))
    await store.fetch(
        "UPDATE nomination_people SET is_locked = true WHERE name = 'One'"
    )
    ids = await store.fetch("SELECT id FROM festival_nominations ORDER BY id")

    await store(TABLE, edition(corrected, *others), NOON + DAY)

    assert await store.fetch("SELECT id FROM festival_nominations ORDER BY id") == ids
    assert await store.fetch("SELECT name FROM nomination_people WHERE is_locked") == [
        "One"
    ]


async def test_editions_that_are_stored_at_once_share_their_categories(
    store: Store,
) -> None:
    """Both bring the same category, of which neither knows yet; one waits for the other."""
    editions = [
        edition(said("A", "One"), said("B", "Two", category="DIRECTING"), year=year)
        for year in range(2001, 2013)
    ]

    await asyncio.gather(
        *(
            store(TABLE, msgspec.structs.replace(each, number=each.year - 1928))
            for each in editions
        )
    )

    assert await store.fetch(
        "SELECT category.name, count(*) FROM festival_nominations AS nomination"
        " INNER JOIN festival_categories AS category ON category.id = nomination.category_id GROUP BY 1 ORDER BY 1"
    ) == [("ACTOR", 12), ("DIRECTING", 12)]
