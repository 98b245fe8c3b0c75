"""The page of a ceremony: what it says, and what it is told apart from."""

import gzip
import unicodedata
from pathlib import Path

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import EditionStatement, NominationStatement
from cinegraph.sources.providers.oscars_org.page import read_page
from cinegraph.sources.providers.oscars_table.table import read_table

TITLE = "<title>The 96th Academy Awards | 2024</title>"


def honoree(kind: str, entities: str, film: str) -> str:
    """Return one nominee as the page has it."""
    return (
        '<div class="paragraph--type--award-honoree">'
        f'<div class="field--name-field-honoree-type"> {kind} </div>'
        f'<div class="field--name-field-award-entities"><div>{entities}</div></div>'
        f'<div class="field--name-field-award-film">{film}</div></div>'
    )


def category(name: str, *honorees: str) -> str:
    """Return a category as the page has it."""
    return (
        '<div class="paragraph--type--award-category">'
        f'<div class="field--name-field-award-category-oscars">{name}</div>'
        f"{''.join(honorees)}</div>"
    )


def read(*categories: str, title: str = TITLE) -> EditionStatement:
    """Read a page with these categories."""
    return read_page(f"<html><head>{title}</head>{''.join(categories)}</html>".encode())


def only(name: str, entities: str, film: str) -> NominationStatement:
    """Return the only nomination of a page."""
    [nomination] = read(category(name, honoree("Nominees", entities, film))).nominations
    return nomination


def test_nominees_and_what_they_did() -> None:
    """One line of text names them."""
    told = only(
        "Production Design",
        "Production Design: A One and B Two, Jr.; Set Decoration: C Three",
        "Poor Things",
    )

    assert told.films[0].title == "Poor Things"
    assert [(n.name, n.role) for n in told.nominees] == [
        ("A One", "Production Design"),
        ("B Two, Jr.", "Production Design"),
        ("C Three", "Set Decoration"),
    ]


@pytest.mark.parametrize(
    ("entities", "names"),
    [
        ("A One, B Two and C Three, Producers", ["A One", "B Two", "C Three"]),
        ("Written by A One &amp; B Two", ["A One", "B Two"]),
        ("Screenplay - A One and B Two", ["A One", "B Two"]),
        ("Robert Downey Jr.", ["Robert Downey Jr."]),
        ("Da'Vine Joy Randolph", ["Da'Vine Joy Randolph"]),
        ("", []),
    ],
)
def test_names_are_parted(entities: str, names: list[str]) -> None:
    """By commas, "and" and "&", and not before a "Jr."."""
    assert [n.name for n in only("X", entities, "A").nominees] == names


def test_the_two_categories_that_are_the_wrong_way_round() -> None:
    """The country and the song stand where the film should."""
    foreign = only("International Feature Film", "Io Capitano", "Italy")
    song = only(
        "Music (Original Song)",
        "from Barbie; Music and Lyric by Mark Ronson and Andrew Wyatt",
        "I'm Just Ken",
    )

    assert (foreign.films[0].title, foreign.country, foreign.nominees) == (
        "Io Capitano",
        "Italy",
        (),
    )
    assert (song.films[0].title, song.songs) == ("Barbie", ("I'm Just Ken",))
    assert [n.name for n in song.nominees] == ["Mark Ronson", "Andrew Wyatt"]


def test_before_the_night_nobody_has_lost() -> None:
    """There are nominees alone; afterwards each category has a winner."""
    names = [("Winner", True), ("Nominees", False)]
    before = read(category("X", honoree("Nominees", "A", "F")))
    after = read(category("X", *(honoree(kind, "A", "F") for kind, _ in names)))

    assert [n.is_winner for n in before.nominations] == [None]
    assert [n.is_winner for n in after.nominations] == [True, False]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("", "it is empty, as firewalls answer"),
        ("<html><title>Just a moment...</title></html>", "it is called 'Just a moment"),
        ("<html></html>", "it has no title"),
        ("\x00\x01", "it has no title"),
        (f"<html>{TITLE}<p>Soon</p></html>", "has its layout changed"),
        (TITLE + category("", honoree("Winner", "A", "B")), "a category has no name"),
        (TITLE + category("Directing"), "'Directing' has no nominees"),
    ],
)
def test_it_is_told_apart_from_what_is_no_ceremony(page: str, reason: str) -> None:
    """Blocked, another page, another layout, cut: none of them is a ceremony without nominees."""
    with pytest.raises(UndecodableError, match=reason):
        read_page(page.encode())


@pytest.mark.recorded
def test_the_recorded_page(recorded_data: Path) -> None:
    """120 nominations in 23 categories for 53 films; all but two have the words of the nominations table."""
    packed = recorded_data / "awards/oscars_org_2024.html.gz"
    page = read_page(gzip.decompress(packed.read_bytes()))
    table = read_table((recorded_data / "awards/oscars.csv").read_bytes())
    [edition] = [each for each in table.editions if each.year == 2024]

    assert (page.number, page.year) == (edition.number, 2024)
    assert len(page.nominations) == 120
    assert len({n.category for n in page.nominations}) == 23
    assert len({n.films[0].title for n in page.nominations}) == 53
    assert sum(n.is_winner is True for n in page.nominations) == 23
    assert sum(bool(n.songs) for n in page.nominations) == 5
    assert sum(bool(n.country) for n in page.nominations) == 5
    ours = [_words(n) for n in page.nominations]
    theirs = [
        _words(n)
        for n in edition.nominations
        if n.category_class not in {"SciTech", "Special"}
    ]
    # "Screenplay - Justine Triet" is a name there, and one title has other accents.
    assert sum(words in theirs for words in ours) == 118


def _words(nomination: NominationStatement) -> tuple[str, ...]:
    names = sorted(_fold(nominee.name) for nominee in nomination.nominees)
    return _fold(nomination.films[0].title), *names


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return decomposed.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
