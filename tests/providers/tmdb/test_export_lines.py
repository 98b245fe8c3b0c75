"""The lines of an export: all films, each once, and as many as can be."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from cinegraph.records.export import ListedMovieRecord, PlausibleLines
from cinegraph.sources.export_files import ExportRefusedError
from cinegraph.sources.providers.tmdb.export_lines import read_movies
from file_server import movie_line, zipped

ANY = PlausibleLines(expected=0, expected_from="nothing")
LAST = PlausibleLines(
    expected=100, expected_from="the 100 lines of 2026-11-24", largest_share=1.2
)


def read(
    folder: Path, *lines: bytes, plausible: PlausibleLines = ANY
) -> list[ListedMovieRecord]:
    """Return the films of a file of *lines*."""
    path = folder / "list.gz"
    path.write_bytes(zipped(lines))
    return [film for batch in read_movies(path, plausible) for film in batch]


def test_a_line_is_a_film(tmp_path: Path) -> None:
    """As the vendor writes it, spaced or not."""
    line = b'{"adult":false,"id":3924,"original_title":"Blondie","popularity":1.8133,"video":true}\n'

    (film,) = read(tmp_path, line)
    (spaced,) = read(tmp_path, json.dumps(json.loads(line)).encode() + b"\n")

    assert film == spaced
    assert isinstance(film, ListedMovieRecord)
    assert (film.tmdb_id, film.popularity) == (3924, 1.8133)
    assert (film.is_adult, film.is_video) == (False, True)
    assert film.original_title == "Blondie"


def test_many_batches_are_one_list(tmp_path: Path) -> None:
    """Every film of a large file arrives once, in its order."""
    ids = range(1, 60_001)

    films = read(tmp_path, *map(movie_line, ids))

    assert [film.tmdb_id for film in films] == list(ids)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (r"a\u0000b", "ab"),
        (r"a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        (r"\ud83d\ude00", "\N{GRINNING FACE}"),
        (r"tab\tline\nback\\slash", "tab\tline\nback\\slash"),
        ("", ""),
    ],
    ids=["NUL", "surrogate", "pair", "escapes", "empty"],
)
def test_titles_are_storable(tmp_path: Path, written: str, title: str) -> None:
    """PostgreSQL stores neither NUL nor lone surrogates; the film counts all the same."""
    films = read(tmp_path, movie_line(1), movie_line(2, title=written), movie_line(3))

    assert [film.original_title for film in films] == ["Film", title, "Film"]


def test_a_field_more_is_passed_over(tmp_path: Path) -> None:
    """What TMDB may add one day does not stop the list."""
    (film,) = read(tmp_path, movie_line(5).replace(b"{", b'{"softcore":false,'))

    assert film.tmdb_id == 5


FOREIGN = {
    "person": b'{"adult":false,"id":1,"name":"A","popularity":1.0}',
    "series": b'{"id":1,"original_name":"A","popularity":1.0}',
    "text": b"hello",
    "two on a line": movie_line(1).strip() + movie_line(2).strip(),
    "empty line": b"",
    "array": b"[]",
    "cut line": movie_line(1)[:30],
    "not UTF-8": movie_line(1, title="x").replace(b'"x"', b'"\xff"').strip(),
    "id 0": movie_line(0).strip(),
    "id -1": movie_line(-1).strip(),
    "id 2^31": movie_line(2**31).strip(),
    "id 10^30": movie_line(10**30).strip(),
    "id text": movie_line(1).replace(b"1", b'"1"', 1).strip(),
    "id fraction": movie_line(7).replace(b":7,", b":7.5,").strip(),
    "id true": movie_line(7).replace(b":7,", b":true,").strip(),
    "adult null": movie_line(1).replace(b"false", b"null", 1).strip(),
    "adult 0": movie_line(1).replace(b"false", b"0", 1).strip(),
    "title null": movie_line(1).replace(b'"Film"', b"null").strip(),
    "popularity negative": movie_line(1, popularity=-0.1).strip(),
    "popularity NaN": movie_line(1, popularity=float("nan")).strip(),
    "popularity infinite": movie_line(1).replace(b"1.5", b"1e999").strip(),
    "popularity text": movie_line(1).replace(b"1.5", b'"1.5"').strip(),
}


@pytest.mark.parametrize("line", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_line_that_is_no_film(tmp_path: Path, line: bytes) -> None:
    """Refuses the whole, and says which line and why."""
    with pytest.raises(
        ExportRefusedError, match=r"line 12,346 is not a film: ."
    ) as caught:
        read(
            tmp_path,
            *(movie_line(n + 10) for n in range(12_345)),
            line + b"\n",
            movie_line(9),
        )

    assert caught.value.code == "export_refused"


def test_a_film_twice(tmp_path: Path) -> None:
    """Near or far, the second line is named."""
    lines = [movie_line(n) for n in range(1, 50_001)]

    with pytest.raises(ExportRefusedError, match="line 50,001 names film 77 again"):
        read(tmp_path, *lines, movie_line(77))
    with pytest.raises(ExportRefusedError, match="line 2 names film 1 again"):
        read(tmp_path, movie_line(1), movie_line(1))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (89, "only 89 % of the 100 lines of 2026-11-24"),
        (51, "only 51 % of the 100 lines of 2026-11-24"),
        (121, "are 121 % of the 100 lines of 2026-11-24"),
        (0, "it has no line"),
        (90, ""),
        (120, ""),
    ],
)
def test_the_number_of_lines_is_plausible(
    tmp_path: Path, lines: int, reason: str
) -> None:
    """Between 90 % and 120 % of the list before."""
    body = [movie_line(n + 1) for n in range(lines)]
    if not reason:
        assert len(read(tmp_path, *body, plausible=LAST)) == lines
        return

    with pytest.raises(ExportRefusedError) as caught:
        read(tmp_path, *body, plausible=LAST)
    assert reason in caught.value.reason


def test_the_empty_gzip_of_20_bytes(tmp_path: Path) -> None:
    """Seen for months elsewhere: a valid gzip of nothing."""
    body = zipped([])
    assert len(body) == 20

    with pytest.raises(ExportRefusedError, match="it has no line"):
        read(tmp_path)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """However long the list is: some batches and one byte an id."""
    path = tmp_path / "list.gz"
    path.write_bytes(zipped(movie_line(n) for n in range(1, 300_001)))
    tracemalloc.start()
    try:
        lines = sum(map(len, read_movies(path, ANY)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert lines == 300_000
    assert peak < 16_000_000


@pytest.mark.recorded
def test_recorded_lines(tmp_path: Path, recorded_data: Path) -> None:
    """Every recorded line of a real export is a film."""
    lines = (recorded_data / "tmdb" / "daily_export_sample.jsonl").read_bytes()
    path = tmp_path / "list.gz"
    path.write_bytes(gzip.compress(lines))

    films = [film for batch in read_movies(path, ANY) for film in batch]

    expected = [json.loads(line) for line in lines.splitlines()]
    assert [
        (film.tmdb_id, film.popularity, film.is_adult, film.is_video) for film in films
    ] == [
        (line["id"], line["popularity"], line["adult"], line["video"])
        for line in expected
    ]
    assert [film.original_title for film in films] == [
        line["original_title"] for line in expected
    ]
