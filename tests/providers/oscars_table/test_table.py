"""The nominations table: what a row says, and that a bad one costs only itself."""

from itertools import groupby
from pathlib import Path

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.oscars_table.table import (
    COLUMNS,
    Table,
    read_table,
    year_held,
)

HEADER = "\t".join(COLUMNS)


def line(**cells: str) -> str:
    """Return a row of ceremony 96 with *cells*, and without the empty ones at its end."""
    given = {
        "Ceremony": "96",
        "Year": "2023",
        "Class": "Title",
        "CanonicalCategory": "BEST PICTURE",
        "Category": "BEST PICTURE",
    }
    return "\t".join((given | cells).get(name, "") for name in COLUMNS).rstrip("\t")


def read(*lines: str) -> Table:
    """Read a table of these rows."""
    return read_table("\n".join((HEADER, *lines, "")).encode())


def only(*lines: str) -> NominationStatement:
    """Return the only nomination of a table."""
    [edition] = read(*lines).editions
    [nomination] = edition.nominations
    return nomination


def test_a_row_says_what_was_nominated_for_what() -> None:
    """Several films, each with its character; the night's result."""
    nomination = only(
        line(
            Class="Acting",
            CanonicalCategory="ACTOR IN A LEADING ROLE",
            Category="ACTOR",
            Film="The Noose|The Kid",
            FilmId="tt0019217|tt0018253",
            Name="Richard Barthelmess",
            Nominees="Richard Barthelmess",
            NomineeIds="nm0001932",
            Winner="True",
            Detail="Nickie|Kid",
        )
    )

    assert (nomination.category, nomination.canonical_category) == (
        "ACTOR",
        "ACTOR IN A LEADING ROLE",
    )
    assert nomination.films == (
        FilmStatement("The Noose", "tt0019217", ("Nickie",)),
        FilmStatement("The Kid", "tt0018253", ("Kid",)),
    )
    assert nomination.nominees == (
        NomineeStatement("Richard Barthelmess", NomineeKind.PERSON, ("nm0001932",)),
    )
    assert nomination.is_winner is True


def test_two_characters_in_one_film_are_both_there() -> None:
    """The bar parts them, there is one film."""
    nomination = only(
        line(Class="Acting", Film="A", FilmId="tt0000001", Detail="Jekyll|Hyde")
    )

    assert nomination.films == (FilmStatement("A", "tt0000001", ("Jekyll", "Hyde")),)


@pytest.mark.parametrize(
    ("credit", "names", "roles"),
    [
        (
            "Art Direction: Roger Ford; Set Decoration: Kerrie Brown, John McCarthy, Jr.",
            "Roger Ford|Kerrie Brown|John McCarthy Jr.",
            ["Art Direction", "Set Decoration", "Set Decoration"],
        ),
        (
            "Music by Michael Gore; Lyric by Dean Pitchford",
            "Michael Gore|Dean Pitchford",
            ["Music", "Lyric"],
        ),
        ("Music and Lyric by Diane Warren", "Diane Warren", ["Music and Lyric"]),
        ("A One and B Two, Producers", "A One|B Two", ["Producers", "Producers"]),
        ("Screenplay by A One; Story by A One", "A One", ["Screenplay, Story"]),
        (
            "A One; Ballet Photography by B Two",
            "A One|B Two",
            [None, "Ballet Photography"],
        ),
        ("Ernest Haller", "Ernest Haller", [None]),
        ("", "Nobody", [None]),
    ],
)
def test_roles_are_in_the_line_that_names_the_nominees(
    credit: str, names: str, roles: list[str | None]
) -> None:
    """In the Academy's words."""
    nominees = only(line(Name=credit, Nominees=names)).nominees

    assert [nominee.role for nominee in nominees] == roles


def test_unknown_ids_and_pen_names() -> None:
    """A question mark is no id; one name may be two people; a company is none."""
    nomination = only(
        line(
            Nominees="A|Roderick Jaynes|Warner Bros.|D",
            NomineeIds="?|nm0001053,nm0001054|co0002663",
        )
    )

    assert [(n.kind.value, n.imdb_ids) for n in nomination.nominees] == [
        ("unknown", ()),
        ("person", ("nm0001053", "nm0001054")),
        ("company", ("co0002663",)),
        ("unknown", ()),
    ]


def test_songs_countries_and_subjects() -> None:
    """What the field for details means hangs on the category."""
    song = only(
        line(CanonicalCategory="MUSIC (Original Song)", Detail="What Was I Made For?")
    )
    foreign = only(line(CanonicalCategory="INTERNATIONAL FEATURE FILM", Name="Italy"))
    science = only(line(Class="SciTech", Detail="Sound", Citation='To \\"X\\"'))

    assert song.songs == ("What Was I Made For?",)
    assert foreign.country == "Italy"
    assert (science.subject, science.citation) == ("Sound", 'To "X"')


