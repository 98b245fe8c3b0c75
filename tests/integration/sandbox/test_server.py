"""The imitation on a real socket, asked by a plain aiohttp client."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import aiohttp
import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from polling import until

_WORLD = World(500, seed=3)
_FILMS = [tmdb_id for page in range(1, 6) for tmdb_id in _WORLD.popular_ids(page)]
_QUIET = SandboxSettings(port=0, latency="none")
_PARTS = "credits,external_ids,videos"


class Seen(NamedTuple):
    """An answer as it came over the wire; `broken` names what aiohttp said of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    broken: str = ""

    def told(self) -> dict[str, Any]:
        """Read the body as the client of an honest server would."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        told: dict[str, Any] = json.loads(
            gzip.decompress(self.body) if packed else self.body
        )
        return told


class Asker:
    """A client that neither unpacks nor repairs anything."""

    def __init__(self, server: SandboxServer, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session

    async def get(self, path: str, **headers: str) -> Seen:
        """Ask for a path below /3."""
        status = 0
        try:
            async with self._session.get(
                self._server.base_url + path, headers=headers
            ) as answer:
                status = answer.status
                return Seen(status, dict(answer.headers), await answer.read())
        except aiohttp.ClientError as error:
            return Seen(status, {}, b"", type(error).__name__)

    async def film(self, tmdb_id: int) -> Seen:
        """Ask for a film with parts."""
        return await self.get(f"/movie/{tmdb_id}?append_to_response={_PARTS}")

    async def control(
        self, method: str, name: str, told: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Ask the imitation about itself."""
        url = f"{self._server.control_url}/{name}"
        async with self._session.request(method, url, json=told) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def _serving(**wanted: object) -> AsyncIterator[Asker]:
    """Serve a small world, without limit or latency unless wanted."""
    quiet = {"port": 0, "rate": 0, "latency": "none", "seed": 3}
    settings = SandboxSettings.model_validate(quiet | wanted)
    async with (
        SandboxServer(_WORLD, settings) as server,
        aiohttp.ClientSession(
            auto_decompress=False,
            headers={"Authorization": "Bearer k", "Accept-Encoding": "gzip"},
            timeout=aiohttp.ClientTimeout(total=20),
        ) as session,
    ):
        yield Asker(server, session)


async def test_films_come_packed_with_cache_headers() -> None:
    """A film is sent gzipped, with an ETag and an age to cache it for."""
    async with _serving() as asker:
        seen = await asker.film(_FILMS[0])

    assert seen.status == 200
    assert seen.headers["Content-Encoding"] == "gzip"
    assert seen.headers["Etag"].startswith('W/"')
    assert "max-age" in seen.headers["Cache-Control"]
    assert seen.headers["Content-Type"] == "application/json;charset=utf-8"
    film = _WORLD.movie(_FILMS[0])
    assert film is not None
    assert seen.told()["title"] == film.title
    assert len(seen.told()["credits"]["crew"]) == sum(
        credit.kind == "crew" for credit in film.credits
    )


async def test_a_client_without_gzip_gets_plain_json() -> None:
    """The same film, not packed."""
    async with _serving() as asker:
        plain = await asker.get(
            f"/movie/{_FILMS[0]}", **{"Accept-Encoding": "identity"}
        )
        packed = await asker.get(f"/movie/{_FILMS[0]}")

    assert "Content-Encoding" not in plain.headers
    assert plain.told() == packed.told()


async def test_an_unchanged_film_is_not_sent_again() -> None:
    """A known ETag gets 304 without a body."""
    async with _serving() as asker:
        etag = (await asker.get(f"/movie/{_FILMS[0]}")).headers["Etag"]
        again = await asker.get(f"/movie/{_FILMS[0]}", **{"If-None-Match": etag})

    assert (again.status, again.body) == (304, b"")


