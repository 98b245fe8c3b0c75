"""Data quality on pages: quarantine, gone and merged films, freshness, the daily look."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cinegraph import clock
from cinegraph.catalog import quarantine
from cinegraph.db.pool import Pool
from cinegraph.monitoring.audit import audit
from cinegraph.monitoring.freshness import NAMES

from .conftest import Dashboard

SCRIPT = "<script>alert(1)</script>"
DAY = datetime(2026, 9, 3, tzinfo=UTC)
_FILMS = """
    INSERT INTO movies (id, tmdb_id, title, popularity, gone_at, created_at, updated_at) OVERRIDING SYSTEM VALUE
        SELECT n, 600 + n, 'Film <script>' || n, n, CASE WHEN n <= 120 THEN timestamptz '2026-09-03' END,
            '2026-09-01', '2026-09-03'
        FROM generate_series(1, 130) AS n;
    INSERT INTO tombstones (movie_id, denied_at, last_denied_at, denials, missing_since, exports, buried_at)
        SELECT n, '2026-09-01', '2026-09-02', 2, '2026-09-01', 3, '2026-09-03' FROM generate_series(1, 120) AS n;
    INSERT INTO movie_redirects (from_movie_id, to_movie_id, evidence, detail, confidence, found_at)
        SELECT n, 125, 'imdb_id', '<script>tt' || n, 1, '2026-09-03' FROM generate_series(1, 110) AS n;
    INSERT INTO sync_ledger (source, kind, external_id, state, reason, denials, denied_at, last_denied_at, created_at)
        SELECT 'tmdb', 'movie', 600 + n, 'absent', 'routine', 2, '2026-09-01', '2026-09-02', '2026-09-01'
        FROM generate_series(1, 121) AS n;
    INSERT INTO held_burials (movie_id, held_at) VALUES (121, '2026-09-03');
"""


@pytest.fixture
async def _films(pool: Pool) -> None:
    """Write 120 films that are gone, 110 of them merged, one that is held back, and nine that live."""
    async with pool.connection() as conn:
        await conn.execute(_FILMS)


async def note(pool: Pool, number: int, *, body: bytes = b"{}", **facts: Any) -> None:
    """Write down a body that cannot be read."""
    told = {
        "source": "tmdb",
        "kind": "movie",
        "reason": "payload",
        "detail": "title is missing",
        "is_schema_broken": True,
        "now": DAY,
    } | facts
    async with pool.connection() as conn:
        await quarantine.note_unreadable(
            conn, external_id=str(number), body=body, **told
        )


async def pages(dashboard: Dashboard, path: str, pattern: str) -> list[str]:
    """Return what is found on all pages, in order."""
    seen, place = [], path
    while place:
        page = await dashboard.get(place)
        assert page.status == 200
        seen += re.findall(pattern, page.text)
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        place = path + further[1].replace("&amp;", "&") if further else ""
    return seen


async def test_quarantine_is_paged_counted_and_filtered(
    dashboard: Dashboard, pool: Pool
) -> None:
    """Many of one moment: none left out, none twice."""
    for number in range(1, 111):
        await note(pool, number)
    await note(pool, 7, source="omdb", kind="title", reason="undecodable")

    seen = await pages(dashboard, "/quality/quarantine", r"<h2>(\w+ \w+ \d+)</h2>")

    assert len(seen) == len(set(seen)) == 111
    only = await dashboard.get("/quality/quarantine?source=omdb&reason=undecodable")
    assert re.findall(r"<h2>(\w+ \w+ \d+)</h2>", only.text) == ["omdb title 7"]
    assert "/quarantine/7/retry" not in only.text
    overview = await dashboard.get("/quality")
    assert re.search(r"Quarantined</a></dt>\s*<dd class=\"value\">111<", overview.text)


async def test_samples_and_errors_are_no_markup(
    dashboard: Dashboard, pool: Pool
) -> None:
    """A body is anybody's, also one that is no text; it is cut."""
    body = SCRIPT.encode() + b"\xff\x00" + b"x" * 5000
    await note(pool, 1, body=body, detail=f"title is {SCRIPT}")
    page = await dashboard.get("/quality/quarantine")
    assert page.status == 200
    assert SCRIPT not in page.text
    assert page.text.count("&lt;script&gt;") == 2
    assert page.text.count("x" * 100) == 5


async def test_a_quarantined_film_is_fetched_again(
    dashboard: Dashboard, pool: Pool
) -> None:
    """By a run for it alone."""
    await note(pool, 603)
    answer = await dashboard.post("/api/v1/quarantine/603/retry")
    assert answer.status == 200
    [run] = await dashboard.c.list_runs()
    assert run.arguments == {"tmdb_ids": [603]}


