"""What bodies of lists say: tables, JSON, exports, and what only looks like one."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.enrichment.lists.columns import Entry
from cinegraph.enrichment.lists.reading import (
    MOST_FILMS,
    EmptyListError,
    ListFile,
    UnreadableListError,
    read_list,
)
from cinegraph.enrichment.lists.rows import MOST_ROWS, Row

FILM = "tt0000941"


def read(body: str | bytes, *, is_ranked: bool = False) -> ListFile:
    """Read a body, written as text where that does."""
    raw = body.encode() if isinstance(body, str) else body
    return read_list(raw, is_ranked=is_ranked)


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("position,imdb_id,title,year", f"3,{FILM},A,1941"),
        ("rank,Const,Name,Year", f"3,{FILM},A,1941"),
        ("critic_rank,IMDb ID,Title,release_year", f"3.,{FILM},A,1941"),
        ("#;tconst;Film;Release Date", f"#3;{FILM};A;1941-05-01"),
        (
            "Pos\timdb\tTitle\tYear",
            f"=3\thttps://www.imdb.com/title/{FILM}/\tA\t1941",
        ),
        ("Rank|imdbId|Movie|Year", "3|941|A|1941"),
        (
            "URL,Rank,Title,Year",
            f"https://www.imdb.com/title/{FILM}/?ref=x,3,A,1941",
        ),
        ("id,rank,title,year", f"{FILM},3,A,1941"),
    ],
)
def test_columns_are_called_many_things(heading: str, row: str) -> None:
    """Each says the same film at the same place."""
    assert read(f"{heading}\n{row}\n").entries == (
        Entry(position=3, imdb_id=FILM, title="A", year=1941),
    )


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("tmdb_id", "15"),
        ("tmdbId,imdbId", "15,"),
        ("TMDb ID,Title", "15.0,"),
        ("tmdb_link,x", "https://www.themoviedb.org/movie/15-a-film,"),
    ],
)
def test_tmdb_ids_are_read(heading: str, row: str) -> None:
    """As numbers, as spreadsheets write them, within an address."""
    [entry] = read(f"{heading},rank\n{row},1\n").entries

    assert (entry.tmdb_id, entry.imdb_id) == (15, None)


def test_the_year_of_an_induction_is_no_year_of_a_film() -> None:
    """A column of another name is another thing."""
    [entry] = read(f'[{{"year_inducted": "1989", "imdb_id": "{FILM}"}}]').entries

    assert entry == Entry(imdb_id=FILM)


LETTERBOXD = """Letterboxd list export v7
Date,Name,Tags,URL,Description
2021-11-06,Ours,"best, again",https://boxd.it/1,"A list,
over two lines."

Position,Name,Year,URL,Description
1,A Film,1980,https://boxd.it/2,
2,"Other, The",1979,https://boxd.it/3,"two
lines"
3,,,https://boxd.it/4,
"""


def test_an_export_of_letterboxd_names_titles() -> None:
    """What stands before the films is passed over, and lines are counted as an editor does."""
    told = read(LETTERBOXD)

    assert [(e.position, e.title, e.year, e.key) for e in told.entries] == [
        (1, "A Film", 1980, "a film (1980)"),
        (2, "Other, The", 1979, "the other (1979)"),
    ]
    assert told.remarks == ("line 10: it has neither an id nor a title",)
    assert not told.is_whole


IMDB = (
    "Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,"
    "Genres,Num Votes,Release Date,Directors\r\n"
    f'1,{FILM},2024-01-05,2024-01-05,,A,B,https://www.imdb.com/title/{FILM}/,Movie,9,1,1941,"D,X",1,1942-01-01,F\r\n'
)


@pytest.mark.parametrize(
    "body",
    [
        IMDB.encode(),
        IMDB.encode("utf-8-sig"),
        IMDB.encode("utf-16"),
        gzip.compress(IMDB.encode()),
        gzip.compress(IMDB.encode()[:99]) + gzip.compress(IMDB.encode()[99:]),
        IMDB.replace("A,B", "A\0,B").encode(),
    ],
    ids=["plain", "bom", "utf-16", "gzip", "gzip of two", "nul"],
)
def test_an_export_of_imdb_is_read_however_it_is_written(body: bytes) -> None:
    """The year is the film's, not that of a release somewhere."""
    assert read(body).entries == (
        Entry(position=1, imdb_id=FILM, title="A", year=1941),
    )


def test_windows_1252_is_guessed_and_told() -> None:
    """A title with an accent is better than none."""
    told = read(f"imdb_id,title\n{FILM},Café\n".encode("cp1252"))

    assert told.entries[0].title == "Café"
    assert told.remarks == ("line 2 is not UTF-8: the file is read as Windows-1252",)
    assert told.is_whole


