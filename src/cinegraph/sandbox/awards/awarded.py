"""A world in which the films and people of a nominations table exist, as imperfectly as at TMDB. No I/O."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cached_property, lru_cache

import msgspec

from cinegraph.records.movie import (
    CreditKind,
    CreditRecord,
    MovieRecord,
    PersonRecord,
    TitleRecord,
)
from cinegraph.records.title import RatedTitleRecord
from cinegraph.sandbox.awards.imperfections import Fate, Imperfections
from cinegraph.sandbox.awards.nominated import Nominated, NominatedFilm, Role
from cinegraph.sandbox.awards.spellings import respell
from cinegraph.sandbox.awards.truth import AwardedTruth, Link
from cinegraph.sandbox.credits import credit_id
from cinegraph.sandbox.films import Birth, Standing
from cinegraph.sandbox.searching import Searchable, fold
from cinegraph.sandbox.world import Truth, World
from cinegraph.sources.providers.oscars_table.table import read_table
from cinegraph.sources.providers.tmdb.sandbox import Life

FIRST_FILM = 40_000_000
FIRST_PERSON = 50_000_000
"""To these the number of IMDb's id is added, which has up to nine digits."""
FIRST_UNKNOWN = 1_050_000_000
"""People whose IMDb id the table does not know, in the order of their names."""
FIRST_NAMESAKE = 1_100_000_000
"""As `FIRST_PERSON`; all ids stay below 2³¹."""
_CREDITS_FROM = 0x300000
"""Numbers of the nominees' credits: no other credit has the same id."""
_KNOWN_RANKS = 10_000
"""Awarded films are as popular as the world's first so many; the very first earn billions and are left out."""
_FIRST_RANK = 3
_YEAR_DAYS = 365
_FILMS_CACHED = 2_000
_KNOWN_FOR = 3
"""TMDB names so many films of a person whom it finds."""
_NAMESAKE_PLACES = (("Crew", "Thanks"), ("Lighting", "Gaffer"))


