"""Finding and downloading daily files from a store on a real socket that does everything wrong."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from cinegraph import telemetry
from cinegraph.errors import SourceUnavailableError, UndecodableError, UsageError
from cinegraph.limits import Priority
from cinegraph.sources import downloads
from cinegraph.sources.downloads import DownloadFolderError, ExportFile
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.tmdb.exports import (
    ExportKind,
    TmdbExportsClient,
    TmdbExportsSettings,
    file_name,
    list_days,
)
from file_server import FileServer, noise, serving

TODAY = date(2026, 11, 25)
NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)
SEVEN = datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
BODY = noise(3_000_000)


class Budget(Protocol):
    """The budget of `conftest` and what it was told."""

    acquired: list[Priority]


class Meter(Protocol):
    """The meter of `conftest` and what it counted."""

    outcomes: list[str]


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """Return a file store."""
    async with serving(FileServer()) as made:
        yield made


@pytest.fixture
async def client(
    server: FileServer,
    budget: Budget,
    meter: Meter,
) -> AsyncIterator[TmdbExportsClient]:
    """Return a client of the file store."""
    settings = TmdbExportsSettings(base_url=server.url)
    async with HttpClient(settings, budget, meter) as http:
        yield TmdbExportsClient(http, settings)


def path_of(day: date, kind: ExportKind = "movie") -> str:
    """Return where the export of *day* is."""
    return f"/{file_name(kind, day)}"


async def found(client: TmdbExportsClient, now: datetime = NINE) -> ExportFile:
    """Find the newest list of films."""
    return await client.find_newest(now, kind="movie")


def folder_bytes(folder: Path) -> int:
    """Return how much lies in *folder*."""
    return sum(file.stat().st_size for file in folder.iterdir())


def names_in(folder: Path) -> list[str]:
    """Return what lies in *folder*."""
    return sorted(path.name for path in folder.iterdir())


class TestFinding:
    """Which file is the newest that is complete."""

    def test_names_are_those_of_the_vendor(self) -> None:
        """Month first, and another prefix for adult films."""
        day = date(2026, 8, 31)

        assert file_name("movie", day) == "movie_ids_08_31_2026.json.gz"
        assert file_name("adult_movie", day) == "adult_movie_ids_08_31_2026.json.gz"

    @pytest.mark.parametrize(
        ("now", "newest"),
        [(NINE, TODAY), (SEVEN, TODAY - timedelta(days=1))],
        ids=["from 08:00", "before 08:00"],
    )
    def test_today_counts_from_eight_on(self, now: datetime, newest: date) -> None:
        """Before, today's file may be there and half written."""
        days = list_days(now, 7)

        assert days[0] == newest
        assert days[-1] == TODAY - timedelta(days=7)

    async def test_the_newest_with_size_and_version(
        self,
        server: FileServer,
        client: TmdbExportsClient,
        budget: Budget,
        meter: Meter,
    ) -> None:
        """One request, of which nothing is read."""
        server.files[path_of(TODAY)] = BODY

        file = await found(client)

        assert (file.day, file.size_bytes) == (TODAY, len(BODY))
        assert file.url == server.url + path_of(TODAY)
        assert file.etag == file.version
        assert budget.acquired == [Priority.REFRESH]
        assert meter.outcomes == ["ok"]

    @pytest.mark.parametrize("status", [403, 404])
    async def test_missing_days_are_passed_over(
        self, server: FileServer, client: TmdbExportsClient, status: int
    ) -> None:
        """The file store says AccessDenied, or not found; the day before is as good."""
        server.missing_status = status
        server.files[path_of(TODAY - timedelta(days=3))] = BODY

        file = await found(client)

        assert file.day == TODAY - timedelta(days=3)
        assert len(server.requests) == 4

    async def test_no_file_in_a_week(
        self, server: FileServer, client: TmdbExportsClient
    ) -> None:
        """Said with the days that were looked at; an older file is not taken."""
        server.files[path_of(TODAY - timedelta(days=8))] = BODY

        with pytest.raises(
            SourceUnavailableError, match="2026-11-18 to 2026-11-25"
        ) as caught:
            await found(client)

        assert "TMDB_EXPORTS_URL" in (caught.value.hint or "")

    @pytest.mark.parametrize("status", [500, 503, 302])
    async def test_an_outage_is_not_a_missing_file(
        self, server: FileServer, client: TmdbExportsClient, status: int
    ) -> None:
        """Yesterday's file is not taken because today's could not be asked for."""
        server.files[path_of(TODAY - timedelta(days=1))] = BODY
        server.statuses[path_of(TODAY)] = status

        with pytest.raises(SourceUnavailableError, match=str(status)):
            await found(client)

    async def test_a_server_without_ranges(
        self, server: FileServer, client: TmdbExportsClient
    ) -> None:
        """The whole file is offered then, and not read."""
        server.takes_ranges = False
        server.files[path_of(TODAY)] = BODY

        file = await found(client)

        assert file.size_bytes == len(BODY)

    async def test_an_empty_file(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """It is there and has no byte: found, downloaded, and refused by who reads it."""
        server.files[path_of(TODAY)] = b""

        file = await found(client)
        place = await client.download(file, tmp_path)

        assert file.size_bytes == 0
        assert place.read_bytes() == b""

    async def test_an_unknown_list(self, client: TmdbExportsClient) -> None:
        """Refused before anything is asked."""
        with pytest.raises(UsageError, match="person"):
            await client.find_newest(NINE, kind="person")  # type: ignore[arg-type] - that is the point


class TestDownloading:
    """A file arrives byte for byte, whatever happens on the way."""

    async def test_whole(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """In a folder that is made for it; nothing half is left beside it."""
        server.files[path_of(TODAY)] = BODY
        folder = tmp_path / "new" / "folder"

        place = await client.download(await found(client), folder)

        assert place == folder / "movie_ids_11_25_2026.json.gz"
        assert place.read_bytes() == BODY
        assert not list(folder.glob("*.part"))

    async def test_a_cut_is_gone_on_with(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """At once, from the byte that is missing, and the whole is the same."""
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [1_000_000, 700_000]

        place = await client.download(await found(client), tmp_path)

        assert place.read_bytes() == BODY
        wanted = server.downloads()
        assert wanted[0] is None
        assert len(wanted) == 3
        assert all(each and int(each[6:-1]) > 0 for each in wanted[1:])

    async def test_a_connection_that_keeps_breaking(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """Ends in an error that says how far it is; the next attempt goes on there."""
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [400_000] * 4
        file = await found(client)

        with pytest.raises(SourceUnavailableError, match=r"of 3,000,000 bytes"):
            await client.download(file, tmp_path)
        arrived = (tmp_path / f"{file.name}.part").stat().st_size
        place = await client.download(file, tmp_path)

        assert arrived > 0
        assert server.downloads()[-1] == f"bytes={arrived}-"
        assert place.read_bytes() == BODY

    async def test_another_version_starts_anew(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """Parts of two versions never make one file, also when it changes between two attempts of one download."""
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [400_000] * 4
        old = await found(client)
        with pytest.raises(SourceUnavailableError):
            await client.download(old, tmp_path)
        server.files[path_of(TODAY)] = BODY[::-1]

        place = await client.download(old, tmp_path)

        assert place.read_bytes() == BODY[::-1]

    async def test_a_server_that_mixes_versions(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """The rest of another version is not taken, though the server sends it; the next attempt starts anew."""
        server.heeds_if_range = False
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [400_000] * 4
        old = await found(client)
        with pytest.raises(SourceUnavailableError):
            await client.download(old, tmp_path)
        server.files[path_of(TODAY)] = BODY[::-1]

        with pytest.raises(SourceUnavailableError, match="another part"):
            await client.download(old, tmp_path)
        place = await client.download(old, tmp_path)

        assert place.read_bytes() == BODY[::-1]

    @pytest.mark.parametrize(
        ("etag", "last_modified", "version"),
        [
            ('"a"', "then", '"a"'),
            ('W/"a"', "then", "then"),
            ('W/"a"', None, None),
            (None, None, None),
        ],
    )
    def test_a_version_tells_byte_from_byte(
        self, etag: str | None, last_modified: str | None, version: str | None
    ) -> None:
        """A weak ETag promises equal meaning only, so a part cannot be completed by it."""
        file = ExportFile(
            day=TODAY,
            url="http://a/b.gz",
            size_bytes=1,
            etag=etag,
            last_modified=last_modified,
        )

        assert file.version == version

    async def test_the_newly_found_version_starts_anew(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """What is here of another version than the one found is thrown away before asking."""
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [400_000] * 4
        with pytest.raises(SourceUnavailableError):
            await client.download(await found(client), tmp_path)
        server.files[path_of(TODAY)] = BODY[::-1]

        place = await client.download(await found(client), tmp_path)

        assert server.downloads()[-1] is None
        assert place.read_bytes() == BODY[::-1]

    async def test_without_versions_nothing_is_gone_on_with(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """Nobody could tell whether the rest belongs to the part."""
        server.has_versions = False
        server.files[path_of(TODAY)] = BODY
        server.cut_after = [400_000] * 4
        file = await found(client)
        with pytest.raises(SourceUnavailableError):
            await client.download(file, tmp_path)
        server.cut_after = []

        place = await client.download(file, tmp_path)

        assert set(server.downloads()) == {None}
        assert place.read_bytes() == BODY

    async def test_a_file_that_is_here_is_not_asked_for(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """Of the same version; after it was discarded it is."""
        server.files[path_of(TODAY)] = BODY
        file = await found(client)
        place = await client.download(file, tmp_path)
        await client.download(file, tmp_path)
        assert len(server.downloads()) == 1

        downloads.discard(place)
        await client.download(file, tmp_path)

        assert len(server.downloads()) == 2
        assert place.read_bytes() == BODY

    async def test_what_a_killed_process_received_is_kept(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """A process that is killed in the middle leaves its part, and its lock ends with it."""
        server.files[path_of(TODAY)] = BODY
        file = await found(client)
        program = (
            "import sys, time, pathlib\n"
            "from cinegraph.sources.downloads import ExportFile, Part\n"
            "import msgspec\n"
            "file = msgspec.json.decode(sys.argv[1], type=ExportFile)\n"
            "part = Part(pathlib.Path(sys.argv[2]), file, source='s', endpoint='e', largest_bytes=10**9)\n"
            "with part:\n"
            "    part.begin(200, {'Content-Length': '3000000', 'ETag': file.etag})\n"
            "    part.write(open(sys.argv[3], 'rb').read())\n"
            "    part._opened.flush()\n"
            "    print('ready', flush=True)\n"
            "    time.sleep(60)\n"
        )
        (tmp_path / "first").write_bytes(BODY[:900_000])
        told = (
            f'{{"day":"{file.day}","url":"{file.url}","size_bytes":{file.size_bytes},'
            f'"etag":"{(file.etag or "").replace(chr(34), chr(92) + chr(34))}"}}'
        )
        place = tmp_path / file.name
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, told, str(place), str(tmp_path / "first")),
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"

        with pytest.raises(SourceUnavailableError, match="another process"):
            await client.download(file, tmp_path)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await client.download(file, tmp_path)

        assert server.downloads() == ["bytes=900000-"]
        assert place.read_bytes() == BODY

    async def test_leftovers_of_other_days_go(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """What has not grown for two days, of the same list; nothing else in the folder is touched."""
        server.files[path_of(TODAY)] = BODY
        old, young = NINE.timestamp() - 10**8, None
        for name, at in (
            ("movie_ids_11_02_2026.json.gz.part", old),
            ("movie_ids_11_02_2026.json.gz.version", old),
            ("movie_ids_11_01_2026.json.gz", old),
            ("movie_ids_11_24_2026.json.gz.part", young),
            ("adult_movie_ids_11_02_2026.json.gz.part", old),
            ("holiday.tar.gz", old),
        ):
            (tmp_path / name).write_bytes(b"")
            os.utime(tmp_path / name, None if at is None else (at, at))

        await client.download(await found(client), tmp_path)

        assert names_in(tmp_path) == [
            "adult_movie_ids_11_02_2026.json.gz.part",
            "holiday.tar.gz",
            "movie_ids_11_24_2026.json.gz.part",
            "movie_ids_11_25_2026.json.gz",
            "movie_ids_11_25_2026.json.gz.version",
        ]

    async def test_progress_is_told(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """At most once a second, and at the end."""
        told: list[dict[str, object]] = []
        server.files[path_of(TODAY)] = BODY
        detach = telemetry.attach(
            downloads.ADVANCED, lambda _event, facts: told.append(facts)
        )
        try:
            await client.download(await found(client), tmp_path)
        finally:
            detach()

        assert told[-1] == {
            "source": "tmdb_exports",
            "name": "movie_ids_11_25_2026.json.gz",
            "received_bytes": len(BODY),
            "size_bytes": len(BODY),
        }
        assert len(told) <= 3

    async def test_a_file_without_end(
        self, server: FileServer, budget: Budget, meter: Meter, tmp_path: Path
    ) -> None:
        """More bytes than such a file can have are not written."""
        server.files[path_of(TODAY)] = BODY
        settings = TmdbExportsSettings(base_url=server.url, max_received_bytes=100_000)
        async with HttpClient(settings, budget, meter) as http:
            client = TmdbExportsClient(http, settings)
            with pytest.raises(
                (UndecodableError, SourceUnavailableError), match="more than 100,000"
            ):
                await client.download(await found(client), tmp_path)

        assert folder_bytes(tmp_path) < 100_000

    async def test_a_folder_that_cannot_be_written(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """Trouble of this machine is told from trouble of the source."""
        server.files[path_of(TODAY)] = BODY
        (tmp_path / "taken").write_text("a file")

        with pytest.raises(DownloadFolderError, match="taken"):
            await client.download(await found(client), tmp_path / "taken")

    async def test_a_full_disk(
        self,
        server: FileServer,
        client: TmdbExportsClient,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Said as such; the connection is not blamed."""
        server.files[path_of(TODAY)] = BODY
        full = Path("/dev/full").open("ab", buffering=0)  # noqa: ASYNC230, SIM115 - closed below
        monkeypatch.setattr(downloads.Part, "_opened", property(lambda _part: full))
        monkeypatch.setattr(downloads.Part, "_take_up", lambda _part: None)
        monkeypatch.setattr(downloads.Part, "_start_anew", lambda _part, _version: None)
        with full, pytest.raises(DownloadFolderError, match="No space left"):
            await client.download(await found(client), tmp_path)

    async def test_the_store_denies_it(
        self, server: FileServer, client: TmdbExportsClient, tmp_path: Path
    ) -> None:
        """A file that is gone between finding and downloading is an outage of it, and leaves nothing."""
        server.files[path_of(TODAY)] = BODY
        file = await found(client)
        server.statuses[path_of(TODAY)] = 503

        with pytest.raises(SourceUnavailableError, match="503"):
            await client.download(file, tmp_path)

        assert not (tmp_path / file.name).exists()
