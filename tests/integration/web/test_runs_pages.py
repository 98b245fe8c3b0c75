"""Runs: the list, one as a tree, and the forms that start them."""

import html
import re

import psycopg
import pytest

from .conftest import OPERATOR, VIEWER, Dashboard, bearer
from .jobs_rows import add_jobs

_EVIL = "<script>alert(1)</script>"


def _listed(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="run-(\d+)"', text)]


async def test_runs_are_filtered_and_paged(
    dashboard: Dashboard, database_url: str
) -> None:
    """By state and kind, without gaps or doubles."""
    made = [await dashboard.c.import_popular_movies(pages=1) for _ in range(3)]
    catalog = await dashboard.c.import_entire_catalog(limit=5)
    await dashboard.c.pause_run(made[0])
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO sync_runs (kind, source, arguments, requested_by, state, started_at)"
            " SELECT 'enrich', 'catalogue', '{}', 'schedule', 'completed', '2026-11-01' FROM generate_series(1, 60)"
        )
    assert _listed((await dashboard.get("/runs?state=paused")).text) == [made[0]]
    catalogue = await dashboard.get("/runs?kind=catalogue")
    assert _listed(catalogue.text) == [catalog]
    seen: list[int] = []
    path: str | None = "/runs"
    while path:
        answer = await dashboard.get(path)
        seen += _listed(answer.text)
        found = re.search(r'rel="next" href="([^"]+)"', answer.text)
        path = html.unescape(found[1]) if found else None

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 64
    assert "No run matches" in (await dashboard.get("/runs?state=cancelled")).text
    assert (await dashboard.get("/runs?state=odd")).status == 400


async def test_a_run_shows_its_stages_its_jobs_and_what_failed(
    dashboard: Dashboard, database_url: str
) -> None:
    """A bar a stage, what runs now beneath it, reasons with a sample and its error folded, escaped."""
    run = await dashboard.c.import_popular_movies(pages=1)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO sync_run_items (run_id, kind, external_id, state, error_code, ended_at)"
            " SELECT %s, 'movie', id, CASE WHEN id = 9 THEN 'quarantined' ELSE 'failed' END, 'unavailable', now()"
            " FROM generate_series(5, 9) AS id",
            (run,),
        )
        conn.execute(
            "INSERT INTO quarantine (source, kind, external_id, sha256, reason, detail, sample, is_confirmed,"
            " seen_count, first_seen_at, last_seen_at)"
            " VALUES ('tmdb', 'movie', '9', 'x', 'payload', 'broken ' || %s, 'y', true, 1, now(), now())",
            (_EVIL,),
        )
    [failed] = await add_jobs(
        database_url,
        state="discarded",
        args={"tmdb_id": 5},
        meta={"run_id": run, "error_code": "unavailable"},
        errors=[{"attempt": 1, "code": "unavailable", "error": f"it said {_EVIL}"}],
    )
    [running] = await add_jobs(
        database_url, state="executing", args={"tmdb_id": 6}, meta={"run_id": run}
    )
    answer = await dashboard.get(f"/runs/{run}")

    assert answer.status == 200
    assert _EVIL not in answer.text
    assert f"it said {html.escape(_EVIL)}" in answer.text
    assert f"broken {html.escape(_EVIL)}" in answer.text
    for part in ("4 things", "What is in quarantine", "Retry failed", "Limited by"):
        assert part in answer.text
    for link in (f"/jobs/{failed}", f"/jobs/{running}", "/films/9"):
        assert f'href="{link}"' in answer.text
    assert 'id="stage-popular_page"' in answer.text
    assert (await dashboard.get("/runs/123456789")).status == 404


async def test_a_viewer_sees_no_buttons(closed: Dashboard) -> None:
    """What one may not do is not offered."""
    run = await closed.c.import_popular_movies(pages=1)
    for path in (
        f"/runs/{run}",
        "/runs/new?what=changes",
        "/jobs/matching?deed=cancel",
    ):
        seen = await closed.get(path, **bearer(VIEWER))
        offered = await closed.get(path, **bearer(OPERATOR))
        assert 'method="post"' in offered.text.replace(
            'action="/logout" method="post"', ""
        )
        assert seen.status == 200
        assert f'/runs/{run}/pause"' not in seen.text
        assert "/runs/start/" not in seen.text


