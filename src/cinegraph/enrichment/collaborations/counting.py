"""
Who of a film's credits counts as having worked together; pure. The cap and its reason stand here alone (ADR 0034).

All pairs of all credits would say little and cost much: 202 films gave 283,638 pairs in another system. A film counts
for its directors, the cast that is named first, and the crew that shapes it, thirty people at most: 435 pairs. Of 7,831
recorded popular films with 95 credits each, nine in ten have no more than that.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Final

import msgspec

CAST: Final = "cast"
"""The role of who is seen."""
DIRECTOR: Final = "Director"
KEY_CREW: Final = (
    "Writer",
    "Screenplay",
    "Producer",
    "Director of Photography",
    "Original Music Composer",
    "Editor",
)
"""TMDB's names of the jobs that count beside the director's; the first are taken first."""
JOBS: Final = (DIRECTOR, *KEY_CREW)

MOST_CAST: Final = 20
"""In the order of billing: those behind are rarely in a scene together."""
MOST_DIRECTORS: Final = 10
"""Films of many episodes have up to 35; 99.9 % of the recorded films have no more than 11."""
MOST_PEOPLE: Final = 30
"""In all, so that a film has at most 435 pairs whatever its credits; key crew gives way first."""


class Credit(msgspec.Struct, frozen=True, array_like=True):
    """What a film says of a person, once for each thing they did."""

    person_id: int
    job: str | None
    """TMDB's; None: cast."""


type Roles = dict[int, tuple[str, ...]]
"""By person, what they did, in the order of `JOBS` behind `CAST`."""


def choose(credited: Sequence[Credit]) -> Roles:
    """
    Return the people of a film who count.

    Args:
        credited: Cast in the order of billing, crew in the order of the source.
    """
    by_job: dict[str | None, list[int]] = {}
    for credit in credited:
        by_job.setdefault(credit.job, []).append(credit.person_id)
    cast = _first(by_job.get(None, ()), MOST_CAST)
    directors = _first(by_job.get(DIRECTOR, ()), MOST_DIRECTORS)
    crew = chain.from_iterable(by_job.get(job, ()) for job in KEY_CREW)
    roles: dict[int, list[str]] = {
        person: [] for person in _first(chain(directors, cast, crew), MOST_PEOPLE)
    }
    for role, people in ((CAST, cast), *((job, by_job.get(job, ())) for job in JOBS)):
        for person in dict.fromkeys(people):
            if person in roles:
                roles[person].append(role)
    return {person: tuple(done) for person, done in roles.items()}


def _first(people: Iterable[int], most: int) -> list[int]:
    """Return the first people, each once."""
    return list(islice(dict.fromkeys(people), most))
