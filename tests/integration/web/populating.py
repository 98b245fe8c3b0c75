"""What a dashboard of the tests shows: a few films, an edition, a list, runs, jobs."""

from datetime import timedelta
from pathlib import Path

from cinegraph import clock
from cinegraph.catalog.storing import store_films
from cinegraph.jobs.sequencing import sequence
from cinegraph.records.movie import MovieRecord
from factories import make_film, make_record, make_whole_record

from .conftest import Dashboard

EVIL = "<script>alert('x')</script> &amp; \"quoted\""
"""A title that somebody upstream wrote to do harm."""


def films(count: int) -> list[MovieRecord]:
    """Return a whole film, one with a title that does harm, and simple ones."""
    others = [make_record(1000 + number) for number in range(count - 2)]
    return [make_whole_record(603), make_record(666, title=EVIL), *others]


async def store(dashboard: Dashboard, count: int = 5) -> None:
    """Store films, with their changes."""
    now = clock.now() - timedelta(minutes=5)
    pool = dashboard.c._app.pool
    async with pool.connection() as conn, conn.transaction():
        await store_films(
            conn, [make_film(one, fetched_at=now) for one in films(count)], now=now
        )
    await sequence(pool)


async def fill(dashboard: Dashboard, folder: Path) -> None:
    """Have something of everything."""
    await store(dashboard)
    file = folder / "mine.csv"
    file.write_text("position,title,year,tmdb_id\n1,The Matrix,1999,603\n")
    await dashboard.c.import_cultural_list("mine", file=file, fetches=False)
    for pages in (1, 2, 3):
        await dashboard.c.import_popular_movies(pages=pages)
    await dashboard.c.import_movies([603, 666, 4711])
    await dashboard.post("/api/v1/runs/1/pause", json={})
