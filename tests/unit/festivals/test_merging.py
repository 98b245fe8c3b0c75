"""What several sources say of one edition: nothing lost, nothing doubled, one nomination for what is meant as one."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cinegraph.festivals.merging import Merged, merge
from cinegraph.festivals.view import to_view
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)
from cinegraph.sources.providers.award_events.events import read_event
from cinegraph.sources.providers.imdb.event_pages import read_event_page
from cinegraph.sources.providers.oscars_org.page import read_page
from cinegraph.sources.providers.oscars_table.table import read_table


def said(
    category: str,
    film: str = "",
    names: str = "",
    imdb_id: str | None = None,
    **facts: Any,
) -> NominationStatement:
    """Return a nomination; names are apart by commas."""
    return NominationStatement(
        category=category,
        canonical_category=category,
        films=(FilmStatement(film, imdb_id),) if film or imdb_id else (),
        nominees=tuple(NomineeStatement(name) for name in names.split(", ") if name),
        **facts,
    )


def sources(merged: list[Merged]) -> Counter[tuple[str, ...]]:
    """Count nominations by who says them."""
    return Counter(tuple(each.source for each in one.said) for one in merged)


def test_accents_and_initials_are_no_other_film_or_person() -> None:
    """Nor is another order of names."""
    merged = merge(
        {
            "a": [said("Sound", "Sirāt", "Laia Casanovas, Robert Downey Jr.")],
            "b": [said("SOUND", "Sirat", "Robert Downey, Jr., Laia Casanovas")],
        }
    )

    assert sources(merged) == {("a", "b"): 1}


def test_two_songs_of_one_film_are_two_nominations() -> None:
    """Also where another source names the film alone."""
    songs = [
        said("Song", "Barbie", "Mark Ronson", songs=("I'm Just Ken",)),
        said("Song", "Barbie", "Billie Eilish", songs=("What Was I Made For?",)),
    ]
    merged = merge(
        {
            "a": songs,
            "b": songs[::-1],
            "c": [said("Song", "Barbie"), said("Song", "Elio")],
        }
    )

    assert sources(merged) == {("a", "b", "c"): 2, ("c",): 1}
    for one in merged[:2]:
        assert len({e.statement.songs for e in one.said if e.source != "c"}) == 1


@pytest.mark.parametrize(("films", "count"), [("AB", 2), ("ABC", 1)])
def test_two_known_categories_are_one_only_where_much_says_so(
    films: str, count: int
) -> None:
    """Two films are often nominated in both; each source knows one of the categories alone here."""
    known = {"actor": "Actor", "sound": "Sound"}
    merged = merge(
        {
            "a": [said("Sound", f"Film {film}", "One") for film in films],
            "b": [said("Actor", f"Film {film}") for film in films],
        },
        known=known,
    )

    assert len({one.category for one in merged}) == count


def test_which_of_two_won_a_title_alone_does_not_tell() -> None:
    """It won one of them; where it lost, it lost both."""
    ours = [said("Song", "A", "One"), said("Song", "A", "Two")]
    won, lost = (
        merge({"a": ours, "b": [said("Song", "A", is_winner=is_winner)]})
        for is_winner in (True, False)
    )

    assert [one.said[1].statement.is_winner for one in won] == [None, None]
    assert [one.said[1].statement.is_winner for one in lost] == [False, False]


def test_a_title_alone_waits_for_those_who_name_people() -> None:
    """Also where it is believed most: it speaks of both nominations of its film, and of neither's victory."""
    merged = merge(
        {
            "ids": [said("Actor", "A", is_winner=True)],
            "people": [
                said("Actor", "A", "One", is_winner=False),
                said("Actor", "A", "Two", is_winner=True),
            ],
        }
    )

    assert sources(merged) == {("ids", "people"): 2}
    assert [to_view(one).is_winner for one in merged] == [False, True]


def test_a_title_among_named_people_is_nobody_in_particular() -> None:
    """One source names the second actor, another one only the first: the title does not make them one."""
    merged = merge(
        {
            "a": [said("Actor", "A", "One")],
            "b": [said("Actor", "A"), said("Actor", "B", "Three")],
            "c": [said("Actor", "A", "Two")],
        }
    )

    assert sources(merged) == {("a", "b"): 1, ("b", "c"): 1, ("b",): 1}


