"""A table of one's own: what a row says, and that a bad one costs only itself."""

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.own.statements import OwnFile
from cinegraph.sources.providers.own.table import read_table

HEADER = "year;category;film;imdb_id;characters;nominees;nominee_ids;role;winner;songs"


def read(*lines: str, header: str = HEADER) -> OwnFile:
    """Read a table of these rows."""
    return read_table("\n".join((header, *lines, "")).encode())


def only(*lines: str, header: str = HEADER) -> NominationStatement:
    """Return the only nomination of a table."""
    [edition] = read(*lines, header=header).editions
    [nomination] = edition.nominations
    return nomination


def reasons(*lines: str, header: str = HEADER) -> list[str]:
    """Return what is remarked about a row that stands between two good ones, which both count."""
    table = read("2024;A;One", *lines, "2024;A;Two", header=header)
    titles = [each.films[0].title for each in table.editions[0].nominations]
    assert (titles[0], titles[-1]) == ("One", "Two")
    return [f"{each.line}: {each.reason}" for each in table.remarks]


def test_a_row_says_what_was_nominated_for_what() -> None:
    """Several films, each with its character; a pen name of two people; a company."""
    nomination = only(
        "2024;Actor;The Noose|The Kid;tt0019217|;Nickie|Kid;R. B.|Jaynes|Warner;"
        "nm0001932|nm0001053,nm0001054|co0002663;Lead||;YES;La|Lo"
    )

    assert nomination == NominationStatement(
        category="Actor",
        canonical_category="Actor",
        films=(
            FilmStatement("The Noose", "tt0019217", ("Nickie",)),
            FilmStatement("The Kid", None, ("Kid",)),
        ),
        nominees=(
            NomineeStatement("R. B.", NomineeKind.PERSON, ("nm0001932",), "Lead"),
            NomineeStatement("Jaynes", NomineeKind.PERSON, ("nm0001053", "nm0001054")),
            NomineeStatement("Warner", NomineeKind.COMPANY, ("co0002663",)),
        ),
        is_winner=True,
        songs=("La", "Lo"),
    )


def test_one_film_has_all_characters_and_one_role_is_that_of_all() -> None:
    """What cannot be meant otherwise need not be repeated."""
    nomination = only("2024;Actor;A;;Jekyll|Hyde;B|C;;Producer;;")

    assert nomination.films == (FilmStatement("A", None, ("Jekyll", "Hyde")),)
    assert [each.role for each in nomination.nominees] == ["Producer", "Producer"]


@pytest.mark.parametrize(
    ("written", "is_winner"),
    [
        *((each, True) for each in ("true", "TRUE", "yes", "1", "x", "X")),
        *((each, False) for each in ("false", "No", "0")),
        ("", None),
    ],
)
def test_whether_it_won(written: str, is_winner: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    """Empty is not told: nobody has lost by it."""
    assert only(f"2024;A;B;;;;;;{written};").is_winner is is_winner


def test_editions_are_told_apart_by_year_and_part() -> None:
    """In any order; the number may stand in one row alone."""
    table = read(
        "1930,,2,A,One",
        "1930,2,,A,Two",
        "1929,1,,A,Three",
        "1930,3,2,A,Four",
        header="year,edition,part,category,film",
    )

    told = [(e.year, e.part, e.number, len(e.nominations)) for e in table.editions]
    assert told == [(1930, 2, 3, 2), (1930, 1, 2, 1), (1929, 1, 1, 1)]
    assert not any(edition.is_partial for edition in table.editions)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_names_of_columns_in_any_case_and_order(delimiter: str) -> None:
    """Blanks around them, blank lines and rows, and what spreadsheets leave behind at the end do not matter."""
    lines = (
        "",
        delimiter.join((" Film", "YEAR ", '"Category"', "", "")),
        delimiter * 4,
        "",
        delimiter.join(('"A ""B"", C; D"', "2024", "E", "", "")),
    )
    [edition] = read_table("\r\n".join(lines).encode("utf-8-sig")).editions

    [nomination] = edition.nominations
    assert (nomination.category, nomination.films[0].title) == ("E", 'A "B", C; D')


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("2024;;B", "it has no category"),
        (";A;B", "it has no year"),
        ("24;A;B", "'24' is no year"),
        ("1879;A;B", "1879 is not between 1880 and 2100"),
        ("2101;A;B", "2101 is not between"),
        ("2024;A", "it names no film, no nominees"),
        ("2024;A;;tt1", "names no film, no nominees, songs, country or note; 'tt1' is"),
        ("2024;A;B;tt0000001|tt0000002", "film has 1, imdb_id 2"),
        ("2024;A;B|C;tt0000001", "film has 2, imdb_id 1"),
        ("2024;A;B|C;;X", "film has 2, characters 1"),
        ("2024;A;;;X;N", "it names characters, but no film"),
        ("2024;A;B||C", "film 2 has neither a title nor an id"),
        ("2024;A;B;;;;nm0000001", "nominees has 0, nominee_ids 1"),
        ("2024;A;B;;;N|M|O;;a|b", "nominees has 3, roles 2"),
        ("2024;A;B;;;;;a", "it has a role, but no nominees"),
        ("2024;A;B;;;N||O", "nominee 2 has no name"),
        ("2024;A;B;;;;;;;;surplus", "11 fields, there are 10 columns"),
        ('2024;A;"B" C', "it is no CSV (';' expected after '\"'): close every quote"),
        ("2024;A;B\0", "the character '\\x00', which cannot be stored"),
    ],
)
def test_a_bad_row_costs_only_itself(bad: str, reason: str) -> None:
    """It is told with its line; what it would have said is not gone, so that the edition is shown in part."""
    [told] = reasons(bad)

    assert told.startswith("3: ")
    assert reason in told
    assert all(each.is_partial for each in read("2024;A;One", bad).editions)


