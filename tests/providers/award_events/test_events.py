"""Files of awards' events: what they say, and that a bad part costs only itself."""

import re
from pathlib import Path

import pytest

from cinegraph.errors import UndecodableError
from cinegraph.records.awards import FilmStatement
from cinegraph.sources.providers.award_events import events
from cinegraph.sources.providers.award_events.events import EventFile, read_event

FILE = """\
# An event
'2027': {}  # announced
'2026': # https://www.imdb.com/event/ev0000147/2026/1/
  palme d'or:
    palme d'or:
      nominee: [tt0000001, tt0000002]
      winner: [tt0000002]
    no winner named:
      nominee: [tt0000003]
      winner: []
1930-2:
  oscar:
    best picture:
      winner: [tt0000004]
"""


def read(text: str) -> EventFile:
    """Read a file with this text."""
    return read_event(text.encode())


def test_editions_awards_and_categories() -> None:
    """A winner is a nominee; where none is named nobody has lost; a year may have two editions."""
    told = read(FILE)

    assert told.unreadable == ()
    assert [(e.year, e.part, len(e.nominations)) for e in told.editions] == [
        (2027, 1, 0),
        (2026, 1, 3),
        (1930, 2, 1),
    ]
    first, second, third = told.editions[1].nominations
    assert (first.category_class, first.category) == ("palme d'or", "palme d'or")
    assert first.films == (FilmStatement("", "tt0000001"),)
    assert [n.is_winner for n in (first, second, third)] == [False, True, None]
    assert told.editions[2].nominations[0].is_winner is True


def test_what_stands_there_twice_is_kept() -> None:
    """A reader that makes a mapping of it loses one of the two without a word."""
    told = read(
        "'1930':\n  oscar:\n    a:\n      nominee: [tt0000001]\n"
        "'1930':\n  oscar:\n    b:\n      nominee: [tt0000002]\n    b:\n      nominee: [tt0000003]\n"
    )

    films = [n.films[0].imdb_id for e in told.editions for n in e.nominations]
    assert films == ["tt0000001", "tt0000002", "tt0000003"]


@pytest.mark.parametrize(
    ("bad", "line", "reason"),
    [
        ("soon:\n  a: {b: {nominee: [tt0000009]}}", 1, "'soon' is no edition"),
        (
            "'2020':\n  a:\n    b:\n      nominee: [nm0000001]",
            4,
            "no IMDb id of a title",
        ),
        (
            "'2020':\n  a:\n    b:\n      nominee: tt0000001",
            4,
            "a list of titles was expected",
        ),
        (
            "'2020':\n  a:\n    b:\n      losers: [tt0000001]",
            4,
            "neither nominees nor winners",
        ),
        ("'2020':\n  a: soon", 2, "an award was expected, not 'soon'"),
        ("'2020': [tt0000001]", 1, "an edition was expected"),
    ],
)
def test_a_bad_part_costs_only_itself(bad: str, line: int, reason: str) -> None:
    """It is told with its line, the rest counts."""
    told = read(f"{bad}\n'2026':\n  a:\n    b:\n      nominee: [tt0000007]\n")

    [unreadable] = told.unreadable
    assert unreadable.line == line
    assert reason in unreadable.reason
    films = [n.films[0].imdb_id for e in told.editions for n in e.nominations]
    assert films == ["tt0000007"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"'2026': {a: {b: {nominee: [tt0000001", "is the file cut"),
        (b"- tt0000001", "holds no editions"),
        (b"# nothing\n", "holds no editions"),
        (b"event_ids: [ev0000003]", "none of its keys"),
        (b"\xff\xfe\x00\x01", "no YAML|holds no editions"),
        (b"? " * 5_000, "no YAML|none of its keys"),
    ],
)
def test_what_is_no_event_is_refused_whole(body: bytes, reason: str) -> None:
    """With what it is instead."""
    with pytest.raises(UndecodableError, match=reason):
        read_event(body)


def test_a_file_that_multiplies_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aliases may name a list a thousand times."""
    monkeypatch.setattr(events, "MOST_NOMINATIONS", 1_000)
    many = "".join(f"    c{i}: *l\n" for i in range(1_000))
    text = f"'2026':\n  a:\n    b: &l {{nominee: [tt0000001, tt0000002]}}\n{many}"

    with pytest.raises(UndecodableError, match="more than 1,000 titles"):
        read(text)


def test_nothing_is_made_of_what_a_file_asks_for() -> None:
    """A tag that would run code is text in the wrong place."""
    told = read("'2026': !!python/object/apply:os.system ['true']\n")

    assert told.editions[0].nominations == ()


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("event", "editions"),
    [
        ("ev0000003", 99),
        ("ev0000123", 78),
        ("ev0000147", 80),
        ("ev0000468", 37),
        ("ev0000631", 44),
    ],
)
def test_recorded_files_whole(recorded_data: Path, event: str, editions: int) -> None:
    """As many nominations and winners as a search for the lists counts."""
    body = (recorded_data / f"awards/imdb_events/{event}.yml").read_bytes()
    counted = {
        name: sum(
            len(found.split(","))
            for found in re.findall(
                rf"^ +{name}: \[(.+)\]", body.decode(), re.MULTILINE
            )
        )
        for name in ("nominee", "winner")
    }

    told = read_event(body)

    assert told.unreadable == ()
    assert len(told.editions) == editions
    said = [n for edition in told.editions for n in edition.nominations]
    assert len(said) == counted["nominee"]
    assert sum(n.is_winner is True for n in said) == counted["winner"]
