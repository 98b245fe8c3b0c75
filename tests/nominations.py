"""Nominations tables made of an invented world: its films, and the people of their credits."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cinegraph.records.movie import CreditKind, MovieRecord
from cinegraph.sandbox import World
from cinegraph.sources.providers.oscars_table.table import COLUMNS

ACTING, DIRECTING = "ACTRESS IN A LEADING ROLE", "DIRECTING"


def write_table(file: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows, cells by the names of columns, as the table has them."""
    lines = ["\t".join(row.get(name, "") for name in COLUMNS) for row in rows]
    file.write_text("\n".join(("\t".join(COLUMNS), *lines)) + "\n")
    return file


def ceremony_rows(
    world: World,
    movies: Iterable[MovieRecord],
    *,
    ceremony: int = 96,
    winner: int | None = 0,
) -> list[dict[str, str]]:
    """
    Return two nominations a film: of its first actor and of its director, as far as it has them.

    Args:
        winner: Which of the films wins; None: the night has not come.
    """
    rows = []
    for number, movie in enumerate(movies):
        star = next((c for c in movie.credits if c.kind is CreditKind.CAST), None)
        director = next((c for c in movie.credits if c.job == "Director"), None)
        for category, kind, credit in (
            (ACTING, "Acting", star),
            (DIRECTING, "Directing", director),
        ):
            if credit is None:
                continue
            person = world.person(credit.person_tmdb_id)
            assert person is not None
            rows.append(
                {
                    "Ceremony": str(ceremony),
                    "Year": str(ceremony + 1927),
                    "Class": kind,
                    "CanonicalCategory": category,
                    "Category": category,
                    "Film": movie.title,
                    "FilmId": movie.imdb_id or "?",
                    "Name": person.name,
                    "Nominees": person.name,
                    "NomineeIds": world.people.imdb_id(person.tmdb_id) or "?",
                    "Winner": "True" if number == winner else "",
                    "Detail": "Herself" if kind == "Acting" else "",
                }
            )
    return rows


def nominated_films(world: World, count: int) -> list[MovieRecord]:
    """Return films of the world that have an IMDb id, a cast and a director, the most popular first."""
    found: list[MovieRecord] = []
    for page in range(1, 50):
        for tmdb_id in world.list_ids("popular", page):
            movie = world.movie(tmdb_id)
            assert movie is not None
            is_new = all(one.tmdb_id != tmdb_id for one in found)
            jobs = {credit.job for credit in movie.credits}
            if movie.imdb_id and is_new and "Director" in jobs and len(jobs) > 1:
                found.append(movie)
            if len(found) == count:
                return found
    raise AssertionError("the world is too small")