def test_before_the_night_nobody_has_won_or_lost() -> None:
    """An edition without a winner is one whose night has not come."""
    before = read(line(Film="A"), line(Film="B"))
    after = read(line(Film="A", Winner="True"), line(Film="B"))

    assert [n.is_winner for n in before.editions[0].nominations] == [None, None]
    assert [n.is_winner for n in after.editions[0].nominations] == [True, False]


def test_editions_are_not_years() -> None:
    """Two in 1930, none in 1933."""
    years = [year_held(number) for number in range(1, 99)]

    assert years[:7] == [1929, 1930, 1930, 1931, 1932, 1934, 1935]
    assert years[-1] == 2026
    assert 1933 not in years


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("96\t2023\tTitle", "no CanonicalCategory: is the file cut"),
        (line(Ceremony="x"), "'x' is no number of a ceremony"),
        (line(Ceremony="0"), "'0' is no number of a ceremony"),
        (line(Year="23"), "'23' is no year"),
        (line() + "\t" * 20 + "x", "columns, there are 14"),
    ],
)
def test_a_bad_row_costs_only_itself(bad: str, reason: str) -> None:
    """It is told with its line, the others count."""
    table = read(line(Film="A"), bad, line(Film="B"))

    assert [n.films[0].title for n in table.editions[0].nominations] == ["A", "B"]
    [unreadable] = table.unreadable
    assert unreadable.line == 3
    assert reason in unreadable.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"Ceremony,Year,Class\n1,2,3", "lacks the columns"),
        (HEADER.replace("\tWinner", "").encode(), "lacks the columns Winner"),
        (b"\xff\xfe\x00", "no UTF-8"),
        (b"\x1f\x8b\x08\x00", "no UTF-8"),
    ],
)
def test_what_is_not_the_table_is_refused_whole(body: bytes, reason: str) -> None:
    """Nothing of it counts, and the reason says what it is instead."""
    with pytest.raises(UndecodableError, match=reason):
        read_table(body)


def test_other_columns_and_line_ends_do_not_matter() -> None:
    """A new column, another order, a byte order mark, Windows' line ends."""
    names = ["New", *reversed(COLUMNS)]
    cells = dict(zip(COLUMNS, line(Film="A", Winner="True").split("\t"), strict=False))
    row = "\t".join(cells.get(name, "") for name in names)
    body = "\r\n".join(("\t".join(names), row, "")).encode("utf-8-sig")

    [edition] = read_table(body).editions

    assert [film.title for film in edition.nominations[0].films] == ["A"]
    assert edition.nominations[0].is_winner is True


@pytest.mark.recorded
def test_the_recorded_table_whole(recorded_data: Path) -> None:
    """Equal to what a few lines without this reader count."""
    body = (recorded_data / "awards/oscars.csv").read_bytes()
    rows = [row.split("\t") for row in body.decode().splitlines()[1:]]

    table = read_table(body)

    assert table.unreadable == ()
    assert len(table.editions) == 98
    said = [n for edition in table.editions for n in edition.nominations]
    assert len(said) == len(rows) == 12_137
    for edition, (number, group) in zip(
        table.editions, groupby(rows, key=lambda row: row[0]), strict=True
    ):
        own = list(group)
        assert edition.number == int(number)
        assert edition.eligibility == own[0][1]
        assert [n.category for n in edition.nominations] == [row[4] for row in own]
        won = [len(row) > 10 and row[10] == "True" for row in own]
        assert [n.is_winner for n in edition.nominations] == won
    films = {film.imdb_id for n in said for film in n.films if film.imdb_id}
    assert len(films) == 5_264
    names = sum(len(row[8].split("|")) for row in rows if len(row) > 8 and row[8])
    assert sum(len(n.nominees) for n in said) == names
    ids = {i for n in said for nominee in n.nominees for i in nominee.imdb_ids}
    given = {
        each
        for row in rows
        if len(row) > 9
        for part in row[9].split("|")
        for each in part.split(",")
    }
    assert ids == given - {"", "?"}


@pytest.mark.recorded
def test_the_ceremony_of_2024(recorded_data: Path) -> None:
    """120 competitive nominations in 23 categories for 53 films; 140 in 27 with the others."""
    table = read_table((recorded_data / "awards/oscars.csv").read_bytes())
    [edition] = [each for each in table.editions if each.year == 2024]

    competitive = [
        n for n in edition.nominations if n.category_class not in {"SciTech", "Special"}
    ]

    assert len(competitive) == 120
    assert len({n.category for n in competitive}) == 23
    assert len({film.imdb_id for n in competitive for film in n.films}) == 53
    assert len(edition.nominations) == 140
    assert len({n.category for n in edition.nominations}) == 27
