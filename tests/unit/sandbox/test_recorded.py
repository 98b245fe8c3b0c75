"""Recorded mode, on recordings made up here."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cinegraph.errors import UsageError
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.tmdb.payloads import MOVIE_PARTS, decode_movie
from cinegraph.sources.providers.tmdb.sandbox import EMPTY_PARTS


def _body(tmdb_id: int, **fields: object) -> dict[str, Any]:
    """Write a body such as a recording holds."""
    return {
        "adult": False,
        "genres": [{"id": 18, "name": "Drama"}],
        "id": tmdb_id,
        "imdb_id": f"tt{tmdb_id:07d}",
        "popularity": 1.5,
        "release_date": "2020-01-01",
        "status": "Released",
        "title": "Été “”",
        "vote_average": 7.0,
        "vote_count": 500,
        **fields,
    }


def _write(path: Path, rows: list[Any]) -> None:
    """Write rows as gzipped JSON lines, as compact or loose as they come."""
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for row in rows:
            text = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
            file.write(text + "\n")


def _told(content: RecordedContent, tmdb_id: int, *parts: str) -> dict[str, Any]:
    """Read the body of a film."""
    body = content.movie(tmdb_id, parts)
    assert body is not None
    assert gzip.decompress(body.gzipped) == body.plain()
    told: dict[str, Any] = json.loads(body.plain())
    return told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a recording with bodies that hold different parts."""
    nobody = {"cast": [], "crew": []}
    _write(
        tmp_path / "movies.jsonl.gz",
        [
            _body(1, credits=nobody),
            _body(2, credits=nobody, videos={"results": [{"id": "x"}]}),
            _body(3, vote_average=9.0, popularity=9.0, release_date=""),
            '{ "credits" : {"cast":[],"crew":[]} , "id" : 4 , "imdb_id" : null }',
            "",
        ],
    )
    return tmp_path


def test_what_was_asked_is_sent_and_nothing_else(folder: Path) -> None:
    """Parts not asked for are left out, parts a body lacks are there and empty."""
    content = RecordedContent(folder)

    assert _told(content, 1) == _body(1)
    assert _told(content, 1, "credits") == _body(1, credits=EMPTY_PARTS["credits"])
    assert _told(content, 2, "videos", "keywords") == _body(
        2, videos={"results": [{"id": "x"}]}, keywords={"keywords": []}
    )
    assert _told(content, 4, "credits") == {
        "credits": {"cast": [], "crew": []},
        "id": 4,
        "imdb_id": None,
    }


@pytest.mark.parametrize("tmdb_id", [1, 2, 3, 4])
def test_every_part_can_be_asked_at_once(folder: Path, tmdb_id: int) -> None:
    """All parts come, the empty ones in TMDB's own empty form."""
    told = _told(RecordedContent(folder), tmdb_id, *EMPTY_PARTS)

    assert set(told) >= set(EMPTY_PARTS)
    assert told["external_ids"] == EMPTY_PARTS["external_ids"]


def test_an_answered_body_is_accepted_by_the_client(tmp_path: Path) -> None:
    """The decoder, strict about parts, takes what the sandbox completed."""
    world = World(20)
    tmdb_id = next(world.ids())
    body = InventedContent(world).movie(tmdb_id, ("credits",))
    assert body is not None
    _write(tmp_path / "movies.jsonl.gz", [body.plain().decode()])

    completed = RecordedContent(tmp_path).movie(tmdb_id, MOVIE_PARTS)
    assert completed is not None

    assert decode_movie(completed.plain(), expected_id=tmdb_id).id == tmdb_id


def test_a_film_without_body_is_absent(folder: Path) -> None:
    """Recorded requests do not stand in for a missing body."""
    seen = {"method": "GET", "path": "/3/movie/7", "query": {}, "status": 200}
    _write(folder / "interactions.jsonl.gz", [{**seen, "body": _body(7)}])
    content = RecordedContent(folder)

    assert content.movie(7, ()) is None


def test_the_folder_above_is_taken_too(folder: Path, tmp_path: Path) -> None:
    """Both the folder itself and the one with `tmdb` inside are recordings."""
    above = tmp_path / "above"
    above.mkdir()
    (above / "tmdb").symlink_to(folder)

    assert len(RecordedContent(above)) == len(RecordedContent(folder)) == 4


