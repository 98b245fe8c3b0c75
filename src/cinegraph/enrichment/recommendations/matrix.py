"""
Films as sparse vectors, one row a film: of each kind of evidence a vector of length 1 at most, one after the other.

A matrix is built of all films, counting how often features are, or of a few with what was counted before; a film has
the same row in both, to the last bit, so both ways of computing agree.
"""

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
)
from cinegraph.enrichment.recommendations.kinds import (
    KINDS,
    LARGEST_SHARE,
    LEAST_FILMS,
    Kind,
)

_LEAST_IDF: Final = 0.01


class Block(msgspec.Struct):
    """Features of one kind of all films so far."""

    rows: list[Ints]
    keys: list[Ints]
    values: list[Floats]


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
    frequencies: Frequencies

    @property
    def largest(self) -> int:
        """How many films may have a feature at most that makes candidates, whatever its kind."""
        return _largest(self.frequencies.films)

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
                (self.starts[first : end + 1] - self.starts[first]).astype(np.int32),
            ),
            shape=(end - first, self.columns_count),
        )

    def sharers(self) -> Any:  # noqa: ANN401 - scipy has no types
        """Return by feature that makes candidates the films that may be recommended, as a sparse matrix of ones."""
        counts = np.diff(self.starts)
        wanted = (self.pull > 0)[self.columns]
        wanted &= np.repeat(self.is_shown, counts)
        per_film = np.add.reduceat(
            np.append(wanted, False).astype(np.int32), self.starts[:-1]
        ) * (counts > 0)
        starts = np.concatenate(([0], np.cumsum(per_film)))
        columns = self.columns[wanted]
        whole = sparse.csr_array(
            (np.ones(len(columns), np.int8), columns, starts.astype(np.int32)),
            shape=(len(self.ids), self.columns_count),
        )
        turned = whole.tocsc()
        return sparse.csr_array(
            (np.ones(len(turned.indices), np.float32), turned.indices, turned.indptr),
            shape=(self.columns_count, len(self.ids)),
        )


class Builder:
    """Collects what is known of films, a batch at a time in the order of their ids, and makes the matrix."""

    def __init__(self) -> None:
        self._films: list[Evidence] = []
        self._count = 0
        self._blocks = {kind.id: Block([], [], []) for kind in KINDS}

    def add(self, evidence: Evidence) -> None:
        """Add films."""
        given = evidence.features
        for kind in KINDS:
            mask = given.kinds == kind.id
            block = self._blocks[kind.id]
            block.rows.append(given.rows[mask] + np.int32(self._count))
            block.keys.append(given.keys[mask])
            block.values.append(given.values[mask])
        self._count += len(evidence.ids)
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
        films = int(is_live.sum()) if known is None else known.films
        turned = [
            _Turned.make(kind, self._blocks.pop(kind.id), self._count, films, known)
            for kind in KINDS
        ]
        starts, columns, data = _lay_out(turned)
        return Matrix(
            ids=ids, is_live=is_live, is_adult=is_adult, is_shown=is_shown, merit=merit,
            starts=starts, columns=columns, data=data,
            kind_of=np.concatenate([np.full(len(one.keys), place, np.int8) for place, one in enumerate(turned)]),
            pull=np.concatenate([one.pull for one in turned]),
            keys=np.concatenate([one.keys for one in turned]),
            films=np.concatenate([one.films for one in turned]),
            frequencies=known or _count(turned, films),
        )  # fmt: skip


class _Turned(msgspec.Struct):
    """The vectors of one kind."""

    kind: Kind
    keys: Ints
    """Of the features that are kept, ascending."""
    films: Ints
    """That have each."""
    pull: Floats
    per_film: Ints
    places: Ints
    """Of each entry, which feature."""
    data: Floats

    @classmethod
    def make(
        cls,
        kind: Kind,
        block: Block,
        count: int,
        films: int,
        known: Frequencies | None,
    ) -> "_Turned":
        """Return vectors of the features in *block*; a feature that one film alone has counts for its length only."""
        rows, raw = np.concatenate(block.rows), np.concatenate(block.keys)
        values = np.concatenate(block.values)
        keys = np.unique(raw)
        places = np.searchsorted(keys, raw).astype(np.int32)
        if known is None:
            shared = np.bincount(places, minlength=len(keys)).astype(np.int32)
        else:
            shared = known.look_up(kind.id, keys)
        rarest = np.log(films + 1.0) if films else np.log(2.0)
        idf = np.maximum(rarest - np.log(shared), _LEAST_IDF).astype(np.float32)
        values *= idf[places]
        lengths = _lengths(rows, values, count, kind.damping * rarest)
        values /= lengths[rows]
        kept = shared > 1 if known is None else np.ones(len(keys), bool)
        stays = kept[places]
        renumbered = (np.cumsum(kept) - 1).astype(np.int32)
        most = min(kind.most_films, _largest(films))
        pull = kind.weight * idf / (rarest * kind.typical) * (shared <= most)
        return cls(
            kind=kind,
            keys=keys[kept].astype(np.int32),
            films=shared[kept],
            pull=(pull if kind.most_films else pull * 0)[kept].astype(np.float32),
            per_film=np.bincount(rows[stays], minlength=count).astype(np.int32),
            places=renumbered[places[stays]],
            data=values[stays],
        )


def _largest(films: int) -> int:
    return max(LEAST_FILMS, int(films * LARGEST_SHARE))


def _lengths(rows: Ints, values: Floats, count: int, damping: float) -> Floats:
    """Return the length of each film's vector."""
    squares: Doubles = np.bincount(
        rows, weights=values.astype(np.float64) ** 2, minlength=count
    )
    return np.sqrt(squares + damping**2).astype(np.float32)


def _lay_out(turned: list[_Turned]) -> tuple[Longs, Ints, Floats]:
    """Return all entries by film, kind and key: where each film's begin, their columns, their values."""
    per_film = np.sum([one.per_film for one in turned], axis=0, dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(per_film)))
    columns = np.empty(starts[-1], np.int32)
    data = np.empty(starts[-1], np.float32)
    free = starts[:-1].copy()
    first_column = 0
    for one in turned:
        own = np.cumsum(one.per_film, dtype=np.int64) - one.per_film
        to = np.repeat(free - own, one.per_film) + np.arange(len(one.places))
        columns[to] = one.places + np.int32(first_column)
        data[to] = one.data
        free += one.per_film
        first_column += len(one.keys)
        one.places, one.data = one.places[:0], one.data[:0]
    return starts, columns, data


def _count(turned: list[_Turned], films: int) -> Frequencies:
    """Return how often features are."""
    codes = [np.int64(one.kind.id << 33) + one.keys.astype(np.int64) for one in turned]
    return Frequencies(
        films, np.concatenate(codes), np.concatenate([one.films for one in turned])
    )
