"""`/api/v1`: what programs are told, and how they are refused."""

import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cinegraph.api import telling
from cinegraph.catalog.change_log import KINDS
from cinegraph.catalog.storing import store_films
from cinegraph.cli import console
from cinegraph.db.pool import Pool
from cinegraph.monitoring.insights import STATES
from cinegraph.web.machine.changes import ChangeKind
from cinegraph.web.machine.endpoint import PREFIX
from cinegraph.web.machine.endpoints import ENDPOINTS
from cinegraph.web.machine.working import JobState
from factories import NOON, make_film, make_record

from .conftest import OPERATOR, VIEWER, Answer, Dashboard, bearer
from .populating import EVIL, fill, store


def _read(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    return json.loads(answer.text)


def _problem(answer: Answer, status: int) -> Any:  # noqa: ANN401 - JSON
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.text)
    assert problem["status"] == status
    return problem


async def _all(dashboard: Dashboard, path: str, **query: object) -> list[Any]:
    """Return everything of a list, page by page."""
    found: list[Any] = []
    after = None
    while True:
        asked = {**query, **({} if after is None else {"after": after})}
        text = "&".join(f"{name}={value}" for name, value in asked.items())
        page = _read(await dashboard.get(f"{PREFIX}{path}?{text}"))
        assert len(page["items"]) <= int(str(query["limit"]))
        found += page["items"]
        if (after := page["next"]) is None:
            return found


async def test_every_example_is_answered(dashboard: Dashboard) -> None:
    """Also before the first film: with an answer, or with what to do."""
    for endpoint in ENDPOINTS:
        answer = await dashboard.get(PREFIX + endpoint.example)
        if "{" in endpoint.path:
            assert answer.status in {200, 400, 404}, answer.text
        else:
            _read(answer)
        if answer.status != 200:
            assert _problem(answer, answer.status)["hint"]


async def test_answers_have_their_type(dashboard: Dashboard, tmp_path: Path) -> None:
    """What is sent is what the description says, field by field."""
    await fill(dashboard, tmp_path)
    [job] = _read(await dashboard.get(f"{PREFIX}/jobs?limit=1"))["items"]
    addresses = {
        "/runs/{run_id:int}": "/runs/1",
        "/jobs/{job_id:int}": f"/jobs/{job['id']}",
        "/movies/{movie}": "/movies/603",
        "/movies/{movie}/score": "/movies/603/score",
        "/movies/{movie}/recommendations": "/movies/603/recommendations",
        "/movies/{movie}/nominations": "/movies/603/nominations",
        "/movies/{movie}/trace": "/movies/4711/trace",
        "/lists/{key}": "/lists/mine?history=true",
        "/lists/{key}/missing": "/lists/mine/missing",
    }
    for endpoint in ENDPOINTS:
        path = addresses.get(endpoint.path, endpoint.example)
        answer = await dashboard.get(PREFIX + path)
        if answer.status == 200:
            msgspec.json.decode(answer.text, type=endpoint.returns)
        assert answer.status == 200 or endpoint.path not in addresses, answer.text


