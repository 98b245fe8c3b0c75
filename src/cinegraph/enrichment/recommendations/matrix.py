"""
Films as sparse vectors, one row a film: of each kind of evidence a vector of length 1 at most, one after the other.

A matrix is built of all films, counting how often features are, or of a few with what was counted before; a film has
the same row in both, to the last bit, so both ways of computing agree.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import sparse

from cinegraph.enrichment.recommendations.evidence import (
    Doubles,
    Evidence,
    Flags,
    Floats,
    Frequencies,
    Ints,
    Longs,
    code,
)
from cinegraph.enrichment.recommendations.kinds import (
    KINDS,
    LARGEST_SHARE,
    LEAST_FILMS,
    Kind,
)

_LEAST_IDF: Final = 0.01
_ROOM: Final = 9_000_000
"""Numbers of 4 bytes: more than 32 MB."""
_SPAN: Final = 20_000
"""Films whose entries are turned at once."""


class Block(msgspec.Struct):
    """Features of one kind of one batch of films."""

    counts: npt.NDArray[np.uint16]
    """How many each film has."""
    keys: Ints
    values: Floats | None
    """None: all are 1, as those of most kinds are."""


class _Room:
    """
    Keeps many arrays in few.

    Of small arrays that are freed the C library gives nothing back: of 1.24 million films half a gigabyte. Those beyond
    32 MB it asks of the system one by one, and gives back; what is not written yet takes no room.
    """

    def __init__(self, dtype: type[np.generic]) -> None:
        self._dtype = dtype
        self._left = np.empty(0, dtype)

    def keep(self, given: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return a copy of *given*, which lies beside others."""
        if len(given) > len(self._left):
            self._left = np.empty(max(_ROOM, len(given)), self._dtype)
        kept, self._left = self._left[: len(given)], self._left[len(given) :]
        kept[:] = given
        return kept


class Matrix(msgspec.Struct):
    """Films and their vectors."""

    ids: Longs
    is_live: Flags
    is_adult: Flags
    is_shown: Flags
    merit: Floats
    starts: Longs
    """Where a film's entries begin, and at last where they end: rows of `columns` and `data`."""
    columns: Ints
    data: Floats
    kind_of: npt.NDArray[np.int8]
    """Of each column, the place of its kind."""
    pull: Floats
    """Of each column, what turns an entry into its part in choosing candidates; 0: it has none."""
    keys: Ints
    """Of each column, the key of its feature."""
    films: Ints
    """Of each column, how many films have it."""
    counted: int
    """Of how many films features were counted."""

    @property
    def largest(self) -> int:
        """How many films may have a feature at most that makes candidates, whatever its kind."""
        return _largest(self.counted)

    def frequencies(self) -> Frequencies:
        """Return how often features are."""
        ids = np.array([kind.id for kind in KINDS])
        return Frequencies(self.counted, code(ids[self.kind_of], self.keys), self.films)

    @property
    def columns_count(self) -> int:
        """How many features there are."""
        return len(self.kind_of)

    def pick_rows(self, first: int, end: int) -> Any:  # noqa: ANN401 - scipy has no types
        """Return the part in choosing candidates of each entry of some films, as a sparse matrix."""
        span = slice(self.starts[first], self.starts[end])
        columns = self.columns[span]
        return sparse.csr_array(
            (
                self.data[span] * self.pull[columns],
                columns,
                _narrow(self.starts[first : end + 1] - self.starts[first]),
            ),
            shape=(end - first, self.columns_count),
        )

    def sharers(self) -> Any:  # noqa: ANN401 - scipy has no types
        """Return by feature that makes candidates the films that may be recommended, as a sparse matrix of ones."""
        wanted = self.pull > 0
        counts = np.zeros(self.columns_count + 1, np.int64)
        for _, columns in self._offers(wanted):
            counts[1:] += np.bincount(columns, minlength=self.columns_count)
        starts = np.cumsum(counts)
        films = np.empty(starts[-1], np.int32)
        free = starts[:-1].copy()
        for rows, columns in self._offers(wanted):
            order = np.argsort(columns, kind="stable")
            columns = columns[order]  # noqa: PLW2901
            named, firsts, found = np.unique(
                columns, return_index=True, return_counts=True
            )
            films[free[columns] + np.arange(len(columns)) - np.repeat(firsts, found)] = rows[order]  # fmt: skip
            free[named] += found
        return sparse.csr_array(
            (np.ones(len(films), np.float32), films, _narrow(starts)),
            shape=(self.columns_count, len(self.ids)),
        )

    def _offers(self, wanted: Flags) -> Iterator[tuple[Ints, Ints]]:
        """Yield films that may be recommended with their wanted features, a span of films at a time: room is short."""
        for first in range(0, len(self.ids), _SPAN):
            end = min(first + _SPAN, len(self.ids))
            columns = self.columns[self.starts[first] : self.starts[end]]
            counts = np.diff(self.starts[first : end + 1])
            rows = np.repeat(np.arange(first, end, dtype=np.int32), counts)
            offered = wanted[columns] & self.is_shown[rows]
            yield rows[offered], columns[offered]