async def test_the_limit_refuses_what_is_beyond_it() -> None:
    """Of 40 requests at once 10 pass a limit of 10 a second; later ones pass again."""
    async with _serving(rate=10) as asker:
        seen = await asyncio.gather(*(asker.film(i) for i in _FILMS[:40]))
        _, report = await asker.control("GET", "report")
        await _until_passing(asker)

    refused = [answer for answer in seen if answer.status == 429]
    assert len(refused) == 30
    assert refused[0].headers["Retry-After"] == "1"
    assert refused[0].told()["status_code"] == 25
    assert report["worst_second"] == 40
    assert report["worst_second_answered"] == 10
    assert report["refused_by_limit"] == 30


async def _until_passing(asker: Asker) -> None:
    """Ask until the limit lets a request through, at most 5 s."""

    async def is_passing() -> bool:
        return (await asker.film(_FILMS[0])).status != 429

    await until(is_passing, within_seconds=5)


async def test_no_second_is_answered_beyond_the_limit() -> None:
    """Asking without pause gets at most the limit in any sliding second."""
    async with _serving(rate=30) as asker:
        until = time.monotonic() + 2.5
        passed: list[float] = []
        while time.monotonic() < until:
            if (await asker.film(_FILMS[0])).status == 200:
                passed.append(time.monotonic())
        _, report = await asker.control("GET", "report")

    assert report["worst_second_answered"] == 30
    assert 60 <= len(passed) <= 90


async def test_retry_after_can_be_left_out() -> None:
    """The limit's own 429 may come without the header."""
    async with _serving(rate=1, retry_after=False) as asker:
        seen = [await asker.film(_FILMS[0]) for _ in range(2)]

    assert seen[1].status == 429
    assert "Retry-After" not in seen[1].headers


async def test_a_wrong_key_is_refused() -> None:
    """401 with code 7; the right key passes by header."""
    async with _serving(key="right") as asker:
        wrong = await asker.film(_FILMS[0])
        right = await asker.get("/movie/popular", Authorization="Bearer right")

    assert (wrong.status, wrong.told()["status_code"]) == (401, 7)
    assert right.status == 200


async def test_latency_is_added() -> None:
    """A fixed latency is waited before the answer comes."""
    async with _serving(latency="0.2") as asker:
        began = time.monotonic()
        await asker.film(_FILMS[0])

    assert time.monotonic() - began >= 0.2


async def test_a_throttling_fault_says_when_to_come_back() -> None:
    """429 with Retry-After in all its forms: seconds, zero, a date."""
    async with _serving(faults={"429": 1.0}) as asker:
        seen = [await asker.film(i) for i in _FILMS[:40]]

    assert {answer.status for answer in seen} == {429}
    waits = {answer.headers["Retry-After"] for answer in seen}
    dates = [wait for wait in waits if wait not in {"0", "1"}]
    assert waits >= {"0", "1"}
    assert dates
    assert all(parsedate_to_datetime(date) for date in dates)
    assert seen[0].told()["status_code"] == 25


async def test_a_bare_throttling_fault_says_nothing() -> None:
    """429 with neither Retry-After nor JSON."""
    async with _serving(faults={"429-bare": 1.0}) as asker:
        seen = await asker.film(_FILMS[0])

    assert (seen.status, seen.body) == (429, b"")
    assert "Retry-After" not in seen.headers


async def test_outages_have_all_their_statuses() -> None:
    """500, 502, 503 and 504 with TMDB's codes."""
    async with _serving(faults={"5xx": 1.0}) as asker:
        seen = [await asker.film(i) for i in _FILMS[:40]]

    assert {answer.status for answer in seen} == {500, 502, 503, 504}
    assert {answer.told()["status_code"] for answer in seen} == {11, 43, 46, 24}


async def test_a_slow_answer_is_right_but_late() -> None:
    """The film comes whole after the time set."""
    async with _serving(faults={"slow": 1.0}, slow_seconds=0.3) as asker:
        began = time.monotonic()
        seen = await asker.film(_FILMS[0])

    assert time.monotonic() - began >= 0.3
    assert seen.told()["id"] == _FILMS[0]


