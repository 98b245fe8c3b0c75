"""Whom a nominations table names, for which films and as what: its rows by film and by person. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from cinegraph.records.awards import (
    EditionStatement,
    FilmStatement,
    NominationStatement,
    NomineeKind,
    NomineeStatement,
)

_PERSONAL = frozenset({"Acting", "Directing", "Music", "Writing", "Production"})
"""Classes whose nominees are people even where nobody knows their ids; others name studios too."""
_ACTING = "Acting"
_CREW = (
    ("ASSISTANT DIRECTOR", "Directing", "First Assistant Director"),
    ("DANCE DIRECTION", "Crew", "Choreographer"),
    ("ART DIRECTION", "Art", "Art Direction"),
    ("DIRECTING", "Directing", "Director"),
    ("ORIGINAL STORY", "Writing", "Story"),
    ("WRITING", "Writing", "Screenplay"),
    ("SONG)", "Sound", "Songs"),
    ("MUSIC", "Sound", "Original Music Composer"),
    ("CINEMATOGRAPHY", "Camera", "Director of Photography"),
    ("FILM EDITING", "Editing", "Editor"),
    ("COSTUME", "Costume & Make-Up", "Costume Design"),
    ("MAKEUP", "Costume & Make-Up", "Makeup Artist"),
    ("SOUND EDITING", "Sound", "Sound Editor"),
    ("SOUND", "Sound", "Sound Re-Recording Mixer"),
    ("EFFECTS", "Visual Effects", "Visual Effects Supervisor"),
    ("CASTING", "Production", "Casting"),
    ("", "Production", "Producer"),
)
"""Words of a category, and where TMDB's credits have its nominees; the first that fits counts."""
_DECORATORS = ("set", "interior")


class Role(msgspec.Struct, frozen=True):
    """A nominee's credit in a film."""

    person: str
    """IMDb's id, or the name of a person whose id nobody knows."""
    name: str
    """As this nomination spells it."""
    department: str | None
    """TMDB's; None: the cast."""
    job: str | None = None
    character: str | None = None


class NominatedFilm(msgspec.Struct, frozen=True):
    """A film of the table."""

    imdb_id: str
    title: str
    year: int
    """Its first year of eligibility."""
    roles: tuple[Role, ...]
    """Each once, in the table's order."""


class Nominated(msgspec.Struct, frozen=True):
    """A table by film and by person."""

    films: dict[str, NominatedFilm]
    """By IMDb's id."""
    names: dict[str, tuple[str, ...]]
    """Spellings of each person, by IMDb's id or by name, the most frequent first."""
    films_of: dict[str, tuple[str, ...]]
    """The films of each person who has any, by their ids; in the table's order."""

    @classmethod
    def of(cls, editions: Iterable[EditionStatement]) -> "Nominated":
        """Turn the table round."""
        titles: defaultdict[str, Counter[str]] = defaultdict(Counter)
        roles: defaultdict[str, dict[Role, None]] = defaultdict(dict)
        names: defaultdict[str, Counter[str]] = defaultdict(Counter)
        years: dict[str, int] = {}
        films_of: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for edition in editions:
            year = int((edition.eligibility or str(edition.year - 1))[:4])
            for nomination in edition.nominations:
                for person, name in _people(nomination):
                    names[person][name] += 1
                for film in nomination.films:
                    if film.imdb_id is None:
                        continue
                    years.setdefault(film.imdb_id, year)
                    titles[film.imdb_id][film.title] += 1
                    for role in _roles(nomination, film):
                        roles[film.imdb_id][role] = None
                        films_of[role.person][film.imdb_id] = None
        films = {
            imdb_id: NominatedFilm(
                imdb_id, _first(titles[imdb_id])[0], year, tuple(roles[imdb_id])
            )
            for imdb_id, year in years.items()
        }
        return cls(
            films,
            {person: _first(spelt) for person, spelt in names.items()},
            {person: tuple(known) for person, known in films_of.items()},
        )


def _first(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(text for text, _ in counted.most_common())


def _people(nomination: NominationStatement) -> Iterator[tuple[str, str]]:
    """List the people of a nomination by id, else by name, with their name."""
    for nominee in nomination.nominees:
        for person in _persons(nomination, nominee):
            yield person, nominee.name


def _persons(
    nomination: NominationStatement, nominee: NomineeStatement
) -> tuple[str, ...]:
    people = tuple(one for one in nominee.imdb_ids if one.startswith("nm"))
    is_person = nomination.category_class in _PERSONAL and nominee.name
    if people or nominee.kind is not NomineeKind.UNKNOWN or not is_person:
        return people
    return (nominee.name,)


def _roles(nomination: NominationStatement, film: FilmStatement) -> Iterator[Role]:
    """List the credits which the nominees of a nomination have in one of its films."""
    for nominee in nomination.nominees:
        for person in _persons(nomination, nominee):
            if nomination.category_class == _ACTING:
                character = " / ".join(film.characters) or None
                yield Role(person, nominee.name, None, character=character)
                continue
            department, job = _place(nomination.canonical_category, nominee.role or "")
            yield Role(person, nominee.name, department, job)


def _place(category: str, role: str) -> tuple[str, str]:
    """Say where TMDB's credits have a nominee of *category* who did what *role* says."""
    told = category.upper()
    department, job = next(
        (department, job) for words, department, job in _CREW if words in told
    )
    if department == "Art" and role.casefold().startswith(_DECORATORS):
        return department, "Set Decoration"
    return department, job