class Builder:
    """
    Collects what is known of films, a batch at a time in the order of their ids, and makes the matrix.

    Features lie as they came until then, some 5 bytes each, and become entries of 8 bytes batch by batch.
    """

    def __init__(self) -> None:
        self._films: list[Evidence] = []
        self._blocks: dict[int, list[Block]] = {kind.id: [] for kind in KINDS}
        # By kind: they are given up one after the other.
        self._keys = {kind.id: _Room(np.int32) for kind in KINDS}
        self._values = {kind.id: _Room(np.float32) for kind in KINDS}

    def add(self, evidence: Evidence) -> None:
        """Add films."""
        given = evidence.features
        for kind in KINDS:
            mask = given.kinds == kind.id
            values = given.values[mask]
            counts = np.bincount(given.rows[mask], minlength=len(evidence.ids))
            self._blocks[kind.id].append(
                Block(
                    counts.astype(np.uint16),
                    self._keys[kind.id].keep(given.keys[mask]),
                    None if (values == 1).all() else self._values[kind.id].keep(values),
                )
            )
        self._films.append(msgspec.structs.replace(evidence, features=None, words=[]))

    def build(self, known: Frequencies | None = None) -> Matrix:
        """
        Return the matrix; the builder is empty afterwards.

        Args:
            known: How often features are; None: as they are in these films, which are all.
        """
        ids, is_live, is_adult, is_shown, merit = (
            np.concatenate([getattr(film, name) for film in self._films])
            for name in ("ids", "is_live", "is_adult", "is_shown", "merit")
        )
        self._keys, self._values = {}, {}
        films = int(is_live.sum()) if known is None else known.films
        counted = [
            _Counted.make(kind, self._blocks[kind.id], films, known) for kind in KINDS
        ]
        starts, columns, data = self._lay_out(counted)
        return Matrix(
            ids=ids, is_live=is_live, is_adult=is_adult, is_shown=is_shown, merit=merit,
            starts=starts, columns=columns, data=data,
            kind_of=np.concatenate([np.full(len(one.kept_keys), place, np.int8) for place, one in enumerate(counted)]),
            pull=np.concatenate([one.pull for one in counted]),
            keys=np.concatenate([one.kept_keys for one in counted]),
            films=np.concatenate([one.films[one.kept] for one in counted]),
            counted=films,
        )  # fmt: skip

    def _lay_out(self, counted: list["_Counted"]) -> tuple[Longs, Ints, Floats]:
        """Return all entries by film, kind and key: where each film's begin, their columns, their values."""
        per_film = sum(one.count_kept(self._blocks[one.kind.id]) for one in counted)
        starts = np.concatenate(([0], np.cumsum(per_film)))
        columns = np.empty(starts[-1], np.int32)
        data = np.empty(starts[-1], np.float32)
        free = starts[:-1].copy()
        column = 0
        for one in counted:
            first = 0
            # Taken out one by one, so that a batch is given up when its entries are written.
            for block in _drain(self._blocks.pop(one.kind.id)):
                own, places, values = one.turn(block)
                span = free[first : first + len(own)]
                ends = np.cumsum(own)
                to = np.repeat(span - (ends - own), own) + np.arange(len(places))
                columns[to] = places + np.int32(column)
                data[to] = values
                span += own
                first += len(own)
            column += len(one.kept_keys)
        return starts, columns, data


