"""The daily files on a real socket: days, ranges, and what can be wrong with them."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import msgspec
import pytest

from cinegraph.clock import ClockSetting
from cinegraph.errors import UsageError
from cinegraph.sandbox import SandboxServer, SandboxSettings, World
from cinegraph.sandbox.content import Content
from cinegraph.sandbox.recorded import RecordedContent

_WORLD = World(3_000, seed=3)
_DAY = date(2027, 1, 15)
_MORNING = datetime(2027, 1, 15, 9, tzinfo=UTC)


class Seen(NamedTuple):
    """An answer as it came; `broken` names what aiohttp said of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    broken: str = ""

    @property
    def lines(self) -> list[bytes]:
        """Unpack the lines."""
        return gzip.decompress(self.body).splitlines()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Read the lines."""
        return [json.loads(line) for line in self.lines]


class Told(msgspec.Struct):
    """What of a recorded body an export repeats."""

    adult: bool
    id: int
    original_title: str
    popularity: float
    video: bool


_decode = msgspec.json.Decoder(Told).decode


class Loader:
    """A client that asks for files."""

    def __init__(self, server: SandboxServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self._session = session

    async def get(self, url: str, method: str = "GET", **headers: str) -> Seen:
        """Ask for a whole address; what came before a break is kept."""
        body = bytearray()
        async with self._session.request(method, url, headers=headers) as answer:
            try:
                async for piece in answer.content.iter_any():
                    body.extend(piece)
            except aiohttp.ClientError as error:
                name = type(error).__name__
                return Seen(answer.status, answer.headers.copy(), bytes(body), name)
            return Seen(answer.status, answer.headers.copy(), bytes(body))

    async def export(
        self,
        day: date = _DAY,
        method: str = "GET",
        *,
        prefix: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Seen:
        """Ask for the export of a day."""
        name = f"{prefix}movie_ids_{day:%m_%d_%Y}.json.gz"
        return await self.get(
            f"{self.server.exports_url}/{name}", method, **(headers or {})
        )

    def at(self, when: datetime) -> None:
        """Hold the sandbox's clock there."""
        self.server.set_clock(ClockSetting(when, speed=0.0))


@asynccontextmanager
async def _serving(
    content: Content | World = _WORLD, **wanted: object
) -> AsyncIterator[Loader]:
    """Serve the files of a small world, at nine in the morning."""
    settings = SandboxSettings.model_validate(
        {"port": 0, "rate": 1, "latency": "none", "seed": 3} | wanted
    )
    async with (
        SandboxServer(content, settings) as server,
        aiohttp.ClientSession(
            auto_decompress=False, timeout=aiohttp.ClientTimeout(total=20)
        ) as session,
    ):
        loader = Loader(server, session)
        loader.at(_MORNING)
        yield loader


async def test_an_export_lists_every_film() -> None:
    """Whole gzip, a line a film, with the headers a file store sends."""
    async with _serving() as loader:
        seen = await loader.export()

    rows = list(_WORLD.export_rows(_DAY))
    assert [
        (row["id"], row["original_title"], row["popularity"], row["video"])
        for row in seen.rows
    ] == rows
    assert not any(row["adult"] for row in seen.rows)
    assert seen.status == 200
    assert seen.headers["Content-Type"] == "application/gzip"
    assert seen.headers["Accept-Ranges"] == "bytes"
    assert seen.headers["Last-Modified"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert int(seen.headers["Content-Length"]) == len(seen.body)
    assert "Content-Encoding" not in seen.headers


async def test_the_adult_export_is_another() -> None:
    """It lists the films for adults alone."""
    async with _serving() as loader:
        seen = await loader.export(prefix="adult_")

    assert [row["id"] for row in seen.rows] == list(_WORLD.adult_ids())
    assert all(row["adult"] for row in seen.rows)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (datetime(2027, 1, 15, 7, 59, 59, tzinfo=UTC), 404),
        (datetime(2027, 1, 15, 8, tzinfo=UTC), 200),
        (datetime(2027, 4, 15, 7, 59, tzinfo=UTC), 200),
        (datetime(2027, 4, 15, 8, tzinfo=UTC), 404),
    ],
)
async def test_a_day_is_there_from_eight_for_ninety_days(
    at: datetime, status: int
) -> None:
    """What is not there yet or no longer is 404, in XML."""
    async with _serving() as loader:
        loader.at(at)
        seen = await loader.export()
        head = await loader.export(method="HEAD")

    assert (seen.status, head.status) == (status, status)
    assert seen.body.startswith(b"<?xml") is (status == 404)


@pytest.mark.parametrize(
    "path",
    [
        "movie_ids_02_30_2027.json.gz",
        "movie_ids.json.gz",
        "person_ids_01_15_2027.json.gz",
        "",
    ],
)
async def test_other_names_are_not_there(path: str) -> None:
    """A day that is none, and files we do not imitate."""
    async with _serving() as loader:
        seen = await loader.get(f"{loader.server.exports_url}/{path}")

    assert seen.status == 404