async def test_the_status_is_the_commands(
    dashboard: Dashboard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`cinegraph status --json` and the API tell the same, name by name."""
    await fill(dashboard, tmp_path)
    console.print_json(await telling.read_status(dashboard.c))
    by_command = json.loads(capsys.readouterr().out)
    by_api = _read(await dashboard.get(f"{PREFIX}/status"))
    assert by_command.keys() == by_api.keys()
    for name in ("total_movies", "ledger", "queues", "people", "nodes"):
        if name != "queues":
            assert by_command[name] == by_api[name], name
    assert [one["queue"] for one in by_command["queues"]] == [
        one["queue"] for one in by_api["queues"]
    ]
    assert [run["id"] for run in by_api["active_runs"]] == [4, 3, 2, 1]


async def test_pages_have_no_gap_and_nothing_twice(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Whatever the size of a page."""
    await fill(dashboard, tmp_path)
    for limit in (1, 2, 3, 100):
        runs = await _all(dashboard, "/runs", limit=limit)
        assert [run["id"] for run in runs] == [4, 3, 2, 1]
        films = await _all(dashboard, "/movies", limit=limit)
        assert [film["tmdb_id"] for film in films] == [603, 666, 1000, 1001, 1002]
        jobs = [job["id"] for job in await _all(dashboard, "/jobs", limit=limit)]
        assert jobs == sorted(set(jobs), reverse=True)
        assert len(jobs) == 5


async def test_jobs_are_found_by_all_filters_together(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    """Each narrows what the others leave."""
    await fill(dashboard, tmp_path)
    by_run = await _all(dashboard, "/jobs", limit=10, run=4)
    assert {job["worker"].rpartition(".")[2] for job in by_run} == {"ImportMovie"}
    text = "state=available&state=executing&worker=ImportMovie&queue=imports&run=4"
    page = _read(await dashboard.get(f"{PREFIX}/jobs?{text}"))
    assert len(page["items"]) == 3
    page = _read(await dashboard.get(f"{PREFIX}/jobs?state=discarded&run=4"))
    assert page == {"items": [], "next": None}


async def test_titles_come_as_they_are(dashboard: Dashboard) -> None:
    """JSON needs no escaping of markup, and no browser takes it for a page."""
    await store(dashboard)
    answer = await dashboard.get(f"{PREFIX}/movies/666")
    assert _read(answer)["movie"]["title"] == EVIL
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_film_that_is_not_stored(dashboard: Dashboard) -> None:
    """A problem that says how to get it."""
    for path in ("", "/score", "/recommendations", "/nominations", "/trace"):
        problem = _problem(await dashboard.get(f"{PREFIX}/movies/4711{path}"), 404)
        assert problem["code"] == "movie_not_found"
        assert "cinegraph import movie 4711" in problem["hint"]
    by_ours = await dashboard.get(f"{PREFIX}/movies/%231")
    assert _problem(by_ours, 404)["code"] == "movie_not_found"


_WRONG = [
    ("/runs?limt=3", "'limt'"),
    ("/runs?run_id=3", "'run_id'"),
    ("/runs/1?run_id=2", "'run_id'"),
    ("/runs?limit=0", "limit"),
    ("/runs?limit=501", "limit"),
    ("/runs?limit=2&limit=3", "limit is given twice"),
    ("/runs?limit=", "limit"),
    ("/runs?after=1.0", "after"),
    ("/runs?after=1e3", "after"),
    ("/runs/99999999999999999999", "run_id"),
    ("/jobs?state=done", "state"),
    ("/jobs?queue=a%00b", "NUL"),
    ("/movies/x", "'x'"),
    ("/lists/x?history=perhaps", "history"),
    ("/changes?since=-1", "since"),
    ("/changes?since=5", "position 5"),
    ("/changes?kind=list", "kind"),
    ("/people", "name"),
    ("/limits?hours=nan", "hours"),
]


async def test_what_cannot_be_is_refused_by_name(
    dashboard: Dashboard,
) -> None:
    """With the parameter that is wrong, and what may be."""
    for address, word in _WRONG:
        problem = _problem(await dashboard.get(PREFIX + address), 400)
        assert word in problem["detail"], address
        assert problem["hint"]


_WRONG_BODIES = [
    ('{"run": 1}', "'run'"),
    ('{"run_id": 2}', "'run_id'"),
    ("[]", "JSON object"),
    ("{", "JSON object"),
    ("[" * 100_000, "JSON object"),
    ('{"a": 1.5, "b\\u0000": 2}', "'a'"),
    ('{"password": 123456}', "'password'"),
]


async def test_fields_of_a_body_are_known(dashboard: Dashboard) -> None:
    """What an action does not know is not passed over in silence, and no secret of it is kept."""
    await dashboard.c.import_popular_movies(pages=1)
    for body, word in _WRONG_BODIES:
        answer = await dashboard.send(
            "POST", f"{PREFIX}/runs/1/pause", data=body.encode()
        )
        assert word in _problem(answer, 400)["detail"], body
    assert (await dashboard.c.get_run(1)).state == "running"
    kept = [line.arguments for line in await dashboard.c.list_actions()]
    assert {"password": "***", "run_id": 1} in kept
    assert {"a": "1.5", "b\N{REPLACEMENT CHARACTER}": 2, "run_id": 1} in kept


async def test_large_ids_stay_what_they_are(dashboard: Dashboard) -> None:
    """No number that names a thing goes through a float."""
    largest = 2**63 - 1
    detail = _problem(await dashboard.get(f"{PREFIX}/runs/{largest}"), 404)["detail"]
    assert str(largest) in detail
    answer = await dashboard.post(f"{PREFIX}/runs/{largest + 1}/pause", json={})
    assert answer.status == 400
    answer = await dashboard.post(f"{PREFIX}/runs/{largest}/pause", json={})
    assert answer.status == 404


class TestChanges:
    """The change log, page by page."""

    async def test_no_change_is_missed(self, dashboard: Dashboard) -> None:
        """Whatever the size of a page, positions go on where the last page ended."""
        await store(dashboard)
        whole = _read(await dashboard.get(f"{PREFIX}/changes?since=0&limit=1000"))
        for limit in (1, 2, 4):
            since, found = 0, []
            while True:
                address = f"{PREFIX}/changes?since={since}&limit={limit}"
                page = _read(await dashboard.get(address))
                if not page["changes"]:
                    break
                found += page["changes"]
                since = page["position"]
            assert found == whole["changes"]
            assert since == whole["position"]

    async def test_without_a_position_the_last_ones(self, dashboard: Dashboard) -> None:
        """As the command shows them."""
        await store(dashboard)
        whole = _read(await dashboard.get(f"{PREFIX}/changes?since=0"))["changes"]
        last = _read(await dashboard.get(f"{PREFIX}/changes?limit=2"))["changes"]
        assert last == whole[-2:]

    async def test_of_one_kind(self, dashboard: Dashboard) -> None:
        """The position goes on all the same."""
        await store(dashboard)
        state = _read(await dashboard.get(f"{PREFIX}/changes/state"))
        page = _read(await dashboard.get(f"{PREFIX}/changes?since=0&kind=movie"))
        assert {one["kind"] for one in page["changes"]} == {"movie"}
        assert page["position"] == state["last_position"]

    async def test_what_is_forgotten_is_gone(self, dashboard: Dashboard) -> None:
        """Whoever comes too late is told to begin anew, and not given a gap."""
        await store(dashboard)
        async with dashboard.c._app.pool.connection() as conn:
            await conn.execute("UPDATE change_log_state SET kept_after = 3")
        problem = _problem(await dashboard.get(f"{PREFIX}/changes?since=1"), 410)
        assert "snapshot" in (problem["hint"] or "") + problem["detail"]


async def test_roles_and_methods(closed: Dashboard) -> None:
    """Every endpoint wants a token, and is only read."""
    for endpoint in ENDPOINTS:
        path = PREFIX + endpoint.example
        refused = await closed.get(path)
        assert _problem(refused, 401)["detail"]
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.text.count("{") == 1
    for method, token in itertools.product(("POST", "PUT", "DELETE"), (OPERATOR,)):
        answer = await closed.send(method, f"{PREFIX}/runs", headers=bearer(token))
        assert _problem(answer, 405)
        assert "GET" in answer.headers["Allow"]
    assert (await closed.get(f"{PREFIX}/runs", **bearer(VIEWER))).status == 200


def test_enumerations_are_those_of_the_tables() -> None:
    """The API knows every state and kind there is."""
    assert [state.value for state in JobState] == list(STATES)
    assert [kind.value for kind in ChangeKind] == list(KINDS)


async def test_films_are_found_by_words_of_their_titles(
    dashboard: Dashboard, pool: Pool
) -> None:
    """Accents and case aside, page by page; what is not known is refused."""
    records = [make_record(number, title=f"Élan {number}") for number in (1, 2, 3)]
    async with pool.connection() as conn, conn.transaction():
        await store_films(conn, [make_film(one) for one in records], now=NOON)
    path = f"{PREFIX}/movies/search?q=ELAN&limit=2"
    first = _read(await dashboard.get(path))
    rest = _read(await dashboard.get(f"{path}&after={first['next']}"))
    titles = [film["title"] for page in (first, rest) for film in page["films"]]
    assert sorted(titles) == ["Élan 1", "Élan 2", "Élan 3"]
    assert (first["total"], first["is_more"], rest["next"]) == (3, False, None)
    _problem(await dashboard.get(f"{PREFIX}/movies/search?title=ELAN"), 400)
