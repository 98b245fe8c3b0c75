"""OMDb's imitation on a real socket, asked by a plain aiohttp client."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from cinegraph.clock import ClockSetting
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from cinegraph.sandbox.content import Content
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title

_WORLD = World(600, seed=3)
_TITLES = _WORLD.expected_titles(_WORLD.ids())
_IDS = list(_TITLES)


class Seen(NamedTuple):
    """An answer as it came; `broken` names what aiohttp said of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """Read the body as JSON."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def error(self) -> tuple[int, str]:
        """Give the status and OMDb's own word."""
        assert self.told["Response"] == "False"
        return self.status, self.told["Error"]


class Asker:
    """A client of one key."""

    def __init__(self, server: SandboxServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self._session = session

    async def get(self, **query: str) -> Seen:
        """Ask with that query."""
        status = 0
        url = f"{self.server.omdb_url}/"
        try:
            async with self._session.get(url, params=query) as answer:
                status = answer.status
                return Seen(status, answer.headers.copy(), await answer.read())
        except aiohttp.ClientError as error:
            return Seen(status, {}, b"", type(error).__name__)

    async def title(self, imdb_id: str, key: str = "k") -> Seen:
        """Ask for a title."""
        return await self.get(i=imdb_id, apikey=key)

    def report(self) -> Any:  # noqa: ANN401 - JSON
        """Give OMDb's part of the report."""
        return self.server.report()["omdb"]


@asynccontextmanager
async def _serving(
    content: Content | World = _WORLD, **wanted: object
) -> AsyncIterator[Asker]:
    """Serve a small world, without limit or latency unless wanted."""
    quiet = {"port": 0, "rate": 1, "latency": "none", "seed": 3}
    settings = SandboxSettings.model_validate(quiet | wanted)
    async with (
        SandboxServer(content, settings) as server,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session,
    ):
        yield Asker(server, session)


def _at(server: SandboxServer, when: datetime) -> None:
    """Hold the sandbox's clock there."""
    server.set_clock(ClockSetting(when, speed=0.0))


async def test_titles_are_the_worlds() -> None:
    """What comes over the socket reads as the world's record; TMDB's limit is not OMDb's."""
    async with _serving() as asker:
        seen = {imdb_id: await asker.title(imdb_id) for imdb_id in _IDS[::5]}

    assert {answer.status for answer in seen.values()} == {200}
    for imdb_id, answer in seen.items():
        assert to_title(decode_title(answer.body)) == _TITLES[imdb_id]
        assert answer.headers["Content-Type"].startswith("application/json")


async def test_a_path_without_slash_is_the_same() -> None:
    """`OMDB_BASE_URL` may be asked with and without a slash behind it; gzip only if taken."""
    async with (
        _serving() as asker,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        url = f"{asker.server.omdb_url}?i={_IDS[0]}"
        async with session.get(url, headers={"Accept-Encoding": "identity"}) as answer:
            plain = await answer.read()
        async with session.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
            packed = await answer.read()

    assert gzip.decompress(packed) == plain
    assert json.loads(plain)["imdbID"] == _IDS[0]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"i": "tt99999999"}, "Movie not found!"),
        ({"i": "0012349"}, "Incorrect IMDb ID."),
        ({"i": "nm0000001"}, "Incorrect IMDb ID."),
        ({"i": ""}, "Incorrect IMDb ID."),
        ({}, "Incorrect IMDb ID."),
        ({"t": "Metropolis"}, "Movie not found!"),
    ],
)
async def test_what_it_does_not_hold_is_status_200(
    query: dict[str, str], error: str
) -> None:
    """Only the body says that there is none."""
    async with _serving() as asker:
        seen = await asker.get(**query)

    assert seen.error == (200, error)


async def test_titles_omdb_lacks_are_not_found() -> None:
    """A few films with an IMDb id are unknown to it."""
    films = filter(None, map(_WORLD.summary, _WORLD.ids()))
    lacking = [f.imdb_id for f in films if f.imdb_id and f.imdb_id not in _TITLES]
    async with _serving() as asker:
        seen = [await asker.title(imdb_id) for imdb_id in lacking]

    assert seen
    assert {answer.error for answer in seen} == {(200, "Movie not found!")}


async def test_a_malformed_id_is_answered_in_no_json() -> None:
    """As OMDb does, the message's quotes are not escaped."""
    async with _serving() as asker:
        seen = await asker.title("tt011f8539")

    assert seen.status == 200
    assert seen.body == (
        b'{"Response":"False","Error":"Conversion from string "011f8539" to type'
        b" 'Double' is not valid.\"}"
    )


