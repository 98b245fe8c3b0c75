"""What a file of awards holds is told by its content."""

import pytest

from cinegraph.errors import SourceError
from cinegraph.festivals.files import read_awards
from cinegraph.sources.providers.oscars_table.table import COLUMNS

OWN_JSON = '{"year": 2024, "nominations": [{"category": "A", "film": "B"}]}'


@pytest.mark.parametrize(
    "text",
    [
        "year,category,film\n2024,A,B",
        "\n\nFilm;Category;Year\nB;A;2024",
        "film\tyear\tcategory\nB\t2024\tA",
        '"year","category","film"\n"2024","A","B"',
        OWN_JSON,
        f"[{OWN_JSON}]",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_own_files_are_known_by_their_content(text: str, encoding: str) -> None:
    """They are of whatever festival the person says."""
    told = read_awards(text.encode(encoding))

    assert (told.source, told.event_id, told.unreadable) == ("own", None, ())
    [edition] = told.editions
    assert (edition.year, edition.nominations[0].films[0].title) == (2024, "B")


def test_what_could_not_be_read_is_told_by_line() -> None:
    """For a person."""
    told = read_awards(b"year,category,film\n2024,A,B\n24,A,C")

    assert told.unreadable == ("line 3: '24' is no year: write four digits",)


@pytest.mark.parametrize(
    ("body", "taken_for"),
    [
        (b"", "award_events event: it is empty"),
        (b"Hello.", "award_events event"),
        (b"event_ids:\n- ev0000003", "award_events event"),
        (b"# Cannes, Berlin\n'2024': {", "award_events event: it is no YAML"),
        (b"'2024': {a: [x, y], b", "award_events event: it is no YAML"),
        (b"yaer,category\n", "own file: it has unknown columns: 'yaer' (did you mean"),
        (b"2024;A;B", "own file: its first line does not name the columns"),
        ("year\tcategory\n".encode("utf-16"), "own file: it is UTF-16"),
        (OWN_JSON.encode("utf-16"), "own file: it is UTF-16"),
        (b'{"year": 2024, "nominat', "own file: it is no JSON at line 1"),
        (b'{"props": {"pageProps": {', "imdb event page"),
        (b'<script id="__NEXT_DATA__">', "imdb event page"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "oscars_org ceremony"),
        ("\t".join(COLUMNS).encode() + b"\n\xff", "oscars_table nominations"),
    ],
)
def test_a_broken_file_is_told_as_what_it_was_taken_for(
    body: bytes, taken_for: str
) -> None:
    """So that its message fits."""
    with pytest.raises(SourceError) as raised:
        read_awards(body)

    assert taken_for in str(raised.value)