class _Counted(msgspec.Struct):
    """How often the features of one kind are, and what follows from that."""

    kind: Kind
    rarest: float
    """The weight of a feature that one film alone has."""
    keys: Ints
    """Of all features, ascending."""
    films: Ints
    """That have each."""
    idf: Floats
    kept: Flags
    """A feature that one film alone has counts for its length only."""
    renumbered: Ints
    """The place of each among those that are kept."""
    pull: Floats
    """Of those that are kept."""

    @classmethod
    def make(
        cls, kind: Kind, blocks: list[Block], films: int, known: Frequencies | None
    ) -> "_Counted":
        """Count the features of *blocks*, or look them up in what is *known*."""
        raw = np.concatenate([block.keys for block in blocks])
        keys, counts = np.unique(raw, return_counts=True)
        shared = (
            counts.astype(np.int32) if known is None else known.look_up(kind.id, keys)
        )
        rarest = float(np.log(films + 1.0) if films else np.log(2.0))
        idf = np.maximum(rarest - np.log(shared), _LEAST_IDF).astype(np.float32)
        kept = shared > 1 if known is None else np.ones(len(keys), bool)
        most = min(kind.most_films, _largest(films))
        pull = kind.weight * idf / (rarest * kind.typical) * (shared <= most)
        return cls(
            kind=kind,
            rarest=rarest,
            keys=keys,
            films=shared,
            idf=idf,
            kept=kept,
            renumbered=(np.cumsum(kept) - 1).astype(np.int32),
            pull=(pull if kind.most_films else pull * 0)[kept].astype(np.float32),
        )

    @property
    def kept_keys(self) -> Ints:
        """The keys of those that are kept."""
        found: Ints = self.keys[self.kept]
        return found

    def count_kept(self, blocks: list[Block]) -> Longs:
        """Return how many entries each film has."""
        return np.concatenate([self._count(block) for block in blocks])

    def _count(self, block: Block) -> Longs:
        stays = self.kept[np.searchsorted(self.keys, block.keys)]
        return np.bincount(_rows(block)[stays], minlength=len(block.counts))

    def turn(self, block: Block) -> tuple[Longs, Ints, Floats]:
        """Return the vectors of a batch of films: how many entries each has, their features, their values."""
        rows = _rows(block)
        places = np.searchsorted(self.keys, block.keys)
        values = self.idf[places]
        if block.values is not None:
            values *= block.values
        squares: Doubles = np.bincount(
            rows, weights=values.astype(np.float64) ** 2, minlength=len(block.counts)
        )
        lengths = np.sqrt(squares + (self.kind.damping * self.rarest) ** 2)
        values /= lengths.astype(np.float32)[rows]
        stays = self.kept[places]
        own = np.bincount(rows[stays], minlength=len(block.counts))
        return own, self.renumbered[places[stays]], values[stays]


def _rows(block: Block) -> Ints:
    """Return of which film of its batch each feature is."""
    return np.repeat(np.arange(len(block.counts), dtype=np.int32), block.counts)


def _drain(blocks: list[Block]) -> Iterator[Block]:
    """Yield blocks in order, and forget each."""
    blocks.reverse()
    while blocks:
        yield blocks.pop()


def _largest(films: int) -> int:
    return max(LEAST_FILMS, int(films * LARGEST_SHARE))


def _narrow(starts: Longs) -> npt.NDArray[Any]:
    """Return where rows begin as scipy wants it: in 32 bits as long as that is enough."""
    return starts.astype(np.int32) if starts[-1] < 2**31 else starts