def test_numbers_of_editions_have_to_agree() -> None:
    """Which of two is right nobody can know."""
    table = read(
        "2024,96,A,B",
        "2024,95,A,C",
        "2024,0,A,D",
        "2024,97,A,E",
        header="year,edition,category,film",
    )

    [edition] = table.editions
    assert (edition.number, len(edition.nominations)) == (96, 1)
    told = [each.reason for each in table.remarks]
    assert "edition 95 of 2024, but line 2 says 96" in told[0]
    assert "edition '0' is no number from 1 to 999" in told[1]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("2024;A;B;tt12", "'tt12' is no IMDb id of a film, tt and 7 to 9 digits:"),
        (
            "2024;A;B;693134",
            "'693134' is no IMDb id of a film, tt and 7 to 9 digits (i",
        ),
        ("2024;A;B;;;N;tt0000001", "'tt0000001' is no IMDb id of a nominee, nm or co"),
        ("2024;A;B;;;;;;maybe", "winner 'maybe' is none of true, false"),
        ("2024;A;One", "the same as line 2: it counts once"),
    ],
)
def test_what_is_wrong_beside_a_nomination_costs_only_itself(
    bad: str, reason: str
) -> None:
    """The nomination counts, and the edition is whole."""
    [told] = reasons(bad)
    [edition] = read("2024;A;One", bad).editions

    assert told.startswith("3: ")
    assert reason in told
    assert not edition.is_partial
    last = edition.nominations[-1]
    assert [film.imdb_id for film in last.films] == [None]
    assert all(nominee.imdb_ids == () for nominee in last.nominees)
    assert last.is_winner is None


def test_a_film_whose_only_id_is_wrong_is_left_out() -> None:
    """Its nominee stays."""
    [_, nomination] = read("2024;A;One", "2024;A;;tt12;;N").editions[0].nominations

    assert nomination.films == ()
    assert [nominee.name for nominee in nomination.nominees] == ["N"]


def test_a_row_over_several_lines_is_told_by_its_first() -> None:
    """As an editor shows it."""
    told = reasons('2024;A;"B\nC";tt1', "2024;A;D;tt2")

    assert [each[:8] for each in told] == ["3: 'tt1'", "5: 'tt2'"]


def test_a_quote_that_is_never_closed_is_told_where_it_opens() -> None:
    """What stands before it counts."""
    table = read("2024;A;One", '2024;A;"Two', "2024;A;Three")

    assert len(table.editions[0].nominations) == 1
    [remark] = table.remarks
    assert (remark.line, "close every quote" in remark.reason) == (3, True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf \n", "it is empty"),
        (b"<!DOCTYPE html>", "web page"),
        (b",,,\n", "does not name the columns"),
        (b"2024,Palme d'Or,Anora,tt28607951", "put a line such as year,category"),
        (b"year,category,film\n", "no row: write a nomination in each line"),
        (b"year,film\n2024,A", "lacks the columns category: add them"),
        (b"film,nominees\nA,B", "lacks the columns year, category"),
        (b"yaer,category\n2024,A", "'yaer' \\(did you mean 'year'\\?\\)"),
        (b"year,category,movie\n", "unknown columns: 'movie'; columns are year, ed"),
        (b"year,category,,film\n", "column 3 has no name: give it one"),
        (b"year,category,Tmdb_Id\n", "'tmdb_id' \\(TMDB's ids are not read: give IMDb"),
        (b"year,Year,category\n", "stand there twice: year; remove"),
        (b"year,category,role,roles\n", "stand there twice: role and roles"),
        (b'year,category,"film\n', "the names of its columns cannot be read"),
        (b"year,category,film\n2024,A,\xe9", "line 2 is not written in UTF-8"),
        ("year\tcategory\n".encode("utf-16"), "it is UTF-16: save it as UTF-8"),
        (b"year,category,film\n24,A,B\n25,A,B", "no nomination .*: line 2: '24' is"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(body: bytes, reason: str) -> None:
    """Nothing of it counts, and the reason says what to do."""
    with pytest.raises(UndecodableError, match=reason):
        read_table(body)
