"""Festivals on pages: editions, nominees, and what is not known, which a person decides."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

from cinegraph import clock
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from cinegraph.records.movie import CreditKind, CreditRecord
from factories import make_cast, make_film, make_person, make_record
from nominations import ACTING, DIRECTING, write_table

from .conftest import Dashboard

SCRIPT = "<script>alert(1)</script>"


def row(number: int, *, category: str = ACTING, **cells: str) -> dict[str, str]:
    """Return a nomination of the night of 2024."""
    return {
        "Ceremony": "96",
        "Year": "2023",
        "Class": "Acting" if category == ACTING else "Directing",
        "CanonicalCategory": category,
        "Category": category,
        "Film": f"Film {number}",
        "FilmId": f"tt{number:07d}",
        "Name": f"Nominee {number}",
        "Nominees": f"Nominee {number}",
        "NomineeIds": "?",
    } | cells


async def store(dashboard: Dashboard, folder: Path, *rows: dict[str, str]) -> None:
    """Store nominations of the Oscars without asking anybody."""
    file = write_table(folder / "oscars.csv", rows)
    await dashboard.c.import_awards_file("oscars", file, fetches=False)


@pytest.fixture
async def film(pool: Pool) -> int:
    """Store a film with an actress and a directing woman; return TMDB's id."""
    director = CreditRecord(
        "c2", 11, CreditKind.CREW, department="Directing", job="Director"
    )
    record = make_record(
        700,
        imdb_id="tt0000001",
        title="Film 1",
        people=(make_person(10, "Ann One"), make_person(11, "Bea Two")),
        credits=(make_cast("c1", 10, position=0), director),
    )
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, [make_film(record)], now=clock.now())
    return record.tmdb_id


def references(text: str) -> Sequence[str]:
    """Return the references on a page of what is not known, in its order."""
    return re.findall(r'<tr id="(\w+)">', text)


async def test_a_festival_is_shown_by_editions(
    dashboard: Dashboard, tmp_path: Path, film: int
) -> None:
    """With what is linked; nominees and winners of an edition with links to those that are stored."""
    await store(
        dashboard,
        tmp_path,
        row(1, Name="Ann One", Nominees="Ann One", Winner="True", Detail="Mary"),
        row(2),
        row(3, Ceremony="95", Year="2022"),
    )

    listed = await dashboard.get("/festivals")
    assert 'href="/festivals/oscars"' in listed.text
    assert 'href="/festivals/oscars/2024"' in listed.text
    editions = await dashboard.get("/festivals/oscars")
    assert re.findall(r'href="/festivals/oscars/(\d+)"', editions.text) == [
        "2024",
        "2023",
    ]
    shown = await dashboard.get("/festivals/oscars/2024")
    assert f'<a href="/films/{film}">Film 1</a>' in shown.text
    assert '<a href="/people/10">Ann One</a>' in shown.text
    assert shown.text.count("★ won") == 1
    assert "as Mary" in shown.text
    assert "not known" in shown.text
    assert 'href="/festivals/oscars/2023"' in shown.text


