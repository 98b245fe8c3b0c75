"""Awards of the invented world's own films: three ceremonies of each festival, for a demo. No I/O."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)
from cinegraph.records.movie import CreditKind, CreditRecord, MovieRecord
from cinegraph.sandbox.dice import dice
from cinegraph.sandbox.world import World
from cinegraph.sources.providers.award_events.sandbox import event_body
from cinegraph.sources.providers.oscars_table.sandbox import table_body
from cinegraph.sources.providers.oscars_table.table import year_held

_CEREMONIES = (96, 97, 98)
_NOMINATIONS = 5
_FILMS_A_YEAR = 40
"""The best known of a year, among which the nominees are chosen."""
_MOST_NOMINEES = 2
_WOMAN, _MAN = 1, 2
_CATEGORIES = (
    ("Acting", "ACTOR IN A LEADING ROLE", "", ""),
    ("Acting", "ACTRESS IN A LEADING ROLE", "", ""),
    ("Directing", "DIRECTING", "Director", "{}"),
    ("Writing", "WRITING (Original Screenplay)", "Screenplay", "Written by {}"),
    ("Music", "MUSIC (Original Score)", "Original Music Composer", "{}"),
    ("Production", "CINEMATOGRAPHY", "Director of Photography", "{}"),
    ("Production", "FILM EDITING", "Editor", "{}"),
    ("Title", "BEST PICTURE", "Producer", "{}, Producers"),
)
"""Class and category, the job of its nominees in TMDB's credits (none: the cast), and the line that names them."""
_EVENTS = {
    "ev0000147": (
        0,
        (
            ("palme d'or", "palme d'or"),
            ("grand prize of the festival", "grand prize of the festival"),
            ("best director", "best director"),
            ("un certain regard award", "un certain regard award"),
        ),
    ),
    "ev0000123": (
        1,
        (
            ("bafta film award", "best film"),
            ("bafta film award", "best director"),
            ("bafta film award", "best leading actress"),
            ("bafta film award", "best screenplay (original)"),
        ),
    ),
}
"""Cannes honours films of the same year, the BAFTA those of the year before; award and category."""
EVENT_NAMES = tuple(_EVENTS)


def invent_table(world: World) -> bytes:
    """
    Write the nominations table of ceremonies 96 to 98, held 2024 to 2026: eight categories of five nominations.

    The films are among the best known of the year before, the nominees stand in their credits; one in ten of them has
    `?` for an id. In a world of less than some hundred films categories have fewer, and films of earlier years.
    """
    films = _films_by_year(world)
    return table_body(_ceremony(world, number, films) for number in _CEREMONIES)


def invent_event(world: World, name: str) -> bytes:
    """Write the file of an event of `EVENT_NAMES`: editions of 2024 to 2026, for films of that year or the last."""
    years_before, categories = _EVENTS[name]
    films = _films_by_year(world)
    return event_body(
        EditionStatement(
            number=None,
            year=year_held(number),
            nominations=tuple(
                nomination
                for place, (award, category) in enumerate(categories)
                for nomination in _listed(
                    award,
                    category,
                    _draw(
                        world,
                        _of_year(films, year_held(number) - years_before),
                        number,
                        int(name[2:]) + place,
                    ),
                )
            ),
        )
        for number in _CEREMONIES
    )


def _listed(
    award: str, category: str, films: Iterable[tuple[int, str]]
) -> Iterator[NominationStatement]:
    """Nominate the first films, and let the first win."""
    for place, (_, imdb_id) in enumerate(films):
        if place == _NOMINATIONS:
            return
        yield NominationStatement(
            category=category,
            canonical_category=category,
            category_class=award,
            films=(FilmStatement("", imdb_id),),
            is_winner=place == 0,
        )