def test_of_equal_titles_the_one_that_won_is_the_winners() -> None:
    """Where a source says a film twice and names nobody."""
    ours = [
        said("Actor", "A", "One", is_winner=False),
        said("Actor", "A", "Two", is_winner=True),
    ]
    theirs = [
        said("Actor", "A", is_winner=True),
        said("Actor", "A", is_winner=False),
    ]

    for merged in (
        merge({"a": ours, "b": theirs}),
        merge({"b": theirs, "a": ours}),
    ):
        views = map(to_view, merged)
        assert {v.nominees[0].name: v.is_winner for v in views} == {
            "One": False,
            "Two": True,
        }


def test_the_films_of_a_nomination_are_all_kept() -> None:
    """Also where the source that is believed most names each by itself."""
    film = NominationStatement(
        category="Actor",
        canonical_category="Actor",
        films=(FilmStatement("A", "tt0000001"), FilmStatement("B", "tt0000002")),
        nominees=(NomineeStatement("One"),),
    )
    for titles in (("tt0000001", "tt0000002"), ("tt0000002",)):
        merged = merge(
            {"ids": [said("Actor", imdb_id=id_) for id_ in titles], "people": [film]}
        )

        assert len(merged) == 1
        assert {each.title for each in to_view(merged[0]).films} == {"A", "B"}


def test_the_order_is_that_of_the_source_that_is_believed_most() -> None:
    """Though what names nobody is merged last."""
    merged = merge(
        {
            "ids": [said("Y", "B"), said("X", "A"), said("Y", "C")],
            "people": [said("X", "A", "One"), said("Y", "C", "Two")],
        }
    )

    assert [(one.category, one.said[0].number) for one in merged] == [
        ("Y", 0),
        ("Y", 2),
        ("X", 1),
    ]


def test_a_known_name_is_no_wall_before_one_that_is_new() -> None:
    """The less believed source came first, and so its name is known."""
    merged = merge(
        {
            "a": [said("Melhor Filme", f) for f in "ABC"],
            "b": [said("Best Film", f) for f in "ABC"],
        },
        known={"best film": "Best Film"},
    )

    assert sources(merged) == {("a", "b"): 3}
    assert {one.category for one in merged} == {"Best Film"}


def test_two_actors_of_one_film_are_two_nominations() -> None:
    """The film is the same, the people are not."""
    ours = [said("Actor", "A", "One"), said("Actor", "A", "Two")]
    theirs = [said("Actor", "A", "Two"), said("Actor", "A", "Three")]

    assert sources(merge({"a": ours, "b": theirs})) == {
        ("a",): 1,
        ("a", "b"): 1,
        ("b",): 1,
    }


def test_an_id_is_believed_before_a_title() -> None:
    """Two films of one name, and one film of two names."""
    ours = [
        said("Best", "Carol", imdb_id="tt0000001"),
        said("Best", "Ida", imdb_id="tt0000002"),
    ]
    theirs = [
        said("Best", "Carol", imdb_id="tt0000003"),
        said("Best", "Aida", imdb_id="tt0000002"),
    ]

    assert sources(merge({"a": ours, "b": theirs})) == {
        ("a",): 1,
        ("a", "b"): 1,
        ("b",): 1,
    }


def test_categories_with_the_same_films_are_told_apart_by_their_names() -> None:
    """Costumes and production design of 2024 had the same five."""
    films = ["A", "B", "C"]
    ours = [
        said(name, f) for name in ("COSTUME DESIGN", "PRODUCTION DESIGN") for f in films
    ]
    theirs = [
        said(f"best achievement in {name}", f)
        for name in ("production design", "costume design")
        for f in films
    ]

    merged = merge({"a": ours, "b": theirs})

    assert sources(merged) == {("a", "b"): 6}
    for one in merged:
        words = {each.statement.category.split()[-2].casefold() for each in one.said}
        assert len(words) == 1


def test_what_cannot_be_told_apart_is_not_guessed() -> None:
    """Two categories of the same films and foreign names stay categories of their own."""
    ours = [said(name, f) for name in ("X", "Y") for f in "AB"]
    theirs = [said(name, f) for name in ("Ödön", "Bé") for f in "AB"]

    assert sources(merge({"a": ours, "b": theirs})) == {("a",): 4, ("b",): 4}


