"""The people of the invented world, the same wherever they are named."""

from functools import lru_cache

from cinegraph.records.movie import PersonRecord
from cinegraph.sandbox import words
from cinegraph.sandbox.dice import mix

_ID_STRIDE = 3
"""
Two of three ids name nobody, so that ids and positions cannot be mistaken for each
other.
"""
_PEOPLE_CACHED = 50_000
"""The most often named; about 30 MB, and a third of a film's cost without it."""
_ACTORS_SHARE = 0.45


class People:
    """Everyone of one world; the first are the best known, actors before crew."""

    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self.actors = int(count * _ACTORS_SHARE)
        self._seed = mix(seed ^ 0x9E0917E)
        self.by_number = lru_cache(_PEOPLE_CACHED)(self._invent)

    def find(self, tmdb_id: int) -> PersonRecord | None:
        """Find the person with this id."""
        number = (tmdb_id - 1) // _ID_STRIDE
        if not 0 <= number < self.count:
            return None
        person = self.by_number(number)
        return person if person.tmdb_id == tmdb_id else None

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
