"""Cultural lists on pages: who stands on them, whose film is missing, who joined and left."""

import re
from collections.abc import Sequence
from pathlib import Path

from cinegraph import clock
from cinegraph.catalog.storing import store_films
from cinegraph.db.pool import Pool
from factories import make_film, make_record

from .conftest import Dashboard

SCRIPT = "<script>alert(1)</script>"


def write(file: Path, numbers: Sequence[int], *, title: str = "Film") -> Path:
    """Write a list of films in order of rank."""
    rows = [f"{n},tt{n:07d},{title} {n},1950" for n in numbers]
    file.write_text("\n".join(("rank,imdb_id,title,year", *rows)), encoding="utf-8")
    return file


async def read(dashboard: Dashboard, file: Path) -> None:
    """Import the list, and ask nobody for its films."""
    await dashboard.c.import_cultural_list("mine", file=file, fetches=False)


async def test_members_come_by_pages(
    dashboard: Dashboard, tmp_path: Path, pool: Pool
) -> None:
    """By position, each once; those that are stored with a link."""
    record = make_record(700, imdb_id="tt0000002", title="The Second")
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, [make_film(record)], now=clock.now())
    await read(dashboard, write(tmp_path / "list.csv", range(1, 121)))

    path, seen = "/lists/mine", []
    while path:
        page = await dashboard.get(path)
        seen += re.findall(r'data-label="IMDb">(tt\d+)<', page.text)
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = "/lists/mine" + further[1].replace("&amp;", "&") if further else ""

    assert seen == [f"tt{n:07d}" for n in range(1, 121)]
    first = await dashboard.get("/lists/mine")
    assert '<a href="/films/700">The Second</a>' in first.text
    listed = await dashboard.get("/lists")
    assert 'href="/lists/mine?show=missing">119<' in listed.text


async def test_gaps_have_a_reason(dashboard: Dashboard, tmp_path: Path) -> None:
    """What is not stored is named, with why."""
    await read(dashboard, write(tmp_path / "list.csv", [1, 2]))
    page = await dashboard.get("/lists/mine?show=missing")
    assert page.text.count("not asked for yet") == 2


async def test_who_left_stands_in_the_history(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Who joins again stands there twice; pages have no gap."""
    file = tmp_path / "list.csv"
    for numbers in (range(1, 61), range(1, 51), range(1, 61)):
        await read(dashboard, write(file, numbers))

    path, seen = "/lists/mine?show=history", []
    while path:
        page = await dashboard.get(path)
        seen += re.findall(
            r'class="badge \w+">(joined|left)</span>.*?data-label="IMDb">(tt\d+)<',
            page.text,
        )
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        path = "/lists/mine" + further[1].replace("&amp;", "&") if further else ""

    assert len(seen) == 60 + 10 + 10
    assert [kind for kind, _ in seen] == ["joined"] * 10 + ["left"] * 10 + [
        "joined"
    ] * 60
    assert {film for kind, film in seen if kind == "left"} == {
        f"tt{n:07d}" for n in range(51, 61)
    }


async def test_a_list_is_read_again_and_forgotten(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Forgetting is asked for first, as its history goes with it."""
    file = write(tmp_path / "list.csv", [1, 2, 3])
    await read(dashboard, file)
    write(file, [1, 2, 3, 4])

    again = await dashboard.post("/api/v1/lists/mine/import")
    assert "mine: 4 films, 1 joined, 0 left, 4 not stored yet" in again.text
    asked = await dashboard.post("/lists/mine/forget", data={"_from": "/lists/mine"})
    assert "Forget this list?" in asked.text
    assert (await dashboard.get("/lists/mine")).status == 200
    done = await dashboard.post("/lists/mine/forget", data={"_confirmed": "1"})
    assert (done.status, done.headers["Location"]) == (303, "/lists")
    assert (await dashboard.get("/lists/mine")).status == 404


async def test_a_list_that_shrank_is_believed_when_a_person_says_so(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """The refusal is shown with the button that accepts it."""
    file = tmp_path / "list.csv"
    await read(dashboard, write(file, range(1, 101)))
    write(file, [1, 2])

    refused = await dashboard.post("/api/v1/lists/mine/import")
    assert refused.status == 400
    page = await dashboard.get("/lists/mine")
    assert "shrunken" in page.text
    assert 'name="accepts_shrunk" value="true"' in page.text
    done = await dashboard.post("/lists/mine/import", data={"accepts_shrunk": "true"})
    assert done.status == 303
    assert len(await dashboard.c.show_list("mine")) == 2


async def test_what_a_list_says_is_no_markup(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Titles, and the name of the list."""
    file = write(tmp_path / "list.csv", [1], title=SCRIPT)
    await dashboard.c.import_cultural_list(
        "mine", file=file, name=SCRIPT, authority=SCRIPT, fetches=False
    )
    for path in (
        "/lists",
        "/lists/mine",
        "/lists/mine?show=missing",
        "/lists/mine?show=history",
    ):
        page = await dashboard.get(path)
        assert page.status == 200
        assert SCRIPT not in page.text
        assert "&lt;script&gt;" in page.text


async def test_mistakes_in_an_address(dashboard: Dashboard, tmp_path: Path) -> None:
    """A list that is not there, a place in its history that is none."""
    assert (await dashboard.get("/lists/nothing")).status == 404
    await read(dashboard, write(tmp_path / "list.csv", [1]))
    assert (await dashboard.get("/lists/mine?show=nothing")).status == 400
    bad = await dashboard.get("/lists/mine?show=history&after=1")
    assert (bad.status, "Begin at its first page" in bad.text) == (400, True)