async def test_cut_answers_break_the_connection_or_the_json() -> None:
    """Some end before their promised length, others are half a JSON in whole HTTP."""
    async with _serving(faults={"cut": 1.0}) as asker:
        seen = [await asker.film(i) for i in _FILMS[:20]]
        honest = (await asker.control("POST", "faults", {"faults": {}}))[0]
        after = await asker.film(_FILMS[0])

    broken = [answer for answer in seen if answer.broken]
    halves = [answer for answer in seen if not answer.broken]
    assert {answer.broken for answer in broken} == {"ClientPayloadError"}
    assert halves
    for answer in halves:
        assert answer.status == 200
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            answer.told()
    assert honest == after.status == 200


async def test_a_web_page_may_come_instead() -> None:
    """HTML with status 200, under its own name or as JSON."""
    async with _serving(faults={"html": 1.0}) as asker:
        seen = [await asker.film(i) for i in _FILMS[:20]]

    assert all(answer.body.startswith(b"<!DOCTYPE html>") for answer in seen)
    kinds = {answer.headers["Content-Type"].partition(";")[0] for answer in seen}
    assert kinds == {"text/html", "application/json"}


async def test_wrongly_encoded_bodies_cannot_be_read() -> None:
    """Not UTF-8 or not gzip, contrary to the headers; never the right film."""
    async with _serving(faults={"encoding": 1.0}) as asker:
        seen = [await asker.film(i) for i in _FILMS[:40]]

    packed = [a for a in seen if a.headers.get("Content-Encoding") == "gzip"]
    assert packed
    assert all(answer.body.startswith(b"{") for answer in packed)
    for answer in seen:
        if answer not in packed:
            with pytest.raises(UnicodeDecodeError):
                answer.body.decode()


async def test_an_empty_answer_is_empty() -> None:
    """Status 200 without a body."""
    async with _serving(faults={"empty": 1.0}) as asker:
        seen = await asker.film(_FILMS[0])

    assert (seen.status, seen.body) == (200, b"")


async def test_an_untrue_404_is_taken_back() -> None:
    """The film that was denied is there when asked again; lists are never denied."""
    async with _serving(faults={"not-found": 1.0}) as asker:
        denied, there = await asker.film(_FILMS[0]), await asker.film(_FILMS[0])
        page = await asker.get("/movie/popular")

    assert (denied.status, denied.told()["status_code"]) == (404, 34)
    assert (there.status, page.status) == (200, 200)


async def test_faults_are_the_same_in_every_run() -> None:
    """Seed and request decide: servers of one seed fail alike."""
    runs = []
    for seed in (3, 3, 4):
        async with _serving(faults=dict.fromkeys(["429", "html"], 0.3), seed=seed) as a:
            runs.append([(await a.film(i)).status for i in _FILMS[:40]])

    assert runs[0] == runs[1] != runs[2]


async def test_a_key_in_the_query_changes_no_fault() -> None:
    """The same request meets the same fault with whatever key it is asked."""
    runs = []
    for key in ("a", "b"):
        async with _serving(faults={"429": 0.5}) as asker:
            paths = [f"/movie/{tmdb_id}?api_key={key}" for tmdb_id in _FILMS[:30]]
            runs.append([(await asker.get(path)).status for path in paths])

    assert runs[0] == runs[1]


async def test_faults_can_be_changed_while_it_runs() -> None:
    """The demo and tests switch faults on and off; a wrong wish is told."""
    async with _serving() as asker:
        wish = {"faults": {"empty": 1.0}, "until_seconds": 60}
        changed = await asker.control("POST", "faults", wish)
        empty = await asker.film(_FILMS[0])
        wrong = await asker.control("POST", "faults", {"faults": {"nonsense": 1}})
        malformed = await asker.control("POST", "faults", {"fault": 1})
        await asker.control("POST", "faults", {"faults": {}})
        whole = await asker.film(_FILMS[0])

    assert changed[0] == 200
    assert empty.body == b""
    assert wrong[0] == malformed[0] == 400
    assert "nonsense" in wrong[1]["error"]
    assert whole.told()["id"] == _FILMS[0]


