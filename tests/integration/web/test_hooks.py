"""`/hooks/movies`: signed news of films, each taken once."""

import asyncio
import json
from typing import Any

import psycopg
import pytest

from cinegraph import clock
from cinegraph.sync import deliveries
from cinegraph.web.machine.news import LONGEST_BODY_BYTES, MOST_FILMS, sign

from .conftest import OPERATOR, Answer, Dashboard, OpenDashboard, bearer
from .populating import store

SECRET = "hook-secret-0123456789"
PATH = "/hooks/movies"


async def _deliver(
    dashboard: Dashboard,
    news: object,
    *,
    secret: str = SECRET,
    seconds: int = 0,
    headers: dict[str, str] | None = None,
) -> Answer:
    body = news if isinstance(news, bytes) else json.dumps(news).encode()
    at = int(clock.real_now().timestamp()) + seconds
    signed = {"Cinegraph-Signature": sign(secret, body, at), **(headers or {})}
    return await dashboard.send("POST", PATH, data=body, headers=signed)


async def _rows(dashboard: Dashboard, query: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(dashboard.c.database_url) as conn:
        cursor = await conn.execute(query.encode())
        return await cursor.fetchall()


async def test_films_are_due_at_once(open_dashboard: OpenDashboard) -> None:
    """Stored ones are fetched again, others imported; before everything that nobody waits for."""
    async with open_dashboard(hook_secret=SECRET) as dashboard:
        await store(dashboard)
        news = {"tmdb_ids": [603, 4711, 603], "imdb_ids": ["tt0133093"]}
        answer = await _deliver(dashboard, news)
        assert answer.status == 202, answer.text
        assert json.loads(answer.text) == {
            "run_id": 1,
            "films": 2,
            "stored": 1,
            "unknown": [],
        }
        run = await dashboard.c.get_run(1)
        assert (run.kind, run.requested_by, run.planned) == ("import_movies", "hook", 2)
        jobs = await dashboard.c.list_jobs(run=1)
        assert {(job.args["tmdb_id"], job.priority) for job in jobs} == {
            (603, 0),
            (4711, 0),
        }
        entries = (await dashboard.c.trace_movie(603)).ledger
        assert ("tmdb", "told by a hook") in {
            (one.source, one.reason) for one in entries
        }
        [line] = await dashboard.c.list_actions()
        assert (line.action, line.who, line.things) == ("hook.movies", "hook", 2)


_HEADERS: dict[bytes, str] = {}
"""By body, the one signature that all deliveries of it carry."""


async def _status(dashboard: Dashboard, body: bytes) -> int:
    at = int(clock.real_now().timestamp())
    header = _HEADERS.setdefault(body, sign(SECRET, body, at))
    headers = {"Cinegraph-Signature": header}
    return (await dashboard.send("POST", PATH, data=body, headers=headers)).status


async def test_news_are_taken_once(open_dashboard: OpenDashboard) -> None:
    """Also by another process, and after a restart: the table remembers."""
    async with (
        open_dashboard(hook_secret=SECRET) as dashboard,
        open_dashboard(hook_secret=SECRET) as other,
    ):
        body = b'{"tmdb_ids": [238]}'
        statuses = [await _status(one, body) for one in (dashboard, dashboard, other)]
        assert statuses == [202, 409, 409]
        assert sorted(
            await asyncio.gather(
                *(
                    _status(one, b'{"tmdb_ids": [239]}')
                    for one in (dashboard, other) * 3
                )
            )
        ) == [202, 409, 409, 409, 409, 409]
        assert len(await dashboard.c.list_runs()) == 2
        assert await _rows(dashboard, "SELECT count(run_id) FROM hook_deliveries") == [
            (2,)
        ]


async def test_old_signatures_are_forgotten(open_dashboard: OpenDashboard) -> None:
    """The table holds an hour, since older ones are refused by their moment."""
    async with open_dashboard(hook_secret=SECRET) as dashboard:
        for number, hours in enumerate((3, 2, 0)):
            at = clock.real_now() - hours * deliveries.KEEP
            async with dashboard.c._transaction() as conn:
                assert await deliveries.note(conn, bytes([number]), run_id=None, at=at)
        kept = await _rows(dashboard, "SELECT signature FROM hook_deliveries")
        assert kept == [(b"\x02",)]


async def test_what_is_not_taken(open_dashboard: OpenDashboard) -> None:
    """Nothing of it is done, and the answer says why."""
    async with open_dashboard(hook_secret=SECRET, operator_token=OPERATOR) as dashboard:
        good = {"tmdb_ids": [238]}
        for status, answer in (
            (401, await dashboard.post(PATH, json=good)),
            (401, await dashboard.post(PATH, json=good, **bearer(OPERATOR))),
            (401, await _deliver(dashboard, good, secret="x" * 20)),
            (401, await _deliver(dashboard, good, seconds=-301)),
            (401, await _deliver(dashboard, good, seconds=330)),
            (400, await _deliver(dashboard, b"{")),
            (400, await _deliver(dashboard, b"[" * 60_000)),
            (400, await _deliver(dashboard, {})),
            (400, await _deliver(dashboard, {"tmdb_ids": [1.0]})),
            (400, await _deliver(dashboard, {"tmdb_ids": [0]})),
            (400, await _deliver(dashboard, {"tmdb_ids": [2**31]})),
            (400, await _deliver(dashboard, {"imdb_ids": ["nm0000001"]})),
            (400, await _deliver(dashboard, {"films": [1]})),
            (
                400,
                await _deliver(dashboard, {"tmdb_ids": list(range(1, MOST_FILMS + 2))}),
            ),
            (413, await _deliver(dashboard, b" " * (LONGEST_BODY_BYTES + 1))),
            (421, await _deliver(dashboard, good, headers={"Host": "example.org"})),
        ):
            assert answer.status == status, answer.text
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert SECRET not in answer.text
        for method in ("GET", "PUT", "DELETE"):
            assert (await dashboard.send(method, PATH)).status == 405, method
        assert await dashboard.c.list_runs() == []
        many = {"imdb_ids": [f"tt{number:07}" for number in range(1, 22)]}
        answer = await _deliver(dashboard, many)
        assert (answer.status, "at most 20" in answer.text) == (400, True)


async def test_wrong_signatures_are_slowed_down(open_dashboard: OpenDashboard) -> None:
    """Guessing is hopeless, and it is stopped all the same."""
    async with open_dashboard(hook_secret=SECRET) as dashboard:
        statuses = {(await dashboard.post(PATH, json={})).status for _ in range(14)}
        assert statuses == {401, 429}


async def test_without_a_secret_there_is_no_hook(dashboard: Dashboard) -> None:
    """It says how to switch it on."""
    answer = await _deliver(dashboard, {"tmdb_ids": [238]})
    assert answer.status == 404
    assert "CINEGRAPH_HOOK_SECRET" in answer.text


@pytest.mark.parametrize("tmdb_base_url", ["http://127.0.0.1:9"])
async def test_what_fails_may_be_delivered_again(
    open_dashboard: OpenDashboard, tmdb_base_url: str
) -> None:
    """When TMDB cannot be asked for an IMDb id, the signature is not used up."""
    async with open_dashboard(
        hook_secret=SECRET, tmdb_base_url=tmdb_base_url
    ) as dashboard:
        answer = await _deliver(dashboard, {"imdb_ids": ["tt0068646"]})
        assert answer.status == 502, answer.text
        assert await _rows(dashboard, "SELECT FROM hook_deliveries") == []
        [line] = await dashboard.c.list_actions()
        assert line.error_code is not None
