"""Where sources contradict each other, and where they only say more or less."""

import pytest

from cinegraph.festivals.disagreeing import SaidOf, find_disagreements
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)


def said(
    source: str,
    *,
    is_winner: bool | None = None,
    film: str | None = None,
    nominees: tuple[str, ...] = (),
    is_shared: bool = False,
) -> SaidOf:
    """Return a statement."""
    return SaidOf(
        source,
        is_shared,
        NominationStatement(
            category="ACTOR",
            canonical_category="ACTOR",
            films=(FilmStatement("A", film),),
            nominees=tuple(
                NomineeStatement("One", imdb_ids=(id_,)) for id_ in nominees
            ),
            is_winner=is_winner,
        ),
    )


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (
            [said("a", is_winner=True), said("b", is_winner=False)],
            ("won: a: yes; b: no",),
        ),
        ([said("a", is_winner=True), said("b")], ()),
        ([said("a", is_winner=True), said("b", is_winner=False, is_shared=True)], ()),
        (
            [said("a", film="tt0000001"), said("b", film="tt0000002"), said("c")],
            ("film: a: tt0000001; b: tt0000002",),
        ),
        (
            [
                said("a", nominees=("nm0000001", "nm0000002")),
                said("b", nominees=("nm0000002",)),
            ],
            (),
        ),
        (
            [said("a", nominees=("nm0000001",)), said("b", nominees=("nm0000003",))],
            ("nominees: a: nm0000001; b: nm0000003",),
        ),
    ],
)
def test_only_contradictions_are_told(
    statements: list[SaidOf], told: tuple[str, ...]
) -> None:
    """What one source leaves out, or tells of several at once, contradicts nobody."""
    assert find_disagreements(statements) == told
