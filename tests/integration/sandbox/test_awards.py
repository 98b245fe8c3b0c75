"""Files of awards on a real socket, and an awarded world behind them."""

import gzip
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox import (
    AwardedWorld,
    SandboxServer,
    SandboxSettings,
    World,
    remote,
    start_child,
)
from cinegraph.sandbox.awards.ceremonies import invent_event, invent_table
from cinegraph.sandbox.content import Content
from cinegraph.sandbox.server import make_content

_WORLD = World(500, seed=3)
_TABLE = invent_table(_WORLD)
_OTHER = _TABLE.replace(b"\tTrue", b"\t")
_SETTINGS = SandboxSettings(port=0, films=60, latency="none", rate=0)


class Seen(NamedTuple):
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Loader:
    """A client that asks for files."""

    def __init__(self, server: SandboxServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self._session = session

    async def get(
        self, url: str, method: str = "GET", data: bytes | None = None, **headers: str
    ) -> Seen:
        """Ask for a whole address."""
        async with self._session.request(
            method,
            url,
            headers=headers,
            data=None if data is None else io.BytesIO(data),
        ) as answer:
            return Seen(answer.status, answer.headers.copy(), await answer.read())

    async def table(self, **headers: str) -> Seen:
        """Ask for the nominations table."""
        return await self.get(self.server.oscars_url, **headers)


@asynccontextmanager
async def _serving(
    told: Content | World | AwardedWorld = _WORLD, **settings: Any
) -> AsyncIterator[Loader]:
    """Serve, and ask."""
    chosen = _SETTINGS.model_copy(update=settings)
    async with (
        SandboxServer(told, chosen) as server,
        aiohttp.ClientSession() as session,
    ):
        yield Loader(server, session)


async def test_the_invented_world_has_a_table_and_events() -> None:
    """Each where the settings of its source look for it."""
    async with _serving() as loader:
        table = await loader.table()
        event = await loader.get(f"{loader.server.award_events_url}/ev0000147.yml")

        assert (table.status, table.body) == (200, _TABLE)
        assert (event.status, event.body) == (200, invent_event(_WORLD, "ev0000147"))
        assert loader.server.report()["awards"]["by_name"] == {
            "oscars.csv": 1,
            "ev0000147.yml": 1,
        }


@pytest.mark.parametrize(
    "path",
    [
        "/awards/",
        "/awards/oscars.tsv",
        "/awards/ev0000147.yml",
        "/awards/events/oscars.csv",
        "/awards/events/ev0000147",
        "/awards/events/ev0000999.yml",
        "/awards/events/../oscars.csv.yml",
    ],
)
async def test_other_names_are_absent(path: str) -> None:
    """404 with a few words."""
    async with _serving() as loader:
        assert (await loader.get(loader.server.root_url + path)).status == 404


async def test_a_file_that_the_client_has_is_not_sent_again() -> None:
    """By its ETag, which another file does not have; a range is a part of it."""
    async with _serving() as loader:
        first = await loader.table()
        etag = first.headers["ETag"]
        again = await loader.table(**{"If-None-Match": etag})
        part = await loader.table(**{"Range": "bytes=10-", "If-Range": etag})

        assert (again.status, again.body) == (304, b"")
        assert (part.status, part.body) == (206, _TABLE[10:])
        loader.server.replace_award_file("oscars.csv", _OTHER)
        changed = await loader.table(**{"If-None-Match": etag})
        assert (changed.status, changed.body) == (200, _OTHER)


@pytest.mark.parametrize(
    ("fault", "status", "begins", "size"),
    [
        ("blocked", 202, b"", 0),
        ("html", 200, b"<!DOCTYPE html>", None),
        ("cut", 200, _TABLE[:100], len(_TABLE) // 2),
        ("empty", 200, b"", 0),
        ("outage", 503, b"503", None),
    ],
)
async def test_faults_come_and_go(
    fault: str, status: int, begins: bytes, size: int | None
) -> None:
    """All files are spoilt until it is over, and none of TMDB's answers is."""
    async with _serving() as loader:
        loader.server.change_award_fault(fault)
        seen = await loader.table()
        popular = await loader.get(f"{loader.server.base_url}/movie/popular")
        loader.server.change_award_fault(None)

        assert seen.status == status
        assert seen.body.startswith(begins)
        assert size in {None, len(seen.body)}
        assert popular.status == 200
        assert (await loader.table()).body == _TABLE


async def test_an_unknown_fault_or_file_is_refused() -> None:
    """The words say which there are."""
    async with _serving() as loader:
        with pytest.raises(UsageError, match="nonsense"):
            loader.server.change_award_fault("nonsense")
        with pytest.raises(UsageError, match="passwd"):
            loader.server.replace_award_file("../passwd", b"")
        url = f"{loader.server.control_url}/awards"
        assert (await loader.get(url, "POST", b'{"fault": "x"}')).status == 400
        assert (await loader.get(f"{url}/x.csv", "PUT", b"")).status == 400


async def test_the_night_comes_over_http() -> None:
    """`PUT` serves another table, however large; `DELETE` the first one again."""
    async with _serving() as loader:
        url = f"{loader.server.control_url}/awards/oscars.csv"
        large = _OTHER * 200
        assert len(large) > 2**21
        assert (await loader.get(url, "PUT", large)).status == 200
        assert (await loader.table()).body == large
        assert (await loader.get(url, "PUT", b"")).status == 200
        assert (await loader.table()).body == b""
        assert (await loader.get(url, "DELETE")).status == 200
        assert (await loader.table()).body == _TABLE


async def test_a_running_sandbox_is_told_from_elsewhere() -> None:
    """As `sandbox play` tells it the time."""
    async with _serving() as loader:
        root = loader.server.root_url
        await remote.replace_award_file(root, "ev0000292.yml", b"'2026': {}\n")
        event = await loader.get(f"{loader.server.award_events_url}/ev0000292.yml")
        await remote.change_award_fault(root, "outage")
        spoilt = await loader.table()
        await remote.change_award_fault(root, None)
        await remote.replace_award_file(root, "ev0000292.yml", None)
        gone = await loader.get(f"{loader.server.award_events_url}/ev0000292.yml")

        assert event.body == b"'2026': {}\n"
        assert (spoilt.status, gone.status) == (503, 404)
        with pytest.raises(aiohttp.ClientError):
            await remote.change_award_fault(root, "nonsense")


async def test_a_given_table_is_served_and_its_films_exist(tmp_path: Path) -> None:
    """Unchanged to the byte, and TMDB and OMDb know the films."""
    path = tmp_path / "nominations.csv"
    path.write_bytes(_OTHER)
    settings = _SETTINGS.model_copy(update={"awards": path})
    content = make_content(settings)
    async with _serving(content, awards=path) as loader:
        assert (await loader.table()).body == _OTHER
        truth = AwardedWorld(World(60), _OTHER).truth
        assert len(truth.films) > 40
        for imdb_id in truth.films:
            url = f"{loader.server.base_url}/movie/{imdb_id}"
            assert (await loader.get(url)).status == 200


async def test_a_world_that_goes_on_can_be_awarded(tmp_path: Path) -> None:
    """The table's films are there on the first day, and do not change."""
    path = tmp_path / "nominations.csv"
    path.write_bytes(_TABLE)
    settings = _SETTINGS.model_copy(update={"awards": path, "evolve": True})
    truth = AwardedWorld(World(60), _TABLE).truth
    async with _serving(make_content(settings), awards=path) as loader:
        tmdb_id = next(iter(truth.films.values()))
        url = f"{loader.server.base_url}/movie/{tmdb_id}"
        assert (await loader.get(url)).status == 200
        assert (await loader.get(f"{url}/changes")).body == b'{"changes":[]}'


async def test_a_recording_has_the_table_alone(tmp_path: Path) -> None:
    """Its films are its own, and nobody invents events for them."""
    path = tmp_path / "nominations.csv"
    path.write_bytes(_TABLE)
    with gzip.open(tmp_path / "movies.jsonl.gz", "wt") as file:
        file.write('{"id": 1, "title": "Old", "credits": {"cast": [], "crew": []}}\n')
    chosen = {"awards": path, "recorded": tmp_path}
    content = make_content(_SETTINGS.model_copy(update=chosen))
    async with _serving(content, **chosen) as loader:
        event = f"{loader.server.award_events_url}/ev0000147.yml"
        assert (await loader.table()).body == _TABLE
        assert (await loader.get(event)).status == 404


@pytest.mark.parametrize("body", [None, b"", b"<html>"])
def test_what_is_no_table_is_refused(tmp_path: Path, body: bytes | None) -> None:
    """With the name of the file."""
    path = tmp_path / "nominations.csv"
    if body is not None:
        path.write_bytes(body)

    with pytest.raises(UsageError, match="nominations"):
        make_content(_SETTINGS.model_copy(update={"awards": path}))


async def test_a_child_can_be_told_too() -> None:
    """Through its own pipe, a table of megabytes as well."""
    with start_child(_SETTINGS) as child:
        async with aiohttp.ClientSession() as session:

            async def read() -> tuple[int, bytes]:
                async with session.get(child.oscars_url) as answer:
                    return answer.status, await answer.read()

            first = await read()
            child.replace_award_file("oscars.csv", _OTHER * 100)
            assert await read() == (200, _OTHER * 100)
            child.change_award_fault("blocked")
            assert await read() == (202, b"")
            child.change_award_fault(None)
            child.replace_award_file("oscars.csv", None)
            assert await read() == first
            with pytest.raises(UsageError, match="nonsense"):
                child.change_award_fault("nonsense")
