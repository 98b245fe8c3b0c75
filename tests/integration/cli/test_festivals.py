"""Festivals: files in, tables that fit, and mistakes that say what to do."""

import gzip
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import DeadlockDetected

from cinegraph.api import awarding
from cinegraph.festivals.stating import store_stated
from cinegraph.festivals.storing import StoredEdition
from cinegraph.sources.providers.oscars_table.table import COLUMNS
from polling import PATIENCE_SECONDS

from .conftest import CONTROL_CODES, Cli, Inside


def row(category: str, film: str, nominee: str, *, won: str = "", **cells: str) -> str:
    """Return a row of the nominations table."""
    told = {
        "Ceremony": "96",
        "Year": "2023",
        "Class": "Acting",
        "CanonicalCategory": category,
        "Category": category,
        "Film": film,
        "FilmId": f"tt{len(film):07d}",
        "Name": nominee,
        "Nominees": nominee,
        "Winner": won,
    } | cells
    return "\t".join(told.get(name, "") for name in COLUMNS)


ROWS = (
    row("ACTRESS", "A [red]Film", "Ann One", Detail="Mary", won="True"),
    row("ACTRESS", "Another", "Bea Two"),
    row("MUSIC (Original Song)", "Sing", "Cé Three", Class="Music", Detail="La"),
    row("ACTRESS", "Old", "Dee Four", Ceremony="95", Year="2022", won="True"),
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a nominations table of two ceremonies, gzipped."""
    file = tmp_path / "oscars.csv.gz"
    text = "\n".join(("\t".join(COLUMNS), *ROWS, "96\t2023", ""))
    file.write_bytes(gzip.compress(text.encode()))
    return file


def test_a_file_is_stored_and_shown(inside: Inside, table: Path) -> None:
    """What cannot be read is told, the rest counts; a second time changes nothing."""
    first = inside("festivals", "import", "oscars", "--file", str(table))
    again = inside("festivals", "import", "oscars", "--file", str(table), "--json")

    assert (first.code, first.out) == (0, "")
    assert "2 editions, 4 nominations, 4 new, 0 changed" in first.err
    assert "not read: line 6: it has no Class" in first.err
    assert again.json["new"] == again.json["changed"] == 0
    assert len(again.json["unreadable"]) == 1

    shown = inside("festivals", "show", "oscars", "2024")
    assert shown.code == 0
    assert max(map(len, shown.out.splitlines())) <= 80
    assert not CONTROL_CODES.search(shown.out)
    assert "★  A [red]Film" in shown.out
    assert "Ann One as Mary" in shown.out
    assert "Sing: “La”" in shown.out
    [first_shown, *_] = inside("festivals", "show", "oscars", "2024", "--json").json
    assert first_shown["is_winner"] is True
    assert first_shown["films"][0]["title"] == "A [red]Film"


def test_an_edition_that_met_a_deadlock_is_stored(
    inside: Inside, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Films are stored meanwhile, and lock in another order; the server ends one of both."""
    tries = 0

    async def store_at_last(*arguments: Any, **facts: Any) -> StoredEdition:
        nonlocal tries
        tries += 1
        stored = await store_stated(*arguments, **facts)
        if tries == 1:
            raise DeadlockDetected
        return stored

    monkeypatch.setattr(awarding, "store_stated", store_at_last)

    done = inside("festivals", "import", "oscars", "--file", str(table))

    assert (done.code, tries) == (0, 3)
    assert "2 editions, 4 nominations, 4 new, 0 changed" in done.err


def test_the_newest_edition_is_told(inside: Inside, tmp_path: Path) -> None:
    """Which it was is known once the source was read: the calendar's guess is put right."""
    file = tmp_path / "oscars.csv"
    file.write_text("\n".join(("\t".join(COLUMNS), *ROWS, "")))

    done = inside(
        *("festivals", "import", "oscars", "--wait", "--json"),
        CINEGRAPH_OSCARS_URL=str(file),
    )

    assert done.code == 0, done.err
    assert (done.json["year"], done.json["run"]["state"]) == (2024, "completed")
    shown = inside("runs", "show", str(done.json["run_id"]))
    assert "oscars newest awards" in shown.out
    assert "oscars 2024: 3 competitive nominations" in (
        inside(
            *("festivals", "import", "oscars", "--wait"),
            CINEGRAPH_OSCARS_URL=str(file),
        ).out
    )


def test_the_list_fits_and_says_what_is_known(inside: Inside, table: Path) -> None:
    """Every festival, also those of which nothing is known yet: an edition that is only asked for does not count."""
    inside("festivals", "import", "oscars", "--file", str(table), "--year", "2024")
    inside("festivals", "import", "cannes", "--year", "2024")

    listed = inside("festivals", "list")
    told = {each["key"]: each for each in inside("festivals", "list", "--json").json}

    lines = listed.out.splitlines()
    assert max(map(len, lines)) <= 80
    # What commands take is whole; a name that is cut says so.
    for key, each in told.items():
        [line] = [line for line in lines if line.startswith(f"{key} ")]
        shown = line.split("–")[-1].split("%")[-1].strip()
        assert shown == each["name"] or shown.endswith("…")
    assert (told["oscars"]["editions"], told["oscars"]["nominations"]) == (1, 3)
    assert told["cannes"]["editions"] == 0


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["show", "oscar", "2024"], "no festival 'oscar'", "Did you mean 'oscars'?"),
        (
            ["show", "oscars", "1933"],
            "nothing is known of oscars 1933",
            "festivals import oscars --year 1933 --wait",
        ),
        (["show", "academy awards", "2024"], "no festival", "Did you mean 'oscars'?"),
        (["unresolved", "oskar"], "no festival 'oskar'", "Did you mean 'oscars'?"),
        (
            ["unresolved", "oscars", "--year", "1931"],
            "nothing is known of oscars 1931",
            "festivals import oscars --year 1931 --wait",
        ),
        (
            ["import", "oscars", "--year", "1800"],
            "no edition was held in 1800",
            "from 1880 to 2100",
        ),
        (
            ["import", "cannes", "--source", "oscars_table"],
            "'oscars_table' has nothing of cannes",
            "Leave --source out",
        ),
        (
            ["import", "oscars", "--file", "ev0000147.yml"],
            "of another festival (ev0000147) than oscars (ev0000003)",
            "festivals list",
        ),
        (
            ["import", "oscars", "--file", "none.csv"],
            "none.csv cannot be read",
            "Give a file",
        ),
        (
            ["import", "cannes", "--file", "oscars.csv.gz"],
            "of another festival (ev0000003) than cannes (ev0000147)",
            "festivals list",
        ),
        (
            ["import", "oscars", "--file", "oscars.csv.gz", "--year", "1933"],
            "no edition held in 1933",
            "It has 2, from 2023 to 2024",
        ),
        (
            ["import", "oscars", "--file", "text.txt"],
            "no file of awards that can be read",
            "oscars.csv",
        ),
        (
            ["import", "oscars", "--file", "damaged.gz"],
            "broken gzip",
            "Fetch or save it again",
        ),
        (
            ["import", "cannes", "--file", "mine.csv"],
            "unknown columns: 'flim' (did you mean 'film'?)",
            "a CSV or JSON of your own",
        ),
        (
            ["import", "cannes", "--file", "announced.yml", "--year", "2027"],
            "no edition held in 2027",
            "none with nominations",
        ),
        (
            ["import", "oscars", "--file", "cut.gz"],
            "broken gzip",
            "Fetch or save it again",
        ),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_mistake_says_what_to_do(
    inside: Inside, tmp_path: Path, arguments: list[str], error: str, hint: str
) -> None:
    """And changes nothing."""
    (tmp_path / "text.txt").write_text("Hello.")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"Hello." * 99)[:-12])
    damaged = bytearray(gzip.compress(bytes(range(256)) * 9))
    damaged[10] ^= 0xFF
    (tmp_path / "damaged.gz").write_bytes(damaged)
    (tmp_path / "mine.csv").write_text("year,category,flim\n2024,A,B\n")
    (tmp_path / "ev0000147.yml").write_text("'2027': {}\n")
    (tmp_path / "announced.yml").write_text("'2027': {}\n")
    given = [str(tmp_path / each) if "." in each else each for each in arguments]

    done = inside("festivals", *given)

    assert done.code == 2
    assert error in done.err.replace("\n", " ")
    assert hint in done.err.replace("\n", " ")
    assert inside("festivals", "list", "--json").json[0]["editions"] == 0


