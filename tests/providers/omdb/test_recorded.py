"""Every recorded body of OMDb decodes and transforms, and counts up to what is counted by other means."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cinegraph.records.title import RatedTitleRecord
from cinegraph.sources.providers.omdb.payloads import decode_title
from cinegraph.sources.providers.omdb.transform import to_title

pytestmark = pytest.mark.recorded


@pytest.fixture(scope="module")
def titles(recorded_data: Path) -> list[tuple[dict[str, Any], RatedTitleRecord]]:
    """Return every recorded body, as the standard library reads it and as we do."""
    with gzip.open(recorded_data / "omdb/titles.jsonl.gz") as lines:
        return [
            (
                said := json.loads(line, strict=False),
                to_title(decode_title(line, expected_id=said["imdbID"])),
            )
            for line in lines
        ]


def told(row: dict[str, Any], field: str) -> bool:
    """Whether the body says something in *field*."""
    return row.get(field, "N/A") != "N/A"


def test_every_title_decodes(
    titles: list[tuple[dict[str, Any], RatedTitleRecord]],
) -> None:
    """2,047 and none refused, of four types."""
    types = Counter(title.type for _, title in titles)

    assert len(titles) >= 2047
    assert types == Counter(row["Type"] for row, _ in titles)
    assert len({title.imdb_id for _, title in titles}) == len(titles)


def test_every_rating_is_read(
    titles: list[tuple[dict[str, Any], RatedTitleRecord]],
) -> None:
    """Value by value, and none where OMDb has none."""
    houses = {
        "Internet Movie Database": "imdb",
        "Rotten Tomatoes": "rotten_tomatoes",
        "Metacritic": "metacritic",
    }
    for row, title in titles:
        expected = {
            houses[each["Source"]]: float(re.split("[/%]", each["Value"])[0])
            for each in row["Ratings"]
        }
        assert {each.kind: each.value for each in title.ratings} == expected
        votes = int(row["imdbVotes"].replace(",", "")) if told(row, "imdbVotes") else 0
        assert sum(each.votes or 0 for each in title.ratings) == votes * (
            "imdb" in expected
        )


def test_every_fact_is_read(
    titles: list[tuple[dict[str, Any], RatedTitleRecord]],
) -> None:
    """All money and every classification; sums of awards as the sentence has them, or more where it says "Another"."""
    for row, title in titles:
        facts = {fact.kind: fact for fact in title.facts}
        assert ("rated" in facts) == told(row, "Rated")
        assert ("box_office_usd" in facts) == told(row, "BoxOffice")
        if "box_office_usd" in facts:
            dollars = f"${facts['box_office_usd'].number:,}"
            assert dollars == row["BoxOffice"]
        assert ("awards" in facts) == told(row, "Awards")
        numbers = [int(number) for number in re.findall(r"\d+", row["Awards"])]
        read = [fact.number for kind, fact in facts.items() if "award_" in kind]
        assert bool(read) == bool(numbers)
        if "Another" not in row["Awards"]:
            assert {number for number in read if number is not None} <= set(numbers)


def test_nearly_every_date_and_running_time_is_read(
    titles: list[tuple[dict[str, Any], RatedTitleRecord]],
) -> None:
    """All but what nobody can read, such as "34S min"."""
    dates = [title.released_on for row, title in titles if told(row, "Released")]
    times = [
        (row["Runtime"], title.runtime_minutes)
        for row, title in titles
        if told(row, "Runtime")
    ]

    assert None not in dates
    assert sum(minutes is None for _, minutes in times) <= 1 + len(times) // 500
    assert all(
        minutes == int(text.removesuffix(" min"))
        for text, minutes in times
        if re.fullmatch(r"\d+ min", text)
    )
