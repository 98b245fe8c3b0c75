"""Cast and crew of the invented films, in real numbers and with real oddities."""

# ruff: noqa: PLR2004 - shares and sizes are the data this module is about

import math
from random import Random

import msgspec

from cinegraph.records.movie import (
    CreditKind,
    CreditRecord,
    MovieRecord,
    PersonRecord,
)
from cinegraph.sandbox import words
from cinegraph.sandbox.dice import dice
from cinegraph.sandbox.people import People
from cinegraph.sandbox.tastes import Lean, Tastes

# Log-normal with the means 28 and 51 and the tails (247, 990) of 7,831 recorded bodies.
_CAST_MEDIAN, _CAST_SPREAD, _CAST_MOST = 20.5, 0.78, 247
_CREW_MEDIAN, _CREW_SPREAD, _CREW_MOST = 25.0, 1.22, 990
_FULL_RANKS = 10_000
"""Films beyond this popularity rank have ever fewer credits."""
_CREW_CREDIT_IDS_FROM = 0x100000
_OWN_SHARE, _OWN_PEOPLE = 0.35, 80
"""Of the credits of a cluster of taste, how many fall on its own few people."""


class Credits:
    """Draws who made a film."""

    def __init__(self, people: People, base: int, tastes: Tastes) -> None:
        self._people = people
        self._tastes = tastes
        self._base = base

    def add(self, movie: MovieRecord, popularity_rank: int) -> MovieRecord:
        """Give the film with its credits and everyone named in them."""
        chance = dice(self._base, 20, movie.tmdb_id)
        lean = self._tastes.lean(popularity_rank)
        size = self._draw_size(chance)
        scale = min(1.0, (_FULL_RANKS / (popularity_rank + 1)) ** 0.35)
        people: dict[int, PersonRecord] = {}
        cast_size = self._count(chance, size, scale, is_cast=True)
        cast = self._cast(movie.tmdb_id, chance, cast_size, people, lean=lean)
        crew_size = self._count(chance, size, scale, is_cast=False)
        crew = self._crew(movie.tmdb_id, chance, crew_size, people, lean=lean)
        return msgspec.structs.replace(
            movie, people=tuple(people.values()), credits=(*cast, *crew)
        )

    @staticmethod
    def _draw_size(chance: Random) -> float:
        """Draw how large a production is, in standard deviations."""
        drawn = math.sqrt(-2 * math.log(1 - chance.random()))
        return drawn * math.cos(math.tau * chance.random())

    def _count(
        self, chance: Random, size: float, scale: float, *, is_cast: bool
    ) -> int:
        """Draw how many credits; cast and crew of a film grow together, not in step."""
        own = 0.8 * size + 0.6 * self._draw_size(chance)
        if is_cast:
            median, spread, most = _CAST_MEDIAN, _CAST_SPREAD, _CAST_MOST
        else:
            median, spread, most = _CREW_MEDIAN, _CREW_SPREAD, _CREW_MOST
        return min(int(median * math.exp(spread * own) * scale), most)

    def _cast(
        self,
        tmdb_id: int,
        chance: Random,
        count: int,
        people: dict[int, PersonRecord],
        *,
        lean: Lean,
    ) -> list[CreditRecord]:
        """Draw the cast in billing order, which has gaps; some play twice."""
        draw, pick, actors = chance.random, self._people.by_number, self._people.actors
        drawn_credits: list[CreditRecord] = []
        position = 0
        person = None
        for index in range(count):
            if person is None or draw() > 0.001:
                place = lean.draw(draw(), 7, share=_OWN_SHARE, own=_OWN_PEOPLE)
                person = pick(int(actors * place**1.4))
            people[person.tmdb_id] = person
            drawn_credits.append(
                CreditRecord(
                    credit_id(tmdb_id, index),
                    person.tmdb_id,
                    CreditKind.CAST,
                    character=self._character(draw(), index),
                    position=position,
                )
            )
            position += 1 if draw() > 0.01 else 2
        return drawn_credits

    @staticmethod
    def _character(drawn: float, index: int) -> str | None:
        """Draw a character: six in a hundred have none, a few are absurdly long."""
        if drawn < 0.06:
            return None
        kind = words.CHARACTERS[int(drawn * 7919) % len(words.CHARACTERS)]
        family = words.FAMILIES[int(drawn * 104_729) % len(words.FAMILIES)]
        if drawn > 0.999:
            return " / ".join(f"{kind} {family} {n}" for n in range(12))[:300].rstrip()
        if drawn > 0.97:
            return 'Himself / "Ol\' \\ Boy" 🎬'
        return f"{kind} {family} (voice)" if index % 9 == 8 else f"{kind} {family}"

    def _crew(
        self,
        tmdb_id: int,
        chance: Random,
        count: int,
        people: dict[int, PersonRecord],
        *,
        lean: Lean,
    ) -> list[CreditRecord]:
        """Draw the crew; some do several jobs, some also act."""
        draw, pick = chance.random, self._people.by_number
        actors, others = self._people.actors, self._people.count - self._people.actors
        drawn_credits: list[CreditRecord] = []
        person = None
        for index in range(count):
            drawn = draw()
            if person is None or drawn > 0.12:
                crossing = drawn > 0.98
                place = lean.draw(draw(), 8, share=_OWN_SHARE, own=_OWN_PEOPLE) ** 1.4
                person = pick(
                    int(actors * place) if crossing else actors + int(others * place)
                )
            people[person.tmdb_id] = person
            department, job = words.JOBS[int(draw() * len(words.JOBS))]
            drawn_credits.append(
                CreditRecord(
                    credit_id(tmdb_id, _CREW_CREDIT_IDS_FROM + index),
                    person.tmdb_id,
                    CreditKind.CREW,
                    department,
                    job,
                    position=index,
                )
            )
        return drawn_credits


def credit_id(tmdb_id: int, index: int) -> str:
    """Name a credit by 24 hexadecimal digits, as TMDB does; no other has the same."""
    return f"52fe{tmdb_id & 0xFFFF:04x}{tmdb_id:08x}{index:08x}"
