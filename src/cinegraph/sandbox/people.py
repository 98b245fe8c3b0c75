"""The people of the invented world, the same wherever they are named."""

# ruff: noqa: PLR2004 - shares are the data this module is about

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from cinegraph.records.movie import PersonRecord
from cinegraph.sandbox import words
from cinegraph.sandbox.dice import Shuffle, dice, mix, unit
from cinegraph.sources.providers.tmdb.sandbox import Life

_ID_STRIDE = 3
"""
Two of three ids name nobody, so that ids and positions cannot be mistaken for each
other.
"""
_PEOPLE_CACHED = 50_000
"""The most often named; about 30 MB, and a third of a film's cost without it."""
_ACTORS_SHARE = 0.45
_NO_IMDB_SHARE = 0.1
"""People whose page at TMDB does not name IMDb's."""
_IMDB_PRIME, _LONG_IMDB_PRIME = 9_999_991, 999_999_937
"""The largest primes of seven and of nine digits, as of films."""
_IMDB_ID = re.compile(r"nm(\d{7,9})", re.ASCII)
_FIRST_BIRTH = date(1900, 1, 1)
_BIRTHS_DAYS = 36_500


class People:
    """Everyone of one world; the first are the best known, actors before crew."""

    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self.actors = int(count * _ACTORS_SHARE)
        self._seed = mix(seed ^ 0x9E0917E)
        prime = _IMDB_PRIME if count < _IMDB_PRIME // 2 else _LONG_IMDB_PRIME
        self._imdb = Shuffle(prime, self._seed)
        self._claimed: frozenset[str] = frozenset()
        self.by_number = lru_cache(_PEOPLE_CACHED)(self._invent)

    def find(self, tmdb_id: int) -> PersonRecord | None:
        """Find the person with this id."""
        number = (tmdb_id - 1) // _ID_STRIDE
        if not 0 <= number < self.count:
            return None
        person = self.by_number(number)
        return person if person.tmdb_id == tmdb_id else None

    def claim(self, imdb_ids: Iterable[str]) -> None:
        """Take IMDb ids from the people who have them: they belong to others."""
        self._claimed = frozenset(imdb_ids)

    def imdb_id(self, tmdb_id: int) -> str | None:
        """Give the IMDb id of a person who is there; one in ten has none."""
        number = (tmdb_id - 1) // _ID_STRIDE
        if unit(self._seed, 1, number) < _NO_IMDB_SHARE:
            return None
        imdb_id = f"nm{self._imdb.at(number):07d}"
        return None if imdb_id in self._claimed else imdb_id

    def find_imdb(self, imdb_id: str) -> PersonRecord | None:
        """Find the person who has this IMDb id."""
        found = _IMDB_ID.fullmatch(imdb_id)
        if found is None or int(found[1]) >= self._imdb.size:
            return None
        number = self._imdb.rank(int(found[1]))
        if number >= self.count:
            return None
        person = self.by_number(number)
        return person if self.imdb_id(person.tmdb_id) == imdb_id else None

    def life(self, person: PersonRecord) -> Life:
        """Invent what TMDB knows of a person beside what credits tell; of most little."""
        chance = dice(self._seed, 2, person.tmdb_id)
        draw = chance.random
        names = {person.original_name} - {person.name, None}
        born_on = _FIRST_BIRTH + timedelta(days=int(_BIRTHS_DAYS * draw()))
        died_on = born_on + timedelta(days=int(_BIRTHS_DAYS * (0.5 + 0.5 * draw())))
        is_known, is_dead = draw() < 0.5, died_on < date(2026, 1, 1)
        place = words.PLACES[int(draw() * len(words.PLACES))]
        return Life(
            imdb_id=self.imdb_id(person.tmdb_id),
            also_known_as=tuple(filter(None, names)),
            born_on=born_on if is_known else None,
            died_on=died_on if is_known and is_dead else None,
            birthplace=place if draw() < 0.4 else None,
            biography=f"{person.name} was born in {place}." if draw() < 0.3 else None,
            wikidata_id=f"Q{person.tmdb_id * 11}" if draw() < 0.5 else None,
        )

    def _invent(self, number: int) -> PersonRecord:
        """Make the person of this number."""
        bits = mix(self._seed + number)
        gender = (2, 2, 1, 1, 2, None, 1, 3)[bits & 7] if bits & 0x70 else None
        given = words.WOMEN if gender == 1 else words.MEN
        family = words.FAMILIES[(bits >> 16) % len(words.FAMILIES)]
        name = f"{given[(bits >> 8) % len(given)]} {family}"
        return PersonRecord(
            tmdb_id=1 + number * _ID_STRIDE + (bits >> 24) % _ID_STRIDE,
            name=name,
            original_name=self._original_name(name, bits >> 32),
            gender=gender,
            known_for_department=self._department(number, bits >> 40),
            profile_path=f"/{bits:016x}.jpg" if bits & 0x3000 else None,
            popularity=self._popularity(number, bits >> 44),
        )

    @staticmethod
    def _original_name(name: str, bits: int) -> str:
        """Some are better known by a name in their own script."""
        if bits & 15:
            return name
        return words.NATIVE_PEOPLE[(bits >> 4) % len(words.NATIVE_PEOPLE)]

    def _department(self, number: int, bits: int) -> str:
        """Actors act; the rest do what crews do."""
        if number < self.actors and bits & 31:
            return "Acting"
        return words.JOBS[bits % len(words.JOBS)][0]

    def _popularity(self, number: int, bits: int) -> float:
        """Fame falls with the number, unevenly."""
        place = number if number < self.actors else number - self.actors
        fame: float = 40 / (place + 1) ** 0.4
        return round(fame * (0.5 + (bits & 1023) / 1024), 4)