async def test_the_report_tells_what_was_served() -> None:
    """It counts by endpoint, status and fault, but not itself; reset forgets."""
    async with _serving() as asker:
        await asker.film(_FILMS[0])
        await asker.get("/movie/popular")
        await asker.get("/movie/999999999")
        await asker.control("POST", "faults", {"faults": {"html": 1.0}})
        await asker.film(_FILMS[1])
        _, report = await asker.control("GET", "report")
        await asker.control("POST", "reset")
        _, fresh = await asker.control("GET", "report")

    assert report["requests"] == 4
    assert report["by_endpoint"] == {"movie": 3, "popular": 1}
    assert report["by_status"] == {"200": 3, "404": 1}
    assert report["by_fault"] == {"html": 1}
    assert report["worst_second"] == 4
    assert sum(count for _, count in report["per_second"]) == 4
    assert report["started_at"]
    assert fresh["requests"] == 0


async def test_the_clock_can_be_told_and_set() -> None:
    """OMDb's days and the exports follow it; a wrong wish changes nothing."""
    async with _serving() as asker:
        wish = {"epoch": "2027-01-15T09:00:00Z", "offset_seconds": 60, "speed": 0}
        changed = await asker.control("POST", "clock", wish)
        wrong = await asker.control("POST", "clock", {"speed": -1})
        _, told = await asker.control("GET", "clock")
        await asker.control("POST", "clock", {})
        _, real = await asker.control("GET", "clock")

    assert changed == (200, told)
    assert told["now"] == "2027-01-15T09:01:00+00:00"
    assert wrong[0] == 400
    assert real["speed"] == 1
    assert real["offset_seconds"] == 0


async def test_the_exports_can_be_spoilt_while_it_runs() -> None:
    """By name, for one day or all; null takes it back."""
    async with _serving() as asker:
        wish = {"fault": "export-half", "day": "2027-01-15"}
        changed = await asker.control("POST", "exports", wish)
        _, report = await asker.control("GET", "report")
        wrong = await asker.control("POST", "exports", {"fault": "429"})
        await asker.control("POST", "exports", {"fault": None})
        _, whole = await asker.control("GET", "report")

    assert changed == (200, wish)
    assert report["exports"]["fault"] == "export-half"
    assert report["exports"]["fault_day"] == "2027-01-15"
    assert wrong[0] == 400
    assert whole["exports"]["fault"] is None


async def test_an_unknown_control_path_is_told() -> None:
    """A mistyped control path gets 404 with what there is."""
    async with _serving() as asker:
        status, told = await asker.control("GET", "nonsense")

    assert status == 404
    assert "report" in told["error"]


async def test_a_taken_port_is_a_mistake_with_a_hint() -> None:
    """The error names the port and how to choose another."""
    async with SandboxServer(_WORLD, SandboxSettings(port=0)) as first:
        second = SandboxServer(_WORLD, SandboxSettings(port=first.port))
        with pytest.raises(UsageError, match=str(first.port)) as caught:
            await second.__aenter__()

    assert "--port" in (caught.value.hint or "")


async def test_it_stops_while_clients_are_connected() -> None:
    """An idle keep-alive connection does not hold it up."""
    began = time.monotonic()
    async with aiohttp.ClientSession() as session:
        async with SandboxServer(_WORLD, _QUIET) as server:
            url = f"{server.base_url}/movie/popular"
            async with session.get(url) as answer:
                await answer.read()
        assert time.monotonic() - began < 5


async def test_titles_and_rows_of_a_page_are_the_worlds() -> None:
    """What comes over the socket is what the world says."""
    async with _serving() as asker:
        seen = await asker.get("/movie/popular?page=2")

    rows = seen.told()["results"]
    assert [row["id"] for row in rows] == list(_WORLD.popular_ids(2))