async def test_head_tells_without_sending() -> None:
    """Size and ETag are those of GET."""
    async with _serving() as loader:
        head, seen = await loader.export(method="HEAD"), await loader.export()
        known = await loader.export(headers={"If-None-Match": seen.headers["ETag"]})

    assert head.body == b""
    for name in ("Content-Length", "ETag", "Last-Modified"):
        assert head.headers[name] == seen.headers[name]
    assert (known.status, known.body) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-100", -100, None),
        ("bytes=50-999999999", 50, None),
    ],
)
async def test_a_range_is_a_part(wanted: str, begin: int, end: int | None) -> None:
    """206 with where it lies in the whole."""
    async with _serving() as loader:
        whole = (await loader.export()).body
        seen = await loader.export(headers={"Range": wanted})

    part = whole[begin:end]
    first = len(whole) + begin if begin < 0 else begin
    assert (seen.status, seen.body) == (206, part)
    assert (
        seen.headers["Content-Range"]
        == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"
    )


async def test_a_range_beyond_the_end_is_refused() -> None:
    """416 says how long the file is."""
    async with _serving() as loader:
        size = len((await loader.export()).body)
        seen = await loader.export(headers={"Range": f"bytes={size}-"})

    assert (seen.status, seen.headers["Content-Range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize(
    "wanted", ["bytes=1-2,5-6", "lines=1-2", "bytes=-", "nonsense"]
)
async def test_what_is_no_single_range_gets_the_whole(wanted: str) -> None:
    """As HTTP allows."""
    async with _serving() as loader:
        seen = await loader.export(headers={"Range": wanted})

    assert (seen.status, len(seen.rows)) == (200, 3_000)


async def test_a_range_of_another_file_gets_the_whole() -> None:
    """If-Range goes on only with the same file, told by ETag or date."""
    async with _serving() as loader:
        headers = (await loader.export()).headers
        statuses = [
            (
                await loader.export(headers={"Range": "bytes=9-", "If-Range": known})
            ).status
            for known in (headers["ETag"], headers["Last-Modified"], '"other"')
        ]

    assert statuses == [206, 206, 200]


async def test_from_day_to_day_popularity_drifts() -> None:
    """The first day asked for tells what the films tell; later ones a little else."""
    async with _serving() as loader:
        first = await loader.export()
        loader.at(_MORNING + timedelta(days=3))
        later = await loader.export(_DAY + timedelta(days=3))
        report = loader.server.report()["exports"]

    rows = list(_WORLD.export_rows(_DAY + timedelta(days=3), _DAY))
    changed = [a for a, b in zip(first.rows, later.rows, strict=True) if a != b]
    assert [row["popularity"] for row in later.rows] == [row.popularity for row in rows]
    assert 0.03 < len(changed) / 3_000 < 0.09
    assert report["first_day"] == "2027-01-15"
    assert report["by_status"] == {"200": 2}


async def test_the_first_day_can_be_said() -> None:
    """So another process can tell the same days."""
    async with _serving(first_day=_DAY - timedelta(days=9)) as loader:
        seen = await loader.export()

    rows = list(_WORLD.export_rows(_DAY, _DAY - timedelta(days=9)))
    assert [row["popularity"] for row in seen.rows] == [row.popularity for row in rows]


class TestFaults:
    """What can be wrong with an export, one thing at a time."""

    @pytest.mark.parametrize(
        ("fault", "status"), [("missing", 404), ("forbidden", 403)]
    )
    async def test_it_is_not_there(self, fault: str, status: int) -> None:
        """The file store's own error; the fault can be taken back."""
        async with _serving(export_fault=f"export-{fault}") as loader:
            gone = await loader.export()
            loader.server.change_export_fault(None)
            back = await loader.export()

        assert (gone.status, back.status) == (status, 200)
        assert b"<Error>" in gone.body

    async def test_one_day_alone_can_be_spoilt(self) -> None:
        """Yesterday's is whole when today's is not."""
        async with _serving() as loader:
            loader.server.change_export_fault("export-missing", _DAY)
            today = await loader.export()
            yesterday = await loader.export(_DAY - timedelta(days=1))

        assert (today.status, yesterday.status) == (404, 200)

    async def test_truncated(self) -> None:
        """HTTP calls it whole, gzip does not."""
        async with _serving() as loader:
            whole = await loader.export()
            loader.server.change_export_fault("export-truncated")
            seen = await loader.export()

        assert seen.body == whole.body[: len(whole.body) // 2]
        assert seen.broken == ""
        assert seen.headers["ETag"] != whole.headers["ETag"]
        with pytest.raises(EOFError):
            gzip.decompress(seen.body)

    async def test_tiny(self) -> None:
        """A right gzip file of nothing has 20 bytes."""
        async with _serving(export_fault="export-tiny") as loader:
            seen = await loader.export()

        assert len(seen.body) == 20
        assert gzip.decompress(seen.body) == b""

    async def test_html(self) -> None:
        """A page with status 200."""
        async with _serving(export_fault="export-html") as loader:
            seen = await loader.export()

        assert seen.status == 200
        assert seen.body.startswith(b"<!DOCTYPE html>")

    async def test_duplicates(self) -> None:
        """Some films twice, none missing."""
        async with _serving(export_fault="export-duplicates") as loader:
            ids = [row["id"] for row in (await loader.export()).rows]

        assert len(ids) == 3_030
        assert set(ids) == set(_WORLD.ids())

    async def test_foreign(self) -> None:
        """Lines that are no films beside all that are."""
        async with _serving(export_fault="export-foreign") as loader:
            lines = (await loader.export()).lines

        assert sum(b'"original_title"' in line for line in lines) == 3_000
        assert any(line.startswith(b"<") for line in lines)
        assert any(b'"name"' in line for line in lines)

    async def test_huge_ids(self) -> None:
        """Ids that no integer holds."""
        async with _serving(export_fault="export-huge-ids") as loader:
            ids = [row["id"] for row in (await loader.export()).rows]

        assert [each for each in ids if each > 2**30] == [2**31, 2**63]

    async def test_half(self) -> None:
        """Right in every line, implausible as a whole."""
        async with _serving(export_fault="export-half") as loader:
            ids = [row["id"] for row in (await loader.export()).rows]

        assert ids == list(_WORLD.ids())[::2]

    async def test_cut(self) -> None:
        """The connection dies somewhere, but the rest can be had by Range."""
        async with _serving(export_fault="export-cut") as loader:
            seen = [await loader.export() for _ in range(3)]
            got = seen[0].body
            rest = await loader.export(
                headers={
                    "Range": f"bytes={len(got)}-",
                    "If-Range": seen[0].headers["ETag"],
                }
            )

        assert {answer.broken for answer in seen} == {"ClientPayloadError"}
        assert len({len(answer.body) for answer in seen}) > 1
        assert rest.status == 206
        assert len(gzip.decompress(got + rest.body).splitlines()) == 3_000

    async def test_there_is_no_other(self) -> None:
        """A mistyped fault changes nothing."""
        async with _serving() as loader:
            with pytest.raises(UsageError):
                loader.server.change_export_fault("export-nonsense")
            with pytest.raises(UsageError):
                SandboxServer(_WORLD, SandboxSettings(export_fault="429"))

            assert (await loader.export()).status == 200


async def test_imdbs_ratings_are_those_of_the_titles() -> None:
    """A tab-separated line a title, dated today."""
    async with _serving() as loader:
        seen = await loader.get(f"{loader.server.imdb_url}/title.ratings.tsv.gz")
        other = await loader.get(f"{loader.server.imdb_url}/title.basics.tsv.gz")

    header, *lines = seen.lines
    assert header == b"tconst\taverageRating\tnumVotes"
    assert [line.decode().split("\t") for line in lines] == [
        [imdb_id, f"{value:.1f}", str(votes)]
        for imdb_id, value, votes in _WORLD.imdb_ratings()
    ]
    assert seen.headers["Last-Modified"] == "Fri, 15 Jan 2027 00:00:00 GMT"
    assert other.status == 404


async def test_answers_go_on_while_a_file_is_written() -> None:
    """A thread writes it; films are told all the while."""
    async with _serving(World(20_000), rate=0) as loader:
        writing = asyncio.create_task(loader.export())
        film = f"{loader.server.base_url}/movie/{next(_WORLD.ids())}"
        told = 0
        while not writing.done():
            told += (await loader.get(film)).status == 200
        seen = await writing

    assert told > 10
    assert len(seen.lines) == 20_000


async def test_a_client_that_hangs_up_leaves_the_file() -> None:
    """Who comes next gets what was begun."""
    async with _serving(World(40_000)) as loader:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await loader.export()
        seen = await loader.export()

    assert len(seen.lines) == 40_000


@pytest.mark.recorded
async def test_a_recording_exports_the_films_that_have_a_body(
    recorded_data: Path,
) -> None:
    """Exactly those, with the values of their bodies; IMDb's file has OMDb's ratings."""
    content = RecordedContent(recorded_data)
    async with _serving(content) as loader:
        plain = await loader.export()
        adult = await loader.export(prefix="adult_")
        ratings = await loader.get(f"{loader.server.imdb_url}/title.ratings.tsv.gz")
    with gzip.open(content.folder / "movies.jsonl.gz") as file:
        bodies = {told.id: told for told in map(_decode, file)}

    assert {row["id"] for row in plain.rows + adult.rows} == set(bodies)
    for row in plain.rows + adult.rows:
        assert row == msgspec.to_builtins(bodies[row["id"]])
    assert b"tt0012349\t8.3\t100446" in ratings.lines


async def test_the_same_seed_writes_the_same_bytes() -> None:
    """So a download can be resumed after the sandbox was started again."""
    bodies = []
    for _ in range(2):
        async with _serving(World(3_000, seed=3)) as loader:
            bodies.append((await loader.export()).body)

    assert bodies[0] == bodies[1]
    assert zlib.decompress(bodies[0], wbits=31)
