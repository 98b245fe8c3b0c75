"""What the imitation writes is what the reader reads."""

from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.oscars_table.sandbox import table_body
from cinegraph.sources.providers.oscars_table.table import read_table

_EDITION = EditionStatement(
    number=96,
    year=2024,
    eligibility="2023",
    nominations=(
        NominationStatement(
            category="ACTRESS",
            canonical_category="ACTRESS IN A LEADING ROLE",
            category_class="Acting",
            films=(FilmStatement('The "Last" Film', "tt0000007", ("Aunt May",)),),
            nominees=(
                NomineeStatement("Ada Quill", NomineeKind.PERSON, ("nm0000009",)),
            ),
            is_winner=True,
            credit="Ada Quill",
        ),
        NominationStatement(
            category="MUSIC (Original Song)",
            canonical_category="MUSIC (Original Song)",
            category_class="Music",
            films=(FilmStatement("Été", None),),
            nominees=(
                NomineeStatement("Bob Quill", role="Music"),
                NomineeStatement(
                    "Cy Quill", NomineeKind.PERSON, ("nm0000001", "nm0000002"), "Lyric"
                ),
            ),
            is_winner=False,
            credit="Music by Bob Quill; Lyric by Cy Quill",
            songs=("Song",),
        ),
    ),
)


def test_a_table_says_the_editions_it_was_written_of() -> None:
    """Quotes, unknown ids, pen names, characters and songs too."""
    table = read_table(table_body([_EDITION]))

    assert table.editions == (_EDITION,)
    assert table.unreadable == ()


def test_rows_are_short() -> None:
    """Empty cells at the end of a row are left out, as in the real table."""
    header, *rows, end = table_body([_EDITION]).decode().split("\n")

    assert end == ""
    assert max(row.count("\t") for row in rows) < header.count("\t")
