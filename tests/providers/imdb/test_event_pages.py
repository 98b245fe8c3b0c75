"""A page of an event that a person saved: what it says, and what it is told apart from."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cinegraph.errors import PayloadError, UndecodableError
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.imdb.event_pages import read_event_page


def title(imdb_id: str, text: str) -> dict[str, Any]:
    """Return a title as the page has it."""
    return {"title": {"id": imdb_id, "titleText": {"text": text}}}


def name(imdb_id: str, text: str, note: str | None = None) -> dict[str, Any]:
    """Return a person as the page has it."""
    return {
        "name": {"id": imdb_id, "nameText": {"text": text}},
        "note": note and {"plainText": note},
    }


def page(
    *nominations: dict[str, Any], category: str | None = "Best Song", more: bool = False
) -> bytes:
    """Return a page with one category."""
    edges = [{"node": nomination} for nomination in nominations]
    info = {"hasNextPage": more}
    node = {
        "category": category and {"text": category},
        "nominations": {"edges": edges, "pageInfo": info},
    }
    award = {"text": "Oscar", "nominationCategories": {"edges": [{"node": node}]}}
    told = {
        "props": {
            "pageProps": {
                "eventName": "Academy Awards, USA",
                "editionInfo": {"year": 1930, "instanceWithinYear": 2},
                "edition": {"awards": [award]},
            }
        },
        "query": {"evconst": "ev0000003"},
    }
    return msgspec.json.encode(told)


def nomination(
    note: str | None = None, *, is_winner: bool = False, **awarded: Any
) -> dict[str, Any]:
    """Return a nomination as the page has it."""
    return {
        "isWinner": is_winner,
        "notes": note and {"plainText": note},
        "awardedEntities": awarded,
    }


def only(body: bytes) -> NominationStatement:
    """Return the only nomination of a page."""
    [said] = read_event_page(body).edition.nominations
    return said


def test_titles_first_and_names_first_say_the_same() -> None:
    """Either may come first; companies are no people."""
    one = nomination(
        awardTitles=[title("tt0000001", "A")],
        secondaryAwardNames=[name("nm0000001", "B", "lyrics")],
        secondaryAwardCompanies=[
            {"company": {"id": "co0000001", "companyText": {"text": "C"}}}
        ],
    )
    other = nomination(
        awardNames=[name("nm0000001", "B", "lyrics")],
        secondaryAwardTitles=[title("tt0000001", "A")],
    )

    first, second = read_event_page(page(one, other)).edition.nominations

    assert first.films == second.films == (FilmStatement("A", "tt0000001"),)
    person = NomineeStatement("B", NomineeKind.PERSON, ("nm0000001",), "lyrics")
    assert second.nominees == (person,)
    assert first.nominees == (
        person,
        NomineeStatement("C", NomineeKind.COMPANY, ("co0000001",)),
    )


def test_where_and_when() -> None:
    """The event, the year, and which edition of the year."""
    told = read_event_page(page(nomination(awardTitles=[title("tt0000001", "A")])))

    assert told.event_id == "ev0000003"
    assert (told.edition.year, told.edition.part) == (1930, 2)
    assert told.edition.is_partial is False


def test_an_award_without_categories_is_its_own() -> None:
    """Honorary awards have none."""
    said = only(page(nomination(awardNames=[name("nm0000001", "B")]), category=None))

    assert (said.category_class, said.category, said.films) == ("Oscar", "Oscar", ())


def test_a_songs_note_names_it_and_others_stay_notes() -> None:
    """In quotes, of either kind."""
    films = [title("tt0000001", "A")]
    song = only(page(nomination('For "I\'m Just Ken"', awardTitles=films)))
    other = only(page(nomination('For "B"', awardTitles=films), category="Best Film"))

    assert (song.songs, song.note) == (("I'm Just Ken",), None)
    assert (other.songs, other.note) == ((), 'For "B"')


def test_before_the_night_nobody_has_lost() -> None:
    """No winner in the whole edition."""
    films = [title("tt0000001", "A")]
    before = read_event_page(page(nomination(awardTitles=films)))
    won = nomination(awardTitles=films, is_winner=True)
    after = read_event_page(page(won, nomination(awardTitles=films)))

    assert [n.is_winner for n in before.edition.nominations] == [None]
    assert [n.is_winner for n in after.edition.nominations] == [True, False]


def test_a_page_that_shows_only_the_first_says_so() -> None:
    """What is missing from it is not gone."""
    body = page(nomination(awardTitles=[title("tt0000001", "A")]), more=True)

    assert read_event_page(body).edition.is_partial is True


def test_the_whole_web_page_will_do() -> None:
    """As a browser saves it."""
    data = page(nomination(awardTitles=[title("tt0000001", "A")]))
    html = b'<html><script id="__NEXT_DATA__" type="application/json">' + data
    html += b"</script></html>"

    assert read_event_page(html) == read_event_page(data)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "answers programs so"),
        (b" \n", "answers programs so"),
        (b"<html>Just a moment</html>", "no saved page of an event"),
        (page()[:-40], "is it cut"),
        (b'{"props": "\xff"}', "is it cut|another shape"),
    ],
)
def test_what_is_no_page_is_refused(body: bytes, reason: str) -> None:
    """Blocked, another page, cut: none of them is an edition without nominees."""
    with pytest.raises((UndecodableError, PayloadError), match=reason):
        read_event_page(body)


def test_another_layout_is_told_as_such() -> None:
    """With the place where it differs."""
    body = page().replace(b'"nominationCategories"', b'"categories"')

    with pytest.raises(
        PayloadError, match=r"has its layout changed.*nominationCategories"
    ):
        read_event_page(body)


@pytest.mark.recorded
def test_the_recorded_page(recorded_data: Path) -> None:
    """5 awards, 27 groups, 130 nominations, 32 winners, 10 without a film."""
    packed = recorded_data / "awards/imdb_event_oscars_2024.json.gz"

    told = read_event_page(gzip.decompress(packed.read_bytes()))

    said = told.edition.nominations
    assert (told.event_id, told.edition.year, told.edition.part) == (
        "ev0000003",
        2024,
        1,
    )
    assert len({n.category_class for n in said}) == 5
    assert len({(n.category_class, n.category) for n in said}) == 27
    assert len(said) == 130
    assert sum(n.is_winner is True for n in said) == 32
    assert sum(not n.films for n in said) == 10
    assert sum(bool(n.songs) for n in said) == 5