def test_a_shrunken_list_is_not_believed(
    inside: Inside, table: Path, tmp_path: Path
) -> None:
    """What was there stays, and the command fails."""
    inside("festivals", "import", "oscars", "--file", str(table))
    few = tmp_path / "few.csv"
    few.write_text("\n".join(("\t".join(COLUMNS), ROWS[2], "")))

    done = inside("festivals", "import", "oscars", "--file", str(few))

    assert done.code == 1
    assert "says 1 nominations of 2024, it said 3: not believed" in done.err
    assert len(inside("festivals", "show", "oscars", "2024", "--json").json) == 3


def test_a_file_of_ones_own_is_believed_first(
    inside: Inside, table: Path, tmp_path: Path
) -> None:
    """Where it tells nothing the other source does; a wrong id is told, and the same as JSON changes nothing."""
    inside("festivals", "import", "oscars", "--file", str(table), "--year", "2024")
    rows = tmp_path / "mine.csv"
    rows.write_text(
        "year,category,film,imdb_id,nominees,characters,winner\n"
        "2024,ACTRESS,A [red]Film,tt0000011,Ann One,Mary,no\n"
        "2024,ACTRESS,Another,tt0000007,Bea Two,,yes\n"
        "2024,MUSIC (Original Song),Sing,tt0000004,,,\n"
        "2024,ACTRESS,Third,tt3,Cid Three,,no\n"
    )
    document = tmp_path / "mine.json"
    document.write_text(
        """{"year": 2024, "nominations": [
        {"category": "ACTRESS", "winner": false, "nominees": ["Ann One"],
         "films": [{"title": "A [red]Film", "imdb_id": "tt0000011", "characters": ["Mary"]}]},
        {"category": "ACTRESS", "winner": true, "nominees": ["Bea Two"], "film": "Another", "imdb_id": "tt0000007"},
        {"category": "MUSIC (Original Song)", "film": "Sing", "imdb_id": "tt0000004"},
        {"category": "ACTRESS", "winner": false, "nominees": ["Cid Three"], "film": "Third"}
        ]}"""
    )

    first = inside("festivals", "import", "oscars", "--file", str(rows))
    again = inside("festivals", "import", "oscars", "--file", str(document), "--json")

    assert first.code == 0
    assert "1 edition, 4 nominations, 1 new" in first.err
    assert "(source: own)" in first.err
    assert "not read: line 5: 'tt3' is no IMDb id of a film" in first.err
    assert again.json["new"] == again.json["changed"] == 0
    shown = inside("festivals", "show", "oscars", "2024", "--json").json
    won = {each["films"][0]["title"]: each["is_winner"] for each in shown}
    assert won == {
        "A [red]Film": False,
        "Another": True,
        "Third": False,
        "Sing": False,
    }


