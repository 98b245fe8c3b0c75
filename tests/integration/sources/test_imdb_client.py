"""Finding and downloading IMDb's ratings file."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cinegraph.errors import SourceUnavailableError
from cinegraph.sources.http import HttpClient
from cinegraph.sources.providers.imdb.client import FILE_NAME, ImdbClient
from cinegraph.sources.providers.imdb.settings import ImdbSettings
from file_server import FileServer, noise, serving

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BODY = noise(500_000)


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """Return a file store with the file."""
    async with serving(FileServer(files={f"/{FILE_NAME}": BODY})) as made:
        yield made


@pytest.fixture
async def client(
    server: FileServer,
    budget: Any,  # noqa: ANN401 - of conftest
    meter: Any,  # noqa: ANN401 - of conftest
) -> AsyncIterator[ImdbClient]:
    """Return a client of the file store."""
    settings = ImdbSettings(base_url=server.url)
    async with HttpClient(settings, budget, meter) as http:
        yield ImdbClient(http, settings)


@pytest.mark.parametrize(
    ("last_modified", "day"),
    [
        ("Tue, 24 Nov 2026 14:20:11 GMT", date(2026, 11, 24)),
        ("Tue, 24 Nov 2026 23:30:00 -0200", date(2026, 11, 25)),
        ("Sun, 29 Nov 2026 00:00:00 GMT", date(2026, 11, 25)),
        ("yesterday", date(2026, 11, 25)),
        (None, date(2026, 11, 25)),
    ],
    ids=["as said", "UTC counts", "of the future", "nonsense", "not said"],
)
async def test_the_day_is_that_of_the_file(
    server: FileServer, client: ImdbClient, last_modified: str | None, day: date
) -> None:
    """Its name has none; the day on which it was written counts, and never a later one than today."""
    server.last_modified = last_modified

    file = await client.find_ratings(NOW)

    assert (file.day, file.name, file.size_bytes) == (day, FILE_NAME, len(BODY))


async def test_a_cut_is_gone_on_with(
    server: FileServer, client: ImdbClient, tmp_path: Path
) -> None:
    """By the time of last modification where the server has no ETag."""
    server.last_modified = "Tue, 24 Nov 2026 14:20:11 GMT"
    server.cut_after = [200_000]

    place = await client.download(await client.find_ratings(NOW), tmp_path)

    assert place.read_bytes() == BODY
    assert server.downloads()[-1] not in (None, "bytes=0-")


async def test_no_such_file(server: FileServer, client: ImdbClient) -> None:
    """A wrong address is said as such; nothing is absent."""
    server.files.clear()

    with pytest.raises(SourceUnavailableError, match=r"there is no title\.ratings"):
        await client.find_ratings(NOW)