@pytest.mark.parametrize(
    "body",
    [
        '[{"imdb_id": "tt0000001"}, {"tmdb_id": 2}]',
        '{"items": [{"imdb_id": "tt0000001"}, {"tmdb_id": 2}]}',
        '{"name": "x", "whatever": [{"imdb": "tt0000001"}, {"tmdb": "2"}]}',
        '{"imdb_id": "tt0000001"}\n{"tmdb_id": 2}\n',
        '["tt0000001", 2]',
        '[{"ids": {"imdb": "tt0000001"}}, {"ids": {"tmdb": 2}}]',
    ],
)
def test_json_comes_in_many_shapes(body: str) -> None:
    """A list, a list within, an object a line, bare ids, nested ids."""
    first, second = read(body).entries

    assert (first.imdb_id, second.tmdb_id) == ("tt0000001", 2)


def test_series_at_tmdb_are_no_films() -> None:
    """Their numbers are those of other films; they are counted."""
    told = read(
        '{"items": [{"id": 7, "media_type": "movie", "title": "A", "release_date": "1999-01-01"},'
        ' {"id": 8, "media_type": "tv", "name": "B"}]}'
    )

    assert told.entries == (Entry(tmdb_id=7, title="A", year=1999),)
    assert told.others == 1


def test_a_number_of_unknown_make_is_no_id() -> None:
    """A row with a title is found by that; one without says what the column should be called."""
    assert read("id,title,year\n7,A,1999\n").entries == (Entry(title="A", year=1999),)
    with pytest.raises(UnreadableListError, match="to be called tmdb_id"):
        read("id,year\n7,1999\n")


@pytest.mark.parametrize(
    "body",
    [
        "nr.;Kennung;Titel\n1;tt0000001;A\n2;tt0000002;B\n",
        "1,tt0000001,A\n2,tt0000002,B\n",
        "Top films of ours\n\nPlatz\tID bei IMDb\tTitel\n1\ttt0000001\tA\n2\ttt0000002\tB\n",
        '[{"kennung": "tt0000001"}, {"kennung": "tt0000002"}]',
        "title,year,kennung\nA,1990,tt0000001\nB,1991,tt0000002\n",
    ],
)
def test_imdb_ids_are_known_by_their_looks(body: str) -> None:
    """Whatever their column is called, and where none is named."""
    assert [e.imdb_id for e in read(body).entries] == ["tt0000001", "tt0000002"]


def test_one_id_a_line_is_a_list() -> None:
    """Without any heading."""
    told = read("tt0000001\n\ntt0000002\nnonsense\n")

    assert [entry.imdb_id for entry in told.entries] == ["tt0000001", "tt0000002"]
    assert told.remarks == ("line 4: 'nonsense' is no id of a film",)


def test_bad_rows_are_told_and_the_rest_is_taken() -> None:
    """With line and column; a film that is named again counts once, at its first place."""
    told = read(
        "rank,imdb_id,title\n1,tt0000001,A\n2,nm0000002,B\n3,tt1,A again\n4,tt0000004,C\n"
    )

    assert [(e.position, e.imdb_id) for e in told.entries] == [
        (1, "tt0000001"),
        (4, "tt0000004"),
    ]
    assert told.remarks == ("line 3: column imdb_id: 'nm0000002' is no IMDb id",)
    assert (told.bad, told.twice) == (1, 1)


def test_a_bad_id_beside_a_good_one_is_passed_over() -> None:
    """The film is known all the same."""
    [entry] = read("imdb_id,tmdb_id\nN/A,7\n").entries

    assert entry.tmdb_id == 7


def test_the_order_is_the_rank_where_it_is_one() -> None:
    """Only of ranked lists, and only where no column says so."""
    body = '["tt0000002", "tt0000001"]'

    assert [e.position for e in read(body, is_ranked=True).entries] == [1, 2]
    assert [e.position for e in read(body).entries] == [None, None]