@pytest.mark.usefixtures("_films")
async def test_gone_films_come_by_pages(dashboard: Dashboard) -> None:
    """All of one moment, with evidence; titles are no markup."""
    seen = await pages(dashboard, "/quality/gone", r"/gone/(\d+)/restore")
    assert sorted(map(int, seen)) == list(range(601, 721))
    first = await dashboard.get("/quality/gone")
    assert "1 film held back" in first.text
    assert "denied 2 times" in first.text
    assert "Film &lt;script&gt;" in first.text
    assert "Film <script>" not in first.text


@pytest.mark.usefixtures("_films")
async def test_a_person_decides_what_is_gone(dashboard: Dashboard) -> None:
    """Letting films go is asked for; restoring one is not."""
    asked = await dashboard.post("/gone/allow", data={"_from": "/quality/gone"})
    assert "Let all films that are held back" in asked.text
    allowed = await dashboard.post("/gone/allow", data={"_confirmed": "1"})
    assert allowed.status == 303
    [held] = await dashboard.c.list_held()
    assert held.allowed_at is not None
    restored = await dashboard.post("/api/v1/gone/601/restore")
    assert "lives again" in restored.text


@pytest.mark.usefixtures("_films")
async def test_a_person_does_not_believe_it(dashboard: Dashboard) -> None:
    """What is held back is asked for again, once."""
    refused = await dashboard.post("/api/v1/gone/refuse")
    assert "Asked for again: 1 film." in refused.text
    nothing = await dashboard.post("/api/v1/gone/refuse")
    assert "Nothing is held back." in nothing.text


@pytest.mark.usefixtures("_films")
async def test_merges_come_by_pages_and_are_undone(dashboard: Dashboard) -> None:
    """Undone and redone, both told."""
    seen = await pages(dashboard, "/quality/merges", r"/merges/(\d+)/undo")
    assert sorted(map(int, seen)) == list(range(601, 711))
    undone = await dashboard.post("/api/v1/merges/601/undo")
    assert "is no other film" in undone.text
    found = await pages(dashboard, "/quality/merges", r"/merges/(\d+)/redo")
    assert found == ["601"]
    again = await dashboard.post("/api/v1/merges/601/redo")
    assert "stands again" in again.text


async def test_freshness_is_that_of_the_rows(dashboard: Dashboard, pool: Pool) -> None:
    """The most popular ones by their rows, the rest by the counts; each film once, absent ones never."""
    today = clock.now().date()
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO movies (tmdb_id, title, popularity, created_at, updated_at)"
            " SELECT n, 'Film', -n, now(), now() FROM generate_series(1, 1100) AS n"
        )
        await conn.execute(
            "INSERT INTO sync_ledger (source, kind, external_id, state, reason, checked_at, created_at)"
            " SELECT 'tmdb', 'movie', n, CASE WHEN n = 1500 THEN 'absent' ELSE 'fresh' END, 'routine',"
            "  CASE WHEN n <= 50 THEN %s::date WHEN n <= 1050 THEN %s::date WHEN n <= 1400 THEN %s::date END, now()"
            " FROM generate_series(1, 1500) AS n",
            [today, today - timedelta(days=5), date(2020, 1, 1)],
        )

    found = await dashboard.c.get_freshness()

    told = {
        (band, NAMES[place]): films
        for band, row in enumerate(found.films)
        for place, films in enumerate(row)
        if films
    }
    assert told == {
        (0, "today"): 50,
        (0, "4–7 days"): 50,
        (1, "4–7 days"): 900,
        (2, "4–7 days"): 50,
        (2, "older"): 50,
        (3, "older"): 300,
        (3, "never"): 99,
    }
    async with asyncio.timeout(30):
        while "101 to 1,000" not in (page := await dashboard.get("/quality")).text:
            assert "Films are being counted." in page.text
            await asyncio.sleep(0.2)
    assert ">900<" in page.text


async def test_what_the_daily_look_found(dashboard: Dashboard, pool: Pool) -> None:
    """With its age, its reason, and an example."""
    async with pool.connection() as conn:
        await conn.execute(
            "INSERT INTO movies (tmdb_id, title, created_at, updated_at) VALUES (1, 'Film', now(), now())"
        )
        await audit(conn, now=clock.now())
    page = await dashboard.get("/quality")
    assert "unknown to ledger" in page.text
    assert "1 offender" in page.text
    assert "a stored film that the ledger does not know is never looked at again" in (
        page.text
    )
