"""Who of a film's credits a nominee is."""

import gzip
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from cinegraph.festivals.credits import CAST, Credited, Match, find_person
from cinegraph.sources.providers.oscars_table.table import read_table
from cinegraph.sources.providers.tmdb.payloads import decode_movie
from cinegraph.sources.providers.tmdb.transform import to_record

CREDITS = (
    Credited(1, "Robert Downey Jr.", CAST),
    Credited(2, "Hoyte van Hoytema", "Camera"),
    Credited(3, "Ludwig Göransson", "Sound"),
    Credited(4, "John Smith", CAST),
    Credited(5, "John Smith", "Camera"),
    Credited(6, "Emma Thomas", "Production"),
    Credited(7, "Zsuzsa Mihalek", "Crew"),
)


def found(name: str, what_for: str) -> int | None:
    """Return who is found."""
    match = find_person(name, what_for, CREDITS)
    return match.found.person_id if match.found else None


@pytest.mark.parametrize(
    ("name", "what_for", "expected"),
    [
        ("Robert Downey, Jr.", "ACTOR IN A SUPPORTING ROLE", 1),
        ("Ludwig Goransson", "MUSIC (Original Score)", 3),
        ("Hoyte Van Hoytema", "CINEMATOGRAPHY", 2),
        ("Emma Thomas", "Producers", 6),
        # In another department than one expects.
        ("Zsuzsa Mihalek", "Set Decoration", 7),
        # The department tells namesakes apart.
        ("John Smith", "ACTOR IN A LEADING ROLE", 4),
        ("John Smith", "CINEMATOGRAPHY", 5),
        # A spelling that differs a little, in the right place.
        ("Ludwig Göranson", "MUSIC (Original Score)", 3),
    ],
)
def test_a_nominee_is_found(name: str, what_for: str, expected: int) -> None:
    """By name and place."""
    assert found(name, what_for) == expected


def test_every_stage_can_win() -> None:
    """An exact name of any department does; so does a similar one of the right one."""
    exact = find_person("Emma Thomas", "CINEMATOGRAPHY", CREDITS)
    similar = find_person("Emma Tomas", "Producer", CREDITS)

    assert exact.found is not None
    assert similar.found is not None
    assert exact.found.score < 1
    assert similar.found.score < 1


@pytest.mark.parametrize(
    ("name", "what_for", "reason", "shown"),
    [
        ("Nobody Else", "DIRECTING", "nobody of that name", 0),
        ("John Smith", "Humanitarian", "several people of that name", 2),
        ("Roberta Downing", "ACTRESS", "the nearest name", 1),
    ],
)
def test_what_is_not_sure_is_for_a_person(
    name: str, what_for: str, reason: str, shown: int
) -> None:
    """With a reason, and who it may be."""
    match = find_person(name, what_for, CREDITS)

    assert match.found is None
    assert match.reason.startswith(reason)
    assert len(match.candidates) >= shown


def test_a_film_without_credits_has_nobody() -> None:
    """It will be looked at again when they come."""
    assert find_person("A", "B", ()) == Match(
        None, (), "nobody of that name is in the film's credits"
    )


class Named(msgspec.Struct):
    """The one thing that says whether a body is looked at: decoding all of them whole takes longest."""

    imdb_id: str | None = None


_named = msgspec.json.Decoder(Named).decode


@pytest.mark.recorded
def test_recorded_nominees_in_recorded_credits(recorded_data: Path) -> None:
    """How many nominees with an IMDb id of a person are found in the credits of the recorded films."""
    table = read_table((recorded_data / "awards/oscars.csv").read_bytes())
    wanted: dict[str, list[tuple[str, str]]] = {}
    for edition in table.editions:
        for n in edition.nominations:
            for film in n.films:
                for one in n.nominees:
                    if one.imdb_ids and one.imdb_ids[0].startswith("nm"):
                        what_for = one.role or n.canonical_category
                        wanted.setdefault(film.imdb_id or "", []).append(
                            (one.name, what_for)
                        )
    counted: Counter[str] = Counter()
    with gzip.open(recorded_data / "tmdb/movies.jsonl.gz") as lines:
        for line in lines:
            imdb_id = _named(line).imdb_id
            if imdb_id not in wanted:
                continue
            record = to_record(decode_movie(line, parts=("credits",)))
            names = {person.tmdb_id: person.name for person in record.people}
            credited = [
                Credited(
                    credit.person_tmdb_id,
                    names[credit.person_tmdb_id],
                    CAST if credit.kind == "cast" else credit.department or "",
                )
                for credit in record.credits
            ]
            for name, what_for in wanted[imdb_id]:
                match = find_person(name, what_for, credited)
                counted["found" if match.found else match.reason[:16]] += 1
    total = sum(counted.values())
    assert total > 3_000
    # The others are not in the recorded credits: sound mixers, song writers, effects of old films.
    assert counted["found"] / total > 0.94, counted
