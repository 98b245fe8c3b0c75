"""Pages of lists that TMDB's users keep."""

import gzip
import json
from pathlib import Path

import pytest

from cinegraph.enrichment.lists.reading import read_pages
from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.sources.providers.tmdb.user_lists import decode_user_list

PAGE = (
    b'{"id": 7, "item_count": 3, "page": 2, "total_pages": 2, "total_results": 3,'
    b' "items": [{"id": 9, "media_type": "movie", "title": "A"}]}'
)


def test_a_page_tells_how_many_there_are() -> None:
    """Rows and pages, by which it is seen whether the list is whole."""
    page = decode_user_list(PAGE, expected_page=2)

    assert (page.claimed, page.total_pages, len(page.items)) == (3, 2, 1)


def test_another_page_or_no_list_is_refused() -> None:
    """Nothing of it is taken."""
    with pytest.raises(PayloadError, match="asked for page 1, got 2"):
        decode_user_list(PAGE, expected_page=1)
    with pytest.raises(PayloadError, match="items"):
        decode_user_list(b'{"page": 1}', expected_page=1)
    with pytest.raises(UndecodableError):
        decode_user_list(PAGE[:-4], expected_page=2)


def test_fewer_rows_than_claimed_are_not_the_whole() -> None:
    """Nobody counts as having left by such a reading."""
    told = read_pages([PAGE], is_ranked=False, claimed=3)

    assert (len(told.entries), told.is_whole) == (1, False)
    assert told.remarks == ("the source says that there are 3, and shows 1",)


@pytest.mark.recorded
def test_recorded_lists_are_read_whole(recorded_data: Path) -> None:
    """One as it is today, and one of the time when a list had no pages."""
    bodies = [recorded_data / "tmdb" / "endpoints" / "lists" / "details.json"]
    recorded = [path.read_bytes() for path in bodies]
    with gzip.open(recorded_data / "tmdb" / "interactions.jsonl.gz", "rt") as lines:
        for line in lines:
            told = json.loads(line)
            if told["path"] == "/3/list/509":
                recorded.append(json.dumps(told["body"]).encode())

    counts = []
    for body in recorded:
        page = decode_user_list(body, expected_page=1)
        read = read_pages([body], is_ranked=True, claimed=page.claimed)
        counts.append((len(read.entries), read.others, read.is_whole))

    assert counts == [(59, 0, True), (16, 0, True)]