def test_what_a_file_takes_back_is_told(inside: Inside, tmp_path: Path) -> None:
    """A cut file of one's own is not refused: it says what it took back, and the whole one brings it again."""
    rows = [f"2024,Golden Lion,Film {number},\n" for number in range(5)]
    file = tmp_path / "mine.csv"
    file.write_text("year,category,film,winner\n" + "".join(rows))
    arguments = ("festivals", "import", "venice", "--file", str(file), "--no-fetch")
    inside(*arguments)

    file.write_text("year,category,film,winner\n" + rows[0])
    cut = inside(*arguments)
    file.write_text("year,category,film,winner\n" + "".join(rows))
    whole = inside(*arguments)

    assert "1 nomination, 0 new, 0 changed, 4 withdrawn" in cut.err
    assert "5 nominations, 4 new, 0 changed (source" in whole.err


def test_a_part_that_is_not_there_names_those_that_are(
    inside: Inside, table: Path
) -> None:
    """Not that nothing was imported."""
    inside("festivals", "import", "oscars", "--file", str(table), "--no-fetch")

    done = inside("festivals", "show", "oscars", "2024", "--part", "2")

    assert done.code == 2
    assert "Parts of 2024: 1." in done.err


def test_what_was_decided_is_seen(inside: Inside, table: Path) -> None:
    """Beside the reference, which commands take."""
    inside("festivals", "import", "oscars", "--file", str(table), "--no-fetch")
    [first, *_] = inside("festivals", "show", "oscars", "2024", "--json").json
    reference = f"{first['id']}f1"

    locked = inside("festivals", "lock", reference)

    assert f"{reference} (A [red]Film) stays as it is: not linked" in locked.err
    shown = " ".join(
        inside("festivals", "show", "oscars", "2024", "--refs").out.split()
    )
    assert f"[{reference}: not linked, locked]" in shown
    assert f"[{first['id']}p1: not linked]" in shown