class AwardedWorld(Truth):
    """
    A seeded world and, on top of it, every film and person whose IMDb id a nominations table names.

    Args:
        world: It loses the IMDb ids that are the table's; a world that goes on is given by its beginning.
        table: In the format of the nominations table.
        shares: How far TMDB does not agree with the table.

    Raises:
        UndecodableError: *table* is no such table.
    """

    def __init__(
        self, world: World, table: bytes, shares: Imperfections | None = None
    ) -> None:
        self.world = world
        self.table = table
        self.shares = shares or Imperfections()
        self.nominated = Nominated.of(read_table(table).editions)
        self._fate = Fate(world.base, self.shares)
        named = self.nominated.names
        unknown = sorted(person for person in named if not _has_id(person))
        self._ids = {
            person: FIRST_PERSON + _number(person)
            for person in named
            if _has_id(person)
        }
        self._ids |= {name: FIRST_UNKNOWN + at for at, name in enumerate(unknown)}
        self._persons = {tmdb_id: person for person, tmdb_id in self._ids.items()}
        self._films = {_film_id(imdb_id): imdb_id for imdb_id in self.nominated.films}
        world.places.claim(self.nominated.films)
        world.people.claim(named)
        self._told = lru_cache(_FILMS_CACHED)(self._make_film)

    def has_film(self, tmdb_id: int) -> bool:
        """Whether the film of a TMDB id is of the table and not missing."""
        imdb_id = self._films.get(tmdb_id)
        return imdb_id is not None and self._is_film(imdb_id)

    def claims(self, imdb_id: str) -> bool:
        """Whether an IMDb id of a film or a person is of the table, whatever TMDB knows of it."""
        return imdb_id in self.nominated.films or imdb_id in self._ids

    def movie(self, tmdb_id: int) -> MovieRecord | None:
        """Give the whole film, or `None` where the id has none."""
        if not self.has_film(tmdb_id):
            return self.world.movie(tmdb_id)
        return self._told(self._films[tmdb_id])

    def tmdb_id_of(self, imdb_id: str) -> int | None:
        """Find the film that has this IMDb id."""
        if imdb_id not in self.nominated.films:
            return self.world.tmdb_id_of(imdb_id)
        return _film_id(imdb_id) if self._is_film(imdb_id) else None

    def imdb_id_of(self, tmdb_id: int) -> str | None:
        """Give the IMDb id of a film that is there."""
        if self.has_film(tmdb_id):
            return self._films[tmdb_id]
        return self.world.imdb_id_of(tmdb_id)

    def show(self, imdb_id: str) -> MovieRecord | None:
        """Give what TMDB keeps as a TV show, under an id of shows."""
        return self._told(imdb_id) if self._is_show(imdb_id) else None

    def title(self, imdb_id: str) -> RatedTitleRecord | None:
        """Give what OMDb says of the film; it holds those that TMDB lacks, too."""
        film = self.nominated.films.get(imdb_id)
        if film is None:
            return self.world.title(imdb_id)
        title = self.world.make_title(self._standing(film))
        return title and msgspec.structs.replace(title, title=film.title)

    def named(self, imdb_id: str) -> MovieRecord | None:
        """Give the film of a title at OMDb."""
        if imdb_id in self.nominated.films:
            return self._told(imdb_id)
        return self.world.named(imdb_id)

    def person(self, tmdb_id: int) -> PersonRecord | None:
        """Give the person as every credit names them."""
        owner = self._persons.get(tmdb_id - FIRST_NAMESAKE + FIRST_PERSON)
        if tmdb_id >= FIRST_NAMESAKE and owner is not None:
            return _namesake(self._invent(owner))
        person = self._persons.get(tmdb_id)
        return self.world.person(tmdb_id) if person is None else self._invent(person)

    def life(self, person: PersonRecord) -> Life:
        """Give what TMDB knows of a person beside what credits tell."""
        life = self.world.people.life(person)
        if person.tmdb_id < FIRST_PERSON:
            return life
        key = self._persons.get(person.tmdb_id, "")
        spelt = (n for n in self.nominated.names.get(key, ()) if n != person.name)
        imdb_id = key if self._is_findable(key) else None
        return msgspec.structs.replace(
            life, imdb_id=imdb_id, also_known_as=tuple(spelt)
        )

    def find_person(self, imdb_id: str) -> PersonRecord | None:
        """Find the person whose page at TMDB names this IMDb id."""
        if imdb_id not in self._ids:
            return self.world.people.find_imdb(imdb_id)
        return self._invent(imdb_id) if self._is_findable(imdb_id) else None

    def known_for(self, tmdb_id: int) -> tuple[MovieRecord, ...]:
        """List up to three films of the table for which a person is known."""
        films = self.nominated.films_of.get(self._persons.get(tmdb_id, ""), ())
        there = filter(self._is_film, films)
        return tuple(self._told(one) for one, _ in zip(there, range(_KNOWN_FOR)))  # noqa: B905 - the shorter counts

    def searchable(self) -> Iterator[Searchable]:
        """List the table's films as a search finds them, by the table's title and by TMDB's."""
        for imdb_id, film in self.nominated.films.items():
            if self._is_film(imdb_id):
                summary = self.world.films.summary(self._standing(film))
                told = (film.title, *self._titles(film, summary))
                titles = frozenset(filter(None, told))
                yield Searchable(
                    summary.tmdb_id, summary.popularity or 0.0, film.year, titles
                )

    @cached_property
    def truth(self) -> AwardedTruth:
        """Where the table's films and people are, and which nominees can be found."""
        films = self.nominated.films
        people = {one: at for one, at in self._ids.items() if _has_id(one)}
        return AwardedTruth(
            films={one: _film_id(one) for one in films if self._is_film(one)},
            shows={one: _film_id(one) for one in films if self._is_show(one)},
            missing=frozenset(filter(self._is_missing, films)),
            people=people,
            findable=frozenset(filter(self._is_findable, people)),
            links={
                (film.imdb_id, role.person): self._link(film, role)
                for film in films.values()
                for role in reversed(film.roles)
                if _has_id(role.person)
            },
        )

    def _link(self, film: NominatedFilm, role: Role) -> Link:
        """Say what can be found out of a nominee; a film's credits are made only where they decide."""
        person, is_film = self._invent(role.person), self._is_film(film.imdb_id)
        is_credited = is_film and self._is_credited(film.imdb_id, role.person)
        is_findable = self._is_findable(role.person)
        has_namesake = is_credited and self._has_namesake(film.imdb_id, role.person)
        if is_credited and not is_findable:
            bearers = self._bearers(self._told(film.imdb_id), role.name)
            has_namesake |= bearers != {person.tmdb_id}
        return Link(
            person_tmdb_id=person.tmdb_id,
            name=role.name,
            is_findable=is_findable,
            is_credited=is_credited,
            is_alias=fold(person.name) != fold(role.name),
            has_namesake=has_namesake,
        )

    def _bearers(self, movie: MovieRecord, name: str) -> set[int]:
        """List who of a film's credits has the name, or had it once."""
        wanted = fold(name)
        return {
            person.tmdb_id
            for person in movie.people
            if wanted in map(fold, (person.name, *self.life(person).also_known_as))
        }

    def _is_missing(self, imdb_id: str) -> bool:
        return self._fate.strikes("film_missing", imdb_id)

    def _is_show(self, imdb_id: str) -> bool:
        is_struck = self._fate.strikes("film_is_show", imdb_id)
        is_named = imdb_id in self.nominated.films
        return is_named and is_struck and not self._is_missing(imdb_id)

    def _is_film(self, imdb_id: str) -> bool:
        return not self._is_missing(imdb_id) and not self._is_show(imdb_id)

    def _is_findable(self, person: str) -> bool:
        is_struck = self._fate.strikes("no_person_imdb_id", person)
        return _has_id(person) and not is_struck

    def _is_credited(self, imdb_id: str, person: str) -> bool:
        return not self._fate.strikes("uncredited", imdb_id, person)

    def _has_namesake(self, imdb_id: str, person: str) -> bool:
        return _has_id(person) and self._fate.strikes("namesake", imdb_id, person)

    def _standing(self, film: NominatedFilm) -> Standing:
        """Give the film a place in the world."""
        draw, world = self._fate.draw, self.world
        ranks = max(min(world.size, _KNOWN_RANKS) - _FIRST_RANK, 1)
        day = int(_YEAR_DAYS * draw("day", film.imdb_id))
        released_on = date(max(film.year, 1), 1, 1) + timedelta(days=day)
        tmdb_id = _film_id(film.imdb_id)
        return Standing(
            tmdb_id=tmdb_id,
            number=tmdb_id,
            imdb_id=film.imdb_id,
            popularity_rank=_FIRST_RANK + int(ranks * draw("fame", film.imdb_id)),
            rating_rank=int(world.size * draw("rating", film.imdb_id)),
            date_rank=world.films.films_ahead,
            birth=Birth(max(world.today, released_on), released_on),
        )

    def _titles(
        self, film: NominatedFilm, invented: MovieRecord
    ) -> tuple[str, str | None]:
        """Give title and original title at TMDB: the table's, or invented ones."""
        if self._fate.strikes("other_title", film.imdb_id):
            return invented.title, invented.original_title
        return film.title, film.title

    def _make_film(self, imdb_id: str) -> MovieRecord:
        """Give a film of the table with everything TMDB has of it."""
        film = self.nominated.films[imdb_id]
        movie = self.world.make_movie(self._standing(film))
        title, original_title = self._titles(film, movie)
        others = movie.alternative_titles
        if film.title != title:
            others += (TitleRecord("US", film.title, ""),)
        movie = msgspec.structs.replace(
            movie,
            title=title,
            original_title=original_title,
            alternative_titles=tuple(dict.fromkeys(others)),
        )
        return _credit(movie, list(self._credits(film)))

    def _credits(
        self, film: NominatedFilm
    ) -> Iterator[tuple[PersonRecord, CreditRecord]]:
        """List the credits of a film's nominees, each once, with their namesakes'."""
        seen: set[tuple[str, str | None, str | None]] = set()
        namesakes = set()
        for role in film.roles:
            did = role.person, role.department, role.job
            if did in seen or not self._is_credited(film.imdb_id, role.person):
                continue
            seen.add(did)
            person = self._invent(role.person)
            yield person, _credit_of(person, role.department, role.job, role.character)
            struck = self._has_namesake(film.imdb_id, role.person)
            if struck and role.person not in namesakes:
                namesakes.add(role.person)
                other = _namesake(person)
                place = _NAMESAKE_PLACES[role.department == _NAMESAKE_PLACES[0][0]]
                yield other, _credit_of(other, *place, None)

    def _invent(self, person: str) -> PersonRecord:
        """Make a person of the table as TMDB's credits name them."""
        name = self.nominated.names[person][0]
        if self._fate.strikes("alias", person):
            name = respell(name, self._fate.draw("spelling", person)) or name
        drawn = self._fate.draw("fame of a person", person)
        return PersonRecord(
            tmdb_id=self._ids[person],
            name=name,
            original_name=name,
            gender=(None, 1, 2)[int(3 * self._fate.draw("gender", person))],
            known_for_department="Acting" if drawn > 0.5 else "Production",  # noqa: PLR2004 - every second
            popularity=round(10 * drawn, 4),
        )


