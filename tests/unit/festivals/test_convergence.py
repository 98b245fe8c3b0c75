"""Any sources, in any order, any part of what they know first: the same nominations, which keep their ids."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from cinegraph.festivals.likeness import fold
from cinegraph.festivals.view import View
from cinegraph.records.awards import (
    FilmStatement,
    NominationStatement,
    NomineeStatement,
)
from editions import Archive

OWN, EVENTS, SAVED = "own", "award_events", "imdb"
BELIEVED = (OWN, EVENTS, SAVED)
CATEGORIES = ("Actor", "Sound")
FILMS = {"Amarcord": "tt0000001", "Brazil": "tt0000002"}
PEOPLE = {"Ann Abel": "nm0000001", "Ben Busch": "nm0000002", "Cem Cole": "nm0000003"}
EVERY = list(product(CATEGORIES, FILMS, PEOPLE))

type Key = tuple[str, ...]
"""Category, film and person."""
type Told = Mapping[str, Sequence[NominationStatement]]


class Night(msgspec.Struct, frozen=True):
    """What happened, and what each source knows of it."""

    won: Mapping[str, Key]
    """By category."""
    known: Mapping[str, Sequence[Key]]
    """By source, in its order."""

    def told(
        self, *, is_over: bool = True, share: float = 1.0
    ) -> dict[str, list[NominationStatement]]:
        """Return what the sources say before the night or after it, all of it or the first part."""
        say = {OWN: self._own, EVENTS: self._event, SAVED: self._saved}
        told = {}
        for source, keys in self.known.items():
            most = round(len(keys) * share)
            said = [say[source](key) for key in keys[:most]]
            none = [msgspec.structs.replace(one, is_winner=None) for one in said]
            told[source] = said if is_over else none
        return told

    def _own(self, key: Key) -> NominationStatement:
        return self._say(
            key[0].upper(),
            key,
            FilmStatement(key[1].upper(), FILMS[key[1]]),
            NomineeStatement(key[2]),
        )

    def _saved(self, key: Key) -> NominationStatement:
        film = FilmStatement(key[1], FILMS[key[1]])
        return self._say(
            key[0], key, film, NomineeStatement(key[2], imdb_ids=(PEOPLE[key[2]],))
        )

    def _event(self, key: Key) -> NominationStatement:
        return self._say(key[0], key, FilmStatement("", FILMS[key[1]]))

    def _say(
        self, category: str, key: Key, film: FilmStatement, *people: NomineeStatement
    ) -> NominationStatement:
        won = self.won.get(key[0])
        return NominationStatement(
            category=category,
            canonical_category=category,
            films=(film,),
            nominees=people,
            is_winner=None if won is None else won[: len(key)] == key,
        )


KEYS = st.lists(st.sampled_from(EVERY), unique=True, max_size=8)


@st.composite
def nights(draw: st.DrawFn) -> Night:
    """Invent a night: who won is somebody of whom one source knows or nobody does."""
    known: dict[str, Sequence[Key]] = {OWN: draw(KEYS), SAVED: draw(KEYS)}
    films = {key[:2] for key in draw(KEYS)}
    known[EVENTS] = draw(st.permutations(sorted(films)))
    won = {
        category: draw(st.sampled_from([key for key in EVERY if key[0] == category]))
        for category in draw(st.sets(st.sampled_from(CATEGORIES)))
    }
    return Night(won, known)


ORDERS = st.permutations(BELIEVED)


def store(told: Told, order: Sequence[str], into: Archive | None = None) -> Archive:
    """Store what sources say, one after the other."""
    archive = into or Archive(BELIEVED)
    # Two categories of which each source knows another one, with the same films, are a guess; these are known.
    archive.names |= {fold(name): name for name in CATEGORIES}
    for source in order:
        archive.store(source, told[source])
    return archive


def key_of(view: View) -> Key:
    """Return what a nomination means."""
    [film] = view.films
    title = next(title for title, imdb_id in FILMS.items() if imdb_id == film.imdb_id)
    return view.category, title, *(one.name for one in view.nominees)


def ids_of(archive: Archive) -> dict[Key, int]:
    """Return ids by what they mean."""
    return {key_of(view): id_ for id_, view in archive.views.items()}


def expected(night: Night) -> set[Key]:
    """Return what is meant together: a title alone is a nomination only where nobody names its people."""
    people = {*night.known[OWN], *night.known[SAVED]}
    named = {key[:2] for key in people}
    return people | {key for key in night.known[EVENTS] if key not in named}


@given(nights(), ORDERS)
def test_nothing_is_lost_and_nothing_doubled(
    night: Night, order: Sequence[str]
) -> None:
    """Every nomination once, and every statement means one."""
    archive = store(night.told(), order)

    assert Counter(map(key_of, archive.views.values())) == Counter(expected(night))
    said = {
        (each.source, each.number)
        for one in archive.nominations.values()
        for each in one.said
    }
    assert said == {
        (source, n) for source, keys in night.known.items() for n in range(len(keys))
    }


@given(nights(), ORDERS, ORDERS)
def test_the_order_of_sources_is_nothing(
    night: Night, order: Sequence[str], other: Sequence[str]
) -> None:
    """It decides nothing of what a nomination is."""
    one, two = (store(night.told(), each).views.values() for each in (order, other))

    assert list(one) == list(two)


@given(nights(), ORDERS)
def test_who_won(night: Night, order: Sequence[str]) -> None:
    """Nobody wins beside who did, and what a source says who names people is so."""
    archive = store(night.told(), order)

    views = {key_of(view): view.is_winner for view in archive.views.values()}
    for category, winner in night.won.items():
        winners = {key for key, won in views.items() if won and key[0] == category}
        assert len(winners) <= 1
        if winner in views:
            assert winners == {winner}
    for key, is_winner in views.items():
        if key[0] not in night.won:
            assert is_winner is None


@given(nights(), ORDERS, ORDERS, st.randoms(use_true_random=False))
def test_ids_stay(
    night: Night, first: Sequence[str], then: Sequence[str], random: object
) -> None:
    """Before the night and after it, in any order, and whatever order a source says its nominations in."""
    archive = store(night.told(is_over=False), first)
    ids = ids_of(archive)
    told = night.told()
    for said in told.values():
        random.shuffle(said)  # type: ignore[attr-defined]

    store(told, then, archive)

    assert ids_of(archive) == ids


@given(
    nights(), ORDERS, st.lists(st.sampled_from(BELIEVED), max_size=3), st.floats(0, 1)
)
def test_ids_stay_while_sources_learn(
    night: Night, first: Sequence[str], then: Sequence[str], share: float
) -> None:
    """Those of people, at every step; and at the end nothing is there but what is said."""
    archive = store(night.told(share=share), first)
    ids = ids_of(archive)
    for source in (*then, *BELIEVED):
        archive.store(source, night.told()[source])
        now = ids_of(archive)
        assert {key: id_ for key, id_ in ids.items() if len(key) == 3} == {
            key: now[key] for key in ids if len(key) == 3
        }
        ids = now

    assert set(ids) == expected(night)