@pytest.mark.parametrize(
    ("query", "told", "action"),
    [
        ("what=list&name=popular&pages=3", "about 63 to TMDB", "list"),
        ("what=catalog&first_id=1&last_id=1000", "1,000", "catalog"),
        ("what=films&films=603+604%2C605", "3 to TMDB", "films"),
        ("what=update&selection=popular", "requests", "update"),
        ("what=festival&festival=oscars&year=2024", "about 121 to TMDB", "festival"),
        ("what=festival&festival=oscars&every=true", "not known yet", "festival"),
        ("what=enrichment&enrichment=cri_score", "no source is asked", "enrichment"),
        ("what=enrichment&only_due=true", "no source is asked", "enrichment"),
        ("what=cultural_list&key=1001_movies", "when it is read", "cultural-list"),
    ],
)
async def test_the_cost_is_told_first_and_then_it_starts(
    dashboard: Dashboard, query: str, told: str, action: str
) -> None:
    """A form that only asks; the button beneath the estimate starts just that, and leads to the run."""
    if "1001_movies" in query:
        key = (await dashboard.c.list_lists())[0].key
        query = query.replace("1001_movies", key)
    answer = await dashboard.get(f"/runs/new?ask=true&{query}")
    assert answer.status == 200, answer.text
    assert told in answer.text
    assert await dashboard.c.list_runs() == []
    [form] = re.findall(
        rf'<form action="/runs/start/{action}".*?</form>', answer.text, re.DOTALL
    )
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    if action == "cultural-list":
        return  # It asks an address, or TMDB.
    data = {name: html.unescape(value) for name, value in fields}
    begun = await dashboard.post(f"/runs/start/{action}", data=data)
    [run] = await dashboard.c.list_runs()
    assert begun.headers["Location"] == f"/runs/{run.id}"
    assert run.requested_by == "dashboard"
    assert "was started" in (await dashboard.get(f"/runs/{run.id}")).text


async def test_the_feed_of_changes_is_read_by_a_job(dashboard: Dashboard) -> None:
    """It is no run: one is led to its job; pressed again, it says that it goes on already."""
    begun = await dashboard.post("/runs/start/changes")
    assert re.fullmatch(r"/jobs/\d+", begun.headers["Location"])
    again = await dashboard.post("/api/v1/runs/start/changes")
    assert "being read already" in again.text


@pytest.mark.parametrize(
    "query",
    [
        "what=list&pages=0",
        "what=list&pages=x",
        "what=catalog&first_id=1",
        "what=catalog&first_id=1&last_id=5&limit=2",
        "what=films",
        "what=festival&festival=none",
        "what=cultural_list&key=none",
        "what=nothing",
    ],
)
async def test_what_cannot_be_started_is_refused_before(
    dashboard: Dashboard, query: str
) -> None:
    """With what to do instead; nothing is started."""
    answer = await dashboard.get(f"/runs/new?ask=true&{query}")
    assert answer.status in {400, 404}, answer.text
    assert await dashboard.c.list_runs() == []


async def test_pages_ask_the_database_a_dozen_times_at_most(
    dashboard: Dashboard, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much hangs on a run: also where it runs, has editions, and things of it failed."""
    begun = await dashboard.c.import_festival("oscars", year=2024)
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO sync_run_items (run_id, kind, external_id, state, error_code, ended_at)"
            " VALUES (%s, 'movie', 5, 'failed', 'unavailable', now())",
            (begun.run_id,),
        )
    [job] = await add_jobs(
        database_url, state="executing", meta={"run_id": begun.run_id}
    )
    asked: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def note(
        self: object, query: object, *args: object, **more: object
    ) -> object:
        # The pool looks with an empty statement whether a connection lives.
        if query:
            asked.append(str(query)[:200])
        return await execute(self, query, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", note)
    for path in (
        "/runs",
        f"/runs/{begun.run_id}",
        f"/jobs/{job}",
        "/jobs?worker=X&since=2026-11-01&until=2026-11-02",
        "/jobs/matching?deed=cancel&worker=X&since=2026-11-01&until=2026-11-02",
    ):
        asked.clear()
        assert (await dashboard.get(path)).status == 200
        assert 1 <= len(asked) <= 12, (path, len(asked), asked)