@lru_cache(2)
def _films_by_year(world: World) -> dict[int, list[tuple[int, str]]]:
    """List TMDB's and IMDb's ids of the best known released films of each year that is needed, or came before."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    first_year, places, early = year_held(_CEREMONIES[0]) - 1, world.places, 0
    for rank in range(world.films.films_ahead, world.size):
        day = world.films.released_on(rank)
        if day is None or (day.year < first_year and early >= _FILMS_A_YEAR):
            break
        number = places.by_date.at(rank)
        imdb_id = places.imdb_id(number)
        if imdb_id is not None:
            early += day.year <= first_year
            told = places.fame(number), places.id_of(number), imdb_id
            found.setdefault(day.year, []).append(told)
    return {
        year: [film[1:] for film in sorted(films)[:_FILMS_A_YEAR]]
        for year, films in found.items()
    }


def _of_year(
    films: dict[int, list[tuple[int, str]]], year: int
) -> list[tuple[int, str]]:
    """List the films of a *year*, and after them, if they are few, those of the years before."""
    chosen: list[tuple[int, str]] = []
    for other in sorted(films, reverse=True):
        if other <= year and len(chosen) < _FILMS_A_YEAR // 2:
            chosen += films[other]
    return chosen


def _draw(
    world: World, films: list[tuple[int, str]], *places: int
) -> list[tuple[int, str]]:
    """Shuffle the films for a category of a ceremony."""
    shuffled = list(films)
    dice(world.base, 0xA3A2D, *places).shuffle(shuffled)
    return shuffled


def _ceremony(
    world: World, number: int, films: dict[int, list[tuple[int, str]]]
) -> EditionStatement:
    """Hold a ceremony."""
    year = year_held(number)
    chosen = _of_year(films, year - 1)
    movies = {
        tmdb_id: movie
        for tmdb_id, _ in chosen
        if (movie := world.movie(tmdb_id)) is not None
    }
    nominations: list[NominationStatement] = []
    for place, category in enumerate(_CATEGORIES):
        shuffled = _draw(world, chosen, number, place)
        drawn = [movies[tmdb_id] for tmdb_id, _ in shuffled]
        nominations += _category(world, category, drawn)
    return EditionStatement(
        number=number,
        year=year,
        eligibility=str(year - 1),
        nominations=tuple(nominations),
    )


def _category(
    world: World, category: tuple[str, str, str, str], movies: Iterable[MovieRecord]
) -> list[NominationStatement]:
    """Nominate the first five films that credit somebody for it; the first wins."""
    kind, name, job, line = category
    found: list[NominationStatement] = []
    for movie in movies:
        credits_ = _nominated(movie, name, job)
        if not credits_ or len(found) == _NOMINATIONS:
            continue
        people = {person.tmdb_id: person.name for person in movie.people}
        names = dict.fromkeys(people[credit.person_tmdb_id] for credit in credits_)
        characters = [credit.character for credit in credits_ if credit.character]
        film = FilmStatement(movie.title, movie.imdb_id, tuple(characters))
        found.append(
            NominationStatement(
                category=name,
                canonical_category=name,
                category_class=kind,
                films=(film,),
                nominees=tuple(
                    _nominee(world, credit, people[credit.person_tmdb_id])
                    for credit in credits_
                ),
                is_winner=not found,
                credit=line.format(" & ".join(names)) or " & ".join(names),
            )
        )
    return found


def _nominated(movie: MovieRecord, category: str, job: str) -> list[CreditRecord]:
    """List the credits of a film for which a category honours: an actor's, or up to two of a job."""
    if job:
        done = [credit for credit in movie.credits if credit.job == job]
        once = {credit.person_tmdb_id: credit for credit in reversed(done)}
        return list(reversed(once.values()))[:_MOST_NOMINEES]
    wanted = _WOMAN if category.startswith("ACTRESS") else _MAN
    genders = {person.tmdb_id: person.gender for person in movie.people}
    return [
        credit
        for credit in movie.credits
        if credit.kind is CreditKind.CAST
        and credit.character
        and "|" not in credit.character
        and genders[credit.person_tmdb_id] == wanted
    ][:1]


def _nominee(world: World, credit: CreditRecord, name: str) -> NomineeStatement:
    imdb_id = world.people.imdb_id(credit.person_tmdb_id)
    return NomineeStatement(
        name=name,
        kind=NomineeKind.PERSON if imdb_id else NomineeKind.UNKNOWN,
        imdb_ids=(imdb_id,) if imdb_id else (),
    )
