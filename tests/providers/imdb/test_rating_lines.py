"""The lines of IMDb's ratings file: all ratings, each title once, and as many as can be."""

from pathlib import Path

import pytest

from cinegraph.records.export import ListedRatingRecord, PlausibleLines
from cinegraph.sources.export_files import ExportRefusedError
from cinegraph.sources.providers.imdb.rating_lines import HEADER, read_ratings
from file_server import zipped

ANY = PlausibleLines(expected=0, expected_from="nothing")
HEAD = HEADER + b"\n"


def read(
    folder: Path, *lines: bytes, plausible: PlausibleLines = ANY
) -> list[ListedRatingRecord]:
    """Return the ratings of a file of *lines*."""
    path = folder / "ratings.gz"
    path.write_bytes(zipped(lines))
    return [rating for batch in read_ratings(path, plausible) for rating in batch]


def test_a_line_is_a_rating(tmp_path: Path) -> None:
    """As IMDb writes it: a value with one digit, ids of seven digits and more."""
    assert read(
        tmp_path, HEAD, b"tt0000001\t5.7\t2189\n", b"tt40000000\t10.0\t5\n"
    ) == [
        ListedRatingRecord("tt0000001", 5.7, 2189),
        ListedRatingRecord("tt40000000", 10.0, 5),
    ]


def test_many_batches_are_one_list(tmp_path: Path) -> None:
    """Every title of a large file arrives once, in its order."""
    lines = [b"tt%07d\t%d.5\t%d\n" % (n, n % 10, n) for n in range(1, 150_001)]

    ratings = read(tmp_path, HEAD, *lines)

    assert [rating.votes for rating in ratings] == list(range(1, 150_001))


FOREIGN = {
    "a person": b"nm0000001\t5.7\t2189",
    "no value": b"tt0000003\t\\N\t5",
    "beyond 10": b"tt0000003\t10.1\t5",
    "negative": b"tt0000003\t-1.0\t5",
    "votes with a fraction": b"tt0000003\t5.0\t5.5",
    "one column less": b"tt0000003\t5.0",
    "one column more": b"tt0000003\t5.0\t5\t6",
    "spaces": b"tt0000003 5.0 5",
    "empty": b"",
    "digits of another script": "tt0000003\t\u0665.0\t5".encode(),
    "votes beyond an integer": b"tt0000003\t5.0\t9999999999",
}


@pytest.mark.parametrize("line", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_line_that_is_no_rating(tmp_path: Path, line: bytes) -> None:
    """Refuses the whole, and says which line."""
    with pytest.raises(ExportRefusedError, match="line 3 is not a rating"):
        read(
            tmp_path,
            HEAD,
            b"tt0000001\t5.7\t2189\n",
            line + b"\n",
            b"tt0000009\t1.0\t1\n",
        )


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "it has no line"),
        ([HEAD], "it has no line"),
        ([b"tt0000001\t5.7\t2189\n"], "does not begin with the columns"),
        ([b"tconst\ttitleType\n"], "does not begin with the columns"),
        (
            [HEAD, b"tt0000001\t5.7\t1\n", b"tt0000001\t5.7\t1\n"],
            "line 3 names tt0000001 again",
        ),
    ],
    ids=["nothing", "header alone", "no header", "another file", "twice"],
)
def test_a_file_that_is_no_list(
    tmp_path: Path, lines: list[bytes], reason: str
) -> None:
    """Each in its own words."""
    with pytest.raises(ExportRefusedError) as caught:
        read(tmp_path, *lines)

    assert reason in caught.value.reason


def test_the_number_of_lines_is_plausible(tmp_path: Path) -> None:
    """Measured by the list before it; the header is no line."""
    plausible = PlausibleLines(expected=10, expected_from="the 10 lines of 2026-11-24")
    lines = [b"tt%07d\t5.0\t1\n" % n for n in range(1, 10)]

    assert len(read(tmp_path, HEAD, *lines, plausible=plausible)) == 9
    with pytest.raises(ExportRefusedError, match="only 80 % of the 10 lines"):
        read(tmp_path, HEAD, *lines[:-1], plausible=plausible)