def test_a_source_is_taken_back(inside: Inside, table: Path, tmp_path: Path) -> None:
    """It shows what would go, and asks; who cannot be asked has to say yes beforehand."""
    inside("festivals", "import", "oscars", "--file", str(table), "--no-fetch")
    mine = tmp_path / "mine.csv"
    rows = "".join(f"2024,Prize {number},Film {number}\n" for number in range(7))
    mine.write_text(f"year,category,film\n{rows}")
    inside("festivals", "import", "oscars", "--file", str(mine), "--no-fetch")
    arguments = ("festivals", "withdraw", "oscars", "--source", "own")

    asked = inside(*arguments)
    unknown = inside("festivals", "withdraw", "oscars", "--source", "imdb", "--yes")
    kept = len(inside("festivals", "show", "oscars", "2024", "--json").json)
    done = inside(*arguments, "--year", "2024", "--yes", "--json")

    assert asked.code == 2
    assert "Prize 0" in asked.out
    assert "… 2 more" in asked.out
    assert "7 statements of 1 edition; 7 nominations that nobody else says" in asked.err
    assert "--yes" in asked.err
    assert unknown.code == 2
    assert "Sources that do: oscars_table, own." in unknown.err
    assert kept == 10
    assert (done.code, done.json["gone"], done.json["statements"]) == (0, 7, 7)
    assert len(inside("festivals", "show", "oscars", "2024", "--json").json) == 3


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("\n", 1)])
def test_a_person_is_asked_before_a_source_is_taken_back(
    cli: Cli, inside: Inside, table: Path, answer: str, code: int
) -> None:
    """Only a yes is one."""
    inside("festivals", "import", "oscars", "--file", str(table), "--no-fetch")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and package
        [
            *(sys.executable, "-m", "cinegraph", "festivals", "withdraw", "oscars"),
            *("--source", "oscars_table"),
        ],
        env=cli.environment,
        cwd=cli.folder,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(ours, answer.encode())

    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    os.close(ours)
    os.close(theirs)

    assert process.returncode == code, err
    assert "A [red]Film" in out
    assert "Take it back? [y/N]" in err
    told = "4 nominations gone" if code == 0 else "nothing was taken back"
    assert told in err
