"""Where sources say different things of one nomination; pure."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from cinegraph.records.awards import NominationStatement


class SaidOf(msgspec.Struct, frozen=True):
    """A statement that speaks of a nomination."""

    source: str
    is_shared: bool
    """Whether it speaks of several: which of them won it does not tell."""
    statement: NominationStatement


def find_disagreements(said: Sequence[SaidOf]) -> tuple[str, ...]:
    """
    Return where statements of one nomination contradict each other, in words.

    What only one of them tells contradicts nobody; titles and names that are written otherwise are the same thing here.

    Args:
        said: The one that is believed most first.
    """
    found = [
        _differing("won", said, _won),
        _differing("film", said, _film_ids),
        _differing("nominees", said, _nominee_ids),
    ]
    return tuple(each for each in found if each)


def _differing(
    what: str, said: Iterable[SaidOf], tell: Callable[[SaidOf], frozenset[str]]
) -> str:
    """Say who tells what, where two of them have nothing in common."""
    told: dict[str, frozenset[str]] = {}
    for one in said:
        if (values := tell(one)) and one.source not in told:
            told[one.source] = values
    if all(a & b for a in told.values() for b in told.values()):
        return ""
    words = (f"{source}: {', '.join(sorted(each))}" for source, each in told.items())
    return f"{what}: {'; '.join(words)}"


def _won(one: SaidOf) -> frozenset[str]:
    if one.is_shared or one.statement.is_winner is None:
        return frozenset()
    return frozenset({"yes" if one.statement.is_winner else "no"})


def _film_ids(one: SaidOf) -> frozenset[str]:
    return frozenset(film.imdb_id for film in one.statement.films if film.imdb_id)


def _nominee_ids(one: SaidOf) -> frozenset[str]:
    return frozenset(
        imdb_id for nominee in one.statement.nominees for imdb_id in nominee.imdb_ids
    )
