"""Editions in memory: what storing one does with statements, names and ids, without a database."""

from collections.abc import Mapping, Sequence
from itertools import count

import msgspec

from cinegraph.festivals.identity import Known, assign_ids
from cinegraph.festivals.likeness import fold
from cinegraph.festivals.merging import Merged, merge
from cinegraph.festivals.view import View, fingerprints, to_view
from cinegraph.records.awards import NominationStatement


class Archive:
    """
    One edition, and what it becomes by what sources say.

    Args:
        sources: The one that is believed most first.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self.sources = sources
        self.names: dict[str, str] = {}
        self.nominations: dict[int, Merged] = {}
        self._held: dict[tuple[str, str], Known] = {}
        self._order: dict[str, list[str]] = {}
        self._numbers = count(1)
        self._ids = count(1)

    @property
    def views(self) -> dict[int, View]:
        """What the nominations are, by id."""
        return {id_: to_view(one) for id_, one in self.nominations.items()}

    def store(self, source: str, said: Sequence[NominationStatement]) -> None:
        """Let a source say what it says of the edition, as `store_edition` does."""
        self._write(source, dict(zip(fingerprints(said), said, strict=True)))
        own = {
            name: [self._held[name, mark] for mark in self._order[name]]
            for name in self.sources
            if name in self._order
        }
        merged = merge(
            {name: [each.statement for each in told] for name, told in own.items()},
            known=self.names,
        )
        statement_ids = {
            (name, number): each.id
            for name, told in own.items()
            for number, each in enumerate(told)
        }
        known = sorted(self._held.values(), key=lambda each: (each.source, each.id))
        given = assign_ids(merged, known, statement_ids, names=self.names)
        self._write_names(merged)
        self.nominations = {
            next(self._ids) if id_ is None else id_: one
            for id_, one in zip(given, merged, strict=True)
        }
        self._write_meanings(statement_ids)

    def _write(self, source: str, told: Mapping[str, NominationStatement]) -> None:
        for mark in self._order.get(source, ()):
            held = self._held[source, mark]
            self._held[source, mark] = msgspec.structs.replace(held, is_withdrawn=True)
        for mark, statement in told.items():
            held = self._held.get((source, mark))
            self._held[source, mark] = Known(
                held.id if held else next(self._numbers),
                source,
                statement,
                is_withdrawn=False,
                nomination_ids=held.nomination_ids if held else (),
            )
        self._order[source] = list(told)

    def _write_names(self, merged: Sequence[Merged]) -> None:
        for one in merged:
            for said in one.said:
                for name in (
                    said.statement.canonical_category,
                    said.statement.category,
                ):
                    self.names.setdefault(fold(name), one.category)

    def _write_meanings(self, statement_ids: Mapping[tuple[str, int], int]) -> None:
        meant: dict[int, list[int]] = {}
        for id_, one in self.nominations.items():
            for said in one.said:
                meant.setdefault(statement_ids[said.source, said.number], []).append(
                    id_
                )
        for key, held in self._held.items():
            # What is withdrawn goes on to mean what is still there.
            before = [id_ for id_ in held.nomination_ids if id_ in self.nominations]
            ids = before if held.is_withdrawn else sorted(meant[held.id])
            self._held[key] = msgspec.structs.replace(held, nomination_ids=tuple(ids))
