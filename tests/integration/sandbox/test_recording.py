"""Recorded mode, on the real recording."""

import gzip
import json
from pathlib import Path

import pytest

from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS

pytestmark = pytest.mark.recorded


@pytest.fixture(scope="module")
def content(recorded_data: Path) -> RecordedContent:
    """Open the recording."""
    return RecordedContent(recorded_data)


def test_recorded_bodies_are_sent_byte_by_byte(content: RecordedContent) -> None:
    """Asked for `credits`, it is the recorded line; other parts come after it."""
    path = content.folder / "movies.jsonl.gz"
    with gzip.open(path) as file:
        for line in file:
            tmdb_id = json.loads(line)["id"]
            asked = content.movie(tmdb_id, ("credits",))
            whole = content.movie(tmdb_id, MOVIE_PARTS)
            assert asked is not None
            assert whole is not None
            assert asked.plain() == line.strip()
            assert whole.plain().startswith(line.strip()[:-1])
            assert gzip.decompress(whole.gzipped) == whole.plain()


def test_recorded_popular_pages_are_sent_byte_by_byte(content: RecordedContent) -> None:
    """Pages come as they were recorded."""
    with gzip.open(content.folder / "popular_pages.jsonl.gz") as file:
        for line in file:
            page = content.page("popular", json.loads(line)["page"])
            assert page is not None
            assert page.plain() == line.strip()
