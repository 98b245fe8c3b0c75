"""A JSON of one's own: what an object says, and that a bad one costs only itself."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers import own
from cinegraph.sources.providers.own.document import read_document
from cinegraph.sources.providers.own.table import read_table

ROOT = Path(__file__).resolve().parents[3]
PAGES = (
    Path(own.__file__).with_name("README.md"),
    ROOT / "docs/guides/awards-of-your-own.md",
)
_FENCE = re.compile(r"^```(csv|json)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def only(**told: Any) -> NominationStatement:
    """Return the only nomination of a file."""
    [edition] = read_document(document(told)).editions
    [nomination] = edition.nominations
    return nomination


def document(*nominations: object, **edition: object) -> bytes:
    """Return a file of one edition, each nomination in a line of its own from the second on."""
    told = ",\n".join(json.dumps(each) for each in nominations)
    beside = json.dumps({"year": 2024} | edition)[1:-1]
    return f'{{{beside}, "nominations": [\n{told}\n]}}'.encode()


def test_flat_and_as_objects_is_the_same() -> None:
    """As in a table, as lists of texts, as objects."""
    beside = {"category": "A", "winner": True, "songs": ["La"]}
    flat = only(
        **beside,
        film="One|Two",
        imdb_id="|tt0000002",
        nominees="N|M",
        nominee_ids="nm0000001,nm0000002|co0000001",
        role="R",
    )
    lists = only(
        **beside | {"winner": "yes", "songs": "La"},
        film=["One", "Two"],
        imdb_id=["", "tt0000002"],
        nominees=["N", "M"],
        nominee_ids=["nm0000001,nm0000002", "co0000001"],
        roles=["R", "R"],
    )
    objects = only(
        **beside,
        films=["One", {"title": "Two", "imdb_id": "tt0000002"}],
        nominees=[
            {"name": "N", "imdb_ids": ["nm0000001", "nm0000002"], "role": "R"},
            {"name": "M", "imdb_ids": "co0000001", "role": "R"},
        ],
    )

    assert flat == lists == objects
    assert flat.films == (FilmStatement("One"), FilmStatement("Two", "tt0000002"))
    assert flat.nominees == (
        NomineeStatement("N", NomineeKind.PERSON, ("nm0000001", "nm0000002"), "R"),
        NomineeStatement("M", NomineeKind.COMPANY, ("co0000001",), "R"),
    )


def test_a_list_of_editions() -> None:
    """Names in any case; numbers as numbers or texts; null is not told."""
    body = b"""[
        {"YEAR": "2024", "edition": 96, "nominations": [{"Category": "A", "film": "B", "winner": 0, "note": null}]},
        {"year": 1930, "part": 2, "nominations": [{"category": "A", "film": "C"}]}
    ]"""

    first, second = read_document(body).editions

    assert (first.year, first.number, first.part) == (2024, 96, 1)
    assert (second.year, second.number, second.part) == (1930, None, 2)
    assert first.nominations[0].is_winner is False


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"film": "B"}, "it has no category"),
        ({"category": "A"}, "it names no film"),
        ({"category": 1, "film": "B"}, "category is no text: write it in quotes"),
        ({"category": "A", "film": "B", "imdb_id": 1}, "imdb_id is no text"),
        ({"category": "A", "film": ["B", 1]}, "film is no list of texts"),
        ({"category": "A", "films": "B"}, "films is no list: write"),
        ({"category": "A", "films": ["B", 1]}, "films: number 2 is no object"),
        ({"category": "A", "nominees": [{"name": "N"}, 1]}, "nominees: number 2 is no"),
        ({"category": "A", "films": ["B"], "film": "B"}, "films and also film"),
        (
            {"category": "A", "nominees": [{"name": "N"}], "role": "R"},
            "nominees as objects and also role",
        ),
        ({"category": "A", "nominees": ["N"], "role": "R", "roles": "R"}, "both role"),
        ({"category": "A", "nominees": [{"role": "R"}]}, "nominee 1 has no name"),
        ({"category": "A", "film": "B", "winner": 0.5}, "winner is neither"),
        ({"category": "A", "film": "B\0"}, "which cannot be stored"),
        ({"category": "A", "film": "\ud800"}, "which cannot be stored"),
    ],
)
def test_a_bad_nomination_costs_only_itself(bad: dict[str, Any], reason: str) -> None:
    """It is told with its line, and the edition is shown in part."""
    good = {"category": "A", "film": "One"}
    told = read_document(document(good, bad, good | {"film": "Two"}))

    [edition] = told.editions
    assert [each.films[0].title for each in edition.nominations] == ["One", "Two"]
    assert edition.is_partial
    [remark] = told.remarks
    assert remark.line == 3
    assert reason in remark.reason


def test_what_is_no_object_is_told_with_its_edition() -> None:
    """It has no place of its own."""
    told = read_document(document("A", {"category": "A", "film": "One"}))

    assert [(each.line, each.reason) for each in told.remarks] == [
        (1, "nomination 1 is no object {…}")
    ]


def test_the_same_twice_counts_once_and_a_wrong_id_costs_itself() -> None:
    """Also where all of it stands in one line."""
    one = {"category": "A", "film": "One"}
    body = json.dumps({"year": 2024, "nominations": [one, one, one | {"imdb_id": "x"}]})

    told = read_document(body.encode())

    assert len(told.editions[0].nominations) == 1
    assert [each.reason for each in told.remarks] == [
        "the same as line 1: it counts once",
        "'x' is no IMDb id of a film, tt and 7 to 9 digits: it was left out, the nomination counts without it",
        "the same as line 1: it counts once",
    ]


def test_an_edition_that_cannot_be_read_costs_only_itself() -> None:
    """A wrong year, no nominations, a number that is none."""
    one = {"category": "A", "film": "One"}
    editions = [
        {"year": 24, "nominations": [one]},
        {"year": 2023, "nominations": []},
        {"year": 2022.0, "nominations": [one]},
        {"year": 2021, "edition": "x", "nominations": [one]},
        {"year": 2024, "nominations": [one]},
    ]

    told = read_document("\n".join(json.dumps(editions).split("\n")).encode())

    assert [edition.year for edition in told.editions] == [2024]
    assert [each.reason for each in told.remarks] == [
        "'24' is no year: write four digits",
        "the edition's list of nominations is empty",
        "year is neither a whole number nor a text",
        "edition 'x' is no number from 1 to 999",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b"<html>", "web page"),
        (b'{"year": 2024,\n "nominations": [{"categ', "line 2, column 19 .*: is the f"),
        (b'{"year": NaN}', "NaN is no number of JSON"),
        (b"[" * 100_000, "it is no JSON that can be read"),
        (b'{"year": ' + b"9" * 5_000 + b"}", "it is no JSON that can be read"),
        (b'{"year": "\xe9"}', "line 1 is not written in UTF-8"),
        ('{"year": 2024}'.encode("utf-16"), "it is UTF-16"),
        (b"[]", "it holds no editions: write"),
        (b"1", "it holds no editions"),
        (b'[{"year": 2024, "nominations": []}, 1]', "it holds no editions"),
        (b'{"year": 2024}', "line 1: the edition has no nominations: write"),
        (b'{"year": 2024, "nominations": {}}', "nominations is no list"),
        (document(), "no nomination can be read in it: line 1: the edition's list"),
        (b'{"year": 1,\n"Year": 2, "nominations": []}', "year stands there twice"),
        (
            document({"categroy": "A"}),
            "line 2: 'categroy' \\(did you mean 'category'\\?\\)",
        ),
        (document({"a": 1, "b": 1}), "unknown names: line 2: 'a'; line 2: 'b'$"),
        (document({"tmdb_id": 1}), "line 2: 'tmdb_id' \\(TMDB's ids are not read"),
        (
            document({"films": [{"titel": "A"}], "nominees": [{"imdb_id": ""}]}),
            "'titel' \\(did you mean 'title'\\?\\); line 2: 'imdb_id' \\(did .* 'imdb_ids'",
        ),
        (document({"year": 2024}), "'year' \\(it belongs beside nominations\\)"),
        (b'[{"category": "A"}]', "it belongs into an object of nominations"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(body: bytes, reason: str) -> None:
    """Nothing of it counts, and the reason says what to do."""
    with pytest.raises(UndecodableError, match=reason):
        read_document(body)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_are_read_without_a_remark(page: Path) -> None:
    """What the pages show can be copied."""
    examples = _FENCE.findall(page.read_text(encoding="utf-8"))

    assert [language for language, _ in examples] == ["csv", "json"]
    for language, text in examples:
        read = {"csv": read_table, "json": read_document}[language](text.encode())
        assert read.remarks == ()
        assert read.editions
