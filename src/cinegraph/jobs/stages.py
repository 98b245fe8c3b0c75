"""
The stages of a run whose things stand in the ledger: what is asked of which source, and how it is called where.

Imported by the workers, the feeder and the keeper. To add one, add a `Stage` and a worker that settles it.
"""

from dataclasses import dataclass
from typing import TypedDict

from cinegraph.sync import runs


class Entry(TypedDict):
    """Which rows of the ledger."""

    source: str
    kind: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One question asked of many films."""

    item_kind: str
    """In `sync_run_items`."""
    source: str
    """In `sync_ledger`, `quarantine` and errors."""
    kind: str
    """In `sync_ledger`; the id is TMDB's id of the film in both tables."""
    title: str
    """For people."""

    @property
    def entry(self) -> Entry:
        """Source and kind, as the functions of the ledger take them."""
        return Entry(source=self.source, kind=self.kind)


FILMS = Stage(runs.MOVIE, "tmdb", "movie", "films")
TITLES = Stage(runs.OMDB, "omdb", "movie", "OMDb")

BY_ITEM_KIND = {stage.item_kind: stage for stage in (FILMS, TITLES)}

QUEUES = {FILMS.item_kind: ("imports", "updates"), TITLES.item_kind: ("omdb",)}
"""Where the jobs of each stage wait; first those of things that were never fetched."""
