"""
The whole recorded import, against a count that shares no code with the product.

Needs the recorded upstream data; the same promises are proven on the invented world in
tests/integration/jobs.
"""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import cinegraph
from cinegraph.api import Cinegraph
from cinegraph.sandbox import SandboxSettings, start_child
from cinegraph.sync import policy
from snapshots import rows_of, tables_of

PAGES = 500
POLL = timedelta(seconds=0.5)
NOT_OF_FILMS = (
    "alert",
    "catalog_",
    "change_windows",
    "cinegraph_",
    "collaboration",
    "cri_",
    "enrichment_",
    "heartbeat_",
    "held_burials",
    "monitoring_",
    "movie_redirects",
    "oban_",
    "queue_",
    "recommendation_",
    "request_",
    "schedule_slots",
    "schedules",
    "sync_",
    "tombstones",
    "update_latencies",
    "vote_pace",
)


class Count:
    """What the files hold, counted with nothing but the standard library."""

    def __init__(self, folder: Path) -> None:
        self.films: set[int] = set()
        self.people: set[int] = set()
        self.credits: set[tuple[int, str]] = set()
        self.imdb_ids = 0
        self.genres = 0
        with gzip.open(folder / "movies.jsonl.gz") as file:
            for line in file:
                self._add(json.loads(line))
        self.listed: set[int] = set()
        with gzip.open(folder / "popular_pages.jsonl.gz") as file:
            for line in file:
                self.listed.update(row["id"] for row in json.loads(line)["results"])

    def _add(self, film: dict[str, Any]) -> None:
        self.films.add(film["id"])
        self.imdb_ids += bool(film.get("imdb_id"))
        self.genres += len({genre["id"] for genre in film["genres"]})
        for row in film["credits"]["cast"] + film["credits"]["crew"]:
            self.people.add(row["id"])
            self.credits.add((film["id"], row["credit_id"]))


@pytest.fixture
async def deployment(
    database_url: str,
    recorded_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Cinegraph]:
    """Return a deployment against the recorded world, without budget or latency."""
    # Two thousand films have no body here, and no cache lies about them.
    monkeypatch.setattr(policy, "RECHECK_ABSENCE", timedelta(seconds=1))
    settings = SandboxSettings(
        port=0, rate=0, latency="none", recorded=recorded_data / "tmdb"
    )
    with start_child(settings) as sandbox:
        async with cinegraph.open(
            database_url=database_url,
            home=tmp_path,
            tmdb_base_url=sandbox.base_url,
            tmdb_requests_per_second=0,
            max_concurrent_imports=60,
        ) as c:
            yield c


async def _import_everything(c: Cinegraph) -> Any:  # noqa: ANN401 - a run's progress
    run_id = await c.import_popular_movies(pages=PAGES)
    async with c.work():
        return await c.wait_for_run(run_id, every=POLL)


async def _numbers(c: Cinegraph) -> dict[str, int]:
    queries = {
        "films": "SELECT count(*) FROM movies",
        "people": "SELECT count(*) FROM people",
        "credits": "SELECT count(*) FROM credits",
        "imdb_ids": "SELECT count(imdb_id) FROM movies",
        "genres": "SELECT count(*) FROM movie_genres",
        "documents": "SELECT count(*) FROM documents",
    }
    async with c._app.pool.connection() as conn:
        found = {}
        for name, query in queries.items():
            row = await (await conn.execute(query)).fetchone()  # type: ignore[arg-type] - a test's own words
            assert row is not None
            found[name] = row[0]
    return found


async def _rows(c: Cinegraph) -> dict[str, Any]:
    async with c._app.pool.connection() as conn:
        aside = [
            name for name in await tables_of(conn) if name.startswith(NOT_OF_FILMS)
        ]
        return await rows_of(conn, leaving_out=aside, digested=True)


@pytest.mark.recorded
@pytest.mark.timeout(600)
async def test_the_recorded_world_arrives_whole(
    deployment: Cinegraph, recorded_data: Path
) -> None:
    """
    All films with bodies are stored with every credit and person, the rest ends absent.

    A second import changes no row but when films were checked.
    """
    count = Count(recorded_data / "tmdb")
    first = await _import_everything(deployment)
    stored = count.listed & count.films
    assert (first.state, first.planned) == ("completed", len(count.listed))
    assert (first.done, first.absent) == (len(stored), len(count.listed - count.films))
    assert (first.failed, first.quarantined, first.pages_read) == (0, 0, PAGES)
    assert stored == count.films, "every recorded body is named on a recorded page"
    assert await _numbers(deployment) == {
        "films": len(count.films),
        "people": len(count.people),
        "credits": len(count.credits),
        "imdb_ids": count.imdb_ids,
        "genres": count.genres,
        "documents": len(count.films),
    }
    before = await _rows(deployment)
    second = await _import_everything(deployment)
    assert (second.done, second.absent) == (first.done, first.absent)
    after = await _rows(deployment)
    assert {name for name in before if before[name] != after[name]} == set()
