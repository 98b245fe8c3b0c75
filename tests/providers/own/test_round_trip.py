"""Own files: what is written is read again, whichever way it is written."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.sources.providers.own.document import read_document
from cinegraph.sources.providers.own.table import read_table

from .writing import to_csv, to_json

_KINDS = {"nm": NomineeKind.PERSON, "co": NomineeKind.COMPANY}


def texts(without: str = "") -> st.SearchStrategy[str]:
    """Any text that can be stored and has no blanks around it."""
    characters = st.characters(
        exclude_categories=["Cs"], exclude_characters=f"\0{without}"
    )
    return (
        st.text(characters, min_size=1, max_size=12).map(str.strip).filter(lambda s: s)
    )


def ids(*begins: str) -> st.SearchStrategy[str]:
    """Ids as IMDb makes them."""
    numbers = st.integers(0, 999_999_999).map("{:07d}".format)
    return st.builds(str.__add__, st.sampled_from(begins), numbers)


def nominees(text: st.SearchStrategy[str]) -> st.SearchStrategy[NomineeStatement]:
    """Nominees of the kind that their ids tell."""

    def make(name: str, imdb_ids: list[str], role: str | None) -> NomineeStatement:
        kinds = {_KINDS[each[:2]] for each in imdb_ids}
        kind = kinds.pop() if len(kinds) == 1 else NomineeKind.UNKNOWN
        return NomineeStatement(name, kind, tuple(imdb_ids), role)

    return st.builds(
        make, text, st.lists(ids("nm", "co"), max_size=3), st.none() | text
    )


def films(text: st.SearchStrategy[str]) -> st.SearchStrategy[FilmStatement]:
    """Films with a title, an id or both."""
    characters = st.lists(text, max_size=2).map(tuple)
    return st.builds(
        FilmStatement, text, st.none() | ids("tt"), characters
    ) | st.builds(FilmStatement, st.just(""), ids("tt"), characters)


def nominations(without: str = "") -> st.SearchStrategy[NominationStatement]:
    """Nominations of at least one film, nominee, song, country or note."""
    text = texts(without)
    return st.builds(
        NominationStatement,
        category=text,
        canonical_category=text,
        films=st.lists(films(text), max_size=3).map(tuple),
        nominees=st.lists(nominees(text), max_size=3).map(tuple),
        is_winner=st.sampled_from([True, False, None]),
        songs=st.lists(text, max_size=2).map(tuple),
        country=st.none() | text,
        note=st.none() | text,
    ).filter(
        lambda it: bool(it.films or it.nominees or it.songs or it.country or it.note)
    )


def editions(
    of: st.SearchStrategy[NominationStatement],
) -> st.SearchStrategy[list[EditionStatement]]:
    """Editions with no nomination twice."""
    one = st.builds(
        EditionStatement,
        number=st.none() | st.integers(1, 999),
        year=st.integers(1880, 2100),
        part=st.integers(1, 3),
        nominations=st.lists(of, min_size=1, max_size=4, unique=True).map(tuple),
    )
    return st.lists(
        one, min_size=1, max_size=3, unique_by=lambda it: (it.year, it.part)
    )


def fits_a_row(nomination: NominationStatement) -> bool:
    """Whether a row can say it: of several films each has one character at most."""
    several = len(nomination.films) > 1
    return not (several and any(len(it.characters) > 1 for it in nomination.films))


@given(editions(nominations(without="|").filter(fits_a_row)), st.sampled_from(",;\t"))
def test_a_table_says_what_was_written(
    written: list[EditionStatement], delimiter: str
) -> None:
    """With any separator, quotes, line breaks and all."""
    read = read_table(to_csv(written, delimiter))

    assert list(read.editions) == written
    assert read.remarks == ()


@given(editions(nominations()))
def test_a_document_says_what_was_written(written: list[EditionStatement]) -> None:
    """Also what no row can say."""
    read = read_document(to_json(written))

    assert list(read.editions) == written
    assert read.remarks == ()


@given(editions(nominations(without="|").filter(fits_a_row)), st.data())
def test_a_damaged_file_is_read_or_refused(
    written: list[EditionStatement], data: st.DataObject
) -> None:
    """Whatever bytes are in it, nothing else happens, and what is read can be stored."""
    for whole, read in (
        (to_csv(written, ";"), read_table),
        (to_json(written), read_document),
    ):
        place = data.draw(st.integers(0, len(whole)))
        left_out = data.draw(st.integers(0, 20))
        bytes_ = data.draw(
            st.sampled_from([b'"', b"\0", b"\xff", b"{", b"]", b"\n"]) | st.binary()
        )
        try:
            told = read(whole[:place] + bytes_ + whole[place + left_out :])
        except UndecodableError:
            continue
        assert told.editions
        assert "\\u0000" not in msgspec.json.encode(told.editions).decode()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_does_not_matter(mark: bytes) -> None:
    """Spreadsheets write one."""
    written: Any = [
        EditionStatement(
            number=1,
            year=2024,
            nominations=(
                NominationStatement(
                    category="A", canonical_category="A", songs=("É",), is_winner=None
                ),
            ),
        )
    ]

    assert list(read_table(mark + to_csv(written, ";")).editions) == written
    assert list(read_document(mark + to_json(written)).editions) == written