# What the tests are called has the bytes in it, and all processes must call them the same: no time in the archives.
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!doctype html><p>Log in", "a web page"),
        (b'[{"imdb_id": "tt0000001"}, {"imd', "broken or cut JSON at line 1"),
        (b'{"status_code": 34}', "JSON without a list"),
        (b"PK\x03\x04nonsense", "a zip archive or a spreadsheet"),
        (b"\x1f\x8bnonsense", "broken gzip"),
        (gzip.compress(IMDB.encode(), mtime=0)[:-9], "the gzip is cut"),
        (b"one,two\n1,2\n", "no line names a column"),
        (
            gzip.compress(b"imdb_id\n", mtime=0)
            + gzip.compress(FILM.encode(), mtime=0)[:-9],
            "is cut",
        ),
        (
            b"tmdb_id\nhttps://www.themoviedb.org/movie/" + b"9" * 5000,
            "is no id of a film at TMDB",
        ),
        (b"imdb_id\nx\ny\ntt0000001\n", "2 of 3 rows name no film"),
        (
            b"imdb_id\n" + b"".join(b"tt%07d\n" % n for n in range(1, MOST_FILMS + 2)),
            "a list holds at most",
        ),
    ],
)
def test_what_is_no_list_is_refused(body: bytes, reason: str) -> None:
    """With what it was taken for."""
    with pytest.raises(UnreadableListError, match=reason):
        read(body)


@pytest.mark.parametrize(
    "body", [b"", b"\xef\xbb\xbf \r\n", b"[]", b'{"items": []}', b"imdb_id,title\n"]
)
def test_a_list_of_nothing_is_told_apart(body: bytes) -> None:
    """It may be private."""
    with pytest.raises(EmptyListError):
        read(body)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.lists(
            st.sampled_from(
                [
                    "imdb_id",
                    "tt0000001",
                    ",",
                    ";",
                    "\n",
                    '"',
                    "[",
                    "{",
                    "}",
                    "]",
                    ":",
                    "7",
                ]
            ),
            max_size=40,
        ).map(lambda parts: "".join(parts).encode()),
    ),
    st.booleans(),
)
def test_any_bytes_are_a_list_or_refused(body: bytes, is_ranked: bool) -> None:  # noqa: FBT001
    """Never another error, and every entry can be told from the others."""
    try:
        told = read_list(body, is_ranked=is_ranked)
    except (UnreadableListError, EmptyListError):
        return

    assert told.entries
    assert len({entry.key for entry in told.entries}) == len(told.entries)


def test_a_field_without_an_end_is_no_list() -> None:
    """A quotation mark that is never closed swallows the file."""
    with pytest.raises(UnreadableListError):
        read('imdb_id,title\ntt0000001,"' + "x" * 200_000)


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "films", "titled"),
    [
        ("1001_movies.json", 1001, 0),
        ("tspdt_1000_2024.csv", 1000, 0),
        ("national_film_registry_imdb_ids.json", 991, 0),
        ("sight_and_sound_2022_ids_derived.json", 264, 16),
    ],
)
def test_recorded_lists_are_read_whole(
    recorded_data: Path, name: str, films: int, titled: int
) -> None:
    """Counted independently; the last names some films by title alone."""
    told = read((recorded_data / "lists" / name).read_bytes())

    assert (len(told.entries), told.bad, told.twice) == (films, 0, 0)
    assert sum(entry.imdb_id is None for entry in told.entries) == titled


@pytest.mark.parametrize(
    ("written", "position"),
    [("5", 5), ("#5", 5), ("5.", 5), ("=5", 5), ("1,000", 1000), ("-5", None)],
)
def test_places_are_read_as_people_write_them(
    written: str, position: int | None
) -> None:
    """There is none below 1."""
    told = read(f'position,imdb_id\n"{written}",{FILM}\n'.encode())

    assert [one.position for one in told.entries] == [position]


@pytest.mark.parametrize("written", ["-5", "#-5", " \N{MINUS SIGN}5", "(-5)"])
def test_a_place_below_zero_is_a_complaint(written: str) -> None:
    """With its line and column; the film is taken, without a place, and the list is whole."""
    told = read(f"position,imdb_id\n1,tt0000001\n{written},{FILM}\n".encode())

    assert [one.position for one in told.entries] == [1, None]
    assert told.remarks == (
        f"line 3: column position: {written.strip()!r} is no place, the film is taken without one",
    )
    assert told.is_whole


@pytest.mark.parametrize(
    "body",
    [
        b"imdb_id\n" + b"tt0000001\n" * 2 * MOST_ROWS,
        b"tt0000001\n" * 2 * MOST_ROWS,
        b"[" + b"1," * 2 * MOST_ROWS + b"1]",
        b'{"tmdb_id":1}\n' * 2 * MOST_ROWS,
    ],
    ids=["table", "bare", "JSON", "JSON lines"],
)
def test_of_too_many_rows_no_further_one_is_read(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body of the largest size may have millions; each of them may name a film, and even the same."""
    read_rows = 0

    def count(_: Row) -> Entry:
        nonlocal read_rows
        read_rows += 1
        return Entry(imdb_id=FILM)

    monkeypatch.setattr(Row, "read", count)

    with pytest.raises(UnreadableListError, match=f"more than {MOST_ROWS:,} rows"):
        read(body)

    assert read_rows == MOST_ROWS