async def test_what_is_said_otherwise_is_told_apart(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """A second source that says another winner: both are named."""
    await store(dashboard, tmp_path, row(1, Winner="True"))
    own = tmp_path / "own.csv"
    own.write_text(
        "year,category,film,imdb_id,nominees,winner\n"
        f"2024,{ACTING},Film 1,tt0000001,Nominee 1,no\n"
    )
    await dashboard.c.import_awards_file("oscars", own, fetches=False)

    shown = await dashboard.get("/festivals/oscars/2024")

    assert "≠ won: " in shown.text


@pytest.mark.parametrize(
    "path",
    ["/festivals/nothing", "/festivals/oscars/1950", "/festivals/oscars/2024?part=2"],
)
async def test_what_is_not_there(
    dashboard: Dashboard, tmp_path: Path, path: str
) -> None:
    """A page says so."""
    await store(dashboard, tmp_path, row(1))
    answer = await dashboard.get(path)
    assert answer.status == 404


async def test_what_is_not_known_comes_by_pages(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Each once, none left out, also when one becomes known in between."""
    await store(
        dashboard,
        tmp_path,
        *(row(n, category=(ACTING, DIRECTING)[n % 2]) for n in range(1, 61)),
    )
    every, total = await dashboard.c.list_unresolved(limit=1000)
    assert total == len(every) == 120

    path, seen = "/festivals/unresolved?festival=oscars&year=2024", []
    while path:
        page = await dashboard.get(path)
        assert "120 films and nominees" in page.text or len(seen) > 0
        seen += references(page.text)
        if len(seen) == 50:
            await dashboard.c.unlink_nominated(seen[-1])
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = (
            "/festivals/unresolved" + unquote(further[1].replace("&amp;", "&"))
            if further
            else ""
        )

    assert seen == [each.reference for each in every]


async def test_a_nominee_is_accepted_in_one_click(
    dashboard: Dashboard, tmp_path: Path, film: int
) -> None:
    """It is linked and locked; what is told says how to undo it, and that undoes it."""
    del film
    await store(
        dashboard, tmp_path, row(1, Name="Ann Oberstein", Nominees="Ann Oberstein")
    )
    page = await dashboard.get("/festivals/unresolved")
    [reference] = references(page.text)
    [thing] = re.findall(r'name="thing" value="(\d+)"', page.text)

    done = await dashboard.post(
        "/nominees/link",
        data={"reference": reference, "thing": thing, "_from": "/festivals/unresolved"},
    )

    assert (done.status, done.headers["Location"]) == (303, "/festivals/unresolved")
    told = await dashboard.get("/festivals/unresolved")
    assert (
        f"{reference} (Ann Oberstein) is Ann One, TMDb 10 now, and stays so"
        in told.text
    )
    assert f"to undo it unlock {reference}" in told.text
    assert references(told.text) == []
    edit = await dashboard.get("/festivals/oscars/2024?edit=true")
    assert '<a href="/people/10">Ann Oberstein</a>' in edit.text
    assert "locked" in edit.text

    await dashboard.post("/nominees/unlock", data={"reference": reference})
    [nomination] = await dashboard.c.show_edition("oscars", 2024)
    assert not nomination.nominees[0].is_locked
    lines = await dashboard.c.list_actions()
    assert [line.action for line in lines] == ["nominee.unlock", "nominee.link"]


async def test_locking_and_unlinking(
    dashboard: Dashboard, tmp_path: Path, film: int
) -> None:
    """A film that is linked wrongly is none that is known from then on."""
    del film
    await store(dashboard, tmp_path, row(1))
    [nomination] = await dashboard.c.show_edition("oscars", 2024)
    reference = f"{nomination.id}f1"

    locked = await dashboard.post(
        "/api/v1/nominees/lock", json={"reference": reference}
    )
    assert "stays as it is: Film 1" in locked.text
    unlinked = await dashboard.post(
        "/api/v1/nominees/unlink", json={"reference": reference}
    )
    assert unlinked.status == 200
    [nomination] = await dashboard.c.show_edition("oscars", 2024)
    assert (nomination.films[0].tmdb_id, nomination.films[0].is_locked) == (None, True)


async def test_what_sources_write_is_no_markup(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Titles and names of awards are anybody's."""
    await store(
        dashboard,
        tmp_path,
        row(1, Film=SCRIPT, Name=SCRIPT, Nominees=SCRIPT, Detail=SCRIPT),
    )
    for path in (
        "/festivals/oscars/2024?edit=true",
        "/festivals/unresolved",
    ):
        page = await dashboard.get(path)
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text


async def test_who_only_looks_sees_no_buttons(closed: Dashboard) -> None:
    """Nor the form, whose actions would be refused."""
    page = await closed.get(
        "/festivals/unresolved", Authorization="Bearer viewer-token-0123456789"
    )
    assert page.status == 200
    assert "/nominees/" not in page.text


async def test_a_festival_of_which_nothing_is_known(dashboard: Dashboard) -> None:
    """Empty pages say what to do."""
    editions = await dashboard.get("/festivals/cannes")
    assert "cinegraph festivals import cannes" in editions.text
    none = await dashboard.get("/festivals/unresolved?festival=cannes")
    assert "nothing is known of cannes" in none.text
    bad = await dashboard.get("/festivals/unresolved?after=nonsense")
    assert "names no film or nominee" in bad.text
