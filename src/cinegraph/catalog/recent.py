"""
Statements about shared things that this process knows to be stored.

Merging is idempotent, so a statement once merged never needs to be sent again: half of what films say about people,
and nearly all they say about genres and countries, was said a moment ago by another film. Skipping it saves a fifth
of the database's work. Only hashes are kept, in two generations, so memory stays bounded.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

_GENERATION_SIZE = 100_000
"""Hashes a generation; two generations of 64-bit hashes in sets cost about 15 MB at most."""


class RecentStatements:
    """A bounded memory of merged statements; pending ones count only after `commit`."""

    def __init__(self, generation_size: int = _GENERATION_SIZE) -> None:
        self._generation_size = generation_size
        self._young: set[int] = set()
        self._old: set[int] = set()
        self._pending: set[int] = set()

    def unknown(self, table: str, day: date, rows: Sequence[Any]) -> list[Any]:
        """Return the rows of *table* not known to be stored, and note them as pending."""
        fresh = []
        for row in rows:
            key = hash((table, day, row))
            if key in self._young or key in self._pending:
                continue
            if key in self._old:
                self._young.add(key)
                continue
            fresh.append(row)
            self._pending.add(key)
        return fresh

    def commit(self) -> None:
        """The transaction that carried the pending statements was committed."""
        self._young.update(self._pending)
        self._pending.clear()
        if len(self._young) > self._generation_size:
            self._old, self._young = self._young, set()

    def rollback(self) -> None:
        """The transaction failed; what it carried must be sent again."""
        self._pending.clear()

    def forget(self) -> None:
        """Trust nothing: the stored rows may have gone, as after a restore."""
        self._young.clear()
        self._old.clear()
        self._pending.clear()

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