async def test_a_wrong_key_and_none_are_told_apart() -> None:
    """Both are 401, and neither uses up a day."""
    async with _serving(omdb_key="right", omdb_limit=1) as asker:
        wrong = await asker.title(_IDS[0], "wrong")
        missing = await asker.get(i=_IDS[0])
        right = await asker.title(_IDS[0], "right")
        over = await asker.title(_IDS[0], "right")

    assert wrong.error == (401, "Invalid API key!")
    assert missing.error == (401, "No API key provided.")
    assert right.status == 200
    assert over.error == (401, "Request limit reached!")
    assert asker.report()["refused_by_key"] == 2


async def test_a_day_of_the_clock_has_its_requests() -> None:
    """Beyond the limit it is 401 until the clock's next day; each key has its own."""
    async with _serving(omdb_limit=3) as asker:
        for day in (1, 2, 3):
            _at(asker.server, datetime(2027, 1, day, 23, 59, tzinfo=UTC))
            seen = [(await asker.title(i)).status for i in _IDS[:5]]
            assert seen == [200] * 3 + [401] * 2
        other = await asker.title(_IDS[0], "other")
        report = asker.report()

    assert other.status == 200
    days = [(day["day"], day["answered"], day["refused"]) for day in report["days"]]
    assert sorted(days) == [
        ("2027-01-01", 3, 2),
        ("2027-01-02", 3, 2),
        ("2027-01-03", 1, 0),
        ("2027-01-03", 3, 2),
    ]
    assert report["refused_by_limit"] == 6
    assert report["requests"] == 16


async def test_the_day_begins_at_the_hour_of_reset() -> None:
    """Midnight changes nothing when the day begins at 06:30."""
    began = datetime(2027, 1, 1, 6, 30, tzinfo=UTC)
    async with _serving(omdb_limit=1, omdb_reset_seconds=6 * 3600 + 1800) as asker:
        seen = []
        for hours in (0, 12, 18, 23.99, 24):
            _at(asker.server, began + timedelta(hours=hours))
            seen.append((await asker.title(_IDS[0])).status)

    assert seen == [200, 401, 401, 401, 200]


async def test_most_in_flight_is_reported() -> None:
    """One after another is one; four at once are four."""
    async with _serving(latency="0.05") as asker:
        for imdb_id in _IDS[:3]:
            await asker.title(imdb_id)
        alone = asker.report()["most_in_flight"]
        await asyncio.gather(*(asker.title(imdb_id) for imdb_id in _IDS[:4]))
        together = asker.report()["most_in_flight"]

    assert (alone, together) == (1, 4)


async def test_who_hung_up_is_not_in_flight() -> None:
    """A client that gave up a slow answer and asks again has one request in flight."""
    async with _serving(latency="0.6") as asker:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.15):
                await asker.title(_IDS[0])
        await asyncio.sleep(0.05)
        await asker.title(_IDS[1])

    assert asker.report()["most_in_flight"] == 1


async def test_outages_are_cloudflares_and_cost_no_quota() -> None:
    """522, 524 and 520 come in text, before key or quota is looked at."""
    async with _serving(faults={"omdb-522": 1.0}, omdb_limit=1) as asker:
        seen = [await asker.title(imdb_id) for imdb_id in _IDS[:30]]
        asker.server.change_faults({})
        whole = await asker.title(_IDS[0])

    assert {answer.status for answer in seen} == {520, 522, 524}
    assert b"error code: 5" in seen[0].body
    assert whole.status == 200
    assert asker.report()["by_fault"] == {"omdb-522": 30}


async def test_broken_plots_are_no_json() -> None:
    """A lone backslash or raw control characters, the same title whenever it is asked."""
    async with _serving(faults={"omdb-json": 1.0}) as asker:
        seen = [(await asker.title(imdb_id)).body for imdb_id in _IDS[:30]]
        lacking = await asker.title("tt99999999")

    for body in seen:
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
    assert any(b"inner\\spiritual" in body for body in seen)
    assert any(b"\x1f" in body for body in seen)
    assert lacking.error == (200, "Movie not found!")


async def test_an_emptied_title_holds_nothing() -> None:
    """It is the right title with all its values N/A."""
    async with _serving(faults={"omdb-na": 1.0}) as asker:
        told = (await asker.title(_IDS[0])).told

    assert told["imdbID"] == _IDS[0]
    assert (told["Ratings"], told["imdbRating"], told["Plot"]) == ([], "N/A", "N/A")
    assert told["Response"] == "True"


