"""Searching jobs, one job's story, and one thing done to all that match."""

import html
import re
from urllib.parse import urlencode

import pytest

from cinegraph.jobs import browse
from cinegraph.jobs.filters import JobFilter

from .conftest import Dashboard
from .jobs_rows import add_jobs

_EVIL = "<script>alert(1)</script>"


def _listed(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="job-(\d+)"', text)]


async def _ids(dashboard: Dashboard, **filters: object) -> list[int]:
    answer = await dashboard.get(f"/jobs?{urlencode(filters, doseq=True)}")
    assert answer.status == 200, answer.text
    return _listed(answer.text)


async def test_every_filter_finds_its_jobs(
    dashboard: Dashboard, database_url: str
) -> None:
    """Each alone, and all together; what does not match is left out."""
    run = await dashboard.c.import_popular_movies(pages=1)
    [other] = await add_jobs(
        database_url, queue="omdb", worker="cinegraph.jobs.omdb.EnrichFromOmdb"
    )
    [mine] = await add_jobs(
        database_url,
        state="discarded",
        queue="updates",
        worker="cinegraph.jobs.updates.UpdateMovie",
        attempt=4,
        hours=30,
        args={"movie_id": 12, "fields": ["all"]},
        meta={"tmdb_id": 603, "run_id": run, "error_code": "unavailable"},
    )
    alone: list[dict[str, object]] = [
        {"state": "discarded"},
        {"queue": "updates"},
        {"worker": "UpdateMovie"},
        {"worker": "cinegraph.jobs.updates.UpdateMovie"},
        {"film": "603"},
        {"error": "unavailable"},
        {"tries": "3"},
        {"argument": "movie_id=12"},
        {"argument": '{"fields": ["all"]}'},
        {"run": run, "state": ["discarded", "cancelled"]},
    ]
    for filters in alone:
        assert await _ids(dashboard, **filters) == [mine], filters
    together = {name: value for each in alone for name, value in each.items()}
    assert await _ids(dashboard, **together) == [mine]
    assert mine not in await _ids(dashboard, within="24h")
    assert other in await _ids(dashboard, within="1h")
    assert mine in await _ids(dashboard, within="7d")
    assert mine not in await _ids(dashboard, without=["UpdateMovie", "EnrichFromOmdb"])
    assert other not in await _ids(dashboard, without=["UpdateMovie", "EnrichFromOmdb"])
    for filters in ({"film": "604"}, {"state": "discarded", "queue": "omdb"}):
        assert await _ids(dashboard, **filters) == []


async def test_numbers_are_found_as_numbers_and_as_texts(
    dashboard: Dashboard, database_url: str
) -> None:
    """JSON tells 7 from "7" and people do not; large numbers stay what they are."""
    large = 2**62 + 1
    [as_number] = await add_jobs(database_url, args={"page": 7})
    [as_text] = await add_jobs(database_url, args={"page": "7"})
    [as_large] = await add_jobs(database_url, args={"page": large})
    await add_jobs(database_url, args={"page": 77})

    assert await _ids(dashboard, argument="page=7") == [as_text, as_number]
    assert await _ids(dashboard, argument=f"page={large}") == [as_large]
    assert str(large) in (await dashboard.get(f"/jobs/{as_large}")).text


async def test_pages_have_neither_gaps_nor_doubles(
    dashboard: Dashboard, database_url: str
) -> None:
    """Jobs of the same moment too, in several states, to the last page."""
    made = await add_jobs(database_url, 70)
    made += await add_jobs(database_url, 50, state="discarded")
    seen: list[int] = []
    path: str | None = "/jobs?state=completed&state=discarded"
    while path:
        answer = await dashboard.get(path)
        seen += _listed(answer.text)
        found = re.search(r'rel="next" href="([^"]+)"', answer.text)
        path = html.unescape(found[1]) if found else None

    assert seen == sorted(made, reverse=True)


async def test_only_the_newest_are_looked_at_and_that_is_said(
    dashboard: Dashboard, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter without an index looks at so many, and the next page goes on where it ended: nothing is missed."""
    monkeypatch.setattr(browse, "LOOK_AT", 20)
    [first] = await add_jobs(database_url, queue="omdb")
    await add_jobs(database_url, 50)
    asked = JobFilter(queue="omdb")
    looks, before = 0, None
    while True:
        page = await dashboard.c.search_jobs(asked, before=before)
        looks += 1
        if page.jobs or page.next_before is None:
            break
        assert page.looked_at == 20
        before = page.next_before

    assert ([job.id for job in page.jobs], looks) == ([first], 3)
    count = await dashboard.c.count_jobs(asked)
    assert (count.jobs, count.is_partial) == (0, True)
    answer = await dashboard.get("/jobs?queue=omdb")
    assert "Look further back" in answer.text
    assert "that were looked at" in answer.text
    # What an index finds is found at once, however old.
    assert await dashboard.c.count_jobs(JobFilter(state=("completed",)))


async def test_counts_are_capped(
    dashboard: Dashboard, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than so many are told as more."""
    monkeypatch.setattr(browse, "COUNT_UP_TO", 10)
    await add_jobs(database_url, 11, state="discarded")

    assert "10+ jobs" in (await dashboard.get("/jobs?state=discarded")).text


async def test_what_cannot_be_looked_for_is_told(dashboard: Dashboard) -> None:
    """A wrong filter is no crash, and an unknown film is not found."""
    for query in ("state=lost", "argument=x", "since=soon", "tries=0", "run=x"):
        assert (await dashboard.get(f"/jobs?{query}")).status == 400, query
    assert (await dashboard.get("/jobs?film=tt7777777")).status == 404
    assert (await dashboard.get("/jobs/123456789")).status == 404
    # Not a pattern, not a statement.
    for text in ("%", "'; DROP TABLE oban_jobs; --", "\\"):
        answer = await dashboard.get(f"/jobs?{urlencode({'worker': text})}")
        assert answer.status == 200


async def test_a_job_tells_its_story_without_secrets_and_escaped(
    dashboard: Dashboard, database_url: str
) -> None:
    """Attempts with folded errors, who made it, what it made; nothing of it is markup."""
    [parent] = await add_jobs(database_url, worker="cinegraph.jobs.x.Maker")
    errors = [
        {
            "attempt": number,
            "at": f"2026-11-2{number}T10:00:00Z",
            "code": "unavailable",
            "error": f"line {_EVIL}\napi_key=abcdefgh12345 {'x' * 9000} end {number}",
        }
        for number in (1, 2)
    ]
    [job] = await add_jobs(
        database_url,
        state="discarded",
        attempt=3,
        args={"tmdb_id": 603, "title": _EVIL, "password": "hunter22222"},
        meta={"parent_id": parent, "run_id": 5, "message": _EVIL},
        errors=errors,
    )
    [child] = await add_jobs(
        database_url, meta={"parent_id": job}, worker="cinegraph.jobs.x.Child"
    )
    answer = await dashboard.get(f"/jobs/{job}")
    listed = await dashboard.get("/jobs")

    assert _EVIL not in answer.text
    assert _EVIL not in listed.text
    assert html.escape(_EVIL, quote=False) in answer.text
    for secret in ("abcdefgh12345", "hunter22222"):
        assert secret not in answer.text
        assert secret not in listed.text
    assert answer.text.count("<details") == 4
    assert "attempt 2 ended" in answer.text
    assert "end 2" in answer.text
    assert len(answer.text) < 40_000
    for link in (f"/jobs/{parent}", f"/jobs/{child}", "/runs/5", "/films/603"):
        assert f'href="{link}"' in answer.text
    assert f"job {job}" in (await dashboard.get(f"/jobs/{child}")).text


async def test_a_job_is_retried_and_cancelled(
    dashboard: Dashboard, database_url: str
) -> None:
    """By its buttons; what cannot be is told in a sentence."""
    [job] = await add_jobs(database_url, state="discarded", attempt=5)
    assert (await dashboard.post(f"/jobs/{job}/retry")).status == 303
    assert (await dashboard.c.get_job(job)).state == "available"
    await dashboard.post(f"/jobs/{job}/cancel", data={"_confirmed": "1"})
    assert (await dashboard.c.get_job(job)).state == "cancelled"
    again = await dashboard.post(f"/api/v1/jobs/{job}/cancel")
    assert "has ended already" in again.text


async def test_all_that_match_are_previewed_counted_and_noted(
    dashboard: Dashboard, database_url: str
) -> None:
    """The preview counts; the deed spares other jobs and later ones; the audit log has filter and count."""
    failed = await add_jobs(
        database_url,
        7,
        state="discarded",
        attempt=5,
        meta={"error_code": "unavailable"},
    )
    [other] = await add_jobs(
        database_url, state="discarded", attempt=5, meta={"error_code": "payload"}
    )
    done = await add_jobs(database_url, meta={"error_code": "unavailable"})
    preview = await dashboard.get("/jobs/matching?deed=retry&error=unavailable")
    assert "Retry 7 jobs?" in preview.text
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', preview.text)
    form = [(name, html.unescape(value)) for name, value in fields if name != "q"]
    later = await add_jobs(
        database_url, state="discarded", attempt=5, meta={"error_code": "unavailable"}
    )
    answer = await dashboard.send(
        "POST",
        "/jobs/retry-matching",
        data=urlencode(form),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status == 303, answer.text
    found = await dashboard.c.search_jobs(JobFilter(state=("available",)))
    assert sorted(job.id for job in found.jobs) == failed
    for left in (other, *done, *later):
        assert (await dashboard.c.get_job(left)).state in {"discarded", "completed"}
    [line] = await dashboard.c.list_actions(action="jobs.retry_matching")
    assert line.things == 7
    assert line.arguments["error"] == "unavailable"
    assert "7 jobs run again" in (await dashboard.get("/jobs")).text


async def test_all_that_match_are_cancelled_in_batches(
    dashboard: Dashboard, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many; running ones are asked, and ended ones are left."""
    monkeypatch.setattr("cinegraph.api.matching._CANCEL_BATCH", 3)
    waiting = await add_jobs(database_url, 8, state="available", attempt=0)
    [running] = await add_jobs(database_url, state="executing")
    await add_jobs(database_url, 2)
    answer = await dashboard.post("/api/v1/jobs/cancel-matching", json={})

    assert '"jobs":9' in answer.text
    assert '"is_all":true' in answer.text
    for job in waiting:
        assert (await dashboard.c.get_job(job)).state == "cancelled"
    assert "cancel_requested_at" in (await dashboard.c.get_job(running)).meta


async def test_what_takes_too_long_is_left_and_said(
    dashboard: Dashboard, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is over before anything was done: nothing is lost, and the same request goes on."""
    await add_jobs(database_url, 3, state="discarded", attempt=5)
    monkeypatch.setattr("cinegraph.api.matching.SWEEP_SECONDS", -1.0)
    answer = await dashboard.post("/api/v1/jobs/retry-matching", json={})
    assert "do it again for the rest" in answer.text
    assert '"things":0' in answer.text
    refused = await dashboard.post(
        "/api/v1/jobs/retry-matching", json={"state": ["completed"]}
    )
    assert refused.status == 400
