"""A nomination keeps its id: in whatever order sources come, and however they correct themselves."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)
from editions import Archive

EVENTS, SAVED, OWN = "award_events", "imdb", "own"
BELIEVED = (OWN, EVENTS, SAVED)


def said(
    film: str,
    person: str = "",
    category: str = "Actor",
    *,
    ids: tuple[str, str] = ("", ""),
    **facts: Any,
) -> NominationStatement:
    """Return a nomination; *ids* are the film's and the person's."""
    film_id, person_id = ids
    nominee = NomineeStatement(person, imdb_ids=(person_id,) if person_id else ())
    return NominationStatement(
        category=category,
        canonical_category=category,
        films=(FilmStatement(film, film_id or None),),
        nominees=(nominee,) if person else (),
        **facts,
    )


def ids_of(archive: Archive) -> dict[tuple[str, ...], int]:
    """Return ids by whom they are for."""
    return {
        tuple(nominee.name for nominee in view.nominees): id_
        for id_, view in archive.views.items()
    }


TITLES = (said("", ids=("tt0000001", ""), is_winner=True),)
PEOPLE = (
    said("A", "One", ids=("tt0000001", "nm0000001"), is_winner=False),
    said("A", "Two", ids=("tt0000001", "nm0000002"), is_winner=True),
)


@pytest.mark.parametrize("order", [(EVENTS, SAVED), (SAVED, EVENTS)])
def test_titles_alone_and_people_in_any_order(order: Sequence[str]) -> None:
    """The same nominations, the same winner, and each keeps its id when all come again in another order."""
    told = {EVENTS: TITLES, SAVED: PEOPLE}
    archive = Archive(BELIEVED)
    for source in order:
        archive.store(source, told[source])

    views = list(archive.views.values())
    ids = ids_of(archive)

    assert [(v.nominees[0].name, v.is_winner) for v in views] == [
        ("One", False),
        ("Two", True),
    ]
    for again in itertools.permutations((EVENTS, SAVED)):
        for source in again:
            archive.store(source, told[source][::-1])
            assert ids_of(archive) == ids


def test_a_title_that_means_another_nomination_takes_no_id_with_it() -> None:
    """It spoke of both; the first one's people are corrected, and their source says them in another order."""
    archive = Archive(BELIEVED)
    archive.store(SAVED, PEOPLE)
    archive.store(EVENTS, TITLES)
    ids = ids_of(archive)
    corrected = (
        said("A", "Two", ids=("tt0000001", "nm0000002")),
        said("A", "Onne", ids=("tt0000001", "nm0000001")),
    )

    archive.store(SAVED, corrected)

    assert ids_of(archive) == {("Two",): ids["Two",], ("Onne",): ids["One",]}


def test_people_outweigh_titles() -> None:
    """Two equal titles change places when the night has come: the people keep their ids."""
    archive = Archive(BELIEVED)
    people = (said("A", "Two"), said("A", "One"))
    archive.store(SAVED, people)
    archive.store(EVENTS, (said("A"), said("A", is_winner=None)))
    ids = ids_of(archive)

    archive.store(
        SAVED, (said("A", "One", is_winner=True), said("A", "Two", is_winner=False))
    )
    archive.store(EVENTS, (said("A", is_winner=False), said("A", is_winner=True)))

    assert ids_of(archive) == ids


def test_a_category_that_is_called_otherwise_keeps_its_nominations() -> None:
    """By a name that the festival has known already, and by one that nobody has heard."""
    films = ("A", "B", "C")
    for known in ({}, {"best actor": "Actor"}):
        archive = Archive(BELIEVED)
        archive.names |= known
        archive.store(SAVED, [said(film, f"Of {film}") for film in films])
        archive.store(EVENTS, [said("D", category="Other")])
        ids = ids_of(archive)

        archive.store(SAVED, [said(f, f"Of {f}", "Best Actor") for f in films])

        assert ids_of(archive) == ids


def test_categories_that_cannot_be_told_apart_keep_no_ids() -> None:
    """Of two with the same films both are called otherwise: new nominations, rather than exchanged ones."""
    archive = Archive(BELIEVED)
    archive.store(SAVED, [said(f, "", name) for name in ("X", "Y") for f in "AB"])
    before = set(archive.views)

    archive.store(SAVED, [said(f, "", name) for name in ("Ödön", "Bé") for f in "AB"])

    assert before.isdisjoint(archive.views)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((said("A", "One", ids=("tt0000001", "")),), (said("A", "One", ids=("tt0000002", "")),)),
        ((said("A", ids=("tt0000001", "")),), (said("A", ids=("tt0000002", "")),)),
        ((said("A", "One", ids=("", "nm0000001")),), (said("A", "One", ids=("", "nm0000002")),)),
        (
            (said("A", "One", ids=("tt0000001", "nm0000001")),),
            (said("A", "One", ids=("tt0000002", "nm0000002")),),
        ),
    ],
    ids=["film", "film alone", "person", "both"],
)  # fmt: skip
def test_an_id_that_is_corrected_keeps_the_nomination(
    before: tuple[NominationStatement], after: tuple[NominationStatement]
) -> None:
    """Of its only film, or its only nominee, by an equal name; also where a title alone still has the old id."""
    archive = Archive(BELIEVED)
    if before[0].nominees:
        archive.store(EVENTS, [said("", ids=("tt0000001", ""))])
    archive.store(SAVED, before)
    [id_] = {id_ for id_, one in archive.nominations.items() if len(one.said) > 1} or {
        id_ for id_, view in archive.views.items() if view.films[0].title
    }

    archive.store(SAVED, after)

    [kept] = [id_ for id_, view in archive.views.items() if view.films[0].title]
    assert kept == id_


def test_another_film_of_the_same_name_is_another_nomination() -> None:
    """When both are said, each has its own id; when only the other people are, it is new."""
    archive = Archive(BELIEVED)
    first, second = (
        said("A", who, ids=(f"tt000000{n}", "")) for n, who in ((1, "One"), (2, "Two"))
    )
    archive.store(SAVED, [first])
    [id_] = archive.views
    archive.store(SAVED, [second, first])
    ids = ids_of(archive)
    assert ids["One",] == id_

    archive.store(SAVED, [second])

    assert ids_of(archive) == {("Two",): ids["Two",]}