async def test_html_and_cut_bodies_cannot_be_read() -> None:
    """A page with status 200; a body that ends early, by HTTP or only by JSON."""
    async with _serving(faults={"omdb-html": 1.0}) as asker:
        page = await asker.title(_IDS[0])
        asker.server.change_faults({"omdb-cut": 1.0})
        cut = [await asker.title(imdb_id) for imdb_id in _IDS[:20]]

    assert page.body.startswith(b"<!DOCTYPE html>")
    assert {answer.broken for answer in cut} == {"", "ClientPayloadError"}
    for answer in cut:
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.body)


async def test_a_slow_title_is_whole() -> None:
    """It comes after the seconds set."""
    async with _serving(faults={"omdb-slow": 1.0}, slow_seconds=0.3) as asker:
        began = time.monotonic()
        seen = await asker.title(_IDS[0])

    assert time.monotonic() - began >= 0.3
    assert seen.told["imdbID"] == _IDS[0]


async def test_tmdbs_faults_are_not_omdbs() -> None:
    """And OMDb's requests are no part of TMDB's report."""
    async with _serving(faults={"empty": 1.0}, rate=0) as asker:
        seen = await asker.title(_IDS[0])
        report = asker.server.report()

    assert seen.status == 200
    assert (report["requests"], report["by_fault"]) == (0, {})


async def test_a_reset_gives_the_day_back() -> None:
    """What was served is forgotten, quotas too."""
    async with _serving(omdb_limit=1) as asker:
        await asker.title(_IDS[0])
        asker.server.reset()
        seen = await asker.title(_IDS[0])

    assert seen.status == 200
    assert asker.report()["requests"] == 1


@pytest.mark.recorded
class TestRecorded:
    """OMDb in recorded mode."""

    async def test_bodies_are_sent_byte_by_byte(
        self, tmp_path: Path, recorded_data: Path
    ) -> None:
        """Every recorded title is what was recorded; another is not found."""
        with gzip.open(recorded_data / "omdb" / "titles.jsonl.gz") as file:
            lines = [line.strip() for line in file][::20]
        # OMDb's bodies are found beside those of TMDB, of which none are needed here.
        (tmp_path / "omdb").symlink_to(recorded_data / "omdb")
        (tmp_path / "tmdb").mkdir()
        with gzip.open(tmp_path / "tmdb" / "movies.jsonl.gz", "w") as file:
            file.write(b'{"id":1}\n')
        content = RecordedContent(tmp_path)
        async with _serving(content) as asker:
            for line in lines:
                seen = await asker.title(json.loads(line)["imdbID"])
                assert seen.body == line
            lacking = await asker.title("tt99999999")

        assert lacking.error == (200, "Movie not found!")

    def test_invented_bodies_have_the_fields_of_recorded_ones(
        self, recorded_data: Path
    ) -> None:
        """The same names in the same order, films and series."""
        with gzip.open(recorded_data / "omdb" / "titles.jsonl.gz") as file:
            recorded = {(told["Type"], tuple(told)) for told in map(json.loads, file)}
        world = World(1_500, seed=4)
        server = SandboxServer(world, SandboxSettings(port=0))
        bodies = [
            server._omdb._content.title(imdb_id)  # type: ignore[union-attr]
            for imdb_id in world.expected_titles(world.ids())
        ]
        told = [json.loads(body.plain()) for body in bodies if body]

        assert {body["Type"] for body in told} == {"movie", "series"}
        assert {(body["Type"], tuple(body)) for body in told} <= recorded

    def test_errors_are_those_recorded(self, recorded_data: Path) -> None:
        """Every error the imitation tells is in the recorded list, with its status."""
        path = recorded_data / "omdb" / "error_bodies.json"
        recorded = {
            (told["http_status"], told["body_text"])
            for told in json.loads(path.read_text(encoding="utf-8"))
        }
        told = {
            (status, f'{{"Response":"False","Error":"{error}"}}')
            for status, error in (
                (200, "Movie not found!"),
                (200, "Incorrect IMDb ID."),
                (401, "Request limit reached!"),
                (401, "No API key provided."),
                (401, "Invalid API key!"),
                (
                    200,
                    "Conversion from string \"011f8539\" to type 'Double' is not valid.",
                ),
            )
        }

        assert told <= recorded