def test_lists_that_were_not_recorded_are_derived(folder: Path) -> None:
    """Popular and top rated come from the bodies when there are no pages."""
    content = RecordedContent(folder)
    popular = content.page("popular", 1)
    top_rated = content.page("top_rated", 1)
    assert popular is not None
    assert top_rated is not None

    assert json.loads(popular.plain())["results"][0]["id"] == 3
    assert [row["id"] for row in json.loads(top_rated.plain())["results"]] == [3, 1, 2]
    assert content.page("nonsense", 1) is None


def test_recorded_pages_are_sent_as_they_are(folder: Path) -> None:
    """A page comes byte by byte; one that was not recorded is empty."""
    page = '{"page": 2, "results": [{"id": 99}], "total_pages": 53906}'
    _write(folder / "popular_pages.jsonl.gz", [page])
    content = RecordedContent(folder)
    second, third = content.page("popular", 2), content.page("popular", 3)
    assert second is not None
    assert third is not None

    assert second.plain() == page.encode()
    assert json.loads(third.plain())["results"] == []


def test_films_are_found_by_imdb_id(folder: Path) -> None:
    """`/find` and the path with an IMDb id lead to the film."""
    content = RecordedContent(folder)

    assert content.tmdb_id_of("tt0000002") == 2
    found = json.loads(content.find("tt0000002").plain())
    assert [row["id"] for row in found["movie_results"]] == [2]
    assert json.loads(content.find("tt7").plain())["movie_results"] == []


def test_films_are_found_by_the_words_of_their_titles(folder: Path) -> None:
    """The more popular first; of a year only those that came out in it."""
    content = RecordedContent(folder)

    def found(query: str, year: int | None = None) -> list[int]:
        told = json.loads(content.search(query, year, 1).plain())
        assert told["total_results"] == len(told["results"])
        return [row["id"] for row in told["results"]]

    assert found("ete") == [3, 1, 2]
    assert found("ÉTÉ", 2020) == [1, 2]
    assert found("été nowhere") == []


def test_people_are_not_known(folder: Path) -> None:
    """Bodies tell no one's IMDb id."""
    content = RecordedContent(folder)

    assert content.person(1, ()) is None
    assert not any(json.loads(content.find("nm0000001").plain()).values())


def test_other_requests_are_answered_as_recorded(folder: Path) -> None:
    """Plain recorded questions are answered; errors and other hosts are not."""
    seen = {"method": "GET", "query": {}, "status": 200, "body": {"a": 1}}
    _write(
        folder / "interactions.jsonl.gz",
        [
            {**seen, "path": "/3/company/1"},
            {**seen, "path": "/3/company/2", "status": 404},
            {**seen, "path": "/3/company/3", "host": "elsewhere.example"},
            {**seen, "path": "/3/company/4", "query": {"page": "2"}},
        ],
    )
    content = RecordedContent(folder)

    body = content.other("/company/1")
    assert body is not None
    assert body.plain() == b'{"a": 1}'
    assert [content.other(f"/company/{n}") for n in (2, 3, 4)] == [None] * 3
    assert content.other("/configuration") is not None


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "one"}', "<html>"])
def test_what_is_no_body_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    """A broken recording is a mistake to mend, named by file and line."""
    _write(tmp_path / "movies.jsonl.gz", [_body(1), line])

    with pytest.raises(UsageError, match="line 2"):
        RecordedContent(tmp_path)


def test_a_folder_without_recording_is_refused(tmp_path: Path) -> None:
    """The error says what a recording is."""
    with pytest.raises(UsageError) as caught:
        RecordedContent(tmp_path)

    assert "movies.jsonl.gz" in (caught.value.hint or "")


def test_a_file_that_is_not_gzip_is_refused(tmp_path: Path) -> None:
    """A half-copied recording is told as such."""
    (tmp_path / "movies.jsonl.gz").write_bytes(b"plain")

    with pytest.raises(UsageError, match="cannot be read"):
        RecordedContent(tmp_path)