def _credit(
    movie: MovieRecord, nominees: Iterable[tuple[PersonRecord, CreditRecord]]
) -> MovieRecord:
    """Put the nominees' credits before the others, and everyone named into the film's people."""
    known = {person.tmdb_id: person for person in movie.people}
    cast: list[CreditRecord] = []
    crew: list[CreditRecord] = []
    for place, (person, credit) in enumerate(nominees):
        known[person.tmdb_id] = person
        own_id = credit_id(movie.tmdb_id, _CREDITS_FROM + place)
        told = cast if credit.kind is CreditKind.CAST else crew
        told.append(
            msgspec.structs.replace(credit, credit_id=own_id, position=len(told))
        )
    ahead = {CreditKind.CAST: len(cast), CreditKind.CREW: len(crew)}
    for credit in movie.credits:
        told = cast if credit.kind is CreditKind.CAST else crew
        place = (credit.position or 0) + ahead[credit.kind]
        told.append(msgspec.structs.replace(credit, position=place))
    named = dict.fromkeys(credit.person_tmdb_id for credit in (*cast, *crew))
    return msgspec.structs.replace(
        movie, people=tuple(known[one] for one in named), credits=(*cast, *crew)
    )


def _credit_of(
    person: PersonRecord, department: str | None, job: str | None, character: str | None
) -> CreditRecord:
    """Write a credit that has neither id nor place yet."""
    kind = CreditKind.CAST if department is None else CreditKind.CREW
    return CreditRecord("", person.tmdb_id, kind, department, job, character=character)


def _namesake(person: PersonRecord) -> PersonRecord:
    """Give another person of the same name, whose IMDb id nobody knows."""
    tmdb_id = person.tmdb_id - FIRST_PERSON + FIRST_NAMESAKE
    return PersonRecord(tmdb_id, person.name, person.name, popularity=0.6)


def _has_id(person: str) -> bool:
    """Whether a person is named by IMDb's id and not by name alone."""
    return person.startswith("nm") and person[2:].isdecimal()


def _number(imdb_id: str) -> int:
    """Give the number of an IMDb id."""
    return int(imdb_id[2:])


def _film_id(imdb_id: str) -> int:
    """Give TMDB's id of a film of the table."""
    return FIRST_FILM + _number(imdb_id)