def test_two_prizes_of_one_film_are_not_one() -> None:
    """Each source knows another one; a likeness of their names would do."""
    prizes = ("Palme d'Or", "Palme d'Or - Best Film", "Ecumenical Jury")
    palme, longer, jury = ([said(name, "A", is_winner=True)] for name in prizes)

    assert sources(merge({"a": palme, "b": jury})) == {("a",): 1, ("b",): 1}
    assert sources(merge({"a": palme, "b": longer})) == {("a", "b"): 1}


def test_a_known_name_needs_no_films_in_common() -> None:
    """An edition of which another source knows nothing yet."""
    merged = merge(
        {"a": [said("Regie", "A")], "b": [said("best director", "B")]},
        known={"best director": "Regie"},
    )

    assert {one.category for one in merged} == {"Regie"}


def test_technical_awards_have_no_films() -> None:
    """Their people tell them apart; where nobody is named, the citation does."""
    ours = [
        said("Technical", "", "Ann One", citation="To Ann One for a camera."),
        said("Technical", citation="To the makers of the great lamp of the year."),
    ]
    theirs = [
        said("Technical", citation="To the makers of the great lamp of the year"),
        said("Technical", "", "Ann One", citation="For something else in other words."),
        said("Technical", "", "Ben Two"),
    ]

    assert sources(merge({"a": ours, "b": theirs})) == {("a", "b"): 2, ("b",): 1}


def test_a_source_says_a_nomination_once() -> None:
    """What it repeats is two nominations: a film of two actors whom nobody names."""
    ours = [said("Actor", "A"), said("Actor", "A")]

    assert sources(merge({"a": ours})) == {("a",): 2}
    assert sources(merge({"a": ours, "b": ours})) == {("a", "b"): 2}


def test_nothing_said_is_no_edition() -> None:
    """And an empty source takes nothing away."""
    assert merge({}) == []
    assert sources(merge({"a": [], "b": [said("X", "A")]})) == {("b",): 1}


@pytest.mark.recorded
def test_four_sources_of_the_ceremony_of_2024(recorded_data: Path) -> None:
    """140 nominations, each once; the 120 competitive ones are said by all four."""
    awards = recorded_data / "awards"
    table = read_table((awards / "oscars.csv").read_bytes())
    page = gzip.decompress((awards / "oscars_org_2024.html.gz").read_bytes())
    saved = gzip.decompress((awards / "imdb_event_oscars_2024.json.gz").read_bytes())
    events = read_event((awards / "imdb_events/ev0000003.yml").read_bytes())

    merged = merge(
        {
            "table": next(e for e in table.editions if e.year == 2024).nominations,
            "page": read_page(page).nominations,
            "saved": read_event_page(saved).edition.nominations,
            "events": next(e for e in events.editions if e.year == 2024).nominations,
        }
    )

    assert len({one.category for one in merged}) == 27
    assert sources(merged) == {
        ("table", "page", "saved", "events"): 120,
        ("table", "saved"): 10,
        ("table",): 10,
    }
    disagreed = [
        one
        for one in merged
        if len({each.statement.is_winner for each in one.said} - {None}) > 1
    ]
    # IMDb forgot that who gets a technical award has won it.
    assert [one.said[0].statement.nominees[0].name for one in disagreed] == [
        "Oliver Castle"
    ]


@pytest.mark.recorded
def test_two_sources_of_all_ceremonies(recorded_data: Path) -> None:
    """Of 10,747 titles of the event's file 27 are in no nomination of the table: popular votes, and errors."""
    awards = recorded_data / "awards"
    table = read_table((awards / "oscars.csv").read_bytes())
    events = read_event((awards / "imdb_events/ev0000003.yml").read_bytes())
    theirs = {(e.year, e.part): e.nominations for e in events.editions}
    counted: Counter[tuple[str, ...]] = Counter()
    for edition in table.editions:
        other = theirs.get((edition.year, edition.part), ())
        counted += sources(merge({"table": edition.nominations, "events": other}))

    assert sum(n for said_by, n in counted.items() if "table" in said_by) == 12_137
    assert counted["events",] == 27
